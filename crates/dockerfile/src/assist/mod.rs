//! Help while somebody writes: what can stand at a place, what stands there, and where it comes from.
//!
//! [`place`] reads what stands at an offset, once, and completion, hover and definition each say their part of it.
//! Everything comes from the tables of `syntax` and from the graph, so nothing is offered that BuildKit would refuse.
//! Surprising: the text is nearly always broken while somebody types, so places are read from the instructions as far
//! as they were understood, and variables from the bare text of the line.

mod comments;
mod complete;
mod definition;
mod hover;
mod images;
mod page;
mod place;
mod stage_names;
mod variables;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use crate::stages::{self, BuildOptions, StageGraph};
use crate::syntax::{self, Parse};
use crate::text::TextRange;

pub use page::section;

/// What can be put at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// What is replaced.
    pub range: TextRange,
    /// What can stand there, the likeliest first. What is typed already chooses among it by the labels.
    pub items: Vec<Completion>,
}

/// One thing that can be put at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What it is called.
    pub label: Cow<'static, str>,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words on it; may be empty.
    pub detail: Cow<'static, str>,
    /// The text that is put there.
    pub insert: Cow<'static, str>,
    /// More on it, in Markdown.
    pub info: Option<Cow<'static, str>>,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompletionKind {
    /// An instruction.
    Instruction,
    /// AS, CMD or NONE.
    Keyword,
    /// A flag.
    Flag,
    /// A key of a mount.
    MountKey,
    /// A value of a flag, of a key, or of a directive.
    Value,
    /// A stage of the file.
    Stage,
    /// An image.
    Image,
    /// A named context that the build is given.
    NamedContext,
    /// An ARG or ENV.
    Variable,
    /// A signal.
    Signal,
    /// A parser directive, or an option of one.
    Directive,
    /// The name of a check.
    Rule,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The place.
    pub range: TextRange,
    /// What there is to say of it, in Markdown.
    pub markdown: String,
}

/// What can be put at `offset`; `None` where nothing can be offered.
pub fn complete(text: &str, offset: usize) -> Option<Completions> {
    Document::read(text, &BuildOptions::default()).complete(offset)
}

/// What stands at `offset`; `None` where there is nothing to say.
pub fn hover(text: &str, offset: usize) -> Option<Hover> {
    Document::read(text, &BuildOptions::default()).hover(offset)
}

/// Where that which stands at `offset` is made: the FROM of a stage, the ARG or ENV of a variable.
pub fn definition(text: &str, offset: usize) -> Option<TextRange> {
    Document::read(text, &BuildOptions::default()).definition(offset)
}

/// Every place where the stage or the variable at `offset` is written, its definition included, in file order; empty if
/// there is none.
pub fn references(text: &str, offset: usize) -> Vec<TextRange> {
    Document::read(text, &BuildOptions::default()).references(offset)
}

/// A text that questions are asked of, read for one build.
pub struct Document<'d> {
    text: &'d str,
    parse: Held<'d, Parse<'d>>,
    options: &'d BuildOptions,
    /// What is given; many questions can do without it.
    given_graph: Option<&'d StageGraph>,
    own_graph: OnceCell<StageGraph>,
}

/// Something of one's own, or of somebody else. Unlike a `Cow` it can stand for one that lives shorter.
enum Held<'d, T> {
    Own(T),
    Lent(&'d T),
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Held::Own(value) => value,
            Held::Lent(value) => value,
        }
    }
}

impl<'d> Document<'d> {
    /// Reads a text. Takes time in proportion to it.
    pub fn read(text: &'d str, options: &'d BuildOptions) -> Document<'d> {
        let parse = Held::Own(syntax::parse(text));
        Document { text, parse, options, given_graph: None, own_graph: OnceCell::new() }
    }

    /// A text that is read already: `graph` is what `parse` and `options` come to. This is quicker.
    pub fn of(
        text: &'d str,
        parse: &'d Parse<'d>,
        graph: &'d StageGraph,
        options: &'d BuildOptions,
    ) -> Document<'d> {
        let parse = Held::Lent(parse);
        Document { text, parse, options, given_graph: Some(graph), own_graph: OnceCell::new() }
    }

    /// What can be put at `offset`; `None` where nothing can be offered.
    pub fn complete(&self, offset: usize) -> Option<Completions> {
        complete::complete(self, self.boundary(offset))
    }

    /// What stands at `offset`; `None` where there is nothing to say.
    pub fn hover(&self, offset: usize) -> Option<Hover> {
        hover::hover(self, self.boundary(offset))
    }

    /// Where that which stands at `offset` is made; see [`definition`].
    pub fn definition(&self, offset: usize) -> Option<TextRange> {
        definition::definition(self, self.boundary(offset))
    }

    /// Every place where the stage or the variable at `offset` is written; see [`references`].
    pub fn references(&self, offset: usize) -> Vec<TextRange> {
        definition::references(self, self.boundary(offset))
    }

    fn graph(&self) -> &StageGraph {
        let resolve = || self.own_graph.get_or_init(|| stages::resolve(&self.parse, self.options));
        self.given_graph.unwrap_or_else(resolve)
    }

    /// The character boundary at or before `offset`.
    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}
