//! Reads the arguments of the commands.

use std::ffi::OsString;

use anyhow::{Result, anyhow, bail};
use lexopt::{Arg, Parser, ValueExt};

pub(crate) const HELP: &str = "\
The commands of Stagelight:

  cargo xtask run [--port 8080] [--open] [--release] [--server]
      Build the site, serve it, and build again when a file changes; with --server by `stagelight serve`, which makes
      real builds where there is a Docker engine, and does not build the site again.
  cargo xtask test [--native] [--browser]
      Run every test; with an option, that part alone.
  cargo xtask check
      Look at the format, the lints, the licences and what must stay absent.
  cargo xtask conformance [--show N SECTION]
      Compare with BuildKit's answers, where the corpus is at hand; show N differences of a section.
  cargo xtask engine
      Compare what is said of the cache with what a Docker engine does, where one can be started.
  cargo xtask store
      Run the server's tests on PostgreSQL, where one can be started.
  cargo xtask fixes
      Apply all fixes to a corpus, where one is at hand: none may do harm.
  cargo xtask layout
      Measure the pictures: crossings, and how far cards move while someone types.
  cargo xtask exports
      Try pictures, graphs and links on a corpus, where one is at hand, and on the project's own files.
  cargo xtask bench [--browser | --engine]
      Measure the core beside other readers of Dockerfiles, what a keystroke costs in a
      browser, or a real build on a server beside Docker's own client; it takes a minute.
  cargo xtask dist [--compress] [--server]
      Build the site for any web server, in dist/; with compressed copies of its files for those that make none; with the
      program that has it within, `stagelight serve`.

Tools are fetched when they are missing and kept in STAGELIGHT_CACHE, or else in the cache folder of the user.
STAGELIGHT_WASM_TOOLCHAIN=debian takes the WASM standard library from Debian's packages, not from rustup.
STAGELIGHT_CHROMIUM names the browser to test with.
STAGELIGHT_ENGINE is the release of Debian that the Docker engine is from: unstable, stable, or own for this machine's.
STAGELIGHT_POSTGRES is the address of a database to test with, in place of one that is started for it.
";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Run(Serve),
    Test(Parts),
    Check,
    Conformance(Option<Show>),
    /// Of the cache.
    Engine,
    /// Of what the server keeps.
    Store,
    /// Of what the checks find.
    Fixes,
    /// Of the pictures.
    Layout,
    /// Of what leaves the program.
    Exports,
    Bench(Bench),
    Dist {
        /// Whether compressed copies lie beside the files.
        compress: bool,
        /// Whether the program that serves it is built too, with the site within.
        server: bool,
    },
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bench {
    /// The core beside other readers.
    Core,
    /// A keystroke.
    Browser,
    /// A real build beside Docker's own client.
    Engine,
}

/// Differences that `conformance` shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Show {
    pub(crate) n: u32,
    pub(crate) section: String,
}

/// How `run` serves the site.
#[derive(Debug, PartialEq)]
pub(crate) struct Serve {
    pub(crate) port: u16,
    pub(crate) open: bool,
    pub(crate) release: bool,
    pub(crate) server: bool,
}

/// Which tests `test` runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Parts {
    All,
    Native,
    Browser,
}

pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Command> {
    // lexopt's errors name their cause already; as causes of themselves they would say it twice.
    read_command(Parser::from_args(args)).map_err(|error| anyhow!("{error}; see `cargo xtask help`"))
}

fn read_command(mut parser: Parser) -> Result<Command> {
    let command = match parser.next()? {
        None | Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Command::Help),
        Some(Arg::Value(name)) => name.string()?,
        Some(arg @ (Arg::Short(_) | Arg::Long(_))) => return Err(arg.unexpected().into()),
    };
    match command.as_str() {
        "help" => Ok(Command::Help),
        "run" => read_serve(&mut parser),
        "test" => read_parts(&mut parser),
        "check" => end(&mut parser, Command::Check),
        "conformance" => read_show(&mut parser),
        "engine" => end(&mut parser, Command::Engine),
        "store" => end(&mut parser, Command::Store),
        "fixes" => end(&mut parser, Command::Fixes),
        "exports" => end(&mut parser, Command::Exports),
        "layout" => end(&mut parser, Command::Layout),
        "bench" => read_bench(&mut parser),
        "dist" => read_dist(&mut parser),
        _ => bail!("There is no command '{command}'"),
    }
}

fn read_serve(parser: &mut Parser) -> Result<Command> {
    let mut serve = Serve { port: 8080, open: false, release: false, server: false };
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('p') | Arg::Long("port") => serve.port = parser.value()?.parse()?,
            Arg::Long("open") => serve.open = true,
            Arg::Long("release") => serve.release = true,
            Arg::Long("server") => serve.server = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(Command::Run(serve))
}

fn read_parts(parser: &mut Parser) -> Result<Command> {
    let (mut native, mut browser) = (false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("native") => native = true,
            Arg::Long("browser") => browser = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(Command::Test(match (native, browser) {
        (true, false) => Parts::Native,
        (false, true) => Parts::Browser,
        (true, true) | (false, false) => Parts::All,
    }))
}

fn read_show(parser: &mut Parser) -> Result<Command> {
    let mut show = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("show") => {
                show = Some(Show { n: parser.value()?.parse()?, section: parser.value()?.string()? });
            }
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(Command::Conformance(show))
}

fn read_bench(parser: &mut Parser) -> Result<Command> {
    let mut bench = Bench::Core;
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("browser") => bench = Bench::Browser,
            Arg::Long("engine") => bench = Bench::Engine,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(Command::Bench(bench))
}

fn read_dist(parser: &mut Parser) -> Result<Command> {
    let (mut compress, mut server) = (false, false);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("compress") => compress = true,
            Arg::Long("server") => server = true,
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            _ => return Err(arg.unexpected().into()),
        }
    }
    Ok(Command::Dist { compress, server })
}

fn end(parser: &mut Parser, command: Command) -> Result<Command> {
    match parser.next()? {
        None => Ok(command),
        Some(Arg::Short('h') | Arg::Long("help")) => Ok(Command::Help),
        Some(arg) => Err(arg.unexpected().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Command, String> {
        read(line.split_whitespace().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn run_takes_a_port() {
        let serve = |port, open, release| Ok(Command::Run(Serve { port, open, release, server: false }));
        assert_eq!(check("run"), serve(8080, false, false));
        let by_server = Serve { port: 8080, open: false, release: false, server: true };
        assert_eq!(check("run --server"), Ok(Command::Run(by_server)));
        assert_eq!(check("run --port 3000 --open"), serve(3000, true, false));
        assert_eq!(check("run --release -p 80"), serve(80, false, true));
    }

    #[test]
    fn test_can_be_a_part() {
        assert_eq!(check("test"), Ok(Command::Test(Parts::All)));
        assert_eq!(check("test --native"), Ok(Command::Test(Parts::Native)));
        assert_eq!(check("test --native --browser"), Ok(Command::Test(Parts::All)));
    }

    #[test]
    fn dist_compresses_when_asked() {
        assert_eq!(check("dist"), Ok(Command::Dist { compress: false, server: false }));
        assert_eq!(check("dist --compress"), Ok(Command::Dist { compress: true, server: false }));
        assert_eq!(check("dist --server"), Ok(Command::Dist { compress: false, server: true }));
    }

    #[test]
    fn bench_is_of_the_core_a_browser_or_an_engine() {
        assert_eq!(check("bench"), Ok(Command::Bench(Bench::Core)));
        assert_eq!(check("bench --browser"), Ok(Command::Bench(Bench::Browser)));
        assert_eq!(check("bench --engine"), Ok(Command::Bench(Bench::Engine)));
    }

    #[test]
    fn conformance_shows_differences() {
        assert_eq!(check("conformance"), Ok(Command::Conformance(None)));
        let show = Show { n: 3, section: "targets".to_owned() };
        assert_eq!(check("conformance --show 3 targets"), Ok(Command::Conformance(Some(show))));
        assert!(check("conformance --show 3").is_err());
    }

    #[test]
    fn mistakes_are_one_sentence() {
        assert_eq!(check("serve").unwrap_err(), "There is no command 'serve'; see `cargo xtask help`");
        assert_eq!(check("check --fast").unwrap_err(), "invalid option '--fast'; see `cargo xtask help`");
        assert!(check("run --port many").unwrap_err().contains("many"));
        assert!(check("run --port").unwrap_err().contains("--port"));
    }

    #[test]
    fn nothing_asks_for_help() {
        assert_eq!(check(""), Ok(Command::Help));
        assert_eq!(check("dist --help"), Ok(Command::Help));
        assert_eq!(check("fixes"), Ok(Command::Fixes));
    }
}
