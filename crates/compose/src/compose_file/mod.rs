//! A Compose file: which of its services are built, and what each build is given.
//!
//! Follows the Compose specification and compose-go. Surprising: `build: null` is no build; a service that extends
//! another one merges its build key by key, even where one of them is only a path; an argument without a value comes from
//! the environment; and where a build names no platform the service's own one counts.

mod merge;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use protocol::builds::{Build, BuildFile, Level, Origin, Other, Pair, Place, Problem, Value, Variable};

use self::merge::merge_builds;
use crate::interpolate::interpolate;
use crate::yaml::{self, Entry, Kind, Node, Tagged};
use crate::{Variables, near, paths};

/// What `build` may have in it. Other keys begin with `x-`.
const BUILD_KEYS: [&str; 27] = [
    "additional_contexts",
    "args",
    "attest",
    "cache_from",
    "cache_to",
    "context",
    "dockerfile",
    "dockerfile_inline",
    "entitlements",
    "extra_hosts",
    "isolation",
    "labels",
    "network",
    "no_cache",
    "no_cache_filter",
    "platforms",
    "privileged",
    "provenance",
    "pull",
    "sbom",
    "secrets",
    "shm_size",
    "ssh",
    "tags",
    "target",
    "ulimits",
    "outputs",
];
/// Keys that decide how something is built, and not what.
const SETTINGS: [&str; 10] = [
    "cache_from",
    "cache_to",
    "entitlements",
    "extra_hosts",
    "labels",
    "network",
    "privileged",
    "secrets",
    "shm_size",
    "ssh",
];
/// A service extends one that extends one that … nobody goes further.
const MAX_EXTENDS: usize = 32;

pub(crate) fn read(text: &str, variables: &Variables) -> BuildFile {
    let mut reader = Reader { variables, file: BuildFile::default(), named: BTreeMap::new() };
    match yaml::parse(text, &mut reader.file.problems) {
        Ok(Some(root)) => reader.root(&root),
        Ok(None) => {
            reader.tell(Level::Info, Place { line: 1, column: 1 }, "There is nothing in the file", "")
        }
        Err(problem) => reader.file.problems.push(problem),
    }
    reader.file.variables = reader.named.into_values().collect();
    reader.file
}

struct Reader<'v> {
    variables: &'v Variables,
    file: BuildFile,
    named: BTreeMap<String, Variable>,
}

/// A service with what it extends.
struct Service {
    /// What is asked of its build, merged.
    build: Option<Rc<Node>>,
    image: Option<Rc<Node>>,
    platform: Option<Rc<Node>>,
    profiles: Option<Rc<Node>>,
    /// Why there may be more to it.
    partial: Option<String>,
}

impl Reader<'_> {
    fn tell(&mut self, level: Level, at: Place, message: impl Into<String>, help: &str) {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        self.file.problems.push(Problem { level, at, message: message.into(), help });
    }

    fn root(&mut self, root: &Node) {
        let Kind::Map(_) = root.kind else {
            self.tell(
                Level::Error,
                root.at,
                "A Compose file is a mapping, with the services below 'services'",
                "Write services: in the first line, and indent what is below it",
            );
            return;
        };
        if let Some(include) = root.get("include") {
            self.tell(
                Level::Info,
                include.at,
                "What 'include' brings is in other files, so its services are not known here",
                "",
            );
        }
        let Some(services) = root.get("services") else {
            let looks_old = root
                .entries()
                .iter()
                .any(|it| it.value.get("build").is_some() || it.value.get("image").is_some());
            let help = match looks_old {
                true => "Services stand below 'services:'; Compose no longer reads them at the top of a file",
                false => "Add services:, or paste the part that has it",
            };
            self.tell(Level::Error, root.at, "There is no 'services' in the file", help);
            return;
        };
        let entries = match &services.value.kind {
            Kind::Map(entries) => entries,
            Kind::Scalar(..) if services.value.is_null() => {
                self.tell(Level::Info, services.at, "There are no services in the file", "");
                return;
            }
            Kind::Scalar(..) | Kind::List(_) => {
                self.tell(
                    Level::Error,
                    services.value.at,
                    "'services' has to be a mapping of names to services",
                    "Write each service as name: and indent what belongs to it",
                );
                return;
            }
        };
        let all: HashMap<&str, &Entry> = entries.iter().map(|entry| (entry.key.as_str(), entry)).collect();
        for entry in entries.iter().filter(|entry| entry.value.tag != Tagged::Reset) {
            let service = self.service(entry, &all, 0);
            self.add(entry, &service);
        }
        self.check_services(&all);
    }

    /// A service with what it extends, merged.
    fn service(&mut self, entry: &Entry, all: &HashMap<&str, &Entry>, depth: usize) -> Service {
        let node = &entry.value;
        let value = |key: &str| node.get(key).map(|it| it.value.clone());
        let mut service = Service {
            build: value("build"),
            image: value("image"),
            platform: value("platform"),
            profiles: value("profiles"),
            partial: None,
        };
        let Some(extends) = node.get("extends") else { return service };
        let base = match &extends.value.kind {
            Kind::Scalar(name, _) => Some((name.clone(), extends.value.at)),
            Kind::Map(_) => {
                if let Some(file) = extends.value.get("file") {
                    let file = self.value(&file.value);
                    service.partial = Some(format!("it extends a service of another file, {}", file.words()));
                    if depth == 0 {
                        self.tell(Level::Info, extends.at, format!("'{}' extends a service of another file, {}, so not all of its build is known here", entry.key, file.words()), "");
                    }
                    return service;
                }
                extends.value.get("service").and_then(|it| match &it.value.kind {
                    Kind::Scalar(name, _) => Some((name.clone(), it.value.at)),
                    Kind::List(_) | Kind::Map(_) => None,
                })
            }
            Kind::List(_) => None,
        };
        let Some((name, at)) = base else {
            self.tell(Level::Error, extends.at, "'extends' has to name a service", "Write extends: name");
            return service;
        };
        let Some(base) = all.get(name.as_str()) else {
            let at = if depth == 0 { at } else { extends.at };
            self.tell(
                Level::Error,
                at,
                format!("'{}' extends '{name}', and there is no such service", entry.key),
                "Compose refuses that: name a service of this file, or the file it is in",
            );
            return service;
        };
        if depth >= MAX_EXTENDS.min(all.len()) {
            self.tell(
                Level::Error,
                extends.at,
                format!("'{}' extends itself in a circle", entry.key),
                "Compose refuses that: take one of the 'extends' out",
            );
            return service;
        }
        let base = self.service(base, all, depth + 1);
        Service {
            build: merge_builds(base.build, service.build),
            image: service.image.or(base.image),
            platform: service.platform.or(base.platform),
            profiles: service.profiles.or(base.profiles),
            partial: base.partial.map(|_| format!("'{name}' extends a service of another file")),
        }
    }

    /// Adds what becomes of a service.
    fn add(&mut self, entry: &Entry, service: &Service) {
        let image = service.image.as_ref().map(|image| self.value(image));
        let build = service.build.as_ref().filter(|build| !build.is_null());
        let Some(build) = build else {
            let why = match (&image, &service.partial) {
                (_, Some(partial)) => format!("is not known: {partial}"),
                (Some(image), None) => format!("runs the image {}, and builds nothing", image.words()),
                (None, None) => "has no build and no image".to_owned(),
            };
            let (name, at) = (entry.key.clone(), entry.at);
            self.file.others.push(Other { name, at, why });
            return;
        };
        let mut made = Build {
            name: entry.key.clone(),
            at: entry.at,
            partial: service.partial.clone(),
            ..Build::default()
        };
        match &build.kind {
            Kind::Scalar(..) => {
                made.context = self.value(build);
                made.dockerfile = paths::origin(&made.context, None);
            }
            Kind::Map(entries) => self.build(entries, build, &mut made),
            Kind::List(_) => {
                self.tell(
                    Level::Error,
                    build.at,
                    "'build' is a path, or a mapping with 'context' and 'target'",
                    "Take the dash away",
                );
                return;
            }
        }
        if let Some(platform) = service.platform.as_ref().filter(|it| !it.is_null()) {
            let platform = self.value(platform);
            let is_there = made.platforms.iter().any(|it| it.text.is_none() || it.text == platform.text);
            if made.platforms.is_empty() {
                made.platforms.push(platform);
            } else if !is_there && platform.text.is_some() {
                let message = format!(
                    "The platforms of the build lack {}, the platform of the service",
                    platform.words()
                );
                self.tell(
                    Level::Error,
                    made.platforms[0].at,
                    message,
                    "Compose refuses that: add it to 'platforms' of the build",
                );
            }
        }
        if let Some(profiles) = &service.profiles {
            made.profiles = self.texts(profiles).iter().map(Value::words).collect();
        }
        if made.tags.is_empty() {
            made.tags.extend(image);
        }
        self.file.builds.push(made);
    }

    fn build(&mut self, entries: &[Entry], node: &Node, made: &mut Build) {
        for entry in entries {
            let is_known = BUILD_KEYS.contains(&entry.key.as_str()) || entry.key.starts_with("x-");
            if !is_known {
                let message = format!("'build' has no '{}'", entry.key);
                let help = match near(&entry.key, BUILD_KEYS.into_iter()) {
                    Some(key) => format!("Did you mean '{key}'? Compose refuses what it does not know"),
                    None => "Compose refuses what it does not know, unless it begins with x-".to_owned(),
                };
                self.tell(Level::Warning, entry.at, message, &help);
            }
        }
        let mut value = |key: &str| {
            let entry = node.get(key).filter(|entry| !entry.value.is_null())?;
            Some(self.text_of(entry))
        };
        made.context = value("context").unwrap_or_else(|| Value::known(".", node.at));
        let dockerfile = value("dockerfile");
        let inline = value("dockerfile_inline");
        made.target = value("target").filter(|target| target.text.as_deref() != Some(""));
        if let (Some(inline), Some(_)) = (&inline, &dockerfile) {
            self.tell(
                Level::Error,
                inline.at,
                "'dockerfile' and 'dockerfile_inline' do not go together",
                "Compose refuses that: take one of them out",
            );
        }
        made.dockerfile = match inline {
            Some(Value { text: Some(text), .. }) => Origin::Inline(text),
            Some(value) => Origin::Unknown(format!("its Dockerfile is {}", value.words())),
            None => paths::origin(&made.context, dockerfile.as_ref()),
        };
        if let Some(args) = node.get("args") {
            made.args = self.pairs(args, "'args'", |name| {
                format!("{name} has no value here, so it comes from the environment")
            });
        }
        if let Some(contexts) = node.get("additional_contexts") {
            made.contexts =
                self.pairs(contexts, "'additional_contexts'", |name| format!("{name} has no value here"));
        }
        made.platforms = node.get("platforms").map(|it| self.texts(&it.value)).unwrap_or_default();
        made.tags = node.get("tags").map(|it| self.texts(&it.value)).unwrap_or_default();
        let is_true = |key: &str| matches!(node.get(key).map(|it| &it.value.kind), Some(Kind::Scalar(text, _)) if text == "true");
        for key in ["no_cache", "pull"] {
            if is_true(key) {
                made.settings.push(key.to_owned());
            }
        }
        let others = SETTINGS.into_iter().filter(|key| node.get(key).is_some_and(|it| !it.value.is_null()));
        made.settings.extend(others.map(str::to_owned));
    }

    /// A text at a key.
    fn text_of(&mut self, entry: &Entry) -> Value {
        match &entry.value.kind {
            Kind::Scalar(..) => self.value(&entry.value),
            Kind::List(_) | Kind::Map(_) => {
                self.tell(
                    Level::Error,
                    entry.value.at,
                    format!("'{}' has to be a text", entry.key),
                    "Write it behind the colon, in the same line",
                );
                Value::unknown(format!("'{}' is no text", entry.key), entry.value.at)
            }
        }
    }

    /// What a scalar comes to.
    fn value(&mut self, node: &Node) -> Value {
        let Kind::Scalar(text, _) = &node.kind else {
            return Value::unknown("it is no text", node.at);
        };
        self.interpolated(text, node.at)
    }

    fn interpolated(&mut self, text: &str, at: Place) -> Value {
        let found = match interpolate(text, self.variables) {
            Ok(found) => found,
            Err(why) => {
                self.tell(Level::Error, at, why.clone(), "Compose refuses that");
                return Value::unknown("it cannot be read", at);
            }
        };
        for (name, default) in found.named {
            let named = self.named.entry(name.clone()).or_insert(Variable { name, default: None, at });
            if named.default.is_none() {
                named.default = default;
            }
        }
        if let Some(required) = found.required {
            self.tell(Level::Info, at, format!("Compose asks the environment for {required}"), "");
        }
        let unless = found.defaulted;
        match found.text {
            Some(text) => Value { unless, ..Value::known(text, at) },
            None => Value::unknown(
                format!("{} comes from the environment", found.missing.unwrap_or_default()),
                at,
            ),
        }
    }

    /// A list of texts, or one.
    fn texts(&mut self, node: &Node) -> Vec<Value> {
        match &node.kind {
            Kind::List(items) => items.iter().map(|item| self.value(item)).collect(),
            Kind::Scalar(..) if node.is_null() => Vec::new(),
            Kind::Scalar(..) => vec![self.value(node)],
            Kind::Map(_) => Vec::new(),
        }
    }

    /// Names with values: a mapping, or a list of `NAME=VALUE`. The last of two equal names wins.
    fn pairs(&mut self, entry: &Entry, what: &str, no_value: impl Fn(&str) -> String) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut put = |pair: Pair| match places.get(&pair.name) {
            Some(&at) => pairs[at] = pair,
            None => {
                places.insert(pair.name.clone(), pairs.len());
                pairs.push(pair);
            }
        };
        match &entry.value.kind {
            Kind::Map(entries) => {
                for entry in entries.iter().filter(|it| it.value.tag != Tagged::Reset) {
                    let value = match &entry.value.kind {
                        Kind::Scalar(..) if entry.value.is_null() => {
                            self.outside(&entry.key, entry.at, &no_value)
                        }
                        Kind::Scalar(text, true) if is_rounded(text) => self.number(text, entry.value.at),
                        Kind::Scalar(..) => self.value(&entry.value),
                        Kind::List(_) | Kind::Map(_) => self.text_of(entry),
                    };
                    put(Pair { name: entry.key.clone(), at: entry.at, value });
                }
            }
            Kind::List(items) => {
                for item in items {
                    let Kind::Scalar(text, _) = &item.kind else {
                        self.tell(
                            Level::Error,
                            item.at,
                            format!("In a list, {what} are written NAME=VALUE"),
                            "Take the dash away, or write an equals sign instead of the colon",
                        );
                        continue;
                    };
                    let pair = match text.split_once('=') {
                        Some((name, value)) => Pair {
                            name: name.to_owned(),
                            at: item.at,
                            value: self.interpolated(value, item.at),
                        },
                        None => Pair {
                            name: text.clone(),
                            at: item.at,
                            value: self.outside(text, item.at, &no_value),
                        },
                    };
                    put(pair);
                }
            }
            Kind::Scalar(..) if entry.value.is_null() => {}
            Kind::Scalar(..) => {
                self.tell(
                    Level::Error,
                    entry.value.at,
                    format!("{what} are a mapping, or a list of NAME=VALUE"),
                    "Write each in a line of its own, indented, as NAME: value",
                );
            }
        }
        pairs
    }

    /// A number that Compose writes in another way.
    fn number(&mut self, text: &str, at: Place) -> Value {
        let number = text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| number.to_string());
        self.tell(
            Level::Warning,
            at,
            format!("Without quotes {text} is a number, and the build gets {number}"),
            &format!("Write \"{text}\""),
        );
        Value::known(number, at)
    }

    /// An argument that is named without a value.
    fn outside(&mut self, name: &str, at: Place, no_value: impl Fn(&str) -> String) -> Value {
        self.named.entry(name.to_owned()).or_insert(Variable { name: name.to_owned(), default: None, at });
        match self.variables.get(name) {
            Some(given) => Value::known(given, at),
            None => Value::unknown(no_value(name), at),
        }
    }

    /// Contexts may be what other services build; those have to be there.
    fn check_services(&mut self, all: &HashMap<&str, &Entry>) {
        let mut missing = Vec::new();
        for pair in self.file.builds.iter().flat_map(|build| &build.contexts) {
            let name = pair.value.text.as_deref().and_then(|text| text.strip_prefix("service:"));
            let Some(name) = name else { continue };
            match all.get(name) {
                None => missing.push((
                    pair.value.at,
                    format!("There is no service '{name}'"),
                    "Compose refuses that: name a service of this file",
                )),
                Some(_) if !self.file.builds.iter().any(|it| it.name == name) => {
                    missing.push((
                        pair.value.at,
                        format!("The service '{name}' is not built"),
                        "A context can only be what another service builds",
                    ));
                }
                Some(_) => {}
            }
        }
        for (at, message, help) in missing {
            self.tell(Level::Error, at, message, help);
        }
    }
}

/// Whether a text is a number with a zero at its end, as in 1.10, which is the same as 1.1.
fn is_rounded(text: &str) -> bool {
    let digits =
        |text: &str| !text.is_empty() && text.len() < 15 && text.bytes().all(|it| it.is_ascii_digit());
    text.split_once('.').is_some_and(|(whole, part)| digits(whole) && digits(part) && part.ends_with('0'))
}
