//! Roughly how large a target's image will be, and how large it would be without stages.
//!
//! Sizes are ranges. What a base image takes is commonly known, what a heredoc takes is in the file, and what RUN and
//! COPY add is not known before the build: then the whole is only known to be *at least* so much. Surprising: nothing
//! a RUN removes makes an image smaller, since the layer below still has it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::base_card::{BaseCard, base_card};
use super::cut::Cut;
use super::lineage;
use super::packages::{self, Installed};
use super::size_range::SizeRange;
use crate::stages::{
    Command, Content, Copied, Edge, EdgeKind, Effect, Node, Source, SourceId, Stage, StageGraph, StageId,
    Start,
};

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
    /// Whether it is the base image.
    pub is_base: bool,
}

impl SizePart {
    /// Whether nobody can say before the build how large it is at most.
    pub fn is_open(&self) -> bool {
        self.size.high.is_none()
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
            (total.and(part.size), n_open + usize::from(part.is_open()))
        }));
    }
    let stage_size = |stage: StageId| {
        let parts = lineage(graph, stage).into_iter().flat_map(|stage| own[stage.id.0].clone());
        StageSize {
            stage,
            parts: parts.collect(),
            total: totals.get(stage.0).map(|it| it.0).unwrap_or_default(),
        }
    };
    let mut is_own = vec![false; graph.stages.len()];
    lineage(graph, cut.target).iter().for_each(|stage| is_own[stage.id.0] = true);
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
            format!("{image}; if the stage {name} were shipped instead, it would take {}", amount(single))
        }
    }
}

/// What is known, and what is not.
fn amount(size: &StageSize) -> String {
    let known = size.known();
    let n_bases = size.parts.iter().filter(|part| part.is_open() && part.is_base).count();
    // Of some it is known how much they add at least.
    if size.total.low > known.low {
        return size.total.to_string();
    }
    let mut texts = Vec::new();
    if known.high != Some(0) || size.open() == 0 {
        texts.push(known.to_string());
    }
    if n_bases > 0 {
        texts.push("a base image of unknown size".to_owned());
    }
    match size.open() - n_bases {
        0 => {}
        1 => texts.push("what 1 instruction adds".to_owned()),
        n_open => texts.push(format!("what {n_open} instructions add")),
    }
    texts.join(" and ")
}

/// What the references of the commands lead to.
struct Referred<'g> {
    graph: &'g StageGraph,
    edges: HashMap<(StageId, usize, bool), Vec<&'g Edge>>,
    /// What is known of each source.
    cards: Vec<Option<BaseCard>>,
}

impl<'g> Referred<'g> {
    fn new(graph: &'g StageGraph) -> Referred<'g> {
        let mut edges: HashMap<_, Vec<&Edge>> = HashMap::new();
        for edge in graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Mount && edge.carries) {
            edges.entry((edge.to, edge.step, edge.trigger)).or_default().push(edge);
        }
        Referred { graph, edges, cards: graph.sources.iter().map(base_card).collect() }
    }

    fn card(&self, source: SourceId) -> Option<&BaseCard> {
        self.cards.get(source.0)?.as_ref()
    }

    fn of(&self, stage: &Stage, step: usize, is_trigger: bool) -> &[&'g Edge] {
        self.edges.get(&(stage.id, step, is_trigger)).map_or(&[], Vec::as_slice)
    }

    /// What a stage adds to the one it is FROM, or all of it with its base image.
    fn own_parts(&self, stage: &Stage) -> Vec<SizePart> {
        let base = self.of(stage, 0, false).first().and_then(|edge| match edge.from {
            Node::Source(id) => Some((self.graph.sources.get(id.0)?, self.card(id))),
            Node::Stage(_) => None,
        });
        // In other images, and in other stages, packages may be there already.
        let is_plain = base.and_then(|(_, card)| card).is_some_and(BaseCard::is_plain);
        let base = base.map(|(source, card)| base_part(stage, source, card));
        let mut parts: Vec<SizePart> = base.into_iter().collect();
        for command in &stage.commands {
            let mut add = |label: &str, size: SizeRange, why: String| {
                let label = label.to_owned();
                parts.push(SizePart {
                    label,
                    size,
                    why,
                    stage: stage.id,
                    step: command.step,
                    is_base: false,
                });
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
                Effect::Run(ran) => match packages::installed(ran, is_plain) {
                    Some(Installed { size, why }) => add("RUN", size, why),
                    None => {
                        let why = "What a command leaves is known when it has run";
                        add("RUN", SizeRange::UNKNOWN, why.to_owned());
                    }
                },
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
        // Of several triggers with references it is not known here which is whose.
        let from = match self.of(stage, command.step, command.trigger.is_some()) {
            [edge] => Some(edge.from),
            _ => None,
        };
        match from {
            Some(Node::Stage(from)) => {
                let name = self.graph.stages.get(from.0).map(Stage::display_name).unwrap_or_default();
                let why = format!("What the stage {name} makes is known when it has run");
                (format!("Files of the stage {name}"), SizeRange::UNKNOWN, why)
            }
            Some(Node::Source(id)) => match &self.graph.sources[id.0] {
                Source::Image { familiar, .. }
                | Source::NamedContext { content: Content::Image { familiar, .. }, .. } => {
                    let label = format!("Files of {familiar}");
                    let is_whole = copied.files.iter().any(|file| file.source == "/");
                    match self.card(id).filter(|_| is_whole) {
                        Some(card) => (label, on_platform(card, stage), why(card, stage)),
                        None => (label, SizeRange::UNKNOWN, "Their size is not in the file".to_owned()),
                    }
                }
                Source::Remote(address) => (
                    format!("Download of {address}"),
                    SizeRange::UNKNOWN,
                    "Its size is known once it is there".to_owned(),
                ),
                Source::NamedContext { name, .. } => (
                    format!("Files of the named context {name}"),
                    SizeRange::UNKNOWN,
                    "How large they are is not in the file".to_owned(),
                ),
                Source::Context | Source::Scratch | Source::Invalid(_) => (
                    "Files of the build context".to_owned(),
                    SizeRange::UNKNOWN,
                    "Their size is not in the file".to_owned(),
                ),
            },
            None => ("Files".to_owned(), SizeRange::UNKNOWN, "Their size is not in the file".to_owned()),
        }
    }
}

fn base_part(stage: &Stage, source: &Source, card: Option<&BaseCard>) -> SizePart {
    let (label, size, why) = match (source, card) {
        (Source::Scratch, _) => {
            ("scratch".to_owned(), SizeRange::exactly(0), "There is nothing in it".to_owned())
        }
        (_, Some(card)) => (card.reference.clone(), on_platform(card, stage), why(card, stage)),
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
    SizePart { label, size, why, stage: stage.id, step: 0, is_base: true }
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

fn why(card: &BaseCard, stage: &Stage) -> String {
    let why = format!("{}: {}, {}", card.reason, card.source.text(), card.as_of);
    match stage.effective_platform.format().as_str() {
        "linux/amd64" => why,
        platform => format!("{why}, for linux/amd64 and not {platform}"),
    }
}

impl StageSize {
    /// All parts whose size is known, together.
    pub fn known(&self) -> SizeRange {
        let known = self.parts.iter().map(|part| part.size).filter(|size| size.high.is_some());
        known.fold(SizeRange::exactly(0), SizeRange::and)
    }

    /// How many parts nobody knows before the build.
    pub fn open(&self) -> usize {
        self.parts.iter().filter(|part| part.is_open()).count()
    }
}
