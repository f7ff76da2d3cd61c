//! Every test: the native ones by Cargo, then those of the built site in a real browser by Node.js.
//!
//! What the two runners say goes to the terminal as it is, so the output ends with their own summaries.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    cli::Parts,
    conformance, engine, process, site, store,
    tools::{Need, Tools, prepare},
};

const BROWSER_TESTS: &str = "tests/browser";
const BENCH: &str = "tests/browser/bench.mjs";
/// A folder of its own: what `dist` made stays as it is.
const SITE: &str = "target/tested-site";

pub(crate) fn run(parts: Parts) -> Result<()> {
    let (native, browser) = match parts {
        Parts::All => (true, true),
        Parts::Native => (true, false),
        Parts::Browser => (false, true),
    };
    // Before the native tests, though they do without: a missing tool should not show after minutes.
    let tools = prepare(&Need { site: browser, release: true, browser, ..Need::default() })?;
    if native {
        let mut test = Command::new("cargo");
        test.args(["test", "--workspace", "--exclude", "stagelight-bench"]);
        // The folder that the corpus is in.
        if let Some(captures) = Path::new(conformance::CORPUS).parent().map(|folder| folder.join("captures"))
            && captures.is_dir()
        {
            test.env("STAGELIGHT_CAPTURES", fs::canonicalize(captures).context("The captures are lost")?);
        }
        process::run(&mut test)?;
        conformance::run(None)?;
        engine::run()?;
        store::run()?;
    }
    if browser {
        site::build(&tools, SITE)?;
        // What serves the site in one of the tests.
        process::run(Command::new("cargo").args(["build", "--quiet", "--package", "stagelight"]))?;
        run_in_browser(&tools)?;
    }
    Ok(())
}

fn run_in_browser(tools: &Tools) -> Result<()> {
    let mut command = Command::new("node");
    command.arg("--test").args(test_files()?);
    drive(tools, &mut command)
}

/// What a keystroke costs in the built site.
pub(crate) fn bench_in_browser() -> Result<()> {
    let tools = prepare(&Need { site: true, release: true, browser: true, ..Need::default() })?;
    site::build(&tools, SITE)?;
    drive(&tools, Command::new("node").arg(BENCH))
}

/// Runs a program that drives the browser on the site.
fn drive(tools: &Tools, command: &mut Command) -> Result<()> {
    let chromium = tools.chromium.as_deref().context("There is no browser to test with")?;
    let site = env::current_dir().context("There is no current folder")?.join(SITE);
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    command.env("STAGELIGHT_PROGRAM", target.join("debug/stagelight"));
    process::run(command.env("STAGELIGHT_SITE", site).env("STAGELIGHT_CHROMIUM", chromium))
}

/// Named one by one: what Node.js makes of a folder differs from version to version.
fn test_files() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(BROWSER_TESTS).with_context(|| format!("Cannot list {BROWSER_TESTS}"))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(".test.mjs"))
        })
        .collect();
    ensure!(!files.is_empty(), "{BROWSER_TESTS} has no test: they are the files that end in .test.mjs");
    files.sort();
    Ok(files)
}
