//! An engine to try things on, with images of its own, and a build on it from one end to the other.
//!
//! There is one where `DOCKER_HOST` names a Docker engine, `STAGELIGHT_DOCKER` the program to fill it with and
//! `STAGELIGHT_BUSYBOX` what the images are made of, as `cargo xtask engine` arranges. Other tests may use this file.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use engine::buildkit::BuildKit;
use engine::{Engine, Order, Rules, Stop, channel};
use protocol::build::{End, Event, InputFile, Outcome, Request, Step, StepState, What};
use tokio::runtime::Runtime;

/// The image that all builds may start from; `ONBUILD` is the same with two triggers.
pub(crate) const IMAGE: &str = "example.org/stagelight/base";
#[allow(dead_code)]
pub(crate) const ONBUILD: &str = "example.org/stagelight/onbuild";

const PROGRAMS: &str = "sh cat cp echo mkdir ls test printf date true false env rm sleep wget nc seq yes head chmod ln stat id \
                        trap touch find sort wc tee dd";

/// An engine with its images, and a runtime to ask it in.
pub(crate) struct Harness {
    pub(crate) engine: BuildKit,
    pub(crate) runtime: Runtime,
    /// The engine's version, as far as the first dot.
    pub(crate) major: u32,
}

/// All that was told of a build.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub(crate) events: Vec<Event>,
    pub(crate) outcome: Outcome,
}

#[allow(dead_code)]
impl Harness {
    /// That of the environment.
    pub(crate) fn of_environment() -> Option<Harness> {
        let docker = std::env::var_os("STAGELIGHT_DOCKER")?;
        let address = std::env::var("DOCKER_HOST").expect("DOCKER_HOST says where the engine is");
        let busybox =
            std::env::var_os("STAGELIGHT_BUSYBOX").expect("STAGELIGHT_BUSYBOX says where busybox is");
        import(Path::new(&docker), Path::new(&busybox));
        let engine = BuildKit::docker(&address).expect("an address");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let info = runtime.block_on(engine.probe()).expect("it says what it is");
        println!("Engine {} {}, BuildKit {:?}", info.name.kind, info.name.version, info.buildkit);
        let major = info.name.version.split('.').next().and_then(|it| it.parse().ok()).expect("a version");
        assert_eq!(info.name.notice.is_some(), major < 23, "old engines have a notice");
        Some(Harness { engine, runtime, major })
    }

    /// Whether the engine is older than a version, which is then said.
    pub(crate) fn is_before(&self, major: u32, what: &str) -> bool {
        let is_before = self.major < major;
        if is_before {
            println!("Engine {} is not asked about {what}, which came with {major}", self.major);
        }
        is_before
    }

    /// Gives the image another name.
    pub(crate) fn name_image(&self, name: &str) {
        let docker = std::env::var_os("STAGELIGHT_DOCKER").expect("there is an engine");
        said(Command::new(docker).args(["tag", IMAGE, name]));
    }

    /// Builds a Dockerfile with nothing else.
    pub(crate) fn build(&self, dockerfile: &str) -> Built {
        self.order(&order(dockerfile))
    }

    /// Builds, and checks what is true of every build.
    pub(crate) fn order(&self, order: &Order) -> Built {
        let built = self.runtime.block_on(build(&self.engine, order, &Stop::new()));
        built.check();
        built
    }
}

/// A build of a Dockerfile that may use the images of the tests.
pub(crate) fn order(dockerfile: &str) -> Order {
    let request = Request { dockerfile: dockerfile.to_owned(), ..Request::default() };
    let rules = Rules { images: Some(vec!["example.org/stagelight/*".to_owned()]), ..Rules::default() };
    Order { request, rules }
}

/// A file with text in it.
#[allow(dead_code)]
pub(crate) fn file(path: &str, text: &str) -> InputFile {
    InputFile { path: path.to_owned(), text: Some(text.to_owned()), ..InputFile::default() }
}

/// Builds on any engine.
pub(crate) async fn build(engine: &dyn Engine, order: &Order, stop: &Stop) -> Built {
    let (sink, mut receiver) = channel(16, Instant::now(), 1);
    let listen = async {
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            events.push(event);
        }
        events
    };
    let both = async { tokio::join!(engine.build(order, sink, stop), listen) };
    let (outcome, events) = tokio::time::timeout(Duration::from_secs(60), both).await.expect("a build ends");
    Built { events, outcome }
}

#[allow(dead_code)]
impl Built {
    /// What is true of every build.
    #[track_caller]
    pub(crate) fn check(&self) {
        let numbers: Vec<u64> = self.events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=self.events.len() as u64).collect::<Vec<_>>(), "numbered without a gap");
        assert!(self.events.is_sorted_by_key(|event| event.at), "time does not go back");
        let is_end = |event: &&Event| matches!(event.what, What::Finished(_));
        assert_eq!(self.events.iter().filter(is_end).count(), 1, "one end");
        let last = self.events.last().map(|event| event.what.clone());
        assert_eq!(last, Some(What::Finished(self.outcome.clone())), "the end is the last");
        assert_eq!(self.outcome.failure.is_some(), self.outcome.end == End::Failed, "{:?}", self.outcome);
        for step in self.steps() {
            assert_ne!(step.state, StepState::Running, "{} still runs", step.name);
            assert!(step.started <= step.ended, "{step:?}");
        }
        for event in &self.events {
            if let What::Step(step) = &event.what {
                let now = Some(event.at);
                assert!(step.started <= now && step.ended <= now, "{step:?} is told at {}", event.at);
            }
        }
    }

    /// The steps as they are in the end.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for event in &self.events {
            if let What::Step(step) = &event.what {
                match steps.iter_mut().find(|known| known.id == step.id) {
                    Some(known) => *known = step.clone(),
                    None => steps.push(step.clone()),
                }
            }
        }
        steps
    }

    /// The step whose name ends so.
    #[track_caller]
    pub(crate) fn step(&self, text: &str) -> Step {
        let found = self.steps().into_iter().find(|step| step.name.ends_with(text));
        found.unwrap_or_else(|| panic!("no step is called {text}: {:#?}", self.outcome))
    }

    /// All that was printed.
    pub(crate) fn log(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match &event.what {
            What::Log { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// All of it as it goes over the wire.
    pub(crate) fn text(&self) -> String {
        self.events.iter().map(|event| serde_json::to_string(event).expect("JSON") + "\n").collect()
    }
}

/// Makes the images, of busybox alone.
fn import(docker: &Path, busybox: &Path) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("real-image-{}", std::process::id()));
    for folder in ["bin", "etc", "tmp"] {
        fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    fs::copy(busybox, root.join("bin/busybox")).expect("busybox");
    for program in PROGRAMS.split_whitespace() {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(program)).expect("a link");
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\n").expect("a file");
    let archive = root.with_extension("tar");
    said(Command::new("tar").arg("-cf").arg(&archive).arg("-C").arg(&root).arg("."));
    let triggers = ["--change", "ONBUILD RUN echo first", "--change", "ONBUILD RUN echo second"];
    said(Command::new(docker).arg("import").arg(&archive).arg(IMAGE));
    said(Command::new(docker).arg("import").args(triggers).arg(&archive).arg(ONBUILD));
    fs::remove_dir_all(&root).ok();
    fs::remove_file(&archive).ok();
}

fn said(command: &mut Command) {
    let output = command.output().expect("a program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
