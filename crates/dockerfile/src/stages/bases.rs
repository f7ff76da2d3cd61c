//! FROM lines: which stage or image each stage starts from.
//!
//! Follows `buildDispatchStates` and `addState` of `dockerfile2llb`. Surprising: FROM compares the name
//! exactly, letter case included, with the *lower-cased* names of *earlier* stages, the latest of equal names
//! first; whatever matches none is an image, be it a number or the stage's own name.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::args::GlobalScope;
use super::contexts::{Fault, NamedContexts, Outside};
use super::platform::{self, Platform};
use super::{Source, StageError, StageId, When, go};
use crate::suggest;
use crate::syntax::{Instruction, InstructionKind, Parse, Phase, SyntaxError, Word, is_as};
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
    /// Whether a named context stands in for the stage; the base is that context.
    pub(super) replaced: bool,
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
    /// Named contexts of no use, which it finds when it needs the stage.
    pub(super) unusable: Vec<StageError>,
    /// The named contexts.
    contexts: NamedContexts,
    /// The platform asked for.
    target_platform: Rc<Platform>,
}

/// The name of the stage a FROM opens, if it has one, in lower case.
pub(super) fn stage_name<'i>(from: &'i Instruction<'_>) -> Option<(Cow<'i, str>, TextRange)> {
    match &from.args[..] {
        [_, r#as, name, ..] if is_as(&r#as.text) => Some((go::to_lower(&name.text), name.range)),
        _ => None,
    }
}

/// Reads all FROM lines.
pub(super) fn read<'p>(parse: &'p Parse<'p>, globals: &GlobalScope, contexts: NamedContexts) -> Bases<'p> {
    let is_from = |instruction: &Instruction<'_>| instruction.kind == InstructionKind::From;
    let starts: Vec<usize> =
        (0..parse.instructions.len()).filter(|&index| is_from(&parse.instructions[index])).collect();
    let mut bases = Bases {
        stages: Vec::with_capacity(starts.len()),
        names: HashMap::new(),
        errors: Vec::new(),
        invalid: Vec::new(),
        unusable: Vec::new(),
        contexts,
        target_platform: globals.target_platform.clone(),
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
        let mut uses = BTreeSet::new();
        let base_expanded =
            written.and_then(|word| self.expanded_base(from, word, globals, escape, &mut uses));
        let (platform, parsed) = self.platform(from, globals, escape, &mut uses);
        let wanted = parsed.map_or_else(|| globals.target_platform.clone(), Rc::new);
        let name = stage_name(from).map(|(name, range)| (name.into_owned(), range));
        let mut base = match (&base_expanded, written) {
            (Some(text), Some(word)) => Some(self.base(from, word, text, &wanted)),
            (None, Some(_)) => Some(Base::Source(Source::Invalid(base_text.clone()))),
            (_, None) => None,
        };
        let stand_in = name.as_ref().and_then(|(name, range)| self.stand_in(name, *range, &wanted));
        let replaced = stand_in.is_some();
        if let Some(outside) = stand_in {
            // BuildKit: what the FROM of the base uses counts as used here; what this FROM uses does not.
            uses = self.uses_of(&base);
            while self.unusable.last().is_some_and(|it| it.stage.0 == self.stages.len()) {
                self.unusable.pop();
            }
            base = Some(Base::Source(self.taken(from, base_range, outside)));
        }
        let effective_platform = match &base {
            Some(Base::Stage(id)) => self.stages[id.0].effective_platform.clone(),
            Some(Base::Source(Source::Scratch)) => globals.target_platform.clone(),
            Some(Base::Source(_)) | None => wanted,
        };
        DraftStage {
            from,
            index,
            commands,
            name,
            base_text,
            base_expanded: base_expanded.unwrap_or_default(),
            base_range,
            base,
            replaced,
            platform,
            effective_platform,
            uses,
        }
    }

    /// The base with variables put in; `None` if there is nothing to start from.
    fn expanded_base(
        &mut self,
        from: &Instruction<'_>,
        word: &Word<'_>,
        globals: &GlobalScope,
        escape: char,
        uses: &mut BTreeSet<String>,
    ) -> Option<String> {
        match globals.expand(&word.text, escape) {
            Ok(expansion) if expansion.text.is_empty() => {
                let message = format!("base name ({}) should not be blank", word.text);
                let help = unset_help(&expansion.unset, "The base image");
                self.errors.push(error(from, word.range, message, help));
                None
            }
            Ok(expansion) => {
                uses.extend(expansion.used.into_iter().map(str::to_owned));
                Some(expansion.text.into_owned())
            }
            Err(message) => {
                self.errors.push(error(from, word.range, message, Some(SUBSTITUTION_HELP.to_owned())));
                None
            }
        }
    }

    /// The named context that stands in for the stage of that name.
    fn stand_in(&mut self, name: &str, range: TextRange, platform: &Platform) -> Option<Outside> {
        match self.contexts.stage(name, platform) {
            Ok(outside) => outside,
            Err(message) => {
                let help = "With named contexts, each stage has to be called as an image could be".to_owned();
                self.errors.push(SyntaxError {
                    phase: Phase::Convert,
                    message,
                    suggestion: None,
                    help: Some(help),
                    range,
                    lines: Vec::new(),
                });
                None
            }
        }
    }

    /// The source, once what is wrong with it is noted.
    fn taken(&mut self, from: &Instruction<'_>, range: TextRange, outside: Outside) -> Source {
        match outside.fault {
            None => {}
            Some(Fault::NoImage(message)) => self.invalid.push(error(from, range, message, None)),
            Some(Fault::BadContext(message)) => {
                let stage = StageId(self.stages.len());
                let error = error(from, range, message, Some(CONTEXT_HELP.to_owned()));
                self.unusable.push(StageError { stage, when: When::Sources, error });
            }
        }
        outside.source
    }

    /// The global variables that the FROM lines of a base use, down to what it stands on.
    fn uses_of(&self, base: &Option<Base>) -> BTreeSet<String> {
        let mut uses = BTreeSet::new();
        let mut next = base;
        while let Some(Base::Stage(id)) = next {
            let stage = &self.stages[id.0];
            uses.extend(stage.uses.iter().cloned());
            next = &stage.base;
        }
        uses
    }

    /// Finds out what the expanded base name stands for.
    fn base(&mut self, from: &Instruction<'_>, word: &Word<'_>, name: &str, platform: &Platform) -> Base {
        if let Some(&id) = self.names.get(name) {
            return Base::Stage(id);
        }
        let outside = self.contexts.image(name, platform);
        if let Some(Fault::NoImage(message)) = outside.fault {
            let help = self.base_help(name);
            self.invalid.push(error(from, word.range, message, help));
            return Base::Source(outside.source);
        }
        Base::Source(self.taken(from, word.range, outside))
    }

    /// What a reference from an instruction stands for that names no stage.
    pub(super) fn outside(&self, name: &str) -> Outside {
        self.contexts.image(name, &self.target_platform)
    }

    fn base_help(&self, name: &str) -> Option<String> {
        let lower = go::to_lower(name);
        if lower != name && self.names.contains_key(&*lower) {
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
                    uses.extend(expansion.used.into_iter().map(str::to_owned));
                    (Some(expansion.text.into_owned()), Some(platform))
                }
                Err(message) => {
                    // BuildKit names the place twice here.
                    let lines = vec![from.lines; 2];
                    let message = format!("failed to parse platform {}: {message}", word.text);
                    let help = "A platform is written os/architecture, e.g. linux/arm64".to_owned();
                    self.errors.push(SyntaxError {
                        suggestion: nearest_variable(&expansion.unset, globals),
                        lines,
                        ..error(from, word.range, message, Some(help))
                    });
                    (Some(expansion.text.into_owned()), None)
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

/// What to do about a named context that cannot be loaded.
pub(super) const CONTEXT_HELP: &str = "The value of --build-context is a directory, docker-image://…, oci-layout://…, a URL or a git repository";

/// What to do about a word that cannot be expanded.
pub(super) const SUBSTITUTION_HELP: &str = "Quotes must be closed; of a shell's substitutions only ${x}, and those with :- - :+ + :? ? # ## % %% / // work here";

fn unset_help(unset: &[&str], what: &str) -> Option<String> {
    let name = unset.first()?;
    Some(format!(
        "{what} is empty because ${name} is not set; give it a default (ARG {name}=…) above the first FROM, or build \
         with --build-arg {name}=…"
    ))
}

fn nearest_variable(unset: &[&str], globals: &GlobalScope) -> Option<String> {
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
        lines: vec![instruction.lines],
    }
}
