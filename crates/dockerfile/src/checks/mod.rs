//! What is wrong in a Dockerfile, or could be better, and how to mend it.
//!
//! [`buildkit`] has the build checks of BuildKit, in its words and at its lines; [`multistage`] has our own, which know
//! the target. A rule is a file, and a page beside it, `<rule>.md`, is its documentation, its example and its test at
//! once.

pub mod buildkit;
mod file;
mod fix_all;
pub mod hadolint;
pub mod multistage;
mod suppress;

pub use buildkit::{Checked, Scope, check, violation};
pub use file::File;
pub use fix_all::{Applied, Fixed, fix_all};
pub use suppress::ways as ways_to_silence;

use std::fmt;

use crate::edit::Fix;
use crate::queries;
use crate::stages::{StageGraph, StageId};
use crate::suggest;
use crate::text::{LineSpan, TextRange};

/// Something that is looked for.
pub struct Rule {
    /// Its name, as `# check=skip=…` wants it.
    pub name: &'static str,
    /// What it says, in a sentence without a full stop; for BuildKit's rules BuildKit's description.
    pub description: &'static str,
    /// Whose it is.
    pub origin: Origin,
    /// How bad it is.
    pub level: Level,
    /// Whether its findings are kept back unless a file asks for them.
    pub experimental: bool,
    /// Whether it obeys the directive at the top of the file alone, not the comment above an instruction.
    pub file_only: bool,
    /// What it would take to check it, beside the Dockerfile; without that there are no findings.
    pub needs: Option<&'static str>,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// Looks for it; `None` for BuildKit's rules, which are looked at on the way that a build takes.
    find: Option<fn(&File<'_>, &mut Findings<'_>)>,
    /// Mends a finding: the ways to do so, the best one first.
    mend: Option<fn(&File<'_>, &Finding) -> Vec<Fix>>,
}

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// BuildKit has it, and a build would say so.
    BuildKit,
    /// It is ours.
    Stagelight,
}

/// How bad a finding is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The build fails, or what it makes cannot run.
    Error,
    /// Most likely not what was meant.
    Warning,
    /// Good to know.
    Info,
}

/// Something that a rule has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong; of BuildKit's rules BuildKit's message, without a suggestion.
    pub message: String,
    /// What may have been meant (`did you mean …?`).
    pub suggestion: Option<String>,
    /// What to do, in a sentence.
    pub help: Option<String>,
    /// The narrowest place that shows it.
    pub range: TextRange,
    /// The lines of the instruction; for BuildKit's rules those that BuildKit names.
    pub lines: LineSpan,
    /// The stage it is in; `None` above the first FROM.
    pub stage: Option<StageId>,
    /// The row in that stage's [`crate::stages::Stage::steps`], where one is known.
    pub step: Option<usize>,
    /// Other places that have to do with it, each with a few words.
    pub labels: Vec<Label>,
    /// Whether BuildKit keeps it to itself: the rule is experimental, and nobody has asked for it.
    pub hidden: bool,
}

/// A place that has to do with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub range: TextRange,
    /// What it has to do with it, in a few words.
    pub text: String,
}

/// All rules, BuildKit's first.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    buildkit::RULES.iter().chain(multistage::RULES).copied()
}

/// The rule of a name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.name == name)
}

/// The rule that somebody may have meant who wrote a name that no rule has.
pub fn similar_rule(name: &str) -> Option<&'static Rule> {
    let in_other_case = rules().find(|rule| rule.name.eq_ignore_ascii_case(name));
    in_other_case.or_else(|| {
        let name = suggest::ignoring_case(&name.to_ascii_lowercase(), rules().map(|rule| rule.name))?;
        rules().find(|rule| rule.name.eq_ignore_ascii_case(&name))
    })
}

/// What is found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// How many comments and directives have silenced.
    pub n_silenced: usize,
}

/// Everything that is found for the target of `file`, BuildKit's checks of all stages included. What BuildKit keeps to
/// itself is left out, and so is what a comment silences.
pub fn find(file: &File<'_>) -> Found {
    find_where(file, |finding| !finding.hidden)
}

/// Of all that is found what is wanted, also where BuildKit would keep it to itself; what a comment silences is left out.
pub fn find_where(file: &File<'_>, is_wanted: impl Fn(&Finding) -> bool) -> Found {
    let checked = buildkit::check_with(file.parse, file.graph, file.options, Scope::AllStages, file.ignore());
    let mut acc = Findings { graph: file.graph, findings: checked.findings };
    for rule in multistage::RULES {
        if let Some(find) = rule.find {
            find(file, &mut acc);
        }
    }
    let mut findings = acc.findings;
    findings.retain(|it| is_wanted(it) && !buildkit::is_of_base(file, it));
    let n_silenced = suppress::silence(file, &mut findings);
    findings.sort_by_key(|it| (it.lines.first, it.range.start, it.rule.level, it.rule.name));
    Found { findings, n_silenced }
}

/// Collects what our rules find.
pub struct Findings<'f> {
    graph: &'f StageGraph,
    findings: Vec<Finding>,
}

impl Findings<'_> {
    /// Takes in a finding in a row of a stage.
    pub(crate) fn add(
        &mut self,
        rule: &'static Rule,
        (stage, step): (StageId, usize),
        range: TextRange,
        message: impl Into<String>,
    ) -> &mut Finding {
        let row = self.graph.stages.get(stage.0).and_then(|stage| stage.steps.get(step));
        self.push(Finding {
            lines: row.map_or(LineSpan::default(), |row| row.lines),
            stage: Some(stage),
            step: Some(step),
            ..Finding::new(rule, range, message.into())
        })
    }

    /// Takes in a finding that is in no stage.
    pub(crate) fn push(&mut self, finding: Finding) -> &mut Finding {
        let at = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[at]
    }
}

impl Rule {
    /// What BuildKit's rules have in common.
    const BUILDKIT: Rule = Rule {
        name: "",
        description: "",
        origin: Origin::BuildKit,
        level: Level::Warning,
        experimental: false,
        file_only: false,
        needs: None,
        page: "",
        find: None,
        mend: None,
    };
    /// What our own have in common.
    const OURS: Rule = Rule { origin: Origin::Stagelight, ..Rule::BUILDKIT };

    /// Whether some of its findings can be mended here.
    pub fn has_fixes(&self) -> bool {
        self.mend.is_some()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.name == other.name
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.name).finish()
    }
}

impl Level {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        }
    }
}

impl Finding {
    /// A finding at a place, in no stage yet.
    pub(crate) fn new(rule: &'static Rule, range: TextRange, message: String) -> Finding {
        Finding {
            rule,
            message,
            suggestion: None,
            help: None,
            range,
            lines: LineSpan::default(),
            stage: None,
            step: None,
            labels: Vec::new(),
            hidden: false,
        }
    }

    /// Adds what to do, in a sentence.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Finding {
        self.help = Some(help.into());
        self
    }

    /// Adds what may have been meant.
    pub(crate) fn suggest(&mut self, suggestion: impl Into<String>) -> &mut Finding {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Adds another place.
    pub(crate) fn label(&mut self, range: TextRange, text: impl Into<String>) -> &mut Finding {
        self.labels.push(Label { range, text: text.into() });
        self
    }

    /// Why BuildKit itself may not find this, in a sentence: it knows the base image, and nobody has told us of it.
    pub fn doubt(&self, graph: &StageGraph) -> Option<String> {
        let is_of_variables = self.rule.name == "UndefinedVar";
        let image = queries::unknown_image(graph, self.stage.filter(|_| is_of_variables)?)?;
        Some(format!("Likely; {} may set it, which is not in the file.", queries::source_words(image)))
    }

    /// The whole message, with its suggestion.
    pub fn full_message(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("{} (did you mean {suggestion}?)", self.message),
            None => self.message.clone(),
        }
    }

    /// The ways to mend it, the best one first; empty if nobody knows one. `file` is the one it was found in.
    pub fn fixes(&self, file: &File<'_>) -> Vec<Fix> {
        self.rule.mend.map_or(Vec::new(), |mend| mend(file, self))
    }
}
