//! What a build gives to BuildKit, as far as that is known.

use dockerfile::stages::{self, BuildOptions, platform};
use protocol::builds::{Build, BuildFile, Level, Problem, Value};

/// What a build gives to BuildKit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// The target; `None` for the last stage.
    pub target: Option<String>,
    /// Whether it asks for a target that is not known.
    pub is_target_unknown: bool,
    /// The arguments whose values are known.
    pub args: Vec<(String, String)>,
    /// The platforms that are known, as BuildKit writes them.
    pub platforms: Vec<String>,
    /// The named contexts whose values are known. What another build makes is named as an image.
    pub contexts: Vec<(String, String)>,
    /// The names of contexts that are said to be the result of a build that is not there.
    pub missing: Vec<String>,
}

impl Order {
    /// The options for one platform, or for that of the builder.
    pub fn options(&self, platform: Option<&str>) -> BuildOptions {
        let plain = BuildOptions::default();
        BuildOptions {
            build_args: self.args.clone(),
            target_platform: platform.map_or_else(|| plain.target_platform.clone(), str::to_owned),
            target: self.target.clone(),
            contexts: self.contexts.clone(),
            ..plain
        }
    }

    /// The options for each of its platforms.
    pub(crate) fn each_platform(&self) -> Vec<BuildOptions> {
        match self.platforms.is_empty() {
            true => vec![self.options(None)],
            false => self.platforms.iter().map(|it| self.options(Some(it))).collect(),
        }
    }
}

/// What a build of `file` gives to BuildKit, and what is wrong with that.
pub fn order(build: &Build, file: &BuildFile) -> (Order, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut order = Order {
        target: build.target.as_ref().and_then(|target| target.text.clone()),
        is_target_unknown: build.target.as_ref().is_some_and(|target| target.text.is_none())
            || build.target.is_none() && build.partial.is_some(),
        ..Order::default()
    };
    for pair in &build.args {
        order.args.extend(pair.value.text.clone().map(|value| (pair.name.clone(), value)));
    }
    for value in &build.platforms {
        let Some(text) = &value.text else { continue };
        match platform::parse(text) {
            Ok(platform) => {
                let platform = platform.format();
                if !order.platforms.contains(&platform) {
                    order.platforms.push(platform);
                }
            }
            Err(why) => problems.push(Problem {
                level: Level::Error,
                at: value.at,
                message: format!("'{text}' is no platform: {why}"),
                help: Some("Write it as linux/amd64 or linux/arm64".to_owned()),
            }),
        }
    }
    for pair in &build.contexts {
        let Some(value) = &pair.value.text else { continue };
        match stages::context_name(&pair.name) {
            Ok(_) if other(value).is_some_and(|name| file.builds.iter().all(|build| build.name != name)) => {
                order.missing.push(pair.name.clone());
            }
            Ok(name) => order.contexts.extend(content(value, file).map(|value| (name, value))),
            Err(why) => problems.push(Problem {
                level: Level::Error,
                at: pair.at,
                message: why,
                help: Some("The name of a context is in lower case, like that of an image".to_owned()),
            }),
        }
    }
    (order, problems)
}

/// What stands for a context. The result of another build is an image that has no name yet, so that of the build does.
fn content(value: &str, file: &BuildFile) -> Option<String> {
    let Some(name) = other(value) else { return Some(value.to_owned()) };
    let other = file.builds.iter().find(|build| build.name == name);
    let tags = other.into_iter().flat_map(|build| &build.tags).filter_map(|tag: &Value| tag.text.clone());
    let mut names = tags.chain([name.to_lowercase()]);
    names.find(|name| stages::context_name(name).is_ok()).map(|name| format!("docker-image://{name}"))
}

/// The build of which a context is the result.
fn other(value: &str) -> Option<&str> {
    value.strip_prefix("service:").or_else(|| value.strip_prefix("target:"))
}
