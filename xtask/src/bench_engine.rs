//! `cargo xtask bench --engine`: what the server's way to the engine costs, beside Docker's own client.
//!
//! Both build the same Dockerfile on the same engine, in turns, since a machine is never equally busy for long. The time
//! of the server is from the request to the last event, over HTTP, and the sizes of the stages are within it; that of
//! `docker buildx build` is of the process, and the image is within it. Asking for the sizes of all stages is the larger
//! part where everything is in the cache, so the time without it is shown too.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    engine::{self, Running},
    process,
    tools::Engine,
};

const ROUNDS: usize = 9;
const IMAGE: &str = "example.org/stagelight/base";
const STAGES: [&str; 4] = ["a", "b", "c", "d"];
/// Nobody else sleeps for so long.
const SECONDS: &str = "86321";
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures, and prints a table.
pub(crate) fn run() -> Result<()> {
    process::run(Command::new("cargo").args(["build", "--quiet", "--release", "--package", "stagelight"]))?;
    let (engine, running) = engine::start().context("Nothing is measured, for want of an engine")?;
    let buildx = engine.buildx().context("Nothing is measured: this engine came without buildx")?;
    let folder = running.folder().join("bench");
    fs::create_dir_all(&folder)?;
    import(&engine, &running, &folder)?;
    let dockerfile = dockerfile();
    fs::write(folder.join("Dockerfile"), &dockerfile)?;
    let server = Server::start(&running, &folder)?;

    let mut times: [[Vec<Times>; 2]; 2] = Default::default();
    // The first round warms up what there is to warm up.
    for round in 0..=ROUNDS {
        for (way, no_cache) in [true, false].into_iter().enumerate() {
            let measured =
                [client(&buildx, &running, &folder, no_cache)?, server.build(&dockerfile, no_cache)?];
            if round > 0 {
                times[way].iter_mut().zip(measured).for_each(|(times, it)| times.push(it));
            }
        }
    }
    println!("5 stages, 4 of them in parallel; {ROUNDS} runs of each, in turns; medians\n");
    println!("{:<36} {:>20} {:>12} {:>7}", "", "docker buildx build", "the server", "ratio");
    let row = |name: &str, of: &[Vec<Times>; 2], what: fn(&Times) -> Duration| {
        let [client, server] = of.each_ref().map(|times| median(times.iter().map(what).collect()));
        let ratio = server.as_secs_f64() / client.as_secs_f64();
        println!("{name:<36} {:>17} ms {:>9} ms {ratio:>7.2}", client.as_millis(), server.as_millis());
    };
    row("without the cache", &times[0], |it| it.all);
    row("from the cache", &times[1], |it| it.all);
    row("without the cache, but for sizes", &times[0], |it| it.steps);
    row("from the cache, but for sizes", &times[1], |it| it.steps);
    row("first word of the engine, no cache", &times[0], |it| it.first);
    row("first word of the engine, cached", &times[1], |it| it.first);
    let mut cancels = (0..ROUNDS).map(|_| server.cancel()).collect::<Result<Vec<_>>>()?;
    cancels.sort();
    let most = cancels[ROUNDS - 1].as_millis();
    println!(
        "\nFrom a cancel to the end of the process: {} ms, {most} ms at most",
        median(cancels).as_millis()
    );
    Ok(())
}

/// How long a build took, to its end and until something was said of it.
struct Times {
    all: Duration,
    /// Until the last step was over: what follows are the sizes, or the image.
    steps: Duration,
    first: Duration,
}

fn dockerfile() -> String {
    let stages = STAGES.map(|it| format!("FROM {IMAGE} AS {it}\nRUN sleep 0.1; echo {it} > /{it}\n"));
    let copies = STAGES.map(|it| format!("COPY --from={it} /{it} /{it}\n"));
    format!("{}FROM {IMAGE}\n{}RUN cat /a /b /c /d\n", stages.concat(), copies.concat())
}

/// An image of busybox alone.
fn import(engine: &Engine, running: &Running, folder: &Path) -> Result<()> {
    let (root, archive) = (folder.join("image"), folder.join("image.tar"));
    fs::create_dir_all(root.join("bin"))?;
    fs::copy(engine.program("busybox"), root.join("bin/busybox"))?;
    for program in ["sh", "cat", "sleep"] {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(program))?;
    }
    process::run(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&root).arg("."))?;
    let mut import = Command::new(engine.program("docker"));
    process::answer(import.arg("import").arg(&archive).arg(IMAGE).env("DOCKER_HOST", running.address()))?;
    Ok(())
}

fn client(buildx: &Path, running: &Running, folder: &Path, no_cache: bool) -> Result<Times> {
    let mut command = Command::new(buildx);
    command.args(["build", "--progress=plain", "--file"]).arg(folder.join("Dockerfile"));
    if no_cache {
        command.arg("--no-cache");
    }
    let empty = folder.join("context");
    fs::create_dir_all(&empty)?;
    command.arg(empty).env("DOCKER_HOST", running.address()).env("DOCKER_CONFIG", folder.join("client"));
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut said = child.stderr.take().context("it says nothing")?;
    let mut text = vec![0];
    said.read_exact(&mut text).context("it says nothing")?;
    let first = start.elapsed();
    said.read_to_end(&mut text)?;
    ensure!(child.wait()?.success(), "buildx fails: {}", String::from_utf8_lossy(&text));
    let all = start.elapsed();
    Ok(Times { all, steps: all, first })
}

/// A server that ends with this.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(running: &Running, folder: &Path) -> Result<Server> {
        let mut command = Command::new(PathBuf::from("target/release/stagelight"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--engine", "docker", "--engine-address"]);
        command.arg(running.address()).arg("--data-dir").arg(folder.join("data"));
        command.args(["--set", "builds-per-minute=0", "--set", "streams-per-minute=0", "--set", "log=error"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().context("the server says nothing")?;
        BufReader::new(out).read_line(&mut line)?;
        let address = between(&line, "http://", " ").map(str::to_owned);
        let server = Server { child, address: address.unwrap_or_default() };
        ensure!(!server.address.is_empty(), "the server does not start: {line}");
        Ok(server)
    }

    /// Builds, and reads all events.
    fn build(&self, dockerfile: &str, no_cache: bool) -> Result<Times> {
        let start = Instant::now();
        let (id, _) = self.submit(dockerfile, no_cache)?;
        let (mut first, mut steps) = (None, start.elapsed());
        for line in self.events(&id)? {
            let line = line?;
            if line.contains("\"event\":\"step\"") {
                steps = start.elapsed();
                first.get_or_insert(steps);
            }
            if line.contains("\"event\":\"finished\"") {
                ensure!(line.contains("\"succeeded\""), "the build fails: {line}");
                let all = start.elapsed();
                return Ok(Times { all, steps, first: first.unwrap_or(all) });
            }
        }
        bail!("the events end before the build")
    }

    /// How long a process lives after its build has been cancelled.
    fn cancel(&self) -> Result<Duration> {
        let dockerfile = format!("FROM {IMAGE}\nRUN echo begun; sleep {SECONDS}\n");
        let (id, token) = self.submit(&dockerfile, true)?;
        for line in self.events(&id)? {
            let line = line?;
            ensure!(!line.contains("\"event\":\"finished\""), "the build ends: {line}");
            if line.contains("begun\\n") {
                break;
            }
        }
        let start = Instant::now();
        while !sleeps() {
            ensure!(start.elapsed() < PATIENCE, "the process does not begin");
            thread::sleep(Duration::from_millis(1));
        }
        let start = Instant::now();
        let headers = format!("Authorization: Bearer {token}\r\n");
        let mut answer = String::new();
        self.ask("POST", &format!("/api/v1/builds/{id}/cancel"), &headers, "")?
            .read_to_string(&mut answer)?;
        while sleeps() {
            ensure!(start.elapsed() < PATIENCE, "the process does not end");
            thread::sleep(Duration::from_millis(1));
        }
        Ok(start.elapsed())
    }

    fn submit(&self, dockerfile: &str, no_cache: bool) -> Result<(String, String)> {
        // Rust writes plain text in quotes as JSON does.
        let body = format!("{{\"dockerfile\":{dockerfile:?},\"no_cache\":{no_cache}}}");
        let mut answer = String::new();
        self.ask("POST", "/api/v1/builds", "", &body)?.read_to_string(&mut answer)?;
        let text = |key: &str| between(&answer, &format!("\"{key}\":\""), "\"").map(str::to_owned);
        text("id").zip(text("token")).with_context(|| format!("the server does not build: {answer}"))
    }

    fn events(&self, id: &str) -> Result<impl Iterator<Item = std::io::Result<String>>> {
        Ok(self.ask("GET", &format!("/api/v1/builds/{id}/events"), "", "")?.lines())
    }

    /// In HTTP/1.0, so that the answer ends with the connection.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Result<BufReader<TcpStream>> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (address, length) = (&self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n{headers}"
        );
        stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes())?;
        Ok(BufReader::new(stream))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Whether the process of the build that is cancelled is there.
fn sleeps() -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let wanted = format!("sleep\0{SECONDS}\0");
    processes
        .into_iter()
        .any(|it| fs::read(it.path().join("cmdline")).is_ok_and(|it| it == wanted.as_bytes()))
}

fn between<'t>(text: &'t str, before: &str, behind: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(behind).map(|(found, _)| found)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
