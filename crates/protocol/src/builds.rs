//! What a Compose file or a Bake file says of builds, and what that comes to for a Dockerfile. docs/builds.md describes
//! it for users.
//!
//! It crosses from the module that reads such files to the application, and is what `stagelight builds` answers. A key
//! is left out where it does not apply.

use serde::{Deserialize, Serialize};

/// The version of [`Report`]. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// In which language builds are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// A Compose file: YAML.
    Compose,
    /// A Bake file in HCL.
    BakeHcl,
    /// A Bake file in JSON.
    BakeJson,
}

/// What such a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFile {
    /// The language it was read as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The builds, in the order of the file.
    pub builds: Vec<Build>,
    /// Groups of Bake targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// Services that are not built, or of which that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
    /// The variables that decide about builds, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// What is wrong or cannot be known, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// A place in the file; both from 1, the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A build: a service of Compose or a target of Bake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub at: Place,
    /// Where its Dockerfile is.
    pub dockerfile: Origin,
    /// Its build context.
    pub context: Value,
    /// The stage it asks for; missing for the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Value>,
    /// Build arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Pair>,
    /// Named contexts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<Pair>,
    /// Platforms; none for that of the builder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<Value>,
    /// The names its image gets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Value>,
    /// Profiles without one of which Compose leaves the service alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// What else it sets that has no part in which stages there are: `secrets`, `ssh`, `cache_from`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Whether it is only there for others to inherit from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub template: bool,
    /// Why there may be more to it than is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// Where the Dockerfile of a build is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A file: its path from the folder that paths in the file are relative to.
    File(String),
    /// In the file itself.
    Inline(String),
    /// In a context that is not a folder here.
    Remote(String),
    /// Not known, with the reason.
    Unknown(String),
}

/// Something that is written in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// What it comes to; missing if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why it is not known, in words that follow 'unknown: '.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The variables with defaults that it rests on: the environment may set them to something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// Where it is written.
    #[serde(default)]
    pub at: Place,
}

/// A name and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// Where the name is written.
    pub at: Place,
    /// What belongs to it.
    pub value: Value,
}

/// A group of Bake targets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The targets it comes to, those of groups in it too.
    pub targets: Vec<String>,
}

/// A service that has no build here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub at: Place,
    /// What it does instead, in words that follow its name.
    pub why: String,
}

/// A variable that decides about builds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is unless the environment says otherwise; missing if nothing says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Where it stands first.
    pub at: Place,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It fails.
    Error,
    /// Most likely not what was meant.
    Warning,
    /// Good to know.
    #[default]
    Info,
}

/// Something to tell of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// Where.
    pub at: Place,
    /// What.
    pub message: String,
    /// What to do, a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The builds of a file, held against a Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The Dockerfile as it was given.
    pub dockerfile: String,
    /// The Compose or Bake file as it was given.
    pub file: String,
    /// The language it was read as.
    pub language: Option<Language>,
    /// The builds of this Dockerfile.
    pub builds: Vec<Built>,
    /// Builds of something else, and services that are not built.
    pub others: Vec<Other>,
    /// Groups of Bake targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The variables that decide about builds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Stages that none of the builds needs.
    pub not_built: Vec<StageRow>,
    /// What is wrong, or good to know.
    pub problems: Vec<Problem>,
}

/// A build of the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The build.
    pub build: Build,
    /// The stage it builds; missing if that is not known or not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageRow>,
    /// The stages it needs, that one included, in file order.
    pub needs: Vec<StageRow>,
}

/// A stage of the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRow {
    /// Its name, or `stage-N`.
    pub name: String,
    /// The line of its FROM.
    pub line: u32,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::Compose, Language::BakeHcl, Language::BakeJson];

    /// Its id, which stands in links and is never reused.
    pub fn id(self) -> &'static str {
        match self {
            Language::Compose => "compose",
            Language::BakeHcl => "bake-hcl",
            Language::BakeJson => "bake-json",
        }
    }

    /// The language with an id.
    pub fn of_id(id: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.id() == id)
    }
}

impl Default for Origin {
    fn default() -> Origin {
        Origin::File("Dockerfile".to_owned())
    }
}

impl Value {
    /// Something that is known.
    pub fn known(text: impl Into<String>, at: Place) -> Value {
        Value { text: Some(text.into()), at, ..Value::default() }
    }

    /// Something that is not.
    pub fn unknown(why: impl Into<String>, at: Place) -> Value {
        Value { unknown: Some(why.into()), at, ..Value::default() }
    }

    /// What it comes to, or that and why it is not known.
    pub fn words(&self) -> String {
        match (&self.text, &self.unknown) {
            (Some(text), _) => text.clone(),
            (None, Some(why)) => format!("unknown: {why}"),
            (None, None) => "unknown".to_owned(),
        }
    }
}
