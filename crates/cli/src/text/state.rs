//! What is in force at a line, each setting with the line that makes it.

use std::fmt::Write;

use dockerfile::queries::{self, Origin, Placed, Setting, State, Variable, source_words};
use dockerfile::stages::{StageGraph, StageId, Start};

use super::{Style, clean, shorten};
use crate::analysis::Analysis;

/// Characters of a value that are shown.
const WIDTH: usize = 80;

pub(super) fn write(out: &mut String, analysis: &Analysis<'_>, line: u32, style: &Style) {
    let graph = &analysis.graph;
    let Some((stage, step)) = queries::row_at(graph, line) else {
        writeln!(
            out,
            "\nLine {line} stands above the first FROM, where nothing is in force but ARGs for FROM"
        )
        .ok();
        return;
    };
    let Some(state) = queries::state_at(graph, stage, step) else { return };
    let row = &graph.stages[stage.0].steps[step];
    let name = clean(&graph.stages[stage.0].display_name());
    let instruction = shorten(&clean(&format!("{} {}", row.keyword, row.summary)), WIDTH);
    let title = format!("In force after line {}, in stage {name}", row.lines.last);
    writeln!(out, "\n{}\n  {}", style.strong(&title), style.dim(&instruction)).ok();
    let rows = rows(graph, stage, &state);
    let width = rows.iter().map(|row| row.value.chars().count()).max().unwrap_or(0).min(40);
    for row in &rows {
        writeln!(out, "  {:9} {:width$}  {}", row.name, row.value, style.dim(&row.origin)).ok();
    }
    if state.base_unknown {
        let base = clean(&base(graph, stage));
        writeln!(out, "  and whatever {base} sets, which is not in the file").ok();
    }
}

struct Row {
    name: &'static str,
    value: String,
    origin: String,
}

fn rows(graph: &StageGraph, here: StageId, state: &State) -> Vec<Row> {
    let place = |origin: Option<Origin>| match origin {
        None => String::new(),
        Some(at) => {
            let stage = &graph.stages[at.stage.0];
            let line = stage.steps.get(at.step).map_or(0, |step| step.lines.first);
            match at.stage == here {
                true => format!("line {line}"),
                false => format!("line {line}, stage {}", clean(&stage.display_name())),
            }
        }
    };
    let mut rows = vec![
        setting("WORKDIR", graph, here, &state.workdir, "/", place, String::clone),
        setting("USER", graph, here, &state.user, "root, as none is set", place, String::clone),
        setting("SHELL", graph, here, &state.shell, "/bin/sh -c, the default", place, |words| {
            words.join(" ")
        }),
    ];
    for (name, variables) in [("ENV", &state.env), ("ARG", &state.args)] {
        rows.extend(variables.iter().map(|Variable { name: variable, value, origin }| {
            let value = match value {
                Some(value) => format!("{variable}={value}"),
                None => format!("{variable}, which nothing sets"),
            };
            Row { name, value: shorten(&clean(&value), WIDTH), origin: place(*origin) }
        }));
    }
    rows
}

fn setting<T>(
    name: &'static str,
    graph: &StageGraph,
    here: StageId,
    placed: &Placed<Setting<T>>,
    none: &str,
    place: impl Fn(Option<Origin>) -> String,
    text: impl Fn(&T) -> String,
) -> Row {
    let value = match &placed.value {
        Setting::Known(value) => Some(text(value)).filter(|it| !it.is_empty()).unwrap_or(none.to_owned()),
        Setting::OnBase(value) => format!("{} below what {} sets", text(value), base(graph, here)),
        Setting::FromBase => format!("what {} sets", base(graph, here)),
    };
    Row { name, value: shorten(&clean(&value), WIDTH), origin: place(placed.origin) }
}

/// What the stages below all start from.
fn base(graph: &StageGraph, stage: StageId) -> String {
    let mut bottom = stage;
    while let Start::Stage(base) = graph.stages[bottom.0].start {
        bottom = base;
    }
    graph.base_source(bottom).map_or_else(|| "the base image".to_owned(), source_words)
}
