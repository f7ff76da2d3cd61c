//! The JavaScript side of the editor, `www/editor/editor.js`, as Rust sees it. Offsets are UTF-16 units.

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::host::Host;

// Natively nothing is bound, and the bundle need not exist: a plain `cargo build` does without Node.js.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/www/generated/editor.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    /// A CodeMirror view in an element.
    pub(super) type Editor;

    /// The editor calls `host` from then on, and gives it free at its end.
    #[wasm_bindgen(constructor)]
    pub(super) fn new(parent: &HtmlElement, text: &str, label: &str, host: Host) -> Editor;

    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Editor, text: &str);

    /// What is said of the text; `None` leaves a kind as it is, and what is shown already is no work.
    #[wasm_bindgen(method)]
    pub(super) fn mark(
        this: &Editor,
        tokens: Option<Vec<u32>>,
        problems: Option<String>,
        dark: Option<Vec<u32>>,
        lit: Option<Vec<u32>>,
    );

    #[wasm_bindgen(method)]
    pub(super) fn reveal(this: &Editor, line: u32);

    #[wasm_bindgen(method, js_name = goTo)]
    pub(super) fn go_to(this: &Editor, offset: u32);

    /// Changes the text as if somebody had typed it. JSON: `[{from, to, insert}]`, offsets of the text as it is.
    #[wasm_bindgen(method)]
    pub(super) fn edit(this: &Editor, changes: &str);

    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &Editor);
}
