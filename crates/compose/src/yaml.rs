//! YAML as a tree in which everything knows where it stands; merge keys are done.
//!
//! Follows what Compose makes of YAML (yaml.v3): a key that comes twice is an error, and so are aliases that would make
//! far more of a text than is written. Surprising: nodes behind aliases are shared, and their size after expansion is
//! known without expanding them.

use std::collections::HashMap;
use std::rc::Rc;

use protocol::builds::{Level, Place, Problem};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

/// More nodes than this, aliases expanded, are not read.
const MAX_NODES: usize = 200_000;
/// Deeper nesting is not read.
const MAX_DEPTH: usize = 64;

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) tag: Tagged,
    pub(crate) kind: Kind,
    /// How many nodes it is, aliases expanded.
    size: usize,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A text, and whether it is written without quotes, so that it may be a number or nothing.
    Scalar(String, bool),
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: Place,
    pub(crate) value: Rc<Node>,
}

/// The tags that mean something to Compose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tagged {
    #[default]
    No,
    /// `!reset`: as if it were not there.
    Reset,
    /// `!override`: it replaces instead of being merged.
    Override,
}

impl Node {
    /// What stands at a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key && entry.value.tag != Tagged::Reset)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Scalar(..) | Kind::List(_) => &[],
        }
    }

    /// Whether nothing is written, or the word for it.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// A node that was made here.
    pub(crate) fn made(at: Place, kind: Kind) -> Node {
        let size = match &kind {
            Kind::Scalar(..) => 1,
            Kind::List(items) => 1 + items.iter().map(|it| it.size).sum::<usize>(),
            Kind::Map(entries) => 1 + entries.iter().map(|it| it.value.size).sum::<usize>(),
        };
        Node { at, tag: Tagged::No, kind, size }
    }
}

/// A collection that is not at its end yet.
struct Open {
    at: Place,
    anchor: usize,
    tag: Tagged,
    size: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Rc<Node>>),
    /// The entries, and the key that waits for its value.
    Map(Vec<Entry>, Option<(String, Place)>),
}

/// The first document of a text; `None` if there is none.
///
/// # Errors
/// What stands in the way, with what to do.
pub(crate) fn parse(text: &str, problems: &mut Vec<Problem>) -> Result<Option<Rc<Node>>, Problem> {
    let mut parser = Parser::new_from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Rc<Node>> = HashMap::new();
    let mut root = None;
    let mut total = 0usize;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            fault(
                spot(*error.marker()),
                format!("This is not YAML: {}", error.info()),
                &advice(text, error.info(), error.marker().line()),
            )
        })?;
        let at = spot(span.start);
        let (node, anchor) = match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
            Event::DocumentStart(_) if root.is_some() => {
                problems.push(Problem {
                    level: Level::Info,
                    at,
                    message: "Only the first of several YAML documents is read here".to_owned(),
                    help: None,
                });
                break;
            }
            Event::DocumentStart(_) => continue,
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                let kind = Kind::Scalar(text.into_owned(), is_plain);
                (Rc::new(Node { tag: tagged(tag.as_deref()), ..Node::made(at, kind) }), anchor)
            }
            Event::Alias(id) => match anchors.get(&id) {
                Some(node) => (node.clone(), 0),
                None => {
                    let help = "Give what is to be repeated a place outside of itself";
                    return Err(fault(at, "An alias stands within what it stands for".to_owned(), help));
                }
            },
            Event::SequenceStart(anchor, tag) => {
                begin(&mut open, at, span, anchor, tag.as_deref(), OpenKind::List(Vec::new()))?;
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                begin(&mut open, at, span, anchor, tag.as_deref(), OpenKind::Map(Vec::new(), None))?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                let kind = match done.kind {
                    OpenKind::List(items) => Kind::List(items),
                    OpenKind::Map(entries, _) => Kind::Map(merged(entries)?),
                };
                (Rc::new(Node { at: done.at, tag: done.tag, kind, size: done.size }), done.anchor)
            }
        };
        total = total.saturating_add(node.size);
        if total > MAX_NODES {
            let help = "Repeat less by aliases within aliases";
            return Err(fault(
                at,
                format!("There are more than {MAX_NODES} values, aliases counted as often as they stand"),
                help,
            ));
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            None => root = Some(node),
            Some(outer) => put(outer, node, at)?,
        }
    }
    Ok(root)
}

fn begin(
    open: &mut Vec<Open>,
    at: Place,
    span: Span,
    anchor: usize,
    tag: Option<&Tag>,
    kind: OpenKind,
) -> Result<(), Problem> {
    if open.len() >= MAX_DEPTH {
        let message = format!("Things lie more than {MAX_DEPTH} levels within each other");
        return Err(fault(
            spot(span.start),
            message,
            "No Compose file needs that; look for a bracket that is not closed",
        ));
    }
    open.push(Open { at, anchor, tag: tagged(tag), size: 1, kind });
    Ok(())
}

/// Puts a node into the collection that is open.
fn put(outer: &mut Open, node: Rc<Node>, at: Place) -> Result<(), Problem> {
    outer.size = outer.size.saturating_add(node.size);
    match &mut outer.kind {
        OpenKind::List(items) => items.push(node),
        OpenKind::Map(entries, waiting) => match waiting.take() {
            Some((key, key_at)) => entries.push(Entry { key, at: key_at, value: node }),
            None => match &node.kind {
                Kind::Scalar(key, _) => *waiting = Some((key.clone(), at)),
                Kind::List(_) | Kind::Map(_) => {
                    return Err(fault(
                        at,
                        "A key has to be a word".to_owned(),
                        "Put quotes around it, if it is meant as a text",
                    ));
                }
            },
        },
    }
    Ok(())
}

/// The entries of a mapping with what its merge keys bring; what is written in it wins, and of several merged mappings
/// the earlier.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Problem> {
    let mut seen: HashMap<&str, Place> = HashMap::with_capacity(entries.len());
    for entry in entries.iter().filter(|entry| entry.key != "<<") {
        if let Some(first) = seen.insert(&entry.key, entry.at) {
            let message = format!(
                "The key '{}' stands here for the second time, first in line {}",
                entry.key, first.line
            );
            return Err(fault(entry.at, message, "Compose refuses that: take one out, or put both together"));
        }
    }
    if seen.len() == entries.len() {
        return Ok(entries);
    }
    let mut brought = Vec::new();
    let mut known: std::collections::HashSet<String> = seen.into_keys().map(str::to_owned).collect();
    for merge in entries.iter().filter(|entry| entry.key == "<<") {
        let sources: Vec<&Rc<Node>> = match &merge.value.kind {
            Kind::List(items) => items.iter().collect(),
            Kind::Map(_) | Kind::Scalar(..) => vec![&merge.value],
        };
        for source in sources {
            let Kind::Map(others) = &source.kind else {
                let message = "What '<<' merges has to be a mapping, or a list of some".to_owned();
                return Err(fault(
                    merge.at,
                    message,
                    "Write it as <<: *name, where &name stands at a mapping",
                ));
            };
            for other in others {
                if known.insert(other.key.clone()) {
                    brought.push(other.clone());
                }
            }
        }
    }
    let own = entries.into_iter().filter(|entry| entry.key != "<<");
    Ok(brought.into_iter().chain(own).collect())
}

fn tagged(tag: Option<&Tag>) -> Tagged {
    match tag {
        Some(tag) if tag.handle == "!" && tag.suffix == "reset" => Tagged::Reset,
        Some(tag) if tag.handle == "!" && tag.suffix == "override" => Tagged::Override,
        Some(_) | None => Tagged::No,
    }
}

fn spot(marker: Marker) -> Place {
    Place { line: marker.line().max(1) as u32, column: marker.col() as u32 + 1 }
}

fn fault(at: Place, message: String, help: &str) -> Problem {
    Problem { level: Level::Error, at, message, help: Some(help.to_owned()) }
}

/// What to do about a text that cannot be read.
fn advice(text: &str, info: &str, line: usize) -> String {
    let written = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let has_tab = |line: &str| line.bytes().take_while(u8::is_ascii_whitespace).any(|it| it == b'\t');
    let before = text.lines().nth(line.saturating_sub(2)).unwrap_or_default();
    if has_tab(written) || has_tab(before) {
        "YAML is indented by spaces; there is a tab here".to_owned()
    } else if info.contains("unknown anchor") {
        "Define it before, by &name at what is to be repeated".to_owned()
    } else if info.contains("quoted scalar") {
        "Look for a quote that is not closed".to_owned()
    } else {
        "Look at how this line and the one before are indented, and whether a colon is followed by a space"
            .to_owned()
    }
}
