//! The stages an image is made of: FROM leads from one to the next, down to what is no stage.

use crate::stages::{Source, Stage, StageGraph, StageId, Start};

/// The stage and those it is FROM, itself first; nothing if there is no such stage.
pub(crate) fn downward(graph: &StageGraph, stage: StageId) -> impl Iterator<Item = &Stage> {
    let next = |stage: &&Stage| match stage.start {
        Start::Stage(base) => graph.stages.get(base.0),
        Start::Empty | Start::Image(_) | Start::UnknownImage => None,
    };
    std::iter::successors(graph.stages.get(stage.0), next)
}

/// The same with the bottom one first.
pub(crate) fn lineage(graph: &StageGraph, stage: StageId) -> Vec<&Stage> {
    let mut lineage: Vec<&Stage> = downward(graph, stage).collect();
    lineage.reverse();
    lineage
}

/// What the bottom stage of a lineage starts from.
pub(super) fn base<'g>(graph: &'g StageGraph, lineage: &[&Stage]) -> Option<&'g Source> {
    graph.base_source(lineage.first()?.id)
}

/// What the image of a stage lies on, below all the stages it is made of; `None` if the file does not say.
pub fn base_source(graph: &StageGraph, stage: StageId) -> Option<&Source> {
    base(graph, &lineage(graph, stage))
}

/// The image that a stage lies on, if nobody has told what it says of itself.
pub(crate) fn unknown_image(graph: &StageGraph, stage: StageId) -> Option<&Source> {
    let lineage = lineage(graph, stage);
    let is_unknown = lineage.first().is_some_and(|stage| stage.start == Start::UnknownImage);
    base(graph, &lineage).filter(|_| is_unknown)
}

/// The first line of a command.
pub(super) fn line(stage: &Stage, step: usize) -> u32 {
    stage.steps.get(step).map_or(stage.lines.first, |step| step.lines.first)
}
