//! The commands from outside: files and arguments in; what they print and their exit codes out.

mod builds;
mod check;
mod context;
mod graph;
mod inspect;
mod lessons;
mod link;
mod multi_stage;
#[cfg(feature = "serve")]
mod serve;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("stagelight-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Folder {
        fs::write(self.0.join(name), content).unwrap();
        self
    }

    /// Runs `stagelight inspect` in the folder.
    fn inspect(&self, args: &[&str]) -> Output {
        command(&self.0, "inspect", args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs `stagelight check` in the folder.
    fn check(&self, args: &[&str]) -> Output {
        command(&self.0, "check", args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs `stagelight context` in the folder.
    fn context(&self, args: &[&str]) -> Output {
        command(&self.0, "context", args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs `stagelight builds` in the folder.
    fn builds(&self, args: &[&str]) -> Output {
        command(&self.0, "builds", args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs `stagelight graph` in the folder.
    fn graph(&self, args: &[&str]) -> Output {
        command(&self.0, "graph", args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs `stagelight multi-stage` in the folder.
    fn multi_stage(&self, args: &[&str]) -> Output {
        command(&self.0, "multi-stage", args).stdin(Stdio::null()).output().unwrap()
    }

    /// The facts of each file, and the exit code.
    fn facts(&self, args: &[&str]) -> (Vec<Value>, i32) {
        let output = self.inspect(&[&["--format", "jsonl"], args].concat());
        let rows = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (rows, output.status.code().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn command(folder: &Path, name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagelight"));
    command.current_dir(folder).arg(name).args(args);
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Whether everything in `part` is in `whole` too; lists have to be of one length.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(part, whole)| is_part(part, whole))
        }
        (part, whole) => part == whole,
    }
}
