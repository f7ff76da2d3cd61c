//! The ledger in plain sentences.

use super::facts::{Book, Does, Fact, Opaque, is_empty};
use super::paths;
use super::{At, Certainty, How, Ledger, Making, NodeId, Package, Place, Shape};
use crate::queries::describe::source_words;
use crate::stages::{Source, SourceId, StageGraph, StageId};

/// Steps back that a sentence tells.
const MAX_HOPS: usize = 6;
/// Lines that a sentence names.
const MAX_LINES: usize = 6;

/// Makes the sentences of [`super::Making::because`].
pub(super) struct Teller<'b, 'g> {
    pub(super) book: &'b Book<'g>,
}

impl Teller<'_, '_> {
    pub(super) fn fact(&self, fact: &Fact, removed_by: Option<At>) -> String {
        let graph = self.book.graph;
        let line = line(graph, fact.at);
        let source = || match fact.reads.first() {
            Some(read) => located(graph, read.place, &read.path, read.shape),
            None => "somewhere".to_owned(),
        };
        let mut text = match &fact.how {
            How::Copy => format!("{line} copies {}", source()),
            How::Unpack => format!("{line} likely unpacks {}", source()),
            How::Fetch => format!("{line} fetches {}", source()),
            How::Workdir => format!("{line} makes this directory for WORKDIR"),
            How::Run { command } => format!("{line} likely makes it ({command})"),
            How::Mount { command } => {
                let (kind, target) = match &fact.does {
                    Does::Loses(kind, target) => (*kind, target.as_str()),
                    Does::Makes | Does::Changes(_) | Does::Removes => ("", ""),
                };
                format!(
                    "{line} likely makes it ({command}), but in the {kind} mount at {target}, which is no part of the image"
                )
            }
            How::Base | How::Nothing => String::new(),
        };
        if fact
            .reads
            .first()
            .is_some_and(|read| matches!(read.place, Place::Source(id) if is_empty(graph, id)))
        {
            text.push_str(", so the build fails here");
        }
        if let Some(excludes) = fact.excludes.first() {
            text.push_str(&format!(", without {excludes}"));
        }
        if let Some(at) = removed_by {
            let by = self::line(graph, at);
            text.push_str(&format!(", but {} likely removes it again", lower(&by)));
        }
        text + "."
    }

    /// A copy of something that may hold the path.
    pub(super) fn maybe(&self, fact: &Fact) -> String {
        let line = line(self.book.graph, fact.at);
        match &fact.how {
            How::Run { command } => format!("{line} may make it as well ({command})."),
            _ => format!(
                "{line} may bring it along: it copies {}.",
                fact.reads.first().map_or("something above it".to_owned(), |read| located(
                    self.book.graph,
                    read.place,
                    &read.path,
                    read.shape
                ))
            ),
        }
    }

    pub(super) fn opaque(&self, opaque: &Opaque, is_more: bool) -> String {
        let line = line(self.book.graph, opaque.at);
        let more = if is_more { "write there as well" } else { "have made it" };
        format!("{line} may {more}; what it writes cannot be told ({}).", opaque.command)
    }

    pub(super) fn package(&self, package: &Package) -> String {
        let line = line(self.book.graph, package.at);
        format!("{line} installs a package of this name ({} {}).", package.manager, package.name)
    }

    pub(super) fn image(&self, id: SourceId, is_usual: bool) -> String {
        let name = source(self.book.graph, id);
        match is_usual {
            true => format!("It likely comes with {name}, as with most images."),
            false => format!("It may come with {name}."),
        }
    }

    pub(super) fn base(&self, stage: StageId, base: StageId) -> String {
        let from = line(self.book.graph, At { stage, step: 0, trigger: None });
        format!(
            "It is there from the start: {} builds on {}.",
            lower(&from),
            stage_name(self.book.graph, base)
        )
    }

    pub(super) fn nothing(&self, stage: StageId, path: &str) -> String {
        let name = stage_name(self.book.graph, stage);
        match paths::is_pattern(path) {
            _ if path == "/" => format!("There is nothing in {name}."),
            true => format!("Nothing in {name} matches this, so nothing is copied."),
            false => format!("Nothing in {name} makes this path, so the build fails here."),
        }
    }
}

impl Ledger {
    /// A sentence on where a node comes from, as far as it is known.
    pub fn describe(&self, graph: &StageGraph, id: NodeId) -> String {
        let Some(node) = self.node(id) else { return String::new() };
        let mut text = match node.place {
            Place::Stage(_) => shown_path(&node.path, node.shape),
            place => located(graph, place, &node.path, node.shape),
        };
        let mut next = node;
        for hop in 0..MAX_HOPS {
            let link = if hop == 0 { " " } else { ", which " };
            let told: Vec<&Making> = next.makings.iter().filter(|it| it.how != How::Workdir).collect();
            let (Some(making), n_makings) = (told.first().copied().or(next.makings.first()), told.len())
            else {
                break;
            };
            text.push_str(link);
            if n_makings > 1 && making.certainty < Certainty::Unknown {
                text.push_str(&format!(
                    "{} made by {}",
                    if hop == 0 { "is" } else { "was" },
                    lines(graph, &told)
                ));
                break;
            }
            let by = lower(&line(graph, making.at));
            let likely = match making.certainty {
                Certainty::Certain => "",
                Certainty::Likely => "likely ",
                Certainty::Unknown => "perhaps ",
            };
            let from = making.from.first().and_then(|id| self.node(*id));
            let (end, step) = match (&making.how, from) {
                (How::Copy | How::Fetch | How::Unpack | How::Base, Some(from)) => {
                    let verb = match making.how {
                        How::Unpack => "is unpacked",
                        How::Fetch => "is fetched",
                        _ => "comes",
                    };
                    let source = located(graph, from.place, &from.path, from.shape);
                    (format!("{likely}{verb} from {source}"), Some(from))
                }
                (How::Workdir, _) => (format!("is made by {by} (WORKDIR)"), None),
                (How::Run { command }, _) => {
                    let verb =
                        if making.certainty == Certainty::Unknown { "may make" } else { "likely makes" };
                    let is_what = if hop == 0 { "is what " } else { "" };
                    (format!("{is_what}{by} {verb} ({command})"), None)
                }
                (How::Mount { command }, _) => {
                    (format!("is not kept: {by} makes it in a mount ({command})"), None)
                }
                (How::Copy | How::Fetch | How::Unpack | How::Base | How::Nothing, _) => {
                    ("nothing makes".to_owned(), None)
                }
            };
            text.push_str(&end);
            match step {
                Some(from) => next = from,
                None => break,
            }
        }
        text
    }
}

/// `Line 7`; for a trigger the line of the FROM that runs it.
pub(super) fn line(graph: &StageGraph, at: At) -> String {
    let stage = graph.stages.get(at.stage.0);
    let step = stage.and_then(|stage| stage.steps.get(at.step));
    let number = step.map_or(0, |step| step.lines.first);
    match at.trigger {
        Some(_) => format!("Line {number} (ONBUILD)"),
        None => format!("Line {number}"),
    }
}

/// `lines 3, 4 and 7`.
fn lines(graph: &StageGraph, makings: &[&Making]) -> String {
    let mut numbers: Vec<String> = Vec::new();
    for making in makings.iter().filter(|making| making.certainty < Certainty::Unknown) {
        let number = line(graph, making.at).replacen("Line ", "", 1);
        if numbers.last() == Some(&number) {
            continue;
        }
        if numbers.len() == MAX_LINES {
            return format!("lines {} and more", numbers.join(", "));
        }
        numbers.push(number);
    }
    match numbers.split_last() {
        Some((last, [])) => format!("line {last}"),
        Some((last, rest)) => format!("lines {} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn lower(text: &str) -> String {
    text.replacen('L', "l", 1)
}

fn stage_name(graph: &StageGraph, id: StageId) -> String {
    graph.stages.get(id.0).map_or(String::new(), |stage| format!("stage {}", stage.display_name()))
}

fn source(graph: &StageGraph, id: SourceId) -> String {
    graph.sources.get(id.0).map_or(String::new(), source_words)
}

/// A path with its place: `/src/api of stage build`.
pub(super) fn located(graph: &StageGraph, place: Place, path: &str, shape: Shape) -> String {
    let of = match place {
        Place::Stage(id) => stage_name(graph, id),
        Place::Source(id) => match graph.sources.get(id.0) {
            Some(Source::Remote(address)) => return address.clone(),
            _ => source(graph, id),
        },
        Place::Heredoc(_) => return format!("the heredoc {}", path.trim_start_matches('/')),
    };
    match path {
        "/" => format!("everything in {of}"),
        path => format!("{} of {of}", shown_path(path, shape)),
    }
}

fn shown_path(path: &str, shape: Shape) -> String {
    match shape {
        Shape::Tree if path != "/" => format!("{path}/"),
        Shape::File | Shape::Directory | Shape::Tree | Shape::Either | Shape::Pattern => path.to_owned(),
    }
}
