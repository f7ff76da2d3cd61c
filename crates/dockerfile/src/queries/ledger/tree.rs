//! Paths of a stage in a tree, so that what concerns a path is found without looking at everything.
//!
//! Surprising: how much is looked at for one question has a bound, so that no file takes long; in a file that
//! people write it is never reached.

use std::collections::BTreeMap;

use super::paths;

/// Facts at one path, and branches of the tree, that are looked at for one question.
const MAX_AT_ONE: usize = 48;
const MAX_BELOW: usize = 400;

/// Numbers by path; a pattern stands at the directory in front of its first wildcard.
#[derive(Debug)]
pub(super) struct Tree {
    branches: Vec<Branch>,
}

#[derive(Debug, Default)]
struct Branch {
    children: BTreeMap<String, usize>,
    facts: Vec<usize>,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { branches: vec![Branch::default()] }
    }
}

impl Tree {
    /// Puts a number at a path; numbers grow.
    pub(super) fn insert(&mut self, path: &str, fact: usize) {
        let mut at = 0;
        for part in paths::literal(path) {
            let next = self.branches.len();
            at = *self.branches[at].children.entry(part.to_owned()).or_insert(next);
            if at == next {
                self.branches.push(Branch::default());
            }
        }
        self.branches[at].facts.push(fact);
    }

    /// The numbers at a path, and whether there is something below it.
    pub(super) fn at(&self, path: &str) -> Option<(&[usize], bool)> {
        let mut at = 0;
        for part in paths::literal(path) {
            at = *self.branches[at].children.get(part)?;
        }
        let branch = &self.branches[at];
        Some((&branch.facts, !branch.children.is_empty()))
    }

    /// The numbers smaller than `before` at the path and above it, and with `below` also below it; sorted.
    pub(super) fn around(&self, path: &str, below: bool, before: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = Some(0);
        for part in paths::literal(path) {
            let Some(branch) = at.and_then(|at| self.branches.get(at)) else { break };
            branch.collect(before, &mut found);
            at = branch.children.get(part).copied();
        }
        let mut open: Vec<usize> = at.into_iter().collect();
        let mut n_seen = 0;
        while let Some(branch) = open.pop().and_then(|at| self.branches.get(at)) {
            branch.collect(before, &mut found);
            n_seen += 1;
            if !below || n_seen > MAX_BELOW {
                break;
            }
            open.extend(branch.children.values().rev().take(MAX_BELOW));
        }
        found.sort_unstable();
        found
    }
}

impl Branch {
    fn collect(&self, before: usize, found: &mut Vec<usize>) {
        let end = self.facts.partition_point(|fact| *fact < before);
        found.extend(self.facts[..end].iter().rev().take(MAX_AT_ONE));
    }
}
