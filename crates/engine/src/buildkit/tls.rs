//! TLS to an engine: whose certificate it has to show, and which one is shown to it.
//!
//! The files are read at each connection, so new ones count without a restart. What goes wrong is said in words for who
//! runs the server. Surprising: that an engine wants a certificate, or refuses one, comes as an answer to the first
//! bytes after the handshake, so connections are listened to for that ([`Told`]).

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use protocol::build::Failure;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{self, AlertDescription, CertificateError, ClientConfig, RootCertStore};

use crate::failure;

/// The certificates of a connection to an engine: files in the form of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    /// Those of the authorities that may have signed the engine's.
    pub ca: PathBuf,
    /// The one that is shown to the engine, and its key.
    pub own: Option<(PathBuf, PathBuf)>,
    /// The name in the engine's certificate, if it is not that of its address.
    pub server_name: Option<String>,
}

impl Certificates {
    /// Those of a folder as Docker's contexts have it: `ca.pem`, and `cert.pem` with `key.pem` if they are there.
    pub fn of_folder(folder: &Path) -> Certificates {
        let own = (folder.join("cert.pem"), folder.join("key.pem"));
        let is_there = own.0.exists() || own.1.exists();
        Certificates { ca: folder.join("ca.pem"), own: is_there.then_some(own), server_name: None }
    }

    /// Reads them; an error names the file.
    pub(super) fn read(&self) -> Result<ClientConfig, String> {
        let said = |path: &Path, error: &dyn fmt::Display| {
            format!("{} cannot be read as a certificate or key: {error}", path.display())
        };
        let certificates = |path: &Path| -> Result<Vec<CertificateDer<'static>>, String> {
            let all = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let all = all.map_err(|error| said(path, &error))?;
            match all.is_empty() {
                true => Err(said(path, &"there is none in it")),
                false => Ok(all),
            }
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.ca)? {
            roots.add(certificate).map_err(|error| said(&self.ca, &error))?;
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        match &self.own {
            None => Ok(builder.with_no_client_auth()),
            Some((certificate, key)) => {
                let chain = certificates(certificate)?;
                let private = PrivateKeyDer::from_pem_file(key).map_err(|error| said(key, &error))?;
                builder
                    .with_client_auth_cert(chain, private)
                    .map_err(|error| format!("{} and {}: {error}", certificate.display(), key.display()))
            }
        }
    }

    /// Makes a connection safe. `protocol` is what is to be spoken over it, `host` the one of the address.
    pub(super) async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        protocol: &[u8],
        host: &str,
        trouble: &Trouble,
    ) -> io::Result<Told<S>> {
        let unusable = |_| {
            let message = "The certificates for the engine cannot be read any more";
            trouble.set(message, "Look at the files: they were replaced by others, or are gone");
            io::Error::other(message)
        };
        let mut config = self.read().map_err(unusable)?;
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = self.server_name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        let explain = Explain { trouble: trouble.clone(), has_shown: self.own.is_some() };
        let stream = handshake.inspect_err(|error| explain.look(error))?;
        Ok(Told { stream, explain })
    }
}

/// What went wrong with the connections of a channel most recently.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<Failure>>>);

impl Trouble {
    pub(super) fn get(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn set(&self, message: &str, help: &str) {
        let failure = Failure { help: Some(help.to_owned()), ..failure("engine", message) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }
}

/// Why there is no connection, as the cause of a gRPC status.
#[derive(Debug)]
pub(super) struct Unreachable(pub(super) Failure);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl Error for Unreachable {}

/// Makes words of what TLS says.
struct Explain {
    trouble: Trouble,
    /// Whether a certificate was shown to the engine.
    has_shown: bool,
}

impl Explain {
    fn look(&self, error: &io::Error) {
        let found = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
        let Some((message, help)) = found.and_then(|error| words(error, self.has_shown)) else { return };
        self.trouble.set(message, help);
    }
}

/// What is wrong, and what to do.
fn words(error: &rustls::Error, has_shown: bool) -> Option<(&'static str, &'static str)> {
    use AlertDescription as Alert;
    use CertificateError as Certificate;
    Some(match error {
        rustls::Error::InvalidCertificate(error) => match error {
            Certificate::UnknownIssuer | Certificate::BadSignature => (
                "The engine's certificate is not signed by the authority that was given",
                "Give the certificate of the one that signed it as engine-ca",
            ),
            Certificate::Expired | Certificate::ExpiredContext { .. } => {
                ("The engine's certificate has expired", "Renew it on the engine's side")
            }
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => (
                "The engine's certificate is not valid yet",
                "Look at the clocks of both machines, and from when it is valid",
            ),
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => (
                "The engine's certificate is for another name than that of its address",
                "Ask by a name that is in it, or give one as engine-server-name",
            ),
            Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => (
                "The engine's certificate is not for servers",
                "Make one whose extended key usage is serverAuth",
            ),
            _ => (
                "The engine's certificate does not hold",
                "Make a new one, signed by the authority in engine-ca",
            ),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            Alert::CertificateRequired | Alert::BadCertificate | Alert::HandshakeFailure if !has_shown => (
                "The engine wants a certificate of this server, and there is none",
                "Give one that it accepts as engine-cert, with engine-key",
            ),
            Alert::CertificateExpired => {
                ("The certificate of this server has expired for the engine", "Renew the one in engine-cert")
            }
            Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::CertificateRevoked
            | Alert::UnsupportedCertificate
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError => (
                "The engine does not accept the certificate of this server",
                "The one in engine-cert has to be for clients, and signed by the authority that the engine trusts",
            ),
            Alert::NoApplicationProtocol => OTHER,
            _ => return None,
        },
        rustls::Error::InvalidMessage(_) => (
            "What answers at the engine's address does not speak TLS",
            "Ask at the port that does, or leave the certificates out if the way there is safe",
        ),
        rustls::Error::NoApplicationProtocol => OTHER,
        _ => return None,
    })
}

const OTHER: (&str, &str) = (
    "What answers at the engine's address is of another kind",
    "Say engine = \"docker\" for a Docker Engine, \"buildkit\" for BuildKit by itself",
);

/// A connection of which it is said why it broke.
pub(super) struct Told<S> {
    stream: TlsStream<S>,
    explain: Explain,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Told<S> {
    /// An engine that hangs up has said why before: it may still be unread when writing fails.
    fn look_behind(&mut self, context: &mut Context<'_>) {
        let mut space = [0; 64];
        if let Poll::Ready(Err(error)) =
            Pin::new(&mut self.stream).poll_read(context, &mut ReadBuf::new(&mut space))
        {
            self.explain.look(&error);
        }
    }

    fn written<T>(&mut self, context: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &poll {
            self.explain.look(error);
            self.look_behind(context);
        }
        poll
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Told<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Err(error)) = &poll {
            self.explain.look(error);
        }
        poll
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Told<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_flush(context);
        self.written(context, poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
