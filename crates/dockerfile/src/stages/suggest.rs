//! The name somebody may have meant, among names of the file.
//!
//! Follows `util/suggest`: nearer than three edits, case matters, the first of the nearest wins, and nothing
//! is suggested when the name itself is among the candidates.

/// The candidate nearest to `word`.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    let mut best = None;
    let mut limit = 3;
    for candidate in candidates {
        if candidate == word {
            return None;
        }
        let distance = distance(word, candidate, limit);
        if distance < limit {
            (best, limit) = (Some(candidate), distance);
        }
    }
    best.map(str::to_owned)
}

/// Levenshtein distance in characters, or `limit` where it is not below that.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) >= limit {
        return limit;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(a != b)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
        if row.iter().all(|&it| it >= limit) {
            return limit;
        }
    }
    row[b.len()].min(limit)
}
