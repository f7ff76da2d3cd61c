//! Everything that BuildKit would refuse when it builds a target, in the order in which it would come to it.
//!
//! Follows `toDispatchState` and what comes behind it. BuildKit stops at the first error, so the others are what it
//! would find once that is mended. Surprising: it looks for the target when it has read all FROM lines, but nothing
//! else of the stages; and a byte that is not UTF-8 harms a RUN alone, which then cannot be written down for the
//! builder, while everywhere else it has become U+FFFD by then: where variables are put in, in JSON, in flags, and in
//! the configuration of the image. A script of its own (`RUN <<EOF` with `#!`) is a file, in which any byte may be.

use std::borrow::Cow;

use super::cut::{Cut, TargetError};
use crate::checks;
use crate::stages::{BuildOptions, Effect, StageGraph};
use crate::syntax::{InstructionKind, Parse, Phase, SyntaxError};
use crate::text::TextRange;

/// Everything that is wrong for a target, which `cut` is the result of asking for; `options` are what `graph` was made
/// with. `invalid` are the places of bytes that are not UTF-8, as [`crate::text::decode`] tells them.
pub fn errors(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    cut: Result<&Cut, &TargetError>,
    invalid: &[usize],
) -> Vec<SyntaxError> {
    found(parse, graph, options, cut, invalid).map(Cow::into_owned).collect()
}

/// The error that BuildKit stops at: the first of [`errors`].
pub fn first_error(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    cut: Result<&Cut, &TargetError>,
    invalid: &[usize],
) -> Option<SyntaxError> {
    found(parse, graph, options, cut, invalid).next().map(Cow::into_owned)
}

fn found<'a>(
    parse: &'a Parse<'_>,
    graph: &'a StageGraph,
    options: &BuildOptions,
    cut: Result<&'a Cut, &TargetError>,
    invalid: &'a [usize],
) -> impl Iterator<Item = Cow<'a, SyntaxError>> {
    let mut of_text: Vec<&SyntaxError> = parse.errors.iter().collect();
    of_text.sort_by_key(|error| error.phase);
    let (before, target, after) = match cut {
        Ok(cut) => (&cut.errors[..], None, &[][..]),
        // Without a stage there is no target either, and the parser has said so.
        Err(_) if graph.stages.is_empty() => (&graph.errors[..], None, &[][..]),
        Err(error) => {
            let (before, after) = graph.errors.split_at(graph.n_errors_before_target);
            (before, Some(missing_target(error)), after)
        }
    };
    let may_be_written = of_text.is_empty() && before.is_empty();
    let in_the_end =
        cut.ok().filter(|_| may_be_written).and_then(|cut| unwritable(parse, graph, cut, invalid));
    // Nothing but what is found in the end can be wrong where BuildKit comes to that.
    let violation = cut.ok().and_then(|cut| checks::violation(parse, graph, options, cut));
    let found = of_text.into_iter().map(Cow::Borrowed).chain(violation.map(Cow::Owned));
    let found = found.chain(before.iter().map(Cow::Borrowed));
    let found = found.chain(target.map(Cow::Owned)).chain(after.iter().map(Cow::Borrowed));
    found.chain(in_the_end.map(Cow::Owned))
}

/// The error that there is no such target.
pub(crate) fn missing_target(error: &TargetError) -> SyntaxError {
    SyntaxError {
        phase: Phase::Convert,
        message: error.message.clone(),
        suggestion: error.suggestion.clone(),
        help: None,
        range: TextRange::empty(0),
        lines: Vec::new(),
    }
}

/// A RUN of the target that holds a byte which is not UTF-8.
fn unwritable(parse: &Parse<'_>, graph: &StageGraph, cut: &Cut, invalid: &[usize]) -> Option<SyntaxError> {
    if invalid.is_empty() {
        return None;
    }
    let range = graph.stages.iter().filter(|stage| cut.stages[stage.id.0].runs).find_map(|stage| {
        stage.commands.iter().find_map(|command| {
            let Effect::Run(ran) = &command.effect else { return None };
            let is_spoilt = |text: &Cow<'_, str>| text.contains(char::REPLACEMENT_CHARACTER);
            if !ran.line.arguments.iter().any(is_spoilt) {
                return None;
            }
            // A trigger has been written down behind ONBUILD.
            let (stage, row) = match command.trigger.map(|at| &stage.triggers[at]) {
                Some(trigger) => (graph.stages.get(trigger.stage.0)?, trigger.step),
                None => (stage, command.step),
            };
            let instruction = &parse.instructions[stage.steps.get(row)?.instruction];
            let child = instruction.onbuild.as_deref();
            let run = child.unwrap_or(instruction);
            let is_raw = run.kind == InstructionKind::Run && !run.json;
            let flags_end = run.flags.iter().map(|flag| flag.range.end).max();
            let from = flags_end.unwrap_or(run.keyword.range.end);
            let next = invalid.partition_point(|&at| at < from);
            let is_in = invalid.get(next).is_some_and(|&at| at < instruction.range.end);
            (is_raw && is_in).then_some(instruction.range)
        })
    })?;
    Some(SyntaxError {
        phase: Phase::Convert,
        message: "failed to marshal LLB definition: string field contains invalid UTF-8".to_owned(),
        suggestion: None,
        help: Some("Save the file as UTF-8".to_owned()),
        range,
        lines: Vec::new(),
    })
}
