//! The address bar: the fragment holds what the page shows.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::window;
use protocol::Playground;
use protocol::link::{self, LinkError};
use wasm_bindgen::JsValue;
use web_sys::UrlSearchParams;

use crate::learning::Place;
use crate::share::LONGEST;

/// What the address holds; `None` if it has no fragment.
pub(crate) fn read() -> Option<Result<Playground, LinkError>> {
    link::decode(&window().location().hash().unwrap_or_default())
}

/// What can be saved of the address if it is damaged.
pub(crate) fn saved() -> Option<String> {
    let fragment = window().location().hash().unwrap_or_default();
    link::decode(&fragment)?.is_err().then(|| link::salvage(&fragment))?
}

/// Writes the fragment in place: no entry in the history, no event. Returns whether the text fits a link;
/// if not, the fragment is taken away, so that no old text stays in the address.
pub(crate) fn write(playground: &Playground) -> bool {
    let fragment = link::encode(playground);
    let fits = fragment.len() <= LONGEST;
    let address = if fits { format!("#{fragment}") } else { path() };
    if let Ok(history) = window().history() {
        // A browser may refuse when it is asked too often; the next change writes again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    fits
}

/// The address of the page, without anything that says what it shows.
pub(crate) fn base() -> String {
    let location = window().location();
    location.origin().unwrap_or_default() + &location.pathname().unwrap_or_default()
}

/// The address of a text that the page is asked to open: `?url=…`.
pub(crate) fn asked_for() -> Option<String> {
    let query = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&query).ok()?.get("url")
}

/// The build that the page is asked to show: `?build=…`.
pub(crate) fn build() -> Option<String> {
    let query = window().location().search().ok()?;
    UrlSearchParams::new_with_str(&query).ok()?.get("build").filter(|id| !id.is_empty())
}

/// The lesson that the page is asked to show: `?lesson=…`, `?workshop=…` or both.
pub(crate) fn lesson() -> Option<Place> {
    let query = UrlSearchParams::new_with_str(&window().location().search().ok()?).ok()?;
    let value = |name| query.get(name).filter(|it| !it.is_empty()).map(Rc::from);
    let is_asked = query.get("lesson").or_else(|| query.get("workshop")).is_some();
    is_asked.then(|| Place { workshop: value("workshop"), id: value("lesson") })
}

fn path() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Calls back when the person opens another link in the same page.
pub(crate) fn on_change(callback: impl Fn() + 'static) -> EventListener {
    EventListener::new(&window(), "hashchange", move |_| callback())
}
