//! The address bar: the fragment holds what the page shows.

use gloo::events::EventListener;
use gloo::utils::window;
use protocol::Playground;
use protocol::link::{self, LinkError};
use wasm_bindgen::JsValue;

/// Longer links are cut off by too many programs, and writing them on each pause costs too much.
const MAX_LINK: usize = 60_000;

/// What the address holds; `None` if it has no fragment.
pub(crate) fn read() -> Option<Result<Playground, LinkError>> {
    link::decode(&window().location().hash().unwrap_or_default())
}

/// Writes the fragment in place: no entry in the history, no event. Returns whether the text fits a link;
/// if not, the fragment is taken away, so that no old text stays in the address.
pub(crate) fn write(playground: &Playground) -> bool {
    let fragment = link::encode(playground);
    let fits = fragment.len() <= MAX_LINK;
    let address = if fits { format!("#{fragment}") } else { path() };
    if let Ok(history) = window().history() {
        // A browser may refuse when it is asked too often; the next change writes again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    fits
}

/// The whole address as it is.
pub(crate) fn href() -> String {
    window().location().href().unwrap_or_default()
}

fn path() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Calls back when the person opens another link in the same page.
pub(crate) fn on_change(callback: impl Fn() + 'static) -> EventListener {
    EventListener::new(&window(), "hashchange", move |_| callback())
}
