//! The word somebody may have meant (BuildKit's `util/suggest`).
//!
//! BuildKit offers a candidate whose edit distance is below three, the first of equally near ones, and none if the word
//! itself is among the candidates. Surprising: where its candidates come from a Go map, its choice among equally near
//! ones is random; here it is one that begins with the same letter, else the first in the alphabet.

use crate::syntax::go;

/// A distance that is too far.
const LIMIT: usize = 3;

/// The candidate nearest to `word`, the first of equally near ones; case matters.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    best(word, candidates, |c| c, false).map(str::to_owned)
}

/// The same where BuildKit keeps the candidates in a map.
pub(crate) fn nearest_of_map<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    best(word, candidates, |c| c, true).map(str::to_owned)
}

/// The candidate that `word` most likely is a slip of, the first of equally near ones; none if the word itself is among
/// them. Stricter than BuildKit where words are short: of five letters or fewer one may be off, or two may have changed
/// places, or the end may be missing.
pub(crate) fn misspelt<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(word.len()) >= LIMIT {
            continue;
        }
        let letters: Vec<char> = candidate.chars().collect();
        let mut distance = distance(word, &letters);
        if distance == 0 {
            return None;
        }
        let n_word = word.chars().count();
        let n_chars = n_word.min(letters.len());
        let is_swap = distance == 2 && n_word == letters.len() && is_swap(word, &letters);
        let is_part = word.starts_with(candidate) || candidate.starts_with(word);
        let is_near = match (n_chars, distance) {
            (0..=2, _) | (_, LIMIT..) => false,
            (3, 1) => n_word != letters.len(),
            (3, _) => is_swap,
            (_, 1) => true,
            (4..=5, _) => is_swap || is_part,
            (_, _) => true,
        };
        if is_swap {
            distance = 1;
        }
        if is_near && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether two neighbours have changed places.
fn is_swap(a: &str, b: &[char]) -> bool {
    let mut differing = a.chars().zip(b).enumerate().filter(|(_, (a, b))| a != *b);
    match (differing.next(), differing.next(), differing.next()) {
        (Some((i, (a, b))), Some((j, (c, d))), None) => j == i + 1 && a == *d && c == *b,
        _ => false,
    }
}

/// The same whatever the case, in that of `word` (lower case if `word` is mixed).
pub(crate) fn ignoring_case<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    let lower = go::to_lower(word);
    let best = best(&lower, candidates, |c| c.to_ascii_lowercase(), true)?;
    let is_upper = word != lower && word == go::to_upper(word);
    Some(if is_upper { best.to_ascii_uppercase() } else { best.to_ascii_lowercase() })
}

/// The nearest candidate, each of its letters read through `fold`; with `prefers_start` one of equally near ones that
/// begins like the word.
fn best<'c>(
    word: &str,
    candidates: impl Iterator<Item = &'c str>,
    fold: fn(char) -> char,
    prefers_start: bool,
) -> Option<&'c str> {
    let mut best = None;
    let mut best_rank = (LIMIT, false);
    for candidate in candidates {
        // Most words are much too long or too short for most candidates.
        let n_chars = candidate.chars().count();
        if word.chars().take(n_chars + LIMIT).count().abs_diff(n_chars) >= LIMIT {
            continue;
        }
        let letters: Vec<char> = candidate.chars().map(fold).collect();
        let distance = distance(word, &letters);
        if distance == 0 {
            return None; // The word is right, so something else was wrong.
        }
        let rank = (distance, prefers_start && letters.first().copied() != word.chars().next());
        if rank < best_rank {
            best_rank = rank;
            best = Some(candidate);
        }
    }
    best
}

/// Levenshtein distance in characters, or [`LIMIT`] where it is not below that.
fn distance(a: &str, b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &b) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(a != b)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
        if row.iter().all(|&it| it >= LIMIT) {
            return LIMIT;
        }
    }
    row[b.len()].min(LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_in_the_case_of_the_input() {
        let all = || ["ADD", "CMD", "COPY", "FROM"].into_iter();
        assert_eq!(ignoring_case("CPOY", all()), Some("COPY".to_owned()));
        assert_eq!(ignoring_case("frm", all()), Some("from".to_owned()));
        assert_eq!(ignoring_case("Form", all()), Some("from".to_owned()));
        assert_eq!(ignoring_case("copy", all()), None);
        assert_eq!(ignoring_case("ENTRYPOINT", all()), None);
        assert_eq!(ignoring_case("RNU", ["ENV", "RUN"].into_iter()), Some("RUN".to_owned()));
        assert_eq!(nearest("FROM", ["from"].into_iter()), None);
    }

    #[test]
    fn a_short_word_is_a_slip_of_a_very_near_one_alone() {
        let slip = |word, stage| misspelt(word, std::iter::once(stage)).is_some();
        for (word, stage) in [
            ("bulider", "builder"),
            ("biuld", "build"),
            ("build", "builder"),
            ("tset", "test"),
            ("dep", "deps"),
        ] {
            assert!(slip(word, stage), "{word} may mean {stage}");
        }
        for (word, stage) in
            [("dev", "deb"), ("a", "b"), ("node", "code1"), ("tools", "build"), ("base", "cast")]
        {
            assert!(!slip(word, stage), "{word} does not mean {stage}");
        }
        assert_eq!(misspelt("builder", ["bulider", "builder"].into_iter()), None);
        assert_eq!(misspelt("buildr", ["build", "bilder", "builder"].into_iter()), Some("build"));
    }

    #[test]
    fn of_equally_near_words_the_first_is_offered_or_one_that_begins_alike() {
        let stages = || ["tester", "test", "rest", "best"].into_iter();
        assert_eq!(nearest("bestt", stages()), Some("best".to_owned()));
        assert_eq!(nearest("bst", ["rest", "best"].into_iter()), Some("best".to_owned()));
        assert_eq!(nearest("eest", stages()), Some("test".to_owned()));
        assert_eq!(nearest("test", stages()), None);
        assert_eq!(nearest("bast", ["rast", "best"].into_iter()), Some("rast".to_owned()));
        assert_eq!(nearest_of_map("bast", ["rast", "best"].into_iter()), Some("best".to_owned()));
        assert_eq!(nearest("wholly different", stages()), None);
    }
}
