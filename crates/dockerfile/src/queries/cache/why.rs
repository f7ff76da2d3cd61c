//! Why a step runs again: the first difference that there is, in a sentence that names its cause.
//!
//! One looks for it in this order: what the instruction says, what it stands on, what the instructions above have set,
//! and what it reads.

use std::collections::{HashMap, HashSet};

use super::solve::{Found, inputs, mounts};
use super::tell::{Teller, Why, runs, takes};
use super::wanted::Wanted;
use super::{FileChange, Files};
use crate::queries::plan::{Copying, Op, Outside, Place, Plan, ReadKind, Running, VariableSet, Vertex};
use crate::stages::{Effect, FileCopy, StageId, join_path};
use crate::syntax::InstructionKind;

/// At most so many files are named in one sentence.
const MAX_NAMES: usize = 2;
/// At most so many steps or variables are looked at for one sentence.
const MAX_LOOKS: usize = 1000;

impl Teller<'_> {
    /// Why a vertex runs again.
    pub(super) fn runs(&self, place: Place, id: usize) -> Why {
        let vertex = &self.plan.vertices[id];
        let keyword = keyword(vertex);
        if let Op::Source(outside) = &vertex.op {
            return self.source(place, outside);
        }
        let before = self.counterpart(place, id);
        let Some(before) = before else {
            return (format!("This {keyword} was not there before"), Some(place));
        };
        let old = &self.solved.before.plan.vertices[before];
        if let Some(what) = written_difference(old, vertex) {
            return (what, Some(place));
        }
        if let Some(why) = self.base_difference(place, id) {
            return why;
        }
        if let Some(why) = self.inherited_difference(place, old, vertex) {
            return why;
        }
        if let Some(Found::Runs { reads }) = &self.solved.found[id]
            && let Some(&nth) = reads.first()
        {
            return self.read_difference(place, id, nth);
        }
        if self.solved.definitions[0][before] != self.solved.definitions[1][id] {
            return (format!("This {keyword} does something else than before"), Some(place));
        }
        self.other_base(place, id)
    }

    fn source(&self, place: Place, outside: &Outside) -> Why {
        let sentence = match outside {
            Outside::Image { reference, .. } => {
                let is_moved = self.solved.changes.images.iter().any(|it| it.reference == *reference);
                match is_moved {
                    true => "The reference stands for another image now".to_owned(),
                    false => "It is another image than before".to_owned(),
                }
            }
            Outside::Directory(_) => {
                "A directory in the place of an image is sent anew in each build, and never found in the cache"
                    .to_owned()
            }
            Outside::Context | Outside::Remote(_) | Outside::Layout(_) => {
                "It is not what it was before".to_owned()
            }
        };
        (sentence, Some(place))
    }

    /// The vertex of the same instruction before.
    fn counterpart(&self, place: Place, id: usize) -> Option<usize> {
        let wanted = kind(&self.plan.vertices[id].op);
        // Triggers of one FROM come in the same order.
        let ours = self.after.get(&place)?.iter().take_while(|&&it| it != id);
        let nth = ours.filter(|&&it| kind(&self.plan.vertices[it].op) == wanted).count();
        let theirs = self.before.get(&self.solved.rows.before(place)?)?.iter();
        theirs.copied().filter(|&it| kind(&self.solved.before.plan.vertices[it].op) == wanted).nth(nth)
    }

    /// What it stands on runs again.
    fn base_difference(&self, place: Place, id: usize) -> Option<Why> {
        let keyed = inputs(&self.plan.vertices, id).keyed;
        let base = keyed.into_iter().find(|&base| runs(self.solved, base))?;
        let vertex = &self.plan.vertices[base];
        let keyword = keyword(&self.plan.vertices[id]);
        let by = if matches!(self.plan.vertices[id].op, Op::Run(_)) { "its command" } else { "what it does" };
        if let Op::Source(outside) = &vertex.op {
            let from = Place { row: 0, ..place };
            let which = match outside {
                Outside::Image { reference, .. }
                    if self.solved.changes.images.iter().any(|it| it.reference == *reference) =>
                {
                    "the image is another one under the same name"
                }
                Outside::Directory(_) => "that is a directory, which is sent anew in each build",
                Outside::Image { .. } | Outside::Context | Outside::Remote(_) | Outside::Layout(_) => {
                    "that is something else than before"
                }
            };
            return Some((
                format!("{keyword} is keyed by {by} and by what it starts from; {which}"),
                Some(from),
            ));
        }
        let cause = vertex.place?;
        let sentence = format!(
            "{keyword} is keyed by {by} and by what it starts from; line {} runs again",
            self.line(cause)
        );
        Some((sentence, Some(cause)))
    }

    /// It stands on something else, though that is cached.
    pub(super) fn other_base(&self, place: Place, id: usize) -> Why {
        if let Some(why) = self.base_difference(place, id) {
            return why;
        }
        let keyed = inputs(&self.plan.vertices, id).keyed;
        let cause = keyed.first().and_then(|&base| self.plan.vertices[base].place);
        (
            format!(
                "{} did not stand on this before: what it starts from is part of its key",
                keyword(&self.plan.vertices[id])
            ),
            cause,
        )
    }

    /// A setting that stands elsewhere.
    fn inherited_difference(&self, place: Place, old: &Vertex<'_>, new: &Vertex<'_>) -> Option<Why> {
        let (Op::Run(old), Op::Run(new)) = (&old.op, &new.op) else {
            let (Op::Mkdir { owner: old, .. }, Op::Mkdir { owner: new, .. }) = (&old.op, &new.op) else {
                return None;
            };
            let epoch = |plan: &Plan<'_>| plan.graph.source_date_epoch.clone();
            let user = |effect: &Effect| matches!(effect, Effect::User(_));
            return if old != new {
                Some((format!("The directory belongs to {} now", user_name(new)), self.setting(place, user)))
            } else if epoch(self.plan) != epoch(self.solved.before.plan) {
                Some((
                    "WORKDIR gives its directory the time that SOURCE_DATE_EPOCH says".to_owned(),
                    Some(place),
                ))
            } else {
                None
            };
        };
        if old.ran.workdir != new.ran.workdir {
            let workdir = |effect: &Effect| matches!(effect, Effect::Workdir { .. });
            let sentence = format!("RUN runs in {} now, not in {}", new.ran.workdir, old.ran.workdir);
            return Some((sentence, self.setting(place, workdir)));
        }
        if old.ran.user != new.ran.user {
            let user = |effect: &Effect| matches!(effect, Effect::User(_));
            let sentence =
                format!("RUN runs as {} now, not as {}", user_name(&new.ran.user), user_name(&old.ran.user));
            return Some((sentence, self.setting(place, user)));
        }
        if old.platform != new.platform {
            return Some((format!("RUN is for {} now, not for {}", new.platform, old.platform), Some(place)));
        }
        (old.environment != new.environment).then(|| self.environment(place, old, new))
    }

    /// Which variable makes the difference.
    fn environment(&self, place: Place, old: &Running<'_>, new: &Running<'_>) -> Why {
        let before = variables(self.solved.before.plan, old.settings);
        let (Some(before), Some(after)) = (before, variables(self.plan, new.settings)) else {
            return ("The environment of RUN is another one".to_owned(), Some(place));
        };
        let old_values: HashMap<&str, &str> = before.iter().map(|it| (&*it.name, &*it.value)).collect();
        let new_values: HashMap<&str, &str> = after.iter().map(|it| (&*it.name, &*it.value)).collect();
        let other = after.iter().find(|it| old_values.get(&*it.name) != Some(&&*it.value));
        if let Some(it) = other {
            let keyword = &self.plan.graph.stages[it.place.stage.0].steps[it.place.row].keyword;
            let is_used = new.ran.line.arguments.iter().any(|argument| argument.contains(&*it.name));
            let though = if is_used { "" } else { ", although its command does not name it" };
            return (format!("{keyword} {} is in the environment of RUN{though}", it.name), Some(it.place));
        }
        if let Some(it) = before.iter().find(|it| !new_values.contains_key(&*it.name)) {
            return (format!("{} is not in the environment of RUN any more", it.name), None);
        }
        (
            "The variables of RUN come in another order".to_owned(),
            after.last().map(|it| it.place).or(Some(place)),
        )
    }

    /// The last instruction above that makes a setting.
    fn setting(&self, place: Place, is_it: impl Fn(&Effect) -> bool) -> Option<Place> {
        let stage = &self.plan.graph.stages[place.stage.0];
        let mut above = stage.commands.iter().filter(|it| it.trigger.is_none() && it.step <= place.row);
        above.rfind(|it| is_it(&it.effect)).map(|it| Place { row: it.step, ..place })
    }

    /// What it reads is other content.
    fn read_difference(&self, place: Place, id: usize, nth: usize) -> Why {
        let vertex = &self.plan.vertices[id];
        let keyword = keyword(vertex);
        let reads = match &vertex.op {
            Op::Run(running) => &running.reads[..],
            Op::Copy(copying) => &copying.reads[..],
            Op::Source(_)
            | Op::Document { .. }
            | Op::CacheDirectory
            | Op::Mkdir { .. }
            | Op::Merge { .. } => &[],
        };
        let does = if matches!(vertex.op, Op::Run(_)) { "mounts" } else { "takes" };
        let Some(read) = reads.get(nth) else {
            return self.other_base(place, id);
        };
        let Some(from) = read.from else {
            return (format!("{keyword} {does} something else than before"), Some(place));
        };
        let source = &self.plan.vertices[from];
        if let Some(context) = source.context() {
            let reads_of_contexts = self.reads_of_contexts(id);
            let is_taken = |(it, _): &&(&FileChange, &str)| {
                it.context.as_deref() == context && takes(&reads_of_contexts, it)
            };
            let changed: Vec<_> = self.solved.changed.iter().filter(is_taken).collect();
            return match &changed[..] {
                [] => (format!("{keyword} {does} something else than before"), Some(place)),
                changed => (format!("{} {does} {}", self.short(place, vertex), names(changed)), Some(place)),
            };
        }
        match (&source.op, source.place) {
            (Op::Document { .. }, _) => ("The text of the heredoc is another one".to_owned(), Some(place)),
            (Op::Source(Outside::Image { reference, .. }), _) => {
                let known = self.solved.changes.images.iter().find(|it| it.reference == *reference);
                let sentence = match known.map(|it| &it.files) {
                    Some(Files::Unknown) => {
                        format!("{keyword} {does} {} of an image that is another one now", read.path)
                    }
                    Some(Files::Below(_)) => {
                        format!("{keyword} {does} {}, which is different in the image now", read.path)
                    }
                    Some(Files::Same) | None => {
                        format!("{keyword} {does} something of another image than before")
                    }
                };
                (sentence, Some(place))
            }
            (Op::Source(Outside::Remote(url)), _) => {
                (format!("What {} has is something else now", shortened(url)), Some(place))
            }
            (_, Some(_)) if runs(self.solved, from) => {
                let cause = self.writer(from, read.path.as_str());
                let path = if read.kind == ReadKind::Path { read.path.as_str() } else { "/" };
                let line = self.line(cause);
                (
                    format!(
                        "{keyword} {does} {path} from a stage where line {line} runs again and may write something else"
                    ),
                    Some(cause),
                )
            }
            (_, other) => {
                (format!("{keyword} {does} from something else than before"), other.or(Some(place)))
            }
        }
    }

    /// The instruction that a vertex is made for, if it is short.
    fn short(&self, place: Place, vertex: &Vertex<'_>) -> String {
        let step = &self.plan.graph.stages[place.stage.0].steps[place.row];
        let keyword = keyword(vertex);
        // What a FROM triggers stands elsewhere.
        match step.summary.len() <= 24 && step.kind != InstructionKind::From {
            true => format!("{keyword} {}", step.summary),
            false => keyword.to_owned(),
        }
    }

    /// The step of a stage that may have written what is read: the last one that runs again there.
    fn writer(&self, end: usize, path: &str) -> Place {
        let mut last = self.plan.vertices[end].place.unwrap_or(Place { stage: StageId(0), row: 0 });
        let wanted = Wanted::all(path);
        let mut next = Some(end);
        for _ in 0..MAX_LOOKS {
            let Some(id) = next.filter(|&id| runs(self.solved, id)) else { break };
            let vertex = &self.plan.vertices[id];
            let (may_write, base) = match &vertex.op {
                Op::Run(running) => (true, running.base),
                Op::Copy(Copying { base, copied, .. }) => {
                    let is_there =
                        copied.files.iter().any(|file| wanted.meets(&join_path(&["/", &file.destination])));
                    (is_there, *base)
                }
                Op::Mkdir { base, .. } => (false, *base),
                Op::Merge { base, .. } => (true, Some(*base)),
                Op::Source(_) | Op::Document { .. } | Op::CacheDirectory => (false, None),
            };
            if let Some(place) = vertex.place {
                if may_write {
                    return place;
                }
                last = place;
            }
            next = base;
        }
        last
    }
}

/// What is different in what the instructions say.
fn written_difference(old: &Vertex<'_>, new: &Vertex<'_>) -> Option<String> {
    let keyword = keyword(new);
    match (&old.op, &new.op) {
        (Op::Run(old), Op::Run(new)) => run_difference(old, new).map(str::to_owned),
        (Op::Copy(old), Op::Copy(new)) => copy_difference(old, new).map(|what| format!("{keyword} {what}")),
        (Op::Mkdir { path: old, .. }, Op::Mkdir { path: new, .. }) => {
            (old != new).then(|| format!("{keyword} makes {new} now, not {old}"))
        }
        _ => None,
    }
}

fn run_difference(old: &Running<'_>, new: &Running<'_>) -> Option<&'static str> {
    if old.ran.line.arguments != new.ran.line.arguments {
        return Some("The command is another one");
    }
    if old.ran.script != new.ran.script {
        return Some("The script is another one");
    }
    let (ours, theirs) = (mounts(new.ran), mounts(old.ran));
    if ours.len() != theirs.len() || ours.iter().zip(&theirs).any(|(a, b)| a.1 != b.1) {
        return Some("The mounts of RUN are others");
    }
    (old.flags != new.flags).then_some("The flags of RUN are others")
}

fn copy_difference(old: &Copying<'_>, new: &Copying<'_>) -> Option<&'static str> {
    let other = |name: fn(&FileCopy) -> &str| {
        let (old, new) = (&old.copied.files, &new.copied.files);
        old.len() != new.len() || old.iter().zip(new).any(|(old, new)| name(old) != name(new))
    };
    let kept = |copying: &Copying<'_>| copying.copied.parents.then(|| copying.copied.sources.clone());
    if other(|file| file.source.rsplit('/').next().unwrap_or_default()) || kept(old) != kept(new) {
        return Some("takes something else than before");
    }
    if other(|file| &file.destination) {
        return Some("puts it somewhere else than before");
    }
    match (old.base, new.base) {
        (Some(_), None) => return Some("has --link now, which makes it another operation"),
        (None, Some(_)) => return Some("is without --link now, which makes it another operation"),
        (Some(_), Some(_)) | (None, None) => {}
    }
    if old.flags != new.flags {
        return Some("has other flags than before");
    }
    (old.is_add != new.is_add).then_some("is another operation: ADD unpacks archives, COPY does not")
}

/// The keyword of the instruction that a vertex is made for, be it a trigger.
pub(super) fn keyword(vertex: &Vertex<'_>) -> &'static str {
    match &vertex.op {
        Op::Run(_) => "RUN",
        Op::Copy(Copying { is_add: true, .. }) => "ADD",
        Op::Copy(_) | Op::Merge { .. } | Op::Document { .. } => "COPY",
        Op::Mkdir { .. } => "WORKDIR",
        Op::Source(_) => "FROM",
        Op::CacheDirectory => "RUN",
    }
}

/// A number for what a vertex does.
fn kind(op: &Op<'_>) -> u8 {
    match op {
        Op::Source(_) => 0,
        Op::Document { .. } => 1,
        Op::CacheDirectory => 2,
        Op::Mkdir { .. } => 3,
        Op::Run(_) => 4,
        Op::Copy(_) => 5,
        Op::Merge { .. } => 6,
    }
}

/// What is set at a point, each name once; `None` if it is too much to look at.
fn variables<'p>(plan: &'p Plan<'_>, last: Option<usize>) -> Option<Vec<&'p VariableSet>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut next = last;
    for _ in 0..MAX_LOOKS {
        let Some(set) = next.and_then(|at| plan.settings.get(at)) else {
            found.reverse();
            return Some(found);
        };
        if seen.insert(&*set.name) {
            found.push(set);
        }
        next = set.before;
    }
    None
}

fn user_name(user: &str) -> &str {
    if user.is_empty() { "the image's user" } else { user }
}

/// `main.go, which changed`.
fn names(changed: &[&(&FileChange, &str)]) -> String {
    let named = changed.iter().take(MAX_NAMES).map(|(change, what)| format!("{}, {what}", change.path));
    let all = named.collect::<Vec<_>>().join("; ");
    match changed.len().saturating_sub(MAX_NAMES) {
        0 => all,
        1 => format!("{all}; and one more file that changed"),
        more => format!("{all}; and {more} more files that changed"),
    }
}

fn shortened(url: &str) -> String {
    match url.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &url[..end]),
        None => url.to_owned(),
    }
}
