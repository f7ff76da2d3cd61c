//! The size of an element, watched.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver};
use yew::NodeRef;

/// Calls back with width and height, in pixels, now and on each change, until it is dropped.
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Watches the element that `place` refers to, if there is one.
    pub(crate) fn new(place: &NodeRef, on_size: impl Fn(i32, i32) + 'static) -> Option<SizeWatch> {
        let element = place.cast::<HtmlElement>()?;
        let watched = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            on_size(watched.client_width(), watched.client_height());
        });
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(&element);
        Some(SizeWatch { observer, _closure: closure })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
