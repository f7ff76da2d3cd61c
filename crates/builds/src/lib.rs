//! Holds the builds of a Compose or Bake file against a Dockerfile: which build makes which stage, what does not fit, and
//! which stages nobody builds.
//!
//! Pure: what was read of the file and the text of the Dockerfile in, [`Held`] out. Only builds of the same Dockerfile
//! count; builds of another one are named and left alone. Surprising: arguments, platforms and named contexts decide
//! which stages there are to need, so every build is resolved for itself.
#![warn(missing_docs)]

mod facts;
mod order;

use std::collections::{BTreeMap, BTreeSet};

use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions, StageGraph, StageId};
use dockerfile::syntax::Parse;
use protocol::builds::{Build, BuildFile, Level, Origin, Other, Place, Problem, StageRow};

pub use order::{Order, order};

/// More builds than this are not held against a Dockerfile.
const MAX_BUILDS: usize = 1000;

/// What becomes of a file's builds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// The path of the Dockerfile that the text was taken for, from the folder that paths are relative to; `None` if no
    /// build has one.
    pub dockerfile: Option<String>,
    /// The builds of it, in the order of the file.
    pub builds: Vec<HeldBuild>,
    /// Builds of something else, and services without a build.
    pub others: Vec<Other>,
    /// Stages that none of the builds needs of which the stage is known, in file order; nothing where there is no such
    /// build.
    pub not_built: Vec<StageId>,
    /// What is wrong with the file, and with it and the Dockerfile together, in the order of the file.
    pub problems: Vec<Problem>,
}

/// A build of the Dockerfile.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldBuild {
    /// Its place in [`BuildFile::builds`].
    pub place: usize,
    /// The stage that it builds; `None` if that is not known or not there.
    pub stage: Option<StageId>,
    /// The stages that it needs for any of its platforms, in file order.
    pub needs: Vec<StageId>,
    /// What it gives to BuildKit.
    pub order: Order,
    /// The stage that may be meant, where the one it asks for is not there.
    pub suggestion: Option<String>,
    /// Whether something about it is wrong.
    pub fails: bool,
}

/// The Dockerfiles that builds of a file are of, in the order of the file, and how many builds are of each.
pub fn dockerfiles(file: &BuildFile) -> Vec<(&str, usize)> {
    let mut found: Vec<(&str, usize)> = Vec::new();
    for build in file.builds.iter().filter(|build| !build.template) {
        let Origin::File(path) = &build.dockerfile else { continue };
        match found.iter_mut().find(|(it, _)| it == path) {
            Some((_, n)) => *n += 1,
            None => found.push((path, 1)),
        }
    }
    found
}

/// Which of them a text without a name is taken for: the only one, or `Dockerfile`, or the one that most builds are of.
pub fn likely(file: &BuildFile) -> Option<String> {
    let found = dockerfiles(file);
    let plain = found.iter().find(|(path, _)| *path == "Dockerfile");
    // Of equally many the first.
    let most = found.iter().rev().max_by_key(|(_, n)| *n);
    plain.or(most).map(|(path, _)| (*path).to_owned())
}

/// Holds the builds of `file` against a Dockerfile, which is the one at `dockerfile`, or at the likely place.
pub fn hold(file: &BuildFile, parse: &Parse<'_>, dockerfile: Option<&str>) -> Held {
    let dockerfile = dockerfile.map(str::to_owned).or_else(|| likely(file));
    let plain = stages::resolve(parse, &BuildOptions::default());
    let mut held = Held { dockerfile, problems: file.problems.clone(), ..Held::default() };
    held.others.extend(file.others.iter().cloned());
    let mut resolved = Resolved { parse, graphs: BTreeMap::new(), declared: facts::declared(&plain) };
    let mut needed: BTreeSet<StageId> = BTreeSet::new();
    for (place, build) in file.builds.iter().enumerate() {
        if let Some(why) = elsewhere(build, held.dockerfile.as_deref()) {
            held.others.push(Other { name: build.name.clone(), at: build.at, why });
            continue;
        }
        if held.builds.len() == MAX_BUILDS {
            held.problems.push(Problem {
                level: Level::Info,
                at: build.at,
                message: format!("Only the first {MAX_BUILDS} builds are looked at"),
                help: None,
            });
            break;
        }
        let (order, problems) = order(build, file);
        let n_problems = held.problems.len();
        held.problems.extend(problems);
        let found = resolved.build(build, &order, &mut held.problems);
        let fails = held.problems[n_problems..].iter().any(|problem| problem.level == Level::Error);
        needed.extend(found.needs.iter().copied());
        held.builds.push(HeldBuild {
            place,
            stage: found.stage,
            needs: found.needs.into_iter().collect(),
            suggestion: found.error.filter(|_| found.is_missing).and_then(|(_, suggestion)| suggestion),
            order,
            fails,
        });
    }
    if let Some(problem) = facts::refusal(parse, &plain).filter(|_| !held.builds.is_empty()) {
        held.problems.push(problem);
    }
    if held.builds.iter().any(|build| build.stage.is_some()) {
        held.not_built =
            plain.stages.iter().map(|stage| stage.id).filter(|stage| !needed.contains(stage)).collect();
    }
    held.others.sort_by_key(|other| other.at);
    held.problems.sort_by_key(|problem| problem.at);
    held.problems.dedup();
    held
}

/// Why a build is not of the Dockerfile, in words that follow its name.
fn elsewhere(build: &Build, dockerfile: Option<&str>) -> Option<String> {
    if build.template {
        return Some("is only there for others to inherit from".to_owned());
    }
    match &build.dockerfile {
        Origin::File(path) if Some(path.as_str()) == dockerfile => None,
        Origin::File(path) => Some(format!("builds from {path}")),
        Origin::Inline(_) => Some("has a Dockerfile of its own, written in this file".to_owned()),
        Origin::Remote(context) => Some(format!("builds from {context}, which is elsewhere")),
        Origin::Unknown(why) => Some(format!("builds from a Dockerfile that is not known: {why}")),
    }
}

/// Graphs of the same text, for one set of options each.
struct Resolved<'p, 't> {
    parse: &'p Parse<'t>,
    graphs: BTreeMap<String, Outcome>,
    declared: BTreeSet<String>,
}

/// What one set of options comes to.
#[derive(Clone, Default)]
struct Outcome {
    stage: Option<StageId>,
    needs: BTreeSet<StageId>,
    /// The arguments that the needed stages take.
    args: BTreeSet<String>,
    /// The names of named contexts that stand for something.
    contexts: BTreeSet<String>,
    /// What BuildKit says against it, and the word that may have been meant.
    error: Option<(String, Option<String>)>,
    /// Whether it is the target that is not there.
    is_missing: bool,
    /// The names that a target may have.
    names: Vec<String>,
}

impl Resolved<'_, '_> {
    /// A build for all of its platforms.
    fn build(&mut self, build: &Build, order: &Order, problems: &mut Vec<Problem>) -> Outcome {
        let mut all = Outcome::default();
        // Which stage it is rests on the target; without that, nothing is known of what it needs.
        if order.is_target_unknown {
            return all;
        }
        for options in order.each_platform() {
            let outcome = self.resolve(&options);
            all.stage = all.stage.or(outcome.stage);
            all.needs.extend(outcome.needs);
            all.args.extend(outcome.args);
            all.contexts.extend(outcome.contexts);
            if all.error.is_none() {
                all.error = outcome.error;
                all.is_missing = outcome.is_missing;
                all.names = outcome.names;
            }
        }
        facts::of_build(build, order, &all, &self.declared, problems);
        all
    }

    fn resolve(&mut self, options: &BuildOptions) -> Outcome {
        let key = format!("{options:?}");
        if let Some(outcome) = self.graphs.get(&key) {
            return outcome.clone();
        }
        let graph = stages::resolve(self.parse, options);
        let outcome = outcome(self.parse, &graph, options);
        self.graphs.insert(key, outcome.clone());
        outcome
    }
}

fn outcome(parse: &Parse<'_>, graph: &StageGraph, options: &BuildOptions) -> Outcome {
    let cut = queries::cut(graph, &Target::from_name(options.target.as_deref()));
    let names = || graph.stages.iter().filter_map(|stage| stage.name.clone()).collect();
    match cut {
        Err(error) => Outcome {
            error: Some((error.message, error.suggestion)),
            is_missing: true,
            names: names(),
            ..Outcome::default()
        },
        Ok(cut) => {
            let needs = cut.stages.iter().filter(|stage| stage.needed).map(|stage| stage.stage);
            let outline = queries::outline(parse, graph, &cut);
            let error = queries::first_error(parse, graph, options, Ok(&cut), &[]);
            let own = error.filter(|error| !facts::is_of_all(parse, error));
            Outcome {
                stage: Some(cut.target),
                needs: needs.collect(),
                args: outline.args.into_iter().map(|arg| arg.name).collect(),
                contexts: facts::contexts(graph),
                error: own.map(|error| (error.message, error.suggestion)),
                is_missing: false,
                names: Vec::new(),
            }
        }
    }
}

/// A stage for people: its name and the line of its FROM.
pub fn stage_row(graph: &StageGraph, stage: StageId) -> StageRow {
    let found = graph.stages.get(stage.0);
    StageRow {
        name: found.map(|stage| stage.display_name()).unwrap_or_default(),
        line: found.map_or(0, |stage| stage.lines.first),
    }
}

/// Where a build says which stage it wants, or else where it is written.
pub(crate) fn target_place(build: &Build) -> Place {
    build.target.as_ref().map_or(build.at, |target| target.at)
}
