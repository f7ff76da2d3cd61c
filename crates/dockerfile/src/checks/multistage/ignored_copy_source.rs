//! COPY or ADD of something that `.dockerignore` leaves out, exceptions included. Where BuildKit's CopyIgnoredFile says
//! so, this does not; nor where the files are known and the build fails, which MissingCopySource says.

use std::collections::HashSet;

use super::context_sources::{ContextSource, word_of};
use crate::checks::buildkit::is_left_out;
use crate::checks::{File, Findings, Level, Rule};
use crate::context::{Outcome, Taken};
use crate::ignore::{Decision, Ignore};
use crate::stages::StageId;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "IgnoredCopySource",
    description: "A file that is copied is left out of the build context by .dockerignore",
    level: Level::Warning,
    needs: Some("the .dockerignore beside the Dockerfile"),
    page: include_str!("ignored_copy_source.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(ignore) = file.ignore() else { return };
    let listed = Listed::new(file, ignore);
    let failing = failing(file);
    let is_open =
        |source: &&ContextSource<'_>| !source.is_whole() && !failing.contains(&(source.at, source.range));
    for source in ContextSource::all(file).iter().filter(is_open) {
        if is_left_out(source.text, ignore).is_some() {
            continue;
        }
        let path = source.path();
        let (decision, all_of) = match listed.fate(source, &path) {
            Some(decision) if ignore.decide(&path).ignored => (decision, ""),
            Some(decision) => (decision, "all of "),
            None if source.is_pattern() || ignore.may_bring_back(&path) => continue,
            None => (ignore.decide(&path), ""),
        };
        let Some((line, pattern)) = decision.by.filter(|_| decision.ignored) else { continue };
        let message = format!(
            "Line {line} of .dockerignore, '{pattern}', leaves {all_of}'{path}' out of the build context"
        );
        acc.add(&RULE, source.at, source.range, message)
            .help(format!("Write '!{path}' below that line, or do not copy it"));
    }
}

/// The sources that are known to fail, which MissingCopySource tells of.
fn failing(file: &File<'_>) -> HashSet<((StageId, usize), TextRange)> {
    let taken = file.transfer().map_or(&[][..], |transfer| &transfer.takers);
    let sources =
        taken.iter().flat_map(|it| it.taker.selections.iter().zip(&it.sources).map(move |pair| (it, pair)));
    let failing = sources.filter(|(_, (_, source))| matches!(source.outcome, Outcome::Fails { .. }));
    failing
        .map(|(Taken { taker, .. }, (selection, _))| {
            ((taker.at.stage, taker.at.step), word_of(file, taker, selection.nth))
        })
        .collect()
}

/// The files of the context, as far as they are known, in order, and what becomes of them.
struct Listed {
    files: Vec<(String, Decision)>,
}

impl Listed {
    fn new(file: &File<'_>, ignore: &Ignore) -> Listed {
        let files = file.context.and_then(|context| context.files.as_deref()).unwrap_or_default();
        let mut files: Vec<_> =
            files.iter().map(|file| (file.path.clone(), ignore.decide(&file.path))).collect();
        files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Listed { files }
    }

    /// What becomes of all that a source names; `None` if there is no such file.
    fn fate(&self, source: &ContextSource<'_>, path: &str) -> Option<Decision> {
        let plain = path.split(['*', '?', '[', '\\']).next().unwrap_or_default();
        let start = self.files.partition_point(|(file, _)| file.as_str() < plain);
        let near = self.files[start..].iter().take_while(|(file, _)| file.starts_with(plain));
        let pattern = source.is_pattern().then(|| Ignore::parse(path));
        let named = near.filter(|(file, _)| match &pattern {
            Some(pattern) => pattern.decide(file).ignored,
            None => file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        });
        let mut first = None;
        for (_, decision) in named {
            if !decision.ignored {
                return Some(decision.clone());
            }
            first = first.or(Some(decision));
        }
        first.cloned()
    }
}
