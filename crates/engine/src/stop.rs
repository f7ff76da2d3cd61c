//! How a build is stopped from outside, and what is then said of it.

use std::sync::Arc;

use protocol::build::{End, Outcome};
use tokio::sync::watch;

/// Stops a build. Copies stop the same one.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<Option<Outcome>>>);

impl Default for Stop {
    fn default() -> Stop {
        Stop(Arc::new(watch::Sender::new(None)))
    }
}

impl Stop {
    /// One that has not been used.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Somebody does not want it any more.
    pub fn cancel(&self) {
        self.with(Outcome { end: End::Cancelled, ..Outcome::default() });
    }

    /// It has to end for a reason, like a limit of time. The first reason counts.
    pub fn with(&self, outcome: Outcome) {
        self.0.send_if_modified(|known| {
            let is_first = known.is_none();
            if is_first {
                *known = Some(outcome);
            }
            is_first
        });
    }

    /// Whether it has been used.
    pub fn is_used(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until it is used, and gives what is then to be said of the build.
    pub async fn used(&self) -> Outcome {
        let mut receiver = self.0.subscribe();
        loop {
            if let Some(outcome) = receiver.borrow_and_update().clone() {
                return outcome;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
