//! What targets set, and what they inherit.

use std::collections::{BTreeSet, HashMap};

use protocol::builds::{Build, Level, Origin, Pair, Place, Problem, Value};

use super::similar;
use crate::paths;

/// Targets inherit from targets that inherit …
const MAX_DEPTH: usize = 64;
/// So many times is something inherited in a whole file.
const MAX_STEPS: usize = 200_000;

/// What a target sets itself.
#[derive(Clone, Default)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) at: Place,
    pub(super) inherits: Vec<(String, Place)>,
    pub(super) set: Set,
}

/// What one can inherit.
#[derive(Clone, Default)]
pub(super) struct Set {
    pub(super) context: Option<Value>,
    pub(super) dockerfile: Option<Value>,
    pub(super) inline: Option<Value>,
    pub(super) target: Option<Value>,
    pub(super) args: Vec<Pair>,
    pub(super) contexts: Vec<Pair>,
    pub(super) platforms: Option<Vec<Value>>,
    pub(super) tags: Option<Vec<Value>>,
    pub(super) settings: BTreeSet<&'static str>,
    pub(super) partial: Option<String>,
}

impl Set {
    /// Puts another one over it.
    pub(super) fn merge(&mut self, over: &Set) {
        let put = |to: &mut Option<Value>, from: &Option<Value>| {
            if from.is_some() {
                to.clone_from(from);
            }
        };
        put(&mut self.context, &over.context);
        put(&mut self.dockerfile, &over.dockerfile);
        put(&mut self.inline, &over.inline);
        put(&mut self.target, &over.target);
        for (to, from) in [(&mut self.args, &over.args), (&mut self.contexts, &over.contexts)] {
            for pair in from {
                match to.iter_mut().find(|it| it.name == pair.name) {
                    Some(before) => before.clone_from(pair),
                    None => to.push(pair.clone()),
                }
            }
        }
        if over.platforms.is_some() {
            self.platforms.clone_from(&over.platforms);
        }
        if over.tags.is_some() {
            self.tags.clone_from(&over.tags);
        }
        self.settings.extend(&over.settings);
        if over.partial.is_some() {
            self.partial.clone_from(&over.partial);
        }
    }
}

/// The targets of a file.
pub(super) struct Family<'t> {
    pub(super) targets: &'t [Target],
    /// The places of targets by their names.
    pub(super) places: &'t HashMap<String, usize>,
    pub(super) problems: Vec<Problem>,
    pub(super) steps: usize,
}

impl Family<'_> {
    /// A target with all it inherits.
    pub(super) fn inherited(&mut self, of: usize) -> Set {
        self.step(of, &mut HashMap::new(), 0).unwrap_or_default()
    }

    /// `None` where the way leads in a circle.
    fn step(&mut self, of: usize, done: &mut HashMap<usize, Option<Set>>, depth: usize) -> Option<Set> {
        if let Some(set) = done.get(&of) {
            return set.clone();
        }
        done.insert(of, None);
        let target = &self.targets[of];
        let mut set = Set::default();
        for (name, at) in &target.inherits {
            let Some(&base) = self.places.get(name) else {
                let help = similar(name, self.places)
                    .unwrap_or_else(|| "Bake refuses that: name a target of this file".to_owned());
                self.tell(Level::Error, *at, format!("There is no target '{name}' to inherit from"), help);
                continue;
            };
            self.steps += 1;
            if depth >= MAX_DEPTH || self.steps > MAX_STEPS {
                set.partial = Some("it inherits from too many targets".to_owned());
                continue;
            }
            match self.step(base, done, depth + 1) {
                Some(base) => set.merge(&base),
                None => self.tell(
                    Level::Warning,
                    *at,
                    format!("'{}' inherits from '{name}' in a circle; Bake leaves this way out", target.name),
                    "Take one of the 'inherits' out".to_owned(),
                ),
            }
        }
        set.merge(&target.set);
        done.insert(of, Some(set.clone()));
        Some(set)
    }

    fn tell(&mut self, level: Level, at: Place, message: String, help: String) {
        self.problems.push(Problem { level, at, message, help: Some(help) });
    }
}

/// A target with all it inherits, as a build.
pub(super) fn build(target: &Target, set: Set, template: bool) -> Build {
    let context = set.context.unwrap_or_else(|| Value::known(".", target.at));
    let dockerfile = match set.inline {
        Some(Value { text: Some(text), .. }) => Origin::Inline(text),
        Some(value) => Origin::Unknown(format!("its Dockerfile is {}", value.words())),
        None => paths::origin(&context, set.dockerfile.as_ref()),
    };
    Build {
        name: target.name.clone(),
        at: target.at,
        dockerfile,
        context,
        target: set.target.filter(|target| target.text.as_deref() != Some("")),
        args: set.args,
        // An empty context is none.
        contexts: set.contexts.into_iter().filter(|pair| pair.value.text.as_deref() != Some("")).collect(),
        platforms: set
            .platforms
            .unwrap_or_default()
            .into_iter()
            .filter(|it| it.text.as_deref() != Some(""))
            .collect(),
        tags: set.tags.unwrap_or_default().into_iter().filter(|it| it.text.as_deref() != Some("")).collect(),
        profiles: Vec::new(),
        settings: set.settings.into_iter().map(str::to_owned).collect(),
        template,
        partial: set.partial,
    }
}
