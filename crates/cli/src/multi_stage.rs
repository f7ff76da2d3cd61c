//! `stagelight multi-stage`: two Dockerfiles and the script between them as one file.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use dockerfile::refactor::{BuilderPattern, multi_stage};

use crate::args::MultiStage;
use crate::{end, files};

/// Writes the Dockerfile to the standard output, and what has become of the script to the standard error.
///
/// # Errors
/// A sentence that says what stands in the way.
pub(crate) fn run(args: &MultiStage) -> Result<ExitCode, String> {
    let (build, ship, script) = (text(&args.build)?, text(&args.ship)?, text(&args.script)?);
    let made = multi_stage(BuilderPattern { build: &build, ship: &ship, script: &script })?;
    end(io::stdout().lock().write_all(made.text.as_bytes()))?;
    let mut told = String::new();
    for line in &made.script {
        let fate = if line.vanishes { "gone" } else { "stays" };
        told.push_str(&format!("{fate:5} {:>3}  {}\n            {}.\n", line.line, line.text, line.why));
    }
    for note in &made.notes {
        told.push_str(&format!("note: {note}\n"));
    }
    end(io::stderr().lock().write_all(told.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn text(path: &Path) -> Result<String, String> {
    String::from_utf8(files::read(path)?.bytes).map_err(|_| format!("{} is no text in UTF-8", path.display()))
}
