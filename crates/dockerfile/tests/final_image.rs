//! The final image: Dockerfile in; its layers, roughly its size, and its shell, user and ports out.

use std::fmt::Write;

use dockerfile::queries::{self, Fact, Finding, Makes, StageSize, Target};
use dockerfile::stages::{self, BaseConfig, BuildOptions, StageGraph};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn graph(text: &str, options: &BuildOptions) -> StageGraph {
    stages::resolve(&syntax::parse(text.strip_prefix('\n').unwrap_or(text)), options)
}

fn check_layers(text: &str, expect: Expect) {
    check_layers_with(text, &BuildOptions::default(), expect);
}

fn check_layers_with(text: &str, options: &BuildOptions, expect: Expect) {
    let graph = graph(text, options);
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    let layers = queries::layers(&graph, cut.target);
    let mut out = String::new();
    for row in &layers.rows {
        let makes = match row.makes {
            Makes::Layer => "layer",
            Makes::LayerOrEmpty => "layer?",
            Makes::EmptyLayer => "empty",
            Makes::Settings => "settings",
            Makes::Nothing => "nothing",
        };
        let line = graph.stages[row.stage.0].steps[row.step].lines.first;
        writeln!(out, "{line} {} {makes}: {}", row.kind.keyword(), row.why).unwrap();
    }
    writeln!(out, "{} layers on the base, {} of them empty", layers.count(), layers.empty()).unwrap();
    expect.assert_eq(&out);
}

fn check_size(text: &str, expect: Expect) {
    check_size_with(text, &BuildOptions::default(), expect);
}

fn check_size_with(text: &str, options: &BuildOptions, expect: Expect) {
    let graph = graph(text, options);
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    let estimate = queries::size_estimate(&graph, &cut);
    let mut out = described(&graph, &estimate.image);
    if let Some(single) = &estimate.single_stage {
        out += &format!("against\n{}", described(&graph, single));
    }
    expect.assert_eq(&format!("{out}{}\n", estimate.sentence));
}

fn described(graph: &StageGraph, size: &StageSize) -> String {
    let mut out = String::new();
    for part in &size.parts {
        let line = graph.stages[part.stage.0].steps[part.step].lines.first;
        writeln!(out, "{line} {}: {} ({})", part.label, part.size, part.why).unwrap();
    }
    writeln!(out, "= {}", size.total).unwrap();
    out
}

fn check_runtime(text: &str, expect: Expect) {
    check_runtime_with(text, &BuildOptions::default(), expect);
}

fn check_runtime_with(text: &str, options: &BuildOptions, expect: Expect) {
    let graph = graph(text, options);
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    let runtime = queries::runtime(&graph, cut.target).unwrap();
    let mut out = format!("shell {}\nuser {}", found(&runtime.shell), found(&runtime.user));
    out += match runtime.is_root {
        Some(true) => ": root\n",
        Some(false) => ": not root\n",
        None => "\n",
    };
    let more = if runtime.ports_known { "" } else { ", and the base image's" };
    writeln!(out, "ports {:?}, likely {:?}{more}", runtime.ports, runtime.likely_ports).unwrap();
    expect.assert_eq(&out);
}

fn found(finding: &Finding<String>) -> String {
    let fact = match &finding.fact {
        Fact::Unknown => "unknown",
        Fact::Nothing => "none",
        Fact::Is(value) => value,
    };
    let sure = match (&finding.fact, finding.certain) {
        (Fact::Unknown, _) => "",
        (_, true) => ", certain",
        (_, false) => ", likely",
    };
    format!("{fact}{sure} ({})", finding.why)
}

#[test]
fn files_make_layers_and_the_rest_changes_settings() {
    check_layers(
        r#"
FROM alpine:3.20
ARG A=1
ENV B=2
RUN true
COPY a /a
ADD b /b
WORKDIR /app
EXPOSE 80
USER 1000
CMD ["a"]
"#,
        expect![[r#"
            2 ARG nothing: It is for the build alone
            3 ENV settings: It only changes the settings of the image
            4 RUN layer: It makes a layer of what it changes, an empty one if it changes nothing
            5 COPY layer: It makes a layer of the files it puts there
            6 ADD layer: It makes a layer of the files it puts there
            7 WORKDIR layer?: It makes a layer, which is empty if line 4 has made /app already
            8 EXPOSE settings: It only changes the settings of the image
            9 USER settings: It only changes the settings of the image
            10 CMD settings: It only changes the settings of the image
            4 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn the_layers_of_base_stages_are_in_the_image_those_of_other_stages_are_not() {
    check_layers(
        r#"
FROM alpine AS base
RUN one
FROM alpine AS other
RUN two
FROM base
COPY --from=other /x /x
"#,
        expect![[r#"
            2 RUN layer: It makes a layer of what it changes, an empty one if it changes nothing
            6 COPY layer: It makes a layer of the files it puts there
            2 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn a_directory_that_is_there_makes_an_empty_layer() {
    check_layers(
        r#"
FROM golang:1.22
WORKDIR /go
WORKDIR /usr/local/bin
WORKDIR /app/src
WORKDIR /app
WORKDIR /
COPY x /data/x
WORKDIR /data
"#,
        expect![[r#"
            2 WORKDIR empty: golang:1.22 likely has /go, so the layer is empty
            3 WORKDIR empty: golang:1.22 likely has /usr/local/bin, so the layer is empty
            4 WORKDIR layer: golang:1.22 likely has no /app/src, so the layer holds it
            5 WORKDIR empty: Line 4 makes /app already, so the layer is empty
            6 WORKDIR settings: The directory / is always there: it only changes the settings
            7 COPY layer: It makes a layer of the files it puts there
            8 WORKDIR empty: Line 7 makes /data already, so the layer is empty
            6 layers on the base, 4 of them empty
        "#]],
    );
}

#[test]
fn nothing_is_there_in_scratch() {
    check_layers(
        r#"
FROM scratch
WORKDIR /tmp
"#,
        expect![[r#"
            2 WORKDIR layer: Nothing has made /tmp before, so the layer holds it
            1 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn a_command_or_a_copied_directory_may_have_made_it() {
    check_layers(
        r#"
FROM scratch
COPY app /srv
WORKDIR /srv/data
FROM alpine
RUN mkdir /work
WORKDIR /work
"#,
        expect![[r#"
            5 RUN layer: It makes a layer of what it changes, an empty one if it changes nothing
            6 WORKDIR layer?: It makes a layer, which is empty if line 5 has made /work already
            2 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn an_unknown_image_may_have_any_directory() {
    check_layers(
        r#"
FROM example.com/ours
WORKDIR /app
WORKDIR sub
"#,
        expect![[r#"
            2 WORKDIR layer?: It makes a layer, which is empty if the base image has /app
            3 WORKDIR layer?: It makes a layer, which is empty if the base image has /app/sub
            2 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn an_image_that_is_told_has_the_directory_it_starts_in() {
    let config = BaseConfig { workdir: "/app/".to_owned(), ..BaseConfig::default() };
    let options = BuildOptions { other_images: Some(config), ..BuildOptions::default() };
    check_layers_with(
        r#"
FROM example.com/ours
WORKDIR /app
WORKDIR /apple
"#,
        &options,
        expect![[r#"
            2 WORKDIR empty: The base image starts in /app, so the layer is likely empty
            3 WORKDIR layer?: It makes a layer, which is empty if the base image has /apple
            2 layers on the base, 1 of them empty
        "#]],
    );
}

#[test]
fn triggers_make_layers_where_they_run() {
    check_layers(
        r#"
FROM alpine AS base
ONBUILD COPY . /src
FROM base
RUN make
"#,
        expect![[r#"
            2 ONBUILD settings: It only changes the settings of the image
            3 COPY layer: It makes a layer of the files it puts there
            4 RUN layer: It makes a layer of what it changes, an empty one if it changes nothing
            2 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn what_is_refused_makes_nothing() {
    check_layers(
        r#"
FROM alpine
COPY a
WRKDIR /app
"#,
        expect![[r#"
            2 COPY nothing: BuildKit refuses it
            3  nothing: BuildKit refuses it
            0 layers on the base, 0 of them empty
        "#]],
    );
}

#[test]
fn a_binary_in_alpine_against_its_compiler() {
    check_size(
        r#"
FROM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM alpine:3.20
COPY --from=build /app /app
"#,
        expect![[r#"
            5 alpine:3.20: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            6 Files of the stage build: unknown (What the stage build makes is known when it has run)
            = at least 7 MB
            against
            1 golang:1.22: 750 to 950 MB (Matched golang:*: published sizes, remembered and rounded, 2025-06)
            3 Files of the build context: unknown (Their size is not in the file)
            4 RUN: unknown (What a command leaves is known when it has run)
            = at least 750 MB
            The image takes 7 to 9 MB and what 1 instruction adds; if the stage build were shipped instead, it would take 750 to 950 MB and what 2 instructions add
        "#]],
    );
}

#[test]
fn a_binary_in_scratch() {
    check_size(
        r#"
FROM rust:1.80 AS build
RUN cargo build
FROM scratch
COPY --from=build /app /app
"#,
        expect![[r#"
            3 scratch: 0 bytes (There is nothing in it)
            4 Files of the stage build: unknown (What the stage build makes is known when it has run)
            = unknown
            against
            1 rust:1.80: 1.3 to 1.7 GB (Matched rust:*: published sizes, remembered and rounded, 2025-01)
            2 RUN: unknown (What a command leaves is known when it has run)
            = at least 1.3 GB
            The image takes what 1 instruction adds; if the stage build were shipped instead, it would take 1.3 to 1.7 GB and what 1 instruction adds
        "#]],
    );
}

#[test]
fn heredocs_are_counted_to_the_byte() {
    check_size(
        r#"
FROM scratch
COPY <<a <<b /etc/
one
a
two
three
b
"#,
        expect![[r#"
            1 scratch: 0 bytes (There is nothing in it)
            2 Heredoc: 14 bytes (The file has every byte of it)
            = 14 bytes
            The image takes 14 bytes
        "#]],
    );
}

#[test]
fn an_image_of_known_parts_has_an_upper_bound() {
    check_size(
        r#"
FROM debian:bookworm-slim
COPY --from=alpine / /alpine
CMD ["sh"]
"#,
        expect![[r#"
            1 debian:bookworm-slim: 70 to 90 MB (Matched debian:*-slim: published sizes, remembered and rounded, 2025-06)
            2 Files of alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            = 75 to 95 MB
            The image takes 75 to 95 MB
        "#]],
    );
}

#[test]
fn an_unknown_image_leaves_everything_open() {
    check_size(
        r#"
FROM example.com/ours
"#,
        expect![[r#"
            1 example.com/ours: unknown (It is not among the images known here)
            = unknown
            The image takes a base image of unknown size
        "#]],
    );
}

#[test]
fn of_several_stages_the_largest_is_compared() {
    check_size(
        r#"
FROM node:22 AS web
FROM rust:1.80 AS server
FROM haskell AS unused
FROM debian:bookworm-slim AS base
FROM base
COPY --from=web /dist /dist
COPY --from=server /server /server
"#,
        expect![[r#"
            4 debian:bookworm-slim: 70 to 90 MB (Matched debian:*-slim: published sizes, remembered and rounded, 2025-06)
            6 Files of the stage web: unknown (What the stage web makes is known when it has run)
            7 Files of the stage server: unknown (What the stage server makes is known when it has run)
            = at least 70 MB
            against
            2 rust:1.80: 1.3 to 1.7 GB (Matched rust:*: published sizes, remembered and rounded, 2025-01)
            = 1.3 to 1.7 GB
            The image takes 70 to 90 MB and what 2 instructions add; if the stage server were shipped instead, it would take 1.3 to 1.7 GB
        "#]],
    );
}

#[test]
fn downloads_and_other_images_are_parts() {
    check_size(
        r#"
FROM alpine
ADD https://example.com/a.tar.gz /a/
COPY --from=nginx /etc/nginx/nginx.conf /
ADD a https://example.com/b /c/
"#,
        expect![[r#"
            1 alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            2 Download of https://example.com/a.tar.gz: unknown (Its size is known once it is there)
            3 Files of nginx: unknown (Their size is not in the file)
            4 Files: unknown (Their size is not in the file)
            = at least 7 MB
            The image takes 7 to 9 MB and what 3 instructions add
        "#]],
    );
}

#[test]
fn on_another_platform_the_figures_are_coarser() {
    let options = BuildOptions { target_platform: "linux/arm64".to_owned(), ..BuildOptions::default() };
    check_size_with(
        r#"
FROM debian:bookworm-slim
"#,
        &options,
        expect![[r#"
            1 debian:bookworm-slim: 40 to 120 MB (Matched debian:*-slim: published sizes, remembered and rounded, 2025-06, for linux/amd64 and not linux/arm64)
            = 40 to 120 MB
            The image takes 40 to 120 MB
        "#]],
    );
}

#[test]
fn on_windows_nothing_is_known() {
    let options = BuildOptions { target_platform: "windows/amd64".to_owned(), ..BuildOptions::default() };
    check_size_with(
        r#"
FROM golang:1.22
"#,
        &options,
        expect![[r#"
            1 golang:1.22: unknown (Matched golang:*: published sizes, remembered and rounded, 2025-06, for linux/amd64 and not windows/amd64)
            = unknown
            The image takes a base image of unknown size
        "#]],
    );
}

#[test]
fn a_chain_of_stages_adds_up() {
    check_size(
        r#"
FROM alpine AS a
RUN one
FROM a AS b
COPY <<x /x
12345
x
FROM b
"#,
        expect![[r#"
            1 alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: unknown (What a command leaves is known when it has run)
            4 Heredoc: 6 bytes (The file has every byte of it)
            = at least 7 MB
            The image takes 7 to 9 MB and what 1 instruction adds
        "#]],
    );
}

#[test]
fn known_packages_have_a_size() {
    check_size(
        r#"
FROM alpine
RUN apk add --no-cache ca-certificates tzdata=2024a-r1
"#,
        expect![[r#"
            1 alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: 1 to 8 MB (Packages as remembered, about 2025-01: ca-certificates, tzdata)
            = 8 to 16 MB
            The image takes 8 to 16 MB
        "#]],
    );
    check_size(
        r#"
FROM debian:bookworm-slim
RUN set -eux; apt-get update && \
    apt-get install -y --no-install-recommends build-essential git && \
    rm -rf /var/lib/apt/lists/*
"#,
        expect![[r#"
            1 debian:bookworm-slim: 70 to 90 MB (Matched debian:*-slim: published sizes, remembered and rounded, 2025-06)
            2 RUN: 100 to 600 MB (Packages as remembered, about 2025-01: build-essential, git)
            = 200 to 700 MB
            The image takes 200 to 700 MB
        "#]],
    );
}

#[test]
fn lists_stay_unless_the_same_command_removes_them() {
    check_size(
        r#"
FROM debian
RUN apt-get update
RUN rm -rf /var/lib/apt/lists/*
"#,
        expect![[r#"
            1 debian: 105 to 135 MB (Matched debian:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: 10 to 80 MB (What the update fetches stays in the layer)
            3 RUN: 0 bytes (What it removes stays in the layers below)
            = 100 to 220 MB
            The image takes 100 to 220 MB
        "#]],
    );
    check_size(
        r#"
FROM debian
RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install --no-install-recommends curl
"#,
        expect![[r#"
            1 debian: 105 to 135 MB (Matched debian:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: 4 to 20 MB (Packages as remembered, about 2025-01: curl)
            = 110 to 160 MB
            The image takes 110 to 160 MB
        "#]],
    );
}

#[test]
fn what_is_installed_may_be_more_or_less_than_known() {
    check_size(
        r#"
FROM ubuntu
RUN apt-get update && apt-get install -y gcc
RUN apt-get install -y --no-install-recommends make libsomething
"#,
        expect![[r#"
            1 ubuntu: 70 to 90 MB (Matched ubuntu:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: at least 90 MB (Packages as remembered, about 2025-01: gcc; what the update fetches stays in the layer; recommended packages come along)
            3 RUN: at least 500 kB (Packages as remembered, about 2025-01: make; the size of libsomething is not known)
            = at least 160 MB
            The image takes at least 160 MB
        "#]],
    );
    check_size(
        r#"
FROM alpine
RUN apk add --no-cache --virtual .build gcc musl-dev && make install && apk del .build
RUN apk add --no-cache git $(cat list)
"#,
        expect![[r#"
            1 alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            2 RUN: unknown (Packages as remembered, about 2025-01: gcc, musl-dev; what make leaves is not known)
            3 RUN: unknown (Packages as remembered, about 2025-01: git; what else the script does is not known)
            = at least 7 MB
            The image takes 7 to 9 MB and what 2 instructions add
        "#]],
    );
    check_size(
        r#"
FROM golang:1.22-alpine
RUN apk add --no-cache git
FROM alpine AS a
FROM a
RUN ["apk", "add", "bash"]
COPY --from=0 /x /x
"#,
        expect![[r#"
            3 alpine: 7 to 9 MB (Matched alpine:*: published sizes, remembered and rounded, 2025-06)
            5 RUN: at most 4 MB (Packages as remembered, about 2025-01: bash)
            6 Files of the stage stage-0: unknown (What the stage stage-0 makes is known when it has run)
            = at least 7 MB
            against
            1 golang:1.22-alpine: 150 to 350 MB (Matched golang:*alpine*: published sizes, remembered and rounded, 2025-06)
            2 RUN: at most 25 MB (Packages as remembered, about 2025-01: git)
            = 150 to 350 MB
            The image takes 7 to 13 MB and what 1 instruction adds; if the stage stage-0 were shipped instead, it would take 150 to 350 MB
        "#]],
    );
}

#[test]
fn a_shell_is_likely_where_the_image_is_known_for_it() {
    check_runtime(
        r#"
FROM alpine
EXPOSE 443 80
"#,
        expect![[r#"
            shell /bin/sh, likely (alpine likely has it)
            user root, likely (alpine likely runs as root, and no USER changes that): root
            ports ["443/tcp", "80/tcp"], likely [], and the base image's
        "#]],
    );
}

#[test]
fn a_command_that_runs_in_a_shell_proves_it() {
    check_runtime(
        r#"
FROM example.com/ours
SHELL ["/bin/bash", "-c"]
RUN make
USER app:app
"#,
        expect![[r#"
            shell /bin/bash, certain (Line 3 runs in it)
            user app:app, certain (Line 4 says so): not root
            ports [], likely [], and the base image's
        "#]],
    );
}

#[test]
fn an_unknown_image_may_have_another_shell() {
    check_runtime(
        r#"
FROM example.com/ours
RUN make
"#,
        expect![[r#"
            shell /bin/sh, likely (Line 2 runs in it)
            user unknown (No USER is given, and whom the base image runs as is not known)
            ports [], likely [], and the base image's
        "#]],
    );
}

#[test]
fn scratch_has_no_shell_unless_one_is_brought() {
    check_runtime(
        r#"
FROM scratch
COPY app /app
USER 0:0
"#,
        expect![[r#"
            shell none, certain (scratch has none, and nothing in the file brings one)
            user 0:0, certain (Line 3 says so): root
            ports [], likely []
        "#]],
    );
    check_runtime(
        r#"
FROM scratch
COPY app /
"#,
        expect![[r#"
            shell none, likely (scratch has none, and nothing in the file brings one)
            user root, certain (Nobody else is named, so it is root): root
            ports [], likely []
        "#]],
    );
    check_runtime(
        r#"
FROM scratch
ADD rootfs.tar.gz /
"#,
        expect![[r#"
            shell unknown (Line 2 may bring one)
            user root, certain (Nobody else is named, so it is root): root
            ports [], likely []
        "#]],
    );
    check_runtime(
        r#"
FROM scratch
COPY --from=busybox /bin/sh /bin/sh
"#,
        expect![[r#"
            shell unknown (Line 2 may bring one)
            user root, certain (Nobody else is named, so it is root): root
            ports [], likely []
        "#]],
    );
}

#[test]
fn distroless_has_no_shell_and_a_command_fails() {
    check_runtime(
        r#"
FROM gcr.io/distroless/static-debian12:nonroot
COPY app /app
"#,
        expect![[r#"
            shell none, likely (gcr.io/distroless/static-debian12:nonroot has none, and nothing in the file brings one)
            user 65532, likely (gcr.io/distroless/static-debian12:nonroot likely runs as 65532, and no USER changes that): not root
            ports [], likely [], and the base image's
        "#]],
    );
    check_runtime(
        r#"
FROM gcr.io/distroless/static
RUN chmod +x /app
"#,
        expect![[r#"
            shell none, likely (Line 2 needs /bin/sh, and gcr.io/distroless/static has no shell: the build fails)
            user root, likely (gcr.io/distroless/static likely runs as root, and no USER changes that): root
            ports [], likely [], and the base image's
        "#]],
    );
    check_runtime(
        r#"
FROM gcr.io/distroless/static:debug
"#,
        expect![[r#"
            shell /busybox/sh, likely (gcr.io/distroless/static:debug likely has it)
            user root, likely (gcr.io/distroless/static:debug likely runs as root, and no USER changes that): root
            ports [], likely [], and the base image's
        "#]],
    );
}

#[test]
fn exec_form_needs_no_shell() {
    check_runtime(
        r#"
FROM scratch
COPY app /app
RUN ["/app", "--setup"]
"#,
        expect![[r#"
            shell none, certain (scratch has none, and nothing in the file brings one)
            user root, certain (Nobody else is named, so it is root): root
            ports [], likely []
        "#]],
    );
}

#[test]
fn a_shell_from_a_mount_is_not_in_the_image() {
    check_runtime(
        r#"
FROM example.com/ours
SHELL ["/busybox/sh", "-c"]
RUN --mount=from=busybox,source=/bin,target=/busybox ls
"#,
        expect![[r#"
            shell /busybox/sh, likely (Line 3 runs in it)
            user unknown (No USER is given, and whom the base image runs as is not known)
            ports [], likely [], and the base image's
        "#]],
    );
}

#[test]
fn the_base_image_may_name_a_user_and_ports() {
    check_runtime(
        r#"
FROM nginxinc/nginx-unprivileged
EXPOSE 9000
"#,
        expect![[r#"
            shell /bin/bash, likely (nginxinc/nginx-unprivileged likely has it)
            user 101, likely (nginxinc/nginx-unprivileged likely runs as 101, and no USER changes that): not root
            ports ["9000/tcp"], likely ["8080/tcp"], and the base image's
        "#]],
    );
    check_runtime(
        r#"
FROM nginx
USER root
EXPOSE 80
"#,
        expect![[r#"
            shell /bin/bash, likely (nginx likely has it)
            user root, certain (Line 2 says so): root
            ports ["80/tcp"], likely [], and the base image's
        "#]],
    );
    check_runtime(
        r#"
FROM gcr.io/distroless/base@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"#,
        expect![[r#"
            shell unknown (What the base image has is not known)
            user unknown (No USER is given, and whom the base image runs as is not known)
            ports [], likely [], and the base image's
        "#]],
    );
}

#[test]
fn what_an_image_says_of_itself_counts_more_than_what_it_is_known_for() {
    let config =
        BaseConfig { user: "app".to_owned(), ports: vec!["7000/tcp".to_owned()], ..BaseConfig::default() };
    let options = BuildOptions { other_images: Some(config), ..BuildOptions::default() };
    check_runtime_with(
        r#"
FROM nginx
"#,
        &options,
        expect![[r#"
            shell /bin/bash, likely (nginx likely has it)
            user app, certain (The base image says so): not root
            ports ["7000/tcp"], likely []
        "#]],
    );
}
