//! What a lesson comes to, and what is said of one that is not as it should be.

use dockerfile::text::LineIndex;
use expect_test::{Expect, expect};
use lessons::{Lesson, Part, Workshop, check, template};

/// Problems of a lesson: the place, what is wrong, and what to do.
fn wrong(text: &str, expect: Expect) {
    let lines = LineIndex::new(text);
    let mut told = String::new();
    for problem in check(&Lesson::read(text), |path| path == "there.md") {
        let at = lines.line_col(text, problem.range.start);
        let note = if problem.is_note { "note: " } else { "" };
        told += &format!("{}:{} {note}{}\n", at.line, at.column, problem.message);
        told.extend(problem.help.map(|help| format!("    {help}\n")));
        for (range, label) in problem.labels {
            let at = lines.line_col(text, range.start);
            told += &format!("    {}:{} {label}\n", at.line, at.column);
        }
    }
    expect.assert_eq(&told);
}

/// The template with one piece of it replaced.
fn template_with(from: &str, to: &str) -> String {
    let text = template("A lesson");
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_lesson_is_taken_apart() {
    let text = template("A `small` lesson");
    let lesson = Lesson::read(&text);
    assert_eq!((lesson.title.as_str(), &lesson.problems[..]), ("A small lesson", &[][..]));
    let [Part::Text(first), Part::Example(example), Part::Text(last)] = &lesson.parts[..] else {
        panic!("{:?}", lesson.parts);
    };
    assert!(first.of(&text).starts_with("Say in a few sentences"));
    assert!(last.of(&text).starts_with("## Try it\n\nName one thing"));
    assert_eq!(example.range.of(&text), example.dockerfile);
    let exercise = lesson.exercise.unwrap();
    let [Part::Text(task)] = &exercise.task[..] else { panic!("{:?}", exercise.task) };
    assert_eq!(task.of(&text), "Say what is to be done to this Dockerfile.\n");
    let names = |context: &Option<dockerfile::context::BuildContext>| {
        let files = context.iter().flat_map(|it| it.files.iter().flatten());
        files.map(|file| file.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&exercise.start.context), ["main.c"]);
    assert_eq!(names(&exercise.solution.context), ["main.c"], "the solution has the files of the exercise");
    assert_eq!(exercise.goals.len(), 4);
    assert_eq!(exercise.goals[3].text, "the command is `[\"/app\"]`");
    assert_eq!(
        exercise.hints.iter().map(|it| &it.text[..]).collect::<Vec<_>>(),
        ["Say where to look.", "Say what to write."]
    );
}

#[test]
fn the_template_is_a_lesson() {
    wrong(&template("x"), expect![""]);
}

#[test]
fn what_is_missing_is_said() {
    wrong(
        "",
        expect![[r#"
        1:1 This lesson has no title
            Begin it with a line such as '# Name the stages'
    "#]],
    );
    wrong("# Only to be read\n\nText.\n", expect![[""]]);
    wrong(
        "# x\n\n## Goals\n\n- no findings\n",
        expect![[r#"
        3:1 The exercise has no section '## Exercise'
            It holds a Dockerfile to begin with, in a block of '```dockerfile'
        3:1 The exercise has no section '## Hints'
            It holds a list of hints, the least helpful one first
        3:1 The exercise has no section '## Solution'
            It holds a Dockerfile that meets the goals
    "#]],
    );
    wrong(
        "# x\n\n## Exercise\n\n## Goals\n\n## Hints\n\n## Solution\n\n## Goals\n\n# y\n",
        expect![[r#"
        3:1 The section 'Exercise' is empty
            It holds a Dockerfile to begin with, in a block of '```dockerfile'
        7:1 The section 'Hints' is empty
            It holds a list of hints, the least helpful one first
        9:1 The section 'Solution' is empty
            It holds a Dockerfile that meets the goals
        11:1 There is a second section 'goals'
            A lesson has one exercise
        13:1 A lesson has one title
            Begin a heading within it with '##'
    "#]],
    );
}

#[test]
fn a_start_that_has_everything_leaves_nothing_to_do() {
    let solution = template("x");
    let at = solution.find("## Solution").unwrap();
    let dockerfile = &solution[at..][solution[at..].find("FROM").unwrap()..];
    let dockerfile = &dockerfile[..dockerfile.find("```").unwrap()];
    let start = solution.find("FROM alpine\nRUN apk").unwrap();
    let end = start + solution[start..].find("```").unwrap();
    wrong(
        &format!("{}{dockerfile}{}", &solution[..start], &solution[end..]),
        expect![[r#"
        24:1 The start meets all goals, so there is nothing to do
    "#]],
    );
}

#[test]
fn a_solution_that_misses_a_goal_is_shown_with_the_place() {
    wrong(
        &template_with("CMD [\"/app\"]\n```\n\nSay why", "CMD /app\n```\n\nSay why"),
        expect![[r#"
        40:3 The solution does not meet this goal
            It is ["/bin/sh", "-c", "/app"]
            57:1 here
    "#]],
    );
    wrong(
        &template_with("COPY --from=build /app /app", "COPY --from=build /out/ /out/"),
        expect![[r#"
        38:3 The solution does not meet this goal
            No line puts /app into the image, and image alpine likely has none
            55:1 here
    "#]],
    );
    wrong(
        &template_with("COPY --from=build /app /app", "COPY --from=build"),
        expect![[r#"
        56:1 The solution cannot be built: dockerfile parse error on line 7: COPY requires at least two arguments, but only one was provided. Destination could not be determined
            Begin the block with '```dockerfile fails' if that is what it shows
    "#]],
    );
}

#[test]
fn live_dockerfiles_can_be_built_unless_they_show_what_fails() {
    let page = |info: &str, text: &str| {
        format!("# x\n\n```context\na.txt\n```\n\n```dockerfile{info}\n{text}\n```\n")
    };
    wrong(&page("", "FROM a\nCOPY a.txt /"), expect![""]);
    wrong(
        &page("", "FROM a\nCOPY b.txt /"),
        expect![[r#"
        9:6 This Dockerfile cannot be built: there is no b.txt in the build context
            Begin the block with '```dockerfile fails' if that is what it shows
    "#]],
    );
    wrong(&page(" fails", "FROM a\nCOPY b.txt /"), expect![""]);
    wrong(
        &page(" fails", "FROM a\nCOPY a.txt /"),
        expect![[r#"
        8:1 This Dockerfile is said to fail, and nothing stands in its way
    "#]],
    );
    wrong(
        &page(" target=x", "FROM a"),
        expect![[r#"
        8:1 This Dockerfile cannot be built: target stage "x" could not be found
            Begin the block with '```dockerfile fails' if that is what it shows
    "#]],
    );
    wrong(
        &page(" wide", "FROM a # b"),
        expect![[r#"
        7:1 What 'wide' says of this block is not known
            Known are 'target=NAME' and 'fails'
        8:8 This Dockerfile cannot be built: dockerfile parse error on line 1: FROM requires either one or three arguments
            Begin the block with '```dockerfile fails' if that is what it shows
    "#]],
    );
    wrong(
        "# x\n\n```context\na\n../b\n```\n",
        expect![[r#"
        5:1 This cannot be read: it is no path within the build context, such as 'src/main.go'
    "#]],
    );
}

#[test]
fn links_lead_somewhere() {
    wrong(
        "# x\n\n[a](there.md#top) [b](away.md) [c](rule:UnnamedStage) [d](rule:UnnamdStage) [e](../up.md) [f](/etc/passwd)\n\
         [g](https://example.com/) [h](#here) [i](javascript:alert(1)) [j](data:text/html,x) ![k](there.png)\n",
        expect![[r#"
            3:19 There is no 'away.md' beside this lesson
            3:55 There is no rule 'UnnamdStage'
                Did you mean UnnamedStage?
            3:77 '../up.md' is outside of the folder of the lessons
                Link to another lesson, to 'rule:NAME' or to an address on the web
            3:91 '/etc/passwd' is outside of the folder of the lessons
                Link to another lesson, to 'rule:NAME' or to an address on the web
            4:38 A link of 'javascript:' is not followed
                Link to another lesson, to 'rule:NAME' or to an address on the web
            4:63 A link of 'data:' is not followed
                Link to another lesson, to 'rule:NAME' or to an address on the web
            4:85 Pictures are not shown in lessons
                The stages of a live Dockerfile are drawn by themselves
        "#]],
    );
}

#[test]
fn html_is_text() {
    wrong(
        "# x\n\n<script>alert(1)</script>\n\nA <b>word</b>.\n",
        expect![[r#"
        3:1 note: HTML is shown as the text that it is
        5:3 note: HTML is shown as the text that it is
        5:10 note: HTML is shown as the text that it is
    "#]],
    );
}

#[test]
fn a_front_page_lists_lessons_in_order() {
    let text = "# A workshop\n\nSee [this](other.md).\n\n1. [One](01-one.md)\n2. [`Two`](./02-two.md)\n   - [web](https://example.com/x.md)\n";
    let workshop = Workshop::read(text);
    let lessons: Vec<_> = workshop.lessons.iter().map(|it| (&it.title[..], &it.path[..])).collect();
    assert_eq!(lessons, [("One", "01-one.md"), ("Two", "02-two.md")]);
    assert_eq!((&workshop.title[..], &workshop.problems[..]), ("A workshop", &[][..]));
    let longer = Workshop::with(text, "Three", "03-three.md");
    assert!(longer.contains("2. [`Two`](./02-two.md)\n3. [Three](03-three.md)\n"), "{longer}");
    let bulleted = Workshop::with("# x\n\n* [One](01.md)", "Two", "02.md");
    assert_eq!(bulleted, "# x\n\n* [One](01.md)\n* [Two](02.md)");
    let broken = Workshop::read("- [a](a.md)\n- [a](a.md)\n- [b](../b.md)\n");
    let messages: Vec<_> = broken.problems.iter().map(|it| &it.message[..]).collect();
    assert_eq!(
        messages,
        [
            "'a.md' is listed twice",
            "'../b.md' is outside of the folder of the lessons",
            "This front page has no title"
        ]
    );
}
