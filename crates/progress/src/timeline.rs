//! The time that a build took, and what it took it for.

use protocol::build::{Step, StepState};

use crate::fold::Progress;

/// A chain of steps of which each waited for the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The numbers of its steps, the first one first.
    pub steps: Vec<u32>,
    /// How long they took together, in milliseconds.
    pub length: u64,
}

/// The longest chain of a build so far: only if one of its steps gets quicker can the build. Cached steps take no time.
pub fn longest_chain(progress: &Progress) -> Chain {
    let steps = &progress.steps;
    // What the longest chain up to a step is, and which step is in front of it.
    let mut known: Vec<Option<(u64, Option<u32>)>> = vec![None; steps.len()];
    let mut is_open = vec![false; steps.len()];
    for start in 0..steps.len() {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            if known[at].is_some() {
                stack.pop();
                continue;
            }
            let inputs = || steps[at].inputs.iter().map(|id| *id as usize).filter(|id| *id < steps.len());
            let unknown = inputs().find(|&id| known[id].is_none() && !is_open[id]);
            if let Some(input) = unknown {
                is_open[at] = true;
                stack.push(input);
                continue;
            }
            let before = inputs().filter_map(|id| Some((known[id]?.0, id as u32))).max();
            let own = duration(&steps[at], progress.at);
            known[at] = Some((own + before.map_or(0, |(length, _)| length), before.map(|(_, id)| id)));
            is_open[at] = false;
            stack.pop();
        }
    }
    let last = (0..steps.len()).max_by_key(|&at| known[at].map_or(0, |(length, _)| length));
    let mut chain = Chain::default();
    let mut next = last.map(|at| at as u32);
    chain.length = last.and_then(|at| known[at]).map_or(0, |(length, _)| length);
    while let Some(id) = next.filter(|_| chain.steps.len() < steps.len()) {
        chain.steps.push(id);
        next = known[id as usize].and_then(|(_, before)| before);
    }
    chain.steps.retain(|&id| duration(&steps[id as usize], progress.at) > 0);
    chain.steps.reverse();
    chain
}

/// How long a step took, or has taken until `now`, in milliseconds.
pub fn duration(step: &Step, now: u64) -> u64 {
    match (step.state, step.started) {
        (StepState::Cached | StepState::Waiting, _) | (_, None) => 0,
        (_, Some(started)) => step.ended.unwrap_or(now).saturating_sub(started),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::build::{Event, What};

    /// Steps as (duration, inputs).
    fn check(steps: &[(u64, &[u32])], expected: &[u32], length: u64) {
        let step = |(id, (duration, inputs)): (u32, &(u64, &[u32]))| Step {
            id,
            state: StepState::Done,
            started: Some(100),
            ended: Some(100 + duration),
            inputs: inputs.to_vec(),
            ..Step::default()
        };
        let steps: Vec<Step> = (0..).zip(steps).map(step).collect();
        let events = (1..).zip(steps).map(|(seq, step)| Event { seq, at: seq, what: What::Step(step) });
        let chain = longest_chain(&Progress::of(&events.collect::<Vec<_>>()));
        assert_eq!((chain.steps.as_slice(), chain.length), (expected, length));
    }

    #[test]
    fn the_longer_way_counts() {
        check(&[(10, &[]), (50, &[0]), (20, &[0]), (5, &[1, 2])], &[0, 1, 3], 65);
    }

    #[test]
    fn a_step_may_be_known_before_what_it_needs() {
        check(&[(5, &[1]), (10, &[])], &[1, 0], 15);
    }

    #[test]
    fn a_circle_ends() {
        check(&[(5, &[1]), (10, &[0]), (1, &[7])], &[1, 0], 15);
    }

    #[test]
    fn nothing_at_all() {
        check(&[], &[], 0);
    }
}
