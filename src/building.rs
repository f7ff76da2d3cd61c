//! Real builds: whether there is a server that makes them, what it is given, and the build that is shown.
//!
//! Surprising: what is built is a copy. Whoever types on changes nothing about the build that runs, and the picture
//! lights up only while it shows that copy.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile::context::{BuildContext, transfer};
use dockerfile::queries::Cut;
use dockerfile::queries::cache::Forecast;
use dockerfile::stages::{Source, SourceId, StageId};
use progress::fold::{Phase, Progress, RowState};
use protocol::build::{
    Accepted, Event, FileList, Health, InputFile, Outcome, Place, Problem, Record, Request, StepState, What,
};
use protocol::{Playground, link};

use crate::analysis::{Analysis, Same};
use crate::asked::Asked;
use crate::state::{Panel, State};

/// The ignore file of the build context.
const IGNORE_FILE: &str = ".dockerignore";

/// Builds that were recorded, to be looked at without a server: the file, and what the button says.
pub(crate) const RECORDINGS: &[(&str, &str)] = &[
    ("first-look.ndjson", "A first build"),
    ("first-look-edited.ndjson", "Again, after an edit"),
    ("first-look-legacy.ndjson", "By the legacy builder"),
    ("first-look-failing.ndjson", "One that fails"),
];

/// All that is known of real builds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Building {
    /// Who would build.
    pub(crate) server: Server,
    /// Where that is, relative to the page.
    pub(crate) base: Rc<str>,
    /// Whether every step is to run, whatever is in the cache.
    pub(crate) no_cache: bool,
    /// The build that is shown.
    pub(crate) run: Option<Run>,
    /// Builds that are over, to be held beside it: the newest first.
    pub(crate) kept: Vec<Rc<Run>>,
    /// Which of them is, if somebody has chosen.
    pub(crate) chosen: Option<Rc<Run>>,
    /// What the server is asked for, until another build is.
    pub(crate) asked: Option<Same<Request>>,
    /// Why there is none.
    pub(crate) problem: Option<Rc<Problem>>,
    /// The step whose output is shown; `None` to follow what runs.
    pub(crate) step: Option<u32>,
    /// What was built last, from beginning to end, so that the cache is known.
    known: Option<(Same<Analysis>, Rc<Request>)>,
}

/// Who would build.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Server {
    /// Nobody: the page is files alone.
    #[default]
    None,
    /// It has been asked what it can do.
    Asked,
    /// It answered.
    There(Rc<Health>),
    /// It does not answer; a sentence.
    Lost(Rc<str>),
}

/// A build, as far as the page knows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    /// Its name on the server; `None` until there is one, and for recordings.
    pub(crate) id: Option<Rc<str>>,
    /// What proves that it is one's own.
    pub(crate) token: Option<Rc<str>>,
    /// Whether somebody else asked for the same, and it is watched.
    pub(crate) shared: bool,
    /// What is built.
    pub(crate) request: Rc<Request>,
    /// The same, read.
    pub(crate) built: Same<Analysis>,
    /// What was said of the cache beforehand.
    pub(crate) forecast: Option<Rc<Forecast>>,
    /// Everything that has happened.
    events: Events,
    /// How it stands, or stood at the moment that is looked at.
    pub(crate) progress: Progress,
    /// The number of events that are looked at; `None` for all.
    pub(crate) looked_at: Option<usize>,
    /// The clock of the browser minus that of the build, in milliseconds.
    pub(crate) offset: f64,
    /// Whether somebody wants it stopped.
    pub(crate) is_stopping: bool,
    /// The files of stages, as far as they were asked for.
    pub(crate) files: BTreeMap<usize, Listing>,
    /// Why nothing more comes.
    pub(crate) trouble: Option<Rc<str>>,
}

/// The files of a stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Listing {
    Asked,
    Done(Rc<FileList>),
    Failed(Rc<str>),
}

/// Events that only become more. Copies share them.
#[derive(Clone, Default)]
struct Events {
    all: Rc<RefCell<Vec<Event>>>,
    n: usize,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} events", self.n)
    }
}

impl PartialEq for Events {
    fn eq(&self, other: &Events) -> bool {
        self.n == other.n && Rc::ptr_eq(&self.all, &other.all)
    }
}

/// What can happen to builds.
pub(crate) enum Happening {
    /// The page comes from a server, and this is where it is.
    Base(Rc<str>),
    /// The server answered what it can do.
    Server(Server),
    /// Every step is to run, or not.
    NoCache(bool),
    /// A build of what the page shows is asked for.
    Asked,
    /// The server has taken it.
    Taken(Accepted),
    /// It has not.
    Refused(Problem),
    /// A build of the server's is opened.
    Opened(Box<Record>),
    /// A recording is opened: all of its events.
    Played(Rc<Request>, Vec<Event>),
    /// Events have come, by the browser's clock.
    Events(Vec<Event>, f64),
    /// The server has lost some of them; all follow from the first.
    Anew,
    /// No more will come; a sentence.
    Lost(Rc<str>),
    /// It is to be stopped, or goes on all the same.
    Stopping(bool),
    /// The output of a step is to be shown, or that of what runs.
    Step(Option<u32>),
    /// Only so many events are to be looked at, or all.
    LookAt(Option<usize>),
    /// The files of a stage.
    Files(usize, Listing),
    /// One of the builds that are kept is held beside the one that is shown.
    Beside(usize),
    /// Another build is, with its name on the server, if it has one, and all of its events.
    Fetched(Option<String>, Rc<Request>, Vec<Event>),
    /// The build is not to be shown any more.
    Closed,
}

impl Run {
    fn of(request: Rc<Request>, built: Same<Analysis>) -> Run {
        Run {
            id: None,
            token: None,
            shared: false,
            request,
            built,
            forecast: None,
            events: Events::default(),
            progress: Progress::default(),
            looked_at: None,
            offset: f64::NAN,
            is_stopping: false,
            files: BTreeMap::new(),
            trouble: None,
        }
    }

    /// A build that is over, with what was built read anew.
    fn read(request: Rc<Request>, events: Vec<Event>) -> Run {
        let playground = playground(&request);
        let asked = Rc::new(Asked::of(&playground));
        let analysis = Analysis::of(playground.dockerfile, asked, playground.target.as_deref());
        let mut run = Run::of(request, Same::new(analysis));
        run.take(events, 0.0);
        run
    }

    /// Whether it is the same build, however much is known of it.
    pub(crate) fn is(&self, other: &Run) -> bool {
        let same_id = self.id.is_some() && self.id == other.id;
        same_id || Rc::ptr_eq(&self.events.all, &other.events.all)
    }

    /// How many events there are.
    pub(crate) fn n_events(&self) -> usize {
        self.events.n
    }

    /// The number of the last one; 0 if there is none.
    pub(crate) fn last(&self) -> u64 {
        self.events.all.borrow().last().map_or(0, |event| event.seq)
    }

    /// All of them.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.all.borrow().iter().take(self.events.n).cloned().collect()
    }

    /// How many events there are until a time of the build, in milliseconds.
    pub(crate) fn n_until(&self, time: u64) -> usize {
        self.events.all.borrow().iter().take(self.events.n).take_while(|event| event.at <= time).count()
    }

    /// How long all of it took, as far as it has come, in milliseconds.
    pub(crate) fn length(&self) -> u64 {
        self.events.all.borrow().last().map_or(0, |event| event.at)
    }

    /// What came of it, whatever moment is looked at.
    pub(crate) fn outcome_of_all(&self) -> Option<Outcome> {
        match &self.events.all.borrow().last()?.what {
            What::Finished(outcome) => Some(outcome.clone()),
            _ => None,
        }
    }

    /// Whether more is to come.
    pub(crate) fn is_going_on(&self) -> bool {
        self.outcome_of_all().is_none() && self.trouble.is_none()
    }

    fn take(&mut self, new: Vec<Event>, now: f64) {
        for event in new {
            let all = &self.events.all;
            let last = all.borrow().last().map_or(0, |event| event.seq);
            if event.seq <= last {
                continue;
            }
            let offset = now - event.at as f64;
            self.offset = if self.offset.is_nan() { offset } else { self.offset.min(offset) };
            if self.looked_at.is_none() {
                self.progress.take(&event);
            }
            all.borrow_mut().push(event);
            self.events.n = all.borrow().len();
        }
    }

    fn look_at(&mut self, at: Option<usize>) {
        let all = self.events.all.borrow();
        let n = at.unwrap_or(all.len()).min(all.len());
        self.progress = Progress::of(&all[..n]);
        self.looked_at = at.filter(|_| n < all.len());
    }

    /// The stage that is built.
    pub(crate) fn target(&self) -> Option<StageId> {
        Some(self.cut()?.target)
    }

    /// What its target needs.
    pub(crate) fn cut(&self) -> Option<Cut> {
        self.built.cut(self.request.target.as_deref()).ok()
    }
}

/// Why a text that has no picture is not built.
pub(crate) const UNREADABLE: &str = "The text cannot be read as it is; what is wrong stands below it.";

/// How many builds are kept to be held beside another.
const MAX_KEPT: usize = 6;

impl Building {
    /// Takes over what happened. `shown` is what the page shows.
    pub(crate) fn take(&mut self, happening: Happening, shown: &State) {
        if matches!(
            happening,
            Happening::Asked | Happening::Opened(_) | Happening::Played(..) | Happening::Closed
        ) {
            self.keep();
        }
        match happening {
            Happening::Base(base) => (self.base, self.server) = (base, Server::Asked),
            Happening::Server(server) => self.server = server,
            Happening::NoCache(no_cache) => self.no_cache = no_cache,
            Happening::Asked => {
                if shown.is_stale() {
                    // Typed in the moment before the button says so.
                    self.problem =
                        Some(Rc::new(Problem { title: UNREADABLE.to_owned(), ..Problem::default() }));
                    return;
                }
                let playground = Some(link::encode(&shown.playground()));
                let request = Request { playground, ..request(shown, self.no_cache) };
                let request = Same::new(request);
                self.asked = Some(request.clone());
                let mut run = Run::of(request.0, shown.drawn.clone());
                let is_known = self.known.as_ref().is_some_and(|(built, _)| *built == shown.built);
                let can = is_known && !run.request.no_cache && !run.request.legacy;
                run.forecast = shown.forecast().filter(|_| can).cloned().map(Rc::new);
                self.run = Some(run);
                self.problem = None;
                self.step = None;
            }
            Happening::Taken(Accepted { id, token, shared }) => {
                if let Some(run) = &mut self.run {
                    (run.id, run.token, run.shared) = (Some(id.into()), token.map(Rc::from), shared);
                }
            }
            Happening::Refused(problem) => {
                self.problem = Some(Rc::new(problem));
                self.run = None;
            }
            Happening::Opened(record) => {
                let mut run = Run::of(Rc::new(record.request), shown.drawn.clone());
                run.id = Some(record.id.into());
                (self.run, self.problem, self.step) = (Some(run), None, None);
            }
            Happening::Played(request, events) => {
                let mut run = Run::of(request, shown.drawn.clone());
                run.take(events, 0.0);
                (self.run, self.problem, self.step) = (Some(run), None, None);
            }
            Happening::Events(events, now) => {
                let Some(run) = &mut self.run else { return };
                run.take(events, now);
                // Another builder has another cache.
                let is_buildkit = !run.request.legacy;
                if is_buildkit
                    && run.progress.outcome().is_some_and(|it| it.end == protocol::build::End::Succeeded)
                {
                    self.known = Some((run.built.clone(), run.request.clone()));
                }
            }
            Happening::Lost(sentence) => {
                if let Some(run) = self.run.as_mut().filter(|run| run.is_going_on()) {
                    run.trouble = Some(sentence);
                }
            }
            Happening::Anew => {
                if let Some(run) = &mut self.run {
                    (run.events, run.progress) = (Events::default(), Progress::default());
                }
            }
            Happening::Stopping(is_stopping) => {
                if let Some(run) = &mut self.run {
                    run.is_stopping = is_stopping;
                }
            }
            Happening::Step(step) => self.step = step,
            Happening::LookAt(at) => {
                if let Some(run) = &mut self.run {
                    run.look_at(at);
                }
            }
            Happening::Files(stage, listing) => {
                if let Some(run) = &mut self.run {
                    run.files.insert(stage, listing);
                }
            }
            Happening::Beside(nth) => self.chosen = self.kept.get(nth).cloned(),
            Happening::Fetched(id, request, events) => {
                let run = Rc::new(Run { id: id.map(Rc::from), ..Run::read(request, events) });
                self.chosen = Some(run.clone());
                self.put_away(run);
            }
            Happening::Closed => (self.run, self.problem) = (None, None),
        }
    }

    /// Keeps the build that is shown, if it is over: another comes in its place.
    fn keep(&mut self) {
        self.chosen = None;
        let Some(mut run) = self.run.clone().filter(|run| run.outcome_of_all().is_some()) else { return };
        run.look_at(None);
        self.put_away(Rc::new(run));
    }

    fn put_away(&mut self, run: Rc<Run>) {
        self.kept.retain(|it| !it.is(&run));
        self.kept.insert(0, run);
        self.kept.truncate(MAX_KEPT);
    }

    /// The builds that can be held beside the one that is shown, with their places in what is kept.
    pub(crate) fn others(&self) -> impl Iterator<Item = (usize, &Rc<Run>)> {
        self.kept.iter().enumerate().filter(|(_, it)| self.run.as_ref().is_none_or(|run| !run.is(it)))
    }

    /// The one that is held beside it: the one chosen, else the last one.
    pub(crate) fn beside(&self) -> Option<&Rc<Run>> {
        let chosen = self.chosen.as_ref().filter(|it| self.others().any(|(_, other)| other.is(it)));
        chosen.or_else(|| self.others().next().map(|(_, run)| run))
    }

    /// What has been built from beginning to end, if it is what is in the cache now.
    pub(crate) fn just_built(&self) -> Option<&Same<Analysis>> {
        self.known.as_ref().map(|(built, _)| built)
    }

    /// Files of the context whose text is another one than when it was built.
    pub(crate) fn edited(&self, texts: &BTreeMap<String, String>) -> Vec<String> {
        let Some((_, request)) = &self.known else { return Vec::new() };
        let was = |path: &str| {
            let file = request.files.iter().find(|file| file.path == path)?;
            Some(file.text.clone().unwrap_or_default())
        };
        let paths: BTreeSet<&String> =
            request.files.iter().map(|file| &file.path).chain(texts.keys()).collect();
        let is_other = |path: &&&String| {
            was(path).is_some_and(|was| was != texts.get(**path).cloned().unwrap_or_default())
        };
        paths.iter().filter(is_other).map(|path| (*path).clone()).collect()
    }

    /// How the rows are, by stage and in order, if the picture shows what is built.
    pub(crate) fn rows(&self, drawn: &Same<Analysis>) -> BTreeMap<StageId, Vec<(usize, RowState)>> {
        let mut rows: BTreeMap<StageId, Vec<(usize, RowState)>> = BTreeMap::new();
        let Some(run) = self.run.as_ref().filter(|run| is_of(run, drawn)) else { return rows };
        // By place, which is by stage and then by line.
        for (Place { stage, line }, row) in run.progress.rows() {
            if let Some((found, at)) = drawn.step_at(line).filter(|(found, _)| found.0 == stage) {
                rows.entry(found).or_default().push((at, row));
            }
        }
        rows
    }
}

/// What the page shows of a build that is opened: what it was made of, with the panel of builds.
pub(crate) fn playground(request: &Request) -> Playground {
    let linked = link::decode(request.playground.as_deref().unwrap_or_default()).and_then(Result::ok);
    let linked = linked.filter(|it| it.dockerfile == request.dockerfile && it.target == request.target);
    let plain = || Playground {
        dockerfile: request.dockerfile.clone(),
        target: request.target.clone(),
        args: request.args.clone(),
        platform: request.platform.clone(),
        contexts: request.contexts.clone(),
        ..Playground::default()
    };
    let panel = Some(Panel::Build.id().to_owned());
    Playground { panel, legacy: request.legacy, ..linked.unwrap_or_else(plain) }
}

/// Whether the picture is of what is built.
pub(crate) fn is_of(run: &Run, drawn: &Same<Analysis>) -> bool {
    run.request.dockerfile == drawn.text
}

/// What is asked for when somebody builds what the page shows, without the link that goes along.
pub(crate) fn request(state: &State, no_cache: bool) -> Request {
    let drawn = &state.drawn;
    let asked = &drawn.asked;
    let files = files(state).into_iter().map(|file| InputFile {
        text: Some(file.text.unwrap_or_default()),
        path: file.path,
        ..InputFile::default()
    });
    Request {
        dockerfile: drawn.text.clone(),
        files: files.collect(),
        target: state.lens.target.clone(),
        args: asked.args.clone(),
        platform: asked.platform.clone(),
        contexts: asked.contexts.clone(),
        no_cache,
        legacy: state.lens.legacy,
        playground: None,
    }
}

/// A file that goes with a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SentFile {
    pub(crate) path: String,
    /// What is in it; `None` if nobody has told, so that it goes empty.
    pub(crate) text: Option<String>,
}

/// The files that go with a build of what the page shows: those of the context that the target takes, or, where nobody
/// has listed them, those that the needed stages name.
pub(crate) fn files(state: &State) -> Vec<SentFile> {
    let drawn = &state.drawn;
    let texts = &drawn.asked.texts;
    let sent = |path: String| SentFile { text: texts.get(&path).cloned(), path };
    let Some(cut) = state.target_cut() else { return Vec::new() };
    let empty = BuildContext::default();
    let context = drawn.asked.context.as_ref().unwrap_or(&empty);
    let ignore =
        context.ignore.clone().map(|text| SentFile { path: IGNORE_FILE.to_owned(), text: Some(text) });
    let mut found: BTreeMap<String, SentFile> = BTreeMap::new();
    match &context.files {
        Some(files) => {
            let source = drawn.graph.sources.iter().position(|source| *source == Source::Context);
            let transfer = transfer(&drawn.graph, cut, SourceId(source.unwrap_or(usize::MAX)), context);
            let is_sent = |at: usize| transfer.fates.get(at).is_some_and(|fate| fate.sent);
            let taken = files.iter().enumerate().filter(|(at, file)| is_sent(*at) && !file.is_directory());
            found.extend(taken.map(|(_, file)| (file.path.clone(), sent(file.path.clone()))));
        }
        None => {
            let needed = drawn.graph.stages.iter().filter(|stage| cut.needs(stage.id));
            let named = needed.flat_map(|stage| &stage.context_paths);
            for path in named.map(|path| path.trim_matches('/')).filter(|path| is_file_name(path)) {
                found.insert(path.to_owned(), sent(path.to_owned()));
            }
            found.extend(texts.keys().map(|path| (path.clone(), sent(path.clone()))));
        }
    }
    if let Some(ignore) = ignore {
        found.insert(IGNORE_FILE.to_owned(), ignore);
    }
    found.into_values().collect()
}

/// Whether a path looks like one file, so that it can be supplied.
fn is_file_name(path: &str) -> bool {
    !path.is_empty() && path != "." && !path.contains(['*', '?', '[']) && !path.ends_with('/')
}

/// The least height of the panel while a build runs, in percent.
pub(crate) const PANEL_HEIGHT: i32 = 46;

/// Where the files of a stage, or one of them, can be downloaded.
pub(crate) fn archive(base: &str, id: &str, stage: usize, path: &str) -> String {
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || b"-_.~/".contains(it);
    let encoded: String = path
        .bytes()
        .map(|it| if is_plain(&it) { char::from(it).to_string() } else { format!("%{it:02X}") })
        .collect();
    format!("{base}api/v1/builds/{id}/stages/{stage}/archive?path={encoded}")
}

/// How far a build has come, in a few words.
pub(crate) fn standing(run: &Run) -> String {
    let steps = || run.progress.steps.iter().filter(|step| !step.places.is_empty());
    let n_over =
        steps().filter(|step| !matches!(step.state, StepState::Waiting | StepState::Running)).count();
    match &run.progress.phase {
        Phase::Asked => "Asked for".to_owned(),
        Phase::Queued(0) => "Next in the queue".to_owned(),
        Phase::Queued(1) => "1 build is in front".to_owned(),
        Phase::Queued(n) => format!("{n} builds are in front"),
        Phase::Running if run.is_stopping => "Stopping".to_owned(),
        Phase::Running => format!("Running, {n_over} of {} steps", steps().count()),
        Phase::Finished(outcome) => match outcome.end {
            protocol::build::End::Succeeded => "Built".to_owned(),
            protocol::build::End::Failed => "Failed".to_owned(),
            protocol::build::End::Cancelled => "Stopped".to_owned(),
            protocol::build::End::TimedOut => "Took too long".to_owned(),
            protocol::build::End::Interrupted => "Broken off".to_owned(),
        },
    }
}

/// A time for people: what takes long needs no tenths.
pub(crate) fn time(milliseconds: u64) -> String {
    let seconds = milliseconds as f64 / 1000.0;
    match milliseconds {
        0..100 => format!("{milliseconds} ms"),
        100..10_000 => format!("{seconds:.1} s"),
        10_000..60_000 => format!("{seconds:.0} s"),
        _ => format!("{}:{:02} min", milliseconds / 60_000, milliseconds / 1000 % 60),
    }
}
