//! Words that several forms have in common, and text made safe to put into them.

use crate::draw::measure;
use crate::queries::{self, Lights};
use crate::stages::{Edge, EdgeKind, Node, Source, Stage, StageGraph, StageId};

/// Characters of a label on a line.
const LABEL_WIDTH: usize = 56;

/// A text whose control characters are to be seen: no program that shows it obeys them, and XML takes it.
pub(super) fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or(' '),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        _ => c,
    };
    text.chars().map(shown).collect()
}

/// `target app needs 2 of 3 stages, 1 stays dark`: what is asked and what comes of it.
pub(super) fn summary(graph: &StageGraph, lights: &Lights) -> String {
    let (asked, said) = asked(graph, lights);
    match said.is_empty() {
        true => asked,
        false => format!("{asked} {said}"),
    }
}

/// The same in two parts: who is asked for, and the rest.
pub(super) fn asked(graph: &StageGraph, lights: &Lights) -> (String, String) {
    let name = |stage: StageId| name(graph, stage);
    let asked = match (lights.target, lights.second) {
        (Some(first), Some(second)) => format!("A: {}, B: {}:", name(first), name(second)),
        (Some(target), None) => format!("Target {}", name(target)),
        (None, _) => "Stages of a Dockerfile".to_owned(),
    };
    let mut said = lights.sentence.concat();
    if lights.is_legacy {
        said += " by the builder before BuildKit";
    }
    (asked, said)
}

/// What a stage is called.
pub(super) fn name(graph: &StageGraph, stage: StageId) -> String {
    graph.stages.get(stage.0).map_or_else(String::new, |stage| visible(&stage.display_name()))
}

/// What a source is, in few words: its kind and its name.
pub(super) fn source(source: &Source) -> (&'static str, String) {
    let (kind, name) = match source {
        Source::Image { familiar, .. } => ("image", familiar.clone()),
        Source::Scratch => ("empty base", "scratch".to_owned()),
        Source::Context => ("build context", "your files".to_owned()),
        Source::NamedContext { name, value, .. } => ("named context", format!("{name} = {value}")),
        Source::Remote(url) => ("remote", url.clone()),
        Source::Invalid(text) => ("not an image", text.clone()),
    };
    (kind, measure::shorten_middle(&visible(&name), 80))
}

/// What a stage starts from, as written.
pub(super) fn base(stage: &Stage) -> String {
    measure::shorten_middle(&visible(&stage.base_text), 80)
}

/// The line of a reference; 0 if it stands in none.
pub(super) fn line(graph: &StageGraph, edge: &Edge) -> u32 {
    let step = graph.stages.get(edge.to.0).and_then(|stage| stage.steps.get(edge.step));
    step.map_or(0, |step| step.lines.first)
}

/// What stands on the line of a reference: the instruction, the paths, and where that is written. A FROM needs none.
pub(super) fn edge_label(graph: &StageGraph, edge: &Edge) -> String {
    let is_context = match edge.from {
        Node::Source(id) => graph.sources.get(id.0) == Some(&Source::Context),
        Node::Stage(_) => false,
    };
    let paths = || measure::shorten(&visible(&queries::paths(edge, is_context)), LABEL_WIDTH);
    let what = match edge.kind {
        EdgeKind::Base => return String::new(),
        EdgeKind::Copy | EdgeKind::Mount if !edge.carries => "takes no files".to_owned(),
        EdgeKind::Copy => paths(),
        EdgeKind::Mount if edge.paths.iter().all(|path| path.is_empty() || path == "/") => "mount".to_owned(),
        EdgeKind::Mount => format!("mount {}", paths()),
    };
    match line(graph, edge) {
        0 => what,
        line => format!("{what} (line {line})"),
    }
}

/// `1 path`, `2 paths`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
