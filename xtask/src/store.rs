//! `cargo xtask store`: the tests of the server once more, on PostgreSQL in place of SQLite.
//!
//! The database is started for this alone, in memory, and is removed behind it; `STAGELIGHT_POSTGRES` names another one.
//! It refuses to run as root, so root runs it as the user `nobody`. Where none can be had, a line says why and how many
//! tests that leaves out, and that is no failure.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    process::{answer, find, run as run_command},
    tools::{Postgres, libraries},
};

/// The address of a database, for the tests.
const ADDRESS: &str = "STAGELIGHT_POSTGRES";
/// Files in memory.
const MEMORY: &str = "/dev/shm";
/// So long it may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing that has to outlast the machine, and no queries to compile.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "jit=off",
    "shared_buffers=16MB",
    "max_connections=100",
];

pub(crate) fn run() -> Result<()> {
    let test = || {
        let mut command = Command::new("cargo");
        command.args(["test", "--quiet", "--package", "server", "--test", "it"]);
        command
    };
    if env::var_os(ADDRESS).is_some() {
        return run_command(&mut test());
    }
    match Postgres::prepare().and_then(|postgres| Running::start(&postgres)) {
        Ok(running) => run_command(test().env(ADDRESS, running.address())),
        Err(why) => {
            let list = answer(test().args(["--", "--list"]))?;
            let n = list.lines().filter(|line| line.ends_with(": test")).count();
            println!("{n} tests of the server are skipped on PostgreSQL, because {why:#}");
            Ok(())
        }
    }
}

/// A database that runs, until this is dropped.
struct Running {
    folder: PathBuf,
    child: Child,
}

impl Running {
    fn start(postgres: &Postgres) -> Result<Running> {
        let user = User::find()?;
        let memory = Path::new(MEMORY);
        let place = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        let folder = place.join(format!("stagelight-postgres-{}", process::id()));
        let running = Running::start_in(&folder, &user, postgres);
        if running.is_err() {
            fs::remove_dir_all(&folder).ok();
        }
        running
    }

    fn start_in(folder: &Path, user: &User, postgres: &Postgres) -> Result<Running> {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        user.give(folder)?;
        // Another user may not enter the cache.
        let files = folder.join("files");
        run_command(Command::new("cp").arg("-R").arg(postgres.files()).arg(&files))?;
        let programs = files.join(postgres.programs());
        let path = env::join_paths(libraries(&files)).context("a folder's name holds a colon")?;
        let command = |program: &str| {
            let mut command = user.command(&programs.join(program), &path);
            command.current_dir(folder).stdin(Stdio::null());
            command
        };
        let data = folder.join("data");
        let mut make = command("initdb");
        make.arg("--pgdata").arg(&data).args(["--username", "stagelight", "--auth", "trust"]);
        let made = make.args(["--no-sync", "--encoding", "UTF8", "--locale", "C"]).output();
        let made = made.context("initdb cannot be started")?;
        ensure!(made.status.success(), "initdb fails: {}", last_line(&String::from_utf8_lossy(&made.stderr)));
        let mut serve = command("postgres");
        serve.arg("-D").arg(&data).arg("-k").arg(folder);
        serve.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let log = fs::File::create(folder.join("log")).context("its log cannot be written")?;
        let child = serve.stdout(Stdio::null()).stderr(log).spawn().context("postgres cannot be started")?;
        let mut running = Running { folder: folder.to_owned(), child };
        running.wait()?;
        Ok(running)
    }

    /// Its socket is in the folder.
    fn address(&self) -> String {
        let folder = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://stagelight@{folder}/postgres")
    }

    /// Waits until it takes connections, which the last line of this file says.
    fn wait(&mut self) -> Result<()> {
        let start = Instant::now();
        loop {
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if state.trim_end().ends_with("ready") {
                return Ok(());
            }
            let has_ended = self.child.try_wait().context("postgres is lost")?.is_some();
            if has_ended || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("postgres does not start here: {}", last_line(&log));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It ends at once, and takes the processes of its connections along.
        Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status().ok();
        self.child.wait().ok();
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Who runs it.
enum User {
    /// Who runs this.
    Own,
    /// By `setpriv`, and the numbers of user and group.
    Nobody { setpriv: PathBuf, user: u32, group: u32 },
}

impl User {
    fn find() -> Result<User> {
        let number = |args: &[&str]| -> Result<u32> {
            answer(Command::new("id").args(args))?.trim().parse().context("`id` says no number")
        };
        if number(&["-u"])? != 0 {
            return Ok(User::Own);
        }
        let setpriv = find("setpriv").context("root may not run it, and there is no setpriv")?;
        Ok(User::Nobody { setpriv, user: number(&["-u", "nobody"])?, group: number(&["-g", "nobody"])? })
    }

    fn give(&self, folder: &Path) -> Result<()> {
        match self {
            User::Own => Ok(()),
            User::Nobody { user, group, .. } => chown(folder, Some(*user), Some(*group))
                .with_context(|| format!("{} cannot be given away", folder.display())),
        }
    }

    /// It ends with this program, whatever ends that.
    fn command(&self, program: &Path, libraries: &OsString) -> Command {
        let mut command = match self {
            User::Own => Command::new(program),
            User::Nobody { setpriv, user, group } => {
                let mut command = Command::new(setpriv);
                command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
                command.args(["--clear-groups", "--pdeathsig", "QUIT"]).arg(program);
                command
            }
        };
        command.env("LD_LIBRARY_PATH", libraries).env("LC_ALL", "C").env("TZ", "UTC");
        command
    }
}

fn last_line(text: &str) -> &str {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing")
}
