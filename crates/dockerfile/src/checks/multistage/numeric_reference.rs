//! `--from=0`: a stage by its number, which is another one as soon as a stage is added above.

use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::refactor;
use crate::stages::Node;

pub(super) static RULE: Rule = Rule {
    name: "NumericReference",
    description: "A reference by number means another stage once one is added above",
    level: Level::Info,
    page: include_str!("numeric_reference.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for edge in file.graph.edges.iter().filter(|edge| !edge.trigger && !edge.broken) {
        let Node::Stage(stage) = edge.from else { continue };
        let Some(place) = refactor::reference_range(file.text, file.parse, file.graph, edge) else {
            continue;
        };
        let number = place.of(file.text);
        if number.is_empty() || !number.bytes().all(|it| it.is_ascii_digit()) {
            continue;
        }
        let message = match &file.graph.stages[stage.0].name {
            Some(name) => format!("Stage {number} is '{name}' only until a stage is added above it"),
            None => format!("Stage {number} is another one as soon as a stage is added above it"),
        };
        acc.add(&RULE, (edge.to, edge.step), place, message)
            .help("Refer to the stage by a name")
            .label(file.graph.stages[stage.0].base_range, "this is the stage");
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let at = finding.stage.zip(finding.step);
    let Some(edge) = at.and_then(|(stage, step)| {
        let mut edges = file.edges(stage, step).iter();
        edges.find(|edge| {
            refactor::reference_range(file.text, file.parse, file.graph, edge) == Some(finding.range)
        })
    }) else {
        return Vec::new();
    };
    let Node::Stage(id) = edge.from else { return Vec::new() };
    match &file.graph.stages[id.0].name {
        Some(name) if refactor::means(file.graph, name, edge.to) == Some(id) => {
            vec![Fix::safe(format!("Refer to '{name}'"), vec![TextEdit::replace(finding.range, name)])]
        }
        Some(_) => Vec::new(),
        None => {
            let name = refactor::free_name(file.graph, id);
            let edits = refactor::name_stage(file.text, file.parse, file.graph, id, &name);
            edits.map(|edits| Fix::safe(format!("Name the stage '{name}'"), edits)).into_iter().collect()
        }
    }
}
