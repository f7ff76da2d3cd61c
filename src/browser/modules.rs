//! WASM modules of their own, loaded when they are first asked something.

use wasm_bindgen::prelude::*;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/www/modules.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    /// What a function of a module says to texts. It takes as many of them as it wants.
    #[wasm_bindgen(catch, js_name = ask)]
    async fn ask_module(name: &str, what: &str, a: &str, b: &str, c: &str) -> Result<JsValue, JsValue>;
}

/// What a function of a module says; `None` if the module cannot be loaded, or fails.
pub(super) async fn ask(name: &str, what: &str, [a, b, c]: [&str; 3]) -> Option<String> {
    ask_module(name, what, a, b, c).await.ok()?.as_string()
}
