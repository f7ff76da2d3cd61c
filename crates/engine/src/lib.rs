//! Real builds: what every engine can be asked, BuildKit, and the replay of recordings.
//!
//! Nothing else in the project knows Docker or BuildKit. What is said of a build is `protocol::build` alone. This crate
//! is for servers and commands; it never comes into the page.
#![warn(missing_docs)]

pub mod buildkit;
mod order;
pub mod replay;
mod sink;
mod stop;

use std::path::PathBuf;

use async_trait::async_trait;
use protocol::build::{Abilities, EngineName, Failure, FileList, Outcome, StageSize};
use tokio::sync::mpsc;

pub use order::{Order, Rules};
pub use sink::{Sink, channel};
pub use stop::Stop;

/// Something that builds.
///
/// Dropping a future that one of these functions gave stops whatever it had begun.
#[async_trait]
pub trait Engine: Send + Sync {
    /// What it is and what it can do.
    async fn probe(&self) -> Result<Info, Failure>;

    /// Builds, and tells all that happens. The last event is [`protocol::build::What::Finished`], of which there is
    /// exactly one, with the outcome that is also given back.
    async fn build(&self, order: &Order, sink: Sink, stop: &Stop) -> Outcome;

    /// How large stages have become, by their places in the file. They are built if they are not in the cache.
    async fn sizes(&self, order: &Order, stages: &[usize]) -> Result<Vec<StageSize>, Failure>;

    /// The files of a stage, at most `limit` of them. The stage is built if it is not in the cache.
    async fn files(&self, order: &Order, stage: usize, limit: usize) -> Result<FileList, Failure>;

    /// What is at a path of a stage, as a tar archive in pieces, at most `limit` bytes of it. The stage is built if it
    /// is not in the cache.
    async fn archive(
        &self,
        order: &Order,
        stage: usize,
        path: &str,
        limit: u64,
        to: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Failure>;

    /// Gives up what it keeps for later builds: until so many bytes are free where it keeps that, or all of it. What
    /// builds need that run stays. Says how many bytes that were.
    async fn prune(&self, free: Option<u64>) -> Result<u64, Failure> {
        let _ = free;
        Err(failure("unable", "It keeps nothing for later"))
    }
}

/// What an engine is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// By what name it is told to people.
    pub name: EngineName,
    /// What it can do.
    pub abilities: Abilities,
    /// The platform it builds for if none is asked for.
    pub platform: String,
    /// The version of its BuildKit, as far as it says so.
    pub buildkit: Option<String>,
    /// The folders of this machine that builds fill. Empty if it is on another machine, or does not say.
    pub folders: Vec<PathBuf>,
}

/// A failure without a place.
pub(crate) fn failure(code: &str, message: impl Into<String>) -> Failure {
    Failure { code: code.to_owned(), message: message.into(), ..Failure::default() }
}
