//! Findings for people, as a compiler shows them, and a summary.

use std::io::{self, Write};
use std::path::PathBuf;

use dockerfile::checks::Level;
use dockerfile::edit::Safety;
use protocol::report::Summary;

use super::{Checked, Diagnostic, rule_set};
use crate::text::{Kind, Source, Style, Told, clean, count, name, snippet};

pub(super) struct Writer {
    style: Style,
    /// Whether it is told what would be mended, and nothing else.
    is_diff: bool,
    /// The target of the file, as long as there is only one file.
    target: Option<String>,
    n_files: usize,
}

impl Writer {
    pub(super) fn new(style: Style, is_diff: bool) -> Writer {
        Writer { style, is_diff, target: None, n_files: 0 }
    }

    pub(super) fn file(&mut self, out: &mut impl Write, checked: &Checked<'_>) -> io::Result<()> {
        self.n_files += 1;
        self.target = checked.target();
        let analysis = checked.analysis;
        let name = name(checked.path);
        let source = Source { name: &name, text: analysis.text, lines: &analysis.lines };
        let word = if self.is_diff { "would mend" } else { "mended" };
        for it in checked.mended {
            let because = match &it.safety {
                Safety::Safe => String::new(),
                Safety::Asks(because) => format!(". {because}"),
            };
            let what = format!("{}{because}", it.title);
            writeln!(out, "{}[{}]: {}", self.style.good(word), it.rule.name, clean(&what))?;
        }
        if self.is_diff {
            return Ok(());
        }
        if !checked.mended.is_empty() {
            writeln!(out)?;
        }
        for diagnostic in checked.all {
            writeln!(out, "{}", snippet(&source, &told(diagnostic), &self.style))?;
        }
        Ok(())
    }

    pub(super) fn unreadable(&mut self, out: &mut impl Write, sentence: &str) -> io::Result<()> {
        self.n_files += 1;
        writeln!(out, "{}: {}\n", self.style.error("error"), clean(sentence))
    }

    pub(super) fn end(self, out: &mut impl Write, summary: &Summary, paths: &[PathBuf]) -> io::Result<()> {
        let style = &self.style;
        let counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "info")];
        let mut parts: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        let found = match parts.pop() {
            None => style.good("Nothing found"),
            Some(last) if parts.is_empty() => style.strong(&last),
            Some(last) => style.strong(&format!("{} and {last}", parts.join(", "))),
        };
        let place = match (paths, self.target) {
            ([path], Some(target)) => {
                format!("{}, target {}", name(&path.display().to_string()), clean(&target))
            }
            ([path], None) => name(&path.display().to_string()),
            (_, _) => count(self.n_files, "file"),
        };
        if self.is_diff {
            return writeln!(out, "{} in {place}; nothing is changed yet", count_fixes(summary.mended));
        }
        let mut line = format!("{found} in {place}");
        if summary.unreadable > 0 {
            line += &format!("; {} could not be read", count(summary.unreadable, "file"));
        }
        if summary.silenced > 0 {
            line += &format!("; {} silenced by comments", summary.silenced);
        }
        if summary.mended > 0 {
            line += &format!("; {} mended", summary.mended);
        }
        match (summary.fixable, summary.fixable_unsafe) {
            (0, 0) => {}
            (n_safe, 0) => line += &format!("; --fix mends {n_safe}"),
            (0, n_asking) => line += &format!("; --fix --unsafe-fixes mends {n_asking}"),
            (n_safe, n_asking) => {
                line += &format!("; --fix mends {n_safe}, and {n_asking} more with --unsafe-fixes");
            }
        }
        writeln!(out, "{line}")?;
        let rules = rule_set();
        let rules = format!("Rules of BuildKit {} and Stagelight {}", rules.buildkit, rules.stagelight);
        writeln!(out, "{}", style.dim(&rules))
    }
}

fn count_fixes(n_fixes: usize) -> String {
    match n_fixes {
        0 => "Nothing to mend".to_owned(),
        1 => "1 fix".to_owned(),
        n_fixes => format!("{n_fixes} fixes"),
    }
}

fn told(diagnostic: &Diagnostic) -> Told<'_> {
    let helps = diagnostic.helps().map(|help| ("help", help));
    let note = diagnostic.note.iter().map(|note| ("note", note.clone()));
    let fixes = diagnostic.fixes.iter().map(|fix| match &fix.safety {
        Safety::Safe => ("fix available", fix.title.clone()),
        Safety::Asks(because) => ("unsafe fix available", format!("{}. {because}", fix.title)),
    });
    Told {
        kind: match diagnostic.level {
            Level::Error => Kind::Error,
            Level::Warning => Kind::Warning,
            Level::Info => Kind::Info,
        },
        message: &diagnostic.message,
        rule: diagnostic.rule.map(|rule| rule.name),
        range: diagnostic.range,
        labels: diagnostic.labels.iter().map(|label| (label.range, &label.text[..])).collect(),
        footers: helps.chain(note).chain(fixes).collect(),
    }
}
