//! The comment right above a FROM with a name, or above an ARG, does not begin with that name. `docker build
//! --call=outline` shows such comments as descriptions.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines;
use crate::stages::{args::split_declaration, to_lower};
use crate::syntax::{Instruction, InstructionKind, is_as};

pub(super) static RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. \
                  If this is not intended to be a description comment, add an empty line or comment between the \
                  instruction and the comment.",
    experimental: true,
    page: include_str!("invalid_definition_description.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check_from(from: &Instruction<'_>, acc: &mut Linter) {
    if let [_, word, name] = &from.args[..]
        && is_as(&word.text)
    {
        check(from, "FROM", &[&to_lower(&name.text)], acc);
    }
}

pub(super) fn check_arg(arg: &Instruction<'_>, acc: &mut Linter) {
    let names: Vec<&str> = arg.args.iter().map(|word| split_declaration(&word.text).0).collect();
    check(arg, "ARG", &names, acc);
}

fn check(instruction: &Instruction<'_>, keyword: &str, names: &[&str], acc: &mut Linter) {
    let Some(comment) = instruction.comments.last() else { return };
    let first = comment.split(' ').next().unwrap_or_default();
    let shown = match names {
        [] => return,
        [name] => name,
        _ => "<arg_key>",
    };
    if !names.contains(&first) {
        let message = format!("Comment for {keyword} should follow the format: `# {shown} <description>`");
        acc.add(&RULE, instruction.keyword.range, message);
    }
}

/// An empty comment keeps the comment apart; a name in front makes it a description.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let names: Vec<String> = match (instruction.kind, &instruction.args[..]) {
        (InstructionKind::From, [_, _, name]) => vec![to_lower(&name.text).into_owned()],
        (InstructionKind::Arg, words) => {
            words.iter().map(|word| split_declaration(&word.text).0.to_owned()).collect()
        }
        (_, _) => return Vec::new(),
    };
    let top = lines::top(file.text, file.parse, instruction);
    // What the other comments say to checks, and to the outline, must not be lost.
    let is_heard = |comment: &&str| {
        let first = comment.split([' ', '=']).next().unwrap_or_default();
        matches!(first, "check" | "stagelight" | "hadolint") || names.iter().any(|name| name == first)
    };
    let apart = (!instruction.comments.iter().any(is_heard)).then(|| {
        let line = format!("#{}", lines::newline(file.text));
        Fix::safe("Keep the comment apart", vec![TextEdit::insert(top.instruction, line)])
    });
    let described = described(file, top, &names);
    apart.into_iter().chain(described).collect()
}

/// The name in front of the last comment, if that is the line right above.
fn described(file: &File<'_>, top: lines::Top, names: &[String]) -> Option<Fix> {
    let [name] = names else { return None };
    let above = file.text.get(top.comments..top.instruction)?.trim_end();
    let start = above.rfind('\n').map_or(0, |at| at + 1);
    let comment = above[start..].strip_prefix('#')?;
    let blanks = comment.len() - comment.trim_start().len();
    let at = top.comments + start + 1 + blanks;
    let text = if blanks == 0 { format!(" {name} ") } else { format!("{name} ") };
    let because = "The comment is then shown as the description of that name";
    Some(Fix::asking(format!("Describe '{name}'"), because, vec![TextEdit::insert(at, text)]))
}
