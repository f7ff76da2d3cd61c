//! A variable that is put in where nothing has set it. Surprising: `${NAME:-default}` counts, `ARG NAME` without a
//! value is enough, each word is told of by itself, and EXPOSE and the commands of RUN, CMD and ENTRYPOINT do not
//! count. What a base image sets is not known on the way; [`is_of_base`] asks the table of base images later.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::Rule;
use super::linter::Linter;
use super::secrets_used_in_arg_or_env::sounds_secret;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::queries;
use crate::refactor::lines::{in_case_of, insert_above};
use crate::stages::Start;
use crate::suggest;
use crate::syntax::{InstructionKind, Word};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    page: include_str!("undefined_var.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// So many names are looked through for one that may have been meant.
pub(super) const MAX_CANDIDATES: usize = 200;

/// Adds a finding for a variable of a word. `known` are the variables that are set, in order.
pub(super) fn add(range: TextRange, name: &str, known: &[Rc<str>], acc: &mut Linter) {
    let suggestion = suggest::nearest(name, known.iter().map(AsRef::as_ref));
    let message = format!("Usage of undefined variable '${name}'");
    acc.add_with(&RULE, range, message, suggestion.map(|it| format!("${it}")));
}

/// Whether BuildKit would not find this, as it looks at the base image, and that is known to set the variable.
pub(in crate::checks) fn is_of_base(file: &File<'_>, finding: &Finding) -> bool {
    let Some(stage) = finding.stage.filter(|_| finding.rule == &RULE) else { return false };
    let Some(root) = queries::downward(file.graph, stage).last() else { return false };
    let name = finding.message.split('\'').nth(1).and_then(|it| it.strip_prefix('$'));
    let knows = |name| file.card(root.id).is_some_and(|card| card.env.iter().any(|(it, _)| *it == name));
    root.start == Start::UnknownImage && name.is_some_and(knows)
}

/// The word if it stands in the file as it is: quotes, escapes and continuations that were taken out have moved what
/// stands behind them. Else nothing.
pub(super) fn verbatim<'w>(word: &'w Word<'_>) -> &'w str {
    match &word.text {
        Cow::Borrowed(text) if text.len() == word.range.len() => text,
        Cow::Borrowed(_) | Cow::Owned(_) => "",
    }
}

/// Where each variable stands first in a text that stands at `start`. A dollar behind a backslash is taken to be none;
/// where that is wrong the variable is not found, and the whole word has to do.
pub(super) fn places(text: &str, start: usize) -> HashMap<&str, TextRange> {
    let mut places = HashMap::new();
    for (at, _) in text.match_indices('$').filter(|&(at, _)| !text[..at].ends_with('\\')) {
        let rest = &text[at + 1..];
        let (rest, is_braced) = rest.strip_prefix('{').map_or((rest, false), |rest| (rest, true));
        let is_name = |char: char| char.is_alphanumeric() || char == '_';
        let len = match rest.chars().next() {
            Some(char) if char.is_ascii_digit() => rest.find(|it: char| !it.is_ascii_digit()),
            Some(char) if is_name(char) => rest.find(|it| !is_name(it)),
            Some(char) => Some(char.len_utf8()),
            None => continue,
        };
        let (name, behind) = rest.split_at(len.unwrap_or(rest.len()));
        let is_closed = is_braced && behind.starts_with('}');
        let end = at + 1 + usize::from(is_braced) + name.len() + usize::from(is_closed);
        places.entry(name).or_insert(TextRange::new(start + at, start + end));
    }
    places
}

/// The name that may have been meant, or an ARG above the instruction.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((name, range)) = named(file.text, finding.range) else { return Vec::new() };
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    if instruction.kind == InstructionKind::From {
        return Vec::new();
    }
    let meant = finding.suggestion.as_ref().and_then(|it| it.strip_prefix('$')).filter(|it| is_name(it));
    let meant = meant.map(|meant| {
        let because = format!("It is a guess that '{meant}' is meant");
        Fix::asking(format!("Use ${meant}"), because, vec![TextEdit::replace(range, meant)])
    });
    let declared = (!sounds_secret(name)).then(|| {
        let line = format!("{} {name}", in_case_of(&instruction.keyword.text, "ARG"));
        let edit = insert_above(file.text, file.parse, instruction, &line);
        match file.graph.globals.iter().any(|arg| arg.name == name) {
            true => {
                let because = "The value of the ARG above the first FROM is then put in here";
                Fix::asking(format!("Ask for the ARG {name} in this stage"), because, vec![edit])
            }
            false => {
                let because = "A build argument can then set it; without one nothing changes";
                Fix::asking(format!("Declare ARG {name} above"), because, vec![edit])
            }
        }
    });
    meant.into_iter().chain(declared).collect()
}

/// The name of the variable at a place, and where it stands; `None` if the place is more than that.
pub(super) fn named(text: &str, range: TextRange) -> Option<(&str, TextRange)> {
    let rest = range.of(text).strip_prefix('$')?;
    let name = rest.strip_prefix('{').unwrap_or(rest);
    let start = range.end - name.len();
    let name = name.strip_suffix('}').unwrap_or(name);
    is_name(name).then_some((name, TextRange::new(start, start + name.len())))
}

/// Whether a variable of that name can be put in wherever one can.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}
