//! Roughly what a RUN adds that installs packages with apt or apk.
//!
//! Only commands whose effect is common knowledge are taken apart; any other leaves the upper bound open. The lower
//! bound is that of the largest package: packages share what they depend on, and may be there already.
//! Surprising: the lists that `apt-get update` fetches stay in the layer unless the same RUN removes them.

use std::borrow::Cow;

use super::base_card::tenths;
use super::size_range::SizeRange;
use crate::stages::Ran;
use crate::stages::mount::{Mount, MountType};

const TABLE: &str = include_str!("../../data/packages.tsv");

/// The tenth part of a megabyte, in which the table's sizes are read.
const TENTH: u64 = 100_000;

/// Where updates put what they fetch.
const FETCHED: [&str; 2] = ["/var/lib/apt", "/var/cache/apk"];

/// What `apt-get update` fetches.
const APT_LISTS: SizeRange = SizeRange { low: 10_000_000, high: Some(70_000_000) };

/// What `apk update` fetches.
const APK_INDEX: SizeRange = SizeRange { low: 1_000_000, high: Some(5_000_000) };

/// What a RUN with installations adds.
pub(super) struct Installed {
    pub(super) size: SizeRange,
    pub(super) why: String,
}

/// What a RUN adds on an image that has its system and little more (`is_plain`) or on another; `None` if it installs
/// nothing that is known here.
pub(super) fn installed(ran: &Ran, is_plain: bool) -> Option<Installed> {
    let mut found = Found::default();
    match ran.line.arguments.as_slice() {
        [shell, option, script] if option.ends_with('c') && shell.ends_with("sh") => found.script(script),
        words => found.command(&words.iter().map(Cow::as_ref).collect::<Vec<_>>()),
    }
    let is_elsewhere = |mount: &Mount| {
        matches!(mount.kind, MountType::Cache | MountType::Tmpfs)
            && FETCHED.iter().any(|it| mount.target.starts_with(it))
    };
    if ran.mounts.iter().any(is_elsewhere) {
        found.fetched = None;
    }
    found.result(is_plain)
}

/// What the commands of a RUN do.
#[derive(Default)]
struct Found<'s> {
    /// The packages of the table, with their sizes.
    known: Vec<(&'s str, SizeRange)>,
    /// What was fetched beside packages.
    fetched: Option<SizeRange>,
    /// Whether files are removed.
    removes_files: bool,
    /// Why nobody knows how much it is at most.
    open: Option<String>,
    /// Whether nobody knows either how much it is at least.
    is_unsure: bool,
}

impl<'s> Found<'s> {
    fn script(&mut self, script: &'s str) {
        // Whatever needs a real shell to be understood is not taken apart.
        if script.contains(['`', '$', '|', '>', '<', '(', '{', '"', '\'', '\\']) {
            self.open("what else the script does is not known");
            self.is_unsure = true;
        }
        for command in script.split(['\n', ';', '&']) {
            let words: Vec<&str> = command.split_whitespace().collect();
            self.command(&words);
        }
    }

    fn command(&mut self, words: &[&'s str]) {
        let words = words.strip_prefix(&["sudo"]).unwrap_or(words);
        let Some((&program, options)) = words.split_first() else { return };
        let at = options.iter().position(|word| !word.starts_with('-')).unwrap_or(options.len());
        let subcommand = options.get(at).copied().unwrap_or_default();
        let arguments =
            options.iter().copied().enumerate().filter(|(idx, _)| *idx != at).map(|(_, word)| word);
        match (program, subcommand) {
            ("apt-get" | "apt", "install") => self.install("apt", arguments),
            ("apk", "add") => self.install("apk", arguments),
            ("apt-get" | "apt", "update") => self.fetched = Some(APT_LISTS),
            ("apk", "update") => self.fetched = Some(APK_INDEX),
            ("apt-get" | "apt", "remove" | "purge" | "autoremove" | "autopurge") | ("apk", "del") => {
                self.open("some is removed again");
                self.is_unsure = true;
            }
            ("apt-get" | "apt", "clean" | "autoclean") => {}
            ("rm", _) => {
                self.removes_files = true;
                if words.iter().any(|word| FETCHED.iter().any(|it| word.starts_with(it))) {
                    self.fetched = None;
                }
            }
            ("set" | "cd" | "true" | ":" | "echo", _) => {}
            (program, _) => self.open(&format!("what {program} leaves is not known")),
        }
    }

    fn install(&mut self, manager: &str, mut words: impl Iterator<Item = &'s str>) {
        let mut recommends = manager == "apt";
        while let Some(word) = words.next() {
            match word {
                "--no-install-recommends" => recommends = false,
                // These have a value.
                "-t" | "--virtual" | "--repository" | "-X" | "-o" | "--target-release" => {
                    words.next();
                }
                option if option.starts_with('-') => {}
                name => {
                    // Without a version, an architecture, a repository.
                    let name = name.split(['=', '~', '<', '>', ':', '@', '/']).next().unwrap_or(name);
                    match package(manager, name) {
                        Some(size) => self.known.push((name, size)),
                        None => self.open(&format!("the size of {name} is not known")),
                    }
                }
            }
        }
        if recommends {
            self.open("recommended packages come along");
        }
    }

    /// Keeps the first reason.
    fn open(&mut self, why: &str) {
        self.open.get_or_insert_with(|| why.to_owned());
    }

    fn result(self, is_plain: bool) -> Option<Installed> {
        let nothing = SizeRange::exactly(0);
        let fetched = self.fetched.unwrap_or(nothing);
        let mut whys = Vec::new();
        if !self.known.is_empty() {
            let mut names: Vec<&str> = self.known.iter().map(|(name, _)| *name).take(MAX_NAMES).collect();
            if self.known.len() > MAX_NAMES {
                names.push("and more");
            }
            whys.push(format!("packages as remembered, about 2025-01: {}", names.join(", ")));
        }
        if self.fetched.is_some() {
            whys.push("what the update fetches stays in the layer".to_owned());
        }
        if whys.is_empty() {
            if !self.removes_files || self.open.is_some() {
                return None;
            }
            whys.push("what it removes stays in the layers below".to_owned());
        }
        let most = self.known.iter().fold(fetched, |acc, (_, size)| acc.and(*size)).high;
        let largest = self.known.iter().map(|(_, size)| size.low).max().filter(|_| is_plain).unwrap_or(0);
        let low = if self.is_unsure { 0 } else { largest.saturating_add(fetched.low) };
        let high = most.filter(|_| self.open.is_none());
        whys.extend(self.open);
        let mut why = whys.join("; ");
        why[..1].make_ascii_uppercase();
        Some(Installed { size: SizeRange { low, high }, why })
    }
}

/// How many packages are named.
const MAX_NAMES: usize = 5;

/// What a package adds.
fn package(manager: &str, name: &str) -> Option<SizeRange> {
    let mut rows = TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t'));
    let size = rows.find_map(|mut columns| {
        let is_it = columns.next()? == manager && columns.next()?.split(',').any(|it| it == name);
        columns.next().filter(|_| is_it)
    })?;
    let (low, high) = size.split_once('-')?;
    Some(SizeRange::between(tenths(low)? * TENTH, tenths(high)? * TENTH))
}
