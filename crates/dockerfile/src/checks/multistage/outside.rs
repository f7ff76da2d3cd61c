//! What stands behind FROM, `--from` and the `from` of mounts and is no stage of the file: the words, and the stages
//! they may be slips of.

use crate::checks::File;
use crate::queries;
use crate::refactor;
use crate::stages::{Edge, EdgeKind, Node, Source, to_lower};
use crate::suggest;
use crate::text::TextRange;

/// How many stages above are asked whether a word is a slip of their name, the nearest ones.
const MAX_CANDIDATES: usize = 100;

/// A reference to what is no stage.
pub(super) struct Outside<'f> {
    /// The reference.
    pub(super) edge: &'f Edge,
    /// What it means.
    pub(super) source: &'f Source,
    /// The word that is written.
    pub(super) word: &'f str,
    /// Where it stands.
    pub(super) range: TextRange,
}

impl<'f> Outside<'f> {
    /// All of them that are written out, without variables, in file order.
    pub(super) fn all(file: &'f File<'_>) -> impl Iterator<Item = Outside<'f>> {
        file.graph.edges.iter().filter_map(|edge| Outside::of(file, edge))
    }

    fn of(file: &'f File<'_>, edge: &'f Edge) -> Option<Outside<'f>> {
        let Node::Source(id) = edge.from else { return None };
        let source = file.graph.sources.get(id.0)?;
        if !matches!(source, Source::Image { .. } | Source::Invalid(_)) {
            return None;
        }
        let range = refactor::reference_range(file.text, file.parse, file.graph, edge)?;
        Some(Outside { edge, source, word: range.of(file.text), range })
    }

    /// Whether it is a word that could be the name of a stage: no registry, no tag, no digest.
    pub(super) fn is_bare(&self) -> bool {
        let starts_well = self.word.starts_with(|it: char| it.is_ascii_alphabetic());
        starts_well && !self.word.contains(['/', ':', '@'])
    }

    /// The stage above whose name it is likely a slip of.
    pub(super) fn misspelt(&self, file: &'f File<'_>) -> Option<&'f str> {
        if self.edge.to.0 == 0 || !self.is_bare() {
            return None;
        }
        let word = to_lower(self.word);
        let above = file.graph.stages[..self.edge.to.0].iter().rev().take(MAX_CANDIDATES);
        // What BuildKit refuses to call a stage is no help.
        let names = above.filter_map(|stage| stage.name.as_deref()).filter(|name| refactor::is_name(name));
        let name = suggest::misspelt(&word, names)?;
        // COPY may mean a later stage of that name.
        let is_above = self.edge.kind == EdgeKind::Base
            || refactor::means(file.graph, name, self.edge.to)? < self.edge.to;
        (is_above && !queries::is_known_image(&word)).then_some(name)
    }
}
