//! The lessons of this project are as lessons should be.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use dockerfile::text::LineIndex;
use lessons::{KINDS, Lesson, Part, Workshop, check};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons")
}

/// The lessons in the order of the front page: the file and the text.
fn course() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(folder().join(Workshop::FRONT_PAGE)).unwrap();
    let workshop = Workshop::read(&page);
    assert_eq!(workshop.problems, []);
    let lessons = workshop.lessons.into_iter();
    lessons.map(|it| (it.path.clone(), std::fs::read_to_string(folder().join(&it.path)).unwrap())).collect()
}

#[test]
fn every_start_misses_a_goal_and_every_solution_meets_them_all() {
    let mut told = String::new();
    for (path, text) in course() {
        let lines = LineIndex::new(&text);
        for problem in check(&Lesson::read(&text), |link| folder().join(link).is_file()) {
            let at = lines.line_col(&text, problem.range.start);
            writeln!(told, "{path}:{}:{} {} {:?}", at.line, at.column, problem.message, problem.help)
                .unwrap();
        }
    }
    assert!(told.is_empty(), "{told}");
}

#[test]
fn the_front_page_lists_every_lesson_by_its_title() {
    let page = std::fs::read_to_string(folder().join(Workshop::FRONT_PAGE)).unwrap();
    let listed: BTreeSet<String> = Workshop::read(&page).lessons.iter().map(|it| it.path.clone()).collect();
    let names = std::fs::read_dir(folder()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = names.filter(|it| it != Workshop::FRONT_PAGE).collect();
    assert_eq!(listed, there);
    for entry in Workshop::read(&page).lessons {
        let text = std::fs::read_to_string(folder().join(&entry.path)).unwrap();
        assert_eq!(entry.title, Lesson::read(&text).title, "{}", entry.path);
    }
}

#[test]
fn a_lesson_is_short_and_has_everything() {
    for (path, text) in course() {
        let lesson = Lesson::read(&text);
        let words = |parts: &[Part]| -> usize {
            let texts = parts.iter().map(|part| match part {
                Part::Text(range) => range.of(&text).split_whitespace().count(),
                Part::Example(_) => 0,
            });
            texts.sum()
        };
        let n_words = words(&lesson.parts);
        assert!((150..=420).contains(&n_words), "{path} explains in {n_words} words");
        let examples = lesson.parts.iter().filter(|part| matches!(part, Part::Example(_)));
        assert!(examples.count() > 0, "{path} has a live example");
        assert!(text.contains("\n## Try it\n"), "{path} has something to try");
        let exercise = lesson.exercise.expect("every lesson has an exercise");
        assert!(exercise.hints.len() >= 2, "{path} has two hints");
        assert!(exercise.goals.len() >= 2, "{path} has two goals");
    }
}

#[test]
fn the_course_uses_most_of_what_goals_can_say() {
    let mut used = BTreeSet::new();
    for (_, text) in course() {
        let lesson = Lesson::read(&text);
        let goals = lesson.exercise.into_iter().flat_map(|it| it.goals);
        used.extend(goals.map(|goal| KINDS.iter().position(|kind| kind == goal.kind).unwrap()));
    }
    assert!(used.len() * 10 >= KINDS.len() * 6, "{} of {} kinds", used.len(), KINDS.len());
}
