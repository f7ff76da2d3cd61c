//! Definition and references: where a stage or a variable is made, and where it is written.

use dockerfile::assist;
use dockerfile::text::{LineIndex, TextRange};
use expect_test::{Expect, expect};

use super::cursor;

fn place(text: &str, range: TextRange) -> String {
    let at = LineIndex::new(text).line_col(text, range.start);
    format!("{}:{} {:?}", at.line, at.column, range.of(text))
}

fn definition(text: &str, expected: Expect) {
    let (text, offset) = cursor(text);
    let found = assist::definition(&text, offset);
    expected.assert_eq(&found.map_or("nowhere".to_owned(), |range| place(&text, range)));
}

fn references(text: &str, expected: Expect) {
    let (text, offset) = cursor(text);
    let found: Vec<String> =
        assist::references(&text, offset).into_iter().map(|it| place(&text, it) + "\n").collect();
    expected.assert_eq(&found.concat());
}

#[test]
fn a_stage_is_made_by_its_from() {
    definition("FROM a AS b\nFROM c\nCOPY --from=|b /x /y\n", expect![[r#"1:1 "FROM a AS b""#]]);
    definition("FROM a AS b\nFROM c\nCOPY --from=|0 /x /y\n", expect![[r#"1:1 "FROM a AS b""#]]);
    definition("FROM a AS b\nFROM |b\n", expect![[r#"1:1 "FROM a AS b""#]]);
    definition("FROM a AS b\nFROM c\nRUN --mount=from=b|,target=/x d\n", expect![[r#"1:1 "FROM a AS b""#]]);
    definition("FROM a AS b|\n", expect![[r#"1:1 "FROM a AS b""#]]);
}

#[test]
fn of_two_stages_with_one_name_copy_means_the_later() {
    definition("FROM a AS b\nFROM c AS b\nFROM d\nCOPY --from=|b /x /y\n", expect![[r#"2:1 "FROM c AS b""#]]);
    definition("FROM a AS b\nFROM b| AS b\n", expect![[r#"1:1 "FROM a AS b""#]]);
}

#[test]
fn an_image_is_made_nowhere() {
    definition("FROM al|pine\n", expect!["nowhere"]);
    definition("FROM a\nRUN make |it\n", expect!["nowhere"]);
}

#[test]
fn a_variable_is_made_by_what_is_in_force() {
    definition("FROM a\nARG A=1\nENV A=2\nUSER $|A\nENV A=3\n", expect![[r#"3:5 "A""#]]);
    definition("FROM a\nENV A=2\nARG A\nUSER $|A\n", expect![[r#"2:5 "A""#]]);
    definition("FROM a AS b\nENV A=2\nFROM b\nRUN echo $|A\n", expect![[r#"2:5 "A""#]]);
    definition("FROM a AS b\nENV A=2\nFROM c\nRUN echo $|A\n", expect!["nowhere"]);
    definition("FROM a\nARG A=1 B=${|A}\n", expect![[r#"2:5 "A""#]]);
    definition("FROM a\nARG A=1\nCOPY <<EOF /x\n$|A\nEOF\n", expect![[r#"2:5 "A""#]]);
}

#[test]
fn an_argument_of_a_stage_leads_to_the_global_one() {
    definition("ARG A=1\nFROM a\nARG A\nUSER $|A\n", expect![[r#"3:5 "A""#]]);
    definition("ARG A=1\nFROM a\nARG |A\nUSER $A\n", expect![[r#"1:5 "A""#]]);
    definition("ARG A=1\nFROM b:$|A\n", expect![[r#"1:5 "A""#]]);
    definition("ARG A=1\nFROM b\nUSER $|A\n", expect!["nowhere"]);
}

#[test]
fn a_stage_is_written_where_it_is_named() {
    references(
        "FROM a AS |b\nFROM b AS c\nCOPY --from=B /x /y\nCOPY --from=0 /x /y\nRUN --mount=from=b,target=/x d\n",
        expect![[r#"
            1:11 "b"
            2:6 "b"
            3:13 "B"
            4:13 "0"
            5:18 "b"
        "#]],
    );
    references(
        "FROM a\nFROM c\nCOPY --from=|0 /x /y\n",
        expect![[r#"
        1:1 "FROM"
        3:13 "0"
    "#]],
    );
}

#[test]
fn a_variable_is_written_where_it_is_put_in() {
    references(
        "ARG A=1\nFROM b:${A}\nARG A\nUSER $A\nENV A=2\nUSER $A\nFROM c\nUSER $A\nARG A\nRUN echo \"$|A\" '$A'\n",
        expect![[r#"
            1:5 "A"
            2:10 "A"
            3:5 "A"
            4:7 "A"
            9:5 "A"
            10:12 "A"
        "#]],
    );
    references(
        "FROM a\nENV A=1\nENV A=$|A:2\nUSER $A\n",
        expect![[r#"
        2:5 "A"
        3:8 "A"
    "#]],
    );
}
