//! What silences a finding: comments of BuildKit, of ours, and of hadolint.
//!
//! - `# check=skip=Rule,Rule` above an instruction, or as the directive at the top of the file: BuildKit's own. It takes
//!   names that it does not know, so ours may stand there too.
//! - `# stagelight skip=Rule,Rule // why` above an instruction, `# stagelight skip-file=Rule` above the first.
//! - `# hadolint ignore=DL3006` above an instruction, `# hadolint global ignore=DL3006` above the first, for the rules
//!   that correspond to one of ours or BuildKit's.
//!
//! `all` stands for all of ours. Surprising: only BuildKit's own comments reach BuildKit. What the others silence of its
//! rules a build says all the same.

use std::collections::HashMap;

use super::{File, Finding, Origin, hadolint};
use crate::syntax::directives::{self, CheckOptions};

/// Takes out what is silenced, and says how much that was.
pub(super) fn silence(file: &File<'_>, findings: &mut Vec<Finding>) -> usize {
    let before = findings.len();
    if before == 0 {
        return 0;
    }
    let directive =
        file.parse.detected.check.as_ref().and_then(|it| directives::check_options(&it.value).ok());
    let top = top(file.text);
    let by_line: HashMap<u32, usize> =
        file.parse.instructions.iter().enumerate().map(|(at, it)| (it.lines.first, at)).collect();
    findings.retain(|finding| {
        let is_ours = finding.rule.origin == Origin::Stagelight;
        if is_ours && directive.as_ref().is_some_and(|options| skips(options, finding.rule.name)) {
            return false;
        }
        if top.iter().any(|comment| comment.is_of_file && comment.silences(finding)) {
            return false;
        }
        let above = by_line.get(&finding.lines.first).map(|at| &file.parse.instructions[*at].comments);
        let mut above = above.into_iter().flat_map(|comments| comments.iter());
        !above.any(|comment| {
            let of_buildkit = directives::check_comment(comment)
                .filter(|_| is_ours)
                .and_then(|value| directives::check_options(value).ok());
            of_buildkit.is_some_and(|options| skips(&options, finding.rule.name))
                || Comment::read(comment).is_some_and(|it| !it.is_of_file && it.silences(finding))
        })
    });
    before - findings.len()
}

fn skips(options: &CheckOptions<'_>, name: &str) -> bool {
    options.skip_all || options.skip.contains(&name)
}

/// A comment that silences.
struct Comment<'c> {
    is_hadolint: bool,
    /// Whether it is for the whole file.
    is_of_file: bool,
    names: Vec<&'c str>,
}

impl<'c> Comment<'c> {
    /// Reads the text behind the `#`.
    fn read(comment: &'c str) -> Option<Comment<'c>> {
        let comment = comment.trim();
        let (is_hadolint, rest) = match comment.strip_prefix("stagelight") {
            Some(rest) => (false, rest),
            None => (true, comment.strip_prefix("hadolint")?),
        };
        let rest = rest.strip_prefix([' ', '\t'])?.trim_start();
        let (key, value) = rest.split_once('=')?;
        let is_of_file = match (is_hadolint, key.trim()) {
            (false, "skip") | (true, "ignore") => false,
            (false, "skip-file") => true,
            (true, key) if key.split_whitespace().eq(["global", "ignore"]) => true,
            (_, _) => return None,
        };
        let value = value.split("//").next().unwrap_or_default();
        let value = value.split('#').next().unwrap_or_default();
        let names = value.split([',', ' ', '\t']).filter(|name| !name.is_empty()).collect();
        Some(Comment { is_hadolint, is_of_file, names })
    }

    fn silences(&self, finding: &Finding) -> bool {
        let name = finding.rule.name;
        self.names.iter().any(|it| match self.is_hadolint {
            true => hadolint::correspond(it).contains(&name),
            false => *it == name || *it == "all" && finding.rule.origin == Origin::Stagelight,
        })
    }
}

/// The comments above everything else.
fn top(text: &str) -> Vec<Comment<'_>> {
    let lines = text.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with('#'));
    lines.filter_map(|line| Comment::read(line.strip_prefix('#')?)).collect()
}
