//! How paths and patterns lie to each other.
//!
//! Follows Go's `filepath.Match`, which COPY uses: a wildcard never reaches over a slash. `{a,b}` and `**` are the
//! ledger's own, and stand for what a command may have called it.

/// How the second path lies to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// They are, or can be, the same.
    Same,
    /// The second is, or can be, below the first.
    Below,
    /// The second is, or can be, above the first.
    Above,
    /// They have nothing to do with each other.
    Apart,
}

/// The parts of a path.
pub(super) fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// The parts in front of the first wildcard.
pub(super) fn literal(path: &str) -> impl Iterator<Item = &str> {
    parts(path).take_while(|part| !is_pattern(part))
}

/// Whether there is a wildcard.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

/// The last part; empty for `/`.
pub(super) fn name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Everything but the last part.
pub(super) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((parent, _)) => parent,
    }
}

/// What is left of `path` below `base`, or all of it if it is not below.
pub(super) fn below<'p>(base: &str, path: &'p str) -> &'p str {
    let n_parts = parts(base).count();
    let mut rest = path;
    for _ in 0..n_parts {
        rest = rest.trim_start_matches('/');
        rest = rest.find('/').map_or("", |at| &rest[at..]);
    }
    rest.trim_start_matches('/')
}

/// Compares two paths, each of which may be a pattern.
pub(super) fn relation(first: &str, second: &str) -> Relation {
    let (mut first, mut second) = (parts(first), parts(second));
    loop {
        match (first.next(), second.next()) {
            (None, None) => return Relation::Same,
            (None, Some(_)) => return Relation::Below,
            (Some("**"), None) => {
                return if first.next().is_none() { Relation::Same } else { Relation::Above };
            }
            (Some(_), None) => return Relation::Above,
            (Some("**"), Some(other)) => return through_any(first, other, second),
            (Some(_), Some("**")) => return Relation::Same,
            (Some(a), Some(b)) => {
                if !can_match(a, b) {
                    return Relation::Apart;
                }
            }
        }
    }
}

/// `**/name…` against what is left: the name may be at any depth.
fn through_any<'p>(
    mut first: impl Iterator<Item = &'p str>,
    other: &'p str,
    second: impl Iterator<Item = &'p str>,
) -> Relation {
    let Some(name) = first.next() else { return Relation::Below };
    let is_last = first.next().is_none();
    let mut rest = std::iter::once(other).chain(second);
    match rest.any(|part| part == "**" || can_match(name, part)) {
        false => Relation::Above,
        true if !is_last || rest.next().is_some() => Relation::Below,
        true => Relation::Same,
    }
}

/// Whether one name can match both.
fn can_match(a: &str, b: &str) -> bool {
    match (is_pattern(a), is_pattern(b)) {
        (false, false) => a == b,
        (true, false) => matches(a, b),
        (false, true) => matches(b, a),
        (true, true) => {
            let ends = |it: &str| {
                let wild = ['*', '?', '[', '{'];
                let head = it.find(wild).map_or(String::new(), |at| it[..at].to_owned());
                let tail = it.rfind(['*', '?', ']', '}']).map_or(String::new(), |at| it[at + 1..].to_owned());
                (head, tail)
            };
            let ((a_head, a_tail), (b_head, b_tail)) = (ends(a), ends(b));
            (a_head.starts_with(&b_head) || b_head.starts_with(&a_head))
                && (a_tail.ends_with(&b_tail) || b_tail.ends_with(&a_tail))
        }
    }
}

/// Whether a name matches a pattern.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if let Some(list) = pattern.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        return list.split(',').any(|one| matches(one, name));
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                retry = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => class(&pattern[p..], name[n]),
            Some('\\') if pattern.get(p + 1) == Some(&name[n]) => Some(2),
            Some(c) if *c == name[n] => Some(1),
            Some(_) | None => None,
        };
        match (step, retry) {
            (Some(step), _) => {
                p += step;
                n += 1;
            }
            (None, Some((star, from))) => {
                retry = Some((star, from + 1));
                (p, n) = (star + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// The length of a class such as `[a-z]` if the character is in it.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let end = pattern.iter().skip(2).position(|it| *it == ']')? + 2;
    let (list, is_not) = match pattern.get(1) {
        Some('^' | '!') => (&pattern[2..end], true),
        Some(_) | None => (&pattern[1..end], false),
    };
    let mut is_in = false;
    let mut at = 0;
    while let Some(low) = list.get(at) {
        match (list.get(at + 1), list.get(at + 2)) {
            (Some('-'), Some(high)) => {
                is_in |= (*low..=*high).contains(&c);
                at += 3;
            }
            _ => {
                is_in |= *low == c;
                at += 1;
            }
        }
    }
    (is_in != is_not).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_go() {
        for (pattern, name) in [
            ("*.jar", "a.jar"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
            ("{a,b*}", "bc"),
            ("*a*b", "xaxb"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.jar", "a.war"), ("a?", "a"), ("[a-c]", "d"), ("[", "x"), ("{a,b}", "c")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn paths_lie_above_below_or_apart() {
        let cases = [
            ("/a", "/a/b", Relation::Below),
            ("/a/b", "/a", Relation::Above),
            ("/", "/a", Relation::Below),
            ("/a/*.jar", "/a/x.jar", Relation::Same),
            ("/a/*.jar", "/a/*", Relation::Same),
            ("/a/*.jar", "/a/*.war", Relation::Apart),
            ("/a/**/target", "/a/b/target/x", Relation::Below),
            ("/a/**/target", "/a/target", Relation::Same),
            ("/a/**/target", "/b/target", Relation::Apart),
            ("/a/{x,y}", "/a/y/z", Relation::Below),
        ];
        for (first, second, expected) in cases {
            assert_eq!(relation(first, second), expected, "{first} {second}");
        }
        assert_eq!(below("/a/b", "/a/b/c/d"), "c/d");
        assert_eq!(below("/", "/a"), "a");
    }
}
