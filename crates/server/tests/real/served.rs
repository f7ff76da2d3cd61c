//! A server on an engine, asked over HTTP as others ask it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use engine::buildkit::BuildKit;
use protocol::build::{Accepted, Event, Health, Outcome, Request, What};
use server::builds::Builds;
use server::disk::Disk;
use server::settings::Settings;
use server::site::Site;
use server::store::Store;
use server::{http, ids, listen, watch};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    builds: Arc<Builds>,
    folder: PathBuf,
    end: CancellationToken,
    runtime: Option<Runtime>,
}

impl Served {
    /// One with an engine of its own connection, that looks after the engine's disk if that is given.
    pub(crate) fn start(mut settings: Settings, disk: Option<Disk>) -> Served {
        let runtime = Runtime::new().unwrap();
        let folder = std::env::temp_dir().join(format!("stagelight-served-{}", ids::build_id().unwrap()));
        let end = CancellationToken::new();
        let (address, builds) = runtime.block_on(async {
            let engine = BuildKit::docker(&std::env::var("DOCKER_HOST").unwrap()).unwrap();
            let store = Store::open(&folder).await.unwrap();
            let builds = Builds::new(Some(Arc::new(engine)), None, store, settings.building(), Vec::new());
            builds.probe().await;
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            settings.listen = listener.local_addr().unwrap();
            let address = settings.listen;
            let site = Site::new(None).unwrap();
            let router = http::router(Arc::clone(&builds), site, settings, end.clone());
            tokio::spawn(listen::serve(listener, router, end.clone().cancelled_owned()));
            if let Some(disk) = disk {
                tokio::spawn(watch::watch(Arc::clone(&builds), disk));
            }
            (address, builds)
        });
        Served { address, builds, folder, end, runtime: Some(runtime) }
    }

    /// The status and the body of an answer.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        ask(self.address, method, path, body)
    }

    pub(crate) fn health(&self) -> Health {
        serde_json::from_str(&self.ask("GET", "/api/health", "").1).unwrap()
    }

    pub(crate) fn submit(&self, request: &Request) -> Accepted {
        let (status, body) = self.ask("POST", "/api/v1/builds", &serde_json::to_string(request).unwrap());
        assert_eq!(status, 201, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// All events of a build, once it is over.
    pub(crate) fn events(&self, id: &str) -> Vec<Event> {
        let (status, body) = self.ask("GET", &format!("/api/v1/builds/{id}/events"), "");
        assert_eq!(status, 200, "{body}");
        let events = body.lines().filter_map(|line| line.strip_prefix("data: "));
        events.filter_map(|json| serde_json::from_str(json).ok()).collect()
    }

    /// What comes of a build.
    pub(crate) fn build(&self, request: &Request) -> (Outcome, Vec<Event>) {
        let events = self.events(&self.submit(request).id);
        match events.last().map(|event| event.what.clone()) {
            Some(What::Finished(outcome)) => (outcome, events),
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        runtime.block_on(async {
            self.builds.end().await;
            self.end.cancel();
            self.builds.store().close().await;
        });
        runtime.shutdown_timeout(Duration::from_secs(2));
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// In HTTP/1.0, so that the body ends with the connection.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n");
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
