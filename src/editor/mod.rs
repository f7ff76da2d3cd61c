//! The editor: CodeMirror behind a component, fed from the state.
//!
//! This folder is the only home of UTF-16 offsets: the core counts bytes, CodeMirror counts UTF-16 units.

mod bridge;
mod host;
mod utf16;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use dockerfile::checks::{Level, Origin, Rule};
use dockerfile::edit::TextEdit;
use dockerfile::queries::Lights;
use dockerfile::stages::Node;
use dockerfile::syntax::highlight::TokenKind;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::analysis::{Analysis, Problem, Same};
use crate::state::{Snapshot, State, Thing};
use bridge::Editor;
use host::Host;
use utf16::Utf16;

/// CodeMirror shows them all at once; more only make it slow.
const MAX_PROBLEMS: usize = 300;

/// A running editor.
struct Handle {
    editor: Editor,
    /// What was typed last, whose colours the editor has got.
    typed: Rc<RefCell<Option<Same<Analysis>>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

/// What the editor is fed from.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Snapshot,
}

/// The text of the Dockerfile, to be edited.
#[component]
pub(crate) fn TextEditor(props: &Props) -> Html {
    let state = &props.state;
    let place = use_node_ref();
    let handle = use_mut_ref(|| None::<Handle>);
    let current = use_mut_ref(|| state.clone());
    *current.borrow_mut() = state.clone();

    {
        let (place, handle) = (place.clone(), handle.clone());
        use_effect_with((), move |()| {
            if let Some(element) = place.cast::<HtmlElement>() {
                *handle.borrow_mut() = Some(start(&element, &current));
            }
            move || *handle.borrow_mut() = None
        });
    }
    {
        let (handle, state) = (handle.clone(), state.clone());
        let shown = use_mut_ref(Shown::default);
        let marks = Marks::of(&state);
        use_effect_with(marks, move |marks| {
            if let Some(handle) = &*handle.borrow() {
                shown.borrow_mut().update(handle, marks, &state);
            }
        });
    }

    {
        let (handle, analysis) = (handle.clone(), state.analysis.clone());
        use_effect_with(state.edits.clone(), move |(n_wishes, edits)| {
            if let (Some(handle), true) = (&*handle.borrow(), *n_wishes > 0) {
                handle.editor.edit(&changes(edits, &Utf16::new(&analysis.text)));
            }
        });
    }
    {
        let state = state.clone();
        use_effect_with(state.go_to, move |&(n_wishes, offset)| {
            if let (Some(handle), true) = (&*handle.borrow(), n_wishes > 0) {
                handle.editor.go_to(Utf16::new(&state.analysis.text).cursor().at(offset));
            }
        });
    }

    html! { <div class="editor" ref={place} /> }
}

/// What the editor shows beside the text.
#[derive(Clone, PartialEq)]
struct Marks {
    opened: usize,
    analysis: Same<Analysis>,
    /// Kept as they were while somebody types: the editor moves them along, and nobody reads them meanwhile.
    problems: Option<(Same<Analysis>, Same<Vec<Problem>>)>,
    /// Kept as it was while the picture is older than the text: its lines are not those of the text, and the editor
    /// moves them along.
    lights: Option<Same<Lights>>,
    lit: Vec<u32>,
    /// Whether the first lit line is to be brought into view.
    reveals: bool,
}

impl Marks {
    fn of(state: &State) -> Marks {
        let in_editor = state.hovered_in_editor || state.hovered.is_none() && state.selected_in_editor;
        Marks {
            opened: state.opened,
            analysis: state.analysis.clone(),
            problems: state.is_checked.then(|| (state.analysis.clone(), state.problems.clone())),
            lights: (!state.is_stale()).then(|| state.lights.clone()),
            lit: lit(state),
            reveals: !in_editor,
        }
    }
}

/// What the editor was last told: it is told what may have changed, all of it at once, since each telling costs it a
/// layout.
#[derive(Default)]
struct Shown(Option<Marks>);

impl Shown {
    fn update(&mut self, handle: &Handle, marks: &Marks, state: &State) {
        let editor = &handle.editor;
        let before = self.0.take();
        let is_opened = before.as_ref().is_none_or(|before| before.opened != marks.opened);
        // First the text, then what is said about it.
        if is_opened {
            editor.open(&marks.analysis.text);
        }
        let before = before.filter(|_| !is_opened);
        let changed = |is_same: fn(&Marks, &Marks) -> bool| {
            before.as_ref().is_none_or(|before| !is_same(before, marks))
        };
        let utf16 = Utf16::new(&marks.analysis.text);
        let is_typed = handle.typed.borrow().as_ref() == Some(&marks.analysis);
        let new_tokens =
            (!is_typed && changed(|a, b| a.analysis == b.analysis)).then(|| tokens(&marks.analysis, &utf16));
        let new_problems = marks.problems.as_ref().filter(|_| changed(|a, b| a.problems == b.problems));
        let new_problems = new_problems.map(|(_, list)| problems(list, &utf16));
        let lights = marks.lights.as_ref().filter(|_| changed(|a, b| a.lights == b.lights));
        let new_dark = lights.map(|lights| dark(lights, &state.drawn));
        let is_lit_new = changed(|a, b| a.lit == b.lit);
        let new_lit = is_lit_new.then(|| marks.lit.clone());
        editor.mark(new_tokens, new_problems, new_dark, new_lit);
        if let (Some(&first), true, true) = (marks.lit.first(), marks.reveals, is_lit_new) {
            editor.reveal(first);
        }
        self.0 = Some(marks.clone());
    }
}

/// Starts an editor; `current` is the state as it was last shown.
fn start(element: &HtmlElement, current: &Rc<RefCell<Snapshot>>) -> Handle {
    let text = current.borrow().analysis.text.clone();
    let typed = Rc::new(RefCell::new(None));
    let host = Host::new(current.clone(), typed.clone());
    Handle { editor: Editor::new(element, &text, "Dockerfile", host), typed }
}

/// Triples (from, to, kind) for the editor; kinds without a colour are left out.
fn tokens(analysis: &Analysis, utf16: &Utf16<'_>) -> Vec<u32> {
    let mut triples = Vec::with_capacity(analysis.tokens.len() * 3);
    let mut cursor = utf16.cursor();
    for token in &analysis.tokens {
        if let Some(colour) = colour(token.kind) {
            triples.extend([cursor.at(token.range.start), cursor.at(token.range.end), colour as u32]);
        }
    }
    triples
}

/// Colours, as `www/editor/editor.js` numbers its classes.
#[derive(Clone, Copy)]
enum Colour {
    Keyword = 0,
    Flag,
    String,
    Variable,
    Comment,
    Directive,
    Stage,
    Image,
    Heredoc,
    Punctuation,
    Error,
}

fn colour(kind: TokenKind) -> Option<Colour> {
    Some(match kind {
        TokenKind::Whitespace | TokenKind::Text | TokenKind::FlagValue => return None,
        TokenKind::Keyword => Colour::Keyword,
        TokenKind::Directive => Colour::Directive,
        TokenKind::Comment => Colour::Comment,
        TokenKind::FlagName => Colour::Flag,
        TokenKind::String | TokenKind::Number => Colour::String,
        TokenKind::Variable => Colour::Variable,
        TokenKind::Operator | TokenKind::Punctuation | TokenKind::Continuation => Colour::Punctuation,
        TokenKind::HeredocMarker | TokenKind::HeredocBody => Colour::Heredoc,
        TokenKind::StageName => Colour::Stage,
        TokenKind::ImageName => Colour::Image,
        TokenKind::Error => Colour::Error,
    })
}

/// Whose rule it is that speaks.
fn told_by(rule: &Rule) -> String {
    match rule.origin {
        Origin::BuildKit => format!("BuildKit's check {}", rule.name),
        Origin::Stagelight => rule.name.to_owned(),
    }
}

fn problems(problems: &[Problem], utf16: &Utf16<'_>) -> String {
    let mut json = String::from("[");
    let (mut starts, mut ends) = (utf16.cursor(), utf16.cursor());
    for problem in problems.iter().take(MAX_PROBLEMS) {
        if json.len() > 1 {
            json.push(',');
        }
        let (from, to) = (starts.at(problem.range.start), ends.at(problem.range.end));
        let message = serde_json::Value::from(problem.message.as_str());
        let severity = match problem.kind.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        };
        let rule = problem.rule().map(told_by);
        let help = serde_json::Value::from(problem.help.as_deref());
        let rule = serde_json::Value::from(rule);
        let _ = write!(
            json,
            r#"{{"from":{from},"to":{to},"severity":"{severity}","message":{message},"help":{help},"rule":{rule}}}"#
        );
    }
    json.push(']');
    json
}

/// Edits for the editor, as JSON.
fn changes(edits: &[TextEdit], utf16: &Utf16<'_>) -> String {
    let change = |edit: &TextEdit| {
        let mut cursor = utf16.cursor();
        let (from, to) = (cursor.at(edit.range.start), cursor.at(edit.range.end));
        serde_json::json!({ "from": from, "to": to, "insert": edit.text })
    };
    serde_json::Value::Array(edits.iter().map(change).collect()).to_string()
}

/// Lines of stages that do not run, as pairs (first, last).
fn dark(lights: &Lights, analysis: &Analysis) -> Vec<u32> {
    let stages = analysis.graph.stages.iter().filter(|stage| lights.is_dark(stage.id));
    stages.flat_map(|stage| [stage.lines.first, stage.lines.last]).collect()
}

/// Lines of what the pointer is on, or of what was selected elsewhere, as pairs (first, last), ordered.
fn lit(state: &State) -> Vec<u32> {
    let selected = state.selected.as_ref().filter(|_| !state.selected_in_editor);
    let (Some(thing), false) = (state.hovered.as_ref().or(selected), state.is_stale()) else {
        return Vec::new();
    };
    let lines = match thing {
        Thing::Step(stage, step) => state.drawn.step(*stage, *step).map(|step| step.lines),
        Thing::Stage(stage) => state.drawn.lines_of(*stage),
        Thing::Edge(edge) => {
            let edge = state.drawn.graph.edges.get(*edge);
            edge.and_then(|edge| state.drawn.step(edge.to, edge.step)).map(|step| step.lines)
        }
        Thing::Source(source) => {
            let edges = state.drawn.graph.edges.iter().filter(|edge| edge.from == Node::Source(*source));
            return edges
                .filter_map(|edge| state.drawn.step(edge.to, edge.step))
                .flat_map(|step| [step.lines.first, step.lines.last])
                .collect();
        }
        Thing::Path(path) => {
            let steps = state.way_of(path).map(|way| way.steps).unwrap_or_default();
            let steps = steps.into_iter().filter_map(|(stage, step)| state.drawn.step(stage, step));
            return steps
                .flat_map(|step| [step.lines.first, step.lines.last])
                .filter(|&line| line > 0)
                .collect();
        }
    };
    lines.map(|lines| vec![lines.first, lines.last]).unwrap_or_default()
}
