//! What is taken out of a tree of files, and whether a change in one place is a change of what is taken.

use crate::context::Selection;
use crate::queries::plan::{Copying, ReadKind};
use crate::stages::join_path;

/// A part of a tree that something reads.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Where it is, rooted; it may be a pattern.
    pub(super) path: String,
    is_pattern: bool,
    /// What of it, where that is less than all.
    selection: Option<Selection>,
}

impl Wanted {
    /// All below a path without wildcards.
    pub(super) fn all(path: &str) -> Wanted {
        Wanted { path: path.to_owned(), is_pattern: false, selection: None }
    }

    /// What the sources of a COPY or ADD take, in their order.
    pub(super) fn of_copy(copying: &Copying<'_>) -> Vec<Wanted> {
        let mut local = Selection::of_copy(copying.copied).into_iter();
        let wanted = copying.reads.iter().map(|read| match read.kind {
            ReadKind::Path => {
                let selection = local.next();
                Wanted { path: read.path.clone(), is_pattern: has_wildcards(&read.path), selection }
            }
            ReadKind::File | ReadKind::Repository => Wanted::all(&read.path),
        });
        wanted.collect()
    }

    /// A text that only equal ones have.
    pub(super) fn name(&self) -> String {
        let Wanted { path, is_pattern, selection } = self;
        match selection.as_ref().map(Selection::filters).filter(|it| !it.is_empty()) {
            Some(filters) => format!("{path} {is_pattern} {filters}"),
            None => format!("{path} {is_pattern}"),
        }
    }

    /// Whether a file belongs to it.
    pub(super) fn holds(&self, path: &str) -> bool {
        match &self.selection {
            Some(selection) => selection.takes(path.trim_start_matches('/')),
            None => starts_with(path, &self.path, self.is_pattern),
        }
    }

    /// Whether something at a place or below may belong to it.
    pub(super) fn meets(&self, region: &str) -> bool {
        let mut wanted = parts(&self.path);
        let mut region = parts(region);
        loop {
            match (wanted.next(), region.next()) {
                (Some(wanted), Some(region)) if !self.fits(wanted, region) => return false,
                (Some(_), Some(_)) => {}
                (None, _) | (_, None) => return true,
            }
        }
    }

    fn fits(&self, part: &str, name: &str) -> bool {
        part == name || self.is_pattern && Selection::fits(part, name)
    }

    /// The rest of the path if it lies below a place; empty if the place lies in it, `None` if they have nothing in
    /// common.
    fn below(&self, region: &str) -> Option<String> {
        let mut wanted = parts(&self.path);
        for region in parts(region) {
            match wanted.next() {
                Some(wanted) if !self.fits(wanted, region) => return None,
                Some(_) => {}
                None => return Some(String::new()),
            }
        }
        Some(wanted.collect::<Vec<_>>().join("/"))
    }

    /// What a COPY has to take from where its source is, so that this is right where the COPY puts it: for its `nth`
    /// source, which takes `all`.
    pub(super) fn through(&self, copying: &Copying<'_>, nth: usize, all: &Wanted) -> Vec<Wanted> {
        let copied = copying.copied;
        let (Some(file), Some(read)) = (copied.files.get(nth), copying.reads.get(nth)) else {
            return Vec::new();
        };
        let Some(rest) = self.below(&join_path(&["/", &file.destination])) else { return Vec::new() };
        let may_unpack = copying.is_add && copied.unpack != Some(false);
        if rest.is_empty() || may_unpack && is_archive(&read.path) || copied.unpack == Some(true) {
            return vec![all.clone()];
        }
        let is_pattern = self.is_pattern || all.is_pattern;
        let at = |root: &str| {
            let path = join_path(&[root, &rest]);
            Wanted { path, is_pattern, selection: None }
        };
        if copied.parents {
            return vec![at(&file.source)].into_iter().filter(|it| it.meets(&fixed(&all.path))).collect();
        }
        let mut found = Vec::new();
        if read.kind != ReadKind::File {
            found.push(at(&read.path));
        }
        // A file, which is put into the destination.
        let (folder, name) = read.path.rsplit_once('/').unwrap_or(("", &read.path));
        if !rest.contains('/') && (self.fits(&rest, name) || all.fits(name, &rest)) {
            let is_one = all.is_pattern && !has_wildcards(&rest);
            let path = if is_one { join_path(&["/", folder, &rest]) } else { read.path.clone() };
            found.push(Wanted { path, is_pattern: !is_one && all.is_pattern, selection: None });
        }
        found
    }
}

/// Where a file that a COPY takes may end up.
pub(super) fn landing(copying: &Copying<'_>, nth: usize, all: &Wanted, path: &str) -> Vec<String> {
    let Some(file) = copying.copied.files.get(nth) else { return Vec::new() };
    let Some(end) = all.selection.as_ref().and_then(|it| it.root_end(path)) else { return Vec::new() };
    let (root, below) = path.split_at(end);
    let destination = &file.destination;
    if !below.is_empty() {
        return vec![join_path(&["/", destination, below])];
    }
    let name = root.rsplit('/').next().unwrap_or_default();
    let inside = join_path(&["/", destination, name]);
    match destination.ends_with('/') || destination.ends_with("/.") {
        true => vec![inside],
        false => vec![inside, join_path(&["/", destination])],
    }
}

fn starts_with(path: &str, start: &str, is_pattern: bool) -> bool {
    let mut path = parts(path);
    parts(start)
        .all(|part| path.next().is_some_and(|name| part == name || is_pattern && Selection::fits(part, name)))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// The part of a pattern in front of its first wildcard.
fn fixed(path: &str) -> String {
    let fixed: Vec<&str> = parts(path).take_while(|part| !has_wildcards(part)).collect();
    format!("/{}", fixed.join("/"))
}

fn has_wildcards(path: &str) -> bool {
    path.contains(['*', '?', '[', '\\'])
}

fn is_archive(path: &str) -> bool {
    const ENDS: &[&str] = &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"];
    has_wildcards(path) || ENDS.iter().any(|end| path.ends_with(end))
}
