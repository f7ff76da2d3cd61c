//! Stops builds before they fill the engine's disk, and makes room again, without anybody's help.
//!
//! An engine does not say which build writes how much. What disappears while several run is therefore laid to all of
//! them alike; who ran when most of it went is stopped first, the youngest among equals, and the next one only if the
//! room halves again. Then the engine gives up what it keeps for later builds: as much as is needed, and in the end
//! everything. Until there is room, nothing begins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::build::{End, Failure, Outcome};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::builds::Builds;
use crate::disk::{Ballast, Disk, Room};
use crate::run::Run;

/// What is free is looked at so often while there is too little.
const TICK: Duration = Duration::from_millis(20);
/// An engine takes so long, at most, to let go of what a build that was stopped has written.
const SETTLE: Duration = Duration::from_secs(4);
/// It may take so long to give up what it keeps.
const PRUNE: Duration = Duration::from_secs(60);
/// When nothing helps, it is tried again: at first after so long, then after twice that, and so on.
const AGAIN: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(60);
/// What went so long ago counts half.
const HALF_LIFE: f64 = 2.0;

/// Watches for as long as the server runs.
pub async fn watch(builds: Arc<Builds>, disk: Disk) {
    let mut watch = Watch { builds, disk, ballast: Ballast::default(), blame: Blame::default() };
    watch.ballast.make(&watch.disk);
    let mut before = (Instant::now(), watch.disk.room().unwrap_or_default());
    watch.builds.set_room(before.1);
    loop {
        sleep(before.1.pause()).await;
        let Some(room) = watch.disk.room() else { continue };
        let now = Instant::now();
        watch.builds.set_room(room);
        let seconds = (now - before.0).as_secs_f64();
        watch.blame.note(&watch.builds.running(), before.1.free.saturating_sub(room.free), seconds);
        before = (now, room);
        if room.is_short() {
            watch.make_room().await;
            before = (Instant::now(), watch.disk.room().unwrap_or_default());
        }
    }
}

struct Watch {
    builds: Arc<Builds>,
    disk: Disk,
    ballast: Ballast,
    blame: Blame,
}

impl Watch {
    async fn make_room(&mut self) {
        let start = Instant::now();
        warn!(room = ?self.disk.room(), "the engine's disk is nearly full");
        self.builds.hold(None);
        self.stop_who_writes().await;
        if !self.is_enough_within(Duration::ZERO).await {
            let enough = self.disk.room().map(|room| room.enough());
            self.prune(enough).await;
        }
        if !self.is_enough_within(SETTLE).await {
            self.throw_everything_away().await;
        }
        let mut again = AGAIN;
        while self.disk.room().is_none_or(|room| room.is_short()) {
            let message = "The engine's disk is full, and nothing that it keeps can be thrown away";
            self.builds.hold(Some(message));
            if !self.is_enough_within(again).await {
                again = SELDOM.min(again * 2);
                self.throw_everything_away().await;
            }
        }
        self.ballast.make(&self.disk);
        let room = self.disk.room().unwrap_or_default();
        info!(free = room.free, ms = start.elapsed().as_millis() as u64, "there is room again");
        self.builds.set_room(room);
        self.builds.go_on();
    }

    /// One after the other, each when only half of what the one before left is left. An engine does not always end a
    /// step at once: BuildKit unpacks an archive to its end, whoever has stopped the build.
    async fn stop_who_writes(&mut self) {
        let mut mark = u64::MAX;
        let mut deadline = Instant::now() + SETTLE;
        while Instant::now() < deadline {
            let room = self.look();
            if room.is_enough() {
                return;
            }
            if room.free < mark {
                let Some(run) = self.blame.worst(self.builds.running()) else { return };
                warn!(build = run.id, free = room.free, "is stopped for want of room");
                self.builds.stop(&run, out_of_room()).await;
                mark = room.free / 2;
                deadline = Instant::now() + SETTLE;
            }
            sleep(TICK).await;
        }
    }

    /// Nothing runs and nothing is kept; the ballast goes, so that the engine can write down that it throws things away.
    async fn throw_everything_away(&mut self) {
        self.stop_all().await;
        let had_ballast = self.ballast.is_there();
        if had_ballast && !self.look().is_enough() {
            self.ballast.drop_all();
            info!("the ballast is thrown off");
        }
        self.prune(None).await;
        self.is_enough_within(SETTLE).await;
    }

    async fn prune(&self, free: Option<u64>) {
        let Some(pruning) = self.builds.prune(free) else { return };
        let pruning = timeout(PRUNE, pruning);
        tokio::pin!(pruning);
        let answer = loop {
            tokio::select! {
                answer = &mut pruning => break answer,
                () = sleep(TICK) => if self.look().is_nearly_none() {
                    self.stop_all().await;
                },
            }
        };
        match answer {
            Ok(Ok(bytes)) => info!(bytes, all = free.is_none(), "the engine gave up what it kept"),
            Ok(Err(failure)) => warn!(why = failure.message, "the engine gives up nothing"),
            Err(_) => warn!("the engine takes too long to give things up"),
        }
    }

    async fn stop_all(&self) {
        for run in self.builds.running() {
            if !run.stop.is_used() {
                self.builds.stop(&run, out_of_room()).await;
            }
        }
    }

    async fn is_enough_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        loop {
            if self.look().is_enough() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            sleep(TICK).await;
        }
    }

    fn look(&self) -> Room {
        let room = self.disk.room().unwrap_or_default();
        self.builds.set_room(room);
        room
    }
}

/// How much went while each build ran.
#[derive(Debug, Default)]
struct Blame(BTreeMap<String, f64>);

impl Blame {
    /// So many bytes went in so many seconds, in which these ran.
    fn note(&mut self, running: &[Arc<Run>], bytes: u64, seconds: f64) {
        let kept = 0.5_f64.powf(seconds / HALF_LIFE);
        let share = bytes as f64 / running.len().max(1) as f64;
        let known = std::mem::take(&mut self.0);
        let blame = |id: &str| known.get(id).copied().unwrap_or_default() * kept + share;
        self.0 = running.iter().map(|run| (run.id.clone(), blame(&run.id))).collect();
    }

    /// The one to be stopped first, of those that have not been.
    fn worst(&self, running: Vec<Arc<Run>>) -> Option<Arc<Run>> {
        let blame = |run: &Run| self.0.get(&run.id).copied().unwrap_or_default();
        running
            .into_iter()
            .filter(|run| !run.stop.is_used())
            .max_by(|one, other| blame(one).total_cmp(&blame(other)).then(one.begun.cmp(&other.begun)))
    }
}

fn out_of_room() -> Outcome {
    let failure = Failure {
        code: "disk-full".to_owned(),
        message: "The builder's disk was nearly full, and the build was stopped".to_owned(),
        help: Some("Write less in it; if it does not write much, another one did: build it again".to_owned()),
        ..Failure::default()
    };
    Outcome { end: End::Failed, failure: Some(failure), image: None }
}

#[cfg(test)]
mod tests {
    use protocol::build::Request;

    use super::*;

    #[test]
    fn who_ran_when_most_of_it_went_is_stopped_first() {
        let run = |id: &str| Arc::new(Run::new(id.to_owned(), 0, Request::default()));
        let (old, writer, young) = (run("old"), run("writer"), run("young"));
        let mut blame = Blame::default();
        let mut worst = |running: &[&Arc<Run>], bytes: u64| {
            let running: Vec<_> = running.iter().map(|it| Arc::clone(it)).collect();
            blame.note(&running, bytes, 0.1);
            blame.worst(running).map(|it| it.id.clone())
        };
        // Of two that ran all the time, the younger one.
        assert_eq!(worst(&[&old, &writer], 0).as_deref(), Some("writer"));
        assert_eq!(worst(&[&old, &writer], 1000).as_deref(), Some("writer"));
        // One that came later has less of it.
        assert_eq!(worst(&[&writer, &young], 1000).as_deref(), Some("writer"));
        writer.stop.cancel();
        assert_eq!(worst(&[&writer, &young], 1000).as_deref(), Some("young"));
        assert_eq!(worst(&[], 1000), None);
    }
}
