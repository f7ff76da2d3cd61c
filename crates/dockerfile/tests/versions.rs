//! Two versions of a Dockerfile beside each other.

use std::fmt::Write;

use dockerfile::queries::versions::{Became, Difference, Version, difference};
use dockerfile::queries::{Target, cut};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn compared(before: &str, after: &str) -> Difference {
    let target = Target::from_name(None);
    let options = BuildOptions::default();
    let (old, new) = (syntax::parse(before), syntax::parse(after));
    let (old, new) = (stages::resolve(&old, &options), stages::resolve(&new, &options));
    let (old_cut, new_cut) = (cut(&old, &target).unwrap(), cut(&new, &target).unwrap());
    let old = Version { graph: &old, cut: &old_cut, context: None };
    difference(old, Version { graph: &new, cut: &new_cut, context: None })
}

fn check(before: &str, after: &str, expect: Expect) {
    let Difference { stages, edges, paths, image } = compared(before, after);
    let mut told = String::new();
    for stage in stages {
        writeln!(told, "stage {}: {}", stage.name, stage.what.join("; ")).unwrap();
    }
    for (what, list) in [("edge", edges), ("path", paths)] {
        for it in list {
            let sign = match it.became {
                Became::New => '+',
                Became::Gone => '-',
                Became::Other => '~',
            };
            writeln!(told, "{what} {sign} {}", it.what).unwrap();
        }
    }
    for it in image {
        writeln!(told, "{}: {} -> {}", it.name, it.before, it.after).unwrap();
    }
    expect.assert_eq(&told);
}

const ONE_STAGE: &str =
    "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /api ./cmd/api\nCMD [\"/api\"]\n";

const TWO_STAGES: &str = "FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /api ./cmd/api\n\
                          FROM alpine:3.20\nUSER app\nCOPY --from=build /api /api\nCMD [\"/api\"]\n";

#[test]
fn the_same_build_has_no_difference() {
    assert!(compared(TWO_STAGES, TWO_STAGES).is_empty());
    assert!(compared(ONE_STAGE, &format!("# A comment.\n\n{ONE_STAGE}")).is_empty());
}

#[test]
fn what_nobody_can_refer_to_is_found_again_by_its_number() {
    check(
        "FROM alpine\nRUN a\nFROM scratch\nCOPY --from=0 /x /\n",
        "FROM alpine AS tools\nRUN a\nFROM scratch\nCOPY --from=tools /x /\n",
        expect![[r#"
            stage tools: was called stage-0
            stage stage-1: 1 instruction changed
        "#]],
    );
}

#[test]
fn one_stage_becomes_two() {
    check(
        ONE_STAGE,
        TWO_STAGES,
        expect![[r#"
            stage build: was called stage-0; 1 instruction gone
            stage stage-1: new
            edge + stage-1 copies /api from stage build
            edge + stage-1 starts from image alpine:3.20
            path ~ /api
            path - /src
            Base: image golang:1.22 -> image alpine:3.20
            Layers on it: 3 -> 1
            Size, estimated: at least 750 MB -> at least 7 MB
            User: what the base image says -> app
            Directory: /src -> what the base image says
        "#]],
    );
}

#[test]
fn another_base_a_path_and_settings() {
    check(
        "FROM alpine:3.19 AS base\nRUN apk add curl\nFROM base\nCOPY a b /srv/\nENV A=1\nEXPOSE 80\n",
        "FROM alpine:3.20 AS base\nRUN apk add curl jq\nFROM base\nCOPY b /srv/\nCOPY --chmod=755 c /srv/\nENV A=2\nUSER 1000\n",
        expect![[r#"
            stage base: starts from alpine:3.20, not from alpine:3.19; 1 instruction changed
            stage stage-1: 2 instructions changed; 2 instructions new; 1 instruction gone
            edge - base starts from image alpine:3.19
            edge + base starts from image alpine:3.20
            edge - stage-1 copies a and b from the build context
            edge + stage-1 copies b from the build context
            edge + stage-1 copies c from the build context
            path ~ /srv
            Base: image alpine:3.19 -> image alpine:3.20
            Layers on it: 2 -> 3
            User: what the base image says -> 1000
            ENV: A=1, and what the base image says -> A=2, and what the base image says
            Ports: 80/tcp, and what the base image says -> what the base image says
        "#]],
    );
}

#[test]
fn a_file_that_comes_another_way() {
    check(
        "FROM alpine AS one\nRUN touch /x\nFROM scratch\nCOPY --from=one /x /x\n",
        "FROM alpine AS one\nCOPY x /x\nFROM scratch\nCOPY --from=one /x /x\n",
        expect![[r#"
            stage one: 1 instruction new; 1 instruction gone
            edge + one copies x from the build context
            path ~ /x
        "#]],
    );
}

#[test]
fn a_stage_that_is_not_needed_any_more() {
    check(
        "FROM alpine AS one\nRUN touch /x\nFROM alpine AS two\nRUN touch /x\nFROM scratch\nCOPY --from=one /x /x\n",
        "FROM alpine AS one\nRUN touch /x\nFROM alpine AS two\nRUN touch /x\nFROM scratch\nCOPY --from=two /x /x\n",
        expect![[r#"
            stage one: the target does not need it any more
            stage two: the target needs it now
            stage stage-2: 1 instruction changed
            edge - one starts from image alpine
            edge - stage-2 copies /x from stage one
            edge + stage-2 copies /x from stage two
            edge + two starts from image alpine
        "#]],
    );
}

#[test]
fn a_stage_that_is_gone_and_one_that_is_new() {
    check(
        "FROM alpine AS docs\nRUN make docs\nFROM alpine AS final\nRUN a\n",
        "FROM alpine AS final\nRUN a\nFROM final AS debug\nRUN b\n",
        expect![[r#"
            stage debug: new
            stage docs: gone
            edge + debug starts from stage final
            Layers on it: 1 -> 2
        "#]],
    );
}
