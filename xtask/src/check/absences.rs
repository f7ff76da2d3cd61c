//! What must stay absent, so that the structure of ARCHITECTURE.md stays true.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::process;

/// Words that name the browser, and the only folders of the application that may use them.
const BROWSER_WORDS: [&str; 3] = ["web_sys", "gloo", "wasm_bindgen"];
const BROWSER_FOLDERS: [&str; 2] = ["src/browser/", "src/editor/"];

/// Servers of packages: each user's own settings name them, never a file here. Written in two parts, since this
/// file is looked at too.
const REGISTRIES: [&str; 7] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("static.", "rust-lang.org"),
    concat!("registry.", "npmjs.org"),
    concat!("deb.", "debian.org"),
    concat!("security.", "debian.org"),
    concat!("files.", "pythonhosted.org"),
];

/// Dockerfiles from elsewhere: data, in which any path and any server may occur.
const DATA_FOLDERS: [&str; 3] = ["examples/", "test_data/", "corpus/"];

/// Crates that have no place in what everyone downloads: a runtime for servers, one that alone doubles it, the readers
/// of YAML and HCL, which are in a module of their own (crates/compose) that few need, and what describes the API.
const NOT_FOR_WASM: [&str; 5] = ["tokio", "regex", "saphyr-parser", "hcl-edit", "utoipa"];

/// A file that is, or is about to be, committed.
struct SourceFile<'a> {
    path: &'a str,
    text: &'a str,
}

pub(super) fn in_files() -> Result<()> {
    let listed = process::answer(Command::new("git").args(["ls-files", "-co", "--exclude-standard", "-z"]))?;
    let own_folder = env::current_dir().context("There is no current folder")?;
    let mut complaints = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // Fonts and pictures are not text; a file deleted but not yet committed is not there.
        let Ok(text) = fs::read_to_string(path) else { continue };
        complain(&SourceFile { path, text: &text }, &own_folder, &mut complaints);
    }
    if complaints.is_empty() { Ok(()) } else { bail!("{}", complaints.join("\n")) }
}

pub(super) fn among_dependencies() -> Result<()> {
    let core = tree(&["-p", "dockerfile", "-e", "normal"])?;
    if let Some(first) = core.lines().nth(1) {
        bail!("crates/dockerfile/Cargo.toml: the core depends on nothing; remove {first}");
    }
    let app = tree(&["-p", "stagelight-web", "-e", "normal", "--target", "wasm32-unknown-unknown"])?;
    for name in NOT_FOR_WASM {
        if app.lines().any(|line| line.split(' ').next() == Some(name)) {
            bail!(
                "Cargo.toml: {name} has come into the WASM; `cargo tree -p stagelight-web -e normal --target \
                 wasm32-unknown-unknown -i {name}` says by which dependency, which has to go"
            );
        }
    }
    Ok(())
}

fn tree(args: &[&str]) -> Result<String> {
    process::answer(Command::new("cargo").args(["tree", "--quiet", "--prefix", "none"]).args(args))
}

fn complain(file: &SourceFile<'_>, own_folder: &Path, acc: &mut Vec<String>) {
    if is_rust_code(file.path) {
        lacks_introduction(file, acc);
        touches_browser(file, acc);
    }
    if file.path.ends_with("/utils.rs") {
        acc.push(format!("{}: a file is named after its idea; call it what it does", file.path));
    }
    if file.path.ends_with("package-lock.json") {
        let what = "the lock file names a download address; run `npm install` with the project's .npmrc";
        each_line_with(file, "\"resolved\":", what, acc);
    }
    // Cargo writes the name of its registry into its lock file itself.
    if file.path != "Cargo.lock" && !DATA_FOLDERS.iter().any(|folder| file.path.contains(folder)) {
        for host in REGISTRIES {
            each_line_with(
                file,
                host,
                "a server of packages is named; leave it to each user's settings",
                acc,
            );
        }
        let own_folder = own_folder.to_string_lossy();
        // A folder right under the root has too common a name to look for.
        if own_folder.matches('/').count() > 1 {
            let what = "a path of this machine; write it relative to the project";
            each_line_with(file, &own_folder, what, acc);
        }
    }
}

fn is_rust_code(path: &str) -> bool {
    path.ends_with(".rs") && !DATA_FOLDERS.iter().any(|folder| path.contains(folder))
}

fn lacks_introduction(file: &SourceFile<'_>, acc: &mut Vec<String>) {
    if !file.text.starts_with("//!") {
        acc.push(format!("{}:1: begin the file with a `//!` sentence on what lives in it", file.path));
    }
}

fn touches_browser(file: &SourceFile<'_>, acc: &mut Vec<String>) {
    if !file.path.starts_with("src/") || BROWSER_FOLDERS.iter().any(|folder| file.path.starts_with(folder)) {
        return;
    }
    for (idx, line) in file.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or(line);
        if let Some(word) = BROWSER_WORDS.iter().find(|word| has_word(code, word)) {
            let (path, number) = (file.path, idx + 1);
            acc.push(format!(
                "{path}:{number}: `{word}` belongs under src/browser/ or src/editor/; call it there"
            ));
        }
    }
}

/// `gloo` is in `gloo::timers` and `gloo_timers`, but not in `igloo`.
fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|it| it.is_alphanumeric() || it == '_')
    })
}

fn each_line_with(file: &SourceFile<'_>, text: &str, what: &str, acc: &mut Vec<String>) {
    for (idx, line) in file.text.lines().enumerate() {
        if line.contains(text) {
            acc.push(format!("{}:{}: {what}", file.path, idx + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        complain(&SourceFile { path, text }, Path::new("/some/checkout"), &mut complaints);
        complaints
    }

    #[test]
    fn the_browser_is_for_two_folders() {
        let text = "//! State.\nuse gloo::timers::callback::Timeout;\n";
        assert_eq!(
            check("src/state.rs", text),
            ["src/state.rs:2: `gloo` belongs under src/browser/ or src/editor/; call it there"]
        );
        assert_eq!(check("src/browser/clock.rs", text).len(), 0);
        assert_eq!(check("crates/server/src/lib.rs", text).len(), 0);
    }

    #[test]
    fn comments_and_other_words_may_name_the_browser() {
        let text = "//! No web_sys here.\n// Nor gloo.\nlet igloo = 1; // wasm_bindgen\n";
        assert_eq!(check("src/state.rs", text).len(), 0);
    }

    #[test]
    fn every_module_says_what_it_is() {
        assert_eq!(
            check("crates/dockerfile/src/cut.rs", "use std::fmt;\n"),
            ["crates/dockerfile/src/cut.rs:1: begin the file with a `//!` sentence on what lives in it"]
        );
        assert_eq!(check("crates/dockerfile/test_data/odd.rs", "use std::fmt;\n").len(), 0);
    }

    #[test]
    fn nothing_is_called_utils() {
        assert_eq!(
            check("src/utils.rs", "//! Things.\n"),
            ["src/utils.rs: a file is named after its idea; call it what it does"]
        );
    }

    #[test]
    fn lock_files_name_no_server() {
        let line = "  \"resolved\": \"https://somewhere/a.tgz\",\n";
        assert_eq!(check("package-lock.json", line).len(), 1);
        assert_eq!(check("www/other.json", line).len(), 0);
    }

    #[test]
    fn servers_and_own_paths_are_found_outside_data() {
        for text in [format!("see {}", REGISTRIES[0]), "cd /some/checkout/src".to_owned()] {
            assert_eq!(check("README.md", &text).len(), 1, "{text}");
            assert_eq!(check("examples/odd.dockerfile", &text).len(), 0, "{text}");
        }
    }
}
