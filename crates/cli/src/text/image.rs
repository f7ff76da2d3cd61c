//! The final image: what the file makes of it, each setting with the line that sets it. What the base image adds is
//! named, not guessed.

use std::fmt::Write;

use dockerfile::queries::{self, Origin, Placed, Setting, Variable};
use dockerfile::stages::{Content, Source, Stage, StageGraph, StageId, Start};

use super::{Style, clean, heading, shorten};

/// Characters of a value that are shown.
const WIDTH: usize = 80;

/// One setting.
struct Row {
    keyword: &'static str,
    value: String,
    origin: Origin,
    /// What the base image has to do with it.
    note: Option<&'static str>,
}

/// The image that a stage makes.
pub(super) fn write(out: &mut String, graph: &StageGraph, stage: StageId, style: &Style) {
    let Some(rows) = rows(graph, stage) else { return };
    heading(out, "Final image", style);
    let base = base(graph, stage).map(|image| format!("what {} sets", clean(image)));
    let begin = match (base, rows.is_empty()) {
        (Some(base), true) => base,
        (Some(base), false) => base + ", and",
        (None, true) => "nothing".to_owned(),
        (None, false) => "nothing but".to_owned(),
    };
    writeln!(out, "  {begin}").ok();
    for Row { keyword, value, origin, note } in rows {
        let mut place = format!("line {}", line(graph, origin));
        if let Some(note) = note {
            place = format!("{place}, {note}");
        }
        if let Some(names) = unknown(graph, origin) {
            place = format!("{place}, if the base image does not set {}", clean(&names));
        }
        writeln!(out, "  {keyword:11} {}  {}", shorten(&clean(&value), WIDTH), style.dim(&place)).ok();
    }
}

/// What the image stands on, if it is an image.
fn base(graph: &StageGraph, stage: StageId) -> Option<&str> {
    let mut root: &Stage = graph.stages.get(stage.0)?;
    while let Start::Stage(base) = &root.start {
        root = graph.stages.get(base.0)?;
    }
    match graph.base_source(root.id)? {
        Source::Image { familiar, .. }
        | Source::NamedContext { content: Content::Image { familiar, .. }, .. } => Some(familiar),
        Source::NamedContext { name, content: Content::Layout, .. } => Some(name),
        Source::NamedContext {
            content: Content::Empty | Content::Directory | Content::Git | Content::Url,
            ..
        }
        | Source::Scratch
        | Source::Context
        | Source::Remote(_)
        | Source::Invalid(_) => None,
    }
}

/// All that an instruction of the file has set.
fn rows(graph: &StageGraph, stage: StageId) -> Option<Vec<Row>> {
    let state = queries::end_state(graph, stage)?;
    let mut rows = Rows(Vec::new());
    rows.setting("ENTRYPOINT", &state.entrypoint, "unless the base image has another shell", |line| {
        Some(line.as_ref().map_or_else(|| "none".to_owned(), |line| json(line)))
    });
    // An ENTRYPOINT leaves no CMD, which is not worth a row.
    rows.setting("CMD", &state.cmd, "unless the base image has another shell", |line| {
        line.as_ref().map(|line| json(line))
    });
    rows.setting("WORKDIR", &state.workdir, "below the directory of the base image", |it| Some(it.clone()));
    rows.setting("USER", &state.user, "", |it| Some(it.clone()));
    rows.setting("STOPSIGNAL", &state.stopsignal, "", |it| Some(it.clone()));
    rows.setting("SHELL", &state.shell, "", |shell| Some(json(shell)));
    rows.setting("HEALTHCHECK", &state.healthcheck, "", |health| Some(json(&health.as_ref()?.test)));
    rows.variables("ENV", &state.env);
    rows.list("EXPOSE", &state.ports);
    rows.list("VOLUME", &state.volumes);
    rows.variables("LABEL", &state.labels);
    rows.list("ONBUILD", &state.onbuild);
    Some(rows.0)
}

struct Rows(Vec<Row>);

impl Rows {
    fn setting<T>(
        &mut self,
        keyword: &'static str,
        placed: &Placed<Setting<T>>,
        on_base: &'static str,
        text: impl Fn(&T) -> Option<String>,
    ) {
        let (value, note) = match &placed.value {
            Setting::Known(value) => (value, None),
            Setting::OnBase(value) => (value, Some(on_base)),
            Setting::FromBase => return,
        };
        if let (Some(value), Some(origin)) = (text(value), placed.origin) {
            self.0.push(Row { keyword, value, origin, note });
        }
    }

    fn variables(&mut self, keyword: &'static str, variables: &[Variable]) {
        for Variable { name, value, origin } in variables {
            if let Some(origin) = *origin {
                let value = format!("{name}={}", value.as_deref().unwrap_or_default());
                self.0.push(Row { keyword, value, origin, note: None });
            }
        }
    }

    /// One row for all that one instruction has added; `EXPOSE 1-65535` adds a lot.
    fn list(&mut self, keyword: &'static str, values: &[Placed<String>]) {
        for values in values.chunk_by(|a, b| a.origin == b.origin) {
            if let Some(origin) = values[0].origin {
                let shown: Vec<&str> = values.iter().take(WIDTH).map(|it| it.value.as_str()).collect();
                self.0.push(Row { keyword, value: shown.join(" "), origin, note: None });
            }
        }
    }
}

fn json(words: &[String]) -> String {
    serde_json::to_string(words).unwrap_or_default()
}

fn line(graph: &StageGraph, origin: Origin) -> u32 {
    graph.stages[origin.stage.0].steps.get(origin.step).map_or(0, |step| step.lines.first)
}

/// The variables of the base image that the instruction would use.
fn unknown(graph: &StageGraph, origin: Origin) -> Option<String> {
    let commands = &graph.stages[origin.stage.0].commands;
    let first = commands.partition_point(|command| command.step < origin.step);
    let command = commands.get(first).filter(|command| command.step == origin.step)?;
    Some(command.unknown.join(", ")).filter(|names| !names.is_empty())
}
