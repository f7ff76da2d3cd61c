//! `stagelight builds` from outside.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{Folder, is_part, stderr, stdout};

const DOCKERFILE: &str = "\
FROM node:22 AS deps
ARG VERSION
RUN npm ci
FROM deps AS test
RUN npm test
FROM deps AS production
";

const COMPOSE: &str = "\
services:
  web:
    build:
      context: .
      target: ${STAGE:-production}
      args:
        VERSION: ${VERSION}
        EXTRA: 1
  docs:
    build: docs
  db:
    image: postgres
";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    fs::create_dir_all(folder.0.join("docs")).unwrap();
    folder
        .file("Dockerfile", DOCKERFILE)
        .file("docs/Dockerfile", "FROM scratch\n")
        .file("compose.yaml", COMPOSE)
        .file("docker-bake.hcl", "target \"web\" {\n  target = \"prodution\"\n  context = \".\"\n}\n");
    folder
}

fn check(args: &[&str], code: i32, expected: Expect) {
    let folder = folder(&format!("builds-{}", args.concat().replace(['/', '.'], "")));
    let output = folder.builds(args);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    expected.assert_eq(&stdout(&output));
}

#[test]
fn services_are_told_with_their_stages() {
    check(
        &["Dockerfile", "--compose", "compose.yaml"],
        0,
        expect![[r#"
        compose.yaml: 1 build of Dockerfile

        web builds production (line 6), unless STAGE says otherwise, which needs deps
          argument   VERSION=unknown: VERSION comes from the environment
          argument   EXTRA=1

        no build needs: test (line 4)

        not of this Dockerfile
          docs builds from docs/Dockerfile
          db runs the image postgres, and builds nothing

        info: web: no ARG declares 'EXTRA'
         --> compose.yaml:8:9
          |
        8 |         EXTRA: 1
          |         ^^^^^
          |
          = help: The build runs, and nothing reads the value; add ARG to the stage that wants it
    "#]],
    );
}

#[test]
fn what_is_told_of_the_environment_counts() {
    check(
        &["Dockerfile", "--compose", "compose.yaml", "--env", "STAGE=test", "--env", "VERSION=2"],
        0,
        expect![[r#"
        compose.yaml: 1 build of Dockerfile

        web builds test (line 4), which needs deps
          argument   VERSION=2
          argument   EXTRA=1

        no build needs: production (line 6)

        not of this Dockerfile
          docs builds from docs/Dockerfile
          db runs the image postgres, and builds nothing

        info: web: no ARG declares 'EXTRA'
         --> compose.yaml:8:9
          |
        8 |         EXTRA: 1
          |         ^^^^^
          |
          = help: The build runs, and nothing reads the value; add ARG to the stage that wants it
    "#]],
    );
}

#[test]
fn another_dockerfile_has_its_own_builds() {
    check(
        &["docs/Dockerfile", "--compose", "compose.yaml"],
        0,
        expect![[r#"
        compose.yaml: 1 build of docs/Dockerfile

        docs builds the last stage, stage-0 (line 1)

        not of this Dockerfile
          web builds from Dockerfile
          db runs the image postgres, and builds nothing
    "#]],
    );
}

#[test]
fn a_missing_target_is_an_exit_code() {
    check(
        &["./docs/../Dockerfile", "--bake", "docker-bake.hcl"],
        1,
        expect![[r#"
        docker-bake.hcl: 1 build of ./docs/../Dockerfile

        web builds 'prodution', which is not there

        error: web: target stage "prodution" could not be found
         --> docker-bake.hcl:2:12
          |
        2 |   target = "prodution"
          |            ^^^^^^^^^^^
          |
          = help: Did you mean 'production'?
    "#]],
    );
}

#[test]
fn bake_reads_compose_files_too() {
    let folder = folder("builds-json");
    let output = folder.builds(&["Dockerfile", "--bake", "compose.yaml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let expected = json!({
        "version": 1,
        "language": "compose",
        "dockerfile": "Dockerfile",
        "builds": [{
            "build": {
                "name": "web",
                "target": { "text": "production", "unless": ["STAGE"], "at": { "line": 5, "column": 15 } },
                "args": [{ "name": "VERSION" }, { "name": "EXTRA", "value": { "text": "1" } }],
            },
            "stage": { "name": "production", "line": 6 },
            "needs": [{ "name": "deps" }, { "name": "production" }],
        }],
        "not_built": [{ "name": "test", "line": 4 }],
        "problems": [{ "level": "info", "at": { "line": 8, "column": 9 } }],
    });
    assert!(is_part(&expected, &report), "{report:#}");
}

#[test]
fn the_dockerfile_is_found_from_the_folder_of_the_compose_file() {
    let folder = folder("builds-folders");
    fs::create_dir_all(folder.0.join("deploy")).unwrap();
    folder.file("deploy/compose.yaml", "services:\n  web:\n    build: ..\n");
    let output = folder.builds(&["Dockerfile", "--compose", "deploy/compose.yaml"]);
    assert!(
        stdout(&output).contains("web builds the last stage, production (line 6)"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_cannot_be_answered_is_said() {
    let folder = folder("builds-wrong");
    for (args, sentence) in [
        (&["nope", "--compose", "compose.yaml"][..], "Cannot read nope"),
        (&["Dockerfile", "--compose", "nope"][..], "Cannot read nope"),
        (&["Dockerfile"][..], "required"),
        (
            &["Dockerfile", "--compose", "compose.yaml", "--bake", "docker-bake.hcl"][..],
            "cannot be used with",
        ),
    ] {
        let output = folder.builds(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(sentence), "{}", stderr(&output));
    }
}
