//! Changes to a text: a list of edits to the text as it was.
//!
//! Nothing prints a Dockerfile back from the model, so whatever an edit does not touch stays as it is, to the byte.

use std::collections::HashSet;

use crate::text::TextRange;

/// What stands in a range becomes another text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextEdit {
    /// What is replaced; empty for an insertion.
    pub range: TextRange,
    /// What comes there.
    pub text: String,
}

/// A way to mend something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as the words on a button: `Name the stage "build"`.
    pub title: String,
    /// The edits, none over another.
    pub edits: Vec<TextEdit>,
    /// Whether what is built stays the same.
    pub safety: Safety,
}

/// Whether a fix may be applied without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Safety {
    /// What is built stays the same, up to names that nobody outside the file sees.
    Safe,
    /// It changes what is built, or guesses what was meant: a sentence that says which.
    Asks(String),
}

impl TextEdit {
    /// Puts `text` in place of `range`.
    pub fn replace(range: TextRange, text: impl Into<String>) -> TextEdit {
        TextEdit { range, text: text.into() }
    }

    /// Puts `text` in front of what stands at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> TextEdit {
        TextEdit { range: TextRange::empty(offset), text: text.into() }
    }

    /// Takes `range` out.
    pub fn delete(range: TextRange) -> TextEdit {
        TextEdit { range, text: String::new() }
    }
}

impl Fix {
    /// A fix that leaves what is built as it is.
    pub fn safe(title: impl Into<String>, edits: Vec<TextEdit>) -> Fix {
        Fix { title: title.into(), edits, safety: Safety::Safe }
    }

    /// A fix that somebody has to agree to; `because` says why, in a sentence.
    pub fn asking(title: impl Into<String>, because: impl Into<String>, edits: Vec<TextEdit>) -> Fix {
        Fix { title: title.into(), edits, safety: Safety::Asks(because.into()) }
    }

    /// Whether it may be applied without asking.
    pub fn is_safe(&self) -> bool {
        self.safety == Safety::Safe
    }
}

/// The text with the edits in it. `None` if one lies over another, beyond the text or within a character. Of
/// insertions at one place the first comes first. Equal edits are one: two findings may have the same cure.
pub fn apply(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut order: Vec<&TextEdit> = edits.iter().collect();
    order.sort_by_key(|edit| edit.range);
    drop_equal(&mut order);
    let added: usize = order.iter().map(|edit| edit.text.len()).sum();
    let mut out = String::with_capacity(text.len() + added);
    let mut at = 0;
    for edit in order {
        out.push_str(text.get(at..edit.range.start)?);
        text.get(edit.range.start..edit.range.end)?;
        out.push_str(&edit.text);
        at = edit.range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// The edit that makes `after` of `before`, from the first change to the last; `None` if they are the same.
pub fn difference(before: &str, after: &str) -> Option<TextEdit> {
    if before == after {
        return None;
    }
    let same = |(a, b): &((usize, char), char)| a.1 == *b;
    let start =
        before.char_indices().zip(after.chars()).take_while(same).map(|((at, c), _)| at + c.len_utf8());
    let start = start.last().unwrap_or(0);
    let ends = before[start..].chars().rev().zip(after[start..].chars().rev());
    let n_end: usize = ends.take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let range = TextRange::new(start, before.len() - n_end);
    Some(TextEdit::replace(range, &after[start..after.len() - n_end]))
}

/// Leaves one of equal edits, the first; the others keep their order.
fn drop_equal(order: &mut Vec<&TextEdit>) {
    let mut seen = HashSet::new();
    order.retain(|edit| seen.insert(*edit));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_to_the_text_as_it_was() {
        let edits = [
            TextEdit::replace(TextRange::new(4, 5), "É"),
            TextEdit::insert(0, "a"),
            TextEdit::insert(0, "b"),
            TextEdit::delete(TextRange::new(1, 3)),
        ];
        assert_eq!(apply("01234", &edits).as_deref(), Some("ab03É"));
    }

    #[test]
    fn a_difference_makes_one_text_of_another() {
        for (before, after) in [("", "a"), ("aé", "aÉé"), ("aa", "a"), ("a", "aa"), ("é1", "è1"), ("abc", "")]
        {
            let edit = difference(before, after).unwrap();
            assert_eq!(apply(before, &[edit]).as_deref(), Some(after));
        }
        assert_eq!(difference("a", "a"), None);
    }

    #[test]
    fn equal_edits_are_one() {
        let named = [TextEdit::insert(6, " AS a"), TextEdit::replace(TextRange::new(7, 8), "a")];
        let twice: Vec<TextEdit> = named.iter().chain(&named).cloned().collect();
        assert_eq!(apply("FROM x 0", &twice).as_deref(), Some("FROM x AS a a"));
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        let over = [TextEdit::delete(TextRange::new(0, 2)), TextEdit::delete(TextRange::new(1, 3))];
        assert_eq!(apply("0123", &over), None);
        assert_eq!(apply("é", &[TextEdit::insert(1, "x")]), None);
        assert_eq!(apply("a", &[TextEdit::insert(2, "x")]), None);
    }
}
