//! Stages and references: Dockerfile in, a line for each stage, reference and error out.

use std::fmt::Write;

use dockerfile::stages::{self, BuildOptions, EdgeKind, Node, Source, StageGraph};
use dockerfile::syntax::{self, SyntaxError};
use expect_test::{Expect, expect};

fn check(text: &str, expect: Expect) {
    check_with(text, &BuildOptions::default(), expect);
}

fn check_with(text: &str, options: &BuildOptions, expect: Expect) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let graph = stages::resolve(&syntax::parse(text), options);
    expect.assert_eq(&described(&graph));
}

/// One line a stage, then its references, with the line they stand in; then the errors.
fn described(graph: &StageGraph) -> String {
    let mut out = String::new();
    for stage in &graph.stages {
        let edges = || graph.edges.iter().filter(|edge| edge.to == stage.id);
        let base = edges().find(|edge| edge.kind == EdgeKind::Base).map(|edge| node(graph, edge.from));
        let platform = stage.platform.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        let description = stage.description.as_ref().map(|it| format!(" — {it}")).unwrap_or_default();
        let base = base.unwrap_or_else(|| "nothing".to_owned());
        writeln!(out, "{} <- {base}{platform}{description}", stage.display_name()).unwrap();
        for edge in edges().filter(|edge| edge.kind != EdgeKind::Base) {
            let verb = if edge.kind == EdgeKind::Mount { "mounts" } else { "copies" };
            let marks: String =
                [(edge.broken, " broken"), (edge.trigger, " onbuild"), (!edge.carries, " unused")]
                    .iter()
                    .filter(|(is_set, _)| *is_set)
                    .map(|(_, mark)| *mark)
                    .collect();
            let line = stage.steps[edge.step].lines.first;
            let paths = edge.paths.join(" ");
            writeln!(out, "  {line} {verb} {} {paths}{marks}", node(graph, edge.from)).unwrap();
        }
    }
    let mut error = |prefix: &str, error: &SyntaxError| {
        let line = error.line().map_or("-".to_owned(), |line| line.to_string());
        let suggestion = error.suggestion.as_ref().map(|it| format!(" ({it}?)")).unwrap_or_default();
        writeln!(out, "{prefix}{line}: {}{suggestion}", error.message).unwrap();
    };
    graph.errors.iter().for_each(|it| error("error ", it));
    graph.stage_errors.iter().for_each(|it| error(&format!("error in stage {} ", it.stage.0), &it.error));
    out
}

fn node(graph: &StageGraph, node: Node) -> String {
    match node {
        Node::Stage(id) => format!("stage {} {}", id.0, graph.stages[id.0].display_name()),
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { familiar, .. } => format!("image {familiar}"),
            Source::Scratch => "scratch".to_owned(),
            Source::Context => "context".to_owned(),
            Source::NamedContext { name, value, .. } => format!("named context {name} = {value}"),
            Source::Remote(address) => format!("remote {address}"),
            Source::Invalid(text) => format!("invalid {text:?}"),
        },
    }
}

#[test]
fn a_stage_starts_from_an_image() {
    check(
        r#"
FROM alpine:3.20
"#,
        expect![[r#"
            stage-0 <- image alpine:3.20
        "#]],
    );
}

#[test]
fn the_same_image_is_one_source() {
    check(
        r#"
FROM alpine
FROM alpine:latest
COPY --from=alpine a b
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- image alpine
              3 copies image alpine /a
        "#]],
    );
}

#[test]
fn unnamed_stages_are_displayed_by_number_but_not_found_by_it() {
    check(
        r#"
FROM alpine
FROM stage-0
COPY --from=stage-0 a b
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- image stage-0
              3 copies image stage-0 /a
        "#]],
    );
}

#[test]
fn from_finds_an_earlier_stage() {
    check(
        r#"
FROM alpine AS a
FROM a AS b
FROM b
"#,
        expect![[r#"
            a <- image alpine
            b <- stage 0 a
            stage-2 <- stage 1 b
        "#]],
    );
}

#[test]
fn names_are_kept_in_lower_case_and_from_compares_exactly() {
    check(
        r#"
FROM alpine AS Build
FROM build
FROM Build
"#,
        expect![[r#"
            build <- image alpine
            stage-1 <- stage 0 build
            stage-2 <- invalid "Build"
            error 3: failed to parse stage name "Build": invalid reference format: repository name (library/Build) must be lowercase
        "#]],
    );
}

#[test]
fn from_a_later_name_or_its_own_is_an_image() {
    check(
        r#"
FROM later AS own
FROM own2 AS own2
FROM alpine AS later
"#,
        expect![[r#"
            own <- image later
            own2 <- image own2
            later <- image alpine
        "#]],
    );
}

#[test]
fn the_latest_of_equal_names_counts_for_from() {
    check(
        r#"
FROM alpine AS a
FROM a AS a
FROM a
"#,
        expect![[r#"
            a <- image alpine
            a <- stage 0 a
            stage-2 <- stage 1 a
        "#]],
    );
}

#[test]
fn the_last_of_equal_names_counts_for_copy() {
    check(
        r#"
FROM alpine AS a
FROM debian AS a
FROM scratch
COPY --from=a x y
"#,
        expect![[r#"
            a <- image alpine
            a <- image debian
            stage-2 <- scratch
              4 copies stage 1 a /x
        "#]],
    );
}

#[test]
fn a_number_behind_from_is_an_image() {
    check(
        r#"
FROM alpine
FROM 0
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- image 0
        "#]],
    );
}

#[test]
fn scratch_is_empty() {
    check(
        r#"
FROM scratch
FROM scratch:latest
"#,
        expect![[r#"
            stage-0 <- scratch
            stage-1 <- image scratch
        "#]],
    );
}

#[test]
fn scratch_in_capitals_is_no_image() {
    check(
        r#"
FROM SCRATCH
"#,
        expect![[r#"
            stage-0 <- invalid "SCRATCH"
            error 1: failed to parse stage name "SCRATCH": invalid reference format: repository name (library/SCRATCH) must be lowercase
        "#]],
    );
}

#[test]
fn a_stage_may_be_called_scratch() {
    check(
        r#"
FROM alpine AS scratch
FROM scratch
COPY --from=scratch a b
"#,
        expect![[r#"
            scratch <- image alpine
            stage-1 <- stage 0 scratch
              3 copies stage 0 scratch /a
        "#]],
    );
}

#[test]
fn quotes_around_a_base_are_removed() {
    check(
        r#"
FROM "alpine"
FROM 'debian' AS x
"#,
        expect![[r#"
            stage-0 <- image alpine
            x <- image debian
        "#]],
    );
}

#[test]
fn global_args_are_put_into_bases() {
    check(
        r#"
ARG A=3
ARG B=alpine:$A C=$B
FROM $C
"#,
        expect![[r#"
            stage-0 <- image alpine:3
        "#]],
    );
}

#[test]
fn a_global_arg_without_value_is_empty() {
    check(
        r#"
ARG BASE
FROM $BASE
"#,
        expect![[r#"
            stage-0 <- invalid "$BASE"
            error 2: base name ($BASE) should not be blank
        "#]],
    );
}

#[test]
fn a_misspelt_platform_variable_gets_a_suggestion() {
    check(
        r#"
FROM --platform=$BILDPLATFORM alpine
"#,
        expect![[r#"
            stage-0 <- image alpine ()
            error 1: empty platform value from expression $BILDPLATFORM (BUILDPLATFORM?)
        "#]],
    );
}

#[test]
fn args_of_a_stage_do_not_reach_from_lines() {
    check(
        r#"
FROM alpine
ARG BASE=debian
FROM x$BASE
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- image x
        "#]],
    );
}

#[test]
fn a_base_that_cannot_be_expanded_is_an_error() {
    check(
        r#"
FROM ${A
FROM alpine
"#,
        expect![[r#"
            stage-0 <- invalid "${A"
            stage-1 <- image alpine
            error 1: failed to process "${A": unsupported modifier (�) in substitution
        "#]],
    );
}

#[test]
fn a_global_arg_that_cannot_be_expanded_is_an_error() {
    check(
        r#"
ARG A=${B?needed}
FROM alpine
"#,
        expect![[r#"
            stage-0 <- image alpine
            error 1: failed to process "${B?needed}": B: needed
        "#]],
    );
}

#[test]
fn platforms_are_expanded() {
    check(
        r#"
FROM --platform=$BUILDPLATFORM alpine AS a
FROM --platform=linux/arm64 debian
FROM --platform= alpine
"#,
        expect![[r#"
            a <- image alpine (linux/amd64)
            stage-1 <- image debian (linux/arm64)
            stage-2 <- image alpine
        "#]],
    );
}

#[test]
fn a_platform_must_be_one() {
    check(
        r#"
FROM --platform=linux/ alpine
FROM --platform=beos alpine
"#,
        expect![[r#"
            stage-0 <- image alpine (linux/)
            stage-1 <- image alpine (beos)
            error 1: failed to parse platform linux/: "" is an invalid component of "linux/": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument
            error 2: failed to parse platform beos: "beos": unknown operating system or architecture: invalid argument
        "#]],
    );
}

#[test]
fn a_description_comes_from_the_comment_above() {
    check(
        r#"
# base has the tools
FROM alpine AS base
# other words
FROM base AS test
"#,
        expect![[r#"
            base <- image alpine — has the tools
            test <- stage 0 base
        "#]],
    );
}

#[test]
fn copy_takes_from_a_stage_by_name_in_any_case() {
    check(
        r#"
FROM alpine AS build
FROM scratch
COPY --from=BUILD /bin/x /
"#,
        expect![[r#"
            build <- image alpine
            stage-1 <- scratch
              3 copies stage 0 build /bin/x
        "#]],
    );
}

#[test]
fn copy_takes_from_a_stage_by_number() {
    check(
        r#"
FROM alpine
FROM scratch
COPY --from=0 /a /b
COPY --from=00 /c /d
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- scratch
              3 copies stage 0 stage-0 /a
              4 copies stage 0 stage-0 /c
        "#]],
    );
}

#[test]
fn a_number_too_large_is_an_error() {
    check(
        r#"
FROM alpine
FROM scratch
COPY --from=2 /a /b
COPY --from=-1 /a /b
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- scratch
              3 copies invalid "2" /a broken
              4 copies invalid "-1" /a broken
            error -: invalid stage index 2
            error -: invalid stage index -1
        "#]],
    );
}

#[test]
fn a_number_beyond_all_bounds_is_a_name() {
    check(
        r#"
FROM alpine
COPY --from=99999999999999999999 /a /b
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 copies image 99999999999999999999 /a
        "#]],
    );
}

#[test]
fn numbers_go_on_through_images_referred_to() {
    check(
        r#"
FROM alpine
COPY --from=busybox /a /b
COPY --from=1 /c /d
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 copies image busybox /a
              3 copies image busybox /c
        "#]],
    );
}

#[test]
fn numbers_do_not_know_images_that_come_later() {
    check(
        r#"
FROM alpine
COPY --from=1 /c /d
COPY --from=busybox /a /b
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 copies invalid "1" /c broken
              3 copies image busybox /a
            error -: invalid stage index 1
        "#]],
    );
}

#[test]
fn mounts_count_for_numbers_too() {
    check(
        r#"
FROM alpine
RUN --mount=type=cache,target=/c x
COPY --from=1 /a /b
"#,
        expect![[r#"
            stage-0 <- image alpine
              3 copies scratch /a
        "#]],
    );
}

#[test]
fn an_image_reached_by_number_is_listed_again() {
    check(
        r#"
FROM alpine
COPY --from=busybox /a /b
COPY --from=1 /c /d
COPY --from=2 /e /f
COPY --from=4 /g /h
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 copies image busybox /a
              3 copies image busybox /c
              4 copies image busybox /e
              5 copies invalid "4" /g broken
            error -: invalid stage index 4
        "#]],
    );
}

#[test]
fn copy_takes_from_an_image() {
    check(
        r#"
FROM scratch
COPY --from=nginx:1 /etc /etc
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies image nginx:1 /etc
        "#]],
    );
}

#[test]
fn a_misspelt_stage_is_an_image() {
    check(
        r#"
FROM alpine AS builder
FROM scratch
COPY --from=bulider /a /b
"#,
        expect![[r#"
            builder <- image alpine
            stage-1 <- scratch
              3 copies image bulider /a
        "#]],
    );
}

#[test]
fn an_image_that_is_none_is_an_error_at_the_copy() {
    check(
        r#"
FROM scratch
COPY --from=No:Such /a /b
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies invalid "No:Such" /a broken
            error 2: failed to parse stage name "No:Such": invalid reference format: repository name (library/No) must be lowercase
        "#]],
    );
}

#[test]
fn an_image_that_is_none_in_a_mount_has_no_line() {
    check(
        r#"
FROM alpine
RUN --mount=from=A,target=/a x
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 mounts invalid "A" / broken
            error -: failed to parse stage name "A": invalid reference format: repository name (library/A) must be lowercase
        "#]],
    );
}

#[test]
fn copy_from_is_not_expanded() {
    check(
        r#"
ARG X=a
FROM alpine AS a
FROM scratch
COPY --from=$X /a /b
COPY --from='a' /a /b
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- scratch
              4 copies invalid "$X" /a broken
              5 copies stage 0 a /a
            error -: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround
        "#]],
    );
}

#[test]
fn an_empty_from_is_the_context() {
    check(
        r#"
FROM scratch
COPY --from= a b
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies context /a
        "#]],
    );
}

#[test]
fn a_stage_called_context_is_a_stage() {
    check(
        r#"
FROM alpine AS context
FROM scratch
COPY --from=context a b
"#,
        expect![[r#"
            context <- image alpine
            stage-1 <- scratch
              3 copies stage 0 context /a
        "#]],
    );
}

#[test]
fn copy_from_context_is_an_image() {
    check(
        r#"
FROM scratch
COPY --from=context a b
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies image context /a
        "#]],
    );
}

#[test]
fn a_later_stage_cannot_be_copied_from() {
    check(
        r#"
FROM scratch AS a
COPY --from=b x y
COPY --from=1 x y
FROM alpine AS b
"#,
        expect![[r#"
            a <- scratch
              2 copies stage 1 b /x broken
              3 copies stage 1 b /x broken
            b <- image alpine
            error in stage 0 2: cannot copy from stage "b", it needs to be defined before current stage "a"
            error in stage 0 3: cannot copy from stage "1", it needs to be defined before current stage "a"
        "#]],
    );
}

#[test]
fn a_stage_cannot_copy_from_itself() {
    check(
        r#"
FROM scratch AS a
COPY --from=a x y
"#,
        expect![[r#"
            a <- scratch
              2 copies stage 0 a /x broken
            error 2: circular dependency detected on stage: a
        "#]],
    );
}

#[test]
fn a_stage_cannot_copy_from_its_own_number() {
    check(
        r#"
FROM scratch
COPY --from=0 x y
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies stage 0 stage-0 /x broken
            error 2: circular dependency detected on stage: stage-0
        "#]],
    );
}

#[test]
fn a_circle_is_reported_once_at_its_first_stage() {
    check(
        r#"
FROM scratch AS a
COPY --from=c x y
FROM scratch AS b
COPY --from=a x y
FROM scratch AS c
COPY --from=b x y
"#,
        expect![[r#"
            a <- scratch
              2 copies stage 2 c /x broken
            b <- scratch
              4 copies stage 0 a /x
            c <- scratch
              6 copies stage 1 b /x
            error 2: circular dependency detected on stage: a
            error in stage 0 2: cannot copy from stage "c", it needs to be defined before current stage "a"
        "#]],
    );
}

#[test]
fn a_circle_is_named_after_the_first_stage_that_leads_to_it() {
    check(
        r#"
FROM scratch AS in
COPY --from=a x y
FROM scratch AS a
COPY --from=a x y
"#,
        expect![[r#"
            in <- scratch
              2 copies stage 1 a /x broken
            a <- scratch
              4 copies stage 1 a /x broken
            error 2: circular dependency detected on stage: in
            error in stage 0 2: cannot copy from stage "a", it needs to be defined before current stage "in"
        "#]],
    );
}

#[test]
fn from_does_not_count_for_circles() {
    check(
        r#"
FROM scratch AS a
COPY --from=b x y
FROM a AS b
"#,
        expect![[r#"
            a <- scratch
              2 copies stage 1 b /x broken
            b <- stage 0 a
            error in stage 0 2: cannot copy from stage "b", it needs to be defined before current stage "a"
        "#]],
    );
}

#[test]
fn the_last_row_that_names_a_stage_stands_for_it_in_a_circle() {
    check(
        r#"
FROM scratch AS a
COPY --from=a x y
RUN z
COPY --from=a z z
"#,
        expect![[r#"
            a <- scratch
              2 copies stage 0 a /x broken
              4 copies stage 0 a /z broken
            error 4: circular dependency detected on stage: a
        "#]],
    );
}

#[test]
fn mounts_take_from_stages_and_images() {
    check(
        r#"
FROM alpine AS a
FROM debian
RUN --mount=from=A,source=/x,target=/y --mount=type=bind,from=busybox,target=/b z
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- image debian
              3 mounts stage 0 a /x
              3 mounts image busybox /
        "#]],
    );
}

#[test]
fn numbers_in_mounts_are_images() {
    check(
        r#"
FROM alpine
FROM debian
RUN --mount=from=0,target=/y z
"#,
        expect![[r#"
            stage-0 <- image alpine
            stage-1 <- image debian
              3 mounts image 0 /
        "#]],
    );
}

#[test]
fn a_bind_mount_without_from_is_the_context() {
    check(
        r#"
FROM alpine
RUN --mount=target=/src,source=sub make
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 mounts context /sub
        "#]],
    );
}

#[test]
fn other_mounts_without_from_come_from_nowhere() {
    check(
        r#"
FROM alpine
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=secret,id=s --mount=type=ssh x
"#,
        expect![[r#"
            stage-0 <- image alpine
        "#]],
    );
}

#[test]
fn a_tmpfs_mount_with_from_takes_nothing() {
    check(
        r#"
FROM alpine AS a
FROM debian
RUN --mount=type=tmpfs,from=a,target=/t x
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- image debian
              3 mounts stage 0 a / unused
        "#]],
    );
}

#[test]
fn every_mount_without_from_needs_a_stage_called_scratch() {
    check(
        r#"
FROM alpine AS scratch
FROM debian
RUN --mount=target=/a --mount=type=cache,target=/c x
"#,
        expect![[r#"
            scratch <- image alpine
            stage-1 <- image debian
              3 mounts stage 0 scratch / unused
              3 mounts context /
              3 mounts stage 0 scratch /
        "#]],
    );
}

#[test]
fn mount_values_are_expanded() {
    check(
        r#"
FROM alpine
ARG D=/x
RUN --mount=source=$D,target=$D make
RUN --mount=type=$T,target=/y make
"#,
        expect![[r#"
            stage-0 <- image alpine
              3 mounts context /x
            error in stage 0 4: unsupported mount type ""
        "#]],
    );
}

#[test]
fn a_later_stage_cannot_be_mounted() {
    check(
        r#"
FROM alpine
RUN --mount=from=b,target=/t x
FROM debian AS b
"#,
        expect![[r#"
            stage-0 <- image alpine
              2 mounts stage 1 b / broken
            b <- image debian
            error in stage 0 2: cannot mount from stage "b" to "/t", stage needs to be defined before current command
        "#]],
    );
}

#[test]
fn a_mount_needs_a_place() {
    check(
        r#"
FROM alpine
RUN --mount=type=cache x
RUN --mount=type=bind,target=/ x
WORKDIR /w
RUN --mount=type=cache x
"#,
        expect![[r#"
            stage-0 <- image alpine
              3 mounts context /
            error in stage 0 2: invalid mount target "/"
            error in stage 0 3: invalid mount target "/"
        "#]],
    );
}

#[test]
fn a_bad_mount_harms_its_stage_only() {
    check(
        r#"
FROM alpine AS a
RUN --mount=type=magic,target=/x y
RUN --mount=typ=bind,target=/x y
FROM alpine
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- image alpine
            error in stage 0 2: unsupported mount type "magic"
            error in stage 0 3: unexpected key 'typ' in 'typ=bind' (type?)
        "#]],
    );
}

#[test]
fn copy_takes_from_the_context() {
    check(
        r#"
FROM scratch
COPY a b/../c ./ /d/
ADD x /
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies context /a /c /
              3 copies context /x
        "#]],
    );
}

#[test]
fn sources_are_expanded() {
    check(
        r#"
FROM scratch
ENV D=src E=$D
ARG F=$D/f
COPY $D $E $F /x/
"#,
        expect![[r#"
            stage-0 <- scratch
              4 copies context /src / /src/f
        "#]],
    );
}

#[test]
fn a_global_arg_must_be_asked_for_in_the_stage() {
    check(
        r#"
ARG V=1
FROM scratch
COPY a$V b
ARG V
COPY a$V b
"#,
        expect![[r#"
            stage-0 <- scratch
              3 copies context /a
              5 copies context /a1
        "#]],
    );
}

#[test]
fn an_arg_with_a_default_does_not_see_the_global_value() {
    check(
        r#"
ARG V=1
FROM scratch
ARG V=2
COPY a$V b
"#,
        expect![[r#"
            stage-0 <- scratch
              4 copies context /a2
        "#]],
    );
}

#[test]
fn platform_variables_must_be_asked_for_too() {
    check(
        r#"
FROM scratch
COPY $TARGETARCH a
ARG TARGETARCH
COPY $TARGETARCH a
ARG TARGETOS=mine
COPY $TARGETOS a
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies context /
              4 copies context /amd64
              6 copies context /mine
        "#]],
    );
}

#[test]
fn variables_are_inherited_from_the_base_stage() {
    check(
        r#"
FROM scratch AS a
ENV A=1
ARG B=2
FROM a
COPY $A$B$C x
FROM scratch
COPY x$A x
"#,
        expect![[r#"
            a <- scratch
            stage-1 <- stage 0 a
              5 copies context /12
            stage-2 <- scratch
              7 copies context /x
        "#]],
    );
}

#[test]
fn what_comes_last_of_arg_and_env_wins() {
    check(
        r#"
FROM scratch
ARG A=1
ENV A=2
COPY $A x
ARG A=3
COPY $A x
ARG A
COPY $A x
"#,
        expect![[r#"
            stage-0 <- scratch
              4 copies context /2
              6 copies context /3
              8 copies context /3
        "#]],
    );
}

#[test]
fn words_of_one_env_do_not_see_each_other() {
    check(
        r#"
FROM scratch
ENV A=1
ENV A=2 B=$A
COPY $B x
ARG C=1 D=$C
COPY $D x
"#,
        expect![[r#"
            stage-0 <- scratch
              4 copies context /1
              6 copies context /1
        "#]],
    );
}

#[test]
fn a_copy_of_heredocs_needs_nothing() {
    check(
        r#"
FROM scratch
COPY <<A <<B /x/
a
A
b
B
"#,
        expect![[r#"
            stage-0 <- scratch
        "#]],
    );
}

#[test]
fn a_copy_of_heredocs_and_paths_needs_the_paths() {
    check(
        r#"
FROM scratch
COPY <<A b /x/
a
A
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies context /b
        "#]],
    );
}

#[test]
fn a_heredoc_that_cannot_be_expanded_is_an_error() {
    check(
        r#"
FROM scratch
COPY <<A /x
${A?}
A
COPY <<'B' /x
${A?}
B
"#,
        expect![[r#"
            stage-0 <- scratch
            error in stage 0 2: failed to process "${A?}\n": A: is not allowed to be unset
        "#]],
    );
}

#[test]
fn add_takes_from_afar() {
    check(
        r#"
FROM scratch
ADD https://host/x.tgz https://host/repo.git#main local /d/
ADD git@host:u/r /r
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies remote https://host/x.tgz https://host/x.tgz
              2 copies remote https://host/repo.git#main https://host/repo.git#main
              2 copies context /local
              3 copies remote git@host:u/r git@host:u/r
        "#]],
    );
}

#[test]
fn copy_cannot_take_from_afar() {
    check(
        r#"
FROM scratch
COPY https://host/x /d
COPY https://host/x.git /d
COPY github.com/u/r /d
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies remote https://host/x https://host/x broken
              3 copies remote https://host/x.git https://host/x.git broken
              4 copies context /github.com/u/r
            error in stage 0 2: source can't be a URL for COPY
            error in stage 0 3: source can't be a git ref for COPY
        "#]],
    );
}

#[test]
fn an_address_may_be_made_of_variables() {
    check(
        r#"
FROM scratch
ARG V=1
ADD https://host/$V.tgz /
ADD $URL/x /
"#,
        expect![[r#"
            stage-0 <- scratch
              3 copies remote https://host/1.tgz https://host/1.tgz
              4 copies context /x
        "#]],
    );
}

#[test]
fn a_checksum_needs_one_remote_source() {
    check(
        r#"
FROM scratch
ADD --checksum=sha256:00 https://host/a /
ADD --checksum=x a /
ADD --checksum=x https://host/a b /
ADD --checksum=abc https://host/a.git /
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies remote https://host/a https://host/a
              3 copies context /a
              4 copies remote https://host/a https://host/a
              4 copies context /b
              5 copies remote https://host/a.git https://host/a.git
            error in stage 0 2: invalid checksum digest length
            error in stage 0 3: checksum requires HTTP(S) or Git sources
            error in stage 0 4: checksum can't be specified for multiple sources
        "#]],
    );
}

#[test]
fn permissions_ports_and_signals_are_checked() {
    check(
        r#"
FROM scratch
COPY --chmod=999 a b
EXPOSE 80/tcp 99999
STOPSIGNAL SIGNOPE
VOLUME $EMPTY
"#,
        expect![[r#"
            stage-0 <- scratch
              2 copies context /a
            error in stage 0 2: invalid chmod parameter: '999'. it should be octal string and between 0 and 07777
            error in stage 0 3: invalid containerPort: 99999
            error in stage 0 4: invalid signal: SIGNOPE
            error in stage 0 5: VOLUME specified can not be an empty string
        "#]],
    );
}

#[test]
fn an_instruction_that_cannot_be_expanded_is_an_error() {
    check(
        r#"
FROM scratch
ENV A=${B!}
LABEL a='
USER ${X?}
WORKDIR ${
VOLUME "
STOPSIGNAL ${A:}
EXPOSE ${P?}
ARG C=${D?}
"#,
        expect![[r#"
            stage-0 <- scratch
            error in stage 0 2: failed to process "${B!}": unsupported modifier (!) in substitution
            error in stage 0 3: failed to process "'": unexpected end of statement while looking for matching single-quote
            error in stage 0 4: failed to process "${X?}": X: is not allowed to be unset
            error in stage 0 5: failed to process "${": syntax error: missing '}'
            error in stage 0 6: failed to process "\"": unexpected end of statement while looking for matching double-quote
            error in stage 0 7: failed to process "${A:}": syntax error: missing '}'
            error in stage 0 8: failed to process "${P?}": P: is not allowed to be unset
            error in stage 0 9: failed to process "${D?}": D: is not allowed to be unset
        "#]],
    );
}

#[test]
fn a_run_of_nothing_fails_at_the_end() {
    check(
        r#"
FROM scratch
RUN []
RUN
"#,
        expect![[r#"
            stage-0 <- scratch
            error in stage 0 -: failed to marshal LLB definition: arguments are required
        "#]],
    );
}

#[test]
fn devices_are_for_labs() {
    check(
        r#"
FROM alpine
RUN --device=gpu x
"#,
        expect![[r#"
            stage-0 <- image alpine
            error in stage 0 2: device feature is only supported in Dockerfile frontend 1.14.0-labs or later
        "#]],
    );
}

#[test]
fn onbuild_runs_in_the_stages_made_from_its_own() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY a /a
ONBUILD RUN --mount=from=tools,target=/t x
FROM busybox AS tools
FROM base
FROM base AS b
FROM b
"#,
        expect![[r#"
            base <- image alpine
            tools <- image busybox
            stage-2 <- stage 0 base
              5 copies context /a onbuild
              5 mounts stage 1 tools / onbuild
            b <- stage 0 base
              6 copies context /a onbuild
              6 mounts stage 1 tools / onbuild
            stage-4 <- stage 3 b
        "#]],
    );
}

#[test]
fn a_trigger_cannot_take_from_a_later_stage() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY --from=late a b
FROM base
FROM busybox AS late
"#,
        expect![[r#"
            base <- image alpine
            stage-1 <- stage 0 base
              3 copies stage 2 late /a broken onbuild
            late <- image busybox
            error in stage 1 3: cannot copy from stage "late", it needs to be defined before current stage "stage-1"
        "#]],
    );
}

#[test]
fn a_trigger_may_take_from_its_own_stage() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY --from=self a b
FROM base AS self
"#,
        expect![[r#"
            base <- image alpine
            self <- stage 0 base
              3 copies stage 1 self /a onbuild
        "#]],
    );
}

#[test]
fn errors_of_triggers_stand_at_the_from() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY --from=9 a b
ONBUILD EXPOSE x
ONBUILD COPY --from=A a b
FROM base
"#,
        expect![[r#"
            base <- image alpine
            stage-1 <- stage 0 base
              5 copies invalid "9" /a broken onbuild
              5 copies invalid "A" /a broken onbuild
            error in stage 1 5: invalid stage index 9
            error in stage 1 5: invalid containerPort: x
            error in stage 1 5: failed to parse stage name "A": invalid reference format: repository name (library/A) must be lowercase
        "#]],
    );
}

#[test]
fn mistakes_in_a_trigger_show_where_it_runs() {
    check(
        r#"
FROM alpine AS tools
ONBUILD COPY one
ONBUILD RUN --speed=fast make
ONBUILD HEALTHCHECK MAYBE
FROM tools
FROM alpine
"#,
        expect![[r#"
            tools <- image alpine
            stage-1 <- stage 0 tools
            stage-2 <- image alpine
            error in stage 1 5: COPY requires at least two arguments, but only one was provided. Destination could not be determined
            error in stage 1 5: unknown flag: --speed
            error in stage 1 5: Unknown type "MAYBE" in HEALTHCHECK (try CMD)
        "#]],
    );
}

#[test]
fn a_trigger_is_read_with_the_usual_escape() {
    check(
        "# escape=`\nFROM alpine AS a\nONBUILD COPY --from=a` b c d\nONBUILD COPY --chown=a\\ b c d\nFROM a\n",
        expect![[r#"
            a <- image alpine
            stage-1 <- stage 0 a
              5 copies invalid "a`" /b /c broken onbuild
              5 copies context /c onbuild
            error in stage 1 5: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround
        "#]],
    );
}

#[test]
fn variables_of_triggers_are_those_of_the_new_stage() {
    check(
        r#"
FROM alpine AS base
ENV A=1
ONBUILD ENV B=$A
FROM base
COPY $A$B x
"#,
        expect![[r#"
            base <- image alpine
            stage-1 <- stage 0 base
              5 copies context /11
        "#]],
    );
}

#[test]
fn an_epoch_is_a_number_or_a_stage() {
    check(
        r#"
ARG SOURCE_DATE_EPOCH=soon
FROM scratch
"#,
        expect![[r#"
            stage-0 <- scratch
            error -: invalid SOURCE_DATE_EPOCH: soon
        "#]],
    );
}

#[test]
fn an_epoch_stage_holds_one_remote_add() {
    check(
        r#"
ARG SOURCE_DATE_EPOCH=src
FROM scratch AS src
ARG V=1
ADD https://host/$V.tgz /
"#,
        expect![[r#"
            src <- scratch
              4 copies remote https://host/1.tgz https://host/1.tgz
        "#]],
    );
}

#[test]
fn an_epoch_stage_holds_nothing_else() {
    check(
        r#"
ARG SOURCE_DATE_EPOCH=src
FROM scratch AS src
RUN x
"#,
        expect![[r#"
            src <- scratch
            error 2: SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported RUN instruction
        "#]],
    );
}

#[test]
fn errors_come_in_the_order_of_the_conversion() {
    check(
        r#"
ARG A=${
FROM scratch AS a
COPY --from=9 x y
COPY --from=a x y
FROM Bad
FROM $NONE
"#,
        expect![[r#"
            a <- scratch
              3 copies invalid "9" /x broken
              4 copies stage 0 a /x broken
            stage-1 <- invalid "Bad"
            stage-2 <- invalid "$NONE"
            error 1: failed to process "${": syntax error: missing '}'
            error 6: base name ($NONE) should not be blank
            error -: invalid stage index 9
            error 4: circular dependency detected on stage: a
            error 5: failed to parse stage name "Bad": invalid reference format: repository name (library/Bad) must be lowercase
        "#]],
    );
}

#[test]
fn no_stage_at_all_is_an_empty_graph() {
    check(
        r#"
ARG A=1
RUN x
"#,
        expect![[""]],
    );
}

#[test]
fn a_from_without_a_base_is_still_a_stage() {
    check(
        r#"
FROM
RUN x
FROM alpine # as base
COPY --from=0 a b
"#,
        expect![[r#"
            stage-0 <- nothing
            stage-1 <- image alpine
              4 copies stage 0 stage-0 /a
        "#]],
    );
}

#[test]
fn a_broken_instruction_gives_what_it_has() {
    check(
        r#"
FROM alpine AS a
FROM scratch
COPY --form=a x y
COPY --from=a x
RUM --mount=from=a x
COPY a --from=a b
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- scratch
              3 copies context /x
              4 copies stage 0 a  unused
              6 copies context /a /--from=a
        "#]],
    );
}

#[test]
fn continuations_and_json_make_no_difference() {
    check(
        r#"
FROM alpine AS a
FROM scratch
COPY --from=\
a ["x y", \
  "/z"]
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- scratch
              3 copies stage 0 a /x y
        "#]],
    );
}

#[test]
fn flags_may_be_quoted() {
    check(
        r#"
FROM alpine AS a
FROM scratch
COPY --from="a" x y
"#,
        expect![[r#"
            a <- image alpine
            stage-1 <- scratch
              3 copies stage 0 a /x
        "#]],
    );
}

#[test]
fn another_escape_character_changes_expansion() {
    check(
        r#"
# escape=`
FROM alpine`
:3
COPY a`$b \c /
"#,
        expect![[r#"
            stage-0 <- image alpine:3
              4 copies context /a$b /\c
        "#]],
    );
}

#[test]
fn build_arguments_reach_from_lines() {
    let options = BuildOptions {
        build_args: vec![("BASE".to_owned(), "debian:12".to_owned()), ("UNKNOWN".to_owned(), "x".to_owned())],
        ..BuildOptions::default()
    };
    check_with(
        "ARG BASE=alpine\nFROM $BASE\nFROM $UNKNOWN",
        &options,
        expect![[r#"
        stage-0 <- image debian:12
        stage-1 <- invalid "$UNKNOWN"
        error 3: base name ($UNKNOWN) should not be blank
    "#]],
    );
}

#[test]
fn platform_arguments_follow_the_options() {
    let options = BuildOptions {
        target_platform: "linux/arm/v6".to_owned(),
        target: Some("Prod".to_owned()),
        ..BuildOptions::default()
    };
    let text = "FROM --platform=$BUILDPLATFORM a-$TARGETARCH-$TARGETVARIANT\nFROM b-$TARGETSTAGE AS prod\n";
    check_with(
        text,
        &options,
        expect![[r#"
        stage-0 <- image a-arm-v6 (linux/amd64)
        prod <- invalid "b-Prod"
        error 2: failed to parse stage name "b-Prod": invalid reference format: repository name (library/b-Prod) must be lowercase
    "#]],
    );
}

#[test]
fn summaries_are_one_line() {
    let text = r#"
FROM  --platform=linux/amd64   alpine   AS   a
RUN  --mount=type=cache,target=/c  a && \
# left out
    b   c
COPY --chown=1:1 ["a b", "/c/"]
ENV A=1 \
    B="x  y"
ENV LEGACY some  value
ONBUILD   RUN  make
RUN <<EOF cat
body
EOF
HEALTHCHECK --interval=5s CMD  curl   x
"#;
    let graph = stages::resolve(&syntax::parse(text), &BuildOptions::default());
    let rows: Vec<String> =
        graph.stages[0].steps.iter().map(|step| format!("{} {}\n", step.keyword, step.summary)).collect();
    expect![[r#"
        FROM --platform=linux/amd64 alpine AS a
        RUN --mount=type=cache,target=/c a && b c
        COPY --chown=1:1 ["a b", "/c/"]
        ENV A=1 B="x y"
        ENV LEGACY some value
        ONBUILD RUN make
        RUN <<EOF cat
        HEALTHCHECK --interval=5s CMD curl x
    "#]]
    .assert_eq(&rows.concat());
}

#[test]
fn rows_that_execute_are_told_from_configuration() {
    let text = "FROM alpine\nWORKDIR /\nWORKDIR a\nWORKDIR /\nWORKDIR ..\nRUN x\nENV A=/\nWORKDIR $A\nCOPY a b\nADD a b\nUSER x\n";
    let graph = stages::resolve(&syntax::parse(text), &BuildOptions::default());
    let executing: Vec<usize> =
        (0..graph.stages[0].steps.len()).filter(|&row| graph.stages[0].steps[row].executes).collect();
    assert_eq!(executing, [2, 5, 8, 9]);
}

#[test]
fn a_directory_is_inherited_from_the_base_stage() {
    let text = "FROM scratch AS a\nWORKDIR /a\nFROM a\nWORKDIR ..\nFROM a\nWORKDIR b\n";
    let graph = stages::resolve(&syntax::parse(text), &BuildOptions::default());
    let last = |stage: usize| graph.stages[stage].steps.last().unwrap().executes;
    assert_eq!((last(0), last(1), last(2)), (true, false, true));
}

#[test]
fn many_stages_take_linear_time() {
    let text: String = (0..2_000)
        .map(|i| match i {
            0 => "FROM alpine AS s0\nENV A=1\n".to_owned(),
            _ => format!(
                "FROM s{} AS s{i}\nCOPY --from=s{} a$A b\nRUN x\nENV V{i}=$V{}\n",
                i - 1,
                i / 2,
                i - 1
            ),
        })
        .collect();
    let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
    assert_eq!(graph.edges.len(), 2_000 + 1_999);
    assert!(graph.errors.is_empty() && graph.stage_errors.is_empty());
}

#[test]
fn long_circles_do_no_harm() {
    let n = 5_000;
    let text: String =
        (0..n).map(|i| format!("FROM scratch AS s{i}\nCOPY --from=s{} a b\n", (i + 1) % n)).collect();
    let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
    assert_eq!(graph.errors[0].message, "circular dependency detected on stage: s0");
}

#[test]
fn a_word_that_stands_for_every_port_costs_no_more_than_another() {
    let text = format!("FROM alpine\n{}", "EXPOSE 1-65535\n".repeat(2_000));
    let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
    assert_eq!(graph.stages[0].steps.len(), 2_001);
    assert!(graph.errors.is_empty());
    let words = vec!["1-65535".to_owned(), "1-65535/udp".to_owned(), "80".to_owned()];
    assert_eq!(stages::ports(&words).len(), 2 * 65_535);
}
