//! What is foretold of builds, against what a real engine does: which steps run, which come from the cache, which files
//! are in the image at last.
//!
//! Each case of test_data/foretold is built without the cache, once more as it is, and, where it says so, after an edit.
//! A case is a Dockerfile; lines that begin with `#:` are about it and not in it. Base image and files are each case's
//! own, since what one has built another one would find.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::ignore::Ignore;
use dockerfile::queries::cache::{Build, Changes, FileChange, Forecast, Outputs, What, what_if};
use dockerfile::queries::{Plan, Target, cut};
use dockerfile::{stages, syntax};
use engine::{Engine as _, Order};
use progress::fold::Progress;
use progress::options;
use progress::verdict::{Cache, Comparison, Subject, Verdict, compare};
use protocol::build::{End, InputFile, Request};

use crate::engine;
use crate::harness::{Built, Harness, IMAGE, file, order};

const PLATFORM: &str = "linux/amd64";

/// A Dockerfile and what is to become of it.
#[derive(Default)]
struct Case {
    name: String,
    request: Request,
    ignore: Option<String>,
    /// The line at which it fails and the exit code, as far as there are such.
    fails: Option<(Option<u32>, Option<i32>)>,
    /// Files that are edited before the last build.
    edited: Vec<String>,
    /// Build arguments of the last build.
    args: Vec<(String, String)>,
    outputs: Outputs,
}

impl Case {
    fn read(name: &str, text: &str) -> Case {
        let mut case = Case { name: name.to_owned(), ..Case::default() };
        for line in text.split_inclusive('\n') {
            match line.strip_prefix("#: ") {
                Some(option) => case.option(option.trim_end()),
                None => case.request.dockerfile += &line.replace(IMAGE, &case.image()),
            }
        }
        if let Some(text) = &case.ignore {
            case.request.files.push(file(".dockerignore", text));
        }
        case
    }

    /// The base image under a name of its own.
    fn image(&self) -> String {
        format!("{IMAGE}:{}", self.name)
    }

    fn option(&mut self, option: &str) {
        let pair = |text: &str| {
            let (name, value) = text.split_once('=').expect("NAME=VALUE");
            (name.to_owned(), value.to_owned())
        };
        let (key, value) = option.split_once(' ').unwrap_or((option, ""));
        match (key, value.split_once(' ')) {
            ("files", _) => {
                let of_case = |path: &str| file(path, &format!("{path} of {}\n", self.name));
                self.request.files.extend(value.split(' ').map(of_case));
            }
            ("ignore", _) => *self.ignore.get_or_insert_default() += &format!("{value}\n"),
            ("target", _) => self.request.target = Some(value.to_owned()),
            ("arg", _) => self.request.args.extend([pair(value)]),
            ("fails", _) => {
                let mut numbers = value.split(' ');
                let line = numbers.next().and_then(|it| it.parse().ok());
                self.fails = Some((line, numbers.next().map(|it| it.parse().expect("a code"))));
            }
            ("then", Some(("edit", path))) => self.edited.push(path.to_owned()),
            ("then", Some(("arg", value))) => self.args.push(pair(value)),
            ("outputs", _) if value == "same" => self.outputs = Outputs::Same,
            _ => panic!("{}: there is no option {option:?}", self.name),
        }
    }

    /// The build after the edit; `None` if there is none.
    fn edited(&self) -> Option<Request> {
        let mut request = self.request.clone();
        for path in &self.edited {
            let file = request.files.iter_mut().find(|file| file.path == *path).expect("a file of the case");
            file.text = Some(format!("edited, of {}\n", self.name));
        }
        request.args.extend(self.args.iter().cloned());
        (request != self.request).then_some(request)
    }

    /// What becomes of each step of a build behind another one.
    fn forecast(&self, before: &Request, after: &Request) -> Forecast {
        let requests = [before, after];
        let parses = requests.map(|request| syntax::parse(&request.dockerfile));
        let graphs = [0, 1].map(|at| stages::resolve(&parses[at], &options(requests[at], PLATFORM)));
        let target = Target::from_name(self.request.target.as_deref());
        let cuts = [0, 1].map(|at| cut(&graphs[at], &target).expect("there is such a target"));
        let plans = [0, 1].map(|at| Plan::of(&requests[at].dockerfile, &parses[at], &graphs[at]));
        let ignore = self.ignore.as_deref().map(Ignore::parse);
        let build = |at: usize| Build { plan: &plans[at], cut: &cuts[at], ignore: ignore.as_ref() };
        let change = |path: &String| FileChange { context: None, path: path.clone(), what: What::Content };
        let files = if before == after { Vec::new() } else { self.edited.iter().map(change).collect() };
        let changes = Changes { files, ..Changes::default() };
        what_if(build(0), build(1), &changes, self.outputs)
    }

    fn context(&self) -> BuildContext {
        let sized = |file: &InputFile| ContextFile {
            path: file.path.clone(),
            size: file.text.as_ref().map(|text| text.len() as u64),
        };
        let files = self.request.files.iter().map(sized).collect();
        BuildContext { ignore: self.ignore.clone(), files: Some(files), is_partial: false }
    }
}

/// What was compared.
#[derive(Default)]
struct Tally {
    n_builds: usize,
    n_steps: usize,
    n_paths: usize,
    n_open: usize,
    differences: Vec<String>,
}

impl Tally {
    fn hold(&mut self, harness: &Harness, case: &Case, what: &str, order: &Order, cache: Cache<'_>) {
        let built = harness.order(order);
        let progress = Progress::of(&built.events);
        let options = options(&order.request, PLATFORM);
        let target = {
            let parse = syntax::parse(&order.request.dockerfile);
            let graph = stages::resolve(&parse, &options);
            cut(&graph, &Target::from_name(order.request.target.as_deref())).ok().map(|cut| cut.target.0)
        };
        let is_built = built.outcome.end == End::Succeeded;
        let files = target.filter(|_| is_built).map(|stage| {
            harness
                .runtime
                .block_on(harness.engine.files(order, stage, 10_000))
                .expect("the files of the image")
        });
        let context = case.context();
        let subject = Subject {
            dockerfile: &order.request.dockerfile,
            target: order.request.target.as_deref(),
            options: &options,
            context: Some(&context),
            legacy: false,
        };
        let compared = compare(subject, &progress, cache, files.as_ref());
        self.count(case, what, &compared, &built);
    }

    fn count(&mut self, case: &Case, what: &str, compared: &Comparison, built: &Built) {
        let name = format!("{}, {what}", case.name);
        let n_open = compared.n_steps(Verdict::Open) + compared.n_paths(Verdict::Open);
        self.n_builds += 1;
        self.n_steps += compared.n_steps(Verdict::Agrees);
        self.n_paths += compared.n_paths(Verdict::Agrees);
        self.n_open += n_open;
        println!(
            "{name:<54} {:>2} instructions and {:>2} paths as foretold, {} otherwise, {n_open:>2} open; {:?}",
            compared.n_steps(Verdict::Agrees),
            compared.n_paths(Verdict::Agrees),
            compared.n_differences(),
            built.outcome.end,
        );
        let steps = compared.steps.iter().filter(|step| step.verdict == Verdict::Differs);
        self.differences
            .extend(steps.map(|step| {
                format!("{name}: {}: foretold {:?}, seen {:?}", step.name, step.told, step.seen)
            }));
        let paths = compared.paths.iter().filter(|path| path.verdict() == Verdict::Differs);
        self.differences.extend(
            paths.map(|path| format!("{name}: {}: foretold {}, seen {}", path.path, path.told, path.seen)),
        );
        if (built.outcome.end != End::Succeeded) != case.fails.is_some() {
            self.differences.push(format!("{name}: {:?}", built.outcome));
        }
        if compared.refused.is_some() && built.steps().iter().any(|step| !step.places.is_empty()) {
            self.differences.push(format!("{name}: refused, and yet something ran"));
        }
        let Some((line, code)) = case.fails else { return };
        let failure = built.outcome.failure.clone().unwrap_or_default();
        let seen = (failure.lines.map(|lines| lines.first), failure.exit_code);
        if line.is_some() && seen.0 != line || code.is_some() && seen.1 != code {
            self.differences.push(format!("{name}: fails at {line:?} with {code:?}, seen {failure:?}"));
        }
    }
}

#[test]
fn an_engine_does_what_is_foretold() {
    let Some(harness) = engine() else { return };
    if harness.is_before(28, "what is foretold") {
        return;
    }
    let mut tally = Tally::default();
    let cases = cases();
    for case in &cases {
        harness.name_image(&case.image());
        let whole = |request: &Request, no_cache: bool| {
            let mut order = order(&request.dockerfile);
            order.request = Request { no_cache, ..request.clone() };
            order
        };
        tally.hold(&harness, case, "without the cache", &whole(&case.request, true), Cache::Unused);
        if case.fails.is_some() {
            continue;
        }
        let again = case.forecast(&case.request, &case.request);
        tally.hold(&harness, case, "once more", &whole(&case.request, false), Cache::Foretold(&again));
        if let Some(edited) = case.edited() {
            let forecast = case.forecast(&case.request, &edited);
            tally.hold(&harness, case, "edited", &whole(&edited, false), Cache::Foretold(&forecast));
        }
    }
    println!(
        "{} Dockerfiles, {} builds: {} instructions and {} paths as foretold, {} otherwise, {} open",
        cases.len(),
        tally.n_builds,
        tally.n_steps,
        tally.n_paths,
        tally.differences.len(),
        tally.n_open
    );
    tally.differences.iter().for_each(|difference| println!("{difference}"));
    assert!(cases.len() >= 40 && tally.differences.is_empty(), "{} differences", tally.differences.len());
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/foretold");
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the cases") {
        let path = entry.expect("a case").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a case");
        cases.insert(name.clone(), Case::read(&name, &text));
    }
    let only = std::env::var("STAGELIGHT_ENGINE_CASE").unwrap_or_default();
    cases.into_values().filter(|case| case.name.contains(&only)).collect()
}
