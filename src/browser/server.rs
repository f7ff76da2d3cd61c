//! The server that makes real builds, where the page comes from one.
//!
//! A server says that it is one in the page itself (`<meta name="stagelight-server">`), so that a page of files alone
//! asks nobody.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::storage::{LocalStorage, Storage};
use gloo::timers::callback::Timeout;
use gloo::utils::{document, window};
use protocol::build::{Accepted, Event, FileList, Fragment, Health, Link, Problem, Record, Request, What};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, MessageEvent, RequestInit, Response};

use super::history;

/// Under which the tokens of one's own builds are kept.
const TOKEN: &str = "stagelight.build.";

/// Events that come close together are shown together: so many milliseconds.
const TOGETHER: u32 = 80;

/// Where the server is, relative to the page; `None` if the page is files alone.
pub(crate) fn address() -> Option<String> {
    let meta = document().query_selector("meta[name='stagelight-server']").ok().flatten()?;
    meta.get_attribute("content").filter(|address| !address.is_empty())
}

/// The clock that times of builds are compared with, in milliseconds.
pub(crate) fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What the server can do.
pub(crate) async fn health() -> Result<Health, Problem> {
    call("GET", "api/health", None, None).await
}

/// Asks for a build.
pub(crate) async fn start(request: &Request) -> Result<Accepted, Problem> {
    let body = serde_json::to_string(request).unwrap_or_default();
    call("POST", "api/v1/builds", Some(&body), None).await
}

/// Asks for a build to be stopped.
pub(crate) async fn cancel(id: &str, token: &str) -> Result<(), Problem> {
    ask("POST", &format!("api/v1/builds/{id}/cancel"), Some("{}"), Some(token)).await.map(drop)
}

/// Takes a build off the server.
pub(crate) async fn delete(id: &str, token: &str) -> Result<(), Problem> {
    ask("DELETE", &format!("api/v1/builds/{id}"), None, Some(token)).await?;
    forget(id);
    Ok(())
}

/// One's own builds, as far as this browser knows.
pub(crate) fn own() -> Vec<String> {
    history::keys().iter().filter_map(|key| key.strip_prefix(TOKEN)).map(str::to_owned).collect()
}

/// The server does not keep a build any more.
pub(crate) fn forget(id: &str) {
    LocalStorage::delete(format!("{TOKEN}{id}"));
}

/// Keeps what proves that a build is one's own, so that it is after a reload.
pub(crate) fn keep_token(id: &str, token: &str) {
    // A browser may keep nothing; then the build can still be watched.
    let _ = LocalStorage::set(format!("{TOKEN}{id}"), token);
}

/// What proves that a build is one's own, if it is.
pub(crate) fn token(id: &str) -> Option<String> {
    LocalStorage::get(format!("{TOKEN}{id}")).ok()
}

/// A build that the server keeps.
pub(crate) async fn record(id: &str) -> Result<Record, Problem> {
    call("GET", &format!("api/v1/builds/{id}"), None, None).await
}

/// All that has happened in a build so far.
pub(crate) async fn events(id: &str) -> Result<Vec<Event>, Problem> {
    let text = ask("GET", &format!("api/v1/builds/{id}/events.ndjson"), None, None).await?;
    text.lines().map(|line| serde_json::from_str(line).map_err(|_| unreadable())).collect()
}

/// The files of a stage of a build.
pub(crate) async fn files(id: &str, stage: usize) -> Result<FileList, Problem> {
    call("GET", &format!("api/v1/builds/{id}/stages/{stage}/files"), None, None).await
}

/// The link to a build.
pub(crate) fn link(id: &str) -> String {
    absolute(&format!("b/{id}"))
}

/// Has the server keep what a link holds, and gives the short link to it.
pub(crate) async fn short_link(fragment: String) -> Result<String, Problem> {
    let body = serde_json::to_string(&Fragment { fragment }).unwrap_or_default();
    let link: Link = call("POST", "api/v1/links", Some(&body), None).await?;
    Ok(absolute(&format!("s/{}", link.id)))
}

fn absolute(path: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let path = at(path);
    web_sys::Url::new_with_base(&path, &base).map_or(path, |url| url.href())
}

fn at(path: &str) -> String {
    address().unwrap_or_default() + path
}

async fn call<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: Option<&str>,
    token: Option<&str>,
) -> Result<T, Problem> {
    let text = ask(method, path, body, token).await?;
    serde_json::from_str(&text).map_err(|_| unreadable())
}

async fn ask(method: &str, path: &str, body: Option<&str>, token: Option<&str>) -> Result<String, Problem> {
    let options = RequestInit::new();
    options.set_method(method);
    if let Some(body) = body {
        options.set_body(&body.into());
    }
    let request = web_sys::Request::new_with_str_and_init(&at(path), &options).map_err(|_| unreachable())?;
    let headers = request.headers();
    if body.is_some() {
        headers.set("content-type", "application/json").map_err(|_| unreachable())?;
    }
    if let Some(token) = token {
        headers.set("authorization", &format!("Bearer {token}")).map_err(|_| unreachable())?;
    }
    let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(|_| unreachable())?;
    let response: Response = response.dyn_into().map_err(|_| unreachable())?;
    let text = response.text().map_err(|_| unreachable())?;
    let text = JsFuture::from(text).await.map_err(|_| unreachable())?.as_string().unwrap_or_default();
    if response.ok() {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| Problem { status: response.status(), ..unreadable() }))
}

fn unreachable() -> Problem {
    Problem {
        code: "unreachable".to_owned(),
        title: "The server does not answer.".to_owned(),
        help: Some("See whether it still runs, and try again.".to_owned()),
        ..Problem::default()
    }
}

fn unreadable() -> Problem {
    Problem {
        code: "unreadable".to_owned(),
        title: "The server answered something that this page does not understand.".to_owned(),
        help: Some("Reload the page: the server may be of another version.".to_owned()),
        ..Problem::default()
    }
}

/// Listens to a build until it is dropped, or the build is over.
pub(crate) struct Watch {
    source: EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_reset: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
}

impl Watch {
    /// Begins behind the event with the number `after`. `then` gets events as they come; `anew` is called if the server
    /// does not have those any more that were seen, and all follow from the first; `lost` if no more can come. A
    /// connection that breaks off is made again by the browser, and nothing comes twice.
    pub(crate) fn new(
        id: &str,
        after: u64,
        then: impl Fn(Vec<Event>) + 'static,
        anew: impl Fn() + 'static,
        lost: impl Fn() + 'static,
    ) -> Option<Watch> {
        let address = at(&format!("api/v1/builds/{id}/events?after={after}"));
        let source = EventSource::new(&address).ok()?;
        let (waiting, then) = (Rc::new(RefCell::new(Vec::<Event>::new())), Rc::new(then));
        let pending = Rc::new(RefCell::new(None::<Timeout>));
        let on_reset = {
            let waiting = waiting.clone();
            Closure::<dyn FnMut()>::new(move || {
                waiting.take();
                anew();
            })
        };
        source.add_event_listener_with_callback("reset", on_reset.as_ref().unchecked_ref()).ok()?;
        let on_message = {
            let source = source.clone();
            Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
                let text = message.data().as_string().unwrap_or_default();
                let Ok(event) = serde_json::from_str::<Event>(&text) else { return };
                if matches!(event.what, What::Finished(_)) {
                    // Else the browser would ask again and again.
                    source.close();
                }
                waiting.borrow_mut().push(event);
                if pending.borrow().is_none() {
                    let (waiting, then, done) = (waiting.clone(), then.clone(), pending.clone());
                    *pending.borrow_mut() = Some(Timeout::new(TOGETHER, move || {
                        done.borrow_mut().take();
                        then(waiting.take());
                    }));
                }
            })
        };
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = {
            let source = source.clone();
            Closure::<dyn FnMut()>::new(move || {
                if source.ready_state() == EventSource::CLOSED {
                    lost();
                }
            })
        };
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Some(Watch { source, _on_message: on_message, _on_reset: on_reset, _on_error: on_error })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}
