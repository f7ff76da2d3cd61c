//! Variables: the global scope above the first FROM, and the environment of each stage.
//!
//! Follows `dockerfile2llb` (`defaultArgs`, `buildMetaArgs`, `dispatchArg`, `dispatchEnv`). Surprising: a
//! global ARG reaches FROM lines only; inside a stage it must be asked for again by `ARG NAME`. What a base
//! *image* sets in its own configuration is unknown here, save for `PATH`.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::expand::{self, Expansion};
use super::platform::{self, Platform};
use super::variables::Variables;
use super::{ArgValue, BuildOptions, Start};

/// The variables that FROM lines can use, and that `ARG NAME` in a stage falls back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalScope {
    /// What ARGs have set.
    values: HashMap<String, String>,
    build_args: HashMap<String, String>,
    /// The platform the build runs on.
    pub build_platform: Rc<Platform>,
    /// The platform asked for.
    pub target_platform: Rc<Platform>,
    /// Both as text.
    formatted: [Rc<str>; 2],
    /// What `TARGETSTAGE` is.
    target_stage: String,
}

/// Names that are set without any ARG.
pub(crate) const AUTOMATIC: &[&str] = &[
    "BUILDARCH",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

/// Names that an ARG declares without ever becoming variables of the stage (`nonEnvArgs`).
pub(crate) const NOT_IN_ENVIRONMENT: &[&str] = &["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The `PATH` BuildKit adds where the base image sets none.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl GlobalScope {
    /// The scope before the first ARG: the automatic platform arguments. `last_stage` is the name of the
    /// last stage, which `TARGETSTAGE` falls back to.
    pub fn new(options: &BuildOptions, last_stage: Option<&str>) -> GlobalScope {
        let parsed = |text: &str| Rc::new(platform::parse(text).unwrap_or_default());
        let build = parsed(&options.build_platform);
        let is_same = options.target_platform == options.build_platform;
        let target = if is_same { build.clone() } else { parsed(&options.target_platform) };
        let formatted: Rc<str> = build.format().into();
        let of_target = if is_same { formatted.clone() } else { target.format().into() };
        let stage = options.target.as_deref().or(last_stage).filter(|it| !it.is_empty()).unwrap_or("default");
        GlobalScope {
            values: HashMap::new(),
            build_args: options.build_args.iter().cloned().collect(),
            formatted: [formatted, of_target],
            target_stage: stage.to_owned(),
            build_platform: build,
            target_platform: target,
        }
    }

    /// What a name stands for that no ARG and no build argument sets.
    fn automatic(&self, name: &str) -> Option<&str> {
        let (platform, formatted, part) = match (name.strip_prefix("BUILD"), name.strip_prefix("TARGET")) {
            (Some(part), _) => (&self.build_platform, &self.formatted[0], part),
            (None, Some("STAGE")) => return Some(&self.target_stage),
            (None, Some(part)) => (&self.target_platform, &self.formatted[1], part),
            (None, None) => return None,
        };
        match part {
            "PLATFORM" => Some(formatted),
            "OS" => Some(&platform.os),
            "OSVERSION" => Some(&platform.os_version),
            "ARCH" => Some(&platform.architecture),
            "VARIANT" => Some(&platform.variant),
            _ => None,
        }
    }

    /// Takes in one `name` or `name=value` of a global ARG; returns what its default uses.
    ///
    /// # Errors
    /// BuildKit's message if the default value cannot be expanded.
    pub fn declare(&mut self, declaration: &str, escape: char) -> Result<BTreeSet<String>, String> {
        let (name, default) = split_declaration(declaration);
        let (text, used) = match (self.build_args.get(name), default) {
            (Some(value), _) => (value.clone(), Vec::new()),
            (None, Some(default)) => {
                let expansion = self.expand(default, escape)?;
                (expansion.text.into_owned(), expansion.used)
            }
            (None, None) => return Ok(BTreeSet::new()),
        };
        self.values.insert(name.to_owned(), text);
        Ok(used.into_iter().map(str::to_owned).collect())
    }

    /// Expands a base name or a platform.
    ///
    /// # Errors
    /// BuildKit's message.
    pub fn expand<'w>(&self, word: &'w str, escape: char) -> Result<Expansion<'w>, String> {
        expand::expand(word, escape, &|name| self.get(name))
    }

    /// The value of a global variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        let automatic = || {
            let value = self.automatic(name)?;
            Some(self.build_arg(name).unwrap_or(value))
        };
        self.values.get(name).map(String::as_str).or_else(automatic)
    }

    /// The build argument of that name.
    pub fn build_arg(&self, name: &str) -> Option<&str> {
        self.build_args.get(name).map(String::as_str)
    }

    /// Every name that has a value, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let names: BTreeSet<&str> =
            self.values.keys().map(String::as_str).chain(AUTOMATIC.iter().copied()).collect();
        names.into_iter().collect()
    }

    /// The value of `SOURCE_DATE_EPOCH`, if a build argument or a global ARG sets it.
    pub fn source_date_epoch(&self) -> Option<&str> {
        const NAME: &str = "SOURCE_DATE_EPOCH";
        self.build_args.get(NAME).map(String::as_str).or_else(|| self.get(NAME)).filter(|it| !it.is_empty())
    }
}

/// Splits `name=value`; without `=` there is no value.
pub fn split_declaration(declaration: &str) -> (&str, Option<&str>) {
    match declaration.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (declaration, None),
    }
}

/// The environments of all stages. One that is FROM another shares what it has not changed with it.
#[derive(Clone, Debug, Default)]
pub struct Environments {
    scopes: Vec<Scope>,
}

/// Index of an environment; environments and stages are numbered alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeId(pub usize);

#[derive(Clone, Debug, Default)]
struct Scope {
    values: Variables,
    /// The `PATH` where nothing sets one.
    path: Option<&'static str>,
    /// Whether the stage stands on an image whose variables are not known.
    is_open: bool,
}

impl Environments {
    /// Opens the environment of the next stage, a copy of that of the stage it is FROM.
    pub fn open_on(&mut self, base: ScopeId) -> ScopeId {
        self.push(self.scopes[base.0].clone())
    }

    /// Opens the environment of the next stage, that of an image or of nothing.
    pub fn open(&mut self, start: &Start, is_windows: bool) -> ScopeId {
        let mut values = Variables::default();
        if let Start::Image(config) = start {
            config
                .env
                .iter()
                .for_each(|(name, value)| values.set(&name.as_str().into(), &value.as_str().into()));
        }
        // On Windows BuildKit leaves the variable to the system.
        let path = (!is_windows).then_some(DEFAULT_PATH);
        self.push(Scope { values, path, is_open: matches!(start, Start::UnknownImage) })
    }

    fn push(&mut self, scope: Scope) -> ScopeId {
        self.scopes.push(scope);
        ScopeId(self.scopes.len() - 1)
    }

    /// Those of the names that only the base image could have set.
    pub fn unknown<'n>(
        &self,
        scope: ScopeId,
        names: impl Iterator<Item = &'n str>,
    ) -> impl Iterator<Item = String> {
        let Scope { values, is_open, .. } = &self.scopes[scope.0];
        names.filter(|name| *is_open && values.get(name).is_none()).map(str::to_owned)
    }

    /// The value of a variable at this point of the stage.
    pub fn get(&self, scope: ScopeId, name: &str) -> Option<&str> {
        let Scope { values, path, .. } = &self.scopes[scope.0];
        values.get(name).or_else(|| path.filter(|_| name == "PATH"))
    }

    /// Sets a variable, as ENV does.
    pub fn set(&mut self, scope: ScopeId, name: &Rc<str>, value: &Rc<str>) {
        self.scopes[scope.0].values.set(name, value);
    }

    /// Takes in one `name` or `name=value` of an ARG in a stage; returns what it comes to, and which variables
    /// that takes.
    ///
    /// # Errors
    /// BuildKit's message if the default value is needed and cannot be expanded.
    pub fn declare<'w>(
        &mut self,
        scope: ScopeId,
        declaration: &'w str,
        globals: &GlobalScope,
        escape: char,
    ) -> Result<(ArgValue, Expansion<'w>), String> {
        let (name, default) = split_declaration(declaration);
        let mut expansion = Expansion::default();
        let mut arg = ArgValue { name: name.into(), value: None, is_global: false };
        match (globals.build_args.get(name), default) {
            (Some(value), _) => arg.value = Some(value.as_str().into()),
            (None, Some(default)) => {
                expansion = self.expand(scope, default, escape)?;
                arg.value = Some(std::mem::take(&mut expansion.text).into());
            }
            (None, None) => {
                arg.value = globals.get(name).map(Rc::from);
                arg.is_global = arg.value.is_some();
            }
        }
        if let Some(value) = &arg.value
            && arg.joins_environment()
        {
            self.set(scope, &arg.name, value);
        }
        Ok((arg, expansion))
    }

    /// Expands a word with the variables at this point of the stage.
    ///
    /// # Errors
    /// BuildKit's message.
    pub fn expand<'w>(&self, scope: ScopeId, word: &'w str, escape: char) -> Result<Expansion<'w>, String> {
        expand::expand(word, escape, &|name| self.get(scope, name))
    }
}
