//! What can be put at a place.
//!
//! Everything that fits is given, the likeliest first; the editor chooses among it by what is typed. Only in a comment
//! nothing is given unless it begins like what was typed, for comments are prose. Surprising: a flag is offered again
//! only if BuildKit takes it twice, and the keys of a mount are those that its type makes use of.

use std::borrow::Cow;
use std::collections::HashSet;

use super::comments::{CommentPart, CommentPlace};
use super::place::{self, Place, Row, Spot};
use super::stage_names;
use super::variables::{self, Given, InForce, Scope, VariableUse};
use super::{Completion, CompletionKind, Completions, Document, images, page};
use crate::checks::{self, Origin};
use crate::stages::{AUTOMATIC, EdgeKind, SIGNALS};
use crate::syntax::instructions::{self, FlagRow, FlagValue};
use crate::syntax::mounts::{self, KeyValue, MountField};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

type Text = Cow<'static, str>;

/// Platforms that most registries have images for.
const PLATFORMS: &[&str] = &["linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64"];
/// Permissions that are asked for most often.
const MODES: &[&str] = &["755", "644", "u=rwX,go=rX", "+x"];
/// The frontend that reads Dockerfiles, which a file can ask for by name.
const FRONTENDS: &[&str] = &["docker/dockerfile:1", "docker/dockerfile:1-labs"];
/// As much of a value is shown.
const MAX_VALUE: usize = 40;

/// What can be put at `offset`.
pub(super) fn complete(doc: &Document<'_>, offset: usize) -> Option<Completions> {
    let Spot { place, row } = place::read(doc, offset)?;
    let at = At { doc, offset, row };
    let (range, items) = match place {
        Place::Keyword { range, is_trigger, .. } => (range, at.keywords(range, is_trigger)),
        Place::FlagName { instruction, range } => (range, at.flags(instruction, range)),
        Place::FlagValue { instruction, flag, range } => (range, at.flag_values(instruction, flag)),
        Place::MountKey { fields, range } => (range, at.mount_keys(&fields, range)),
        Place::MountValue { key, range } => (range, mount_values(&key)),
        Place::Reference { kind, range, instruction, text } => {
            (range, at.references(kind, instruction, range, &text))
        }
        Place::As { range, from } => (range, vec![at.as_keyword(from)]),
        Place::Variable(variable) => (variable.range, at.variables(&variable)),
        Place::Declaration { instruction, range, .. } => (range, at.names(instruction)),
        Place::Argument { instruction, index, range } => (range, at.arguments(instruction, index, range)),
        Place::Comment(comment) => (comment.range, at.comment(comment)),
        Place::StageName { .. } => return None,
    };
    (!items.is_empty()).then_some(Completions { range, items })
}

struct At<'d> {
    doc: &'d Document<'d>,
    offset: usize,
    row: Row,
}

fn item(label: impl Into<Text>, kind: CompletionKind, detail: impl Into<Text>) -> Completion {
    let label = label.into();
    Completion { insert: label.clone(), label, kind, detail: detail.into(), info: None }
}

impl At<'_> {
    /// What stands behind a range.
    fn next_char(&self, range: TextRange) -> Option<char> {
        self.doc.text[range.end..].chars().next()
    }

    /// A blank, where something has to follow and nothing does.
    fn blank_behind(&self, range: TextRange) -> &'static str {
        if self.next_char(range).is_none_or(|it| it == '\r' || it == '\n') { " " } else { "" }
    }

    /// Whether the file writes its instructions in lower case; where it has none, whether this one begins so.
    fn is_lower(&self, typed: TextRange) -> bool {
        let mut balance = 0_i64;
        for instruction in self.doc.parse.instructions.iter().filter(|it| it.keyword.range != typed) {
            let keyword = &*instruction.keyword.text;
            let has = |is: fn(&char) -> bool| keyword.chars().any(|it| is(&it));
            balance += i64::from(!has(char::is_ascii_uppercase)) - i64::from(!has(char::is_ascii_lowercase));
        }
        let typed = typed.of(self.doc.text);
        match balance {
            0 => typed.starts_with(|it: char| it.is_ascii_lowercase()),
            balance => balance > 0,
        }
    }

    fn keywords(&self, range: TextRange, is_trigger: bool) -> Vec<Completion> {
        let instructions = &self.doc.parse.instructions;
        let is_from = |it: &Instruction<'_>| it.kind == InstructionKind::From;
        let has_stage = instructions[..self.row.instruction.min(instructions.len())].iter().any(is_from);
        // A piece of a file may do without a FROM.
        let is_piece = || {
            let needs_stage =
                |it: &Instruction<'_>| !matches!(it.kind, InstructionKind::Arg | InstructionKind::Unknown);
            !instructions.iter().any(is_from) && instructions.iter().any(needs_stage)
        };
        let is_open = is_trigger || has_stage || is_piece();
        let fits = |kind: InstructionKind| match is_trigger {
            true => kind.row().onbuild,
            false => is_open || matches!(kind, InstructionKind::Arg | InstructionKind::From),
        };
        let is_lower = self.is_lower(range);
        let blank = self.blank_behind(range);
        let mut rows: Vec<_> = instructions::ALL.iter().filter(|row| fits(row.kind)).collect();
        rows.sort_by_key(|row| row.kind == InstructionKind::Maintainer);
        let named = rows.into_iter().map(|row| {
            let label: Text =
                if is_lower { row.keyword.to_ascii_lowercase().into() } else { row.keyword.into() };
            Completion {
                insert: format!("{label}{blank}").into(),
                info: page::of_instruction(row.kind).map(Text::from),
                ..item(label, CompletionKind::Instruction, row.summary)
            }
        });
        named.collect()
    }

    fn flags(&self, instruction: &Instruction<'_>, range: TextRange) -> Vec<Completion> {
        let row = instruction.kind.row();
        let given = |flag: &FlagRow| {
            let mut others = instruction.flags.iter().filter(|it| it.range.start != range.start);
            flag.value != FlagValue::List && others.any(|it| it.name.text == flag.name)
        };
        let is_followed = self.next_char(range) == Some('=');
        let missing = row.flags.iter().filter(|flag| !given(flag));
        let offered = missing.map(|flag| {
            let label = match flag.value {
                FlagValue::Bool => format!("--{}", flag.name),
                FlagValue::Text | FlagValue::List | FlagValue::OneOf(_) => format!("--{}=", flag.name),
            };
            let insert = match (flag.value, flag.name) {
                _ if is_followed => format!("--{}", flag.name),
                (FlagValue::Bool, _) => format!("{label}{}", self.blank_behind(range)),
                // Nearly every mount says its type, and says it first.
                (_, "mount") => "--mount=type=".to_owned(),
                (_, _) => label.clone(),
            };
            Completion {
                insert: insert.into(),
                info: page::of_flag(row, flag.name).map(Text::from),
                ..item(label, CompletionKind::Flag, flag.summary)
            }
        });
        offered.collect()
    }

    fn flag_values(&self, instruction: &Instruction<'_>, flag: &str) -> Vec<Completion> {
        let value = |it: &&'static str| item(*it, CompletionKind::Value, "");
        let Some(row) = instruction.kind.row().flag(flag) else { return Vec::new() };
        match row.value {
            FlagValue::Bool => ["true", "false"].iter().map(value).collect(),
            FlagValue::OneOf(values) => values.iter().map(value).collect(),
            FlagValue::Text if flag == "platform" => {
                let known = variables::in_force(self.doc, self.row, Scope::Global, self.offset);
                let is_platform = |it: &InForce| it.name.ends_with("PLATFORM");
                let known = known.into_iter().filter(is_platform).map(|it| {
                    let detail = self.variable_words(&it);
                    item(format!("${}", it.name), CompletionKind::Variable, detail)
                });
                known.chain(PLATFORMS.iter().map(value)).collect()
            }
            FlagValue::Text if flag == "chmod" => MODES.iter().map(value).collect(),
            FlagValue::Text | FlagValue::List => Vec::new(),
        }
    }

    fn mount_keys(&self, fields: &[MountField<'_>], range: TextRange) -> Vec<Completion> {
        let given: Vec<&str> = fields.iter().map(|field| field.key.text.trim()).collect();
        let row_of = |name: &str| mounts::key_row(name).map(|row| row.name);
        let kind = fields.iter().rfind(|field| field.key.text.eq_ignore_ascii_case("type"));
        let named = kind.and_then(|field| field.value.as_ref()).map(|it| it.text.to_ascii_lowercase());
        let kind_name = named.as_deref().unwrap_or(mounts::TYPES[0]);
        // BuildKit reads from left to right, and these only make sense to it once it knows the type.
        let comes_early = |name: &str| {
            matches!(name, "required" | "size") && kind.is_some_and(|it| it.range.start > range.start)
        };
        let is_followed = self.next_char(range) == Some('=');
        let rows = mounts::KEYS.iter().filter(|row| row.types.contains(&kind_name));
        let rows = rows.filter(|row| given.iter().all(|it| row_of(it) != Some(row.name)));
        let rows = rows.filter(|row| !comes_early(row.name));
        let offered = rows.map(|row| {
            let label: Text = match row.value {
                KeyValue::Bool => row.name.into(),
                KeyValue::Text | KeyValue::OneOf(_) => format!("{}=", row.name).into(),
            };
            Completion {
                insert: if is_followed { row.name.into() } else { label.clone() },
                info: page::section(page::MOUNT, row.name).map(Text::from),
                ..item(label, CompletionKind::MountKey, row.summary)
            }
        });
        offered.collect()
    }

    fn references(
        &self,
        kind: EdgeKind,
        instruction: &Instruction<'_>,
        range: TextRange,
        text: &str,
    ) -> Vec<Completion> {
        let stages = stage_names::candidates(self.doc, self.row, kind).into_iter();
        let mut items: Vec<Completion> = stages
            .map(|stage| {
                let detail = stage_names::base_words(self.doc.graph(), stage);
                item(stage.name.clone().unwrap_or_default(), CompletionKind::Stage, format!("from {detail}"))
            })
            .collect();
        // A stage of that name would be meant, then a context.
        let mut seen: HashSet<String> = items.iter().map(|item| item.label.to_string()).collect();
        // One for a single platform cannot be written so.
        let contexts = self.doc.options.contexts.iter().rev().filter(|(name, _)| !name.contains("::"));
        for (name, value) in contexts.filter(|(name, _)| seen.insert(name.clone())) {
            let detail = format!("named context {}", shortened(value));
            items.push(item(name.clone(), CompletionKind::NamedContext, detail));
        }
        if kind == EdgeKind::Base {
            let known = images::KNOWN.iter().map(|it| (it.reference.as_str(), it.detail.as_str()));
            let images = std::iter::once(("scratch", "nothing at all")).chain(known);
            let images = images.filter(|(name, _)| !seen.contains(*name));
            items.extend(images.map(|(name, detail)| item(name, CompletionKind::Image, detail)));
            if text.is_empty() {
                items.extend(self.flags(instruction, range));
            }
        }
        items
    }

    fn as_keyword(&self, from: &Instruction<'_>) -> Completion {
        // BuildKit warns if FROM and AS are not in the same case.
        let is_lower = from.keyword.text.starts_with(|it: char| it.is_ascii_lowercase());
        item(if is_lower { "as" } else { "AS" }, CompletionKind::Keyword, "gives the stage a name")
    }

    fn variables(&self, variable: &VariableUse) -> Vec<Completion> {
        let Some(instruction) = self.doc.parse.instructions.get(self.row.instruction) else {
            return Vec::new();
        };
        let scope = self.row.scope(variables::owner(instruction).kind);
        let known = variables::in_force(self.doc, self.row, scope, self.offset).into_iter();
        let offered = known.map(|it| {
            let insert = format!("{}{}", it.name, if variable.lacks_brace { "}" } else { "" });
            let detail = self.variable_words(&it);
            Completion { insert: insert.into(), ..item(it.name, CompletionKind::Variable, detail) }
        });
        offered.collect()
    }

    /// The value of a variable, and what gives it.
    fn variable_words(&self, variable: &InForce) -> String {
        let value = match variable.value.as_deref() {
            None => "not set".to_owned(),
            Some("") => "empty".to_owned(),
            Some(value) => format!("= {}", shortened(value)),
        };
        format!("{value} · {}", given_words(self.doc, variable.given))
    }

    /// Names for an ARG: those above the first FROM, and those that BuildKit sets.
    fn names(&self, instruction: &Instruction<'_>) -> Vec<Completion> {
        if variables::owner(instruction).kind != InstructionKind::Arg || self.row.stage.is_none() {
            return Vec::new();
        }
        let own = variables::in_force(self.doc, self.row, Scope::Stage, self.offset);
        let is_known = |name: &str| own.iter().any(|it| it.name == name);
        let above = self.doc.graph().globals.iter().filter(|arg| !is_known(&arg.name)).map(|arg| {
            let given = self.doc.graph().preamble.get(arg.step).map_or(0, |step| step.instruction);
            InForce { name: arg.name.clone(), value: arg.value.clone(), given: Given::By(given) }
        });
        let above: Vec<InForce> = above.collect();
        let is_new = |name: &&&str| !is_known(name) && above.iter().all(|it| it.name != **name);
        let automatic: Vec<Completion> = AUTOMATIC
            .iter()
            .filter(is_new)
            .map(|name| item(*name, CompletionKind::Variable, "set by BuildKit"))
            .collect();
        let above = above.into_iter().map(|it| {
            let detail = self.variable_words(&it);
            item(it.name, CompletionKind::Variable, detail)
        });
        above.chain(automatic).collect()
    }

    fn arguments(&self, instruction: &Instruction<'_>, index: usize, range: TextRange) -> Vec<Completion> {
        let mut items = Vec::new();
        let kind = instruction.kind;
        if kind == InstructionKind::Arg && range.is_empty() {
            items.extend(self.names(instruction));
        } else if kind == InstructionKind::Healthcheck && index == 0 {
            let is_lower = instruction.keyword.text.starts_with(|it: char| it.is_ascii_lowercase());
            for (word, detail) in
                [("CMD", "a command that tests the container"), ("NONE", "no check, not even the base's")]
            {
                let label = if is_lower { word.to_ascii_lowercase().into() } else { Text::from(word) };
                items.push(item(label, CompletionKind::Keyword, detail));
            }
        } else if kind == InstructionKind::Stopsignal && index == 0 {
            let signal = |name: &&str| item(format!("SIG{name}"), CompletionKind::Signal, signal_words(name));
            items.extend(SIGNALS.iter().map(signal));
            // The ones that programs listen to.
            items.sort_by_key(|it| it.detail.is_empty());
        }
        if index == 0 && range.is_empty() {
            items.extend(self.flags(instruction, range));
        }
        items
    }

    fn comment(&self, comment: CommentPlace<'_>) -> Vec<Completion> {
        match comment.part {
            CommentPart::Name(name) if comment.at_top => {
                let given = &self.doc.parse.directives;
                let is_given = |known: &str| {
                    given.iter().any(|it| it.name == known && !it.name.eq_ignore_ascii_case(name))
                };
                let is_followed =
                    self.doc.text[comment.range.end..].trim_start_matches([' ', '\t']).starts_with('=');
                let known = ["syntax", "escape", "check"].into_iter().filter(|it| !is_given(it));
                let offered = known.map(|known| Completion {
                    insert: if is_followed { known.into() } else { format!("{known}=").into() },
                    info: page::section(page::DIRECTIVES, known).map(Text::from),
                    ..item(format!("{known}="), CompletionKind::Directive, directive_words(known))
                });
                offered.collect()
            }
            CommentPart::Name(_) => {
                let info = page::section(page::DIRECTIVES, "check").map(Text::from);
                let words = "for the instruction below";
                vec![Completion { info, ..item("check=skip=", CompletionKind::Directive, words) }]
            }
            CommentPart::Value("syntax") => {
                FRONTENDS.iter().map(|it| item(*it, CompletionKind::Value, "")).collect()
            }
            CommentPart::Value("escape") => vec![
                item("\\", CompletionKind::Value, "as without the directive"),
                item("`", CompletionKind::Value, "for paths of Windows"),
            ],
            CommentPart::Value(_) => Vec::new(),
            CommentPart::Option(_) => {
                let options = [
                    ("skip=", "checks to leave out"),
                    ("error=true", "a finding fails the build"),
                    ("experimental=", "checks to take in that are not settled yet"),
                ];
                let fits = options.into_iter().filter(|(label, _)| comment.at_top || *label != "error=true");
                fits.map(|(label, detail)| item(label, CompletionKind::Directive, detail)).collect()
            }
            CommentPart::Rule { option, by_buildkit, .. } => rules(option, by_buildkit, comment.at_top),
        }
    }
}

/// The rules that an option can name.
fn rules(option: &str, by_buildkit: bool, at_top: bool) -> Vec<Completion> {
    let fits = |rule: &&checks::Rule| {
        let is_heard = !by_buildkit || at_top || !rule.file_only || rule.origin == Origin::Stagelight;
        is_heard && rule.experimental == (option == "experimental")
    };
    let named = checks::rules()
        .filter(fits)
        .map(|rule| Completion { ..item(rule.name, CompletionKind::Rule, rule.description) });
    std::iter::once(item("all", CompletionKind::Rule, "every one of them")).chain(named).collect()
}

fn mount_values(key: &str) -> Vec<Completion> {
    let value = |it: &'static str, section: String| Completion {
        info: page::section(page::MOUNT, &section).map(Text::from),
        ..item(it, CompletionKind::Value, "")
    };
    match mounts::key_row(key).map(|row| (row.value, row.name)) {
        Some((KeyValue::OneOf(values), name)) => {
            values.iter().map(|it| value(it, format!("{name}={it}"))).collect()
        }
        Some((KeyValue::Bool, _)) => {
            ["true", "false"].into_iter().map(|it| value(it, String::new())).collect()
        }
        Some((KeyValue::Text, _)) | None => Vec::new(),
    }
}

/// What gives a variable, in a few words.
pub(super) fn given_words(doc: &Document<'_>, given: Given) -> Text {
    match given {
        Given::By(index) => {
            let instruction = doc.parse.instructions.get(index);
            let words = instruction
                .map(|it| format!("{}, line {}", variables::owner(it).kind.keyword(), it.lines.first));
            words.unwrap_or_default().into()
        }
        Given::Automatic => "set by BuildKit".into(),
        Given::Base => "base image".into(),
    }
}

fn directive_words(name: &str) -> &'static str {
    match name {
        "syntax" => "which frontend reads the file",
        "escape" => "the escape character",
        _ => "which build checks apply",
    }
}

/// What the common signals mean.
fn signal_words(name: &str) -> &'static str {
    match name {
        "TERM" => "ends politely; the default",
        "INT" => "as Ctrl+C",
        "QUIT" => "ends gracefully, for nginx and php-fpm",
        "KILL" => "ends at once; cannot be caught",
        "HUP" => "reads its settings anew, for many programs",
        "USR1" | "USR2" => "whatever the program says",
        "WINCH" => "ends gracefully, for httpd",
        _ => "",
    }
}

/// A value on one line, its end left out if it is long.
pub(super) fn shortened(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    let mut chars = line.chars();
    let start: String = chars.by_ref().take(MAX_VALUE).collect();
    let is_whole = chars.next().is_none() && line.len() == value.len();
    if is_whole { start } else { format!("{start}…") }
}
