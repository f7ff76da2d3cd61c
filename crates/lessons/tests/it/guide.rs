//! The page for authors lists what goals can say, as the table has it.

use std::path::Path;

use lessons::{Conditions, Lesson, check, guide};

const FROM: &str = "## What goals can say\n";
const TO: &str = "\n## ";

#[test]
fn the_page_for_authors_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lessons.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let start = page.find(FROM).expect("the page has that section") + FROM.len();
    let end = page[start..].find(TO).map_or(page.len(), |at| start + at);
    let again = format!("{}\n{}{}", &page[..start], guide().trim_end(), format_args!("\n{}", &page[end..]));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, again).unwrap();
    } else {
        assert_eq!(page, again, "{}", path.display());
    }
}

#[test]
fn what_the_page_shows_is_as_it_says() {
    let page = include_str!("../../../../docs/lessons.md");
    let sample = page.split_once("````markdown\n").unwrap().1.split_once("````\n").unwrap().0;
    assert_eq!(check(&Lesson::read(sample), |_| false), []);

    let section = page.split_once("\n## How a goal is read\n").unwrap().1.split_once("\n## ").unwrap().0;
    let written: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert!(written.len() >= 4, "{written:?}");
    for goal in written {
        let goal = goal.trim_matches('`');
        let text = format!("# x\n\n## Goals\n\n- {goal}\n");
        let goals = Lesson::read(&text).exercise.map(|it| it.goals).unwrap_or_default();
        let conditions = goals.first().map(|goal| &goal.conditions);
        assert!(conditions.is_some_and(|it| *it != Conditions::default()), "{goal}");
    }
}
