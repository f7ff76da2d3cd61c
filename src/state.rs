//! All that the page shows is a function of [`State`]; all that changes it is an [`Action`].

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;

use builds::Held;
use dockerfile::checks::{self, Level, Rule};
use dockerfile::edit::TextEdit;
use dockerfile::queries::cache::{Fate, Forecast, What};
use dockerfile::queries::ledger::{Ledger, Place, ledger_with};
use dockerfile::queries::versions::{Difference, Version, difference};
use dockerfile::queries::{Cut, Lights, TargetError, Targetable, around};
use dockerfile::stages::{Node, SourceId, Stage, StageId};
use dockerfile::syntax;
use progress::fold::RowState;
use protocol::Playground;
use protocol::link::LinkError;
use yew::{Reducible, UseReducerDispatcher, UseReducerHandle};

use crate::analysis::{Analysis, Problem, Same};
use crate::asked::Asked;
use crate::beside::{self, Beside, Marks, Reading};
use crate::building::{self, Building, Happening};
use crate::changed::{self, Changed, DOCKERFILE};
use crate::dialogs::Dialog;
use crate::examples;
use crate::learning::{Learning, Place as LessonPlace};

/// What the page is at a moment.
#[derive(Clone, PartialEq)]
pub(crate) struct State {
    /// What the core says about the text as it is.
    pub(crate) analysis: Same<Analysis>,
    /// What is drawn: the same, or the last text that could be read.
    pub(crate) drawn: Same<Analysis>,
    /// What is asked of it.
    pub(crate) lens: Lens,
    /// What a build of the target runs, of what is drawn.
    pub(crate) cut: Same<Result<Cut, TargetError>>,
    /// What is in its image and how it got there; made when it is first asked for.
    ledger: Same<OnceCell<Ledger>>,
    /// What is in the builder's cache: the text as it was opened, or as somebody called it built.
    pub(crate) built: Same<Analysis>,
    /// What else has changed since.
    pub(crate) changed: Rc<Changed>,
    /// What runs again; made when it is first asked for.
    forecast: Same<OnceCell<Option<Forecast>>>,
    /// What the picture shows of that; while somebody types it is of the text before.
    signs: Same<OnceCell<Vec<Signs>>>,
    /// A Compose or Bake file.
    pub(crate) beside: Rc<Beside>,
    /// What was read in it.
    pub(crate) reading: Reading,
    /// The same held against what is drawn; made when it is first asked for.
    held: Same<OnceCell<Option<Held>>>,
    /// The names of builds at stages; while somebody types they are of the text before.
    marks: Same<OnceCell<Vec<Marks>>>,
    /// Real builds, and whether there is a server that makes them.
    pub(crate) building: Building,
    /// Of which of two targets the panels speak.
    pub(crate) side: Side,
    /// What a build of the second target runs, if there is one.
    pub(crate) second: Option<Same<Result<Cut, TargetError>>>,
    /// What becomes of every stage, as the lens asks.
    pub(crate) lights: Same<Lights>,
    /// What BuildKit would refuse, of the text as it is.
    pub(crate) problems: Same<Vec<Problem>>,
    /// The text that they are of.
    listed: Same<Analysis>,
    /// Whether the rules have been asked about the text as it is; they are at the next pause in typing.
    pub(crate) is_checked: bool,
    /// What the pointer is on.
    pub(crate) hovered: Option<Thing>,
    /// Whether the pointer is in the editor; then the picture follows, else the editor.
    pub(crate) hovered_in_editor: bool,
    /// What was clicked, or the instruction that the cursor is in; all views show it.
    pub(crate) selected: Option<Thing>,
    /// Whether the cursor did it: then the editor need not go there.
    pub(crate) selected_in_editor: bool,
    /// Counts texts that came from elsewhere than the keyboard: the editor takes each of them over.
    pub(crate) opened: usize,
    /// Where the editor is to go, with a count of such wishes.
    pub(crate) go_to: (usize, usize),
    /// What the editor is to change, with a count of such wishes.
    pub(crate) edits: (usize, Rc<[TextEdit]>),
    /// What the panel of checks shows.
    pub(crate) check: Check,
    /// Which part a phone shows.
    pub(crate) pane: Pane,
    /// The panel below the picture.
    pub(crate) panel: Option<Panel>,
    /// Its height, in percent of the place for it and the picture.
    pub(crate) panel_height: i32,
    /// Size of the place for the picture, in pixels.
    pub(crate) view: (i32, i32),
    /// How large the picture is drawn.
    pub(crate) zoom: Zoom,
    /// What of the graph is drawn, and how.
    pub(crate) sight: Sight,
    /// Light, dark or as the system has it.
    pub(crate) theme: Theme,
    /// What there is to learn beside the text.
    pub(crate) learning: Learning,
    /// What lies over the page.
    pub(crate) dialog: Option<Dialog>,
    /// Something to tell once.
    pub(crate) notice: Option<Notice>,
    /// Whether to say that there is a newer version of the site.
    pub(crate) is_outdated: bool,
}

/// The state as it is at one rendering, and the way to change it. Unlike Yew's own handle, which shows the newest
/// state wherever it is kept, it stays as it was.
#[derive(Clone, PartialEq)]
pub(crate) struct Snapshot {
    state: Rc<State>,
    dispatcher: UseReducerDispatcher<State>,
}

impl Snapshot {
    pub(crate) fn of(handle: &UseReducerHandle<State>) -> Snapshot {
        Snapshot { state: Rc::new(State::clone(handle)), dispatcher: handle.dispatcher() }
    }

    pub(crate) fn dispatch(&self, action: Action) {
        self.dispatcher.dispatch(action);
    }

    pub(crate) fn dispatcher(&self) -> UseReducerDispatcher<State> {
        self.dispatcher.clone()
    }
}

impl Deref for Snapshot {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

/// What is asked of a Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lens {
    /// The stage asked for; `None` for the default.
    pub(crate) target: Option<String>,
    /// A second one to compare with; the empty name is the default.
    pub(crate) against: Option<String>,
    /// Whether the builder before BuildKit is asked, which knows no comparison.
    pub(crate) legacy: bool,
}

/// What of the graph is drawn, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Stages of which the head alone is shown.
    pub(crate) collapsed: BTreeSet<StageId>,
    /// Whether each use of an image gets a box of its own.
    pub(crate) per_use: bool,
    /// Whether only what belongs to the selection is drawn.
    pub(crate) isolated: bool,
}

/// One thing of a Dockerfile that can be pointed at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// An instruction: stage and row.
    Step(StageId, usize),
    Stage(StageId),
    Source(SourceId),
    /// A path in the final image.
    Path(Rc<str>),
    /// A line of the picture, by its place among the graph's edges. It is only ever pointed at.
    Edge(usize),
}

/// What the panel of checks shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Check {
    /// Everything that was found.
    #[default]
    All,
    /// One problem: the rule, or nothing for a plain error, and which of its problems, from 0. Typing elsewhere in the
    /// file moves it, and it stays the same.
    Problem(Option<&'static Rule>, usize),
    /// The page of a rule.
    Rule(&'static Rule),
}

/// What becomes of the rows of a stage.
#[derive(Debug, PartialEq)]
struct Signs {
    /// How many rows the stage has.
    n_rows: usize,
    fates: Vec<(usize, Fate)>,
}

/// The way of a path into the image.
pub(crate) struct Way {
    /// The stages and sources that it goes through.
    pub(crate) nodes: BTreeSet<Node>,
    /// The instructions on it.
    pub(crate) steps: BTreeSet<(StageId, usize)>,
}

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Lesson,
    Text,
    Stages,
    Panel,
}

/// One of two targets that are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Side {
    /// The target itself.
    #[default]
    A,
    /// The one that it is compared with.
    B,
}

/// What the panel below the picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panel {
    /// What is in the image, and how it got there.
    Files,
    /// The image that the target makes.
    Image,
    /// What is wrong or could be better.
    Checks,
    /// What a build is given.
    Arguments,
    /// The files it is given, and what becomes of them.
    Context,
    /// Which services and Bake targets build which stage.
    Builds,
    /// When the steps of a build can run.
    Plan,
    /// What runs again after a change.
    Cache,
    /// A real build.
    Build,
    /// What is in force at a line.
    Line,
    /// The stages as text.
    Twin,
}

impl Panel {
    /// All of them, in their order.
    pub(crate) const ALL: [Panel; 11] = [
        Panel::Files,
        Panel::Image,
        Panel::Checks,
        Panel::Plan,
        Panel::Cache,
        Panel::Context,
        Panel::Arguments,
        Panel::Builds,
        Panel::Build,
        Panel::Line,
        Panel::Twin,
    ];

    /// Its id, which stands in links and is never reused.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Panel::Files => "files",
            Panel::Image => "image",
            Panel::Checks => "checks",
            Panel::Arguments => "arguments",
            Panel::Context => "context",
            Panel::Builds => "builds",
            Panel::Build => "build",
            Panel::Plan => "plan",
            Panel::Cache => "cache",
            Panel::Line => "line",
            Panel::Twin => "text",
        }
    }

    /// What its tab says.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Panel::Files => "Files",
            Panel::Image => "Final image",
            Panel::Checks => "Checks",
            Panel::Arguments => "Arguments",
            Panel::Context => "Context",
            Panel::Builds => "Compose",
            Panel::Build => "Build",
            Panel::Plan => "Plan",
            Panel::Cache => "What if",
            Panel::Line => "This line",
            Panel::Twin => "As text",
        }
    }

    fn of_id(id: &str) -> Option<Panel> {
        Panel::ALL.into_iter().find(|panel| panel.id() == id)
    }
}

/// Scale of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zoom {
    /// As large as fits the width, within what can be read.
    Auto,
    /// All of it at once, however small.
    Whole,
    /// In percent.
    Percent(i32),
}

/// Colour scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

/// A message at the top of the picture, until it is dismissed or does not hold any more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// What can happen.
pub(crate) enum Action {
    /// The person typed, and this is what there is to say of the text; the cursor is in that line.
    Edit(Same<Analysis>, u32),
    /// Nobody has typed for a moment.
    Settle,
    /// A link or an example is opened.
    Open(Box<Playground>),
    /// A link could not be opened.
    OpenFailed(LinkError),
    /// A build is given something else.
    Ask(Asked),
    /// Another Compose or Bake file.
    Beside(Beside),
    /// That has been read.
    Read(Rc<Beside>, Reading),
    /// A build of it is asked for, by its place in the file.
    TakeOver(usize),
    /// Something happened to real builds.
    Build(Happening),
    /// Something else has changed since the last build.
    Change(Changed),
    /// The text as it is has been built.
    Built,
    /// Another text has been built.
    BuiltFrom(String),
    /// Another target by its name, or the default.
    ChooseTarget(Option<String>),
    /// A second target to compare with, or none.
    Compare(Option<String>),
    /// BuildKit, or the builder before it.
    Legacy(bool),
    /// A stage was clicked.
    ChooseStage(StageId),
    /// The pointer moved in the picture or a panel.
    Hover(Option<Thing>),
    /// The pointer moved in the editor: line, or 0.
    HoverLine(u32),
    /// The cursor moved.
    CursorLine(u32),
    /// Something was clicked in the picture or a panel; again, and it is let go.
    Select(Thing),
    /// Nothing is selected any more.
    Deselect,
    /// The editor is to show an offset of the text, in bytes.
    GoTo(usize),
    /// The panel of checks is to show something.
    Check(Check),
    /// The text is to be changed, if it still is the one given: as if somebody had typed it, so that it can be undone.
    Apply(Same<Analysis>, Vec<TextEdit>),
    Show(Pane),
    /// Opens a panel, or closes the one that is open.
    ShowPanel(Option<Panel>),
    PanelHeight(i32),
    /// The panels speak of the other of two targets.
    Side(Side),
    /// Shows the head of a stage alone, or all of it.
    Collapse(StageId),
    /// The same for all stages.
    CollapseAll(bool),
    PerUse(bool),
    Isolate(bool),
    Resize(i32, i32),
    Zoom(Zoom),
    Theme(Theme),
    /// Opens a lesson, or the list of them.
    Learn(LessonPlace),
    /// Takes the lessons away.
    CloseLessons,
    /// The text is an answer to the exercise of the lesson.
    Exercise,
    /// Puts something over the page, or takes it away.
    Dialog(Option<Dialog>),
    Tell(Notice),
    Dismiss,
    /// Says that there is a newer version of the site, or no longer.
    Outdated(bool),
}

impl State {
    /// Starts with what the address holds, or the first example.
    /// Of a link that is damaged `saved` is what could be read.
    pub(crate) fn start(
        link: Option<Result<Playground, LinkError>>,
        saved: Option<String>,
        theme: Theme,
    ) -> State {
        let is_saved = saved.is_some();
        let instead = || match saved {
            Some(dockerfile) => Playground { dockerfile, ..Playground::default() },
            None => examples::first(),
        };
        let (playground, error) = match link {
            Some(Ok(playground)) => (playground, None),
            Some(Err(error)) => (instead(), Some(error)),
            None => (examples::first(), None),
        };
        let asked = Rc::new(Asked::of(&playground));
        let target = playground.target.as_deref();
        let analysis = Same::new(Analysis::of(playground.dockerfile.clone(), asked, target));
        let mut state = State {
            drawn: analysis.clone(),
            cut: Same::new(analysis.cut(None)),
            listed: analysis.clone(),
            built: analysis.clone(),
            analysis,
            lens: Lens::default(),
            ledger: Same::new(OnceCell::new()),
            changed: Rc::new(Changed::default()),
            forecast: Same::new(OnceCell::new()),
            signs: Same::new(OnceCell::new()),
            beside: Rc::new(Beside::default()),
            reading: Reading::Nothing,
            held: Same::new(OnceCell::new()),
            marks: Same::new(OnceCell::new()),
            building: Building::default(),
            side: Side::default(),
            second: None,
            lights: Same::new(Lights::default()),
            problems: Same::new(Vec::new()),
            is_checked: true,
            hovered: None,
            hovered_in_editor: false,
            selected: None,
            selected_in_editor: false,
            opened: 0,
            go_to: (0, 0),
            edits: (0, Rc::new([])),
            check: Check::All,
            pane: Pane::Stages,
            panel: Some(Panel::Files),
            panel_height: 32,
            view: (0, 0),
            zoom: Zoom::Auto,
            sight: Sight::default(),
            theme,
            learning: Learning::default(),
            dialog: None,
            notice: error.map(|error| {
                let Notice { text, is_error } = Notice::from(error);
                let text = match is_saved {
                    true => {
                        format!("{text} This is the beginning of its text; towards the end it may be wrong.")
                    }
                    false => text,
                };
                Notice { text, is_error }
            }),
            is_outdated: false,
        };
        state.look_at(&playground);
        if state.learning.is_open {
            state.pane = Pane::Lesson;
        }
        state
    }

    /// The same with a lesson beside it, as an address asks for.
    pub(crate) fn with_lesson(mut self, place: Option<LessonPlace>) -> State {
        if let Some(place) = place {
            self.learning = Learning { is_open: true, place, ..Learning::default() };
            self.pane = Pane::Lesson;
        }
        self
    }

    /// What a link to this page holds.
    pub(crate) fn playground(&self) -> Playground {
        let Lens { target, against, legacy } = self.lens.clone();
        let selected = self.selected.as_ref().filter(|_| !self.is_stale());
        let selected = selected.and_then(|thing| self.drawn.link_to(thing));
        let panel = Some(self.panel.map_or("", Panel::id).to_owned());
        let check = match &self.check {
            Check::All => None,
            Check::Problem(rule, nth) => {
                Some(protocol::Check { rule: rule.map_or("", |rule| rule.name).to_owned(), nth: Some(*nth) })
            }
            Check::Rule(rule) => Some(protocol::Check { rule: rule.name.to_owned(), nth: None }),
        };
        let check = check.filter(|_| self.panel == Some(Panel::Checks));
        let Asked { args, platform, builder, contexts, .. } = Asked::clone(&self.analysis.asked);
        Playground {
            dockerfile: self.analysis.text.clone(),
            target,
            against,
            legacy,
            selected,
            panel,
            check,
            args,
            platform,
            builder,
            contexts,
            context: self.analysis.asked.linked_context(),
            changes: self.linked_changes(),
            builds: self.beside.linked(),
            lesson: self.learning.linked(),
        }
    }

    /// What a link says of the cache. It holds the text that was built only where that is looked at.
    fn linked_changes(&self) -> Option<protocol::Changes> {
        let changes = protocol::Changes { built: self.linked_build(), ..self.changed.linked() };
        Some(changes).filter(|changes| *changes != protocol::Changes::default())
    }

    fn linked_build(&self) -> Option<protocol::Built> {
        let Asked { args, platform, builder, contexts, .. } = Asked::clone(&self.built.asked);
        let dockerfile = self.built.text.clone();
        let is_asked_for = self.panel == Some(Panel::Cache) && !self.is_as_built();
        is_asked_for.then_some(protocol::Built { dockerfile, args, platform, builder, contexts })
    }

    /// Whether text and arguments are those that were built.
    pub(crate) fn is_as_built(&self) -> bool {
        self.built.text == self.analysis.text && self.built.asked == self.analysis.asked
    }

    /// What runs again when the target is built, with what is in the cache; `None` if there is nothing to build.
    pub(crate) fn forecast(&self) -> Option<&Forecast> {
        let make = || {
            let cut = self.target_cut().filter(|cut| cut.errors.is_empty())?;
            let (before, built) = self.last_build()?;
            let mut changed = Changed::clone(&self.changed);
            if self.dockerfile_changes_context() && !changed.dockerfile_outside {
                changed = changed.with(&changed::file(DOCKERFILE.to_owned(), What::Content));
            }
            let (old, new) = (before.asked.context.as_ref(), self.drawn.asked.context.as_ref());
            changed = changed.with(&changed::of_contexts(old, new));
            for path in self.building.edited(&self.drawn.asked.texts) {
                changed = changed.with(&changed::file(path, What::Content));
            }
            Some(self.drawn.what_if(cut, &before, &built, &changed))
        };
        self.forecast.get_or_init(make).as_ref()
    }

    /// What the build of the target has not in common with the one in the cache.
    pub(crate) fn difference(&self) -> Option<Difference> {
        let cut = self.target_cut().filter(|cut| cut.errors.is_empty())?;
        let (before, built) = self.last_build()?;
        let context = self.drawn.asked.context.as_ref();
        let before = Version { graph: &before.graph, cut: &built, context };
        Some(difference(before, Version { graph: &self.drawn.graph, cut, context }))
    }

    /// Whether the text is another one than was built, and may be a file of the build context.
    pub(crate) fn dockerfile_changes_context(&self) -> bool {
        let files = self.drawn.asked.context.as_ref().and_then(|context| context.files.as_ref());
        let is_there = files.is_none_or(|files| files.iter().any(|file| file.path == DOCKERFILE));
        is_there && self.built.text != self.drawn.text
    }

    /// What becomes of the rows of a stage, while that is what one looks at.
    pub(crate) fn fates(&self, stage: StageId) -> Vec<(usize, Fate)> {
        if self.panel != Some(Panel::Cache) {
            return Vec::new();
        }
        let signs = self.signs.get_or_init(|| self.all_signs()).get(stage.0);
        // While somebody types, a row more or less leaves unknown which rows the signs belong to.
        let n_rows = self.drawn.graph.stages.get(stage.0).map_or(0, |stage| stage.steps.len());
        signs.filter(|signs| signs.n_rows == n_rows).map_or(Vec::new(), |signs| signs.fates.clone())
    }

    fn all_signs(&self) -> Vec<Signs> {
        let of_stage = |stage: &Stage| Signs { n_rows: stage.steps.len(), fates: Vec::new() };
        let mut signs: Vec<Signs> = self.drawn.graph.stages.iter().map(of_stage).collect();
        for step in self.forecast().map_or(&[][..], |forecast| forecast.steps.as_slice()) {
            if let Some(signs) = signs.get_mut(step.place.stage.0) {
                signs.fates.push((step.place.row, step.fate));
            }
        }
        signs
    }

    /// What runs again has to be asked anew.
    fn forget_forecast(&mut self) {
        self.forecast = Same::new(OnceCell::new());
        if self.is_checked {
            self.signs = Same::new(OnceCell::new());
        }
    }

    /// The builds of the file beside, held against what is drawn; `None` if there are none, or if it is a piece of a
    /// Dockerfile, in which stages are supplied.
    pub(crate) fn held(&self) -> Option<&Held> {
        let make = || {
            let file = self.reading.file().filter(|_| self.drawn.supplied.is_none())?;
            Some(builds::hold(file, &syntax::parse(&self.drawn.text), self.beside.dockerfile.as_deref()))
        };
        self.held.get_or_init(make).as_ref()
    }

    /// The names of the builds of a stage.
    pub(crate) fn marks(&self, stage: StageId) -> Vec<String> {
        if self.reading.file().is_none() {
            return Vec::new();
        }
        let make = || match (self.held(), self.reading.file()) {
            (Some(held), Some(file)) => {
                let names = self.drawn.graph.stages.iter().map(|stage| stage.display_name());
                beside::marks(names, held, file)
            }
            _ => Vec::new(),
        };
        let found = self.marks.get_or_init(make).get(stage.0);
        let name = self.drawn.graph.stages.get(stage.0).map(|stage| stage.display_name());
        found
            .filter(|marks| Some(&marks.stage) == name.as_ref())
            .map_or(Vec::new(), |marks| marks.builds.clone())
    }

    /// Takes over what happened to real builds. What was built is then in the cache.
    fn happen(&mut self, happening: Happening) {
        let mut building = self.building.clone();
        if matches!(happening, Happening::Asked | Happening::Opened(_) | Happening::Played(..)) {
            self.panel_height = self.panel_height.max(building::PANEL_HEIGHT);
        }
        building.take(happening, self);
        let is_new = building.just_built() != self.building.just_built();
        if let Some(built) = building.just_built().filter(|_| is_new) {
            self.built = built.clone();
            self.changed = Rc::new(Changed { outputs: self.changed.outputs, ..Changed::default() });
            self.forget_forecast();
        }
        self.building = building;
    }

    /// How the rows are in the build that is shown, by stage and in order, while that is what one looks at.
    pub(crate) fn running(&self) -> BTreeMap<StageId, Vec<(usize, RowState)>> {
        let is_looked_at = self.panel == Some(Panel::Build);
        if is_looked_at { self.building.rows(&self.drawn) } else { BTreeMap::new() }
    }

    /// Builds have to be held against the text anew.
    fn forget_held(&mut self) {
        self.held = Same::new(OnceCell::new());
        if self.is_checked {
            self.marks = Same::new(OnceCell::new());
        }
    }

    /// Another file beside, which has yet to be read.
    fn put_beside(&mut self, beside: Beside) {
        if beside.is_empty() {
            self.reading = Reading::Nothing;
        }
        self.beside = Rc::new(beside);
        self.forget_held();
    }

    /// Asks for a build of the file beside.
    fn take_over(&mut self, place: usize) {
        let Some(build) = self.held().and_then(|held| held.builds.iter().find(|it| it.place == place)) else {
            return;
        };
        let (target, order) = (build.order.target.clone(), build.order.clone());
        self.lens = Lens { target, ..Lens::default() };
        self.ask(beside::asked(&order, &self.analysis.asked));
    }

    /// The build that is in the cache, and what it needed. A text that no builder takes was never built; then it is the
    /// one that is drawn.
    fn last_build(&self) -> Option<(Same<Analysis>, Cut)> {
        let wanted = self.changed.built_target.as_deref().or(self.lens.target.as_deref());
        let builds = [(&self.built, wanted), (&self.built, None), (&self.drawn, wanted)];
        builds.into_iter().filter(|(analysis, _)| analysis.readable).find_map(|(analysis, target)| {
            let analysis = match analysis.is_for(target) {
                true => analysis.clone(),
                false => Same::new(analysis.again(analysis.asked.clone(), target)),
            };
            let cut = analysis.cut(target).ok().filter(|cut| cut.errors.is_empty())?;
            Some((analysis, cut))
        })
    }

    /// Whether the picture shows an older text, because the new one cannot be read.
    pub(crate) fn is_stale(&self) -> bool {
        self.analysis != self.drawn
    }

    /// Whether the narrow picture is drawn.
    pub(crate) fn is_narrow(&self) -> bool {
        self.view.0 > 0 && self.view.0 < 560
    }

    /// What is in the light: what the pointer is on, or else what is selected.
    pub(crate) fn lit(&self) -> Option<&Thing> {
        self.hovered.as_ref().or(self.selected.as_ref())
    }

    /// The cut for the target, if there is such a target.
    pub(crate) fn target_cut(&self) -> Option<&Cut> {
        self.cut.as_ref().ok()
    }

    /// The cut of the target that the panels speak of: the second where that is chosen and there is one.
    pub(crate) fn shown(&self) -> &Same<Result<Cut, TargetError>> {
        self.second.as_ref().filter(|_| self.side == Side::B).unwrap_or(&self.cut)
    }

    /// The target that the panels speak of.
    pub(crate) fn shown_target(&self) -> Option<StageId> {
        Some(self.shown().as_ref().ok()?.target)
    }

    /// What is in that target's image and how it got there, if there is such a target.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        let cut = self.shown().as_ref().ok()?;
        let make = || ledger_with(&self.drawn.graph, cut, self.drawn.asked.context.as_ref());
        Some(self.ledger.get_or_init(make))
    }

    /// Takes over all of a link but the text.
    fn look_at(&mut self, playground: &Playground) {
        let Playground { target, against, legacy, selected, panel, check, changes, .. } = playground.clone();
        self.lens = Lens { target, against, legacy };
        self.built = match changes.as_ref().and_then(|changes| changes.built.as_ref()) {
            Some(built) => Same::new(Asked::built(built, &self.analysis.asked)),
            None => self.analysis.clone(),
        };
        self.changed = Rc::new(changes.as_ref().map(Changed::of).unwrap_or_default());
        // A text that says nothing of lessons leaves them open, and is no answer to their exercises.
        self.learning = match &playground.lesson {
            Some(lesson) => Learning { visits: self.learning.visits, ..Learning::of(lesson) },
            None => Learning { exercise: false, ..self.learning.clone() },
        };
        if let Some(id) = panel {
            self.panel = Panel::of_id(&id);
        }
        let beside = Beside::of(playground);
        if beside != *self.beside {
            self.reading = Reading::Nothing;
            self.put_beside(beside);
        }
        self.check = check.map_or(Check::All, |check| match (checks::rule(&check.rule), check.nth) {
            (rule, Some(nth)) => Check::Problem(rule, nth),
            (Some(rule), None) => Check::Rule(rule),
            (None, None) => Check::All,
        });
        self.cut_again();
        self.selected = selected.and_then(|selected| self.drawn.linked(selected));
        self.selected_in_editor = false;
    }

    fn read(&mut self, analysis: Same<Analysis>, keep_last_good: bool) {
        self.analysis = analysis;
        // An emptied text is a new beginning, not an error to wait out.
        let is_empty = self.analysis.text.trim().is_empty();
        // Of what is no Dockerfile at all there is nothing to draw instead.
        let is_other = !is_edit_of(&self.drawn.text, &self.analysis.text) && self.analysis.shows_stages();
        let keep_last_good = keep_last_good && !is_other;
        let is_drawable = self.analysis.readable || is_empty || !keep_last_good;
        if is_other {
            self.built = self.analysis.clone();
            self.changed = Rc::new(Changed::default());
        }
        self.hovered = None;
        if is_drawable || self.drawn.graph.stages.is_empty() {
            let before = std::mem::replace(&mut self.drawn, self.analysis.clone());
            self.keep_collapsed(&before);
            self.cut_again();
        } else {
            self.list_problems(None);
        }
    }

    /// Lists what is wrong for a target of the text as it is.
    fn list_problems(&mut self, cut: Option<&Cut>) {
        let problems = match self.is_checked {
            true => self.analysis.problems(cut),
            false => self.analysis.problems_carried(cut, &self.listed.text, &self.problems),
        };
        self.problems = Same::new(problems);
        self.listed = self.analysis.clone();
    }

    /// A stage stays collapsed when others come and go above it.
    fn keep_collapsed(&mut self, before: &Analysis) {
        if self.sight.collapsed.is_empty() {
            return;
        }
        let name = |analysis: &Analysis, stage: StageId| {
            analysis.graph.stages.get(stage.0).map(|stage| stage.display_name())
        };
        let names: BTreeSet<_> =
            self.sight.collapsed.iter().filter_map(|&stage| name(before, stage)).collect();
        let stages = self.drawn.graph.stages.iter();
        self.sight.collapsed =
            stages.filter(|stage| names.contains(&stage.display_name())).map(|stage| stage.id).collect();
    }

    /// The nodes that belong to the selection, if only they are to be drawn.
    pub(crate) fn isolated(&self) -> Option<BTreeSet<Node>> {
        let node = match self.selected.as_ref().filter(|_| self.sight.isolated)? {
            Thing::Step(stage, _) | Thing::Stage(stage) => Node::Stage(*stage),
            Thing::Source(source) => Node::Source(*source),
            Thing::Path(path) => return Some(self.way_of(path)?.nodes),
            Thing::Edge(edge) => Node::Stage(self.drawn.graph.edges.get(*edge)?.to),
        };
        Some(around(&self.drawn.graph, node))
    }

    /// Everything on the way of a path into the image.
    pub(crate) fn way_of(&self, path: &str) -> Option<Way> {
        let ledger = self.ledger()?;
        let entry = ledger.entry_at(path)?;
        let places = ledger.chain(entry.node).into_iter().filter_map(|id| Some(ledger.node(id)?.place));
        let nodes = places.filter_map(|place| match place {
            Place::Stage(stage) => Some(Node::Stage(stage)),
            Place::Source(source) => Some(Node::Source(source)),
            Place::Heredoc(_) => None,
        });
        let steps = ledger.places(entry.node).into_iter().map(|at| (at.stage, at.step));
        let target = self.shown_target().map(Node::Stage);
        Some(Way {
            nodes: nodes.chain(target).collect(),
            steps: steps.chain([(entry.at.stage, entry.at.step)]).collect(),
        })
    }

    /// Another build of the same text: the picture stays where it is, as far as the graph does.
    fn ask(&mut self, asked: Asked) {
        if self.built.asked.context.is_none() && asked.context.is_some() {
            // Somebody tells what was there all the time.
            let asked = Asked { context: asked.context.clone(), ..Asked::clone(&self.built.asked) };
            self.built = Same::new(self.built.again(Rc::new(asked), self.lens.target.as_deref()));
        }
        let is_stale = self.is_stale();
        let (asked, target) = (Rc::new(asked), self.lens.target.as_deref());
        self.analysis = Same::new(self.analysis.again(asked.clone(), target));
        let drawn = match is_stale {
            true => Same::new(self.drawn.again(asked, target)),
            false => self.analysis.clone(),
        };
        let before = std::mem::replace(&mut self.drawn, drawn);
        self.keep_collapsed(&before);
        self.is_checked = true;
        self.hovered = None;
        let selected = self.selected.as_ref().and_then(|thing| before.link_to(thing));
        self.selected = selected.and_then(|selected| self.drawn.linked(selected));
        self.cut_again();
        if is_stale {
            self.list_problems(None);
        }
    }

    fn cut_again(&mut self) {
        if !self.drawn.is_for(self.lens.target.as_deref()) {
            // Of two targets that are compared, the text reads the first.
            self.ask(Asked::clone(&self.drawn.asked));
            return;
        }
        let cut = self.drawn.cut(self.lens.target.as_deref());
        let against = self.lens.against.as_deref().filter(|_| !self.lens.legacy);
        let second = against.map(|name| self.drawn.cut(Some(name)));
        let graph = &self.drawn.graph;
        self.lights = Same::new(match (&cut, &second) {
            (Ok(cut), _) if self.lens.legacy => Lights::legacy(graph, cut),
            (Ok(first), Some(Ok(second))) => Lights::compare(graph, first, second),
            (Ok(cut), _) => Lights::of(graph, cut),
            (Err(_), _) => Lights::default(),
        });
        if !self.is_stale() {
            self.list_problems(cut.as_ref().ok());
        }
        self.cut = Same::new(cut);
        self.ledger = Same::new(OnceCell::new());
        self.forget_forecast();
        self.forget_held();
        self.second = second.map(Same::new);
    }

    fn choose(&mut self, stage: StageId) {
        let Some(stage) = self.drawn.graph.stages.get(stage.0) else { return };
        let is_default = stage.id.0 + 1 == self.drawn.graph.stages.len();
        if is_default {
            self.lens.target = None;
        } else {
            match self.drawn.targetable(stage.id) {
                Some(Targetable::ByName(name)) => self.lens.target = Some(name),
                Some(Targetable::DefaultOnly) | None => self.lens.target = None,
                Some(Targetable::No { reason }) => {
                    let text = format!("{} cannot be the target. {reason}", stage.display_name());
                    self.notice = Some(Notice { text, is_error: false });
                    return;
                }
            }
        }
        self.notice = None;
        self.cut_again();
    }

    /// The problem that the panel of checks shows, if it is still there.
    pub(crate) fn problem(&self) -> Option<&Problem> {
        let Check::Problem(rule, nth) = &self.check else { return None };
        self.problems.iter().filter(|problem| problem.rule() == *rule).nth(*nth)
    }

    /// The rows in which something is wrong, by stage and in order, with the worst of each; what is only good to know is
    /// left out. Nothing while the picture is older than the text.
    pub(crate) fn found(&self) -> BTreeMap<StageId, Vec<(usize, Level)>> {
        let mut found: BTreeMap<StageId, Vec<(usize, Level)>> = BTreeMap::new();
        for problem in self.problems.iter().filter(|_| !self.is_stale()) {
            let level = problem.kind.level();
            let place = self.drawn.step_at(problem.at.line).filter(|_| level != Level::Info);
            let Some((stage, step)) = place else { continue };
            let rows = found.entry(stage).or_default();
            // Problems are in file order, so those of one row follow each other.
            match rows.last_mut().filter(|(row, _)| *row == step) {
                Some((_, worst)) => *worst = level.min(*worst),
                None => rows.push((step, level)),
            }
        }
        found
    }

    /// How a problem of the list is called.
    pub(crate) fn check_of(&self, place: usize) -> Check {
        let rule = self.problems.get(place).and_then(Problem::rule);
        let before = self.problems.iter().take(place).filter(|problem| problem.rule() == rule);
        Check::Problem(rule, before.count())
    }

    /// Shows something in the panel of checks; of a problem every view shows its line.
    fn look_into(&mut self, check: Check) {
        self.check = check;
        self.panel = Some(Panel::Checks);
        let at = self.problem().map(|problem| (problem.range.start, problem.at.line));
        if let Some((offset, line)) = at {
            self.go_to = (self.go_to.0 + 1, offset);
            self.selected = self.step_at(line);
            self.selected_in_editor = true;
        }
        self.pane = Pane::Panel;
    }

    fn step_at(&self, line: u32) -> Option<Thing> {
        let found = if self.is_stale() { None } else { self.drawn.step_at(line) };
        found.map(|(stage, step)| Thing::Step(stage, step))
    }
}

/// Whether a text is another with a change in it, rather than something else pasted over it: then the picture of the
/// other would only confuse.
fn is_edit_of(before: &str, after: &str) -> bool {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    let n_start = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let shorter = before.len().min(after.len());
    let ends = before.iter().rev().zip(after.iter().rev()).take(shorter - n_start);
    let n_end = ends.take_while(|(a, b)| a == b).count();
    2 * (n_start + n_end) >= shorter
}

impl From<LinkError> for Notice {
    fn from(error: LinkError) -> Notice {
        Notice { text: error.to_string(), is_error: true }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<State>, action: Action) -> Rc<State> {
        let mut state = State::clone(&self);
        match action {
            Action::Edit(analysis, line) => {
                let (asked, target) = (&state.analysis.asked, state.lens.target.as_deref());
                // What is asked may have changed since the editor was told.
                let analysis = match analysis.asked == *asked {
                    true => analysis,
                    false => Same::new(analysis.again(asked.clone(), target)),
                };
                if analysis.text != state.analysis.text {
                    state.is_checked = false;
                    state.read(analysis, true);
                    state.notice = None;
                }
                state.selected = state.step_at(line);
                state.selected_in_editor = true;
            }
            Action::Settle if !state.is_checked => {
                state.is_checked = true;
                state.forget_forecast();
                state.forget_held();
                let cut = state.cut.clone();
                state.list_problems(cut.as_ref().ok().filter(|_| !self.is_stale()));
            }
            Action::Settle => {}
            Action::Open(playground) => {
                state.is_checked = true;
                let (text, target) = (playground.dockerfile.clone(), playground.target.as_deref());
                let analysis = Analysis::of(text, Rc::new(Asked::of(&playground)), target);
                state.read(Same::new(analysis), false);
                state.opened += 1;
                state.look_at(&playground);
                state.notice = None;
            }
            Action::OpenFailed(error) => state.notice = Some(error.into()),
            Action::Ask(asked) if asked != *state.analysis.asked => state.ask(asked),
            Action::Ask(_) => {}
            Action::Beside(beside) => state.put_beside(beside),
            Action::Read(of, reading) if of == state.beside => {
                state.reading = reading;
                state.forget_held();
            }
            Action::Read(..) => {}
            Action::TakeOver(place) => state.take_over(place),
            Action::Build(happening) => state.happen(happening),
            Action::Change(changed) => {
                state.changed = Rc::new(changed);
                state.forget_forecast();
            }
            Action::BuiltFrom(text) => {
                let (asked, target) = (state.built.asked.clone(), state.lens.target.as_deref());
                state.built = Same::new(Analysis::of(text, asked, target));
                state.forget_forecast();
            }
            Action::Built => {
                state.built = state.drawn.clone();
                state.changed = Rc::new(Changed { outputs: state.changed.outputs, ..Changed::default() });
                state.forget_forecast();
            }
            Action::ChooseTarget(target) => {
                state.lens.target = target;
                state.notice = None;
                state.cut_again();
            }
            Action::Compare(against) => {
                state.lens.against = against;
                state.lens.legacy = false;
                state.cut_again();
            }
            Action::Legacy(legacy) => {
                state.lens.legacy = legacy;
                state.cut_again();
            }
            Action::ChooseStage(stage) => state.choose(stage),
            Action::Hover(thing) => {
                state.hovered = thing;
                state.hovered_in_editor = false;
            }
            Action::HoverLine(line) => {
                state.hovered = state.step_at(line);
                state.hovered_in_editor = true;
            }
            Action::CursorLine(line) => {
                state.selected = state.step_at(line);
                state.selected_in_editor = true;
            }
            Action::Select(thing) => {
                let is_again = state.selected.as_ref() == Some(&thing) && !state.selected_in_editor;
                state.selected = Some(thing).filter(|_| !is_again);
                state.selected_in_editor = false;
            }
            Action::Deselect => state.selected = None,
            Action::GoTo(offset) => {
                state.go_to = (state.go_to.0 + 1, offset);
                state.pane = Pane::Text;
            }
            Action::Check(check) => state.look_into(check),
            Action::Apply(of, edits) if of == state.analysis && !edits.is_empty() => {
                state.edits = (state.edits.0 + 1, edits.into());
            }
            Action::Apply(..) => {}
            Action::Show(pane) => state.pane = pane,
            Action::ShowPanel(panel) => state.panel = panel,
            Action::Side(side) => {
                state.side = side;
                state.ledger = Same::new(OnceCell::new());
            }
            Action::PanelHeight(percent) => state.panel_height = percent.clamp(12, 80),
            Action::Collapse(stage) => {
                if !state.sight.collapsed.remove(&stage) {
                    state.sight.collapsed.insert(stage);
                }
            }
            Action::CollapseAll(all) => {
                let stages = state.drawn.graph.stages.iter().map(|stage| stage.id).filter(|_| all);
                state.sight.collapsed = stages.collect();
            }
            Action::PerUse(per_use) => state.sight.per_use = per_use,
            Action::Isolate(isolated) => state.sight.isolated = isolated,
            Action::Resize(width, height) => state.view = (width, height),
            Action::Zoom(zoom) => state.zoom = zoom,
            Action::Theme(theme) => state.theme = theme,
            Action::Learn(place) => {
                let Learning { place: before, exercise, visits, .. } = state.learning;
                let exercise = exercise && before == place;
                state.learning = Learning { is_open: true, place, exercise, visits: visits + 1 };
                state.pane = Pane::Lesson;
            }
            Action::CloseLessons => {
                state.learning.is_open = false;
                if state.pane == Pane::Lesson {
                    state.pane = Pane::Text;
                }
            }
            Action::Exercise => state.learning.exercise = true,
            Action::Dialog(dialog) => state.dialog = dialog,
            Action::Tell(notice) => state.notice = Some(notice),
            Action::Dismiss => state.notice = None,
            Action::Outdated(is_outdated) => state.is_outdated = is_outdated,
        }
        // The same value tells the page that there is nothing to do.
        if state == *self { self } else { Rc::new(state) }
    }
}
