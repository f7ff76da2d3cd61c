//! Instructions as rows of a picture: one line of text each.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::{Step, go};
use crate::syntax::{Instruction, InstructionKind, Word};

/// Flags and arguments of an instruction on one line: a piece of a text that all rows of a file share. It is read as
/// a `str`.
#[derive(Clone)]
pub struct Summary {
    all: Rc<str>,
    start: usize,
    end: usize,
}

impl Deref for Summary {
    type Target = str;

    fn deref(&self) -> &str {
        &self.all[self.start..self.end]
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, formatter)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Summary) -> bool {
        **self == **other
    }
}

impl Eq for Summary {}

/// The summaries of all instructions of a file.
pub(super) struct Summaries {
    all: Rc<str>,
    /// Where that of each instruction ends.
    ends: Vec<usize>,
}

impl Summaries {
    pub(super) fn new(instructions: &[Instruction<'_>]) -> Summaries {
        let mut all = String::with_capacity(instructions.last().map_or(0, |last| last.range.end));
        let mut ends = Vec::with_capacity(instructions.len());
        for instruction in instructions {
            // No blank stands between this one and the one before.
            let mut summary = Line { out: &mut all, is_empty: true };
            summary.add(instruction);
            ends.push(all.len());
        }
        Summaries { all: all.into(), ends }
    }

    fn of(&self, index: usize) -> Summary {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Summary { all: self.all.clone(), start, end: self.ends[index] }
    }
}

/// The row of an instruction; `index` is its place in the file.
pub(super) fn step(instruction: &Instruction<'_>, index: usize, summaries: &Summaries) -> Step {
    Step {
        kind: instruction.kind,
        instruction: index,
        keyword: keyword(instruction),
        summary: summaries.of(index),
        range: instruction.range,
        lines: instruction.lines,
        broken: instruction.broken,
        executes: may_execute(instruction.kind),
    }
}

/// Whether instructions of this kind make an operation of the build. WORKDIR is decided by its directory.
pub(super) fn may_execute(kind: InstructionKind) -> bool {
    match kind {
        InstructionKind::Add | InstructionKind::Copy | InstructionKind::Run | InstructionKind::Workdir => {
            true
        }
        InstructionKind::Arg
        | InstructionKind::Cmd
        | InstructionKind::Entrypoint
        | InstructionKind::Env
        | InstructionKind::Expose
        | InstructionKind::From
        | InstructionKind::Healthcheck
        | InstructionKind::Label
        | InstructionKind::Maintainer
        | InstructionKind::Onbuild
        | InstructionKind::Shell
        | InstructionKind::Stopsignal
        | InstructionKind::User
        | InstructionKind::Volume
        | InstructionKind::Unknown => false,
    }
}

/// The keyword in upper case; nearly always that of the table.
fn keyword(instruction: &Instruction<'_>) -> Cow<'static, str> {
    let (known, written) = (instruction.kind.keyword(), &instruction.keyword.text);
    if known.eq_ignore_ascii_case(written) { known.into() } else { go::to_upper(written).into_owned().into() }
}

/// A line that is written part by part, behind whatever stands in `out` already.
struct Line<'o> {
    out: &'o mut String,
    is_empty: bool,
}

impl Line<'_> {
    fn add(&mut self, instruction: &Instruction<'_>) {
        for flag in &instruction.flags {
            self.part(|out| {
                out.push_str("--");
                out.push_str(&flag.name.text);
                if let Some(value) = &flag.value {
                    out.push('=');
                    push_folded(out, &value.text);
                }
            });
        }
        if let Some(child) = &instruction.onbuild {
            self.part(|out| out.push_str(&keyword(child)));
            self.add(child);
        } else if instruction.json {
            self.part(|out| push_json(out, &instruction.args));
        } else if matches!(instruction.kind, InstructionKind::Env | InstructionKind::Label) {
            // Triples of key, value and `=`; the legacy form has no `=`.
            instruction.args.chunks(3).for_each(|triple| self.part(|out| push_pair(out, triple)));
        } else {
            instruction.args.iter().for_each(|word| self.part(|out| push_folded(out, &word.text)));
        }
    }

    /// Adds what `write` writes, with a blank before it if there is something on both sides.
    fn part(&mut self, write: impl FnOnce(&mut String)) {
        let end = self.out.len();
        if !self.is_empty {
            self.out.push(' ');
        }
        let start = self.out.len();
        write(self.out);
        match self.out.len() == start {
            true => self.out.truncate(end),
            false => self.is_empty = false,
        }
    }
}

fn push_pair(out: &mut String, triple: &[Word<'_>]) {
    match triple {
        [key, value, sign] if sign.text == "=" => {
            out.push_str(&key.text);
            out.push('=');
            push_folded(out, &value.text);
        }
        words => {
            let start = out.len();
            for (word_idx, word) in words.iter().enumerate() {
                if word_idx > 0 {
                    out.push(' ');
                }
                push_folded(out, &word.text);
            }
            let end = out[start..].trim_end().len();
            out.truncate(start + end);
        }
    }
}

/// Adds the text with every run of white space made one blank.
fn push_folded(out: &mut String, text: &str) {
    if !text.is_ascii() {
        for (word_idx, word) in text.split_whitespace().enumerate() {
            out.push_str(if word_idx > 0 { " " } else { "" });
            out.push_str(word);
        }
        return;
    }
    let mut rest = text.trim();
    while let Some(at) = find_run(rest.as_bytes()) {
        out.push_str(rest[..at].trim_end());
        out.push(' ');
        rest = rest[at..].trim_start();
    }
    out.push_str(rest);
}

/// A place in the first white space that is more than a single blank.
fn find_run(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 16;
    // No branches, so that the compiler makes vector code of it.
    let is_run = |byte: u8, next: u8| matches!(byte, b'\t'..=b'\r') | ((byte == b' ') & (next == b' '));
    let mut at = 0;
    while let (Some(block), Some(next)) = (
        bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()),
        bytes.get(at + 1..).and_then(|rest| rest.first_chunk::<BLOCK>()),
    ) {
        if block.iter().zip(next).fold(false, |found, (&byte, &next)| found | is_run(byte, next)) {
            break;
        }
        at += BLOCK;
    }
    let is_run_at = |at: usize| is_run(bytes[at], bytes.get(at + 1).copied().unwrap_or_default());
    (at..bytes.len()).find(|&at| bytes[at] <= b' ' && is_run_at(at))
}

fn push_json(out: &mut String, words: &[Word<'_>]) {
    out.push('[');
    for (word_idx, word) in words.iter().enumerate() {
        out.push_str(if word_idx > 0 { ", \"" } else { "\"" });
        for char in word.text.chars() {
            match char {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                char => out.push(char),
            }
        }
        out.push('"');
    }
    out.push(']');
}

/// The description in a comment `# name text` above a FROM or ARG (`getComment` of BuildKit's parser).
pub(crate) fn description(comments: &[&str], name: &str) -> Option<String> {
    let rest = comments.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(rest.to_owned())
}
