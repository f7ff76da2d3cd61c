//! Which stage and which instruction of a file were which before it was edited.
//!
//! Stages are the same if they have the same name, or for want of one the same number. Instructions of a stage are the
//! same as long as they read the same, from both ends; what is in between is taken in order, kind by kind.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::queries::plan::Place;
use crate::stages::{Stage, StageGraph, StageId, Step};

/// Where instructions stood before.
pub(in crate::queries) struct Rows {
    stages: Vec<Option<StageId>>,
    /// By stage after and row.
    rows: Vec<Vec<Option<usize>>>,
}

impl Rows {
    pub(in crate::queries) fn of(before: &StageGraph, after: &StageGraph) -> Rows {
        let names = before.stages.iter().filter_map(|stage| Some((stage.name.as_deref()?, stage.id)));
        let names: HashMap<&str, StageId> = names.collect();
        let kept: HashSet<&str> = after.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
        let is_free = |stage: &&Stage| stage.name.as_deref().is_none_or(|name| !kept.contains(name));
        let was = |stage: &Stage| {
            let named = stage.name.as_deref().and_then(|name| names.get(name)).copied();
            named.or_else(|| before.stages.get(stage.id.0).filter(is_free).map(|stage| stage.id))
        };
        let stages: Vec<Option<StageId>> = after.stages.iter().map(was).collect();
        let rows = after.stages.iter().zip(&stages).map(|(stage, was)| match was {
            Some(was) => rows(&before.stages[was.0], stage),
            None => vec![None; stage.steps.len()],
        });
        Rows { rows: rows.collect(), stages }
    }

    /// What the stage was.
    pub(in crate::queries) fn stage_before(&self, stage: StageId) -> Option<StageId> {
        self.stages.get(stage.0).copied().flatten()
    }

    /// What the instruction was.
    pub(in crate::queries) fn before(&self, place: Place) -> Option<Place> {
        let row = (*self.rows.get(place.stage.0)?.get(place.row)?)?;
        Some(Place { stage: self.stage_before(place.stage)?, row })
    }
}

/// The instructions of two files beside each other, each as it was before and as it is. They are in the order of the file
/// after; what is gone stands behind what is left of its stage, and stages that are gone stand at the end.
pub fn counterparts(before: &StageGraph, after: &StageGraph) -> Vec<(Option<Place>, Option<Place>)> {
    let found = Rows::of(before, after);
    let all = |stage: &Stage| -> Vec<Place> {
        (0..stage.steps.len()).map(|row| Place { stage: stage.id, row }).collect()
    };
    let is_left: HashSet<Place> =
        after.stages.iter().flat_map(all).filter_map(|place| found.before(place)).collect();
    let gone = |stage: &Stage| {
        all(stage).into_iter().filter(|place| !is_left.contains(place)).map(|place| (Some(place), None))
    };
    let mut pairs = Vec::new();
    let mut stages_left = HashSet::new();
    for stage in &after.stages {
        pairs.extend(all(stage).into_iter().map(|place| (found.before(place), Some(place))));
        if let Some(was) = found.stage_before(stage.id).filter(|was| stages_left.insert(*was)) {
            pairs.extend(gone(&before.stages[was.0]));
        }
    }
    pairs.extend(before.stages.iter().filter(|stage| !stages_left.contains(&stage.id)).flat_map(gone));
    pairs
}

fn rows(before: &Stage, after: &Stage) -> Vec<Option<usize>> {
    let (old, new) = (&before.steps, &after.steps);
    let mut rows = vec![None; new.len()];
    let is_same = |(a, b): &(&Step, &Step)| a.kind == b.kind && a.summary == b.summary;
    // The FROM is the FROM.
    let head = 1 + old.iter().skip(1).zip(new.iter().skip(1)).take_while(is_same).count();
    let most = old.len().min(new.len()).saturating_sub(head);
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(is_same).count();
    for (row, was) in rows.iter_mut().enumerate().take(head) {
        *was = Some(row);
    }
    for from_end in 1..=tail {
        rows[new.len() - from_end] = Some(old.len() - from_end);
    }
    let middle = |steps: &[Step]| head..(steps.len() - tail).max(head);
    let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
    for row in middle(old) {
        waiting.entry(old[row].kind).or_default().push_back(row);
    }
    for row in middle(new) {
        rows[row] = waiting.get_mut(&new[row].kind).and_then(VecDeque::pop_front);
    }
    rows
}
