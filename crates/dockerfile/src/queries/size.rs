//! Roughly how large a target's image will be, and how large it would be without stages.
//!
//! Sizes are ranges. What a base image takes is commonly known, what a heredoc takes is in the file, and what RUN and
//! COPY add is not known before the build: then the whole is only known to be *at least* so much. Surprising: nothing
//! a RUN removes makes an image smaller, since the layer below still has it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use super::base_card::{BaseCard, base_card};
use super::cut::Cut;
use super::lineage;
use crate::stages::{
    Command, Content, Copied, Edge, EdgeKind, Effect, Node, Source, Stage, StageGraph, StageId, Start,
};

/// A size in bytes, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SizeRange {
    /// It is at least this.
    pub low: u64,
    /// It is at most this; `None` if nobody can say.
    pub high: Option<u64>,
}

/// What a target's image takes unpacked, roughly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeEstimate {
    /// The target.
    pub image: StageSize,
    /// For comparison, the largest stage that the target only takes files from: what would be shipped if there were
    /// no stages. `None` if it takes from none.
    pub single_stage: Option<StageSize>,
    /// Both in a sentence.
    pub sentence: String,
}

/// What the image of a stage takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageSize {
    /// The stage.
    pub stage: StageId,
    /// What it is made of, the base first.
    pub parts: Vec<SizePart>,
    /// All parts together.
    pub total: SizeRange,
}

/// One thing that takes room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizePart {
    /// What it is: the base image, or the instruction.
    pub label: String,
    /// How much it takes.
    pub size: SizeRange,
    /// How that is known, or why it is not, in a sentence.
    pub why: String,
    /// The stage it is in.
    pub stage: StageId,
    /// Its row in [`Stage::steps`]; 0 for the base and for triggers of it.
    pub step: usize,
}

impl SizeRange {
    /// A size of which nothing is known.
    pub const UNKNOWN: SizeRange = SizeRange { low: 0, high: None };

    /// A size that is known to the byte.
    pub fn exactly(bytes: u64) -> SizeRange {
        SizeRange::between(bytes, bytes)
    }

    /// A size between two others.
    pub fn between(low: u64, high: u64) -> SizeRange {
        SizeRange { low, high: Some(high) }
    }

    /// One of two sizes.
    #[must_use]
    pub fn or(self, other: SizeRange) -> SizeRange {
        let high = self.high.zip(other.high).map(|(one, two)| one.max(two));
        SizeRange { low: self.low.min(other.low), high }
    }

    /// Two sizes together.
    #[must_use]
    pub fn and(self, other: SizeRange) -> SizeRange {
        let high = self.high.zip(other.high).map(|(one, two)| one.saturating_add(two));
        SizeRange { low: self.low.saturating_add(other.low), high }
    }
}

/// The range in words, so coarse that nobody takes it for measured: `750 to 950 MB`, `at least 7 MB`, `unknown`. Bounds are
/// rounded outwards; only a few bytes that are known exactly are told exactly.
impl fmt::Display for SizeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high {
            None if self.low == 0 => f.write_str("unknown"),
            None => write!(f, "at least {}", Amount::alone(self.low)),
            Some(high) if high == self.low && high < 1000 => write!(f, "{high} bytes"),
            Some(high) if high == self.low => write!(f, "about {}", Amount::alone(high)),
            Some(high) => {
                let step = round_step((high.saturating_sub(self.low) / 3).max(1));
                let high = high.div_ceil(step).saturating_mul(step);
                // Wide ranges keep one digit of their lower bound.
                let low_step = step.min(10_u64.pow(self.low.checked_ilog10().unwrap_or(0)));
                match self.low / low_step * low_step {
                    0 => write!(f, "at most {}", Amount::new(high)),
                    low => {
                        let high = Amount::new(high);
                        write!(f, "{} to {high}", Number(Amount { bytes: low, ..high }))
                    }
                }
            }
        }
    }
}

/// The largest of 1, 2, 5, 10, 20, … that is not larger.
fn round_step(bytes: u64) -> u64 {
    let mut step = 1;
    while bytes / step >= 10 {
        step *= 10;
    }
    match bytes / step {
        5.. => step * 5,
        2.. => step * 2,
        _ => step,
    }
}

/// A number of bytes in a unit, with two digits behind the point at most.
#[derive(Clone, Copy)]
struct Amount {
    bytes: u64,
    unit: (&'static str, u64),
}

const UNITS: [(&str, u64); 4] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("bytes", 1)];

impl Amount {
    fn new(bytes: u64) -> Amount {
        let unit = UNITS.into_iter().find(|(_, size)| bytes >= *size).unwrap_or(("bytes", 1));
        Amount { bytes, unit }
    }

    /// The first two digits of a number.
    fn alone(bytes: u64) -> Amount {
        let mut step = 1;
        while bytes / step >= 100 {
            step *= 10;
        }
        Amount::new(bytes / step * step)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Number(*self), self.unit.0)
    }
}

/// An amount without its unit.
struct Number(Amount);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Amount { bytes, unit: (_, size) } = self.0;
        let (whole, hundredths) = (bytes / size, bytes % size * 100 / size);
        match (hundredths / 10, hundredths % 10) {
            (0, 0) => write!(f, "{whole}"),
            (tenths, 0) => write!(f, "{whole}.{tenths}"),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}

/// Roughly what the image of the cut's target takes, unpacked.
pub fn size_estimate(graph: &StageGraph, cut: &Cut) -> SizeEstimate {
    let referred = Referred::new(graph);
    let own: Vec<Vec<SizePart>> = graph.stages.iter().map(|stage| referred.own_parts(stage)).collect();
    let mut totals: Vec<(SizeRange, usize)> = Vec::with_capacity(own.len());
    for (stage, parts) in graph.stages.iter().zip(&own) {
        // A stage is FROM an earlier one.
        let base = match stage.start {
            Start::Stage(base) => totals.get(base.0).copied().unwrap_or_default(),
            Start::Empty | Start::Image(_) | Start::UnknownImage => (SizeRange::exactly(0), 0),
        };
        totals.push(parts.iter().fold(base, |(total, n_open), part| {
            (total.and(part.size), n_open + usize::from(part.size.high.is_none()))
        }));
    }
    let stage_size = |stage: StageId| {
        let parts = lineage::lineage(graph, stage).into_iter().flat_map(|stage| own[stage.id.0].clone());
        StageSize {
            stage,
            parts: parts.collect(),
            total: totals.get(stage.0).map(|it| it.0).unwrap_or_default(),
        }
    };
    let mut is_own = vec![false; graph.stages.len()];
    lineage::lineage(graph, cut.target).iter().for_each(|stage| is_own[stage.id.0] = true);
    let builders = cut.stages.iter().filter(|stage| stage.used && !is_own[stage.stage.0]);
    let largest = builders.map(|stage| stage.stage).max_by_key(|stage| {
        let (total, n_open) = totals[stage.0];
        (total.low, n_open, Reverse(stage.0))
    });
    let image = stage_size(cut.target);
    let single_stage = largest.map(stage_size);
    let sentence = sentence(graph, &image, single_stage.as_ref());
    SizeEstimate { image, single_stage, sentence }
}

fn sentence(graph: &StageGraph, image: &StageSize, single_stage: Option<&StageSize>) -> String {
    let image = format!("The image takes {}", amount(image));
    match single_stage {
        None => image,
        Some(single) => {
            let name = graph.stages.get(single.stage.0).map(Stage::display_name).unwrap_or_default();
            format!("{image}; the stage {name}, which it only takes files from, takes {}", amount(single))
        }
    }
}

/// What is known, and how much is not.
fn amount(size: &StageSize) -> String {
    let known = size.known();
    let open = match size.open() {
        0 => return known.to_string(),
        1 => "what 1 part adds".to_owned(),
        n_open => format!("what {n_open} parts add"),
    };
    if known.high == Some(0) { open } else { format!("{known} and {open}") }
}

/// What the references of the commands lead to.
struct Referred<'g> {
    graph: &'g StageGraph,
    edges: HashMap<(StageId, usize, bool), &'g Edge>,
}

impl<'g> Referred<'g> {
    fn new(graph: &'g StageGraph) -> Referred<'g> {
        let files = graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Mount && edge.carries);
        let edges = files.map(|edge| ((edge.to, edge.step, edge.trigger), edge));
        Referred { graph, edges: edges.collect() }
    }

    /// What a stage adds to the one it is FROM, or all of it with its base image.
    fn own_parts(&self, stage: &Stage) -> Vec<SizePart> {
        let base = self.edges.get(&(stage.id, 0, false)).and_then(|edge| match edge.from {
            Node::Source(id) => self.graph.sources.get(id.0),
            Node::Stage(_) => None,
        });
        let mut parts: Vec<SizePart> = base.into_iter().map(|source| base_part(stage, source)).collect();
        for command in &stage.commands {
            let mut add = |label: &str, size: SizeRange, why: String| {
                let label = label.to_owned();
                parts.push(SizePart { label, size, why, stage: stage.id, step: command.step });
            };
            match &command.effect {
                Effect::Copy(copied) => {
                    if !copied.contents.is_empty() {
                        let bytes = copied.contents.iter().map(|inline| inline.data.len() as u64).sum();
                        add("Heredoc", SizeRange::exactly(bytes), "The file has every byte of it".to_owned());
                    }
                    if !copied.sources.is_empty() {
                        let (label, size, why) = self.copied(stage, command, copied);
                        add(&label, size, why);
                    }
                }
                Effect::Run(_) => {
                    add(
                        "RUN",
                        SizeRange::UNKNOWN,
                        "What a command leaves is known when it has run".to_owned(),
                    );
                }
                Effect::Workdir { .. }
                | Effect::Env(_)
                | Effect::Label(_)
                | Effect::Arg(_)
                | Effect::User(_)
                | Effect::Volume(_)
                | Effect::Stopsignal(_)
                | Effect::Expose(_)
                | Effect::Shell(_)
                | Effect::Cmd(_)
                | Effect::Entrypoint(_)
                | Effect::Healthcheck(_)
                | Effect::Onbuild(_)
                | Effect::Maintainer(_)
                | Effect::Nothing => {}
            }
        }
        parts
    }

    /// What COPY or ADD takes from elsewhere.
    fn copied(&self, stage: &Stage, command: &Command, copied: &Copied) -> (String, SizeRange, String) {
        let edge = self.edges.get(&(stage.id, command.step, command.trigger.is_some()));
        match edge.map(|edge| edge.from) {
            Some(Node::Stage(from)) => {
                let name = self.graph.stages.get(from.0).map(Stage::display_name).unwrap_or_default();
                let why = format!("What the stage {name} makes is known when it has run");
                (format!("Files of the stage {name}"), SizeRange::UNKNOWN, why)
            }
            Some(Node::Source(id)) => match &self.graph.sources[id.0] {
                source @ (Source::Image { familiar, .. }
                | Source::NamedContext { content: Content::Image { familiar, .. }, .. }) => {
                    let label = format!("Files of {familiar}");
                    let is_whole = copied.files.iter().any(|file| file.source == "/");
                    match base_card(source).filter(|_| is_whole) {
                        Some(card) => (label, on_platform(&card, stage), why(&card)),
                        None => {
                            (label, SizeRange::UNKNOWN, "How large they are is not in the file".to_owned())
                        }
                    }
                }
                Source::Remote(address) => (
                    format!("Download of {address}"),
                    SizeRange::UNKNOWN,
                    "How large it is is known when it is there".to_owned(),
                ),
                Source::NamedContext { name, .. } => (
                    format!("Files of the named context {name}"),
                    SizeRange::UNKNOWN,
                    "How large they are is not in the file".to_owned(),
                ),
                Source::Context | Source::Scratch | Source::Invalid(_) => (
                    "Files of the build context".to_owned(),
                    SizeRange::UNKNOWN,
                    "How large they are is not in the file".to_owned(),
                ),
            },
            None => {
                ("Files".to_owned(), SizeRange::UNKNOWN, "How large they are is not in the file".to_owned())
            }
        }
    }
}

fn base_part(stage: &Stage, source: &Source) -> SizePart {
    let (label, size, why) = match (source, base_card(source)) {
        (Source::Scratch, _) => {
            ("scratch".to_owned(), SizeRange::exactly(0), "There is nothing in it".to_owned())
        }
        (_, Some(card)) => (card.reference.clone(), on_platform(&card, stage), why(&card)),
        (Source::Image { familiar, .. }, None) => {
            (familiar.clone(), SizeRange::UNKNOWN, "It is not among the images known here".to_owned())
        }
        (Source::NamedContext { content: Content::Image { familiar, .. }, .. }, None) => {
            (familiar.clone(), SizeRange::UNKNOWN, "It is not among the images known here".to_owned())
        }
        (Source::NamedContext { name, .. }, None) => {
            let why = "How large it is is not in the file".to_owned();
            (format!("Named context {name}"), SizeRange::UNKNOWN, why)
        }
        (Source::Invalid(text) | Source::Remote(text), None) => {
            (text.clone(), SizeRange::UNKNOWN, "It is no image".to_owned())
        }
        (Source::Context, None) => {
            ("Build context".to_owned(), SizeRange::UNKNOWN, "It is no image".to_owned())
        }
    };
    SizePart { label, size, why, stage: stage.id, step: 0 }
}

/// The size of an image for the platform of a stage: the figures are for linux/amd64, elsewhere they are coarser.
fn on_platform(card: &BaseCard, stage: &Stage) -> SizeRange {
    let platform = &stage.effective_platform;
    let SizeRange { low, high } = card.unpacked;
    match (platform.os.as_str(), platform.architecture.as_str()) {
        ("linux", "amd64") => card.unpacked,
        ("linux", _) => SizeRange { low: low / 10 * 7, high: high.map(|high| high / 10 * 13) },
        _ => SizeRange::UNKNOWN,
    }
}

fn why(card: &BaseCard) -> String {
    format!("{}: {}, {}", card.reason, card.source.text(), card.as_of)
}

impl StageSize {
    /// All parts whose size is known, together.
    pub fn known(&self) -> SizeRange {
        let known = self.parts.iter().map(|part| part.size).filter(|size| size.high.is_some());
        known.fold(SizeRange::exactly(0), SizeRange::and)
    }

    /// How many parts nobody knows before the build.
    pub fn open(&self) -> usize {
        self.parts.iter().filter(|part| part.size.high.is_none()).count()
    }
}
