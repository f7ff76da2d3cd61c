//! What a build fails of, in a form for people.
//!
//! Engines since 23 send details along: the step, the lines and the exit code, and where in their own source the error
//! came up, which is nobody's business. Older ones have the text alone. Texts may name paths and addresses of the
//! builder's machine, which the Dockerfile does not; those are left out.

use std::error::Error;
use std::fmt::Write;

use bollard_buildkit_proto::moby::buildkit::v1::frontend;
use progress::vertices::Vertices;
use prost::Message;
use protocol::build::{End, Failure, Lines, Outcome, Step};
use serde_json::Value;
use tonic::{Code, Status};

use super::tls::Unreachable;
use crate::failure;

/// Where the machine of a builder keeps its own files.
const PLACES_OF_MACHINE: [&str; 9] =
    ["/var/lib/", "/run/", "/var/run/", "/proc/", "/sys/", "/root/", "/home/", "/tmp/buildkit", "/dev/shm/"];
/// What is put in place of what is not told.
const GONE: &str = "…";

/// What to do about what may not be.
const DENIED: &str = "Here a build brings nothing from outside but the images that are allowed, and runs with the builder's usual rights";

/// A status with details, as gRPC sends it along.
#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// What came of a build that did not succeed.
pub(super) fn outcome(status: &Status, vertices: &Vertices, dockerfile: &str) -> Outcome {
    let failure = failed(status, Some(vertices), dockerfile);
    let end = if is_lost(status) { End::Interrupted } else { End::Failed };
    Outcome { end, failure: Some(failure), image: None }
}

/// The same for what is no build of its own.
pub(super) fn failed(status: &Status, vertices: Option<&Vertices>, dockerfile: &str) -> Failure {
    if is_lost(status) {
        let why = status.source().and_then(|error| error.downcast_ref::<Unreachable>());
        if let Some(Unreachable(failure)) = why {
            return failure.clone();
        }
        return failure("engine", "The engine cannot be reached any more");
    }
    let mut details = told(status);
    let step = details
        .vertex
        .as_deref()
        .and_then(|digest| vertices.and_then(|all| all.id(digest)))
        .and_then(|id| vertices.and_then(|all| all.steps().get(id as usize)))
        .or_else(|| vertices.and_then(Vertices::culprit));
    let message = scrubbed(plain(status.message()), dockerfile);
    details.exit_code = details.exit_code.or_else(|| exit_code(&message));
    // Engines differ in how many of the lines of an instruction they name.
    let instruction = |lines: Lines| {
        let mapping = vertices?.mapping();
        mapping.lines_of(mapping.place_of(lines.first)?)
    };
    let lines = details.lines.map(|lines| instruction(lines).unwrap_or(lines));
    let lines =
        lines.or_else(|| step.and_then(|step| lines_of(step, vertices))).or_else(|| line_in(&message));
    let (code, help) = kind(status, &message, details.exit_code);
    Failure {
        code: code.to_owned(),
        message,
        step: step.map(|step| step.id),
        lines,
        exit_code: details.exit_code.filter(|_| code == "exit-code"),
        help: help.map(str::to_owned),
    }
}

/// Whether the engine has not said so itself: what it says comes of no other error on this side.
pub(super) fn is_lost(status: &Status) -> bool {
    status.code() == Code::Unavailable || status.source().is_some()
}

#[derive(Default)]
struct Told {
    vertex: Option<String>,
    lines: Option<Lines>,
    exit_code: Option<i32>,
}

fn told(status: &Status) -> Told {
    let mut told = Told::default();
    let Ok(Details { details }) = Details::decode(status.details()) else { return told };
    for detail in details {
        let kind = detail.kind.rsplit('/').next().unwrap_or_default();
        let json = |value: &[u8]| serde_json::from_slice::<Value>(value).unwrap_or_default();
        match kind {
            "errdefs.Vertex+json" => {
                told.vertex = json(&detail.value).get("digest").and_then(Value::as_str).map(str::to_owned);
            }
            "errdefs.Source+json" => {
                let value = json(&detail.value);
                let ranges = value.get("ranges").and_then(Value::as_array);
                told.lines = ranges.and_then(|ranges| ranges.first()).and_then(range).or(told.lines);
            }
            "gatewayapi.ExitMessage+json" | "moby.buildkit.v1.frontend.ExitMessage+json" => {
                told.exit_code = json(&detail.value)
                    .get("Code")
                    .and_then(Value::as_i64)
                    .and_then(|it| i32::try_from(it).ok());
            }
            "moby.buildkit.v1.frontend.ExitMessage" => {
                let message = frontend::ExitMessage::decode(&detail.value[..]).unwrap_or_default();
                told.exit_code = i32::try_from(message.code).ok();
            }
            _ => {}
        }
    }
    told
}

fn range(value: &Value) -> Option<Lines> {
    let line = |end: &str| value.get(end)?.get("line")?.as_u64().and_then(|it| u32::try_from(it).ok());
    let first = line("start")?;
    Some(Lines { first, last: line("end").unwrap_or(first).max(first) })
}

fn lines_of(step: &Step, vertices: Option<&Vertices>) -> Option<Lines> {
    let place = step.places.iter().find(|place| place.line > 0)?;
    vertices?.mapping().lines_of(*place)
}

/// Older engines say it in words alone.
fn exit_code(message: &str) -> Option<i32> {
    let (_, rest) = message.rsplit_once("exit code: ")?;
    rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

/// `dockerfile parse error on line 3: …`, with or without `on`.
pub(super) fn line_in(message: &str) -> Option<Lines> {
    let (_, rest) = message.split_once("parse error ")?;
    let (_, rest) = rest.split_once("line ")?;
    let line = rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()?;
    Some(Lines { first: line, last: line })
}

/// A short name for the kind, and what to do.
fn kind(status: &Status, message: &str, exit_code: Option<i32>) -> (&'static str, Option<&'static str>) {
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if status.code() == Code::ResourceExhausted || has(&["no space left on device"]) {
        return ("disk-full", Some("That is not the Dockerfile's fault: the builder has no room left"));
    }
    if has(&["denied by policy", "not allowed by policy", "source policy", "is not allowed", "entitlement"]) {
        return ("denied", Some(DENIED));
    }
    match exit_code {
        Some(137) => {
            return ("exit-code", Some("The process was killed, perhaps because it took too much memory"));
        }
        Some(_) => return ("exit-code", None),
        None => {}
    }
    if has(&["dockerfile parse error", "Dockerfile parse error", "failed to parse", "unknown instruction"]) {
        return ("parse", None);
    }
    if has(&["target stage", "could not be found"]) {
        return ("target", None);
    }
    if has(&[
        "pull access denied",
        "failed to resolve source metadata",
        "failed to do request",
        "no match for platform",
    ]) {
        return ("image", Some("The builder has no such image, or cannot reach where it would come from"));
    }
    if has(&["not found", "no such file or directory"]) {
        return ("not-found", None);
    }
    ("failed", None)
}

/// Without what engines put in front of everything.
fn plain(message: &str) -> &str {
    let beginnings = [
        "failed to solve: ",
        "failed to solve with frontend dockerfile.v0: ",
        "failed to create LLB definition: ",
        "rpc error: code = Unknown desc = ",
        "failed to compute cache key: ",
        "failed to load LLB: ",
    ];
    let mut message = message;
    while let Some(rest) = beginnings.iter().find_map(|beginning| message.strip_prefix(beginning)) {
        message = rest;
    }
    message
}

/// A text of the engine without what is of its own machine. What the Dockerfile says itself stays.
pub(super) fn scrubbed(text: &str, dockerfile: &str) -> String {
    // `failed to calculate checksum of ref <two ids>: "/x": not found`
    let text = match text.split_once(" of ref ") {
        Some((before, rest)) => match rest.split_once(": ") {
            Some((ids, behind)) if !ids.contains(' ') => format!("{before}: {behind}"),
            _ => text.to_owned(),
        },
        None => text.to_owned(),
    };
    let mut scrubbed = String::with_capacity(text.len());
    let is_end = |it: char| {
        it.is_whitespace()
            || matches!(it, '"' | '\'' | '`' | '(' | ')' | '<' | '>' | '[' | ']' | ',' | ';' | '=')
    };
    let mut is_behind_lookup = false;
    for piece in text.split_inclusive(is_end) {
        let word = piece.trim_end_matches(is_end);
        let bare = word.trim_end_matches([':', '.']);
        // `lookup mirror.example on 10.0.0.1:53`
        let is_host = std::mem::replace(&mut is_behind_lookup, bare == "lookup");
        // Paths of stages are rooted, and may have been written without that.
        if !(is_host || is_of_machine(bare)) || dockerfile.contains(bare.trim_start_matches('/')) {
            scrubbed.push_str(piece);
        } else {
            write!(scrubbed, "{GONE}{}", &piece[bare.len()..]).ok();
        }
    }
    scrubbed
}

fn is_of_machine(word: &str) -> bool {
    let is_address = word.contains("://") && !word.starts_with("docker-image://");
    let host = word.split(['/', ':', '-']).next().unwrap_or_default();
    let is_ip = host.parse::<std::net::Ipv4Addr>().is_ok() || word.starts_with("::1");
    is_address || is_ip || PLACES_OF_MACHINE.iter().any(|place| word.starts_with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(scrubbed(text, "FROM a\nADD https://example.org/x /var/lib/mine\n"), expected);
    }

    #[test]
    fn what_is_of_the_builder_is_not_told() {
        check(
            r#"failed to calculate checksum of ref a1::b2: "/nope.txt": not found"#,
            r#"failed to calculate checksum: "/nope.txt": not found"#,
        );
        check(
            r#"Head "https://mirror.example/v2/a": dial tcp 10.0.0.7:443: connect: refused"#,
            r#"Head "…": dial tcp …: connect: refused"#,
        );
        check(
            "dial tcp: lookup mirror.example on 10.0.0.1:53: no such host",
            "dial tcp: lookup … on …: no such host",
        );
        check("open /var/lib/docker/overlay2/x/merged: no such file", "open …: no such file");
        check(
            "fetch https://example.org/x to /var/lib/mine.",
            "fetch https://example.org/x to /var/lib/mine.",
        );
        check("\"/var/lib/mine\": not found", "\"/var/lib/mine\": not found");
        check("exit code: 1 (1.2.3)", "exit code: 1 (1.2.3)");
    }

    #[test]
    fn a_status_without_details_is_read_by_its_words() {
        let status = Status::unknown("executor failed running [/bin/sh -c exit 37]: exit code: 37");
        let failure = failed(&status, None, "");
        assert_eq!((failure.code.as_str(), failure.exit_code), ("exit-code", Some(37)));
        let status =
            Status::unknown("failed to solve: dockerfile parse error on line 19: unknown instruction: FOO");
        let failure = failed(&status, None, "");
        assert_eq!((failure.code.as_str(), failure.lines), ("parse", Some(Lines { first: 19, last: 19 })));
        assert_eq!(failure.message, "dockerfile parse error on line 19: unknown instruction: FOO");
    }
}
