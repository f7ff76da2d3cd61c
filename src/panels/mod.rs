//! The parts of the page. Each gets the state and gives HTML; none calls the parser or the browser.

pub(crate) mod bar;
pub(crate) mod card;
pub(crate) mod legend;
pub(crate) mod lens;
pub(crate) mod picture;
pub(crate) mod problems;
