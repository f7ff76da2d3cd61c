//! Everything derived from one text: made anew for each change, then shared by all panels.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Deref;
use std::rc::Rc;

use dockerfile::assist::Document;
use dockerfile::checks::{self, File, Finding, Level, Rule};
use dockerfile::draw::Scene;
use dockerfile::edit::{self, Fix, TextEdit};
use dockerfile::export::{Format, Subject, Theme};
use dockerfile::ignore::Ignore;
use dockerfile::queries::cache::{self, Build, Forecast, Outputs};
use dockerfile::queries::plan::{Op, Outside};
use dockerfile::queries::{
    self, Cut, CutHere, Lights, Outline, Plan, Refusal, Schedule, Target, TargetError, Targetable,
};
use dockerfile::refactor;
use dockerfile::stages::fragment::{self, Supplied};
use dockerfile::stages::{self, BuildOptions, SourceId, StageError, StageGraph, StageId, Step};
use dockerfile::syntax::highlight::{self, Token};
use dockerfile::syntax::{self, Phase, SyntaxError};
use dockerfile::text::{LineCol, LineIndex, LineSpan, TextRange};
use protocol::Selected;

use crate::asked::Asked;
use crate::changed::Changed;
use crate::state::Thing;

/// What [`Analysis::fix_all`] has come to, and for which target.
type Mended = (Option<String>, Option<(usize, TextEdit)>);

/// What can be done about a problem.
#[derive(Default)]
pub(crate) struct Answers {
    /// The ways to mend it, the best one first.
    pub(crate) fixes: Vec<Fix>,
    /// The ways to silence its rule, where it stands and in the whole file.
    pub(crate) silence: Vec<Fix>,
    /// A `.dockerignore` to begin with, where that is what is missing.
    pub(crate) starter: Option<String>,
}

/// What can be done with a stage and one of its instructions.
pub(crate) struct Changes {
    /// What needs no further word.
    pub(crate) here: Vec<Fix>,
    /// Another name, or a sentence on why it cannot be.
    pub(crate) rename: Option<Result<Fix, String>>,
}

/// What the core says about one text.
#[derive(Debug, PartialEq)]
pub(crate) struct Analysis {
    /// The text.
    pub(crate) text: String,
    /// What the build is given beside it.
    pub(crate) asked: Rc<Asked>,
    /// The same for the core, with the target if the text reads it.
    options: BuildOptions,
    /// Its stages.
    pub(crate) graph: StageGraph,
    /// What was supplied, if the text is a piece of a Dockerfile.
    pub(crate) supplied: Option<Supplied>,
    /// What BuildKit would refuse whatever the target.
    problems: Vec<Problem>,
    /// What in it only BuildKit knows.
    pub(crate) refusals: Vec<Refusal>,
    /// Colours for the editor.
    pub(crate) tokens: Vec<Token>,
    lines: LineIndex,
    mended: RefCell<Option<Mended>>,
    /// Whether the file may want findings to be an error (`# check=error=true`).
    may_be_strict: bool,
    /// Number of lines, the empty one behind a final line end left out.
    pub(crate) n_lines: u32,
    /// Whether every instruction could be read; else the picture of the text is incomplete.
    pub(crate) readable: bool,
}

/// Something that BuildKit would refuse.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) range: TextRange,
    /// Where, for people.
    pub(crate) at: LineCol,
    /// BuildKit's words, with its suggestion.
    pub(crate) message: String,
    /// What to do.
    pub(crate) help: Option<String>,
    pub(crate) kind: ProblemKind,
    /// What a rule has found there.
    pub(crate) finding: Option<Rc<Finding>>,
    /// What BuildKit refuses there.
    error: Option<Rc<SyntaxError>>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProblemKind {
    /// A build of the target runs into it.
    Error,
    /// Only builds of other stages run into it.
    Elsewhere,
    /// A rule has found it; a build goes on.
    Found(Level),
}

impl ProblemKind {
    /// How bad it is.
    pub(crate) fn level(self) -> Level {
        match self {
            ProblemKind::Error => Level::Error,
            ProblemKind::Elsewhere => Level::Warning,
            ProblemKind::Found(level) => level,
        }
    }
}

impl Problem {
    fn new(error: &SyntaxError, lines: &LineIndex, text: &str) -> Problem {
        Problem {
            range: error.range,
            at: lines.line_col(text, error.range.start),
            message: match &error.suggestion {
                Some(suggestion) => format!("{} (did you mean {suggestion}?)", error.message),
                None => error.message.clone(),
            },
            help: error.help.clone(),
            kind: ProblemKind::Error,
            finding: None,
            error: Some(Rc::new(error.clone())),
        }
    }

    /// What a rule has found.
    fn found(finding: Finding, graph: &StageGraph, lines: &LineIndex, text: &str) -> Problem {
        Problem {
            range: finding.range,
            at: lines.line_col(text, finding.range.start),
            message: finding.full_message(),
            help: finding.doubt(graph).or_else(|| finding.help.clone()),
            kind: ProblemKind::Found(finding.rule.level),
            finding: Some(Rc::new(finding)),
            error: None,
        }
    }

    /// The rule that has found it.
    pub(crate) fn rule(&self) -> Option<&'static Rule> {
        self.finding.as_ref().map(|finding| finding.rule)
    }

    /// An error that only builds of `stage` run into.
    fn elsewhere(error: &StageError, graph: &StageGraph, lines: &LineIndex, text: &str) -> Problem {
        let mut problem = Problem::new(&error.error, lines, text);
        let stage = graph.stages[error.stage.0].display_name();
        let note = format!("The target does not need {stage}, so its build does not run into this.");
        problem.help = Some(match problem.help {
            Some(help) => format!("{note} {help}"),
            None => note,
        });
        problem.kind = ProblemKind::Elsewhere;
        problem
    }
}

impl Analysis {
    /// Reads `text`, for a build that is given `asked`. Only few texts read which target is asked for.
    pub(crate) fn of(text: String, asked: Rc<Asked>, target: Option<&str>) -> Analysis {
        let options = asked.options(target.filter(|_| reads_target(&text)));
        let mut parse = syntax::parse(&text);
        let supplied = fragment::supply(&mut parse, queries::is_known_image);
        let graph = stages::resolve(&parse, &options);
        let lines = LineIndex::new(&text);
        let errors = parse.errors.iter().chain(&graph.errors);
        let problems: Vec<Problem> = errors.map(|error| Problem::new(error, &lines, &text)).collect();
        // Of a piece it is known what it lacks.
        let readable = parse
            .errors
            .iter()
            .all(|error| error.phase == Phase::Convert || supplied.is_some() && error.is_no_stage());
        let tokens = highlight::tokens(&text, &parse);
        let n_lines = lines.n_lines() - u32::from(text.is_empty() || text.ends_with('\n'));
        let refusals = queries::refusals(&parse);
        let may_be_strict = parse.detected.check.is_some();
        Analysis {
            may_be_strict,
            graph,
            problems,
            supplied,
            refusals,
            tokens,
            lines,
            mended: RefCell::new(None),
            n_lines,
            readable,
            options,
            asked,
            text,
        }
    }

    /// Whether it is what there is to say of a build of `target`.
    pub(crate) fn is_for(&self, target: Option<&str>) -> bool {
        !reads_target(&self.text) || self.options.target.as_deref() == target
    }

    /// The same text for a build that is given something else.
    pub(crate) fn again(&self, asked: Rc<Asked>, target: Option<&str>) -> Analysis {
        Analysis::of(self.text.clone(), asked, target)
    }

    /// What a build of the cut's target can be given.
    pub(crate) fn outline(&self, cut: &Cut) -> Outline {
        self.with_file(None, |file| queries::outline(file.parse, &self.graph, cut))
    }

    /// When the steps of a build of the cut's target can run.
    pub(crate) fn schedule(&self, cut: &Cut) -> Schedule {
        self.with_plan(|plan| queries::schedule(plan, cut))
    }

    /// What runs again in a build of the cut's target, if `before` is in the cache as far as `built` needed it.
    pub(crate) fn what_if(&self, cut: &Cut, before: &Analysis, built: &Cut, changed: &Changed) -> Forecast {
        self.with_build(cut, |after| {
            before
                .with_build(built, |before| cache::what_if(before, after, &changed.changes, changed.outputs))
        })
    }

    /// What a developer may do in a day to a project that is built like this.
    pub(crate) fn day_of_a_developer(&self, cut: &Cut) -> Vec<cache::Edit> {
        self.with_build(cut, cache::day_of_a_developer)
    }

    /// How many steps each of the edits makes run again.
    pub(crate) fn day(&self, cut: &Cut, edits: &[cache::Edit], outputs: Outputs) -> Vec<usize> {
        self.with_build(cut, |build| cache::day(build, edits, outputs))
    }

    /// What a build of the cut's target takes from elsewhere.
    pub(crate) fn outside(&self, cut: &Cut) -> Vec<Outside> {
        self.with_plan(|plan| {
            let mut found: Vec<Outside> = Vec::new();
            plan.visit(cut.target, |id| {
                if let Op::Source(outside) = &plan.vertices[id].op
                    && !found.contains(outside)
                {
                    found.push(outside.clone());
                }
            });
            found
        })
    }

    /// Hands a build of the cut's target to `then`.
    fn with_build<T>(&self, cut: &Cut, then: impl FnOnce(Build<'_>) -> T) -> T {
        let ignore = self.asked.context.as_ref().and_then(|context| context.ignore.as_deref());
        let ignore = ignore.map(Ignore::parse);
        self.with_plan(|plan| then(Build { plan, cut, ignore: ignore.as_ref() }))
    }

    /// Hands everything that builds of the text do to `then`.
    fn with_plan<T>(&self, then: impl FnOnce(&Plan<'_>) -> T) -> T {
        self.with_file(None, |file| then(&Plan::of(&self.text, file.parse, &self.graph)))
    }

    /// What the core is told of the build.
    pub(crate) fn options(&self) -> &BuildOptions {
        &self.options
    }

    /// The Dockerfile up to a row, to look inside; `None` for a piece of a Dockerfile, which no build would take.
    pub(crate) fn cut_here(&self, stage: StageId, step: usize) -> Option<CutHere> {
        let with = |file: &File<'_>| {
            queries::cut_here(&self.text, file.parse, &self.graph, &self.options, stage, step)
        };
        self.supplied.is_none().then(|| self.with_file(None, with))?
    }

    /// What a build of `target` runs.
    pub(crate) fn cut(&self, target: Option<&str>) -> Result<Cut, TargetError> {
        let target = target.map_or(Target::Default, |name| Target::Name(name.to_owned()));
        queries::cut(&self.graph, &target)
    }

    /// Whether it has stages of its own; a piece of a Dockerfile has only those that were supplied.
    pub(crate) fn shows_stages(&self) -> bool {
        !self.graph.stages.is_empty() && self.supplied.is_none()
    }

    /// How one asks for a stage.
    pub(crate) fn targetable(&self, stage: StageId) -> Option<Targetable> {
        Some(queries::cut(&self.graph, &Target::Stage(stage)).ok()?.targetable)
    }

    /// Stages that `--target` can name, in file order; of two with one name only the later.
    pub(crate) fn targets(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let names = self.graph.stages.iter().rev().filter_map(|stage| stage.name.as_deref());
        let mut targets: Vec<&str> = names.filter(|name| seen.insert(*name)).collect();
        targets.reverse();
        targets
    }

    /// What is wrong for a target, in file order: what BuildKit refuses, and what the rules find.
    pub(crate) fn problems(&self, cut: Option<&Cut>) -> Vec<Problem> {
        let mut problems = self.refused(cut);
        self.add_findings(cut, &mut problems);
        in_order(problems)
    }

    /// The same while somebody types: the rules take longer to ask than a keystroke may, so what they have found in
    /// the text before is moved along with it. What the change touches is left out.
    pub(crate) fn problems_carried(
        &self,
        cut: Option<&Cut>,
        before: &str,
        found: &[Problem],
    ) -> Vec<Problem> {
        let mut problems = self.refused(cut);
        let edit = edit::difference(before, &self.text);
        let found = found.iter().filter(|problem| problem.error.is_none());
        problems.extend(found.filter_map(|problem| {
            let Some(edit) = &edit else { return Some(problem.clone()) };
            if problem.range.end < edit.range.start {
                return Some(problem.clone());
            }
            let moved = |at: usize| at - edit.range.end + edit.range.start + edit.text.len();
            let range = (problem.range.start > edit.range.end)
                .then(|| TextRange::new(moved(problem.range.start), moved(problem.range.end)))?;
            Some(Problem { range, at: self.line_col(range.start), ..problem.clone() })
        }));
        in_order(problems)
    }

    /// What BuildKit would refuse, with what it refuses for this target alone.
    fn refused(&self, cut: Option<&Cut>) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        let errors = cut.into_iter().flat_map(|cut| &cut.errors);
        problems.extend(errors.map(|error| Problem::new(error, &self.lines, &self.text)));
        problems.extend(cut.and_then(|cut| self.violation(cut)));
        let errors = cut.into_iter().flat_map(|cut| &cut.errors);
        let known: HashSet<_> = errors.map(|error| (error.range, error.message.as_str())).collect();
        let elsewhere = self.graph.stage_errors.iter();
        let elsewhere =
            elsewhere.filter(|error| !known.contains(&(error.error.range, error.error.message.as_str())));
        problems
            .extend(elsewhere.map(|error| Problem::elsewhere(error, &self.graph, &self.lines, &self.text)));
        problems
    }

    /// Adds what the rules find for the target. What they say of an error goes to it.
    fn add_findings(&self, cut: Option<&Cut>, problems: &mut Vec<Problem>) {
        let found = self.with_file(cut, |file| checks::find(file).findings);
        for finding in found {
            let is_same =
                |it: &&mut Problem| it.range == finding.range && it.message == finding.full_message();
            match problems.iter_mut().filter(|it| it.finding.is_none()).find(is_same) {
                Some(problem) if finding.rule.level == Level::Error => {
                    problem.help = finding.help.clone().or(problem.help.take());
                    problem.finding = Some(Rc::new(finding));
                }
                Some(_) | None => {
                    problems.push(Problem::found(finding, &self.graph, &self.lines, &self.text));
                }
            }
        }
    }

    /// The ways to mend a problem, the best one first.
    pub(crate) fn fixes(&self, cut: Option<&Cut>, problem: &Problem) -> Vec<Fix> {
        self.answers(cut, problem).fixes
    }

    /// All that can be done about a problem.
    pub(crate) fn answers(&self, cut: Option<&Cut>, problem: &Problem) -> Answers {
        let of_finding = |finding: &Finding| {
            self.with_file(cut, |file| Answers {
                fixes: finding.fixes(file),
                silence: checks::ways_to_silence(file, finding),
                starter: (finding.rule.name == "NoDockerignore").then(|| refactor::starter_ignore(file)),
            })
        };
        let mut answers = problem.finding.as_deref().map_or_else(Answers::default, of_finding);
        if let Some(error) = problem.error.as_ref().filter(|_| answers.fixes.is_empty()) {
            answers.fixes = refactor::of_error(&self.text, error);
        }
        answers
    }

    /// A `.dockerignore` to begin with.
    pub(crate) fn starter_ignore(&self, cut: Option<&Cut>) -> String {
        self.with_file(cut, refactor::starter_ignore)
    }

    /// Everything that can be mended without changing what is built: how many findings that are, and one edit for all.
    /// It takes long for what is shown at each change of the state, so it is kept until another target is asked for.
    pub(crate) fn fix_all(&self, target: Option<&str>) -> Option<(usize, TextEdit)> {
        if self.supplied.is_some() || !self.readable {
            return None;
        }
        let mut mended = self.mended.borrow_mut();
        if mended.as_ref().is_none_or(|(it, _)| it.as_deref() != target) {
            let (options, context) = (self.asked.options(target), self.asked.context.as_ref());
            let fixed = checks::fix_all(&self.text, &options, context, |it| !it.hidden, false);
            let edit = edit::difference(&self.text, &fixed.text);
            *mended = Some((target.map(str::to_owned), edit.map(|edit| (fixed.applied.len(), edit))));
        }
        mended.as_ref().and_then(|(_, all)| all.clone())
    }

    /// What else can be done with a stage and the instruction that begins at an offset; `name` is another name that
    /// somebody thinks of for the stage.
    pub(crate) fn changes(
        &self,
        cut: Option<&Cut>,
        stage: StageId,
        offset: usize,
        name: Option<&str>,
    ) -> Changes {
        // What concerns the whole stage is asked of its FROM.
        let from = self.step(stage, 0).map(|from| from.range.start).filter(|from| *from != offset);
        self.with_file(cut, |file| Changes {
            here: std::iter::once(offset).chain(from).flat_map(|at| refactor::at(file, at)).collect(),
            rename: name.map(|name| refactor::rename(file, stage, name)),
        })
    }

    /// Hands the text to `then`, as help while writing wants it.
    pub(crate) fn with_document<T>(&self, then: impl FnOnce(&Document<'_>) -> T) -> T {
        // Places are found by the instructions as they are written.
        if self.supplied.is_some() {
            return then(&Document::read(&self.text, &self.options));
        }
        self.with_file(None, |file| then(&Document::of(file.text, file.parse, file.graph, file.options)))
    }

    /// Hands the file to `then`. It is read again for that: what was read borrows from the text, and reading is quick.
    fn with_file<T>(&self, cut: Option<&Cut>, then: impl FnOnce(&File<'_>) -> T) -> T {
        let mut parse = syntax::parse(&self.text);
        if self.supplied.is_some() {
            fragment::supply(&mut parse, queries::is_known_image);
        }
        let file = File::new(&self.text, &parse, &self.graph, &self.options, cut);
        then(&file.with_context(self.asked.context.as_ref()))
    }

    /// The stages in a form for other programs.
    pub(crate) fn written(
        &self,
        format: &Format,
        cut: Option<&Cut>,
        lights: &Lights,
        scene: &Scene,
    ) -> String {
        self.with_file(cut, |file| {
            (format.write)(&Subject { name: "Dockerfile", file, lights, scene, theme: Theme::Auto })
        })
    }

    /// Line and column of an offset.
    pub(crate) fn line_col(&self, offset: usize) -> LineCol {
        self.lines.line_col(&self.text, offset)
    }

    /// Where a line begins.
    pub(crate) fn line_start(&self, line: u32) -> usize {
        self.lines.line_range(line).map_or(0, |range| range.start)
    }

    /// The error that findings are for a build of the target, where the file wants that. Few files do, so the text is
    /// read again for them instead of being kept as it was read.
    fn violation(&self, cut: &Cut) -> Option<Problem> {
        let parse = self.may_be_strict.then(|| syntax::parse(&self.text))?;
        let error = checks::violation(&parse, &self.graph, &self.options, cut)?;
        Some(Problem::new(&error, &self.lines, &self.text))
    }

    /// The instruction that `line` belongs to, as stage and row.
    pub(crate) fn step_at(&self, line: u32) -> Option<(StageId, usize)> {
        let after = self.graph.stages.partition_point(|stage| stage.lines.first <= line);
        let stage = &self.graph.stages[after.checked_sub(1)?];
        let step = stage.steps.iter().position(|step| step.lines.contains(line))?;
        Some((stage.id, step))
    }

    /// A row's instruction.
    pub(crate) fn step(&self, stage: StageId, step: usize) -> Option<&Step> {
        self.graph.stages.get(stage.0)?.steps.get(step)
    }

    /// What a link says of a thing.
    pub(crate) fn link_to(&self, thing: &Thing) -> Option<Selected> {
        Some(match thing {
            Thing::Step(stage, step) => Selected::Line(self.step(*stage, *step)?.lines.first),
            Thing::Stage(stage) => Selected::Stage(stage.0),
            Thing::Source(source) => Selected::Source(source.0),
            Thing::Path(path) => Selected::Path(path.to_string()),
            Thing::Edge(_) => return None,
        })
    }

    /// The thing that a link speaks of, if it is there.
    pub(crate) fn linked(&self, selected: Selected) -> Option<Thing> {
        match selected {
            Selected::Line(line) => self.step_at(line).map(|(stage, step)| Thing::Step(stage, step)),
            Selected::Stage(stage) => Some(Thing::Stage(self.graph.stages.get(stage)?.id)),
            Selected::Source(source) => {
                (source < self.graph.sources.len()).then_some(Thing::Source(SourceId(source)))
            }
            Selected::Path(path) => Some(Thing::Path(path.into())),
        }
    }

    /// The lines of a whole stage.
    pub(crate) fn lines_of(&self, stage: StageId) -> Option<LineSpan> {
        Some(self.graph.stages.get(stage.0)?.lines)
    }
}

/// Whether the name of the target may be read by the text, so that another target makes another graph of it.
fn reads_target(text: &str) -> bool {
    text.contains("TARGETSTAGE")
}

/// In file order, each once.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    let key = |it: &Problem| (it.range, it.kind.level(), it.rule().map(|rule| rule.name));
    problems.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
    problems.dedup();
    problems
}

/// A shared value that equals another when it is the same, not when it looks the same: comparing whole texts on each
/// key is wasted. It holds what it compares, so that no other value can come to stand at the same address.
#[derive(Debug)]
pub(crate) struct Same<T>(pub(crate) Rc<T>);

impl<T> Same<T> {
    pub(crate) fn new(value: T) -> Same<T> {
        Same(Rc::new(value))
    }
}

impl<T> Clone for Same<T> {
    fn clone(&self) -> Same<T> {
        Same(self.0.clone())
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Same<T>) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Same<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
