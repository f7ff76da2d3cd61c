//! The word that BuildKit would have understood, in place of the one that it did not.

use crate::edit::{Fix, TextEdit};
use crate::suggest;
use crate::syntax::SyntaxError;
use crate::text::TextRange;

/// The ways to mend an error: where BuildKit suggests a word, that word in place of the one it names. Empty where
/// nothing is suggested, or the wrong word stands nowhere by itself.
pub fn of_error(text: &str, error: &SyntaxError) -> Vec<Fix> {
    let Some(meant) = error.suggestion.as_deref().map(|it| it.trim_start_matches(['$', '-'])) else {
        return Vec::new();
    };
    let Some(place) = text.get(error.range.start..error.range.end) else { return Vec::new() };
    let is_meant = |word: &str| {
        suggest::nearest(word, [meant].into_iter()).is_some()
            || suggest::ignoring_case(word, [meant].into_iter()).is_some_and(|it| it == meant)
    };
    let named: Vec<&str> = words(&error.message).map(|(_, word)| word).collect();
    let mut wrong = words(place).filter(|(_, word)| named.contains(word) && is_meant(word));
    let (Some((at, word)), None) = (wrong.next(), wrong.next()) else { return Vec::new() };
    let start = error.range.start + at;
    let edit = TextEdit::replace(TextRange::new(start, start + word.len()), meant);
    let because = format!("It is a guess that '{meant}' is meant");
    vec![Fix::asking(format!("Replace '{word}' by '{meant}'"), because, vec![edit])]
}

/// The words of a text with their places. Dashes in front, and what makes a variable, are not a part of a word.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].find(|it: char| it.is_alphanumeric() || it == '_')?;
        let start = at;
        at += text[at..].find(|it| !is_part(it)).unwrap_or(text.len() - at);
        Some((start, &text[start..at]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit;
    use crate::queries::{self, Target};
    use crate::stages::{self, BuildOptions};
    use crate::syntax;

    /// Applies the fix of each error.
    fn check(text: &str, expected: &str) {
        let parse = syntax::parse(text);
        let options = BuildOptions::default();
        let graph = stages::resolve(&parse, &options);
        let cut = queries::cut(&graph, &Target::Default);
        let errors = queries::errors(&parse, &graph, &options, cut.as_ref(), &[]);
        let edits: Vec<_> = errors.iter().flat_map(|it| of_error(text, it)).flat_map(|it| it.edits).collect();
        assert_eq!(edit::apply(text, &edits).as_deref(), Some(expected), "{errors:?}");
    }

    #[test]
    fn what_buildkit_suggests_is_put_in() {
        check("FROM a\nCPOY b c\n", "FROM a\nCOPY b c\n");
        check("from a\nrnu b\n", "from a\nrun b\n");
        check("FROM a\nCOPY --form=a --chwn=1 b c\n", "FROM a\nCOPY --from=a --chown=1 b c\n");
        check("FROM a\nRUN --mount=type=secert,id=a b\n", "FROM a\nRUN --mount=type=secret,id=a b\n");
        check("FROM a\nRUN --mount=type=bind,targt=/a b\n", "FROM a\nRUN --mount=type=bind,target=/a b\n");
        check(
            "FROM a\nRUN --mount=type=cache,target=/a,sharing=lock b\n",
            "FROM a\nRUN --mount=type=cache,target=/a,sharing=locked b\n",
        );
        check("FROM --platform=$BUILDPLATFROM a\nRUN b\n", "FROM --platform=$BUILDPLATFORM a\nRUN b\n");
    }

    #[test]
    fn a_word_that_stands_nowhere_by_itself_is_left() {
        check("FROM a\nCP\\\nOY b c\n", "FROM a\nCP\\\nOY b c\n");
        check("FROM a\nNONSENSE\n", "FROM a\nNONSENSE\n");
    }
}
