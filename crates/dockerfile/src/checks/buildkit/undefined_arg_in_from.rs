//! A variable of a FROM that no ARG above the first FROM declares. Surprising: `ARG NAME` without a value is enough,
//! and `${NAME:-default}` is not.

use std::collections::{BTreeSet, HashSet};

use super::Rule;
use super::linter::Linter;
use super::undefined_var::{MAX_CANDIDATES, is_name, named, places, verbatim};
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::{in_case_of, insert_above, line_end, newline};
use crate::stages::StageGraph;
use crate::stages::args::GlobalScope;
use crate::suggest;
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    page: include_str!("undefined_arg_in_from.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// The names that a FROM can use.
pub(super) struct Declared<'g> {
    names: HashSet<&'g str>,
    /// Those that are offered as suggestions.
    candidates: Vec<&'g str>,
}

impl<'g> Declared<'g> {
    pub(super) fn of(graph: &'g StageGraph, globals: &'g GlobalScope) -> Declared<'g> {
        let names = globals.names().into_iter().chain(graph.globals.iter().map(|arg| arg.name.as_str()));
        let names: Vec<&str> = names.collect();
        let candidates = names.iter().copied().take(MAX_CANDIDATES).collect();
        Declared { names: names.into_iter().collect(), candidates }
    }
}

/// `unset` are the variables of the word that have no value.
pub(super) fn check<'d>(
    word: &Word<'_>,
    unset: &BTreeSet<String>,
    declared: impl FnOnce() -> &'d Declared<'d>,
    acc: &mut Linter,
) {
    if unset.is_empty() {
        return;
    }
    let declared = declared();
    let places = places(verbatim(word), word.range.start);
    for name in unset.iter().filter(|name| !declared.names.contains(name.as_str())) {
        let suggestion = suggest::nearest_of_map(name, declared.candidates.iter().copied());
        let message = format!("FROM argument '{name}' is not declared");
        let range = places.get(name.as_str()).copied().unwrap_or(word.range);
        acc.add_with(&RULE, range, message, suggestion);
    }
}

/// The name that may have been meant, or an ARG above the first FROM.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((name, range)) = named(file.text, finding.range) else { return Vec::new() };
    let meant = finding.suggestion.as_ref().filter(|it| is_name(it)).map(|meant| {
        let because = format!("It is a guess that '{meant}' is meant");
        Fix::asking(format!("Use {meant}"), because, vec![TextEdit::replace(range, meant)])
    });
    let Some(first) = file.parse.instructions.first() else { return Vec::new() };
    let line = format!("{} {name}", in_case_of(&first.keyword.text, "ARG"));
    let last = file.graph.preamble.last().map(|step| step.range.end);
    let edit = match last {
        Some(end) => {
            let (at, newline) = (line_end(file.text, end), newline(file.text));
            TextEdit::insert(at, format!("{line}{newline}"))
        }
        None => insert_above(file.text, file.parse, first, &line),
    };
    let because = "A build argument can then set it; without one it is as empty as before";
    let declared = Fix::asking(format!("Declare ARG {name} above the first FROM"), because, vec![edit]);
    meant.into_iter().chain([declared]).collect()
}
