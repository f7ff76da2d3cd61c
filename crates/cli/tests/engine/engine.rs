//! An engine that builds, driven by its docker program.
//!
//! What became of a step is read from `--progress=rawjson`; engines before 23 know `plain` alone.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::Steps;
use crate::case::Case;

/// The images that the cases start from.
const IMAGES: [&str; 2] = ["base", "other"];

/// What the busybox of the images is called by.
const PROGRAMS: &str = "sh cat cp echo mkdir ls test printf date true env rm";

pub(crate) struct Engine {
    docker: PathBuf,
    /// By itself it is much quicker than by way of the docker program.
    buildx: Option<PathBuf>,
    busybox: PathBuf,
    pub(crate) version: String,
    pub(crate) major: u32,
}

impl Engine {
    /// That of `STAGELIGHT_DOCKER`, with its images made.
    pub(crate) fn of_environment() -> Option<Engine> {
        let docker: PathBuf = std::env::var_os("STAGELIGHT_DOCKER")?.into();
        let busybox =
            std::env::var_os("STAGELIGHT_BUSYBOX").expect("STAGELIGHT_BUSYBOX says where busybox is").into();
        let buildx = std::env::var_os("STAGELIGHT_BUILDX").map(PathBuf::from);
        let mut engine = Engine { docker, buildx, busybox, version: String::new(), major: 0 };
        let version =
            engine.docker(&["version", "--format", "{{.Server.Version}}"]).expect("the engine answers");
        engine.version = version.trim().to_owned();
        engine.major = engine.version.split('.').next().and_then(|it| it.parse().ok()).expect("a version");
        for image in IMAGES {
            engine
                .import(&format!("{image}:original"), image, &[], false)
                .expect("the engine takes an image");
        }
        engine.restore_images().expect("the engine names images");
        Some(engine)
    }

    /// Forgets whatever was built.
    pub(crate) fn forget(&self) {
        let mut command = self.builder("builder");
        said(command.args(["prune", "--all", "--force"])).expect("the engine forgets");
    }

    pub(crate) fn restore_images(&self) -> Result<(), String> {
        IMAGES.iter().try_for_each(|image| {
            self.docker(&["tag", &format!("{image}:original"), &format!("{image}:latest")]).map(drop)
        })
    }

    /// Lets the name of an image stand for another one: with another file at `paths`, or with another label alone.
    pub(crate) fn move_image(&self, image: &str, paths: &[String]) -> Result<(), String> {
        match paths {
            [] => self.import(image, image, &["/etc/version".to_owned()], false),
            [only] if only == "config" => self.import(image, image, &[], true),
            paths => self.import(image, image, paths, false),
        }
    }

    /// Makes an image of busybox.
    fn import(&self, tag: &str, image: &str, changed: &[String], has_label: bool) -> Result<(), String> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-image");
        let fail = |why: std::io::Error| format!("cannot make an image: {why}");
        if root.exists() {
            fs::remove_dir_all(&root).map_err(fail)?;
        }
        for folder in ["bin", "etc", "tmp"] {
            fs::create_dir_all(root.join(folder)).map_err(fail)?;
        }
        fs::copy(&self.busybox, root.join("bin/busybox")).map_err(fail)?;
        for program in PROGRAMS.split(' ') {
            std::os::unix::fs::symlink("busybox", root.join("bin").join(program)).map_err(fail)?;
        }
        let files = [
            ("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n"),
            ("etc/group", "root:x:0:\napp:x:1000:\n"),
            ("etc/version", image),
        ];
        for (path, text) in files {
            fs::write(root.join(path), text).map_err(fail)?;
        }
        for path in changed {
            fs::write(root.join(path.trim_start_matches('/')), "another one").map_err(fail)?;
        }
        let archive = root.with_extension("tar");
        // All is as old as it was, so that the same files are the same layer.
        let mut tar = Command::new("tar");
        tar.args(["--sort=name", "--mtime=@1", "--owner=0", "--group=0", "-cf"])
            .arg(&archive)
            .arg("-C")
            .arg(&root)
            .arg(".");
        said(&mut tar)?;
        let archive = archive.to_string_lossy();
        let label: &[&str] = if has_label { &["--change", "LABEL another=one"] } else { &[] };
        self.docker(&[&["import"], label, &[&archive, tag]].concat()).map(drop)
    }

    /// Builds, and tells which operations of instructions ran.
    pub(crate) fn build(&self, case: &Case, root: &Path, is_after: bool) -> Result<Steps, String> {
        let is_old = self.buildx.is_none();
        let mut command = self.builder("image");
        command.arg("build").env("DOCKER_BUILDKIT", "1").env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
        match is_old {
            true => command.arg("--progress=plain"),
            // Nothing is done with the image.
            false => command.args(["--progress=rawjson", "--output=type=cacheonly"]),
        };
        // RUN needs no network, and is quicker without.
        if !case.dockerfile.contains("--network") {
            command.arg("--network=none");
        }
        command.arg("--file").arg(root.join("Dockerfile"));
        for (name, value) in &case.args[usize::from(is_after)] {
            command.arg("--build-arg").arg(format!("{name}={value}"));
        }
        for (name, _) in &case.contexts {
            command.arg("--build-context").arg(format!("{name}={}", root.join(name).display()));
        }
        if !case.secrets.is_empty() {
            for entry in fs::read_dir(root.join("secrets")).map_err(|why| why.to_string())?.flatten() {
                let id = entry.file_name();
                let secret = format!("id={},src={}", id.to_string_lossy(), entry.path().display());
                command.arg("--secret").arg(secret);
            }
        }
        if let Some(target) = &case.target {
            command.arg("--target").arg(target);
        }
        command.arg(root.join("context"));
        let output = output(&mut command)?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("the build failed:\n{}", last_lines(&told)));
        }
        let mut steps = if is_old { of_plain(&told) } else { of_json(&told) };
        steps.retain(|(name, _)| is_operation(name));
        self.name(&mut steps);
        Ok(steps)
    }

    /// Builds and writes the files of the image into a folder; if the build is refused, tells why.
    pub(crate) fn export(
        &self,
        root: &Path,
        target: Option<&str>,
        to: &Path,
    ) -> Result<Option<String>, String> {
        let mut command = self.builder("image");
        command.env("DOCKER_BUILDKIT", "1").env("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
        command
            .args(["build", "--progress=plain", "--output"])
            .arg(format!("type=local,dest={}", to.display()));
        command.arg("--file").arg(root.join("Dockerfile"));
        if let Some(target) = target {
            command.arg("--target").arg(target);
        }
        let output = output(command.arg(root.join("context")))?;
        let told = String::from_utf8_lossy(&output.stderr);
        Ok((!output.status.success()).then(|| last_lines(&told)))
    }

    /// Sorts steps by their names; older engines count triggers otherwise, so that their numbers are left out.
    pub(crate) fn name(&self, steps: &mut Steps) {
        if self.major < 28 {
            for (name, _) in &mut *steps {
                let text = name.split_once("] ").map_or(name.as_str(), |(_, text)| text);
                *name = text.trim_start_matches("ONBUILD ").to_owned();
            }
        }
        steps.sort();
    }

    /// The program that builds and forgets; of an old one, the part that does.
    fn builder(&self, part: &str) -> Command {
        match &self.buildx {
            Some(buildx) => Command::new(buildx),
            None => {
                let mut command = Command::new(&self.docker);
                command.arg(part);
                command
            }
        }
    }

    fn docker(&self, args: &[&str]) -> Result<String, String> {
        said(Command::new(&self.docker).args(args))
    }
}

/// Whether a step is that of an instruction, and no image.
fn is_operation(name: &str) -> bool {
    let Some((prefix, text)) = name.strip_prefix('[').and_then(|rest| rest.split_once("] ")) else {
        return false;
    };
    prefix.contains('/') && !text.starts_with("FROM ")
}

/// Every vertex with its last state.
fn of_json(told: &str) -> Steps {
    let mut names: HashMap<String, (String, bool)> = HashMap::new();
    for status in values(told) {
        for vertex in status.get("vertexes").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| vertex.get(key).and_then(Value::as_str).unwrap_or_default();
            let is_cached = vertex.get("cached").and_then(Value::as_bool).unwrap_or_default();
            let known = names.entry(text("digest").to_owned()).or_insert_with(|| (String::new(), false));
            known.0 = text("name").to_owned();
            known.1 |= is_cached;
        }
    }
    names.into_values().map(|(name, is_cached)| (name, !is_cached)).collect()
}

/// What is told, a line each; older clients need many lines for it.
fn values(told: &str) -> impl Iterator<Item = Value> {
    let mut open = String::new();
    told.lines().filter_map(move |line| {
        if open.is_empty() && line != "{" {
            return serde_json::from_str(line).ok();
        }
        open.push_str(line);
        if line != "}" {
            return None;
        }
        serde_json::from_str(&std::mem::take(&mut open)).ok()
    })
}

/// `#7 [2/3] RUN make`, and later `#7 CACHED`.
fn of_plain(told: &str) -> Steps {
    let mut names: HashMap<&str, (String, bool)> = HashMap::new();
    for line in told.lines() {
        let Some((number, rest)) = line.strip_prefix('#').and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        if rest == "CACHED" {
            if let Some(known) = names.get_mut(number) {
                known.1 = true;
            }
        } else if is_operation(rest) {
            names.entry(number).or_insert_with(|| (rest.to_owned(), false));
        }
    }
    names.into_values().map(|(name, is_cached)| (name, !is_cached)).collect()
}

fn output(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|why| format!("cannot start {:?}: {why}", command.get_program()))
}

fn said(command: &mut Command) -> Result<String, String> {
    let output = output(command)?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(last_lines(&String::from_utf8_lossy(&output.stderr))),
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(4)..].join("\n")
}
