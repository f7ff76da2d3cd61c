//! `stagelight context` from outside.

use std::fs;

use serde_json::Value;

use crate::{Folder, stdout};

const DOCKERFILE: &str = "FROM scratch\nCOPY go.mod docs/*.md ./\nCOPY cmd/ cmd/\nCOPY logs *.txt /\n";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    for directory in ["docs", "cmd", "logs"] {
        fs::create_dir_all(folder.0.join(directory)).unwrap();
    }
    folder
        .file("Dockerfile", DOCKERFILE)
        .file("go.mod", "module x\n")
        .file("docs/a.md", "")
        .file("docs/b.txt", "")
        .file("cmd/main.go", "package main\n")
        .file(".dockerignore", "**/*_test.go\n");
    folder
}

#[test]
fn what_is_sent_is_told() {
    let folder = folder("context-sent");
    let output = folder.context(&["Dockerfile"]);
    assert_eq!(output.status.code(), Some(0));
    let expected = "\
A build of stage-0 asks for *.txt, cmd, docs/*.md, go.mod, logs
3 of 6 files are sent, 22 bytes

not asked for              13  .dockerignore
not asked for              71  Dockerfile
sent                       13  cmd/main.go  (line 3)
sent                        0  docs/a.md  (line 2)
not asked for               0  docs/b.txt
sent                        9  go.mod  (line 2)
sent                           logs/  (line 4)

line 2: COPY go.mod: 1 file, 9 bytes
line 2: COPY docs/*.md: 1 file, 0 bytes
line 3: COPY cmd/: 1 file, 13 bytes
line 4: COPY logs: 0 files, 0 bytes
line 4: COPY *.txt: nothing fits, so nothing is copied
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn what_fails_is_an_exit_code() {
    let folder = folder("context-fails");
    folder.file(".dockerignore", "docs\ngo.*\n");
    let output = folder.context(&["Dockerfile", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["sources"][0]["left_out_by"]["pattern"], "go.*");
    assert_eq!(report["sources"][1]["error"], "lstat /docs: no such file or directory");
    assert_eq!(report["files"][2]["taken_by"], serde_json::json!([3]));
    // The one beside the Dockerfile comes first.
    folder.file("Dockerfile.dockerignore", "[a\n");
    let output = folder.context(&["Dockerfile"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("error: line 1 of the ignore file: syntax error in pattern"));
}

#[test]
fn what_cannot_be_answered_is_said() {
    let folder = folder("context-wrong");
    for (args, sentence) in [
        (&["nope"][..], "nope"),
        (&["Dockerfile", "--context", "nope"][..], "Cannot read the context nope"),
        (&["Dockerfile", "--target", "nope"][..], "target stage \"nope\" could not be found"),
    ] {
        let output = folder.context(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(sentence), "{said}");
    }
}
