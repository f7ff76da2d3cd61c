//! Takes connections, and lets them go: a bounded number, each with little time to say what it wants.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use tracing::{debug, warn};

use crate::patient::Patient;

/// So long a connection may take for its headers.
const HEADERS: Duration = Duration::from_secs(15);
/// So long it may take nothing of what is written to it.
const STALL: Duration = Duration::from_secs(30);
/// So many connections are open at most.
const CONNECTIONS: usize = 4096;
/// So long those that are left may take when the server ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Who is on the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// Serves until `end`.
pub async fn serve(listener: TcpListener, router: Router, end: impl Future<Output = ()>) {
    serve_patiently(listener, router, end, STALL).await;
}

/// The same with another patience for connections that take nothing of what is written to them.
pub async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    end: impl Future<Output = ()>,
    patience: Duration,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(end);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            () = &mut end => break,
        };
        let Ok(permit) = permit else { break };
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Mostly: no file descriptors. That passes.
                    warn!(%error, "a connection is not taken");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut end => break,
        };
        stream.set_nodelay(true).ok();
        let connection = graceful.watch(connection(Patient::new(stream, patience), from, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                debug!(%error, "a connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    timeout(FAREWELL, graceful.shutdown()).await.ok();
}

type Io = TokioIo<Patient>;

fn connection(
    stream: Patient,
    from: SocketAddr,
    router: Router,
) -> http1::Connection<
    Io,
    impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + use<>,
> {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(from.ip().to_canonical()));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_headers(64)
        .serve_connection(TokioIo::new(stream), service)
}
