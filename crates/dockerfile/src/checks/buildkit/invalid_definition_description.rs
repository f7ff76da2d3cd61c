//! The comment right above a FROM with a name, or above an ARG, does not begin with that name. `docker build
//! --call=outline` shows such comments as descriptions.

use super::Rule;
use super::linter::Linter;
use crate::stages::{args::split_declaration, to_lower};
use crate::syntax::{Instruction, is_as};

pub(super) static RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. \
                  If this is not intended to be a description comment, add an empty line or comment between the \
                  instruction and the comment.",
    experimental: true,
    page: include_str!("invalid_definition_description.md"),
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
