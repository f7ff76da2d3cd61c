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
