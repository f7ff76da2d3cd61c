//! The pure core of Stagelight: text in, values out.
//!
//! The pipeline, recomputed from the whole text on each change:
//!
//! ```text
//! text ──syntax::parse──► Parse ──stages::resolve──► StageGraph ──queries::cut──► Cut
//!                                                        └──draw::layout──► Scene ──export──► SVG …
//! ```
//!
//! No I/O, no clock, no dependency. Places are byte ranges; lines and columns exist at the edges only.
#![warn(missing_docs)]

pub mod context;
pub mod edit;
pub mod ignore;
pub mod suggest;
pub mod text;

pub mod syntax;

pub mod stages;

pub mod queries;

pub mod checks;

pub mod refactor;

pub mod assist;

pub mod draw;

pub mod export;
