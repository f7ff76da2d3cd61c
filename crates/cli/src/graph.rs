//! `stagelight graph`: the stages of one file as a picture, a graph for other programs, or text.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use dockerfile::checks;
use dockerfile::draw::{self, Direction};
use dockerfile::export::{self, Subject};
use dockerfile::queries::{Cut, Lights, SourceUse};
use dockerfile::stages::{self, EdgeKind, Node, StageGraph};
use dockerfile::text;
use protocol::graph::{Edge, From, Graph, Source, Stage, VERSION};

use crate::analysis::Analysis;
use crate::args::{Graph as Args, GraphFormat as Format, GraphTheme};
use crate::{end, files, png};

/// Writes the stages of one Dockerfile.
///
/// # Errors
/// A sentence that says why there is nothing to write.
pub(crate) fn run(args: &Args) -> Result<ExitCode, String> {
    let format = format(args)?;
    let to_terminal = args.output.is_none() && io::stdout().is_terminal();
    if format == Format::Png && to_terminal {
        return Err("A PNG is nothing for a terminal. Write it to a file: -o stages.png".to_owned());
    }
    let file = files::read(&args.file)?;
    let (text, invalid) = text::decode(&file.bytes);
    let options = args.build.options(None);
    let analysis = Analysis::of(&text, invalid, &options);
    let name = crate::text::name(&args.file.display().to_string());
    if analysis.graph.stages.is_empty() {
        let why = analysis.first_error().map_or_else(|| "it has no FROM".to_owned(), |it| it.message.clone());
        return Err(format!("There are no stages in {name}: {why}"));
    }
    let cut = analysis.cut.as_ref().map_err(|error| match &error.suggestion {
        Some(suggestion) => format!("{} (did you mean {suggestion}?)", error.message),
        None => error.message.clone(),
    })?;
    let made = make(&analysis, cut, &name, format, args)?;
    match &args.output {
        Some(path) if path != Path::new("-") => fs::write(path, &made)
            .map_err(|error| format!("Cannot write {}: {}", path.display(), files::reason(&error)))?,
        Some(_) | None => {
            let mut out = io::stdout().lock();
            end(out.write_all(&made).and_then(|()| out.flush()))?;
        }
    }
    let Some(error) = analysis.first_error() else { return Ok(ExitCode::SUCCESS) };
    let line = error.lines.first().map_or_else(String::new, |lines| format!(" (line {})", lines.first));
    let message = crate::text::clean(&error.message);
    eprintln!("stagelight: BuildKit refuses {name}{line}: {message}. What can be read of it is shown.");
    Ok(ExitCode::from(1))
}

/// The form that is asked for, with what belongs to it.
fn format(args: &Args) -> Result<Format, String> {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, Some(path)) if path != Path::new("-") => of_extension(path)?,
        (None, _) => Format::Text,
    };
    if args.scale.is_some() && format != Format::Png {
        return Err("--scale is for PNG alone; other pictures have no pixels".to_owned());
    }
    if args.theme.is_some() && !matches!(format, Format::Svg | Format::Png) {
        return Err("--theme is for pictures alone: svg and png".to_owned());
    }
    Ok(format)
}

fn of_extension(path: &Path) -> Result<Format, String> {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    Ok(match extension.as_str() {
        "svg" => Format::Svg,
        "png" => Format::Png,
        "dot" | "gv" => Format::Dot,
        "mmd" | "mermaid" => Format::Mermaid,
        "json" => Format::Json,
        "txt" => Format::Text,
        "md" | "markdown" => Format::Markdown,
        _ => {
            return Err(format!(
                "{} does not say which form is meant. Let its name end in .svg, .png, .dot, .mmd, .json, .txt or .md, \
                 or give --format",
                path.display()
            ));
        }
    })
}

fn make(
    analysis: &Analysis<'_>,
    cut: &Cut,
    name: &str,
    format: Format,
    args: &Args,
) -> Result<Vec<u8>, String> {
    let graph = &analysis.graph;
    let lights = Lights::of(graph, cut);
    let file = checks::File::new(analysis.text, &analysis.parse, graph, analysis.options, Some(cut));
    let scene = draw::scene(graph, Direction::Across);
    let theme = match args.theme {
        Some(GraphTheme::Dark) => export::Theme::Dark,
        Some(GraphTheme::Light) => export::Theme::Light,
        Some(GraphTheme::Auto) | None if format == Format::Png => export::Theme::Light,
        Some(GraphTheme::Auto) | None => export::Theme::Auto,
    };
    let subject = Subject { name, file: &file, lights: &lights, scene: &scene, theme };
    let id = match format {
        Format::Json => return Ok(json(&graph_of(graph, cut, name))),
        Format::Png => {
            return png::png(&export::svg(graph, &scene, &lights, theme), args.scale.unwrap_or(2.0));
        }
        Format::Svg => "svg",
        Format::Dot => "dot",
        Format::Mermaid => "mermaid",
        Format::Text => "text",
        Format::Markdown => "markdown",
    };
    let format = export::format(id).ok_or("This form is not known")?;
    Ok((format.write)(&subject).into_bytes())
}

fn json(graph: &Graph) -> Vec<u8> {
    let mut out = serde_json::to_vec_pretty(graph).unwrap_or_default();
    out.push(b'\n');
    out
}

fn graph_of(graph: &StageGraph, cut: &Cut, name: &str) -> Graph {
    let stages = graph.stages.iter().zip(&cut.stages).map(|(stage, light)| Stage {
        name: stage.name.clone(),
        display_name: stage.display_name(),
        base: stage.base_text.clone(),
        platform: stage.platform.clone(),
        lines: (stage.lines.first, stage.lines.last),
        needed: light.needed,
        runs: light.runs,
        why: light.sentence.clone(),
    });
    let edges = graph.edges.iter().map(|edge| Edge {
        from: match edge.from {
            Node::Stage(id) => From::Stage(id.0),
            Node::Source(id) => From::Source(id.0),
        },
        to: edge.to.0,
        kind: match edge.kind {
            EdgeKind::Base => "base",
            EdgeKind::Copy => "copy",
            EdgeKind::Mount => "mount",
        }
        .to_owned(),
        line: graph.stages[edge.to.0].steps.get(edge.step).map_or(0, |step| step.lines.first),
        paths: edge.paths.clone(),
        carries: edge.carries,
        refused: edge.broken,
        onbuild: edge.trigger,
    });
    Graph {
        version: VERSION,
        dockerfile: name.to_owned(),
        target: cut.target.0,
        stages: stages.collect(),
        sources: graph.sources.iter().zip(&cut.sources).map(|(it, usage)| source(it, *usage)).collect(),
        edges: edges.collect(),
    }
}

fn source(source: &stages::Source, usage: SourceUse) -> Source {
    let (kind, name, value) = match source {
        stages::Source::Image { familiar, .. } => ("image", Some(familiar), None),
        stages::Source::Scratch => ("scratch", None, None),
        stages::Source::Context => ("context", None, None),
        stages::Source::NamedContext { name, value, .. } => ("named-context", Some(name), Some(value)),
        stages::Source::Remote(url) => ("remote", Some(url), None),
        stages::Source::Invalid(text) => ("invalid", Some(text), None),
    };
    let usage = match usage {
        SourceUse::Unused => "unused",
        SourceUse::LookedUp => "looked-up",
        SourceUse::Used => "used",
    };
    Source { kind: kind.to_owned(), name: name.cloned(), value: value.cloned(), usage: usage.to_owned() }
}
