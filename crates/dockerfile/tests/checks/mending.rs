//! What the fixes of a rule make of a file, each by itself: its title, and the text with it.

use std::fmt::Write;

use dockerfile::checks::{self, File};
use dockerfile::edit;
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use expect_test::{Expect, expect};

/// Applies each fix of each finding of a rule; a finding without one is a line.
fn check(rule: &str, target: Option<&str>, dockerfile: &str, expect: Expect) {
    let parse = syntax::parse(dockerfile);
    let options = BuildOptions { target: target.map(str::to_owned), ..BuildOptions::default() };
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::from_name(target)).ok();
    let file = File::new(dockerfile, &parse, &graph, &options, cut.as_ref());
    let mut out = String::new();
    for finding in checks::find(&file).findings.iter().filter(|it| it.rule.name == rule) {
        let fixes = finding.fixes(&file);
        if fixes.is_empty() {
            writeln!(out, "{}: no fix", finding.lines.first).unwrap();
        }
        for fix in fixes {
            let mended = edit::apply(dockerfile, &fix.edits).expect("the edits fit");
            writeln!(out, "{}: {}\n{mended}", finding.lines.first, fix.title).unwrap();
        }
    }
    expect.assert_eq(&out);
}

#[test]
fn a_stage_goes_above_the_one_that_takes_from_it() {
    // Numbers follow.
    check(
        "ForwardReference",
        Some("app"),
        "FROM a AS app\nCOPY --from=2 /x /\n\nFROM b AS other\nRUN x\n\nFROM c\nRUN y\n",
        expect![[r#"
            2: Move 'stage-2' above 'app'
            FROM c
            RUN y

            FROM a AS app
            COPY --from=0 /x /

            FROM b AS other
            RUN x

        "#]],
    );
}

#[test]
fn of_a_circle_no_stage_goes_up() {
    check(
        "ForwardReference",
        None,
        "FROM a AS app\nCOPY --from=tools /x /\n\nFROM app AS tools\nRUN y\n",
        expect![[r#"
            2: no fix
        "#]],
    );
}

#[test]
fn a_version_is_set_once_where_the_variants_go_with_it() {
    check(
        "MixedVersions",
        None,
        "FROM node:18-alpine3.17 AS a\nFROM node:20-alpine3.20\nCOPY --from=a /x /\n",
        expect![[r#"
            2: no fix
        "#]],
    );
    check(
        "MixedVersions",
        None,
        "ARG V=20\nFROM node:18 AS a\nFROM node:$V\nCOPY --from=a /x /\n",
        expect![[r#"
            3: no fix
        "#]],
    );
    check(
        "MixedVersions",
        None,
        "# syntax=docker/dockerfile:1\n# Builds.\nFROM debian:bullseye-slim AS a\nFROM debian:bookworm AS b\nCOPY --from=a /x /\nFROM debian:buster\nCOPY --from=b /x /\n",
        expect![[r#"
            4: Set the version of debian once, by an ARG
            # syntax=docker/dockerfile:1
            ARG DEBIAN_VERSION=bookworm
            # Builds.
            FROM debian:${DEBIAN_VERSION}-slim AS a
            FROM debian:${DEBIAN_VERSION} AS b
            COPY --from=a /x /
            FROM debian:${DEBIAN_VERSION}
            COPY --from=b /x /

            6: Set the version of debian once, by an ARG
            # syntax=docker/dockerfile:1
            ARG DEBIAN_VERSION=bookworm
            # Builds.
            FROM debian:${DEBIAN_VERSION}-slim AS a
            FROM debian:${DEBIAN_VERSION} AS b
            COPY --from=a /x /
            FROM debian:${DEBIAN_VERSION}
            COPY --from=b /x /

        "#]],
    );
}

#[test]
fn no_fix_refers_to_a_stage_by_a_name_that_it_cannot_have() {
    check(
        "NumericReference",
        None,
        "FROM a AS 0\nFROM b\nCOPY --from=0 /x /\n",
        expect![[r#"
        3: no fix
    "#]],
    );
    check("MisspelledStage", None, "FROM a AS bu+ilder\nRUN x\nFROM builder\nRUN y\n", expect![]);
}

#[test]
fn what_cannot_be_read_without_its_comment_keeps_it() {
    check(
        "TrailingComment",
        None,
        "FROM a\nWORKDIR /b # c\nCOPY d # e f\nVOLUME # g\n",
        expect![[r#"
            2: Put the comment on a line of its own
            FROM a
            # c
            WORKDIR /b
            COPY d # e f
            VOLUME # g

            3: no fix
        "#]],
    );
    // At the top it would become a directive.
    check(
        "TrailingComment",
        None,
        "FROM a # syntax=b\n",
        expect![[r#"
            1: no fix
        "#]],
    );
    check(
        "TrailingComment",
        None,
        "# b\nFROM a # syntax=b\n",
        expect![[r#"
            2: no fix
        "#]],
    );
}

#[test]
fn what_would_be_no_json_or_no_arguments_is_left() {
    check(
        "NearJson",
        None,
        "FROM a\nCMD ['b', '\\u12']\nCMD ['\\u0041', 'b']\n",
        expect![[r#"
            2: no fix
            3: Write it as JSON
            FROM a
            CMD ['b', '\u12']
            CMD ["\u0041", "b"]

        "#]],
    );
    check(
        "NearJson",
        None,
        "FROM a\nVOLUME ['', 'b']\nCOPY ['b', 'c']\nCOPY [b c, 'd']\n",
        expect![[r#"
            2: no fix
            3: Write it as JSON
            FROM a
            VOLUME ['', 'b']
            COPY ["b", "c"]
            COPY [b c, 'd']

        "#]],
    );
}

#[test]
fn lines_are_joined_only_where_that_leaves_nothing_to_remove() {
    check(
        "RemovedInLaterLayer",
        None,
        "FROM alpine\nRUN touch /a.txt\nRUN touch /b.txt\nRUN rm /a.txt /b.txt\n",
        expect![[r#"
            4: no fix
        "#]],
    );
    check(
        "RemovedInLaterLayer",
        None,
        "FROM alpine\nRUN touch /a.txt /b.txt\nRUN rm /a.txt /b.txt\n",
        expect![[r#"
            3: Join the two RUN lines
            FROM alpine
            RUN touch /a.txt /b.txt \
             && rm /a.txt /b.txt

        "#]],
    );
}
