//! What the page gets of lessons.

use lessons::page;
use protocol::lessons::{Outcome, Part, Work};

const LESSON: &str = "\
# Title

Before.

```context
main.go (2 MB)
```

```dockerfile target=build
FROM golang AS build
FROM alpine
```

## Exercise

Do it.

```dockerfile target=a
FROM alpine AS a
FROM alpine
```

## Goals

- every stage has a name
- the final image has `/made`
- stage a runs

## Hints

1. One.

## Solution

```dockerfile
FROM alpine AS a
FROM alpine AS b
RUN touch /made
```

## More

After.
";

#[test]
fn a_lesson_comes_in_pieces() {
    let lesson = page::lesson(LESSON);
    assert_eq!(lesson.title, "Title");
    let [Part::Text(before), Part::Example(example)] = lesson.parts.as_slice() else { panic!("{lesson:?}") };
    assert_eq!(before.trim(), "Before.");
    assert_eq!(example.target.as_deref(), Some("build"));
    let files = example.context.clone().unwrap().files.unwrap();
    assert_eq!((files[0].path.as_str(), files[0].size), ("main.go", Some(2_000_000)));
    let exercise = lesson.exercise.unwrap();
    assert_eq!(exercise.goals[1], "the final image has `/made`");
    assert_eq!(exercise.hints, ["One."]);
    assert!(matches!(lesson.after.as_slice(), [Part::Text(after)] if after.contains("After.")));
    assert!(lesson.problems.is_empty(), "{:?}", lesson.problems);
}

#[test]
fn goals_are_asked_for_the_target_of_the_exercise() {
    let of = |dockerfile: &str| {
        let work = Work { dockerfile: dockerfile.to_owned(), context: None };
        page::verdicts(LESSON, &work)
    };
    let verdicts = of("# é\nFROM alpine AS a\nCOPY x /made\nFROM alpine\n");
    let outcomes: Vec<Outcome> = verdicts.iter().map(|verdict| verdict.outcome).collect();
    assert_eq!(outcomes, [Outcome::Unmet, Outcome::Met, Outcome::Met]);
    let place = verdicts[0].place.unwrap();
    assert_eq!((place.line, place.offset), (4, "# é\nFROM alpine AS a\nCOPY x /made\n".len()));
    // Nothing of it is a place beyond the text.
    for broken in ["", "FROM", "COPPY", "FROM a AS a\nFROM \\"] {
        for verdict in of(broken) {
            assert_ne!(verdict.outcome, Outcome::Met, "{broken}: {verdict:?}");
            assert!(verdict.place.is_none_or(|place| place.offset <= broken.len()), "{broken}: {verdict:?}");
        }
    }
    assert!(page::verdicts("# Only read\n", &Work::default()).is_empty());
}

#[test]
fn a_front_page_has_headings_and_a_beginning() {
    let text = "# Ours\n\nFor *all*.\n\nOf you.\n\n## First\n\n1. [A](a.md)\n2. [B](b.md)\n\n## Second\n\nText.\n\n- [C](c.md)\n";
    let workshop = page::workshop(text);
    assert_eq!((workshop.title.as_str(), workshop.about.as_str()), ("Ours", "For *all*.\n\nOf you."));
    let entries: Vec<[&str; 3]> = workshop
        .lessons
        .iter()
        .map(|it| [it.title.as_str(), it.path.as_str(), it.section.as_str()])
        .collect();
    assert_eq!(entries, [["A", "a.md", "First"], ["B", "b.md", "First"], ["C", "c.md", "Second"]]);
    let bare = page::workshop("# Ours\n\n- [A](a.md)\n");
    assert_eq!((bare.about.as_str(), bare.lessons[0].section.as_str()), ("", ""));
}
