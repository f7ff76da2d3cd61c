//! One pattern of a `.dockerignore`.
//!
//! Moby compares most of them as plain text and makes regular expressions of the others; so does this, with an
//! automaton for the few things that such an expression can hold. What only somebody who knows of them could write
//! (`\b`, `\x41`, `\p{L}`) is matched by nothing here.

use std::ops::RangeInclusive;

/// No path of a file system is longer.
const MAX_PATH: usize = 4096;

/// A pattern after cleaning.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    kind: Kind,
}

/// How a path is compared.
#[derive(Clone, Debug)]
enum Kind {
    /// It is the text.
    Exact,
    /// It starts with the text before `**`.
    Prefix,
    /// It ends with the text behind `**`.
    Suffix,
    /// It is what the pieces say.
    Pieces(Vec<Piece>),
}

/// A part of a regular expression.
#[derive(Clone, Debug)]
struct Piece {
    what: What,
    /// Whether it may be there any number of times.
    is_repeated: bool,
}

#[derive(Clone, Debug)]
enum What {
    Char(char),
    /// `.`
    Any,
    Class(Class),
    /// `(.*/)?`
    Directories,
    /// `^`
    Start,
}

/// `[…]`
#[derive(Clone, Debug, Default)]
struct Class {
    is_negated: bool,
    ranges: Vec<RangeInclusive<char>>,
}

impl Pattern {
    /// Reads a pattern; `None` if it is none.
    pub(super) fn new(text: &str) -> Option<Pattern> {
        if !is_valid(text) {
            return None;
        }
        let (kind, expression) = translated(text);
        let kind = match kind {
            Kind::Pieces(_) => Kind::Pieces(pieces(&expression)?),
            kind => kind,
        };
        Some(Pattern { text: text.to_owned(), kind })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.kind {
            Kind::Exact => path == self.text,
            Kind::Prefix => path.starts_with(&self.text[..self.text.len() - 2]),
            Kind::Suffix => {
                let suffix = &self.text[2..];
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Kind::Pieces(pieces) => path.len() <= MAX_PATH && matches(pieces, path),
        }
    }

    /// Whether it may match something below a directory. Where that is hard to say, it may.
    pub(super) fn may_match_below(&self, directory: &str) -> bool {
        if directory.is_empty() {
            return true;
        }
        let is_simple = !self.text.contains(['[', '\\', '^']);
        let mut parts = self.text.split('/');
        for name in directory.split('/') {
            let Some(part) = parts.next() else { return false };
            if part.contains("**") || !is_simple {
                return true;
            }
            if !Pattern::new(part).is_some_and(|part| part.matches(name)) {
                return false;
            }
        }
        parts.next().is_some()
    }
}

/// Whether Go's `filepath.Match` takes it for a pattern.
fn is_valid(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' if chars.next().is_none() => return false,
            '[' => {
                chars.next_if_eq(&'^');
                let mut is_first = true;
                while is_first || chars.next_if_eq(&']').is_none() {
                    is_first = false;
                    let is_range =
                        is_bound(&mut chars) && (chars.next_if_eq(&'-').is_none() || is_bound(&mut chars));
                    if !is_range {
                        return false;
                    }
                }
            }
            _ => {}
        }
    }
    true
}

/// Takes one end of a range.
fn is_bound(chars: &mut impl Iterator<Item = char>) -> bool {
    match chars.next() {
        None | Some('-' | ']') => false,
        Some('\\') => chars.next().is_some(),
        Some(_) => true,
    }
}

/// How a path is to be compared, and the regular expression that Moby makes of the pattern for that.
fn translated(text: &str) -> (Kind, String) {
    let mut expression = String::with_capacity(text.len() + 8);
    let mut kind = Kind::Exact;
    let mut chars = text.chars().peekable();
    let mut is_first = true;
    while let Some(char) = chars.next() {
        match char {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                kind = match (chars.peek(), kind) {
                    (None, Kind::Exact) => Kind::Prefix,
                    (None, _) => {
                        expression.push_str(".*");
                        Kind::Pieces(Vec::new())
                    }
                    (Some(_), _) => {
                        expression.push_str("(.*/)?");
                        Kind::Pieces(Vec::new())
                    }
                };
                if is_first {
                    kind = Kind::Suffix;
                }
            }
            '*' => {
                expression.push_str("[^/]*");
                kind = Kind::Pieces(Vec::new());
            }
            '?' => {
                expression.push_str("[^/]");
                kind = Kind::Pieces(Vec::new());
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => expression.extend(['\\', char]),
            '\\' => {
                expression.push('\\');
                expression.extend(chars.next());
                kind = Kind::Pieces(Vec::new());
            }
            '[' | ']' => {
                expression.push(char);
                kind = Kind::Pieces(Vec::new());
            }
            char => expression.push(char),
        }
        is_first = false;
    }
    (kind, expression)
}

/// Reads a regular expression of that kind; `None` if Go does not take it.
fn pieces(expression: &str) -> Option<Vec<Piece>> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = expression;
    while let Some(char) = rest.chars().next() {
        let behind = &rest[char.len_utf8()..];
        let what = match char {
            '(' => {
                rest = behind.strip_prefix(".*/)?")?;
                What::Directories
            }
            '[' => {
                let (class, behind) = class(behind)?;
                rest = behind;
                What::Class(class)
            }
            '\\' => {
                let escaped = behind.chars().next()?;
                rest = &behind[escaped.len_utf8()..];
                match letters(escaped) {
                    Some(class) => What::Class(class),
                    None => What::Char(unescaped(escaped)?),
                }
            }
            '.' => {
                rest = behind;
                What::Any
            }
            '^' => {
                rest = behind;
                What::Start
            }
            char => {
                rest = behind;
                What::Char(char)
            }
        };
        let repeated = rest.strip_prefix('*');
        rest = repeated.unwrap_or(rest);
        // Two of these are no more than one, and a long row of them would take long.
        let is_more = matches!(what, What::Directories)
            && matches!(pieces.last(), Some(Piece { what: What::Directories, .. }));
        if !is_more {
            pieces.push(Piece { what, is_repeated: repeated.is_some() });
        }
    }
    Some(pieces)
}

/// Reads a class behind its `[`, and gives what follows it.
fn class(text: &str) -> Option<(Class, &str)> {
    let (is_negated, mut rest) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let mut class = Class { is_negated, ranges: Vec::new() };
    let mut is_first = true;
    loop {
        if let Some(behind) = rest.strip_prefix(']').filter(|_| !is_first) {
            return Some((class, behind));
        }
        is_first = false;
        if let Some((name, behind)) = rest.strip_prefix("[:").and_then(|it| it.split_once(":]")) {
            class.ranges.extend(named(name)?);
            rest = behind;
            continue;
        }
        let of_letters = rest.strip_prefix('\\').and_then(|it| letters(it.chars().next()?));
        if let Some(letters) = of_letters {
            class.ranges.extend(letters.positive());
            rest = &rest[2..];
            continue;
        }
        let (low, behind) = bound(rest)?;
        let (high, behind) =
            match behind.strip_prefix('-').filter(|it| !it.is_empty() && !it.starts_with(']')) {
                Some(behind) => bound(behind)?,
                None => (low, behind),
            };
        if high < low {
            return None;
        }
        class.ranges.push(low..=high);
        rest = behind;
    }
}

/// One end of a range, and what follows it.
fn bound(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let char = match chars.next()? {
        '\\' => unescaped(chars.next()?)?,
        char => char,
    };
    Some((char, chars.as_str()))
}

/// What a character behind a backslash stands for.
fn unescaped(char: char) -> Option<char> {
    Some(match char {
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        char if char.is_ascii() && !char.is_ascii_alphanumeric() => char,
        _ => return None,
    })
}

/// `\d` and its relatives.
fn letters(char: char) -> Option<Class> {
    let ranges = match char.to_ascii_lowercase() {
        'd' => vec!['0'..='9'],
        's' => vec!['\t'..='\n', '\u{c}'..='\r', ' '..=' '],
        'w' => vec!['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'],
        _ => return None,
    };
    Some(Class { is_negated: char.is_ascii_uppercase(), ranges })
}

/// `[:alpha:]` and its relatives.
fn named(name: &str) -> Option<Vec<RangeInclusive<char>>> {
    let (is_negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let ranges = match name {
        "alnum" => vec!['0'..='9', 'A'..='Z', 'a'..='z'],
        "alpha" => vec!['A'..='Z', 'a'..='z'],
        "ascii" => vec!['\0'..='\u{7f}'],
        "blank" => vec!['\t'..='\t', ' '..=' '],
        "cntrl" => vec!['\0'..='\u{1f}', '\u{7f}'..='\u{7f}'],
        "digit" => vec!['0'..='9'],
        "graph" => vec!['!'..='~'],
        "lower" => vec!['a'..='z'],
        "print" => vec![' '..='~'],
        "punct" => vec!['!'..='/', ':'..='@', '['..='`', '{'..='~'],
        "space" => vec!['\t'..='\r', ' '..=' '],
        "upper" => vec!['A'..='Z'],
        "word" => vec!['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'],
        "xdigit" => vec!['0'..='9', 'A'..='F', 'a'..='f'],
        _ => return None,
    };
    Some(Class { is_negated, ranges }.positive())
}

impl Class {
    fn has(&self, char: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&char)) != self.is_negated
    }

    /// The same without negation; the ranges are in order.
    fn positive(self) -> Vec<RangeInclusive<char>> {
        if !self.is_negated {
            return self.ranges;
        }
        let mut found = Vec::new();
        let mut next = Some('\0');
        for range in &self.ranges {
            if let (Some(low), Some(high)) = (next, before(*range.start()))
                && low <= high
            {
                found.push(low..=high);
            }
            next = char::from_u32(*range.end() as u32 + 1);
        }
        found.extend(next.map(|low| low..=char::MAX));
        found
    }
}

fn before(char: char) -> Option<char> {
    char::from_u32((char as u32).checked_sub(1)?)
}

/// Whether the pieces match all of a path. Takes time in proportion to the product of both at most.
fn matches(pieces: &[Piece], path: &str) -> bool {
    let mut now = vec![false; pieces.len() + 1];
    let mut next = now.clone();
    enter(pieces, 0, true, &mut now);
    for char in path.chars() {
        for at in 0..pieces.len() {
            if !now[at] {
                continue;
            }
            let Piece { what, is_repeated } = &pieces[at];
            let goes_on = match what {
                What::Char(wanted) => char == *wanted,
                What::Any => char != '\n',
                What::Class(class) => class.has(char),
                What::Start => false,
                What::Directories => {
                    next[at] |= char != '\n';
                    char == '/'
                }
            };
            match (goes_on, what) {
                (true, What::Directories) => enter(pieces, at + 1, false, &mut next),
                (true, _) => enter(pieces, at + usize::from(!is_repeated), false, &mut next),
                (false, _) => {}
            }
        }
        std::mem::swap(&mut now, &mut next);
        next.fill(false);
    }
    now[pieces.len()]
}

/// Goes to a piece, and to those behind it that need nothing to come before.
fn enter(pieces: &[Piece], at: usize, is_start: bool, places: &mut [bool]) {
    for (place, nth) in places[at..].iter_mut().zip(at..) {
        *place = true;
        let passes = pieces.get(nth).is_some_and(|piece| {
            piece.is_repeated
                || matches!(piece.what, What::Directories)
                || is_start && matches!(piece.what, What::Start)
        });
        if !passes {
            return;
        }
    }
}
