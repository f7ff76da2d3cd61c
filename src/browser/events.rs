//! What panels need from events and elements, so that they need not know the browser's types.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, FocusEvent, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, InputEvent,
    PointerEvent, ScrollIntoViewOptions, ScrollLogicalPosition, SvgElement,
};
use yew::{Event, TargetCast};

/// The value of the `<select>` that was changed.
pub(crate) fn selected(event: &Event) -> String {
    event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
}

/// What is in the `<input>` or the `<textarea>` that was typed into.
pub(crate) fn text(event: &InputEvent) -> String {
    let input = || event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
    let area = || event.target_dyn_into::<HtmlTextAreaElement>().map(|area| area.value());
    input().or_else(area).unwrap_or_default()
}

/// Puts a text into the `<input>` or the `<textarea>` called `id`, if another one is in it.
pub(crate) fn set_text(id: &str, text: &str) {
    let Some(element) = document().get_element_by_id(id) else { return };
    if let Some(input) = element.dyn_ref::<HtmlInputElement>().filter(|it| it.value() != text) {
        input.set_value(text);
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>().filter(|it| it.value() != text) {
        area.set_value(text);
    }
}

/// Selects a line of the `<textarea>` called `id`, from 1, and goes there.
pub(crate) fn select_line(id: &str, line: u32) {
    let area = document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
    let Some(area) = area else { return };
    // Places in it are in units of UTF-16.
    let len = |text: &str| text.encode_utf16().count() as u32;
    let text = area.value();
    let mut lines = text.split('\n');
    let start: u32 = lines.by_ref().take(line.saturating_sub(1) as usize).map(|line| len(line) + 1).sum();
    let end = start + lines.next().map_or(0, len);
    let _ = area.focus();
    let _ = area.set_selection_range(start, end);
    reveal(id);
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

/// Scrolls the element called `id` to its end.
pub(crate) fn scroll_to_end(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_scroll_top(element.scroll_height());
    }
}

/// Moves the keyboard focus to the element of the drawing called `id`; the browser scrolls it into view.
pub(crate) fn focus_drawn(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<SvgElement>()) {
        let _ = element.focus();
    }
}

/// Closes a `<details>` that the focus has left.
pub(crate) fn close_when_left(event: &FocusEvent) {
    let Some(menu) = event.target_dyn_into::<Element>().and_then(|it| it.closest("details").ok().flatten())
    else {
        return;
    };
    let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    // A click beside any control, on a label for one, moves the focus nowhere.
    if next.is_some_and(|next| !menu.contains(Some(&next))) {
        let _ = menu.remove_attribute("open");
    }
}

/// Moves the keyboard focus to the element called `id`.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.as_ref().and_then(|element| element.dyn_ref::<HtmlElement>()) {
        let _ = element.focus();
    }
}

/// Sends all further events of a pointer to the element that it went down on, until it goes up.
pub(crate) fn capture_pointer(event: &PointerEvent) {
    if let Some(element) = event.target_dyn_into::<Element>() {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// While a captured pointer drags an upper edge: how high it then is, in percent of what holds it and its neighbour.
pub(crate) fn dragged_height(event: &PointerEvent) -> Option<i32> {
    let element = event.target_dyn_into::<Element>()?;
    let place = element.closest(".stage-side").ok()??.get_bounding_client_rect();
    let is_dragged = element.has_pointer_capture(event.pointer_id()) && place.height() > 0.0;
    is_dragged
        .then(|| ((place.bottom() - f64::from(event.client_y())) / place.height() * 100.0).round() as i32)
}
