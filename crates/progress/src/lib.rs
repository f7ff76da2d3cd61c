//! A real build, held against what was foretold: how far it has come, and where the two differ.
//!
//! Text and events in, values out: the application, the server and the tests use the same.
#![warn(missing_docs)]

pub mod fold;
