//! How one reaches BuildKit: by itself, or within Docker.
//!
//! Docker hands a connection over to its BuildKit when it is asked for `POST /grpc` with an upgrade, on the socket that
//! its own interface is on. Over TCP both may be behind TLS.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use protocol::build::Failure;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tonic::transport::{Channel, Endpoint};
use tower_service::Service;

use crate::failure;

use super::tls::{Certificates, Trouble};

/// So long it may take until something answers.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer of Docker's own interface is not longer.
const LONGEST_ANSWER: usize = 8 << 20;

/// What answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A Docker engine, which has a BuildKit in it.
    Docker,
    /// BuildKit itself.
    BuildKit,
}

/// Where it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    Unix(PathBuf),
    Tcp(String),
}

/// A way to an engine.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    pub(super) kind: Kind,
    address: Address,
    certificates: Option<Certificates>,
}

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

type AnyStream = TokioIo<Box<dyn Stream>>;

impl Transport {
    /// Reads `unix://…` or `tcp://host:port`.
    pub(super) fn new(kind: Kind, address: &str) -> Result<Transport, Failure> {
        let address = match address.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Address::Unix(path.into()),
            Some(("tcp", host)) if host.contains(':') => Address::Tcp(host.to_owned()),
            _ => {
                let message = format!("'{address}' is no address of an engine");
                let help = "Write unix:///path/of/the/socket or tcp://host:port".to_owned();
                return Err(Failure { help: Some(help), ..failure("engine", message) });
            }
        };
        Ok(Transport { kind, address, certificates: None })
    }

    /// The socket, if it is on this machine.
    pub(super) fn socket(&self) -> Option<&Path> {
        match &self.address {
            Address::Unix(path) => Some(path),
            Address::Tcp(_) => None,
        }
    }

    /// The same over TLS.
    pub(super) fn with_certificates(self, certificates: Certificates) -> Result<Transport, Failure> {
        let wrong = |message: &str, help: &str| {
            Err(Failure { help: Some(help.to_owned()), ..failure("engine", message) })
        };
        let Address::Tcp(_) = &self.address else {
            return wrong(
                "There are certificates for an engine at a socket of this machine",
                "Leave them out, or give the engine's address as tcp://host:port",
            );
        };
        match certificates.read() {
            Ok(_) => Ok(Transport { certificates: Some(certificates), ..self }),
            Err(why) => wrong(&why, "Give files in the form of PEM"),
        }
    }

    /// A connection that speaks gRPC, and what is wrong with it. It is made at the first call.
    pub(super) fn channel(&self) -> (Channel, Trouble) {
        let trouble = Trouble::default();
        let channel = Endpoint::from_static("http://engine")
            .connect_timeout(PATIENCE)
            .connect_with_connector_lazy(Connector(self.clone(), trouble.clone()));
        (channel, trouble)
    }

    /// Asks Docker's own interface something.
    pub(super) async fn ask(&self, method: Method, path: &str) -> Result<serde_json::Value, Failure> {
        let trouble = Trouble::default();
        let unreachable =
            |_| trouble.get().unwrap_or_else(|| failure("engine", "The engine does not answer"));
        let request = Request::builder().method(method).uri(path).header(HOST, "docker");
        let request =
            request.body(Empty::<&[u8]>::new()).map_err(|_| failure("engine", "That cannot be asked"))?;
        let answer = async {
            let response = self.send(request, &trouble).await.map_err(unreachable)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
            let body = body.map_err(|_| failure("engine", "The engine's answer breaks off"))?.to_bytes();
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            match status.is_success() {
                true => Ok(value),
                false => {
                    let message =
                        value.get("message").and_then(|it| it.as_str()).unwrap_or("The engine refuses that");
                    let code = if status == StatusCode::NOT_FOUND { "not-found" } else { "engine" };
                    Err(failure(code, message))
                }
            }
        };
        tokio::time::timeout(PATIENCE, answer)
            .await
            .unwrap_or_else(|_| Err(failure("engine", "The engine does not answer")))
    }

    pub(super) async fn dial(&self, trouble: &Trouble) -> io::Result<Box<dyn Stream>> {
        trouble.clear();
        let address = match &self.address {
            Address::Unix(path) => return Ok(Box::new(UnixStream::connect(path).await?)),
            Address::Tcp(address) => address,
        };
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let Some(certificates) = &self.certificates else { return Ok(Box::new(stream)) };
        // What is asked of Docker begins as HTTP.
        let protocol: &[u8] = match self.kind {
            Kind::Docker => b"http/1.1",
            Kind::BuildKit => b"h2",
        };
        let host = address.rsplit_once(':').map_or(address.as_str(), |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Box::new(certificates.secure(stream, protocol, host, trouble).await?))
    }

    async fn send(
        &self,
        request: Request<Empty<&'static [u8]>>,
        trouble: &Trouble,
    ) -> io::Result<Response<Incoming>> {
        let stream = TokioIo::new(self.dial(trouble).await?);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(stream).await.map_err(io::Error::other)?;
        // Ends with the connection.
        tokio::spawn(connection.with_upgrades());
        sender.send_request(request).await.map_err(io::Error::other)
    }

    async fn open(self, trouble: Trouble) -> io::Result<AnyStream> {
        if self.kind == Kind::BuildKit {
            return Ok(TokioIo::new(self.dial(&trouble).await?));
        }
        let request = Request::builder().method(Method::POST).uri("/grpc").header(HOST, "docker");
        let request = request.header(CONNECTION, "Upgrade").header(UPGRADE, "h2c");
        let request = request.body(Empty::new()).map_err(io::Error::other)?;
        let response = self.send(request, &trouble).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(io::Error::other("this Docker engine has no BuildKit"));
        }
        let upgraded = hyper::upgrade::on(response).await.map_err(io::Error::other)?;
        Ok(TokioIo::new(Box::new(TokioIo::new(upgraded))))
    }
}

/// Makes the connections of a channel.
#[derive(Clone)]
struct Connector(Transport, Trouble);

impl Service<Uri> for Connector {
    type Response = AnyStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<AnyStream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.0.clone().open(self.1.clone()))
    }
}
