//! Findings as one JSON object (`protocol::report`).

use std::io::{self, Write};

use dockerfile::checks::{Applied, Origin};
use dockerfile::edit::{Fix, Safety};
use dockerfile::text::TextRange;
use protocol::facts::Place;
use protocol::report::{self, Edit, Finding, Label, Mended, Range, Report, Summary, VERSION};

use super::{Checked, Diagnostic, rule_set};
use crate::analysis::Analysis;

#[derive(Default)]
pub(super) struct Writer {
    files: Vec<report::File>,
}

impl Writer {
    pub(super) fn file(&mut self, checked: &Checked<'_>) {
        self.files.push(report::File {
            path: checked.path.to_owned(),
            target: checked.target(),
            findings: checked.all.iter().map(|it| finding(checked.analysis, it)).collect(),
            silenced: checked.n_silenced,
            mended: checked.mended.iter().map(mended).collect(),
            ..report::File::default()
        });
    }

    pub(super) fn unreadable(&mut self, path: &str, sentence: String) {
        let path = path.to_owned();
        self.files.push(report::File { path, unreadable: Some(sentence), ..report::File::default() });
    }

    pub(super) fn end(self, out: &mut impl Write, summary: &Summary) -> io::Result<()> {
        let report = Report { version: VERSION, rules: rule_set(), files: self.files, summary: *summary };
        serde_json::to_writer_pretty(&mut *out, &report)?;
        out.write_all(b"\n")
    }
}

fn finding(analysis: &Analysis<'_>, it: &Diagnostic) -> Finding {
    let origin = it.rule.map_or(Origin::BuildKit, |rule| rule.origin);
    Finding {
        rule: it.rule.map(|rule| rule.name.to_owned()),
        origin: crate::rules::origin(origin).to_lowercase(),
        level: it.level.word().to_owned(),
        message: it.message.clone(),
        suggestion: it.suggestion.clone(),
        help: it.help.clone(),
        note: it.note.clone(),
        range: it.range.map(|at| range(analysis, at)),
        lines: it.lines.map(|lines| [lines.first, lines.last]),
        stage: it.stage,
        labels: it
            .labels
            .iter()
            .map(|label| Label { range: range(analysis, label.range), text: label.text.clone() })
            .collect(),
        fixes: it.fixes.iter().map(|it| fix(analysis, it)).collect(),
    }
}

fn mended(it: &Applied) -> Mended {
    let (rule, title) = (it.rule.name.to_owned(), it.title.clone());
    Mended { rule, title, because: because(&it.safety) }
}

fn because(safety: &Safety) -> Option<String> {
    match safety {
        Safety::Safe => None,
        Safety::Asks(because) => Some(because.clone()),
    }
}

fn fix(analysis: &Analysis<'_>, fix: &Fix) -> report::Fix {
    let edits = fix.edits.iter();
    report::Fix {
        title: fix.title.clone(),
        safe: fix.is_safe(),
        because: because(&fix.safety),
        edits: edits
            .map(|edit| Edit { range: range(analysis, edit.range), text: edit.text.clone() })
            .collect(),
    }
}

fn range(analysis: &Analysis<'_>, range: TextRange) -> Range {
    let place = |offset: usize| {
        let at = analysis.lines.line_col(analysis.text, offset);
        Place { line: at.line, column: at.column }
    };
    Range {
        start: place(range.start),
        end: place(range.end),
        // Where bytes were replaced, what we count is not what the file has.
        bytes: analysis.invalid.is_empty().then_some([range.start, range.end]),
    }
}
