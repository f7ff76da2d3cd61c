//! A keyword that is not in the case that most have. Surprising: keywords of mixed case are not counted, with as many
//! of one case as of the other it is upper case that is right, and ARGs above the first FROM are not looked at.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::is_verbatim;
use crate::stages::{StageGraph, to_lower, to_upper};
use crate::syntax::{Instruction, InstructionKind, Parse};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ConsistentInstructionCasing",
    description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
    file_only: true,
    page: include_str!("consistent_instruction_casing.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, acc: &mut Linter) {
    let steps = || {
        let steps =
            graph.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage.id, step)));
        steps.map(|(stage, step)| (stage, &parse.instructions[step.instruction]))
    };
    let is_lower = is_lower(steps().map(|(_, instruction)| instruction));
    for (stage, instruction) in steps() {
        let keyword = &instruction.keyword;
        let (expected, case) = match is_lower {
            true => (to_lower(&keyword.text), "lowercase"),
            false => (to_upper(&keyword.text), "uppercase"),
        };
        if expected != keyword.text {
            acc.enter(instruction, Some(stage));
            let message =
                format!("Command '{}' should match the case of the command majority ({case})", keyword.text);
            acc.add(&RULE, keyword.range, message);
        }
    }
}

/// The whole file at once.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let instructions = || {
        let steps = file.graph.stages.iter().flat_map(|stage| &stage.steps);
        steps.filter_map(|step| file.parse.instructions.get(step.instruction))
    };
    let is_lower = is_lower(instructions());
    let written = |text: &str| if is_lower { to_lower(text) } else { to_upper(text) }.into_owned();
    let mut edits = Vec::new();
    for instruction in instructions() {
        let other = written(&instruction.keyword.text);
        if other == instruction.keyword.text || !is_verbatim(&instruction.keyword) {
            continue;
        }
        edits.push(TextEdit::replace(instruction.keyword.range, other));
        // AS goes with its FROM, or the next rule has something to say.
        if let (InstructionKind::From, [_, word, _]) = (instruction.kind, &instruction.args[..])
            && is_verbatim(word)
            && written(&word.text) != word.text
        {
            edits.push(TextEdit::replace(word.range, written(&word.text)));
        }
    }
    let is_mended = |range: TextRange| edits.iter().any(|edit| edit.range == range);
    if !is_mended(finding.range) {
        return Vec::new();
    }
    let case = if is_lower { "lower" } else { "upper" };
    vec![Fix::safe(format!("Write all instructions in {case} case"), edits)]
}

/// Whether more keywords are in lower case than in upper case.
fn is_lower<'i>(instructions: impl Iterator<Item = &'i Instruction<'i>>) -> bool {
    let (mut n_lower, mut n_upper) = (0, 0);
    for instruction in instructions {
        let keyword = &instruction.keyword.text;
        if to_lower(keyword) == *keyword {
            n_lower += 1;
        } else if to_upper(keyword) == *keyword {
            n_upper += 1;
        }
    }
    n_lower > n_upper
}
