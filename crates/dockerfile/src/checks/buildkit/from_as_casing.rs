//! FROM is all in one case, and AS in another. A FROM of mixed case is left to another rule.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::is_verbatim;
use crate::stages::{to_lower, to_upper};
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "FromAsCasing",
    description: "The 'as' keyword should match the case of the 'from' keyword",
    page: include_str!("from_as_casing.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(from: &Instruction<'_>, acc: &mut Linter) {
    let [_, word, _, ..] = &from.args[..] else { return };
    let keyword = &from.keyword.text;
    let expected = if to_lower(keyword) == *keyword {
        to_lower(&word.text)
    } else if to_upper(keyword) == *keyword {
        to_upper(&word.text)
    } else {
        return;
    };
    if expected != word.text {
        acc.add(&RULE, word.range, format!("'{}' and '{keyword}' keywords' casing do not match", word.text));
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(from) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let [_, word, ..] = &from.args[..] else { return Vec::new() };
    if !is_verbatim(word) {
        return Vec::new();
    }
    let is_lower = to_lower(&from.keyword.text) == from.keyword.text;
    let text = if is_lower { to_lower(&word.text) } else { to_upper(&word.text) };
    let title = format!("Write '{text}'");
    vec![Fix::safe(title, vec![TextEdit::replace(word.range, text)])]
}
