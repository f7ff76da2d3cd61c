//! Text files that somebody opens, and files that the page makes.

use gloo::utils::document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::js_sys::Array;
use web_sys::{Blob, BlobPropertyBag, File, FileList, HtmlElement, HtmlInputElement, Url};
use yew::{DragEvent, Event, TargetCast};

use crate::opening::Named;

/// More files than this are not read at once.
const MAX_FILES: u32 = 20;

/// Larger files are no Dockerfiles.
pub(crate) const MAX_BYTES: f64 = 2e6;

/// The files that were chosen with an `<input>`.
pub(crate) fn chosen(event: &Event, then: impl FnOnce(Vec<Named>) + 'static) {
    let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
    let files = input.files().map_or(Vec::new(), |list| listed(&list));
    // The same file can be chosen again.
    input.set_value("");
    read(files, then);
}

/// The files that were dropped. Whether there are any is known at once; then the browser must not show them itself.
pub(crate) fn dropped(event: &DragEvent, then: impl FnOnce(Vec<Named>) + 'static) -> bool {
    let files = event.data_transfer().and_then(|it| it.files()).map_or(Vec::new(), |list| listed(&list));
    let are_there = !files.is_empty();
    if are_there {
        event.prevent_default();
        read(files, then);
    }
    are_there
}

fn listed(list: &FileList) -> Vec<File> {
    (0..list.length().min(MAX_FILES)).filter_map(|at| list.get(at)).collect()
}

fn read(files: Vec<File>, then: impl FnOnce(Vec<Named>) + 'static) {
    spawn_local(async move {
        let mut named = Vec::new();
        for file in files {
            let text = text(&file).await;
            named.push((file.name(), text));
        }
        then(named);
    });
}

/// What stands in a file; `None` if it is too large, or cannot be read.
pub(crate) async fn text(file: &File) -> Option<String> {
    let text = (file.size() <= MAX_BYTES).then(|| file.text())?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Gives the person a file with a text, as a download.
pub(crate) fn save(name: &str, media_type: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&JsValue::from_str(text));
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// The same with anything.
pub(crate) fn save_blob(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    let link = document().create_element("a").ok().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let _ = link.set_attribute("href", &address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    let _ = Url::revoke_object_url(&address);
}
