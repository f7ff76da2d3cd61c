//! Completion: what is offered at the cursor.

use std::fmt::Write;

use dockerfile::assist::{self, CompletionKind, Document};
use dockerfile::stages::BuildOptions;
use expect_test::{Expect, expect};

use super::{chosen, cursor};

/// What is offered: what is replaced, then a line for each item, the first `MAX` of them.
fn check(text: &str, expected: Expect) {
    let (text, offset) = cursor(text);
    let Some(completions) = assist::complete(&text, offset) else {
        return expected.assert_eq("nothing");
    };
    let mut out = format!("{:?}\n", completions.range.of(&text));
    for item in completions.items.iter().take(MAX) {
        write!(out, "{}", item.label).unwrap();
        if item.insert != item.label {
            write!(out, " → {:?}", item.insert).unwrap();
        }
        if !item.detail.is_empty() {
            write!(out, " ({})", item.detail).unwrap();
        }
        out += "\n";
    }
    if let Some(more) = completions.items.len().checked_sub(MAX).filter(|more| *more > 0) {
        writeln!(out, "{more} more").unwrap();
    }
    expected.assert_eq(&out);
}

const MAX: usize = 12;

/// The labels of all that is offered.
fn labels(text: &str) -> Vec<String> {
    let (text, offset) = cursor(text);
    let found = assist::complete(&text, offset);
    found.map_or_else(Vec::new, |it| it.items.iter().map(|item| item.label.to_string()).collect())
}

/// What the text becomes if the item of that label is chosen.
fn choose(text: &str, label: &str, expected: &str) {
    let (text, offset) = cursor(text);
    let completions = assist::complete(&text, offset).expect("something is offered");
    let item = completions.items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("{label} is not offered"));
    assert_eq!(chosen(&text, &completions, item), expected);
}

fn nothing(text: &str) {
    assert_eq!(labels(text), Vec::<String>::new(), "{text}");
}

#[test]
fn an_empty_file_begins_with_arg_or_from() {
    check(
        "|",
        expect![[r#"
        ""
        ARG → "ARG " (Declares a build argument)
        FROM → "FROM " (Starts a stage from a base image)
    "#]],
    );
}

#[test]
fn above_the_first_from_nothing_else_is_offered() {
    assert_eq!(labels("ARG A=1\n|\nFROM a\n"), ["ARG", "FROM"]);
}

#[test]
fn a_stage_takes_every_instruction() {
    check(
        "FROM alpine\n|\n",
        expect![[r#"
        ""
        ADD → "ADD " (Adds local or remote files and directories)
        ARG → "ARG " (Declares a build argument)
        CMD → "CMD " (Sets the default command of a container)
        COPY → "COPY " (Copies files and directories)
        ENTRYPOINT → "ENTRYPOINT " (Sets the program a container runs)
        ENV → "ENV " (Sets environment variables)
        EXPOSE → "EXPOSE " (Says which ports the program listens on)
        FROM → "FROM " (Starts a stage from a base image)
        HEALTHCHECK → "HEALTHCHECK " (Says how to test that a container works)
        LABEL → "LABEL " (Adds labels to the image)
        ONBUILD → "ONBUILD " (Adds an instruction to builds that are based on this one)
        RUN → "RUN " (Runs a command while building)
        6 more
    "#]],
    );
}

#[test]
fn an_instruction_is_replaced_as_a_whole() {
    choose("FROM a\nWO|RK\n", "WORKDIR", "FROM a\nWORKDIR \n");
    choose("FROM a\nWO|RK /a\n", "WORKDIR", "FROM a\nWORKDIR /a\n");
}

#[test]
fn instructions_are_offered_in_the_case_of_the_file() {
    choose("from a\nrun b\nc|\n", "copy", "from a\nrun b\ncopy \n");
    choose("FROM a\nRUN b\nc|\n", "COPY", "FROM a\nRUN b\nCOPY \n");
    choose("fr|", "from", "from ");
}

#[test]
fn a_piece_without_from_takes_every_instruction() {
    choose("RUN a\nCO|\n", "COPY", "RUN a\nCOPY \n");
}

#[test]
fn onbuild_takes_what_may_stand_behind_it() {
    let offered = labels("FROM a\nONBUILD |\n");
    assert!(offered.contains(&"RUN".to_owned()));
    assert!(!offered.contains(&"ONBUILD".to_owned()) && !offered.contains(&"FROM".to_owned()));
    choose("FROM a\nONBUILD R|\n", "RUN", "FROM a\nONBUILD RUN \n");
}

#[test]
fn behind_onbuild_flags_are_those_of_the_child() {
    check(
        "FROM a\nONBUILD COPY --|",
        expect![[r#"
        "--"
        --chmod= (Permissions of the new files)
        --chown= (Owner and group of the new files)
        --exclude= (Leaves out sources that match the pattern)
        --from= (The stage, image or named context to copy from)
        --link → "--link " (Makes a layer that does not depend on the layers below)
        --parents → "--parents " (Keeps the parent directories of the sources)
    "#]],
    );
}

#[test]
fn healthcheck_takes_a_type() {
    check(
        "FROM a\nHEALTHCHECK |\n",
        expect![[r#"
        ""
        CMD (a command that tests the container)
        NONE (no check, not even the base's)
        --interval= (Time between two checks)
        --retries= (Failures in a row that make a container unhealthy)
        --start-interval= (Time between two checks while it starts)
        --start-period= (Time to start in which failures do not count)
        --timeout= (Time after which a check has failed)
    "#]],
    );
    check(
        "FROM a\nHEALTHCHECK --interval=3s C|\n",
        expect![[r#"
        "C"
        CMD (a command that tests the container)
        NONE (no check, not even the base's)
    "#]],
    );
}

#[test]
fn no_instruction_is_offered_in_the_arguments_of_another() {
    nothing("FROM a\nRUN CO|\n");
    nothing("FROM a\nRUN a \\\n  C|\n");
    nothing("FROM a\nHEALTHCHECK CMD c|\n");
}

#[test]
fn what_stands_behind_an_open_continuation_is_no_new_line() {
    nothing("FROM a\nRUN b \\\n|");
    nothing("FROM a\nRUN b \\\n\n|");
    nothing("FROM a\nRUN b \\\r\n|");
}

#[test]
fn nothing_is_offered_behind_the_escape_or_in_a_comment() {
    nothing("FROM a\nRUN b \\|\n c\n");
    nothing("FROM a\nCOPY \\\n # C|\n a b\n");
    nothing("FROM a\n# see CO|\nRUN b\n");
}

#[test]
fn copy_takes_flags() {
    check(
        "FROM a\nCOPY --|\n",
        expect![[r#"
        "--"
        --chmod= (Permissions of the new files)
        --chown= (Owner and group of the new files)
        --exclude= (Leaves out sources that match the pattern)
        --from= (The stage, image or named context to copy from)
        --link → "--link " (Makes a layer that does not depend on the layers below)
        --parents → "--parents " (Keeps the parent directories of the sources)
    "#]],
    );
    check(
        "FROM a\nCOPY |\n",
        expect![[r#"
        ""
        --chmod= (Permissions of the new files)
        --chown= (Owner and group of the new files)
        --exclude= (Leaves out sources that match the pattern)
        --from= (The stage, image or named context to copy from)
        --link → "--link " (Makes a layer that does not depend on the layers below)
        --parents → "--parents " (Keeps the parent directories of the sources)
    "#]],
    );
    check(
        "FROM a\nCOPY -|\n",
        expect![[r#"
        "-"
        --chmod= (Permissions of the new files)
        --chown= (Owner and group of the new files)
        --exclude= (Leaves out sources that match the pattern)
        --from= (The stage, image or named context to copy from)
        --link → "--link " (Makes a layer that does not depend on the layers below)
        --parents → "--parents " (Keeps the parent directories of the sources)
    "#]],
    );
}

#[test]
fn a_flag_is_offered_once() {
    let offered = labels("FROM a\nCOPY --from=x --exclude=b --| a b\n");
    assert_eq!(offered, ["--chmod=", "--chown=", "--exclude=", "--link", "--parents"]);
}

#[test]
fn a_flag_can_be_put_between_others() {
    choose(
        "FROM a\nCOPY --link | --chmod=1 a b\n",
        "--chown=",
        "FROM a\nCOPY --link --chown= --chmod=1 a b\n",
    );
}

#[test]
fn the_value_of_a_flag_stays_when_its_name_is_changed() {
    choose("FROM a\nCOPY --ch|=1 a b\n", "--chown=", "FROM a\nCOPY --chown=1 a b\n");
}

#[test]
fn flags_are_offered_in_a_continuation() {
    choose(
        "FROM a\nRUN --mount=target=/x \\\n    --n|\n",
        "--network=",
        "FROM a\nRUN --mount=target=/x \\\n    --network=\n",
    );
    choose("FROM a\nRUN \\\n    |\n", "--network=", "FROM a\nRUN \\\n    --network=\n");
}

#[test]
fn flags_do_not_follow_arguments() {
    nothing("FROM a\nCOPY a --|\n");
    nothing("FROM a\nWORKDIR --|\n");
    nothing("FROM a\nRUN ls --|\n");
}

#[test]
fn add_takes_other_flags_than_copy() {
    let offered = labels("FROM a\nADD --|\n");
    assert!(offered.contains(&"--checksum=".to_owned()) && !offered.contains(&"--from=".to_owned()));
}

#[test]
fn values_that_are_a_closed_set_are_offered() {
    check(
        "FROM a\nRUN --network=| b\n",
        expect![[r#"
        ""
        default
        host
        none
    "#]],
    );
    check(
        "FROM a\nRUN --security=in| b\n",
        expect![[r#"
        "in"
        insecure
        sandbox
    "#]],
    );
    check(
        "FROM a\nCOPY --link=| b c\n",
        expect![[r#"
        ""
        true
        false
    "#]],
    );
    check(
        "FROM a\nCOPY --chmod=| b c\n",
        expect![[r#"
        ""
        755
        644
        u=rwX,go=rX
        +x
    "#]],
    );
    nothing("FROM a\nCOPY --chown=| b c\n");
}

#[test]
fn a_platform_is_that_of_the_build_or_one_of_the_usual() {
    check(
        "FROM --platform=| alpine\n",
        expect![[r#"
        ""
        $BUILDPLATFORM (= linux/amd64 · set by BuildKit)
        $TARGETPLATFORM (= linux/amd64 · set by BuildKit)
        linux/amd64
        linux/arm64
        linux/arm/v7
        windows/amd64
    "#]],
    );
    choose("FROM --platform=$BUILD| alpine\n", "BUILDPLATFORM", "FROM --platform=$BUILDPLATFORM alpine\n");
}

#[test]
fn from_takes_stages_above_then_images() {
    check(
        "FROM golang:1.22 AS build\nFROM build AS test\nFROM |\nFROM a AS later\n",
        expect![[r#"
        ""
        test (from stage build)
        build (from image golang:1.22)
        scratch (nothing at all)
        alpine (Alpine, 7 to 9 MB)
        alpine:3.22 (Alpine, 7 to 9 MB)
        alpine:latest (Alpine, 7 to 9 MB)
        debian (Debian, 105 to 135 MB)
        debian:bookworm-slim (Debian 12 (bookworm), 70 to 90 MB)
        debian:trixie-slim (Debian 13 (trixie), 70 to 90 MB)
        debian:bookworm (Debian 12 (bookworm), 105 to 135 MB)
        debian:trixie (Debian 13 (trixie), 105 to 135 MB)
        ubuntu (Ubuntu, 70 to 90 MB)
        102 more
    "#]],
    );
}

#[test]
fn from_takes_images_with_tags() {
    let offered = labels("FROM node:|");
    assert!(offered.contains(&"node:22-alpine".to_owned()));
    choose("FROM node:|", "node:22-alpine", "FROM node:22-alpine");
    choose("FROM no|:20 AS x", "node", "FROM node AS x");
}

#[test]
fn a_from_without_stages_above_offers_its_flag_too() {
    assert!(labels("FROM |").contains(&"--platform=".to_owned()));
    assert!(!labels("FROM a|").contains(&"--platform=".to_owned()));
}

#[test]
fn as_follows_the_base_in_the_case_of_its_from() {
    check(
        "FROM alpine |\n",
        expect![[r#"
        ""
        AS (gives the stage a name)
    "#]],
    );
    check(
        "from alpine a|\n",
        expect![[r#"
        "a"
        as (gives the stage a name)
    "#]],
    );
    nothing("FROM alpine AS |\n");
    nothing("FROM alpine AS bu|\n");
}

#[test]
fn copy_takes_from_stages_above_with_their_base() {
    check(
        "FROM golang:1.22 AS build\nFROM build AS test\nFROM alpine AS run\nCOPY --from=| a b\nFROM x AS later\n",
        expect![[r#"
            ""
            test (from stage build)
            build (from image golang:1.22)
        "#]],
    );
    check(
        "FROM a AS b\nFROM c\nCOPY --from=|",
        expect![[r#"
        ""
        b (from image a)
    "#]],
    );
    nothing("FROM a AS b\nCOPY --from=|");
}

#[test]
fn a_name_that_a_later_stage_takes_over_is_not_offered() {
    nothing("FROM a AS b\nFROM c AS d\nCOPY --from=| x y\nFROM e AS b\n");
    // FROM sees what stands above it.
    assert_eq!(labels("FROM a AS b\nFROM b|\nFROM e AS b\n")[0], "b");
}

#[test]
fn a_stage_that_would_close_a_circle_is_not_offered() {
    nothing("FROM a AS b\nCOPY --from=c /x /y\nFROM a AS c\nCOPY --from=| x y\n");
}

#[test]
fn unnamed_stages_and_broken_names_are_not_offered() {
    nothing("FROM a\nFROM b AS 1x\nFROM c AS $y\nFROM d\nCOPY --from=| x y\n");
}

#[test]
fn a_mount_takes_from_stages_above() {
    check(
        "FROM a AS b\nFROM c\nRUN --mount=type=bind,from=|,target=/x d\n",
        expect![[r#"
        ""
        b (from image a)
    "#]],
    );
}

#[test]
fn names_of_stages_work_in_the_middle_of_a_word() {
    choose(
        "FROM a AS build\nFROM c\nCOPY --from=bu|xx /a /b\n",
        "build",
        "FROM a AS build\nFROM c\nCOPY --from=build /a /b\n",
    );
}

#[test]
fn a_mount_takes_its_types() {
    check(
        "FROM a\nRUN --mount=type=| b\n",
        expect![[r#"
        ""
        bind
        cache
        secret
        ssh
        tmpfs
    "#]],
    );
    choose("FROM a\nRUN --m|", "--mount=", "FROM a\nRUN --mount=type=");
}

#[test]
fn the_keys_of_a_mount_are_those_of_its_type() {
    check(
        "FROM a\nRUN --mount=| b\n",
        expect![[r#"
            ""
            type= (Kind of mount)
            target= (Where it is mounted)
            source= (Path in the source)
            from= (The stage, image or named context to mount from)
            rw (The command can write)
        "#]],
    );
    check(
        "FROM a\nRUN --mount=type=bind,| b\n",
        expect![[r#"
            ""
            target= (Where it is mounted)
            source= (Path in the source)
            from= (The stage, image or named context to mount from)
            rw (The command can write)
        "#]],
    );
    check(
        "FROM a\nRUN --mount=type=cache,| b\n",
        expect![[r#"
            ""
            target= (Where it is mounted)
            source= (Path in the source)
            from= (The stage, image or named context to mount from)
            id= (Name of the cache, secret or SSH agent)
            sharing= (How builds share a cache)
            ro (The command cannot write)
            mode= (Permissions of the mount)
            uid= (User that owns the mount)
            gid= (Group that owns the mount)
        "#]],
    );
    check(
        "FROM a\nRUN --mount=type=secret,| b\n",
        expect![[r#"
        ""
        target= (Where it is mounted)
        id= (Name of the cache, secret or SSH agent)
        required (Without it the build fails)
        env= (Environment variable that holds the secret)
        mode= (Permissions of the mount)
        uid= (User that owns the mount)
        gid= (Group that owns the mount)
    "#]],
    );
    check(
        "FROM a\nRUN --mount=type=ssh,| b\n",
        expect![[r#"
        ""
        target= (Where it is mounted)
        id= (Name of the cache, secret or SSH agent)
        required (Without it the build fails)
        mode= (Permissions of the mount)
        uid= (User that owns the mount)
        gid= (Group that owns the mount)
    "#]],
    );
    check(
        "FROM a\nRUN --mount=type=tmpfs,| b\n",
        expect![[r#"
        ""
        target= (Where it is mounted)
        size= (Most bytes it may hold)
    "#]],
    );
}

#[test]
fn a_key_is_offered_once_by_whatever_name() {
    let offered = labels("FROM a\nRUN --mount=type=cache,dst=/x,readonly,| b\n");
    assert_eq!(offered, ["source=", "from=", "id=", "sharing=", "mode=", "uid=", "gid="]);
    assert!(!labels("FROM a\nRUN --mount=required|,type=secret b\n").contains(&"required".to_owned()));
}

#[test]
fn values_of_keys_are_offered() {
    check(
        "FROM a\nRUN --mount=type=cache,target=/x,sharing=| b\n",
        expect![[r#"
        ""
        shared
        private
        locked
    "#]],
    );
    nothing("FROM a\nRUN --mount=type=cache,target=| b\n");
    check(
        "FROM a\nRUN --mount=rw=t| b\n",
        expect![[r#"
        "t"
        true
        false
    "#]],
    );
}

#[test]
fn keys_of_a_mount_go_on_over_lines() {
    choose(
        "FROM a\nRUN --mount=type=cache,\\\nsh|,target=/x b\n",
        "sharing=",
        "FROM a\nRUN --mount=type=cache,\\\nsharing=,target=/x b\n",
    );
}

#[test]
fn variables_in_force_are_offered_with_value_and_origin() {
    check(
        "ARG G=1\nFROM a\nARG A=x\nENV B=y\nARG C\nWORKDIR /$|\nENV LATER=1\n",
        expect![[r#"
        ""
        B (= y · ENV, line 4)
        A (= x · ARG, line 3)
        C (not set · ARG, line 5)
    "#]],
    );
}

#[test]
fn a_stage_sees_the_variables_of_the_stage_it_is_from() {
    check(
        "FROM scratch AS one\nENV A=1\nFROM one\nENV A=2 B=$A\nUSER $|\n",
        expect![[r#"
            ""
            A (= 2 · ENV, line 4)
            B (= 1 · ENV, line 4)
            PATH (= /usr/local/sbin:/usr/local/bin:/usr/sbin… · set by BuildKit)
        "#]],
    );
}

#[test]
fn a_from_sees_global_arguments_alone() {
    check(
        "ARG V=1\nARG W=${V}2\nFROM a:$|\nARG X=1\n",
        expect![[r#"
        ""
        W (= 12 · ARG, line 2)
        V (= 1 · ARG, line 1)
        BUILDARCH (= amd64 · set by BuildKit)
        BUILDOS (= linux · set by BuildKit)
        BUILDOSVERSION (empty · set by BuildKit)
        BUILDPLATFORM (= linux/amd64 · set by BuildKit)
        BUILDVARIANT (empty · set by BuildKit)
        TARGETARCH (= amd64 · set by BuildKit)
        TARGETOS (= linux · set by BuildKit)
        TARGETOSVERSION (empty · set by BuildKit)
        TARGETPLATFORM (= linux/amd64 · set by BuildKit)
        TARGETSTAGE (= default · set by BuildKit)
        1 more
    "#]],
    );
    let offered = labels("FROM a\nENV E=1\nFROM b:${|\n");
    assert!(!offered.contains(&"E".to_owned()) && offered.contains(&"TARGETARCH".to_owned()));
}

#[test]
fn an_argument_sees_those_before_it() {
    assert_eq!(labels("FROM scratch\nARG A=1 B=$|\n")[0], "A");
    assert!(!labels("FROM scratch\nENV A=1 B=$|\n").contains(&"A".to_owned()));
    assert_eq!(labels("ARG A=1 B=$|\nFROM a\n")[0], "A");
}

#[test]
fn a_brace_is_closed() {
    choose("FROM scratch\nARG A\nUSER ${|\n", "A", "FROM scratch\nARG A\nUSER ${A}\n");
    choose("FROM scratch\nARG A\nUSER ${|}\n", "A", "FROM scratch\nARG A\nUSER ${A}\n");
    choose("FROM scratch\nARG A\nUSER ${x|:-y}\n", "A", "FROM scratch\nARG A\nUSER ${A:-y}\n");
    choose("FROM scratch\nARG A\nUSER ${B:-$|}\n", "A", "FROM scratch\nARG A\nUSER ${B:-$A}\n");
}

#[test]
fn variables_are_offered_where_they_are_put_in() {
    for text in [
        "FROM scratch\nARG A\nCOPY $| b",
        "FROM scratch\nARG A\nCOPY [\"$|\", \"b\"]",
        "FROM scratch\nARG A\nCOPY --chown=$| a b",
        "FROM scratch\nARG A\nADD --checksum=$| a b",
        "FROM scratch\nARG A\nEXPOSE $|",
        "FROM scratch\nARG A\nVOLUME /$|",
        "FROM scratch\nARG A\nLABEL a=\"b $|\"",
        "FROM scratch\nARG A\nENV B $|",
        "FROM scratch\nARG A\nENV B=$",
        "FROM scratch\nARG A\nSTOPSIGNAL $|",
        "FROM scratch\nARG A\nRUN echo $|",
        "FROM scratch\nARG A\nRUN echo \"it's $|\"",
        "FROM scratch\nARG A\nRUN --mount=type=cache,target=$| x",
        "FROM scratch\nARG A\nRUN <<EOF\n# don't\necho $|\nEOF\n",
        "FROM scratch\nARG A\nRUN <<'EOF'\necho $|\nEOF\n",
        "FROM scratch\nARG A\nCOPY <<EOF /x\n'$|'\nEOF\n",
        "FROM scratch\nARG A\nRUN a \\\n  b $|\n",
        "FROM scratch\nARG A\nUSER a$\\\nA|\n",
    ] {
        let text = if text.contains('|') { text.to_owned() } else { format!("{text}|") };
        assert!(labels(&text).contains(&"A".to_owned()), "{text}");
    }
}

#[test]
fn variables_are_not_offered_where_they_are_text() {
    for text in [
        "FROM scratch\nARG A\nUSER '$|'",
        "FROM scratch\nARG A\nUSER \\$|",
        "FROM scratch\nARG A\nRUN echo '$|'",
        "FROM scratch\nARG A\nRUN [\"echo\", \"$|\"]",
        "FROM scratch\nARG A\nRUN echo $(|",
        "FROM scratch\nARG A\nRUN echo $$|",
        "FROM scratch\nARG A\nCOPY --exclude=$| a b",
        "FROM scratch\nARG A\nCOPY --from=$| a b",
        "FROM scratch\nARG A\nRUN --mount=from=$|,target=/x a",
        "FROM scratch\nARG A\nRUN --network=$| a",
        "FROM scratch\nARG A\nSHELL [\"$|\"]",
        "FROM scratch\nARG A\nMAINTAINER $|",
        "FROM scratch\nARG A\nCOPY <<'EOF' /x\n$|\nEOF\n",
        "FROM scratch\nARG A\nFROM scratch AS $|",
        "FROM scratch\nARG A\n# $|\n",
    ] {
        assert!(!labels(text).contains(&"A".to_owned()), "{text}");
    }
}

#[test]
fn a_container_knows_no_arguments() {
    check(
        "FROM scratch\nARG A=1\nENV E=2\nCMD echo $|\n",
        expect![[r#"
            ""
            E (= 2 · ENV, line 3)
            PATH (= /usr/local/sbin:/usr/local/bin:/usr/sbin… · set by BuildKit)
        "#]],
    );
}

#[test]
fn an_argument_without_value_brings_one_in() {
    check(
        "ARG V=1\nARG W\nFROM a\nARG V\nARG |\n",
        expect![[r#"
        ""
        W (not set · ARG, line 2)
        BUILDARCH (set by BuildKit)
        BUILDOS (set by BuildKit)
        BUILDOSVERSION (set by BuildKit)
        BUILDPLATFORM (set by BuildKit)
        BUILDVARIANT (set by BuildKit)
        TARGETARCH (set by BuildKit)
        TARGETOS (set by BuildKit)
        TARGETOSVERSION (set by BuildKit)
        TARGETPLATFORM (set by BuildKit)
        TARGETSTAGE (set by BuildKit)
        TARGETVARIANT (set by BuildKit)
    "#]],
    );
    choose("ARG VERSION=1\nFROM a\nARG VE|\n", "VERSION", "ARG VERSION=1\nFROM a\nARG VERSION\n");
    nothing("FROM a\nARG A=|\n");
    nothing("ARG |\nFROM a\n");
}

#[test]
fn signals_are_offered_those_that_programs_know_first() {
    check(
        "FROM a\nSTOPSIGNAL |\n",
        expect![[r#"
        ""
        SIGHUP (reads its settings anew, for many programs)
        SIGINT (as Ctrl+C)
        SIGKILL (ends at once; cannot be caught)
        SIGQUIT (ends gracefully, for nginx and php-fpm)
        SIGTERM (ends politely; the default)
        SIGUSR1 (whatever the program says)
        SIGUSR2 (whatever the program says)
        SIGWINCH (ends gracefully, for httpd)
        SIGABRT
        SIGALRM
        SIGBUS
        SIGCHLD
        24 more
    "#]],
    );
    choose("FROM a\nSTOPSIGNAL SIGQ|\n", "SIGQUIT", "FROM a\nSTOPSIGNAL SIGQUIT\n");
}

#[test]
fn directives_are_offered_at_the_top() {
    check(
        "#|",
        expect![[r#"
        ""
        syntax= (which frontend reads the file)
        escape= (the escape character)
        check= (which build checks apply)
    "#]],
    );
    check(
        "# |\nFROM a\n",
        expect![[r#"
        ""
        syntax= (which frontend reads the file)
        escape= (the escape character)
        check= (which build checks apply)
    "#]],
    );
    check(
        "# syntax=docker/dockerfile:1\n# e|\nFROM a\n",
        expect![[r#"
        "e"
        escape= (the escape character)
        check= (which build checks apply)
    "#]],
    );
    choose("# esc|=`\nFROM a\n", "escape=", "# escape=`\nFROM a\n");
    nothing("\n# |\nFROM a\n");
    nothing("# a comment\n# |\nFROM a\n");
}

#[test]
fn values_of_directives_are_offered() {
    check(
        "# syntax=|\n",
        expect![[r#"
        ""
        docker/dockerfile:1
        docker/dockerfile:1-labs
    "#]],
    );
    check(
        "# escape=|\nFROM a\n",
        expect![[r#"
        ""
        \ (as without the directive)
        ` (for paths of Windows)
    "#]],
    );
    check(
        "# check=|\nFROM a\n",
        expect![[r#"
        ""
        skip= (checks to leave out)
        error=true (a finding fails the build)
        experimental= (checks to take in that are not settled yet)
    "#]],
    );
    check(
        "# check=skip=A;|\nFROM a\n",
        expect![[r#"
        ""
        skip= (checks to leave out)
        error=true (a finding fails the build)
        experimental= (checks to take in that are not settled yet)
    "#]],
    );
}

#[test]
fn rules_are_offered_in_a_list() {
    choose(
        "# check=skip=JSONArgsRecommended,Stage|;error=true\nFROM a\n",
        "StageNameCasing",
        "# check=skip=JSONArgsRecommended,StageNameCasing;error=true\nFROM a\n",
    );
    assert_eq!(labels("# check=experimental=|\nFROM a\n"), ["all", "InvalidDefinitionDescription"]);
    // What follows a blank is not read.
    nothing("# check=skip=A, |\nFROM a\n");
}

#[test]
fn a_comment_above_an_instruction_can_skip_checks() {
    check(
        "FROM a\n# ch|\nRUN b\n",
        expect![[r#"
        "ch"
        check=skip= (for the instruction below)
    "#]],
    );
    let offered = labels("FROM a\n# check=skip=|\nCMD b\n");
    assert!(offered.contains(&"JSONArgsRecommended".to_owned()));
    assert!(!offered.contains(&"ConsistentInstructionCasing".to_owned()), "it obeys the directive alone");
    assert!(labels("FROM a\n# stagelight skip=A,|\nCMD b\n").contains(&"UndefinedVar".to_owned()));
}

#[test]
fn named_contexts_can_be_referred_to() {
    let context = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let contexts = vec![
        context("tools", "docker-image://a"),
        context("tools", "../tools"),
        context("alpine", "b"),
        context("c", "hidden by a stage"),
        context("d::linux/arm64", "for one platform"),
    ];
    let options = BuildOptions { contexts, ..BuildOptions::default() };
    let offered = |text: &str| {
        let (text, offset) = cursor(text);
        let completions = Document::read(&text, &options).complete(offset).expect("something is offered");
        let named = completions.items.into_iter().filter(|it| it.label != "c" && it.label.len() < 7);
        named.take(3).map(|it| (it.label.into_owned(), it.kind, it.detail.into_owned())).collect::<Vec<_>>()
    };
    let named = |name: &str, value: &str| {
        (name.to_owned(), CompletionKind::NamedContext, format!("named context {value}"))
    };
    let both = [named("alpine", "b"), named("tools", "../tools")];
    assert_eq!(offered("FROM a AS c\nFROM b\nCOPY --from=|\n"), both);
    assert_eq!(offered("FROM a AS c\nFROM b\nRUN --mount=type=bind,from=|\n"), both);
    assert_eq!(offered("FROM a AS c\nFROM |\n")[..2], both);
    let images = labels("FROM |\n");
    assert!(images.contains(&"alpine".to_owned()) && !images.contains(&"tools".to_owned()));
}

#[test]
fn nothing_is_offered_in_a_heredoc() {
    nothing("FROM a\nRUN <<EOF\nCO|\nEOF\n");
    nothing("FROM a\nRUN <<EOF\n|\nEOF\n");
    nothing("FROM a\nRUN <<EOF\n# |\nEOF\n");
    nothing("FROM a\nRUN <<EOF\na\nEO|F\nRUN b\n");
    nothing("FROM a\nRUN <<EOF\nwithout an end\n|");
    nothing("FROM a\nRUN <<EOF\nwithout an end\n\n|\nFROM b\n");
}

#[test]
fn the_escape_directive_counts() {
    nothing("# escape=`\nFROM a\nRUN b `\n|");
    choose("# escape=`\nFROM a\nRUN b \\\nCO|\n", "COPY", "# escape=`\nFROM a\nRUN b \\\nCOPY \n");
    assert!(labels("# escape=`\nFROM scratch\nARG A\nUSER `$|\n").is_empty());
}

#[test]
fn carriage_returns_do_no_harm() {
    choose("FROM a\r\nWO|\r\nRUN b\r\n", "WORKDIR", "FROM a\r\nWORKDIR \r\nRUN b\r\n");
    choose("FROM a AS b\r\nFROM c\r\nCOPY --from=|\r\n", "b", "FROM a AS b\r\nFROM c\r\nCOPY --from=b\r\n");
    choose("# check=skip=|\r\nFROM a\r\n", "all", "# check=skip=all\r\nFROM a\r\n");
    nothing("# escape\r|\nFROM a\r\n");
}

#[test]
fn what_is_known_of_a_thing_comes_along() {
    let (text, offset) = cursor("FROM a\nCOPY --|\n");
    let completions = assist::complete(&text, offset).expect("something is offered");
    assert!(completions.items.iter().all(|item| item.info.is_some()));
    assert!(assist::complete("", 7).is_some(), "an offset beyond the text is its end");
}
