//! `stagelight check`: what is wrong in files, or could be better.

mod diagnostics;
mod github;
mod json;
mod mend;
mod sarif;
mod text;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dockerfile::checks::{self, Applied, Finding, Level, buildkit};
use dockerfile::stages::BuildOptions;
use protocol::report::{RuleSet, Summary};

use self::diagnostics::{Diagnostic, Diagnostics};
use crate::analysis::Analysis;
use crate::args::{Check, CheckFormat};
use crate::folder::Folder;
use crate::text::Style;
use crate::{TROUBLE, end, files};

/// A file with what there is to tell of it.
struct Checked<'c> {
    /// The path as it was given.
    path: &'c str,
    analysis: &'c Analysis<'c>,
    all: &'c [Diagnostic],
    n_silenced: usize,
    /// What was mended before.
    mended: &'c [Applied],
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
    if let Some(why) = misuse(args, &paths) {
        return Err(why.to_owned());
    }
    let run = Run { args, options: args.build.options(None), is_terminal: io::stdout().is_terminal() };
    // The text that is mended goes to the output, so what is told of it goes elsewhere.
    let is_filter = args.fix && paths.iter().any(|path| path == Path::new("-"));
    let (report, is_terminal): (Box<dyn Write>, bool) = match is_filter || args.diff {
        true => (Box::new(io::stderr().lock()), io::stderr().is_terminal()),
        false => (Box::new(io::stdout().lock()), run.is_terminal),
    };
    let mut out = BufWriter::with_capacity(1 << 16, report);
    let mut output = Output::of(args, Style::of(is_terminal));
    let mut summary = Summary::default();
    let mut fails = false;
    for path in &paths {
        fails |= end(run.check(&mut out, &mut output, &mut summary, path, folder.as_mut()))?;
    }
    end(output.end(&mut out, &summary, &paths))?;
    end(out.flush())?;
    Ok(match (summary.unreadable, fails) {
        (0, false) => ExitCode::SUCCESS,
        (0, true) => ExitCode::from(1),
        (_, _) => ExitCode::from(TROUBLE),
    })
}

/// What cannot be done together.
fn misuse(args: &Check, paths: &[PathBuf]) -> Option<&'static str> {
    let has_input = paths.iter().any(|path| path == Path::new("-"));
    let is_text = args.format == CheckFormat::Text;
    match () {
        () if args.unsafe_fixes && !args.mends() => Some("--unsafe-fixes goes with --fix or --diff"),
        () if args.diff && !is_text => Some("--diff has a form of its own; leave --format out"),
        () if args.fix && has_input && (!is_text || paths.len() > 1) => Some(
            "--fix of the standard input prints the mended text and nothing else; give it alone, without --format",
        ),
        () => None,
    }
}

/// What is the same for all files.
struct Run<'a> {
    args: &'a Check,
    options: BuildOptions,
    is_terminal: bool,
}

impl Run<'_> {
    /// Checks a file, and says whether what it finds is a failure.
    fn check(
        &self,
        out: &mut impl Write,
        output: &mut Output,
        summary: &mut Summary,
        path: &Path,
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
        let (mut text, invalid) = dockerfile::text::decode(&file.bytes);
        let mut mended = Vec::new();
        let mut differs = false;
        if self.args.mends() && invalid.is_empty() {
            let wanted = |finding: &Finding| self.args.wants(finding);
            let fixed = checks::fix_all(&text, &self.options, context, wanted, self.args.unsafe_fixes);
            differs = self.args.diff && fixed.text != *text;
            if let Err(sentence) = self.put(path, &text, &fixed.text)? {
                summary.unreadable += 1;
                output.unreadable(out, &name, sentence)?;
                return Ok(false);
            }
            mended = fixed.applied;
            text = fixed.text.into();
        } else if self.args.mends() {
            eprintln!("stagelight: {name} is not UTF-8, so nothing is mended in it");
            if self.args.fix && path == Path::new("-") {
                io::stdout().write_all(&file.bytes)?;
            }
        }
        let analysis = Analysis::of(&text, invalid, &self.options);
        let Diagnostics { all, n_silenced } =
            Diagnostics::of(&analysis, context, |finding| self.args.wants(finding));
        summary.files += 1;
        summary.silenced += n_silenced;
        summary.mended += mended.len();
        for it in &all {
            *match it.level {
                Level::Error => &mut summary.errors,
                Level::Warning => &mut summary.warnings,
                Level::Info => &mut summary.infos,
            } += 1;
            summary.fixable += usize::from(it.is_fixable());
            summary.fixable_unsafe += usize::from(!it.is_fixable() && !it.fixes.is_empty());
        }
        let checked = Checked { path: &name, analysis: &analysis, all: &all, n_silenced, mended: &mended };
        output.file(out, &checked)?;
        Ok(differs || all.iter().any(|it| self.args.fail_on.fails(it.level)))
    }

    /// Puts what was mended where it belongs. The inner error is a sentence.
    fn put(&self, path: &Path, old: &str, new: &str) -> io::Result<Result<(), String>> {
        let mut stdout = io::stdout().lock();
        if self.args.diff {
            let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
            if old != new {
                mend::diff(&mut stdout, &name, old, new, &Style::of(self.is_terminal))?;
            }
        } else if path == Path::new("-") {
            stdout.write_all(new.as_bytes())?;
        } else if old != new {
            return Ok(mend::replace(path, new));
        }
        Ok(Ok(()))
    }
}

impl Output {
    fn of(args: &Check, style: Style) -> Output {
        match args.format {
            CheckFormat::Text => Output::Text(text::Writer::new(style, args.diff)),
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
