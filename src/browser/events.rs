//! What panels need from events and elements, so that they need not know the browser's types.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlSelectElement, ScrollIntoViewOptions, ScrollLogicalPosition, SvgElement};
use yew::{Event, TargetCast};

/// The value of the `<select>` that was changed.
pub(crate) fn selected(event: &Event) -> String {
    event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
}

/// Puts a `<select>` back to its first entry, for menus that act and then show their title again.
pub(crate) fn reset_select(event: &Event) {
    if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
        select.set_selected_index(0);
    }
}

/// Scrolls as little as needed to show the element called `id`.
pub(crate) fn reveal(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_inline(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Moves the keyboard focus to the element of the drawing called `id`; the browser scrolls it into view.
pub(crate) fn focus_drawn(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<SvgElement>()) {
        let _ = element.focus();
    }
}
