//! What a rule is given: a file as it was read, the target, and what can be asked of both.
//!
//! Everything that takes time is made the first time a rule asks for it, and once.

use std::cell::OnceCell;

use crate::context::{BuildContext, Transfer, transfer};
use crate::ignore::Ignore;
use crate::queries::{self, BaseCard, Cut, Ledger};
use crate::stages::{BuildOptions, Edge, Effect, Source, SourceId, Stage, StageGraph, StageId};
use crate::syntax::{Instruction, Parse};
use crate::text::TextRange;

/// A Dockerfile with its target.
pub struct File<'f> {
    /// The text.
    pub text: &'f str,
    /// What was read from it.
    pub parse: &'f Parse<'f>,
    /// Its stages.
    pub graph: &'f StageGraph,
    /// What the build is asked for.
    pub options: &'f BuildOptions,
    /// What a build of the target runs; `None` if there is no such target.
    pub cut: Option<&'f Cut>,
    /// What is in the build context; `None` if nobody has told.
    pub context: Option<&'f BuildContext>,
    shipped: OnceCell<Vec<&'f Stage>>,
    ledger: OnceCell<Ledger>,
    ignore: OnceCell<Option<Ignore>>,
    transfer: OnceCell<Option<Transfer>>,
    /// By source.
    cards: OnceCell<Vec<OnceCell<Option<BaseCard>>>>,
}

impl<'f> File<'f> {
    /// A file whose context nobody has told of. `graph` is what `parse` and `options` come to, `cut` what the target
    /// needs of it.
    pub fn new(
        text: &'f str,
        parse: &'f Parse<'f>,
        graph: &'f StageGraph,
        options: &'f BuildOptions,
        cut: Option<&'f Cut>,
    ) -> File<'f> {
        File {
            text,
            parse,
            graph,
            options,
            cut,
            context: None,
            shipped: OnceCell::new(),
            ledger: OnceCell::new(),
            ignore: OnceCell::new(),
            transfer: OnceCell::new(),
            cards: OnceCell::new(),
        }
    }

    /// The same with a build context.
    pub fn with_context(self, context: Option<&'f BuildContext>) -> File<'f> {
        File { context, ledger: OnceCell::new(), ignore: OnceCell::new(), transfer: OnceCell::new(), ..self }
    }

    /// What `.dockerignore` says; `None` if it is not there or not known, or if a build would not take it.
    pub(crate) fn ignore(&self) -> Option<&Ignore> {
        let ignore = self.ignore.get_or_init(|| Some(Ignore::parse(self.context?.ignore.as_deref()?)));
        ignore.as_ref().filter(|ignore| ignore.errors.is_empty())
    }

    /// What becomes of the build context; `None` if its files are not known, or the target needs none.
    pub(crate) fn transfer(&self) -> Option<&Transfer> {
        let make = || {
            let context = self.context.filter(|context| context.files.is_some())?;
            let source = self.graph.sources.iter().position(|source| *source == Source::Context)?;
            Some(transfer(self.graph, self.cut?, SourceId(source), context))
        };
        self.transfer.get_or_init(make).as_ref()
    }

    /// The stages that the target needs, in file order.
    pub(crate) fn needed(&self) -> impl Iterator<Item = &'f Stage> + use<'f> {
        let cut = self.cut;
        self.graph.stages.iter().filter(move |stage| cut.is_some_and(|cut| cut.needs(stage.id)))
    }

    /// The target.
    pub(crate) fn target(&self) -> Option<&'f Stage> {
        self.graph.stages.get(self.cut?.target.0)
    }

    /// The stages whose layers are in the target's image: it, and those it is FROM, the bottom one first.
    pub(crate) fn shipped(&self) -> &[&'f Stage] {
        let lineage = || self.cut.map_or(Vec::new(), |cut| queries::lineage(self.graph, cut.target));
        self.shipped.get_or_init(lineage)
    }

    /// Whether the layers of a stage are in the target's image.
    pub(crate) fn ships(&self, stage: StageId) -> bool {
        // A stage can only be FROM one above it.
        self.shipped().binary_search_by_key(&stage, |it| it.id).is_ok()
    }

    /// Whether a container of the target's image starts something, as far as the file says.
    pub(crate) fn has_program(&self) -> bool {
        let mut effects = self.shipped().iter().flat_map(|stage| self.effects(stage));
        effects.any(|(_, effect)| matches!(effect, Effect::Cmd(_) | Effect::Entrypoint(Some(_))))
    }

    /// The instruction in a row of a stage.
    pub(crate) fn instruction(&self, stage: StageId, step: usize) -> Option<&'f Instruction<'f>> {
        let row = self.graph.stages.get(stage.0)?.steps.get(step)?;
        self.parse.instructions.get(row.instruction)
    }

    /// The instruction that stands at a place.
    pub(crate) fn instruction_at(&self, offset: usize) -> Option<&'f Instruction<'f>> {
        let behind = self.parse.instructions.partition_point(|it| it.range.start <= offset);
        let instruction = self.parse.instructions.get(behind.checked_sub(1)?)?;
        Some(instruction).filter(|it| it.range.touches(offset))
    }

    /// The stage that a place lies in, and the row.
    pub(crate) fn row_at(&self, offset: usize) -> Option<(&'f Stage, usize)> {
        let behind = self.graph.stages.partition_point(|stage| stage.range.start <= offset);
        let stage = self.graph.stages.get(behind.checked_sub(1)?)?;
        let behind = stage.steps.partition_point(|step| step.range.start <= offset);
        let row = behind.checked_sub(1)?;
        Some((stage, row)).filter(|_| stage.steps[row].range.touches(offset))
    }

    /// What the instructions of a stage come to, with their rows; triggers of the base are left out.
    pub(crate) fn effects(&self, stage: &'f Stage) -> impl Iterator<Item = (usize, &'f Effect)> + use<'f> {
        let own = stage.commands.iter().filter(|command| command.trigger.is_none());
        own.map(|command| (command.step, &command.effect))
    }

    /// The references that stand in a row of a stage.
    pub(crate) fn edges(&self, stage: StageId, step: usize) -> &'f [Edge] {
        self.graph.edges_at(stage, step)
    }

    /// How each path got into the target's image.
    pub(crate) fn ledger(&self) -> &Ledger {
        let make = |cut| queries::ledger_with(self.graph, cut, self.context);
        self.ledger.get_or_init(|| self.cut.map_or_else(Ledger::default, make))
    }

    /// What is commonly known of what a stage starts from, if that is not a stage.
    pub(crate) fn card(&self, stage: StageId) -> Option<&BaseCard> {
        let source = self.graph.base_source_id(stage)?;
        let empty = || self.graph.sources.iter().map(|_| OnceCell::new()).collect();
        let card = self.cards.get_or_init(empty).get(source.0)?;
        card.get_or_init(|| queries::base_card(self.graph.sources.get(source.0)?)).as_ref()
    }

    /// Where a word stands in an instruction, as a word of its own; the instruction's keyword if it is not there as
    /// such, because a variable stands for it or an escape is in it.
    pub(crate) fn find(&self, stage: StageId, step: usize, word: &str) -> TextRange {
        let Some(instruction) = self.instruction(stage, step) else { return TextRange::default() };
        let range = instruction.range;
        let text = range.of(self.text);
        let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '/');
        let found = text.match_indices(word).map(|(at, _)| at).find(|&at| {
            let before = text[..at].chars().next_back();
            let behind = text[at + word.len()..].chars().next();
            !word.is_empty() && !before.is_some_and(is_part) && !behind.is_some_and(is_part)
        });
        match found {
            Some(at) => TextRange::new(range.start + at, range.start + at + word.len()),
            None => instruction.keyword.range,
        }
    }
}
