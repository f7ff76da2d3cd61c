//! Stages that take files from each other, so that none of them can be built first.
//!
//! BuildKit refuses the file whatever the target is, and names one stage; the labels show the whole circle.

use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{CIRCLE, Edge, Node, StageId};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "CircularReference",
    description: "Stages take files from each other in a circle",
    level: Level::Error,
    page: include_str!("circular_reference.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(error) = file.graph.errors.iter().find(|error| error.message.starts_with(CIRCLE)) else {
        return;
    };
    // The lines are those of the rows along the way, the last of which closes the circle.
    let rows: Vec<(StageId, usize)> =
        error.lines.iter().filter_map(|lines| row_at(file, lines.first)).collect();
    let Some(&first) = rows.first() else { return };
    let on_way = |edge: &&Edge| match edge.from {
        Node::Stage(from) => rows.iter().any(|(stage, _)| *stage == from),
        Node::Source(_) => false,
    };
    let mut labels: Vec<(TextRange, String)> = Vec::new();
    for (at, &(stage, step)) in rows.iter().enumerate() {
        let edges = file.edges(stage, step).iter();
        // A row may have several mounts.
        let edge = match rows.get(at + 1) {
            Some(&(next, _)) => edges.clone().find(|edge| edge.from == Node::Stage(next)),
            None => edges.clone().find(on_way),
        };
        let Some(edge) = edge else { continue };
        let Node::Stage(from) = edge.from else { continue };
        let name = |id: StageId| file.graph.stages[id.0].display_name();
        let text = match from == stage {
            true => format!("'{}' takes files from itself", name(stage)),
            false => format!("'{}' takes files from '{}'", name(stage), name(from)),
        };
        labels.push((edge.range, text));
    }
    let finding = acc.add(&RULE, first, error.range, error.message.clone());
    finding.help(match rows.len() {
        1 => "Take the files from another stage, or leave --from out for the build context",
        _ => "Move what both sides need into a stage of its own, which refers to neither",
    });
    for (range, text) in labels {
        finding.label(range, text);
    }
}

/// The row whose instruction begins in a line.
fn row_at(file: &File<'_>, line: u32) -> Option<(StageId, usize)> {
    let stages = &file.graph.stages;
    let stage = &stages[stages.partition_point(|stage| stage.lines.first <= line).checked_sub(1)?];
    let step = stage.steps.partition_point(|step| step.lines.first <= line).checked_sub(1)?;
    Some((stage.id, step))
}
