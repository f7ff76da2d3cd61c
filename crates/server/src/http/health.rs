//! How the server is.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::build::Health;

use crate::http::Shared;
use crate::http::builds::no_store;

/// What the server can do.
#[utoipa::path(get, path = "/api/health", responses((status = 200, body = Health)))]
pub(super) async fn health(State(app): Shared) -> Response {
    ([no_store()], Json(app.builds.health())).into_response()
}

/// Whether it can do its work: 503 if it cannot.
#[utoipa::path(
    get,
    path = "/api/ready",
    responses((status = 204, description = "It is ready"), (status = 503, description = "It is not"))
)]
pub(super) async fn ready(State(app): Shared) -> StatusCode {
    let is_troubled = app.builds.health().trouble.is_some();
    match !is_troubled && app.builds.store().is_ready().await {
        true => StatusCode::NO_CONTENT,
        false => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What is counted, for Prometheus.
#[utoipa::path(get, path = "/metrics", responses((status = 200, content_type = "text/plain", body = String)))]
pub(super) async fn metrics(State(app): Shared) -> Response {
    let health = app.builds.health();
    let streams: usize = {
        let streams = app.streams.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        streams.values().sum()
    };
    let mut gauges = vec![
        ("stagelight_builds_running", "Builds that run", health.running as f64),
        ("stagelight_builds_waiting", "Builds that wait", health.queued as f64),
        ("stagelight_streams", "Streams of events that are open", streams as f64),
        ("stagelight_engine_up", "Whether the engine answers", f64::from(u8::from(health.engine.is_some()))),
    ];
    if let Some(room) = health.disk {
        gauges.extend([
            (
                "stagelight_engine_disk_free_bytes",
                "Bytes that are free on the engine's disk",
                room.free as f64,
            ),
            ("stagelight_engine_disk_reserve_bytes", "Bytes that have to be free there", room.reserve as f64),
            (
                "stagelight_engine_disk_short",
                "Whether builds wait until there is room",
                f64::from(u8::from(room.short)),
            ),
        ]);
    }
    let text = app.builds.metrics.text(&gauges);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8".to_owned()), no_store()], text)
        .into_response()
}

/// This description.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    responses((status = 200, content_type = "application/json", body = String))
)]
pub(super) async fn openapi(State(app): Shared) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.description.clone()).into_response()
}
