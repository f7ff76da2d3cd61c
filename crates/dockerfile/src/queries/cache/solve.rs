//! Which steps of one build have the key of a step of another.
//!
//! Keys are numbers: equal ones mean that BuildKit finds the step in its cache. The build before gets keys by what its
//! steps are made of. A step of the build after gets the key of a step before if everything it is keyed by is the same:
//! first by the keys of what it reads, which is quick, and else by content, as BuildKit does it too.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::rows::Rows;
use super::wanted::Wanted;
use super::{Build, Changes, FileChange, Files, Outputs, What};
use crate::ignore::Ignore;
use crate::queries::plan::{Op, Outside, Running, Vertex, mount_target};
use crate::stages::Ran;
use crate::stages::mount::{Mount, MountType};

/// At most so many steps of the build before are compared with one of the build after.
const MAX_CANDIDATES: usize = 64;

/// One of the two builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Half {
    Before,
    After,
}

/// Two builds, compared.
pub(super) struct Solved<'w> {
    pub(super) before: Build<'w>,
    pub(super) after: Build<'w>,
    pub(super) changes: &'w Changes,
    /// The files that are not as they were and that a build sees, with what that is in words.
    pub(super) changed: Vec<(&'w FileChange, &'static str)>,
    pub(super) rows: Rows,
    /// By vertex after: what became of it, if the target needs it.
    pub(super) found: Vec<Option<Found>>,
    /// By vertex before and after: a number for what it does, without what it takes.
    pub(super) definitions: [Vec<usize>; 2],
}

/// What became of a vertex of the build after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has the key of that vertex before.
    Cached { before: usize, by_content: bool },
    /// It is one with an earlier vertex after.
    Twin(usize),
    /// It has another key than any vertex before. `reads` are those of its reads whose content is another one, if that
    /// alone is why.
    Runs { reads: Vec<usize> },
}

/// Numbers for what is made of other numbers.
#[derive(Default)]
pub(super) struct Numbers {
    texts: HashMap<String, usize>,
    nodes: HashMap<Vec<usize>, usize>,
    next: usize,
}

impl Numbers {
    pub(super) fn text(&mut self, text: String) -> usize {
        self.next += 1;
        *self.texts.entry(text).or_insert(self.next)
    }

    pub(super) fn node(&mut self, parts: Vec<usize>) -> usize {
        self.next += 1;
        *self.nodes.entry(parts).or_insert(self.next)
    }
}

/// What a vertex is keyed by.
pub(super) struct Inputs {
    /// Other vertices, by their keys.
    pub(super) keyed: Vec<usize>,
    /// What it reads, by content: from where, what, and which of its reads that is.
    pub(super) reads: Vec<(Option<usize>, Wanted, usize)>,
}

/// What a vertex is keyed by.
pub(super) fn inputs(vertices: &[Vertex<'_>], id: usize) -> Inputs {
    let is_base = |base: Option<usize>, from: Option<usize>| match (base, from) {
        (Some(base), Some(from)) => vertices[base].key == vertices[from].key,
        (None, _) | (_, None) => false,
    };
    let keyed = |base: Option<usize>| Inputs { keyed: base.into_iter().collect(), reads: Vec::new() };
    match &vertices[id].op {
        Op::Source(_) | Op::Document { .. } | Op::CacheDirectory => keyed(None),
        Op::Mkdir { base, .. } => keyed(*base),
        Op::Merge { base, files } => Inputs { keyed: vec![*base, *files], reads: Vec::new() },
        Op::Run(Running { base, reads, .. }) => {
            let all = reads.iter().enumerate();
            let mut found: Vec<_> =
                all.map(|(nth, read)| (read.from, Wanted::all(&read.path), nth)).collect();
            // BuildKit: of an input that is mounted twice, the later mount says how it is keyed; the root comes first.
            let is_mounted = reads.iter().any(|read| is_base(*base, read.from));
            if is_mounted {
                found.push((*base, Wanted::all("/"), reads.len()));
            }
            Inputs { reads: found, ..keyed(base.filter(|_| !is_mounted)) }
        }
        Op::Copy(copying) => {
            let all = copying.reads.iter().zip(Wanted::of_copy(copying)).enumerate();
            let reads = all.map(|(nth, (read, wanted))| (read.from, wanted, nth)).collect();
            Inputs { reads, ..keyed(copying.base) }
        }
    }
}

pub(super) struct Solver<'w> {
    pub(super) builds: [Build<'w>; 2],
    pub(super) changes: &'w Changes,
    changed: Vec<(&'w FileChange, &'static str)>,
    pub(super) outputs: Outputs,
    pub(super) rows: Rows,
    pub(super) numbers: Numbers,
    definitions: [Vec<usize>; 2],
    /// By vertex of either build, 0 where the target does not need it.
    pub(super) keys: [Vec<usize>; 2],
    /// By key: the first vertex before that has it.
    pub(super) first: HashMap<usize, usize>,
    /// By vertex after: the one before that has its key.
    pub(super) was: Vec<Option<usize>>,
    /// Content that has been looked at.
    pub(super) known: HashMap<(Half, usize, usize), usize>,
    /// How many steps were looked at for that.
    pub(super) n_looks: usize,
    is_moved: HashMap<&'w str, &'w Files>,
}

/// Finds out what the build after has in common with the one before.
pub(super) fn solve<'w>(
    before: Build<'w>,
    after: Build<'w>,
    changes: &'w Changes,
    outputs: Outputs,
) -> Solved<'w> {
    let seen = changes.files.iter().filter_map(|it| Some((it, difference([before, after], it)?)));
    let mut solver = Solver {
        builds: [before, after],
        changes,
        changed: seen.collect(),
        outputs,
        rows: Rows::of(before.plan.graph, after.plan.graph),
        numbers: Numbers::default(),
        definitions: [Vec::new(), Vec::new()],
        keys: [vec![0; before.plan.vertices.len()], vec![0; after.plan.vertices.len()]],
        first: HashMap::new(),
        was: vec![None; after.plan.vertices.len()],
        known: HashMap::new(),
        n_looks: 0,
        is_moved: changes.images.iter().map(|it| (it.reference.as_str(), &it.files)).collect(),
    };
    for (idx, build) in [before, after].into_iter().enumerate() {
        let numbers = &mut solver.numbers;
        let epoch = build.plan.graph.source_date_epoch.as_deref();
        let definition = |vertex: &Vertex<'_>| numbers.text(definition(vertex, epoch));
        solver.definitions[idx] = build.plan.vertices.iter().map(definition).collect();
    }
    let groups = solver.before();
    let found = solver.after(&groups);
    let Solver { changed, rows, definitions, .. } = solver;
    Solved { before, after, changes, changed, rows, found, definitions }
}

/// The vertices before, by what they do and what they are keyed by, without what they read.
type Groups = HashMap<Vec<usize>, Vec<usize>>;

impl<'w> Solver<'w> {
    pub(super) fn vertices(&self, half: Half) -> &'w [Vertex<'w>] {
        &self.builds[half as usize].plan.vertices
    }

    /// The vertices that the target needs, each behind its inputs.
    fn needed(&self, half: Half) -> Vec<usize> {
        let Build { plan, cut, .. } = self.builds[half as usize];
        let mut needed = Vec::new();
        plan.visit(cut.target, |id| needed.push(id));
        needed.sort_unstable();
        needed
    }

    fn before(&mut self) -> Groups {
        let mut groups = Groups::new();
        for id in self.needed(Half::Before) {
            let inputs = inputs(self.vertices(Half::Before), id);
            let group = self.group(Half::Before, id, &inputs);
            let key = self.key(Half::Before, &group, &inputs);
            self.keys[0][id] = key;
            if let Entry::Vacant(entry) = self.first.entry(key) {
                entry.insert(id);
                groups.entry(group).or_default().push(id);
            }
        }
        groups
    }

    fn after(&mut self, groups: &Groups) -> Vec<Option<Found>> {
        let mut found = vec![None; self.was.len()];
        let mut twins: HashMap<usize, usize> = HashMap::new();
        for id in self.needed(Half::After) {
            let vertices = self.vertices(Half::After);
            let inputs = inputs(vertices, id);
            let group = self.group(Half::After, id, &inputs);
            let key = self.key(Half::After, &group, &inputs);
            let candidates = groups.get(&group).map_or(&[][..], Vec::as_slice);
            let became = match self.first.get(&key) {
                Some(&before) => Found::Cached { before, by_content: false },
                None => self.by_content(&inputs, candidates),
            };
            self.keys[1][id] = match became {
                Found::Cached { before, .. } => {
                    self.was[id] = Some(before);
                    self.keys[0][before]
                }
                Found::Twin(_) | Found::Runs { .. } => key,
            };
            let twin = *twins.entry(vertices[id].key).or_insert(id);
            found[id] = Some(if twin == id { became } else { Found::Twin(twin) });
        }
        found
    }

    /// Looks among the steps before that do the same to the same for one that read the same.
    fn by_content(&mut self, inputs: &Inputs, candidates: &[usize]) -> Found {
        let mut fewest: Option<Vec<usize>> = None;
        for &before in candidates.iter().take(MAX_CANDIDATES) {
            let other = self::inputs(self.vertices(Half::Before), before);
            let mut changed = Vec::new();
            for (ours, theirs) in inputs.reads.iter().zip(&other.reads) {
                let is_same = self.content_of(Half::After, ours.0, &ours.1)
                    == self.content_of(Half::Before, theirs.0, &theirs.1);
                if !is_same {
                    changed.push(ours.2);
                }
            }
            if changed.is_empty() {
                return Found::Cached { before, by_content: true };
            }
            if fewest.as_ref().is_none_or(|fewest| changed.len() < fewest.len()) {
                fewest = Some(changed);
            }
        }
        Found::Runs { reads: fewest.unwrap_or_default() }
    }

    fn content_of(&mut self, half: Half, from: Option<usize>, wanted: &Wanted) -> usize {
        from.map_or(0, |from| self.content(half, from, wanted, 0))
    }

    /// What a vertex does, and the keys it is keyed by.
    fn group(&mut self, half: Half, id: usize, inputs: &Inputs) -> Vec<usize> {
        let mut group = vec![self.definitions[half as usize][id], inputs.reads.len()];
        group.extend(inputs.keyed.iter().map(|&input| self.keys[half as usize][input]));
        if let Op::Source(outside) = &self.vertices(half)[id].op {
            group.push(self.version(half, outside));
        }
        group
    }

    /// A key by the keys of everything.
    fn key(&mut self, half: Half, group: &[usize], inputs: &Inputs) -> usize {
        let mut parts = group.to_vec();
        for (from, wanted, _) in &inputs.reads {
            parts.push(from.map_or(0, |from| self.keys[half as usize][from]));
            parts.push(self.numbers.text(wanted.name()));
        }
        self.numbers.node(parts)
    }

    /// 1 for what is outside as it was not before.
    fn version(&self, half: Half, outside: &Outside) -> usize {
        let is_other = half == Half::After
            && match outside {
                Outside::Image { reference, .. } => {
                    self.is_moved.get(reference.as_str()).is_some_and(|files| **files != Files::Same)
                }
                Outside::Context => self.changed_in(None).next().is_some(),
                // BuildKit: a directory goes over anew in each build, and has another key each time.
                Outside::Directory(_) => true,
                Outside::Remote(url) | Outside::Layout(url) => self.changes.remotes.contains(url),
            };
        usize::from(is_other)
    }

    /// What is different in an image after.
    pub(super) fn moved(&self, reference: &str) -> Option<&'w Files> {
        self.is_moved.get(reference).copied()
    }

    /// The files of a context that are not as they were and that a build sees.
    pub(super) fn changed_in(&self, context: Option<&str>) -> impl Iterator<Item = &'w FileChange> {
        let files = self.changed.iter().map(|(change, _)| *change);
        files.filter(move |it| it.context.as_deref() == context)
    }
}

/// What a change is to two builds, in words; `None` if it is none to them.
fn difference([before, after]: [Build<'_>; 2], change: &FileChange) -> Option<&'static str> {
    let is_out = |build: Build<'_>| change.context.is_none() && is_ignored(build.ignore, &change.path);
    match (change.what, is_out(before), is_out(after)) {
        (_, true, true) | (What::Added, false, true) | (What::Removed, true, false) => None,
        (What::Added, _, false) => Some("which is new"),
        (What::Removed, false, _) => Some("which is gone"),
        (What::Content | What::Mode | What::Touched, false, true) => {
            Some("which is left out of the context now")
        }
        (What::Content | What::Mode | What::Touched, true, false) => {
            Some("which is not left out of the context any more")
        }
        (What::Content, false, false) => Some("which changed"),
        (What::Mode, false, false) => Some("whose mode changed"),
        (What::Touched, false, false) => None,
    }
}

/// Whether a file is left out of the build context.
pub(super) fn is_ignored(ignore: Option<&Ignore>, path: &str) -> bool {
    ignore.is_some_and(|ignore| ignore.errors.is_empty() && ignore.decide(path).ignored)
}

/// What a vertex does, as a text that only equal ones have.
fn definition(vertex: &Vertex<'_>, epoch: Option<&str>) -> String {
    match &vertex.op {
        Op::Source(outside) => format!("{outside:?}"),
        Op::Document { data } => format!("document {data}"),
        Op::CacheDirectory => "cache".to_owned(),
        // BuildKit: of all that makes files, WORKDIR alone is told the time.
        Op::Mkdir { path, owner, .. } => format!("mkdir {path} {owner:?} {epoch:?}"),
        Op::Merge { .. } => "merge".to_owned(),
        Op::Run(running) => {
            let Running { ran, flags, environment, platform, .. } = running;
            let mounts = mounts(ran);
            let (arguments, workdir, user) = (&ran.line.arguments, &ran.workdir, &ran.user);
            format!("run {arguments:?} {workdir} {user:?} {environment} {flags} {mounts:?} {platform}")
        }
        Op::Copy(copying) => {
            let copied = copying.copied;
            let unpacks = copied.unpack.unwrap_or(copying.is_add);
            let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let files: Vec<(String, &str)> =
                copied.files.iter().map(|file| (name(&file.source), file.destination.as_str())).collect();
            let kept = if copied.parents { &copied.sources[..] } else { &[] };
            format!("copy {unpacks} {files:?} {kept:?} {}", copying.flags)
        }
    }
}

/// The mounts as they count: sorted by target, without where they come from.
pub(super) fn mounts(ran: &Ran) -> Vec<(String, Mount)> {
    let mut keyed: Vec<(String, Mount)> = Vec::with_capacity(ran.mounts.len());
    for mount in &ran.mounts {
        let target = mount_target(mount, ran);
        // BuildKit: of a cache only counts whether it is the one that belongs to the target.
        let is_usual = mount.id.is_empty() && mount.target.starts_with('/') || mount.id == target;
        let is_shared = matches!(mount.sharing.as_str(), "" | "shared");
        let id = match mount.kind {
            MountType::Cache => (is_usual && is_shared).to_string(),
            MountType::Bind | MountType::Tmpfs | MountType::Secret | MountType::Ssh => mount.id.clone(),
        };
        let source = match mount.kind {
            MountType::Secret | MountType::Ssh => mount.source.clone(),
            MountType::Bind | MountType::Cache | MountType::Tmpfs => String::new(),
        };
        let sharing = String::new();
        let written =
            Mount { from: String::new(), target: String::new(), source, id, sharing, ..mount.clone() };
        keyed.push((target, written));
    }
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed
}
