//! Where an engine tells what happens: a bounded channel, whose events are numbered and timed.

use std::time::Instant;

use protocol::build::{Event, What};
use tokio::sync::mpsc;

/// Takes what happens in a build.
#[derive(Debug)]
pub struct Sink {
    start: Instant,
    next: u64,
    last_at: u64,
    sender: mpsc::Sender<Event>,
}

/// A sink and what comes out of it. `start` is when the build was asked for, and `first` the number of the first event.
pub fn channel(capacity: usize, start: Instant, first: u64) -> (Sink, mpsc::Receiver<Event>) {
    let (sender, receiver) = mpsc::channel(capacity.max(1));
    (Sink { start, next: first, last_at: 0, sender }, receiver)
}

impl Sink {
    /// Milliseconds since the build was asked for.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// Tells something that happens now. Waits where there is no room; if nobody listens any more, it is lost.
    pub async fn send(&mut self, what: What) {
        self.send_at(self.now(), what).await;
    }

    /// The same, of another time. Time does not go back.
    pub async fn send_at(&mut self, at: u64, what: What) {
        self.last_at = self.last_at.max(at);
        let event = Event { seq: self.next, at: self.last_at, what };
        self.next += 1;
        self.sender.send(event).await.ok();
    }

    /// Tells something if there is room for it now; else gives it back.
    pub fn offer(&mut self, what: What) -> Option<What> {
        match self.sender.try_reserve() {
            Ok(permit) => {
                self.last_at = self.last_at.max(self.start.elapsed().as_millis() as u64);
                permit.send(Event { seq: self.next, at: self.last_at, what });
                self.next += 1;
                None
            }
            Err(mpsc::error::TrySendError::Full(())) => Some(what),
            Err(mpsc::error::TrySendError::Closed(())) => None,
        }
    }

    /// Waits until there is room. Forever, if nobody listens any more.
    pub async fn room(&self) {
        if self.sender.reserve().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
