//! What the builder before BuildKit does with the same file (`DOCKER_BUILDKIT=0 docker build`).
//!
//! Follows `builder/dockerfile` of moby. Surprising: it knows nothing of what a target needs. It runs every
//! stage from the top of the file down to the target, one after the other, and stops behind it; and what it does
//! not know (mounts, heredocs, some flags, two stages of one name) ends the build.

use super::cut::Cut;
use crate::stages::{StageGraph, StageId};
use crate::syntax::{Instruction, InstructionKind, Parse};
use crate::text::TextRange;

/// The same target, by the legacy builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legacy {
    /// Whether each stage runs, in file order.
    pub runs: Vec<bool>,
    /// Stages that run here, though BuildKit leaves them out.
    pub extra: Vec<StageId>,
    /// For every stage why it runs or not, in a sentence.
    pub sentences: Vec<String>,
    /// The difference between the two builders for this target, in words.
    pub difference: String,
}

/// Something of BuildKit's that the legacy builder refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Where.
    pub range: TextRange,
    /// Line, from 1.
    pub line: u32,
    /// What it is, as it continues "The legacy builder does not know …".
    pub what: String,
}

/// What the legacy builder runs for the target of `cut`.
pub fn legacy(graph: &StageGraph, cut: &Cut) -> Legacy {
    let name = |id: StageId| graph.stages[id.0].display_name();
    let target = name(cut.target);
    let runs: Vec<bool> = graph.stages.iter().map(|stage| stage.id <= cut.target).collect();
    let extra: Vec<StageId> =
        cut.stages.iter().filter(|it| runs[it.stage.0] && !it.needed).map(|it| it.stage).collect();
    let sentences = graph.stages.iter().map(|stage| match stage.id {
        id if id == cut.target => "The target; the legacy builder stops here.".to_owned(),
        id if id > cut.target => format!("Below {target}, where the legacy builder stops."),
        id if cut.needs(id) => format!("Runs because it stands above {target}, which needs it too."),
        _ => format!("Runs because it stands above {target}; nothing of it is used."),
    });
    let n_wasted: usize =
        extra.iter().map(|id| graph.stages[id.0].steps.iter().filter(|step| step.executes).count()).sum();
    let difference = match extra.as_slice() {
        [] => format!("Here both builders run the same stages: {target} needs every stage above it."),
        stages => {
            let names: Vec<String> = stages.iter().take(4).map(|&id| name(id)).collect();
            let more = stages.len() - names.len();
            let names = match (more, names.as_slice()) {
                (0, [only]) => only.clone(),
                (0, [start @ .., end]) => format!("{} and {end}", start.join(", ")),
                (_, names) => format!("{} and {more} more", names.join(", ")),
            };
            let (noun, verb) = if stages.len() == 1 { ("stage", "is") } else { ("stages", "are") };
            let steps = if n_wasted == 1 { "instruction" } else { "instructions" };
            format!(
                "The legacy builder also runs {names}: {} {noun} with {n_wasted} {steps} that {verb} of no use to \
                 {target}. BuildKit runs only what the target needs.",
                stages.len()
            )
        }
    };
    Legacy { sentences: sentences.collect(), runs, extra, difference }
}

/// What in the file only BuildKit knows, in file order.
pub fn refusals(parse: &Parse<'_>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut names = std::collections::HashSet::new();
    for instruction in &parse.instructions {
        let mut refuse = |range: TextRange, what: String| {
            refusals.push(Refusal { range, line: instruction.lines.first, what });
        };
        for flag in &instruction.flags {
            if is_new_flag(instruction.kind, &flag.name.text) {
                refuse(flag.range, format!("--{} of {}", flag.name.text, keyword(instruction)));
            }
        }
        if let Some(heredoc) = instruction.heredocs.first() {
            refuse(heredoc.marker, format!("heredocs, such as <<{}", heredoc.name));
        }
        if instruction.kind == InstructionKind::From
            && let [_, _, name] = &instruction.args[..]
            && !names.insert(name.text.to_lowercase())
        {
            refuse(name.range, format!("two stages of one name: {}", name.text.to_lowercase()));
        }
    }
    refusals
}

fn keyword(instruction: &Instruction<'_>) -> String {
    instruction.keyword.text.to_uppercase()
}

/// Flags that need BuildKit.
fn is_new_flag(kind: InstructionKind, name: &str) -> bool {
    match kind {
        InstructionKind::Run => ["mount", "network", "security", "device"].contains(&name),
        InstructionKind::Copy => ["chmod", "link", "parents", "exclude"].contains(&name),
        InstructionKind::Add => {
            ["chmod", "link", "checksum", "keep-git-dir", "unpack", "exclude"].contains(&name)
        }
        _ => false,
    }
}
