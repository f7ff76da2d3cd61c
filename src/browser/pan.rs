//! Moving a scrolled element by dragging its background with the mouse. Touch and keys scroll by themselves.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::window;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};
use yew::NodeRef;

/// Drags until it is dropped.
pub(crate) struct Pan {
    _listeners: [EventListener; 3],
}

impl Pan {
    /// Lets the element that `place` refers to be dragged, if there is one.
    pub(crate) fn new(place: &NodeRef) -> Option<Pan> {
        let element = place.cast::<HtmlElement>()?;
        // Where the mouse was when it last moved, while it drags.
        let last: Rc<Cell<Option<(i32, i32)>>> = Rc::default();
        let down = {
            let (element, last) = (element.clone(), last.clone());
            let active = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&element.clone(), "mousedown", active, move |event| {
                let Some(event) = event.dyn_ref::<MouseEvent>() else { return };
                let on_card = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                let on_card = on_card.is_some_and(|target| {
                    target.closest(".card, .source, .edge-line").is_ok_and(|card| card.is_some())
                });
                if event.button() == 0 && !on_card {
                    event.prevent_default();
                    last.set(Some((event.client_x(), event.client_y())));
                    let _ = element.class_list().add_1("dragging");
                }
            })
        };
        let motion = {
            let (element, last) = (element.clone(), last.clone());
            EventListener::new(&window(), "mousemove", move |event| {
                if let (Some(event), Some((x, y))) = (event.dyn_ref::<MouseEvent>(), last.get()) {
                    element.set_scroll_left(element.scroll_left() + x - event.client_x());
                    element.set_scroll_top(element.scroll_top() + y - event.client_y());
                    last.set(Some((event.client_x(), event.client_y())));
                }
            })
        };
        let up = EventListener::new(&window(), "mouseup", move |_| {
            last.set(None);
            let _ = element.class_list().remove_1("dragging");
        });
        Some(Pan { _listeners: [down, motion, up] })
    }
}
