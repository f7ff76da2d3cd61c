//! The native command `stagelight`: says what Dockerfiles do, for people and for programs.
//!
//! A thin shell: it reads files, asks the core, and writes the answers as text or in the forms of `protocol`.

mod analysis;
mod args;
mod builds;
mod check;
mod compare_facts;
mod context;
mod facts;
mod files;
mod folder;
mod graph;
mod inspect;
mod lessons;
mod link;
mod multi_stage;
mod png;
mod rules;
#[cfg(feature = "serve")]
mod serve;
mod text;
mod unit_cases;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Args, Command};

/// Wrong use, or a file that could not be read. Clap ends with the same number.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Inspect(args) => inspect::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Context(args) => context::run(&args),
        Command::Builds(args) => builds::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::MultiStage(args) => multi_stage::run(&args),
        Command::Lessons(args) => lessons::run(&args),
        Command::Share(args) => link::share(&args),
        Command::Open(args) => link::open(&args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(&args),
        Command::Completions { shell } => completions(shell),
        Command::Rules(args) => rules::run(&args),
        Command::UnitCases { file } => unit_cases::run(&file),
        Command::CompareFacts(args) => compare_facts::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("stagelight: {message}");
            ExitCode::from(TROUBLE)
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Result<ExitCode, String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "stagelight", &mut script);
    end(io::stdout().lock().write_all(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Who closed our output has seen enough, and is no mistake.
fn end<T>(result: io::Result<T>) -> Result<T, String> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => std::process::exit(0),
        _ => format!("Cannot write the answer: {error}"),
    })
}
