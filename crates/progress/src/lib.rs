//! A real build, held against what was foretold: how far it has come, and where the two differ.
//!
//! Text and events in, values out: the application, the server and the tests use the same.
#![warn(missing_docs)]

pub mod beside;
pub mod fold;
pub mod mapping;
mod step_name;
pub mod timeline;
pub mod verdict;
pub mod vertices;

use std::collections::BTreeMap;

use dockerfile::stages::BuildOptions;
use protocol::build::Request;

/// The options of the core for a build that is asked for. `builder` is the platform of the engine.
pub fn options(request: &Request, builder: &str) -> BuildOptions {
    let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter().collect();
    BuildOptions {
        build_args: pairs(&request.args),
        build_platform: builder.to_owned(),
        target_platform: request.platform.clone().unwrap_or_else(|| builder.to_owned()),
        target: request.target.clone(),
        contexts: pairs(&request.contexts),
        ..BuildOptions::default()
    }
}
