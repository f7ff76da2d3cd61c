//! The Stagelight playground: a shell around the core, in the browser.
//!
//! One [`State`](state::State), one [`Action`](state::Action), one reducer; everything shown is a function of
//! the state. The browser is touched under `browser` and `editor` alone.

mod analysis;
mod ansi;
mod app;
mod asked;
mod beside;
mod browser;
mod building;
mod changed;
mod coloured;
mod dialogs;
mod editor;
mod examples;
mod learning;
mod markdown;
mod opening;
mod panels;
mod share;
mod state;

/// Mounts the application in the page.
pub fn start() {
    yew::Renderer::<app::App>::new().render();
}
