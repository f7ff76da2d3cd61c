//! `ENV key value` and `LABEL key value`.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{self, Fix, TextEdit};
use crate::refactor::lines::is_verbatim;
use crate::stages::expand;
use crate::syntax::{self, Instruction, Word};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "LegacyKeyValueFormat",
    description: "Legacy key/value format with whitespace separator should not be used",
    page: include_str!("legacy_key_value_format.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, range: TextRange, acc: &mut Linter) {
    let name = &instruction.keyword.text;
    let message =
        format!("\"{name} key=value\" should be used instead of legacy \"{name} key value\" format");
    acc.add(&RULE, range, message);
}

/// An equals sign, and quotes where there is white space. The result is read again: it has to come to the same.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let [key, value, sign] = &instruction.args[..] else { return Vec::new() };
    let between = TextRange::new(key.range.end, value.range.start);
    if !sign.text.is_empty() || between.of(file.text).contains('#') {
        return Vec::new();
    }
    let equals = |text: &str| TextEdit::replace(between, text);
    let quoted = || vec![equals("=\""), TextEdit::insert(value.range.end, "\"")];
    let escaped = || {
        escaped(value, file.parse.escape).map(|text| vec![equals("="), TextEdit::replace(value.range, text)])
    };
    let ways = [Some(vec![equals("=")]), Some(quoted()), escaped()];
    let found = ways.into_iter().flatten().find(|edits| comes_to_the_same(file, instruction, edits));
    let keyword = &instruction.keyword.text;
    found.map(|edits| Fix::safe(format!("Write {keyword} {}=…", key.text), edits)).into_iter().collect()
}

/// The value with an escape in front of each white space outside quotes.
fn escaped(value: &Word<'_>, escape: char) -> Option<String> {
    if !is_verbatim(value) {
        return None;
    }
    let mut out = String::with_capacity(value.text.len() + 8);
    let (mut quote, mut is_escaped) = (None, false);
    for char in value.text.chars() {
        if quote.is_none() && char.is_whitespace() && !is_escaped {
            out.push(escape);
        }
        out.push(char);
        is_escaped = char == escape && quote != Some('\'') && !is_escaped;
        quote = match (quote, char) {
            (Some(open), char) if open == char => None,
            (None, '"' | '\'') => Some(char),
            (quote, _) => quote,
        };
    }
    Some(out)
}

fn comes_to_the_same(file: &File<'_>, instruction: &Instruction<'_>, edits: &[TextEdit]) -> bool {
    let start = instruction.range.start;
    let moved = |edit: &TextEdit| {
        let range = TextRange::new(edit.range.start - start, edit.range.end - start);
        TextEdit::replace(range, edit.text.as_str())
    };
    let edits: Vec<TextEdit> = edits.iter().map(moved).collect();
    let Some(line) = edit::apply(instruction.range.of(file.text), &edits) else { return false };
    let text = format!("# escape={}\n{line}", file.parse.escape);
    let parse = syntax::parse_trigger(&text);
    let [again] = &parse.instructions[..] else { return false };
    let ([key, value, _], [new_key, new_value, sign]) = (&instruction.args[..], &again.args[..]) else {
        return false;
    };
    let comes_to = |word: &Word<'_>, set: Option<&str>| {
        let expansion = expand::expand(&word.text, file.parse.escape, &|_| set);
        expansion.map(|it| it.text.into_owned()).ok()
    };
    let is_same = |set| comes_to(value, set) == comes_to(new_value, set);
    parse.errors.is_empty()
        && key.text == new_key.text
        && !sign.text.is_empty()
        && comes_to(value, Some("a")).is_some()
        && [None, Some(""), Some("a  b")].into_iter().all(is_same)
}
