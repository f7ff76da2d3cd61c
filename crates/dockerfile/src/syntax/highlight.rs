//! Colours for an editor: the whole text as tokens, without a gap or an overlap.
//!
//! Every byte is painted with a kind, the general first and the special over it: a word, then the string in
//! it, then the variable in that, and at last the line ends inside a continuation. So a name that begins on
//! one line and ends on the next comes out right, and no text can make the tokens disagree with it.

mod scan;

use std::ops::Range;

use self::scan::{Looks, scan};
use super::instructions::ArgForm;
use super::lines::{self, LineRole, Logical};
use super::{Flag, Heredoc, Instruction, InstructionKind, Parse, Word, mounts};
use crate::text::TextRange;

/// A piece of the text and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub range: TextRange,
}

/// What a token can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Blanks and line ends.
    Whitespace,
    /// The name of an instruction; also AS, and NONE and CMD of HEALTHCHECK.
    Keyword,
    /// A parser directive, the whole line.
    Directive,
    /// A comment, the whole line.
    Comment,
    /// A flag with its dashes, or the key of a mount.
    FlagName,
    /// The value of a flag, or of the key of a mount.
    FlagValue,
    /// `=`.
    Operator,
    /// Anything that is nothing else.
    Text,
    /// Something in quotes, quotes included.
    String,
    /// `$NAME` or `${…}` where the builder expands it, and the name that ENV and ARG give a variable.
    Variable,
    /// A port.
    Number,
    /// Brackets and commas of a JSON array, commas of a mount.
    Punctuation,
    /// The escape at the end of a line that goes on in the next.
    Continuation,
    /// `<<EOF`, and the line that ends the heredoc.
    HeredocMarker,
    /// The body of a heredoc.
    HeredocBody,
    /// The name of a stage where it is given, and where files are taken from it.
    StageName,
    /// The base of a stage.
    ImageName,
    /// What BuildKit does not read, and a keyword it does not know.
    Error,
}

impl TokenKind {
    /// The name of its colour, for style sheets; empty for what has the colour of the text. Kinds that are alike to
    /// readers share one.
    pub fn colour(self) -> &'static str {
        match self {
            TokenKind::Whitespace | TokenKind::Text | TokenKind::FlagValue => "",
            TokenKind::Keyword => "keyword",
            TokenKind::Directive => "directive",
            TokenKind::Comment => "comment",
            TokenKind::FlagName => "flag",
            TokenKind::String | TokenKind::Number => "string",
            TokenKind::Variable => "variable",
            TokenKind::Operator | TokenKind::Punctuation | TokenKind::Continuation => "punctuation",
            TokenKind::HeredocMarker | TokenKind::HeredocBody => "heredoc",
            TokenKind::StageName => "stage",
            TokenKind::ImageName => "image",
            TokenKind::Error => "error",
        }
    }
}

/// The tokens of `text`, which is the text that was parsed. Put together, they are the text.
pub fn tokens(text: &str, parse: &Parse<'_>) -> Vec<Token> {
    let mut painter = Painter { text, kinds: vec![None; text.len()], starts: vec![false; text.len() + 1] };
    let mut at = 0;
    for instruction in &parse.instructions {
        between(&mut painter, at..instruction.range.start.max(at), parse.escape);
        painter.instruction(instruction, parse.escape);
        at = instruction.range.end.max(at);
    }
    between(&mut painter, at..text.len(), parse.escape);
    for directive in &parse.directives {
        let line_start = text[..directive.value.range.start].rfind('\n').map_or(0, |at| at + 1);
        let start = line_start + text[line_start..].find('#').unwrap_or(0);
        painter.paint(TextRange::new(start, directive.value.range.end), TokenKind::Directive);
    }
    painter.tokens()
}

/// Comments, blank lines, and what BuildKit could not read.
fn between(painter: &mut Painter<'_>, range: Range<usize>, escape: char) {
    let mut start = range.start;
    for line in painter.text[range].split_inclusive('\n') {
        let mut content = line.trim();
        if start == 0 {
            content = content.trim_start_matches('\u{feff}').trim_start();
        }
        if !content.is_empty() {
            let content_start = start + (content.as_ptr() as usize - line.as_ptr() as usize);
            let range = TextRange::new(content_start, content_start + content.len());
            // An instruction may begin with lines that hold an escape and nothing else.
            let mut chars = content.chars();
            let kind = match (chars.next(), chars.next()) {
                (Some('#'), _) => TokenKind::Comment,
                (Some(c), None) if c == escape => TokenKind::Continuation,
                (_, _) => TokenKind::Error,
            };
            painter.paint(range, kind);
        }
        start += line.len();
    }
}

struct Painter<'t> {
    text: &'t str,
    /// The kind of each byte, as far as it is known.
    kinds: Vec<Option<TokenKind>>,
    /// Whether a token starts at a byte although the kind does not change.
    starts: Vec<bool>,
}

impl<'t> Painter<'t> {
    fn paint(&mut self, range: TextRange, kind: TokenKind) {
        if range.is_empty() {
            return;
        }
        self.kinds[range.start..range.end].fill(Some(kind));
        self.starts[range.start + 1..range.end].fill(false);
        self.starts[range.start] = true;
        self.starts[range.end] = true;
    }

    fn instruction(&mut self, instruction: &Instruction<'_>, escape: char) {
        let header_end =
            instruction.heredocs.first().map_or(instruction.range.end, |heredoc| heredoc.body.start);
        let header = TextRange::new(instruction.range.start, header_end.max(instruction.range.start));
        let (logical, gaps) = rejoin(self.text, header, escape);
        self.parts(instruction, &logical, escape);
        for (range, kind) in gaps {
            self.paint(range, kind);
        }
        for heredoc in &instruction.heredocs {
            self.heredoc(heredoc, instruction);
        }
        // What is left are signs between the words.
        for (offset, c) in header.of(self.text).char_indices() {
            let at = header.start + offset;
            if self.kinds[at].is_none() && !c.is_whitespace() {
                let kind = match c {
                    '=' => TokenKind::Operator,
                    '[' | ']' | ',' => TokenKind::Punctuation,
                    _ => TokenKind::Text,
                };
                self.kinds[at..at + c.len_utf8()].fill(Some(kind));
            }
        }
    }

    fn parts(&mut self, instruction: &Instruction<'_>, logical: &Logical<'_>, escape: char) {
        let row = instruction.kind.row();
        let is_known = instruction.kind != InstructionKind::Unknown;
        self.paint(instruction.keyword.range, if is_known { TokenKind::Keyword } else { TokenKind::Error });
        for flag in &instruction.flags {
            self.flag(flag, instruction.kind, logical, escape);
        }
        let looks = Looks { strings: true, variables: row.expands, escape };
        let shell = Looks { strings: true, variables: false, escape: '\\' };
        for (index, arg) in instruction.args.iter().enumerate() {
            if instruction.json {
                let is_type = row.form == ArgForm::Healthcheck && index == 0;
                let kind = if is_type { TokenKind::Keyword } else { TokenKind::String };
                self.word(arg, kind, Looks { strings: false, ..looks }, logical);
                continue;
            }
            match row.form {
                ArgForm::Words if instruction.kind == InstructionKind::From => {
                    let is_comment = arg.text.starts_with('#');
                    let kind = match index {
                        0 => TokenKind::ImageName,
                        1 if !is_comment => TokenKind::Keyword,
                        2 if !is_comment => TokenKind::StageName,
                        _ => TokenKind::Error,
                    };
                    self.word(arg, kind, Looks { variables: index == 0, strings: false, escape }, logical);
                }
                ArgForm::Words => {
                    let is_port = arg.text.starts_with(|c: char| c.is_ascii_digit());
                    let kind = if is_port { TokenKind::Number } else { TokenKind::Text };
                    self.word(arg, kind, Looks { strings: false, ..looks }, logical);
                }
                ArgForm::JsonOrWords | ArgForm::Whole => self.word(arg, TokenKind::Text, looks, logical),
                ArgForm::JsonOrShell => self.word(arg, TokenKind::Text, shell, logical),
                ArgForm::Pairs => match index % 3 {
                    0 => self.word(arg, name_kind(instruction.kind), looks, logical),
                    1 => self.word(arg, TokenKind::Text, looks, logical),
                    _ => self.paint(arg.range, TokenKind::Operator),
                },
                ArgForm::Names => {
                    self.word(arg, TokenKind::Text, looks, logical);
                    let whole = logical.joined_range(arg.range);
                    let equals = logical.text()[whole.clone()].find('=').map(|len| whole.start + len);
                    self.logical(logical, whole.start..equals.unwrap_or(whole.end), TokenKind::Variable);
                    if let Some(equals) = equals {
                        self.logical(logical, equals..equals + 1, TokenKind::Operator);
                    }
                }
                ArgForm::Healthcheck if index == 0 => self.paint(arg.range, TokenKind::Keyword),
                ArgForm::Healthcheck => self.word(arg, TokenKind::Text, shell, logical),
                ArgForm::Instruction | ArgForm::Ignored => {}
            }
        }
        if let Some(child) = &instruction.onbuild {
            self.parts(child, logical, escape);
        }
    }

    fn flag(&mut self, flag: &Flag<'_>, kind: InstructionKind, logical: &Logical<'_>, escape: char) {
        self.paint(TextRange::new(flag.range.start, flag.name.range.end), TokenKind::FlagName);
        let Some(value) = &flag.value else { return };
        let expands = kind.row().flag(&flag.name.text).is_some_and(|row| row.expands);
        let looks = Looks { strings: false, variables: expands, escape };
        if kind == InstructionKind::Copy && flag.name.text == "from" {
            self.paint(value.range, TokenKind::StageName);
        } else if kind == InstructionKind::Run && flag.name.text == "mount" {
            self.mount(value, looks, logical);
        } else {
            self.word(value, TokenKind::FlagValue, looks, logical);
        }
    }

    fn mount(&mut self, value: &Word<'_>, looks: Looks, logical: &Logical<'_>) {
        let Ok(fields) = mounts::split(value, self.text) else {
            return self.paint(value.range, TokenKind::Error);
        };
        self.paint(value.range, TokenKind::Punctuation);
        for field in fields {
            self.paint(field.range, TokenKind::Operator);
            self.paint(field.key.range, TokenKind::FlagName);
            let Some(value) = field.value else { continue };
            if field.key.text.eq_ignore_ascii_case("from") {
                self.paint(value.range, TokenKind::StageName);
            } else {
                self.word(&value, TokenKind::FlagValue, looks, logical);
            }
        }
    }

    fn heredoc(&mut self, heredoc: &Heredoc<'_>, instruction: &Instruction<'_>) {
        self.paint(heredoc.marker, TokenKind::HeredocMarker);
        self.paint(heredoc.body, TokenKind::HeredocBody);
        let owner = instruction.onbuild.as_deref().unwrap_or(instruction);
        if heredoc.expand && owner.kind.row().expands {
            // The escape is always a backslash here, and quotes mean nothing.
            let looks = Looks { strings: false, variables: true, escape: '\\' };
            for range in scan(heredoc.content, looks).variables {
                let start = heredoc.body.start;
                self.paint(TextRange::new(start + range.start, start + range.end), TokenKind::Variable);
            }
        }
        let rest = &self.text[heredoc.body.end..];
        let line = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let indent = if heredoc.chomp { line.len() - line.trim_start_matches('\t').len() } else { 0 };
        if line[indent..] == *heredoc.name {
            let start = heredoc.body.end;
            self.paint(TextRange::new(start + indent, start + line.len()), TokenKind::HeredocMarker);
        }
    }

    /// Paints a word, and over it the strings and variables in it.
    fn word(&mut self, word: &Word<'_>, kind: TokenKind, looks: Looks, logical: &Logical<'_>) {
        self.paint(word.range, kind);
        let range = logical.joined_range(word.range);
        let found = scan(&logical.text()[range.clone()], looks);
        for string in found.strings {
            self.logical(logical, range.start + string.start..range.start + string.end, TokenKind::String);
        }
        for variable in found.variables {
            self.logical(
                logical,
                range.start + variable.start..range.start + variable.end,
                TokenKind::Variable,
            );
        }
    }

    fn logical(&mut self, logical: &Logical<'_>, range: Range<usize>, kind: TokenKind) {
        for piece in logical.source_pieces(range) {
            self.paint(piece, kind);
        }
    }

    fn tokens(self) -> Vec<Token> {
        let mut tokens: Vec<Token> = Vec::new();
        for (at, c) in self.text.char_indices() {
            let kind = self.kinds[at].unwrap_or(TokenKind::Whitespace);
            let end = at + c.len_utf8();
            match tokens.last_mut() {
                Some(last) if last.kind == kind && (!self.starts[at] || kind == TokenKind::Whitespace) => {
                    last.range.end = end;
                }
                Some(_) | None => tokens.push(Token { kind, range: TextRange::new(at, end) }),
            }
        }
        tokens
    }
}

/// ENV gives variables, LABEL gives labels.
fn name_kind(kind: InstructionKind) -> TokenKind {
    if kind == InstructionKind::Env { TokenKind::Variable } else { TokenKind::Text }
}

/// The logical line of `header` as the parser read it, and what it left out.
pub(super) fn rejoin(
    text: &str,
    header: TextRange,
    escape: char,
) -> (Logical<'_>, Vec<(TextRange, TokenKind)>) {
    let escape = escape as u8;
    let mut logical = Logical::new(text);
    logical.reset(header.start..header.start);
    let mut gaps = Vec::new();
    let mut start = header.start;
    for line in header.of(text).split_inclusive('\n') {
        let end = start + line.trim_end_matches(['\r', '\n']).len();
        // The first line has no role: it is there because something stands in it.
        match if start == header.start { LineRole::Content } else { lines::role(text, start..end) } {
            LineRole::Comment => gaps.push((TextRange::new(start, end), TokenKind::Comment)),
            LineRole::Blank => gaps.push((TextRange::new(start, end), TokenKind::Whitespace)),
            LineRole::Content => {
                let next = lines::continuation(text, start..end, escape);
                logical.push(start..next.unwrap_or(end));
                if let Some(at) = next {
                    gaps.push((TextRange::new(at, at + 1), TokenKind::Continuation));
                    gaps.push((TextRange::new(at + 1, end), TokenKind::Whitespace));
                }
            }
        }
        start += line.len();
        gaps.push((TextRange::new(end, start), TokenKind::Whitespace));
    }
    (logical, gaps)
}
