//! FROM lines: which stage or image each stage starts from.
//!
//! Follows `buildDispatchStates` and `addState` of `dockerfile2llb`. Surprising: FROM compares the name
//! exactly, letter case included, with the *lower-cased* names of *earlier* stages, the latest of equal names
//! first; whatever matches none is an image, be it a number or the stage's own name.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::args::GlobalScope;
use super::platform::{self, Platform};
use super::{Source, StageId, image_ref, suggest};
use crate::syntax::{Instruction, InstructionKind, Parse, Phase, SyntaxError, Word};
use crate::text::TextRange;

/// A stage as far as its FROM line tells.
pub(super) struct DraftStage<'p> {
    /// The FROM.
    pub(super) from: &'p Instruction<'p>,
    /// Its place among the instructions of the file; the stage's commands follow it.
    pub(super) index: usize,
    /// What stands behind the FROM, up to the next.
    pub(super) commands: &'p [Instruction<'p>],
    /// The name behind AS.
    pub(super) name: Option<(String, TextRange)>,
    /// The base as written.
    pub(super) base_text: String,
    /// The base after expansion, empty if that failed.
    pub(super) base_expanded: String,
    /// Where the base stands.
    pub(super) base_range: TextRange,
    /// What the base is; `None` if nothing is written.
    pub(super) base: Option<Base>,
    /// `--platform` after expansion.
    pub(super) platform: Option<String>,
    /// The platform the stage is for, as far as the file tells.
    pub(super) effective_platform: Rc<Platform>,
    /// The global variables that the FROM uses.
    pub(super) uses: BTreeSet<String>,
}

/// What a stage starts from.
pub(super) enum Base {
    Stage(StageId),
    Source(Source),
}

impl DraftStage<'_> {
    /// The name, or `stage-N` as BuildKit displays it.
    pub(super) fn display_name(&self, id: StageId) -> String {
        self.name.as_ref().map_or_else(|| format!("stage-{}", id.0), |(name, _)| name.clone())
    }
}

/// What is known of the stages once all FROM lines are read.
pub(super) struct Bases<'p> {
    /// In file order.
    pub(super) stages: Vec<DraftStage<'p>>,
    /// Each name with the last stage that has it.
    pub(super) names: HashMap<String, StageId>,
    /// Errors BuildKit finds while it reads FROM lines.
    pub(super) errors: Vec<SyntaxError>,
    /// Base names that are no valid references, which it finds later.
    pub(super) invalid: Vec<SyntaxError>,
}

/// The name of the stage a FROM opens, if it has one, in lower case.
pub(super) fn stage_name(from: &Instruction<'_>) -> Option<(String, TextRange)> {
    match from.args.as_slice() {
        [_, r#as, name, ..] if r#as.text.eq_ignore_ascii_case("as") => {
            Some((name.text.to_lowercase(), name.range))
        }
        _ => None,
    }
}

/// Reads all FROM lines.
pub(super) fn read<'p>(parse: &'p Parse<'p>, globals: &GlobalScope) -> Bases<'p> {
    let is_from = |instruction: &Instruction<'_>| instruction.kind == InstructionKind::From;
    let starts: Vec<usize> =
        (0..parse.instructions.len()).filter(|&index| is_from(&parse.instructions[index])).collect();
    let mut bases = Bases {
        stages: Vec::with_capacity(starts.len()),
        names: HashMap::new(),
        errors: Vec::new(),
        invalid: Vec::new(),
    };
    for (stage_idx, &index) in starts.iter().enumerate() {
        let end = starts.get(stage_idx + 1).copied().unwrap_or(parse.instructions.len());
        let commands = &parse.instructions[index + 1..end];
        let stage = bases.stage(&parse.instructions[index], index, commands, globals, parse.escape);
        if let Some((name, _)) = &stage.name {
            bases.names.insert(name.clone(), StageId(stage_idx));
        }
        bases.stages.push(stage);
    }
    bases
}

impl<'p> Bases<'p> {
    fn stage(
        &mut self,
        from: &'p Instruction<'p>,
        index: usize,
        commands: &'p [Instruction<'p>],
        globals: &GlobalScope,
        escape: char,
    ) -> DraftStage<'p> {
        let written = from.args.first();
        let base_text = written.map_or_else(String::new, |word| word.text.to_string());
        let base_range = written.map_or(TextRange::empty(from.keyword.range.end), |word| word.range);
        let mut base_expanded = base_text.clone();
        let mut base = None;
        let mut uses = BTreeSet::new();
        if let Some(word) = written {
            match globals.expand(&word.text, escape) {
                Ok(expansion) if expansion.text.is_empty() => {
                    let message = format!("base name ({base_text}) should not be blank");
                    let help = unset_help(&expansion.unset, "The base image");
                    self.errors.push(error(from, word.range, message, help));
                    base_expanded = String::new();
                    base = Some(Base::Source(Source::Invalid(base_text.clone())));
                }
                Ok(expansion) => {
                    base = Some(self.base(from, word, &expansion.text));
                    uses.extend(expansion.used);
                    base_expanded = expansion.text;
                }
                Err(message) => {
                    base_expanded = String::new();
                    self.errors.push(error(from, word.range, message, Some(SUBSTITUTION_HELP.to_owned())));
                    base = Some(Base::Source(Source::Invalid(base_text.clone())));
                }
            }
        }
        let (platform, parsed) = self.platform(from, globals, escape, &mut uses);
        let effective_platform = match &base {
            Some(Base::Stage(id)) => self.stages[id.0].effective_platform.clone(),
            Some(Base::Source(Source::Scratch)) => globals.target_platform.clone(),
            Some(Base::Source(_)) | None => parsed.map_or_else(|| globals.target_platform.clone(), Rc::new),
        };
        let name = stage_name(from);
        DraftStage {
            from,
            index,
            commands,
            name,
            base_text,
            base_expanded,
            base_range,
            base,
            platform,
            effective_platform,
            uses,
        }
    }

    /// Finds out what the expanded base name stands for.
    fn base(&mut self, from: &Instruction<'_>, word: &Word<'_>, name: &str) -> Base {
        if let Some(&id) = self.names.get(name) {
            return Base::Stage(id);
        }
        match source_of(name) {
            Ok(source) => Base::Source(source),
            Err(message) => {
                let help = self.base_help(name);
                self.invalid.push(error(from, word.range, message, help));
                Base::Source(Source::Invalid(name.to_owned()))
            }
        }
    }

    fn base_help(&self, name: &str) -> Option<String> {
        let lower = name.to_lowercase();
        if lower != name && self.names.contains_key(&lower) {
            return Some(format!(
                "Stage names are kept in lower case, and FROM compares exactly: write {lower}"
            ));
        }
        let names = self.stages.iter().filter_map(|stage| stage.name.as_ref());
        let near = suggest::nearest(&lower, names.map(|(name, _)| name.as_str()));
        near.map(|near| format!("There is a stage called {near} above"))
    }

    /// Expands and checks `--platform`.
    fn platform(
        &mut self,
        from: &Instruction<'_>,
        globals: &GlobalScope,
        escape: char,
        uses: &mut BTreeSet<String>,
    ) -> (Option<String>, Option<Platform>) {
        let Some(word) = from.flag("platform").filter(|word| !word.text.is_empty()) else {
            return (None, None);
        };
        match globals.expand(&word.text, escape) {
            Ok(expansion) if expansion.text.is_empty() => {
                let message = format!("empty platform value from expression {}", word.text);
                let help = unset_help(&expansion.unset, "The platform");
                self.errors.push(SyntaxError {
                    suggestion: nearest_variable(&expansion.unset, globals),
                    ..error(from, word.range, message, help)
                });
                (Some(String::new()), None)
            }
            Ok(expansion) => match platform::parse(&expansion.text) {
                Ok(platform) => {
                    uses.extend(expansion.used);
                    (Some(expansion.text), Some(platform))
                }
                Err(message) => {
                    let message = format!("failed to parse platform {}: {message}", word.text);
                    let help = "A platform is written os/architecture, e.g. linux/arm64".to_owned();
                    self.errors.push(SyntaxError {
                        suggestion: nearest_variable(&expansion.unset, globals),
                        ..error(from, word.range, message, Some(help))
                    });
                    (Some(expansion.text), None)
                }
            },
            Err(message) => {
                // BuildKit puts the result in front, which is empty when there is an error.
                let message = format!("failed to process arguments for platform : {message}");
                self.errors.push(error(from, word.range, message, Some(SUBSTITUTION_HELP.to_owned())));
                (None, None)
            }
        }
    }
}

/// What a name stands for that no stage has (`resolveBaseImage`).
pub(super) fn source_of(name: &str) -> Result<Source, String> {
    if name == "scratch" {
        return Ok(Source::Scratch);
    }
    match image_ref::parse(name) {
        Ok(image) => Ok(Source::Image { reference: image.normalized(), familiar: image.short() }),
        Err(message) => Err(format!("failed to parse stage name {}: {message}", super::go::quote(name))),
    }
}

/// What to do about a word that cannot be expanded.
pub(super) const SUBSTITUTION_HELP: &str = "Quotes must be closed; of a shell's substitutions only ${x}, and those with :- - :+ + :? ? # ## % %% / // work here";

fn unset_help(unset: &BTreeSet<String>, what: &str) -> Option<String> {
    let name = unset.iter().next()?;
    Some(format!(
        "{what} is empty because ${name} is not set; give it a default (ARG {name}=…) above the first FROM, or build \
         with --build-arg {name}=…"
    ))
}

fn nearest_variable(unset: &BTreeSet<String>, globals: &GlobalScope) -> Option<String> {
    unset.iter().find_map(|name| suggest::nearest(name, globals.names().into_iter()))
}

/// An error at a line of the file.
pub(super) fn error(
    instruction: &Instruction<'_>,
    range: TextRange,
    message: String,
    help: Option<String>,
) -> SyntaxError {
    SyntaxError {
        phase: Phase::Convert,
        message,
        suggestion: None,
        help,
        range,
        line: Some(instruction.lines.first),
    }
}
