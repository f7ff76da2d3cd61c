//! What is in a tree of files, as numbers: equal ones mean that what is read there is the same, byte for byte.
//!
//! A tree is looked at from its last step down: a COPY counts only if it put something where one looks; a RUN may have
//! written anywhere.

use super::solve::{Half, Solver};
use super::wanted::{Wanted, landing};
use super::{Files, Outputs};
use crate::queries::plan::{Copying, Op, Outside};
use crate::stages::join_path;

/// Through so many COPY one looks for what exactly they took; behind them all of the tree counts.
const MAX_DEPTH: usize = 12;
/// So many steps are looked at in all; behind them likewise.
const MAX_LOOKS: usize = 100_000;

/// What a number is for.
enum Part {
    Content = 1,
    Runs,
    Copy,
    Image,
    Files,
    Whole,
}

impl Solver<'_> {
    /// The content of a part of what a vertex has made.
    pub(super) fn content(&mut self, half: Half, id: usize, wanted: &Wanted, depth: usize) -> usize {
        let name = self.numbers.text(wanted.name());
        if let Some(&known) = self.known.get(&(half, id, name)) {
            return known;
        }
        let number = match depth < MAX_DEPTH && self.n_looks < MAX_LOOKS {
            true => self.look(half, id, wanted, name, depth),
            false => self.numbers.node(vec![Part::Whole as usize, self.keys[half as usize][id], name]),
        };
        self.known.insert((half, id, name), number);
        number
    }

    fn look(&mut self, half: Half, id: usize, wanted: &Wanted, name: usize, depth: usize) -> usize {
        let (mut half, mut next) = (half, Some(id));
        let mut runs: Vec<usize> = Vec::new();
        let mut parts: Vec<usize> = Vec::new();
        while let Some(mut id) = next {
            self.n_looks += 1;
            // What is cached is what it was.
            if let (Half::After, Some(before)) = (half, self.was[id]) {
                (half, id) = (Half::Before, before);
            }
            let vertex = &self.vertices(half)[id];
            next = match &vertex.op {
                Op::Source(outside) => {
                    parts.push(match outside {
                        Outside::Image { reference, platform } => {
                            self.image(half, reference, platform, wanted)
                        }
                        Outside::Context => self.files(half, None, wanted),
                        Outside::Directory(name) => self.files(half, Some(name), wanted),
                        Outside::Remote(_) | Outside::Layout(_) => self.keys[half as usize][id],
                    });
                    None
                }
                Op::Document { .. } | Op::CacheDirectory => {
                    parts.push(self.keys[half as usize][id]);
                    None
                }
                Op::Mkdir { base, path, .. } => {
                    if wanted.holds(path) {
                        parts.push(self.numbers.text(format!("directory {path}")));
                    }
                    *base
                }
                Op::Run(running) => {
                    runs.push(self.run(half, id));
                    running.base
                }
                Op::Copy(copying) => {
                    parts.extend(self.copy(half, copying, wanted, depth));
                    copying.base
                }
                Op::Merge { base, files } => {
                    if let Op::Copy(copying) = &self.vertices(half)[*files].op {
                        parts.extend(self.copy(half, copying, wanted, depth));
                    }
                    Some(*base)
                }
            };
        }
        if self.outputs == Outputs::Same {
            runs.sort_unstable();
            runs.dedup();
        }
        let head = [Part::Content as usize, name, runs.len()];
        let all = head.into_iter().chain(runs).chain(parts).collect();
        self.numbers.node(all)
    }

    /// What a RUN has written.
    fn run(&mut self, half: Half, id: usize) -> usize {
        let key = self.keys[half as usize][id];
        if self.outputs == Outputs::Changed {
            return key;
        }
        // All that a stage runs writes what it wrote.
        let first = if half == Half::Before { self.first.get(&key).copied().unwrap_or(id) } else { id };
        let stage = self.vertices(half)[first].place.map(|place| place.stage);
        let stage = stage.and_then(|stage| match half {
            Half::Before => Some(stage),
            Half::After => self.rows.stage_before(stage),
        });
        match stage {
            Some(stage) => self.numbers.node(vec![Part::Runs as usize, stage.0]),
            None => key,
        }
    }

    fn image(&mut self, half: Half, reference: &str, platform: &str, wanted: &Wanted) -> usize {
        let files = if half == Half::After { self.moved(reference) } else { None };
        let is_other = match files {
            None | Some(Files::Same) => false,
            Some(Files::Unknown) => self.outputs == Outputs::Changed,
            Some(Files::Below(paths)) => paths.iter().any(|path| wanted.meets(path)),
        };
        let name = self.numbers.text(format!("image {reference} {platform}"));
        self.numbers.node(vec![Part::Image as usize, name, usize::from(is_other)])
    }

    /// What is read of a context.
    fn files(&mut self, half: Half, context: Option<&str>, wanted: &Wanted) -> usize {
        let mut parts = vec![Part::Files as usize, self.numbers.text(format!("context {context:?}"))];
        if half == Half::After {
            let changes: Vec<_> = self.changed_in(context).collect();
            for change in changes {
                if wanted.holds(&join_path(&["/", &change.path])) {
                    parts.push(self.numbers.text(change.path.clone()));
                }
            }
        }
        self.numbers.node(parts)
    }

    /// What a COPY put where one looks.
    fn copy(&mut self, half: Half, copying: &Copying<'_>, wanted: &Wanted, depth: usize) -> Vec<usize> {
        let all = Wanted::of_copy(copying);
        let mut parts = Vec::new();
        // The last one first, as with steps.
        for (nth, (read, all)) in copying.reads.iter().zip(&all).enumerate().rev() {
            let Some(from) = read.from else { continue };
            let through = wanted.through(copying, nth, all);
            if through.is_empty() {
                continue;
            }
            let how =
                self.numbers.text(format!("{} {}", copying.flags, copying.copied.files[nth].destination));
            let mut node = vec![Part::Copy as usize, how];
            match self.vertices(half)[from].context() {
                // Where each changed file ends up is known.
                Some(context) => {
                    node.push(self.numbers.text(all.name()));
                    let changes: Vec<_> = match half {
                        Half::Before => Vec::new(),
                        Half::After => self.changed_in(context).collect(),
                    };
                    for change in changes {
                        if landing(copying, nth, all, &change.path).iter().any(|path| wanted.holds(path)) {
                            node.push(self.numbers.text(change.path.clone()));
                        }
                    }
                }
                None => {
                    for wanted in &through {
                        node.push(self.content(half, from, wanted, depth + 1));
                    }
                }
            }
            parts.push(self.numbers.node(node));
        }
        parts
    }
}
