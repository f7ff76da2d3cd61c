//! Reads a whole file (BuildKit's `parser.Parse`), then checks its instructions (`instructions.Parse`).
//!
//! BuildKit stops at the first error. Here reading goes on with the next instruction, so what follows an
//! error is our guess; [`Parse::first_error`] is the one BuildKit would name.

use std::borrow::Cow;
use std::ops::Range;

use super::instructions::ArgForm;
use super::lines::{self, LineRole, Lines, Logical};
use super::words::{self, Fault};
use super::{
    Directive, EmptyContinuation, Few, Instruction, InstructionKind, Parse, Phase, SyntaxError, Word,
    directives, flags, heredoc, validate,
};
use crate::text::{LineSpan, TextRange};

/// ONBUILD within ONBUILD is refused anyway; of more levels than this the middle ones are left out, so that
/// nobody's file makes a tower that is too high to walk down.
const MAX_ONBUILD: usize = 64;

/// Reads `text`.
pub(super) fn parse(text: &str) -> Parse<'_> {
    let mut parse = parse_trigger(text);
    validate::stages(&mut parse);
    parse
}

/// Reads `text` without asking for a stage.
pub(super) fn parse_trigger(text: &str) -> Parse<'_> {
    let mut reader = Reader {
        text,
        lines: Lines::new(text),
        logical: Logical::new(text),
        directives_done: false,
        comments: Few::default(),
        lost_heredoc: false,
        n_lines: None,
        parse: Parse {
            directives: Vec::new(),
            detected: directives::detect(text),
            escape: '\\',
            // A guess that is enough for most files, and never much too much.
            instructions: Vec::with_capacity((text.len() / 64 + 2).min(256)),
            errors: Vec::new(),
        },
    };
    reader.check_options();
    reader.file();
    reader.parse
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
    /// The logical line at hand; one buffer for the whole file.
    logical: Logical<'a>,
    directives_done: bool,
    comments: Few<&'a str>,
    lost_heredoc: bool,
    /// How many lines the text has, once that was asked for.
    n_lines: Option<u32>,
    parse: Parse<'a>,
}

impl<'a> Reader<'a> {
    fn check_options(&mut self) {
        let Some(check) = &self.parse.detected.check else { return };
        if let Err(why) = directives::check_options(&check.value) {
            self.parse.errors.push(SyntaxError {
                phase: Phase::Options,
                message: format!("failed to parse check options: {why}"),
                suggestion: None,
                help: Some("Write check=skip=Rule1,Rule2 or check=error=true, joined by ;".to_owned()),
                range: check.full.range,
                lines: Vec::new(),
            });
        }
    }

    fn file(&mut self) {
        if self.text.is_empty() {
            let help = "Start with FROM and the name of a base image";
            self.error(None, Fault::new("the Dockerfile cannot be empty", TextRange::empty(0), Some(help)));
            return;
        }
        loop {
            while let Some(line) = self.lines.next() {
                self.line(line);
            }
            let n_read = self.lines.count;
            let Some(range) = self.lines.skip_long() else { break };
            self.long_line(range, n_read);
        }
        if self.parse.instructions.is_empty()
            && !self.parse.errors.iter().any(|error| error.phase == Phase::Parse)
        {
            let help = "Start with FROM and the name of a base image";
            let end = TextRange::empty(self.text.len());
            self.error(
                Some(LineSpan::at(self.lines.count)),
                Fault::new("file with no instructions", end, Some(help)),
            );
        }
    }

    /// BuildKit reads nothing from a line on that is too long.
    fn long_line(&mut self, range: TextRange, n_read: u32) {
        let help = "This line is too long: break it with an escape at its end, or move the text into a file";
        let message = match self.parse.instructions.is_empty() {
            true => "file with no instructions",
            false => "dockerfile line greater than max allowed size of 65535",
        };
        self.error(Some(LineSpan::at(n_read)), Fault::new(message, range, Some(help)));
    }

    /// A line that begins something: a comment, a directive, an instruction; or a blank one.
    fn line(&mut self, line: Range<usize>) {
        let mut start = line.start;
        if start == 0 && self.text.starts_with('\u{feff}') {
            start = '\u{feff}'.len_utf8().min(line.end);
        }
        let start = lines::skip_blanks(self.text, start..line.end);
        match self.text.as_bytes()[start..line.end].first() {
            Some(b'#') => {
                if !self.directive(&self.text[start..line.end], start) {
                    self.comment(start..line.end);
                }
            }
            first => {
                self.directives_done = true;
                if first.is_some() {
                    self.instruction(start, line);
                }
            }
        }
    }

    /// Whether the comment line `content` is a directive, good or bad.
    fn directive(&mut self, content: &'a str, start: usize) -> bool {
        if self.directives_done {
            return false;
        }
        let Some((name, value)) = directives::read(content, "#") else {
            self.directives_done = true;
            return false;
        };
        // BuildKit counts the line only after it has looked for a directive.
        let line = self.lines.count - 1;
        let range = TextRange::new(start + value.start, start + value.end);
        let value = &content[value];
        if self.parse.directives.iter().any(|directive| directive.name == name) {
            let whole = TextRange::new(start, start + content.len());
            let message = format!("only one {name} parser directive can be used");
            self.error(Some(LineSpan::at(line)), Fault::new(message, whole, Some("Remove this line")));
            return true;
        }
        if name == "escape" {
            match value {
                "\\" => self.parse.escape = '\\',
                "`" => self.parse.escape = '`',
                _ => {
                    let message = format!("invalid escape token '{value}' does not match ` or \\");
                    let help = "The escape character can only be a backtick or a backslash";
                    self.error(Some(LineSpan::at(line)), Fault::new(message, range, Some(help)));
                    return true;
                }
            }
        }
        let value = Word { text: value.into(), range };
        self.parse.directives.push(Directive { name, value, line: self.lines.count });
        true
    }

    /// Collects a comment for the next instruction. An empty one drops what was collected; an indented one
    /// keeps its `#`, because BuildKit drops the first byte of the line, whatever it is.
    fn comment(&mut self, content: Range<usize>) {
        let before = content.start.checked_sub(1).map(|at| self.text.as_bytes()[at]);
        let indented = !matches!(before, None | Some(b'\n' | 0xbf));
        let start = if indented { content.start } else { content.start + 1 };
        let text = &self.text[lines::trim(self.text, start..content.end)];
        if text.is_empty() {
            self.comments.clear();
        } else {
            self.comments.push(text);
        }
    }

    fn instruction(&mut self, start: usize, first: Range<usize>) {
        let escape = self.parse.escape as u8;
        let first_line = self.lines.count;
        let mut end = first.end;
        let mut blank: Option<Range<usize>> = None;
        let mut next = lines::continuation(self.text, start..end, escape);
        self.logical.reset(start..next.unwrap_or(end));
        while next.is_some() {
            let Some(line) = self.lines.next() else { break };
            end = line.end.max(end);
            match lines::role(self.text, line.clone()) {
                LineRole::Comment => {}
                LineRole::Blank => {
                    blank.get_or_insert(line);
                }
                LineRole::Content => {
                    next = lines::continuation(self.text, line.clone(), escape);
                    self.logical.push(line.start..next.unwrap_or(line.end));
                }
            }
        }
        let last_line = self.lines.count;

        let whole = 0..self.logical.text().len();
        let instruction = self.parse.instructions.push_mut(NOTHING_YET);
        if !self.comments.is_empty() {
            instruction.comments = std::mem::take(&mut self.comments);
        }
        let mut is_lost = false;
        let mut res = node(instruction, &self.logical, whole, escape, 0);
        if self.lines.may_have_angle(start)
            && may_have_heredocs(instruction)
            && self.logical.text().contains("<<")
        {
            let markers = heredoc::markers(&self.logical);
            match markers
                .map(|markers| heredoc::bodies(self.text, &mut self.lines, markers, &mut self.lost_heredoc))
            {
                Ok((heredocs, unterminated)) => {
                    end = heredocs
                        .last()
                        .map_or(end, |_| end_of_line_before(self.text, self.lines.at))
                        .max(end);
                    instruction.heredocs = heredocs;
                    is_lost = res.is_ok() && unterminated.is_err();
                    res = res.and(unterminated);
                }
                Err(fault) => res = res.and(Err(fault)),
            }
        }
        if instruction.onbuild.is_some() {
            instruction.expression = Some(expression(self.logical.text(), instruction));
        }
        instruction.empty_continuation = blank.map(|blank| EmptyContinuation {
            line: last_line,
            range: TextRange::new(blank.start, blank.end),
        });
        let span = LineSpan { first: first_line, last: self.lines.count };
        settle(instruction, end, span);
        match res {
            Ok(()) => validate::instruction(instruction, self.text, &mut self.parse.errors),
            Err(fault) => {
                instruction.broken = true;
                // BuildKit looks for the end of a heredoc up to the end of the file; here it is given up before.
                let last = if is_lost { self.n_lines() } else { span.last };
                self.error(Some(LineSpan { last, ..span }), fault);
            }
        }
    }

    fn n_lines(&mut self) -> u32 {
        *self.n_lines.get_or_insert_with(|| self.text.lines().count() as u32)
    }

    fn error(&mut self, lines: Option<LineSpan>, fault: Fault) {
        self.parse.errors.push(SyntaxError {
            phase: Phase::Parse,
            message: fault.message,
            suggestion: None,
            help: fault.help.map(str::to_owned),
            range: fault.range,
            lines: lines.into_iter().collect(),
        });
    }
}

/// Fills in one instruction out of a logical line (`newNodeFromLine`). Its range ends where the line does, its
/// lines are not known yet.
fn node<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
    depth: usize,
) -> Result<(), Fault> {
    let text = logical.text();
    let range = lines::trim(text, range);
    let bytes = &text.as_bytes()[..range.end];
    let keyword = range.start..lines::skip(bytes, range.start, |byte| !words::is_blank(byte));
    let behind = lines::skip(bytes, keyword.end, words::is_blank)..range.end;

    instruction.kind = InstructionKind::of_keyword(&text[keyword.clone()]);
    instruction.range = logical.source_range(range.clone());
    instruction.keyword = logical.word(keyword);
    let rest = flags::split(logical, behind, escape, &mut instruction.flags);
    // The flags may end inside a character; then the rest is no longer a part of the line.
    let rewritten;
    let (logical, rest) = if text.is_char_boundary(rest) {
        (logical, lines::trim(text, rest..range.end))
    } else {
        rewritten = logical.starting_inside_character(rest);
        let text = rewritten.text();
        (&rewritten, lines::trim(text, 0..text.len()))
    };
    if instruction.kind.row().form == ArgForm::Instruction {
        if rest.is_empty() {
            return Ok(());
        }
        let rest = if depth == MAX_ONBUILD { innermost(logical, rest, escape) } else { rest };
        let child = instruction.onbuild.insert(Box::new(NOTHING_YET));
        return node(child, logical, rest, escape, depth + 1);
    }
    words::split(instruction, logical, rest, escape)
}

/// An instruction to be filled in where it stays, for moving it costs more than reading a short one. A constant
/// can be copied to there at once.
const NOTHING_YET: Instruction<'static> = Instruction {
    kind: InstructionKind::Unknown,
    keyword: NO_WORD,
    range: TextRange { start: 0, end: 0 },
    lines: LineSpan { first: 0, last: 0 },
    flags: Vec::new(),
    args: Few::empty([NO_WORD; 3]),
    json: false,
    heredocs: Vec::new(),
    onbuild: None,
    expression: None,
    comments: Few::empty([""; 3]),
    empty_continuation: None,
    broken: false,
};
const NO_WORD: Word<'static> = Word { text: Cow::Borrowed(""), range: TextRange { start: 0, end: 0 } };

/// What stands behind all the ONBUILD in `range`, the last of them included if nothing follows it.
fn innermost(logical: &Logical<'_>, mut range: Range<usize>, escape: u8) -> Range<usize> {
    let text = logical.text();
    loop {
        let bytes = &text.as_bytes()[..range.end];
        let end = lines::skip(bytes, range.start, |byte| !words::is_blank(byte));
        if InstructionKind::of_keyword(&text[range.start..end]).row().form != ArgForm::Instruction {
            return range;
        }
        let rest = flags::split(logical, end..range.end, escape, &mut Vec::new());
        if !text.is_char_boundary(rest) {
            return range;
        }
        let rest = lines::trim(text, rest..range.end);
        if rest.is_empty() {
            return range;
        }
        range = rest;
    }
}

/// What ONBUILD keeps (`parseOnbuild`): the line without its keyword, and the heredocs behind it.
fn expression(line: &str, instruction: &Instruction<'_>) -> String {
    let is_space = |it: char| matches!(it, ' ' | '\t' | '\n' | '\u{c}' | '\r');
    let line = line.trim_start_matches(is_space);
    let rest = line.get(InstructionKind::Onbuild.keyword().len()..).unwrap_or_default();
    let mut expression = rest.trim_start_matches(is_space).to_owned();
    for heredoc in &instruction.heredocs {
        expression.push('\n');
        expression.push_str(heredoc.content);
        expression.push_str(&heredoc.name);
    }
    expression
}

fn may_have_heredocs(instruction: &Instruction<'_>) -> bool {
    let instruction = instruction.onbuild.as_deref().unwrap_or(instruction);
    instruction.kind.row().heredocs && !instruction.json
}

/// Gives an instruction and its triggers what they share.
fn settle(instruction: &mut Instruction<'_>, end: usize, lines: LineSpan) {
    instruction.range.end = end.max(instruction.range.end);
    instruction.lines = lines;
    if let Some(child) = &mut instruction.onbuild {
        child.heredocs.clone_from(&instruction.heredocs);
        settle(child, end, lines);
    }
}

/// The end of the line that ends before `at`, its `\n` and `\r` left out.
fn end_of_line_before(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches(['\r', '\n']).len()
}
