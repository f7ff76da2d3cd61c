//! Findings as SARIF 2.1.0, which code hosts and editors read.
//!
//! The columns count UTF-16 units, since that is what most readers of SARIF take them for, whatever it says.

use std::io::{self, Write};

use dockerfile::checks::{self, Level, Origin};
use dockerfile::edit::{Fix, Safety};
use dockerfile::text::TextRange;
use protocol::report::Summary;
use protocol::sarif::*;

use super::{Checked, Diagnostic, rule_set};
use crate::analysis::Analysis;

/// Stands for errors that no rule finds.
const BUILD_ERROR: &str = "BuildError";

#[derive(Default)]
pub(super) struct Writer {
    results: Vec<Result>,
    notifications: Vec<Notification>,
}

impl Writer {
    pub(super) fn file(&mut self, checked: &Checked<'_>) {
        self.results.extend(checked.all.iter().map(|it| result(checked, it)));
    }

    pub(super) fn unreadable(&mut self, path: &str, sentence: String) {
        let locations = vec![location(path, None, None, None)];
        self.notifications.push(Notification { level: "error", message: text(sentence), locations });
    }

    pub(super) fn end(self, out: &mut impl Write, summary: &Summary) -> io::Result<()> {
        let rule_set = rule_set();
        let follows = format!(
            "Checks Dockerfiles with the rules of BuildKit {} and rules of its own.",
            rule_set.buildkit
        );
        let driver = Driver {
            name: "stagelight",
            version: rule_set.stagelight,
            full_description: text(follows),
            rules: checks::rules().map(rule).chain([build_error()]).collect(),
        };
        let invocation = Invocation {
            execution_successful: summary.unreadable == 0,
            tool_execution_notifications: self.notifications,
        };
        let run = Run {
            tool: Tool { driver },
            invocations: vec![invocation],
            column_kind: "utf16CodeUnits",
            results: self.results,
        };
        let log = Log { schema: SCHEMA, version: VERSION, runs: vec![run] };
        serde_json::to_writer_pretty(&mut *out, &log)?;
        out.write_all(b"\n")
    }
}

fn rule(rule: &checks::Rule) -> Rule {
    let plain = rule.page.trim_start_matches('#').trim_start();
    Rule {
        id: rule.name.to_owned(),
        short_description: text(rule.description),
        help: Some(Help { text: plain.to_owned(), markdown: rule.page.to_owned() }),
        default_configuration: Configuration { level: level(rule.level) },
        properties: RuleProperties { tags: vec![crate::rules::origin(rule.origin)] },
    }
}

fn build_error() -> Rule {
    Rule {
        id: BUILD_ERROR.to_owned(),
        short_description: text("BuildKit refuses the file"),
        help: None,
        default_configuration: Configuration { level: level(Level::Error) },
        properties: RuleProperties { tags: vec![crate::rules::origin(Origin::BuildKit)] },
    }
}

fn result(checked: &Checked<'_>, it: &Diagnostic) -> Result {
    let (path, analysis) = (checked.path, checked.analysis);
    let rule_id = it.rule.map_or(BUILD_ERROR, |rule| rule.name);
    let sentences = std::iter::once(it.message.clone()).chain(it.helps()).chain(it.note.clone());
    let labels = it.labels.iter().enumerate();
    Result {
        rule_id: rule_id.to_owned(),
        rule_index: checks::rules().take_while(|rule| rule.name != rule_id).count(),
        level: level(it.level),
        message: text(sentences.collect::<Vec<_>>().join("\n")),
        locations: vec![location(path, it.range.map(|range| region(analysis, range)), None, None)],
        related_locations: labels
            .map(|(idx, label)| {
                location(path, Some(region(analysis, label.range)), Some(idx + 1), Some(label.text.clone()))
            })
            .collect(),
        fixes: it.fixes.iter().map(|it| fix(path, analysis, it)).collect(),
    }
}

fn fix(path: &str, analysis: &Analysis<'_>, fix: &Fix) -> protocol::sarif::Fix {
    let replacements = fix.edits.iter().map(|edit| Replacement {
        deleted_region: region(analysis, edit.range),
        inserted_content: text(&edit.text[..]),
    });
    let changes = ArtifactChange { artifact_location: artifact(path), replacements: replacements.collect() };
    let description = match &fix.safety {
        Safety::Safe => fix.title.clone(),
        Safety::Asks(because) => format!("{}. {because}", fix.title),
    };
    protocol::sarif::Fix { description: text(description), artifact_changes: vec![changes] }
}

fn location(path: &str, region: Option<Region>, id: Option<usize>, message: Option<String>) -> Location {
    let physical_location = PhysicalLocation { artifact_location: artifact(path), region };
    Location { id, physical_location, message: message.map(text) }
}

fn region(analysis: &Analysis<'_>, range: TextRange) -> Region {
    let place = |offset: usize| {
        let line = analysis.lines.line(offset);
        let start = analysis.lines.line_range(line).map_or(offset, |range| range.start);
        (line, 1 + analysis.text[start..offset].encode_utf16().count() as u32)
    };
    let ((start_line, start_column), (end_line, end_column)) = (place(range.start), place(range.end));
    Region { start_line, start_column, end_line, end_column }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

/// A path as an address: relative to where the program runs, unless it is absolute.
fn artifact(path: &str) -> ArtifactLocation {
    let path = if path == "-" { "stdin" } else { path };
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    ArtifactLocation { uri }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_addresses() {
        let check = |path: &str, expected: &str| assert_eq!(artifact(path).uri, expected);
        check("./a/Dockerfile", "a/Dockerfile");
        check("a b:c/é%#?", "a%20b%3Ac/%C3%A9%25%23%3F");
        check("/tmp/x", "file:///tmp/x");
        check("-", "stdin");
    }
}
