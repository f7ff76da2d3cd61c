//! Variables: where a text puts them in, where one is given, and which are in force at a place.
//!
//! Values are those of `stages`; here it is about places. Surprising: one that a shell puts in counts as well, as long
//! as an ARG or ENV gives it; and a shell that runs in the container knows no ARGs.

use std::collections::HashSet;
use std::ops::Range;

use super::Document;
use super::place::{self, Row};
use crate::queries::{self, State};
use crate::stages::args::{GlobalScope, split_declaration};
use crate::stages::{AUTOMATIC, NOT_IN_ENVIRONMENT, Source, StageId, Start};
use crate::syntax::instructions::ArgForm;
use crate::syntax::{
    Heredoc, Instruction, InstructionKind, LogicalLine, heredoc_name, instructions::InstructionRow, mounts,
};
use crate::text::TextRange;

/// A place where a variable is put in.
#[derive(Clone, Debug)]
pub(super) struct VariableUse {
    /// The name, empty if it is still to be typed.
    pub(super) name: String,
    /// Where the name stands, without `$` and braces.
    pub(super) range: TextRange,
    /// Whether a brace is open that nothing closes.
    pub(super) lacks_brace: bool,
    /// Whether a shell puts it in.
    pub(super) by_shell: bool,
}

/// Who looks variables up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A FROM, or an ARG above the first.
    Global,
    /// An instruction of a stage.
    Stage,
    /// A command of the container.
    Container,
}

/// A variable that is in force at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InForce {
    pub(super) name: String,
    /// Its value; `None` if an ARG declares it and nothing sets it.
    pub(super) value: Option<String>,
    pub(super) given: Given,
}

/// What gives a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// An ARG or an ENV, by its place in the file.
    By(usize),
    /// BuildKit itself.
    Automatic,
    /// The base image, or BuildKit for it.
    Base,
}

/// How a text is read for variables.
#[derive(Clone, Copy)]
struct Reading {
    escape: char,
    /// Whether nothing is put in between single quotes.
    quotes: bool,
    /// Whether a blank ends whatever quote is open.
    splits: bool,
    /// Whether a shell reads it.
    by_shell: bool,
}

const HEREDOC: Reading = Reading { escape: '\\', quotes: false, splits: false, by_shell: false };
const SHELL: Reading = Reading { escape: '\\', quotes: true, splits: false, by_shell: true };

/// The places where an instruction puts variables in. `line` is its logical line.
pub(super) fn uses(
    doc: &Document<'_>,
    instruction: &Instruction<'_>,
    line: &LogicalLine<'_>,
) -> Vec<VariableUse> {
    let mut acc = Vec::new();
    let owner = owner(instruction);
    let row = owner.kind.row();
    let text = line.text();
    let builder = Reading {
        escape: doc.parse.escape,
        quotes: true,
        splits: matches!(row.form, ArgForm::Words | ArgForm::JsonOrWords),
        by_shell: false,
    };
    let mut scan_line = |range: Range<usize>, reading: Reading| {
        scan(&text[range.clone()], reading, |it| {
            let name = range.start + it.name.start..range.start + it.name.end;
            acc.push(VariableUse {
                name: text[name.clone()].to_owned(),
                range: line.source(name),
                lacks_brace: it.lacks_brace,
                by_shell: reading.by_shell,
            });
        });
    };
    for flag in &owner.flags {
        let Some(value) = &flag.value else { continue };
        if !row.flag(&flag.name.text).is_some_and(|row| row.expands) {
            continue;
        }
        let reading = Reading { quotes: false, ..builder };
        match mounts::split(value, doc.text) {
            Ok(fields) if owner.kind == InstructionKind::Run => {
                let values = fields.iter().filter(|field| !field.key.text.eq_ignore_ascii_case("from"));
                for value in values.filter_map(|field| field.value.as_ref()) {
                    scan_line(line.range(value.range), reading);
                }
            }
            Ok(_) | Err(_) => scan_line(line.range(value.range), reading),
        }
    }
    let rest = place::rest(owner, line)..text.len();
    match argument_reading(row, owner.json, builder) {
        Some(reading) if owner.kind == InstructionKind::From => {
            place::words(text, rest.start).take(1).for_each(|word| scan_line(word, reading));
        }
        Some(reading) => scan_line(rest, reading),
        None => {}
    }
    for heredoc in &instruction.heredocs {
        let Some(reading) = heredoc_reading(owner, heredoc) else { continue };
        let start = heredoc.body.start;
        scan(heredoc.content, reading, |it| {
            acc.push(VariableUse {
                name: heredoc.content[it.name.clone()].to_owned(),
                range: TextRange::new(start + it.name.start, start + it.name.end),
                lacks_brace: it.lacks_brace,
                by_shell: reading.by_shell,
            });
        });
    }
    acc
}

/// The instruction that does something: that behind all ONBUILD.
pub(super) fn owner<'i, 'd>(mut instruction: &'i Instruction<'d>) -> &'i Instruction<'d> {
    while let Some(child) = &instruction.onbuild {
        instruction = child;
    }
    instruction
}

fn argument_reading(row: &InstructionRow, json: bool, builder: Reading) -> Option<Reading> {
    match row.form {
        _ if row.expands => Some(builder),
        ArgForm::JsonOrShell if row.kind == InstructionKind::Shell => None,
        ArgForm::JsonOrShell | ArgForm::Healthcheck => (!json).then_some(SHELL),
        ArgForm::Words
        | ArgForm::JsonOrWords
        | ArgForm::Whole
        | ArgForm::Pairs
        | ArgForm::Names
        | ArgForm::Instruction
        | ArgForm::Ignored => None,
    }
}

fn heredoc_reading(owner: &Instruction<'_>, heredoc: &Heredoc<'_>) -> Option<Reading> {
    if owner.kind.row().expands {
        return heredoc.expand.then_some(HEREDOC);
    }
    // What RUN is given as a whole is a script, whatever quotes are around its name.
    let is_script = || owner.args.first().is_some_and(|it| heredoc_name(&it.text).is_some());
    (heredoc.expand || is_script()).then_some(SHELL)
}

/// A variable in a text.
struct Found {
    name: Range<usize>,
    lacks_brace: bool,
}

/// Finds the variables in `text`, those within the braces of others as well. Names that are not letters are left out.
fn scan(text: &str, reading: Reading, mut found: impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match byte {
            _ if byte == reading.escape as u8 && quote != Some(b'\'') => {
                at += text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            }
            b'\'' | b'"' if reading.quotes => match quote {
                None => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                Some(_) => {}
            },
            b' ' | b'\t' if reading.splits => quote = None,
            b'#' if reading.by_shell && quote.is_none() && is_at_word(bytes, at - 1) => {
                at = text[at..].find('\n').map_or(text.len(), |len| at + len);
            }
            b'$' if quote != Some(b'\'') => {
                let braced = bytes.get(at) == Some(&b'{');
                let start = at + usize::from(braced);
                let mut end = start;
                while end < bytes.len() && is_name(bytes[end]) {
                    end += 1;
                }
                let is_special = text[start..end].starts_with(|it: char| it.is_numeric());
                // `$$` and the like are variables of a shell, or nothing.
                let is_other = start == end
                    && !braced
                    && matches!(bytes.get(end), Some(b'$' | b'(' | b'@' | b'*' | b'#' | b'?' | b'-' | b'!'));
                let follows =
                    matches!(bytes.get(end), Some(b'}' | b':' | b'-' | b'+' | b'?' | b'#' | b'%' | b'/'));
                if !is_special && !is_other {
                    found(Found { name: start..end, lacks_brace: braced && !follows });
                }
                at = if is_other { end + 1 } else { end };
            }
            _ => {}
        }
    }
}

fn is_at_word(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| bytes[before].is_ascii_whitespace())
}

/// A name that an ARG or ENV gives.
pub(super) struct Declared {
    pub(super) name: String,
    /// Where the name stands.
    pub(super) range: TextRange,
    /// Where it begins to count: an ARG is seen by the words behind it, an ENV by the next instruction.
    pub(super) from: usize,
    /// Whether a value stands there.
    pub(super) has_value: bool,
}

/// The names that an instruction gives.
pub(super) fn declarations(instruction: &Instruction<'_>, line: &LogicalLine<'_>) -> Vec<Declared> {
    let instruction = owner(instruction);
    match instruction.kind {
        InstructionKind::Arg => {
            let declared = instruction.args.iter().map(|word| {
                let (name, value) = split_declaration(&word.text);
                let whole = line.range(word.range);
                let end = line.text()[whole.clone()].find('=').map_or(whole.end, |len| whole.start + len);
                let range = if whole.start < end { line.source(whole.start..end) } else { word.range };
                Declared { name: name.to_owned(), range, from: word.range.end, has_value: value.is_some() }
            });
            declared.collect()
        }
        InstructionKind::Env => {
            let keys = instruction.args.chunks(3).filter_map(<[_]>::first);
            let declared = keys.map(|key| Declared {
                name: key.text.to_string(),
                range: key.range,
                from: usize::MAX,
                has_value: true,
            });
            declared.collect()
        }
        _ => Vec::new(),
    }
}

/// The variables in force at a place: those given last come first, those that nobody has written come last. `offset`
/// tells how far the ARG that it may stand in has come.
pub(super) fn in_force(doc: &Document<'_>, row: Row, scope: Scope, offset: usize) -> Vec<InForce> {
    let mut variables = match scope {
        Scope::Global => globals(doc, row, offset),
        Scope::Stage | Scope::Container => of_stage(doc, row, scope, offset),
    };
    let mut seen = HashSet::new();
    variables.retain(|variable| seen.insert(variable.name.clone()));
    variables
}

/// The words of the instruction at hand that are before the place.
fn words_before<'i>(doc: &'i Document<'_>, row: Row, offset: usize) -> impl Iterator<Item = &'i str> {
    let instruction = doc.parse.instructions.get(row.instruction).map(owner);
    let words = instruction.filter(|it| it.kind == InstructionKind::Arg).into_iter().flat_map(|it| &it.args);
    words.filter(move |word| word.range.end < offset).map(|word| &*word.text)
}

fn globals(doc: &Document<'_>, row: Row, offset: usize) -> Vec<InForce> {
    let graph = doc.graph();
    let last = graph.stages.last().and_then(|stage| stage.name.as_deref());
    let mut scope = GlobalScope::new(doc.options, last);
    let mut declared: Vec<(&str, usize)> = Vec::new();
    let instructions = doc.parse.instructions.iter().enumerate();
    let preamble =
        instructions.take_while(|(index, it)| *index < row.instruction && it.kind != InstructionKind::From);
    let args = preamble.filter(|(_, it)| it.kind == InstructionKind::Arg);
    let words = args.flat_map(|(index, it)| it.args.iter().map(move |word| (&*word.text, index)));
    let here = words_before(doc, row, offset).map(|word| (word, row.instruction));
    for (word, index) in words.chain(here) {
        // What cannot be expanded sets nothing.
        let _ = scope.declare(word, doc.parse.escape);
        declared.push((split_declaration(word).0, index));
    }
    let of_file = declared.iter().rev().map(|&(name, index)| InForce {
        name: name.to_owned(),
        value: scope.get(name).map(str::to_owned),
        given: Given::By(index),
    });
    let automatic = AUTOMATIC.iter().map(|&name| InForce {
        name: name.to_owned(),
        value: scope.get(name).map(str::to_owned),
        given: Given::Automatic,
    });
    of_file.chain(automatic).collect()
}

fn of_stage(doc: &Document<'_>, row: Row, scope: Scope, offset: usize) -> Vec<InForce> {
    let Some((stage, state)) = state(doc, row) else { return Vec::new() };
    let graph = doc.graph();
    let mut root = stage;
    while let Some(Start::Stage(base)) = graph.stages.get(root.0).map(|stage| &stage.start) {
        root = *base;
    }
    let is_empty = matches!(graph.stages.get(root.0).map(|stage| &stage.start), Some(Start::Empty));
    let given = |origin: Option<queries::Origin>| {
        let step = origin.and_then(|it| graph.stages.get(it.stage.0)?.steps.get(it.step));
        let nobody = if is_empty { Given::Automatic } else { Given::Base };
        step.map_or(nobody, |step| Given::By(step.instruction))
    };
    let here = words_before(doc, row, offset).map(|word| {
        let (name, value) = split_declaration(word);
        InForce { name: name.to_owned(), value: value.map(str::to_owned), given: Given::By(row.instruction) }
    });
    let env = state.env.iter().map(|it| (it, false));
    let args = state.args.iter().map(|it| (it, true)).filter(|_| scope == Scope::Stage);
    let mut variables: Vec<_> = env.chain(args).collect();
    // An ARG that nothing sets leaves what ENV has set; else the later counts.
    variables.sort_by_key(|(it, is_arg)| {
        (*is_arg && it.value.is_none(), std::cmp::Reverse(it.origin.map(|it| (it.stage, it.step))))
    });
    let known = variables.into_iter().filter(|(it, _)| !NOT_IN_ENVIRONMENT.contains(&it.name.as_str()));
    let known = known.map(|(it, _)| InForce {
        name: it.name.clone(),
        value: it.value.clone(),
        given: given(it.origin),
    });
    let mut known: Vec<InForce> = here.chain(known).collect();
    // The table knows some of what an image brings.
    if let Some(card) = base_image(doc, stage).and_then(queries::base_card) {
        known.extend(card.env.iter().map(|(name, value)| InForce {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
            given: Given::Base,
        }));
    }
    known
}

/// What is in force in front of a row.
fn state(doc: &Document<'_>, row: Row) -> Option<(StageId, State)> {
    let stage = row.stage?;
    Some((stage, queries::state_at(doc.graph(), stage, row.step.saturating_sub(1))?))
}

/// The image whose variables nobody has told, if the stage stands on one.
pub(super) fn base_image<'d>(doc: &'d Document<'_>, mut stage: StageId) -> Option<&'d Source> {
    let graph = doc.graph();
    loop {
        match graph.stages.get(stage.0)?.start {
            Start::Stage(base) => stage = base,
            Start::UnknownImage => return graph.base_source(stage),
            Start::Image(_) | Start::Empty => return None,
        }
    }
}

/// Whether `name` is set by BuildKit.
pub(super) fn is_automatic(name: &str) -> bool {
    AUTOMATIC.contains(&name)
}

/// A place where a variable's name is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence {
    /// Where it is.
    pub(super) range: TextRange,
    /// What gives it, as an index into [`Occurrences::declarations`].
    pub(super) declaration: usize,
}

/// All places where one name is written and means something that the file gives.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    /// In file order.
    pub(super) places: Vec<Occurrence>,
    pub(super) declarations: Vec<Declaration>,
}

/// Where a variable is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration {
    pub(super) range: TextRange,
    /// For an ARG that takes the value of a global one: that.
    pub(super) global: Option<usize>,
}

impl Occurrences {
    fn declare(&mut self, range: TextRange, global: Option<usize>) -> Option<usize> {
        let declaration = self.declarations.len();
        self.declarations.push(Declaration { range, global });
        self.places.push(Occurrence { range, declaration });
        Some(declaration)
    }

    fn put_in(&mut self, range: TextRange, declaration: Option<usize>) {
        self.places.extend(declaration.map(|declaration| Occurrence { range, declaration }));
    }

    /// The global ARG behind a declaration, or the declaration itself.
    pub(super) fn root(&self, declaration: usize) -> usize {
        self.declarations[declaration].global.unwrap_or(declaration)
    }
}

/// Finds a name in the whole file. Takes time in proportion to it.
pub(super) fn occurrences(doc: &Document<'_>, name: &str) -> Occurrences {
    let graph = doc.graph();
    let mut acc = Occurrences::default();
    let mut global = None;
    // What gives it at the end of each stage.
    let mut ends: Vec<Option<usize>> = Vec::new();
    for instruction in &doc.parse.instructions {
        let line = LogicalLine::new(doc.text, instruction, doc.parse.escape);
        let uses = uses(doc, instruction, &line).into_iter().filter(|it| it.name == name);
        let mut events: Vec<(usize, TextRange, Option<bool>)> =
            uses.map(|it| (it.range.start, it.range, None)).collect();
        if instruction.kind == InstructionKind::From {
            events.iter().for_each(|(_, range, _)| acc.put_in(*range, global));
            let start = graph.stages.get(ends.len()).map(|stage| &stage.start);
            ends.push(match start {
                Some(Start::Stage(base)) => ends.get(base.0).copied().flatten(),
                Some(Start::Image(_) | Start::UnknownImage | Start::Empty) | None => None,
            });
            continue;
        }
        let declared = declarations(instruction, &line).into_iter().filter(|it| it.name == name);
        events.extend(declared.map(|it| (it.from, it.range, Some(it.has_value))));
        events.sort();
        let above = global.filter(|_| !ends.is_empty());
        let scope = ends.last_mut().unwrap_or(&mut global);
        for (_, range, declares) in events {
            let given = match (declares, *scope) {
                (None, scope) => {
                    acc.put_in(range, scope);
                    continue;
                }
                (Some(false), _) if above.is_some() => acc.declare(range, above),
                (Some(false), Some(given)) => {
                    acc.put_in(range, Some(given));
                    Some(given)
                }
                (Some(_), _) => acc.declare(range, None),
            };
            // What a trigger gives is given elsewhere.
            if instruction.onbuild.is_none() {
                *scope = given;
            }
        }
    }
    acc
}
