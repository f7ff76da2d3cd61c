//! What there is to tell of a file: BuildKit's errors first, then what the rules find, in one form.
//!
//! An error that a rule finds too is told once: in BuildKit's words, with what the rule adds to them.

use dockerfile::checks::{self, Finding, Label, Level, Rule};
use dockerfile::context::BuildContext;
use dockerfile::edit::Fix;
use dockerfile::syntax::SyntaxError;
use dockerfile::text::{LineSpan, TextRange};

use crate::analysis::Analysis;
use crate::text::place;

/// Something to tell.
pub(super) struct Diagnostic {
    pub(super) level: Level,
    /// `None` for an error that no rule finds.
    pub(super) rule: Option<&'static Rule>,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
    pub(super) help: Option<String>,
    /// A doubt, or which target runs into it.
    pub(super) note: Option<String>,
    /// `None` if it has no place, such as a target that is missing.
    pub(super) range: Option<TextRange>,
    pub(super) lines: Option<LineSpan>,
    pub(super) stage: Option<usize>,
    pub(super) labels: Vec<Label>,
    pub(super) fixes: Vec<Fix>,
}

/// What there is to tell of a file, and how much comments have silenced.
pub(super) struct Diagnostics {
    pub(super) all: Vec<Diagnostic>,
    pub(super) n_silenced: usize,
}

impl Diagnostics {
    /// Looks for everything; of what rules find for what is wanted.
    pub(super) fn of(
        analysis: &Analysis<'_>,
        context: Option<&BuildContext>,
        wants: impl Fn(&Finding) -> bool,
    ) -> Diagnostics {
        let cut = analysis.cut.as_ref().ok();
        let file = checks::File::new(analysis.text, &analysis.parse, &analysis.graph, analysis.options, cut)
            .with_context(context);
        let found = checks::find_where(&file, wants);
        let of_target = analysis.errors.iter().map(|error| Diagnostic::error(error, Level::Error, None));
        let elsewhere = analysis.errors_elsewhere();
        // The build that was asked for does not come there.
        let elsewhere = elsewhere.map(|(error, note)| Diagnostic::error(error, Level::Warning, Some(note)));
        let mut all: Vec<Diagnostic> = of_target.chain(elsewhere).collect();
        let errors = analysis.errors.iter().chain(analysis.errors_elsewhere().map(|(error, _)| error));
        let errors: Vec<&SyntaxError> = errors.collect();
        for finding in &found.findings {
            let fixes = finding.fixes(&file);
            let is_same = |error: &&SyntaxError| {
                finding.rule.level == Level::Error
                    && error.message == finding.message
                    && error.range == finding.range
            };
            match errors.iter().position(is_same) {
                Some(at) => all[at].take_in(finding, fixes),
                None => all.push(Diagnostic::finding(finding, fixes, finding.doubt(&analysis.graph))),
            }
        }
        Diagnostics { all, n_silenced: found.n_silenced }
    }
}

impl Diagnostic {
    fn error(error: &SyntaxError, level: Level, note: Option<String>) -> Diagnostic {
        let range = place(error);
        let lines = error.lines.first().copied();
        Diagnostic {
            level,
            rule: None,
            message: error.full_message(),
            suggestion: error.suggestion.clone(),
            help: error.help.clone(),
            note,
            range,
            lines,
            stage: None,
            labels: Vec::new(),
            fixes: Vec::new(),
        }
    }

    fn finding(finding: &Finding, fixes: Vec<Fix>, doubt: Option<String>) -> Diagnostic {
        let has_lines = finding.lines != LineSpan::default();
        Diagnostic {
            level: finding.rule.level,
            rule: Some(finding.rule),
            message: finding.message.clone(),
            suggestion: finding.suggestion.clone(),
            help: finding.help.clone(),
            note: doubt,
            range: Some(finding.range).filter(|range| has_lines || !range.is_empty()),
            lines: Some(finding.lines).filter(|_| has_lines),
            stage: finding.stage.map(|stage| stage.0),
            labels: finding.labels.clone(),
            fixes,
        }
    }

    /// Adds what a rule knows of an error.
    fn take_in(&mut self, finding: &Finding, fixes: Vec<Fix>) {
        self.rule = Some(finding.rule);
        self.stage = finding.stage.map(|stage| stage.0);
        self.help = self.help.take().or_else(|| finding.help.clone());
        self.suggestion = self.suggestion.take().or_else(|| finding.suggestion.clone());
        self.labels.extend_from_slice(&finding.labels);
        self.fixes = fixes;
    }

    /// The best fix that nobody has to be asked for.
    pub(super) fn is_fixable(&self) -> bool {
        self.fixes.iter().any(Fix::is_safe)
    }

    /// What may have been meant, and what to do, as sentences.
    pub(super) fn helps(&self) -> impl Iterator<Item = String> {
        let suggestion = self.suggestion.as_ref().map(|it| format!("did you mean {it}?"));
        suggestion.into_iter().chain(self.help.clone())
    }
}
