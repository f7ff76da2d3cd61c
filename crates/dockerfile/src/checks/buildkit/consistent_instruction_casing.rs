//! A keyword that is not in the case that most have. Surprising: keywords of mixed case are not counted, with as many
//! of one case as of the other it is upper case that is right, and ARGs above the first FROM are not looked at.

use super::Rule;
use super::linter::Linter;
use crate::stages::{StageGraph, to_lower, to_upper};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "ConsistentInstructionCasing",
    description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
    file_only: true,
    page: include_str!("consistent_instruction_casing.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, acc: &mut Linter) {
    let steps = || {
        let steps =
            graph.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage.id, step)));
        steps.map(|(stage, step)| (stage, &parse.instructions[step.instruction]))
    };
    let (mut n_lower, mut n_upper) = (0, 0);
    for (_, instruction) in steps() {
        let keyword = &instruction.keyword.text;
        if to_lower(keyword) == *keyword {
            n_lower += 1;
        } else if to_upper(keyword) == *keyword {
            n_upper += 1;
        }
    }
    let is_lower = n_lower > n_upper;
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
