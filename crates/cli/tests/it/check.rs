//! `stagelight check` and `stagelight rules`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{Folder, command, is_part, stdout};

/// Checks a file, and compares what is printed and the exit code.
fn check_text(name: &str, dockerfile: impl AsRef<[u8]>, args: &[&str], code: i32, expect: Expect) {
    let folder = Folder::new(name);
    folder.file("Dockerfile", dockerfile);
    let output = folder.check(&[&["Dockerfile"], args].concat());
    expect.assert_eq(&stdout(&output));
    assert_eq!(output.status.code(), Some(code));
}

fn json_of(folder: &Folder, args: &[&str]) -> (Value, i32) {
    let output = folder.check(&[&["--format", "json"], args].concat());
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code().unwrap())
}

const TWO_STAGES: &str = "\
FROM golang
RUN go build -o /app
FROM scratch AS Out
COPY --from=0 /app /app
# hadolint ignore=DL3025
CMD /app
";

#[test]
fn findings_look_like_those_of_a_compiler() {
    check_text(
        "look",
        TWO_STAGES,
        &[],
        1,
        expect![[r#"
            info[UnnamedStage]: Stage 0 has no name, so no --target can ask for it
             --> Dockerfile:1:6
              |
            1 | FROM golang
              |      ^^^^^^
              |
              = help: Give it one, with AS
              = fix available: Name the stage 'build'

            info[NoCertificates]: The image has no certificates: if the program speaks TLS to others, that likely fails
             --> Dockerfile:3:6
              |
            3 | FROM scratch AS Out
              |      ^^^^^^^
              |
              = help: Copy /etc/ssl/certs/ca-certificates.crt from a stage that has it
              = unsafe fix available: Copy the certificates. The image gets one file more

            info[RunsAsRoot]: The image runs as root, since nothing names a user
             --> Dockerfile:3:6
              |
            3 | FROM scratch AS Out
              |      ^^^^^^^
              |
              = help: Name a user without rights at the end of the stage, by its number: USER 65532

            warning[StageNameCasing]: Stage name 'Out' should be lowercase
             --> Dockerfile:3:17
              |
            3 | FROM scratch AS Out
              |                 ^^^
              |
              = fix available: Write 'out' everywhere

            info[NumericReference]: Stage 0 is another one as soon as a stage is added above it
             --> Dockerfile:4:13
              |
            1 | FROM golang
              |      ------ this is the stage
            ...
            4 | COPY --from=0 /app /app
              |             ^
              |
              = help: Refer to the stage by a name
              = fix available: Name the stage 'build'

            warning[LibcMismatch]: 'app' is likely linked to glibc, and scratch has none: it does not start
             --> Dockerfile:4:15
              |
            2 | RUN go build -o /app
              |     -------- this links it
            3 | FROM scratch AS Out
            4 | COPY --from=0 /app /app
              |               ^^^^
              |
              = help: Build it with CGO_ENABLED=0, or on a base with the same C library
              = unsafe fix available: Build it without C. Packages that need C are left out then, and the build fails where there is no other way

            error[NoShell]: scratch has no shell to run this in: the container does not start
             --> Dockerfile:6:5
              |
            6 | CMD /app
              |     ^^^^
              |
              = help: Use the exec form, an array in JSON, or a base image with a shell
              = unsafe fix available: Write it in exec form. The program is then run by itself, without a shell

            1 error, 2 warnings and 4 infos in Dockerfile, target out; 1 silenced by comments; --fix mends 3, and 3 more with --unsafe-fixes
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
}

#[test]
fn errors_come_first() {
    check_text(
        "errors",
        "FROM alpine as base\nEXPOSE 99999\nFROM alpine AS test\nCOPY --from=test a b\nFROM base\nCPOY a b\n",
        &[],
        1,
        expect![[r#"
            error: dockerfile parse error on line 6: unknown instruction: CPOY
             --> Dockerfile:6:1
              |
            6 | CPOY a b
              | ^^^^
              |
              = help: did you mean COPY?

            error[CircularReference]: circular dependency detected on stage: test
             --> Dockerfile:4:1
              |
            4 | COPY --from=test a b
              | ^^^^^^^^^^^^----^^^^
              |             |
              |             'test' takes files from itself
              |
              = help: A stage cannot take files from itself

            error: invalid containerPort: 99999
             --> Dockerfile:2:8
              |
            2 | EXPOSE 99999
              |        ^^^^^

            warning[FromAsCasing]: 'as' and 'FROM' keywords' casing do not match
             --> Dockerfile:1:13
              |
            1 | FROM alpine as base
              |             ^^
              |
              = fix available: Write 'AS'

            info[StageNotNeeded]: A build without --target leaves out stage 'test'
             --> Dockerfile:3:16
              |
            3 | FROM alpine AS test
              |                ^^^^
              |
              = help: No stage refers to it. --target test would build it.

            3 errors, 1 warning and 1 info in Dockerfile, target stage-2; --fix mends 1
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
    check_text(
        "target",
        "FROM alpine AS base\n",
        &["--target", "bsae"],
        1,
        expect![[r#"
        error: target stage "bsae" could not be found
         |
         = help: did you mean base?

        1 error in Dockerfile
        Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
    "#]],
    );
}

#[test]
fn an_error_that_only_another_target_runs_into_is_a_warning() {
    check_text(
        "elsewhere",
        "FROM alpine AS test\nSTOPSIGNAL x\nFROM alpine AS final\nRUN make\n",
        &[],
        1,
        expect![[r#"
            warning: invalid signal: x
             --> Dockerfile:2:12
              |
            2 | STOPSIGNAL x
              |            ^
              |
              = note: only targets that need test run into this

            info[StageNotNeeded]: A build without --target leaves out stage 'test'
             --> Dockerfile:1:16
              |
            1 | FROM alpine AS test
              |                ^^^^
              |
              = help: No stage refers to it. --target test would build it.

            1 warning and 1 info in Dockerfile, target final
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
}

#[test]
fn nothing_found_is_said() {
    check_text(
        "clean",
        "FROM alpine:3.22 AS base\nRUN make\n",
        &[],
        0,
        expect![[r#"
        Nothing found in Dockerfile, target base
        Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
    "#]],
    );
}

#[test]
fn any_bytes_can_be_checked() {
    check_text(
        "empty",
        "",
        &[],
        1,
        expect![[r#"
        error: the Dockerfile cannot be empty
         |
         = help: Start with FROM and the name of a base image

        1 error in Dockerfile
        Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
    "#]],
    );
    check_text(
        "latin",
        b"FROM alpine as caf\xe9\n",
        &[],
        1,
        expect![[r#"
            error: dockerfile parse error on line 1: invalid name for build stage: "caf�", name can't start with a number or contain symbols
             --> Dockerfile:1:16
              |
            1 | FROM alpine as caf�
              |                ^^^^
              |
              = help: A stage name starts with a letter; letters, digits, - _ and . may follow

            warning[FromAsCasing]: 'as' and 'FROM' keywords' casing do not match
             --> Dockerfile:1:13
              |
            1 | FROM alpine as caf�
              |             ^^
              |
              = fix available: Write 'AS'

            1 error and 1 warning in Dockerfile, target caf�; --fix mends 1
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
    check_text(
        "crlf",
        "FROM alpine as base\r\nRUN a \\\r\n\r\n  b\r\n",
        &[],
        1,
        expect![[r#"
            warning[FromAsCasing]: 'as' and 'FROM' keywords' casing do not match
             --> Dockerfile:1:13
              |
            1 | FROM alpine as base
              |             ^^
              |
              = fix available: Write 'AS'

            warning[NoEmptyContinuation]: Empty continuation line
             --> Dockerfile:3:1
              |
            3 |
              | ^
              |
              = fix available: Take the blank lines out

            2 warnings in Dockerfile, target base; --fix mends 2
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
    check_text(
        "wide",
        "FROM alpine AS base\nLABEL 名=\"漢字 😀\" b $c\n",
        &[],
        1,
        expect![[r#"
        error: Syntax error - can't find = in "b". Must be of the form: name=value
         --> Dockerfile:2:16
          |
        2 | LABEL 名="漢字 😀" b $c
          |                    ^
          |
          = help: Put a value with spaces in it in double quotes: NAME="some value"

        1 error in Dockerfile, target base
        Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
    "#]],
    );
    check_text(
        "control",
        "FROM alpine AS base\nUSER \x1b[31m\u{9b}31m$x\n",
        &[],
        1,
        expect![[r#"
            warning[UndefinedVar]: Usage of undefined variable '$x'
             --> Dockerfile:2:15
              |
            2 | USER ␛[31m¿31m$x
              |               ^^
              |
              = note: Likely; image alpine may set it, which is not in the file.
              = unsafe fix available: Declare ARG x above. A build argument can then set it; without one nothing changes

            1 warning in Dockerfile, target base; --fix --unsafe-fixes mends 1
            Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
        "#]],
    );
}

#[test]
fn long_lines_and_floods_are_told_in_lines_of_a_width() {
    let folder = Folder::new("flood");
    let words: String = (0..2000).map(|n| format!(" $X{n}")).collect();
    folder
        .file("line", format!("FROM alpine AS base\nRUN x\nENV A=\"{words}\"\n"))
        .file("lines", format!("FROM alpine AS base\n{}", "MAINTAINER a\n".repeat(5_000)));
    let text = stdout(&folder.check(&["line", "lines"]));
    assert!(text.lines().all(|line| line.chars().count() < 260), "{}", text.len());
    assert!(text.contains("in 2 files"), "{}", &text[text.len() - 300..]);
    assert!(text.matches("warning[MaintainerDeprecated]").count() == 5_000);
}

#[test]
fn the_exit_code_follows_the_worst_finding() {
    let folder = Folder::new("codes");
    folder
        .file("error", "FROM alpine:3.22\nRNU\n")
        .file("warning", "FROM alpine:3.22 as base\n")
        .file("info", "FROM golang:1.25\nRUN x\nFROM scratch\nCOPY --from=0 /a /a\n")
        .file("clean", "FROM alpine:3.22 AS base\n");
    let code = |args: &[&str]| folder.check(args).status.code().unwrap();
    let codes = |file: &str| {
        let levels = ["error", "warning", "info"];
        levels.map(|level| code(&[file, "--select", "UnnamedStage,FromAsCasing", "--fail-on", level]))
    };
    assert_eq!(codes("error"), [1, 1, 1]);
    assert_eq!(codes("warning"), [0, 1, 1]);
    assert_eq!(codes("info"), [0, 0, 1]);
    assert_eq!(codes("clean"), [0, 0, 0]);
    assert_eq!([code(&["warning"]), code(&["clean", "warning"])], [1, 1]);
    assert_eq!(code(&["warning", "--ignore", "FromAsCasing"]), 0);
    assert_eq!(code(&["warning", "--select", "StageNameCasing"]), 0);
    assert_eq!(code(&["clean", "missing"]), 2);
    assert_eq!(code(&["clean", "--context", "missing"]), 2);
    assert_eq!(code(&["clean", "--format", "xml"]), 2);
    assert_eq!(code(&[]), 2);
}

#[test]
fn an_experimental_rule_speaks_when_it_is_asked_by_its_name() {
    let folder = Folder::new("experimental");
    folder.file("a", "# other words\nFROM alpine:3.22 AS base\n");
    let rules = |args: &[&str]| -> Vec<String> {
        let (report, _) = json_of(&folder, args);
        let findings = report["files"][0]["findings"].as_array().unwrap();
        findings.iter().map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&["a"]), [""; 0]);
    assert_eq!(rules(&["a", "--select", "InvalidDefinitionDescription"]), ["InvalidDefinitionDescription"]);
    let left_out =
        ["a", "--select", "InvalidDefinitionDescription", "--ignore", "InvalidDefinitionDescription"];
    assert_eq!(rules(&left_out), [""; 0]);
}

#[test]
fn an_unknown_rule_is_wrong_use() {
    let folder = Folder::new("unknown");
    folder.file("a", "FROM alpine\n");
    for (args, expected) in [
        (&["a", "--select", "StageNameCasin"][..], "did you mean StageNameCasing?"),
        (&["a", "--ignore", "unnamedstage"], "did you mean UnnamedStage?"),
        (&["a", "--select", "StageNameCasing,Nonsense"], "`stagelight rules` lists them"),
    ] {
        let output = folder.check(args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn the_standard_input_is_a_file_too() {
    let folder = Folder::new("check-stdin");
    let mut child =
        command(&folder.0, "check", &["-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"FROM alpine:3.22 as base\n").unwrap();
    let text = stdout(&child.wait_with_output().unwrap());
    assert!(text.contains(" --> standard input:1:18"), "{text}");
    assert!(text.contains("1 warning in standard input, target base"), "{text}");
}

#[test]
fn many_files_are_one_report() {
    let folder = Folder::new("check-many");
    folder.file("a", "FROM alpine:3.22 AS Base\n").file("list", "a\n".repeat(1_000) + "missing\n");
    let (report, code) = json_of(&folder, &["--files-from", "list", "--select", "StageNameCasing"]);
    assert_eq!(report["files"].as_array().unwrap().len(), 1_001);
    assert_eq!(report["files"][1_000]["unreadable"], "Cannot read missing: there is no such file");
    let expected = json!({"files": 1_000, "unreadable": 1, "warnings": 1_000, "errors": 0});
    assert!(is_part(&expected, &report["summary"]), "{}", report["summary"]);
    assert_eq!(code, 2);
}

#[test]
fn workflow_commands_are_escaped() {
    let folder = Folder::new("github");
    folder.file("a,b:c", TWO_STAGES.replace("FROM scratch", "RUN a \\\n\n b\nFROM scratch"));
    let text = stdout(&folder.check(&["a,b:c", "nothing", "--format", "github"]));
    expect![[r#"
        ::notice file=a%2Cb%3Ac,line=1,endLine=1,col=6,endColumn=11,title=UnnamedStage::Stage 0 has no name, so no --target can ask for it%0AGive it one, with AS%0Afix available: Name the stage 'build'
        ::warning file=a%2Cb%3Ac,line=4,endLine=4,col=1,endColumn=1,title=NoEmptyContinuation::Empty continuation line%0Afix available: Take the blank lines out
        ::notice file=a%2Cb%3Ac,line=6,endLine=6,col=6,endColumn=12,title=NoCertificates::The image has no certificates: if the program speaks TLS to others, that likely fails%0ACopy /etc/ssl/certs/ca-certificates.crt from a stage that has it%0Afix available: Copy the certificates
        ::notice file=a%2Cb%3Ac,line=6,endLine=6,col=6,endColumn=12,title=RunsAsRoot::The image runs as root, since nothing names a user%0AName a user without rights at the end of the stage, by its number: USER 65532
        ::warning file=a%2Cb%3Ac,line=6,endLine=6,col=17,endColumn=19,title=StageNameCasing::Stage name 'Out' should be lowercase%0Afix available: Write 'out' everywhere
        ::notice file=a%2Cb%3Ac,line=7,endLine=7,col=13,endColumn=13,title=NumericReference::Stage 0 is another one as soon as a stage is added above it%0ARefer to the stage by a name%0Afix available: Name the stage 'build'
        ::warning file=a%2Cb%3Ac,line=7,endLine=7,col=15,endColumn=18,title=LibcMismatch::'app' is likely linked to glibc, and scratch has none: it does not start%0ABuild it with CGO_ENABLED=0, or on a base with the same C library%0Afix available: Build it without C
        ::error file=a%2Cb%3Ac,line=9,endLine=9,col=5,endColumn=8,title=NoShell::scratch has no shell to run this in: the container does not start%0AUse the exec form, an array in JSON, or a base image with a shell%0Afix available: Write it in exec form
        ::error file=nothing::Cannot read nothing: there is no such file
    "#]].assert_eq(&text);
}

#[test]
fn sarif_has_what_its_schema_asks_for() {
    let folder = Folder::new("sarif");
    folder
        .file("a b", TWO_STAGES)
        .file("wide", "FROM alpine:3.22 AS base\nUSER 😀$x\n")
        .file("bad", "FROM alpine\nRNU\n");
    let output = folder.check(&["a b", "wide", "bad", "missing", "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(2));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["message"]["text"], "Cannot read missing: there is no such file");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "stagelight");
    assert!(driver["fullDescription"]["text"].as_str().unwrap().contains("73ed6825c"));
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(!rule["id"].as_str().unwrap().is_empty());
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        assert!(rule["id"] == "BuildError" || rule["help"]["markdown"].as_str().unwrap().starts_with("# "));
    }
    let results = run["results"].as_array().unwrap();
    let mut of_rule = serde_json::Map::new();
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][key].as_u64().unwrap() >= 1);
        }
        of_rule.insert(result["ruleId"].as_str().unwrap().to_owned(), result.clone());
    }
    let place = &of_rule["UnnamedStage"]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b");
    let fix = &of_rule["UnnamedStage"]["fixes"][0];
    assert_eq!(fix["description"]["text"], "Name the stage 'build'");
    let insertion = json!({
        "deletedRegion": {"startLine": 1, "startColumn": 12, "endLine": 1, "endColumn": 12},
        "insertedContent": {"text": " AS build"}
    });
    assert_eq!(fix["artifactChanges"][0]["replacements"][0], insertion);
    assert_eq!(of_rule["NumericReference"]["relatedLocations"][0]["message"]["text"], "this is the stage");
    // The emoji is two units of UTF-16.
    let wide = json!({"startLine": 2, "startColumn": 8, "endLine": 2, "endColumn": 10});
    assert_eq!(of_rule["UndefinedVar"]["locations"][0]["physicalLocation"]["region"], wide);
    assert_eq!(of_rule["BuildError"]["level"], "error");
}

#[test]
fn rules_are_listed_and_have_pages() {
    let folder = Folder::new("rules");
    let rules = |args: &[&str]| command(&folder.0, "rules", args).output().unwrap();
    let list = stdout(&rules(&[]));
    assert!(list.contains("\nUnnamedStage  "), "{list}");
    assert!(list.contains("73ed6825c of August 2026"), "{list}");
    assert!(stdout(&rules(&["UnnamedStage"])).starts_with("# UnnamedStage\n"));
    let unknown = rules(&["UnamedStage"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean UnnamedStage?"));
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn the_documented_examples_are_true() {
    let folder = Folder::new("check-documented");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks.md");
    let page = fs::read_to_string(page).unwrap();
    let mut n_checked = 0;
    for block in page.split("\n```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        let args: &[&str] = match kind {
            "dockerfile" => {
                folder.file("Dockerfile", format!("{text}\n"));
                continue;
            }
            "json" => &["Dockerfile"],
            "json select" => &["Dockerfile", "--select", "UnnamedStage,NumericReference"],
            _ => continue,
        };
        let example: Value = serde_json::from_str(text).unwrap();
        let (report, _) = json_of(&folder, args);
        assert!(is_part(&example, &report), "this is not in {report}:\n{text}");
        n_checked += 1;
    }
    assert_eq!(n_checked, 2);
}

const FIXABLE: &str = "\
FROM golang:1.25 as build
RUN CGO_ENABLED=0 go build -o /app
FROM scratch AS Out
COPY --from=build /app /app
";

#[test]
fn a_file_is_mended() {
    let folder = Folder::new("fix");
    folder.file("Dockerfile", FIXABLE);
    let output = folder.check(&["Dockerfile", "--fix"]);
    expect![[r#"
        mended[FromAsCasing]: Write 'AS'
        mended[StageNameCasing]: Write 'out' everywhere

        Nothing found in Dockerfile, target out; 2 mended
        Rules of BuildKit 73ed6825c of August 2026 and Stagelight 0.1.0
    "#]]
    .assert_eq(&stdout(&output));
    assert_eq!(output.status.code(), Some(0));
    let mended = fs::read_to_string(folder.0.join("Dockerfile")).unwrap();
    assert_eq!(mended, FIXABLE.replace(" as ", " AS ").replace("Out", "out"));
    let again = stdout(&folder.check(&["Dockerfile", "--fix"]));
    assert!(!again.contains("mended"), "{again}");
}

#[test]
fn a_difference_is_shown_and_nothing_changes() {
    let folder = Folder::new("diff");
    folder.file("Dockerfile", FIXABLE);
    let output = folder.check(&["./Dockerfile", "--diff", "--select", "StageNameCasing"]);
    expect![[r#"
        --- a/Dockerfile
        +++ b/Dockerfile
        @@ -1,4 +1,4 @@
         FROM golang:1.25 as build
         RUN CGO_ENABLED=0 go build -o /app
        -FROM scratch AS Out
        +FROM scratch AS out
         COPY --from=build /app /app
    "#]]
    .assert_eq(&stdout(&output));
    expect![[r#"
        would mend[StageNameCasing]: Write 'out' everywhere
        1 fix in ./Dockerfile, target out; nothing is changed yet
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(folder.0.join("Dockerfile")).unwrap(), FIXABLE);
    let none = folder.check(&["Dockerfile", "--diff", "--select", "NoEmptyContinuation"]);
    assert_eq!((none.status.code(), stdout(&none)), (Some(0), String::new()));
}

#[test]
fn the_standard_input_is_printed_mended() {
    let folder = Folder::new("fix-stdin");
    let mut child = command(&folder.0, "check", &["-", "--fix"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(FIXABLE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output), FIXABLE.replace(" as ", " AS ").replace("Out", "out"));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("mended[StageNameCasing]: Write 'out' everywhere"), "{told}");
}

#[test]
fn what_asks_is_mended_on_request_alone_and_said() {
    let folder = Folder::new("unsafe");
    let text = "FROM alpine:3.22 AS base\nRUN x\nUSER $name\n";
    folder.file("Dockerfile", text).file("b", text);
    folder.check(&["Dockerfile", "--fix"]);
    assert_eq!(fs::read_to_string(folder.0.join("Dockerfile")).unwrap(), text);
    let (report, _) = json_of(&folder, &["b", "--fix", "--unsafe-fixes", "--select", "UndefinedVar"]);
    let mended = &report["files"][0]["mended"][0];
    assert_eq!(
        (&mended["rule"], &mended["title"]),
        (&json!("UndefinedVar"), &json!("Declare ARG name above"))
    );
    assert!(mended["because"].as_str().unwrap().len() > 10);
    assert_eq!(report["summary"]["mended"], 1);
    assert!(fs::read_to_string(folder.0.join("b")).unwrap().contains("\nARG name\nUSER $name\n"));
}

#[test]
fn what_cannot_be_mended_stays_as_it_is() {
    let folder = Folder::new("unmended");
    let latin = b"FROM alpine:3.22 as base\n# caf\xe9\nLABEL a=b\n";
    folder.file("latin", latin).file("a", FIXABLE);
    let output = folder.check(&["latin", "--fix"]);
    assert_eq!(fs::read(folder.0.join("latin")).unwrap(), latin);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not UTF-8"));
    for args in [
        &["a", "--unsafe-fixes"][..],
        &["a", "--fix", "--diff"],
        &["a", "--diff", "--format", "json"],
        &["-", "a", "--fix"],
        &["-", "--fix", "--format", "sarif"],
    ] {
        let output = folder.check(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
    assert_eq!(fs::read_to_string(folder.0.join("a")).unwrap(), FIXABLE);
}

#[test]
fn line_ends_stay_as_they_are() {
    let folder = Folder::new("fix-crlf");
    let text = FIXABLE.replace('\n', "\r\n");
    folder.file("a", &text);
    folder.check(&["a", "--fix"]);
    let mended = fs::read_to_string(folder.0.join("a")).unwrap();
    assert_eq!(mended, text.replace(" as ", " AS ").replace("Out", "out"));
}
