//! The colour scheme, kept for the next visit.

use gloo::storage::{LocalStorage, Storage};
use gloo::utils::document_element;

use crate::state::Theme;

const KEY: &str = "stagelight.theme";

/// What was chosen at the last visit. Without storage (embedded, private windows): as the system has it.
pub(crate) fn stored() -> Theme {
    match LocalStorage::get::<String>(KEY).as_deref() {
        Ok("light") => Theme::Light,
        Ok("dark") => Theme::Dark,
        Ok(_) | Err(_) => Theme::System,
    }
}

/// Shows the scheme and keeps it.
pub(crate) fn apply(theme: Theme) {
    let name = match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    match name {
        Some(name) => {
            let _ = document_element().set_attribute("data-theme", name);
            let _ = LocalStorage::set(KEY, name);
        }
        None => {
            let _ = document_element().remove_attribute("data-theme");
            LocalStorage::delete(KEY);
        }
    }
}
