//! The files of a context as a sorted list, with the directories that they are in.

use std::cmp::Ordering;
use std::ops::Range;

use super::ContextFile;
use crate::stages::join_path;

/// Files and directories, each behind the directory it is in, so that what is below a directory follows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Files that are listed twice: the later one, and the first.
    pub(super) again: Vec<(usize, usize)>,
}

/// A file or a directory.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Relative to the root, clean.
    pub(super) path: String,
    /// Which of the listed files it is; `None` for a directory that only the files in it tell of.
    pub(super) file: Option<usize>,
    pub(super) is_directory: bool,
}

impl Tree {
    pub(super) fn of(files: &[ContextFile]) -> Tree {
        let mut listed: Vec<Node> = Vec::with_capacity(files.len());
        for (file, it) in files.iter().enumerate() {
            let path = join_path(&["/", &it.path]).trim_start_matches('/').to_owned();
            if !path.is_empty() {
                listed.push(Node { path, file: Some(file), is_directory: it.is_directory() });
            }
        }
        listed.sort_by(|a, b| order(&a.path, &b.path));
        // Of one path told twice the first counts.
        let mut again = Vec::new();
        listed.dedup_by(|later, first| {
            let is_same = later.path == first.path;
            again.extend(later.file.zip(first.file).filter(|_| is_same));
            is_same
        });
        let mut nodes: Vec<Node> = Vec::with_capacity(listed.len() + listed.len() / 4);
        for node in listed {
            // The directories above that are not there yet.
            let last = nodes.last().map_or("", |last| last.path.as_str());
            let mut new = Vec::new();
            for (end, _) in node.path.match_indices('/') {
                let directory = &node.path[..end];
                let is_known =
                    last.strip_prefix(directory).is_some_and(|it| it.is_empty() || it.starts_with('/'));
                if !is_known {
                    new.push(Node { path: directory.to_owned(), file: None, is_directory: true });
                }
            }
            // What has something below it is no file.
            if let Some(last) = nodes.last_mut().filter(|last| is_below(&node.path, &last.path)) {
                last.is_directory = true;
            }
            nodes.extend(new);
            nodes.push(node);
        }
        Tree { nodes, again }
    }

    /// A path and everything below it.
    pub(super) fn subtree(&self, path: &str) -> Range<usize> {
        if path.is_empty() {
            return 0..self.nodes.len();
        }
        let start = self.nodes.partition_point(|node| order(&node.path, path) == Ordering::Less);
        let len = self.nodes[start..].partition_point(|node| node.path == path || is_below(&node.path, path));
        start..start + len
    }
}

/// Whether a path is below a directory.
fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Name by name.
fn order(a: &str, b: &str) -> Ordering {
    a.split('/').cmp(b.split('/'))
}
