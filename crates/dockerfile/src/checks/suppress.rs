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
use crate::edit::{Fix, TextEdit};
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

/// The ways to silence a finding by a comment of BuildKit: at its instruction, and in the whole file.
pub fn ways(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let name = finding.rule.name;
    let because = "What is built stays the same; the finding is not told any more.";
    let mut ways = Vec::new();
    if let Some(edit) = here(file, finding).filter(|_| !finding.rule.file_only) {
        ways.push(Fix::asking(format!("Skip {name} here"), because, vec![edit]));
    }
    ways.extend(
        in_file(file, name).map(|edit| Fix::asking(format!("Skip {name} in this file"), because, vec![edit])),
    );
    ways
}

/// A comment above the instruction of a finding.
fn here(file: &File<'_>, finding: &Finding) -> Option<TextEdit> {
    let name = finding.rule.name;
    let line = finding.lines.first;
    let instruction = file.parse.instructions.iter().find(|it| it.lines.first == line)?;
    if let Some(value) = instruction.comments.iter().find_map(|comment| directives::check_comment(comment)) {
        return appended(file.text, value, name);
    }
    let start = file.text[..instruction.range.start].rfind('\n').map_or(0, |at| at + 1);
    // At the top of the file such a comment would be a directive, which is for all of it.
    let is_top = |line: &str| line.trim().is_empty() || is_directive(line);
    if file.text[..start].lines().all(is_top) {
        return None;
    }
    // BuildKit: it does not see such a comment when it is indented, whatever the instruction is.
    Some(TextEdit::insert(start, format!("# check=skip={name}{}", line_end(file.text))))
}

/// The directive at the top of the file.
fn in_file(file: &File<'_>, name: &str) -> Option<TextEdit> {
    if let Some(directive) = &file.parse.detected.check {
        let value = directive.full.range.of(file.text).split(' ').next().unwrap_or_default();
        return appended(file.text, value, name);
    }
    let lines = file.text.split_inclusive('\n').take_while(|line| is_directive(line));
    let at = lines.map(str::len).sum();
    let is_open = at > 0 && !file.text[..at].ends_with('\n');
    let (before, end) = (if is_open { "\n" } else { "" }, line_end(file.text));
    Some(TextEdit::insert(at, format!("{before}# check=skip={name}{end}")))
}

fn is_directive(line: &str) -> bool {
    directives::read(line.trim(), "#").is_some()
}

fn line_end(text: &str) -> &'static str {
    if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
}

/// A name more in options that are there; `value` is a part of the text.
fn appended(text: &str, value: &str, name: &str) -> Option<TextEdit> {
    let start = (value.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let at = match value.find("skip=") {
        Some(at) => {
            let names = &value[at..];
            start + at + names.find(';').unwrap_or(names.trim_end().len())
        }
        None => return Some(TextEdit::insert(start, format!("skip={name};"))),
    };
    (at <= text.len()).then(|| TextEdit::insert(at, format!(",{name}")))
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
