//! Short links: what stands behind the `#` of an address, kept under a short name that follows from it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::build::{Fragment, Link, Problem};

use crate::builds::{now, problem, trouble};
use crate::http::builds::{no_store, read};
use crate::http::guard::Client;
use crate::http::problem::Refused;
use crate::http::rates::Kind;
use crate::http::{App, Shared, pages};
use crate::ids;

/// Make a short link. The same fragment gets the same.
#[utoipa::path(
    post,
    path = "/api/v1/links",
    request_body = Fragment,
    responses(
        (status = 201, body = Link),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn shorten(
    State(app): Shared,
    Extension(Client(address)): Extension<Client>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    pages::admit(&app, &headers)?;
    let Fragment { fragment } = read(body)?;
    app.rates.check(Kind::Link, address)?;
    let fragment = fragment.strip_prefix('#').unwrap_or(&fragment);
    // What could not be opened is not kept; and so nothing gets into an address that does not belong there.
    let is_plain = fragment.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it));
    if !is_plain || !matches!(protocol::link::decode(fragment), Some(Ok(_))) {
        return Err(problem(400, "fragment", "This is nothing that a link to the playground holds").into());
    }
    app.builds.metrics.count("stagelight_links_total", "", 1);
    let id = app.builds.store().link(fragment, now()).await.map_err(|why| trouble(&why))?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/s/{id}")), no_store()], Json(Link { id }))
        .into_response())
}

/// What a short link stands for.
#[utoipa::path(
    get,
    path = "/api/v1/links/{id}",
    params(("id" = String, Path, description = "The link")),
    responses(
        (status = 200, body = Fragment),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn lengthen(State(app): Shared, Path(id): Path<String>) -> Result<Response, Refused> {
    let fragment = fragment(&app, &id).await?;
    let caching = [(header::CACHE_CONTROL, "public, max-age=86400, immutable")];
    Ok((caching, Json(Fragment { fragment })).into_response())
}

pub(super) async fn fragment(app: &App, id: &str) -> Result<String, Box<Problem>> {
    let unknown = || problem(404, "not-found", "There is no such link");
    if !ids::is_id(id) {
        return Err(unknown());
    }
    app.builds.store().fragment(id).await.map_err(|why| trouble(&why))?.ok_or_else(unknown)
}
