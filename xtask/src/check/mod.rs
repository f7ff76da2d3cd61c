//! What does not show in a test: format, lints, licences, and what must stay absent.
//!
//! All checks run, the quick ones first; each that fails says in a sentence where and what to do.

mod absences;
mod licences;

use std::{env, process::Command};

use anyhow::{Result, bail};

use crate::{
    process,
    tools::{Need, Tools, prepare},
};

struct Check {
    name: &'static str,
    run: fn(&Tools) -> Result<()>,
}

const ALL: &[Check] = &[
    Check { name: "format", run: |_| format() },
    Check { name: "absences in the files", run: |_| absences::in_files() },
    Check { name: "absences among the dependencies", run: |_| absences::among_dependencies() },
    Check { name: "licences and sources", run: |_| licences::check() },
    Check { name: "cargo-deny", run: |_| deny() },
    Check { name: "lints", run: |_| lints() },
    Check { name: "lints for WASM", run: wasm_lints },
];

pub(crate) fn run() -> Result<()> {
    let tools = prepare(&Need { wasm: true, ..Need::default() })?;
    let mut n_failed = 0;
    for check in ALL {
        println!("Checking {}", check.name);
        if let Err(error) = (check.run)(&tools) {
            println!("{error:#}");
            n_failed += 1;
        }
    }
    println!("{} passed, {n_failed} failed", ALL.len() - n_failed);
    if n_failed > 0 {
        bail!("`cargo xtask check` found what its lines above say");
    }
    Ok(())
}

fn format() -> Result<()> {
    need_component("fmt", "rustfmt")?;
    if !process::succeeds(Command::new("cargo").args(["fmt", "--all", "--check"])) {
        // Again for its words: each file and line.
        process::run(Command::new("cargo").args(["fmt", "--all", "--check"])).ok();
        bail!("The files above are not formatted: run `cargo fmt --all`");
    }
    Ok(())
}

fn lints() -> Result<()> {
    need_component("clippy", "clippy")?;
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    if process::run(&mut clippy).is_err() {
        bail!("Clippy has the complaints above: mend them, or `#[expect]` them with a reason");
    }
    Ok(())
}

/// Clippy needs the standard library of its own toolchain. Where the one for WASM is Debian's, the compiler's own
/// warnings have to do: Clippy sees the same code natively, all but what `cfg` keeps for WASM.
fn wasm_lints(tools: &Tools) -> Result<()> {
    let target = ["--package", "stagelight-web", "--target", "wasm32-unknown-unknown"];
    let mut command = tools.command("cargo")?;
    if tools.has_wasm_clippy() {
        command.args(["clippy", "--quiet"]).args(target).args(["--", "-D", "warnings"]);
    } else {
        println!("  by the compiler alone: there is no Clippy for Debian's rustc");
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        command.args(["check", "--quiet"]).args(target).env("RUSTFLAGS", format!("{flags} -Dwarnings"));
    }
    if process::run(&mut command).is_err() {
        bail!("The code for WASM has the complaints above: mend them");
    }
    Ok(())
}

/// Building cargo-deny takes minutes, so it is not installed for this; our own look at the licences always runs.
fn deny() -> Result<()> {
    if !process::succeeds(Command::new("cargo").args(["deny", "--version"])) {
        println!(
            "  not run: cargo-deny is not installed, and the check before it covers licences and sources"
        );
        return Ok(());
    }
    if process::run(Command::new("cargo").args(["deny", "check", "bans", "licenses", "sources"])).is_err() {
        bail!("cargo-deny has the complaints above: change the dependency, or deny.toml with a reason");
    }
    Ok(())
}

fn need_component(command: &str, component: &str) -> Result<()> {
    if !process::succeeds(Command::new("cargo").args([command, "--version"])) {
        bail!("`cargo {command}` is missing: run `rustup component add {component}`");
    }
    Ok(())
}
