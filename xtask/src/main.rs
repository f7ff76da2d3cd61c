//! The project's commands: `cargo xtask run`, `test`, `check`, `conformance`, `engine`, `store`, `fixes`, `layout`, `exports`, `bench` and `dist`.
//!
//! They get every tool they need by themselves (`tools`), and end in one plain sentence when they cannot.

mod bench;
mod bench_engine;
mod bounds;
mod cache;
mod check;
mod cli;
mod conformance;
mod engine;
mod exports;
mod fixes;
mod layout;
mod process;
mod site;
mod store;
mod test;
mod tools;

use std::{env, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    cli::{Bench, Command},
    tools::{Need, prepare},
};

fn main() -> ExitCode {
    match enter_project().and_then(|()| execute(cli::read(env::args_os().skip(1))?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<()> {
    match command {
        Command::Help => {
            print!("{}", cli::HELP);
            Ok(())
        }
        Command::Run(options) => {
            site::check_port(options.port)?;
            let tools = prepare(&Need { site: true, release: options.release, ..Need::default() })?;
            if options.server {
                site::serve_and_build(&tools, &options)
            } else {
                site::serve(&tools, &options)
            }
        }
        Command::Dist { compress, server } => {
            let tools = prepare(&Need { site: true, release: true, ..Need::default() })?;
            site::build(&tools, "dist")?;
            if compress {
                site::compress("dist")?;
            }
            println!("The site is in dist/; any web server can serve it, under any path.");
            if server {
                site::program()?;
                println!(
                    "The program with the site within is target/release/stagelight: `stagelight serve`."
                );
            }
            Ok(())
        }
        Command::Test(parts) => test::run(parts),
        Command::Check => check::run(),
        Command::Conformance(show) => conformance::run(show.as_ref()),
        Command::Engine => engine::run(),
        Command::Store => store::run(),
        Command::Fixes => fixes::run(),
        Command::Layout => layout::run(),
        Command::Exports => exports::run(),
        Command::Bench(Bench::Core) => bench::run(),
        Command::Bench(Bench::Browser) => test::bench_in_browser(),
        Command::Bench(Bench::Engine) => bench_engine::run(),
    }
}

/// All paths in the commands are relative to the project's folder, wherever they were called.
fn enter_project() -> Result<()> {
    let xtask = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = xtask.parent().context("The xtask folder has no parent")?;
    env::set_current_dir(root).with_context(|| format!("Cannot enter {}", root.display()))
}
