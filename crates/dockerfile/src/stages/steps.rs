//! Instructions as rows of a picture: one line of text each.

use std::borrow::Cow;

use super::{Step, go};
use crate::syntax::{Instruction, InstructionKind, Word};

/// The row of an instruction; `index` is its place in the file.
pub(super) fn step(instruction: &Instruction<'_>, index: usize) -> Step {
    Step {
        kind: instruction.kind,
        instruction: index,
        keyword: keyword(instruction),
        summary: summary(instruction),
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
    if known.eq_ignore_ascii_case(written) { known.into() } else { go::to_upper(written).into() }
}

/// Flags and arguments on one line.
fn summary(instruction: &Instruction<'_>) -> String {
    let args = instruction.args.iter().map(|word| word.text.len() + 1);
    let flags = instruction.flags.iter().map(|flag| flag.range.len() + 1);
    let mut out = String::with_capacity(args.chain(flags).sum());
    summarize(&mut out, instruction);
    out
}

fn summarize(out: &mut String, instruction: &Instruction<'_>) {
    for flag in &instruction.flags {
        add_part(out, |out| {
            out.push_str("--");
            out.push_str(&flag.name.text);
            if let Some(value) = &flag.value {
                out.push('=');
                push_folded(out, &value.text);
            }
        });
    }
    if let Some(child) = &instruction.onbuild {
        add_part(out, |out| out.push_str(&keyword(child)));
        summarize(out, child);
    } else if instruction.json {
        add_part(out, |out| push_json(out, &instruction.args));
    } else {
        add_arguments(out, instruction);
    }
}

/// Adds what `write` writes, with a blank before it if there is something on both sides.
fn add_part(out: &mut String, write: impl FnOnce(&mut String)) {
    let end = out.len();
    if end > 0 {
        out.push(' ');
    }
    let start = out.len();
    write(out);
    if out.len() == start {
        out.truncate(end);
    }
}

fn add_arguments(out: &mut String, instruction: &Instruction<'_>) {
    match instruction.kind {
        // Triples of key, value and `=`; the legacy form has no `=`.
        InstructionKind::Env | InstructionKind::Label => {
            for triple in instruction.args.chunks(3) {
                add_part(out, |out| push_pair(out, triple));
            }
        }
        InstructionKind::Add
        | InstructionKind::Arg
        | InstructionKind::Cmd
        | InstructionKind::Copy
        | InstructionKind::Entrypoint
        | InstructionKind::Expose
        | InstructionKind::From
        | InstructionKind::Healthcheck
        | InstructionKind::Maintainer
        | InstructionKind::Onbuild
        | InstructionKind::Run
        | InstructionKind::Shell
        | InstructionKind::Stopsignal
        | InstructionKind::User
        | InstructionKind::Volume
        | InstructionKind::Workdir
        | InstructionKind::Unknown => {
            for word in &instruction.args {
                add_part(out, |out| push_folded(out, &word.text));
            }
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
    let start = out.len();
    let mut push = |words: &str| {
        if !words.is_empty() {
            if out.len() > start {
                out.push(' ');
            }
            out.push_str(words);
        }
    };
    if !text.is_ascii() {
        return text.split_whitespace().for_each(push);
    }
    // Stretches with nothing but single blanks in them are taken as a whole.
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let bytes = text.as_bytes();
    let mut words = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte > b' ' || !is_blank(byte) {
            continue;
        }
        let is_between = at > words && bytes.get(at + 1).is_some_and(|&next| !is_blank(next));
        if byte != b' ' || !is_between {
            push(&text[words..at]);
            words = at + 1;
        }
    }
    push(&text[words..]);
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
