//! With the defaults of the global ARGs alone, a base is no valid image reference. Surprising: a base without any
//! variable counts too, and so does the name of a stage that is no valid reference; and where a default cannot be
//! expanded the rule gives up for the rest of the file.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::is_verbatim;
use crate::stages::args::{GlobalScope, split_declaration};
use crate::stages::{StageGraph, expand, image_ref};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "InvalidDefaultArgInFrom",
    description: "Default value for global ARG results in an empty or invalid base image name",
    file_only: true,
    page: include_str!("invalid_default_arg_in_from.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// `defaults` is what the global ARGs come to without build arguments.
pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, defaults: &GlobalScope, acc: &mut Linter) {
    for stage in &graph.stages {
        let from = &parse.instructions[stage.steps[0].instruction];
        let Some(base) = from.args.first() else { continue };
        let Ok(expansion) = defaults.expand(&base.text, parse.escape) else { return };
        if image_ref::parse(&expansion.text).is_err() {
            acc.enter(from, Some(stage.id));
            let message =
                format!("Default value for ARG {} results in empty or invalid base image name", base.text);
            acc.add(&RULE, base.range, message);
        }
    }
}

/// A default for the one ARG that has none: the build argument that is given, or `latest` for a tag.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let File { parse, graph, options, .. } = *file;
    let Some((stage, 0)) = file.row_at(finding.range.start) else { return Vec::new() };
    let Some(base) = file.instruction(stage.id, 0).and_then(|from| from.args.first()) else {
        return Vec::new();
    };
    let plain = crate::stages::BuildOptions { build_args: Vec::new(), ..options.clone() };
    let Some(defaults) = super::from_lines::globals(parse, graph, &plain) else { return Vec::new() };
    let (_, unset) = super::from_lines::expanded(&base.text, parse.escape, &|name| defaults.get(name));
    let mut unset = unset.iter();
    let (Some(name), None) = (unset.next(), unset.next()) else { return Vec::new() };
    let words = graph.preamble.iter().flat_map(|step| &parse.instructions[step.instruction].args);
    let declared = words.rev().find(|word| split_declaration(&word.text).0 == name);
    let Some(declared) = declared.filter(|it| is_verbatim(it) && it.text == name.as_str()) else {
        return Vec::new();
    };
    let given = options.build_args.iter().rfind(|(it, _)| it == name).map(|(_, value)| value.as_str());
    let is_tag =
        [format!(":${name}"), format!(":${{{name}}}")].iter().any(|end| base.text.ends_with(end.as_str()));
    let value = match given {
        Some(value) if value.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_./:@".contains(&it)) => value,
        None if is_tag => "latest",
        Some(_) | None => return Vec::new(),
    };
    let lookup = |it: &str| if it == name { Some(value) } else { defaults.get(it) };
    let is_valid = expand::expand(&base.text, parse.escape, &lookup)
        .is_ok_and(|expansion| image_ref::parse(&expansion.text).is_ok());
    if !is_valid {
        return Vec::new();
    }
    let because = match given {
        Some(_) => "What this build is given becomes the default of all builds",
        None => "It is a guess: builds without the argument then take the latest image",
    };
    let edit = TextEdit::insert(declared.range.end, format!("={value}"));
    vec![Fix::asking(format!("Write ARG {name}={value}"), because, vec![edit])]
}
