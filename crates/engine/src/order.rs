//! What an engine gets to do: the request, and what it may use.

use protocol::build::Request;

/// A build as an engine gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What is asked for.
    pub request: Request,
    /// What it may use.
    pub rules: Rules,
}

/// What a build may use. By default that is as little as there is: no network, no downloads, and any image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether RUN may use the network.
    pub network: bool,
    /// Whether ADD may download, and whether a context may be a repository.
    pub downloads: bool,
    /// The images that may be used, `busybox`, `debian:bookworm-slim` or `example.org/team/*`; `None` for any.
    pub images: Option<Vec<String>>,
    /// Whose cache mounts are used: builds of another name do not see them.
    pub cache_namespace: String,
    /// How many bytes of output of each step are told. 0 is no limit.
    pub log_bytes: u64,
    /// How much memory each step may take, in bytes, of an engine that can bound that. 0 is no limit.
    pub step_memory: u64,
    /// How much processor time each step may take, in hundredths of a processor, of an engine that can bound that. 0 is
    /// no limit.
    pub step_processors: u32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            network: false,
            downloads: false,
            images: None,
            cache_namespace: String::new(),
            log_bytes: 4 << 20,
            step_memory: 0,
            step_processors: 0,
        }
    }
}
