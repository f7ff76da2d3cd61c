//! Refactorings: a Dockerfile with the cursor at `‸` in, what comes of it out.

use dockerfile::checks::File;
use dockerfile::edit::{self, Fix};
use dockerfile::queries::{self, Target};
use dockerfile::refactor::{self, Way};
use dockerfile::stages::{self, BuildOptions, StageId};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn with_file<T>(text: &str, then: impl FnOnce(&File<'_>) -> T) -> T {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::Default).ok();
    then(&File::new(text, &parse, &graph, &options, cut.as_ref()))
}

/// The result of a change, or why there is none.
fn applied(text: &str, change: impl FnOnce(&File<'_>) -> Result<Fix, String>) -> String {
    match with_file(text, change) {
        Ok(fix) => edit::apply(text, &fix.edits).expect("the edits fit"),
        Err(why) => why,
    }
}

fn rename(dockerfile: &str, name: &str, expect: Expect) {
    let offset = dockerfile.find('‸').expect("there is a cursor");
    let text = dockerfile.replace('‸', "");
    let result = applied(&text, |file| match refactor::stage_at(file, offset) {
        Some((stage, _)) => refactor::rename(file, stage, name),
        None => Err("no stage".to_owned()),
    });
    expect.assert_eq(&result);
}

fn move_stage(dockerfile: &str, stage: usize, way: Way, expect: Expect) {
    expect.assert_eq(&applied(dockerfile, |file| refactor::move_stage(file, StageId(stage), way)));
}

fn share(dockerfile: &str, first: usize, second: usize, expect: Expect) {
    let result = applied(dockerfile, |file| refactor::share_base(file, StageId(first), StageId(second)));
    expect.assert_eq(&result);
}

fn offered(dockerfile: &str, expect: Expect) {
    let offset = dockerfile.find('‸').expect("there is a cursor");
    let text = dockerfile.replace('‸', "");
    let titles = with_file(&text, |file| {
        let fixes = refactor::at(file, offset);
        fixes
            .iter()
            .for_each(|fix| assert!(edit::apply(&text, &fix.edits).is_some(), "{fix:?} does not fit"));
        fixes.into_iter().map(|fix| fix.title + "\n").collect::<String>()
    });
    expect.assert_eq(&titles);
}

#[test]
fn a_name_changes_wherever_it_stands() {
    rename(
        "# build compiles\nFROM a AS Bu‸ild\nONBUILD COPY --from=build x y\nFROM build AS c\nFROM b\nCOPY --from=BUILD x y\nRUN --mount=type=bind,from=build,target=/x z\nCOPY --from=0 x y\n",
        "tools",
        expect![[r#"
            # tools compiles
            FROM a AS tools
            ONBUILD COPY --from=tools x y
            FROM tools AS c
            FROM b
            COPY --from=tools x y
            RUN --mount=type=bind,from=tools,target=/x z
            COPY --from=0 x y
        "#]],
    );
    // From where it is used, too; of two with one name the one that is meant.
    rename(
        "FROM a AS b\nFROM b AS b\nFROM c\nCOPY --from=b‸ x y\n",
        "d",
        expect![[r#"
            FROM a AS b
            FROM b AS d
            FROM c
            COPY --from=d x y
        "#]],
    );
}

#[test]
fn a_name_that_cannot_be_is_refused() {
    let text = "FROM golang AS b‸\nFROM c AS d\nCOPY --from=busybox x y\nCOPY --from=b x y\n";
    rename(
        text,
        "1x",
        expect![
            "'1x' is no name for a stage: it starts with a letter; letters, digits, - _ and . may follow"
        ],
    );
    rename(text, "B", expect!["The stage is called 'b' already"]);
    rename(text, "d", expect!["Another stage is called 'd'"]);
    rename(text, "scratch", expect!["'scratch' has a meaning of its own"]);
    rename(
        text,
        "busybox",
        expect!["'busybox' means something else in this file, which the stage would hide"],
    );
    rename(
        "ARG base=b\nFROM a AS b‸\nFROM $base\n",
        "c",
        expect!["Line 3 refers to it in a way that cannot be rewritten"],
    );
    rename("FROM a AS b‸\nFROM c-$TARGETSTAGE\n", "d", expect!["A FROM puts the name of the target in"]);
    rename(
        "ARG SOURCE_DATE_EPOCH=b\nFROM scratch AS b‸\nADD https://a.b/c d\nFROM e\n",
        "d",
        expect!["SOURCE_DATE_EPOCH names it"],
    );
}

#[test]
fn a_stage_moves_with_its_comments_and_numbers_follow() {
    move_stage(
        "FROM a AS b\nRUN x\n\n# The other one\nFROM c AS d\nRUN y\n\nFROM e\nCOPY --from=0 /x /\nCOPY --from=1 /y /\nCOPY --from=b /z /\n",
        0,
        Way::Down,
        expect![[r#"
            # The other one
            FROM c AS d
            RUN y

            FROM a AS b
            RUN x

            FROM e
            COPY --from=1 /x /
            COPY --from=0 /y /
            COPY --from=b /z /
        "#]],
    );
    // The last line has no end.
    move_stage("FROM a AS b\nFROM c AS d\nRUN y", 1, Way::Up, expect!["FROM c AS d\nRUN y\nFROM a AS b"]);
}

#[test]
fn a_stage_stays_where_moving_it_would_change_what_is_meant() {
    move_stage(
        "FROM a AS b\nFROM c\nCOPY --from=b x y\n",
        1,
        Way::Up,
        expect!["'stage-1' takes from 'b', which has to stand above it"],
    );
    move_stage(
        "FROM a AS b\nFROM c AS b\nFROM b\n",
        0,
        Way::Down,
        expect!["Both are called 'b', and the later one is meant"],
    );
    move_stage(
        "FROM d AS b\nFROM c AS d\nFROM e\n",
        1,
        Way::Up,
        expect!["Something would refer to another stage or image then"],
    );
    move_stage("FROM a\n", 0, Way::Up, expect!["It is the first stage"]);
    move_stage("FROM a\n", 0, Way::Down, expect!["It is the last stage"]);
}

#[test]
fn what_two_stages_begin_with_becomes_a_stage() {
    share(
        "ARG V=1\n# a builds\nFROM --platform=$BUILDPLATFORM node:$V AS a\n# What is needed\nRUN apk add git\nWORKDIR /src\nRUN x\n\nFROM --platform=$BUILDPLATFORM node:$V AS b\n# What is needed\nRUN apk add git\nWORKDIR /src\nRUN y\n\nFROM c\nCOPY --from=0 /x /\nCOPY --from=b /y /\n",
        0,
        1,
        expect![[r#"
            ARG V=1
            FROM --platform=$BUILDPLATFORM node:$V AS base
            # What is needed
            RUN apk add git
            WORKDIR /src

            # a builds
            FROM base AS a
            RUN x

            FROM base AS b
            RUN y

            FROM c
            COPY --from=1 /x /
            COPY --from=b /y /
        "#]],
    );
    share(
        "FROM a AS b\nCMD x\nFROM a AS c\nCMD x\n",
        0,
        1,
        expect!["They do not begin with the same instructions on the same base"],
    );
}

#[test]
fn what_can_be_done_is_offered_where_the_cursor_is() {
    offered(
        "FROM go‸lang\nRUN a\nRUN b\nFROM golang AS x\nRUN a\nFROM scratch\nCOPY --from=0 c d\n",
        expect![[r#"
            Name the stage 'build'
            Move 'stage-0' down
            Share the first step of 'stage-0' and 'x'
        "#]],
    );
    offered(
        "FROM a AS b\nARG TO‸KEN\nRUN echo $TOKEN\nFROM c\nCOPY --from=0 d e\n",
        expect![[r#"
            Refer to the stage by its name
            Mount the secret 'TOKEN' where it is used
        "#]],
    );
}

#[test]
fn a_dockerignore_to_begin_with_leaves_in_what_is_copied() {
    let text = "FROM golang AS a\nCOPY .git .git\nRUN go build\nFROM alpine\nRUN cd /x && npm ci\nCOPY dist/ /dist\n";
    let ignore = with_file(text, refactor::starter_ignore);
    expect![[r#"
        # The repository, and what is about it
        .github
        .gitignore
        *.md

        # What builds the image
        Dockerfile*
        *.dockerfile
        .dockerignore
        compose*.y*ml
        docker-compose*.y*ml

        # Secrets
        .env
        .env.*
        *.pem
        *.key

        # Editors and systems
        .idea
        .vscode
        .DS_Store

        # Go
        bin/
        *.test
        *.out
        coverage.*

        # Node.js
        **/node_modules
        npm-debug.log*
        yarn-error.log
        .next
        .cache
        coverage
    "#]]
    .assert_eq(&ignore);
}

#[test]
fn a_name_in_quotes_or_of_a_mount_is_renamed_too() {
    rename(
        "FROM a AS ‸b\nFROM c\nCOPY --from=\"b\" d e\nRUN --mount=type=bind,FROM=B,target=/f g\nRUN --mount='type=bind,from=b,target=/f' g\n",
        "h",
        expect![[r#"
            FROM a AS h
            FROM c
            COPY --from="h" d e
            RUN --mount=type=bind,FROM=h,target=/f g
            RUN --mount='type=bind,from=h,target=/f' g
        "#]],
    );
}
