//! How far somebody is with lessons, kept in this browser.
//!
//! Each lesson has a key of its own, and what is done stays done, so tabs never take anything from each other.

use gloo::events::EventListener;
use gloo::storage::{LocalStorage, Storage};
use gloo::utils::window;

use crate::learning::{Mark, Place};

const KEY: &str = "stagelight.lesson.";

/// How far a lesson is; `None` if it has not been begun, or nothing is kept.
pub(crate) fn of(place: &Place) -> Option<Mark> {
    let kept: String = LocalStorage::get(key(place)?).ok()?;
    Mark::ALL.into_iter().find(|mark| mark.id() == kept)
}

/// Keeps how far a lesson is, unless more is kept already.
pub(crate) fn reach(place: &Place, mark: Mark) {
    if let Some(key) = key(place).filter(|_| of(place).is_none_or(|kept| kept < mark)) {
        // A full or forbidden storage takes nothing away from what is on the page.
        let _ = LocalStorage::set(key, mark.id());
    }
}

/// Calls back when another tab has kept something.
pub(crate) fn on_change(callback: impl Fn() + 'static) -> EventListener {
    EventListener::new(&window(), "storage", move |_| callback())
}

fn key(place: &Place) -> Option<String> {
    let id = place.id.as_deref()?;
    Some(format!("{KEY}{}#{id}", place.workshop.as_deref().unwrap_or_default()))
}
