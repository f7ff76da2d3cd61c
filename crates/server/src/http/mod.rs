//! The server as others see it: addresses, what they answer, and who may ask.
//!
//! `protocol::build` is the contract. The description of the API is made from the functions that answer, so an address
//! cannot be in one and not in the other.

mod builds;
mod events;
mod guard;
mod health;
mod links;
mod pages;
mod problem;
mod rates;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::builds::Builds;
use crate::settings::Settings;
use crate::site::Site;
use rates::Rates;

/// Bytes of a request.
const MAX_BODY: usize = 2 << 20;

/// Everything that answers need.
pub struct App {
    builds: Arc<Builds>,
    site: Site,
    settings: Settings,
    rates: Rates,
    /// How many streams each address has open.
    streams: Mutex<HashMap<IpAddr, usize>>,
    description: String,
    /// When it ends, streams end too.
    end: CancellationToken,
}

type Shared = axum::extract::State<Arc<App>>;

/// All addresses.
pub fn router(builds: Arc<Builds>, site: Site, settings: Settings, end: CancellationToken) -> Router {
    let (api, description) = api().split_for_parts();
    let app = Arc::new(App {
        rates: Rates::new(&settings),
        builds,
        site,
        settings,
        streams: Mutex::default(),
        description: description.to_pretty_json().unwrap_or_default(),
        end,
    });
    api.route("/b/{id}", get(pages::build))
        .route("/s/{id}", get(pages::link))
        .route("/enter", get(pages::enter))
        .fallback(pages::file)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app)
}

/// What the API's description says, in the form of OpenAPI.
pub fn description() -> OpenApi {
    api().into_openapi()
}

fn api() -> OpenApiRouter<Arc<App>> {
    let info = InfoBuilder::new()
        .title("Stagelight")
        .version(format!("v{}", protocol::build::VERSION))
        .description(Some("Real builds of Dockerfiles, and short links."))
        .build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(health::openapi))
        .routes(routes!(builds::submit))
        .routes(routes!(builds::record, builds::delete))
        .routes(routes!(builds::cancel))
        .routes(routes!(events::events))
        .routes(routes!(events::lines))
        .routes(routes!(events::log))
        .routes(routes!(builds::files))
        .routes(routes!(builds::archive))
        .routes(routes!(links::shorten))
        .routes(routes!(links::lengthen))
}
