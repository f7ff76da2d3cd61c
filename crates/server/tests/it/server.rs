//! A server of a test: all of it but the socket, or with that too.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request as Asked, StatusCode};
use engine::Engine;
use http_body_util::BodyExt;
use protocol::build::{Accepted, Event, Outcome, Problem, Record, Request, What};
use serde::de::DeserializeOwned;
use server::builds::Builds;
use server::http::router;
use server::settings::{Building, Settings};
use server::site::Site;
use server::store::Store;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::scripted::Scripted;

/// A folder of a test, removed behind it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let folder =
            std::env::temp_dir().join(format!("stagelight-server-{}", server::ids::build_id().unwrap()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub(crate) struct Server {
    pub(crate) engine: Scripted,
    pub(crate) builds: Arc<Builds>,
    pub(crate) router: Router,
    pub(crate) end: CancellationToken,
    _folder: Option<Folder>,
}

/// An answer that has been read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// `status code` of a problem, or the status alone.
    pub(crate) fn shown(&self) -> String {
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) if self.header("content-type") == "application/problem+json" => {
                assert_eq!(problem.status, self.status.as_u16());
                assert!(!problem.title.is_empty());
                format!("{} {}", self.status.as_u16(), problem.code)
            }
            _ => self.status.as_u16().to_string(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }
}

pub(crate) async fn start() -> Server {
    start_with(|_| {}, |_| {}).await
}

pub(crate) async fn start_with(
    set: impl FnOnce(&mut Settings),
    building: impl FnOnce(&mut Building),
) -> Server {
    let folder = Folder::new();
    let mut server = start_in(&folder.0, set, building).await;
    server._folder = Some(folder);
    server
}

pub(crate) async fn start_in(
    folder: &Path,
    set: impl FnOnce(&mut Settings),
    building: impl FnOnce(&mut Building),
) -> Server {
    let mut settings =
        Settings { builds_per_minute: 0, links_per_minute: 0, streams_per_minute: 0, ..Settings::default() };
    set(&mut settings);
    let mut rules = settings.building();
    building(&mut rules);
    let engine = Scripted::new();
    let store = store(folder).await.unwrap();
    let used: Option<Arc<dyn Engine>> = match settings.engine {
        server::settings::EngineChoice::None => None,
        _ => Some(Arc::new(engine.clone())),
    };
    let builds = Builds::new(used, None, store, rules, Vec::new());
    builds.recover().await.unwrap();
    builds.probe().await;
    let end = CancellationToken::new();
    let site = Site::new(settings.site.clone()).unwrap();
    let router = router(Arc::clone(&builds), site, settings, end.clone());
    Server { engine, builds, router, end, _folder: None }
}

/// What is kept in a folder: in SQLite, or, where the address of a PostgreSQL server says so, in a schema of its own
/// there, which goes with the server.
pub(crate) async fn store(folder: &Path) -> Result<Store, String> {
    let Ok(address) = std::env::var("STAGELIGHT_POSTGRES") else { return Store::open(folder).await };
    let schema = folder.file_name().unwrap().to_str().unwrap();
    let mut connection = PgConnection::connect(&address).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let mark = if address.contains('?') { '&' } else { '?' };
    Store::connect(&format!("{address}{mark}options=-c%20search_path%3D{schema}")).await
}

impl Server {
    /// Asks, with headers as `name: value`.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut asked = Asked::builder().method(method).uri(path);
        if !headers.iter().any(|it| it.to_lowercase().starts_with("host:")) {
            asked = asked.header("host", "127.0.0.1:8080");
        }
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            asked = asked.header(name, value);
        }
        let response =
            self.router.clone().oneshot(asked.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[&str], body: &str) -> Answer {
        self.ask("POST", path, &[&["content-type: application/json"], headers].concat(), body).await
    }

    pub(crate) async fn submit(&self, request: &Request) -> Answer {
        self.post("/api/v1/builds", &[], &serde_json::to_string(request).unwrap()).await
    }

    /// Asks for a build by its script.
    pub(crate) async fn build(&self, script: &str) -> Accepted {
        let answer = self.submit(&request(script)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// As another client.
    pub(crate) async fn build_as(&self, client: &str, script: &str) -> Accepted {
        let accepted = self.builds.submit(client, request(script), None).await;
        accepted.unwrap_or_else(|problem| panic!("{problem:?}"))
    }

    pub(crate) async fn cancel(&self, accepted: &Accepted) -> Answer {
        let path = format!("/api/v1/builds/{}/cancel", accepted.id);
        self.post(&path, &[&bearer(accepted)], "").await
    }

    pub(crate) async fn record(&self, id: &str) -> Record {
        self.get(&format!("/api/v1/builds/{id}")).await.json()
    }

    /// All events, once it is over.
    pub(crate) async fn events(&self, id: &str) -> Vec<Event> {
        let stream = self.get(&format!("/api/v1/builds/{id}/events")).await;
        assert_eq!(stream.status, 200, "{}", stream.text());
        events(stream.text())
    }

    /// The end, once it is there.
    pub(crate) async fn outcome(&self, id: &str) -> Outcome {
        match self.events(id).await.pop().map(|event| event.what) {
            Some(What::Finished(outcome)) => outcome,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until a build is so.
    pub(crate) async fn until(&self, id: &str, status: &str) {
        eventually(async || self.record(id).await.status == status).await;
    }
}

/// A build of a script.
pub(crate) fn request(script: &str) -> Request {
    Request {
        dockerfile: format!("# {script}\nFROM scratch\n#- {}\n", script.replace("; ", "\n#- ")),
        ..Request::default()
    }
}

pub(crate) fn bearer(accepted: &Accepted) -> String {
    format!("authorization: Bearer {}", accepted.token.as_deref().unwrap_or("none"))
}

/// Reads a stream back: ids are the numbers, without a gap.
pub(crate) fn events(stream: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut id = 0;
    for line in stream.lines() {
        if let Some(it) = line.strip_prefix("id: ") {
            id = it.parse().unwrap();
        } else if let Some(json) = line.strip_prefix("data: {\"seq\"") {
            let event: Event = serde_json::from_str(&format!("{{\"seq\"{json}")).unwrap();
            assert_eq!(event.seq, id);
            events.push(event);
        }
    }
    assert!(events.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq), "there is a gap");
    events
}

/// Waits until something is so, ten seconds at most.
pub(crate) async fn eventually(is_so: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to that");
}
