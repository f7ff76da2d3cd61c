//! The patterns inside `${name#pattern}` and its relatives.
//!
//! BuildKit turns such a pattern into a Go regular expression, and that shows: `*` and `?` never match a
//! line end, there are no `[…]` sets, the longest match of `/` is the one that starts first, and the
//! replacement of `//` is a template in which `$1` and `$name` stand for nothing.

use crate::syntax::go::{is_digit, is_letter};

/// A pattern, ready to be matched.
pub(super) struct Pattern {
    tokens: Vec<Token>,
    greedy: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    /// `*`
    Many,
    /// `?`
    One,
    Char(char),
}

/// Cuts the shortest (or, if `greedy`, the longest) match of `pattern` off the start of `value`.
pub(super) fn trim_prefix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let pattern = Pattern::new(pattern, greedy)?;
    let chars: Vec<char> = value.chars().collect();
    let end = pattern.match_at(&chars, 0).unwrap_or(0);
    Ok(chars[end..].iter().collect())
}

/// Cuts a match of `pattern` off the end of `value`. Works on both reversed, as BuildKit does.
pub(super) fn trim_suffix(pattern: &str, value: &str, greedy: bool) -> Result<String, String> {
    let reversed: String = value.chars().rev().collect();
    let rest = trim_prefix(&reverse(pattern), &reversed, greedy)?;
    Ok(rest.chars().rev().collect())
}

/// Replaces the first match of `pattern` in `value`; `with` is taken as it is.
pub(super) fn replace_first(pattern: &str, value: &str, with: &str) -> Result<String, String> {
    let pattern = Pattern::new(pattern, true)?;
    let chars: Vec<char> = value.chars().collect();
    let Some((start, end)) = pattern.find(&chars, 0) else { return Ok(value.to_owned()) };
    let (head, tail): (String, String) = (chars[..start].iter().collect(), chars[end..].iter().collect());
    Ok(format!("{head}{with}{tail}"))
}

/// Replaces every match of `pattern` in `value`; `template` is a replacement of Go's `regexp`.
pub(super) fn replace_all(pattern: &str, value: &str, template: &str) -> Result<String, String> {
    let pattern = Pattern::new(pattern, true)?;
    let chars: Vec<char> = value.chars().collect();
    let mut out = String::with_capacity(value.len());
    let (mut copied, mut from) = (0, 0);
    while from <= chars.len() {
        let Some((start, end)) = pattern.find(&chars, from) else { break };
        out.extend(&chars[copied..start]);
        // An empty match right behind another match is not replaced.
        if end > copied || start == 0 {
            fill_template(&mut out, template, &chars[start..end]);
        }
        copied = end;
        from = if end > from { end } else { from + 1 };
    }
    out.extend(&chars[copied..]);
    Ok(out)
}

impl Pattern {
    /// Reads a pattern. The error is the text behind `invalid pattern (…) in substitution: `.
    fn new(text: &str, greedy: bool) -> Result<Pattern, String> {
        let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
        let mut tokens = Vec::new();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Many,
                '?' => Token::One,
                '\\' => match chars.next() {
                    // `}` and `/` end a part of the substitution, so they may be escaped here.
                    Some(next @ ('}' | '/' | '*' | '?' | '\\')) => Token::Char(next),
                    Some(other) => return Err(invalid_escape(text, other)),
                    None => return Err(invalid_escape(text, char::REPLACEMENT_CHARACTER)),
                },
                char => Token::Char(char),
            });
        }
        Ok(Pattern { tokens, greedy })
    }

    /// The first match that starts at `from` or later.
    fn find(&self, text: &[char], from: usize) -> Option<(usize, usize)> {
        (from..=text.len()).find_map(|start| Some((start, self.match_at(text, start)?)))
    }

    /// Where the preferred match that starts at `start` ends.
    ///
    /// Tries what the regular expression would try, in the same order. Pairs of token and place that have
    /// failed are remembered, so the work is at most their product.
    fn match_at(&self, text: &[char], start: usize) -> Option<usize> {
        if let Some(Token::Char(first)) = self.tokens.first()
            && text.get(start) != Some(first)
        {
            return None;
        }
        let width = text.len() - start + 1;
        let mut failed = vec![false; self.tokens.len() * width];
        // Places to come back to, the most preferred one on top.
        let mut open = vec![(0, start)];
        while let Some((token_idx, at)) = open.pop() {
            let Some(&token) = self.tokens.get(token_idx) else { return Some(at) };
            let seen = &mut failed[token_idx * width + (at - start)];
            if std::mem::replace(seen, true) {
                continue;
            }
            let next = text.get(at).copied();
            match token {
                Token::Char(char) => {
                    if next == Some(char) {
                        open.push((token_idx + 1, at + 1));
                    }
                }
                Token::One => {
                    if next.is_some_and(|it| it != '\n') {
                        open.push((token_idx + 1, at + 1));
                    }
                }
                Token::Many => {
                    let stay = next.is_some_and(|it| it != '\n').then_some((token_idx, at + 1));
                    let leave = (token_idx + 1, at);
                    if self.greedy {
                        open.push(leave);
                        open.extend(stay);
                    } else {
                        open.extend(stay);
                        open.push(leave);
                    }
                }
            }
        }
        None
    }
}

fn invalid_escape(pattern: &str, char: char) -> String {
    format!("invalid pattern ({pattern}) in substitution: invalid escape '\\{char}'")
}

/// Turns a pattern round, keeping each escape in front of what it escapes.
fn reverse(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parts: Vec<&[char]> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let len = if chars[at] == '\\' && at + 1 < chars.len() { 2 } else { 1 };
        parts.push(&chars[at..at + len]);
        at += len;
    }
    parts.iter().rev().flat_map(|part| part.iter()).collect()
}

/// Writes a replacement template of Go's `regexp.Expand`. There are no groups: `$0` is the match, every
/// other name is nothing.
fn fill_template(out: &mut String, template: &str, matched: &[char]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, tail)) = template_name(after) else {
            out.push('$');
            rest = after;
            continue;
        };
        if name == "0" {
            out.extend(matched);
        }
        rest = tail;
    }
    out.push_str(rest);
}

/// The name at the start of `text`, bare or in braces, and what follows it.
fn template_name(text: &str) -> Option<(&str, &str)> {
    let (braced, body) = match text.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let end = body.find(|it: char| !is_letter(it) && !is_digit(it) && it != '_').unwrap_or(body.len());
    if end == 0 {
        return None;
    }
    let (name, tail) = body.split_at(end);
    if braced { Some((name, tail.strip_prefix('}')?)) } else { Some((name, tail)) }
}
