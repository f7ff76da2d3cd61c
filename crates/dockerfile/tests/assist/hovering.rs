//! Hover: what is said of the thing at the cursor.

use dockerfile::assist;
use dockerfile::syntax::{instructions, mounts};
use expect_test::{Expect, expect};

use super::cursor;

/// What is said, behind the text it is said of.
fn check(text: &str, expected: Expect) {
    let (text, offset) = cursor(text);
    let out = match assist::hover(&text, offset) {
        Some(hover) => format!("{:?}\n{}\n", hover.range.of(&text), hover.markdown),
        None => "nothing\n".to_owned(),
    };
    expected.assert_eq(&out);
}

/// What is said of the first `what` in `text`.
fn said(text: &str, what: &str) -> String {
    let offset = text.find(what).expect("it is in the text");
    let hover =
        assist::hover(text, offset + 1).unwrap_or_else(|| panic!("nothing is said of {what} in {text}"));
    assert_eq!(hover.range.of(text), what);
    hover.markdown
}

#[test]
fn every_instruction_has_a_page() {
    for row in instructions::ALL {
        let text = format!("FROM a\n{} ", row.keyword);
        let markdown = said(&text[if row.keyword == "FROM" { 7 } else { 0 }..], row.keyword);
        assert!(markdown.contains(&format!("`{}", row.keyword)), "{} has no form", row.keyword);
        assert!(markdown.lines().count() > 4, "{} has hardly a page", row.keyword);
        assert!(row.page.starts_with(&format!("# {}\n", row.keyword)));
    }
}

#[test]
fn every_flag_has_a_section() {
    for row in instructions::ALL {
        for flag in row.flags {
            let text = format!("FROM a\n{} --{}", row.keyword, flag.name);
            let markdown = said(&text, &format!("--{}", flag.name));
            assert!(markdown.lines().count() > 2, "{} --{} has hardly a section", row.keyword, flag.name);
        }
        let headings = row.page.lines().filter_map(|line| line.strip_prefix("## --"));
        for heading in headings {
            assert!(row.flag(heading).is_some(), "{} has no flag {heading}", row.keyword);
        }
    }
}

#[test]
fn every_key_of_a_mount_has_a_section() {
    for row in mounts::KEYS {
        for name in row.aliases.iter().chain([&row.name]) {
            let text = format!("FROM a\nRUN --mount={name}=");
            assert!(said(&text, name).lines().count() > 2, "{name} has hardly a section");
        }
    }
    for kind in mounts::TYPES {
        assert!(said(&format!("FROM a\nRUN --mount=type={kind} x"), kind).contains(&format!("type={kind}")));
    }
    for sharing in mounts::SHARING {
        said(&format!("FROM a\nRUN --mount=type=cache,sharing={sharing},target=/x x"), sharing);
    }
}

#[test]
fn every_argument_that_buildkit_sets_has_a_section() {
    let offset = "FROM a:$".len();
    let completions = assist::complete("FROM a:$", offset).expect("variables are offered");
    assert_eq!(completions.items.len(), 11);
    for item in completions.items {
        let markdown = said(&format!("FROM a:${}", item.label), &item.label);
        assert!(markdown.lines().count() > 2, "{} has no section", item.label);
    }
}

#[test]
fn an_instruction_is_explained() {
    check(
        "FROM a\nMAIN|TAINER me\n",
        expect![[r#"
        "MAINTAINER"
        **MAINTAINER** · Names the author (deprecated: use a label)

        `MAINTAINER name`

        Writes the author's name into the image. It makes no layer.

        It is deprecated: `LABEL org.opencontainers.image.authors="name"` says the same, and can be read by everyone.
    "#]],
    );
}

#[test]
fn the_instruction_behind_onbuild_is_explained() {
    assert!(said("FROM a\nONBUILD COPY a b\n", "COPY").starts_with("**COPY**"));
}

#[test]
fn the_words_of_an_instruction_are_explained() {
    check(
        "FROM a A|S b\n",
        expect![[r#"
        "AS"
        **AS**

        Gives the stage a name, which `COPY --from`, mounts, later FROM lines and `--target` can use.
        Names are kept in lower case. A stage without one can only be called by its number, and only in `COPY --from`.
    "#]],
    );
    check(
        "FROM a\nHEALTHCHECK N|ONE\n",
        expect![[r#"
        "NONE"
        **NONE**

        Turns off the check that came with the base image.
    "#]],
    );
}

#[test]
fn a_flag_is_explained_at_its_name_and_its_value() {
    check(
        "FROM a\nRUN --net|work=none b\n",
        expect![[r#"
        "--network"
        **RUN --network** · The network the command sees

        Which network the command sees: `default`, `none` for none at all, or `host` for that of the machine, which the builder has to allow. Since Dockerfile 1.3.
    "#]],
    );
    check(
        "FROM a\nRUN --network=no|ne b\n",
        expect![[r#"
        "none"
        **RUN --network** · The network the command sees

        Which network the command sees: `default`, `none` for none at all, or `host` for that of the machine, which the builder has to allow. Since Dockerfile 1.3.
    "#]],
    );
    check(
        "FROM a\nRUN --unkno|wn=none b\n",
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn a_stage_is_told_with_its_base_and_its_users() {
    check(
        "FROM golang:1.22 AS build\nRUN a\nFROM alpine\nCOPY --from=bu|ild /a /b\nRUN --mount=from=build,target=/x c\n",
        expect![[r#"
            "build"
            **Stage build** · lines 1 to 2

            Starts from image golang:1.22.

            - stage-1 copies /a from stage build (line 4).
            - stage-1 sees the files of stage build while the command runs (line 5).

            A build without `--target` needs it.
        "#]],
    );
    check(
        "# old the way it was\nFROM a AS o|ld\nFROM b\n",
        expect![[r#"
        "old"
        **Stage old** · line 2

        the way it was

        Starts from image a.

        A build without `--target` does not need it.
    "#]],
    );
    check(
        "FROM a\nFROM b\nCOPY --from=|0 c d\n",
        expect![[r#"
            "0"
            **Stage stage-0** · line 1

            Starts from image a.

            - stage-1 copies /c from stage stage-0 (line 3).

            A build without `--target` needs it.
        "#]],
    );
}

#[test]
fn a_reference_in_an_unfinished_line_is_told() {
    assert!(
        said("FROM a AS build\nFROM b\nCOPY --from=build", "build\nFROM".trim_end_matches("\nFROM"))
            .contains("Stage build")
    );
}

#[test]
fn an_image_is_told_as_far_as_it_is_known() {
    check(
        "FROM no|de:22-alpine\n",
        expect![[r#"
        "node:22-alpine"
        **Image** node:22-alpine

        Alpine, musl, shell `/bin/sh`, packages with `apk`, 100 to 200 MB unpacked. From memory, as of 2025-06.
    "#]],
    );
    check(
        "FROM example.com/a|:1\n",
        expect![[r#"
        "example.com/a:1"
        **Image** example.com/a:1
    "#]],
    );
    check(
        "FROM sc|ratch\n",
        expect![[r#"
        "scratch"
        **scratch**

        Nothing at all: no files, no shell, no system. It is no image, and cannot be pulled.
    "#]],
    );
}

#[test]
fn a_variable_is_told_with_its_value() {
    check(
        "FROM scratch\nARG A=1\nENV B=$A\nUSER $|B\n",
        expect![[r#"
        "B"
        **$B** is `1` here · ENV, line 3
    "#]],
    );
    check(
        "FROM scratch\nARG A\nUSER ${|A}\n",
        expect![[r#"
        "A"
        **$A** is declared and not set · ARG, line 2
    "#]],
    );
    check(
        "FROM $TARGET|ARCH\n",
        expect![[r#"
        "TARGETARCH"
        **$TARGETARCH** is `amd64` here · set by BuildKit

        The architecture that the build is for, such as `arm64`; compilers take it to build for another one.
    "#]],
    );
    check(
        "FROM node:20\nUSER $NODE_VER|SION\n",
        expect![[r#"
        "NODE_VERSION"
        **$NODE_VERSION** is not set here by the file; image node:20 may set it.
    "#]],
    );
}

#[test]
fn a_variable_that_is_not_set_is_told_with_the_reason() {
    check(
        "FROM scratch\nUSER $|A\n",
        expect![[r#"
        "A"
        **$A** is not set here, so it is empty.
    "#]],
    );
    check(
        "FROM alpine\nUSER $|A\n",
        expect![[r#"
        "A"
        **$A** is not set here by the file; image alpine may set it.
    "#]],
    );
    check(
        "ARG A=1\nFROM scratch\nUSER $|A\n",
        expect![[r#"
        "A"
        **$A** is not set here.

        An ARG above the first FROM reaches FROM lines alone; `ARG A` brings it into a stage.
    "#]],
    );
    check(
        "FROM scratch\nRUN echo $TARGET|OS\n",
        expect![[r#"
        "TARGETOS"
        **$TARGETOS** is not set here.

        BuildKit sets it, but a stage sees it only behind `ARG TARGETOS`.
    "#]],
    );
    check(
        "FROM scratch\nARG A=1\nFROM b:$|A\n",
        expect![[r#"
        "A"
        **$A** is not set here.

        FROM lines see the ARGs above the first FROM, and nothing of the stages.
    "#]],
    );
    check(
        "FROM scratch\nARG A=1\nCMD echo $|A\n",
        expect![[r#"
        "A"
        **$A** is not set here.

        A container knows what ENV sets. ARGs are gone by then.
    "#]],
    );
}

#[test]
fn a_variable_of_the_shell_alone_is_left_to_it() {
    check(
        "FROM scratch\nRUN for it in *; do echo $|it; done\n",
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn a_declaration_is_told_with_what_it_comes_to() {
    check(
        "FROM scratch\nARG A|=1\n",
        expect![[r#"
        "A"
        **A** is `1` from here on.

        `--build-arg` can set it. It lasts until the stage ends, and stages FROM it see it too; the image does not keep it.
    "#]],
    );
    check(
        "ARG A|=1\nFROM scratch\n",
        expect![[r#"
        "A"
        **A** is `1` from here on.

        FROM lines see it; a stage does so only behind an `ARG` of its own.
    "#]],
    );
    check(
        "FROM scratch\nARG A=1\nENV |B=${A}2\n",
        expect![[r#"
        "B"
        **B** is `12` from here on.

        The image keeps it, and so do stages and images FROM it.
    "#]],
    );
    check(
        "FROM scratch\nARG TARGET|ARCH\n",
        expect![[r#"
        "TARGETARCH"
        **TARGETARCH** is `amd64` from here on.

        `--build-arg` can set it. It lasts until the stage ends, and stages FROM it see it too; the image does not keep it.

        The architecture that the build is for, such as `arm64`; compilers take it to build for another one.
    "#]],
    );
}

#[test]
fn directives_are_explained() {
    check(
        "# es|cape=`\nFROM a\n",
        expect![[r#"
        "escape"
        **# escape=**

        The character that continues a line at its end and takes the meaning off what follows it: `\`, or `` ` `` for paths of Windows.
        Variables in heredocs keep `\`.
    "#]],
    );
    check(
        "# syntax=docker/docker|file:1\nFROM a\n",
        expect![[r#"
        "docker/dockerfile:1"
        **# syntax=**

        Names the frontend that reads this file, an image such as `docker/dockerfile:1`. BuildKit downloads it, so that new features do not need a new builder.
        Without it the frontend is the one built into BuildKit.
    "#]],
    );
    check(
        "# check=er|ror=true\nFROM a\n",
        expect![[r#"
        "error=true"
        **error**

        With `true` a finding is an error, and the build fails.
    "#]],
    );
    check(
        "# a com|ment\nFROM a\n",
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn rules_are_explained_where_they_are_named() {
    check(
        "# check=skip=JSONArgs|Recommended,StageNameCasing\nFROM a\n",
        expect![[r#"
        "JSONArgsRecommended"
        **JSONArgsRecommended** · a build check of BuildKit

        JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals.
    "#]],
    );
    check(
        "FROM a\n# check=skip=|StageNameCasing\nRUN b\n",
        expect![[r#"
        "StageNameCasing"
        **StageNameCasing** · a build check of BuildKit

        Stage names should be lowercase.
    "#]],
    );
    check(
        "# check=skip=No|SuchRule\nFROM a\n",
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn nothing_is_said_of_plain_text() {
    check(
        "FROM a\nRUN make |it\n",
        expect![[r#"
        nothing
    "#]],
    );
    check(
        "FROM a\nRUN <<EOF\nCO|PY\nEOF\n",
        expect![[r#"
        nothing
    "#]],
    );
    check(
        "FROM a\n|\n",
        expect![[r#"
        nothing
    "#]],
    );
}
