//! Goals held against Dockerfiles.
//!
//! To add a case, put `NAME.case` into `test_data/goals` and run the tests with `UPDATE_EXPECT=1`; then read what stands
//! behind `--- expected` as you would read code. Its other parts are `--- Dockerfile`, `--- context` (files, one a line),
//! `--- .dockerignore` and `--- goals` (a list). What is expected of each goal: how it stands, the place in the Dockerfile,
//! and why; of one that cannot be read, the column in its line, and the nearest form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::text::LineIndex;
use expect_test::expect_file;
use lessons::{KINDS, Lesson, Outcome, judge};

/// A case as it is written.
struct Case {
    head: String,
    parts: BTreeMap<String, String>,
}

impl Case {
    fn read(text: &str) -> Case {
        let mut case = Case { head: String::new(), parts: BTreeMap::new() };
        let mut part = String::new();
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("--- ") {
                part = name.trim_end().to_owned();
            } else if part != "expected" {
                case.parts.entry(part.clone()).or_default().push_str(line);
            }
            if part == "expected" {
                break;
            }
            case.head += line;
        }
        case
    }

    fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    fn context(&self) -> BuildContext {
        let file = |path: &str| ContextFile { path: path.to_owned(), size: Some(1) };
        BuildContext {
            ignore: self.parts.get(".dockerignore").cloned(),
            files: self.parts.get("context").map(|files| files.lines().map(file).collect()),
            is_partial: false,
        }
    }
}

fn cases() -> Vec<(PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/goals");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|it| it.extension().is_some_and(|it| it == "case")).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), Case::read(&std::fs::read_to_string(path).unwrap())))
        .collect()
}

const HEAD: &str = "# Goals\n\n## Goals\n\n";

#[test]
fn goals_are_met_or_not_with_a_reason_and_a_place() {
    let mut seen: BTreeSet<(usize, u8)> = BTreeSet::new();
    for (path, case) in cases() {
        let mut told = format!("{}--- expected\n", case.head);
        let dockerfile = case.part("Dockerfile");
        let index = LineIndex::new(dockerfile);
        let text = format!("{HEAD}{}", case.part("goals"));
        let lesson = Lesson::read(&text);
        let lines = LineIndex::new(&text);
        let goals = lesson.exercise.map(|it| it.goals).unwrap_or_default();
        let verdicts = judge(&goals, dockerfile, None, Some(&case.context()));
        let mut rows: BTreeMap<u32, String> = BTreeMap::new();
        for (goal, verdict) in goals.iter().zip(verdicts) {
            let place = match verdict.range {
                Some(range) => {
                    let at = index.line_col(dockerfile, range.start);
                    format!("{}:{}", at.line, at.column)
                }
                None => "-".to_owned(),
            };
            let word = match verdict.outcome {
                Outcome::Met => "met",
                Outcome::Unmet => "NOT",
                Outcome::Unknown => "unknown",
            };
            let kind = KINDS.iter().position(|kind| kind == goal.kind).unwrap();
            seen.insert((kind, verdict.outcome as u8));
            let why = &verdict.why;
            assert!(!why.is_empty() && !why.ends_with('.'), "{why:?}");
            rows.insert(
                lines.line(goal.range.start),
                format!("{word:<7} {place:<5} {}\n              {}\n", goal.text, verdict.why),
            );
        }
        for problem in lesson.problems.iter().filter(|problem| lines.line(problem.range.start) > 4) {
            let at = lines.line_col(&text, problem.range.start);
            let help = problem.help.as_deref().unwrap_or("-");
            let row = rows.entry(at.line).or_default();
            writeln!(row, "cannot be read, column {}: {}\n              {help}", at.column, problem.message)
                .unwrap();
        }
        told.extend(rows.into_values());
        expect_file![path].assert_eq(&told);
    }
    for (at, kind) in KINDS.iter().enumerate() {
        let has = |outcome: Outcome| seen.contains(&(at, outcome as u8));
        assert!(has(Outcome::Met), "a case in which {kind:?} is met");
        assert!(
            has(Outcome::Unmet) || kind.forms[0].starts_with("BuildKit"),
            "a case in which {kind:?} is not met"
        );
        assert_eq!(has(Outcome::Unknown), kind.unknown.is_some(), "{kind:?} may be unknown, as its row says");
    }
}

#[test]
fn the_example_of_each_kind_is_one() {
    for kind in KINDS {
        let page = format!("{HEAD}- {}\n", kind.example());
        let goals = Lesson::read(&page).exercise.map(|it| it.goals).unwrap_or_default();
        assert_eq!(goals.first().map(|goal| goal.kind), Some(kind), "{}", kind.example());
    }
}

#[test]
fn every_form_is_read_as_what_it_is() {
    for kind in KINDS {
        for form in kind.forms {
            let written: Vec<String> = form
                .split(' ')
                .map(|word| match word {
                    "{path}" => "`/app`".to_owned(),
                    "{rule}" => "UnnamedStage".to_owned(),
                    "{number}" => "two".to_owned(),
                    "{line}" => "7".to_owned(),
                    "{size}" => "`20 MB`".to_owned(),
                    "{platform}" => "linux/arm64".to_owned(),
                    "{command}" => "[\"/app\", \"-v\"]".to_owned(),
                    "{instruction}" => "\"RUN make all\"".to_owned(),
                    word if word.starts_with('{') => format!("a{}", word.len()),
                    word => word.trim_matches(['[', ']']).split('|').next().unwrap().to_owned(),
                })
                .collect();
            for text in [written.join(" "), format!("{}.", written.join(" ").to_uppercase())] {
                // Values are as they are; only words may be in capitals.
                if text != written.join(" ") && form.contains("{rule}") {
                    continue;
                }
                let page = format!("{HEAD}- {text}\n");
                let lesson = Lesson::read(&page);
                let goals = lesson.exercise.map(|it| it.goals).unwrap_or_default();
                assert_eq!(goals.len(), 1, "{text}: {:?}", lesson.problems);
                assert_eq!(goals[0].kind, kind, "{text}");
            }
        }
    }
}
