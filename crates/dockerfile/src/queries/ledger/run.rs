//! RUN: what its commands likely make, and whether they may write anything else.
//!
//! Surprising: what is written below the target of a mount never gets into the image, be it a cache, a directory in
//! memory, or a bind mount that can be written to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::copy::{read, rooted};
use super::facts::{Book, Does, Evidence, Fact, Opaque, Read, ShellCommand};
use super::names::is_in;
use super::paths;
use super::shell::{self, Scope, Word};
use super::tools::{self, Deed, Reads, VIRTUAL};
use super::{At, Certainty, How, Package, Place, Shape};
use crate::stages::mount::MountType;
use crate::stages::{EdgeKind, Node, Ran, join_path};

/// Paths that one command is said to read.
const MAX_READS: usize = 24;

/// A mount as the command sees it.
struct Mounted {
    kind: &'static str,
    target: String,
    /// What is in it from the start.
    from: Option<(Place, String)>,
}

impl Book<'_> {
    pub(super) fn run(&mut self, at: At, ran: &Ran, next_edge: &mut usize) {
        let mounts = self.mounts(at, ran, next_edge);
        let mut scope = Scope::new(Rc::clone(&self.stages[at.stage.0].env), &ran.workdir, home(ran));
        let before = self.stages[at.stage.0].facts.len();
        let mut opaque: Option<Opaque> = None;
        commands(ran, &mut scope, &mut |_, deeds, text, cwd| {
            let is_opaque = |deed: &Deed| matches!(deed, Deed::Anything);
            let is_system = !deeds.iter().any(is_opaque);
            if deeds.iter().any(|deed| is_opaque(deed) || matches!(deed, Deed::System))
                && opaque.as_ref().is_none_or(|known| known.is_system && !is_system)
            {
                let (cwd, command) = (cwd.to_owned(), text.to_owned());
                opaque = Some(Opaque { at, is_system, cwd, command, before });
            }
            self.deeds(at, deeds, text, &mounts);
        });
        let facts = &mut self.stages[at.stage.0];
        facts.opaque.extend(opaque);
        if !scope.kept.is_empty() {
            Rc::make_mut(&mut facts.env).extend(scope.kept);
        }
    }

    fn mounts(&self, at: At, ran: &Ran, next_edge: &mut usize) -> Vec<Mounted> {
        let mut mounts = Vec::new();
        for mount in &ran.mounts {
            let source = rooted(&mount.source);
            let has_files = match mount.kind {
                MountType::Bind => true,
                MountType::Cache => !mount.from.is_empty(),
                MountType::Tmpfs | MountType::Secret | MountType::Ssh => false,
            };
            let from = match has_files {
                true => self.edge(at, EdgeKind::Mount, std::slice::from_ref(&source), next_edge),
                false => None,
            };
            let place = from.map(|from| match from {
                Node::Stage(id) => Place::Stage(id),
                Node::Source(id) => Place::Source(id),
            });
            let target = match (mount.kind, mount.target.as_str()) {
                (MountType::Ssh, _) => continue,
                (MountType::Secret, "") if mount.env.is_some() => continue,
                (MountType::Secret, "") => join_path(&["/run/secrets", paths::name(&mount.id)]),
                (_, target) => {
                    join_path(&["/", if target.starts_with('/') { "" } else { &ran.workdir }, target])
                }
            };
            mounts.push(Mounted {
                kind: mount.kind.name(),
                target,
                from: place.map(|place| (place, source)),
            });
        }
        mounts
    }

    /// Writes down what one command does.
    fn deeds(&mut self, at: At, deeds: Vec<Deed>, text: &str, mounts: &[Mounted]) {
        let mut group: Option<(String, usize)> = None;
        for deed in deeds {
            match deed {
                Deed::Makes { path, shape, reads } => {
                    let reads = self.reads(at, reads, mounts);
                    self.makes(at, path, shape, reads, text, mounts);
                }
                Deed::Copies { sources, destination, is_move, is_tree } => {
                    for source in sources.iter().take(MAX_READS) {
                        self.copies(at, source, &destination, is_tree, text, mounts);
                        if is_move {
                            self.note(at, source.clone(), Does::Removes, text, mounts);
                        }
                    }
                }
                Deed::Changes { path, is_tree } => self.note(at, path, Does::Changes(is_tree), text, mounts),
                Deed::Removes { path } => self.note(at, path, Does::Removes, text, mounts),
                Deed::Installs { manager: VIRTUAL, name, .. } => {
                    group = Some((name, self.stages[at.stage.0].packages.len()));
                }
                Deed::Installs { manager, name, version } => {
                    let facts = &mut self.stages[at.stage.0];
                    facts.by_name.insert(name.clone(), facts.packages.len());
                    facts.packages.push(Package { manager, name, version, at, removed_by: None });
                }
                Deed::Uninstalls { manager, name } => self.uninstall(at, manager, &name),
                Deed::System | Deed::Anything => {}
            }
        }
        if let Some((name, start)) = group {
            let facts = &mut self.stages[at.stage.0];
            facts.virtuals.insert(name, (start, facts.packages.len()));
        }
    }

    fn makes(
        &mut self,
        at: At,
        path: String,
        shape: Shape,
        reads: Vec<Read>,
        text: &str,
        mounts: &[Mounted],
    ) {
        let is_touched = text.starts_with("touch ")
            && self.evidence(at.stage, &path, Shape::File, usize::MAX) == Some(Evidence::Exact);
        if is_touched {
            return self.note(at, path, Does::Changes(false), text, mounts);
        }
        let how = How::Run { command: text.to_owned() };
        let fact = Fact { reads, ..Fact::new(at, path, shape, how, Certainty::Likely) };
        self.push(match mounts.iter().rev().find(|mount| is_in(&mount.target, &fact.path)) {
            None => fact,
            Some(mount) => {
                let how = How::Mount { command: text.to_owned() };
                Fact { does: Does::Loses(mount.kind, mount.target.clone()), how, ..fact }
            }
        });
    }

    fn note(&mut self, at: At, path: String, does: Does, text: &str, mounts: &[Mounted]) {
        if mounts.iter().any(|mount| is_in(&mount.target, &path)) {
            return;
        }
        let how = How::Run { command: text.to_owned() };
        self.push(Fact { does, ..Fact::new(at, path, Shape::Either, how, Certainty::Likely) });
    }

    fn copies(
        &mut self,
        at: At,
        source: &str,
        destination: &str,
        is_tree: bool,
        text: &str,
        mounts: &[Mounted],
    ) {
        let (source, is_contents) = match source.strip_suffix("/.") {
            Some("") => ("/", true),
            Some(source) => (source, true),
            None => (source, false),
        };
        let read = self.read(at, source, mounts);
        let shape = read.as_ref().map_or(super::names::shape(source), |read| read.shape);
        let reads: Vec<Read> = read.map(|read| Read { is_copy: true, ..read }).into_iter().collect();
        let is_inside = destination.ends_with('/') || self.is_directory(at.stage, destination).is_some();
        let path = match is_inside && !is_contents {
            true => join_path(&[destination, paths::name(source)]),
            false => join_path(&["/", destination]),
        };
        let shape = match (shape, is_tree) {
            (Shape::Tree | Shape::Directory, _) => Shape::Tree,
            (_, false) | (Shape::File, _) => Shape::File,
            (Shape::Either | Shape::Pattern, true) => Shape::Either,
        };
        self.makes(at, path, shape, reads, text, mounts);
    }

    /// A path as a command reads it: from the stage so far, or from a mount. What is in a cache or a secret comes from
    /// outside, unless the RUN itself has made it.
    fn read(&self, at: At, path: &str, mounts: &[Mounted]) -> Option<Read> {
        let facts = &self.stages[at.stage.0];
        let read = self.read_at(Place::Stage(at.stage), path, Some(facts.facts.len()));
        let Some(mount) = mounts.iter().rev().find(|mount| is_in(&mount.target, path)) else {
            return Some(read);
        };
        if let Some((place, source)) = &mount.from {
            let path = join_path(&[source, paths::below(&mount.target, path)]);
            return Some(Read { is_mount: true, ..self.read_at(*place, &path, None) });
        }
        let around = facts.tree.around(path, true, usize::MAX);
        let is_own =
            around.iter().any(|fact| facts.facts[*fact].at == at && facts.facts[*fact].concerns(path));
        is_own.then_some(read)
    }

    fn read_at(&self, place: Place, path: &str, before: Option<usize>) -> Read {
        let shape = match place {
            Place::Stage(id) => self.shape(id, path, before.unwrap_or(usize::MAX)),
            Place::Source(_) | Place::Heredoc(_) => super::names::shape(path),
        };
        Read { before, ..read(place, path, shape) }
    }

    fn reads(&self, at: At, reads: Reads, mounts: &[Mounted]) -> Vec<Read> {
        match reads {
            Reads::Nothing => Vec::new(),
            Reads::Paths(paths) => {
                paths.iter().take(MAX_READS).filter_map(|path| self.read(at, path, mounts)).collect()
            }
            Reads::Directory(path) => {
                let before = self.stages[at.stage.0].facts.len();
                let mut found = Vec::new();
                let is_known = self.lineage(at.stage).any(|id| {
                    let before = if id == at.stage { before } else { usize::MAX };
                    self.evidence(id, &path, Shape::Tree, before).is_some()
                });
                if is_known {
                    let place = Place::Stage(at.stage);
                    found.push(Read { before: Some(before), ..read(place, &path, Shape::Tree) });
                }
                for mount in mounts.iter().take(MAX_READS) {
                    let Some((place, source)) = &mount.from else { continue };
                    let source = match (is_in(&path, &mount.target), is_in(&mount.target, &path)) {
                        (true, _) => source.clone(),
                        (false, true) => join_path(&[source, paths::below(&mount.target, &path)]),
                        (false, false) => continue,
                    };
                    found.push(Read { is_mount: true, ..self.read_at(*place, &source, None) });
                }
                found
            }
        }
    }

    fn uninstall(&mut self, at: At, manager: &str, name: &str) {
        let facts = &mut self.stages[at.stage.0];
        if let Some((start, end)) = facts.virtuals.remove(name) {
            for package in facts.packages.iter_mut().take(end).skip(start) {
                package.removed_by = Some(at);
            }
            return;
        }
        let package = facts.by_name.get(name).and_then(|index| facts.packages.get_mut(*index));
        if let Some(package) = package.filter(|package| package.manager == manager) {
            package.removed_by = Some(at);
        }
    }
}

/// The commands of one RUN, read by itself; `env` is what ENV and ARG have set above it.
pub(crate) fn commands_of(ran: &Ran, env: HashMap<String, String>) -> Vec<ShellCommand> {
    let mut scope = Scope::new(Rc::new(env), &ran.workdir, home(ran));
    let mut told = Vec::new();
    commands(ran, &mut scope, &mut |words, deeds, _, cwd| {
        let words = words.iter().map(|word| word.text.clone()).collect();
        told.push(ShellCommand { words, cwd: cwd.to_owned(), deeds });
    });
    told
}

/// The home directory of whom a RUN runs as, if that is a name.
fn home(ran: &Ran) -> Option<String> {
    match ran.user.split(':').next().unwrap_or_default() {
        "" | "root" | "0" => Some("/root".to_owned()),
        user if user.starts_with(|it: char| it.is_ascii_alphabetic()) => Some(format!("/home/{user}")),
        _ => None,
    }
}

/// Takes a command: its words, what it does, how it reads, and where it runs.
type Each<'e> = dyn FnMut(&[Word], Vec<Deed>, &str, &str) + 'e;

/// Goes through the commands of a RUN: what each does, how it reads, and where it runs.
fn commands(ran: &Ran, scope: &mut Scope, each: &mut Each<'_>) {
    let mut on = |simple: &shell::Simple, scope: &mut Scope| {
        let cwd = scope.cwd.clone().unwrap_or_default();
        each(&simple.words, tools::deeds(simple, scope), &simple.text, &cwd);
    };
    if let Some(script) = &ran.script {
        let first = script.data.lines().next().unwrap_or_default();
        let program = first
            .trim_start_matches("#!")
            .split_whitespace()
            .find(|it| !it.ends_with("/env"))
            .unwrap_or_default();
        if shell::is_shell(program) {
            return shell::read(&script.data, scope, &mut on);
        }
        return each(&[], vec![Deed::Anything], &shell::shown(first), "");
    }
    let Some((program, rest)) = ran.line.arguments.split_first() else { return };
    let is_windows = matches!(
        paths::name(program),
        "cmd" | "powershell" | "pwsh" | "cmd.exe" | "powershell.exe" | "pwsh.exe"
    );
    match shell::script_of(rest.iter().map(Cow::as_ref)) {
        Some(script) if shell::is_shell(program) => shell::read(script, scope, &mut on),
        _ if is_windows || program.contains('\\') => {
            each(&[], vec![Deed::Anything], &shell::shown(rest.last().map_or("", Cow::as_ref)), "");
        }
        _ => shell::run(ran.line.arguments.iter().map(|it| Word::plain(it)).collect(), scope, &mut on),
    }
}
