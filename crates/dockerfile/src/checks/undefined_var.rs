//! A variable that is put in where nothing has set it. Surprising: `${NAME:-default}` counts, `ARG NAME` without a
//! value is enough, each word is told of by itself, and EXPOSE and the commands of RUN, CMD and ENTRYPOINT do not
//! count. What a base image sets is not known here.

use std::borrow::Cow;
use std::rc::Rc;

use super::Rule;
use super::linter::Linter;
use crate::suggest;
use crate::syntax::Word;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    experimental: false,
    file_only: false,
    needs: None,
    page: include_str!("undefined_var.md"),
};

/// So many names are looked through for one that may have been meant.
pub(super) const MAX_CANDIDATES: usize = 200;

/// Adds a finding for a variable of a word. `known` are the variables that are set, in order.
pub(super) fn add(range: TextRange, name: &str, known: &[Rc<str>], acc: &mut Linter) {
    let suggestion = suggest::nearest(name, known.iter().map(AsRef::as_ref));
    let message = format!("Usage of undefined variable '${name}'");
    acc.add_with(&RULE, range, message, suggestion.map(|it| format!("${it}")));
}

/// The word if it stands in the file as it is: quotes, escapes and continuations that were taken out have moved what
/// stands behind them. Else nothing.
pub(super) fn verbatim<'w>(word: &'w Word<'_>) -> &'w str {
    match &word.text {
        Cow::Borrowed(text) if text.len() == word.range.len() => text,
        Cow::Borrowed(_) | Cow::Owned(_) => "",
    }
}

/// Where a variable stands in a text that stands at `range`: the whole of it where that cannot be told.
pub(super) fn place(text: &str, range: TextRange, name: &str) -> TextRange {
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    let found = text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let is_braced = rest.starts_with('{');
        let behind = rest[usize::from(is_braced)..].strip_prefix(name)?;
        let ends = !name.ends_with(is_name) || !behind.starts_with(is_name);
        let is_closed = is_braced && behind.starts_with('}');
        let len = 1 + usize::from(is_braced) + name.len() + usize::from(is_closed);
        ends.then(|| TextRange::new(range.start + at, range.start + at + len))
    });
    found.unwrap_or(range)
}
