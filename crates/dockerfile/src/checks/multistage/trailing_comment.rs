//! `COPY a b # why`: the `#` is no comment there, so BuildKit takes the words behind it for arguments.
//!
//! Surprising: only a line that begins with `#` is a comment of the Dockerfile. Behind a command in shell form the
//! shell makes it one, and nothing is wrong. All stages are looked at, also those that the target does not need: what is
//! read wrongly is wrong for whoever builds it.

use super::reread;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "TrailingComment",
    description: "A '#' behind arguments does not start a comment",
    level: Level::Warning,
    page: include_str!("trailing_comment.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let preamble = file.graph.preamble.iter().map(|step| (None, step));
    let stages =
        file.graph.stages.iter().flat_map(|stage| {
            stage.steps.iter().enumerate().map(move |(at, step)| (Some((stage.id, at)), step))
        });
    for (row, step) in preamble.chain(stages) {
        let Some(instruction) = file.parse.instructions.get(step.instruction) else { continue };
        let Some(range) = comment(file, instruction) else { continue };
        let inner = instruction.onbuild.as_deref().unwrap_or(instruction);
        let message = format!("'{}' is no comment here: {}", shown(range.of(file.text)), becomes(inner));
        let finding = match row {
            Some(row) => acc.add(&RULE, row, range, message),
            None => acc.push(Finding { lines: step.lines, ..Finding::new(&RULE, range, message) }),
        };
        finding.help("Put it on a line of its own above the instruction");
    }
}

/// The comment that somebody meant, from its `#` to the end of its line.
fn comment(file: &File<'_>, instruction: &Instruction<'_>) -> Option<TextRange> {
    let inner = instruction.onbuild.as_deref().unwrap_or(instruction);
    if !is_read_by_buildkit(inner) || !inner.heredocs.is_empty() {
        return None;
    }
    let range = TextRange::new(instruction.keyword.range.end, instruction.range.end);
    let source = range.of(file.text);
    if !source.contains('#') {
        return None;
    }
    let knows_quotes =
        matches!(inner.kind, InstructionKind::Env | InstructionKind::Label | InstructionKind::Arg)
            || source.trim_start().starts_with('[');
    // The value of the legacy form may begin with it.
    let is_legacy = matches!(inner.kind, InstructionKind::Env | InstructionKind::Label)
        && !source.split_whitespace().next().is_some_and(|word| word.contains('='));
    let mut words_to_come: u32 = if is_legacy { 2 } else { 1 };
    let mut quote = None;
    let mut start = range.start;
    for line in source.split_inclusive('\n') {
        let is_comment = start > range.start && line.trim_start().starts_with('#');
        let mut before = ' ';
        for (at, c) in line.char_indices().filter(|_| !is_comment) {
            match (quote, c) {
                // An escape takes the next character with it.
                _ if before == file.parse.escape => {}
                (Some(open), c) => quote = Some(open).filter(|open| *open != c),
                (None, '"' | '\'') if knows_quotes => quote = Some(c),
                (None, '#') if words_to_come == 0 && before.is_whitespace() => {
                    let line = line.trim_end();
                    let end = line.strip_suffix(['\\', '`']).filter(|line| line.len() > at).unwrap_or(line);
                    return Some(TextRange::new(start + at, start + end.trim_end().len()));
                }
                (None, _) => {}
            }
            if before.is_whitespace() && !c.is_whitespace() {
                words_to_come = words_to_come.saturating_sub(1);
            }
            let is_escaped = before == file.parse.escape;
            before = if is_escaped { 'x' } else { c };
        }
        start += line.len();
    }
    None
}

/// Whether what stands there gets to no shell, which would know comments.
fn is_read_by_buildkit(instruction: &Instruction<'_>) -> bool {
    match instruction.kind {
        InstructionKind::Run | InstructionKind::Cmd | InstructionKind::Entrypoint => is_array(instruction),
        InstructionKind::Healthcheck => {
            instruction.args.first().is_none_or(|word| !word.text.eq_ignore_ascii_case("CMD"))
                || is_array(instruction)
        }
        InstructionKind::Add
        | InstructionKind::Arg
        | InstructionKind::Copy
        | InstructionKind::Env
        | InstructionKind::Expose
        | InstructionKind::From
        | InstructionKind::Label
        | InstructionKind::Shell
        | InstructionKind::Stopsignal
        | InstructionKind::User
        | InstructionKind::Volume
        | InstructionKind::Workdir => !instruction.json,
        InstructionKind::Maintainer | InstructionKind::Onbuild | InstructionKind::Unknown => false,
    }
}

/// Whether it is in exec form but for what follows the bracket that closes.
fn is_array(instruction: &Instruction<'_>) -> bool {
    let text = instruction.args.last().filter(|_| !instruction.json).map_or("", |word| &word.text);
    if !text.starts_with("[\"") {
        return false;
    }
    let array = text.split_once(" #").map_or("", |(array, _)| array.trim());
    array.ends_with("\"]") && !array.contains("&&")
}

/// What BuildKit makes of it.
fn becomes(instruction: &Instruction<'_>) -> &'static str {
    match instruction.kind {
        _ if instruction.broken => "BuildKit takes it for arguments and refuses the file",
        InstructionKind::Add | InstructionKind::Copy => {
            "its last word is the destination, and the others are sources"
        }
        InstructionKind::Arg => "each word of it declares a build argument",
        InstructionKind::Env | InstructionKind::Label => "it is part of the value",
        InstructionKind::Expose => "BuildKit takes its words for ports and refuses them",
        InstructionKind::User => "it is part of the user's name",
        InstructionKind::Volume => "each word of it is a volume",
        InstructionKind::Workdir => "it is part of the directory's name",
        InstructionKind::Stopsignal => "it is part of the signal's name",
        InstructionKind::Cmd
        | InstructionKind::Entrypoint
        | InstructionKind::Healthcheck
        | InstructionKind::Run
        | InstructionKind::Shell => "with it the array is no JSON, and a shell runs the whole line",
        InstructionKind::From
        | InstructionKind::Maintainer
        | InstructionKind::Onbuild
        | InstructionKind::Unknown => "BuildKit takes it for arguments",
    }
}

fn shown(comment: &str) -> String {
    match comment.char_indices().nth(30) {
        Some((end, _)) => format!("{}…", comment[..end].trim_end()),
        None => comment.to_owned(),
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let blank = file.text[..finding.range.start].trim_end_matches([' ', '\t']).len();
    let comment = finding.range.of(file.text);
    let edits = vec![
        TextEdit::insert(instruction.range.start, format!("{comment}\n")),
        TextEdit::delete(TextRange::new(blank, finding.range.end)),
    ];
    // At the top of the file it could be a directive.
    let is_first = file.parse.instructions.first().is_some_and(|it| it.range == instruction.range);
    if is_first && comment.contains('=') || !reread::breaks_nothing(file, instruction, &edits) {
        return Vec::new();
    }
    let because = "BuildKit takes it for arguments so far, so something else is built without it";
    vec![Fix::asking("Put the comment on a line of its own", because, edits)]
}
