//! The shell lexer that BuildKit looks for heredocs with (`shell/lex.go`, with no variable set and unset
//! ones left as they are).
//!
//! Only what decides about heredocs is here: where words end, what is an error, and what a word looks like
//! with quotes and escapes kept or taken out. The escape is always `\`, whatever the directive says.
//!
//! A quirk is kept: the text of `${name-word}` is read into the buffer of the word around it, so that what
//! stood in front of the `$` is lost.

use std::ops::Range;

use super::go::{is_digit, is_letter};

/// Nesting of `${…${…}}` at which we give up. BuildKit has no such limit; nobody writes five levels.
const MAX_DEPTH: u32 = 200;

/// A word and where it stands in the lexed text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShellWord {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// Splits `text` into words with quotes and escapes kept.
pub(super) fn raw_words(text: &str) -> Result<Vec<ShellWord>, String> {
    Lexer::new(text, true, true).words()
}

/// Splits `text` into words with escapes taken out; quotes too, unless `raw_quotes`.
pub(super) fn words(text: &str, raw_quotes: bool) -> Result<Vec<ShellWord>, String> {
    Lexer::new(text, raw_quotes, false).words()
}

struct Lexer<'s> {
    text: &'s str,
    at: usize,
    raw_quotes: bool,
    raw_escapes: bool,
    depth: u32,
    /// The word being put together, shared by all levels.
    word: String,
}

/// The words of one level.
#[derive(Default)]
struct Level {
    words: Vec<ShellWord>,
    in_word: bool,
    start: usize,
}

impl<'s> Lexer<'s> {
    fn new(text: &'s str, raw_quotes: bool, raw_escapes: bool) -> Lexer<'s> {
        // Go's scanner drops a byte order mark at the very start.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Lexer { text, at, raw_quotes, raw_escapes, depth: 0, word: String::new() }
    }

    fn words(mut self) -> Result<Vec<ShellWord>, String> {
        let raw_escapes = self.raw_escapes;
        match self.level(None, raw_escapes) {
            Ok((_, words)) => Ok(words),
            Err(why) => Err(format!("failed to process {}: {why}", super::go::quote(self.text))),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to `stop`, or to the end if there is none: the text, and the words in it.
    fn level(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(String, Vec<ShellWord>), String> {
        let outer_escapes = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let res = self.level_inner(stop);
        self.raw_escapes = outer_escapes;
        res
    }

    fn level_inner(&mut self, stop: Option<char>) -> Result<(String, Vec<ShellWord>), String> {
        self.word.clear();
        let mut level = Level::default();
        let mut text = String::new();
        loop {
            let start = self.at;
            let plain = self.plain();
            if !plain.is_empty() {
                text.push_str(plain);
                self.add_raw(&mut level, plain, start);
                continue;
            }
            let Some(c) = self.peek() else { break };
            if Some(c) == stop {
                self.next();
                self.end_word(&mut level, start);
                return Ok((text, level.words));
            }
            match c {
                '$' => {
                    let dollar = self.dollar()?;
                    text.push_str(&dollar);
                    for c in dollar.chars() {
                        self.add(&mut level, c, start);
                    }
                }
                '\'' => {
                    let quoted = self.single_quote()?;
                    text.push_str(&quoted);
                    self.add_raw(&mut level, &quoted, start);
                }
                '"' => {
                    let quoted = self.double_quote()?;
                    text.push_str(&quoted);
                    self.add_raw(&mut level, &quoted, start);
                }
                '<' => {
                    let angle = self.angle();
                    text.push_str(angle);
                    self.add_raw(&mut level, angle, start);
                }
                '\\' => {
                    self.next();
                    if self.raw_escapes {
                        text.push('\\');
                        self.add_raw(&mut level, "\\", start);
                    }
                    let Some(escaped) = self.next() else { break };
                    text.push(escaped);
                    self.add_raw(&mut level, escaped.encode_utf8(&mut [0; 4]), start);
                }
                _ => {
                    self.next();
                    text.push(c);
                    self.add(&mut level, c, start);
                }
            }
        }
        if let Some(stop) = stop {
            return Err(format!("unexpected end of statement while looking for matching {stop}"));
        }
        let end = self.at;
        self.end_word(&mut level, end);
        Ok((text, level.words))
    }

    /// Steps over letters, digits and the like, which mean nothing but themselves at any level.
    fn plain(&mut self) -> &'s str {
        let rest = &self.text[self.at..];
        let is_plain = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'.' | b',' | b'=' | b':' | b'&' | b'|' | b';')
        };
        let plain = &rest[..rest.bytes().take_while(is_plain).count()];
        self.at += plain.len();
        plain
    }

    fn add(&mut self, level: &mut Level, c: char, start: usize) {
        if !c.is_whitespace() {
            self.add_raw(level, c.encode_utf8(&mut [0; 4]), start);
        } else if level.in_word && !self.word.is_empty() {
            self.end_word(level, start);
            level.in_word = false;
        }
    }

    fn add_raw(&mut self, level: &mut Level, text: &str, start: usize) {
        if self.word.is_empty() {
            level.start = start;
        }
        self.word.push_str(text);
        level.in_word = true;
    }

    fn end_word(&mut self, level: &mut Level, end: usize) {
        if !self.word.is_empty() {
            let range = level.start..end.max(level.start);
            level.words.push(ShellWord { text: std::mem::take(&mut self.word), range });
        }
    }

    /// `<`, or `<<` with the blanks behind it: a heredoc's name may stand off from its marker.
    fn angle(&mut self) -> &'s str {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some(' ' | '\t' | '\r' | '\n')) {
                self.next();
            }
        }
        &self.text[start..self.at]
    }

    fn single_quote(&mut self) -> Result<String, String> {
        let start = self.at;
        self.next();
        let Some(len) = self.text[self.at..].find('\'') else {
            self.at = self.text.len();
            return Err("unexpected end of statement while looking for matching single-quote".to_owned());
        };
        let inner = self.at..self.at + len;
        self.at = inner.end + 1;
        Ok(self.text[if self.raw_quotes { start..self.at } else { inner }].to_owned())
    }

    fn double_quote(&mut self) -> Result<String, String> {
        let mut out = String::new();
        self.next();
        if self.raw_quotes {
            out.push('"');
        }
        loop {
            match self.peek() {
                None => {
                    let why = "unexpected end of statement while looking for matching double-quote";
                    return Err(why.to_owned());
                }
                Some('"') => {
                    self.next();
                    if self.raw_quotes {
                        out.push('"');
                    }
                    return Ok(out);
                }
                Some('$') => out.push_str(&self.dollar()?),
                Some('\\') => {
                    self.next();
                    if self.raw_escapes {
                        out.push('\\');
                    }
                    match self.peek() {
                        None => {}
                        Some(c @ ('"' | '$' | '\\')) => {
                            self.next();
                            out.push(c);
                        }
                        Some(_) => out.push('\\'),
                    }
                }
                Some(c) => {
                    self.next();
                    out.push(c);
                }
            }
        }
    }

    /// A variable. It is never set, so it stays; what is inside `${…}` may still lose its escapes.
    fn dollar(&mut self) -> Result<String, String> {
        self.next();
        if self.peek() != Some('{') {
            return Ok(format!("${}", self.name()));
        }
        self.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        let mut modifier = String::new();
        let mut c = self.next_or_replacement(&mut modifier);
        let mut colon = false;
        match c {
            '}' => return Ok(format!("${{{name}}}")),
            ':' => {
                colon = true;
                c = self.next_or_replacement(&mut modifier);
            }
            '/' => return self.replacement(name),
            '+' | '-' | '?' | '#' | '%' => {}
            _ => return Err(format!("unsupported modifier ({modifier}) in substitution")),
        }
        let pattern = matches!(c, '#' | '%');
        if colon && pattern {
            return Err(format!("unsupported modifier ({modifier}) in substitution"));
        }
        let word = self.nested('}', pattern, "syntax error: missing '}'")?;
        Ok(format!("${{{name}{modifier}{word}}}"))
    }

    fn replacement(&mut self, name: &str) -> Result<String, String> {
        if self.peek() == Some('/') {
            self.next();
        }
        let pattern = self.nested('/', true, "syntax error: missing '/' in ${}")?;
        let replacement = self.nested('}', true, "syntax error: missing '}'")?;
        Ok(format!("${{{name}/{pattern}/{replacement}}}"))
    }

    fn nested(&mut self, stop: char, raw_escapes: bool, missing: &str) -> Result<String, String> {
        if self.depth == MAX_DEPTH {
            return Err("too deep".to_owned());
        }
        self.depth += 1;
        let res = self.level(Some(stop), raw_escapes);
        self.depth -= 1;
        match res {
            Ok((text, _)) => Ok(text),
            Err(_) if self.peek().is_none() => Err(missing.to_owned()),
            Err(why) => Err(why),
        }
    }

    fn next_or_replacement(&mut self, out: &mut String) -> char {
        let c = self.next().unwrap_or(char::REPLACEMENT_CHARACTER);
        out.push(c);
        c
    }

    fn name(&mut self) -> &'s str {
        let rest = &self.text[self.at..];
        let len = match rest.chars().next() {
            Some(c) if is_digit(c) => rest.find(|c: char| !is_digit(c)).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            Some(_) | None => {
                rest.find(|c: char| !is_letter(c) && !is_digit(c) && c != '_').unwrap_or(rest.len())
            }
        };
        self.at += len;
        &rest[..len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let words = raw_words(text).unwrap();
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, expected, "{text:?}");
    }

    #[test]
    fn words_end_at_white_space_outside_quotes() {
        check(r#"a 'b c' "d e"f g\ h"#, &["a", "'b c'", "\"d e\"f", "g\\ h"]);
        check("a\u{a0}b", &["a", "b"]);
        check("cat << EOF", &["cat", "<< EOF"]);
        check("cat <<\u{b}EOF", &["cat", "<<", "EOF"]);
        check("a <b", &["a", "<b"]);
    }

    #[test]
    fn variables_stay_but_drop_what_is_in_front_of_a_modifier() {
        check("a$b ${c} $1x", &["a$b", "${c}", "$1x"]);
        check("a${b:-x y}c d", &["${b:-x", "y}c", "d"]);
        check(r"${a-\}}", &["${a-}}"]);
        check(r"${a#\}}", &[r"${a#\}}"]);
        check("${a//b/c}", &["${a/b/c}"]);
    }

    #[test]
    fn an_error_anywhere_is_an_error() {
        for (text, why) in [
            ("a 'b", "unexpected end of statement while looking for matching single-quote"),
            ("a \"b", "unexpected end of statement while looking for matching double-quote"),
            ("${a", "unsupported modifier (\u{fffd}) in substitution"),
            ("${a:#b}", "unsupported modifier (:#) in substitution"),
            ("${a-", "syntax error: missing '}'"),
            ("${}", "syntax error: bad substitution"),
            ("${a/b}", "syntax error: missing '/' in ${}"),
        ] {
            let error = raw_words(text).unwrap_err();
            assert_eq!(error, format!("failed to process {}: {why}", crate::syntax::go::quote(text)));
        }
        let deep = "${a-".repeat(100_000);
        assert!(raw_words(&deep).is_err());
    }
}
