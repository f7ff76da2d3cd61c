//! Builds over TCP with TLS on both sides, by a door that lets in who has the right certificate: to BuildKit by itself,
//! and to a Docker engine, which is asked for its BuildKit through that door.

use engine::buildkit::{BuildKit, Certificates};
use engine::{Engine, Stop};
use protocol::build::End;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Folder};
use crate::engine;
use crate::harness::{IMAGE, build, file, order};

/// Opens a door to the engine, or to the BuildKit within it, and gives the address in front of it.
async fn door(acceptor: TlsAcceptor, is_within: bool) -> String {
    let docker = std::env::var("DOCKER_HOST").expect("an address").replace("unix://", "");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("tcp://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (docker, acceptor) = (docker.clone(), acceptor.clone());
            tokio::spawn(async move {
                let Ok(mut inside) = acceptor.accept(stream).await else { return };
                let mut outside = UnixStream::connect(docker).await.expect("the engine");
                if is_within {
                    let ask =
                        b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
                    outside.write_all(ask).await.expect("it can be asked");
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(outside.read_u8().await.expect("an answer"));
                    }
                }
                copy_bidirectional(&mut inside, &mut outside).await.ok();
            });
        }
    });
    address
}

#[test]
fn builds_go_through_tls() {
    let Some(harness) = engine() else { return };
    if harness.is_before(23, "TLS") {
        return;
    }
    let authority = Authority::new();
    let folder = Folder::new("real");
    let certificates = folder.write(&authority, Some(&authority.client()));
    let server = authority.server("127.0.0.1");
    for (kind, protocol) in [("buildkit", "h2"), ("docker", "http/1.1")] {
        harness.runtime.block_on(async {
            let address = door(authority.acceptor(&server, &[protocol]), kind == "buildkit").await;
            let engine = match kind {
                "docker" => BuildKit::docker(&address),
                _ => BuildKit::alone(&address),
            };
            let engine = engine.expect("an address");
            let sealed = engine.with_certificates(certificates.clone()).expect("certificates");
            let info = sealed.probe().await.expect("it says what it is");
            assert_eq!(info.name.kind, kind);
            let mut order = order(&format!(
                "FROM {IMAGE} AS a\nCOPY in /in\nRUN cat /in && head -c 300000 /dev/zero > /zeros\n\
                 FROM scratch\nCOPY --from=a /in /zeros /\n"
            ));
            order.request.files = vec![file("in", &format!("sealed for {kind}\n"))];
            order.request.no_cache = true;
            let built = build(&sealed, &order, &Stop::new()).await;
            built.check();
            assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
            assert_eq!(built.log(), format!("sealed for {kind}\n"));
            let list = sealed.files(&order, 1, 10).await.expect("a list");
            let paths: Vec<&str> = list.entries.iter().map(|entry| entry.path.as_str()).collect();
            assert_eq!(paths, ["/in", "/zeros"]);
            // Who shows nothing does not get in.
            let address = door(authority.acceptor(&server, &[protocol]), kind == "buildkit").await;
            let engine = match kind {
                "docker" => BuildKit::docker(&address),
                _ => BuildKit::alone(&address),
            };
            let bare = Certificates { own: None, ..certificates.clone() };
            let bare = engine.expect("an address").with_certificates(bare).expect("certificates");
            let outcome = build(&bare, &order, &Stop::new()).await.outcome;
            let failure = outcome.failure.expect("a reason");
            assert!(failure.message.contains("wants a certificate"), "{kind}: {failure:?}");
        });
    }
}
