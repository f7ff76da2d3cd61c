//! Asking for builds, and what came of them.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use protocol::build::{Accepted, FileList, Problem, Record, Request};
use serde::Deserialize;

use crate::builds::problem;
use crate::http::guard::Client;
use crate::http::problem::Refused;
use crate::http::rates::Kind;
use crate::http::{Shared, pages};

type Answer<T> = Result<T, Refused>;

/// Ask for a build. An equal one that runs is shared.
#[utoipa::path(
    post,
    path = "/api/v1/builds",
    request_body = Request,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this request: asking again is asking once"),
        ("X-Stagelight-Token" = Option<String>, Header, description = "The server's token, if it needs one"),
    ),
    responses(
        (status = 201, body = Accepted, description = "It waits, or runs already"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "It cannot be read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "The server's token is missing"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "It is too large"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "It is refused, with the reasons"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "Too much, or too often"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "There is no engine"),
    )
)]
pub(super) async fn submit(
    State(app): Shared,
    Extension(Client(address)): Extension<Client>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
    pages::admit(&app, &headers)?;
    let request: Request = read(body)?;
    app.rates.check(Kind::Build, address)?;
    let key = match headers.get("idempotency-key").map(|it| it.to_str()) {
        None => None,
        Some(Ok(key)) if !key.is_empty() && key.len() <= 200 => Some(key),
        Some(_) => {
            return Err(
                problem(400, "idempotency", "The Idempotency-Key is empty, too long or no text").into()
            );
        }
    };
    let accepted = app.builds.submit(&address.to_string(), request, key).await?;
    let place = format!("/api/v1/builds/{}", accepted.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, place), no_store()], Json(accepted)).into_response())
}

/// A build: what was asked for, and how it stands.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}",
    params(("id" = String, Path, description = "The build")),
    responses(
        (status = 200, body = Record),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn record(State(app): Shared, Path(id): Path<String>) -> Answer<Response> {
    let run = app.builds.run(&id).await?;
    Ok(([no_store()], Json(run.record())).into_response())
}

/// Forget a build, and all that came of it.
#[utoipa::path(
    delete,
    path = "/api/v1/builds/{id}",
    params(
        ("id" = String, Path, description = "The build"),
        ("Authorization" = String, Header, description = "Bearer and the token of its owner"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    app.builds.delete(&id, bearer(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stop a build. If others wait for it too, it goes on for them.
#[utoipa::path(
    post,
    path = "/api/v1/builds/{id}/cancel",
    params(
        ("id" = String, Path, description = "The build"),
        ("Authorization" = String, Header, description = "Bearer and the token that came with the build"),
    ),
    responses(
        (status = 202, description = "It will end, which the events tell"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "It goes on for others"),
    )
)]
pub(super) async fn cancel(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    app.builds.cancel(&id, bearer(&headers)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The files of a stage, as they really are.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}/stages/{stage}/files",
    params(
        ("id" = String, Path, description = "The build"),
        ("stage" = usize, Path, description = "The stage, by its place in the file, from 0"),
    ),
    responses(
        (status = 200, body = FileList),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The build is not over"),
        (status = 501, body = Problem, content_type = "application/problem+json", description = "The engine cannot tell"),
    )
)]
pub(super) async fn files(
    State(app): Shared,
    Extension(Client(address)): Extension<Client>,
    Path((id, stage)): Path<(String, usize)>,
) -> Answer<Response> {
    app.rates.check(Kind::Build, address)?;
    let list = app.builds.files(&id, stage).await?;
    Ok(([no_store()], Json(&*list)).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct At {
    path: Option<String>,
}

/// What is at a path of a stage, as a tar archive.
#[utoipa::path(
    get,
    path = "/api/v1/builds/{id}/stages/{stage}/archive",
    params(
        ("id" = String, Path, description = "The build"),
        ("stage" = usize, Path, description = "The stage, by its place in the file, from 0"),
        ("path" = Option<String>, Query, description = "A file or a directory; / if it is missing"),
    ),
    responses(
        (status = 200, content_type = "application/x-tar", body = Vec<u8>),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "The build is not over"),
        (status = 501, body = Problem, content_type = "application/problem+json", description = "The engine cannot tell"),
    )
)]
pub(super) async fn archive(
    State(app): Shared,
    Extension(Client(address)): Extension<Client>,
    Path((id, stage)): Path<(String, usize)>,
    Query(At { path }): Query<At>,
) -> Answer<Response> {
    app.rates.check(Kind::Build, address)?;
    let path = path.unwrap_or_else(|| "/".to_owned());
    if path.len() > 1024 || path.contains('\0') || path.split('/').any(|name| name == "..") {
        return Err(problem(400, "path", "This is no path within a stage").into());
    }
    let pieces = app.builds.archive(&id, stage, path).await?;
    let body = stream::unfold(pieces, async |mut pieces| pieces.recv().await.map(|piece| (piece, pieces)));
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"stage-{stage}.tar\"")),
        no_store(),
    ];
    Ok((headers, Body::from_stream(Box::pin(body))).into_response())
}

/// Reads what was sent.
pub(super) fn read<T: for<'de> Deserialize<'de>>(
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Box<Problem>> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            problem(413, "too-large", "The request is larger than two mebibytes")
        }
        _ => problem(400, "unreadable", "The request did not arrive as a whole"),
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let mut problem = problem(400, "unreadable", "The request is not of the form that is expected");
        problem.help = Some(error.to_string());
        problem
    })
}

fn bearer(headers: &HeaderMap) -> Result<&str, Box<Problem>> {
    let value = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = value.and_then(|it| it.strip_prefix("Bearer ")).map(str::trim).filter(|it| !it.is_empty());
    token.ok_or_else(|| {
        problem(401, "token", "This needs the token that came with the build, as Authorization: Bearer")
    })
}

pub(super) fn no_store() -> (header::HeaderName, String) {
    (header::CACHE_CONTROL, "no-store".to_owned())
}
