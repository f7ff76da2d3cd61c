//! The parts of the page. Each gets the state and gives HTML; none calls the parser or the browser.

pub(crate) mod arguments;
pub(crate) mod bar;
pub(crate) mod build;
pub(crate) mod builds;
pub(crate) mod cache;
pub(crate) mod card;
pub(crate) mod checks;
pub(crate) mod command;
pub(crate) mod context;
pub(crate) mod copy;
pub(crate) mod diff;
pub(crate) mod drawer;
pub(crate) mod field;
pub(crate) mod files;
pub(crate) mod image;
pub(crate) mod learn;
pub(crate) mod legend;
pub(crate) mod lens;
pub(crate) mod line;
pub(crate) mod newer;
pub(crate) mod picture;
pub(crate) mod plan;
pub(crate) mod problems;
pub(crate) mod twin;

use yew::prelude::*;

use crate::state::Snapshot;

/// What a panel gets.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Snapshot,
}
