//! What COPY and ADD take from the build context.

use crate::checks::File;
use crate::context::Taker;
use crate::ignore::Ignore;
use crate::stages::git_ref::{self, SourceForm};
use crate::stages::{EdgeKind, Effect, StageId, is_heredoc_marker, join_path};
use crate::syntax::InstructionKind;
use crate::text::TextRange;

/// A source of a COPY or ADD.
pub(super) struct ContextSource<'f> {
    /// Where it stands: the stage and the row.
    pub(super) at: (StageId, usize),
    /// The word.
    pub(super) range: TextRange,
    /// What it says once variables are put in.
    pub(super) text: &'f str,
    /// The patterns of `--exclude`.
    pub(super) excludes: &'f [String],
}

impl<'f> ContextSource<'f> {
    /// Those of all stages that the target needs, in file order.
    pub(super) fn all(file: &File<'f>) -> Vec<ContextSource<'f>> {
        ContextSource::some(file, |text| matches!(git_ref::source_form(text), SourceForm::Local))
    }

    /// The first that is all of the context.
    pub(super) fn whole(file: &File<'f>) -> Option<ContextSource<'f>> {
        let mut sources = ContextSource::some(file, |text| text.bytes().all(|it| matches!(it, b'.' | b'/')));
        sources.retain(ContextSource::is_whole);
        sources.into_iter().next()
    }

    fn some(file: &File<'f>, is_wanted: impl Fn(&str) -> bool) -> Vec<ContextSource<'f>> {
        let mut all = Vec::new();
        for stage in file.needed() {
            for (step, effect) in file.effects(stage) {
                let Effect::Copy(copied) = effect else { continue };
                let Some(instruction) = file.instruction(stage.id, step) else { continue };
                let is_of_context = instruction.kind == InstructionKind::Add
                    || instruction.flag("from").is_none_or(|from| from.text.is_empty());
                let Some((_, words)) = instruction.args.split_last().filter(|_| is_of_context) else {
                    continue;
                };
                let words = words.iter().filter(|word| !is_heredoc_marker(&word.text));
                for (word, text) in words.zip(&copied.sources) {
                    if is_wanted(text) {
                        let excludes = &copied.excludes;
                        all.push(ContextSource { at: (stage.id, step), range: word.range, text, excludes });
                    }
                }
            }
        }
        all
    }

    /// The path from the root of the context on; empty for all of it.
    pub(super) fn path(&self) -> String {
        join_path(&["/", self.text]).trim_start_matches('/').to_owned()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.path().is_empty()
    }

    /// Whether there are wildcards in it.
    pub(super) fn is_pattern(&self) -> bool {
        self.text.contains(['*', '?', '[', '\\'])
    }

    /// What `--exclude` leaves out.
    pub(super) fn excluded(&self) -> Ignore {
        Ignore::of_patterns(self.excludes.iter().map(String::as_str))
    }
}

/// The word in which a source of COPY or ADD stands; the place of all of them if it is not there as such.
pub(super) fn word_of(file: &File<'_>, taker: &Taker, nth: usize) -> TextRange {
    let instruction = file.instruction(taker.at.stage, taker.at.step);
    let instruction = instruction.filter(|_| taker.kind == EdgeKind::Copy && taker.at.trigger.is_none());
    let Some((_, words)) = instruction.and_then(|it| it.args.split_last()) else { return taker.range };
    let mut words = words.iter().filter(|word| !is_heredoc_marker(&word.text));
    words.nth(nth).map_or(taker.range, |word| word.range)
}
