//! Who may ask, looked at before anything else: by which name, from which page, with what.
//!
//! A server on somebody's own machine is reached by every page that is open in the browser there. So the name has to be
//! ours, or a page could have its own name point here; a page of another origin may neither change anything nor read
//! streams; and what changes something is JSON, which forms cannot send. What we answer says what browsers may do with it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::build::Problem;
use tokio::time::timeout;

use crate::builds::problem;
use crate::http::App;
use crate::http::problem::Refused;
use crate::http::rates::network;
use crate::listen::Peer;
use crate::settings::Settings;

/// So long a request may take to arrive and be answered, streams and archives aside.
const PATIENCE: Duration = Duration::from_secs(180);
/// And one that changes something.
const CHANGE: Duration = Duration::from_secs(20);

/// Who asks: an address, behind proxies that are believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

pub(crate) async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.as_ref().filter(|it| is_allowed(&app.settings, it)).cloned();
    let mut response = match check(&app.settings, &request) {
        Err(refused) => {
            app.builds.metrics.count("stagelight_requests_refused_total", &refused.code, 1);
            Refused(refused).into_response()
        }
        Ok(()) if request.method() == Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => {
            let client = client(&app.settings, &request);
            request.extensions_mut().insert(Client(client));
            let patience = if request.method() == Method::GET { PATIENCE } else { CHANGE };
            match timeout(patience, next.run(request)).await {
                Ok(response) => response,
                Err(_) => Refused(problem(408, "time", "This took too long")).into_response(),
            }
        }
    };
    protect(response.headers_mut(), &app.settings);
    if let Some(origin) = allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in CORS {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

const CORS: [(HeaderName, &str); 4] = [
    (header::VARY, "origin"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, content-type, idempotency-key, last-event-id, x-stagelight-token",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
];

fn check(settings: &Settings, request: &Request) -> Result<(), Box<Problem>> {
    let host = host(request).ok_or_else(|| problem(400, "host", "The request does not say whom it asks"))?;
    if !is_ours(settings, &host) {
        let mut problem = problem(421, "host", "The server is not known by this name");
        problem.help = Some("Whoever runs it can add the name: --host NAME".to_owned());
        return Err(problem);
    }
    let headers = request.headers();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_api = request.uri().path().starts_with("/api/");
    if is_api || changes {
        let own = |origin: &HeaderValue| {
            let origin = origin.to_str().unwrap_or_default();
            let name = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            name.is_some_and(|name| name.eq_ignore_ascii_case(&host))
        };
        let foreign = match headers.get(header::ORIGIN) {
            Some(origin) => !own(origin) && !is_allowed(settings, origin),
            // Browsers say so of what has no origin too, as pictures and frames.
            None => headers.get("sec-fetch-site").is_some_and(|it| it == "cross-site" || it == "same-site"),
        };
        if foreign {
            let mut problem = problem(403, "origin", "Pages of other sites may not ask this");
            problem.help = Some("Whoever runs the server can allow a site: --allow-origin ORIGIN".to_owned());
            return Err(problem);
        }
    }
    let is_json = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
    };
    if *request.method() == Method::POST && !headers.get(header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(problem(415, "content-type", "What is sent has to be application/json"));
    }
    Ok(())
}

/// The host that is asked, with its port.
fn host(request: &Request) -> Option<String> {
    let of_address = |uri: &Uri| uri.authority().map(|it| it.as_str().to_owned());
    let mut named = request.headers().get_all(header::HOST).iter();
    match (named.next(), named.next()) {
        (Some(host), None) => host.to_str().ok().map(str::to_owned),
        (None, _) => of_address(request.uri()),
        (Some(_), Some(_)) => None,
    }
}

/// Whether a name is one of ours, whatever the port.
fn is_ours(settings: &Settings, host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if settings.hosts.iter().any(|it| it.eq_ignore_ascii_case(name)) {
        return true;
    }
    let listens = settings.listen.ip();
    match name.parse::<IpAddr>() {
        // An address as a name can belong to no page but ours.
        Ok(address) => {
            address == listens || listens.is_unspecified() || address.is_loopback() && listens.is_loopback()
        }
        Err(_) => {
            let is_local = name.eq_ignore_ascii_case("localhost");
            is_local && (listens.is_loopback() || listens.is_unspecified())
        }
    }
}

fn is_allowed(settings: &Settings, origin: &HeaderValue) -> bool {
    settings.allow_origin.iter().any(|it| origin.as_bytes().eq_ignore_ascii_case(it.as_bytes()))
}

/// The nearest address that is no proxy of ours.
fn client(settings: &Settings, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |it| it.0);
    let is_proxy = |address: &IpAddr| settings.trust_proxy.contains(address);
    if !is_proxy(&peer) {
        return network(peer);
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let named: Vec<&str> =
        forwarded.iter().filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(',')).collect();
    let mut client = peer;
    for name in named.into_iter().rev() {
        let Ok(address) = name.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !is_proxy(&client) {
            break;
        }
    }
    network(client)
}

/// What browsers may do with an answer. A page brings a policy of its own.
fn protect(headers: &mut HeaderMap, settings: &Settings) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The files of the site are for other pages where the site is embedded; who may embed it is said once.
    let sharing = if settings.allow_origin.is_empty() { "same-origin" } else { "cross-origin" };
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static(sharing));
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = "default-src 'none'; frame-ancestors 'none'";
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(nothing));
    }
}
