//! Through the instructions one by one, as `instructions.Parse` reads them, and through the names of the stages.

use super::linter::Linter;
use super::{
    duplicate_stage_name, from_as_casing, invalid_definition_description, maintainer_deprecated,
    no_empty_continuation, reserved_stage_name, stage_name_casing,
};
use crate::stages::{StageGraph, StageId};
use crate::syntax::{InstructionKind, Parse, SyntaxError};

/// Checks all instructions, or those up to the one that has the error.
pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, error: Option<&SyntaxError>, acc: &mut Linter) {
    let mut stage = None;
    let mut stages = Vec::with_capacity(parse.instructions.len());
    for instruction in &parse.instructions {
        if instruction.kind == InstructionKind::From {
            stage = Some(stage.map_or(StageId(0), |StageId(id)| StageId(id + 1)));
        }
        stages.push(stage);
    }
    // BuildKit has read the whole file by then.
    for (instruction, stage) in parse.instructions.iter().zip(&stages) {
        acc.enter(instruction, *stage);
        no_empty_continuation::check(instruction, acc);
    }
    for (instruction, stage) in parse.instructions.iter().zip(stages) {
        let is_refused = error.is_some_and(|error| instruction.range.contains_range(error.range));
        acc.enter(instruction, stage);
        match instruction.kind {
            InstructionKind::From => {
                stage_name_casing::check(instruction, acc);
                from_as_casing::check(instruction, acc);
                if !is_refused {
                    invalid_definition_description::check_from(instruction, acc);
                }
            }
            InstructionKind::Arg if !is_refused => {
                invalid_definition_description::check_arg(instruction, acc)
            }
            InstructionKind::Maintainer => maintainer_deprecated::check(instruction, acc),
            InstructionKind::Add
            | InstructionKind::Arg
            | InstructionKind::Cmd
            | InstructionKind::Copy
            | InstructionKind::Entrypoint
            | InstructionKind::Env
            | InstructionKind::Expose
            | InstructionKind::Healthcheck
            | InstructionKind::Label
            | InstructionKind::Onbuild
            | InstructionKind::Run
            | InstructionKind::Shell
            | InstructionKind::Stopsignal
            | InstructionKind::User
            | InstructionKind::Volume
            | InstructionKind::Workdir
            | InstructionKind::Unknown => {}
        }
        if is_refused {
            return;
        }
    }
    if error.is_none() {
        reserved_stage_name::check(parse, graph, acc);
        duplicate_stage_name::check(parse, graph, acc);
    }
}
