//! From text to instructions, as BuildKit's `frontend/dockerfile/parser` and `…/instructions` read it.
//!
//! Parsing never fails and never stops: what is wrong is in [`Parse::errors`], and reading goes on with the
//! next instruction. This module knows nothing of stages or targets.

pub mod directives;
mod few;
mod flags;
pub(crate) mod go;
mod heredoc;
pub mod highlight;
pub mod instructions;
mod json;
mod lines;
mod logical_line;
pub mod mounts;
mod parser;
mod shell_words;
mod validate;
mod words;

use std::borrow::Cow;

pub use few::Few;
pub(crate) use go::parse_duration;
pub(crate) use logical_line::LogicalLine;
pub(crate) use validate::is_as;

use crate::text::{LineSpan, TextRange};

/// Everything that was read from one Dockerfile.
///
/// Values borrow from the text wherever they stand in it unchanged.
#[derive(Clone, Debug)]
pub struct Parse<'a> {
    /// Parser directives that took effect, in file order.
    pub directives: Vec<Directive<'a>>,
    /// What the readers of `syntax` and `check` see, which is not always the same.
    pub detected: directives::Detected<'a>,
    /// The escape token in force: `\` or `` ` ``.
    pub escape: char,
    /// Every instruction, also unknown and broken ones, in file order.
    pub instructions: Vec<Instruction<'a>>,
    /// Everything that is wrong, in file order; within an instruction in the order of BuildKit's checks.
    pub errors: Vec<SyntaxError>,
}

/// A parser directive: `# name=value` at the top of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    /// Name in lower case: `syntax`, `escape` or `check`.
    pub name: &'static str,
    /// Value as written, trimmed.
    pub value: Word<'a>,
    /// Line, from 1.
    pub line: u32,
}

/// A piece of text and where it came from. `text` differs from the source where quotes, escapes or
/// continuations were taken out; `range` is the smallest range of the source that holds all of it, with the
/// quotes that were taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word<'a> {
    /// What BuildKit gets to see.
    pub text: Cow<'a, str>,
    /// Where it stands.
    pub range: TextRange,
}

/// One instruction with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// Which instruction it is.
    pub kind: InstructionKind,
    /// The keyword as written.
    pub keyword: Word<'a>,
    /// From the keyword's first byte to the last byte that belongs to it: continuation lines and heredoc
    /// bodies with their terminator included, the final line end not.
    pub range: TextRange,
    /// The physical lines, from 1, as BuildKit counts them.
    pub lines: LineSpan,
    /// Flags in order. A lone `--` is dropped.
    pub flags: Vec<Flag<'a>>,
    /// Arguments as BuildKit's parser splits them. RUN, CMD, ENTRYPOINT and SHELL in shell form have one
    /// argument, the whole rest; ENV and LABEL have triples key, value, `=` (or an empty word in the legacy
    /// form, whose range is empty).
    pub args: Few<Word<'a>>,
    /// Whether the arguments were written as a JSON array.
    pub json: bool,
    /// Heredocs in the order of their markers. Those of an ONBUILD are its trigger's, and listed in both.
    pub heredocs: Vec<Heredoc<'a>>,
    /// For ONBUILD: the instruction it triggers.
    pub onbuild: Option<Box<Instruction<'a>>>,
    /// For ONBUILD: the text that is kept for the stages built on it, heredocs included. It is read anew there,
    /// with `\` as the escape token.
    pub expression: Option<String>,
    /// Text of the comments that precede the instruction, as BuildKit collects them for it.
    pub comments: Few<&'a str>,
    /// Whether its continuation holds blank lines.
    pub empty_continuation: Option<EmptyContinuation>,
    /// Whether an error in [`Parse::errors`] belongs to this instruction.
    pub broken: bool,
}

/// A continuation with blank lines in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmptyContinuation {
    /// The last line of the continuation, from 1, which is the one that BuildKit names.
    pub line: u32,
    /// The first of the blank lines.
    pub range: TextRange,
}

/// The instructions of the Dockerfile reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named after its keyword")]
pub enum InstructionKind {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// A keyword that is no instruction.
    Unknown,
}

/// A flag: `--name` or `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag<'a> {
    /// Name without the dashes, as written.
    pub name: Word<'a>,
    /// Value with quotes and escapes taken out; `None` if there is no `=`.
    pub value: Option<Word<'a>>,
    /// The whole flag.
    pub range: TextRange,
}

/// A here-document of a RUN, COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc<'a> {
    /// Name with quotes and escapes taken out.
    pub name: Cow<'a, str>,
    /// The marker (`<<EOF`) on the instruction's line.
    pub marker: TextRange,
    /// The body, verbatim, without the terminator; tabs are *not* stripped.
    pub content: &'a str,
    /// Where the body stands.
    pub body: TextRange,
    /// Whether variables in the body are expanded (no part of the name was quoted).
    pub expand: bool,
    /// Whether leading tabs are stripped (`<<-`).
    pub chomp: bool,
    /// File descriptor in front of the marker, 0 if none.
    pub fd: u64,
}

/// Something that BuildKit would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The step of BuildKit that finds it. BuildKit stops at the first error of the earliest phase.
    pub phase: Phase,
    /// BuildKit's message, without its `dockerfile parse error on line N: ` prefix and without a suggestion.
    pub message: String,
    /// The suggestion behind `(did you mean …?)`, if there is one.
    pub suggestion: Option<String>,
    /// A plain sentence that says what to do, where the message alone does not.
    pub help: Option<String>,
    /// The narrowest range that shows it.
    pub range: TextRange,
    /// The lines BuildKit names, from 1, in its order; none where it names none. A bad directive is reported one
    /// line too early, which is 0 for the first line; some places are named twice, and a circle has several.
    pub lines: Vec<LineSpan>,
}

/// The steps of BuildKit in which an error can be found, earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Reading the options of `# check=…`, before the file itself.
    Options,
    /// Reading lines, directives, arguments (`parser.Parse`), for the whole file before anything else.
    Parse,
    /// Typed instructions (`instructions.Parse`), in file order.
    Instructions,
    /// Conversion to a build graph (`dockerfile2llb`).
    Convert,
}

impl<'a> Instruction<'a> {
    /// The instruction on one line, as BuildKit shows it: escapes at line ends, and comments and blank lines
    /// between the lines, are taken out, and heredocs left away. `text` is what it was read from.
    pub fn code(&self, text: &'a str, escape: char) -> Cow<'a, str> {
        let source = text.get(self.range.start..self.range.end).unwrap_or_default();
        lines::joined(source, escape as u8)
    }

    /// The value of the last flag called `name`, if it was given with a value.
    pub fn flag(&self, name: &str) -> Option<&Word<'a>> {
        self.flags.iter().rev().find(|flag| flag.name.text == name)?.value.as_ref()
    }
}

impl SyntaxError {
    /// Whether it says that an instruction stands before the first FROM.
    pub fn is_no_stage(&self) -> bool {
        self.phase == Phase::Instructions && self.message == validate::NO_STAGE
    }

    /// The line BuildKit reports: the first of those it names.
    pub fn line(&self) -> Option<u32> {
        self.lines.first().map(|span| span.first)
    }

    /// BuildKit's message with the prefix that it puts in front of some.
    pub fn full_message(&self) -> String {
        match self.line() {
            Some(line) if self.is_prefixed() => {
                format!("dockerfile parse error on line {line}: {}", self.message)
            }
            Some(_) | None => self.message.clone(),
        }
    }

    /// Whether BuildKit puts `dockerfile parse error on line N: ` in front of the message.
    pub fn is_prefixed(&self) -> bool {
        // A missing stage is found outside the loop that adds the prefix.
        self.phase == Phase::Instructions && !self.is_no_stage() && !self.lines.is_empty()
    }
}

impl Parse<'_> {
    /// The error BuildKit would stop at.
    pub fn first_error(&self) -> Option<&SyntaxError> {
        // `min_by_key` takes the first of equals.
        self.errors.iter().min_by_key(|error| error.phase)
    }
}

/// Reads a Dockerfile. Never fails.
pub fn parse(text: &str) -> Parse<'_> {
    parser::parse(text)
}

/// Reads what an ONBUILD has kept, which is no whole Dockerfile: nothing has to stand before it.
pub fn parse_trigger(expression: &str) -> Parse<'_> {
    parser::parse_trigger(expression)
}

/// The blank lines that an instruction goes on over, each with the end of its line.
pub(crate) fn blank_lines(text: &str, instruction: &Instruction<'_>, escape: char) -> Vec<TextRange> {
    // What stands in the lines behind the keyword is read from there as from the start of its line.
    let start = instruction.range.start;
    let blank = lines::blank_lines(&text[start..], escape as u8);
    blank.into_iter().map(|line| TextRange::new(start + line.start, start + line.end)).collect()
}

/// The name of a heredoc if `word`, an argument, is its marker (`<<EOF`).
pub fn heredoc_name(word: &str) -> Option<String> {
    if !word.contains("<<") {
        return None;
    }
    heredoc::marker(word).ok().flatten().map(|marker| marker.name)
}
