//! The longest line BuildKit reads: 65,536 bytes with its line end, 65,535 without.

use dockerfile::syntax::parse;
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    let parse = parse(text);
    let mut out = String::new();
    for instruction in &parse.instructions {
        out += &format!(
            "{}..{} {}\n",
            instruction.lines.first, instruction.lines.last, instruction.keyword.text
        );
    }
    for error in &parse.errors {
        out += &format!("{:?} {:?}\n", error.line(), error.message);
    }
    expected.assert_eq(&out);
}

fn x(n: usize) -> String {
    "x".repeat(n)
}

#[test]
fn a_line_that_just_fits_is_read() {
    check(
        &format!("FROM a\nRUN {}\nRUN {}", x(65_531), x(65_531)),
        expect![[r#"
            1..1 FROM
            2..2 RUN
            3..3 RUN
        "#]],
    );
}

#[test]
fn carriage_returns_count() {
    check(
        &format!("FROM a\nRUN {}\r\n", x(65_531)),
        expect![[r#"
            1..1 FROM
            Some(1) "dockerfile line greater than max allowed size of 65535"
        "#]],
    );
}

#[test]
fn a_joined_line_may_be_longer() {
    check(
        &format!("FROM a\nRUN {}\\\n{}\n", x(40_000), x(40_000)),
        expect![[r#"
            1..1 FROM
            2..3 RUN
        "#]],
    );
}

#[test]
fn nothing_is_read_from_a_line_that_is_too_long() {
    check(
        &format!("FROM a\nRUN b\nRUN {}\nRUN c\n", x(65_532)),
        expect![[r#"
            1..1 FROM
            2..2 RUN
            4..4 RUN
            Some(2) "dockerfile line greater than max allowed size of 65535"
        "#]],
    );
    check(
        &format!("FROM a\nRUN {}", x(65_532)),
        expect![[r#"
            1..1 FROM
            Some(1) "dockerfile line greater than max allowed size of 65535"
        "#]],
    );
}

#[test]
fn without_an_instruction_before_it_the_file_has_none() {
    check(
        &format!("# {}\nFROM a\n", x(65_534)),
        expect![[r#"
            2..2 FROM
            Some(0) "file with no instructions"
        "#]],
    );
}

#[test]
fn a_long_line_ends_a_continuation() {
    check(
        &format!("FROM a\nRUN b \\\n{}\nRUN c\n", x(65_536)),
        expect![[r#"
            1..1 FROM
            2..2 RUN
            4..4 RUN
            Some(2) "dockerfile line greater than max allowed size of 65535"
        "#]],
    );
}

#[test]
fn a_long_line_leaves_a_heredoc_without_an_end() {
    check(
        &format!("FROM a\nRUN <<EOF\n{}\nEOF\nRUN b\n", x(65_536)),
        expect![[r#"
            1..1 FROM
            2..2 RUN
            4..4 EOF
            5..5 RUN
            Some(2) "unterminated heredoc"
            Some(2) "dockerfile line greater than max allowed size of 65535"
            Some(4) "unknown instruction: EOF"
        "#]],
    );
}
