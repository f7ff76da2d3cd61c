//! The light that falls on each stage: what the chosen target, two targets, or the legacy builder make of it.
//!
//! Every view and every export asks here, so that the picture, the text and the list say the same.

use super::compare::{self, Side};
use super::cut::{Cut, SourceUse, StageCut};
use super::legacy::legacy;
use crate::stages::{Node, SourceId, StageGraph, StageId};

/// What becomes of every stage and source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lights {
    stages: Vec<Light>,
    sources: Vec<bool>,
    /// The stage that is built.
    pub target: Option<StageId>,
    /// The second target of a comparison.
    pub second: Option<StageId>,
    /// What there is to say about all of it, as parts of a sentence; every other part is a figure.
    pub sentence: Vec<String>,
    /// A remark that takes more room.
    pub remark: Option<String>,
    /// Whether it is the builder before BuildKit that runs them.
    pub is_legacy: bool,
}

/// What becomes of a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Light {
    /// What.
    pub state: LightState,
    /// Why, in a sentence.
    pub reason: String,
}

/// What becomes of a stage, in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LightState {
    /// It is the target.
    Target,
    /// The target needs it.
    On,
    /// The target needs it, but it has nothing that runs.
    Idle,
    /// It does not run.
    Off,
    /// Both targets need it.
    Both,
    /// Only the first target needs it.
    First,
    /// Only the second target needs it.
    Second,
    /// It runs although nothing of it is used.
    Vain,
    /// There is no such target, so nothing is known.
    #[default]
    Unknown,
}

impl LightState {
    /// The word on the card.
    pub fn badge(self) -> &'static str {
        match self {
            LightState::Target => "TARGET",
            LightState::On => "RUNS",
            LightState::Idle => "NEEDED",
            LightState::Off => "SKIPPED",
            LightState::Both => "A AND B",
            LightState::First => "ONLY A",
            LightState::Second => "ONLY B",
            LightState::Vain => "IN VAIN",
            LightState::Unknown => "",
        }
    }

    /// Its class in the style sheets of the page and of the exported picture.
    pub fn class(self) -> Option<&'static str> {
        match self {
            LightState::Target => Some("target"),
            LightState::On | LightState::Idle => Some("on"),
            LightState::Off => Some("off"),
            LightState::Both => Some("both"),
            LightState::First => Some("first"),
            LightState::Second => Some("second"),
            LightState::Vain => Some("vain"),
            LightState::Unknown => None,
        }
    }

    /// Whether the stage does not run.
    pub fn is_dark(self) -> bool {
        self == LightState::Off
    }
}

impl Lights {
    /// Of one target, by BuildKit.
    pub fn of(graph: &StageGraph, cut: &Cut) -> Lights {
        let light = |this: &StageCut| {
            let state = match (cut.target == this.stage, this.needed) {
                (true, _) => LightState::Target,
                (false, true) if this.runs => LightState::On,
                (false, true) => LightState::Idle,
                (false, false) => LightState::Off,
            };
            Light { state, reason: this.sentence.clone() }
        };
        let n_needed = cut.stages.iter().filter(|stage| stage.needed).count();
        let mut sentence = needs("needs ", n_needed, graph.stages.len());
        match graph.stages.len() - n_needed {
            0 => {}
            n_dark => {
                sentence[2] += ", ";
                sentence.push(n_dark.to_string());
                sentence.push(if n_dark == 1 { " stays dark" } else { " stay dark" }.to_owned());
            }
        }
        Lights {
            stages: cut.stages.iter().map(light).collect(),
            sources: cut.sources.iter().map(|usage| *usage != SourceUse::Unused).collect(),
            target: Some(cut.target),
            sentence,
            ..Lights::default()
        }
    }

    /// Of two targets, A and B.
    pub fn compare(graph: &StageGraph, first: &Cut, second: &Cut) -> Lights {
        let comparison = compare::compare(graph, first, second);
        let stages = comparison.sides.iter().zip(&comparison.sentences).map(|(side, sentence)| Light {
            state: match side {
                Side::Both => LightState::Both,
                Side::First => LightState::First,
                Side::Second => LightState::Second,
                Side::Neither => LightState::Off,
            },
            reason: sentence.clone(),
        });
        let uses = |cut: &Cut, source: usize| cut.sources[source] != SourceUse::Unused;
        let count = |side: Side| comparison.count(side).to_string();
        let sentence = [
            count(Side::Both),
            " shared, ".to_owned(),
            count(Side::First),
            " only A, ".to_owned(),
            count(Side::Second),
            " only B, ".to_owned(),
            count(Side::Neither),
            " neither".to_owned(),
        ];
        Lights {
            stages: stages.collect(),
            sources: (0..graph.sources.len()).map(|it| uses(first, it) || uses(second, it)).collect(),
            target: Some(first.target),
            second: Some(second.target),
            sentence: std::iter::once(String::new()).chain(sentence).collect(),
            ..Lights::default()
        }
    }

    /// Of one target, by the builder before BuildKit.
    pub fn legacy(graph: &StageGraph, cut: &Cut) -> Lights {
        let legacy = legacy(graph, cut);
        let runs = |stage: StageId| legacy.runs[stage.0];
        let light = |(stage, sentence): (usize, &String)| {
            let stage = StageId(stage);
            let state = match runs(stage) {
                _ if stage == cut.target => LightState::Target,
                true if cut.needs(stage) => LightState::On,
                true => LightState::Vain,
                false => LightState::Off,
            };
            Light { state, reason: sentence.clone() }
        };
        let mut sources = vec![false; graph.sources.len()];
        for edge in graph.edges.iter().filter(|edge| runs(edge.to)) {
            if let Node::Source(source) = edge.from {
                sources[source.0] = true;
            }
        }
        let n_run = legacy.runs.iter().filter(|runs| **runs).count();
        let mut sentence = needs("runs ", n_run, graph.stages.len());
        if !legacy.extra.is_empty() {
            sentence[2] += ", ";
            sentence.extend([legacy.extra.len().to_string(), " in vain".to_owned()]);
        }
        Lights {
            stages: legacy.sentences.iter().enumerate().map(light).collect(),
            sources,
            target: Some(cut.target),
            sentence,
            remark: Some(legacy.difference),
            is_legacy: true,
            ..Lights::default()
        }
    }

    /// What becomes of a stage.
    pub fn stage(&self, stage: StageId) -> Light {
        self.stages.get(stage.0).cloned().unwrap_or_default()
    }

    /// Whether a stage is known not to run.
    pub fn is_dark(&self, stage: StageId) -> bool {
        self.stages.get(stage.0).is_some_and(|light| light.state.is_dark())
    }

    /// Whether a source is known not to be used.
    pub fn is_unused(&self, source: SourceId) -> bool {
        self.sources.get(source.0).is_some_and(|is_used| !is_used)
    }
}

/// `needs 2 of 3 stages`, in parts.
fn needs(verb: &str, n: usize, n_stages: usize) -> Vec<String> {
    let noun = if n_stages == 1 { " stage" } else { " stages" };
    vec![verb.to_owned(), format!("{n} of {n_stages}"), noun.to_owned()]
}
