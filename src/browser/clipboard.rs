//! The clipboard.

use gloo::utils::window;
use wasm_bindgen_futures::JsFuture;

/// Copies `text`; `false` if the browser refuses (no permission, no secure context).
pub(crate) async fn copy(text: String) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(&text)).await.is_ok()
}
