//! `stagelight check`: what is wrong in files, or could be better.

mod context;
mod diagnostics;
mod github;
mod json;
mod sarif;
mod text;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dockerfile::checks::{Level, buildkit};
use dockerfile::stages::BuildOptions;
use protocol::report::{RuleSet, Summary};

use self::context::Folder;
use self::diagnostics::{Diagnostic, Diagnostics};
use crate::analysis::Analysis;
use crate::args::{Check, CheckFormat};
use crate::text::Style;
use crate::{TROUBLE, end, files};

/// A file with what there is to tell of it.
struct Checked<'c> {
    /// The path as it was given.
    path: &'c str,
    analysis: &'c Analysis<'c>,
    all: &'c [Diagnostic],
    n_silenced: usize,
}

/// Where findings go, in one of the formats.
enum Output {
    Text(text::Writer),
    Json(json::Writer),
    Sarif(sarif::Writer),
    Github,
}

/// Checks all files.
///
/// # Errors
/// A sentence, if nothing could be begun or the output is closed to us.
pub(crate) fn run(args: &Check) -> Result<ExitCode, String> {
    let paths = files::paths(&args.input)?;
    let mut folder = args.context.as_deref().map(Folder::read).transpose()?;
    if let Some(doubt) = folder.as_ref().and_then(|folder| folder.doubt.as_ref()) {
        eprintln!("stagelight: {doubt}");
    }
    let options = args.build.options(None);
    let stdout = io::stdout();
    let style = Style::of(stdout.is_terminal());
    let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
    let mut output = Output::of(args.format, style);
    let mut summary = Summary::default();
    let mut fails = false;
    for path in &paths {
        let is_bad = end(check(&mut out, &mut output, &mut summary, path, args, &options, folder.as_mut()))?;
        fails |= is_bad;
    }
    end(output.end(&mut out, &summary, &paths))?;
    end(out.flush())?;
    Ok(match (summary.unreadable, fails) {
        (0, false) => ExitCode::SUCCESS,
        (0, true) => ExitCode::from(1),
        (_, _) => ExitCode::from(TROUBLE),
    })
}

/// Checks a file, and says whether what it finds is a failure.
fn check(
    out: &mut impl Write,
    output: &mut Output,
    summary: &mut Summary,
    path: &Path,
    args: &Check,
    options: &BuildOptions,
    folder: Option<&mut Folder>,
) -> io::Result<bool> {
    let name = path.display().to_string();
    let context = folder.map(|folder| folder.context(path)).transpose();
    let (file, context) = match (files::read(path), context) {
        (Ok(file), Ok(context)) => (file, context),
        (Err(sentence), _) | (_, Err(sentence)) => {
            summary.unreadable += 1;
            output.unreadable(out, &name, sentence)?;
            return Ok(false);
        }
    };
    let (text, invalid) = dockerfile::text::decode(&file.bytes);
    let analysis = Analysis::of(&text, invalid, options);
    let Diagnostics { all, n_silenced } = Diagnostics::of(&analysis, context, |rule| args.wants(rule));
    summary.files += 1;
    summary.silenced += n_silenced;
    for it in &all {
        *match it.level {
            Level::Error => &mut summary.errors,
            Level::Warning => &mut summary.warnings,
            Level::Info => &mut summary.infos,
        } += 1;
        summary.fixable += usize::from(it.is_fixable());
        summary.fixable_unsafe += usize::from(!it.is_fixable() && !it.fixes.is_empty());
    }
    output.file(out, &Checked { path: &name, analysis: &analysis, all: &all, n_silenced })?;
    Ok(all.iter().any(|it| args.fail_on.fails(it.level)))
}

impl Output {
    fn of(format: CheckFormat, style: Style) -> Output {
        match format {
            CheckFormat::Text => Output::Text(text::Writer::new(style)),
            CheckFormat::Json => Output::Json(json::Writer::default()),
            CheckFormat::Sarif => Output::Sarif(sarif::Writer::default()),
            CheckFormat::Github => Output::Github,
        }
    }

    fn file(&mut self, out: &mut impl Write, checked: &Checked<'_>) -> io::Result<()> {
        match self {
            Output::Text(writer) => return writer.file(out, checked),
            Output::Json(writer) => writer.file(checked),
            Output::Sarif(writer) => writer.file(checked),
            Output::Github => return github::file(out, checked),
        }
        Ok(())
    }

    fn unreadable(&mut self, out: &mut impl Write, path: &str, sentence: String) -> io::Result<()> {
        match self {
            Output::Text(writer) => return writer.unreadable(out, &sentence),
            Output::Json(writer) => writer.unreadable(path, sentence),
            Output::Sarif(writer) => writer.unreadable(path, sentence),
            Output::Github => return github::unreadable(out, path, &sentence),
        }
        Ok(())
    }

    fn end(self, out: &mut impl Write, summary: &Summary, paths: &[PathBuf]) -> io::Result<()> {
        match self {
            Output::Text(writer) => writer.end(out, summary, paths),
            Output::Json(writer) => writer.end(out, summary),
            Output::Sarif(writer) => writer.end(out, summary),
            Output::Github => Ok(()),
        }
    }
}

impl Checked<'_> {
    /// The target, by its name.
    fn target(&self) -> Option<String> {
        let cut = self.analysis.cut.as_ref().ok()?;
        Some(self.analysis.graph.stages.get(cut.target.0)?.display_name().to_string())
    }
}

/// Which rules these are.
fn rule_set() -> RuleSet {
    RuleSet { buildkit: buildkit::VERSION.to_owned(), stagelight: env!("CARGO_PKG_VERSION").to_owned() }
}
