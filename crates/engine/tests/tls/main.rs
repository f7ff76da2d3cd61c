//! An engine behind TLS that lets in only whom it knows: what works, and what is said when it does not.
//!
//! The engine is not one: it answers the two questions of who it is. Real builds go through the same door in
//! `tests/real`.

mod certificates;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bollard_buildkit_proto::moby::buildkit::v1::types::{BuildkitVersion, WorkerRecord};
use bollard_buildkit_proto::moby::buildkit::v1::{InfoResponse, ListWorkersResponse};
use engine::Engine;
use engine::buildkit::{BuildKit, Certificates};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use protocol::build::Failure;
use rcgen::ExtendedKeyUsagePurpose;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use certificates::{Authority, Folder, Signed};

const NAME: &str = "engine.test";

/// Answers as BuildKit does.
async fn answer(
    request: Request<Incoming>,
) -> Result<Response<impl hyper::body::Body<Data = Bytes, Error = Infallible>>, Infallible> {
    let message = match request.uri().path() {
        "/moby.buildkit.v1.Control/Info" => {
            let version = BuildkitVersion { version: "v0.31.0".to_owned(), ..BuildkitVersion::default() };
            InfoResponse { buildkit_version: Some(version) }.encode_to_vec()
        }
        _ => {
            let record = vec![WorkerRecord::default()];
            ListWorkersResponse { record }.encode_to_vec()
        }
    };
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static("0"))]);
    let body = Full::new(Bytes::from(frame)).with_trailers(async { Some(Ok(trailers)) });
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    Ok(response)
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor) {
    let Ok(stream) = acceptor.accept(stream).await else { return };
    http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await
        .ok();
}

/// Serves by a door, on a port of its own.
async fn listen(acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, acceptor.clone()));
        }
    });
    address
}

fn engine(address: SocketAddr, certificates: Certificates) -> BuildKit {
    let engine = BuildKit::alone(&format!("tcp://{address}")).unwrap();
    engine.with_certificates(certificates).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn named(certificates: Certificates) -> Certificates {
    Certificates { server_name: Some(NAME.to_owned()), ..certificates }
}

/// What comes of asking an engine with `server` for a certificate, by one who trusts `ours` and shows `own`.
async fn refused(
    name: &str,
    engines: &Authority,
    server: &Signed,
    ours: &Authority,
    own: Option<&Signed>,
) -> Failure {
    let folder = Folder::new(name);
    let address = listen(engines.acceptor(server, &["h2"])).await;
    let failure = engine(address, named(folder.write(ours, own))).probe().await.expect_err(name);
    assert_eq!(failure.code, "engine");
    // What is wrong is for everybody, where the files are is not.
    assert!(!failure.message.contains('/') && !failure.message.contains("127.0.0.1"), "{}", failure.message);
    failure
}

#[tokio::test]
async fn who_shows_the_right_certificate_is_let_in() {
    let authority = Authority::new();
    let folder = Folder::new("right");
    let certificates = folder.write(&authority, Some(&authority.client()));
    // By the name that was given, and by that of the address.
    for (server, certificates) in [(NAME, named(certificates.clone())), ("127.0.0.1", certificates)] {
        let address = listen(authority.acceptor(&authority.server(server), &["h2"])).await;
        let info = engine(address, certificates).probe().await.unwrap();
        assert_eq!((info.name.kind.as_str(), info.name.version.as_str()), ("buildkit", "0.31.0"));
        assert!(info.abilities.exact_places);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words() {
    let (ours, other) = (Authority::new(), Authority::new());
    let (server, client) = (ours.server(NAME), ours.client());
    let late = |purpose| ours.sign(NAME, purpose, 2000);
    let cases = [
        ("authority", other.server(NAME), Some(client.clone()), "is not signed by the authority"),
        (
            "expired",
            late(ExtendedKeyUsagePurpose::ServerAuth),
            Some(client.clone()),
            "engine's certificate has expired",
        ),
        ("name", ours.server("other.test"), Some(client.clone()), "is for another name"),
        (
            "purpose",
            ours.sign(NAME, ExtendedKeyUsagePurpose::ClientAuth, 4000),
            Some(client),
            "is not for servers",
        ),
        ("missing", server.clone(), None, "wants a certificate of this server"),
        ("refused", server.clone(), Some(other.client()), "does not accept the certificate of this server"),
        ("late", server, Some(late(ExtendedKeyUsagePurpose::ClientAuth)), "of this server has expired"),
    ];
    for (name, server, own, expected) in cases {
        let failure = refused(name, &ours, &server, &ours, own.as_ref()).await;
        assert!(failure.message.contains(expected), "{name}: {failure:?}");
        assert!(failure.help.is_some_and(|help| !help.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn what_does_not_speak_as_expected_is_told() {
    let authority = Authority::new();
    let folder = Folder::new("otherwise");
    let certificates = named(folder.write(&authority, Some(&authority.client())));
    // Without TLS.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::AsyncWriteExt;
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    });
    let failure = engine(address, certificates.clone()).probe().await.unwrap_err();
    assert!(failure.message.contains("does not speak TLS"), "{failure:?}");
    // As Docker does.
    let address = listen(authority.acceptor(&authority.server(NAME), &["http/1.1"])).await;
    let failure = engine(address, certificates.clone()).probe().await.unwrap_err();
    assert!(failure.message.contains("is of another kind"), "{failure:?}");
    // Not at all.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let start = Instant::now();
    let failure = engine(address, certificates).probe().await.unwrap_err();
    assert_eq!(failure.code, "engine");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[tokio::test]
async fn new_files_count_without_a_restart() {
    let (old, new) = (Authority::new(), Authority::new());
    let folder = Folder::new("rotated");
    let certificates = named(folder.write(&old, Some(&old.client())));
    let address = listen(old.acceptor(&old.server(NAME), &["h2"])).await;
    let asked = engine(address, certificates.clone());
    asked.probe().await.unwrap();
    // The engine gets new ones first, then this side.
    let address = listen(new.acceptor(&new.server(NAME), &["h2"])).await;
    let asked = engine(address, certificates);
    assert!(asked.probe().await.is_err());
    folder.write(&new, Some(&new.client()));
    asked.probe().await.unwrap();
    // Files that are gone are said to be.
    std::fs::remove_file(folder.0.join("key.pem")).unwrap();
    let failure = asked.probe().await.unwrap_err();
    assert!(failure.message.contains("cannot be read any more"), "{failure:?}");
}

#[test]
fn what_cannot_be_is_said_at_once() {
    let authority = Authority::new();
    let folder = Folder::new("wrong");
    let certificates = folder.write(&authority, None);
    assert_eq!(certificates.own, None);
    let with = |address: &str, certificates: &Certificates| {
        BuildKit::alone(address).unwrap().with_certificates(certificates.clone())
    };
    assert!(with("tcp://127.0.0.1:1", &certificates).is_ok());
    let failure = with("unix:///run/socket", &certificates).unwrap_err();
    assert!(failure.message.contains("a socket of this machine"), "{failure:?}");
    std::fs::write(folder.0.join("cert.pem"), "no certificate").unwrap();
    let failure = with("tcp://127.0.0.1:1", &Certificates::of_folder(&folder.0)).unwrap_err();
    assert!(failure.message.contains("cert.pem cannot be read as a certificate or key"), "{failure:?}");
    let nowhere = Certificates { ca: folder.0.join("none.pem"), ..certificates };
    let failure = with("tcp://127.0.0.1:1", &nowhere).unwrap_err();
    assert!(failure.message.contains("none.pem cannot be read"), "{failure:?}");
}
