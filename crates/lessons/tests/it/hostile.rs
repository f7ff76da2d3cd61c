//! Lessons that mean no good: whatever the text, reading it and holding a Dockerfile against its goals comes to an end.

use std::path::Path;
use std::time::Instant;

use lessons::{Lesson, Part, Workshop, check, judge, template};

/// A small random number generator, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

fn read(text: &str) {
    let lesson = Lesson::read(text);
    for problem in check(&lesson, |_| false) {
        assert!(text.get(problem.range.start..problem.range.end).is_some(), "{problem:?}");
        assert!(!problem.message.is_empty());
    }
    for part in lesson.parts.iter().chain(&lesson.after) {
        match part {
            Part::Text(range) => assert!(text.get(range.start..range.end).is_some()),
            Part::Example(example) => assert!(text.get(example.range.start..example.range.end).is_some()),
        }
    }
    if let Some(exercise) = lesson.exercise {
        for goal in &exercise.goals {
            assert!(text.get(goal.range.start..goal.range.end).is_some());
        }
        judge(&exercise.goals, "FROM a AS b\nCOPY --from=b . .\nFROM b\nRUN x\n", None, None);
    }
    Workshop::with(text, "x", "x.md");
}

fn pages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let mut pages = vec![template("A lesson")];
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    pages.extend(
        paths
            .iter()
            .filter(|it| it.extension().is_some_and(|it| it == "md"))
            .map(|path| std::fs::read_to_string(path).unwrap()),
    );
    pages
}

#[test]
fn no_text_is_too_much() {
    let pieces = [
        "# ",
        "\n## Goals\n",
        "\n## Exercise\n",
        "\n- ",
        "`",
        "```",
        "```dockerfile\n",
        "\n```context\n",
        "<script>",
        "[x](",
        "for target",
        ":",
        "with --build-arg",
        "{",
        "\u{0}",
        "é",
        "\r\n",
        "    ",
        "> ",
        "\\",
        "&amp;",
        "the final image has ",
        "editing ",
        "\"",
        "![",
        "1. ",
        "\t",
        "FROM ",
        "../",
        "]",
        "|",
        "~~~",
    ];
    let mut random = Random(0x5eed);
    let pages = pages();
    for round in 0..600 {
        let page = &pages[round % pages.len()];
        let mut text = page.clone();
        for _ in 0..=random.below(6) {
            let mut at = random.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let mut to = (at + random.below(40)).min(text.len());
            while !text.is_char_boundary(to) {
                to -= 1;
            }
            match random.below(3) {
                0 => text.insert_str(at, pieces[random.below(pieces.len())]),
                1 => text.replace_range(at..to.max(at), ""),
                _ => text.replace_range(at..to.max(at), pieces[random.below(pieces.len())]),
            }
        }
        read(&text);
    }
    for page in &pages {
        for at in (0..page.len()).step_by(97).filter(|at| page.is_char_boundary(*at)) {
            read(&page[..at]);
        }
    }
}

#[test]
fn what_is_long_or_deep_takes_no_long_time() {
    let start = Instant::now();
    let goals = |goal: &str, n: usize| format!("# x\n\n## Goals\n\n{}", format!("- {goal}\n").repeat(n));
    let from = "FROM a AS b\nRUN make\nCOPY . .\n".repeat(1500);
    let texts = [
        "> ".repeat(50_000),
        "- ".repeat(50_000),
        "[".repeat(100_000),
        "*a ".repeat(50_000),
        "<a".repeat(90_000),
        goals("the final image has `/app`", 5000),
        goals(&"a ".repeat(50_000), 1),
        goals(&format!("the final image has `{}`", "/a".repeat(40_000)), 2),
        goals(&"[\"".repeat(40_000), 1),
        format!(
            "# x\n\n## Exercise\n\n```dockerfile\n{from}```\n\n{}",
            goals("editing `x` leaves \"RUN make\" cached", 40)
        ),
        format!("# x\n\n## Exercise\n\n```context\n{}```\n", "a/b\n".repeat(40_000)),
        "x".repeat(3_000_000),
    ];
    for text in &texts {
        read(text);
    }
    let page = goals("the final image has `/a/b/c`", 40);
    let asked = Lesson::read(&page).exercise.unwrap().goals;
    for n in [6000, 60_000] {
        judge(&asked, &"FROM a AS b\nRUN make\nCOPY . .\n".repeat(n), None, None);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
