//! The only place, beside the editor bridge, that touches the browser.
//!
//! Everything here is called from effects and event handlers, never while rendering.

pub(crate) mod clipboard;
pub(crate) mod dialog;
pub(crate) mod events;
pub(crate) mod fetch;
pub(crate) mod files;
pub(crate) mod folder;
pub(crate) mod frame;
pub(crate) mod history;
pub(crate) mod lessons;
pub(crate) mod location;
mod modules;
pub(crate) mod offline;
pub(crate) mod pan;
pub(crate) mod png;
pub(crate) mod progress;
pub(crate) mod reader;
pub(crate) mod server;
pub(crate) mod size;
pub(crate) mod theme;

pub(crate) use gloo::timers::callback::Timeout;
