//! A secret that an ARG or ENV brings in, mounted where it is used instead.
//!
//! Only RUN lines that name the variable are known to use it; where anything else of the stage does, a mount would not
//! do. Surprising: stages FROM the stage have its variables too.

use super::lines;
use crate::checks::File;
use crate::edit::{Fix, TextEdit};
use crate::stages::{StageId, Start, args::split_declaration};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

/// Takes the variable out of the ARG or ENV in a row, and mounts a secret of that name in each RUN that uses it.
/// `None` if no RUN does, or something else does as well.
pub(crate) fn mount_secret(file: &File<'_>, (stage, step): (StageId, usize), name: &str) -> Option<Fix> {
    let is_plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
    let declared = file.instruction(stage, step).filter(|it| is_plain && !it.broken)?;
    let is_env = declared.kind == InstructionKind::Env;
    let removed = remove(file, declared, name)?;
    let mount = format!(" --mount=type=secret,id={name},env={name}");
    let mut edits = vec![removed];
    // Whether the variable reaches the end of each stage.
    let mut has = vec![false; file.graph.stages.len()];
    for it in &file.graph.stages[stage.0..] {
        let first = match it.start {
            _ if it.id == stage => step + 1,
            Start::Stage(base) if has[base.0] => 1,
            Start::Stage(_) | Start::Empty | Start::Image(_) | Start::UnknownImage => continue,
        };
        has[it.id.0] = true;
        for row in it.steps.get(first..).unwrap_or_default() {
            let instruction = file.parse.instructions.get(row.instruction)?;
            if declares(instruction, name) {
                has[it.id.0] = false;
                break;
            }
            if !uses(instruction.range.of(file.text), name) {
                continue;
            }
            let in_flag = || instruction.flags.iter().any(|flag| uses(flag.range.of(file.text), name));
            // A variable of an ARG is gone by the time these run.
            let runs_later =
                [InstructionKind::Cmd, InstructionKind::Entrypoint, InstructionKind::Healthcheck];
            if instruction.kind == InstructionKind::Run && !in_flag() {
                edits.push(TextEdit::insert(instruction.keyword.range.end, mount.as_str()));
            } else if is_env || !runs_later.contains(&instruction.kind) {
                return None;
            }
        }
    }
    let title = match edits.len() - 1 {
        0 => return None,
        1 => format!("Mount the secret '{name}' where it is used"),
        n => format!("Mount the secret '{name}' in the {n} RUN that use it"),
    };
    let because = match is_env {
        true => format!("The build then needs --secret id={name}, and the container has no such variable"),
        false => format!("The build then needs --secret id={name} in place of the build argument"),
    };
    Some(Fix::asking(title, because, edits))
}

/// Whether the instruction gives the variable anew.
fn declares(instruction: &Instruction<'_>, name: &str) -> bool {
    declared(instruction).iter().any(|(it, _)| *it == name)
}

/// The names that an ARG or ENV gives, each with where it stands together with its value.
fn declared<'i>(instruction: &'i Instruction<'_>) -> Vec<(&'i str, TextRange)> {
    let args = &instruction.args;
    if instruction.kind == InstructionKind::Arg {
        args.iter().map(|it| (split_declaration(&it.text).0, it.range)).collect()
    } else if instruction.kind == InstructionKind::Env {
        args.chunks(3).map(|pair| (&*pair[0].text, pair[0].range.cover(pair[1].range))).collect()
    } else {
        Vec::new()
    }
}

/// Whether a text puts the variable in.
fn uses(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = &text[at + 1..];
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let behind = rest.strip_prefix(name).map(|it| it.chars().next());
        behind.is_some_and(|next| !next.is_some_and(|it| it.is_alphanumeric() || it == '_'))
    })
}

/// Takes a variable out of its ARG or ENV, and that too if nothing is left of it.
fn remove(file: &File<'_>, instruction: &Instruction<'_>, name: &str) -> Option<TextEdit> {
    let words = declared(instruction);
    let at = words.iter().position(|(it, _)| *it == name)?;
    let is_twice = words.iter().filter(|(it, _)| *it == name).count() > 1;
    match (&words[..], at) {
        _ if is_twice => None,
        ([_], _) if instruction.args.len() <= 3 => Some(lines::remove(file.text, file.parse, instruction)),
        ([(_, this), (_, next), ..], 0) => Some(TextEdit::delete(TextRange::new(this.start, next.start))),
        (words, at) => {
            let (before, this) = (words.get(at.checked_sub(1)?)?.1, words[at].1);
            Some(TextEdit::delete(TextRange::new(before.end, this.end)))
        }
    }
}
