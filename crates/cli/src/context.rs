//! `stagelight context`: what a build gets of its context, and what its instructions find there.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

use dockerfile::context::{BuildContext, Outcome, Transfer, transfer};
use dockerfile::ignore;
use dockerfile::queries::{self, Cut};
use dockerfile::stages::{self, SourceId, StageGraph};
use dockerfile::text;
use protocol::context::{ContextReport, File, IgnoreError, Pattern, Source, VERSION};

use crate::analysis::Analysis;
use crate::args::{Context, ContextFormat};
use crate::folder::Folder;
use crate::{end, files};

/// Answers about one Dockerfile.
///
/// # Errors
/// A sentence, if the file, the context or the target is not there, or the output is closed to us.
pub(crate) fn run(args: &Context) -> Result<ExitCode, String> {
    let file = files::read(&args.file)?;
    let (text, invalid) = text::decode(&file.bytes);
    let options = args.build.options(None);
    let analysis = Analysis::of(&text, invalid, &options);
    let mut folder = Folder::read(&args.context)?;
    if let Some(doubt) = folder.doubt.take() {
        return Err(doubt);
    }
    let context = folder.context(&args.file)?;
    if let Some(error) = analysis.first_error() {
        return Err(format!("BuildKit refuses {}: {}", args.file.display(), error.message));
    }
    let cut = analysis.cut.as_ref().map_err(|error| error.message.clone())?;
    let source = analysis.graph.sources.iter().position(|source| *source == stages::Source::Context);
    let transfer = transfer(&analysis.graph, cut, SourceId(source.unwrap_or(usize::MAX)), context);
    let path = args.file.display().to_string();
    let report = report(path, &analysis.graph, cut, context, &transfer);
    let mut out = io::stdout().lock();
    end(match args.format {
        ContextFormat::Text => out.write_all(told(&report).as_bytes()),
        ContextFormat::Json => serde_json::to_writer_pretty(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
    })?;
    let fails =
        !report.ignore_errors.is_empty() || report.sources.iter().any(|source| source.error.is_some());
    Ok(ExitCode::from(u8::from(fails)))
}

fn report(
    dockerfile: String,
    graph: &StageGraph,
    cut: &Cut,
    context: &BuildContext,
    transfer: &Transfer,
) -> ContextReport {
    let pattern = |(line, pattern): (u32, &str)| Pattern { line, pattern: pattern.to_owned() };
    let listed = context.files.as_deref().unwrap_or_default();
    let files = listed.iter().zip(&transfer.fates).enumerate().map(|(at, (file, fate))| {
        let takes = |it: &dockerfile::context::Taken| {
            it.taker.selections.iter().any(|selection| selection.takes(file.path.trim_end_matches('/')))
        };
        let takers = transfer.takers.iter().filter(|it| fate.taken && takes(it));
        let taken_by: BTreeSet<u32> = takers.map(|it| it.taker.lines.first).collect();
        File {
            path: file.path.clone(),
            size: file.size,
            fate: match (fate.ignored, fate.sent) {
                (true, _) => "ignored",
                (false, true) => "sent",
                (false, false) => "not-asked",
            }
            .to_owned(),
            by: transfer.decision(at).map(pattern),
            taken_by: taken_by.into_iter().collect(),
        }
    });
    let sources = transfer.takers.iter().flat_map(|taken| {
        let step = graph.stages.get(taken.taker.at.stage.0).and_then(|it| it.steps.get(taken.taker.at.step));
        let instruction = step.map_or_else(String::new, |step| step.keyword.to_string());
        taken.taker.selections.iter().zip(&taken.sources).map(move |(selection, source)| {
            let (error, left_out_by) = match &source.outcome {
                Outcome::Fails { message, ignored, .. } => (
                    Some(message.clone()),
                    ignored.as_ref().map(|(line, it)| Pattern { line: *line, pattern: it.clone() }),
                ),
                Outcome::Takes | Outcome::Nothing => (None, None),
            };
            let finds_nothing = source.outcome == Outcome::Nothing;
            Source {
                line: taken.taker.lines.first,
                instruction: instruction.clone(),
                source: selection.source.clone(),
                files: source.n_files,
                bytes: source.bytes,
                finds_nothing,
                error,
                left_out_by,
            }
        })
    });
    ContextReport {
        version: VERSION,
        dockerfile,
        target: graph.stages.get(cut.target.0).map(|stage| stage.display_name()).unwrap_or_default(),
        asks_for: match &transfer.asked {
            None => Some(Vec::new()),
            Some(queries::Context::Everything) => None,
            Some(queries::Context::Paths(paths)) => Some(paths.clone()),
        },
        ignore_errors: transfer
            .errors()
            .iter()
            .map(|(line, message)| {
                let help = ignore::advice(context.ignore.as_deref().unwrap_or_default(), *line);
                IgnoreError { line: *line, message: message.clone(), help }
            })
            .collect(),
        files: files.collect(),
        sources: sources.collect(),
    }
}

/// The report as lines.
fn told(report: &ContextReport) -> String {
    let mut out = String::new();
    let asked = match &report.asks_for {
        None => "everything".to_owned(),
        Some(paths) if paths.is_empty() => "nothing".to_owned(),
        Some(paths) => paths.join(", "),
    };
    let files = || report.files.iter().filter(|file| !file.path.ends_with('/'));
    let sent = || files().filter(|file| file.fate == "sent");
    let bytes: u64 = sent().filter_map(|file| file.size).sum();
    let _ = writeln!(out, "A build of {} asks for {asked}", report.target);
    let _ = writeln!(out, "{} of {} are sent, {bytes} bytes", sent().count(), counted(files().count()));
    for error in &report.ignore_errors {
        let _ = writeln!(out, "error: line {} of the ignore file: {}", error.line, error.message);
        let _ = writeln!(out, "  {}", error.help);
    }
    if !report.files.is_empty() {
        out.push('\n');
    }
    for file in &report.files {
        let word = match file.fate.as_str() {
            "sent" if file.taken_by.is_empty() => "sent for nothing",
            "sent" => "sent",
            "ignored" => "left out",
            _ => "not asked for",
        };
        let size = file.size.map(|size| size.to_string()).unwrap_or_default();
        let _ = write!(out, "{word:<16} {size:>12}  {}", file.path);
        if !file.taken_by.is_empty() {
            let lines: Vec<String> = file.taken_by.iter().map(u32::to_string).collect();
            let _ = write!(out, "  (line {})", lines.join(", "));
        }
        if let Some(by) = &file.by {
            let _ = write!(out, "  (ignore file, line {}: {})", by.line, by.pattern);
        }
        out.push('\n');
    }
    if !report.sources.is_empty() {
        out.push('\n');
    }
    for source in &report.sources {
        let name = if source.source.is_empty() { "." } else { &source.source };
        let _ = write!(out, "line {}: {} {name}: ", source.line, source.instruction);
        let _ = match &source.error {
            Some(message) => writeln!(out, "error: {message}"),
            None if source.finds_nothing => writeln!(out, "nothing fits, so nothing is copied"),
            None => writeln!(out, "{}, {} bytes", counted(source.files), source.bytes),
        };
        if let Some(by) = &source.left_out_by {
            let _ = writeln!(out, "  line {} of the ignore file leaves it out: {}", by.line, by.pattern);
        }
    }
    out
}

fn counted(n_files: usize) -> String {
    if n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") }
}
