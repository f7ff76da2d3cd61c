//! Errors in the order in which BuildKit would come to them, with all the lines it names: bytes and a target in, a
//! line for each error out. The first is the one it stops at.

use std::fmt::Write;

use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::{syntax, text};
use expect_test::{Expect, expect};

fn check(dockerfile: impl AsRef<[u8]>, target: Option<&str>, expect: Expect) {
    expect.assert_eq(&told(dockerfile.as_ref(), target));
}

fn told(dockerfile: &[u8], target: Option<&str>) -> String {
    let (text, invalid) = text::decode(dockerfile);
    let parse = syntax::parse(&text);
    let options = BuildOptions { target: target.map(str::to_owned), ..BuildOptions::default() };
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::from_name(target));
    let errors = queries::errors(&parse, &graph, &options, cut.as_ref(), &invalid);
    assert_eq!(
        queries::first_error(&parse, &graph, &options, cut.as_ref(), &invalid).as_ref(),
        errors.first()
    );
    let mut out = String::new();
    for error in &errors {
        let lines: Vec<_> = error.lines.iter().map(|span| format!("{}-{}", span.first, span.last)).collect();
        writeln!(out, "{:?} [{}] {}", error.phase, lines.join(" "), error.full_message()).unwrap();
    }
    out
}

#[test]
fn every_step_of_the_conversion_in_its_order() {
    check(
        r#"ARG A=${B?no}
ARG SOURCE_DATE_EPOCH=never
FROM ${X}
FROM --platform=p/q/r/s/t alpine
FROM Upper AS later
COPY --from=9 a b
FROM alpine AS a
RUN --mount=from=b,target=/b x
FROM alpine AS b
COPY --from=a \
  x y
EXPOSE x
FROM b
ONBUILD COPY --from=8 a b
STOPSIGNAL none
"#,
        Some("missing"),
        expect![[r#"
            Convert [1-1] failed to process "${B?no}": B: no
            Convert [] invalid SOURCE_DATE_EPOCH: never
            Convert [3-3] base name (${X}) should not be blank
            Convert [4-4 4-4] failed to parse platform p/q/r/s/t: "s/t" is an invalid component of "p/q/r/s/t": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument
            Convert [] target stage "missing" could not be found
            Convert [] invalid stage index 9
            Convert [8-8 10-11] circular dependency detected on stage: a
            Convert [5-5] failed to parse stage name "Upper": invalid reference format: repository name (library/Upper) must be lowercase
        "#]],
    );
}

#[test]
fn errors_of_the_needed_stages_come_last_and_in_file_order() {
    check(
        "FROM alpine AS a\nEXPOSE x\nFROM alpine AS b\nSTOPSIGNAL none\nFROM b AS c\nCOPY --from=a x y\nEXPOSE y\nFROM x\n",
        Some("c"),
        expect![[r#"
            Convert [2-2] invalid containerPort: x
            Convert [4-4] invalid signal: none
            Convert [7-7] invalid containerPort: y
        "#]],
    );
}

#[test]
fn parsing_comes_before_instructions_and_both_before_the_rest() {
    check(
        "# check=skip\nFROM ${X}\nRUN --bad a \\\n\n b\nFROM a b\nENV A\nUSER\n",
        Some("missing"),
        expect![[r#"
            Options [] failed to parse check options: invalid check option "skip"
            Parse [7-7] ENV must have two arguments
            Instructions [3-5] dockerfile parse error on line 3: unknown flag: --bad
            Instructions [6-6] dockerfile parse error on line 6: FROM requires either one or three arguments
            Instructions [8-8] dockerfile parse error on line 8: USER requires exactly one argument
            Convert [2-2] base name (${X}) should not be blank
            Convert [] target stage "missing" could not be found
        "#]],
    );
}

#[test]
fn a_directive_is_said_to_stand_a_line_above() {
    check(
        "# escape=x\nFROM a\n",
        None,
        expect![[r#"
            Parse [0-0] invalid escape token 'x' does not match ` or \
        "#]],
    );
}

#[test]
fn without_a_stage_nobody_looks_for_the_target() {
    check(
        "",
        Some("x"),
        expect![[r#"
        Parse [] the Dockerfile cannot be empty
    "#]],
    );
    check(
        "# nothing\n\n",
        Some("x"),
        expect![[r#"
        Parse [2-2] file with no instructions
    "#]],
    );
    check(
        "ARG A=${B:?}\n",
        Some("x"),
        expect![[r#"
        Instructions [] dockerfile contains no stages to build
        Convert [1-1] failed to process "${B:?}": B: is not allowed to be unset
    "#]],
    );
    check(
        "RUN a\n",
        Some("x"),
        expect![[r#"
        Instructions [1-1] no build stage in current context
    "#]],
    );
}

#[test]
fn a_circle_names_the_lines_along_it() {
    check(
        "FROM alpine AS a\nCOPY --from=c x y\nFROM alpine AS b\nCOPY --from=a x y\nFROM alpine AS c\nRUN --mount=from=b,target=/b x \\\n y\n",
        None,
        expect![[r#"
            Convert [2-2 6-7 4-4] circular dependency detected on stage: a
            Convert [2-2] cannot copy from stage "c", it needs to be defined before current stage "a"
        "#]],
    );
}

#[test]
fn a_heredoc_without_end_takes_all_lines() {
    check(
        "FROM alpine\nRUN <<EOF\na\nFROM alpine\nRUN b\n",
        None,
        expect![[r#"
            Parse [2-5] unterminated heredoc
        "#]],
    );
}

#[test]
fn a_trigger_names_the_from_that_runs_it() {
    check(
        "FROM alpine AS a\nONBUILD EXPOSE x\nFROM a\n",
        None,
        expect![[r#"
            Convert [3-3] invalid containerPort: x
        "#]],
    );
}

const NOT_UTF8: &str = "Convert [] failed to marshal LLB definition: string field contains invalid UTF-8\n";

#[test]
fn bytes_that_are_not_utf8_harm_a_command_that_runs() {
    for harmed in [
        &b"FROM alpine\nRUN echo \xff\n"[..],
        b"FROM alpine\nRUN a \\\n \xff b\n",
        b"FROM alpine\nRUN --mount=type=cache,target=/c echo \xe9\n",
        b"FROM alpine\nRUN <<EOF\n\xff\nEOF\n",
        b"FROM alpine\nRUN cat <<EOF\n#!/bin/sh \xff\nEOF\n",
        b"FROM alpine AS a\nONBUILD RUN \xff\nFROM a\n",
        b"FROM alpine AS a\nRUN \xff > /a\nFROM scratch\nCOPY --from=a /a /\n",
    ] {
        assert_eq!(told(harmed, None), NOT_UTF8, "{}", String::from_utf8_lossy(harmed));
    }
}

#[test]
fn bytes_that_are_not_utf8_harm_nothing_else() {
    for harmless in [
        &b"FROM alpine\n# \xff\nRUN a\n"[..],
        b"FROM alpine\nRUN [\"\xff\"]\n",
        b"FROM alpine\nSHELL [\"\xff\", \"-c\"]\nRUN a\n",
        b"FROM alpine\nRUN <<EOF\n#!/bin/sh\n\xff\nEOF\n",
        b"FROM alpine\nCOPY <<EOF <<\"RAW\" /\n\xff\nEOF\n\xff\nRAW\n",
        b"FROM alpine\nENV A=\xff B=\"\xff\"\nARG C=\xff\nLABEL d=\xff\nRUN a\n",
        b"FROM alpine\nCMD \xff\nENTRYPOINT \xff\nHEALTHCHECK CMD \xff\nMAINTAINER \xff\n",
        b"FROM alpine\nWORKDIR /\xff\nUSER \xff\nVOLUME /\xff\nCOPY \xff \xff\nRUN a\n",
        b"FROM alpine\nRUN --mount=type=cache,target=/\xff a\n",
        b"FROM alpine AS a\nRUN \xff\nFROM alpine\n",
        // The character that such a byte is shown as may also be written.
        b"FROM alpine\nRUN echo \xef\xbf\xbd\n# \xff\n",
    ] {
        assert_eq!(told(harmless, None), "", "{}", String::from_utf8_lossy(harmless));
    }
}
