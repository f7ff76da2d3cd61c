//! A build as it is put to BuildKit: the text, the target and the settings.
//!
//! Surprising: BuildKit's `--target` knows names alone, so that a stage without one, or whose name a later one has too,
//! is asked for by a copy of the text in which it has a name of its own. Lines stay as they are, and what the steps do
//! does not depend on the names of stages. And a `# syntax=` line is not followed: that would fetch another program to
//! read the file with. BuildKit leaves it alone where it is told that this has been done.

use std::collections::HashMap;

use bollard_buildkit_proto::moby::buildkit::v1::SolveRequest;
use bollard_buildkit_proto::pb::Definition;
use dockerfile::queries::{Target, Targetable};
use dockerfile::stages::{self, StageId, image_ref};
use dockerfile::syntax;
use dockerfile::text::TextRange;
use progress::mapping::Mapping;
use protocol::build::{Failure, Lines};

use super::{inputs, policy};
use crate::{Info, Order, Rules, failure};

/// BuildKit's reader of Dockerfiles.
pub(super) const FRONTEND: &str = "dockerfile.v0";
/// Arguments that steer BuildKit itself begin like this.
const RESERVED: &str = "BUILDKIT_";
const IMAGE: &str = "docker-image://";
/// Processor time is dealt out so often, in microseconds.
const PERIOD: u64 = 100_000;
/// The official names of the reader that is built in.
const SYNTAXES: [&str; 2] = ["docker/dockerfile", "docker/dockerfile-upstream"];

/// A build as it is put to BuildKit.
pub(super) struct Asked {
    /// The settings of the reader.
    pub(super) settings: HashMap<String, String>,
    /// The Dockerfile and the context.
    pub(super) inputs: HashMap<String, Definition>,
    /// What tells its steps.
    pub(super) mapping: Mapping,
}

impl Asked {
    /// What has to be asked for a build of the request's target, or for another look at a stage by its place in the
    /// file: what has been built already is not built anew for that.
    pub(super) fn new(order: &Order, info: &Info, stage: Option<usize>) -> Result<Asked, Failure> {
        let request = &order.request;
        refuse(order)?;
        let mut options = progress::options(request, &info.platform);
        let parse = syntax::parse(&request.dockerfile);
        let graph = stages::resolve(&parse, &options);
        let wanted = match (stage, request.target.as_deref()) {
            (Some(stage), _) if stage >= graph.stages.len() => {
                return Err(failure("target", format!("There is no stage {stage} in the Dockerfile")));
            }
            (Some(stage), _) => Some(StageId(stage)),
            (None, Some(target)) => unnamed(&graph, target),
            (None, None) => None,
        };
        let mut text = request.dockerfile.clone();
        let mut alias = None;
        let target = match wanted.map(|id| (id, Targetable::of(&graph, id))) {
            None => request.target.clone(),
            Some((_, Targetable::ByName(name))) => Some(name),
            Some((_, Targetable::DefaultOnly)) => None,
            Some((id, Targetable::No { .. })) => {
                let stage = &graph.stages[id.0];
                let name = free_name(&text);
                let (range, written) = match stage.name_range {
                    Some(range) => (range, name.clone()),
                    None => (TextRange::empty(stage.base_range.end), format!(" AS {name}")),
                };
                alias = Some((name.clone(), stage.display_name()));
                text.replace_range(range.start..range.end, &written);
                Some(name)
            }
        };
        options.target.clone_from(&target);
        let mut mapping = Mapping::new(&text, &options, &Target::from_name(target.as_deref()));
        if let Some((name, known)) = alias {
            mapping = mapping.with_alias(&name, &known);
        }
        let inputs = HashMap::from([
            ("dockerfile".to_owned(), inputs::dockerfile(&text)),
            ("context".to_owned(), inputs::context(request)?),
        ]);
        let mut settings = settings(order, target);
        if info.abilities.step_limits {
            settings.extend(limits(&order.rules));
        }
        if request.no_cache && stage.is_none() {
            settings.insert("no-cache".to_owned(), String::new());
        }
        Ok(Asked { settings, inputs, mapping })
    }

    /// The same as a request to the control interface. Nothing is made of the result.
    pub(super) fn solve(&self, order: &Order, reference: &str) -> SolveRequest {
        SolveRequest {
            r#ref: reference.to_owned(),
            frontend: FRONTEND.to_owned(),
            frontend_attrs: self.settings.clone(),
            frontend_inputs: self.inputs.clone(),
            source_policy: Some(policy::policy(&order.rules)),
            ..SolveRequest::default()
        }
    }
}

fn settings(order: &Order, target: Option<String>) -> HashMap<String, String> {
    let request = &order.request;
    let mut settings = HashMap::from([
        ("filename".to_owned(), inputs::DOCKERFILE.to_owned()),
        // It is read by whoever reads this already.
        ("cmdline".to_owned(), SYNTAXES[0].to_owned()),
    ]);
    let mut set = |key: String, value: &str| settings.insert(key, value.to_owned());
    for (name, value) in &request.args {
        set(format!("build-arg:{name}"), value);
    }
    for (name, value) in &request.contexts {
        set(format!("context:{name}"), value);
    }
    if let Some(target) = &target {
        set("target".to_owned(), target);
    }
    if let Some(platform) = &request.platform {
        set("platform".to_owned(), platform);
    }
    if !order.rules.network {
        set("force-network-mode".to_owned(), "none");
    }
    if !order.rules.cache_namespace.is_empty() {
        set(format!("build-arg:{RESERVED}CACHE_MOUNT_NS"), &order.rules.cache_namespace);
    }
    settings
}

/// What each step may take. It is not of what makes a step: one that is in the cache stays that.
fn limits(rules: &Rules) -> Vec<(String, String)> {
    let mut limits = Vec::new();
    let mut set = |key: &str, value: u64| limits.push((key.to_owned(), value.to_string()));
    if rules.step_memory > 0 {
        set("memory", rules.step_memory);
        // That is memory and swap together.
        set("memswap", rules.step_memory);
    }
    if rules.step_processors > 0 {
        set("cpuperiod", PERIOD);
        set("cpuquota", PERIOD * u64::from(rules.step_processors) / 100);
    }
    limits
}

/// What is not asked of any engine.
fn refuse(order: &Order) -> Result<(), Failure> {
    let request = &order.request;
    let denied =
        |message: String, help: &str| Failure { help: Some(help.to_owned()), ..failure("denied", message) };
    if let Some(name) = request.args.keys().find(|name| name.starts_with(RESERVED)) {
        let message = format!("The build argument {name} is not given to the engine");
        return Err(denied(message, "Leave it out: arguments of that kind steer the engine itself"));
    }
    let is_image = |value: &&String| value.starts_with(IMAGE);
    if let Some((name, _)) = request.contexts.iter().find(|(_, value)| !is_image(value)) {
        let message = format!("The named context '{name}' is no image");
        return Err(denied(message, "Name an image, as in docker-image://alpine:3.22"));
    }
    let parse = syntax::parse(&request.dockerfile);
    if let Some(syntax) = &parse.detected.syntax {
        let repository = |text: &str| image_ref::parse(text).ok().map(|it| (it.domain, it.path));
        let asked = repository(&syntax.value);
        let known = asked.is_some() && SYNTAXES.iter().any(|known| repository(known) == asked);
        if !known {
            let line = syntax.line.max(1);
            let message = format!("'{}' is not fetched to read the Dockerfile with", syntax.value);
            let failure = denied(message, "Leave the line out, or write # syntax=docker/dockerfile:1");
            return Err(Failure { lines: Some(Lines { first: line, last: line }), ..failure });
        }
    }
    Ok(())
}

/// The stage without a name that is meant by `stage-2` or `2`, if no stage is called that.
fn unnamed(graph: &stages::StageGraph, target: &str) -> Option<StageId> {
    let named =
        |stage: &stages::Stage| stage.name.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(target));
    if graph.stages.iter().any(named) {
        return None;
    }
    let at: usize = target.strip_prefix("stage-").unwrap_or(target).parse().ok()?;
    graph.stages.get(at).filter(|stage| stage.name.is_none()).map(|stage| stage.id)
}

/// A name that is nowhere in the text.
fn free_name(text: &str) -> String {
    let mut name = "this-stage".to_owned();
    let text = text.to_ascii_lowercase();
    while text.contains(&name) {
        name.push('x');
    }
    name
}

#[cfg(test)]
mod tests {
    use protocol::build::{Abilities, Request};

    use super::*;

    fn info() -> Info {
        Info { platform: "linux/amd64".to_owned(), ..Info::default() }
    }

    fn ask(dockerfile: &str, target: Option<&str>, stage: Option<usize>) -> Result<Asked, Failure> {
        let target = target.map(str::to_owned);
        let request = Request { dockerfile: dockerfile.to_owned(), target, ..Request::default() };
        Asked::new(&Order { request, ..Order::default() }, &info(), stage)
    }

    /// What is given as target, and the text with it.
    #[track_caller]
    fn check(dockerfile: &str, target: Option<&str>, stage: Option<usize>, name: Option<&str>, text: &str) {
        let asked = ask(dockerfile, target, stage).expect("it can be asked");
        assert_eq!(asked.settings.get("target").map(String::as_str), name);
        assert_eq!(asked.inputs["dockerfile"], inputs::dockerfile(text));
    }

    #[test]
    fn a_stage_without_a_name_gets_one() {
        let two = "FROM a # no comment\nFROM b";
        check(two, None, Some(1), None, two);
        let two = "FROM a\nFROM b AS c";
        check(two, Some("stage-0"), None, Some("this-stage"), "FROM a AS this-stage\nFROM b AS c");
        check(two, Some("0"), None, Some("this-stage"), "FROM a AS this-stage\nFROM b AS c");
        check(two, None, Some(0), Some("this-stage"), "FROM a AS this-stage\nFROM b AS c");
        check(two, None, Some(1), Some("c"), two);
        check(two, Some("C"), None, Some("C"), two);
        let same = "FROM a AS c\nFROM b AS c";
        check(same, None, Some(0), Some("this-stage"), "FROM a AS this-stage\nFROM b AS c");
        let taken = "FROM this-stage\nFROM b";
        check(taken, None, Some(0), Some("this-stagex"), "FROM this-stage AS this-stagex\nFROM b");
        // A number may be a name.
        check(
            "FROM a\nFROM b AS stage-0\nFROM c",
            Some("stage-0"),
            None,
            Some("stage-0"),
            "FROM a\nFROM b AS stage-0\nFROM c",
        );
    }

    #[test]
    fn steps_are_bounded_by_engines_that_can() {
        let rules = Rules { step_memory: 64 << 20, step_processors: 150, ..Rules::default() };
        let request = Request { dockerfile: "FROM a".to_owned(), ..Request::default() };
        let asked = |rules: &Rules, step_limits: bool| {
            let abilities = Abilities { step_limits, ..Abilities::default() };
            let order = Order { request: request.clone(), rules: rules.clone() };
            let asked = Asked::new(&order, &Info { abilities, ..info() }, None).expect("it can be asked");
            let keys = ["memory", "memswap", "cpuperiod", "cpuquota"];
            keys.map(|key| asked.solve(&order, "x").frontend_attrs.get(key).cloned().unwrap_or_default())
        };
        assert_eq!(asked(&rules, true), ["67108864", "67108864", "100000", "150000"]);
        assert_eq!(asked(&rules, false), [""; 4]);
        assert_eq!(asked(&Rules::default(), true), [""; 4]);
    }

    #[test]
    fn what_steers_the_engine_is_refused() {
        let order = |request: Request| Order { request, ..Order::default() };
        let refused =
            |request: Request| Asked::new(&order(request), &info(), None).err().map(|it| it.message);
        let with_arg = |name: &str| Request {
            dockerfile: "FROM a".to_owned(),
            args: [(name.to_owned(), "x".to_owned())].into(),
            ..Request::default()
        };
        assert_eq!(
            refused(with_arg("BUILDKIT_SYNTAX")).as_deref(),
            Some("The build argument BUILDKIT_SYNTAX is not given to the engine")
        );
        assert_eq!(refused(with_arg("VERSION")), None);
        let contexts = [("a".to_owned(), "https://example.org/x.git".to_owned())].into();
        assert_eq!(
            refused(Request { contexts, ..with_arg("A") }).as_deref(),
            Some("The named context 'a' is no image")
        );
        let syntax =
            |syntax: &str| Request { dockerfile: format!("# syntax={syntax}\nFROM a"), ..Request::default() };
        assert_eq!(refused(syntax("docker/dockerfile:1.7-labs")), None);
        assert!(refused(syntax("docker/dockerfilex")).is_some());
        assert!(refused(syntax("example.org/docker/dockerfile")).is_some());
    }
}
