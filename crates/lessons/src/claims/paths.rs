//! Paths of the final image: whether they are there, and where they come from.
//!
//! The ledger is asked for the very path, so that one within a copied directory is followed too. Surprising: what an exact
//! COPY puts somewhere is there whatever made it, since the build would fail without it; of a path below a copied directory
//! that cannot be said. And of an image that is commonly known, directories are taken to be absent that no such image has.

use dockerfile::queries::ledger::{At, Certainty, How, Making, Node, NodeId, Place};
use dockerfile::queries::{self, Ledger, base_card};
use dockerfile::stages::{Source, SourceId};

use super::{Slot, image, stages};
use crate::work::{Asked, Outcome, Verdict};

/// Directories that a Linux system has in its root.
const USUAL: [&str; 20] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];
/// Those that are empty in the images that are commonly known.
const EMPTY: [&str; 3] = ["media", "mnt", "srv"];
/// Those that are empty in a plain system besides.
const EMPTY_IN_PLAIN: [&str; 5] = ["home", "opt", "tmp", "usr/src", "var/tmp"];
/// Images that are a system and nothing else.
const PLAIN: [&str; 5] = ["alpine", "busybox", "debian", "ubuntu", "gcr.io/distroless/"];

/// What is known of a path of the final image.
enum Presence {
    There(String, Option<At>),
    Absent(String, Option<At>),
    Unknown(String, Option<At>),
}

/// A path of the final image as far as it can be followed.
struct Followed {
    ledger: Ledger,
    node: NodeId,
    presence: Presence,
}

impl Followed {
    fn of(asked: &Asked<'_>) -> Followed {
        let path = asked.goal.value(Slot::Path);
        let graph = &asked.view.graph;
        let (ledger, nodes) = queries::ledger_asking(graph, asked.cut, asked.work.context, &[path]);
        // There is one for each path asked about.
        let node = nodes.first().copied().unwrap_or(NodeId(0));
        let presence = presence(asked, &ledger, node, path);
        Followed { ledger, node, presence }
    }

    fn verdict(&self, asked: &Asked<'_>) -> Verdict {
        let (verdict, at) = match &self.presence {
            Presence::There(why, at) => (Verdict::met(why), at),
            Presence::Absent(why, at) => (Verdict::unmet(why), at),
            Presence::Unknown(why, at) => (Verdict::unknown(why), at),
        };
        verdict.at(at.map_or(asked.target_range(), |at| asked.range(at)))
    }
}

pub(super) fn has(asked: &Asked<'_>) -> Verdict {
    Followed::of(asked).verdict(asked)
}

fn presence(asked: &Asked<'_>, ledger: &Ledger, id: NodeId, path: &str) -> Presence {
    let graph = &asked.view.graph;
    let told = |making: &Making| making.because.trim_end_matches('.').to_owned();
    if path == "/" {
        return Presence::There("Every image has it".to_owned(), None);
    }
    let entry = ledger.entry_at(path);
    if let Some(by) = entry.and_then(|entry| entry.removed_by) {
        let line = asked.line(asked.range(by));
        return Presence::Absent(format!("Line {line} likely removes it"), Some(by));
    }
    let Some(first) = ledger.node(id).and_then(|node| node.makings.first()) else {
        return Presence::Unknown(format!("Nothing is known of {path}"), None);
    };
    if let Some(entry) = entry.filter(|entry| !ledger.is_missing(entry.node)) {
        return Presence::There(ledger.describe(graph, entry.node), Some(entry.at));
    }
    let at = Some(first.at).filter(|_| first.how != How::Nothing);
    match (&first.how, first.certainty) {
        (How::Nothing, _) => Presence::Absent(format!("Nothing puts {path} into the image"), None),
        (How::Mount { .. }, _) => Presence::Absent(told(first), at),
        (How::Base, Certainty::Unknown) => of_base(asked, ledger, id, path, first),
        (How::Base, _) if is_rare(asked, path) => of_base(asked, ledger, id, path, first),
        (_, Certainty::Unknown) => Presence::Unknown(told(first), at),
        (_, _) if ledger.is_missing(id) => Presence::Absent(ledger.describe(graph, id), at),
        (_, _) => match ledger.certainty(id) {
            Certainty::Unknown => Presence::Unknown(ledger.describe(graph, id), at),
            Certainty::Certain | Certainty::Likely => Presence::There(ledger.describe(graph, id), at),
        },
    }
}

/// A path that only the base image may have, or a RUN of which nothing is known.
fn of_base(asked: &Asked<'_>, ledger: &Ledger, id: NodeId, path: &str, first: &Making) -> Presence {
    let makings = ledger.node(id).map(|node| &node.makings[..]).unwrap_or_default();
    let guess = makings.iter().find(|making| matches!(making.how, How::Run { .. }));
    if let Some(guess) = guess {
        let why = guess.because.trim_end_matches('.').to_owned();
        return Presence::Unknown(why, Some(guess.at));
    }
    let base = stages::base_source(asked, asked.cut.target);
    let Some(base) = base else { return Presence::Unknown(first.because.clone(), Some(first.at)) };
    let name = queries::source_words(base);
    match lacks(base, path) {
        true => {
            Presence::Absent(format!("No line puts {path} into the image, and {name} likely has none"), None)
        }
        false => {
            let why = format!("No line puts {path} into the image, and {name} may have it");
            Presence::Unknown(why, Some(first.at))
        }
    }
}

/// Whether the path is one that most systems have and the base image of the target lacks.
fn is_rare(asked: &Asked<'_>, path: &str) -> bool {
    stages::base_source(asked, asked.cut.target).is_some_and(|base| lacks(base, path))
}

/// Whether an image likely does not have a path.
fn lacks(base: &Source, path: &str) -> bool {
    let Some(card) = base_card(base) else { return false };
    let without_zones = ["alpine", "busybox", "ubuntu"].iter().any(|name| is_named(&card.reference, name));
    if path.starts_with("/usr/share/zoneinfo") && without_zones
        || path.starts_with("/etc/ssl/certs") && card.certificates == Some(false)
    {
        return true;
    }
    let path = path.trim_start_matches('/');
    let below = |directory: &str, path: &str| {
        let directory = directory.trim_matches('/');
        path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let of_workdir =
        card.workdir.value().is_some_and(|dir| below(dir, path) || below(path, dir.trim_matches('/')));
    let top = path.split('/').next().unwrap_or_default();
    let is_own = top.starts_with("docker-") || top.starts_with("__");
    let is_unusual = !USUAL.contains(&top) && !is_own && !of_workdir;
    let is_plain = PLAIN.iter().any(|name| is_named(&card.reference, name));
    let is_in = |empty: &[&str]| empty.iter().any(|directory| path != *directory && below(directory, path));
    is_unusual || !of_workdir && is_in(&EMPTY) || is_plain && is_in(&EMPTY_IN_PLAIN)
}

/// Whether a reference is of a repository, or below it if the name ends in a slash.
fn is_named(reference: &str, name: &str) -> bool {
    let rest = reference.strip_prefix(name);
    rest.is_some_and(|rest| name.ends_with('/') || rest.is_empty() || rest.starts_with([':', '@']))
}

/// The nodes on the way of a path back to where it is from; of each, whether that way is more than a guess.
fn way(ledger: &Ledger, id: NodeId, follows: impl Fn(&Making) -> bool) -> Vec<(&Node, bool)> {
    let mut seen = vec![false; ledger.nodes.len()];
    let mut way = Vec::new();
    // What is sure comes first, so that no guess takes its place.
    let (mut open, mut guesses) = (vec![id], Vec::new());
    let mut is_sure = true;
    while let Some(id) = open.pop().or_else(|| {
        is_sure = false;
        guesses.pop()
    }) {
        let Some(node) = ledger.node(id) else { continue };
        if std::mem::replace(&mut seen[id.0], true) {
            continue;
        }
        way.push((node, is_sure));
        for making in node.makings.iter().filter(|making| follows(making)) {
            // What nothing in the stage makes was there from the start.
            let is_only = making.how == How::Base && node.makings.len() == 1;
            let is_guess = !is_sure || making.certainty == Certainty::Unknown && !is_only;
            let next = if is_guess { &mut guesses } else { &mut open };
            next.extend(making.from.iter().copied());
        }
    }
    way
}

/// Whether what is at a place gets on as it is.
fn is_copied(making: &Making) -> bool {
    matches!(making.how, How::Copy | How::Base | How::Unpack | How::Fetch)
}

/// Judges where a path comes from.
fn from(asked: &Asked<'_>, what: &str, as_it_is: bool, is_it: impl Fn(&Node) -> bool) -> Verdict {
    let followed = Followed::of(asked);
    let there = followed.verdict(asked);
    if there.outcome != Outcome::Met {
        return there;
    }
    let ledger = &followed.ledger;
    let entry = ledger.entry_at(asked.goal.value(Slot::Path));
    let id = entry.map_or(followed.node, |entry| entry.node);
    let way = way(ledger, id, |making| !as_it_is || is_copied(making));
    let why = ledger.describe(&asked.view.graph, id);
    let verdict = match way.iter().find(|(node, _)| is_it(node)) {
        Some((_, true)) => Verdict::met(why),
        Some((_, false)) => Verdict::unknown(why),
        None if way.iter().any(|(node, _)| is_open(node)) => Verdict::unknown(why),
        None => Verdict::unmet(format!("It does not come from {what}: {why}")),
    };
    Verdict { range: there.range, ..verdict }
}

/// Whether only guesses tell where it is from.
fn is_open(node: &Node) -> bool {
    let of_stage = matches!(node.place, Place::Stage(_));
    of_stage && node.makings.iter().all(|making| making.certainty == Certainty::Unknown)
}

pub(super) fn from_stage(asked: &Asked<'_>) -> Verdict {
    match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => {
            let id = stage.id;
            let is_here = |node: &Node| {
                node.place == Place::Stage(id) || node.makings.first().is_some_and(|it| it.at.stage == id)
            };
            from(asked, &format!("stage {}", stage.display_name()), false, is_here)
        }
        Err(verdict) => verdict,
    }
}

pub(super) fn from_image(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Image);
    from(asked, wanted, true, |node| of_image(asked, node, wanted))
}

pub(super) fn from_context(asked: &Asked<'_>) -> Verdict {
    let is_context = |id: SourceId| asked.view.graph.sources.get(id.0) == Some(&Source::Context);
    from(asked, "the build context", false, |node| matches!(node.place, Place::Source(id) if is_context(id)))
}

pub(super) fn from_heredoc(asked: &Asked<'_>) -> Verdict {
    from(asked, "a heredoc", true, |node| matches!(node.place, Place::Heredoc(_)))
}

fn of_image(asked: &Asked<'_>, node: &Node, wanted: &str) -> bool {
    source(asked, node).is_some_and(|source| image::is_of(source, wanted))
}

/// What from outside the file a node is in.
fn source<'a>(asked: &Asked<'a>, node: &Node) -> Option<&'a Source> {
    let Place::Source(id) = node.place else { return None };
    asked.view.graph.sources.get(id.0)
}

pub(super) fn nothing_of_image(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Image);
    let base = image::built_on(asked);
    if base.outcome == Outcome::Met {
        return base.not();
    }
    let ledger = asked.view.ledger(asked.work);
    let mut doubt = None;
    for entry in &ledger.entries {
        let way = way(ledger, entry.node, is_copied);
        for (node, is_sure) in way.into_iter().filter(|(node, _)| of_image(asked, node, wanted)) {
            let place = asked.range(entry.at);
            let (line, path) = (asked.line(place), &node.path);
            if is_sure {
                let what = if path == "/" { "files" } else { path };
                return Verdict::unmet(format!("Line {line} brings {what} of {wanted}")).at(place);
            }
            // A directory that no such image has was made in the stage.
            if !source(asked, node).is_some_and(|source| lacks(source, path)) {
                let why = format!("Line {line} copies {path}, which may come with {wanted}");
                doubt = doubt.or(Some(Verdict::unknown(why).at(place)));
            }
        }
    }
    doubt.unwrap_or_else(|| Verdict::met(format!("No file of {wanted} gets into the image")))
}

pub(super) fn nothing_of_stage(asked: &Asked<'_>) -> Verdict {
    let stage = match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let name = stage.display_name();
    if stages::lineage(asked, asked.target()).any(|it| it.id == stage.id) {
        let why = format!("The image is built on stage {name}");
        return Verdict::unmet(why).at(asked.first_line(stage));
    }
    let ledger = asked.view.ledger(asked.work);
    let is_here = |node: &Node| node.place == Place::Stage(stage.id);
    let found = ledger.entries.iter().find(|entry| {
        way(ledger, entry.node, is_copied).into_iter().any(|(node, is_sure)| is_sure && is_here(node))
    });
    match found {
        Some(entry) => {
            let place = asked.range(entry.at);
            Verdict::unmet(format!("Line {} brings files of stage {name}", asked.line(place))).at(place)
        }
        None => Verdict::met(format!("No file of stage {name} gets into the image")),
    }
}
