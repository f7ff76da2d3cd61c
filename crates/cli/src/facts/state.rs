//! What is in force where.

use dockerfile::queries::{self, Beginning, Changed, Placed, Setting, Variable};
use dockerfile::stages::{Source, StageGraph, StageId, Start};
use protocol::facts::{Change, Effective, EffectiveVariable, History, Origin, StateAt, Words};

/// The history of every stage.
pub(super) fn histories(graph: &StageGraph) -> Vec<History> {
    let histories = queries::histories(graph).into_iter().zip(&graph.stages);
    histories
        .map(|(history, stage)| {
            let line = |step: usize| stage.steps.get(step).map(|step| step.lines.first);
            let (from_stage, start) = match history.start {
                Beginning::Stage(base) => (Some(base.0), Vec::new()),
                Beginning::Known(settings) => {
                    (None, settings.into_iter().map(|changed| change(None, changed)).collect())
                }
                Beginning::Unknown => (None, Vec::new()),
            };
            let changes = history.changes.into_iter();
            History {
                from_stage,
                assumed: own_image(graph, stage.id),
                start,
                changes: changes.map(|it| change(line(it.step), it.changed)).collect(),
            }
        })
        .collect()
}

/// What is in force at a line.
pub(super) fn state_at(graph: &StageGraph, line: u32) -> Option<StateAt> {
    let (stage, step) = queries::row_at(graph, line)?;
    let state = queries::state_at(graph, stage, step)?;
    let mut bottom = stage;
    while let Start::Stage(base) = graph.stages[bottom.0].start {
        bottom = base;
    }
    Some(StateAt {
        line,
        stage: stage.0,
        after: graph.stages[stage.0].steps[step].lines.first,
        assumed: own_image(graph, bottom),
        workdir: effective(graph, state.workdir, text),
        user: effective(graph, state.user, text),
        shell: effective(graph, state.shell, Words::List),
        env: state.env.into_iter().map(|it| variable(graph, it)).collect(),
        args: state.args.into_iter().map(|it| variable(graph, it)).collect(),
    })
}

/// The image that the stage itself starts from.
fn own_image(graph: &StageGraph, stage: StageId) -> Option<String> {
    graph.base_source(stage).and_then(Source::image).map(str::to_owned)
}

fn change(line: Option<u32>, changed: Changed) -> Change {
    let (set, name, value, on_base) = match changed {
        Changed::Env { name, value } => ("env", Some(name), text(value), false),
        Changed::Arg { name, value } => ("arg", Some(name), Words::Text(value), false),
        Changed::Workdir(Setting::Known(path)) => ("workdir", None, text(path), false),
        Changed::Workdir(Setting::OnBase(path)) => ("workdir", None, text(path), true),
        Changed::Workdir(Setting::FromBase) => ("workdir", None, Words::Text(None), false),
        Changed::User(user) => ("user", None, text(user), false),
        Changed::Shell(shell) => ("shell", None, Words::List(shell), false),
    };
    Change { line, set: set.to_owned(), name, value, on_base }
}

fn text(text: String) -> Words {
    Words::Text(Some(text))
}

fn effective<T>(graph: &StageGraph, placed: Placed<Setting<T>>, words: impl Fn(T) -> Words) -> Effective {
    let (value, on_base) = match placed.value {
        Setting::Known(value) => (words(value), false),
        Setting::OnBase(value) => (words(value), true),
        Setting::FromBase => (Words::Text(None), false),
    };
    Effective { value, on_base, origin: placed.origin.and_then(|it| origin(graph, it)) }
}

fn variable(graph: &StageGraph, variable: Variable) -> EffectiveVariable {
    let Variable { name, value, origin: at } = variable;
    EffectiveVariable { name, value, origin: at.and_then(|it| origin(graph, it)) }
}

fn origin(graph: &StageGraph, at: queries::Origin) -> Option<Origin> {
    let step = graph.stages.get(at.stage.0)?.steps.get(at.step)?;
    Some(Origin { stage: at.stage.0, line: step.lines.first })
}
