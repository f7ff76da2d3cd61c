//! A compiler that can build for `wasm32-unknown-unknown`.
//!
//! Three ways, in this order: the compiler in use has the standard library for it; rustup adds it; or Debian's
//! package `rustc-web` is unpacked into the cache and the library is built from its source, which needs no
//! server but Debian's. `STAGELIGHT_WASM_TOOLCHAIN=debian` goes straight to the last.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use super::{Job, apt};
use crate::{
    cache::Cache,
    process::{self, Log},
};

const TARGET: &str = "wasm32-unknown-unknown";
const TITLE: &str = "WASM standard library";
const PACKAGE: &str = "rustc-web";
const FOLDER_PREFIX: &str = "debian-rust-";
/// The project's `rust-version`, as far as it matters here: Debian also has compilers too old for it.
const OLDEST_MINOR: u32 = 95;

/// Which compiler builds for WASM.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WasmStd {
    /// The one in use anyway.
    OfToolchain,
    /// Debian's, by the path of its rustc.
    Debian(PathBuf),
}

impl WasmStd {
    /// Makes Cargo, started by the command or below it, use this compiler.
    pub(super) fn apply(&self, command: &mut Command) {
        match self {
            Self::OfToolchain => {}
            Self::Debian(rustc) => {
                command.env("RUSTC", rustc);
            }
        }
    }
}

pub(super) fn find(cache: &Cache) -> Option<WasmStd> {
    if !wants_debian() && toolchain_has_target() {
        return Some(WasmStd::OfToolchain);
    }
    // Whichever was installed last serves, as long as it is new enough.
    let (_, name) = cache
        .names()
        .into_iter()
        .filter_map(|name| Some((minor_of(name.strip_prefix(FOLDER_PREFIX)?)?, name)))
        .filter(|(minor, _)| *minor >= OLDEST_MINOR)
        .max()?;
    let compiler = Compiler::new(&cache.get(&name)?);
    compiler.link_linker().ok()?;
    Some(WasmStd::Debian(compiler.rustc()))
}

pub(super) fn missing(cache: &Cache) -> Result<Option<Job>> {
    if find(cache).is_some() {
        return Ok(None);
    }
    let has_rustup = process::find("rustup").is_some();
    if !apt::is_here() && (wants_debian() || !has_rustup) {
        bail!(
            "Rust cannot build for the browser here: install Rust by rustup and run `rustup target add {TARGET}`, \
             then run this again"
        );
    }
    let cache = cache.clone();
    let by_rustup = has_rustup && !wants_debian();
    let how = if by_rustup {
        "lets Rust build for the browser; added by rustup, or else built from Debian's packages"
    } else {
        "lets Rust build for the browser; built from Debian's packages, 1 to 2 minutes"
    };
    Ok(Some(Job::new(TITLE.to_owned(), how, move |log| {
        if by_rustup && add_by_rustup(log) { Ok(()) } else { install_debian(&cache, log) }
    })))
}

pub(super) fn is_title(title: &str) -> bool {
    title == TITLE
}

fn wants_debian() -> bool {
    env::var_os("STAGELIGHT_WASM_TOOLCHAIN").is_some_and(|value| value == "debian")
}

fn toolchain_has_target() -> bool {
    let answer =
        process::answer(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    answer.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn add_by_rustup(log: &Log) -> bool {
    // Where its server cannot be reached, rustup tries for a long time.
    let limit = Duration::from_secs(180);
    let added = log.run_within(Command::new("rustup").args(["target", "add", TARGET]), limit);
    if added.is_err() && apt::is_here() {
        println!("rustup could not add {TARGET}; taking Debian's packages instead");
    }
    added.is_ok() && toolchain_has_target()
}

fn install_debian(cache: &Cache, log: &Log) -> Result<()> {
    ensure!(apt::is_here(), "run `rustup target add {TARGET}` yourself, then this again");
    let version = apt::candidate(log, PACKAGE)?;
    let release = release_of(&version).context("Debian's rustc-web has a version of an unknown form")?;
    ensure!(
        minor_of(release).is_some_and(|minor| minor >= OLDEST_MINOR),
        "Debian's {PACKAGE} is {release} and 1.{OLDEST_MINOR} is needed: add the security suite to apt's sources"
    );
    cache.install(&folder_name(&version), |folder| {
        unpack(log, &version, release, folder)?;
        let compiler = Compiler::new(folder);
        compiler.wrap()?;
        compiler.link_linker()?;
        build_std(log, &compiler, cache)?;
        // Only the build of the library needs its source.
        fs::remove_dir_all(folder.join("usr/src")).context("Cannot remove the library's source")
    })
}

/// Fetches the packages and takes what is needed out of them. They are not installed: that would put a second
/// rustc into everyone's PATH.
fn unpack(log: &Log, version: &str, release: &str, folder: &Path) -> Result<()> {
    let minor = release.rsplit_once('.').map_or(release, |(minor, _)| minor);
    let mut packages: Vec<String> =
        [PACKAGE.to_owned(), "libstd-rust-web-dev".to_owned(), format!("libstd-rust-web-{minor}")]
            .iter()
            .chain(&["rust-web-src".to_owned()])
            .map(|name| format!("{name}={version}"))
            .collect();
    packages.push(apt::needed("libllvm", PACKAGE)?);
    let archives = folder.join("packages");
    fs::create_dir(&archives).context("Cannot make a folder for the packages")?;
    apt::download(log, &packages, &archives)?;
    for entry in fs::read_dir(&archives).context("Cannot list the packages")? {
        let archive = entry.context("Cannot list the packages")?.path();
        let is_source =
            archive.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rust-web-src"));
        if is_source {
            unpack_library_source(log, &archive, release, folder)?;
        } else {
            log.run(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(folder))?;
        }
    }
    fs::remove_dir_all(&archives).context("Cannot remove the packages")?;
    fs::remove_dir_all(folder.join("usr/share")).ok();
    Ok(())
}

/// Of the compiler's whole source, the standard library alone: a tenth of the files.
fn unpack_library_source(log: &Log, archive: &Path, release: &str, folder: &Path) -> Result<()> {
    let library = format!("./usr/src/rustc-{release}/library");
    let script = "dpkg-deb --fsys-tarfile \"$1\" | tar -x -C \"$2\" ./usr/lib/rustlib/src \"$3\"";
    log.run(Command::new("sh").args(["-c", script, "sh"]).arg(archive).arg(folder).arg(library))
}

/// Debian's compiler, unpacked somewhere.
struct Compiler {
    usr: PathBuf,
}

impl Compiler {
    fn new(folder: &Path) -> Self {
        Self { usr: folder.join("usr") }
    }

    fn rustc(&self) -> PathBuf {
        self.usr.join("bin/rustc")
    }

    fn library_folder(&self) -> PathBuf {
        self.usr.join("lib/rustlib").join(TARGET).join("lib")
    }

    /// Lets the compiler find its LLVM, which is unpacked beside it and not installed.
    fn wrap(&self) -> Result<()> {
        let program = self.usr.join("bin/rustc.unwrapped");
        fs::rename(self.rustc(), &program).context("The package has no rustc")?;
        let script = "#!/bin/sh\n\
                      # By its own place: the folder was made elsewhere and moved here when it was whole.\n\
                      usr=${0%/bin/rustc}\n\
                      for folder in \"$usr\"/lib/*-linux-gnu*; do libraries=$folder; done\n\
                      LD_LIBRARY_PATH=$libraries exec \"$usr/bin/rustc.unwrapped\" \"$@\"\n";
        fs::write(self.rustc(), script).context("Cannot write a wrapper for rustc")?;
        fs::set_permissions(self.rustc(), fs::Permissions::from_mode(0o755))
            .context("Cannot make a wrapper for rustc executable")
    }

    /// Debian has the linker for WASM in a package of its own; the one of the toolchain in use serves. It is
    /// linked anew when that toolchain was removed.
    fn link_linker(&self) -> Result<()> {
        let hosts = fs::read_dir(self.usr.join("lib/rustlib")).context("The package has no library")?;
        let names = hosts.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
        let host =
            names.into_iter().find(|name| name.contains("-linux-")).context("The package has no library")?;
        let link = self.usr.join("lib/rustlib").join(&host).join("bin/rust-lld");
        if link.exists() {
            return Ok(());
        }
        let ours = process::answer(Command::new("rustc").args(["--print", "sysroot"]))?;
        let linker = Path::new(ours.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
        ensure!(
            linker.exists(),
            "The Rust in use has no rust-lld: install Rust by rustup, then run this again"
        );
        fs::create_dir_all(link.with_file_name("")).context("Cannot make a folder for the linker")?;
        fs::remove_file(&link).ok();
        symlink(linker, link).context("Cannot link the linker")
    }
}

/// Compiles the standard library as part of an empty package, and puts the result where rustc looks.
fn build_std(log: &Log, compiler: &Compiler, cache: &Cache) -> Result<()> {
    let package = cache.build_folder("wasm-std");
    fs::create_dir_all(package.join("src")).context("Cannot make a package")?;
    let manifest = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest).context("Cannot write a package")?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n").context("Cannot write a package")?;

    let mut command = Command::new("cargo");
    command.args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    command
        .current_dir(&package)
        .env("RUSTC", compiler.rustc())
        .env("CARGO_TARGET_DIR", package.join("target"));
    // What Cargo calls unstable is to build the library; the compiler has to agree to that.
    command.env("RUSTC_BOOTSTRAP", "1");
    // Without bitcode in the library, nothing that uses it can be optimized as a whole (lto = "fat").
    command.env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("CARGO_ENCODED_RUSTFLAGS");
    log.run(&mut command)?;

    let libraries = compiler.library_folder();
    fs::create_dir_all(&libraries).context("Cannot make a folder for the library")?;
    let built = package.join("target").join(TARGET).join("release/deps");
    for entry in fs::read_dir(built).context("Cannot list the built library")? {
        let file = entry.context("Cannot list the built library")?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libnothing") {
            fs::copy(&file, libraries.join(name)).context("Cannot copy the built library")?;
        }
    }
    fs::remove_dir_all(&package).ok();
    Ok(())
}

fn folder_name(version: &str) -> String {
    format!("{FOLDER_PREFIX}{}", version.replace(|it: char| !it.is_ascii_alphanumeric() && it != '.', "-"))
}

/// Of Debian's `1.96.0+dfsg1-1~deb12u2`, the `1.96.0`.
fn release_of(version: &str) -> Option<&str> {
    let release = version.split(['+', '-', '~']).next()?;
    minor_of(release).is_some().then_some(release)
}

fn minor_of(release: &str) -> Option<u32> {
    release.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_versions_are_read() {
        assert_eq!(release_of("1.96.0+dfsg1-1~deb12u2"), Some("1.96.0"));
        assert_eq!(release_of("1.85.0-3"), Some("1.85.0"));
        assert_eq!(release_of("(none)"), None);
        assert_eq!(minor_of("1.96.0"), Some(96));
    }

    #[test]
    fn each_debian_version_has_its_own_folder() {
        assert_eq!(folder_name("1.96.0+dfsg1-1~deb12u2"), "debian-rust-1.96.0-dfsg1-1-deb12u2");
    }
}
