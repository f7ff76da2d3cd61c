//! A real build: what is asked for, what happens while it runs, and what came of it.
//!
//! A build is a list of [`Event`]s, numbered without a gap. It is what a server streams, keeps and replays; a recording
//! is the same list, one JSON object on each line. Times are milliseconds since the server took the request, so that a
//! recording knows nothing of any machine's clock. A key is left out where it does not apply.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of these forms. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// A build to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The files of the build context, `.dockerignore` among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<InputFile>,
    /// The stage to build, by its name; `None` for the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Build arguments, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The platform to build for; `None` for that of the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Named contexts, by name: an image as `docker-image://…`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, String>,
    /// Whether every step runs, whatever is in the cache.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_cache: bool,
    /// Whether the builder before BuildKit makes it, which runs every stage above the target too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy: bool,
    /// What a link to the playground holds, so that a link to the build shows the same picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playground: Option<String>,
}

/// A file of a build context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InputFile {
    /// Its path, relative to the root of the context, with `/` between names.
    pub path: String,
    /// What is in it: text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is in it if that is no text: base64 with padding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Whether it is a program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Event {
    /// Its number, from 1, without a gap.
    pub seq: u64,
    /// When, in milliseconds since the request.
    pub at: u64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen. A build ends with exactly one [`What::Finished`], and nothing comes after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// It waits for its turn.
    Queued {
        /// How many builds are in front of it.
        position: usize,
    },
    /// An engine has begun.
    Started {
        /// Which one.
        engine: EngineName,
    },
    /// A step as it is now, in place of what was said of it before.
    Step(Step),
    /// How far something within a step has come.
    Progress {
        /// The step's number.
        step: u32,
        /// What, in the engine's words.
        label: String,
        /// How many bytes, or pieces, are done.
        current: u64,
        /// Of how many; `None` if that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
    /// What a step printed. A piece may end anywhere, also within a line.
    Log {
        /// The step's number.
        step: u32,
        /// Where it printed that.
        stream: Stream,
        /// What: any characters, those that steer a terminal too.
        text: String,
    },
    /// Output that was left out, since there was too much.
    Clipped {
        /// The step's number; `None` if it is the limit of the whole build.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<u32>,
        /// How many bytes so far.
        bytes: u64,
    },
    /// One of the engine's build checks.
    Warning {
        /// Its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// What it says.
        message: String,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lines: Option<Lines>,
    },
    /// How large a stage has become.
    Size(StageSize),
    /// It is over.
    Finished(Outcome),
}

/// An engine, by what it says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct EngineName {
    /// `docker`, `buildkit`, `replay`, or `legacy` for Docker's builder before BuildKit.
    pub kind: String,
    /// Its version.
    pub version: String,
    /// What is shown to people if it is not what BuildKit does today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// A step of a build: one of the engine's vertices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Step {
    /// Its number, from 0, in the order in which they became known.
    pub id: u32,
    /// The engine's name for it, without what is of the builder's own machine.
    pub name: String,
    /// The instructions it stands for. Several, if equal steps of stages were merged; none for what the engine does for
    /// itself, and for what could not be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// How that is known.
    pub mapped: Mapped,
    /// How it is.
    pub state: StepState,
    /// When it began, in milliseconds since the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The numbers of those it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<u32>,
}

/// An instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Place {
    /// Its stage, by its place in the file, from 0.
    pub stage: usize,
    /// Its first line, from 1.
    pub line: u32,
}

/// How it is known which instructions a step stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mapped {
    /// The engine said so.
    Exact,
    /// By the stage and the number in its name.
    ByName,
    /// Only the stage is known; the places have line 0.
    StageOnly,
    /// It is something the engine does for itself.
    Internal,
    /// It is not known.
    #[default]
    Unknown,
}

/// How a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// It has not begun.
    #[default]
    Waiting,
    /// It runs.
    Running,
    /// What it makes was in the cache.
    Cached,
    /// It ran to its end.
    Done,
    /// It ended with an error of its own.
    Failed,
    /// It was stopped because of something else.
    Cancelled,
}

/// Where something was printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// To the standard output.
    #[default]
    Out,
    /// To the standard error output.
    Err,
}

/// Lines of the Dockerfile, both from 1 and both within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Lines {
    /// The first one.
    pub first: u32,
    /// The last one.
    pub last: u32,
}

/// How large a stage is. One size is meant everywhere: unpacked bytes, the sum over its layers; or, of an engine that
/// keeps no images, over its files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct StageSize {
    /// The stage, by its place in the file, from 0.
    pub stage: usize,
    /// Unpacked bytes; `None` if the engine does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How many bytes it is to download, compressed; `None` if the engine does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<u64>,
    /// Its layers from the lowest; empty if they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerSize>,
}

/// A layer of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct LayerSize {
    /// What made it, in the image's history.
    pub created_by: String,
    /// The instruction that made it; `None` if it is of the base image, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Unpacked bytes.
    pub bytes: u64,
}

/// What came of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// Why, if it did not succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The digest of the image's configuration, if there is an image and the engine says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// How a build ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// All is built.
    Succeeded,
    /// A step failed, or the Dockerfile cannot be built.
    #[default]
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It took too long, or was silent for too long.
    TimedOut,
    /// The server or the engine stopped while it ran.
    Interrupted,
}

/// Why a build did not succeed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Failure {
    /// A short name for the kind: `exit-code`, `not-found`, `parse`, `denied`, `disk-full`, `time`, `engine`, ….
    pub code: String,
    /// What happened, without paths and addresses of the builder.
    pub message: String,
    /// The step that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Where in the Dockerfile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
    /// The exit code of the process, if one ended with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The files of a stage, as they really are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct FileList {
    /// The stage, by its place in the file, from 0.
    pub stage: usize,
    /// What is there, sorted by path.
    pub entries: Vec<FileEntry>,
    /// Whether there is more than is listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A file, a directory or a link of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct FileEntry {
    /// Its path, from `/`.
    pub path: String,
    /// `file`, `directory`, `link` or `other`.
    pub kind: String,
    /// Its size in bytes; of a file alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its permissions, as in `0755`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Where a link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What a server answers when it has taken a build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Accepted {
    /// The build's id, as in `/b/<id>`.
    pub id: String,
    /// Who holds it may cancel and delete the build; one that several wait for goes on until the last of them cancels it.
    /// Missing if the build is over already and somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Whether an equal build ran already, or has just run, and is watched instead of a new one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// A build that is kept: what was asked for and how it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Record {
    /// [`VERSION`].
    pub version: u32,
    /// Its id.
    pub id: String,
    /// When it was asked for, in seconds since 1970.
    pub created: u64,
    /// What was asked for.
    pub request: Request,
    /// `queued`, `running` or `finished`.
    pub status: String,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The number of its last event so far.
    pub last: u64,
}

/// What a server can do, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Health {
    /// The server's version.
    pub version: String,
    /// What builds; missing if nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineName>,
    /// Why nothing builds, if something should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What the engine can do.
    #[serde(default)]
    pub abilities: Abilities,
    /// What a build may use.
    #[serde(default)]
    pub limits: Limits,
    /// Whether strangers may build here; what is refused depends on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Images that builds may start from; missing if any may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// Whether the engine may fetch what ADD names by an address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub downloads: bool,
    /// How many builds run, and how many wait.
    #[serde(default)]
    pub running: usize,
    /// How many wait.
    #[serde(default)]
    pub queued: usize,
    /// How much room the engine has; missing if nobody watches that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<Room>,
    /// The canary builds at the start, and what came of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub self_test: Vec<Canary>,
}

/// How much room an engine has for what builds make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Room {
    /// Bytes that are free on its disk.
    pub free: u64,
    /// Bytes that have to be: with less, builds are stopped.
    pub reserve: u64,
    /// Whether room is being made now. Builds wait meanwhile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub short: bool,
}

/// What an engine can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Abilities {
    /// It can be told which sources may be fetched.
    pub source_policy: bool,
    /// It says which step failed, and with which exit code.
    pub error_details: bool,
    /// It says which lines a step stands for.
    pub exact_places: bool,
    /// It can list the files of a stage.
    pub files: bool,
    /// It can say how large stages and layers are.
    pub sizes: bool,
    /// It can bound memory and processor time of each step.
    pub step_limits: bool,
    /// It can build as before BuildKit, to show the difference.
    #[serde(default)]
    pub legacy: bool,
}

/// What a build may use. 0 is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Limits {
    /// Seconds from its start.
    pub seconds: u64,
    /// Seconds without a sign of life.
    pub idle_seconds: u64,
    /// Bytes of the Dockerfile.
    pub dockerfile_bytes: u64,
    /// How many files of the context.
    pub files: u64,
    /// Bytes of all files of the context.
    pub context_bytes: u64,
    /// Bytes of output that are kept.
    pub log_bytes: u64,
    /// Days that a build is kept.
    pub days: u64,
    /// Whether RUN may use the network.
    pub network: bool,
}

/// A small build that tries to do what it must not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Canary {
    /// What was tried.
    pub name: String,
    /// Whether it was kept from that.
    pub passed: bool,
    /// Whether public use needs it.
    pub required: bool,
    /// What was seen.
    pub detail: String,
}

/// What stands behind the `#` of a link to the playground.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Fragment {
    /// Without the `#`.
    pub fragment: String,
}

/// A short link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Link {
    /// Its id, as in `/s/<id>`.
    pub id: String,
}

/// Why a server did not do what was asked; sent as `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// A short name that stays: `refused`, `too-large`, `queue-full`, `not-found`, ….
    pub code: String,
    /// What is wrong, in one sentence.
    pub title: String,
    /// What was found in the Dockerfile, if that is why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Something that a server does not build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(feature = "openapi", not(target_family = "wasm")), derive(utoipa::ToSchema))]
pub struct Refusal {
    /// A short name that stays.
    pub code: String,
    /// The line of the Dockerfile, from 1; missing if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What is not built.
    pub message: String,
    /// Why not on a server.
    pub reason: String,
    /// What to do instead.
    pub help: String,
}

/// A build that is over, or as far as it came: what was asked for and what happened. As text it is the request and then
/// the events, one JSON object on each line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// What was asked for.
    pub request: Request,
    /// What happened.
    pub events: Vec<Event>,
}

/// The first line of a recording.
#[derive(Serialize, Deserialize)]
struct FirstLine<R> {
    stagelight: u32,
    request: R,
}

impl Recording {
    /// The lines.
    pub fn to_text(&self) -> String {
        let first = serde_json::to_string(&FirstLine { stagelight: VERSION, request: &self.request });
        let events = self.events.iter().map(serde_json::to_string);
        let lines: Vec<String> = std::iter::once(first).chain(events).filter_map(Result::ok).collect();
        lines.join("\n") + "\n"
    }

    /// Reads the lines.
    ///
    /// # Errors
    /// A sentence that says in which line something else stands.
    pub fn from_text(text: &str) -> Result<Recording, String> {
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let wrong =
            |number: usize, what: &str| format!("Line {number} of this file is not {what} of a saved build.");
        let (number, first) = lines.next().unwrap_or((1, ""));
        let first: FirstLine<Request> =
            serde_json::from_str(first).map_err(|_| wrong(number, "the beginning"))?;
        if first.stagelight > VERSION {
            return Err("This build was saved by a newer Stagelight; reload the page.".to_owned());
        }
        let event =
            |(number, line): (usize, &str)| serde_json::from_str(line).map_err(|_| wrong(number, "an event"));
        Ok(Recording { request: first.request, events: lines.map(event).collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_comes_back_as_it_was() {
        let step = Step { id: 0, name: "[1/1] FROM scratch".to_owned(), ..Step::default() };
        let log = What::Log { step: 0, stream: Stream::Err, text: "a\nb \u{1b}[31m".to_owned() };
        let whats = [What::Queued { position: 0 }, What::Step(step), log, What::Finished(Outcome::default())];
        let recording = Recording {
            request: Request { dockerfile: "FROM scratch\n".to_owned(), ..Request::default() },
            events: (1..).zip(whats).map(|(seq, what)| Event { seq, at: seq * 7, what }).collect(),
        };
        assert_eq!(Recording::from_text(&recording.to_text()), Ok(recording));
    }

    #[test]
    fn what_is_no_recording_says_where() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Recording::from_text(text).unwrap_err(), expected);
        };
        check("", "Line 1 of this file is not the beginning of a saved build.");
        check("FROM x\n", "Line 1 of this file is not the beginning of a saved build.");
        let first = Recording::default().to_text();
        check(&format!("{first}\n{{}}\n"), "Line 3 of this file is not an event of a saved build.");
        check(
            &first.replace("\"stagelight\":1", "\"stagelight\":99"),
            "This build was saved by a newer Stagelight; reload the page.",
        );
    }
}
