//! The layers of an image: which instructions make one, and which only change its settings.
//!
//! Follows `commitToHistory` of `dockerfile2llb`: RUN, COPY, ADD, and WORKDIR unless it is `/`, make a layer each, whatever
//! they change. Surprising: WORKDIR makes one also where the directory is there already, and it is empty then; and the
//! layers of stages that are only copied from are not in the image.

use std::collections::{BTreeMap, HashMap};

use super::base_card::base_card;
use super::lineage;
use crate::stages::{Command, Effect, Source, Stage, StageGraph, StageId, Start};
use crate::syntax::InstructionKind;

/// The layers of an image, from the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// What they lie on; `None` if the file does not say.
    pub base: Option<Source>,
    /// Every instruction the image is made of, through all its base stages, in order.
    pub rows: Vec<LayerRow>,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRow {
    /// The stage it runs in.
    pub stage: StageId,
    /// Its row in [`Stage::steps`]; 0 for a trigger of the base.
    pub step: usize,
    /// Which instruction; of a trigger, the one that runs.
    pub kind: InstructionKind,
    /// What it makes.
    pub makes: Makes,
    /// Why, in a sentence.
    pub why: String,
}

/// What an instruction makes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Makes {
    /// A layer with files in it; of RUN and COPY an empty one if nothing comes of them.
    Layer,
    /// A layer, which is empty if the directory is there already.
    LayerOrEmpty,
    /// An empty layer; likely where it depends on the base image.
    EmptyLayer,
    /// No layer: it changes the settings of the image.
    Settings,
    /// No layer, and no settings: it is for the build alone, or refused.
    Nothing,
}

impl Layers {
    /// How many layers lie on the base.
    pub fn count(&self) -> usize {
        let is_layer = |row: &&LayerRow| match row.makes {
            Makes::Layer | Makes::LayerOrEmpty | Makes::EmptyLayer => true,
            Makes::Settings | Makes::Nothing => false,
        };
        self.rows.iter().filter(is_layer).count()
    }

    /// How many of them are likely empty.
    pub fn empty(&self) -> usize {
        self.rows.iter().filter(|row| row.makes == Makes::EmptyLayer).count()
    }
}

/// The layers of the image that a stage makes.
pub fn layers(graph: &StageGraph, stage: StageId) -> Layers {
    let lineage = lineage(graph, stage);
    let base = lineage::base(graph, &lineage);
    let mut directories = Directories::new(&lineage, base);
    let mut rows = Vec::new();
    for stage in &lineage {
        for command in &stage.commands {
            let (makes, why) = directories.command(stage, command);
            rows.push(LayerRow {
                stage: stage.id,
                step: command.step,
                kind: kind(stage, command),
                makes,
                why,
            });
        }
    }
    Layers { base: base.cloned(), rows }
}

fn kind(stage: &Stage, command: &Command) -> InstructionKind {
    let trigger = command.trigger.and_then(|at| stage.triggers.get(at)).map(|trigger| trigger.kind);
    let own = stage.steps.get(command.step).map(|step| step.kind);
    trigger.or(own).unwrap_or(InstructionKind::Unknown)
}

/// Directories that every system has; whether a base image has these is likely, not certain.
const USUAL: &[&str] = &[
    "/bin",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/tmp",
];

/// How far up a path is looked whether something was copied there.
const MAX_DEPTH: usize = 64;

/// The directories an image has, as far as is known.
struct Directories {
    /// Those that the file makes, with the line; those above them are there too.
    made: BTreeMap<String, u32>,
    /// Where something was copied, with the line: it may be a directory with others in it.
    copied: HashMap<String, u32>,
    /// The line of the first RUN, which may have made any.
    run: Option<u32>,
    /// What is at the bottom.
    base: Base,
    /// The directory the base image starts in.
    start: Option<String>,
}

enum Base {
    Empty,
    Known { reference: String },
    Unknown,
}

impl Directories {
    fn new(lineage: &[&Stage], base: Option<&Source>) -> Directories {
        let card = base.and_then(base_card);
        let start = match lineage.first().map(|stage| &stage.start) {
            Some(Start::Image(config)) => Some(config.workdir.clone()),
            Some(Start::Stage(_) | Start::Empty | Start::UnknownImage) | None => {
                card.as_ref().and_then(|card| card.workdir.value()).map(str::to_owned)
            }
        };
        let base = match (base, card) {
            (Some(Source::Scratch), _) => Base::Empty,
            (_, Some(card)) => Base::Known { reference: card.reference },
            (_, None) => Base::Unknown,
        };
        let start = start.map(|path| clean(&path).to_owned()).filter(|path| !path.is_empty());
        Directories { made: BTreeMap::new(), copied: HashMap::new(), run: None, base, start }
    }

    fn command(&mut self, stage: &Stage, command: &Command) -> (Makes, String) {
        let line = lineage::line(stage, command.step);
        match &command.effect {
            Effect::Workdir { makes: Some(path), .. } => {
                let row = self.workdir(clean(path));
                self.made.entry(clean(path).to_owned()).or_insert(line);
                row
            }
            Effect::Workdir { makes: None, .. } => {
                (Makes::Settings, "The directory / is always there: it only changes the settings".to_owned())
            }
            Effect::Copy(copied) => {
                for file in &copied.files {
                    let path = clean(&file.destination);
                    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
                    let directory = if file.destination.ends_with('/') { path } else { above };
                    self.made.entry(directory.to_owned()).or_insert(line);
                    self.copied.entry(path.to_owned()).or_insert(line);
                }
                (Makes::Layer, "It makes a layer of the files it puts there".to_owned())
            }
            Effect::Run(_) => {
                self.run.get_or_insert(line);
                let why = "It makes a layer of what it changes, an empty one if it changes nothing";
                (Makes::Layer, why.to_owned())
            }
            Effect::Arg(_) => (Makes::Nothing, "It is for the build alone".to_owned()),
            Effect::Nothing => (Makes::Nothing, "BuildKit refuses it".to_owned()),
            Effect::Env(_)
            | Effect::Label(_)
            | Effect::User(_)
            | Effect::Volume(_)
            | Effect::Stopsignal(_)
            | Effect::Expose(_)
            | Effect::Shell(_)
            | Effect::Cmd(_)
            | Effect::Entrypoint(_)
            | Effect::Healthcheck(_)
            | Effect::Onbuild(_)
            | Effect::Maintainer(_) => {
                (Makes::Settings, "It only changes the settings of the image".to_owned())
            }
        }
    }

    /// What WORKDIR makes; the path has no slash at its end.
    fn workdir(&self, path: &str) -> (Makes, String) {
        if let Some(line) = self.made_at(path) {
            return (Makes::EmptyLayer, format!("Line {line} makes {path} already, so the layer is empty"));
        }
        let is_start = self.start.as_deref().is_some_and(|start| start == path || is_below(start, path));
        match &self.base {
            Base::Known { reference } if is_start || USUAL.contains(&path) => {
                return (Makes::EmptyLayer, format!("{reference} likely has {path}, so the layer is empty"));
            }
            Base::Unknown if is_start => {
                let why = format!("The base image starts in {path}, so the layer is likely empty");
                return (Makes::EmptyLayer, why);
            }
            Base::Empty | Base::Known { .. } | Base::Unknown => {}
        }
        if let Some(line) = self.copied_above(path).or(self.run) {
            let why = format!("It makes a layer, which is empty if line {line} has made {path} already");
            return (Makes::LayerOrEmpty, why);
        }
        match &self.base {
            Base::Empty => (Makes::Layer, format!("Nothing has made {path} before, so the layer holds it")),
            Base::Known { reference } => {
                (Makes::Layer, format!("{reference} likely has no {path}, so the layer holds it"))
            }
            Base::Unknown => {
                let why = format!("It makes a layer, which is empty if the base image has {path}");
                (Makes::LayerOrEmpty, why)
            }
        }
    }

    /// The line that makes a directory or one below it.
    fn made_at(&self, path: &str) -> Option<u32> {
        let below = format!("{path}/");
        let first_below = self.made.range(below.clone()..).next().filter(|(it, _)| it.starts_with(&below));
        self.made.get(path).or(first_below.map(|(_, line)| line)).copied()
    }

    /// The line that copies something to a path or to one above it.
    fn copied_above(&self, path: &str) -> Option<u32> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.take(MAX_DEPTH).find_map(|end| self.copied.get(&path[..end])).copied()
    }
}

/// A path without a slash at its end; empty for the root.
fn clean(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
