//! A Bake file, in HCL or JSON: its targets with what each is given.
//!
//! Follows `bake` of buildx. Surprising: what a target inherits comes in the order of `inherits`, and later ones and the
//! target itself win; arguments and contexts are merged name by name, and everything else here is replaced; a null takes
//! nothing away; a circle of `inherits` is no error, the way back is left out; two blocks with one label are one target;
//! and paths are relative to where the command runs. JSON is read as an expression of HCL, which it is: its texts hold
//! the same `${…}`.

mod blocks;
mod inherit;

use std::collections::{HashMap, HashSet};

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::parser::{parse_body, parse_expr};
use protocol::builds::{Build, BuildFile, Group, Language, Level, Pair, Place, Problem, Value, Variable};

use self::blocks::{Attribute, Block, Blocks, blocks_of_body, blocks_of_json, names};
use self::inherit::{Family, Target, build};
use crate::expression::{Evaluator, Locals, Val};
use crate::places::Places;
use crate::{Variables, near};

/// What a target may set.
const ATTRIBUTES: [&str; 31] = [
    "annotations",
    "args",
    "attest",
    "cache-from",
    "cache-to",
    "call",
    "context",
    "contexts",
    "description",
    "dockerfile",
    "dockerfile-inline",
    "entitlements",
    "extra-hosts",
    "inherits",
    "labels",
    "matrix",
    "name",
    "network",
    "no-cache",
    "no-cache-filter",
    "output",
    "outputs",
    "platforms",
    "policy",
    "pull",
    "secret",
    "shm-size",
    "ssh",
    "tags",
    "target",
    "ulimits",
];
/// Attributes that decide how something is built, and not what.
const SETTINGS: [&str; 11] = [
    "cache-from",
    "cache-to",
    "entitlements",
    "labels",
    "network",
    "no-cache",
    "no-cache-filter",
    "output",
    "pull",
    "secret",
    "ssh",
];
/// More targets than this are not made of a matrix.
const MAX_TARGETS: usize = 500;
/// Among more names than this no similar one is looked for.
const MAX_NAMES: usize = 1000;

pub(crate) fn read(text: &str, language: Language, variables: &Variables) -> BuildFile {
    let mut file = BuildFile::default();
    let mut places = Places::of(text);
    let (body, root);
    let blocks = match language {
        Language::BakeHcl | Language::Compose => match parse_body(text) {
            Ok(parsed) => {
                body = parsed;
                blocks_of_body(&body)
            }
            Err(error) => {
                file.problems.push(refusal(text, &error));
                return file;
            }
        },
        Language::BakeJson => {
            if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
                file.problems.push(json_refusal(&error));
                return file;
            }
            match parse_expr(text.trim()) {
                Ok(parsed) => {
                    root = parsed;
                    places.shift = text.len() - text.trim_start().len();
                    blocks_of_json(&root)
                }
                Err(error) => {
                    file.problems.push(refusal(text, &error));
                    return file;
                }
            }
        }
    };
    let mut reader = Reader { file, evaluator: Evaluator::new(names(&blocks), places, variables) };
    reader.variables(&blocks);
    reader.targets(&blocks);
    reader.file
}

struct Reader<'f> {
    file: BuildFile,
    evaluator: Evaluator<'f>,
}

/// A group, each member with its place.
struct Members {
    name: String,
    targets: Vec<(String, Place)>,
}

impl<'f> Reader<'f> {
    fn place(&self, offset: usize) -> Place {
        self.evaluator.places.at(offset)
    }

    fn place_of(&self, of: &impl Span) -> Place {
        self.place(of.span().map_or(0, |span| span.start))
    }

    fn tell(&mut self, level: Level, at: Place, message: impl Into<String>, help: &str) {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        self.file.problems.push(Problem { level, at, message: message.into(), help });
    }

    fn variables(&mut self, blocks: &Blocks<'f>) {
        for (kind, at) in &blocks.unknown {
            let at = self.place(*at);
            let help = near(kind, ["target", "group", "variable", "function"].into_iter());
            let help = help.map_or_else(
                || "Bake knows target, group, variable and function".to_owned(),
                |it| format!("Did you mean '{it}'?"),
            );
            self.tell(Level::Warning, at, format!("Bake has no block '{kind}'"), &help);
        }
        for block in blocks.blocks.iter().filter(|block| block.kind == "variable") {
            let at = self.place(block.at);
            let default = block.get("default").filter(|it| !matches!(it.value, Expression::Null(_)));
            let default = default.map(|it| self.evaluator.eval(it.value, &Locals::new()));
            let default = default.and_then(|it| it.text().ok());
            self.file.variables.push(Variable { name: block.label.to_owned(), default, at });
        }
    }

    fn targets(&mut self, blocks: &Blocks<'f>) {
        let mut targets: Vec<Target> = Vec::new();
        let mut groups: Vec<Members> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for block in &blocks.blocks {
            match block.kind {
                "group" => {
                    let members =
                        block.get("targets").map(|it| self.names(it, &Locals::new())).unwrap_or_default();
                    groups.push(Members { name: block.label.to_owned(), targets: members });
                }
                "target" => {
                    let made = self.made(block);
                    if block.get("matrix").is_some() {
                        let members = made.iter().map(|it| (it.name.clone(), it.at)).collect();
                        if made.iter().any(|it| it.name != block.label) {
                            groups.push(Members { name: block.label.to_owned(), targets: members });
                        }
                    }
                    for target in made {
                        match places.get(&target.name) {
                            // Two blocks with one label are one target.
                            Some(&at) => {
                                let before = &mut targets[at];
                                before.set.merge(&target.set);
                                before.inherits.extend(target.inherits);
                            }
                            None => {
                                places.insert(target.name.clone(), targets.len());
                                targets.push(target);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        self.groups(&groups, &places);
        self.file.builds = self.builds(&targets, &places, &groups);
        if targets.is_empty() && blocks.blocks.iter().all(|block| block.kind != "target") {
            self.tell(
                Level::Error,
                Place { line: 1, column: 1 },
                "There is no target in the file",
                "A build is written as target \"name\" { … }",
            );
        }
    }

    /// The targets with all they inherit.
    fn builds(
        &mut self,
        targets: &[Target],
        places: &HashMap<String, usize>,
        groups: &[Members],
    ) -> Vec<Build> {
        let in_groups = groups.iter().flat_map(|group| &group.targets).map(|(name, _)| name.as_str());
        let contexts = targets.iter().flat_map(|it| &it.set.contexts);
        let linked = contexts.filter_map(|pair| pair.value.text.as_deref()?.strip_prefix("target:"));
        let asked: HashSet<&str> = in_groups.chain(linked).chain(["default"]).collect();
        let heirs = targets.iter().flat_map(|it| it.inherits.iter().map(|(name, _)| (name, &it.name)));
        let bases: HashSet<&str> =
            heirs.filter(|(base, heir)| base != heir).map(|(base, _)| base.as_str()).collect();
        let mut family = Family { targets, places, problems: Vec::new(), steps: 0 };
        let mut builds = Vec::with_capacity(targets.len());
        for (at, target) in targets.iter().enumerate() {
            let name = target.name.as_str();
            builds.push(build(target, family.inherited(at), bases.contains(name) && !asked.contains(name)));
        }
        self.file.problems.append(&mut family.problems);
        for pair in builds.iter().flat_map(|build: &Build| &build.contexts) {
            let name = pair.value.text.as_deref().and_then(|text| text.strip_prefix("target:"));
            if let Some(name) = name.filter(|name| !places.contains_key(*name)) {
                let help = "Bake refuses that: name a target of this file";
                self.tell(Level::Error, pair.value.at, format!("There is no target '{name}'"), help);
            }
        }
        builds
    }

    /// Notes what groups come to, and tells of members that are not there.
    fn groups(&mut self, groups: &[Members], targets: &HashMap<String, usize>) {
        let by_name: HashMap<&str, &Members> =
            groups.iter().map(|group| (group.name.as_str(), group)).collect();
        for group in groups {
            for (member, at) in &group.targets {
                if !targets.contains_key(member) && !by_name.contains_key(member.as_str()) {
                    let help = similar(member, targets).unwrap_or_else(|| {
                        "Bake refuses that: name a target or a group of this file".to_owned()
                    });
                    self.tell(Level::Error, *at, format!("There is no target '{member}'"), &help);
                }
            }
            let mut all = Vec::new();
            let mut seen = HashSet::from([group.name.as_str()]);
            let mut open: Vec<&str> = group.targets.iter().rev().map(|(name, _)| name.as_str()).collect();
            while let Some(member) = open.pop() {
                if !seen.insert(member) {
                    continue;
                }
                match by_name.get(member).filter(|_| !targets.contains_key(member)) {
                    Some(inner) => open.extend(inner.targets.iter().rev().map(|(name, _)| name.as_str())),
                    None => all.push(member.to_owned()),
                }
            }
            self.file.groups.push(Group { name: group.name.clone(), targets: all });
        }
    }

    /// The targets that a block makes: one, or one for each combination of its matrix.
    fn made(&mut self, block: &Block<'f>) -> Vec<Target> {
        for attribute in &block.attributes {
            if !ATTRIBUTES.contains(&attribute.key) {
                let at = self.place(attribute.at);
                let help = match near(attribute.key, ATTRIBUTES.into_iter()) {
                    Some(key) => format!("Did you mean '{key}'? Bake refuses what it does not know"),
                    None => "Bake refuses what it does not know".to_owned(),
                };
                self.tell(Level::Warning, at, format!("A target has no '{}'", attribute.key), &help);
            }
        }
        let at = self.place(block.at);
        let name = block.get("name");
        let Some(matrix) = block.get("matrix") else {
            if let Some(name) = name {
                let at = self.place(name.at);
                self.tell(
                    Level::Error,
                    at,
                    "A target has a 'name' only where it has a 'matrix'",
                    "Take it out: the name is the word behind target",
                );
            }
            return vec![self.target(block, block.label.to_owned(), at, &Locals::new())];
        };
        let combinations = match self.combinations(matrix) {
            Ok(combinations) => combinations,
            Err(why) => {
                let at = self.place(matrix.at);
                self.tell(Level::Info, at, format!("Which targets the matrix makes is unknown: {why}"), "");
                return Vec::new();
            }
        };
        let Some(name) = name else {
            if combinations.len() > 1 {
                self.tell(
                    Level::Error,
                    at,
                    format!(
                        "All {} targets of the matrix would be called '{}'",
                        combinations.len(),
                        block.label
                    ),
                    "Bake refuses that: add a name, such as name = \"app-${tgt}\"",
                );
            }
            return combinations
                .into_iter()
                .take(1)
                .map(|locals| self.target(block, block.label.to_owned(), at, &locals))
                .collect();
        };
        let mut made: Vec<Target> = Vec::new();
        let mut seen = HashSet::new();
        for locals in combinations {
            let place = self.place_of(name.value);
            match self.evaluator.eval(name.value, &locals).text() {
                Ok(text)
                    if !text.is_empty()
                        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-') =>
                {
                    if !seen.insert(text.clone()) {
                        self.tell(
                            Level::Error,
                            place,
                            format!("Two targets of the matrix are called '{text}'"),
                            "Bake refuses that: put every key of the matrix into the name",
                        );
                        continue;
                    }
                    made.push(self.target(block, text, at, &locals));
                }
                Ok(text) => {
                    self.tell(
                        Level::Error,
                        place,
                        format!("'{text}' is no name of a target"),
                        "Only letters, digits, - and _ are allowed; replace(text, \".\", \"-\") helps",
                    );
                }
                Err(why) => {
                    self.tell(Level::Info, place, format!("The names of the targets are unknown: {why}"), "")
                }
            }
        }
        made
    }

    /// The combinations of a matrix, the first key changing slowest.
    fn combinations(&mut self, matrix: Attribute<'f>) -> Result<Vec<Locals>, String> {
        let keys = match self.evaluator.eval(matrix.value, &Locals::new()) {
            Val::Map(keys) => keys,
            Val::Unknown(why) => return Err(why.to_string()),
            _ => return Err("it has to be a map of lists".to_owned()),
        };
        let mut all = vec![Locals::new()];
        for (key, values) in keys {
            let values = match values {
                Val::List(values) => values,
                Val::Unknown(why) => return Err(why.to_string()),
                _ => return Err(format!("'{key}' is no list")),
            };
            if all.len().saturating_mul(values.len()) > MAX_TARGETS {
                return Err(format!("it makes more than {MAX_TARGETS} targets"));
            }
            all = all
                .iter()
                .flat_map(|locals| {
                    values
                        .iter()
                        .map(|value| {
                            let mut locals = locals.clone();
                            locals.push((key.clone(), value.clone()));
                            locals
                        })
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        Ok(all)
    }

    /// What a block sets for one combination.
    fn target(&mut self, block: &Block<'f>, name: String, at: Place, locals: &Locals) -> Target {
        let mut target = Target { name, at, ..Target::default() };
        let value = |reader: &mut Self, key: &str| {
            let attribute = block.get(key)?;
            reader.value(attribute.value, locals)
        };
        target.set.context = value(self, "context");
        target.set.dockerfile = value(self, "dockerfile");
        target.set.inline = value(self, "dockerfile-inline");
        target.set.target = value(self, "target");
        if let Some(args) = block.get("args") {
            target.set.args = self.pairs(args, locals);
        }
        if let Some(contexts) = block.get("contexts") {
            target.set.contexts = self.pairs(contexts, locals);
        }
        target.set.platforms = block.get("platforms").and_then(|it| self.list(it.value, locals));
        target.set.tags = block.get("tags").and_then(|it| self.list(it.value, locals));
        for attribute in &block.attributes {
            let setting = SETTINGS.into_iter().find(|it| *it == attribute.key);
            let is_off =
                matches!(attribute.value, Expression::Null(_)) || attribute.value.as_bool() == Some(false);
            target.set.settings.extend(setting.filter(|_| !is_off));
        }
        if let Some(inherits) = block.get("inherits") {
            target.inherits = self.names(inherits, locals);
            let is_whole = match self.evaluator.eval(inherits.value, locals) {
                Val::List(items) => items.iter().find_map(Val::doubt),
                Val::Null => None,
                other => Some(other.doubt().unwrap_or_else(|| "'inherits' is no list".into())),
            };
            target.set.partial = is_whole.map(|why| format!("what it inherits is not known: {why}"));
        }
        target
    }

    /// A text; `None` for null.
    fn value(&mut self, expression: &'f Expression, locals: &Locals) -> Option<Value> {
        self.evaluator.used.clear();
        let value = self.evaluator.eval(expression, locals);
        let at = self.place_of(expression);
        self.as_value(value, at)
    }

    fn as_value(&self, value: Val, at: Place) -> Option<Value> {
        if value == Val::Null {
            return None;
        }
        let unless = self.evaluator.used.iter().cloned().collect();
        Some(match value.text() {
            Ok(text) => Value { unless, ..Value::known(text, at) },
            Err(why) => Value::unknown(why.to_string(), at),
        })
    }

    /// A list of texts; `None` for null.
    fn list(&mut self, expression: &'f Expression, locals: &Locals) -> Option<Vec<Value>> {
        if let Expression::Array(items) = expression {
            return Some(items.iter().filter_map(|item| self.value(item, locals)).collect());
        }
        self.evaluator.used.clear();
        let at = self.place_of(expression);
        match self.evaluator.eval(expression, locals) {
            Val::List(items) => Some(items.into_iter().filter_map(|item| self.as_value(item, at)).collect()),
            Val::Null => None,
            other => Some(self.as_value(other, at).into_iter().collect()),
        }
    }

    /// The names in a list, each with its place; those that are not known are left out.
    fn names(&mut self, attribute: Attribute<'f>, locals: &Locals) -> Vec<(String, Place)> {
        let values = self.list(attribute.value, locals).unwrap_or_default();
        values.into_iter().filter_map(|value| Some((value.text?, value.at))).collect()
    }

    /// Names with texts. A null sets nothing.
    fn pairs(&mut self, attribute: Attribute<'f>, locals: &Locals) -> Vec<Pair> {
        if let Expression::Object(object) = attribute.value {
            let mut pairs = Vec::new();
            for (key, value) in object {
                let at = self.place_of(key);
                let name = match self.evaluator.key(key, locals) {
                    Ok(name) => name,
                    Err(why) => {
                        self.tell(Level::Info, at, format!("A name is unknown: {why}"), "");
                        continue;
                    }
                };
                if let Some(value) = self.value(value.expr(), locals) {
                    pairs.push(Pair { name, at, value });
                }
            }
            return pairs;
        }
        self.evaluator.used.clear();
        let at = self.place_of(attribute.value);
        match self.evaluator.eval(attribute.value, locals) {
            Val::Map(entries) => {
                let entries = entries.into_iter();
                entries
                    .filter_map(|(name, value)| Some(Pair { name, at, value: self.as_value(value, at)? }))
                    .collect()
            }
            Val::Null => Vec::new(),
            other => {
                let why = other.doubt().unwrap_or_else(|| "it is no map".into());
                self.tell(Level::Info, at, format!("What '{}' holds is unknown: {why}", attribute.key), "");
                Vec::new()
            }
        }
    }
}

/// What to do about a name that no target has, if one is similar.
fn similar(name: &str, targets: &HashMap<String, usize>) -> Option<String> {
    if targets.len() > MAX_NAMES {
        return None;
    }
    let mut names: Vec<&str> = targets.keys().map(String::as_str).collect();
    names.sort_unstable();
    near(name, names.into_iter()).map(|it| format!("Did you mean '{it}'?"))
}

/// Why a text is not HCL.
fn refusal(text: &str, error: &hcl_edit::parser::Error) -> Problem {
    let at = Places::of(text).at(error.location().offset());
    let line = error.line();
    let help = if line.trim_start().starts_with('-') || line.trim_end().ends_with(':') {
        "This looks like YAML, as in a Compose file; choose that"
    } else if line.matches('"').count() % 2 == 1 {
        "Look for a quote that is not closed in this line"
    } else {
        "Look for a quote, a bracket or an equals sign that is missing here or in the line before"
    };
    let said = error.message().trim();
    let said = said.split('\n').next().unwrap_or_default();
    Problem {
        level: Level::Error,
        at,
        message: format!("This is not HCL: {said}"),
        help: Some(help.to_owned()),
    }
}

fn json_refusal(error: &serde_json::Error) -> Problem {
    let at = Place { line: error.line().max(1) as u32, column: error.column().max(1) as u32 };
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    Problem {
        level: Level::Error,
        at,
        message: format!("This is not JSON: {said}"),
        help: Some(
            "Look for a comma or a quote that is missing, or one that is too many, here or just before"
                .to_owned(),
        ),
    }
}
