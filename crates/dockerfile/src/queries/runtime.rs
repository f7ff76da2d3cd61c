//! What a container of the target's image has and is: a shell, a user, ports.
//!
//! What the file says is certain, what the base image is commonly known for is likely, and the rest is unknown.
//! Surprising: SHELL names a shell without bringing one; and an instruction in shell form tells that there is a shell,
//! or else the build fails.

use super::base_card::{BaseCard, Fact, base_card};
use super::lineage;
use super::state::{Setting, State, end_state};
use crate::stages::mount::MountType;
use crate::stages::{Effect, Source, Stage, StageGraph, StageId};

/// What a container of an image has and is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// The path of a shell that it has.
    pub shell: Finding<String>,
    /// Whom it runs as.
    pub user: Finding<String>,
    /// Whether that is root; `None` if it is not known.
    pub is_root: Option<bool>,
    /// The ports that the file names, sorted.
    pub ports: Vec<String>,
    /// Ports that the base image likely names besides.
    pub likely_ports: Vec<&'static str>,
    /// Whether all ports are known.
    pub ports_known: bool,
}

/// A fact and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<T> {
    /// The fact.
    pub fact: Fact<T>,
    /// Whether the file alone says so. If not, it is likely, or not known at all.
    pub certain: bool,
    /// Why, in a sentence.
    pub why: String,
}

/// What a container of the stage's image has and is; `None` if there is no such stage.
pub fn runtime(graph: &StageGraph, stage: StageId) -> Option<Runtime> {
    let state = end_state(graph, stage)?;
    let lineage = lineage(graph, stage);
    let source = lineage::base(graph, &lineage);
    let card = source.and_then(base_card);
    // What the image says of itself is better than what is commonly known.
    let likely = card.as_ref().filter(|_| state.base_unknown);
    let user = user(graph, &state, likely);
    let is_root = match &user.fact {
        Fact::Is(user) => Some(is_root(user)),
        Fact::Nothing | Fact::Unknown => None,
    };
    let mut ports: Vec<String> = state.ports.into_iter().map(|placed| placed.value).collect();
    ports.sort_unstable();
    let likely_ports = likely.map_or_else(Vec::new, |card| card.ports.clone());
    Some(Runtime {
        shell: shell(&lineage, source, card.as_ref()),
        user,
        is_root,
        likely_ports: likely_ports.into_iter().filter(|port| ports.iter().all(|it| it != port)).collect(),
        ports_known: !state.base_unknown,
        ports,
    })
}

fn user(graph: &StageGraph, state: &State, card: Option<&BaseCard>) -> Finding<String> {
    match &state.user.value {
        Setting::Known(user) | Setting::OnBase(user) if !user.is_empty() => {
            let place =
                state.user.origin.and_then(|origin| Some((graph.stages.get(origin.stage.0)?, origin.step)));
            let why = match place {
                Some((stage, step)) => format!("Line {} says so", lineage::line(stage, step)),
                None => "The base image says so".to_owned(),
            };
            Finding { fact: Fact::Is(user.clone()), certain: true, why }
        }
        Setting::Known(_) | Setting::OnBase(_) => {
            let why = "Nobody else is named, so it is root".to_owned();
            Finding { fact: Fact::Is("root".to_owned()), certain: true, why }
        }
        Setting::FromBase => match card.map(|card| (card, card.user)) {
            Some((card, Fact::Is(user))) => {
                let why = format!("{} likely runs as {user}, and no USER changes that", card.reference);
                Finding { fact: Fact::Is(user.to_owned()), certain: false, why }
            }
            Some(_) | None => {
                let why = "No USER is given, and whom the base image runs as is not known".to_owned();
                Finding { fact: Fact::Unknown, certain: false, why }
            }
        },
    }
}

/// Whether a user is root, whatever the group.
fn is_root(user: &str) -> bool {
    let name = user.split_once(':').map_or(user, |(name, _)| name);
    // BuildKit and the runtime take an empty name for 0.
    matches!(name, "root" | "") || name.bytes().all(|digit| digit == b'0')
}

fn shell(lineage: &[&Stage], source: Option<&Source>, card: Option<&BaseCard>) -> Finding<String> {
    let base = card.map(|card| (card.reference.as_str(), card.shell));
    let is_scratch = matches!(source, Some(Source::Scratch));
    let brought = brought(lineage);
    match (base, last_used(lineage), brought) {
        (Some((base, Fact::Nothing)), Some(used), Brought::Nothing | Brought::Unlikely) => Finding {
            fact: Fact::Nothing,
            certain: is_scratch && brought == Brought::Nothing,
            why: format!("Line {} needs {}, and {base} has no shell: the build fails", used.line, used.path),
        },
        (_, Some(used), _) => Finding {
            certain: used.certain,
            why: format!("Line {} runs in it", used.line),
            fact: Fact::Is(used.path),
        },
        (_, None, Brought::Maybe(line)) => {
            Finding { fact: Fact::Unknown, certain: false, why: format!("Line {line} may bring one") }
        }
        (Some((base, Fact::Is(path))), None, _) => {
            Finding { fact: Fact::Is(path.to_owned()), certain: false, why: format!("{base} likely has it") }
        }
        (Some((base, Fact::Nothing)), None, brought) => Finding {
            fact: Fact::Nothing,
            certain: is_scratch && brought == Brought::Nothing,
            why: format!("{base} has none, and nothing in the file brings one"),
        },
        (Some((_, Fact::Unknown)) | None, None, _) => Finding {
            fact: Fact::Unknown,
            certain: false,
            why: "What the base image has is not known".to_owned(),
        },
    }
}

/// A shell that an instruction runs in.
struct Used {
    path: String,
    line: u32,
    /// Whether it has to be in the image for the build to succeed.
    certain: bool,
}

/// The shell of the last RUN that needs one.
fn last_used(lineage: &[&Stage]) -> Option<Used> {
    lineage.iter().rev().find_map(|stage| {
        stage.commands.iter().rev().find_map(|command| {
            let Effect::Run(ran) = &command.effect else { return None };
            let path = ran.line.arguments.first().filter(|path| is_shell(path))?.to_string();
            // A mount may lay a shell over the image.
            let certain = !ran.line.shell_unknown && ran.mounts.iter().all(|it| it.kind != MountType::Bind);
            Some(Used { path, line: lineage::line(stage, command.step), certain })
        })
    })
}

fn is_shell(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "sh" | "ash" | "bash" | "dash" | "ksh" | "zsh" | "busybox")
}

/// Whether COPY and ADD bring a shell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brought {
    Nothing,
    /// Something goes to the root: a directory might have one.
    Unlikely,
    /// The line copies to where shells are.
    Maybe(u32),
}

fn brought(lineage: &[&Stage]) -> Brought {
    let mut brought = Brought::Nothing;
    for stage in lineage {
        for command in &stage.commands {
            let Effect::Copy(copied) = &command.effect else { continue };
            for file in &copied.files {
                let (from, to) = (file.source.trim_end_matches('/'), file.destination.trim_end_matches('/'));
                let is_place =
                    matches!(to, "/bin" | "/usr" | "/usr/bin" | "/sbin" | "/usr/sbin" | "/busybox");
                let is_system = to.is_empty() && (from.is_empty() || from.contains(".tar"));
                if is_place || is_system || is_shell(to) {
                    return Brought::Maybe(lineage::line(stage, command.step));
                }
                if to.is_empty() {
                    brought = Brought::Unlikely;
                }
            }
        }
    }
    brought
}
