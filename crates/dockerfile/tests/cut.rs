//! Targets: Dockerfile and target in; which stages it needs and why, what executes, what is fetched.

use std::fmt::Write;

use dockerfile::queries::{Context, Reason, SourceUse, Target, Targetable, cut};
use dockerfile::stages::{self, BuildOptions, Source, StageGraph, StageId};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn check(text: &str, target: &str, expect: Expect) {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let graph = graph(text);
    let target = match target.parse() {
        Ok(id) => Target::Stage(StageId(id)),
        Err(_) => Target::Name(target.to_owned()),
    };
    expect.assert_eq(&described(&graph, &target));
}

fn graph(text: &str) -> StageGraph {
    stages::resolve(&syntax::parse(text), &BuildOptions::default())
}

/// A line a stage with the reason; then the lines that execute, and what is used from outside.
fn described(graph: &StageGraph, target: &Target) -> String {
    let cut = match cut(graph, target) {
        Ok(cut) => cut,
        Err(error) => {
            let suggestion = error.suggestion.map(|it| format!(" ({it}?)")).unwrap_or_default();
            return format!("{}{suggestion}\n", error.message);
        }
    };
    let mut out = String::new();
    for stage in &cut.stages {
        let mark = match (stage.needed, stage.runs) {
            (true, true) => '+',
            (true, false) => '·',
            (false, _) => '-',
        };
        writeln!(out, "{mark} {}: {}", graph.stages[stage.stage.0].display_name(), stage.sentence).unwrap();
    }
    let mut lines = Vec::new();
    for stage in &graph.stages {
        for (row, step) in stage.steps.iter().enumerate() {
            if cut.executes(graph, stage.id, row) {
                lines.push(step.lines.first.to_string());
            }
        }
    }
    writeln!(out, "executes {}", lines.join(" ")).unwrap();
    let mut uses = Vec::new();
    for (source, usage) in graph.sources.iter().zip(&cut.sources) {
        let name = match source {
            Source::Image { familiar, .. } => familiar,
            Source::Remote(address) => address,
            Source::NamedContext { name, .. } => name,
            Source::Scratch | Source::Context | Source::Invalid(_) => continue,
        };
        match usage {
            SourceUse::Unused => {}
            SourceUse::LookedUp => uses.push(format!("({name})")),
            SourceUse::Used => uses.push(name.clone()),
        }
    }
    match &cut.context {
        None => {}
        Some(Context::Everything) => uses.push("the whole context".to_owned()),
        Some(Context::Paths(paths)) => uses.push(format!("context: {}", paths.join(" "))),
    }
    writeln!(out, "uses {}", uses.join(", ")).unwrap();
    match &cut.targetable {
        Targetable::ByName(_) => {}
        Targetable::DefaultOnly => writeln!(out, "default only").unwrap(),
        Targetable::No { reason } => writeln!(out, "no target: {reason}").unwrap(),
    }
    for error in &cut.errors {
        writeln!(out, "error: {}", error.message).unwrap();
    }
    out
}

#[test]
fn without_a_target_the_last_stage_is_built() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "",
        expect![[r#"
            + build: stage-2 copies from it (line 7).
            - test: No stage refers to it. --target test would build it.
            + stage-2: The target: the last stage of the file.
            executes 2 3 7
            uses golang, alpine, the whole context
            default only
        "#]],
    );
}

#[test]
fn a_target_leaves_out_what_comes_after_it() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "test",
        expect![[r#"
            + build: test starts from it (line 4).
            + test: The target.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 2 3 5
            uses golang, the whole context
        "#]],
    );
}

#[test]
fn a_target_can_be_the_first_stage() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "build",
        expect![[r#"
            + build: The target.
            - test: No stage refers to it. --target test would build it.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 2 3
            uses golang, the whole context
        "#]],
    );
}

#[test]
fn target_names_ignore_case() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "TEST",
        expect![[r#"
            + build: test starts from it (line 4).
            + test: The target.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 2 3 5
            uses golang, the whole context
        "#]],
    );
}

#[test]
fn a_number_is_no_target() {
    check(
        r#"
FROM alpine AS x
"#,
        "01x",
        expect![[r#"
            target stage "01x" could not be found (x?)
        "#]],
    );
}

#[test]
fn the_name_of_an_unnamed_stage_is_no_target() {
    check(
        r#"
FROM alpine
FROM debian
"#,
        "stage-0",
        expect![[r#"
            target stage "stage-0" could not be found
        "#]],
    );
}

#[test]
fn an_unknown_target_gets_a_suggestion() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "biuld",
        expect![[r#"
            target stage "biuld" could not be found (build?)
        "#]],
    );
}

#[test]
fn a_suggestion_may_be_an_unnamed_stage() {
    check(
        r#"
FROM alpine
"#,
        "stage-1",
        expect![[r#"
            target stage "stage-1" could not be found (stage-0?)
        "#]],
    );
}

#[test]
fn suggestions_mind_the_case() {
    check(
        r#"
FROM golang AS build
COPY . .
RUN go build
FROM build AS test
RUN go test
FROM alpine
COPY --from=build /app /app
"#,
        "TESTS",
        expect![[r#"
            target stage "TESTS" could not be found
        "#]],
    );
}

#[test]
fn without_stages_there_is_no_target() {
    check(
        r#"
ARG A
"#,
        "",
        expect![[r#"
            dockerfile contains no stages to build
        "#]],
    );
}

#[test]
fn the_last_of_equal_names_is_the_target() {
    check(
        r#"
FROM alpine AS a
RUN x
FROM debian AS a
RUN y
FROM scratch
"#,
        "a",
        expect![[r#"
            - a: No stage refers to it. The stage in line 3 is called a too: --target and --from mean that one.
            + a: The target.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 4
            uses debian
        "#]],
    );
}

#[test]
fn a_stage_whose_name_is_taken_cannot_be_a_target() {
    check(
        r#"
FROM alpine AS a
RUN x
FROM debian AS a
RUN y
FROM scratch
"#,
        "0",
        expect![[r#"
            + a: The target.
            - a: No stage refers to it. --target a would build it.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 2
            uses alpine
            no target: A later stage is called a too, and --target a means that one.
        "#]],
    );
}

#[test]
fn a_shadowed_stage_can_still_be_needed() {
    check(
        r#"
FROM alpine AS a
RUN x
FROM a AS a
RUN y
"#,
        "",
        expect![[r#"
            + a: a starts from it (line 3).
            + a: The target: the last stage of the file.
            executes 2 4
            uses alpine
        "#]],
    );
}

#[test]
fn an_unnamed_stage_in_the_middle_cannot_be_a_target() {
    check(
        r#"
FROM alpine
RUN x
FROM debian
"#,
        "0",
        expect![[r#"
            + stage-0: The target.
            - stage-1: No stage refers to it. A build without --target would build it.
            executes 2
            uses alpine
            no target: It has no name, so --target cannot ask for it.
        "#]],
    );
}

#[test]
fn an_unnamed_last_stage_is_the_default_only() {
    check(
        r#"
FROM alpine AS a
RUN x
FROM debian
COPY --from=a b c
"#,
        "1",
        expect![[r#"
            + a: stage-1 copies from it (line 4).
            + stage-1: The target: the last stage of the file.
            executes 2 4
            uses alpine, debian
            default only
        "#]],
    );
}

#[test]
fn needed_stages_are_found_through_others() {
    check(
        r#"
FROM alpine AS a
RUN 1
FROM a AS b
RUN 2
FROM busybox AS c
COPY --from=b x y
FROM scratch
COPY --from=c x y
"#,
        "",
        expect![[r#"
            + a: b starts from it (line 3), c copies from b (line 6), and stage-3 copies from c (line 8).
            + b: c copies from it (line 6), and stage-3 copies from c (line 8).
            + c: stage-3 copies from it (line 8).
            + stage-3: The target: the last stage of the file.
            executes 2 4 6 8
            uses alpine, busybox
            default only
        "#]],
    );
}

#[test]
fn mounts_make_stages_needed() {
    check(
        r#"
FROM alpine AS tools
RUN x
FROM debian
RUN --mount=from=tools,target=/t y
"#,
        "",
        expect![[r#"
            + tools: stage-1 mounts it (line 4).
            + stage-1: The target: the last stage of the file.
            executes 2 4
            uses alpine, debian
            default only
        "#]],
    );
}

#[test]
fn the_nearest_reason_is_told() {
    check(
        r#"
FROM alpine AS a
FROM a AS b
RUN x
FROM b
COPY --from=a x y
"#,
        "",
        expect![[r#"
            · a: stage-2 copies from it (line 5).
            + b: stage-2 starts from it (line 4).
            + stage-2: The target: the last stage of the file.
            executes 3 5
            uses alpine
            default only
        "#]],
    );
}

#[test]
fn a_stage_nobody_refers_to_is_left_out() {
    check(
        r#"
FROM alpine AS lint
RUN lint
FROM debian
RUN x
"#,
        "",
        expect![[r#"
            - lint: No stage refers to it. --target lint would build it.
            + stage-1: The target: the last stage of the file.
            executes 4
            uses debian
            default only
        "#]],
    );
}

#[test]
fn a_stage_that_only_left_out_stages_use_is_left_out() {
    check(
        r#"
FROM alpine AS deps
RUN x
FROM deps AS test
RUN y
FROM scratch
"#,
        "",
        expect![[r#"
            - deps: Only test refers to it, and stage-2 does not need test. --target deps would build it.
            - test: No stage refers to it. --target test would build it.
            · stage-2: The target: the last stage of the file.
            executes 
            uses 
            default only
        "#]],
    );
}

#[test]
fn many_users_are_counted() {
    check(
        r#"
FROM alpine AS deps
FROM deps AS a
FROM deps AS b
FROM deps AS c
FROM deps AS d
FROM deps
FROM scratch
"#,
        "",
        expect![[r#"
            - deps: Only a, b, c and 2 more refer to it, and stage-6 needs none of them. --target deps would build it.
            - a: No stage refers to it. --target a would build it.
            - b: No stage refers to it. --target b would build it.
            - c: No stage refers to it. --target c would build it.
            - d: No stage refers to it. --target d would build it.
            - stage-5: No stage refers to it. It has no name, so --target cannot ask for it.
            · stage-6: The target: the last stage of the file.
            executes 
            uses 
            default only
        "#]],
    );
}

#[test]
fn two_users_are_both_named() {
    check(
        r#"
FROM alpine AS deps
FROM deps AS a
FROM deps AS b
FROM scratch
"#,
        "",
        expect![[r#"
            - deps: Only a and b refer to it, and stage-3 needs neither. --target deps would build it.
            - a: No stage refers to it. --target a would build it.
            - b: No stage refers to it. --target b would build it.
            · stage-3: The target: the last stage of the file.
            executes 
            uses 
            default only
        "#]],
    );
}

#[test]
fn an_unnamed_stage_runs_through_one_that_has_a_name() {
    check(
        r#"
FROM alpine
RUN x
FROM scratch AS out
COPY --from=0 a b
FROM scratch
"#,
        "",
        expect![[r#"
            - stage-0: Only out refers to it, and stage-2 does not need out. --target out would need it.
            - out: No stage refers to it. --target out would build it.
            · stage-2: The target: the last stage of the file.
            executes 
            uses 
            default only
        "#]],
    );
}

#[test]
fn an_unnamed_stage_that_nobody_uses_can_never_run() {
    check(
        r#"
FROM alpine
RUN x
FROM scratch
"#,
        "",
        expect![[r#"
            - stage-0: No stage refers to it. It has no name, so --target cannot ask for it.
            · stage-1: The target: the last stage of the file.
            executes 
            uses 
            default only
        "#]],
    );
}

#[test]
fn a_stage_that_only_the_default_uses_says_so() {
    check(
        r#"
FROM alpine
RUN x
FROM scratch AS mid
FROM scratch
COPY --from=0 a b
"#,
        "mid",
        expect![[r#"
            - stage-0: Only stage-2 refers to it, and mid does not need stage-2. A build without --target would need it.
            · mid: The target.
            - stage-2: No stage refers to it. A build without --target would build it.
            executes 
            uses 
        "#]],
    );
}

#[test]
fn stages_that_add_nothing_do_not_run() {
    check(
        r#"
FROM alpine AS base
ENV A=1
WORKDIR /
FROM base
RUN x
"#,
        "",
        expect![[r#"
            · base: stage-1 starts from it (line 4).
            + stage-1: The target: the last stage of the file.
            executes 5
            uses alpine
            default only
        "#]],
    );
}

#[test]
fn a_stage_named_by_a_tmpfs_mount_is_needed_but_not_used() {
    check(
        r#"
FROM busybox AS a
RUN x
FROM alpine
RUN --mount=type=tmpfs,from=a,target=/t y
"#,
        "",
        expect![[r#"
            · a: stage-1 mounts it (line 4).
            + stage-1: The target: the last stage of the file.
            executes 4
            uses (busybox), alpine
            default only
        "#]],
    );
}

#[test]
fn a_copy_of_heredocs_takes_nothing_from_its_stage() {
    check(
        r#"
FROM busybox AS a
RUN x
FROM alpine
COPY --from=a <<E /e
E
"#,
        "",
        expect![[r#"
            · a: stage-1 copies from it (line 4).
            + stage-1: The target: the last stage of the file.
            executes 4
            uses (busybox), alpine
            default only
        "#]],
    );
}

#[test]
fn triggers_run_at_the_from() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY . /src
ONBUILD ENV A=1
FROM base AS one
FROM one AS two
"#,
        "two",
        expect![[r#"
            · base: one starts from it (line 4), and two starts from one (line 5).
            + one: two starts from it (line 5).
            · two: The target: the last stage of the file.
            executes 4
            uses alpine, the whole context
        "#]],
    );
}

#[test]
fn triggers_make_stages_needed() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY --from=tools a b
FROM busybox AS tools
RUN x
FROM base AS app
"#,
        "app",
        expect![[r#"
            · base: app starts from it (line 5).
            + tools: app copies from it through ONBUILD (line 5).
            + app: The target: the last stage of the file.
            executes 4 5
            uses alpine, busybox
        "#]],
    );
}

#[test]
fn triggers_of_the_target_itself_do_not_run() {
    check(
        r#"
FROM busybox AS tools
RUN x
FROM alpine AS base
ONBUILD COPY --from=tools a b
"#,
        "base",
        expect![[r#"
            - tools: No stage refers to it. --target tools would build it.
            · base: The target: the last stage of the file.
            executes 
            uses alpine
        "#]],
    );
}

#[test]
fn a_trigger_that_takes_from_its_own_stage_is_no_reason() {
    check(
        r#"
FROM alpine AS base
ONBUILD COPY --from=self a b
FROM base AS self
"#,
        "self",
        expect![[r#"
            · base: self starts from it (line 3).
            + self: The target: the last stage of the file.
            executes 3
            uses alpine
        "#]],
    );
}

#[test]
fn the_context_is_needed_for_local_paths_only() {
    check(
        r#"
FROM scratch AS a
COPY b a/../a /x/
ADD https://host/f /f
FROM scratch AS b
COPY <<E /e
E
FROM scratch
COPY --from=a /x /x
"#,
        "",
        expect![[r#"
            + a: stage-2 copies from it (line 8).
            - b: No stage refers to it. --target b would build it.
            + stage-2: The target: the last stage of the file.
            executes 2 3 8
            uses https://host/f, context: a b
            default only
        "#]],
    );
}

#[test]
fn the_context_of_stages_left_out_is_not_asked_for() {
    check(
        r#"
FROM scratch AS a
COPY secret /
FROM scratch
COPY public /
"#,
        "",
        expect![[r#"
            - a: No stage refers to it. --target a would build it.
            + stage-1: The target: the last stage of the file.
            executes 4
            uses context: public
            default only
        "#]],
    );
}

#[test]
fn a_dot_takes_the_whole_context() {
    check(
        r#"
FROM scratch
COPY a /
COPY . /
"#,
        "",
        expect![[r#"
            + stage-0: The target: the last stage of the file.
            executes 2 3
            uses the whole context
            default only
        "#]],
    );
}

#[test]
fn a_tmpfs_mount_makes_buildkit_send_everything() {
    check(
        r#"
FROM alpine
COPY a /
RUN --mount=type=tmpfs,target=/t x
"#,
        "",
        expect![[r#"
            + stage-0: The target: the last stage of the file.
            executes 2 3
            uses alpine, the whole context
            default only
        "#]],
    );
}

#[test]
fn a_tmpfs_mount_alone_needs_no_context() {
    check(
        r#"
FROM alpine
RUN --mount=type=tmpfs,target=/t x
"#,
        "",
        expect![[r#"
            + stage-0: The target: the last stage of the file.
            executes 2
            uses alpine
            default only
        "#]],
    );
}

#[test]
fn an_image_that_is_only_left_out_stages_base_is_not_fetched() {
    check(
        r#"
FROM huge AS test
FROM alpine
COPY --from=nginx a b
"#,
        "",
        expect![[r#"
            - test: No stage refers to it. --target test would build it.
            + stage-1: The target: the last stage of the file.
            executes 3
            uses alpine, nginx
            default only
        "#]],
    );
}

#[test]
fn errors_of_stages_left_out_do_no_harm() {
    check(
        r#"
FROM alpine AS a
COPY --from=z x y
EXPOSE x
FROM alpine AS b
STOPSIGNAL x
FROM scratch AS z
"#,
        "b",
        expect![[r#"
            - a: No stage refers to it. --target a would build it.
            · b: The target.
            - z: Only a refers to it, and b does not need a. --target z would build it.
            executes 
            uses alpine
            error: invalid signal: x
        "#]],
    );
}

#[test]
fn errors_of_the_whole_file_harm_every_target() {
    check(
        r#"
FROM Bad AS a
FROM alpine AS b
STOPSIGNAL x
"#,
        "b",
        expect![[r#"
            - a: No stage refers to it. --target a would build it.
            · b: The target: the last stage of the file.
            executes 
            uses alpine
            error: failed to parse stage name "Bad": invalid reference format: repository name (library/Bad) must be lowercase
            error: invalid signal: x
        "#]],
    );
}

#[test]
fn a_forward_reference_harms_the_stage_that_has_it() {
    check(
        r#"
FROM alpine AS a
COPY --from=b x y
FROM alpine AS b
"#,
        "a",
        expect![[r#"
            + a: The target.
            · b: a copies from it (line 2).
            executes 2
            uses alpine
            error: cannot copy from stage "b", it needs to be defined before current stage "a"
        "#]],
    );
}

/// Texts that go wrong in as many ways as possible.
const TEXTS: &[&str] = &[
    "# escape=`\nARG A=1 B=$A\nFROM --platform=$BUILDPLATFORM alpine:${A} AS base\nONBUILD COPY --from=late a b\nONBUILD RUN [\"x\"]\nWORKDIR $X/y\n",
    "FROM a AS b\nCOPY --from=b <<EOF <<-'E2' x /y/\n$Z\nEOF\n\ty\n\tE2\nRUN --mount=type=bind,from=c,target=/x --mount=type=secret,id=s x\nFROM b AS c\nADD --checksum=sha256:0 https://h/x.git?ref=1#2:3 /\n",
    "FROM scratch AS a\nCOPY --from=2 x y\nFROM a AS a\nRUN --mount=from=0 --mount=type=cache,id=$Y,target=/c x\nCOPY --from=busybox --chmod=u+x [\"a b\", \"c\"]\nFROM a\nCOPY --from=3 x y\n",
    "ARG É=\"ü\"\nFROM ${É:-${B:+c}}${D##*/}${E//x/y} as Ünnamed\nENV A=\"1\" B='2' C\\ D=3\nEXPOSE $P/udp 1-2:3\nSTOPSIGNAL $S\nLABEL a b c\nVOLUME [\"\"]\nUSER $U\n",
    "RUN x\nFRO alpine\nFROM\nFROM alpine # a\nCOPY\nCOPY a\nRUN --mount\nRUN --mount=\nRUN --mount=\"\nONBUILD\nONBUILD FROM x\n",
];

#[test]
fn every_prefix_of_every_text_can_be_resolved_and_cut() {
    for text in TEXTS {
        for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
            let text = &text[..end];
            let graph = graph(text);
            for edge in &graph.edges {
                assert!(edge.to.0 < graph.stages.len() && edge.step < graph.stages[edge.to.0].steps.len());
                assert!(edge.range.end <= text.len() && text.get(edge.range.start..edge.range.end).is_some());
            }
            for error in graph.errors.iter().chain(graph.stage_errors.iter().map(|it| &it.error)) {
                assert!(text.get(error.range.start..error.range.end).is_some(), "{error:?} in {text:?}");
            }
            let targets = graph.stages.iter().map(|stage| Target::Stage(stage.id)).chain([Target::Default]);
            for target in targets {
                match cut(&graph, &target) {
                    Ok(cut) => assert_eq!(cut.stages.len(), graph.stages.len()),
                    Err(_) => assert!(graph.stages.is_empty()),
                }
            }
        }
    }
}

#[test]
fn the_chain_leads_from_the_stage_to_the_target() {
    let graph =
        graph("FROM a AS a\nFROM a AS b\nFROM c AS c\nCOPY --from=b x y\nFROM c\nCOPY --from=a x y\n");
    let cut = cut(&graph, &Target::Default).unwrap();
    let chain = |stage: usize| cut.chain(&graph, StageId(stage)).collect::<Vec<_>>();
    for stage in 0..3 {
        let chain = chain(stage);
        let mut at = StageId(stage);
        for &edge in &chain {
            assert_eq!(graph.edges[edge].from, stages::Node::Stage(at));
            at = graph.edges[edge].to;
        }
        assert_eq!(at, cut.target);
    }
    assert_eq!((chain(0).len(), chain(1).len(), chain(2).len(), chain(3).len()), (1, 2, 1, 0));
    let Reason::Needed(need) = cut.stages[1].reason else { panic!("{:?}", cut.stages[1].reason) };
    assert_eq!((need.next, need.n_references), (chain(1)[0], 2));
}

#[test]
fn a_thousand_unused_stages_take_no_time() {
    let mut text = "FROM alpine AS s0\n".to_owned();
    for i in 1..1_000 {
        write!(text, "FROM s{}\nRUN x\nFROM alpine AS s{i}\nCOPY --from=s{} a b\n", i - 1, i - 1).unwrap();
    }
    text.push_str("FROM scratch\n");
    let graph = graph(&text);
    let cut = cut(&graph, &Target::Default).unwrap();
    assert_eq!(cut.stages.iter().filter(|stage| stage.needed).count(), 1);
}

#[test]
fn what_is_said_of_a_stage_does_not_grow_with_the_row_it_stands_in() {
    let size = |n_stages: usize| {
        let row: String =
            (1..n_stages).map(|idx| format!("FROM stage-{:04} AS stage-{idx:04}\n", idx - 1)).collect();
        let graph = graph(&format!("FROM alpine AS stage-0000\n{row}"));
        let cut = cut(&graph, &Target::Default).unwrap();
        format!("{:?}", cut.stages).len() / n_stages
    };
    let (short, long) = (size(20), size(1_000));
    assert!(long < 2 * short, "{short} bytes for a stage of 20, {long} for one of 1000");
}

#[test]
fn a_long_chain_is_told_in_part() {
    let chain: String = (1..12).map(|idx| format!("FROM s{} AS s{idx}\n", idx - 1)).collect();
    let text = format!("FROM alpine AS s0\n{chain}");
    let graph = graph(&text);
    let cut = cut(&graph, &Target::Default).unwrap();
    let sentence = &cut.stages[0].sentence;
    assert!(sentence.starts_with("s1 "), "{sentence}");
    assert!(sentence.ends_with(", and so on over 4 more references up to s11."), "{sentence}");
    assert!(!cut.stages[4].sentence.contains("so on"), "{}", cut.stages[4].sentence);
}
