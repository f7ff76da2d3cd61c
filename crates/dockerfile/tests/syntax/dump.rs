//! Trees and tokens as text for people.
//!
//! An instruction is `lines keyword range`, what belongs to it is indented; places are `line:column`, from 1,
//! the end excluded. Errors come last, the one BuildKit stops at is marked `first`.

use std::fmt::Write;

use dockerfile::syntax::highlight::{Token, TokenKind};
use dockerfile::syntax::{EmptyContinuation, Instruction, Parse, Word};
use dockerfile::text::{LineIndex, TextRange};

pub(crate) fn tree(text: &str, parse: &Parse<'_>) -> String {
    let mut dump = Dump { text, lines: LineIndex::new(text), out: String::new() };
    dump.parse(parse);
    dump.out
}

pub(crate) fn tokens(text: &str, tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens.iter().filter(|token| token.kind != TokenKind::Whitespace) {
        writeln!(out, "{:?} {:?}", token.kind, token.range.of(text)).unwrap();
    }
    out
}

struct Dump<'t> {
    text: &'t str,
    lines: LineIndex,
    out: String,
}

macro_rules! line {
    ($dump:expr, $depth:expr, $($arg:tt)*) => {
        writeln!($dump.out, "{:indent$}{}", "", format_args!($($arg)*), indent = 2 * $depth).unwrap()
    };
}

impl Dump<'_> {
    fn place(&self, range: TextRange) -> String {
        let start = self.lines.line_col(self.text, range.start);
        let end = self.lines.line_col(self.text, range.end);
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    }

    fn word(&self, word: &Word<'_>) -> String {
        format!("{:?} {}", word.text, self.place(word.range))
    }

    fn parse(&mut self, parse: &Parse<'_>) {
        if parse.escape != '\\' {
            line!(self, 0, "escape {}", parse.escape);
        }
        for directive in &parse.directives {
            line!(
                self,
                0,
                "directive {} {} line {}",
                directive.name,
                self.word(&directive.value),
                directive.line
            );
        }
        let detected = &parse.detected;
        for (name, directive) in
            [("syntax", &detected.syntax), ("check", &detected.check), ("escape", &detected.escape)]
        {
            if let Some(directive) = directive {
                let full = self.word(&directive.full);
                line!(self, 0, "detected {name} {:?} of {full} line {}", directive.value, directive.line);
            }
        }
        for instruction in &parse.instructions {
            self.instruction(instruction, 0);
        }
        let first = parse.first_error();
        for error in &parse.errors {
            let mark = if first == Some(error) { "first error" } else { "error" };
            let line = error.line().map_or("no line".to_owned(), |line| format!("line {line}"));
            let phase = format!("{:?}", error.phase).to_lowercase();
            line!(self, 0, "{mark} {phase} {}, {line}: {}", self.place(error.range), error.message);
            if let Some(suggestion) = &error.suggestion {
                line!(self, 1, "did you mean {suggestion}?");
            }
            if let Some(help) = &error.help {
                line!(self, 1, "help: {help}");
            }
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>, depth: usize) {
        let lines = instruction.lines;
        let lines = if lines.first == lines.last {
            lines.first.to_string()
        } else {
            format!("{}..{}", lines.first, lines.last)
        };
        let json = if instruction.json { " json" } else { "" };
        let broken = if instruction.broken { " broken" } else { "" };
        let place = self.place(instruction.range);
        line!(
            self,
            depth,
            "{lines} {:?} {}{json}{broken} {place}",
            instruction.kind,
            instruction.keyword.text
        );
        for comment in &instruction.comments {
            line!(self, depth + 1, "comment {comment:?}");
        }
        for flag in &instruction.flags {
            let value = flag.value.as_ref().map_or(String::new(), |value| format!(" = {}", self.word(value)));
            line!(self, depth + 1, "flag {}{value}", self.word(&flag.name));
        }
        for arg in &instruction.args {
            line!(self, depth + 1, "{}", self.word(arg));
        }
        for heredoc in &instruction.heredocs {
            let expand = if heredoc.expand { " expand" } else { "" };
            let chomp = if heredoc.chomp { " chomp" } else { "" };
            let (marker, body) = (self.place(heredoc.marker), self.place(heredoc.body));
            let (name, content) = (&heredoc.name, heredoc.content);
            line!(
                self,
                depth + 1,
                "heredoc {name:?} {marker} fd {}{expand}{chomp}: {content:?} {body}",
                heredoc.fd
            );
        }
        if let Some(EmptyContinuation { line, .. }) = instruction.empty_continuation {
            line!(self, depth + 1, "empty continuation, line {line}");
        }
        if let Some(child) = &instruction.onbuild {
            self.instruction(child, depth + 1);
        }
    }
}
