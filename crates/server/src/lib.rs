//! Serves the site and, with an engine, builds for it.
//!
//! A build is one append-only list of events ([`log`]). A [`builds::Builds`] takes requests, refuses what `policy` does
//! not let through, lets them wait their turn ([`queue`]) and runs them ([`run`]); the [`store`] keeps what happened, so
//! that a server that dies in the middle can say so when it comes back. [`http`] is the only part that knows HTTP.
//! Nothing here knows which engine builds: that is `engine`.
#![warn(missing_docs)]

pub mod builds;
pub mod disk;
mod engines;
pub mod http;
pub mod ids;
pub mod listen;
pub mod log;
pub mod metrics;
mod patient;
pub mod queue;
mod recorder;
pub mod run;
pub mod self_test;
mod serve;
pub mod settings;
pub mod site;
pub mod store;
pub mod watch;

pub use serve::start;
