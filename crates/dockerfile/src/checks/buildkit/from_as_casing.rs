//! FROM is all in one case, and AS in another. A FROM of mixed case is left to another rule.

use super::Rule;
use super::linter::Linter;
use crate::stages::{to_lower, to_upper};
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "FromAsCasing",
    description: "The 'as' keyword should match the case of the 'from' keyword",
    page: include_str!("from_as_casing.md"),
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
