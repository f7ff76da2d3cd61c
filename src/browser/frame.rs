//! The time after the next frame, for work that what is on the screen need not wait for.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use gloo::utils::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls once after the browser has painted next, unless it is dropped before.
pub(crate) struct AfterFrame {
    frame: i32,
    timeout: Rc<RefCell<Option<Timeout>>>,
    _closure: Closure<dyn FnMut()>,
}

impl AfterFrame {
    pub(crate) fn new(then: impl FnOnce() + 'static) -> Option<AfterFrame> {
        let timeout = Rc::new(RefCell::new(None));
        let closure = {
            let timeout = timeout.clone();
            // What is asked for in a frame comes before its painting, a task of its own after it.
            Closure::once(move || *timeout.borrow_mut() = Some(Timeout::new(0, then)))
        };
        let frame = window().request_animation_frame(closure.as_ref().unchecked_ref()).ok()?;
        Some(AfterFrame { frame, timeout, _closure: closure })
    }
}

impl Drop for AfterFrame {
    fn drop(&mut self) {
        let _ = window().cancel_animation_frame(self.frame);
        self.timeout.borrow_mut().take();
    }
}
