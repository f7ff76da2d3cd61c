//! `stagelight lessons` from outside.

use std::fs;

use expect_test::expect;

use crate::{Folder, command, stderr, stdout};

impl Folder {
    fn lessons(&self, args: &[&str]) -> std::process::Output {
        command(&self.0, "lessons", args).output().unwrap()
    }
}

#[test]
fn a_new_lesson_passes_and_is_listed() {
    let folder = Folder::new("lessons-new");
    let output = folder.lessons(&["new", "Name the stages!"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("./01-name-the-stages.md\n"), "{}", stdout(&output));
    let output = folder.lessons(&["new", "Targets", "--output", "."]);
    assert!(stdout(&output).starts_with("./02-targets.md\n"), "{}", stdout(&output));
    let page = fs::read_to_string(folder.0.join("README.md")).unwrap();
    assert!(
        page.ends_with("1. [Name the stages!](01-name-the-stages.md)\n2. [Targets](02-targets.md)\n"),
        "{page}"
    );
    let output = folder.lessons(&["check", "."]);
    assert_eq!(output.status.code(), Some(0));
    expect![[r#"
        ok ./01-name-the-stages.md: Name the stages! (4 goals, 2 hints)
        ok ./02-targets.md: Targets (4 goals, 2 hints)
        Nothing is wrong in 2 lessons with 8 goals
    "#]]
    .assert_eq(&stdout(&output));
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    let folder = Folder::new("lessons-check");
    folder.lessons(&["new", "One"]);
    let path = folder.0.join("01-one.md");
    let lesson = fs::read_to_string(&path).unwrap();
    let lesson = lesson.replace("does not install `gcc`", "does not instal `gcc`");
    let lesson = lesson.replace("- there are 2 stages", "- there are 3 stages\n- <b>no findings</b>");
    fs::write(&path, lesson).unwrap();
    folder.file("stray.md", "# Stray\n\n[x](y.md)\n");
    let output = folder.lessons(&["check", ".", "stray.md"]);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        error: 'stray.md' is not listed in the front page
         --> ./README.md:1:1
          |
        1 | # A workshop
          | ^

        error: The solution does not meet this goal
          --> ./01-one.md:37:3
           |
        37 | - there are 3 stages
           |   ^^^^^^^^^^^^^^^^^^
        ...
        56 | FROM alpine
           | ----------- here
           |
           = help: There are 2 stages

        info: HTML is shown as the text that it is
          --> ./01-one.md:38:3
           |
        38 | - <b>no findings</b>
           |   ^^^

        error: This goal cannot be read
          --> ./01-one.md:38:3
           |
        38 | - <b>no findings</b>
           |   ^^^^^^^^^^^^^^^^^^
           |
           = help: docs/lessons.md lists what goals can say

        info: HTML is shown as the text that it is
          --> ./01-one.md:38:17
           |
        38 | - <b>no findings</b>
           |                 ^^^^

        error: This goal cannot be read from here on
          --> ./01-one.md:40:28
           |
        40 | - the final image does not instal `gcc`
           |                            ^^^^^^
           |
           = help: The nearest form is: the final image does not install {package}

        error: There is no 'y.md' beside this lesson
         --> stray.md:3:1
          |
        3 | [x](y.md)
          | ^^^^^^^^^

        5 problems in 2 lessons with 3 goals
    "#]]
    .assert_eq(&stdout(&output));
}

#[test]
fn what_cannot_be_read_is_an_exit_code() {
    let folder = Folder::new("lessons-trouble");
    let output = folder.lessons(&["check", "none.md"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("Cannot read none.md: there is no such file"), "{}", stdout(&output));
    let output = folder.lessons(&["check", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("There is no lesson in ."), "{}", stdout(&output));
    assert_eq!(folder.lessons(&["check"]).status.code(), Some(2));
    let output = folder.lessons(&["new", "!"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("needs a name of letters or digits"), "{}", stderr(&output));
    let output = folder.lessons(&["new", "x", "-o", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("Cannot list nowhere"), "{}", stderr(&output));
}

#[test]
fn a_strangers_lesson_sends_no_commands_to_the_terminal() {
    let folder = Folder::new("lessons-hostile");
    folder.file(
        "a\u{1b}[2J.md",
        "# \u{1b}[31mx\n\n## Goals\n\n- \u{1b}]0;x\u{7} \u{9b}2J\n\n[a](\u{1b}[2J.md)\n",
    );
    let output = folder.lessons(&["check", "."]);
    assert_eq!(output.status.code(), Some(1));
    let told = stdout(&output);
    assert!(told.chars().all(|it| it == '\n' || !it.is_control()), "{told:?}");
}

#[test]
fn the_lessons_of_this_project_pass() {
    let lessons = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let folder = Folder::new("lessons-course");
    let output = folder.lessons(&["check", lessons.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}
