//! What the editor asks and tells: the methods that `www/editor/editor.js` calls. Offsets are UTF-16 units.

use std::cell::RefCell;
use std::rc::Rc;

use dockerfile::assist::{Completion, CompletionKind, Document};
use dockerfile::edit::Fix;
use dockerfile::stages::BuildOptions;
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::tokens;
use super::utf16::Utf16;
use crate::analysis::{Analysis, Same};
use crate::markdown;
use crate::state::{Action, Snapshot, State};

/// The application, as the editor sees it.
#[wasm_bindgen]
pub struct Host {
    /// The state as it was last shown.
    current: Rc<RefCell<Snapshot>>,
    /// What was typed last, whose colours the editor has got.
    typed: Rc<RefCell<Option<Same<Analysis>>>>,
}

impl Host {
    pub(super) fn new(current: Rc<RefCell<Snapshot>>, typed: Rc<RefCell<Option<Same<Analysis>>>>) -> Host {
        Host { current, typed }
    }

    /// Hands the editor's text to `then`: as it was read when it was typed, unless the editor is further on.
    fn with_document<T>(&self, text: &str, then: impl FnOnce(&Document<'_>) -> T) -> T {
        let (typed, current) = (self.typed.borrow(), self.current.borrow());
        // What is asked is newer in the state than in what was typed.
        let known = [Some(&current.analysis), typed.as_ref()].into_iter().flatten();
        match known.into_iter().find(|it| it.text == text) {
            Some(analysis) => analysis.with_document(then),
            None => then(&Document::read(text, &BuildOptions::default())),
        }
    }

    fn dispatch(&self, action: Action) {
        let dispatch = self.current.borrow().dispatcher();
        dispatch.dispatch(action);
    }
}

#[wasm_bindgen]
impl Host {
    /// The text was changed; the cursor is in that line. Gives the colours of the text.
    pub fn change(&self, text: String, line: u32) -> Vec<u32> {
        let analysis = {
            let current = self.current.borrow();
            let target = current.lens.target.as_deref();
            Same::new(Analysis::of(text, current.analysis.asked.clone(), target))
        };
        let colours = tokens(&analysis, &Utf16::new(&analysis.text));
        *self.typed.borrow_mut() = Some(analysis.clone());
        self.dispatch(Action::Edit(analysis, line));
        colours
    }

    /// The cursor went to a line.
    pub fn cursor(&self, line: u32) {
        self.dispatch(Action::CursorLine(line));
    }

    /// The pointer is on a line; 0 for none.
    pub fn hover(&self, line: u32) {
        self.dispatch(Action::HoverLine(line));
    }

    /// How the problem at a place of the list can be mended: a JSON list of titles.
    pub fn fixes(&self, place: u32) -> String {
        let titles: Vec<String> =
            fixes(&self.current.borrow(), place).into_iter().map(|fix| fix.title).collect();
        Value::from(titles).to_string()
    }

    /// One of these ways is taken; behind the last stands the wish to see more.
    pub fn fix(&self, place: u32, nth: u32) {
        let fix = fixes(&self.current.borrow(), place).into_iter().nth(nth as usize);
        let action = match fix {
            Some(fix) => Action::Apply(self.current.borrow().analysis.clone(), fix.edits),
            None => Action::Check(self.current.borrow().check_of(place as usize)),
        };
        self.dispatch(action);
    }

    /// What can be put at an offset, as JSON: `{from, to, items: [{label, kind, detail, insert, info}]}`, or `null`.
    pub fn complete(&self, text: &str, offset: u32) -> String {
        let utf16 = Utf16::new(text);
        let found = self.with_document(text, |document| document.complete(utf16.byte(offset)));
        let Some(found) = found else { return Value::Null.to_string() };
        let item = |item: &Completion| {
            json!({
                "label": item.label,
                "kind": kind(item.kind),
                "detail": item.detail,
                "insert": item.insert,
                "info": item.info.as_deref().map(markdown::tree),
            })
        };
        let mut cursor = utf16.cursor();
        let (from, to) = (cursor.at(found.range.start), cursor.at(found.range.end));
        let items: Vec<Value> = found.items.iter().map(item).collect();
        json!({ "from": from, "to": to, "items": items }).to_string()
    }

    /// What there is to say of what stands at an offset, as JSON: `{from, to, tree}`, or `null`.
    pub fn explain(&self, text: &str, offset: u32) -> String {
        let utf16 = Utf16::new(text);
        let found = self.with_document(text, |document| document.hover(utf16.byte(offset)));
        let Some(found) = found else { return Value::Null.to_string() };
        let mut cursor = utf16.cursor();
        let (from, to) = (cursor.at(found.range.start), cursor.at(found.range.end));
        json!({ "from": from, "to": to, "tree": markdown::tree(&found.markdown) }).to_string()
    }

    /// Where that which stands at an offset is made; -1 if that is nowhere.
    pub fn definition(&self, text: &str, offset: u32) -> i32 {
        let utf16 = Utf16::new(text);
        let found = self.with_document(text, |document| document.definition(utf16.byte(offset)));
        found.map_or(-1, |range| utf16.cursor().at(range.start) as i32)
    }
}

/// The ways to mend the problem at a place of the list.
fn fixes(state: &State, place: u32) -> Vec<Fix> {
    // Until the rules have been asked again, their findings are of an older text.
    let problem = state.problems.get(place as usize).filter(|_| state.is_checked);
    problem.map_or(Vec::new(), |problem| state.analysis.fixes(state.target_cut(), problem))
}

/// The sign that the editor shows before a completion.
fn kind(kind: CompletionKind) -> &'static str {
    match kind {
        CompletionKind::Instruction | CompletionKind::Keyword | CompletionKind::Directive => "keyword",
        CompletionKind::Flag | CompletionKind::MountKey => "property",
        CompletionKind::Value | CompletionKind::Signal => "enum",
        CompletionKind::Stage => "class",
        CompletionKind::Image | CompletionKind::NamedContext => "namespace",
        CompletionKind::Variable => "variable",
        CompletionKind::Rule => "text",
    }
}
