//! The lens: one target beside another, BuildKit beside its predecessor, and the command for it.

use std::fmt::Write;

use dockerfile::queries::{
    Builder, Cut, Side, Target, Targetable, around, command_line, compare, cut, edge_sentence, legacy,
    refusals,
};
use dockerfile::stages::{self, BuildOptions, Node, SourceId, StageGraph, StageId};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn graph(text: &str) -> StageGraph {
    stages::resolve(&syntax::parse(text), &BuildOptions::default())
}

fn cut_for(graph: &StageGraph, target: &str) -> Cut {
    let target = Target::from_name(Some(target).filter(|name| !name.is_empty()));
    cut(graph, &target).expect("there is such a target")
}

const DIAMOND: &str = "\
FROM golang:1.22 AS builder
RUN go build -o /binary .
FROM builder AS build1
RUN make one
FROM builder AS build2
RUN make two
FROM alpine AS lint
RUN lint
FROM scratch
COPY --from=build1 /binary /one
COPY --from=build2 /binary /two
";

fn compared(text: &str, first: &str, second: &str, expect: Expect) {
    let graph = graph(text);
    let comparison = compare(&graph, &cut_for(&graph, first), &cut_for(&graph, second));
    let mut out = String::new();
    for (stage, (side, sentence)) in
        graph.stages.iter().zip(comparison.sides.iter().zip(&comparison.sentences))
    {
        writeln!(out, "{side:?} {}: {sentence}", stage.display_name()).unwrap();
    }
    expect.assert_eq(&out);
}

#[test]
fn two_targets_share_what_both_need() {
    compared(
        DIAMOND,
        "build1",
        "build2",
        expect![[r#"
            Both builder: build1 starts from it (line 3). Both need it.
            First build1: The target build1; build2 does not need it.
            Second build2: The target build2; build1 does not need it.
            Neither lint: Neither build1 nor build2 needs it. No stage refers to it. --target lint would build it.
            Neither stage-4: Neither build1 nor build2 needs it. No stage refers to it. A build without --target would build it.
        "#]],
    );
}

#[test]
fn a_target_may_be_part_of_the_other() {
    compared(
        DIAMOND,
        "build1",
        "",
        expect![[r#"
            Both builder: build1 starts from it (line 3). Both need it.
            Both build1: The target build1; stage-4 needs it too. stage-4 copies from it (line 10).
            Second build2: stage-4 copies from it (line 11). build1 does not need it.
            Neither lint: Neither build1 nor stage-4 needs it. No stage refers to it. --target lint would build it.
            Second stage-4: The target stage-4; build1 does not need it.
        "#]],
    );
}

#[test]
fn sides_are_counted() {
    let graph = graph(DIAMOND);
    let comparison = compare(&graph, &cut_for(&graph, "build1"), &cut_for(&graph, "build2"));
    let counts = [Side::Both, Side::First, Side::Second, Side::Neither].map(|side| comparison.count(side));
    assert_eq!(counts, [1, 1, 1, 2]);
}

fn by_legacy(text: &str, target: &str, expect: Expect) {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let legacy = legacy(&graph, &cut_for(&graph, target));
    let mut out = String::new();
    for (stage, (runs, sentence)) in graph.stages.iter().zip(legacy.runs.iter().zip(&legacy.sentences)) {
        writeln!(out, "{} {}: {sentence}", if *runs { '+' } else { '-' }, stage.display_name()).unwrap();
    }
    writeln!(out, "{}", legacy.difference).unwrap();
    for refusal in refusals(&parse) {
        writeln!(out, "line {} does not know {}", refusal.line, refusal.what).unwrap();
    }
    expect.assert_eq(&out);
}

#[test]
fn the_legacy_builder_runs_everything_above_the_target() {
    by_legacy(
        DIAMOND,
        "build2",
        expect![[r#"
            + builder: Runs because it stands above build2, which needs it too.
            + build1: Runs because it stands above build2; nothing of it is used.
            + build2: The target; the legacy builder stops here.
            - lint: Below build2, where the legacy builder stops.
            - stage-4: Below build2, where the legacy builder stops.
            The legacy builder also runs build1: 1 stage with 1 instruction that is of no use to build2. BuildKit runs only what the target needs.
        "#]],
    );
}

#[test]
fn without_a_stage_to_spare_both_builders_do_the_same() {
    by_legacy(
        "FROM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n",
        "",
        expect![[r#"
            + build: Runs because it stands above stage-1, which needs it too.
            + stage-1: The target; the legacy builder stops here.
            Here both builders run the same stages: stage-1 needs every stage above it.
        "#]],
    );
}

#[test]
fn what_only_buildkit_knows_is_named_with_its_line() {
    by_legacy(
        "FROM a AS x\nRUN --mount=type=cache,target=/c make\nCOPY --link --chmod=755 <<EOF /f\nEOF\nFROM b AS X\nADD --checksum=sha256:1 http://h/f /\nCOPY --chown=1 a b\n",
        "",
        expect![[r#"
            + x: Runs because it stands above x; nothing of it is used.
            + x: The target; the legacy builder stops here.
            The legacy builder also runs x: 1 stage with 2 instructions that is of no use to x. BuildKit runs only what the target needs.
            line 2 does not know --mount of RUN
            line 3 does not know --link of COPY
            line 3 does not know --chmod of COPY
            line 3 does not know heredocs, such as <<EOF
            line 5 does not know two stages of one name: x
            line 6 does not know --checksum of ADD
        "#]],
    );
}

fn edges(text: &str, expect: Expect) {
    let graph = graph(text);
    let mut out = String::new();
    for edge in 0..graph.edges.len() {
        writeln!(out, "{}", edge_sentence(&graph, edge)).unwrap();
    }
    expect.assert_eq(&out);
}

#[test]
fn every_reference_is_a_sentence() {
    edges(
        "FROM golang:1.22 AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nCOPY . .\n\
         RUN --mount=from=tools,source=/bin/x,target=/x --mount=target=/all go build\n\
         ADD https://h/f.tar /f\nCOPY <<A /a\nA\nFROM build AS test\nRUN --mount=type=tmpfs,target=/t,from=build x\n\
         FROM scratch\nCOPY --from=build /out/a /b /c /d /e /\nCOPY --from=build / /\nCOPY --from=late a b\nFROM a AS late\n",
        expect![[r#"
            build starts from image golang:1.22 (line 1).
            build copies go.mod and go.sum from the build context (line 3).
            build copies everything from the build context (line 4).
            build sees /bin/x of image tools while the command runs (line 5).
            build sees the files of the build context while the command runs (line 5).
            build adds https://h/f.tar (line 6).
            test starts from stage build (line 9).
            test names stage build in a mount that takes no files from it (line 10).
            stage-2 starts from scratch, which is empty (line 11).
            stage-2 copies /out/a, /b, /c, /d and 1 more path from stage build (line 12).
            stage-2 copies everything from stage build (line 13).
            stage-2 copies /a from stage late (line 14). BuildKit refuses it.
            late starts from image a (line 15).
        "#]],
    );
}

#[test]
fn what_belongs_to_a_stage_lies_before_and_behind_it() {
    let graph = graph(DIAMOND);
    let names = |node: Node| -> Vec<String> {
        let name = |node: &Node| match node {
            Node::Stage(stage) => graph.stages[stage.0].display_name(),
            Node::Source(source) => format!("source {}", source.0),
        };
        around(&graph, node).iter().map(name).collect()
    };
    assert_eq!(names(Node::Stage(StageId(1))), ["builder", "build1", "stage-4", "source 0"]);
    assert_eq!(names(Node::Stage(StageId(3))), ["lint", "source 1"]);
    assert_eq!(names(Node::Source(SourceId(1))), ["lint", "source 1"]);
}

#[test]
fn the_command_asks_for_the_target_by_its_name() {
    let graph = graph(DIAMOND);
    let cut = cut_for(&graph, "build1");
    let plain = BuildOptions::default();
    let lines: Vec<String> =
        Builder::ALL.iter().filter_map(|&builder| command_line(&cut, false, builder, &plain)).collect();
    assert_eq!(
        lines,
        [
            "docker build --target build1 .",
            "docker buildx build --target build1 .",
            "podman build --target build1 .",
            "buildah build --target build1 .",
            "DOCKER_BUILDKIT=0 docker build --target build1 .",
        ]
    );
    let default = cut_for(&graph, "");
    assert_eq!(command_line(&default, true, Builder::Docker, &plain).as_deref(), Some("docker build ."));
}

#[test]
fn the_command_gives_what_the_build_is_given() {
    let graph = graph(DIAMOND);
    let options = BuildOptions {
        build_args: vec![("V".to_owned(), "it's 1".to_owned()), ("EMPTY".to_owned(), String::new())],
        target_platform: "linux/arm64".to_owned(),
        contexts: vec![("builder".to_owned(), "docker-image://alpine:3.20".to_owned())],
        ..BuildOptions::default()
    };
    let line = |builder| command_line(&cut_for(&graph, ""), true, builder, &options);
    let start = r"--platform linux/arm64 --build-arg 'V=it'\''s 1' --build-arg EMPTY=";
    let context = "--build-context builder=docker-image://alpine:3.20";
    assert_eq!(line(Builder::Buildx), Some(format!("docker buildx build {start} {context} .")));
    assert_eq!(line(Builder::Legacy), Some(format!("DOCKER_BUILDKIT=0 docker build {start} .")));
}

#[test]
fn no_command_can_ask_for_an_unnamed_stage_above_others() {
    let graph = graph("FROM a\nRUN x\nFROM b\n");
    let cut = cut(&graph, &Target::Stage(StageId(0))).unwrap();
    assert!(matches!(cut.targetable, Targetable::No { .. }));
    assert_eq!(command_line(&cut, false, Builder::Docker, &BuildOptions::default()), None);
}
