//! Two targets beside each other: which stages both need, and which only one of them.

use super::cut::Cut;
use crate::stages::StageGraph;

/// Which of two targets need a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Both do.
    Both,
    /// Only the first.
    First,
    /// Only the second.
    Second,
    /// Neither does.
    Neither,
}

/// What two targets have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// For every stage, in file order.
    pub sides: Vec<Side>,
    /// For every stage a sentence that says who needs it and why.
    pub sentences: Vec<String>,
}

impl Comparison {
    /// How many stages are on one side.
    pub fn count(&self, side: Side) -> usize {
        self.sides.iter().filter(|&&it| it == side).count()
    }
}

/// Compares what two targets of one file need.
pub fn compare(graph: &StageGraph, first: &Cut, second: &Cut) -> Comparison {
    let name = |cut: &Cut| graph.stages[cut.target.0].display_name();
    let (first_name, second_name) = (name(first), name(second));
    let mut comparison = Comparison { sides: Vec::new(), sentences: Vec::new() };
    for (a, b) in first.stages.iter().zip(&second.stages) {
        let only = |other: &str, sentence: &str| format!("{sentence} {other} does not need it.");
        let (side, sentence) = match (a.needed, b.needed) {
            (true, true) if first.target == second.target => (Side::Both, a.sentence.clone()),
            (true, true) if a.stage == first.target => {
                (Side::Both, format!("The target {first_name}; {second_name} needs it too. {}", b.sentence))
            }
            (true, true) if b.stage == second.target => {
                (Side::Both, format!("The target {second_name}; {first_name} needs it too. {}", a.sentence))
            }
            (true, true) => (Side::Both, format!("{} Both need it.", a.sentence)),
            (true, false) if a.stage == first.target => {
                (Side::First, format!("The target {first_name}; {second_name} does not need it."))
            }
            (false, true) if b.stage == second.target => {
                (Side::Second, format!("The target {second_name}; {first_name} does not need it."))
            }
            (true, false) => (Side::First, only(&second_name, &a.sentence)),
            (false, true) => (Side::Second, only(&first_name, &b.sentence)),
            (false, false) => {
                (Side::Neither, format!("Neither {first_name} nor {second_name} needs it. {}", a.sentence))
            }
        };
        comparison.sides.push(side);
        comparison.sentences.push(sentence);
    }
    comparison
}
