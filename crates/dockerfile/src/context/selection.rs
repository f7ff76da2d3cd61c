//! Which paths one source of COPY, ADD or a bind mount takes out of a directory tree.
//!
//! Follows the copying of BuildKit's file operations and its checksums of what is copied. Surprising: a wildcard
//! stops at slashes, but what it finds, if a directory, comes with everything below it; with `--parents` the source is
//! a pattern like those of `.dockerignore`, where `**` goes through directories; and `--exclude` leaves out what lies
//! below the source, never the source itself.

use super::glob;
use crate::ignore::{Ignore, Walk};
use crate::stages::git_ref::{SourceForm, source_form};
use crate::stages::mount::{Mount, MountType};
use crate::stages::{Copied, join_path};

/// What one source names.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The source as expanded.
    pub source: String,
    /// Its index in [`Copied::sources`]; 0 for a mount.
    pub nth: usize,
    /// Where it begins, from the root on; empty for everything. A pattern of Go's if it has wildcards.
    root: String,
    is_pattern: bool,
    /// Whether Go takes its patterns for patterns.
    is_valid: bool,
    /// What must fit below the root (`--parents`).
    include: Option<Ignore>,
    /// What must not (`--exclude`).
    exclude: Option<Ignore>,
}

impl Selection {
    /// Those of COPY or ADD that do not come from afar.
    pub fn of_copy(copied: &Copied) -> Vec<Selection> {
        let sources = copied.sources.iter().zip(&copied.files);
        let is_local = |source: &str| source_form(source) == SourceForm::Local;
        let local = sources.enumerate().filter(|(_, (source, _))| is_local(source));
        let exclude = Ignore::of_patterns(copied.excludes.iter().map(String::as_str));
        let exclude = (!exclude.is_empty()).then_some(exclude);
        let selections = local.map(|(nth, (source, file))| {
            // BuildKit: behind the first `/./` of a source is what is kept of it.
            let kept = || source.split_once("/./").map_or(source.as_str(), |(_, kept)| kept);
            let include = copied.parents.then(|| join_path(&["/", kept()]));
            let include = include.map(|it| Ignore::of_patterns([it.trim_start_matches('/')]));
            let plain = Selection::new(source.clone(), &file.source, true);
            let patterns = include.iter().chain(&exclude);
            let is_valid = plain.is_valid && patterns.flat_map(|it| &it.errors).next().is_none();
            Selection { nth, include, is_valid, exclude: exclude.clone(), ..plain }
        });
        selections.collect()
    }

    /// That of a mount which shows files; `None` for the others. It knows no wildcards.
    pub fn of_mount(mount: &Mount) -> Option<Selection> {
        match mount.kind {
            MountType::Bind | MountType::Cache => {
                Some(Selection::new(mount.source.clone(), &mount.source, false))
            }
            MountType::Tmpfs | MountType::Secret | MountType::Ssh => None,
        }
    }

    /// Everything.
    pub(super) fn whole() -> Selection {
        Selection::new(String::new(), "/", false)
    }

    fn new(source: String, root: &str, may_be_pattern: bool) -> Selection {
        let root = join_path(&["/", root]).trim_start_matches('/').to_owned();
        let is_pattern = may_be_pattern && glob::is_pattern(&root);
        // As a path that is asked for, it is a pattern of another kind.
        let is_valid = !may_be_pattern || Ignore::of_patterns([root.as_str()]).errors.is_empty();
        Selection { source, nth: 0, root, is_pattern, is_valid, include: None, exclude: None }
    }

    /// Whether it takes a path, be it a file or a directory, if it is there. The path is clean and relative to the root
    /// of the tree.
    pub fn takes(&self, path: &str) -> bool {
        self.walk().takes(path)
    }

    /// The part of its root in front of the first wildcard: whatever it takes is there or below.
    pub(super) fn literal(&self) -> &str {
        if !self.is_pattern {
            return &self.root;
        }
        let mut end = 0;
        for name in self.root.split('/') {
            if glob::is_pattern(name) {
                break;
            }
            end += name.len() + 1;
        }
        &self.root[..end.saturating_sub(1)]
    }

    /// The path from the root of the context on, as it is asked for.
    pub(super) fn asked(&self) -> String {
        join_path(&["/", &self.source]).trim_start_matches('/').to_owned()
    }

    /// Whether Go can read its patterns.
    pub(super) fn is_valid(&self) -> bool {
        self.is_valid
    }

    /// Whether it names one path, and takes that if it is there.
    pub(super) fn is_path(&self) -> bool {
        !self.is_pattern && self.include.is_none()
    }

    /// Whether it is a path of which nothing is left out: BuildKit looks whether it is there before it copies.
    pub(super) fn is_plain(&self) -> bool {
        self.is_path() && self.exclude.is_none()
    }

    /// The path that BuildKit wants to be there although the source is a pattern: one of `--parents` without
    /// wildcards.
    pub(super) fn required(&self) -> Option<String> {
        let asked = self.include.as_ref().map(|_| self.asked())?;
        Some(asked).filter(|asked| !glob::is_pattern(asked) && !asked.is_empty())
    }

    /// Looks at one path after the other; quick where they are in order.
    pub(super) fn walk(&self) -> SelectionWalk<'_> {
        let include = self.include.as_ref().map(Ignore::walk);
        let exclude = self.exclude.as_ref().map(Ignore::walk);
        SelectionWalk { selection: self, include, exclude }
    }

    /// Where the part of a path ends that the source itself names, if it takes the path.
    pub(crate) fn root_end(&self, path: &str) -> Option<usize> {
        self.root_of(path).filter(|_| self.takes(path))
    }

    /// What is taken of what the source names, where that is not all of it: a text that only equal ones have.
    pub(crate) fn filters(&self) -> String {
        match (&self.include, &self.exclude) {
            (None, None) => String::new(),
            (include, exclude) => format!("{} {include:?} {exclude:?}", self.source),
        }
    }

    /// Whether one part of a pattern stands for a name.
    pub(crate) fn fits(part: &str, name: &str) -> bool {
        glob::matches(part, name)
    }

    /// Where the part of a path ends that the source itself names; `None` if it has nothing to do with it.
    pub(crate) fn root_of(&self, path: &str) -> Option<usize> {
        if self.root.is_empty() {
            return Some(0);
        }
        let is_root = |end: usize| match self.is_pattern {
            true => glob::matches(&self.root, &path[..end]),
            false => path[..end] == self.root,
        };
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().find(|end| is_root(*end))
    }
}

/// Asks about many paths.
pub(super) struct SelectionWalk<'s> {
    selection: &'s Selection,
    include: Option<Walk<'s>>,
    exclude: Option<Walk<'s>>,
}

impl SelectionWalk<'_> {
    /// As [`Selection::takes`].
    pub(super) fn takes(&mut self, path: &str) -> bool {
        let Some(end) = self.selection.root_of(path) else { return false };
        let below = path[end..].trim_start_matches('/');
        if below.is_empty() {
            return self.include.is_none();
        }
        let fits = |walk: &mut Option<Walk<'_>>| walk.as_mut().map(|walk| walk.decide(below).ignored);
        fits(&mut self.include).unwrap_or(true) && !fits(&mut self.exclude).unwrap_or(false)
    }
}
