//! What stages lie on, and what the table of base images knows of that: the C library, a shell, certificates.

use crate::checks::File;
use crate::queries::{self, BaseCard, Fact};
use crate::stages::{Source, Stage, StageGraph, StageId};

/// How many stages are followed that are built on each other.
const MAX_BASES: usize = 64;

/// A stage and those it is FROM, nearest first.
pub(super) fn lineage(graph: &StageGraph, stage: StageId) -> impl Iterator<Item = &Stage> {
    queries::downward(graph, stage).take(MAX_BASES)
}

/// What the image of a stage lies on, below all stages.
pub(super) fn base(graph: &StageGraph, stage: StageId) -> Option<&Source> {
    let bottom = lineage(graph, stage).last()?;
    graph.base_source(bottom.id)
}

/// What is known of that.
pub(super) fn card<'c>(file: &'c File<'_>, stage: StageId) -> Option<&'c BaseCard> {
    file.card(lineage(file.graph, stage).last()?.id)
}

/// The C library that programs of a stage are linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Libc {
    Glibc,
    Musl,
    /// There is none: whatever is linked to one does not start.
    Nothing,
}

impl Libc {
    /// That of an image, if it is known.
    pub(super) fn of(card: &BaseCard) -> Option<Libc> {
        match card.libc {
            Fact::Is("glibc") => Some(Libc::Glibc),
            Fact::Is("musl") => Some(Libc::Musl),
            Fact::Nothing => Some(Libc::Nothing),
            Fact::Is(_) | Fact::Unknown => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Libc::Glibc => "glibc",
            Libc::Musl => "musl",
            Libc::Nothing => "no C library",
        }
    }
}
