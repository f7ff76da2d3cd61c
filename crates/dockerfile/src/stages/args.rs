//! Variables: the global scope above the first FROM, and the environment of each stage.
//!
//! Follows `dockerfile2llb` (`defaultArgs`, `buildMetaArgs`, `dispatchArg`, `dispatchEnv`). Surprising: a
//! global ARG reaches FROM lines only; inside a stage it must be asked for again by `ARG NAME`. What a base
//! *image* sets in its own configuration is unknown here, save for `PATH`.

use std::collections::{BTreeSet, HashMap};

use super::expand::{self, Expansion};
use super::platform::{self, Platform};
use super::{ArgValue, BuildOptions, Start};

/// The variables that FROM lines can use, and that `ARG NAME` in a stage falls back to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GlobalScope {
    values: HashMap<String, String>,
    build_args: HashMap<String, String>,
    /// The platform the build runs on.
    pub build_platform: Platform,
    /// The platform asked for.
    pub target_platform: Platform,
}

/// Names that an ARG declares without ever becoming variables of the stage (`nonEnvArgs`).
const NOT_IN_ENVIRONMENT: &[&str] = &["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The `PATH` BuildKit adds where the base image sets none.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The same for `scratch` on Windows.
pub(crate) const DEFAULT_PATH_WINDOWS: &str = r"c:\Windows\System32;c:\Windows";

impl GlobalScope {
    /// The scope before the first ARG: the automatic platform arguments. `last_stage` is the name of the
    /// last stage, which `TARGETSTAGE` falls back to.
    pub fn new(options: &BuildOptions, last_stage: Option<&str>) -> GlobalScope {
        let build_args: HashMap<String, String> = options.build_args.iter().cloned().collect();
        let parsed = |text: &str| platform::parse(text).unwrap_or_default();
        let (build, target) = (parsed(&options.build_platform), parsed(&options.target_platform));
        let stage = options.target.as_deref().or(last_stage).filter(|it| !it.is_empty()).unwrap_or("default");
        let automatic = [
            ("BUILDPLATFORM", build.format()),
            ("BUILDOS", build.os.clone()),
            ("BUILDOSVERSION", build.os_version.clone()),
            ("BUILDARCH", build.architecture.clone()),
            ("BUILDVARIANT", build.variant.clone()),
            ("TARGETPLATFORM", target.format()),
            ("TARGETOS", target.os.clone()),
            ("TARGETOSVERSION", target.os_version.clone()),
            ("TARGETARCH", target.architecture.clone()),
            ("TARGETVARIANT", target.variant.clone()),
            ("TARGETSTAGE", stage.to_owned()),
        ];
        let values = automatic
            .into_iter()
            .map(|(name, value)| (name.to_owned(), build_args.get(name).cloned().unwrap_or(value)))
            .collect();
        GlobalScope { values, build_args, build_platform: build, target_platform: target }
    }

    /// Takes in one `name` or `name=value` of a global ARG; returns what its default uses.
    ///
    /// # Errors
    /// BuildKit's message if the default value cannot be expanded.
    pub fn declare(&mut self, declaration: &str, escape: char) -> Result<BTreeSet<String>, String> {
        let (name, default) = split_declaration(declaration);
        let expansion = match (self.build_args.get(name), default) {
            (Some(value), _) => Expansion { text: value.clone(), ..Expansion::default() },
            (None, Some(default)) => self.expand(default, escape)?,
            (None, None) => return Ok(BTreeSet::new()),
        };
        self.values.insert(name.to_owned(), expansion.text);
        Ok(expansion.used)
    }

    /// Expands a base name or a platform.
    ///
    /// # Errors
    /// BuildKit's message.
    pub fn expand(&self, word: &str, escape: char) -> Result<Expansion, String> {
        expand::expand(word, escape, &|name| self.get(name))
    }

    /// The value of a global variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The build argument of that name.
    pub fn build_arg(&self, name: &str) -> Option<&str> {
        self.build_args.get(name).map(String::as_str)
    }

    /// Every name that has a value, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.values.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
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

/// The environments of all stages. Each holds what its own stage sets and refers to the one it is FROM.
#[derive(Clone, Debug, Default)]
pub struct Environments {
    scopes: Vec<Scope>,
}

/// Index of an environment; environments and stages are numbered alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeId(pub usize);

#[derive(Clone, Debug, Default)]
struct Scope {
    values: HashMap<String, String>,
    parent: Option<ScopeId>,
    /// How many scopes a lookup may have to walk through.
    depth: usize,
    /// The `PATH` where nothing sets one.
    path: Option<&'static str>,
    /// Whether the stage stands on an image whose variables are not known.
    is_open: bool,
}

/// Where a chain of scopes is copied into one, so that lookups stay short.
const MAX_CHAIN: usize = 8;

impl Environments {
    /// Opens the environment of the next stage, a copy of that of the stage it is FROM.
    pub fn open_on(&mut self, base: ScopeId) -> ScopeId {
        let Scope { depth, path, is_open, .. } = self.scopes[base.0];
        if depth < MAX_CHAIN {
            let values = HashMap::new();
            return self.push(Scope { values, parent: Some(base), depth: depth + 1, path, is_open });
        }
        let mut values = HashMap::new();
        let mut next = Some(base);
        while let Some(id) = next {
            for (name, value) in &self.scopes[id.0].values {
                values.entry(name.clone()).or_insert_with(|| value.clone());
            }
            next = self.scopes[id.0].parent;
        }
        self.push(Scope { values, parent: None, depth: 0, path, is_open })
    }

    /// Opens the environment of the next stage, that of an image or of nothing.
    pub fn open(&mut self, start: &Start, is_windows: bool) -> ScopeId {
        let (env, is_open) = match start {
            Start::Image(config) => (config.env.clone(), false),
            Start::UnknownImage => (Vec::new(), true),
            Start::Empty | Start::Stage(_) => (Vec::new(), false),
        };
        let path = match (is_windows, start) {
            (false, _) => Some(DEFAULT_PATH),
            (true, Start::Empty) => Some(DEFAULT_PATH_WINDOWS),
            (true, Start::Image(_) | Start::UnknownImage | Start::Stage(_)) => None,
        };
        self.push(Scope { values: env.into_iter().collect(), parent: None, depth: 0, path, is_open })
    }

    fn push(&mut self, scope: Scope) -> ScopeId {
        self.scopes.push(scope);
        ScopeId(self.scopes.len() - 1)
    }

    /// Those of the names that only the base image could have set.
    pub fn unknown<'n>(&self, scope: ScopeId, names: impl Iterator<Item = &'n String>) -> Vec<String> {
        if !self.scopes[scope.0].is_open {
            return Vec::new();
        }
        names.filter(|name| self.get_set(scope, name).is_none()).cloned().collect()
    }

    /// The value of a variable at this point of the stage.
    pub fn get(&self, scope: ScopeId, name: &str) -> Option<&str> {
        let default = || self.scopes[scope.0].path.filter(|_| name == "PATH");
        self.get_set(scope, name).or_else(default)
    }

    /// The value of a variable that the file, or the known configuration of the base image, sets.
    fn get_set(&self, scope: ScopeId, name: &str) -> Option<&str> {
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &self.scopes[id.0];
            if let Some(value) = scope.values.get(name) {
                return Some(value);
            }
            next = scope.parent;
        }
        None
    }

    /// Sets a variable, as ENV does.
    pub fn set(&mut self, scope: ScopeId, name: &str, value: String) {
        self.scopes[scope.0].values.insert(name.to_owned(), value);
    }

    /// Takes in one `name` or `name=value` of an ARG in a stage; returns what it comes to and what was
    /// expanded for it.
    ///
    /// # Errors
    /// BuildKit's message if the default value is needed and cannot be expanded.
    pub fn declare(
        &mut self,
        scope: ScopeId,
        declaration: &str,
        globals: &GlobalScope,
        escape: char,
    ) -> Result<(ArgValue, Expansion), String> {
        let (name, default) = split_declaration(declaration);
        let mut expansion = Expansion::default();
        let mut arg = ArgValue { name: name.to_owned(), value: None, is_global: false };
        match (globals.build_args.get(name), default) {
            (Some(value), _) => arg.value = Some(value.clone()),
            (None, Some(default)) => {
                expansion = self.expand(scope, default, escape)?;
                arg.value = Some(expansion.text.clone());
            }
            (None, None) => {
                arg.value = globals.get(name).map(str::to_owned);
                arg.is_global = arg.value.is_some();
            }
        }
        if let Some(value) = &arg.value
            && !NOT_IN_ENVIRONMENT.contains(&name)
        {
            self.set(scope, name, value.clone());
        }
        Ok((arg, expansion))
    }

    /// Expands a word with the variables at this point of the stage.
    ///
    /// # Errors
    /// BuildKit's message.
    pub fn expand(&self, scope: ScopeId, word: &str, escape: char) -> Result<Expansion, String> {
        expand::expand(word, escape, &|name| self.get(scope, name))
    }
}
