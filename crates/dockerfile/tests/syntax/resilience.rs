//! No text makes the parser panic, lose a byte, name a place outside the text, or take more than linear time.

use std::time::{Duration, Instant};

use dockerfile::syntax::{Instruction, Parse, highlight, mounts, parse};
use dockerfile::text::TextRange;

use crate::test_files;

fn all_files() -> Vec<String> {
    ["ok", "err", "highlight"].into_iter().flat_map(test_files).map(|(_, text)| text).collect()
}

/// Parses and asserts everything that holds for every text.
fn check(text: &str) {
    let parse = parse(text);
    check_places(text, &parse);
    let mut at = 0;
    for token in highlight::tokens(text, &parse) {
        assert_eq!(token.range.start, at, "tokens leave a gap or overlap");
        assert!(!token.range.is_empty());
        at = token.range.end;
        let _ = token.range.of(text); // Panics within a character.
    }
    assert_eq!(at, text.len(), "tokens do not reach the end");
}

fn check_places(text: &str, parse: &Parse<'_>) {
    let whole = TextRange::new(0, text.len());
    let check = |range: TextRange, outer: TextRange| {
        assert!(outer.contains_range(range), "{range:?} is not within {outer:?} of {text:?}");
        let _ = range.of(text);
    };
    let mut end = 0;
    let mut last_line = 0;
    for instruction in &parse.instructions {
        assert!(instruction.range.start >= end, "instructions overlap");
        assert!(instruction.lines.first > last_line && instruction.lines.first <= instruction.lines.last);
        end = instruction.range.end;
        last_line = instruction.lines.last;
        check(instruction.range, whole);
        check_instruction(text, instruction, &check);
    }
    for directive in &parse.directives {
        check(directive.value.range, whole);
    }
    let detected = [&parse.detected.syntax, &parse.detected.check, &parse.detected.escape];
    for directive in detected.into_iter().flatten() {
        check(directive.full.range, whole);
    }
    for error in &parse.errors {
        check(error.range, whole);
    }
    let phases = || parse.errors.iter().map(|error| error.phase);
    assert_eq!(parse.first_error().map(|error| error.phase), phases().min());
}

fn check_instruction(text: &str, instruction: &Instruction<'_>, check: &impl Fn(TextRange, TextRange)) {
    let outer = instruction.range;
    check(instruction.keyword.range, outer);
    for flag in &instruction.flags {
        check(flag.range, outer);
        check(flag.name.range, flag.range);
        if let Some(value) = &flag.value {
            check(value.range, flag.range);
            for field in mounts::split(value, text).unwrap_or_default() {
                check(field.range, value.range);
                check(field.key.range, field.range);
                field.value.iter().for_each(|value| check(value.range, field.range));
            }
        }
    }
    for arg in &instruction.args {
        check(arg.range, outer);
    }
    for heredoc in &instruction.heredocs {
        check(heredoc.marker, outer);
        check(heredoc.body, outer);
        assert_eq!(heredoc.content, heredoc.body.of(text));
    }
    if let Some(child) = &instruction.onbuild {
        check(child.range, outer);
        check_instruction(text, child, check);
    }
}

#[test]
fn every_file_and_every_beginning_of_it_is_read() {
    for text in all_files() {
        // The whole of long files only, and the ends of their lines.
        for (at, c) in text.char_indices().filter(|&(at, c)| at < 2_000 || c == '\n') {
            check(&text[..at]);
            check(&text[..at + c.len_utf8()]);
        }
        check(&text);
    }
}

#[test]
fn mutated_files_are_read() {
    let files = all_files();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let spice = [
        "\\",
        "\\\n",
        "`\n",
        "\n",
        "\r\n",
        "\r",
        "\"",
        "'",
        "<<",
        "<<-EOF",
        "EOF\n",
        "#",
        " # ",
        "--",
        "--x=",
        "=",
        "[",
        "]",
        ",",
        "{",
        "}",
        "$",
        "${",
        "${a:-",
        "\u{feff}",
        "\u{a0}",
        "\u{2003}",
        "é",
        "한",
        "†",
        "😀",
        "\u{85}",
        "\0",
        "FROM ",
        "RUN ",
        "COPY ",
        "ONBUILD ",
        "HEALTHCHECK ",
        "ENV ",
        "# escape=`\n",
        "# check=",
        "\t",
        " ",
    ];
    for round in 0..20_000 {
        let mut text = files[random.below(files.len())].clone();
        if text.len() > 4_000 {
            continue;
        }
        for _ in 0..1 + round % 4 {
            let (from, to) = (boundary(&text, &mut random), boundary(&text, &mut random));
            match random.below(4) {
                0 => text.insert_str(from, spice[random.below(spice.len())]),
                1 if from.abs_diff(to) < 40 => text.replace_range(from.min(to)..from.max(to), ""),
                1 => text.insert_str(to, &spice[random.below(spice.len())].repeat(3)),
                2 => {
                    let other = &files[random.below(files.len())];
                    let start = boundary(other, &mut random);
                    let end = (start..=(start + 40).min(other.len())).rfind(|&at| other.is_char_boundary(at));
                    text.insert_str(from, &other[start..end.unwrap_or(start)]);
                }
                _ => text.truncate(from),
            }
        }
        check(&text);
    }
}

#[test]
fn time_grows_no_faster_than_the_text() {
    type Make = fn(usize) -> String;
    let cases: [(&str, Make); 22] = [
        ("lines that are escapes", |n| "\\\n".repeat(n * 8)),
        ("continued comments", |n| format!("RUN a \\\n{}", "# b\n".repeat(n * 4))),
        ("continued blanks", |n| format!("RUN a \\\n{}b", "\n".repeat(n * 8))),
        ("a logical line of many pieces", |n| format!("ENV {}", "a=b c\\\n".repeat(n * 2))),
        ("one word of many pieces", |n| format!("FROM {}", "x\\\n".repeat(n * 4))),
        ("heredocs of one instruction", |n| format!("RUN {}\n{}", "<<A ".repeat(n), "A\n".repeat(n))),
        ("heredocs without an end", |n| "FROM a\nRUN <<A\n".repeat(n)),
        ("heredocs without an end, each its own", |n| {
            (0..n).map(|i| format!("RUN <<A{i}\nFROM a\n")).collect()
        }),
        ("one heredoc that is never ended", |n| format!("RUN <<A\n{}", "FROM a\n".repeat(n * 2))),
        ("open quotes", |n| format!("ENV a={}", "\"'".repeat(n * 4))),
        ("open quotes behind a heredoc", |n| format!("COPY <<A {}", "' \" ".repeat(n * 2))),
        ("open braces", |n| format!("ENV a={}", "${".repeat(n * 4))),
        ("open braces behind a heredoc", |n| format!("COPY <<A {}", "${a:-".repeat(n * 2))),
        ("flags", |n| format!("COPY {} a b", "--from=x ".repeat(n))),
        ("flags in quotes", |n| format!("RUN {} a", "--mount=\"a,b=c\\\"\" ".repeat(n / 2))),
        ("fields of a mount", |n| format!("RUN --mount={} a", "a=b,".repeat(n * 2))),
        ("JSON brackets", |n| format!("CMD {}", "[".repeat(n * 8))),
        ("JSON strings", |n| format!("CMD [{}\"\"]", "\"a\\n\",".repeat(n))),
        ("ONBUILD in ONBUILD", |n| "ONBUILD ".repeat(n)),
        ("comments", |n| "# a\n".repeat(n * 4)),
        ("unknown instructions", |n| "frmo a\n".repeat(n)),
        ("one long unknown word", |n| "x".repeat(n * 8)),
    ];
    for (name, make) in cases {
        // Lines are limited, so that long ones must be continued to be long.
        let fold = |text: String| match text.lines().any(|line| line.len() > 50_000) {
            true => text
                .as_bytes()
                .chunks(997)
                .map(|part| String::from_utf8_lossy(part))
                .collect::<Vec<_>>()
                .join("\\\n"),
            false => text,
        };
        let time = |n: usize| {
            let text = fold(make(n));
            let run = || {
                let start = Instant::now();
                let parse = parse(&text);
                highlight::tokens(&text, &parse);
                start.elapsed()
            };
            (0..3).map(|_| run()).min().unwrap_or(Duration::ZERO)
        };
        let (small, large) = (time(2_000), time(16_000));
        // Eight times the text may take eight times as long, and somewhat more; quadratic would be 64.
        let allowed = small * 24 + Duration::from_millis(5);
        assert!(large <= allowed, "{name}: {small:?} for a small text, {large:?} for eight times as much");
    }
}

fn boundary(text: &str, random: &mut Random) -> usize {
    let at = random.below(text.len() + 1);
    (0..=at).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Xorshift: the same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}
