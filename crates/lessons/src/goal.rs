//! A goal: a sentence in plain English that a Dockerfile meets or not.
//!
//! A sentence is words and values. What stands in backticks or quotes is a value as it is; elsewhere a word may be one.
//! In front there may be conditions: `for target ci with --build-arg A=1: …`. Upper and lower case, the full stop at the
//! end and the small words that a form has in brackets do not matter.

use dockerfile::checks;
use dockerfile::stages::platform;
use dockerfile::text::TextRange;

use crate::Problem;
use crate::claims::{self, Kind, Slot};
use crate::example;

/// Words of a goal; a longer one is none.
const MAX_TOKENS: usize = 80;

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// It, as it is shown.
    pub text: String,
    /// Where it stands in the lesson.
    pub range: TextRange,
    /// Under which conditions it is asked.
    pub conditions: Conditions,
    /// What it claims.
    pub kind: &'static Kind,
    /// What it names, with the places.
    pub(crate) values: Vec<(Slot, String, TextRange)>,
}

/// What a build is asked for where a goal is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `--target`.
    pub target: Option<String>,
    /// `--platform`.
    pub platform: Option<String>,
    /// `--build-arg`.
    pub args: Vec<(String, String)>,
}

impl Goal {
    /// A value; empty if the form has none.
    pub(crate) fn value(&self, slot: Slot) -> &str {
        self.values.iter().find(|(it, ..)| *it == slot).map_or("", |(_, text, _)| text)
    }

    /// A number.
    pub(crate) fn number(&self) -> usize {
        number(self.value(Slot::Number)).unwrap_or_default()
    }

    /// Whether its form has a value of a kind.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.values.iter().any(|(it, ..)| *it == slot)
    }
}

/// A piece of a goal's text.
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) at: usize,
    pub(crate) is_code: bool,
}

/// A word or a value.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) range: TextRange,
    /// Whether it stands in backticks or quotes.
    pub(crate) is_quoted: bool,
}

/// Reads a goal.
pub(crate) fn read(pieces: &[Piece], range: TextRange) -> Result<Goal, Problem> {
    let text: String =
        pieces.iter().map(|it| if it.is_code { format!("`{}`", it.text) } else { it.text.clone() }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tokens = tokens(pieces);
    if tokens.is_empty() || tokens.len() > MAX_TOKENS {
        let why = if tokens.is_empty() { "A goal is a sentence" } else { "This goal is too long" };
        return Err(Problem::new(range, why));
    }
    let (conditions, rest) = conditions(&tokens)?;
    let end = TextRange::empty(range.end);
    let Some(found) = claims::find(rest) else {
        let Some(near) = claims::nearest(rest) else {
            let problem = Problem::new(rest[0].range.cover(end), "This goal cannot be read");
            return Err(problem.help("docs/lessons.md lists what goals can say"));
        };
        let place = rest.get(near.n_fitting).map_or(end, |token| token.range);
        let problem = Problem::new(place, "This goal cannot be read from here on");
        let help = format!("The nearest form is: {}", near.form.sentence());
        return Err(match near.is_whole {
            true => problem.help(format!("{help}. A value of several words stands in backticks")),
            false => problem.help(help),
        });
    };
    let mut values = Vec::new();
    for (slot, token) in found.values {
        let value = value(slot, token)?;
        values.push((slot, value, token.range));
    }
    Ok(Goal { text, range, conditions, kind: found.kind, values })
}

/// Splits into words. A list in brackets is one of them.
fn tokens(pieces: &[Piece]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    // What ends a word: white space outside of quotes and brackets.
    let mut open: Option<char> = None;
    let mut is_joined = false;
    for piece in pieces {
        if piece.is_code {
            code(piece, &mut tokens);
            is_joined = false;
            continue;
        }
        for (offset, c) in piece.text.char_indices() {
            let at = piece.at + offset;
            if open.is_none() && c.is_whitespace() {
                is_joined = false;
                continue;
            }
            if !is_joined || open.is_none() && c == '"' && !last_is_option(&tokens) {
                open = match c {
                    '"' => Some('"'),
                    '[' => Some(']'),
                    _ => None,
                };
                let token = Token { text: String::new(), range: TextRange::empty(at), is_quoted: c == '"' };
                tokens.push(token);
                is_joined = true;
                if let Some(token) = tokens.last_mut() {
                    token.range.end = at + c.len_utf8();
                    if c != '"' {
                        token.text.push(c);
                    }
                }
                continue;
            }
            let is_end = open == Some(c);
            if let Some(token) = tokens.last_mut() {
                token.range.end = at + c.len_utf8();
                if !(is_end && c == '"') {
                    token.text.push(c);
                }
            }
            if is_end {
                open = None;
                is_joined = false;
            }
        }
    }
    // The full stop, and what only divides.
    for token in tokens.iter_mut().filter(|token| !token.is_quoted) {
        let kept = token.text.trim_end_matches([',', ';']).len();
        token.text.truncate(kept);
    }
    if let Some(last) = tokens.last_mut().filter(|last| !last.is_quoted) {
        let kept = last.text.trim_end_matches(['.', '!']).len();
        last.text.truncate(kept.max(usize::from(last.text == ".")));
        if last.text == "." && tokens.len() > 1 {
            tokens.pop();
        }
    }
    tokens.retain(|token| token.is_quoted || !token.text.is_empty());
    join_sizes(&mut tokens);
    tokens
}

/// `20 MB` is one value.
fn join_sizes(tokens: &mut Vec<Token>) {
    let mut at = 1;
    while at < tokens.len() {
        let joined = format!("{} {}", tokens[at - 1].text, tokens[at].text);
        if tokens[at - 1].text.starts_with(|it: char| it.is_ascii_digit()) && example::size(&joined).is_some()
        {
            let unit = tokens.remove(at);
            tokens[at - 1].range = tokens[at - 1].range.cover(unit.range);
            tokens[at - 1].text = joined;
        }
        at += 1;
    }
}

/// What stands in backticks is one value, but for an option and what is given with it.
fn code(piece: &Piece, tokens: &mut Vec<Token>) {
    let mut push = |from: usize, to: usize, is_quoted: bool| {
        let range = TextRange::new(piece.at + from, piece.at + to);
        tokens.push(Token { text: piece.text[from..to].trim().to_owned(), range, is_quoted });
    };
    match piece.text.find(' ').filter(|_| piece.text.starts_with("--")) {
        Some(at) => {
            push(0, at, false);
            push(at + 1, piece.text.len(), true);
        }
        None => push(0, piece.text.len(), true),
    }
}

/// Whether a quote belongs to what is in front of it: `A="b c"`.
fn last_is_option(tokens: &[Token]) -> bool {
    tokens.last().is_some_and(|token| token.text.ends_with('='))
}

/// Reads `for target ci with --build-arg A=1:` and hands on what stands behind it.
fn conditions(tokens: &[Token]) -> Result<(Conditions, &[Token]), Problem> {
    let mut conditions = Conditions::default();
    let is_word = |token: &Token, words: &[&str]| {
        !token.is_quoted && words.iter().any(|word| token.text.eq_ignore_ascii_case(word))
    };
    if !is_word(&tokens[0], &["for", "with"]) {
        return Ok((conditions, tokens));
    }
    let help =
        "Write 'for target ci:', 'for platform linux/arm64:' or 'with --build-arg A=1:' in front of a goal";
    let trouble = |token: &Token| Problem::new(token.range, "This condition cannot be read").help(help);
    let end = tokens.iter().position(|token| !token.is_quoted && token.text.ends_with(':'));
    let Some(end) = end else { return Err(trouble(&tokens[0])) };
    // `ci:` is a value with the colon behind it; behind a value in backticks it stands alone.
    let mut last = tokens[end].clone();
    last.text.pop();
    last.range.end -= 1;
    let head: Vec<&Token> = tokens[..end].iter().chain((!last.text.is_empty()).then_some(&last)).collect();
    let mut words = head.iter().copied().peekable();
    while let Some(token) = words.next() {
        if is_word(token, &["for", "with", "and"]) {
            continue;
        }
        let text = token.text.trim_start_matches("--");
        let (name, inline) = match text.split_once([' ', '=']) {
            Some((name, value)) if token.text.starts_with("--") => (name, Some(value.trim().to_owned())),
            _ => (text, None),
        };
        let mut value = || {
            let next = || words.next().map(|it| it.text.clone());
            inline.clone().or_else(next).filter(|it| !it.is_empty())
        };
        match name.to_ascii_lowercase().as_str() {
            "target" => conditions.target = Some(value().ok_or_else(|| trouble(token))?),
            "platform" => {
                let platform = value().and_then(|it| platform::parse(&it).ok());
                conditions.platform = Some(platform.ok_or_else(|| trouble(token))?.format());
            }
            "build-arg" => {
                let pair = value().ok_or_else(|| trouble(token))?;
                let (name, value) = pair.split_once('=').ok_or_else(|| trouble(token))?;
                conditions.args.push((name.to_owned(), value.to_owned()));
            }
            _ => return Err(trouble(token)),
        }
    }
    let rest = &tokens[end + 1..];
    if rest.is_empty() {
        return Err(Problem::new(tokens[end].range, "There is no goal behind the condition").help(help));
    }
    Ok((conditions, rest))
}

/// A value as it is used, if it is one.
fn value(slot: Slot, token: &Token) -> Result<String, Problem> {
    let text = token.text.as_str();
    let trouble = |message: String| Problem::new(token.range, message);
    let is_clean = |path: &str| path.split('/').all(|part| !matches!(part, "." | ".."));
    match slot {
        Slot::Path if !text.starts_with('/') || !is_clean(text) => {
            Err(trouble(format!("'{text}' is no path from the root on"))
                .help("Paths of an image begin with '/', such as '/app'"))
        }
        Slot::Path => match text.trim_end_matches('/') {
            "" => Ok("/".to_owned()),
            path => Ok(path.to_owned()),
        },
        Slot::File if text.starts_with('/') || text.is_empty() || !is_clean(text) => {
            Err(trouble(format!("'{text}' is no path within the build context"))
                .help("Write it as 'src/main.go'"))
        }
        Slot::Rule if checks::rule(text).is_none() => {
            let problem = trouble(format!("There is no rule '{text}'"));
            Err(match checks::similar_rule(text) {
                Some(rule) => problem.help(format!("Did you mean {}?", rule.name)),
                None => problem.help("`stagelight rules` lists them"),
            })
        }
        Slot::Number if number(text).is_none() => Err(trouble(format!("'{text}' is no number"))),
        Slot::Line if text.parse::<u32>().is_err() => Err(trouble(format!("'{text}' is no line number"))),
        Slot::Size if example::size(text).is_none() => {
            Err(trouble(format!("'{text}' is no size")).help("Write it as '20 MB', in backticks"))
        }
        Slot::Platform => match platform::parse(text) {
            Ok(platform) => Ok(platform.format()),
            Err(_) => Err(trouble(format!("'{text}' is no platform")).help("Write it as 'linux/arm64'")),
        },
        Slot::Stage | Slot::Other | Slot::Target => Ok(text.to_lowercase()),
        _ if text.is_empty() => Err(trouble("Something has to stand here".to_owned())),
        _ => Ok(text.to_owned()),
    }
}

fn number(text: &str) -> Option<usize> {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let text = text.to_ascii_lowercase();
    WORDS.iter().position(|word| *word == text).or_else(|| text.parse().ok())
}
