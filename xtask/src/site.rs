//! The site, by Trunk: built once, or served and built again at each change.

use std::{env, net::TcpListener, path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{cli::Serve, process, tools::Tools};

/// Where a Docker engine listens.
const DOCKER: &str = "/var/run/docker.sock";

/// A taken port is better told before minutes of building than after.
pub(crate) fn check_port(port: u16) -> Result<()> {
    if TcpListener::bind(("127.0.0.1", port)).is_err() {
        bail!("Port {port} is taken by another program; choose one with `cargo xtask run --port {}`", {
            if port < u16::MAX { port + 1 } else { 8080 }
        });
    }
    Ok(())
}

pub(crate) fn serve(tools: &Tools, options: &Serve) -> Result<()> {
    println!("Building the site; then it is at http://127.0.0.1:{} until Ctrl+C", options.port);
    if Path::new(DOCKER).exists() {
        println!("There is a Docker engine: `cargo xtask run --server` makes real builds too");
    }
    let mut command = trunk(tools)?;
    // A folder of its own: what `dist` made stays as it is.
    command.args(["serve", "--address", "127.0.0.1", "--dist", "target/served"]);
    command.args(["--port", &options.port.to_string()]);
    if options.open {
        command.arg("--open");
    }
    if options.release {
        command.arg("--release");
    }
    process::run(&mut command)
}

/// The same by the server, which builds too; the site is built once.
pub(crate) fn serve_and_build(tools: &Tools, options: &Serve) -> Result<()> {
    const SITE: &str = "target/served";
    let mut build = trunk(tools)?;
    build.args(["build", "--dist", SITE]);
    if options.release {
        build.arg("--release");
    }
    process::run(&mut build)?;
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--package", "stagelight"]);
    if options.release {
        command.arg("--release");
    }
    let address = format!("127.0.0.1:{}", options.port);
    process::run(command.args(["--", "serve", "--site", SITE, "--listen", &address]))
}

/// The program with the site in `dist` within.
pub(crate) fn program() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["build", "--release", "--package", "stagelight", "--features", "site"]);
    process::run(&mut command)
}

/// The release site, in `folder`.
pub(crate) fn build(tools: &Tools, folder: &str) -> Result<()> {
    process::run(trunk(tools)?.args(["build", "--release", "--dist", folder]))?;
    process::run(Command::new("node").args(["www/site/finish.mjs", folder]))
}

/// Puts compressed copies beside the files of a site, for servers that compress none themselves.
pub(crate) fn compress(folder: &str) -> Result<()> {
    process::run(Command::new("node").args(["www/site/compress.mjs", folder]))
}

fn trunk(tools: &Tools) -> Result<Command> {
    let mut command = tools.command("trunk")?;
    // By convention any value will do; Trunk takes only "true" and "false", and ends at another.
    if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        command.env("NO_COLOR", "true");
    } else {
        command.env_remove("NO_COLOR");
    }
    Ok(command)
}
