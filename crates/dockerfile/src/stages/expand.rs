//! Expansion of a word: variables are put in, quotes and escapes are taken out.
//!
//! Follows BuildKit's `frontend/dockerfile/shell` (`Lex`), which resembles a shell but is none. Surprising:
//! one bad word makes the whole word an error, an unset variable is simply empty, a trailing escape
//! vanishes, and `#`, `%` and `/` patterns keep their escapes while everything else drops them.

use std::borrow::Cow;
use std::str::Chars;

use super::{go, pattern};
use crate::syntax::go::{is_digit, is_letter};

/// Looks a variable up: `None` if it is not set.
pub type Lookup<'l> = dyn Fn(&str) -> Option<&'l str> + 'l;

/// What came out of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion<'w> {
    /// The text with variables put in, quotes and escapes taken out.
    pub text: Cow<'w, str>,
    /// Variables that were looked up and are set, in alphabetical order.
    pub used: Vec<&'w str>,
    /// Variables that were looked up and are not set, also where a default was given; likewise.
    pub unset: Vec<&'w str>,
}

/// Expands `word` as BuildKit does for most instructions (`Lex.ProcessWord`).
///
/// # Errors
/// BuildKit's message, e.g. `failed to process "${A": syntax error: missing '}'`.
pub fn expand<'w, 'l>(word: &'w str, escape: char, lookup: &'l Lookup<'l>) -> Result<Expansion<'w>, String> {
    run(word, escape, lookup, Quotes::Remove, &mut None)
}

/// Expands a heredoc body: quotes are ordinary characters and the escape is always `\`.
///
/// # Errors
/// As for [`expand`].
pub fn expand_heredoc<'w, 'l>(body: &'w str, lookup: &'l Lookup<'l>) -> Result<Expansion<'w>, String> {
    run(body, '\\', lookup, Quotes::Keep, &mut None)
}

/// Expands the command of a RUN as BuildKit shows it while it builds: quotes stay, and so do variables that are
/// not set.
///
/// # Errors
/// As for [`expand`].
pub fn expand_shown<'w, 'l>(
    command: &'w str,
    escape: char,
    lookup: &'l Lookup<'l>,
) -> Result<Expansion<'w>, String> {
    run(command, escape, lookup, Quotes::Show, &mut None)
}

/// Expands `word` and splits the result on white space that was not quoted (`Lex.ProcessWords`).
///
/// # Errors
/// As for [`expand`].
pub fn expand_to_words<'w, 'l>(
    word: &'w str,
    escape: char,
    lookup: &'l Lookup<'l>,
) -> Result<(Vec<String>, Expansion<'w>), String> {
    // Most words stand for themselves.
    if is_plain(word, escape, Quotes::Remove) && word.bytes().all(|it| it.is_ascii_graphic() && it != b'<') {
        let words = if word.is_empty() { Vec::new() } else { vec![word.to_owned()] };
        return Ok((words, Expansion { text: word.into(), ..Expansion::default() }));
    }
    let mut words = Some(Words::default());
    let expansion = run(word, escape, lookup, Quotes::Remove, &mut words)?;
    Ok((words.unwrap_or_default().finish(), expansion))
}

fn run<'w, 'l>(
    word: &'w str,
    escape: char,
    lookup: &'l Lookup<'l>,
    quotes: Quotes,
    words: &mut Option<Words>,
) -> Result<Expansion<'w>, String> {
    if words.is_none() && is_plain(word, escape, quotes) {
        return Ok(Expansion { text: word.into(), ..Expansion::default() });
    }
    let chars = word.strip_prefix(BYTE_ORDER_MARK).unwrap_or(word).chars();
    let mut lexer = Lexer {
        chars,
        escape,
        lookup,
        quotes,
        raw_escapes: false,
        depth: 0,
        has_nested: false,
        found: Expansion::default(),
    };
    let text = lexer
        .until(None, false, words)
        .map_err(|message| format!("failed to process {}: {message}", go::quote(word)))?;
    let mut found = lexer.found;
    for names in [&mut found.used, &mut found.unset] {
        names.sort_unstable();
        names.dedup();
    }
    Ok(Expansion { text: text.into(), ..found })
}

/// The scanner drops it at the start of a word.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether the word is what it comes to.
fn is_plain(word: &str, escape: char, quotes: Quotes) -> bool {
    let is_special = |byte: u8| match byte {
        b'$' => true,
        b'\'' | b'"' => quotes == Quotes::Remove,
        byte => char::from(byte) == escape,
    };
    !word.bytes().any(is_special) && !word.starts_with(BYTE_ORDER_MARK)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// They quote, and are taken out.
    Remove,
    /// They are ordinary characters.
    Keep,
    /// They quote, and are shown; variables that are not set are shown as well.
    Show,
}

/// Substitutions nested deeper than this are refused, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 200;

struct Lexer<'w, 'l> {
    chars: Chars<'w>,
    escape: char,
    lookup: &'l Lookup<'l>,
    quotes: Quotes,
    /// Whether escapes stay in the text, as the patterns of `#`, `%` and `/` need them.
    raw_escapes: bool,
    depth: usize,
    /// Whether a word inside `${…}` has been read since the words of the text were last added to.
    has_nested: bool,
    found: Expansion<'w>,
}

impl<'w, 'l> Lexer<'w, 'l> {
    fn peek(&self) -> Option<char> {
        self.chars.clone().next()
    }

    /// Takes what stands in front as long as it fits.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'w str {
        let rest = self.chars.as_str();
        let (taken, rest) = rest.split_at(rest.find(|it| !fits(it)).unwrap_or(rest.len()));
        self.chars = rest.chars();
        taken
    }

    /// Reads up to `stop`, which is consumed, or to the end.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
        words: &mut Option<Words>,
    ) -> Result<String, String> {
        if self.depth == MAX_DEPTH {
            return Err("substitutions are nested too deeply".to_owned());
        }
        self.has_nested |= self.depth > 0;
        self.depth += 1;
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let result = self.until_inner(stop, words);
        self.raw_escapes = outer;
        self.depth -= 1;
        result
    }

    fn until_inner(&mut self, stop: Option<char>, words: &mut Option<Words>) -> Result<String, String> {
        let mut out = String::with_capacity(if stop.is_none() { self.chars.as_str().len() } else { 0 });
        while let Some(char) = self.peek() {
            if Some(char) == stop {
                self.chars.next();
                return Ok(out);
            }
            match char {
                '$' => {
                    let value = self.dollar()?;
                    out.push_str(&value);
                    if let Some(words) = words {
                        words.forget_if(std::mem::take(&mut self.has_nested));
                        value.chars().for_each(|it| words.push(it));
                    }
                }
                '\'' | '"' if self.quotes != Quotes::Keep => {
                    let value: Cow<'_, str> =
                        if char == '"' { self.double_quoted()?.into() } else { self.single_quoted()? };
                    out.push_str(&value);
                    if let Some(words) = words {
                        words.forget_if(std::mem::take(&mut self.has_nested));
                        words.push_quoted(&value);
                    }
                }
                char if char == self.escape => {
                    self.chars.next();
                    if self.raw_escapes {
                        out.push(char);
                        if let Some(words) = words {
                            words.push_quoted(char.encode_utf8(&mut [0; 4]));
                        }
                    }
                    let Some(escaped) = self.chars.next() else { break };
                    out.push(escaped);
                    if let Some(words) = words {
                        words.push_quoted(escaped.encode_utf8(&mut [0; 4]));
                    }
                }
                '<' => {
                    let angle = self.angle();
                    out.push_str(angle);
                    if let Some(words) = words {
                        words.push_quoted(angle);
                    }
                }
                _ => {
                    let (escape, quotes) = (self.escape, self.quotes);
                    let text = self.take_while(|it| match it {
                        '$' | '<' => false,
                        '\'' | '"' => quotes == Quotes::Keep,
                        it => it != escape && Some(it) != stop,
                    });
                    out.push_str(text);
                    if let Some(words) = words {
                        text.chars().for_each(|it| words.push(it));
                    }
                }
            }
        }
        match stop {
            Some(stop) => Err(format!("unexpected end of statement while looking for matching {stop}")),
            None => Ok(out),
        }
    }

    /// `<`, or `<<` with the blanks behind it: they belong to the word, since a heredoc's name may stand off from its
    /// marker.
    fn angle(&mut self) -> &'w str {
        let text = self.chars.as_str();
        let len = match text.strip_prefix("<<") {
            Some(behind) => text.len() - behind.trim_start_matches([' ', '\t', '\r']).len(),
            None => 1,
        };
        let (angle, rest) = text.split_at(len);
        self.chars = rest.chars();
        angle
    }

    /// Everything up to the next `'`, unchanged.
    fn single_quoted(&mut self) -> Result<Cow<'w, str>, String> {
        self.chars.next();
        let text = self.take_while(|it| it != '\'');
        match self.chars.next() {
            Some(_) if self.quotes == Quotes::Show => Ok(format!("'{text}'").into()),
            Some(_) => Ok(text.into()),
            None => Err("unexpected end of statement while looking for matching single-quote".to_owned()),
        }
    }

    /// Everything up to the next `"`: variables count, and `"`, `$` and the escape can be escaped.
    fn double_quoted(&mut self) -> Result<String, String> {
        self.chars.next();
        let mut out = String::from(self.shown_quote("\""));
        loop {
            match self.peek() {
                None => {
                    return Err(
                        "unexpected end of statement while looking for matching double-quote".to_owned()
                    );
                }
                Some('"') => {
                    self.chars.next();
                    out.push_str(self.shown_quote("\""));
                    return Ok(out);
                }
                Some('$') => out.push_str(&self.dollar()?),
                Some(char) if char == self.escape => {
                    self.chars.next();
                    if self.raw_escapes {
                        out.push(char);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.escape => {
                            self.chars.next();
                            out.push(next);
                        }
                        Some(_) => out.push(char),
                    }
                }
                Some(_) => {
                    let escape = self.escape;
                    out.push_str(self.take_while(|it| it != '"' && it != '$' && it != escape));
                }
            }
        }
    }

    fn shown_quote(&self, quote: &'static str) -> &'static str {
        if self.quotes == Quotes::Show { quote } else { "" }
    }

    /// `$name` or `${…}`.
    fn dollar(&mut self) -> Result<Cow<'l, str>, String> {
        self.chars.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".into());
            }
            return Ok(match self.shown_or_value(name) {
                Some(value) => value.into(),
                None => format!("${name}").into(),
            });
        }
        self.chars.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        match self.chars.next() {
            Some('}') => Ok(match self.shown_or_value(name) {
                Some(value) => value.into(),
                None => format!("${{{name}}}").into(),
            }),
            Some(':') => {
                let modifier = self.chars.next();
                self.modified(name, modifier, true)
            }
            Some(char @ ('+' | '-' | '?' | '#' | '%')) => self.modified(name, Some(char), false),
            Some('/') => self.replaced(name).map(Cow::Owned),
            other => Err(unsupported(other, false)),
        }
    }

    /// The rest of `${name-word}` and its relatives; `colon` if `:` came first.
    fn modified(
        &mut self,
        name: &'w str,
        modifier: Option<char>,
        colon: bool,
    ) -> Result<Cow<'l, str>, String> {
        let is_pattern = matches!(modifier, Some('#' | '%'));
        if colon && is_pattern {
            return Err(unsupported(modifier, colon));
        }
        let word = match self.until(Some('}'), is_pattern, &mut None) {
            Ok(word) => word,
            Err(_) if self.peek().is_none() => return Err("syntax error: missing '}'".to_owned()),
            Err(message) => return Err(message),
        };
        if self.shown_or_value(name).is_none() {
            let (colon, sign) = (if colon { ":" } else { "" }, modifier.unwrap_or_default());
            return Ok(format!("${{{name}{colon}{sign}{word}}}").into());
        }
        let value = self.value(name);
        let given = value.filter(|it| !(colon && it.is_empty()));
        match modifier {
            Some('-') => Ok(given.map_or(word.into(), Cow::Borrowed)),
            Some('+') => Ok(given.map_or("".into(), |_| word.into())),
            Some('?') => given.map(Cow::Borrowed).ok_or_else(|| match (word.is_empty(), value) {
                (false, _) => format!("{name}: {word}"),
                (true, None) => format!("{name}: is not allowed to be unset"),
                (true, Some(_)) => format!("{name}: is not allowed to be empty"),
            }),
            Some(char @ ('#' | '%')) => {
                let (greedy, word) =
                    word.strip_prefix(char).map_or((false, word.as_str()), |rest| (true, rest));
                let trim = if char == '#' { pattern::trim_prefix } else { pattern::trim_suffix };
                trim(word, value.unwrap_or_default(), greedy).map(Cow::Owned)
            }
            other => Err(unsupported(other, colon)),
        }
    }

    /// The rest of `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    fn replaced(&mut self, name: &'w str) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.chars.next();
        }
        let pattern = match self.until(Some('/'), true, &mut None) {
            Ok(pattern) => pattern,
            Err(_) if self.peek().is_none() => {
                return Err("syntax error: missing '/' in ${}".to_owned());
            }
            Err(message) => return Err(message),
        };
        let with = match self.until(Some('}'), true, &mut None) {
            Ok(with) => with,
            Err(_) if self.peek().is_none() => return Err("syntax error: missing '}'".to_owned()),
            Err(message) => return Err(message),
        };
        let Some(value) = self.shown_or_value(name) else {
            // BuildKit: with one slash, whether or not all were to be replaced.
            return Ok(format!("${{{name}/{pattern}/{with}}}"));
        };
        let replace = if all { pattern::replace_all } else { pattern::replace_first };
        replace(&pattern, value, &with)
    }

    /// A name: letters, digits and `_`; or digits alone; or one special parameter; or nothing.
    fn name(&mut self) -> &'w str {
        match self.peek() {
            Some(char) if is_digit(char) => self.take_while(is_digit),
            Some(char) if "@*#?-$!0".contains(char) => {
                let rest = self.chars.as_str();
                self.chars.next();
                &rest[..char.len_utf8()]
            }
            Some(_) | None => self.take_while(|it| it == '_' || is_letter(it) || is_digit(it)),
        }
    }

    /// The value of a variable, empty if it is not set; `None` where it is to be shown as it is written.
    fn shown_or_value(&mut self, name: &'w str) -> Option<&'l str> {
        let value = self.value(name);
        if self.quotes == Quotes::Show { value } else { Some(value.unwrap_or_default()) }
    }

    fn value(&mut self, name: &'w str) -> Option<&'l str> {
        let value = (self.lookup)(name);
        let names = if value.is_some() { &mut self.found.used } else { &mut self.found.unset };
        names.push(name);
        value
    }
}

fn unsupported(modifier: Option<char>, colon: bool) -> String {
    let modifier = modifier.unwrap_or(char::REPLACEMENT_CHARACTER);
    format!("unsupported modifier ({}{modifier}) in substitution", if colon { ":" } else { "" })
}

/// The words of an expansion: split on white space that comes from the text or a variable, not from quotes.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    word: String,
}

impl Words {
    fn push(&mut self, char: char) {
        if !char.is_whitespace() {
            self.word.push(char);
        } else if !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }

    /// Drops the word begun so far. BuildKit keeps it in a buffer that the words inside `${…}` share, so
    /// `EXPOSE 80${A:-80}` exposes 80, not 8080.
    fn forget_if(&mut self, has_nested: bool) {
        if has_nested {
            self.word.clear();
        }
    }

    fn push_quoted(&mut self, text: &str) {
        self.word.push_str(text);
    }

    fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}
