//! Dialogs over the page: the browser keeps the focus in them, and gives it back.

use gloo::events::EventListener;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;
use yew::{MouseEvent, TargetCast};

/// A dialog that is shown for as long as this is kept.
pub(crate) struct Shown {
    _listener: EventListener,
}

/// Shows the dialog called `id`, and calls back when it has been closed, however that was done.
pub(crate) fn show(id: &str, on_close: impl Fn() + 'static) -> Option<Shown> {
    let dialog = find(id)?;
    let _ = dialog.show_modal();
    Some(Shown { _listener: EventListener::new(&dialog, "close", move |_| on_close()) })
}

/// Closes it.
pub(crate) fn close(id: &str) {
    if let Some(dialog) = find(id) {
        dialog.close();
    }
}

/// Whether a click was on what lies around the dialog.
pub(crate) fn is_around(event: &MouseEvent) -> bool {
    event.target_dyn_into::<HtmlDialogElement>().is_some()
}

fn find(id: &str) -> Option<HtmlDialogElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
