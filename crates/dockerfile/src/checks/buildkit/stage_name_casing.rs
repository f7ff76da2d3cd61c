//! The name behind AS is not all in lower case.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor;
use crate::stages::{EdgeKind, Node, Source, to_lower};
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "StageNameCasing",
    description: "Stage names should be lowercase",
    page: include_str!("stage_name_casing.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(from: &Instruction<'_>, acc: &mut Linter) {
    let [_, _, name] = &from.args[..] else { return };
    if to_lower(&name.text) != name.text {
        acc.add(&RULE, name.range, format!("Stage name '{}' should be lowercase", name.text));
    }
}

/// Lower case, at the stage and wherever something refers to it. A FROM that has the name in upper case means an image
/// without a valid name; it is meant to be the stage.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, 0)) = file.row_at(finding.range.start) else { return Vec::new() };
    let Some(name) = &stage.name else { return Vec::new() };
    let Ok(mut edits) = refactor::rename_edits(file, stage.id, name) else { return Vec::new() };
    let bases = file.graph.edges.iter().filter(|edge| edge.to > stage.id && edge.kind == EdgeKind::Base);
    let means_it = bases.filter(|edge| {
        let Node::Source(source) = edge.from else { return false };
        matches!(&file.graph.sources[source.0], Source::Invalid(text) if to_lower(text) == **name)
    });
    let ranges =
        means_it.filter_map(|edge| refactor::reference_range(file.text, file.parse, file.graph, edge));
    let bases: Vec<TextEdit> = ranges.map(|range| TextEdit::replace(range, name)).collect();
    let title = format!("Write '{name}' everywhere");
    if !bases.is_empty() {
        edits.extend(bases);
        return vec![Fix::asking(
            title,
            "A FROM that means no valid image then starts from the stage",
            edits,
        )];
    }
    match refactor::is_in_trigger(file, &edits) {
        true => vec![Fix::asking(title, "The image keeps an ONBUILD that changes", edits)],
        false => vec![Fix::safe(title, edits)],
    }
}
