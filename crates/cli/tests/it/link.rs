//! `stagelight share`, `stagelight open` and `stagelight completions` from outside.

use std::fs;
use std::process::Output;

use crate::{Folder, command, stderr, stdout};

const BASE: &str = "https://example.org/play/";

fn run(folder: &Folder, name: &str, args: &[&str]) -> Output {
    command(&folder.0, name, args).env_remove("STAGELIGHT_BASE").output().unwrap()
}

/// The link that is made of files, which is the last line.
fn share(folder: &Folder, args: &[&str]) -> String {
    let output = run(folder, "share", &[args, &["--base", BASE]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output).lines().last().unwrap().to_owned()
}

#[test]
fn files_come_out_of_a_link_byte_for_byte() {
    let folder = Folder::new("link-bytes");
    let texts = [
        "FROM alpine\r\nRUN a\r\n",
        "\u{feff}FROM alpine",
        "",
        "FROM alpine\nRUN <<EOF\n\u{0}é🚢\u{2028}\nEOF\n\n\n",
        "# only\r\r\n",
    ];
    for text in texts {
        folder.file("Dockerfile", text).file(".dockerignore", text);
        let link = share(&folder, &["Dockerfile", ".dockerignore"]);
        assert!(link.starts_with("https://example.org/play/#1."), "{link}");
        let output = run(&folder, "open", &[&link, "-o", "out/a", "--force"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        for name in ["Dockerfile", ".dockerignore"] {
            assert_eq!(fs::read(folder.0.join("out/a").join(name)).unwrap(), text.as_bytes());
        }
    }
}

/// A link whose build context has a file with a text.
fn with_file(path: &str) -> String {
    let file =
        protocol::ContextFile { path: path.to_owned(), size: None, text: Some("echo hi\n".to_owned()) };
    let context = protocol::Context { files: Some(vec![file]), ..protocol::Context::default() };
    let playground = protocol::Playground {
        dockerfile: "FROM alpine\nCOPY . .\n".to_owned(),
        context: Some(context),
        ..protocol::Playground::default()
    };
    format!("{BASE}#{}", protocol::link::encode(&playground))
}

#[test]
fn files_of_the_context_come_out_where_the_link_has_their_text() {
    let folder = Folder::new("link-context");
    let output = run(&folder, "open", &[&with_file("cmd/run.sh"), "-o", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.0.join("out/cmd/run.sh")).unwrap(), "echo hi\n");
    assert!(!stdout(&output).contains("not in the link"), "{}", stdout(&output));
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    let folder = Folder::new("link-outside");
    for path in ["../evil", "/tmp/evil", "a/../../evil", "..", ""] {
        let output = run(&folder, "open", &[&with_file(path), "-o", "out"]);
        assert_eq!(output.status.code(), Some(2), "{path}: {}", stdout(&output));
        assert!(stderr(&output).contains("not below the folder"), "{path}: {}", stderr(&output));
        assert!(!folder.0.join("evil").exists() && !folder.0.join("out").exists(), "{path}");
    }
    fs::create_dir_all(folder.0.join("elsewhere")).unwrap();
    fs::create_dir_all(folder.0.join("out")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.0.join("out/cmd")).unwrap();
    let output = run(&folder, "open", &[&with_file("cmd/run.sh"), "-o", "out"]);
    assert!(stderr(&output).contains("is a link to elsewhere"), "{}", stderr(&output));
    assert!(!folder.0.join("elsewhere/run.sh").exists());
}

#[test]
fn a_link_says_what_is_in_it_and_how_to_build_it() {
    let folder = Folder::new("link-notes");
    fs::create_dir_all(folder.0.join("app")).unwrap();
    folder
        .file("app/Dockerfile", "FROM alpine AS a\nARG V\nFROM a AS b\nCOPY . .\n")
        .file("app/Dockerfile.dockerignore", "*.md\n")
        .file("app/main.go", "package main\n");
    let args = [
        "app/Dockerfile",
        "--context",
        "app",
        "--target",
        "a",
        "--build-arg",
        "V=it's",
        "--platform",
        "arm64",
    ];
    let output =
        run(&folder, "share", &[&args[..], &["--base", "https://example.org/play/?x=1#old"]].concat());
    let told = stdout(&output);
    for part in [
        "app/Dockerfile, 4 lines\n",
        "\ntarget a\n",
        "\nplatform linux/arm64\n",
        "\nbuild arguments with their values, for whoever has the link: V\n",
        "\n.dockerignore\n",
        "\nnames and sizes of 3 files, without what is in them\n",
        " characters\n",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("cut links off"));
    let link = told.lines().last().unwrap();
    assert!(link.starts_with("https://example.org/play/?x=1#1."), "{link}");
    let output = run(&folder, "open", &[link, "-o", "out"]);
    let expected = "\
wrote out/Dockerfile, 4 lines
wrote out/.dockerignore, 1 line
not in the link: what is in 3 files of the build context
  Dockerfile
  Dockerfile.dockerignore
  main.go
to build it: docker build --target a --platform linux/arm64 --build-arg 'V=it'\\''s' .
";
    assert_eq!(stdout(&output), expected);
    assert!(!folder.0.join("out/main.go").exists());
}

#[test]
fn a_long_link_is_hinted_at() {
    let folder = Folder::new("link-long");
    let lines: String = (0..400_u64)
        .map(|it| format!("RUN {:x}\n", (it + 7).pow(7).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect();
    folder.file("Dockerfile", format!("FROM alpine\n{lines}"));
    let output = run(&folder, "share", &["Dockerfile", "--base", BASE]);
    assert!(stdout(&output).contains("more than 2000 characters"), "{}", stdout(&output));
}

#[test]
fn what_is_too_long_for_a_link_is_a_file() {
    let folder = Folder::new("link-file");
    let mut seed = 7_u64;
    let lines: String = (0..9_000)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("RUN {:x}\n", seed >> 11)
        })
        .collect();
    let text = format!("FROM alpine\r\n{lines}");
    folder.file("Dockerfile", &text);
    let output = run(&folder, "share", &["Dockerfile", "--base", BASE]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("-o example.stagelight"), "{}", stderr(&output));
    let output = run(&folder, "share", &["Dockerfile", "-o", "a.stagelight"]);
    assert!(stdout(&output).ends_with("wrote a.stagelight, which the page opens\n"), "{}", stderr(&output));
    assert_eq!(run(&folder, "open", &["a.stagelight", "-o", "out"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.0.join("out/Dockerfile")).unwrap(), text);
    folder.file("b.stagelight", "{\"stagelight\": 9}");
    let output = run(&folder, "open", &["b.stagelight", "-o", "out2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the form 9"), "{}", stderr(&output));
}

#[test]
fn what_a_link_cannot_hold_gets_none() {
    let folder = Folder::new("link-refused");
    folder.file("Dockerfile", "FROM alpine\n").file("bytes", b"FROM alpine\nRUN \xff\xfe\n");
    let refused = [
        (&["bytes", "--base", BASE][..], "bytes has bytes that are no UTF-8, the first in line 2"),
        (&["Dockerfile", "bytes", "--base", BASE], "A link holds one Dockerfile, and these are 2"),
        (&["x.dockerignore", "--base", BASE], "Which Dockerfile?"),
        (&["Dockerfile"], "Where is the playground?"),
        (&["Dockerfile", "--base", "javascript:alert(1)"], "is no address of a page"),
        (&["missing", "--base", BASE], "Cannot read missing"),
    ];
    for (args, words) in refused {
        let output = run(&folder, "share", args);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    let output = command(&folder.0, "share", &["Dockerfile"]).env("STAGELIGHT_BASE", BASE).output().unwrap();
    assert!(stdout(&output).contains(BASE), "{}", stderr(&output));
}

#[test]
fn a_bad_link_writes_nothing() {
    let folder = Folder::new("link-bad");
    folder.file("Dockerfile", "FROM alpine\n");
    let link = share(&folder, &["Dockerfile"]);
    let bad = [
        (&link[..link.len() - 5], "damaged"),
        ("https://example.org/#9.abc", "the format '9'"),
        ("https://example.org/", "the format"),
        ("https://example.org/#", "holds nothing"),
        ("", "holds nothing"),
    ];
    for (link, words) in bad {
        let output = run(&folder, "open", &[link, "-o", "out"]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{link}");
        assert!(stderr(&output).contains(words), "{link}: {}", stderr(&output));
        assert!(!folder.0.join("out").exists());
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_outside_is_touched() {
    let folder = Folder::new("link-force");
    folder.file("Dockerfile", "FROM alpine\n").file("outside", "stays\n");
    let link = share(&folder, &["Dockerfile"]);
    let refused = run(&folder, "open", &[&link, "-o", "."]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("Dockerfile is there already; --force overwrites it"));
    #[cfg(unix)]
    {
        fs::create_dir_all(folder.0.join("out")).unwrap();
        std::os::unix::fs::symlink("../outside", folder.0.join("out/Dockerfile")).unwrap();
        assert_eq!(run(&folder, "open", &[&link, "-o", "out"]).status.code(), Some(2));
        assert_eq!(run(&folder, "open", &[&link, "-o", "out", "--force"]).status.code(), Some(0));
        assert_eq!(fs::read_to_string(folder.0.join("out/Dockerfile")).unwrap(), "FROM alpine\n");
        assert_eq!(fs::read_to_string(folder.0.join("outside")).unwrap(), "stays\n");
    }
}

#[test]
fn shells_get_completions() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&folder, "completions", &[shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("multi-stage"), "{shell}");
    }
    assert_eq!(run(&folder, "completions", &["dos"]).status.code(), Some(2));
}
