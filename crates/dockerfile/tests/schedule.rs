//! What runs at the same time, and what has to wait.

use std::fmt::Write;

use dockerfile::queries::{Plan, Target, cut, schedule};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn check(text: &str, target: &str, expect: Expect) {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let cut = cut(&graph, &Target::from_name(Some(target).filter(|it| !it.is_empty()))).unwrap();
    let schedule = schedule(&Plan::of(text, &parse, &graph), &cut);
    let mut told = format!("{}\n", schedule.sentence());
    for round in 0..=schedule.n_rounds {
        for (at, task) in schedule.tasks.iter().enumerate().filter(|(_, task)| task.round == round) {
            let mark = if task.is_critical() { "*" } else { " " };
            let late = if task.counts && task.latest > round {
                format!(", or {}", task.latest)
            } else {
                String::new()
            };
            let lines: Vec<u32> =
                task.places.iter().map(|it| graph.stages[it.stage.0].steps[it.row].lines.first).collect();
            writeln!(told, "{round}{late} {mark} {at}: {} {lines:?} after {:?}", task.name, task.waits_for)
                .unwrap();
        }
    }
    expect.assert_eq(&told);
}

const DIAMOND: &str = "FROM alpine AS builder\nRUN common\nFROM builder AS build1\nRUN one\nRUN one more\n\
                       FROM builder AS build2\nRUN two\nFROM alpine AS unused\nRUN never\n\
                       FROM scratch\nCOPY --from=build1 /1 /\nCOPY --from=build2 /2 /\n";

#[test]
fn two_branches_of_one_stage_run_at_the_same_time() {
    check(
        DIAMOND,
        "",
        expect![[r#"
            6 steps, up to 2 of them at the same time. The longest chain has 5: with processors enough, the build takes as long as that. The legacy builder goes through 7 steps, one after the other.
            0   0: [builder 1/2] FROM docker.io/library/alpine:latest [1] after []
            1 * 1: [builder 2/2] RUN common [2] after [0]
            2 * 2: [build1 1/2] RUN one [4] after [1]
            2, or 4   5: [build2 1/1] RUN two [7] after [1]
            3 * 3: [build1 2/2] RUN one more [5] after [2]
            4 * 4: [stage-4 1/2] COPY --from=build1 /1 / [11] after [3]
            5 * 6: [stage-4 2/2] COPY --from=build2 /2 / [12] after [4, 5]
        "#]],
    );
    check(
        DIAMOND,
        "build2",
        expect![[r#"
            2 steps, one after the other: each needs the one before. The legacy builder goes through 4 steps, one after the other.
            0   0: [builder 1/2] FROM docker.io/library/alpine:latest [1] after []
            1 * 1: [builder 2/2] RUN common [2] after [0]
            2 * 2: [build2 1/1] RUN two [7] after [1]
        "#]],
    );
}

#[test]
fn steps_that_come_to_the_same_run_once() {
    check(
        "FROM alpine AS a\nRUN apk add git\nRUN a\nFROM alpine AS b\nRUN apk add git\nRUN b\nFROM a\nCOPY --from=b /b /\n",
        "",
        expect![[r#"
            4 steps, up to 2 of them at the same time. The longest chain has 3: with processors enough, the build takes as long as that. One instruction comes to the same as another, so it runs once for both. The legacy builder goes through 5 steps, one after the other.
            0   0: [b 1/3] FROM docker.io/library/alpine:latest [1, 4] after []
            1 * 1: [b 2/3] RUN apk add git [2, 5] after [0]
            2 * 2: [a 3/3] RUN a [3] after [1]
            2 * 3: [b 3/3] RUN b [6] after [1]
            3 * 4: [stage-2 1/1] COPY --from=b /b / [8] after [2, 3]
        "#]],
    );
}

#[test]
fn linked_copies_do_not_wait_for_what_is_below() {
    check(
        "FROM alpine\nRUN slow\nCOPY --link a /a\nCOPY b /b\n",
        "",
        expect![[r#"
            3 steps, up to 2 of them at the same time. The longest chain has 2: with processors enough, the build takes as long as that. The legacy builder goes through 3 steps, one after the other.
            0   0: [1/4] FROM docker.io/library/alpine:latest [1] after []
            0   2: [internal] load build context [] after []
            1 * 1: [2/4] RUN slow [2] after [0]
            1 * 3: [3/4] COPY --link a /a [3] after [2]
            1   4: [3/4] LINK COPY --link a /a [3] after [1, 3]
            2 * 5: [4/4] COPY b /b [4] after [2, 4]
        "#]],
    );
}

#[test]
fn settings_are_no_steps() {
    check(
        "FROM alpine\nENV A=1\nCMD a\n",
        "",
        expect![[r#"
        Nothing has to run: the image is its base with other settings.
        0   0: [1/1] FROM docker.io/library/alpine:latest [1] after []
    "#]],
    );
    check(
        "FROM alpine\nCOPY a /\n",
        "",
        expect![[r#"
        1 step.
        0   0: [1/2] FROM docker.io/library/alpine:latest [1] after []
        0   1: [internal] load build context [] after []
        1 * 2: [2/2] COPY a / [2] after [0, 1]
    "#]],
    );
}

#[test]
fn mounts_wait_for_the_stage_they_are_of() {
    check(
        "FROM alpine AS tools\nRUN get\nFROM debian\nRUN first\nRUN --mount=from=tools,target=/t second <<EOF\nx\nEOF\n",
        "",
        expect![[r#"
            3 steps, up to 2 of them at the same time. The longest chain has 2: with processors enough, the build takes as long as that. The legacy builder goes through 3 steps, one after the other.
            0   0: [stage-1 1/3] FROM docker.io/library/debian:latest [3] after []
            0   2: [tools 1/2] FROM docker.io/library/alpine:latest [1] after []
            1 * 1: [stage-1 2/3] RUN first [4] after [0]
            1 * 3: [tools 2/2] RUN get [2] after [2]
            2 * 4: [stage-1 3/3] RUN --mount=from=tools,target=/t second <<EOF [5] after [1, 3]
        "#]],
    );
}
