//! What stands at a place: the one reading of it that completion, hover and definition share.
//!
//! The instruction is the one that the parser has found there, with its logical line; a place on an empty line behind an
//! open continuation still belongs to it. Surprising: where a flag may stand and an argument too, the place is that of
//! the argument, and says that a flag may stand there.

use std::ops::Range;

use super::Document;
use super::comments::{self, CommentPlace};
use super::variables::{self, Declared, Scope, VariableUse};
use crate::stages::{EdgeKind, StageId};
use crate::syntax::instructions::ArgForm;
use crate::syntax::mounts::{self, MountField};
use crate::syntax::{Flag, Instruction, InstructionKind, LogicalLine, Phase, Word, is_as};
use crate::text::TextRange;

/// A place and where in the file it is.
pub(super) struct Spot<'d> {
    /// What stands there.
    pub(super) place: Place<'d>,
    /// Which row of the file it is in.
    pub(super) row: Row,
}

/// A row of the file: an instruction, or the gap in front of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The instruction, or the one behind the gap.
    pub(super) instruction: usize,
    /// The stage; `None` above the first FROM.
    pub(super) stage: Option<StageId>,
    /// The row in that stage, or in the preamble.
    pub(super) step: usize,
}

/// What stands at a place.
pub(super) enum Place<'d> {
    /// The name of an instruction, maybe an empty one.
    Keyword { range: TextRange, kind: InstructionKind, is_trigger: bool },
    /// The name of a flag, with its dashes.
    FlagName { instruction: &'d Instruction<'d>, range: TextRange },
    /// The value of a flag, save for those with a place of their own.
    FlagValue { instruction: &'d Instruction<'d>, flag: &'d str, range: TextRange },
    /// The key of a mount; the value is that of a whole flag.
    MountKey { fields: Vec<MountField<'d>>, range: TextRange },
    /// What stands behind a key of a mount; for `from` it is a reference.
    MountValue { key: String, range: TextRange },
    /// A base, a `--from` or the `from` of a mount.
    Reference { kind: EdgeKind, text: String, range: TextRange, instruction: &'d Instruction<'d> },
    /// AS.
    As { range: TextRange, from: &'d Instruction<'d> },
    /// The name that a FROM gives its stage.
    StageName { range: TextRange },
    /// A variable that is put in here; the scope says by whom.
    Variable(VariableUse),
    /// The name that an ARG or ENV gives.
    Declaration { instruction: &'d Instruction<'d>, name: String, range: TextRange },
    /// Any other argument.
    Argument { instruction: &'d Instruction<'d>, index: usize, range: TextRange },
    /// A parser directive, or a comment that says something to the checks.
    Comment(CommentPlace<'d>),
}

/// Reads what stands at `offset`; `None` if it is nothing that there is anything to say of.
pub(super) fn read<'d>(doc: &'d Document<'d>, offset: usize) -> Option<Spot<'d>> {
    let instructions = &doc.parse.instructions;
    let behind = instructions.partition_point(|it| it.range.start <= offset);
    if let Some(index) = behind.checked_sub(1) {
        let instruction = &instructions[index];
        let line = LogicalLine::new(doc.text, instruction, doc.parse.escape);
        let next = instructions.get(behind).map_or(usize::MAX, |next| next.range.start);
        let is_open = line.is_open() || lacks_end(doc, instruction) && offset < next;
        if instruction.range.touches(offset) || is_open {
            let place = Reader { doc, line, offset, instruction }.place()?;
            return Some(Spot { place, row: row(doc, index, false) });
        }
    }
    let row = row(doc, behind, true);
    if let Some(comment) = comments::read(doc, offset) {
        return Some(Spot { place: Place::Comment(comment), row });
    }
    let line_start = doc.text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line_end = doc.text[offset..].find('\n').map_or(doc.text.len(), |len| offset + len);
    let line = doc.text[line_start..line_end].trim_start_matches('\u{feff}');
    let is_at_mark = line_start == 0 && offset == 0 && doc.text.starts_with('\u{feff}');
    (line.trim().is_empty() && !is_at_mark).then(|| Spot {
        place: Place::Keyword {
            range: TextRange::empty(offset),
            kind: InstructionKind::Unknown,
            is_trigger: false,
        },
        row,
    })
}

/// Whether a heredoc of the instruction has no end, so that what follows may belong to it.
fn lacks_end(doc: &Document<'_>, instruction: &Instruction<'_>) -> bool {
    let Some(heredoc) = instruction.heredocs.last().filter(|_| instruction.broken) else { return false };
    doc.parse.errors.iter().any(|error| error.range == heredoc.marker && error.phase == Phase::Parse)
}

/// The row of an instruction; with `is_gap` that of the gap in front of it, which may be the end of the file.
pub(super) fn row(doc: &Document<'_>, instruction: usize, is_gap: bool) -> Row {
    let is_from = |it: &Instruction<'_>| it.kind == InstructionKind::From;
    let upto = &doc.parse.instructions[..instruction + usize::from(!is_gap)];
    let n_stages = upto.iter().filter(|it| is_from(it)).count();
    let from = upto.iter().rposition(is_from);
    Row {
        instruction,
        stage: n_stages.checked_sub(1).map(StageId),
        step: from.map_or(instruction, |from| instruction - from),
    }
}

/// Where the text behind the flags begins in the logical line.
pub(super) fn rest(instruction: &Instruction<'_>, line: &LogicalLine<'_>) -> usize {
    let last = instruction.flags.last().map_or(instruction.keyword.range, |flag| flag.range);
    line.range(last).end
}

/// The words of a line from a place on.
pub(super) fn words(line: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let is_blank = |byte: u8| matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ');
    let mut at = start;
    std::iter::from_fn(move || {
        let bytes = line.as_bytes();
        while at < bytes.len() && is_blank(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && !is_blank(bytes[at]) {
            at += 1;
        }
        (start < at).then_some(start..at)
    })
}

struct Reader<'d> {
    doc: &'d Document<'d>,
    line: LogicalLine<'d>,
    offset: usize,
    instruction: &'d Instruction<'d>,
}

impl<'d> Reader<'d> {
    fn place(&self) -> Option<Place<'d>> {
        let (doc, offset) = (self.doc, self.offset);
        let in_header = offset <= self.line.header().end && self.instruction.heredocs.is_empty()
            || offset < self.line.header().end
            || self.line.is_open();
        if in_header && self.line.leaves_out(doc.text, offset) {
            return None;
        }
        let variables = || variables::uses(doc, self.instruction, &self.line);
        if let Some(it) = variables().into_iter().find(|it| it.range.touches(offset)) {
            return Some(Place::Variable(it));
        }
        if !in_header {
            return None;
        }
        self.header(self.instruction, false)
    }

    /// A range of the line in the source; an empty one is where the cursor is, not where the line goes on.
    fn source(&self, range: Range<usize>) -> TextRange {
        if range.is_empty() { TextRange::empty(self.offset) } else { self.line.source(range) }
    }

    fn header(&self, instruction: &'d Instruction<'d>, is_trigger: bool) -> Option<Place<'d>> {
        let at = self.line.place(self.offset);
        let keyword = self.line.range(instruction.keyword.range);
        if at <= keyword.end {
            let range = instruction.keyword.range;
            return Some(Place::Keyword { range, kind: instruction.kind, is_trigger });
        }
        let flag = instruction.flags.iter().find(|flag| self.holds(flag.range, at));
        if let Some(flag) = flag {
            return self.flag(instruction, flag, at);
        }
        let rest = rest(instruction, &self.line);
        if at < rest {
            // Between two flags there may be another.
            return Some(Place::FlagName { instruction, range: TextRange::empty(self.offset) });
        }
        if instruction.kind.row().form == ArgForm::Instruction {
            return match &instruction.onbuild {
                Some(child) if at >= self.line.range(child.keyword.range).start => self.header(child, true),
                Some(_) | None => Some(Place::Keyword {
                    range: TextRange::empty(self.offset),
                    kind: InstructionKind::Unknown,
                    is_trigger: true,
                }),
            };
        }
        self.argument(instruction, rest, at)
    }

    fn holds(&self, range: TextRange, at: usize) -> bool {
        let range = self.line.range(range);
        range.start <= at && at <= range.end
    }

    fn flag(&self, instruction: &'d Instruction<'d>, flag: &'d Flag<'d>, at: usize) -> Option<Place<'d>> {
        let value = flag.value.as_ref().filter(|value| at >= self.line.range(value.range).start);
        let Some(value) = value else {
            let range = TextRange::new(flag.range.start, flag.name.range.end.max(flag.range.start));
            return Some(Place::FlagName { instruction, range });
        };
        let kind = instruction.kind;
        Some(match (kind, &*flag.name.text) {
            (InstructionKind::Copy, "from") => Place::Reference {
                kind: EdgeKind::Copy,
                text: value.text.to_string(),
                range: self.value_range(value),
                instruction,
            },
            (InstructionKind::Run, "mount") => return self.mount(instruction, value),
            (_, name) => Place::FlagValue { instruction, flag: name, range: self.value_range(value) },
        })
    }

    fn value_range(&self, value: &Word<'_>) -> TextRange {
        if value.range.is_empty() { TextRange::empty(self.offset) } else { value.range }
    }

    fn mount(&self, instruction: &'d Instruction<'d>, value: &'d Word<'d>) -> Option<Place<'d>> {
        if value.text.is_empty() {
            return Some(Place::MountKey { fields: Vec::new(), range: TextRange::empty(self.offset) });
        }
        let fields = mounts::split(value, self.doc.text).ok()?;
        let index = fields.iter().position(|field| field.range.touches(self.offset))?;
        let field = &fields[index];
        let here = field.value.as_ref().filter(|value| self.offset >= value.range.start);
        let Some(value) = here else {
            let range = field.key.range;
            let fields = fields.into_iter().enumerate().filter(|(it, _)| *it != index);
            return Some(Place::MountKey { fields: fields.map(|(_, field)| field).collect(), range });
        };
        let (key, range, text) =
            (field.key.text.to_ascii_lowercase(), self.value_range(value), value.text.to_string());
        Some(match key.as_str() {
            "from" => Place::Reference { kind: EdgeKind::Mount, text, range, instruction },
            _ => Place::MountValue { key, range },
        })
    }

    fn argument(&self, instruction: &'d Instruction<'d>, rest: usize, at: usize) -> Option<Place<'d>> {
        let line = self.line.text();
        let before = words(line, rest).take_while(|word| word.end < at).count();
        let word = words(line, rest).nth(before).filter(|word| word.start <= at).unwrap_or(at..at);
        let text = &line[word.clone()];
        let range = self.source(word.clone());
        if before == 0 && text.starts_with('-') && !instruction.kind.row().flags.is_empty() {
            return Some(Place::FlagName { instruction, range });
        }
        if instruction.kind == InstructionKind::From {
            return self.of_from(instruction, before, text, range);
        }
        if matches!(instruction.kind, InstructionKind::Arg | InstructionKind::Env) {
            let declared = variables::declarations(instruction, &self.line);
            let here = |it: &Declared| !it.name.is_empty() && it.range.touches(self.offset);
            if let Some(Declared { name, range, .. }) = declared.into_iter().find(here) {
                return Some(Place::Declaration { instruction, name, range });
            }
        }
        Some(Place::Argument { instruction, index: before, range })
    }

    fn of_from(
        &self,
        from: &'d Instruction<'d>,
        index: usize,
        text: &str,
        range: TextRange,
    ) -> Option<Place<'d>> {
        match index {
            0 => Some(Place::Reference {
                kind: EdgeKind::Base,
                text: text.to_owned(),
                range,
                instruction: from,
            }),
            1 => Some(Place::As { range, from }),
            2 if from.args.get(1).is_some_and(|it| is_as(&it.text)) && !text.is_empty() => {
                Some(Place::StageName { range })
            }
            _ => None,
        }
    }
}

impl Row {
    /// The scope in which the variables of an instruction in this row are looked up.
    pub(super) fn scope(self, kind: InstructionKind) -> Scope {
        match (self.stage, kind) {
            (None, _) | (_, InstructionKind::From) => Scope::Global,
            (_, InstructionKind::Cmd | InstructionKind::Entrypoint | InstructionKind::Healthcheck) => {
                Scope::Container
            }
            (_, _) => Scope::Stage,
        }
    }
}
