//! `stagelight inspect`.

use std::path::Path;
use std::process::Stdio;
use std::{fs, io::Write};

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::{Folder, command, is_part, stdout};

fn check_text(name: &str, dockerfile: &str, args: &[&str], code: i32, expect: Expect) {
    let folder = Folder::new(name);
    folder.file("Dockerfile", dockerfile.strip_prefix('\n').unwrap_or(dockerfile));
    let output = folder.inspect(&[&["Dockerfile"], args].concat());
    expect.assert_eq(&stdout(&output));
    assert_eq!(output.status.code(), Some(code));
}

const TWO_STAGES: &str = "
ARG GO=1.24
FROM golang:$GO AS build
WORKDIR /src
COPY go.mod main.go ./
RUN go build -o /app
FROM build AS test
RUN go test ./...
FROM scratch
COPY --from=build /app /app
USER 1000
ENTRYPOINT [\"/app\"]
";

#[test]
fn a_report_says_what_runs_and_why() {
    check_text(
        "report",
        TWO_STAGES,
        &[],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it · target stage-2, the last of 3 stages; 1 not needed

            Stages
              ● build from golang:1.24, lines 2–5: runs
                  stage-2 copies from it (line 9).
                  3  WORKDIR /src
                  4  COPY go.mod main.go ./
                  5  RUN go build -o /app
              ○ test from stage build, lines 6–7: skipped
                  No stage refers to it. --target test would build it.
              ● stage-2 from scratch, lines 8–11: runs
                  The target: the last stage of the file.
                   9  COPY --from=build /app /app
                  and 2 instructions that only the configuration sees

            Arguments
              GO=1.24  line 1, for FROM

            Read from the build context
              go.mod
              main.go

            Fetched
              golang:1.24

            Final image
              nothing but
              ENTRYPOINT  ["/app"]  line 11
              USER        1000  line 10

            What the image holds
              /app comes from /app of stage build, which line 5 likely makes (go build -o /app)

            Left behind
              build: image golang:1.24; 2 paths
        "#]],
    );
}

#[test]
fn a_report_says_what_the_final_image_comes_to() {
    let folder = Folder::new("image");
    folder.file(
        "a",
        r#"
FROM alpine AS base
ENV A=1 PATH=$PATH:/x
CMD ["lost"]
ONBUILD EXPOSE 443
FROM base
ENV A=2 B="$A c"
WORKDIR src
CMD run $A
ENTRYPOINT ["/app"]
EXPOSE 8080 53/udp
VOLUME /a /b
LABEL name="$B"
ONBUILD RUN x
"#,
    );
    let image = |args: &[&str]| {
        let report = stdout(&folder.inspect(args));
        report[report.find("Final image").unwrap()..].to_owned()
    };
    expect![[r#"
        Final image
          what alpine sets, and
          ENTRYPOINT  ["/app"]  line 10
          CMD         ["/bin/sh","-c","run $A"]  line 9, unless the base image has another shell
          WORKDIR     src  line 8, below the directory of the base image
          ENV         A=2  line 7
          ENV         PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x  line 3, if the base image does not set PATH
          ENV         B=1 c  line 7
          EXPOSE      443/tcp  line 6
          EXPOSE      53/udp 8080/tcp  line 11
          VOLUME      /a /b  line 12
          LABEL       name=1 c  line 13
          ONBUILD     RUN x  line 14

        What the image holds
          everything in image alpine
    "#]].assert_eq(&image(&["a"]));
    folder.file("b", "FROM scratch\nENV PATH=$PATH:/x\nHEALTHCHECK NONE\nSHELL [\"a\"]\nCMD b\n");
    expect![[r#"
        Final image
          nothing but
          CMD         ["a","b"]  line 5
          SHELL       ["a"]  line 4
          HEALTHCHECK ["NONE"]  line 3
          ENV         PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x  line 2

        What the image holds
          nothing that is known
    "#]]
    .assert_eq(&image(&["b"]));
    folder.file("c", "FROM scratch\n");
    expect![[r#"
        Final image
          nothing

        What the image holds
          nothing that is known
    "#]]
    .assert_eq(&image(&["c"]));
    folder.file("d", "FROM alpine AS x\nENV A=1\n");
    expect![[r#"
        Final image
          nothing

        What the image holds
          everything in the named context x (dir)
    "#]]
    .assert_eq(&image(&["d", "--build-context", "x=dir"]));
}

#[test]
fn another_target_is_another_report() {
    check_text(
        "target",
        TWO_STAGES,
        &["--target", "TEST", "--build-arg", "GO=1.25"],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it · target test, one of 3 stages; 1 not needed

            Stages
              ● build from golang:1.25, lines 2–5: runs
                  test starts from it (line 6).
                  3  WORKDIR /src
                  4  COPY go.mod main.go ./
                  5  RUN go build -o /app
              ● test from stage build, lines 6–7: runs
                  The target.
                  7  RUN go test ./...
              ○ stage-2 from scratch, lines 8–11: skipped
                  No stage refers to it. A build without --target would build it.

            Arguments
              GO=1.24, given 1.25  line 1, for FROM

            Read from the build context
              go.mod
              main.go

            Fetched
              golang:1.25

            Final image
              what golang:1.25 sets, and
              WORKDIR     /src  line 3

            What the image holds
              everything in image golang:1.25
              /src/go.mod comes from /go.mod of the build context
              /src/main.go comes from /main.go of the build context
              /app is what line 5 likely makes (go build -o /app)
        "#]],
    );
}

#[test]
fn a_missing_target_is_said_in_buildkits_words() {
    check_text(
        "missing",
        TWO_STAGES,
        &["--target", "tset"],
        1,
        expect![[r#"
            Dockerfile
            BuildKit refuses it · targets there are: build, test

            error: target stage "tset" could not be found
             |
             = help: did you mean test?
        "#]],
    );
}

#[test]
fn errors_look_like_those_of_a_compiler() {
    check_text(
        "errors",
        "FROM alpine\nRNU make\nCOPY \x1b[2J\tx\nEXPOSE 99999\n",
        &[],
        1,
        expect![[r#"
            Dockerfile
            BuildKit refuses it: 2 errors · target stage-0, the only stage

            error: dockerfile parse error on line 2: unknown instruction: RNU
             --> Dockerfile:2:1
              |
            2 | RNU make
              | ^^^
              |
              = help: did you mean RUN?
              = note: BuildKit stops here and does not come to the errors below

            error: invalid containerPort: 99999
             --> Dockerfile:4:8
              |
            4 | EXPOSE 99999
              |        ^^^^^

            Stages
              ● stage-0 from alpine, lines 1–4: runs
                  The target: the last stage of the file.
                  3  COPY ␛[2J x
                  and 2 instructions that only the configuration sees

            Read from the build context
              ␛[2J

            Fetched
              alpine
        "#]],
    );
}

#[test]
fn facts_have_a_version_and_a_place_for_each_problem() {
    let folder = Folder::new("facts");
    let (rows, code) = folder.file("a", "FROM alpine\nRNU make\n").facts(&["a"]);
    let row = &rows[0];
    assert_eq!((row["version"].as_u64(), row["id"].as_str(), code), (Some(1), Some("a"), 1));
    assert_eq!(row["error"], "dockerfile parse error on line 2: unknown instruction: RNU");
    assert_eq!(row["error_line"], 2);
    assert_eq!(row["stage_of_failure"], "instructions");
    let problem = &row["problems"][0];
    assert_eq!((&problem["line"], &problem["column"]), (&2.into(), &1.into()));
    assert_eq!(problem["suggestion"], "RUN");
}

#[test]
fn arguments_and_platform_count() {
    let folder = Folder::new("arguments");
    folder.file("a", "ARG V=1\nFROM --platform=$TARGETPLATFORM alpine:$V\n");
    let (rows, _) = folder.facts(&["a", "--build-arg", "V=2", "--platform", "arm64"]);
    assert_eq!(rows[0]["stages"][0]["base_image"], "docker.io/library/alpine:2");
    assert_eq!(rows[0]["stages"][0]["platform"], "linux/arm64");
}

#[test]
fn named_contexts_stand_in_for_images_and_stages() {
    let folder = Folder::new("contexts");
    folder.file(
        "a",
        "FROM golang AS build\nRUN make\nFROM alpine\nCOPY --from=build a b\nCOPY --from=docs a b\n",
    );
    let contexts = [
        ["--build-context", "build=./prebuilt"],
        ["--build-context", "docker.io/library/alpine:latest=docker-image://alpine:3.22"],
        ["--build-context", "docs=https://example.com/docs.git"],
        ["--build-context", "other=."],
    ];
    let args: Vec<&str> = std::iter::once("a").chain(contexts.concat()).collect();
    let (rows, code) = folder.facts(&args);
    let (stages, target) = (&rows[0]["stages"], &rows[0]["targets"]["default"]);
    assert_eq!(code, 0);
    assert_eq!(
        (&stages[0]["base_context"], &stages[0]["replaced"], &stages[0]["base_image"]),
        (&"build".into(), &true.into(), &Value::Null)
    );
    assert_eq!(
        (&stages[1]["base_context"], stages[1].get("replaced"), &stages[1]["base_image"]),
        (&"alpine".into(), None, &"docker.io/library/alpine:3.22".into())
    );
    assert_eq!(stages[1]["commands"][1]["from"], serde_json::json!({"context": "docs"}));
    assert_eq!(target["named_contexts"], serde_json::json!(["alpine", "build", "docs"]));
    assert_eq!(target["images"], serde_json::json!(["docker.io/library/alpine:3.22"]));
    assert_eq!(target["executed"], serde_json::json!([[1, 4], [1, 5]]));
    assert_eq!(target["llb_stages"], serde_json::json!([0, 1]));
}

#[test]
fn a_report_says_what_named_contexts_do() {
    check_text(
        "context-report",
        "FROM golang AS build\nRUN make\nFROM debian AS test\nFROM alpine\nCOPY --from=build a b\n",
        &[
            "--build-context",
            "build=./prebuilt",
            "--build-context",
            "alpine=docker-image://alpine:3.22",
            "--build-context",
            "debian=docker-image://debian:13",
            "--build-context",
            "other=.",
        ],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it · target stage-2, the last of 3 stages; 1 not needed

            Stages
              ◐ build from named context build (./prebuilt), lines 1–2: needed, runs nothing
                  The named context build stands in for it: none of its instructions run. stage-2 copies from it (line 5).
              ○ test from named context debian (docker-image://debian:13), line 3: skipped
                  No stage refers to it. --target test would build it.
              ● stage-2 from named context alpine (docker-image://alpine:3.22), lines 4–5: runs
                  The target: the last stage of the file.
                  5  COPY --from=build a b

            Read from the build context
              nothing

            Named contexts
              build = ./prebuilt  used
              alpine = docker-image://alpine:3.22  used
              debian = docker-image://debian:13  not needed for the target
              other = .  nothing in the file asks for it

            Fetched
              alpine:3.22

            Final image
              what alpine:3.22 sets

            What the image holds
              everything in the named context alpine (docker-image://alpine:3.22)
              /b comes from /a of stage build, which perhaps comes from /a of the named context build (./prebuilt)

            Left behind
              build: the named context build (./prebuilt)
        "#]],
    );
}

#[test]
fn a_missing_target_waits_for_errors_that_buildkit_sees_before() {
    let folder = Folder::new("order");
    folder.file("base", "FROM ${X}\n").file("copy", "FROM scratch\nCOPY --from=9 a b\n");
    let (rows, _) = folder.facts(&["base", "copy", "--target", "x"]);
    assert!(rows[0]["error"].as_str().unwrap().starts_with("base name"), "{}", rows[0]["error"]);
    assert_eq!(rows[1]["error"], "target stage \"x\" could not be found");
}

#[test]
fn bad_input_has_a_row_and_stops_nothing() {
    let folder = Folder::new("bad");
    fs::create_dir_all(folder.0.join("directory")).unwrap();
    folder
        .file("empty", "")
        .file("nul", "FROM alpine\nRUN a\0b\n")
        .file("crlf", "FROM alpine\r\nRUN a \\\r\n  b\r\n")
        .file("bom", "\u{feff}FROM alpine\n")
        .file("latin", b"FROM alpine\n# caf\xe9\nLABEL a=\xe9\n")
        .file("latin-run", b"FROM alpine\nRUN echo \xe9\n")
        .file("list", "empty\nmissing\ndirectory\r\n\nnul\ncrlf\nbom\nlatin\nlatin-run\n");
    let (rows, code) = folder.facts(&["--files-from", "list"]);
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}", row["id"].as_str().unwrap(), row["ok"], row["error"]))
        .collect();
    expect![[r#"
        empty false "the Dockerfile cannot be empty"
        missing null "Cannot read missing: there is no such file"
        directory null "Cannot read directory: it is a directory"
        nul true null
        crlf true null
        bom true null
        latin true null
        latin-run false "failed to marshal LLB definition: string field contains invalid UTF-8""#]]
    .assert_eq(&told.join("\n"));
    assert_eq!(rows[6]["invalid_utf8"], serde_json::json!({"line": 2, "column": 6}));
    assert_eq!(code, 2);
}

#[test]
fn large_files_are_read() {
    let folder = Folder::new("large");
    let stages: String = (0..500)
        .map(|n| {
            format!("FROM alpine AS s{n}\nRUN make\nCOPY --from={} /a /b\n", if n > 0 { n - 1 } else { 0 })
        })
        .collect();
    folder
        .file("megabyte", format!("FROM alpine\n{}", "RUN echo something to do here\n".repeat(35_000)))
        .file("line", format!("FROM alpine\nRUN echo {}\nRNU\n", "x ".repeat(50_000)))
        .file("stages", stages.replacen("COPY --from=0 /a /b\n", "", 1));
    let (rows, code) = folder.facts(&["megabyte", "line", "stages"]);
    let ok: Vec<_> = rows.iter().map(|row| row["ok"].as_bool().unwrap()).collect();
    assert_eq!((ok, code), (vec![true, false, true], 1));
    assert_eq!(rows[2]["targets"]["default"]["needed_stages"].as_array().unwrap().len(), 500);
    for file in ["megabyte", "line", "stages"] {
        let report = stdout(&folder.inspect(&[file]));
        assert!(report.lines().all(|line| line.chars().count() < 400), "{file}");
    }
}

#[test]
fn ten_thousand_files_in_one_process() {
    let folder = Folder::new("many");
    folder.file("a", "FROM scratch\n").file("list", "a\n".repeat(10_000));
    let (rows, code) = folder.facts(&["--files-from", "list"]);
    assert_eq!((rows.len(), code), (10_000, 0));
}

#[test]
fn the_standard_input_is_a_file_too() {
    let folder = Folder::new("stdin");
    let mut child = command(&folder.0, "inspect", &["-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"FROM scratch\n").unwrap();
    let facts: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!((&facts["id"], &facts["ok"], &facts["bytes"]), (&"-".into(), &true.into(), &13.into()));
    assert_eq!(facts["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn wrong_use_is_exit_code_2() {
    let folder = Folder::new("use");
    folder.file("a", "FROM scratch\n");
    for args in
        [&[][..], &["--format", "xml", "a"], &["--files-from", "nothing"], &["--build-context", "x", "a"]]
    {
        let output = folder.inspect(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
}

const STATES: &str = "
ARG V=2
FROM golang:1.24 AS base
ARG V
WORKDIR src
ENV A=1 B=\"x y\"
FROM base AS build
SHELL [\"/bin/bash\", \"-c\"]
USER app

RUN make
WORKDIR /out
ENV A=2
";

#[test]
fn a_line_is_told_what_is_in_force_there() {
    check_text(
        "state",
        STATES,
        &["--state", "9"],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it, 1 warning · target build, the last of 2 stages

            In force after line 8, in stage build
              USER app
              WORKDIR   src below what image golang:1.24 sets  line 4, stage base
              USER      app                                    line 8
              SHELL     /bin/bash -c                           line 7
              ENV       A=1                                    line 5, stage base
              ENV       B=x y                                  line 5, stage base
              ARG       V=2                                    line 3, stage base
              and whatever image golang:1.24 sets, which is not in the file
        "#]],
    );
    check_text(
        "state-above",
        STATES,
        &["--state", "1"],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it, 1 warning · target build, the last of 2 stages

            Line 1 stands above the first FROM, where nothing is in force but ARGs for FROM
        "#]],
    );
}

#[test]
fn facts_tell_what_is_in_force_as_changes_and_at_a_line() {
    let folder = Folder::new("state-facts");
    folder.file("a", STATES.trim_start()).file("b", "FROM alpine\nEXPOSE x\n");
    let (rows, _) = folder.facts(&["a", "b", "--state", "12"]);
    let [base, build] = [0, 1].map(|idx| &rows[0]["stages"][idx]["state"]);
    assert_eq!(base["assumed"], "docker.io/library/golang:1.24");
    assert_eq!(base["changes"][1], serde_json::json!({"line": 4, "set": "workdir", "value": "/src"}));
    assert_eq!(build["from_stage"], 0);
    let last = &build["changes"][3];
    assert_eq!(*last, serde_json::json!({"line": 12, "set": "env", "name": "A", "value": "2"}));
    let now = &rows[0]["state_at"];
    let a = serde_json::json!({"name": "A", "value": "2", "origin": {"stage": 1, "line": 12}});
    assert_eq!(now["env"][1], a);
    assert_eq!(now["shell"]["value"], serde_json::json!(["/bin/bash", "-c"]));
    assert_eq!(now["workdir"]["origin"], serde_json::json!({"stage": 1, "line": 11}));
    // Where not every stage can be taken in, nothing is said of any.
    assert!(rows[1]["stages"][0].get("state").is_none());
}

#[test]
fn what_is_in_force_takes_no_more_room_than_the_file() {
    let folder = Folder::new("state-size");
    let chain: String =
        (0..400).map(|n| format!("FROM s{n} AS s{}\nENV V{n}=value\nWORKDIR d\n", n + 1)).collect();
    let text = format!("FROM alpine AS s0\n{chain}");
    let (rows, _) = folder.file("a", &text).facts(&["a"]);
    let stages = rows[0]["stages"].as_array().unwrap();
    let n_bytes: usize = stages.iter().map(|stage| stage["state"]["changes"].to_string().len()).sum();
    // Directories become longer from line to line; everything else is said once.
    assert!(n_bytes < 8 * text.len() + 400 * 400 * 3, "{n_bytes} bytes for {}", text.len());
}

#[test]
fn the_documented_examples_are_true() {
    let folder = Folder::new("documented");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/facts.md")).unwrap();
    let mut facts = Value::Null;
    let mut n_checked = 0;
    for block in page.split("```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        match kind {
            "dockerfile" => {
                facts = folder.file("Dockerfile", text).facts(&["Dockerfile", "--state", "6"]).0.remove(0)
            }
            "json" => {
                let example: Value = serde_json::from_str(text).unwrap();
                assert!(is_part(&example, &facts), "this is not in {facts}:\n{text}");
                n_checked += 1;
            }
            _ => {}
        }
    }
    assert!(n_checked > 4, "{n_checked} examples were found");
}

#[test]
fn a_report_lists_what_the_checks_find() {
    check_text(
        "checks",
        "
FROM alpine as Base
RUN apk add \\

  curl
COPY $NAM /
FROM scratch
ARG NAME
COPY $NAM /
CMD /app
",
        &[],
        0,
        expect![[r#"
            Dockerfile
            BuildKit accepts it, 6 warnings · target stage-1, the last of 2 stages; 1 not needed

            warning: FromAsCasing (line 1): 'as' and 'FROM' keywords' casing do not match
            warning: StageNameCasing (line 1): Stage name 'Base' should be lowercase
            warning: NoEmptyContinuation (line 4): Empty continuation line
            warning: UndefinedVar (line 5): Usage of undefined variable '$NAM'
              Likely; image alpine may set it, which is not in the file.
            warning: UndefinedVar (line 8): Usage of undefined variable '$NAM'
            warning: JSONArgsRecommended (line 9): JSON arguments recommended for CMD to prevent unintended behavior related to OS signals

            Stages
              ○ base from alpine, lines 1–5: skipped
                  No stage refers to it. --target base would build it.
              ● stage-1 from scratch, lines 6–9: runs
                  The target: the last stage of the file.
                  8  COPY $NAM /
                  and 2 instructions that only the configuration sees

            Arguments
              NAME  line 7, stage-1

            Read from the build context
              everything

            Final image
              nothing but
              CMD         ["/bin/sh","-c","/app"]  line 9

            What the image holds
              / comes from everything in the build context
        "#]],
    );
}

#[test]
fn findings_are_for_all_stages_and_warnings_for_the_target() {
    let folder = Folder::new("findings");
    folder.file("Dockerfile", "FROM alpine AS a\nUSER $X\n# about\nARG Y\nFROM alpine AS b\nCMD x\n");
    let rules = |args: &[&str]| {
        let (rows, _) = folder.facts(&[&["Dockerfile"], args].concat());
        let lint: Vec<Value> =
            rows[0]["lint"].as_array().unwrap().iter().map(|it| it["rule"].clone()).collect();
        serde_json::json!([lint, rows[0]["targets"]["default"]["build_warnings"]])
    };
    assert_eq!(
        rules(&[]),
        serde_json::json!([
            ["UndefinedVar", "InvalidDefinitionDescription", "JSONArgsRecommended"],
            [["JSONArgsRecommended", 6]]
        ])
    );
    assert_eq!(
        rules(&["--target", "a"]),
        serde_json::json!([["UndefinedVar", "InvalidDefinitionDescription"], [["UndefinedVar", 2]]])
    );
}

#[test]
fn findings_refuse_a_build_where_the_file_wants_that() {
    check_text(
        "strict",
        "
# check=error=true
FROM alpine as base
",
        &[],
        1,
        expect![[r#"
            Dockerfile
            BuildKit refuses it, 1 warning · target base, the only stage

            error: lint violation found for rules: FromAsCasing
             --> Dockerfile:1:9
              |
            1 | # check=error=true
              |         ^^^^^^^^^^
              |
              = help: Mend what these rules find, or take error=true out of the check directive

            warning: FromAsCasing (line 2): 'as' and 'FROM' keywords' casing do not match

            Stages
              ◐ base from alpine, line 2: needed, runs nothing
                  The target: the last stage of the file.

            Read from the build context
              nothing

            Fetched
              alpine
        "#]],
    );
}

#[test]
fn facts_tell_operations_as_buildkit_does() {
    let folder = Folder::new("operations");
    folder
        .file(
            "a",
            "FROM alpine AS a\nRUN --mount=type=cache,target=/c,mode=0755,uid=1 x\nFROM alpine\nADD git@github.com:a/b.git#v1:d /b\nCOPY --link --from=a /x /y\n",
        )
        .file("b", "FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nCOPY --from=a \\\n  / /\n")
        .file("c", "FROM \"alpine\nRUN x\nFROM Alpine\n");
    let (rows, _) = folder.facts(&["a", "b", "c"]);
    let target = &rows[0]["targets"]["default"];
    assert_eq!(target["other_sources"], serde_json::json!(["git://github.com/a/b.git#v1:d"]));
    // The cache's permissions, RUN, ADD, and both halves of COPY.
    assert_eq!(target["ops"], 5);
    let vertices = target["vertices"].as_array().unwrap();
    let linked = serde_json::json!({
        "name": "[stage-1 3/3] LINK COPY --link --from=a /x /y",
        "lines": [5],
        "group": "[stage-1 3/3] COPY --link --from=a /x /y",
    });
    assert!(vertices.contains(&linked), "{vertices:?}");
    let mount = &rows[0]["stages"][0]["commands"][0]["mounts_expanded"][0];
    let parts = ["mode", "uid", "from_raw", "id"].map(|key| mount[key].clone());
    assert_eq!(serde_json::json!(parts), serde_json::json!(["755", 1, "scratch", "/c"]));
    assert_eq!(rows[1]["targets"]["default"]["error"]["lines"], serde_json::json!([[2, 2], [4, 5]]));
    assert!(rows[2]["stages"][0]["base_error"].as_str().unwrap().contains("double-quote"));
}
