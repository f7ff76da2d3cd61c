//! Through the FROM lines, as `toDispatchState` reads them before it looks for the target.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use super::linter::Linter;
use super::undefined_arg_in_from::Declared;
use super::{
    from_platform_flag_const_disallowed, invalid_default_arg_in_from, redundant_target_platform,
    undefined_arg_in_from,
};
use crate::stages::args::GlobalScope;
use crate::stages::expand::{self, Expansion, Lookup};
use crate::stages::{BuildOptions, StageGraph, epoch_fault};
use crate::syntax::Parse;

/// Checks all FROM lines, or those up to the first with an error. Gives the global ARGs if BuildKit goes on behind them.
pub(super) fn check(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    acc: &mut Linter,
) -> Option<GlobalScope> {
    let with_arguments = globals(parse, graph, options);
    // Without build arguments these are the defaults, too.
    let plain = (!options.build_args.is_empty()).then(|| {
        let plain = BuildOptions { build_args: Vec::new(), ..options.clone() };
        globals(parse, graph, &plain)
    });
    if let Some(defaults) = plain.as_ref().unwrap_or(&with_arguments) {
        invalid_default_arg_in_from::check(parse, graph, defaults, acc);
    }
    let globals = with_arguments?;
    if epoch_fault(parse, &globals).is_some() {
        return None;
    }
    let declared = OnceCell::new();
    let declared = || declared.get_or_init(|| Declared::of(graph, &globals));
    let errors = &graph.errors[..graph.n_errors_before_target];
    for stage in &graph.stages {
        let from = &parse.instructions[stage.steps[0].instruction];
        let base = from.args.first()?;
        acc.enter(from, Some(stage.id));
        let (expansion, unset) = expanded(&base.text, parse.escape, &|name| globals.get(name));
        undefined_arg_in_from::check(base, &unset, declared, acc);
        if expansion.is_none_or(|it| it.text.is_empty()) {
            return None;
        }
        if let Some(platform) = from.flag("platform").filter(|it| !it.text.is_empty()) {
            let (expansion, unset) = expanded(&platform.text, parse.escape, &|name| globals.get(name));
            undefined_arg_in_from::check(platform, &unset, declared, acc);
            if let Some(expansion) = expansion {
                redundant_target_platform::check(platform, &expansion, &globals, acc);
                from_platform_flag_const_disallowed::check(platform, &expansion, stage, acc);
            }
        }
        if errors.iter().any(|error| from.range.contains_range(error.range)) {
            return None;
        }
    }
    errors.is_empty().then_some(globals)
}

/// What the global ARGs come to; `None` if one of them cannot be expanded.
pub(super) fn globals(parse: &Parse<'_>, graph: &StageGraph, options: &BuildOptions) -> Option<GlobalScope> {
    let last = graph.stages.last().and_then(|stage| stage.name.as_deref());
    let mut globals = GlobalScope::new(options, last);
    for step in &graph.preamble {
        for word in &parse.instructions[step.instruction].args {
            globals.declare(&word.text, parse.escape).ok()?;
        }
    }
    Some(globals)
}

/// What a word comes to, and which of its variables have no value. These are known even where the word is refused.
pub(super) fn expanded<'w>(
    word: &'w str,
    escape: char,
    lookup: &Lookup<'_>,
) -> (Option<Expansion<'w>>, BTreeSet<String>) {
    noting(lookup, |lookup| expand::expand(word, escape, lookup))
}

/// Runs `expand` and keeps the variables that it asks for in vain.
pub(super) fn noting<T>(
    lookup: &Lookup<'_>,
    expand: impl for<'l> FnOnce(&'l Lookup<'l>) -> Result<T, String>,
) -> (Option<T>, BTreeSet<String>) {
    let unset = RefCell::new(BTreeSet::new());
    let result = expand(&|name| {
        let value = lookup(name);
        if value.is_none() {
            unset.borrow_mut().insert(name.to_owned());
        }
        value
    });
    (result.ok(), unset.into_inner())
}
