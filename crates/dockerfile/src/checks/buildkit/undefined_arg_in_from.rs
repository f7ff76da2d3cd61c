//! A variable of a FROM that no ARG above the first FROM declares. Surprising: `ARG NAME` without a value is enough,
//! and `${NAME:-default}` is not.

use std::collections::{BTreeSet, HashSet};

use super::Rule;
use super::linter::Linter;
use super::undefined_var::{MAX_CANDIDATES, places, verbatim};
use crate::stages::StageGraph;
use crate::stages::args::GlobalScope;
use crate::suggest;
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    page: include_str!("undefined_arg_in_from.md"),
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
pub(super) fn check(word: &Word<'_>, unset: &BTreeSet<String>, declared: &Declared<'_>, acc: &mut Linter) {
    if unset.is_empty() {
        return;
    }
    let places = places(verbatim(word), word.range.start);
    for name in unset.iter().filter(|name| !declared.names.contains(name.as_str())) {
        let suggestion = suggest::nearest_of_map(name, declared.candidates.iter().copied());
        let message = format!("FROM argument '{name}' is not declared");
        let range = places.get(name.as_str()).copied().unwrap_or(word.range);
        acc.add_with(&RULE, range, message, suggestion);
    }
}
