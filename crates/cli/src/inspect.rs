//! `stagelight inspect`: file after file, whatever is in them; what went wrong is said at the end.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use dockerfile::stages::BuildOptions;
use dockerfile::text;
use protocol::facts::Facts;

use crate::analysis::Analysis;
use crate::args::{Format, Inspect};
use crate::text::Style;
use crate::{TROUBLE, end, facts, files};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Accepted,
    Refused,
    Unreadable,
}

/// Answers about all files.
///
/// # Errors
/// A sentence, if nothing could be begun or the output is closed to us.
pub(crate) fn run(args: &Inspect) -> Result<ExitCode, String> {
    let paths = files::paths(&args.input)?;
    let options = args.options();
    let stdout = io::stdout();
    let style = Style::of(stdout.is_terminal());
    let mut out = BufWriter::with_capacity(1 << 16, stdout.lock());
    let mut worst = Outcome::Accepted;
    for (idx, path) in paths.iter().enumerate() {
        if args.format == Format::Text && idx > 0 {
            end(writeln!(out))?;
        }
        worst = worst.max(end(inspect(&mut out, path, &options, args, &style))?);
    }
    end(out.flush())?;
    Ok(match worst {
        Outcome::Accepted => ExitCode::SUCCESS,
        Outcome::Refused => ExitCode::from(1),
        Outcome::Unreadable => ExitCode::from(TROUBLE),
    })
}

fn inspect(
    out: &mut impl Write,
    path: &Path,
    options: &BuildOptions,
    args: &Inspect,
    style: &Style,
) -> io::Result<Outcome> {
    let id = path.display().to_string();
    let file = match files::read(path) {
        Ok(file) => file,
        Err(sentence) => {
            match args.format {
                Format::Text => writeln!(out, "{}: {sentence}", style.error("error"))?,
                Format::Json | Format::Jsonl => {
                    write_facts(out, &facts::unreadable(id, sentence), args.format)?
                }
            }
            return Ok(Outcome::Unreadable);
        }
    };
    let (text, invalid) = text::decode(&file.bytes);
    let analysis = Analysis::of(&text, invalid, options);
    match args.format {
        Format::Text => {
            let report = crate::text::report(&id, &analysis, args.state, style);
            out.write_all(report.as_bytes())?;
        }
        Format::Json | Format::Jsonl => {
            write_facts(out, &facts::facts(id, &file, &analysis, args.state), args.format)?;
        }
    }
    Ok(if analysis.first_error().is_some() { Outcome::Refused } else { Outcome::Accepted })
}

fn write_facts(out: &mut impl Write, facts: &Facts, format: Format) -> io::Result<()> {
    if format == Format::Json {
        serde_json::to_writer_pretty(&mut *out, facts)?;
    } else {
        serde_json::to_writer(&mut *out, facts)?;
    }
    out.write_all(b"\n")
}
