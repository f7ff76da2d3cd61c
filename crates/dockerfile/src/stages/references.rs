//! `COPY --from` and `RUN --mount=from=`: which stage or image each of them means.
//!
//! Follows `toCommand`, `detectRunMount` and `addState` of `dockerfile2llb`. Surprising: names are looked up
//! over *all* stages, later ones included; a number is an index into a list that grows with every image
//! referred to on the way, so `--from=1` in a file of one stage can mean such an image; and a mount without
//! `from` still makes BuildKit look for something called `scratch`.

use std::collections::{HashMap, VecDeque};

use super::bases::{self, Bases, CONTEXT_HELP, error};
use super::contexts::Fault;
use super::{Source, StageError, StageId, When, cycles, expand, go, mount};
use crate::syntax::{Flag, Instruction, InstructionKind, Phase, SyntaxError, Word};
use crate::text::TextRange;

/// How the message about stages that take files from each other begins.
pub(crate) const CIRCLE: &str = "circular dependency detected on stage";

/// What a reference stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Referent {
    Stage(StageId),
    Source(Source),
}

/// A `--from` or the `from` of a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// What it stands for.
    pub(super) referent: Referent,
    /// As written; empty for a mount without `from`.
    pub(super) text: String,
    /// Where it is written.
    pub(super) range: TextRange,
}

/// All references of the file's own instructions (not of ONBUILD triggers).
pub(super) struct References {
    /// By stage and row, in file order: one for a COPY with `--from`, one for each mount of a RUN.
    by_row: VecDeque<((usize, usize), Vec<Reference>)>,
    /// What BuildKit finds while it reads them, in file order.
    pub(super) errors: Vec<SyntaxError>,
    /// The circle among the stages, if there is one.
    pub(super) cycle: Option<SyntaxError>,
    /// Names that are no valid image references, which it finds later.
    pub(super) invalid: Vec<SyntaxError>,
    /// Named contexts of no use, in what has been read last.
    pub(super) unusable: Vec<SyntaxError>,
    /// The same in all stages, which it finds when it needs the stage.
    pub(super) unusable_in: Vec<StageError>,
    /// The list that numbers index.
    states: Vec<Referent>,
}

/// Reads the references of all stages.
pub(super) fn read(bases: &Bases<'_>, escape: char) -> References {
    let mut references = References {
        by_row: VecDeque::new(),
        errors: Vec::new(),
        cycle: None,
        invalid: Vec::new(),
        unusable: Vec::new(),
        unusable_in: Vec::new(),
        states: (0..bases.stages.len()).map(|id| Referent::Stage(StageId(id))).collect(),
    };
    let mut dependencies: Vec<Vec<cycles::Dependency>> = vec![Vec::new(); bases.stages.len()];
    for (stage_idx, stage) in bases.stages.iter().enumerate() {
        // Where in the list of dependencies each stage stands; a later row replaces an earlier one.
        let mut places: HashMap<StageId, usize> = HashMap::new();
        for (row, instruction) in stage.commands.iter().enumerate() {
            let found = references.of_instruction(instruction, bases, escape);
            let unusable = references.unusable.drain(..);
            let unusable =
                unusable.map(|error| StageError { stage: StageId(stage_idx), when: When::Sources, error });
            references.unusable_in.extend(unusable);
            for reference in &found {
                if let Referent::Stage(id) = reference.referent {
                    let list = &mut dependencies[stage_idx];
                    let place = *places.entry(id).or_insert(list.len());
                    match list.get_mut(place) {
                        Some(dependency) => dependency.1 = row,
                        None => list.push((id, row)),
                    }
                }
            }
            if !found.is_empty() {
                references.by_row.push_back(((stage_idx, row + 1), found));
            }
        }
    }
    references.cycle = cycles::find(&dependencies).map(|cycle| cycle_error(&cycle, bases));
    references
}

impl References {
    /// How many states there are so far: stages, and whatever has been referred to from outside.
    pub(super) fn n_states(&self) -> usize {
        self.states.len()
    }

    /// Gives away the references of a row. Rows are asked for in file order.
    pub(super) fn take_row(&mut self, stage: StageId, row: usize) -> Vec<Reference> {
        match self.by_row.front() {
            Some((place, _)) if *place == (stage.0, row) => {
                self.by_row.pop_front().map_or_else(Vec::new, |(_, references)| references)
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// The references of one instruction, in the order of its flags.
    pub(super) fn of_instruction(
        &mut self,
        instruction: &Instruction<'_>,
        bases: &Bases<'_>,
        escape: char,
    ) -> Vec<Reference> {
        if instruction.flags.is_empty() {
            return Vec::new();
        }
        let from = instruction.flag("from").filter(|word| !word.text.is_empty());
        match (instruction.kind, from) {
            (InstructionKind::Copy, Some(word)) => vec![self.of_copy(instruction, word, bases, escape)],
            (InstructionKind::Run, _) => {
                mounts(instruction).map(|(flag, value)| self.of_mount(flag, value, bases)).collect()
            }
            (_, _) => Vec::new(),
        }
    }

    fn of_copy(
        &mut self,
        instruction: &Instruction<'_>,
        word: &Word<'_>,
        bases: &Bases<'_>,
        escape: char,
    ) -> Reference {
        let text = word.text.to_string();
        let referent = match self.copy_referent(&text, bases, escape) {
            Ok((referent, fault)) => {
                if let Some(fault) = fault.filter(|_| !instruction.broken) {
                    self.note(fault, |message, help| error(instruction, word.range, message, help));
                }
                referent
            }
            Err((message, help)) => {
                if !instruction.broken {
                    let refused =
                        SyntaxError { lines: Vec::new(), ..error(instruction, word.range, message, help) };
                    self.errors.push(refused);
                }
                Referent::Source(Source::Invalid(text.clone()))
            }
        };
        Reference { referent, text, range: word.range }
    }

    /// Keeps what is wrong with a name outside the file.
    fn note(&mut self, fault: Fault, error: impl FnOnce(String, Option<String>) -> SyntaxError) {
        match fault {
            Fault::NoImage(message) => self.invalid.push(error(message, None)),
            Fault::BadContext(message) => {
                self.unusable.push(error(message, Some(CONTEXT_HELP.to_owned())));
            }
        }
    }

    fn copy_referent(
        &mut self,
        text: &str,
        bases: &Bases<'_>,
        escape: char,
    ) -> Result<(Referent, Option<Fault>), (String, Option<String>)> {
        let expansion = expand::expand(text, escape, &|_| None)
            .map_err(|message| (message, Some(bases::SUBSTITUTION_HELP.to_owned())))?;
        if expansion.text != text {
            let message = "variable expansion is not supported for --from, define a new stage with FROM using ARG \
                           from global scope as a workaround";
            let help = "Add a stage, FROM ${…} AS name, and copy with --from=name";
            return Err((message.to_owned(), Some(help.to_owned())));
        }
        let Ok(index) = text.parse::<i64>() else { return Ok(self.named(text, bases)) };
        let found = usize::try_from(index).ok().and_then(|index| self.states.get(index)).cloned();
        let referent = found.ok_or_else(|| {
            let help = format!("Stages count from 0; this file has {}", bases.stages.len());
            (format!("invalid stage index {index}"), Some(help))
        })?;
        if matches!(referent, Referent::Source(_)) {
            self.states.push(referent.clone());
        }
        Ok((referent, None))
    }

    fn of_mount(&mut self, flag: &Flag<'_>, value: &str, bases: &Bases<'_>) -> Reference {
        let text = mount::written_from(value);
        let (referent, fault) = self.named(if text.is_empty() { "scratch" } else { &text }, bases);
        if let Some(fault) = fault {
            let (phase, range) = (Phase::Convert, flag.range);
            let error = |message, help| SyntaxError {
                phase,
                message,
                suggestion: None,
                help,
                range,
                lines: Vec::new(),
            };
            self.note(fault, error);
        }
        Reference { referent, text, range: flag.range }
    }

    /// The stage of that name, or else what it means outside the file.
    fn named(&mut self, name: &str, bases: &Bases<'_>) -> (Referent, Option<Fault>) {
        if let Some(&id) = bases.names.get(&*go::to_lower(name)) {
            return (Referent::Stage(id), None);
        }
        let outside = bases.outside(name);
        let referent = Referent::Source(outside.source);
        self.states.push(referent.clone());
        (referent, outside.fault)
    }
}

/// The mounts of a RUN: each flag with its value.
pub(super) fn mounts<'i, 'a>(
    instruction: &'i Instruction<'a>,
) -> impl Iterator<Item = (&'i Flag<'a>, &'i str)> {
    let flags = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
    flags.filter_map(|flag| Some((flag, flag.value.as_ref()?.text.as_ref())))
}

fn cycle_error(cycle: &cycles::Cycle, bases: &Bases<'_>) -> SyntaxError {
    let name = bases.stages[cycle.stage.0].display_name(cycle.stage);
    let instruction = |&(stage, row): &(StageId, usize)| &bases.stages[stage.0].commands[row];
    let first = instruction(&cycle.rows[0]);
    let names: Vec<String> = cycle.rows.iter().map(|&(id, _)| bases.stages[id.0].display_name(id)).collect();
    let help = match names.as_slice() {
        [_] => "A stage cannot take files from itself".to_owned(),
        names => format!("These stages take files from each other: {}", names.join(", ")),
    };
    let message = format!("{CIRCLE}: {name}");
    let lines = cycle.rows.iter().map(|row| instruction(row).lines).collect();
    SyntaxError { lines, ..error(first, first.range, message, Some(help)) }
}
