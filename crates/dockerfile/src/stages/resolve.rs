//! Puts the graph together: stages, sources, edges and errors, in file order.
//!
//! The passes are BuildKit's (`toDispatchState`), and so is the order of the errors: global ARGs, then FROM
//! lines, then references, then circles, then image names; and at last, for stages that are built, their
//! instructions. Unlike BuildKit this never stops, and looks at every stage.

use std::collections::HashMap;

use super::args::{GlobalScope, split_declaration};
use super::bases::{self, Base, Bases, SUBSTITUTION_HELP, error};
use super::contexts::NamedContexts;
use super::references::{self, Referent};
use super::steps::Summaries;
use super::walk::{self, Walked};
use super::{
    BuildOptions, Edge, EdgeKind, GlobalArg, Node, Source, SourceId, Stage, StageGraph, StageId, epoch, steps,
};
use crate::syntax::{Instruction, InstructionKind, Parse, SyntaxError};
use crate::text::{LineSpan, TextRange};

/// Where an edge comes from, before sources have numbers.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    Stage(StageId),
    Source(Source),
}

impl From<Referent> for Origin {
    fn from(referent: Referent) -> Origin {
        match referent {
            Referent::Stage(id) => Origin::Stage(id),
            Referent::Source(source) => Origin::Source(source),
        }
    }
}

/// An edge, before sources have numbers. The fields are those of [`Edge`].
pub(super) struct DraftEdge {
    pub(super) origin: Origin,
    pub(super) to: StageId,
    pub(super) step: usize,
    pub(super) kind: EdgeKind,
    pub(super) range: TextRange,
    pub(super) broken: bool,
    pub(super) trigger: bool,
    pub(super) carries: bool,
    pub(super) paths: Vec<String>,
}

/// Resolves the stages of a parsed file. Never fails: what cannot be resolved is in [`StageGraph::errors`].
/// Takes time in proportion to the file.
pub fn resolve(parse: &Parse<'_>, options: &BuildOptions) -> StageGraph {
    let is_from = |instruction: &Instruction<'_>| instruction.kind == InstructionKind::From;
    let n_preamble = parse.instructions.iter().position(is_from).unwrap_or(parse.instructions.len());
    let preamble = &parse.instructions[..n_preamble];
    let last_from = parse.instructions.iter().rfind(|instruction| is_from(instruction));
    let last_name = last_from.and_then(bases::stage_name);
    let mut globals = GlobalScope::new(options, last_name.as_ref().map(|(name, _)| name.as_ref()));
    let (global_args, mut errors) = declare_globals(preamble, &mut globals, parse.escape);

    errors.extend(epoch::check(parse, &globals));
    let mut bases = bases::read(parse, &globals, NamedContexts::new(options));
    errors.append(&mut bases.errors);
    let n_errors_before_target = errors.len();
    let mut references = references::read(&bases, parse.escape);
    errors.append(&mut references.errors);
    let is_single = references.n_states() == 1;
    errors.extend(references.cycle.take());
    errors.append(&mut bases.invalid);
    errors.append(&mut references.invalid);
    let mut stage_errors = std::mem::take(&mut bases.unusable);
    stage_errors.append(&mut references.unusable_in);
    let walk = walk::walk(&bases, &globals, &mut references, parse.escape, options);
    let (walked, found) = (walk.stages, walk.edges);
    stage_errors.extend(walk.errors);

    let mut edges = Vec::with_capacity(bases.stages.len() + found.len());
    edges.extend(base_edges(&mut bases));
    edges.extend(found);
    // A stable sort: within a row, edges stay in the order in which they were found.
    edges.sort_by_key(|edge| (edge.to, edge.step));
    let mut sources = Sources::default();
    let edges = edges.into_iter().map(|edge| sources.edge(edge)).collect();
    let summaries = Summaries::new(&parse.instructions);
    StageGraph {
        stages: bases
            .stages
            .into_iter()
            .zip(walked)
            .enumerate()
            .map(|(id, it)| stage(StageId(id), it.0, it.1, &summaries))
            .collect(),
        sources: sources.list,
        edges,
        preamble: preamble.iter().enumerate().map(|(index, it)| steps::step(it, index, &summaries)).collect(),
        is_single,
        globals: global_args,
        source_date_epoch: globals.source_date_epoch().map(str::to_owned),
        errors,
        n_errors_before_target,
        stage_errors,
    }
}

/// Reads the ARGs above the first FROM.
fn declare_globals(
    preamble: &[Instruction<'_>],
    globals: &mut GlobalScope,
    escape: char,
) -> (Vec<GlobalArg>, Vec<SyntaxError>) {
    let mut errors = Vec::new();
    let mut args: Vec<GlobalArg> = Vec::new();
    let instructions = preamble.iter().enumerate();
    for (step, instruction) in instructions.filter(|(_, it)| it.kind == InstructionKind::Arg) {
        for word in &instruction.args {
            let (name, default) = split_declaration(&word.text);
            let mut uses = match globals.declare(&word.text, escape) {
                Ok(uses) => uses,
                Err(message) => {
                    errors.push(error(instruction, word.range, message, Some(SUBSTITUTION_HELP.to_owned())));
                    break;
                }
            };
            let old = args.iter().position(|arg| arg.name == name).map(|at| args.remove(at));
            // One that extends itself still needs what it was made from.
            if uses.remove(name)
                && let Some(old) = old
            {
                uses.extend(old.uses);
            }
            let is_set = default.is_some() || globals.build_arg(name).is_some();
            args.push(GlobalArg {
                name: name.to_owned(),
                value: globals.get(name).filter(|_| is_set).map(str::to_owned),
                uses: uses.into_iter().collect(),
                step,
                description: steps::description(&instruction.comments, name),
            });
        }
    }
    (args, errors)
}

fn base_edges(bases: &mut Bases<'_>) -> impl Iterator<Item = DraftEdge> {
    bases.stages.iter_mut().enumerate().filter_map(|(stage_idx, stage)| {
        let origin = match stage.base.take()? {
            Base::Stage(id) => Origin::Stage(id),
            Base::Source(source) => Origin::Source(source),
        };
        Some(DraftEdge {
            broken: matches!(origin, Origin::Source(Source::Invalid(_))),
            origin,
            to: StageId(stage_idx),
            step: 0,
            kind: EdgeKind::Base,
            range: stage.base_range,
            trigger: false,
            carries: true,
            paths: Vec::new(),
        })
    })
}

fn stage(id: StageId, draft: bases::DraftStage<'_>, walked: Walked, summaries: &Summaries) -> Stage {
    let mut rows = Vec::with_capacity(draft.commands.len() + 1);
    for (row, instruction) in std::iter::once(draft.from).chain(draft.commands).enumerate() {
        let step = steps::step(instruction, draft.index + row, summaries);
        rows.push(super::Step { executes: walked.executes.get(row).copied().unwrap_or(false), ..step });
    }
    let last = draft.commands.last().unwrap_or(draft.from);
    let (name, name_range) = draft.name.unzip();
    Stage {
        id,
        description: name.as_deref().and_then(|name| steps::description(&draft.from.comments, name)),
        name,
        name_range,
        base_text: draft.base_text,
        base_expanded: draft.base_expanded,
        base_range: draft.base_range,
        platform: draft.platform,
        effective_platform: draft.effective_platform,
        uses: draft.uses.into_iter().collect(),
        steps: rows,
        range: draft.from.range.cover(last.range),
        lines: LineSpan { first: draft.from.lines.first, last: last.lines.last.max(draft.from.lines.first) },
        triggers: walked.triggers,
        context_paths: walked.context_paths,
        replaced: draft.replaced,
        start: walked.start,
        commands: walked.commands,
    }
}

/// Numbers the sources in order of first use.
#[derive(Default)]
struct Sources {
    list: Vec<Source>,
    /// The number of each, once there are too many to compare one by one.
    ids: HashMap<Source, SourceId>,
}

impl Sources {
    const FEW: usize = 8;

    fn id(&mut self, source: Source) -> SourceId {
        let next = SourceId(self.list.len());
        let found = match self.ids.is_empty() {
            true => self.list.iter().position(|it| *it == source).map(SourceId),
            false => self.ids.get(&source).copied(),
        };
        found.unwrap_or_else(|| {
            if next.0 == Sources::FEW {
                self.ids = self.list.iter().cloned().zip((0..).map(SourceId)).collect();
            }
            if next.0 >= Sources::FEW {
                self.ids.insert(source.clone(), next);
            }
            self.list.push(source);
            next
        })
    }

    fn edge(&mut self, draft: DraftEdge) -> Edge {
        let DraftEdge { origin, to, step, kind, range, broken, trigger, carries, paths } = draft;
        let from = match origin {
            Origin::Stage(id) => Node::Stage(id),
            Origin::Source(source) => Node::Source(self.id(source)),
        };
        Edge { from, to, step, kind, range, broken, trigger, carries, paths }
    }
}
