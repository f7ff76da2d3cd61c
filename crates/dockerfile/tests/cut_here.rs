//! Dockerfiles that end at one instruction, and the commands to look inside.

use dockerfile::queries::{Builder, CutHere, cut, cut::Target, cut_here};
use dockerfile::stages::{self, BuildOptions, StageId};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn cut_at(text: &str, options: &BuildOptions, stage: usize, step: usize) -> Option<CutHere> {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, options);
    cut_here(text, &parse, &graph, options, StageId(stage), step)
}

fn check(
    text: &str,
    options: &BuildOptions,
    (stage, step): (usize, usize),
    builder: Builder,
    expect: Expect,
) {
    let found = cut_at(text, options, stage, step).unwrap();
    // What is asked for is there, and is what a build without a target makes too.
    let parse = syntax::parse(&found.dockerfile);
    let graph = stages::resolve(&parse, options);
    let target = found.target.clone().map_or(Target::Default, Target::Name);
    assert_eq!(cut(&graph, &target).unwrap().target, StageId(stage));
    assert_eq!(graph.stages.len(), stage + 1);
    assert_eq!(graph.stages[stage].steps.len(), step + 1);
    let commands = found.commands(builder, options).into_iter().map(|command| {
        let note = command.note.map(|note| format!("  ({note})\n")).unwrap_or_default();
        format!("{}: {}\n{note}", command.title, command.line)
    });
    expect.assert_eq(&format!("{}---\n{}", found.dockerfile, commands.collect::<String>()));
}

const APP: &str = "# check=skip=all\nARG V=1\nFROM golang:$V AS build\nRUN <<EOF\nmake all\nEOF\n# later\nRUN test\n\n\
                   FROM gcr.io/distroless/static\nCOPY --from=build /app /app # no comment\nCOPY --from=0 /b /b\n\
                   FROM scratch\nCOPY --from=1 / /\n";

#[test]
fn a_named_stage_up_to_a_document() {
    check(
        APP,
        &BuildOptions { build_args: vec![("V".to_owned(), "1.23".to_owned())], ..BuildOptions::default() },
        (0, 1),
        Builder::Docker,
        expect![[r#"
            # check=skip=all
            ARG V=1
            FROM golang:$V AS build
            RUN <<EOF
            make all
            EOF
            ---
            Build up to here: docker build -f Dockerfile.cut --target build --build-arg V=1.23 -t cut-here .
            Look around in it: docker run --rm -it --entrypoint /bin/sh cut-here
              (Line 4 runs in it.)
            Copy its files into a folder: docker build -f Dockerfile.cut --target build --build-arg V=1.23 --output cut-here .
        "#]],
    );
}

#[test]
fn a_stage_without_a_name_gets_one_and_one_without_a_shell_is_not_run() {
    let options = BuildOptions { target_platform: "linux/arm64".to_owned(), ..BuildOptions::default() };
    check(
        APP,
        &options,
        (1, 1),
        Builder::Buildx,
        expect![[r#"
            # check=skip=all
            ARG V=1
            FROM golang:$V AS build
            RUN <<EOF
            make all
            EOF
            # later
            RUN test

            FROM gcr.io/distroless/static AS files
            COPY --from=build /app /app # no comment
            ---
            Build up to here: docker buildx build -f Dockerfile.cut --target files --platform linux/arm64 --load -t cut-here .
            Copy its files into a folder: docker buildx build -f Dockerfile.cut --target files --platform linux/arm64 --output cut-here .
              (There is no shell to look around with: gcr.io/distroless/static has none, and nothing in the file brings one.)
        "#]],
    );
    check(
        APP,
        &options,
        (2, 1),
        Builder::Legacy,
        expect![[r##"
        # check=skip=all
        ARG V=1
        FROM golang:$V AS build
        RUN <<EOF
        make all
        EOF
        # later
        RUN test

        FROM gcr.io/distroless/static
        COPY --from=build /app /app # no comment
        COPY --from=0 /b /b
        FROM scratch AS files-2
        COPY --from=1 / /
        ---
        Build up to here: DOCKER_BUILDKIT=0 docker build -f Dockerfile.cut --target files-2 --platform linux/arm64 -t cut-here .
        Look around in it: docker run --rm -it --entrypoint sh cut-here
          (Line 14 may bring one.)
        List its files: docker export "$(docker create cut-here none)" | tar -t
    "##]],
    );
}

#[test]
fn a_from_alone_is_its_base() {
    check(
        "FROM alpine\nRUN a",
        &BuildOptions::default(),
        (0, 0),
        Builder::Podman,
        expect![[r#"
        FROM alpine AS build
        ---
        Build up to here: podman build -f Dockerfile.cut --target build -t cut-here .
        Look around in it: podman run --rm -it --entrypoint /bin/sh cut-here
          (alpine likely has it.)
        Copy its files into a folder: podman build -f Dockerfile.cut --target build --output cut-here .
    "#]],
    );
}

#[test]
fn the_later_of_two_stages_of_one_name_is_out_of_the_way() {
    let text = "FROM alpine AS a\nRUN one\nRUN two\nFROM debian AS a\nRUN three\n";
    check(
        text,
        &BuildOptions::default(),
        (0, 1),
        Builder::Buildah,
        expect![[r#"
        FROM alpine AS a
        RUN one
        ---
        Build up to here: buildah build -f Dockerfile.cut --target a -t cut-here .
        Look around in it: podman run --rm -it --entrypoint /bin/sh cut-here
          (Line 2 runs in it.)
        Copy its files into a folder: buildah build -f Dockerfile.cut --target a --output cut-here .
    "#]],
    );
}

#[test]
fn what_is_not_there_cannot_be_cut() {
    let options = BuildOptions::default();
    assert_eq!(cut_at("", &options, 0, 0), None);
    assert_eq!(cut_at("FROM a\n", &options, 0, 1), None);
    assert_eq!(cut_at("FROM a\n", &options, 1, 0), None);
}
