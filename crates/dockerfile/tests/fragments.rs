//! Pieces of Dockerfiles: what is supplied to them, and what they then come to.

use std::fmt::Write;

use dockerfile::queries::{edge_sentence, is_known_image};
use dockerfile::stages::{self, BuildOptions, fragment};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn check(text: &str, expect: Expect) {
    let mut parse = syntax::parse(text);
    let errors: Vec<String> = parse.errors.iter().map(|error| error.message.clone()).collect();
    let supplied = fragment::supply(&mut parse, is_known_image);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let mut out = String::new();
    writeln!(
        out,
        "{}",
        supplied.map_or("nothing".to_owned(), |it| format!("{} {:?}", it.n_stages, it.names))
    )
    .unwrap();
    for stage in &graph.stages {
        let lines: Vec<String> = stage.steps.iter().map(|step| step.lines.first.to_string()).collect();
        writeln!(out, "{} {}", stage.display_name(), lines.join(" ")).unwrap();
    }
    for edge in 0..graph.edges.len() {
        writeln!(out, "{}", edge_sentence(&graph, edge)).unwrap();
    }
    for error in errors.iter().chain(graph.errors.iter().map(|error| &error.message)) {
        writeln!(out, "error: {error}").unwrap();
    }
    expect.assert_eq(&out);
}

#[test]
fn a_copy_alone_gets_its_stage_and_the_one_it_names() {
    check(
        "COPY --from=builder /app /app\n",
        expect![[r#"
        2 ["builder"]
        builder 0
        fragment 0 1
        builder starts from image image-not-shown (not in the text).
        fragment starts from image image-not-shown (not in the text).
        fragment copies /app from stage builder (line 1).
        error: no build stage in current context
    "#]],
    );
}

#[test]
fn names_that_are_images_stay_images() {
    check(
        "COPY --from=nginx:latest /a /a\nCOPY --from=nginx /b /b\nCOPY --from=ghcr.io/x/y /c /c\n",
        expect![[r#"
            1 []
            fragment 0 1 2 3
            fragment starts from image image-not-shown (not in the text).
            fragment copies /a from image nginx (line 1).
            fragment copies /b from image nginx (line 2).
            fragment copies /c from image ghcr.io/x/y (line 3).
            error: no build stage in current context
        "#]],
    );
}

#[test]
fn mounts_name_stages_too_and_each_is_supplied_once() {
    check(
        "RUN --mount=from=Deps,target=/d make\nCOPY --from=deps a b\n",
        expect![[r#"
        2 ["deps"]
        deps 0
        fragment 0 1 2
        deps starts from image image-not-shown (not in the text).
        fragment starts from image image-not-shown (not in the text).
        fragment sees the files of stage deps while the command runs (line 1).
        fragment copies /a from stage deps (line 2).
        error: no build stage in current context
    "#]],
    );
}

#[test]
fn numbers_get_as_many_stages_as_they_need() {
    check(
        "COPY --from=1 /a /b\n",
        expect![[r#"
        3 ["fragment-0", "fragment-1"]
        fragment-0 0
        fragment-1 0
        fragment 0 1
        fragment-0 starts from image image-not-shown (not in the text).
        fragment-1 starts from image image-not-shown (not in the text).
        fragment starts from image image-not-shown (not in the text).
        fragment copies /a from stage fragment-1 (line 1).
        error: no build stage in current context
    "#]],
    );
    check(
        "COPY --from=4000000000 /a /b\n",
        expect![[r#"
            1 []
            fragment 0 1
            fragment starts from image image-not-shown (not in the text).
            fragment copies /a from '4000000000', which is no valid image reference (line 1). BuildKit refuses it.
            error: no build stage in current context
            error: invalid stage index 4000000000
        "#]],
    );
}

#[test]
fn arguments_above_belong_to_the_piece() {
    check(
        "ARG V=1\nRUN x $V\n",
        expect![[r#"
        1 []
        fragment 0 1 2
        fragment starts from image image-not-shown (not in the text).
        error: no build stage in current context
    "#]],
    );
}

#[test]
fn whole_files_and_empty_ones_get_nothing() {
    check(
        "FROM a\nRUN b\n",
        expect![[r#"
        nothing
        stage-0 1 2
        stage-0 starts from image a (line 1).
    "#]],
    );
    check(
        "",
        expect![[r#"
        nothing
        error: the Dockerfile cannot be empty
    "#]],
    );
    check(
        "ARG A\n",
        expect![[r#"
        nothing
        error: dockerfile contains no stages to build
    "#]],
    );
    check(
        "# only a comment\n",
        expect![[r#"
        nothing
        error: file with no instructions
    "#]],
    );
    check(
        "HELLO there\n",
        expect![[r#"
        nothing
        error: unknown instruction: HELLO
    "#]],
    );
}
