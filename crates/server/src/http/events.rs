//! What happens in a build: as a stream that can be taken up again, as lines, and as text.
//!
//! A stream begins behind the event that the client saw last. If it saw one that is not there (the server was killed
//! before it was kept), an event `reset` says that what it has is not so, and everything follows.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use protocol::build::{Problem, StepState, Stream, What};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::builds::problem;
use crate::http::guard::Client;
use crate::http::problem::Refused;
use crate::http::rates::Kind;
use crate::http::{App, Shared};
use crate::log::Length;
use crate::run::{Run, Status};

/// Silence does not last longer, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Who has seen everything gets what is new so often: a write costs more than what is in it, and a thousand may watch.
const PACE: Duration = Duration::from_millis(20);
const BEGIN: &str = "retry: 2000\n\n";
const RESET: &str = "event: reset\ndata: {}\n\n";
const ENDING: &str = "event: server-ending\nretry: 5000\ndata: {}\n\n";

#[derive(Debug, Deserialize)]
pub(super) struct After {
    after: Option<u64>,
}

/// What happens, as Server-Sent Events: each has its number for an id and an `Event` for its data. The stream ends
/// behind `finished`.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}/events",
    params(
        ("id" = String, Path, description = "The build"),
        ("after" = Option<u64>, Query, description = "The number of the event that was seen last"),
        ("Last-Event-ID" = Option<u64>, Header, description = "The same; this one counts if both are there"),
    ),
    responses(
        (status = 200, content_type = "text/event-stream", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn events(
    State(app): Shared,
    Extension(Client(address)): Extension<Client>,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    app.rates.check(Kind::Stream, address)?;
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok()?.parse().ok());
    let run = app.builds.run(&id).await?;
    let seat = Seat::take(&app, address)?;
    let seen = last.or(after).unwrap_or(0);
    let is_there = seen <= run.log.length().last;
    let watcher = Watcher {
        follow: run.log.follow(),
        run,
        seat,
        cursor: if is_there { seen } else { 0 },
        begin: Some(if is_there { BEGIN.to_owned() } else { [BEGIN, RESET].concat() }),
        caught_up: None,
        over: false,
    };
    let body = Body::from_stream(Box::pin(stream::unfold(watcher, Watcher::next)));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// All events so far, one JSON object a line.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}/events.ndjson",
    params(("id" = String, Path, description = "The build")),
    responses(
        (status = 200, content_type = "application/x-ndjson", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn lines(State(app): Shared, Path(id): Path<String>) -> Result<Response, Refused> {
    let run = app.builds.run(&id).await?;
    Ok((download("application/x-ndjson", &run, "ndjson"), run.log.lines(0)).into_response())
}

/// What the steps printed, as text. What steers a terminal is left as it is.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}/log.txt",
    params(("id" = String, Path, description = "The build")),
    responses(
        (status = 200, content_type = "text/plain", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn log(State(app): Shared, Path(id): Path<String>) -> Result<Response, Refused> {
    let run = app.builds.run(&id).await?;
    Ok((download("text/plain; charset=utf-8", &run, "txt"), text(&run)).into_response())
}

/// It is for keeping, and what is in it comes from strangers.
fn download(mime: &'static str, run: &Run, ending: &str) -> [(HeaderName, String); 3] {
    let caching = if run.status() == Status::Finished { "private, max-age=60" } else { "no-store" };
    [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"build-{}.{ending}\"", run.id)),
        (header::CACHE_CONTROL, caching.to_owned()),
    ]
}

/// One step after the other, each in the order in which it printed.
fn text(run: &Run) -> String {
    let mut out = String::new();
    let mut names = HashMap::new();
    let mut current = None;
    // Writing to a String cannot fail.
    for event in run.log.events() {
        match event.what {
            What::Step(step) => {
                let state = match step.state {
                    StepState::Cached => Some("CACHED"),
                    StepState::Failed => Some("FAILED"),
                    StepState::Cancelled => Some("CANCELLED"),
                    StepState::Done => Some("DONE"),
                    StepState::Waiting | StepState::Running => None,
                };
                if let Some(state) = state {
                    head(&mut out, &mut current, step.id, &step.name);
                    let _ = match step.error {
                        Some(error) => writeln!(out, "{state}: {error}"),
                        None => writeln!(out, "{state}"),
                    };
                }
                names.insert(step.id, step.name);
            }
            What::Log { step, stream: Stream::Out | Stream::Err, text } => {
                let name = names.get(&step).map_or("", String::as_str);
                head(&mut out, &mut current, step, name);
                out.push_str(&text);
            }
            What::Clipped { bytes, .. } => {
                let _ = writeln!(out, "\n[{bytes} bytes of output were left out]");
            }
            What::Warning { rule, message, .. } => {
                let _ = writeln!(out, "\nWARNING {}: {message}", rule.unwrap_or_default());
                current = None;
            }
            What::Finished(outcome) => {
                let end = serde_json::to_value(outcome.end).ok();
                let _ = writeln!(out, "\n{}", end.as_ref().and_then(|it| it.as_str()).unwrap_or_default());
                if let Some(failure) = outcome.failure {
                    let _ = writeln!(out, "{}", failure.message);
                }
            }
            What::Queued { .. } | What::Started { .. } | What::Progress { .. } | What::Size(_) => {}
        }
    }
    out
}

fn head(out: &mut String, current: &mut Option<u32>, step: u32, name: &str) {
    if *current == Some(step) {
        return;
    }
    *current = Some(step);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    let _ = writeln!(out, "#{step} {name}");
}

/// One who watches.
struct Watcher {
    run: Arc<Run>,
    follow: watch::Receiver<Length>,
    seat: Seat,
    cursor: u64,
    begin: Option<String>,
    /// When it was sent all there was.
    caught_up: Option<Instant>,
    over: bool,
}

impl Watcher {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Watcher)> {
        if let Some(begin) = self.begin.take() {
            return Some((Ok(Bytes::from(begin)), self));
        }
        loop {
            if self.over {
                return None;
            }
            if let Some(caught_up) = self.caught_up.take() {
                sleep_until(caught_up + PACE).await;
            }
            // Before reading, so that nothing can come in between unseen.
            let length = *self.follow.borrow_and_update();
            let read = self.run.log.read(self.cursor);
            if !read.bytes.is_empty() {
                self.cursor = read.next;
                self.caught_up = (read.next >= length.last && !length.closed).then(Instant::now);
                return Some((Ok(read.bytes), self));
            }
            if length.closed {
                return None;
            }
            tokio::select! {
                changed = self.follow.changed() => {
                    if changed.is_err() {
                        return None;
                    }
                }
                () = sleep(HEARTBEAT) => return Some((Ok(Bytes::from_static(b":\n\n")), self)),
                () = self.seat.app.end.cancelled() => {
                    // What ends the builds tells their watchers first.
                    tokio::select! {
                        _ = self.follow.changed() => continue,
                        () = sleep(Duration::from_secs(1)) => {}
                    }
                    self.over = true;
                    return Some((Ok(Bytes::from_static(ENDING.as_bytes())), self));
                }
            }
        }
    }
}

/// A place among those that an address may have.
struct Seat {
    app: Arc<App>,
    address: IpAddr,
}

impl Seat {
    fn take(app: &Arc<App>, address: IpAddr) -> Result<Seat, Box<Problem>> {
        let mut streams = app.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let n = streams.entry(address).or_default();
        if *n >= app.settings.streams_per_client {
            return Err(problem(
                429,
                "too-many-streams",
                "Your address watches too many builds at the same time",
            ));
        }
        *n += 1;
        Ok(Seat { app: Arc::clone(app), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self.app.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = streams.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                streams.remove(&self.address);
            }
        }
    }
}
