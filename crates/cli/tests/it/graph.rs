//! `stagelight graph` from outside.

use std::fs;

use expect_test::expect;
use serde_json::Value;

use crate::{Folder, stderr, stdout};

const DOCKERFILE: &str = "\
FROM alpine:3.22 AS tools
FROM golang:1.24 AS build
COPY . /src
RUN --mount=from=tools,target=/tools make
FROM build AS test
RUN make test
FROM scratch AS app
COPY --from=build /out/app /etc/ssl /
";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.file("Dockerfile", DOCKERFILE);
    folder
}

#[test]
fn a_terminal_gets_a_tree() {
    let output = folder("graph-text").graph(&["Dockerfile"]);
    assert_eq!(output.status.code(), Some(0));
    expect![[r#"
        Target app needs 3 of 4 stages, 1 stays dark

        app [target] line 7 · The target: the last stage of the file.
        ├─ FROM (line 7) scratch
        └─ COPY /out/app and /etc/ssl (line 8) ← build [runs] line 2 · app copies from it (line 8).
           ├─ FROM (line 2) image golang:1.24
           ├─ COPY everything (line 3) ← the build context
           └─ RUN mount (line 4) ← tools [needed] line 1 · build mounts it (line 4), and app copies from build (line 8).
              └─ FROM (line 1) image alpine:3.22

        Does not run
        └─ test [skipped] line 5 · No stage refers to it. --target test would build it.
    "#]].assert_eq(&stdout(&output));
}

#[test]
fn graphviz_gets_a_graph() {
    let output = folder("graph-dot").graph(&["Dockerfile", "--format", "dot"]);
    expect![[r##"
        digraph Dockerfile {
          graph [rankdir=LR, labelloc=t, fontname="Helvetica", label="Target app needs 3 of 4 stages, 1 stays dark"];
          node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled", fillcolor="#ffffff"];
          edge [fontname="Helvetica", fontsize=9, color="#595467"];
          stage0 [label="tools\nFROM alpine:3.22\nline 1\nneeded", tooltip="build mounts it (line 4), and app copies from build (line 8)."];
          stage1 [label="build\nFROM golang:1.24\nline 2\nruns", tooltip="app copies from it (line 8)."];
          stage2 [label="test\nFROM build\nline 5\nskipped", tooltip="No stage refers to it. --target test would build it.", style="rounded,filled,dashed", fillcolor="#e6e3e8", color="#aaa4b3", fontcolor="#5d5868"];
          stage3 [label="app\nFROM scratch\nline 7\ntarget", tooltip="The target: the last stage of the file.", color="#ffb02e", penwidth=2.5];
          source0 [shape=cylinder, label="image\nalpine:3.22", style=filled];
          source1 [shape=cylinder, label="image\ngolang:1.24", style=filled];
          source2 [shape=folder, label="build context\nyour files", style=filled];
          source3 [shape=plaintext, label="empty base\nscratch", style=filled];
          source0 -> stage0 [penwidth=2.4];
          source1 -> stage1 [penwidth=2.4];
          source2 -> stage1 [label="everything (line 3)"];
          stage0 -> stage1 [style=dashed, label="mount (line 4)"];
          stage1 -> stage2 [penwidth=2.4, style=dotted, color="#aaa4b3", fontcolor="#5d5868"];
          source3 -> stage3 [penwidth=2.4];
          stage1 -> stage3 [label="/out/app and /etc/ssl (line 8)"];
        }
    "##]].assert_eq(&stdout(&output));
}

#[test]
fn mermaid_gets_a_flowchart() {
    let output = folder("graph-mermaid").graph(&["Dockerfile", "--target", "test", "--format", "mermaid"]);
    expect![[r#"
        flowchart LR
          stage0["tools<br>FROM alpine:3.22<br>needed"]
          stage1["build<br>FROM golang:1.24<br>runs"]
          stage2["test<br>FROM build<br>target"]
          stage3["app<br>FROM scratch<br>skipped"]
          source0[("image<br>alpine:3.22")]
          source1[("image<br>golang:1.24")]
          source2[/"build context<br>your files"/]
          source3(["empty base<br>scratch"])
          source0 ==> stage0
          source1 ==> stage1
          source2 -->|"everything (line 3)"| stage1
          stage0 -.->|"mount (line 4)"| stage1
          stage1 ==> stage2
          source3 ==> stage3
          stage1 -->|"/out/app and /etc/ssl (line 8)"| stage3
          classDef target stroke:#ffb02e,stroke-width:3px
          class stage2 target
          classDef dark fill:#e6e3e8,stroke:#aaa4b3,color:#5d5868,stroke-dasharray:5 4
          class stage3,source3 dark
          linkStyle 5,6 stroke:#aaa4b3,stroke-width:1px
    "#]]
    .assert_eq(&stdout(&output));
}

#[test]
fn a_report_tells_what_runs_and_what_ships() {
    let output = folder("graph-markdown").graph(&["Dockerfile", "--format", "markdown"]);
    expect![[r##"
        # Dockerfile

        Target app needs 3 of 4 stages, 1 stays dark.

        ```sh
        docker build .
        ```

        ```mermaid
        flowchart LR
          stage0["tools<br>FROM alpine:3.22<br>needed"]
          stage1["build<br>FROM golang:1.24<br>runs"]
          stage2["test<br>FROM build<br>skipped"]
          stage3["app<br>FROM scratch<br>target"]
          source0[("image<br>alpine:3.22")]
          source1[("image<br>golang:1.24")]
          source2[/"build context<br>your files"/]
          source3(["empty base<br>scratch"])
          source0 ==> stage0
          source1 ==> stage1
          source2 -->|"everything (line 3)"| stage1
          stage0 -.->|"mount (line 4)"| stage1
          stage1 ==> stage2
          source3 ==> stage3
          stage1 -->|"/out/app and /etc/ssl (line 8)"| stage3
          classDef target stroke:#ffb02e,stroke-width:3px
          class stage3 target
          classDef dark fill:#e6e3e8,stroke:#aaa4b3,color:#5d5868,stroke-dasharray:5 4
          class stage2 dark
          linkStyle 4 stroke:#aaa4b3,stroke-width:1px
        ```

        ## Stages

        | Stage | Line | Takes from | In this build | Why |
        |---|---|---|---|---|
        | `tools` | 1 | `alpine:3.22` | needed | build mounts it (line 4), and app copies from build (line 8). |
        | `build` | 2 | `golang:1.24`, the build context (line 3), `tools` (line 4) | runs | app copies from it (line 8). |
        | `test` | 5 | `build` | skipped | No stage refers to it. --target test would build it. |
        | `app` | 7 | empty base `scratch`, `build` (line 8) | target | The target: the last stage of the file. |

        ## What ships

        - / comes from /out/app of stage build, which line 4 may make (make)
        - / comes from /etc/ssl of stage build, which was made by line 2

        ## What stays behind

        - `tools`: image alpine:3.22
        - `build`: image golang:1.24; 1 path

        ## Findings

        - Line 3, info `NoDockerignore`: Likely takes '.git' and '.env' along, unless a .dockerignore leaves them out. Put a .dockerignore beside the Dockerfile, with the lines '.git', '.env', or copy only what is needed
        - Line 5, info `TestsDoNotRun`: A build without --target leaves out stage 'test', so 'make test' does not run. Build it too, with --target test, or let the result copy something from it
    "##]].assert_eq(&stdout(&output));
}

#[test]
fn programs_get_one_object() {
    let output = folder("graph-json").graph(&["Dockerfile", "--format", "json"]);
    let graph: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(graph["version"], 1);
    assert_eq!(graph["target"], 3);
    assert_eq!(graph["stages"][2]["needed"], false);
    assert_eq!(graph["stages"][1]["runs"], true);
    assert_eq!(graph["sources"][2]["kind"], "context");
    assert_eq!(graph["edges"].as_array().unwrap().len(), 7);
    let copy = &graph["edges"][6];
    assert_eq!((&copy["from"]["stage"], &copy["line"]), (&Value::from(1), &Value::from(8)));
    assert_eq!(copy["paths"], serde_json::json!(["/out/app", "/etc/ssl"]));
}

#[test]
fn the_name_of_the_file_says_which_form_is_meant() {
    let folder = folder("graph-forms");
    let begins = [
        ("a.svg", "<svg "),
        ("a.dot", "digraph "),
        ("a.GV", "digraph "),
        ("a.mmd", "flowchart "),
        ("a.json", "{\n"),
        ("a.txt", "Target app "),
        ("a.md", "# Dockerfile\n"),
    ];
    for (name, begin) in begins {
        let output = folder.graph(&["Dockerfile", "-o", name]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(0), String::new()), "{}", stderr(&output));
        let made = fs::read_to_string(folder.0.join(name)).unwrap();
        assert!(made.starts_with(begin), "{name}: {made}");
    }
    let output = folder.graph(&["Dockerfile", "-o", "stages"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("stages does not say which form is meant"), "{}", stderr(&output));
}

#[test]
fn a_png_has_its_own_fonts_and_its_scale() {
    let folder = folder("graph-png");
    let size = |args: &[&str]| {
        let output = folder.graph(&[&["Dockerfile", "-o", "a.png"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let made = fs::read(folder.0.join("a.png")).unwrap();
        assert_eq!(&made[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(made[at..at + 4].try_into().unwrap());
        (number(16), number(20), made.len())
    };
    let (width, height, length) = size(&["--scale", "1"]);
    assert_eq!((width * 2, height * 2), {
        let (w, h, _) = size(&[]);
        (w, h)
    });
    // Without fonts it would be empty boxes, which take a third of that.
    assert!(length > 20_000, "{length} bytes");
    let output = folder.graph(&["Dockerfile", "-o", "a.svg", "--scale", "2"]);
    assert!(stderr(&output).contains("--scale is for PNG alone"));
    let output = folder.graph(&["Dockerfile", "-o", "a.png", "--scale", "0"]);
    assert!(stderr(&output).contains("from 0.1 to 10"));
}

#[test]
fn what_cannot_be_built_is_drawn_all_the_same() {
    let folder = folder("graph-refused");
    folder.file("bad", "FROM alpine AS a\nCOPY --from=b /x /\nFROM a AS b\nRUN --nope x\n");
    let output = folder.graph(&["bad", "--format", "svg"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("class=\"row broken\""));
    assert!(stderr(&output).contains("BuildKit refuses bad (line 4)"), "{}", stderr(&output));

    folder.file("none", "RUN make\n");
    let output = folder.graph(&["none"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("There are no stages in none"), "{}", stderr(&output));

    let output = folder.graph(&["Dockerfile", "--target", "biuld"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean build?"), "{}", stderr(&output));
}

/// Graphviz gives back what it has read, if it is here.
#[test]
fn no_name_breaks_the_quotation_of_dot() {
    let folder = Folder::new("graph-hostile");
    let hostile = [r#""];x->y;//"#, r"a\", r"\N\G\\", "&amp;lt;<b>", "#{}|`%%;", "日本\u{202e}é"];
    let froms: String =
        hostile.iter().enumerate().map(|(at, it)| format!("FROM {it} AS s{at}\nCOPY {it} /\n")).collect();
    folder.file("Dockerfile", froms);
    let output = folder.graph(&["Dockerfile", "--format", "dot", "-o", "a.dot"]);
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
    let dot = std::process::Command::new("dot").args(["-Tsvg", "a.dot"]).current_dir(&folder.0).output();
    let Ok(dot) = dot else {
        println!("Graphviz does not read its graphs: there is no program dot");
        return;
    };
    assert!(dot.status.success() && dot.stderr.is_empty(), "{}", String::from_utf8_lossy(&dot.stderr));
    let svg = String::from_utf8(dot.stdout).unwrap();
    let svg = roxmltree::Document::parse_with_options(
        &svg,
        roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() },
    )
    .unwrap();
    let texts: Vec<&str> = svg
        .descendants()
        .filter(|it| it.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .filter_map(|it| it.text())
        .collect();
    for name in [
        r#"FROM "];x->y;//"#,
        r"FROM a\",
        r"FROM \N\G\\",
        "FROM &amp;lt;<b>",
        "FROM #{}|`%%;",
        "FROM 日本\u{fffd}é",
    ] {
        assert!(texts.iter().any(|text| text.replace('\u{a0}', " ") == name), "{name} is not in {texts:?}");
    }
    let nodes = svg.descendants().filter(|it| it.attribute("class") == Some("node")).count();
    assert_eq!(nodes, 2 * hostile.len() + 1);
}
