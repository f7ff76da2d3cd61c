//! Two versions of a build beside each other: what of the stages, the image and what ships is another.
//!
//! Stages and instructions are taken for the same as [`super::cache`] takes them. What is only written in another line
//! is no difference; neither is what nobody knows, on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cache::Rows;
use super::cut::Cut;
use super::describe::{edge_words, source_words};
use super::image::image;
use super::layers::layers;
use super::ledger::{How, Ledger, NodeId, ledger_with};
use super::plan::Place;
use super::size::size_estimate;
use super::state::Setting;
use crate::context::BuildContext;
use crate::stages::{Health, Stage, StageGraph, StageId};
use crate::syntax::InstructionKind;

/// A build: a file as it is, for a target.
#[derive(Clone, Copy)]
pub struct Version<'v> {
    /// The stages.
    pub graph: &'v StageGraph,
    /// What the target needs.
    pub cut: &'v Cut,
    /// The build context, if that is known.
    pub context: Option<&'v BuildContext>,
}

/// What two builds do not have in common. Empty lists where they are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Stages that are new, gone, or not as they were: those after in file order, then those that are gone.
    pub stages: Vec<StageDifference>,
    /// References that are new or gone.
    pub edges: Vec<Differs>,
    /// Paths that are known to ship in one of the images only, or come there in another way.
    pub paths: Vec<Differs>,
    /// Of the image's configuration, the number of its layers, and its size.
    pub image: Vec<SettingDifference>,
}

/// A stage that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageDifference {
    /// The stage after; `None` if it is gone.
    pub stage: Option<StageId>,
    /// Its name, that after if there is one.
    pub name: String,
    /// What is different, in words.
    pub what: Vec<String>,
}

/// What has become of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Became {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It comes about in another way.
    Other,
}

/// Something that only one version has, or that both have in another way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Differs {
    /// What it is.
    pub what: String,
    /// What has become of it.
    pub became: Became,
}

/// A fact of the image that is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDifference {
    /// What it is called.
    pub name: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// What is different in `after`. Right only if neither cut has errors.
pub fn difference(before: Version<'_>, after: Version<'_>) -> Difference {
    let rows = Rows::of(before.graph, after.graph);
    let now = |stage: &Stage| Some((rows.stage_before(stage.id)?, stage.display_name()));
    let now: HashMap<StageId, String> = after.graph.stages.iter().filter_map(now).collect();
    let own = |version: Version<'_>, stage: StageId| version.graph.stages[stage.0].display_name();
    // A stage with another name is told once.
    let old_name = |stage| now.get(&stage).cloned().unwrap_or_else(|| own(before, stage));
    Difference {
        stages: stages(before, after, &rows),
        edges: compared(&edges(before, old_name), &edges(after, |stage| own(after, stage))),
        paths: compared(&paths(before), &paths(after)),
        image: settings(before, after),
    }
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Difference::default()
    }
}

fn stages(before: Version<'_>, after: Version<'_>, rows: &Rows) -> Vec<StageDifference> {
    let mut kept = BTreeSet::new();
    let mut found = Vec::new();
    for stage in &after.graph.stages {
        let was = rows.stage_before(stage.id).map(|was| &before.graph.stages[was.0]);
        kept.extend(was.map(|was| was.id));
        let what = match was {
            Some(was) => {
                let needed = (before.cut.needs(was.id), after.cut.needs(stage.id));
                let kept = (0..stage.steps.len()).filter_map(|row| {
                    let was = rows.before(Place { stage: stage.id, row })?;
                    Some((was.row, row))
                });
                stage_words(was, stage, &kept.collect::<Vec<_>>(), needed)
            }
            None if after.cut.needs(stage.id) => vec!["new".to_owned()],
            None => vec!["new, but the target does not need it".to_owned()],
        };
        if !what.is_empty() {
            found.push(StageDifference {
                stage: Some(stage.id),
                name: stage.display_name().to_string(),
                what,
            });
        }
    }
    let gone = before.graph.stages.iter().filter(|stage| !kept.contains(&stage.id));
    found.extend(gone.map(|stage| {
        let name = stage.display_name().to_string();
        StageDifference { stage: None, name, what: vec!["gone".to_owned()] }
    }));
    found
}

/// What is different in a stage; `rows` are the instructions that it had before and has now.
fn stage_words(was: &Stage, stage: &Stage, rows: &[(usize, usize)], needed: (bool, bool)) -> Vec<String> {
    let mut words = Vec::new();
    if was.name != stage.name {
        words.push(format!("was called {}", was.display_name()));
    }
    if was.base_expanded != stage.base_expanded {
        words.push(format!("starts from {}, not from {}", stage.base_expanded, was.base_expanded));
    }
    if was.effective_platform != stage.effective_platform {
        words.push(format!(
            "is for {}, not for {}",
            stage.effective_platform.format(),
            was.effective_platform.format()
        ));
    }
    match needed {
        (false, true) => words.push("the target needs it now".to_owned()),
        (true, false) => words.push("the target does not need it any more".to_owned()),
        (true, true) | (false, false) => {}
    }
    // Of the FROM all has been told.
    let is_other = |(old, new): &&(usize, usize)| {
        let (old, new) = (&was.steps[*old], &stage.steps[*new]);
        new.kind != InstructionKind::From && old.summary != new.summary
    };
    let counts = [
        (rows.iter().filter(is_other).count(), "changed"),
        (stage.steps.len() - rows.len(), "new"),
        (was.steps.len() - rows.len(), "gone"),
    ];
    let told = counts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| match n {
        1 => format!("1 instruction {what}"),
        n => format!("{n} instructions {what}"),
    });
    words.extend(told);
    words
}

/// The references of the stages that the target needs, in words.
fn edges(version: Version<'_>, name: impl Fn(StageId) -> String) -> BTreeMap<String, String> {
    let edges = version.graph.edges.iter().enumerate().filter(|(_, edge)| version.cut.needs(edge.to));
    edges.map(|(idx, _)| (edge_words(version.graph, idx, &name), String::new())).collect()
}

/// What is known to ship, with how it comes there.
fn paths(version: Version<'_>) -> BTreeMap<String, String> {
    let ledger = ledger_with(version.graph, version.cut, version.context);
    let there = ledger.entries.iter().filter(|it| it.overwritten_by.is_none() && it.removed_by.is_none());
    let told = there.filter_map(|entry| {
        let node = ledger.node(entry.node)?;
        let making = node.makings.first()?;
        match making.how {
            // What a base image brings is told with the image.
            How::Base | How::Nothing => None,
            How::Copy | How::Unpack | How::Fetch | How::Workdir | How::Run { .. } | How::Mount { .. } => {
                Some((node.path.clone(), way(&ledger, entry.node)))
            }
        }
    });
    told.collect()
}

/// How a path comes into the image, step by step, but for the lines that this stands in.
fn way(ledger: &Ledger, node: NodeId) -> String {
    let nodes = ledger.chain(node).into_iter().filter_map(|id| ledger.node(id));
    let steps = nodes.map(|node| {
        let how = node.makings.first().map(|making| (&making.how, making.certainty));
        format!("{} {how:?}", node.path)
    });
    steps.collect::<Vec<_>>().join("\n")
}

/// What only one of the maps has, or has with another value; in the order of the keys.
fn compared(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Differs> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let became = |key: &&String| match (before.get(*key), after.get(*key)) {
        (None, _) => Some(Became::New),
        (_, None) => Some(Became::Gone),
        (Some(old), Some(new)) => (old != new).then_some(Became::Other),
    };
    let changed = |key: &String| Some(Differs { became: became(&key)?, what: key.clone() });
    keys.into_iter().filter_map(changed).collect()
}

fn settings(before: Version<'_>, after: Version<'_>) -> Vec<SettingDifference> {
    let (old, new) = (facts(before), facts(after));
    let pairs = old.into_iter().zip(new);
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| SettingDifference { name, before, after })
        .collect()
}

/// What there is to say of the image, always in the same order.
fn facts(version: Version<'_>) -> Vec<(&'static str, String)> {
    let Version { graph, cut, .. } = version;
    let layers = layers(graph, cut.target);
    let base = layers.base.as_ref().map_or_else(|| "unknown".to_owned(), source_words);
    let mut facts = vec![
        ("Base", base),
        ("Layers on it", layers.count().to_string()),
        ("Size, estimated", size_estimate(graph, cut).image.total.to_string()),
    ];
    let Some(image) = image(graph, cut.target) else { return facts };
    let words = |line: &Option<Vec<String>>| line.as_ref().map_or("none".to_owned(), |it| format!("{it:?}"));
    let text = |text: &String| if text.is_empty() { "none".to_owned() } else { text.clone() };
    let list = |list: &Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(" ") };
    let pairs = |pairs: &Vec<(String, String)>| {
        let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        list(&lines)
    };
    let health = |health: &Option<Health>| match health {
        Some(health) => health.test.join(" "),
        None => "none".to_owned(),
    };
    facts.extend([
        ("ENTRYPOINT", told(&image.entrypoint, words)),
        ("CMD", told(&image.cmd, words)),
        ("User", told(&image.user, |user| if user.is_empty() { "root".to_owned() } else { user.clone() })),
        (
            "Directory",
            told(&image.workdir, |path| if path.is_empty() { "/".to_owned() } else { path.clone() }),
        ),
        ("ENV", told(&image.env, pairs)),
        ("Labels", told(&image.labels, pairs)),
        ("Ports", told(&image.ports, list)),
        ("Volumes", told(&image.volumes, list)),
        ("Shell", told(&image.shell, |shell| text(&shell.join(" ")))),
        ("Stop signal", told(&image.stopsignal, text)),
        ("Health check", told(&image.healthcheck, health)),
        ("ONBUILD", list(&image.onbuild)),
    ]);
    facts
}

fn told<T>(setting: &Setting<T>, show: impl Fn(&T) -> String) -> String {
    match setting {
        Setting::Known(value) => show(value),
        Setting::OnBase(value) => format!("{}, and what the base image says", show(value)),
        Setting::FromBase => "what the base image says".to_owned(),
    }
}
