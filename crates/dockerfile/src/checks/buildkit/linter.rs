//! What is asked of the checks, and the findings so far.
//!
//! Follows `linter/linter.go`. Surprising: of the comments above an instruction only the first `check=…` counts, it
//! can only add to what the directive says, and one that is no valid list of options says nothing; and what is
//! experimental cannot be skipped, only not be asked for.

use super::{Finding, RULES, Rule};
use crate::stages::StageId;
use crate::syntax::directives::{self, CheckOptions};
use crate::syntax::{Instruction, Parse, Phase, SyntaxError};
use crate::text::{LineSpan, TextRange};

/// Collects findings.
pub(super) struct Linter {
    /// What the directive says.
    file: Asked,
    /// Whether findings are an error.
    is_strict: bool,
    /// Whether any comment in the file is for checks.
    has_comments: bool,
    /// What the directive and the comments above the instruction at hand say.
    here: Asked,
    /// The lines of the instruction at hand.
    lines: LineSpan,
    stage: Option<StageId>,
    findings: Vec<Finding>,
}

/// Rules by their places in [`RULES`], a bit for each.
#[derive(Clone, Copy, Default)]
struct Asked {
    skipped: u32,
    experimental: u32,
}

impl Asked {
    fn of(options: &CheckOptions<'_>) -> Asked {
        let bits = |is_all: bool, names: &[&str]| match is_all {
            true => u32::MAX,
            false => names.iter().filter_map(|name| position(name)).fold(0, |acc, bit| acc | 1 << bit),
        };
        Asked {
            skipped: bits(options.skip_all, &options.skip),
            experimental: bits(options.experimental_all, &options.experimental),
        }
    }

    fn and(self, other: Asked) -> Asked {
        Asked { skipped: self.skipped | other.skipped, experimental: self.experimental | other.experimental }
    }
}

fn has_comments(parse: &Parse<'_>) -> bool {
    let mut comments = parse.instructions.iter().flat_map(|it| it.comments.iter());
    comments.any(|comment| directives::check_comment(comment).is_some())
}

fn position(name: &str) -> Option<usize> {
    RULES.iter().position(|rule| rule.name == name)
}

impl Linter {
    pub(super) fn new(parse: &Parse<'_>) -> Linter {
        let options = parse.detected.check.as_ref().and_then(|it| directives::check_options(&it.value).ok());
        let options = options.unwrap_or_default();
        let file = Asked::of(&options);
        Linter {
            file,
            is_strict: options.error,
            has_comments: has_comments(parse),
            here: file,
            lines: LineSpan::default(),
            stage: None,
            findings: Vec::new(),
        }
    }

    /// Whether findings are an error.
    pub(super) fn is_strict(&self) -> bool {
        self.is_strict
    }

    /// From here on findings are in this instruction.
    pub(super) fn enter(&mut self, instruction: &Instruction<'_>, stage: Option<StageId>) {
        let mut comments = instruction.comments.iter().filter(|_| self.has_comments);
        let said = comments.find_map(|comment| directives::check_comment(comment));
        let said = said.and_then(|value| directives::check_options(value).ok());
        self.here = self.file.and(said.map_or(Asked::default(), |options| Asked::of(&options)));
        (self.lines, self.stage) = (instruction.lines, stage);
    }

    /// From here on findings are in a trigger, which is at the FROM but has no comments.
    pub(super) fn enter_trigger(&mut self, from: LineSpan, stage: StageId) {
        (self.here, self.lines, self.stage) = (self.file, from, Some(stage));
    }

    /// Takes in a finding in the instruction at hand.
    pub(super) fn add(&mut self, rule: &'static Rule, range: TextRange, message: String) {
        self.add_with(rule, range, message, None);
    }

    /// The same with a suggestion.
    pub(super) fn add_with(
        &mut self,
        rule: &'static Rule,
        range: TextRange,
        message: String,
        suggestion: Option<String>,
    ) {
        self.add_at(rule, range, self.lines, message, suggestion);
    }

    /// The same at other lines.
    pub(super) fn add_at(
        &mut self,
        rule: &'static Rule,
        range: TextRange,
        lines: LineSpan,
        message: String,
        suggestion: Option<String>,
    ) {
        let asked = if rule.file_only { self.file } else { self.here };
        let bit = position(rule.name).map_or(0, |bit| 1 << bit);
        if !rule.experimental && asked.skipped & bit != 0 {
            return;
        }
        let hidden = rule.experimental && asked.experimental & bit == 0;
        let stage = self.stage;
        self.findings.push(Finding {
            suggestion,
            lines,
            stage,
            hidden,
            ..Finding::new(rule, range, message)
        });
    }

    /// The error that the findings are, if the file wants that.
    pub(super) fn violation(&self, parse: &Parse<'_>) -> Option<SyntaxError> {
        let directive = parse.detected.check.as_ref().filter(|_| self.is_strict)?;
        let shown = self.findings.iter().filter(|finding| !finding.hidden);
        let mut names: Vec<&str> = shown.map(|finding| finding.rule.name).collect();
        // BuildKit names them in an order of its own, another one each time.
        names.sort_unstable();
        names.dedup();
        (!names.is_empty()).then(|| SyntaxError {
            phase: Phase::Convert,
            message: format!("lint violation found for rules: {}", names.join(", ")),
            suggestion: None,
            help: Some(
                "Mend what these rules find, or take error=true out of the check directive".to_owned(),
            ),
            range: directive.full.range,
            lines: Vec::new(),
        })
    }

    /// The findings in the order of the file.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| (finding.lines.first, finding.range.start, finding.rule.name));
        self.findings
    }
}
