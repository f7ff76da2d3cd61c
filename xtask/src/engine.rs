//! `cargo xtask engine`: what the core says of the cache, beside what a Docker engine does; and real builds on it.
//!
//! The engine is started for this alone, in a folder of its own that is removed behind it, and without a network. Where
//! none can be had or started, a line says why, and that is no failure: only a disagreement is.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    bounds::Bounds,
    process::{answer, find, run as run_command, succeeds},
    tools::Engine,
};

/// Files in memory.
const MEMORY: &str = "/dev/shm";
/// With the other store of images, `--link` is COPY and no more.
const SETTINGS: &str = r#"{ "features": { "containerd-snapshotter": true } }"#;
/// The tests that ask it: packages, and what they call them.
const TESTS: [(&str, &str); 3] = [("stagelight", "engine"), ("engine", "real"), ("server", "real")];
/// So long it may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run() -> Result<()> {
    // Before the engine is up: it should not wait for a compiler.
    for (package, name) in TESTS {
        run_command(test(package, name).args(["--no-run", "--quiet"]))?;
    }
    let (engine, running) = match start() {
        Ok(started) => started,
        Err(why) => {
            println!("Nothing is compared with an engine, and nothing is built: {why:#}");
            return Ok(());
        }
    };
    TESTS.into_iter().try_for_each(|(package, name)| {
        let mut test = test(package, name);
        test.args(["--quiet", "--", "--nocapture"]);
        test.env("STAGELIGHT_DOCKER", engine.program("docker"));
        test.env("STAGELIGHT_BUSYBOX", engine.program("busybox"));
        test.env("STAGELIGHT_BOUNDS", running.bounds.kinds());
        test.env("DOCKER_HOST", running.address()).env("DOCKER_CONFIG", running.folder.join("client"));
        if let Some(buildx) = engine.buildx() {
            test.env("STAGELIGHT_BUILDX", buildx);
        }
        run_command(&mut test)
    })
}

fn test(package: &str, name: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--package", package, "--test", name]);
    command
}

/// An engine, or why there is none.
pub(crate) fn start() -> Result<(Engine, Running)> {
    let id = answer(Command::new("id").arg("-u"))?;
    ensure!(id.trim() == "0", "to start one takes root");
    let engine = Engine::prepare()?;
    let running = Running::start(&engine)?;
    Ok((engine, running))
}

/// An engine that runs, until this is dropped.
pub(crate) struct Running {
    folder: PathBuf,
    child: Child,
    bounds: Bounds,
}

impl Running {
    fn start(engine: &Engine) -> Result<Running> {
        // In memory, where there is a place for that: on a disk it takes twice the time. A socket's path may not be long.
        let memory = Path::new(MEMORY);
        let place = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        let folder = place.join(format!("stagelight-engine-{}", process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let log = File::create(folder.join("log")).context("its log cannot be written")?;
        let dockerd = engine.program("dockerd");
        // It ends with this program, whatever ends that.
        let mut command = match find("setpriv") {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "TERM"]).arg(dockerd);
                command
            }
            None => Command::new(dockerd),
        };
        let in_folder = |name: &str| folder.join(name).into_os_string();
        let bounds = Bounds::new(&folder.join("root"));
        if let Some(group) = bounds.group() {
            command.arg("--cgroup-parent").arg(group);
        }
        command.arg("--data-root").arg(in_folder("root")).arg("--exec-root").arg(in_folder("exec"));
        command.arg("--pidfile").arg(in_folder("pid")).arg("--config-file").arg(in_folder("settings"));
        command.arg("--host").arg(format!("unix://{}", folder.join("socket").display()));
        command.args(["--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]);
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(std::iter::once(engine.programs()).chain(env::split_paths(&inherited)))
            .context("the cache folder's name holds a colon")?;
        command.env("PATH", path).stdin(Stdio::null()).stderr(log).stdout(Stdio::null());
        fs::write(folder.join("settings"), SETTINGS).context("its settings cannot be written")?;
        let child = command.spawn().context("dockerd cannot be started")?;
        let mut running = Running { folder, child, bounds };
        running.wait(engine)?;
        Ok(running)
    }

    /// A folder of its own, removed behind it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.join("socket").display())
    }

    /// Waits until it answers.
    fn wait(&mut self, engine: &Engine) -> Result<()> {
        let start = Instant::now();
        loop {
            if succeeds(
                Command::new(engine.program("docker")).arg("version").env("DOCKER_HOST", self.address()),
            ) {
                return Ok(());
            }
            let has_ended = self.child.try_wait().context("dockerd is lost")?.is_some();
            if has_ended || start.elapsed() > PATIENCE {
                bail!("dockerd does not start here: {}", last_line(&self.folder.join("log")));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        succeeds(Command::new("kill").arg(self.child.id().to_string()));
        let start = Instant::now();
        while start.elapsed() < PATIENCE && !matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
            thread::sleep(Duration::from_millis(50));
        }
        self.child.kill().ok();
        self.child.wait().ok();
        self.bounds.lift();
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
}
