//! The editor: CodeMirror behind a component, fed from the state.
//!
//! This folder is the only home of UTF-16 offsets: the core counts bytes, CodeMirror counts UTF-16 units.

mod bridge;
mod utf16;

use std::fmt::Write as _;

use dockerfile::stages::Node;
use dockerfile::syntax::highlight::TokenKind;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::analysis::{Analysis, Problem};
use crate::lights::Lights;
use crate::state::{Action, State, Thing};
use bridge::Editor;
use utf16::Utf16;

/// CodeMirror shows them all at once; more only make it slow.
const MAX_PROBLEMS: usize = 300;

/// A running editor and the closures that it calls.
struct Handle {
    editor: Editor,
    _on_change: Closure<dyn FnMut(String, u32)>,
    _on_cursor: Closure<dyn FnMut(u32)>,
    _on_hover: Closure<dyn FnMut(u32)>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

/// What the editor is fed from.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: UseReducerHandle<State>,
}

/// The text of the Dockerfile, to be edited.
#[component]
pub(crate) fn TextEditor(props: &Props) -> Html {
    let state = &props.state;
    let place = use_node_ref();
    let handle = use_mut_ref(|| None::<Handle>);

    {
        let (place, handle, state) = (place.clone(), handle.clone(), state.clone());
        use_effect_with((), move |()| {
            if let Some(element) = place.cast::<HtmlElement>() {
                *handle.borrow_mut() = Some(start(&element, &state));
            }
            move || *handle.borrow_mut() = None
        });
    }
    // The order matters: first the text, then what is said about it.
    {
        let (handle, analysis) = (handle.clone(), state.analysis.clone());
        use_effect_with(state.opened, move |_| {
            if let Some(handle) = &*handle.borrow() {
                handle.editor.open(&analysis.text);
            }
        });
    }
    {
        let handle = handle.clone();
        use_effect_with((state.analysis.clone(), state.opened), move |(analysis, _)| {
            if let Some(handle) = &*handle.borrow() {
                let utf16 = Utf16::new(&analysis.text);
                handle.editor.set_tokens(&tokens(analysis, &utf16));
            }
        });
    }
    {
        let (handle, state) = (handle.clone(), state.clone());
        use_effect_with((state.problems.clone(), state.opened), move |_| {
            if let Some(handle) = &*handle.borrow() {
                handle.editor.set_problems(&problems(&state.problems, &Utf16::new(&state.analysis.text)));
            }
        });
    }
    {
        let (handle, state) = (handle.clone(), state.clone());
        use_effect_with((state.lights.clone(), state.opened), move |_| {
            // While the picture is stale its lines are not those of the text; the editor moves the old ones.
            if state.is_stale() {
                return;
            }
            if let Some(handle) = &*handle.borrow() {
                handle.editor.set_lines("dark", &dark(&state.lights, &state.drawn));
            }
        });
    }
    {
        let (handle, state) = (handle.clone(), state.clone());
        let (hovered, selected) = (state.hovered.clone(), state.selected.clone());
        use_effect_with((hovered, selected, state.selected_in_editor, state.opened), move |_| {
            if let Some(handle) = &*handle.borrow() {
                let spans = lit(&state);
                if let (Some(&first), false) = (spans.first(), state.hovered_in_editor) {
                    handle.editor.reveal(first);
                }
                handle.editor.set_lines("lit", &spans);
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

fn start(element: &HtmlElement, state: &UseReducerHandle<State>) -> Handle {
    let dispatch = state.dispatcher();
    let on_change = {
        let dispatch = dispatch.clone();
        Closure::new(move |text: String, line: u32| dispatch.dispatch(Action::Edit(text, line)))
    };
    let on_cursor = {
        let dispatch = dispatch.clone();
        Closure::new(move |line: u32| dispatch.dispatch(Action::CursorLine(line)))
    };
    let on_hover = Closure::new(move |line: u32| dispatch.dispatch(Action::HoverLine(line)));
    let editor = Editor::new(element, &state.analysis.text, "Dockerfile", &on_change, &on_cursor, &on_hover);
    Handle { editor, _on_change: on_change, _on_cursor: on_cursor, _on_hover: on_hover }
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

fn problems(problems: &[Problem], utf16: &Utf16<'_>) -> String {
    let mut json = String::from("[");
    let (mut starts, mut ends) = (utf16.cursor(), utf16.cursor());
    for problem in problems.iter().take(MAX_PROBLEMS) {
        if json.len() > 1 {
            json.push(',');
        }
        let (from, to) = (starts.at(problem.range.start), ends.at(problem.range.end));
        let message = serde_json::Value::from(problem.message.as_str());
        let help = serde_json::Value::from(problem.help.as_deref());
        let severity = if problem.is_error { "error" } else { "warning" };
        let _ = write!(
            json,
            r#"{{"from":{from},"to":{to},"severity":"{severity}","message":{message},"help":{help}}}"#
        );
    }
    json.push(']');
    json
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
        Thing::Source(source) => {
            let edges = state.drawn.graph.edges.iter().filter(|edge| edge.from == Node::Source(*source));
            return edges
                .filter_map(|edge| state.drawn.step(edge.to, edge.step))
                .flat_map(|step| [step.lines.first, step.lines.last])
                .collect();
        }
        Thing::Path(_) => None,
    };
    lines.map(|lines| vec![lines.first, lines.last]).unwrap_or_default()
}
