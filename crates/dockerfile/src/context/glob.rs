//! The wildcards of COPY and ADD: Go's `path.Match`.
//!
//! Surprising: `*` and `?` never stand for a slash, but `[^a]` does; after a `*` the first place where the next piece
//! fits is taken, and no other one is tried; and what is wrong with a pattern may show at some paths only.

/// Whether a pattern stands for all of a path. A pattern that Go cannot read stands for nothing.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern, path);
    while !pattern.is_empty() {
        let (has_star, piece, rest) = split(pattern);
        if has_star && piece.is_empty() {
            return !path.contains('/');
        }
        let is_last = rest.is_empty();
        let fits = |path: &str| fit(piece, path).filter(|at| !is_last || *at == path.len());
        let found = match fits(path) {
            Some(end) => Some(end),
            None if has_star => path
                .char_indices()
                .take_while(|(_, char)| *char != '/')
                .map(|(at, char)| at + char.len_utf8())
                .find_map(|start| Some(start + fits(&path[start..])?)),
            None => None,
        };
        let Some(end) = found else { return false };
        (pattern, path) = (rest, &path[end..]);
    }
    path.is_empty()
}

/// Whether something in a path stands for several names.
pub(super) fn is_pattern(path: &str) -> bool {
    let mut chars = path.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// The stars at the start, the piece up to the next one, and what is left.
fn split(pattern: &str) -> (bool, &str, &str) {
    let piece = pattern.trim_start_matches('*');
    let mut is_in_class = false;
    let mut chars = piece.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => drop(chars.next()),
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '*' if !is_in_class => return (piece.len() < pattern.len(), &piece[..at], &piece[at..]),
            _ => {}
        }
    }
    (piece.len() < pattern.len(), piece, "")
}

/// How far into a path a piece without stars reaches.
fn fit(piece: &str, path: &str) -> Option<usize> {
    let mut pattern = piece.chars();
    let mut rest = path.chars();
    while let Some(char) = pattern.next() {
        let found = rest.next()?;
        let is_it = match char {
            '[' => class(&mut pattern, found)?,
            '?' => found != '/',
            '\\' => pattern.next()? == found,
            char => char == found,
        };
        if !is_it {
            return None;
        }
    }
    Some(path.len() - rest.as_str().len())
}

/// Reads a class behind its `[`, and tells whether a character is in it.
fn class(pattern: &mut std::str::Chars<'_>, char: char) -> Option<bool> {
    let is_negated = pattern.as_str().starts_with('^');
    if is_negated {
        pattern.next();
    }
    let (mut is_in, mut is_first) = (false, true);
    loop {
        if !is_first && pattern.as_str().starts_with(']') {
            pattern.next();
            return Some(is_in != is_negated);
        }
        is_first = false;
        let low = bound(pattern)?;
        let high = match pattern.as_str().starts_with('-') {
            true => {
                pattern.next();
                bound(pattern)?
            }
            false => low,
        };
        is_in |= (low..=high).contains(&char);
    }
}

/// One end of a range.
fn bound(pattern: &mut std::str::Chars<'_>) -> Option<char> {
    match pattern.next()? {
        '-' | ']' => None,
        '\\' => pattern.next(),
        char => Some(char),
    }
    .filter(|_| !pattern.as_str().is_empty())
}
