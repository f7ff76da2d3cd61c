//! Named contexts: a Dockerfile and `--build-context` in; what each stage comes from, what the last one needs, what
//! executes and what the steps are called out.

use std::fmt::Write;

use dockerfile::draw;
use dockerfile::queries::{self, Setting, SourceUse, Target};
use dockerfile::stages::{self, BaseConfig, BuildOptions, Node, Source, StageGraph};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn options(contexts: &[&str]) -> BuildOptions {
    let contexts = contexts.iter().filter_map(|it| it.split_once('='));
    BuildOptions {
        contexts: contexts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..BuildOptions::default()
    }
}

fn check(text: &str, contexts: &[&str], expect: Expect) {
    check_with(text, &options(contexts), expect);
}

fn check_with(text: &str, options: &BuildOptions, expect: Expect) {
    expect.assert_eq(&described(text, options));
}

fn described(text: &str, options: &BuildOptions) -> String {
    let text = text.trim_start();
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, options);
    let mut out = String::new();
    for stage in &graph.stages {
        let replaced = if stage.replaced { " (replaced)" } else { "" };
        write!(out, "{}{replaced}:", stage.display_name()).unwrap();
        for edge in graph.edges.iter().filter(|edge| edge.to == stage.id) {
            let unused = if edge.carries { "" } else { " unused" };
            let broken = if edge.broken { " broken" } else { "" };
            write!(out, " [{}{unused}{broken}]", node(&graph, edge.from)).unwrap();
        }
        out.push('\n');
    }
    let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref())).unwrap();
    let needed = cut.stages.iter().filter(|it| it.needed).map(|it| graph.stages[it.stage.0].display_name());
    writeln!(out, "needs {}", needed.collect::<Vec<_>>().join(" ")).unwrap();
    let used = graph.sources.iter().zip(&cut.sources).filter(|(_, usage)| **usage != SourceUse::Unused);
    let used = used.map(|(source, usage)| match usage {
        SourceUse::Used => name(source),
        SourceUse::LookedUp | SourceUse::Unused => format!("({})", name(source)),
    });
    writeln!(out, "uses {}", used.collect::<Vec<_>>().join(" ")).unwrap();
    if cut.errors.is_empty() && parse.errors.is_empty() {
        for step in queries::steps(text, &parse, &graph, &cut) {
            writeln!(out, "{} {:?}", step.name, step.lines).unwrap();
        }
    }
    for error in parse.errors.iter().chain(&cut.errors) {
        writeln!(out, "error {:?}: {}", error.line(), error.message).unwrap();
    }
    out
}

fn node(graph: &StageGraph, node: Node) -> String {
    match node {
        Node::Stage(id) => format!("stage {}", graph.stages[id.0].display_name()),
        Node::Source(id) => name(&graph.sources[id.0]),
    }
}

fn name(source: &Source) -> String {
    match source {
        Source::Image { familiar, .. } => familiar.clone(),
        Source::Scratch => "scratch".to_owned(),
        Source::Context => "context".to_owned(),
        Source::NamedContext { name, value, content } => match source.image() {
            Some(image) => format!("{name}={image}"),
            None => format!("{name}={value} {content:?}"),
        },
        Source::Remote(address) => address.clone(),
        Source::Invalid(text) => format!("invalid {text}"),
    }
}

#[test]
fn a_context_stands_in_for_a_base_image() {
    check(
        "FROM alpine\nRUN a\n",
        &["alpine=docker-image://busybox:1"],
        expect![[r#"
            stage-0: [alpine=docker.io/library/busybox:1]
            needs stage-0
            uses alpine=docker.io/library/busybox:1
            [context alpine] busybox:1 []
            [1/2] RUN a [2]
        "#]],
    );
}

#[test]
fn names_are_compared_in_their_shortest_form() {
    for from in ["alpine", "alpine:latest", "library/alpine", "\"alpine\"", "docker.io/library/alpine:latest"]
    {
        for given in ["alpine", "alpine:latest", "library/alpine", "docker.io/library/alpine:latest"] {
            let told = described(&format!("FROM {from}\n"), &options(&[&format!("{given}=dir")]));
            assert!(told.starts_with("stage-0: [alpine=dir Directory]"), "{from} {given} {told}");
        }
    }
}

#[test]
fn another_tag_digest_or_repository_is_another_name() {
    let digest = format!("alpine@sha256:{}", "a".repeat(64));
    for (from, given) in
        [("alpine:3", "alpine"), ("alpine", "alpine:3"), ("a/alpine", "alpine"), (&*digest, "alpine")]
    {
        let told = described(&format!("FROM {from}\n"), &options(&[&format!("{given}=dir")]));
        assert!(told.starts_with(&format!("stage-0: [{from}]")), "{from} {given} {told}");
    }
    let told = described(&format!("FROM {digest}\n"), &options(&[&format!("{digest}=dir")]));
    assert!(told.starts_with("stage-0: [alpine@sha256:aaa"), "{told}");
    assert!(told.contains("Directory"), "{told}");
}

#[test]
fn variables_are_put_in_before_the_name_is_looked_up() {
    check(
        "ARG V=3\nFROM alpine:$V\n",
        &["alpine:3=./rootfs"],
        expect![[r#"
            stage-0: [alpine:3=./rootfs Directory]
            needs stage-0
            uses alpine:3=./rootfs Directory
            [context alpine:3] load from client []
        "#]],
    );
}

#[test]
fn an_earlier_stage_wins_over_a_context_of_its_bases_name() {
    check(
        "FROM alpine AS base\nFROM base AS b\nFROM b\nCOPY --from=base a b\n",
        &["alpine=one", "b=two"],
        expect![[r#"
            base: [alpine=one Directory]
            b (replaced): [b=two Directory]
            stage-2: [stage b] [stage base]
            needs base b stage-2
            uses alpine=one Directory b=two Directory
            [context b] load from client []
            [context alpine] load from client []
            [stage-2 1/1] COPY --from=base a b [4]
        "#]],
    );
}

#[test]
fn a_context_called_like_a_stage_replaces_all_of_it() {
    check(
        "FROM golang AS build\nWORKDIR /src\nCOPY . .\nADD https://example.com/a /\nRUN make\nFROM scratch\nCOPY --from=build /app /\n",
        &["build=./prebuilt"],
        expect![[r#"
            build (replaced): [build=./prebuilt Directory]
            stage-1: [scratch] [stage build]
            needs build stage-1
            uses build=./prebuilt Directory scratch
            [context build] load from client []
            [stage-1 1/1] COPY --from=build /app / [7]
        "#]],
    );
}

#[test]
fn what_a_replaced_stage_refers_to_is_prepared_and_not_used() {
    check(
        "
FROM alpine AS base
FROM alpine AS tools
RUN a
FROM base AS build
COPY --from=tools a b
COPY --from=busybox a b
RUN --mount=from=tools,target=/t --mount=type=cache,target=/c b
FROM build
RUN c
",
        &["build=docker-image://golang"],
        expect![[r#"
            base: [alpine]
            tools: [alpine]
            build (replaced): [build=docker.io/library/golang:latest] [stage tools unused] [busybox unused] [stage tools unused]
            stage-3: [stage build]
            needs tools build stage-3
            uses (alpine) build=docker.io/library/golang:latest (busybox)
            [context build] golang []
            [stage-3 1/1] RUN c [9]
        "#]],
    );
}

#[test]
fn errors_of_needed_stages_count_even_if_only_a_replaced_stage_refers_to_them() {
    check(
        "FROM alpine AS a\nEXPOSE x\nFROM alpine AS b\nCOPY --from=a x y\nSTOPSIGNAL nothing\nFROM b\n",
        &["b=dir"],
        expect![[r#"
            a: [alpine]
            b (replaced): [b=dir Directory] [stage a unused]
            stage-2: [stage b]
            needs a b stage-2
            uses (alpine) b=dir Directory
            error Some(2): invalid containerPort: x
        "#]],
    );
}

#[test]
fn a_replaced_stage_may_refer_forward() {
    check(
        "FROM alpine AS a\nCOPY --from=b x y\nFROM alpine AS b\nRUN b\nFROM a\n",
        &["a=dir"],
        expect![[r#"
            a (replaced): [a=dir Directory] [stage b unused]
            b: [alpine]
            stage-2: [stage a]
            needs a b stage-2
            uses a=dir Directory (alpine)
            [context a] load from client []
        "#]],
    );
}

#[test]
fn the_text_of_a_replaced_stage_still_has_to_be_right() {
    let text = "FROM ${X} AS a\nFROM Upper AS b\nCOPY --from=9 x y\nFROM alpine AS c\nCOPY --from=d x y\nFROM alpine AS d\nCOPY --from=c x y\n";
    check(
        text,
        &["a=dir", "b=dir", "c=dir", "d=dir"],
        expect![[r#"
            a (replaced): [a=dir Directory]
            b (replaced): [b=dir Directory] [invalid 9 unused broken]
            c (replaced): [c=dir Directory] [stage d unused]
            d (replaced): [d=dir Directory] [stage c unused]
            needs c d
            uses (c=dir Directory) d=dir Directory
            error Some(1): base name (${X}) should not be blank
            error None: invalid stage index 9
            error Some(5): circular dependency detected on stage: c
            error Some(2): failed to parse stage name "Upper": invalid reference format: repository name (library/Upper) must be lowercase
        "#]],
    );
}

#[test]
fn onbuild_of_a_replaced_stage_still_runs_in_the_next() {
    check(
        "FROM alpine AS a\nONBUILD RUN x\nRUN y\nFROM a\n",
        &["a=dir"],
        expect![[r#"
            a (replaced): [a=dir Directory]
            stage-1: [stage a]
            needs a stage-1
            uses a=dir Directory
            [context a] load from client []
            [stage-1 1/1] ONBUILD RUN x [4]
        "#]],
    );
}

#[test]
fn stages_called_scratch_or_context_are_never_replaced_but_images_can_be() {
    check(
        "FROM scratch\nFROM alpine AS scratch\nFROM context AS context\nCOPY --from=scratch:latest a b\nRUN --mount=type=bind,from=alpine,target=/t x\n",
        &["scratch=one", "context=two"],
        expect![[r#"
            stage-0: [scratch]
            scratch: [alpine]
            context: [context=two Directory] [scratch=one Directory] [alpine]
            needs context
            uses alpine context=two Directory scratch=one Directory
            [context context] load from client []
            [context scratch] load from client []
            [context 1/3] COPY --from=scratch:latest a b [4]
            FROM docker.io/library/alpine:latest []
            [context 2/3] RUN --mount=type=bind,from=alpine,target=/t x [5]
        "#]],
    );
}

#[test]
fn copy_from_and_mounts_take_contexts_too() {
    check(
        "FROM scratch\nCOPY --from=docs:latest a b\nRUN --mount=from=library/tools,target=/t --mount=type=cache,from=docs,target=/c x\n",
        &["docs=https://example.com/docs.git#main", "tools=docker-image://example.com/tools:2"],
        expect![[r#"
            stage-0: [scratch] [docs=https://example.com/docs.git#main Git] [tools=example.com/tools:2] [docs=https://example.com/docs.git#main Git]
            needs stage-0
            uses scratch docs=https://example.com/docs.git#main Git tools=example.com/tools:2
            [internal] load git source https://example.com/docs.git#main []
            [stage-0 1/2] COPY --from=docs:latest a b [2]
            [context tools] example.com/tools:2 []
            [stage-0 2/2] RUN --mount=from=library/tools,target=/t --mount=type=cache,from=docs,target=/c x [3]
        "#]],
    );
}

#[test]
fn numbers_of_stages_are_never_contexts_but_numbers_of_mounts_are() {
    check(
        "FROM alpine AS a\nFROM scratch\nCOPY --from=0 a b\nRUN --mount=from=0,target=/t x\n",
        &["0=dir"],
        expect![[r#"
            a: [alpine]
            stage-1: [scratch] [stage a] [0=dir Directory]
            needs a stage-1
            uses alpine scratch 0=dir Directory
            [a 1/1] FROM docker.io/library/alpine:latest [1]
            [stage-1 1/2] COPY --from=0 a b [3]
            [context 0] load from client []
            [stage-1 2/2] RUN --mount=from=0,target=/t x [4]
        "#]],
    );
}

#[test]
fn a_number_can_mean_a_replaced_stage() {
    check(
        "FROM alpine AS a\nRUN x\nFROM scratch\nCOPY --from=0 a b\n",
        &["a=dir"],
        expect![[r#"
            a (replaced): [a=dir Directory]
            stage-1: [scratch] [stage a]
            needs a stage-1
            uses a=dir Directory scratch
            [context a] load from client []
            [stage-1 1/1] COPY --from=0 a b [4]
        "#]],
    );
}

#[test]
fn a_context_for_the_platform_wins() {
    let contexts = ["alpine::linux/amd64=amd", "alpine::linux/arm64=arm", "alpine=any", "b::linux/arm64=b"];
    check(
        "FROM alpine\nFROM --platform=linux/arm64 alpine\nFROM --platform=riscv64 alpine\nFROM debian AS b\nFROM --platform=arm64 debian AS b\n",
        &contexts,
        expect![[r#"
            stage-0: [alpine::linux/amd64=amd Directory]
            stage-1: [alpine::linux/arm64=arm Directory]
            stage-2: [alpine=any Directory]
            b: [debian]
            b (replaced): [b::linux/arm64=b Directory]
            needs b
            uses b::linux/arm64=b Directory
            [context b::linux/arm64] load from client []
        "#]],
    );
    let options = BuildOptions { target_platform: "linux/arm64".to_owned(), ..options(&contexts) };
    check_with(
        "FROM --platform=amd64 scratch\nCOPY --from=alpine a b\n",
        &options,
        expect![[r#"
            stage-0: [scratch] [alpine::linux/arm64=arm Directory]
            needs stage-0
            uses scratch alpine::linux/arm64=arm Directory
            [context alpine::linux/arm64] load from client []
            [stage-0 1/1] COPY --from=alpine a b [2]
        "#]],
    );
}

#[test]
fn the_last_of_two_equal_names_wins() {
    check(
        "FROM alpine\n",
        &["alpine=one", "library/alpine:latest=two"],
        expect![[r#"
            stage-0: [alpine=two Directory]
            needs stage-0
            uses alpine=two Directory
            [context alpine] load from client []
        "#]],
    );
}

#[test]
fn a_value_can_be_many_things() {
    for (value, content) in [
        ("docker-image://alpine", "a=docker.io/library/alpine:latest"),
        ("docker-image://scratch", "Empty"),
        ("oci-layout:///path:tag@sha256:abc", "Layout"),
        ("https://example.com/a.git", "Git"),
        ("https://example.com/a.git#branch:dir", "Git"),
        ("https://example.com/a.tar", "Url"),
        ("http://example.com", "Url"),
        ("git@github.com:a/b", "Git"),
        ("git://example.com/a", "Git"),
        (".", "Directory"),
        ("../a b", "Directory"),
        ("/a:b", "Directory"),
    ] {
        let told = described("FROM a\n", &options(&[&format!("a={value}")]));
        assert!(told.starts_with("stage-0: [a=") && told.contains(content), "{value}: {told}");
        assert!(!told.contains("error"), "{value}: {told}");
    }
}

#[test]
fn a_value_of_no_use_harms_only_targets_that_need_it() {
    for (value, message) in [
        (
            "docker-image://Alpine",
            "invalid reference format: repository name (library/Alpine) must be lowercase",
        ),
        ("ssh://git@example.com/a", "unsupported context source ssh for a"),
        ("target:x", "unsupported context source target for a"),
        ("github.com/a/b", "invalid context specifier github.com/a/b for a"),
    ] {
        let options = options(&[&format!("a={value}")]);
        let told = described("FROM alpine AS x\nFROM a\n", &options);
        assert!(told.ends_with(&format!("error Some(2): {message}\n")), "{told}");
        let told = described("FROM alpine AS a\nFROM a\n", &options);
        assert!(told.ends_with(&format!("error Some(1): {message}\n")), "{told}");
        let told = described("FROM alpine\nCOPY --from=a x y\n", &options);
        assert!(told.ends_with(&format!("error Some(2): {message}\n")), "{told}");
        let told = described("FROM alpine\nRUN --mount=from=a,target=/t x\n", &options);
        assert!(told.ends_with(&format!("error None: {message}\n")), "{told}");
        for unneeded in ["FROM a\nFROM b\n", "FROM x AS a\nFROM b\n", "FROM x\nCOPY --from=a x y\nFROM b\n"] {
            let told = described(unneeded, &options);
            assert!(!told.contains("error"), "{told}");
        }
    }
}

#[test]
fn with_contexts_every_stage_needs_a_name_that_an_image_could_have() {
    let text = "FROM alpine AS a-\nFROM a-\n";
    check(
        text,
        &["b=dir"],
        expect![[r#"
            a-: [alpine]
            stage-1: [stage a-]
            needs a- stage-1
            uses alpine
            error None: invalid context name a-: invalid reference format
        "#]],
    );
    check(
        text,
        &[],
        expect![[r#"
            a-: [alpine]
            stage-1: [stage a-]
            needs a- stage-1
            uses alpine
            [a- 1/1] FROM docker.io/library/alpine:latest [1]
        "#]],
    );
}

#[test]
fn a_replaced_stage_can_be_the_target() {
    let text = "FROM golang AS build\nENV A=1\nRUN make\nFROM scratch\n";
    let replaced = BuildOptions { target: Some("build".to_owned()), ..options(&["build=dir"]) };
    check_with(
        text,
        &replaced,
        expect![[r#"
            build (replaced): [build=dir Directory]
            stage-1: [scratch]
            needs build
            uses build=dir Directory
            [context build] load from client []
        "#]],
    );
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &replaced);
    let image = queries::image(&graph, graph.stages[0].id).unwrap();
    assert_eq!((image.env, image.workdir), (Setting::Known(Vec::new()), Setting::Known(String::new())));
    let cut = queries::cut(&graph, &Target::from_name(Some("build"))).unwrap();
    assert_eq!(
        cut.stages[0].sentence,
        "The named context build stands in for it: none of its instructions run. The target."
    );
}

#[test]
fn the_configuration_of_the_image_behind_a_context_counts() {
    let config = BaseConfig {
        env: vec![("A".to_owned(), "2".to_owned())],
        workdir: "/w".to_owned(),
        onbuild: vec!["COPY --from=tools a b".to_owned(), "RUN x".to_owned()],
        ..BaseConfig::default()
    };
    let contexts = ["build=docker-image://one", "base=docker-image://one", "empty=dir"];
    let base_images = vec![("docker.io/library/one:latest".to_owned(), config)];
    let options = BuildOptions { base_images, ..options(&contexts) };
    // Triggers of the image run where it is a base; where it stands in for a stage they are only read.
    let text = "FROM alpine AS tools\nFROM golang AS build\nFROM build AS a\nCOPY x $A\nFROM base AS b\nCOPY x $A\nFROM empty AS c\nFROM x\nCOPY --from=a x y\nCOPY --from=b x y\nCOPY --from=c x y\n";
    check_with(
        text,
        &options,
        expect![[r#"
            tools: [alpine]
            build (replaced): [build=docker.io/library/one:latest] [stage tools unused]
            a: [stage build] [context]
            b: [base=docker.io/library/one:latest] [stage tools] [context]
            c: [empty=dir Directory]
            stage-5: [x] [stage a] [stage b] [stage c]
            needs tools build a b c stage-5
            uses alpine build=docker.io/library/one:latest context base=docker.io/library/one:latest empty=dir Directory x
            [stage-5 1/4] FROM docker.io/library/x:latest [8]
            [context base] one []
            [internal] load build context []
            [a 1/1] COPY x 2 [4]
            [stage-5 2/4] COPY --from=a x y [9]
            [tools 2/1] FROM docker.io/library/alpine:latest [1]
            [b 1/4] ONBUILD COPY --from=tools a b [5]
            [b 2/4] ONBUILD RUN x [5]
            [b 3/4] COPY x 2 [6]
            [stage-5 3/4] COPY --from=b x y [10]
            [context empty] load from client []
            [stage-5 4/4] COPY --from=c x y [11]
        "#]],
    );
    let graph = stages::resolve(&syntax::parse(text), &options);
    let workdir = |idx: usize| queries::image(&graph, graph.stages[idx].id).unwrap().workdir;
    assert_eq!(workdir(2), Setting::Known("/w".to_owned()));
    assert_eq!(workdir(3), Setting::Known("/w".to_owned()));
    assert_eq!(workdir(4), Setting::Known("/".to_owned()));
    let copies: Vec<_> = [2, 3].iter().map(|&idx: &usize| graph.stages[idx].commands.last()).collect();
    for copy in copies {
        let stages::Effect::Copy(copied) = &copy.unwrap().effect else { panic!() };
        assert_eq!(copied.destination, "2");
    }
}

#[test]
fn build_arguments_of_a_replaced_stage_are_not_asked_for() {
    let text = "ARG A=1\nARG B=2\nARG C=3\nFROM alpine:$A AS base\nFROM base AS build\nARG B\nFROM x:$C AS other\nRUN x\nFROM build\nCOPY --from=other a b\n";
    let parse = syntax::parse(text);
    let args = |contexts: &[&str]| {
        let graph = stages::resolve(&parse, &options(contexts));
        let cut = queries::cut(&graph, &Target::Default).unwrap();
        let outline = queries::outline(&parse, &graph, &cut);
        outline.args.into_iter().map(|arg| arg.name).collect::<Vec<_>>()
    };
    assert_eq!(args(&[]), ["A", "B", "C"]);
    assert_eq!(args(&["build=dir", "other=dir"]), ["A"]);
}

#[test]
fn the_picture_names_the_context() {
    let graph = stages::resolve(
        &syntax::parse("FROM alpine\nCOPY --from=docs a b\n"),
        &options(&["alpine=docker-image://alpine:3.22", "docs=./docs"]),
    );
    let boxes = draw::scene(&graph, draw::Direction::Across).sources;
    let told: Vec<_> = boxes.iter().map(|it| format!("{}: {}", it.kind, it.label)).collect();
    assert_eq!(told, ["named context: alpine = alpine:3.22", "named context: docs = ./docs"]);
}
