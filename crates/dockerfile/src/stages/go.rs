//! The few functions of Go's standard library whose exact result shows in BuildKit's answers.
//!
//! Surprising: `path.Clean` keeps no trailing slash and turns the empty path into `.`; `%q` escapes by
//! Go's own rules, not by Rust's.

pub(crate) use crate::syntax::go::{quote, to_lower, to_upper};

/// `path.Clean`.
pub(crate) fn clean_path(path: &str) -> String {
    cleaned(path.len(), path.starts_with('/'), path.split('/'))
}

/// `path.Join`: empty elements are left out, the rest is joined and cleaned.
pub(crate) fn join_path(elements: &[&str]) -> String {
    let Some(first) = elements.iter().find(|it| !it.is_empty()) else { return String::new() };
    let len = elements.iter().map(|it| it.len() + 1).sum();
    cleaned(len, first.starts_with('/'), elements.iter().flat_map(|it| it.split('/')))
}

/// The parts, without those that lead nowhere; `len` is how long the result may get.
fn cleaned<'p>(len: usize, rooted: bool, parts: impl Iterator<Item = &'p str>) -> String {
    let mut out = String::with_capacity(len + 1);
    if rooted {
        out.push('/');
    }
    let root = out.len();
    // Up to here `..` takes nothing away.
    let mut fixed = root;
    for part in parts {
        match part {
            "" | "." => {}
            ".." if out.len() > fixed => {
                let last = out[fixed..].rfind('/').unwrap_or(0);
                out.truncate(fixed + last);
            }
            ".." if rooted => {}
            part => {
                if out.len() > root {
                    out.push('/');
                }
                out.push_str(part);
                if part == ".." {
                    fixed = out.len();
                }
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
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
            ("../a/b/../../../c", "../../c"),
            ("//a/b/..//../c/", "/c"),
        ];
        for (path, cleaned) in cases {
            assert_eq!(clean_path(path), cleaned);
        }
        assert_eq!(join_path(&["linux", "amd64", ""]), "linux/amd64");
        assert_eq!(join_path(&["", ""]), "");
        assert_eq!(join_path(&["/w", "../a"]), "/a");
    }
}
