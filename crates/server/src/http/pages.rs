//! The site, and addresses that lead into it.

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use protocol::build::Problem;
use serde::Deserialize;

use crate::builds::problem;
use crate::http::problem::Refused;
use crate::http::{App, Shared, links};
use crate::ids;

const COOKIE: &str = "stagelight-token";
const OF_SCRIPTS: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/// A link to a build: the site shows it.
pub(super) async fn build(Path(id): Path<String>) -> Response {
    if !ids::is_id(&id) {
        return Refused(problem(404, "not-found", "There is no such build")).into_response();
    }
    Redirect::temporary(&format!("/?build={id}")).into_response()
}

/// A short link.
pub(super) async fn link(State(app): Shared, Path(id): Path<String>) -> Result<Response, Refused> {
    let fragment = links::fragment(&app, &id).await?;
    Ok(Redirect::temporary(&format!("/#{fragment}")).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct Enter {
    token: Option<String>,
}

/// Whoever runs the server hands out this address with its token: the browser keeps that, and goes on to the site.
pub(super) async fn enter(
    State(app): Shared,
    Query(Enter { token }): Query<Enter>,
) -> Result<Response, Refused> {
    let token = token.unwrap_or_default();
    if !app.settings.token.as_deref().is_none_or(|ours| same(ours, &token)) {
        return Err(problem(401, "token", "This is not the server's token").into());
    }
    let is_plain = token.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it));
    let mut response = Redirect::to("/").into_response();
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800");
    if let (true, Ok(cookie)) = (is_plain, HeaderValue::from_str(&cookie)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whether somebody may build and make links here.
pub(super) fn admit(app: &App, headers: &HeaderMap) -> Result<(), Box<Problem>> {
    let Some(ours) = &app.settings.token else { return Ok(()) };
    let shown = headers.get("x-stagelight-token").and_then(|it| it.to_str().ok());
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let kept = cookies.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
    let kept = kept.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    if shown.into_iter().chain(kept).any(|token| same(ours, token)) {
        return Ok(());
    }
    let mut problem = problem(401, "token", "Building here needs the server's token");
    problem.help = Some("Open the address that you were given, which ends in /enter?token=…".to_owned());
    Err(problem)
}

/// Hashes, so that the time it takes says nothing of how much was right.
fn same(ours: &str, theirs: &str) -> bool {
    ids::hash(ours) == ids::hash(theirs)
}

/// A file of the site.
pub(super) async fn file(State(app): Shared, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Refused(problem(404, "not-found", "There is nothing at this address")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refused(problem(405, "method", "Files can only be read")).into_response();
    }
    let Some(file) = app.site.file(path) else {
        return (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain")], "There is nothing here.\n")
            .into_response();
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.mime));
    let caching = if file.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&file.etag) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(scripts) = &file.scripts
        && let Ok(policy) = HeaderValue::from_str(&policy(scripts, &app.settings.allow_origin))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // A worker has the policy of its own file: this one asks for the files of the site.
    if file.mime.starts_with("text/javascript") {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OF_SCRIPTS));
    }
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    if known.is_some_and(|known| known.contains(&file.etag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let accepted =
        request.headers().get(header::ACCEPT_ENCODING).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let body = match app.site.packed(&file, accepted) {
        Some((kind, bytes)) => {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(kind));
            bytes
        }
        None => file.bytes,
    };
    *response.body_mut() = Body::from(body);
    response
}

/// What a page may do. It opens files from any address that somebody asks it to, so it may connect to all; it has
/// styles in elements, which the editor makes; all its scripts are its own.
fn policy(scripts: &str, embedders: &[String]) -> String {
    let ancestors: String = embedders.iter().map(|it| format!(" {it}")).collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self' https: http:; worker-src 'self'; \
         manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'{ancestors}"
    )
}
