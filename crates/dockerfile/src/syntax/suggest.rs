//! The word somebody may have meant (BuildKit's `util/suggest`).
//!
//! BuildKit offers a candidate whose edit distance is below three. Where its candidates come from a Go map,
//! its choice among equally near ones is random; here it is one that begins with the same letter, else the
//! first in the alphabet.

use super::go;

/// The candidate nearest to `word`, in the case of `word` (lower case if `word` is mixed).
pub fn ignoring_case(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<String> {
    let lower = go::to_lower(word);
    let best = nearest(&lower, candidates, |c| c.to_ascii_lowercase())?;
    let is_upper = word != lower && word == go::to_upper(word);
    Some(if is_upper { best.to_ascii_uppercase() } else { best.to_ascii_lowercase() })
}

/// The candidate nearest to `word`; case matters.
pub fn exact(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<String> {
    nearest(word, candidates, |c| c).map(str::to_owned)
}

/// The nearest candidate, each of its letters read through `fold`.
fn nearest(
    word: &str,
    candidates: impl Iterator<Item = &'static str>,
    fold: fn(char) -> char,
) -> Option<&'static str> {
    const LIMIT: usize = 3;
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
        let rank = (distance, letters.first().copied() != word.chars().next());
        if rank < best_rank {
            best_rank = rank;
            best = Some(candidate);
        }
    }
    best
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, &b) in b.iter().enumerate() {
            let cost = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
        assert_eq!(exact("FROM", ["from"].into_iter()), None);
        assert_eq!(exact("chwn", ["chmod", "chown"].into_iter()), Some("chown".to_owned()));
    }
}
