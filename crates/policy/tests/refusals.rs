//! What is refused, by code and line, and what is not.

use dockerfile::stages::image_ref::DEFAULT_DOMAIN;
use policy::{Rules, images, refusals};
use protocol::build::{Health, InputFile, Request};

/// `code` or `code:line`, in order.
fn found(request: &Request, rules: &Rules) -> Vec<String> {
    let found = refusals(request, rules);
    for refusal in &found {
        for text in [&refusal.message, &refusal.reason, &refusal.help] {
            assert!(text.chars().count() > 10 && !text.contains('\n'), "{refusal:?}");
        }
    }
    let shown = found.into_iter().map(|it| match it.line {
        Some(line) => format!("{}:{line}", it.code),
        None => it.code,
    });
    shown.collect()
}

fn request(dockerfile: &str) -> Request {
    Request { dockerfile: dockerfile.to_owned(), ..Request::default() }
}

fn some_images() -> Rules {
    let images = ["golang", "alpine:3.*", "debian:bookworm-slim", "example.com/team/*", "pinned@sha256:"];
    let mut images: Vec<String> = images.map(str::to_owned).to_vec();
    images[4].push_str(&"a".repeat(64));
    Rules { images: Some(images), ..Rules::default() }
}

#[test]
fn addresses_are_fetched_where_that_is_allowed() {
    let rules = Rules::of(&Health { downloads: true, ..Health::default() });
    assert!(rules.downloads);
    let rules = Rules { downloads: true, ..Rules::default() };
    for address in [
        "https://example.com/a",
        "http://10.0.0.1/a",
        "https://example.com/a/b.git#main",
        "git://example.com/a",
    ] {
        assert_eq!(found(&request(&format!("FROM scratch\nADD {address} /a")), &rules), [""; 0], "{address}");
    }
    for address in ["git@example.com:a/b.git", "ssh://git@example.com/a/b.git"] {
        let request = request(&format!("FROM scratch\nADD {address} /a"));
        assert_eq!(found(&request, &rules), ["remote-source:2"], "{address}");
        assert!(refusals(&request, &rules)[0].reason.contains("keys"));
    }
    // Another reader of the Dockerfile, and contexts, stay away.
    assert_eq!(found(&request("# syntax=example.com/a\nFROM scratch"), &rules), ["frontend:1"]);
    let refused = refusals(&request("FROM scratch\nADD https://example.com/a /a"), &Rules::default());
    assert!(refused[0].help.contains("--downloads"), "{}", refused[0].help);
}

#[test]
fn a_plain_multi_stage_build_is_made() {
    let text = "# syntax=docker/dockerfile:1\nFROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n\
                RUN --mount=type=cache,target=/root/.cache --network=none go build -o /app .\n\
                FROM scratch\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n";
    assert_eq!(found(&request(text), &Rules::default()), [""; 0]);
    assert_eq!(found(&request(text), &some_images()), [""; 0]);
}

#[test]
fn what_a_dockerfile_must_not_ask_for() {
    let cases: &[(&str, &[&str])] = &[
        // Frontends, wherever BuildKit looks for them.
        ("# syntax=docker/dockerfile:1.7-labs\nFROM scratch", &[]),
        ("# syntax=docker/dockerfile-upstream:master\nFROM scratch", &[]),
        ("# syntax=example.com/frontend\nFROM scratch", &["frontend:1"]),
        ("# syntax=docker/dockerfile-evil:1\nFROM scratch", &["frontend:1"]),
        ("# syntax=127.0.0.1:5000/docker/dockerfile:1\nFROM scratch", &["frontend:1"]),
        ("#!/usr/bin/env x\n# syntax=other/frontend\nFROM scratch", &["frontend:2"]),
        ("// syntax=other/frontend\nFROM scratch", &["frontend:1"]),
        ("{\"syntax\": \"other/frontend\"}\n", &["frontend:1"]),
        // ADD from elsewhere, after expansion.
        ("FROM scratch\nADD https://example.com/a /a", &["remote-source:2"]),
        ("ARG H=http://10.0.0.1\nFROM scratch\nARG H\nADD $H/a /a", &["remote-source:4"]),
        ("FROM scratch\nADD git@example.com:a/b.git /a", &["remote-source:2"]),
        ("FROM scratch\nADD https://example.com/a/b.git#main /a", &["remote-source:2"]),
        ("FROM scratch AS a\nONBUILD ADD https://example.com/a /a\nFROM a", &["remote-source:3"]),
        ("FROM scratch\nADD a.tar b.txt /", &[]),
        // What RUN asks for.
        ("FROM alpine\nRUN --network=host id", &["network-host:2"]),
        ("FROM alpine\nRUN --network=none id\nRUN --network=default id", &[]),
        ("FROM alpine\nRUN --security=insecure id", &["insecure:2"]),
        ("FROM alpine\nRUN --device=vendor.com/x=y id", &["device:2"]),
        ("FROM alpine\nRUN --mount=type=ssh id", &["ssh-mount:2"]),
        ("FROM alpine\nRUN --mount=type=secret,id=x id", &["secret-mount:2"]),
        ("FROM alpine\nARG T=ssh\nRUN --mount=type=$T id", &["ssh-mount:3"]),
        ("FROM alpine\nONBUILD RUN --mount=type=ssh id", &["ssh-mount:2"]),
        ("FROM alpine\nONBUILD RUN --network=host id", &["network-host:2"]),
        ("FROM alpine\nRUN echo \\\n  --network=host", &[]),
        ("FROM alpine\nRUN --mount=type=tmpfs,target=/t --mount=from=alpine,target=/a id", &[]),
        // All of them, by line.
        (
            "FROM alpine\nRUN --network=host --mount=type=ssh id\nADD https://example.com/a /a",
            &["network-host:2", "ssh-mount:2", "remote-source:3"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(found(&request(text), &Rules::default()), *expected, "{text}");
    }
}

#[test]
fn images_are_those_of_the_list() {
    let digest = format!("@sha256:{}", "a".repeat(64));
    let cases: Vec<(String, &[&str])> = vec![
        ("FROM golang:1.23".into(), &[]),
        (format!("FROM {DEFAULT_DOMAIN}/library/golang"), &[]),
        (format!("FROM golang{digest}"), &[]),
        ("FROM alpine:3.22".into(), &[]),
        ("FROM alpine".into(), &["image:1"]),
        (format!("FROM alpine:3.22{digest}"), &["image:1"]),
        (format!("FROM pinned{digest}"), &[]),
        (format!("FROM pinned:1{digest}"), &[]),
        ("FROM pinned".into(), &["image:1"]),
        ("FROM debian:bookworm-slim AS a\nFROM debian:bookworm AS b\nFROM a".into(), &["image:2"]),
        ("FROM example.com/team/base:1".into(), &[]),
        ("FROM example.com/teams/base:1".into(), &["image:1"]),
        ("FROM example.com:5000/team/base:1".into(), &["image:1"]),
        ("FROM other/golang".into(), &["image:1"]),
        ("ARG V=1\nARG I=busybox\nFROM $I:$V".into(), &["image:3"]),
        ("FROM scratch\nCOPY --from=busybox /bin /bin".into(), &["image:2"]),
        ("FROM golang\nRUN --mount=from=busybox,target=/b id".into(), &["image:2"]),
        ("FROM golang AS busybox\nFROM scratch\nCOPY --from=busybox /a /a\nCOPY --from=0 /a /b".into(), &[]),
    ];
    for (text, expected) in &cases {
        assert_eq!(found(&request(text), &some_images()), *expected, "{text}");
    }
    let none = Rules { images: Some(Vec::new()), ..Rules::default() };
    assert_eq!(found(&request("FROM scratch"), &none), [""; 0]);
    assert_eq!(found(&request("FROM alpine"), &none), ["image:1"]);
}

#[test]
fn arguments_choose_the_image() {
    let mut build = request("ARG I=golang\nFROM $I");
    assert_eq!(found(&build, &some_images()), [""; 0]);
    build.args.insert("I".to_owned(), "busybox".to_owned());
    assert_eq!(found(&build, &some_images()), ["image:2"]);
    assert_eq!(images(&build).len(), 1);
    assert!(images(&build)[0].ends_with("library/busybox:latest"));
}

#[test]
fn some_arguments_are_not_for_users() {
    let mut build = request("FROM scratch");
    for name in ["VERSION", "BUILDKIT", "PROXY", "SOURCE_DATE_EPOCH"] {
        build.args.insert(name.to_owned(), "x".to_owned());
    }
    assert_eq!(found(&build, &Rules::default()), [""; 0]);
    for name in ["BUILDKIT_SYNTAX", "BUILDKIT_CACHE_MOUNT_NS", "buildkit_syntax", "HTTP_PROXY", "https_proxy"]
    {
        let mut build = build.clone();
        build.args.insert(name.to_owned(), "x".to_owned());
        assert_eq!(found(&build, &Rules::default()), ["reserved-argument"], "{name}");
    }
}

#[test]
fn a_named_context_is_an_image() {
    let cases: &[(&str, &[&str])] = &[
        ("docker-image://golang:1.23", &[]),
        ("docker-image://scratch", &[]),
        ("docker-image://busybox", &["image"]),
        ("https://example.com/a.tar", &["named-context"]),
        ("https://example.com/a.git", &["named-context"]),
        ("oci-layout://x", &["named-context"]),
        ("../other", &["named-context"]),
        ("target:base", &["named-context"]),
    ];
    for (value, expected) in cases {
        let mut build = request("FROM base");
        build.contexts.insert("base".to_owned(), (*value).to_owned());
        let mut rules = some_images();
        rules.images.as_mut().unwrap().push("base".to_owned());
        assert_eq!(found(&build, &rules), *expected, "{value}");
    }
}

#[test]
fn files_lie_where_they_say() {
    let file =
        |path: &str| InputFile { path: path.to_owned(), text: Some("x".to_owned()), ..InputFile::default() };
    let cases: &[(&[&str], &[&str])] = &[
        (&["a", "a.b/c", ".dockerignore", "ä ö/…", "a-b"], &[]),
        (&["/etc/passwd"], &["path"]),
        (&["../a"], &["path"]),
        (&["a/../b"], &["path"]),
        (&["a/./b"], &["path"]),
        (&["a//b"], &["path"]),
        (&["a/"], &["path"]),
        (&[""], &["path"]),
        (&["a\0b"], &["path"]),
        (&["a\nb"], &["path"]),
        (&["..\\a"], &["path"]),
        (&["C:\\a"], &["path"]),
        (&["a", "a"], &["duplicate-path"]),
        (&["a", "a/b"], &["path"]),
        (&["a", "a/b/c", "a-b"], &["path"]),
    ];
    for (paths, expected) in cases {
        let files = paths.iter().map(|path| file(path)).collect();
        let build = Request { files, ..request("FROM scratch") };
        assert_eq!(found(&build, &Rules::default()), *expected, "{paths:?}");
    }
    let long = file(&"a/".repeat(600)[..1199]);
    let build = Request { files: vec![long, file(&"b".repeat(256))], ..request("FROM scratch") };
    assert_eq!(found(&build, &Rules::default()), ["path", "path"]);
}

#[test]
fn files_have_one_content_of_a_bounded_size() {
    let cases: &[(Option<&str>, Option<&str>, &[&str])] = &[
        (Some("x"), None, &[]),
        (None, Some("AAEC"), &[]),
        (None, None, &["content"]),
        (Some("x"), Some("AAEC"), &["content"]),
        (None, Some("AAE"), &["content"]),
        (None, Some("no base64!"), &["content"]),
    ];
    for (text, base64, expected) in cases {
        let file = InputFile {
            path: "a".to_owned(),
            text: text.map(str::to_owned),
            base64: base64.map(str::to_owned),
            executable: false,
        };
        let build = Request { files: vec![file], ..request("FROM scratch") };
        assert_eq!(found(&build, &Rules::default()), *expected, "{text:?} {base64:?}");
    }
    let files = |n: usize, size: usize| {
        let file =
            |idx| InputFile { path: format!("f{idx}"), text: Some("x".repeat(size)), ..InputFile::default() };
        Request { files: (0..n).map(file).collect(), ..request("FROM scratch") }
    };
    assert_eq!(found(&files(64, 1), &Rules::default()), [""; 0]);
    assert_eq!(found(&files(65, 1), &Rules::default()), ["too-many-files"]);
    assert_eq!(found(&files(1, 256 << 10), &Rules::default()), [""; 0]);
    assert_eq!(found(&files(1, (256 << 10) + 1), &Rules::default()), ["file-too-large"]);
    assert_eq!(found(&files(5, 250_000), &Rules::default()), ["context-too-large"]);
}

#[test]
fn a_dockerfile_has_a_bounded_size() {
    let stages = |n: usize| request(&"FROM scratch\n".repeat(n));
    assert_eq!(found(&stages(50), &Rules::default()), [""; 0]);
    assert_eq!(found(&stages(51), &Rules::default()), ["too-many-stages:51"]);
    let instructions = |n: usize| request(&format!("FROM scratch\n{}", "ENV A=b\n".repeat(n - 1)));
    assert_eq!(found(&instructions(300), &Rules::default()), [""; 0]);
    assert_eq!(found(&instructions(301), &Rules::default()), ["too-many-instructions:301"]);
    let long = request(&format!("FROM scratch\n# {}", "x".repeat(128 << 10)));
    assert_eq!(found(&long, &Rules::default()), ["dockerfile-too-large"]);
}

#[test]
fn there_is_an_end_of_refusals() {
    let text = format!("FROM scratch\n{}", "ADD https://example.com/a /a\n".repeat(200));
    assert_eq!(refusals(&request(&text), &Rules::default()).len(), 50);
    let odd = "ADD https://example.com/\u{1b}]8;;javascript:alert(1)\u{7} /a\n";
    let found = refusals(&request(&format!("FROM scratch\n{odd}")), &Rules::default());
    assert!(found.iter().all(|it| !it.message.contains('\u{1b}')), "{found:?}");
}

#[test]
fn no_text_breaks_it() {
    for text in [
        "",
        "\u{feff}",
        "FROM",
        "RUN --mount=type=ssh",
        "FROM $",
        "ONBUILD",
        "FROM a\nONBUILD ONBUILD RUN x",
        "{",
    ] {
        refusals(&request(text), &some_images());
    }
}
