//! From a request to a build that runs, is watched, and is kept.
//!
//! All that happens to a build goes through here: refused, shared with an equal one, waiting, running, stopped, over. A
//! server that ended while builds ran says so when it comes back ([`Builds::recover`]).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use engine::{Engine, Info, Order, channel};
use policy::{Rules, refusals};
use protocol::build::{
    Accepted, Canary, End, Event, Failure, FileList, Health, Outcome, Problem, Request, What,
};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use tracing::{Instrument, info, info_span, warn};

use crate::disk::Room;
use crate::ids;
use crate::metrics::Metrics;
use crate::queue::Queue;
use crate::recorder::Recorder;
use crate::run::{Run, Status, left_running};
use crate::settings::Building;
use crate::store::Store;

/// What has gathered is told so often.
const FLUSH: Duration = Duration::from_millis(50);
/// And kept so often: what a kill of the server can lose.
const SAVE: Duration = Duration::from_millis(250);
/// Asking how large stages are may take so long.
const SIZES: Duration = Duration::from_secs(20);
/// Listing files may take so long, since the stage may have to be built again.
const FILES: Duration = Duration::from_secs(120);
/// How many builds that are over stay at hand.
const AT_HAND: usize = 16;
/// How many files of a stage are listed.
const MAX_FILES: usize = 20_000;
/// Bytes of a tar.
const MAX_ARCHIVE: u64 = 256 << 20;
/// How many answers to an `Idempotency-Key` are remembered.
const MAX_KEYS: usize = 1000;

/// The builds of a server.
pub struct Builds {
    engine: Option<Arc<dyn Engine>>,
    /// What the engine last said of itself, or why it said nothing.
    info: RwLock<Result<Info, String>>,
    store: Store,
    settings: Building,
    /// What is counted.
    pub metrics: Metrics,
    self_test: Vec<Canary>,
    inner: Mutex<Inner>,
    looks: Semaphore,
    /// Whoever looks into a stage has to end: that may build it again, and there is no room.
    out_of_room: Notify,
}

struct Inner {
    queue: Queue,
    runs: HashMap<String, Arc<Run>>,
    /// Runs that are over, the oldest first.
    over: VecDeque<String>,
    /// The newest run of a request, by its digest.
    equal: HashMap<Vec<u8>, String>,
    keys: Keys,
    ends: bool,
    /// Nothing begins, until there is room.
    is_held: bool,
    /// Why, if that will last.
    held: Option<String>,
    room: Option<Room>,
}

/// What was answered to an `Idempotency-Key` of a client.
#[derive(Default)]
struct Keys {
    answers: HashMap<(String, String), (Vec<u8>, Accepted)>,
    oldest: VecDeque<(String, String)>,
}

/// What a request comes to: accepted, or why not.
pub type Answer<T> = Result<T, Box<Problem>>;

impl Builds {
    /// Begins with an engine, or with none, and `trouble`, why there is none where one was wanted.
    pub fn new(
        engine: Option<Arc<dyn Engine>>,
        trouble: Option<String>,
        store: Store,
        settings: Building,
        self_test: Vec<Canary>,
    ) -> Arc<Builds> {
        let inner = Inner {
            queue: Queue::new(settings.at_once, settings.at_once_per_client),
            runs: HashMap::new(),
            over: VecDeque::new(),
            equal: HashMap::new(),
            keys: Keys::default(),
            ends: false,
            is_held: false,
            held: None,
            room: None,
        };
        Arc::new(Builds {
            engine,
            info: RwLock::new(Err(trouble.unwrap_or_default())),
            store,
            looks: Semaphore::new(settings.at_once.max(1)),
            settings,
            metrics: Metrics::default(),
            self_test,
            inner: Mutex::new(inner),
            out_of_room: Notify::new(),
        })
    }

    /// What is kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Asks the engine what it is.
    pub async fn probe(&self) {
        let Some(engine) = &self.engine else { return };
        let answer = match timeout(Duration::from_secs(10), engine.probe()).await {
            Ok(Ok(info)) => Ok(info),
            Ok(Err(failure)) => Err((failure.message, failure.help)),
            Err(_) => Err(("The engine does not answer".to_owned(), None)),
        };
        let answer = answer.map_err(|(why, help)| {
            warn!(why, help, "the engine cannot be used");
            why
        });
        *self.info.write().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// What the server says of itself.
    pub fn health(&self) -> Health {
        let (running, queued, disk, held) = {
            let inner = self.inner();
            let disk = inner.room.map(|room| protocol::build::Room {
                free: room.free,
                reserve: room.reserve,
                short: inner.is_held,
            });
            (inner.queue.running(), inner.queue.waiting(), disk, inner.held.clone())
        };
        let mut health = Health {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            limits: self.settings.limits.clone(),
            public: self.settings.public,
            images: self.settings.images.clone(),
            downloads: self.settings.downloads,
            running,
            queued,
            disk,
            self_test: self.self_test.clone(),
            ..Health::default()
        };
        match &*self.info.read().unwrap_or_else(PoisonError::into_inner) {
            Ok(info) => {
                health.engine = Some(info.name.clone());
                health.abilities = info.abilities.clone();
                // It fetches whatever it is told to.
                health.abilities.legacy &= !self.settings.public && self.settings.images.is_none();
            }
            Err(why) => health.trouble = (!why.is_empty()).then(|| why.clone()),
        }
        health.trouble = health.trouble.or(held);
        health
    }

    /// Says of the builds that a server before this one left that they were interrupted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recover(&self) -> Result<usize, String> {
        let ids = self.store.unfinished().await?;
        for id in &ids {
            let mut lines = self.store.lines(id).await?;
            let events: Vec<Event> =
                lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            let (mut seq, at) = events.last().map_or((0, 0), |event| (event.seq, event.at));
            let outcome = interrupted("The server stopped while this was built");
            let steps = left_running(&events).into_iter().map(What::Step);
            for what in steps.chain([What::Finished(outcome.clone())]) {
                seq += 1;
                lines
                    .push_str(&serde_json::to_string(&Event { seq, at, what }).map_err(|it| it.to_string())?);
                lines.push('\n');
            }
            self.store.finish(id, &outcome, lines.as_bytes(), seq, self.expiry()).await?;
            self.metrics.ended(End::Interrupted);
            info!(build = id, "was interrupted");
        }
        Ok(ids.len())
    }

    /// Takes a build, or shares one. `key` is the client's own name for the request, so that asking twice is asking once.
    ///
    /// # Errors
    /// Why it is not built.
    pub async fn submit(
        self: &Arc<Self>,
        client: &str,
        request: Request,
        key: Option<&str>,
    ) -> Answer<Accepted> {
        if self.engine.is_none() {
            return Err(no_engine(self.health().trouble));
        }
        let refused = refusals(&request, &Rules::of(&self.health()));
        if !refused.is_empty() {
            for refusal in &refused {
                self.metrics.count("stagelight_refusals_total", &refusal.code, 1);
            }
            let mut problem = problem(422, "refused", "This server does not build that");
            problem.refusals = refused;
            return Err(problem);
        }
        let digest = digest(&request);
        let key = key.map(|key| (client.to_owned(), key.to_owned()));
        let token = ids::token().map_err(|why| trouble(&why))?;
        let run = match self.admit(client, request, &digest, key.as_ref(), &token)? {
            Admitted::Known(accepted) => return Ok(accepted),
            Admitted::New(run) => run,
        };
        if let Err(why) = self.store.add(&run.id, run.created, &run.request, &ids::hash(&token)).await {
            self.forget(&run.id);
            run.finish(interrupted("The build could not be kept"));
            return Err(trouble(&why));
        }
        let accepted = Accepted { id: run.id.clone(), token: Some(token), shared: false };
        {
            let mut inner = self.inner();
            if let Some(key) = key {
                inner.keys.remember(key, digest, accepted.clone());
            }
            // Who has cancelled it in the meantime has shared it and knows its token; it never waits then.
            if !run.stop.is_used() {
                run.wait_behind(inner.queue.waiting());
                inner.queue.push(client, &run.id);
            }
        }
        info!(build = run.id, client, "queued");
        self.pump();
        Ok(accepted)
    }

    /// A build that runs or has run.
    ///
    /// # Errors
    /// When there is none of that id.
    pub async fn run(&self, id: &str) -> Answer<Arc<Run>> {
        if !ids::is_id(id) {
            return Err(no_build());
        }
        if let Some(run) = self.inner().runs.get(id) {
            return Ok(Arc::clone(run));
        }
        let record = self.store.record(id).await.map_err(|why| trouble(&why))?.ok_or_else(no_build)?;
        let lines = self.store.lines(id).await.map_err(|why| trouble(&why))?;
        let mut inner = self.inner();
        // Two who ask at once share the first's.
        if let Some(run) = inner.runs.get(id) {
            return Ok(Arc::clone(run));
        }
        let run = Arc::new(Run::kept(record, &lines));
        inner.runs.insert(id.to_owned(), Arc::clone(&run));
        inner.over(id);
        Ok(run)
    }

    /// Stops a build for the holder of a token. If others want it too, it goes on for them.
    ///
    /// # Errors
    /// When the token is not of this build, or the build goes on.
    pub async fn cancel(&self, id: &str, token: &str) -> Answer<()> {
        let run = self.run(id).await?;
        if run.status() == Status::Finished {
            return match self.is_owner(id, token).await? || run.let_go(token).is_some() {
                true => Ok(()),
                false => Err(not_yours()),
            };
        }
        match run.let_go(token) {
            None => Err(not_yours()),
            Some(0) => {
                self.stop(&run, Outcome { end: End::Cancelled, ..Outcome::default() }).await;
                Ok(())
            }
            Some(_) => {
                let mut problem =
                    problem(409, "shared", "Others wait for this build too, and it goes on for them");
                problem.help = Some("Leave the page: the build needs nobody to watch it".to_owned());
                Err(problem)
            }
        }
    }

    /// Forgets a build, for its owner.
    ///
    /// # Errors
    /// When the token is not its owner's.
    pub async fn delete(&self, id: &str, token: &str) -> Answer<()> {
        let run = self.run(id).await?;
        if !self.is_owner(id, token).await? {
            return Err(not_yours());
        }
        if run.status() != Status::Finished {
            self.stop(&run, Outcome { end: End::Cancelled, ..Outcome::default() }).await;
        }
        self.store.delete(id).await.map_err(|why| trouble(&why))?;
        self.forget(id);
        info!(build = id, "deleted");
        Ok(())
    }

    /// The files of a stage of a build.
    ///
    /// # Errors
    /// When the engine cannot tell.
    pub async fn files(&self, id: &str, stage: usize) -> Answer<Arc<FileList>> {
        let (run, engine) = self.to_look_into(id, stage).await?;
        if let Some(list) = run.files(stage) {
            return Ok(list);
        }
        let _permit = self.looks.acquire().await.map_err(|_| trouble("The server ends"))?;
        if let Some(list) = run.files(stage) {
            return Ok(list);
        }
        let order = self.order(&run);
        tokio::select! {
            biased;
            () = self.out_of_room() => Err(no_room()),
            listed = timeout(FILES, engine.files(&order, stage, MAX_FILES)) => match listed {
                Ok(Ok(list)) => Ok(run.keep_files(list)),
                Ok(Err(failure)) => Err(of_engine(failure)),
                Err(_) => Err(too_slow()),
            },
        }
    }

    /// A tar of what is at a path of a stage, in pieces. An error in the middle ends it early.
    ///
    /// # Errors
    /// When there is nothing to send.
    pub async fn archive(
        self: &Arc<Self>,
        id: &str,
        stage: usize,
        path: String,
    ) -> Answer<mpsc::Receiver<Result<Vec<u8>, std::io::Error>>> {
        let (run, engine) = self.to_look_into(id, stage).await?;
        let (to, mut pieces) = mpsc::channel(8);
        let (out, body) = mpsc::channel(8);
        let builds = Arc::clone(self);
        let (began, first) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let Ok(_permit) = builds.looks.acquire().await else { return };
            let order = builds.order(&run);
            let mut began = Some(began);
            let archive = timeout(FILES, engine.archive(&order, stage, &path, MAX_ARCHIVE, to));
            let forward = async {
                while let Some(piece) = pieces.recv().await {
                    if let Some(began) = began.take() {
                        began.send(Ok(())).ok();
                    }
                    if out.send(Ok(piece)).await.is_err() {
                        break;
                    }
                }
            };
            let both = async { tokio::join!(archive, forward) };
            let problem = tokio::select! {
                biased;
                () = builds.out_of_room() => Some(no_room()),
                (ended, ()) = both => match ended {
                    Ok(Ok(())) => None,
                    Ok(Err(failure)) => Some(of_engine(failure)),
                    Err(_) => Some(too_slow()),
                },
            };
            match (began.take(), problem) {
                (Some(began), Some(problem)) => drop(began.send(Err(problem))),
                (Some(began), None) => drop(began.send(Ok(()))),
                (None, Some(problem)) => drop(out.send(Err(std::io::Error::other(problem.title))).await),
                (None, None) => {}
            }
        });
        match first.await {
            Ok(Ok(())) => Ok(body),
            Ok(Err(problem)) => Err(problem),
            Err(_) => Err(trouble("The engine ended")),
        }
    }

    /// The builds that run.
    pub(crate) fn running(&self) -> Vec<Arc<Run>> {
        let inner = self.inner();
        inner.runs.values().filter(|run| run.status() == Status::Running).cloned().collect()
    }

    /// From now on nothing begins; `trouble` is said as long as that lasts.
    pub(crate) fn hold(&self, trouble: Option<&str>) {
        let mut inner = self.inner();
        if !inner.is_held {
            self.metrics.count("stagelight_disk_short_total", "", 1);
        }
        inner.is_held = true;
        inner.held = trouble.map(str::to_owned);
        drop(inner);
        self.out_of_room.notify_waiters();
    }

    /// What waits may begin again.
    pub(crate) fn go_on(self: &Arc<Self>) {
        {
            let mut inner = self.inner();
            inner.is_held = false;
            inner.held = None;
        }
        self.pump();
    }

    /// So much room the engine has now.
    pub(crate) fn set_room(&self, room: Room) {
        self.inner().room = Some(room);
    }

    /// Has the engine give up what it keeps; `None` if there is none.
    pub(crate) fn prune(
        &self,
        free: Option<u64>,
    ) -> Option<impl Future<Output = Result<u64, Failure>> + use<>> {
        let engine = self.engine.clone()?;
        self.metrics.count("stagelight_prunes_total", "", 1);
        Some(async move { engine.prune(free).await })
    }

    /// Ends when there is no room, also if that is so already.
    async fn out_of_room(&self) {
        let notified = self.out_of_room.notified();
        if !self.inner().is_held {
            notified.await;
        }
    }

    /// Forgets what is past its time.
    pub async fn expire(&self) {
        match self.store.expire(now()).await {
            Ok(0) => {}
            Ok(n) => info!(n, "builds are past their time"),
            Err(why) => warn!(why, "old builds stay"),
        }
    }

    /// Takes no more, and stops what runs, saying that the server ended. Waits until all is kept.
    pub async fn end(&self) {
        let runs: Vec<Arc<Run>> = {
            let mut inner = self.inner();
            inner.ends = true;
            inner.runs.values().filter(|run| run.status() != Status::Finished).cloned().collect()
        };
        for run in &runs {
            self.stop(run, interrupted("The server ended while this was built")).await;
        }
        let all_over = async {
            for run in &runs {
                let mut length = run.log.follow();
                while !length.borrow_and_update().closed && length.changed().await.is_ok() {}
            }
            while self.inner().queue.running() > 0 {
                tokio::time::sleep(FLUSH).await;
            }
        };
        timeout(self.settings.grace + Duration::from_secs(5), all_over).await.ok();
    }

    /// Takes a request in: an equal build that is there, or a new one. In one go, so that of two equal ones that come
    /// at the same time one is new.
    fn admit(
        &self,
        client: &str,
        request: Request,
        digest: &[u8],
        key: Option<&(String, String)>,
        token: &str,
    ) -> Answer<Admitted> {
        let mut inner = self.inner();
        if inner.ends {
            return Err(retry(problem(503, "ending", "The server is about to end"), "Ask again in a minute"));
        }
        if let Some((known, accepted)) = key.and_then(|key| inner.keys.answers.get(key)) {
            if known != digest {
                return Err(problem(422, "idempotency", "This Idempotency-Key was used for another build"));
            }
            return Ok(Admitted::Known(accepted.clone()));
        }
        let equal = inner.equal.get(digest).and_then(|id| inner.runs.get(id));
        if let Some(run) = equal
            && !run.stop.is_used()
        {
            let accepted = |token: Option<&str>| {
                self.metrics.count("stagelight_builds_shared_total", "", 1);
                let token = token.map(str::to_owned);
                Ok(Admitted::Known(Accepted { id: run.id.clone(), token, shared: true }))
            };
            let share = Duration::from_secs(60 * self.settings.share_minutes);
            match run.finished() {
                None => {
                    run.hold(token);
                    return accepted(Some(token));
                }
                Some(finished)
                    if !request.no_cache
                        && finished.elapsed() < share
                        && run.outcome().is_some_and(|it| matches!(it.end, End::Succeeded | End::Failed)) =>
                {
                    return accepted(None);
                }
                Some(_) => {}
            }
        }
        if inner.queue.waiting() >= self.settings.queue {
            let full = problem(429, "queue-full", "Too many builds wait already");
            return Err(retry(full, "Ask again in a minute"));
        }
        if inner.queue.waiting_of(client) >= self.settings.queue_per_client {
            let many = problem(429, "queue-full", "Too many of your builds wait already");
            return Err(retry(many, "Wait until one of them is over, or cancel one"));
        }
        let id = ids::build_id().map_err(|why| trouble(&why))?;
        let run = Arc::new(Run::new(id.clone(), now(), request));
        run.hold(token);
        inner.equal.insert(digest.to_vec(), id.clone());
        inner.runs.insert(id, Arc::clone(&run));
        Ok(Admitted::New(run))
    }

    /// Begins what may begin, and tells the others where they stand.
    fn pump(self: &Arc<Self>) {
        let mut inner = self.inner();
        while !inner.is_held
            && let Some((client, id)) = inner.queue.begin()
        {
            let Some(run) = inner.runs.get(&id).cloned() else {
                inner.queue.done(&client);
                continue;
            };
            run.wait_behind(0);
            run.begin();
            let builds = Arc::clone(self);
            let span = info_span!("build", id = run.id);
            tokio::spawn(async move {
                // Of its own, so that the turn is given back whatever becomes of it.
                let inner = tokio::spawn(Arc::clone(&builds).build(Arc::clone(&run)).instrument(span));
                if inner.await.is_err() {
                    run.finish(interrupted("The server had an accident"));
                    builds.keep(&run).await;
                }
                builds.inner().queue.done(&client);
                builds.pump();
            });
        }
        for (position, id) in inner.queue.order().into_iter().enumerate() {
            if let Some(run) = inner.runs.get(id) {
                run.wait_behind(position);
            }
        }
    }

    /// Runs a build to its end, and keeps it.
    async fn build(self: Arc<Self>, run: Arc<Run>) {
        let Some(engine) = self.engine.clone() else { return };
        let started = Instant::now();
        self.metrics.took("stagelight_queue_seconds", run.begun.elapsed());
        let order = self.order(&run);
        let (sink, mut events) = channel(256, run.begun, 1);
        let stop = run.stop.clone();
        let mut building = {
            let (engine, order, stop) = (Arc::clone(&engine), order.clone(), stop.clone());
            tokio::spawn(async move { engine.build(&order, sink, &stop).await })
        };
        let limits = &self.settings.limits;
        let mut recorder = Recorder::new(&run, limits.log_bytes);
        let mut saved = 0;
        let mut flush = every(FLUSH);
        let mut save = every(SAVE);
        let mut count = every(Duration::from_secs(1));
        let until = |seconds: u64| tokio::time::Instant::now() + time(seconds);
        let deadline = until(limits.seconds);
        let mut silence = until(limits.idle_seconds);
        let mut asked: Option<Instant> = None;
        let mut patience = until(0);
        let stopped = stop.used();
        tokio::pin!(stopped);
        let mut outcome = loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => {
                        if saved == 0 && asked.is_none() && matches!(event.what, What::Started { .. }) {
                            self.metrics.took("stagelight_first_event_seconds", run.begun.elapsed());
                        }
                        silence = until(limits.idle_seconds);
                        recorder.take(event.at, event.what);
                    }
                    None => break match timeout(self.settings.grace, &mut building).await {
                        Ok(Ok(outcome)) => outcome,
                        Ok(Err(_)) => interrupted("The engine had an accident"),
                        Err(_) => interrupted("The engine did not end"),
                    },
                },
                _ = flush.tick() => recorder.flush(),
                _ = count.tick() => recorder.count(),
                _ = save.tick() => self.save(&run, &mut saved).await,
                () = sleep_until(deadline), if asked.is_none() => {
                    stop.with(timed_out(format!("The build took more than {} seconds", limits.seconds)));
                }
                () = sleep_until(silence), if asked.is_none() => {
                    stop.with(timed_out(format!("The build was silent for {} seconds", limits.idle_seconds)));
                }
                outcome = &mut stopped, if asked.is_none() => {
                    info!(end = ?outcome.end, "asked to stop");
                    asked = Some(Instant::now());
                    patience = tokio::time::Instant::now() + self.settings.grace;
                }
                () = sleep_until(patience), if asked.is_some() => break interrupted("The engine did not end"),
            }
        };
        building.abort();
        if let Some(asked) = asked {
            self.metrics.took("stagelight_cancel_seconds", asked.elapsed());
            // What was asked for is said, whatever the engine made of it.
            if outcome.end != End::Succeeded {
                outcome = stop.used().await;
            }
        }
        recorder.flush();
        recorder.count();
        if outcome.end == End::Succeeded && !recorder.has_sizes && self.health().abilities.sizes {
            let stages: Vec<usize> = std::mem::take(&mut recorder.stages).into_iter().collect();
            // A file may be small where it is and large to pack.
            let patience = SIZES.min(time(limits.seconds));
            match timeout(patience, engine.sizes(&order, &stages)).await {
                Ok(Ok(sizes)) => sizes.into_iter().for_each(|size| run.tell(What::Size(size))),
                Ok(Err(failure)) => info!(why = failure.message, "sizes are not known"),
                Err(_) => info!("sizes are not known: the engine is too slow"),
            }
        }
        self.metrics.count("stagelight_log_bytes_dropped_total", "", recorder.dropped);
        self.metrics.took("stagelight_build_seconds", started.elapsed());
        info!(end = ?outcome.end, ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "over");
        run.finish(outcome);
        self.keep(&run).await;
    }

    /// Writes the events that have come since the last time.
    async fn save(&self, run: &Run, saved: &mut u64) {
        let lines = run.log.lines(*saved);
        if lines.is_empty() {
            return;
        }
        let last = *saved + lines.iter().filter(|it| **it == b'\n').count() as u64;
        match self.store.append(&run.id, *saved + 1, last, &lines).await {
            Ok(()) => *saved = last,
            Err(why) => warn!(why, "events are not kept yet"),
        }
    }

    /// Keeps a build that is over.
    async fn keep(&self, run: &Run) {
        let Some(outcome) = run.outcome() else { return };
        self.metrics.ended(outcome.end);
        let last = run.log.length().last;
        if let Err(why) = self.store.finish(&run.id, &outcome, &run.log.lines(0), last, self.expiry()).await {
            warn!(why, build = run.id, "is not kept");
        }
        self.inner().over(&run.id);
    }

    /// Ends a build for a reason.
    pub(crate) async fn stop(&self, run: &Arc<Run>, outcome: Outcome) {
        let waited = self.inner().queue.remove(&run.id);
        run.stop.with(outcome.clone());
        if waited {
            run.finish(outcome);
            self.keep(run).await;
        }
    }

    async fn is_owner(&self, id: &str, token: &str) -> Answer<bool> {
        self.store.is_owner(id, token).await.map_err(|why| trouble(&why))
    }

    /// The build whose stage somebody wants to look into.
    async fn to_look_into(&self, id: &str, stage: usize) -> Answer<(Arc<Run>, Arc<dyn Engine>)> {
        let run = self.run(id).await?;
        let engine = self.engine.clone().ok_or_else(|| no_engine(None))?;
        if !self.health().abilities.files || run.request.legacy {
            return Err(problem(501, "unable", "The engine cannot list files"));
        }
        if stage >= policy::stages(&run.request) {
            return Err(problem(404, "not-found", "The Dockerfile has no such stage"));
        }
        if run.status() != Status::Finished {
            return Err(retry(problem(409, "running", "The build is not over yet"), "Ask again when it is"));
        }
        Ok((run, engine))
    }

    fn order(&self, run: &Run) -> Order {
        let rules = engine::Rules {
            network: self.settings.limits.network,
            downloads: self.settings.downloads,
            images: self.settings.images.clone(),
            // Builds of strangers do not share caches that RUN writes.
            cache_namespace: if self.settings.public { run.id.clone() } else { "stagelight".to_owned() },
            log_bytes: self.settings.limits.log_bytes,
            step_memory: self.settings.step_memory,
            step_processors: self.settings.step_processors,
        };
        Order { request: run.request.clone(), rules }
    }

    fn forget(&self, id: &str) {
        let mut inner = self.inner();
        inner.runs.remove(id);
        inner.over.retain(|it| it != id);
        inner.equal.retain(|_, it| it != id);
    }

    fn expiry(&self) -> Option<u64> {
        let days = self.settings.limits.days;
        (days > 0).then(|| now() + days * 86_400)
    }

    // Nothing that panics is done while it is held.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Admitted {
    Known(Accepted),
    New(Arc<Run>),
}

impl Inner {
    /// A run is over; the oldest ones are read from the store from now on.
    fn over(&mut self, id: &str) {
        if self.runs.contains_key(id) && !self.over.iter().any(|it| it == id) {
            self.over.push_back(id.to_owned());
        }
        while self.over.len() > AT_HAND {
            let Some(oldest) = self.over.pop_front() else { break };
            self.runs.remove(&oldest);
            self.equal.retain(|_, it| *it != oldest);
        }
    }
}

impl Keys {
    fn remember(&mut self, key: (String, String), digest: Vec<u8>, accepted: Accepted) {
        self.oldest.push_back(key.clone());
        self.answers.insert(key, (digest, accepted));
        if self.oldest.len() > MAX_KEYS
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

/// What makes two requests equal: everything but what only the page shows.
fn digest(request: &Request) -> Vec<u8> {
    let mut request = Request { playground: None, ..request.clone() };
    request.files.sort_by(|a, b| a.path.cmp(&b.path));
    ids::hash(&serde_json::to_string(&request).unwrap_or_default())
}

/// No limit is a year.
fn time(seconds: u64) -> Duration {
    Duration::from_secs(if seconds == 0 { 31_536_000 } else { seconds })
}

fn every(time: Duration) -> tokio::time::Interval {
    let mut interval = interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs())
}

fn interrupted(message: &str) -> Outcome {
    ended(End::Interrupted, "interrupted", message, "Build it again")
}

fn timed_out(message: String) -> Outcome {
    ended(End::TimedOut, "time", &message, "Build a part of it: an earlier target, or less in one RUN")
}

fn ended(end: End, code: &str, message: &str, help: &str) -> Outcome {
    let failure = Failure {
        code: code.to_owned(),
        message: message.to_owned(),
        help: Some(help.to_owned()),
        ..Failure::default()
    };
    Outcome { end, failure: Some(failure), ..Outcome::default() }
}

/// Why a server does not do what it is asked.
pub fn problem(status: u16, code: &str, title: &str) -> Box<Problem> {
    Box::new(Problem { status, code: code.to_owned(), title: title.to_owned(), ..Problem::default() })
}

fn retry(mut problem: Box<Problem>, help: &str) -> Box<Problem> {
    problem.help = Some(help.to_owned());
    problem
}

fn no_build() -> Box<Problem> {
    retry(
        problem(404, "not-found", "There is no such build"),
        "It may have been deleted, or be past its time; build it again",
    )
}

fn not_yours() -> Box<Problem> {
    problem(403, "not-yours", "This needs the token that was given to who asked for the build")
}

fn no_engine(trouble: Option<String>) -> Box<Problem> {
    let title = "This server has nothing to build with";
    let mut problem = problem(503, "no-engine", title);
    problem.help = Some(
        trouble.unwrap_or_else(|| "Start it with an engine: `stagelight serve --engine auto`".to_owned()),
    );
    problem
}

fn of_engine(failure: Failure) -> Box<Problem> {
    let status = match failure.code.as_str() {
        "not-found" => 404,
        "unable" => 501,
        _ => 502,
    };
    let mut problem = problem(status, &failure.code, &failure.message);
    problem.help = failure.help;
    problem
}

fn no_room() -> Box<Problem> {
    retry(problem(503, "disk-full", "The builder's disk is nearly full"), "Ask again in a minute")
}

fn too_slow() -> Box<Problem> {
    problem(504, "time", "The engine took too long")
}

/// What is wrong is for the log; who asks gets a plain word.
pub fn trouble(why: &str) -> Box<Problem> {
    warn!(why, "trouble");
    retry(problem(500, "trouble", "The server could not do that"), "Ask again; the server's log says more")
}
