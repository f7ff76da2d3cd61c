//! All that the page shows is a function of [`State`]; all that changes it is an [`Action`].

use std::rc::Rc;

use dockerfile::queries::{Cut, TargetError, Targetable};
use dockerfile::stages::{SourceId, StageId};
use protocol::Playground;
use protocol::link::LinkError;
use yew::Reducible;

use crate::analysis::{Analysis, Problem};
use crate::examples;

/// What the page is at a moment.
#[derive(Clone, PartialEq)]
pub(crate) struct State {
    /// What the core says about the text as it is.
    pub(crate) analysis: Rc<Analysis>,
    /// What is drawn: the same, or the last text that could be read.
    pub(crate) drawn: Rc<Analysis>,
    /// The stage asked for; `None` for the default.
    pub(crate) target: Option<String>,
    /// What a build of the target runs, of what is drawn.
    pub(crate) cut: Rc<Result<Cut, TargetError>>,
    /// What BuildKit would refuse, of the text as it is.
    pub(crate) problems: Rc<Vec<Problem>>,
    /// What the pointer is on.
    pub(crate) focus: Focus,
    /// Whether the pointer is in the editor; then the picture follows, else the editor.
    pub(crate) focus_in_editor: bool,
    /// The instruction that the cursor is in, once it was moved.
    pub(crate) cursor: Option<(StageId, usize)>,
    /// Counts texts that came from elsewhere than the keyboard: the editor takes each of them over.
    pub(crate) opened: usize,
    /// Where the editor is to go, with a count of such wishes.
    pub(crate) go_to: (usize, usize),
    /// Which half a phone shows.
    pub(crate) pane: Pane,
    /// Size of the place for the picture, in pixels.
    pub(crate) view: (i32, i32),
    /// How large the picture is drawn.
    pub(crate) zoom: Zoom,
    /// Light, dark or as the system has it.
    pub(crate) theme: Theme,
    /// Something to tell once.
    pub(crate) notice: Option<Notice>,
}

/// What the pointer is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Focus {
    #[default]
    Nothing,
    /// An instruction: stage and row.
    Step(StageId, usize),
    Stage(StageId),
    Source(SourceId),
}

/// The halves of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Text,
    Stages,
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
    /// The person typed.
    Edit(String),
    /// A link or an example is opened.
    Open(Playground),
    /// A link could not be opened.
    OpenFailed(LinkError),
    /// Another target by its name, or the default.
    ChooseTarget(Option<String>),
    /// A stage was clicked.
    ChooseStage(StageId),
    /// The pointer moved in the picture.
    Focus(Focus),
    /// The pointer moved in the editor: line, or 0.
    HoverLine(u32),
    /// The cursor moved.
    CursorLine(u32),
    /// The editor is to show an offset of the text, in bytes.
    GoTo(usize),
    Show(Pane),
    Resize(i32, i32),
    Zoom(Zoom),
    Theme(Theme),
    Tell(Notice),
    Dismiss,
}

impl State {
    /// Starts with what the address holds, or the first example.
    pub(crate) fn start(link: Option<Result<Playground, LinkError>>, theme: Theme) -> State {
        let (playground, error) = match link {
            Some(Ok(playground)) => (playground, None),
            Some(Err(error)) => (examples::first(), Some(error)),
            None => (examples::first(), None),
        };
        let analysis = Rc::new(Analysis::of(playground.dockerfile));
        let cut = analysis.cut(playground.target.as_deref());
        let problems = Rc::new(analysis.problems(cut.as_ref().ok()));
        let cut = Rc::new(cut);
        State {
            drawn: analysis.clone(),
            analysis,
            target: playground.target,
            cut,
            problems,
            focus: Focus::Nothing,
            focus_in_editor: false,
            cursor: None,
            opened: 0,
            go_to: (0, 0),
            pane: Pane::Stages,
            view: (0, 0),
            zoom: Zoom::Auto,
            theme,
            notice: error.map(Notice::from),
        }
    }

    /// What a link to this page holds.
    pub(crate) fn playground(&self) -> Playground {
        Playground { dockerfile: self.analysis.text.clone(), target: self.target.clone() }
    }

    /// Whether the picture shows an older text, because the new one cannot be read.
    pub(crate) fn is_stale(&self) -> bool {
        !Rc::ptr_eq(&self.analysis, &self.drawn)
    }

    /// Whether the narrow picture is drawn.
    pub(crate) fn is_narrow(&self) -> bool {
        self.view.0 > 0 && self.view.0 < 560
    }

    fn read(&mut self, text: String, keep_last_good: bool) {
        self.analysis = Rc::new(Analysis::of(text));
        // An emptied text is a new beginning, not an error to wait out.
        let is_empty = self.analysis.text.trim().is_empty();
        let is_drawable = self.analysis.readable || is_empty || !keep_last_good;
        if is_drawable || self.drawn.graph.stages.is_empty() {
            self.drawn = self.analysis.clone();
            self.cut_again();
        } else {
            self.problems = Rc::new(self.analysis.problems(None));
        }
        self.focus = Focus::Nothing;
    }

    fn cut_again(&mut self) {
        let cut = self.drawn.cut(self.target.as_deref());
        if !self.is_stale() {
            self.problems = Rc::new(self.analysis.problems(cut.as_ref().ok()));
        }
        self.cut = Rc::new(cut);
    }

    fn choose(&mut self, stage: StageId) {
        let Some(stage) = self.drawn.graph.stages.get(stage.0) else { return };
        let is_default = stage.id.0 + 1 == self.drawn.graph.stages.len();
        if is_default {
            self.target = None;
        } else {
            match self.drawn.targetable(stage.id) {
                Some(Targetable::ByName(name)) => self.target = Some(name),
                Some(Targetable::DefaultOnly) | None => self.target = None,
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
            Action::Edit(text) if text == state.analysis.text => return self,
            Action::Edit(text) => {
                state.read(text, true);
                state.notice = None;
            }
            Action::Open(playground) => {
                state.target = playground.target;
                state.read(playground.dockerfile, false);
                state.opened += 1;
                state.cursor = None;
                state.notice = None;
            }
            Action::OpenFailed(error) => state.notice = Some(error.into()),
            Action::ChooseTarget(target) => {
                state.target = target;
                state.notice = None;
                state.cut_again();
            }
            Action::ChooseStage(stage) => state.choose(stage),
            Action::Focus(focus) => {
                if state.focus == focus && !state.focus_in_editor {
                    return self;
                }
                state.focus = focus;
                state.focus_in_editor = false;
            }
            Action::HoverLine(line) => {
                let step = if state.is_stale() { None } else { state.drawn.step_at(line) };
                state.focus = step.map_or(Focus::Nothing, |(stage, step)| Focus::Step(stage, step));
                state.focus_in_editor = true;
                if state.focus == self.focus {
                    return self;
                }
            }
            Action::CursorLine(line) => {
                state.cursor = if state.is_stale() { None } else { state.drawn.step_at(line) };
                if state.cursor == self.cursor {
                    return self;
                }
            }
            Action::GoTo(offset) => {
                state.go_to = (state.go_to.0 + 1, offset);
                state.pane = Pane::Text;
            }
            Action::Show(pane) => state.pane = pane,
            Action::Resize(width, height) => state.view = (width, height),
            Action::Zoom(zoom) => state.zoom = zoom,
            Action::Theme(theme) => state.theme = theme,
            Action::Tell(notice) => state.notice = Some(notice),
            Action::Dismiss => state.notice = None,
        }
        Rc::new(state)
    }
}
