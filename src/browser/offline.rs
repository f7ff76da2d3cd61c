//! Days without a network: the site is kept in the browser, and a newer version of it announces itself.

use wasm_bindgen::prelude::*;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/www/offline.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    /// Has the site kept, and calls back when there is a newer version than that of the page.
    fn watch(on_newer: &Closure<dyn FnMut()>);

    /// Shows the newer version in place of the page.
    #[wasm_bindgen(js_name = reload)]
    fn show_newer();
}

/// Has the site kept once the page is loaded. Calls back, perhaps more than once, when there is a newer version.
pub(crate) fn keep(on_newer: impl Fn() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(on_newer);
    watch(&closure);
    // Versions come for as long as the page is open.
    closure.forget();
}

/// Shows the newer version in place of the page.
pub(crate) fn reload() {
    show_newer();
}
