//! What a server does not build: pure, so that the browser says the same before sending as the server does after.
//!
//! A refusal is friendly and early, with a line; it is not the only wall. An engine is told itself which images may be
//! fetched, and gives RUN no network. Surprising: every stage counts, needed for the target or not, since the files of
//! any stage can be asked for later; and an ONBUILD is looked at although it runs elsewhere.
#![warn(missing_docs)]

mod files;
mod images;

use std::collections::BTreeSet;

use dockerfile::stages::image_ref::{self, DEFAULT_DOMAIN};
use dockerfile::stages::mount::{self, MountType};
use dockerfile::stages::{self, BuildOptions, Effect, Node, Source, StageGraph};
use dockerfile::syntax::{self, Instruction, InstructionKind, Parse};
use dockerfile::text::LineIndex;
use protocol::build::{Health, Limits, Refusal, Request};

pub use images::allows;

/// Stages of a Dockerfile.
pub const MAX_STAGES: usize = 50;
/// Instructions of a Dockerfile.
pub const MAX_INSTRUCTIONS: usize = 300;
/// Bytes of one file of the context.
pub const MAX_FILE_BYTES: usize = 256 << 10;
/// More than this says nothing new.
const MAX_REFUSALS: usize = 50;
/// The repository of the frontend that BuildKit has built in.
const FRONTENDS: [&str; 2] = ["docker/dockerfile", "docker/dockerfile-upstream"];
/// Arguments that steer how RUN reaches the network.
const PROXIES: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
/// How an image is named as a context.
const IMAGE: &str = "docker-image://";

/// What may be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The images that builds may start from, as in `golang`, `debian:bookworm*` or `example.com/team/*`; `None` for any.
    pub images: Option<Vec<String>>,
    /// Whether ADD may fetch from addresses.
    pub downloads: bool,
    /// What a build may use.
    pub limits: Limits,
    /// Whether the builder before BuildKit may be used, which cannot be told what may be fetched.
    pub legacy: bool,
}

impl Rules {
    /// What a server says of itself.
    pub fn of(health: &Health) -> Rules {
        Rules {
            images: health.images.clone(),
            downloads: health.downloads,
            limits: health.limits.clone(),
            legacy: health.abilities.legacy,
        }
    }
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { images: None, downloads: false, limits: limits(), legacy: false }
    }
}

/// What a build may use if nothing else is said.
pub fn limits() -> Limits {
    Limits {
        seconds: 600,
        idle_seconds: 180,
        dockerfile_bytes: 128 << 10,
        files: 64,
        context_bytes: 1 << 20,
        log_bytes: 4 << 20,
        days: 7,
        network: false,
    }
}

/// Why a build is not made; nothing if it may be. Those of the request come first, then those of the Dockerfile by line.
pub fn refusals(request: &Request, rules: &Rules) -> Vec<Refusal> {
    let mut acc = Vec::new();
    files::check(&request.files, &rules.limits, &mut acc);
    arguments(request, &mut acc);
    contexts(request, rules, &mut acc);
    if request.legacy && !rules.legacy {
        acc.push(Refusal {
            code: "legacy".to_owned(),
            line: None,
            message: "The legacy builder is not used here".to_owned(),
            reason: "It cannot be told which images and addresses may be fetched, so that it is only for the machine's owner".to_owned(),
            help: "Build with BuildKit".to_owned(),
        });
    }
    let most = rules.limits.dockerfile_bytes;
    if most > 0 && request.dockerfile.len() as u64 > most {
        acc.push(Refusal {
            code: "dockerfile-too-large".to_owned(),
            line: None,
            message: format!(
                "The Dockerfile has {} bytes, and {most} are the most",
                request.dockerfile.len()
            ),
            reason: SHARED.to_owned(),
            help: "Put long texts into files of the build context".to_owned(),
        });
        // Reading it is what the limit is for.
        return acc;
    }
    let parse = syntax::parse(&request.dockerfile);
    let graph = stages::resolve(&parse, &options(request));
    let mut found = Vec::new();
    frontend(&parse, &mut found);
    sizes(&parse, &graph, &mut found);
    for instruction in &parse.instructions {
        flags(instruction, &mut found);
    }
    sources(request, &graph, rules, &mut found);
    mounts(&graph, &mut found);
    found.sort_by(|a, b| (a.line, &a.code, &a.message).cmp(&(b.line, &b.code, &b.message)));
    found.dedup();
    acc.extend(found);
    acc.truncate(MAX_REFUSALS);
    acc
}

/// The images that a build may fetch, normalised, in alphabetical order: those that the Dockerfile names after expansion,
/// needed for the target or not, and those that named contexts put in their place.
pub fn images(request: &Request) -> Vec<String> {
    let graph = stages::resolve(&syntax::parse(&request.dockerfile), &options(request));
    let images = graph.sources.iter().filter_map(Source::image);
    images.map(str::to_owned).collect::<BTreeSet<String>>().into_iter().collect()
}

/// How many stages its Dockerfile has.
pub fn stages(request: &Request) -> usize {
    stages::resolve(&syntax::parse(&request.dockerfile), &options(request)).stages.len()
}

const SHARED: &str = "Many people build on one machine, and each may take only a part of it";
const FETCHES: &str = "The engine itself would fetch it, past all walls around RUN, also from addresses within the network that it is in";

/// What the core is told of the build.
fn options(request: &Request) -> BuildOptions {
    let pairs = |map: &std::collections::BTreeMap<String, String>| {
        map.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let mut options = BuildOptions {
        build_args: pairs(&request.args),
        contexts: pairs(&request.contexts),
        target: request.target.clone(),
        ..BuildOptions::default()
    };
    if let Some(platform) = &request.platform {
        options.target_platform.clone_from(platform);
    }
    options
}

fn arguments(request: &Request, acc: &mut Vec<Refusal>) {
    for name in request.args.keys() {
        let upper = name.to_ascii_uppercase();
        let reason = if upper.starts_with("BUILDKIT_") {
            "It steers the builder itself: another reader of the Dockerfile, or the caches of other people"
        } else if PROXIES.contains(&upper.as_str()) {
            "It sends what RUN asks of the network somewhere else"
        } else {
            continue;
        };
        acc.push(Refusal {
            code: "reserved-argument".to_owned(),
            line: None,
            message: format!("The build argument '{}' is not taken", shorten(name)),
            reason: reason.to_owned(),
            help: "Build without it, or with `docker build` on your own machine".to_owned(),
        });
    }
}

fn contexts(request: &Request, rules: &Rules, acc: &mut Vec<Refusal>) {
    for (name, value) in &request.contexts {
        match value.strip_prefix(IMAGE) {
            None => acc.push(Refusal {
                code: "named-context".to_owned(),
                line: None,
                message: format!("The named context '{}' is no image", shorten(name)),
                reason: "A directory is not here, and anything else the engine itself would fetch".to_owned(),
                help: format!(
                    "Give an image, as in {name}={IMAGE}alpine, or copy the files into the build context"
                ),
            }),
            Some("scratch") => {}
            Some(image) => {
                let reference = image_ref::parse(image).map(|it| it.normalized());
                if let Ok(reference) = reference
                    && !allows(rules.images.as_deref(), &reference)
                {
                    acc.push(image_refusal(image, None, rules));
                }
            }
        }
    }
}

fn frontend(parse: &Parse<'_>, acc: &mut Vec<Refusal>) {
    let Some(syntax) = &parse.detected.syntax else { return };
    let is_known = image_ref::parse(&syntax.value)
        .is_ok_and(|it| it.domain == DEFAULT_DOMAIN && FRONTENDS.contains(&it.path.as_str()));
    if !is_known {
        acc.push(Refusal {
            code: "frontend".to_owned(),
            line: Some(syntax.line.max(1)),
            message: format!("The Dockerfile asks to be read by '{}'", shorten(&syntax.value)),
            reason: "That is a program from an image, which the engine would run instead of its own reader".to_owned(),
            help: "Remove the line, or write `# syntax=docker/dockerfile:1`, for which the engine's own reader is taken"
                .to_owned(),
        });
    }
}

fn sizes(parse: &Parse<'_>, graph: &StageGraph, acc: &mut Vec<Refusal>) {
    if let Some(stage) = graph.stages.get(MAX_STAGES) {
        acc.push(Refusal {
            code: "too-many-stages".to_owned(),
            line: Some(stage.lines.first),
            message: format!(
                "The Dockerfile has {} stages, and {MAX_STAGES} are the most",
                graph.stages.len()
            ),
            reason: SHARED.to_owned(),
            help: "Build a part of it: the target and what it needs".to_owned(),
        });
    }
    if let Some(instruction) = parse.instructions.get(MAX_INSTRUCTIONS) {
        let n = parse.instructions.len();
        acc.push(Refusal {
            code: "too-many-instructions".to_owned(),
            line: Some(instruction.lines.first),
            message: format!("The Dockerfile has {n} instructions, and {MAX_INSTRUCTIONS} are the most"),
            reason: SHARED.to_owned(),
            help: "Join RUN instructions, or build a part of it: the target and what it needs".to_owned(),
        });
    }
}

/// What an instruction asks of the builder in so many words, within ONBUILD too.
fn flags(instruction: &Instruction<'_>, acc: &mut Vec<Refusal>) {
    let line = instruction.lines.first;
    let run = match &instruction.onbuild {
        Some(inner) => inner,
        None => instruction,
    };
    if run.kind != InstructionKind::Run {
        return;
    }
    for flag in &run.flags {
        let name = flag.name.text.trim_start_matches('-');
        let value = flag.value.as_ref().map_or("", |it| &it.text);
        match (name, value) {
            ("network", "host") => acc.push(refusal(
                "network-host",
                line,
                "RUN asks for the network of the builder itself",
                "A command could reach what listens on that machine, and its neighbours",
                "Leave `--network=host` out",
            )),
            ("security", "insecure") => acc.push(refusal(
                "insecure",
                line,
                "RUN asks for all rights on the builder",
                "A command could do to that machine what it likes",
                "Leave `--security=insecure` out",
            )),
            ("device", _) => acc.push(refusal(
                "device",
                line,
                "RUN asks for a device of the builder",
                "There is none to give",
                "Leave `--device` out",
            )),
            // As written, for those that BuildKit's own words would be about; `mounts` sees the others.
            ("mount", value) => {
                if let Ok(mount) = mount::parse(value, &mut |text| Ok(text.to_owned())) {
                    acc.extend(of_mount(mount.kind, line));
                }
            }
            _ => {}
        }
    }
}

/// The mounts of all RUN instructions after expansion, those of triggers too.
fn mounts(graph: &StageGraph, acc: &mut Vec<Refusal>) {
    for stage in &graph.stages {
        for command in &stage.commands {
            let (Effect::Run(run), Some(step)) = (&command.effect, stage.steps.get(command.step)) else {
                continue;
            };
            acc.extend(run.mounts.iter().filter_map(|mount| of_mount(mount.kind, step.lines.first)));
        }
    }
}

fn of_mount(kind: MountType, line: u32) -> Option<Refusal> {
    match kind {
        MountType::Ssh => Some(refusal(
            "ssh-mount",
            line,
            "RUN asks for an SSH agent",
            "Your keys are not on the server, and should not be",
            "Build it on your own machine, or copy the files into the build context",
        )),
        MountType::Secret => Some(refusal(
            "secret-mount",
            line,
            "RUN asks for a secret",
            "The server takes no secrets: what it builds can be seen by all who have the link",
            "Build it on your own machine, or leave the mount out where the command does without",
        )),
        MountType::Bind | MountType::Cache | MountType::Tmpfs => None,
    }
}

/// What the stages take from outside the file.
fn sources(request: &Request, graph: &StageGraph, rules: &Rules, acc: &mut Vec<Refusal>) {
    let index = LineIndex::new(&request.dockerfile);
    for edge in &graph.edges {
        let Node::Source(id) = edge.from else { continue };
        let Some(source) = graph.sources.get(id.0) else { continue };
        let line = index.line(edge.range.start);
        match source {
            Source::Image { reference, familiar } => {
                if !allows(rules.images.as_deref(), reference) {
                    acc.push(image_refusal(familiar, Some(line), rules));
                }
            }
            Source::Remote(address) if rules.downloads && is_fetched(address) => {}
            Source::Remote(address) if rules.downloads => acc.push(Refusal {
                code: "remote-source".to_owned(),
                line: Some(line),
                message: format!("ADD fetches '{}' with a key", shorten(address)),
                reason: "No keys are sent along with a build".to_owned(),
                help: "Fetch it by https://, or put the files into the build context and COPY them".to_owned(),
            }),
            Source::Remote(address) => acc.push(Refusal {
                code: "remote-source".to_owned(),
                line: Some(line),
                message: format!("ADD fetches '{}'", shorten(address)),
                reason: FETCHES.to_owned(),
                help: "Put the file into the build context and COPY it; a server for yourself alone allows it with \
                       --downloads"
                    .to_owned(),
            }),
            // Looked at where they are given, used or not.
            Source::NamedContext { .. } => {}
            // BuildKit refuses the last one itself.
            Source::Scratch | Source::Context | Source::Invalid(_) => {}
        }
    }
}

/// Whether an engine that may fetch gets what is at an address: without a key, that is.
fn is_fetched(address: &str) -> bool {
    ["http://", "https://", "git://"].iter().any(|scheme| address.starts_with(scheme))
}

fn image_refusal(image: &str, line: Option<u32>, rules: &Rules) -> Refusal {
    let allowed = rules.images.as_deref().unwrap_or_default();
    Refusal {
        code: "image".to_owned(),
        line,
        message: format!("The image '{}' is not one of those that this server builds with", shorten(image)),
        reason: "Images come from elsewhere, and the server has looked only at some".to_owned(),
        help: match allowed {
            [] => "This server allows no images: start from scratch".to_owned(),
            [one] => format!("Start from {one}, or from scratch"),
            many => {
                let shown: Vec<&str> = many.iter().take(8).map(String::as_str).collect();
                let more = if many.len() > shown.len() { ", …" } else { "" };
                format!("Start from one of {}{more}, or from scratch", shown.join(", "))
            }
        },
    }
}

fn refusal(code: &str, line: u32, message: &str, reason: &str, help: &str) -> Refusal {
    Refusal {
        code: code.to_owned(),
        line: Some(line),
        message: message.to_owned(),
        reason: reason.to_owned(),
        help: help.to_owned(),
    }
}

/// What somebody wrote, as far as a sentence bears it.
fn shorten(text: &str) -> String {
    const MOST: usize = 100;
    let mut shown: String =
        text.chars().take(MOST).map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
