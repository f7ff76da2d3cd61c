//! The forms that goals have, and how a goal is held against them.
//!
//! A form is written as an author would write the goal: `the [final] image has {path}`. A word in brackets may be left
//! out, `a|an` is one of two, and a name in braces stands for a value.

use super::{KINDS, Kind};
use crate::goal::Token;

/// What a value in a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Path,
    File,
    Stage,
    /// Another stage than the first.
    Other,
    Target,
    Image,
    User,
    Step,
    Line,
    Rule,
    Number,
    Size,
    Port,
    Command,
    Name,
    Value,
    Secret,
    Package,
    Platform,
}

/// One form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) text: &'static str,
}

/// A part of a form.
enum Element {
    Word(&'static str),
    MayBe(&'static str),
    Value(Slot),
}

impl Form {
    fn elements(self) -> impl Iterator<Item = Element> {
        self.text.split(' ').map(|word| {
            let inner = |open, close| word.strip_prefix(open)?.strip_suffix(close);
            match (inner('[', ']'), inner('{', '}')) {
                (Some(word), _) => Element::MayBe(word),
                (None, Some(name)) => Element::Value(Slot::of(name)),
                (None, None) => Element::Word(word),
            }
        })
    }
}

impl Form {
    /// A goal of this form.
    pub(crate) fn example(self) -> String {
        self.written(|slot| match slot {
            // Names and numbers are plain, the rest is easier to see in backticks.
            Slot::Stage | Slot::Other | Slot::Target | Slot::Number | Slot::Rule => slot.row().2.to_owned(),
            _ => format!("`{}`", slot.row().2),
        })
    }

    /// The form as a sentence, with names in braces for its values.
    pub(crate) fn sentence(self) -> String {
        self.written(|slot| format!("{{{}}}", slot.row().0))
    }

    fn written(self, value: impl Fn(Slot) -> String) -> String {
        let word = |element| match element {
            Element::Word(word) => word.split('|').next_back().map(str::to_owned),
            Element::MayBe(word) => matches!(word, "the" | "final").then(|| word.to_owned()),
            Element::Value(slot) => Some(value(slot)),
        };
        self.elements().filter_map(word).collect::<Vec<_>>().join(" ")
    }
}

impl Slot {
    /// What each is called in a form, and one such value.
    const NAMES: [(&'static str, Slot, &'static str); 19] = [
        ("path", Slot::Path, "/app"),
        ("file", Slot::File, "main.go"),
        ("stage", Slot::Stage, "build"),
        ("other", Slot::Other, "deps"),
        ("target", Slot::Target, "ci"),
        ("image", Slot::Image, "golang"),
        ("user", Slot::User, "root"),
        ("instruction", Slot::Step, "RUN go mod download"),
        ("line", Slot::Line, "5"),
        ("rule", Slot::Rule, "UnnamedStage"),
        ("number", Slot::Number, "2"),
        ("size", Slot::Size, "20 MB"),
        ("port", Slot::Port, "8080"),
        ("command", Slot::Command, "[\"/app\"]"),
        ("name", Slot::Name, "VERSION"),
        ("value", Slot::Value, "1.0"),
        ("secret", Slot::Secret, "token"),
        ("package", Slot::Package, "curl"),
        ("platform", Slot::Platform, "linux/arm64"),
    ];

    fn of(name: &str) -> Slot {
        let found = Slot::NAMES.iter().find(|(it, ..)| *it == name);
        found.map_or(Slot::Value, |(_, slot, _)| *slot)
    }

    /// Its row in the table of names.
    fn row(self) -> (&'static str, Slot, &'static str) {
        let found = Slot::NAMES.iter().find(|(_, slot, _)| *slot == self);
        found.copied().unwrap_or(("value", self, ""))
    }
}

fn is_word(token: &Token, word: &str) -> bool {
    word.split('|').any(|one| one.eq_ignore_ascii_case(&token.text))
}

/// The values of a form, as they stand in a goal.
type Values<'t> = Vec<(Slot, &'t Token)>;

/// What a goal is.
pub(crate) struct Found<'t> {
    pub(crate) kind: &'static Kind,
    pub(crate) values: Values<'t>,
}

/// Which values the tokens have, if they are of the form.
fn values(form: Form, tokens: &[Token]) -> Option<Values<'_>> {
    let mut values = Vec::new();
    let mut rest = tokens.iter().peekable();
    for element in form.elements() {
        match element {
            Element::Word(word) => {
                rest.next_if(|token| is_word(token, word))?;
            }
            Element::MayBe(word) => {
                rest.next_if(|token| is_word(token, word));
            }
            Element::Value(slot) => values.push((slot, rest.next()?)),
        }
    }
    rest.next().is_none().then_some(values)
}

/// The form that a goal has. Where several fit, as `has no shell` and `has no {path}`, the one with fewer values is meant.
pub(crate) fn find(tokens: &[Token]) -> Option<Found<'_>> {
    let found = KINDS.iter().flat_map(|kind| {
        let forms = kind.forms.iter();
        forms.filter_map(move |text| Some(Found { kind, values: values(Form { text }, tokens)? }))
    });
    found.min_by_key(|found| found.values.len())
}

/// The form that comes nearest to a goal.
#[derive(Clone, Copy)]
pub(crate) struct Near {
    pub(crate) form: Form,
    /// How many tokens fit, from the first on.
    pub(crate) n_fitting: usize,
    /// Whether all of the form is there, and only something behind it is too much.
    pub(crate) is_whole: bool,
}

/// The form that is nearest to what was written, if any is near at all.
pub(crate) fn nearest(tokens: &[Token]) -> Option<Near> {
    let forms = KINDS.iter().flat_map(|kind| kind.forms.iter().map(|text| Form { text }));
    let (distance, form) = forms.map(|form| (distance(form, tokens), form)).min_by_key(|it| it.0)?;
    let n_fitting = n_fitting(form, tokens);
    let is_whole = tokens.get(..n_fitting).is_some_and(|head| values(form, head).is_some());
    (distance < 3 * tokens.len().max(2)).then_some(Near { form, n_fitting, is_whole })
}

fn n_fitting(form: Form, tokens: &[Token]) -> usize {
    let mut at = 0;
    for element in form.elements() {
        let Some(token) = tokens.get(at) else { break };
        match element {
            Element::Word(word) if is_word(token, word) => at += 1,
            Element::Word(_) => break,
            Element::MayBe(word) => at += usize::from(is_word(token, word)),
            Element::Value(_) => at += 1,
        }
    }
    at
}

/// How many words have to change, in halves: a value that is written like a word counts a little.
fn distance(form: Form, tokens: &[Token]) -> usize {
    let mut row: Vec<usize> = (0..=tokens.len()).map(|n| n * 4).collect();
    for element in form.elements() {
        let (skip, word) = match element {
            Element::MayBe(word) => (0, Some(word)),
            Element::Word(word) => (4, Some(word)),
            Element::Value(_) => (4, None),
        };
        let mut diagonal = row[0];
        row[0] += skip;
        for (at, token) in tokens.iter().enumerate() {
            let change = match word {
                Some(word) if is_word(token, word) => 0,
                Some(word) if is_alike(word, &token.text) => 1,
                Some(_) => 5,
                None if token.is_quoted => 0,
                None => 1,
            };
            let above = row[at + 1];
            row[at + 1] = (diagonal + change).min(above + skip).min(row[at] + 4);
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Whether one may be a slip of the other: most of their letters are the same, from both ends.
fn is_alike(word: &str, written: &str) -> bool {
    let written = written.to_ascii_lowercase();
    word.split('|').any(|word| {
        let (a, b) = (word.as_bytes(), written.as_bytes());
        let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let most = a.len().min(b.len()) - head;
        let tail = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let longest = a.len().max(b.len());
        longest > 2 && longest - head - tail <= 2 && head + tail >= longest / 2
    })
}
