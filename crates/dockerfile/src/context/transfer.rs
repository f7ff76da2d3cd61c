//! What a build gets of a context, and what its instructions find there.
//!
//! Follows the filter of `fsutil`, through which the client looks at the directory: what is asked for are patterns like
//! those of `.dockerignore`, and of that goes what is not left out. Surprising: a path in a COPY is such a pattern even
//! where COPY itself sees no wildcard in it, so `!a` asks for nothing.

use std::collections::HashSet;

use super::takers::{Taker, takers};
use super::tree::Tree;
use super::{BuildContext, Selection};
use crate::ignore::Ignore;
use crate::queries::{Context, Cut};
use crate::stages::{EdgeKind, Source, SourceId, StageGraph, quote};

/// What becomes of a context in a build of one target.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// What the build asks for; `None` if it needs no such context.
    pub asked: Option<Context>,
    /// Why the build would not even begin to read it: the line of the ignore file, and BuildKit's message.
    pub refusal: Option<(u32, String)>,
    /// What becomes of each of [`BuildContext::files`], in their order.
    pub fates: Vec<Fate>,
    /// The instructions that take from it, in file order.
    pub takers: Vec<Taken>,
    ignore: Ignore,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Whether the ignore file leaves it out.
    pub ignored: bool,
    /// Whether it goes to the builder: it is asked for, and not left out.
    pub sent: bool,
    /// Whether an instruction takes it.
    pub taken: bool,
    by: Option<usize>,
}

/// An instruction, and what it gets.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The instruction.
    pub taker: Taker,
    /// What each of its sources comes to.
    pub sources: Vec<TakenSource>,
}

/// What a source comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenSource {
    /// How many files it takes.
    pub n_files: usize,
    /// How many bytes these have, as far as that is known.
    pub bytes: u64,
    /// How many of them have an unknown size.
    pub n_unknown: usize,
    /// Whether that works.
    pub outcome: Outcome,
}

/// Whether a source works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It takes files, or at least a directory; or what is not listed, where a listing is partial.
    Takes,
    /// There is nothing that its pattern fits, and BuildKit copies nothing and goes on.
    Nothing,
    /// The build fails.
    Fails {
        /// BuildKit's message; `…` stands for the name of a snapshot, which is another one each time.
        message: String,
        /// What is not there, relative to the root of the context; empty if the source cannot be read.
        path: String,
        /// The line of the ignore file, and the pattern in it, that leaves out what is there.
        ignored: Option<(u32, String)>,
    },
}

/// What becomes of a context in a build of the cut's target; `source` is where the graph has it. Nothing is known of
/// its files unless they are listed.
pub fn transfer(graph: &StageGraph, cut: &Cut, source: SourceId, context: &BuildContext) -> Transfer {
    let ignore = Ignore::parse(context.ignore.as_deref().unwrap_or_default());
    let takers = takers(graph, cut, source);
    let asked = match graph.sources.get(source.0) {
        Some(Source::Context) => cut.context.clone(),
        _ => asked_of_named(&takers),
    };
    let files = context.files.as_deref().unwrap_or_default();
    let tree = Tree::of(files);
    let mut fates = vec![Fate::default(); files.len()];
    let there = there(&tree, &ignore, asked.as_ref(), &mut fates);
    let view = View { tree: &tree, there: &there, ignore: &ignore };
    let mut found = Vec::with_capacity(takers.len());
    for taker in takers {
        let plain = taker.selections.iter().filter(|it| it.is_plain()).map(Selection::literal).collect();
        let sources = taker.selections.iter().map(|selection| {
            let mut source = TakenSource { n_files: 0, bytes: 0, n_unknown: 0, outcome: Outcome::Takes };
            let mut finds_something = false;
            view.each(selection, |at| {
                finds_something = true;
                let Some(file) = tree.nodes[at].file else { return };
                fates[file].taken = true;
                if tree.nodes[at].is_directory {
                    return;
                }
                source.n_files += 1;
                source.bytes += files[file].size.unwrap_or_default();
                source.n_unknown += usize::from(files[file].size.is_none());
            });
            if context.files.is_some() {
                source.outcome = view.outcome(selection, &plain, finds_something);
            }
            // What leaves out what is listed is known all the same, and so is a pattern that cannot be read.
            let is_unknown = match &source.outcome {
                Outcome::Takes => false,
                Outcome::Nothing => true,
                Outcome::Fails { path, ignored, .. } => !path.is_empty() && ignored.is_none(),
            };
            if context.is_partial && is_unknown {
                source.outcome = Outcome::Takes;
            }
            source
        });
        let sources = sources.collect();
        found.push(Taken { taker, sources });
    }
    for (later, first) in tree.again.iter().copied() {
        fates[later] = fates[first];
    }
    let refusal = ignore.errors.first().cloned();
    Transfer { asked, refusal, fates, takers: found, ignore }
}

impl Transfer {
    /// What is wrong in the ignore file: the line, and BuildKit's message.
    pub fn errors(&self) -> &[(u32, String)] {
        &self.ignore.errors
    }

    /// The line of the ignore file that decides about a file, and the pattern that stands there; `None` if none does.
    pub fn decision(&self, file: usize) -> Option<(u32, &str)> {
        self.ignore.rule(self.fates.get(file)?.by?)
    }
}

/// The part of the build context that a build gets, to be asked what a source takes of it.
#[derive(Debug)]
pub(crate) struct Received {
    tree: Tree,
    there: Vec<bool>,
    ignore: Ignore,
    /// Which of the listed files may be links, since nobody has told how large they are.
    may_be_links: Vec<bool>,
}

impl Received {
    /// That of the build context in a build of the cut's target; `None` if not all its files are known, or nothing
    /// begins.
    pub(crate) fn of(cut: &Cut, context: &BuildContext) -> Option<Received> {
        let files = context.files.as_deref().filter(|_| !context.is_partial)?;
        let ignore = Ignore::parse(context.ignore.as_deref().unwrap_or_default());
        let tree = Tree::of(files);
        let mut fates = vec![Fate::default(); files.len()];
        let there = there(&tree, &ignore, cut.context.as_ref(), &mut fates);
        let may_be_links = files.iter().map(|file| file.size.is_none()).collect();
        Some(Received { tree, there, ignore, may_be_links }).filter(|it| it.ignore.errors.is_empty())
    }

    /// What a source takes: each path, how much of it the source itself names, and whether it is a directory or a file;
    /// `None` where it may be a link to either.
    pub(crate) fn taken<'r>(&'r self, selection: &Selection) -> Vec<(&'r str, usize, Option<bool>)> {
        let mut taken = Vec::new();
        let view = View { tree: &self.tree, there: &self.there, ignore: &self.ignore };
        view.each(selection, |at| {
            let node = &self.tree.nodes[at];
            let may_be_link = node.file.is_some_and(|file| self.may_be_links[file]) && !node.is_directory;
            let end = selection.root_of(&node.path).unwrap_or(node.path.len());
            taken.push((node.path.as_str(), end, (!may_be_link).then_some(node.is_directory)));
        });
        taken
    }
}

/// What is asked of a named context.
fn asked_of_named(takers: &[Taker]) -> Option<Context> {
    if takers.is_empty() {
        return None;
    }
    if takers.iter().any(|taker| taker.kind == EdgeKind::Base) {
        return Some(Context::Everything);
    }
    let selections = takers.iter().flat_map(|taker| &taker.selections);
    let mut paths: Vec<String> = selections.map(Selection::asked).collect();
    if paths.iter().any(String::is_empty) {
        return Some(Context::Everything);
    }
    paths.sort_unstable();
    paths.dedup();
    Some(Context::Paths(paths))
}

/// Which files and directories the builder gets.
fn there(tree: &Tree, ignore: &Ignore, asked: Option<&Context>, fates: &mut [Fate]) -> Vec<bool> {
    let wanted = match asked {
        Some(Context::Paths(paths)) => {
            // BuildKit: what is below another path needs no asking.
            let mut last = None;
            let above = |last: &Option<&str>, path: &str| {
                last.is_some_and(|last: &str| path.strip_prefix(last).is_some_and(|it| it.starts_with('/')))
            };
            let paths = paths.iter().map(String::as_str).filter(|path| {
                let is_new = !above(&last, path);
                last = if is_new { Some(path) } else { last };
                is_new
            });
            Some(Ignore::of_patterns(paths.collect::<Vec<_>>()))
        }
        Some(Context::Everything) | None => None,
    };
    let mut wanted = wanted.as_ref().map(Ignore::walk);
    let mut left_out = ignore.walk();
    let mut there = vec![false; tree.nodes.len()];
    // The directories above the node, by their index.
    let mut above: Vec<usize> = Vec::new();
    for (at, node) in tree.nodes.iter().enumerate() {
        let is_below = |directory: &usize| {
            let rest = node.path.strip_prefix(tree.nodes[*directory].path.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let n_above = above.iter().take_while(|it| is_below(it)).count();
        above.truncate(n_above);
        let is_wanted = wanted.as_mut().is_none_or(|walk| walk.decide(&node.path).ignored) && asked.is_some();
        let decided = left_out.decide(&node.path);
        let sent = is_wanted && !decided.ignored;
        if let Some(fate) = node.file.and_then(|file| fates.get_mut(file)) {
            *fate = Fate { ignored: decided.ignored, sent, taken: false, by: decided.by };
        }
        if sent {
            there[at] = true;
            // Whatever is above a file comes along, from the nearest one that has not come yet.
            for directory in above.iter().rev() {
                if std::mem::replace(&mut there[*directory], true) {
                    break;
                }
            }
        }
        if node.is_directory {
            above.push(at);
        }
    }
    there
}

/// What a build sees of a context.
struct View<'v> {
    tree: &'v Tree,
    there: &'v [bool],
    ignore: &'v Ignore,
}

impl View<'_> {
    /// Calls `found` for each node that a selection takes.
    fn each(&self, selection: &Selection, mut found: impl FnMut(usize)) {
        let mut walk = selection.walk();
        for at in self.tree.subtree(selection.literal()) {
            if self.there[at] && walk.takes(&self.tree.nodes[at].path) {
                found(at);
            }
        }
    }

    /// Whether a path is there; the root always is.
    fn has(&self, path: &str) -> bool {
        path.is_empty() || {
            let start = self.tree.subtree(path).start;
            self.tree.nodes.get(start).is_some_and(|node| node.path == path && self.there[start])
        }
    }

    fn outcome(&self, selection: &Selection, plain: &HashSet<&str>, finds_something: bool) -> Outcome {
        let fails = |path: &str, message: String| {
            // A directory is told to be left out only if that is why there is nothing of it.
            let ignored = self.tree.subtree(path).find_map(|at| {
                let decision = self.ignore.decide(&self.tree.nodes[at].path);
                decision.by.filter(|_| decision.ignored)
            });
            Outcome::Fails { message, path: path.to_owned(), ignored }
        };
        let not_found = |path: &str| {
            let path = quote(&format!("/{path}"));
            format!("failed to compute cache key: failed to calculate checksum of ref …: {path}: not found")
        };
        let no_such_file = |path: &str| format!("lstat /{path}: no such file or directory");
        if !selection.is_valid() {
            let message = "syntax error in pattern".to_owned();
            return Outcome::Fails { message, path: String::new(), ignored: None };
        }
        let literal = selection.literal();
        if let Some(required) = selection.required().filter(|path| !self.has(path)) {
            return fails(&required, not_found(&required));
        }
        if !self.has(literal) {
            return match selection.is_plain() && !is_covered(literal, plain) {
                true => fails(literal, not_found(literal)),
                false => fails(literal, no_such_file(literal)),
            };
        }
        match finds_something || selection.is_path() {
            true => Outcome::Takes,
            false => Outcome::Nothing,
        }
    }
}

/// Whether a directory above a path is among the sources too, so that BuildKit looks at that alone before it copies.
fn is_covered(path: &str, plain: &HashSet<&str>) -> bool {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    std::iter::once("").chain(above).any(|it| plain.contains(it))
}
