//! The few functions of Go's standard library whose exact result shows in BuildKit's answers.
//!
//! Surprising: `path.Clean` keeps no trailing slash and turns the empty path into `.`; `%q` escapes by
//! Go's own rules, not by Rust's.

pub(crate) use crate::syntax::go::quote;

/// `path.Clean`.
pub(crate) fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                Some(_) | None => {
                    if !rooted {
                        parts.push("..");
                    }
                }
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// `path.Join`: empty elements are left out, the rest is joined and cleaned.
pub(crate) fn join_path(elements: &[&str]) -> String {
    let elements: Vec<&str> = elements.iter().copied().filter(|it| !it.is_empty()).collect();
    if elements.is_empty() { String::new() } else { clean_path(&elements.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_follows_go() {
        let cases = [
            ("plain", r#""plain""#),
            ("a\"b\\", r#""a\"b\\""#),
            ("\u{7}\u{8}\u{b}\u{c}\n\r\t", r#""\a\b\v\f\n\r\t""#),
            ("\u{0}\u{1b}\u{7f}", r#""\x00\x1b\x7f""#),
            ("é😀", r#""é😀""#),
            ("\u{a0}\u{200b}\u{e000}", r#""\u00a0\u200b\ue000""#),
            ("\u{f0000}", r#""\U000f0000""#),
            ("e\u{301}", "\"e\u{301}\""),
        ];
        for (text, quoted) in cases {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn paths_are_cleaned_as_go_does() {
        let cases = [
            ("", "."),
            ("/", "/"),
            ("/..", "/"),
            ("a//b/./c/", "a/b/c"),
            ("a/../..", ".."),
            ("../../a", "../../a"),
            ("/a/../../b", "/b"),
        ];
        for (path, cleaned) in cases {
            assert_eq!(clean_path(path), cleaned);
        }
        assert_eq!(join_path(&["linux", "amd64", ""]), "linux/amd64");
        assert_eq!(join_path(&["", ""]), "");
        assert_eq!(join_path(&["/w", "../a"]), "/a");
    }
}
