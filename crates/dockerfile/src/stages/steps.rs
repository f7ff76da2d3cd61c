//! Instructions as rows of a picture: one line of text each.

use super::Step;
use crate::syntax::{Instruction, InstructionKind, Word};

/// The row of an instruction; `index` is its place in the file.
pub(super) fn step(instruction: &Instruction<'_>, index: usize) -> Step {
    Step {
        kind: instruction.kind,
        instruction: index,
        keyword: instruction.keyword.text.to_uppercase(),
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

/// Flags and arguments on one line.
fn summary(instruction: &Instruction<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for flag in &instruction.flags {
        parts.push(match &flag.value {
            Some(value) => format!("--{}={}", flag.name.text, folded(&value.text)),
            None => format!("--{}", flag.name.text),
        });
    }
    if let Some(child) = &instruction.onbuild {
        parts.push(child.keyword.text.to_uppercase());
        parts.push(summary(child));
    } else if instruction.json {
        let words: Vec<String> = instruction.args.iter().map(|word| json_string(&word.text)).collect();
        parts.push(format!("[{}]", words.join(", ")));
    } else {
        parts.extend(arguments(instruction));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn arguments(instruction: &Instruction<'_>) -> Vec<String> {
    let texts = |words: &[Word<'_>]| words.iter().map(|word| folded(&word.text)).collect::<Vec<_>>();
    match instruction.kind {
        // Triples of key, value and `=`; the legacy form has no `=`.
        InstructionKind::Env | InstructionKind::Label => instruction
            .args
            .chunks(3)
            .map(|triple| match triple {
                [key, value, sign] if sign.text == "=" => format!("{}={}", key.text, folded(&value.text)),
                words => texts(words).join(" ").trim_end().to_owned(),
            })
            .collect(),
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
        | InstructionKind::Unknown => texts(&instruction.args),
    }
}

/// The text with every run of white space made one blank.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
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
    out
}

/// The description in a comment `# name text` above a FROM or ARG (`getComment` of BuildKit's parser).
pub(crate) fn description(comments: &[&str], name: &str) -> Option<String> {
    let rest = comments.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(rest.to_owned())
}
