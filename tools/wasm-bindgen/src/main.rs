//! The `wasm-bindgen` program as Trunk calls it, over the library that does the work.
//!
//! The official program also brings a web server, TLS and a test runner, and takes several times as long to
//! build. As a member of the workspace this one always has the version that `Cargo.lock` names.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use lexopt::{Arg, ValueExt};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: impl IntoIterator<Item = OsString>) -> Result<()> {
    match read(args)? {
        Request::Version => println!("wasm-bindgen {}", wasm_bindgen_shared::version()),
        Request::Bind(bind) => generate(&bind)?,
    }
    Ok(())
}

/// What the arguments ask for.
#[derive(Debug, PartialEq)]
enum Request {
    Version,
    Bind(Bind),
}

/// Bindings for one WASM file, as an ES module that fetches it (`--target web`).
#[derive(Debug, Default, PartialEq)]
struct Bind {
    input: PathBuf,
    out_dir: PathBuf,
    out_name: Option<String>,
    keep_debug: bool,
    no_demangle: bool,
    no_typescript: bool,
}

fn read(args: impl IntoIterator<Item = OsString>) -> Result<Request> {
    let mut bind = Bind::default();
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('V') | Arg::Long("version") => return Ok(Request::Version),
            Arg::Long("target") => {
                let target = parser.value()?.string()?;
                if target != "web" {
                    bail!("This reduced program only knows --target web, not '{target}'");
                }
            }
            Arg::Long("out-dir") => bind.out_dir = parser.value()?.into(),
            Arg::Long("out-name") => bind.out_name = Some(parser.value()?.string()?),
            Arg::Long("keep-debug") => bind.keep_debug = true,
            Arg::Long("no-demangle") => bind.no_demangle = true,
            Arg::Long("no-typescript") => bind.no_typescript = true,
            Arg::Value(input) => bind.input = input.into(),
            Arg::Short(_) | Arg::Long(_) => return Err(arg.unexpected().into()),
        }
    }
    if bind.input.as_os_str().is_empty() || bind.out_dir.as_os_str().is_empty() {
        bail!("Usage: wasm-bindgen --target=web --out-dir=FOLDER [--out-name=NAME] FILE.wasm");
    }
    Ok(Request::Bind(bind))
}

fn generate(bind: &Bind) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .input_path(&bind.input)
        .keep_debug(bind.keep_debug)
        .demangle(!bind.no_demangle)
        .typescript(!bind.no_typescript);
    if let Some(name) = &bind.out_name {
        bindgen.out_name(name);
    }
    bindgen.generate(&bind.out_dir).with_context(|| format!("No bindings for {}", bind.input.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str) -> Result<Request> {
        read(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn reads_what_trunk_passes() {
        assert_eq!(
            request("--target=web --out-dir=/out --out-name=app app.wasm --no-typescript").unwrap(),
            Request::Bind(Bind {
                input: "app.wasm".into(),
                out_dir: "/out".into(),
                out_name: Some("app".to_owned()),
                no_typescript: true,
                ..Bind::default()
            })
        );
    }

    #[test]
    fn answers_with_a_version_whatever_else_is_asked() {
        assert_eq!(request("--version").unwrap(), Request::Version);
    }

    #[test]
    fn refuses_what_it_cannot_do() {
        assert!(request("--target=nodejs --out-dir=/out app.wasm").is_err());
        assert!(request("--reference-types --out-dir=/out app.wasm").is_err());
        assert!(request("app.wasm").is_err());
    }
}
