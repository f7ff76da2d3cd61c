//! What crosses a wire or sits in a link: versioned, and the only types that are serialized.
#![warn(missing_docs)]

pub mod facts;
pub mod link;

use serde::{Deserialize, Serialize};

/// What a person sees and can hand on: the text and what is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playground {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The stage asked for with `--target`; `None` for the default, the last stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}
