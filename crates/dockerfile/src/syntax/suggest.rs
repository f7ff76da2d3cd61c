//! The word somebody may have meant (BuildKit's `util/suggest`).
//!
//! BuildKit offers a candidate whose edit distance is below three. Where its candidates come from a Go map,
//! its choice among equally near ones is random; here it is one that begins with the same letter, else the
//! first in the alphabet.

use super::go;

/// The candidate nearest to `word`, in the case of `word` (lower case if `word` is mixed).
pub fn ignoring_case(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<String> {
    let lower = go::to_lower(word);
    let best = nearest(&lower, candidates.map(str::to_ascii_lowercase))?;
    Some(if word != lower && word == go::to_upper(word) { best.to_ascii_uppercase() } else { best })
}

/// The candidate nearest to `word`; case matters.
pub fn exact(word: &str, candidates: impl Iterator<Item = &'static str>) -> Option<String> {
    nearest(word, candidates).map(str::to_owned)
}

fn nearest<C: AsRef<str>>(word: &str, candidates: impl Iterator<Item = C>) -> Option<C> {
    let mut best: Option<C> = None;
    let mut best_rank = (3, false);
    for candidate in candidates {
        let text = candidate.as_ref();
        let distance = distance(word, text, 3);
        if distance == 0 {
            return None; // The word is right, so something else was wrong.
        }
        let rank = (distance, text.chars().next() != word.chars().next());
        if rank < best_rank {
            best_rank = rank;
            best = Some(candidate);
        }
    }
    best
}

/// Levenshtein distance in characters; `limit` stands for every distance from there on.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    // Most words are too long or too short for most candidates.
    let b: Vec<char> = b.chars().collect();
    if a.chars().take(b.len() + limit).count().abs_diff(b.len()) >= limit {
        return limit;
    }
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
    row[b.len()].min(limit)
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
