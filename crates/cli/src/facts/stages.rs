//! The facts of stages and their commands.

use dockerfile::stages::mount::{self, MountError};
use dockerfile::stages::{self, Edge, EdgeKind, Node, Source, StageGraph};
use dockerfile::syntax::{Instruction, InstructionKind, SyntaxError, Word};
use protocol::facts::{Command, Mount, Options, Reference, Stage, Targets};

use super::state;
use super::values::{self, Told};
use crate::analysis::Analysis;

/// All stages, in file order.
pub(super) fn stages(analysis: &Analysis<'_>, targets: Option<&Targets>) -> Vec<Stage> {
    let told = |idx: usize| Told {
        values: analysis.is_expanded(),
        operations: targets.and_then(|it| it.by_index.get(idx)).is_some_and(|it| it.error.is_none()),
    };
    let mut stages: Vec<Stage> =
        analysis.graph.stages.iter().map(|it| stage(analysis, it, told(it.id.0))).collect();
    if analysis.is_expanded() {
        for (stage, history) in stages.iter_mut().zip(state::histories(&analysis.graph)) {
            stage.state = Some(history);
        }
    }
    stages
}

fn stage(analysis: &Analysis<'_>, stage: &stages::Stage, told: Told) -> Stage {
    let graph = &analysis.graph;
    let base = graph.edges_at(stage.id, 0).iter().find(|edge| edge.kind == EdgeKind::Base);
    let from = &analysis.parse.instructions[stage.steps[0].instruction];
    // Commands come in the order of the rows, triggers first.
    let mut own = stage.commands.iter().filter(|it| it.trigger.is_none()).peekable();
    let commands = (1..stage.steps.len()).map(|row| {
        let instruction = &analysis.parse.instructions[stage.steps[row].instruction];
        let edges: Vec<&Edge> = graph.edges_at(stage.id, row).iter().filter(|edge| !edge.trigger).collect();
        let mut command = command(graph, instruction, &edges);
        if let Some(done) = own.next_if(|it| it.step == row) {
            values::add(&mut command, &done.effect, told, !instruction.heredocs.is_empty());
        }
        command
    });
    Stage {
        index: stage.id.0,
        name: stage.name.clone().unwrap_or_default(),
        base_raw: stage.base_text.clone(),
        base: stage.base_expanded.clone(),
        base_error: base_error(graph, stage),
        base_stage: base.and_then(|edge| match edge.from {
            Node::Stage(id) => Some(id.0),
            Node::Source(_) => None,
        }),
        base_image: base.and_then(|edge| image(graph, edge)).map(str::to_owned),
        base_context: base.and_then(|edge| context(graph, edge)),
        replaced: stage.replaced,
        base_invalid: !stage.base_expanded.is_empty() && base.is_some_and(|edge| is_invalid(graph, edge)),
        platform_raw: given(from, "platform"),
        platform: stage.platform.clone(),
        description: stage.description.clone().unwrap_or_default(),
        line: from.lines.first,
        end_line: from.lines.last,
        commands: commands.collect(),
        state: None,
    }
}

/// Why the base cannot be expanded.
fn base_error(graph: &StageGraph, stage: &stages::Stage) -> Option<String> {
    if !stage.base_expanded.is_empty() {
        return None;
    }
    let is_expansion = |error: &&SyntaxError| error.message.starts_with("failed to process");
    let mut errors = graph.errors.iter().filter(|error| stage.base_range.contains_range(error.range));
    errors.find(is_expansion).map(|error| error.message.clone())
}

/// The image that an edge comes from.
fn image<'g>(graph: &'g StageGraph, edge: &Edge) -> Option<&'g str> {
    match edge.from {
        Node::Stage(_) => None,
        Node::Source(id) => graph.sources[id.0].image(),
    }
}

/// The name of the named context that an edge comes from.
fn context(graph: &StageGraph, edge: &Edge) -> Option<String> {
    match edge.from {
        Node::Source(id) => match &graph.sources[id.0] {
            Source::NamedContext { name, .. } => Some(name.clone()),
            Source::Image { .. }
            | Source::Scratch
            | Source::Context
            | Source::Remote(_)
            | Source::Invalid(_) => None,
        },
        Node::Stage(_) => None,
    }
}

fn is_invalid(graph: &StageGraph, edge: &Edge) -> bool {
    matches!(edge.from, Node::Source(id) if matches!(graph.sources[id.0], Source::Invalid(_)))
}

fn command(graph: &StageGraph, instruction: &Instruction<'_>, edges: &[&Edge]) -> Command {
    let mut command = Command {
        kind: instruction.keyword.text.to_lowercase(),
        line: instruction.lines.first,
        end_line: instruction.lines.last,
        ..Command::default()
    };
    match instruction.kind {
        InstructionKind::Add | InstructionKind::Copy => copy(&mut command, graph, instruction, edges),
        InstructionKind::Run => run(&mut command, graph, instruction, edges),
        _ => {}
    }
    command
}

fn copy(command: &mut Command, graph: &StageGraph, instruction: &Instruction<'_>, edges: &[&Edge]) {
    if let Some(from) = instruction.flag("from").filter(|word| !word.text.is_empty()) {
        let edge = edges.iter().find(|edge| edge.range == from.range);
        let is_refusal = |error: &&SyntaxError| {
            error.range == from.range && error.line().is_none() && !error.message.contains("circular")
        };
        command.from_raw = Some(from.text.to_string());
        command.from = edge.and_then(|edge| reference(graph, edge));
        command.source_error = graph.errors.iter().find(is_refusal).map(|error| error.message.clone());
    }
    let (dest, sources) = match instruction.args.split_last() {
        Some((dest, sources)) => (dest.text.to_string(), sources),
        None => (String::new(), &[][..]),
    };
    // BuildKit: heredocs come last, by their names.
    let (inline, plain): (Vec<_>, Vec<_>) =
        sources.iter().partition(|word| stages::is_heredoc_marker(&word.text));
    let inline = inline.iter().map(|word| format!("<<{}", heredoc_name(instruction, word)));
    command.sources_raw = Some(plain.iter().map(|word| word.text.to_string()).chain(inline).collect());
    command.dest_raw = Some(dest);
    command.opts = options(instruction);
}

fn heredoc_name(instruction: &Instruction<'_>, word: &Word<'_>) -> String {
    let heredoc = instruction.heredocs.iter().find(|heredoc| heredoc.marker == word.range);
    heredoc.map_or_else(|| word.text.trim_start_matches(['<', '-']).to_owned(), |it| it.name.to_string())
}

fn options(instruction: &Instruction<'_>) -> Options {
    let values = |name: &'static str| {
        let flags = instruction.flags.iter().filter(move |flag| flag.name.text == name);
        flags.filter_map(|flag| flag.value.as_ref()).map(|value| value.text.to_string())
    };
    Options {
        chown: given(instruction, "chown"),
        chmod: given(instruction, "chmod"),
        checksum: given(instruction, "checksum"),
        exclude: values("exclude").collect(),
        link: switch(instruction, "link").unwrap_or_default(),
        parents: switch(instruction, "parents").unwrap_or_default(),
        keep_git_dir: switch(instruction, "keep-git-dir").unwrap_or_default(),
        unpack: switch(instruction, "unpack"),
    }
}

/// The value of a flag, unless it is empty, which BuildKit takes for absent.
fn given(instruction: &Instruction<'_>, name: &str) -> Option<String> {
    instruction.flag(name).map(|word| word.text.to_string()).filter(|text| !text.is_empty())
}

/// A flag that is on or off; the last one counts.
fn switch(instruction: &Instruction<'_>, name: &str) -> Option<bool> {
    let flag = instruction.flags.iter().rev().find(|flag| flag.name.text == name)?;
    Some(flag.value.as_ref().is_none_or(|value| value.text == "true"))
}

fn run(command: &mut Command, graph: &StageGraph, instruction: &Instruction<'_>, edges: &[&Edge]) {
    command.shell_form = Some(!instruction.json);
    command.network = given(instruction, "network").filter(|it| it != "default");
    command.security = given(instruction, "security").filter(|it| it != "sandbox");
    match mounts(graph, instruction, edges) {
        Ok(mounts) => command.mounts = mounts,
        Err(error) => command.mounts_error = Some(error.message),
    }
}

/// The mounts as written.
fn mounts(
    graph: &StageGraph,
    instruction: &Instruction<'_>,
    edges: &[&Edge],
) -> Result<Vec<Mount>, MountError> {
    let flags = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
    flags
        .filter_map(|flag| Some((flag, flag.value.as_ref()?)))
        .map(|(flag, value)| {
            let written = mount::parse(&value.text, &mut |word| Ok(word.to_owned()))?;
            let edge = edges.iter().find(|edge| edge.range == flag.range && !written.from.is_empty());
            Ok(Mount { from: edge.and_then(|edge| reference(graph, edge)), ..mount_facts(&written) })
        })
        .collect()
}

/// A mount without what its `from` means.
pub(super) fn mount_facts(mount: &mount::Mount) -> Mount {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Mount {
        kind: mount.kind.name().to_owned(),
        target: mount.target.clone(),
        source: mount.source.clone(),
        id: mount.id.clone(),
        readonly: mount.read_only,
        from: None,
        from_raw: some(&mount.from),
        required: mount.required,
        sharing: some(&mount.sharing),
        env: mount.env.clone(),
        mode: mount.mode.map(|mode| format!("{mode:o}")),
        uid: mount.uid,
        gid: mount.gid,
        size: mount.size,
    }
}

fn reference(graph: &StageGraph, edge: &Edge) -> Option<Reference> {
    match edge.from {
        Node::Stage(id) => Some(Reference::Stage(id.0)),
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { reference, .. } => Some(Reference::Image(reference.clone())),
            Source::Scratch => Some(Reference::Image("scratch".to_owned())),
            Source::NamedContext { name, .. } => Some(Reference::Context(name.clone())),
            Source::Invalid(_) if edge.broken && is_refused_before(graph, edge) => None,
            Source::Invalid(name) => Some(Reference::Image(name.clone())),
            Source::Context | Source::Remote(_) => None,
        },
    }
}

/// Whether BuildKit refuses the reference before it takes it for an image.
fn is_refused_before(graph: &StageGraph, edge: &Edge) -> bool {
    let is_image = |error: &SyntaxError| error.message.starts_with("failed to parse stage name");
    graph.errors.iter().any(|error| error.range == edge.range && !is_image(error))
}
