//! What somebody has written, held against goals.
//!
//! The text is read once, and what a build of it comes to is made once for each set of conditions that goals ask for. A
//! goal is met, not met, or nobody can tell without a build; only the first counts as done. Nothing is met by a file that
//! cannot be built, save for what is said of the text alone.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use dockerfile::checks::{self, File, Finding};
use dockerfile::context::{BuildContext, Outcome as Found, Transfer, transfer};
use dockerfile::queries::ledger::At;
use dockerfile::queries::{self, Cut, Ledger, Target, TargetError};
use dockerfile::stages::{self, BuildOptions, Source, SourceId, Stage, StageGraph, StageId};
use dockerfile::syntax::{self, Parse};
use dockerfile::text::{LineIndex, TextRange};

use crate::goal::{Conditions, Goal};

/// Bytes of a Dockerfile that is held against goals: it is asked after each letter that somebody types.
const MAX_DOCKERFILE: usize = 200_000;

/// How a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is met.
    Met,
    /// It is not.
    Unmet,
    /// What is in the file does not tell.
    Unknown,
}

/// What is said of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How it stands.
    pub outcome: Outcome,
    /// Why: what makes it so, what is missing, or what nobody can tell. A sentence without its full stop.
    pub why: String,
    /// The place in the Dockerfile that it is about, if there is one.
    pub range: Option<TextRange>,
}

impl Verdict {
    pub(crate) fn met(why: impl Into<String>) -> Verdict {
        Verdict { outcome: Outcome::Met, why: why.into(), range: None }
    }

    pub(crate) fn unmet(why: impl Into<String>) -> Verdict {
        Verdict { outcome: Outcome::Unmet, why: why.into(), range: None }
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Verdict {
        Verdict { outcome: Outcome::Unknown, why: why.into(), range: None }
    }

    /// Met or not.
    pub(crate) fn of(is_met: bool, why: impl Into<String>) -> Verdict {
        if is_met { Verdict::met(why) } else { Verdict::unmet(why) }
    }

    pub(crate) fn at(self, range: TextRange) -> Verdict {
        Verdict { range: Some(range), ..self }
    }

    /// The opposite, for the same reason.
    pub(crate) fn not(self) -> Verdict {
        let outcome = match self.outcome {
            Outcome::Met => Outcome::Unmet,
            Outcome::Unmet => Outcome::Met,
            Outcome::Unknown => Outcome::Unknown,
        };
        Verdict { outcome, ..self }
    }
}

/// Says of each goal how it stands for a Dockerfile, `target` and build context.
pub fn judge(
    goals: &[Goal],
    dockerfile: &str,
    target: Option<&str>,
    context: Option<&BuildContext>,
) -> Vec<Verdict> {
    if dockerfile.len() > MAX_DOCKERFILE {
        let why = format!("The Dockerfile has more than {} kB", MAX_DOCKERFILE / 1000);
        return goals.iter().map(|_| Verdict::unknown(why.clone())).collect();
    }
    let work = Work::new(dockerfile, target, context);
    goals.iter().map(|goal| work.judge(goal)).collect()
}

/// Why a build of the Dockerfile would fail, as far as that is known before it: BuildKit's message and the place.
pub(crate) fn failure(example: &crate::Example) -> Option<(String, TextRange)> {
    let work = Work::new(&example.dockerfile, example.target.as_deref(), example.context.as_ref());
    let view = work.view(work.options(&Conditions::default()));
    view.failure(&work)
}

/// A Dockerfile that goals are held against.
pub(crate) struct Work<'w> {
    pub(crate) text: &'w str,
    pub(crate) parse: Parse<'w>,
    pub(crate) lines: LineIndex,
    target: Option<&'w str>,
    pub(crate) context: Option<&'w BuildContext>,
    views: RefCell<Vec<Rc<View>>>,
}

/// What a build comes to.
pub(crate) struct View {
    pub(crate) options: BuildOptions,
    pub(crate) graph: StageGraph,
    pub(crate) cut: Result<Cut, TargetError>,
    failure: OnceCell<Option<(String, TextRange)>>,
    ledger: OnceCell<Ledger>,
    findings: OnceCell<Vec<Finding>>,
    transfer: OnceCell<Option<Transfer>>,
}

/// A goal with all that it is asked of.
pub(crate) struct Asked<'a> {
    pub(crate) work: &'a Work<'a>,
    pub(crate) view: &'a View,
    pub(crate) goal: &'a Goal,
    /// The cut; that of a target that is not there is empty, and no goal that needs one is asked then.
    pub(crate) cut: &'a Cut,
}

impl<'w> Work<'w> {
    fn new(text: &'w str, target: Option<&'w str>, context: Option<&'w BuildContext>) -> Work<'w> {
        let (parse, lines) = (syntax::parse(text), LineIndex::new(text));
        Work { text, parse, lines, target, context, views: RefCell::default() }
    }

    fn judge(&self, goal: &Goal) -> Verdict {
        let view = self.view(self.options(&goal.conditions));
        if let Ok(cut) = &view.cut
            && (!goal.kind.needs_build || view.failure(self).is_none())
        {
            return (goal.kind.judge)(&Asked { work: self, view: &view, goal, cut });
        }
        match view.failure(self) {
            Some((message, range)) => Verdict::unmet(format!("It cannot be built: {message}")).at(range),
            None => Verdict::unmet("It cannot be built"),
        }
    }

    /// What a build is asked for under certain conditions.
    pub(crate) fn options(&self, conditions: &Conditions) -> BuildOptions {
        let target = conditions.target.as_deref().or(self.target).map(str::to_owned);
        let mut options =
            BuildOptions { target, build_args: conditions.args.clone(), ..BuildOptions::default() };
        if let Some(platform) = &conditions.platform {
            options.target_platform.clone_from(platform);
        }
        options
    }

    /// What a build of these options comes to.
    pub(crate) fn view(&self, options: BuildOptions) -> Rc<View> {
        let known = self.views.borrow().iter().find(|view| view.options == options).cloned();
        if let Some(view) = known {
            return view;
        }
        let graph = stages::resolve(&self.parse, &options);
        let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref()));
        let view = Rc::new(View {
            options,
            graph,
            cut,
            failure: OnceCell::new(),
            ledger: OnceCell::new(),
            findings: OnceCell::new(),
            transfer: OnceCell::new(),
        });
        self.views.borrow_mut().push(Rc::clone(&view));
        view
    }
}

impl View {
    /// Why a build fails before anything runs: BuildKit's message and the place.
    pub(crate) fn failure(&self, work: &Work<'_>) -> Option<(String, TextRange)> {
        let find = || {
            let error = queries::first_error(&work.parse, &self.graph, &self.options, self.cut.as_ref(), &[]);
            if let Some(error) = error {
                return Some((error.full_message(), error.range));
            }
            let transfer = self.transfer(work)?;
            if let Some((line, message)) = &transfer.refusal {
                return Some((format!("line {line} of .dockerignore: {message}"), TextRange::default()));
            }
            transfer.takers.iter().find_map(|taken| {
                taken.sources.iter().find_map(|source| match &source.outcome {
                    Found::Fails { path, ignored: Some((line, _)), .. } => {
                        Some((format!("line {line} of .dockerignore leaves out {path}"), taken.taker.range))
                    }
                    Found::Fails { path, .. } => {
                        Some((format!("there is no {path} in the build context"), taken.taker.range))
                    }
                    Found::Takes | Found::Nothing => None,
                })
            })
        };
        self.failure.get_or_init(find).clone()
    }

    /// What becomes of the build context, if its files are known.
    pub(crate) fn transfer(&self, work: &Work<'_>) -> Option<&Transfer> {
        let make = || {
            let context = work.context.filter(|context| context.files.is_some())?;
            let source = self.graph.sources.iter().position(|source| *source == Source::Context)?;
            Some(transfer(&self.graph, self.cut.as_ref().ok()?, SourceId(source), context))
        };
        self.transfer.get_or_init(make).as_ref()
    }

    /// How each path got into the image.
    pub(crate) fn ledger(&self, work: &Work<'_>) -> &Ledger {
        let make = |cut| queries::ledger_with(&self.graph, cut, work.context);
        self.ledger.get_or_init(|| self.cut.as_ref().map_or_else(|_| Ledger::default(), make))
    }

    /// What is found.
    pub(crate) fn findings(&self, work: &Work<'_>) -> &[Finding] {
        self.findings.get_or_init(|| {
            let cut = self.cut.as_ref().ok();
            let file = File::new(work.text, &work.parse, &self.graph, &self.options, cut);
            checks::find(&file.with_context(work.context)).findings
        })
    }
}

impl<'a> Asked<'a> {
    /// The target.
    pub(crate) fn target(&self) -> &'a Stage {
        &self.view.graph.stages[self.cut.target.0]
    }

    /// Where the target begins.
    pub(crate) fn target_range(&self) -> TextRange {
        self.first_line(self.target())
    }

    /// The FROM of a stage.
    pub(crate) fn first_line(&self, stage: &Stage) -> TextRange {
        stage.steps.first().map_or(stage.range, |step| step.range)
    }

    /// The instruction at a place.
    pub(crate) fn range(&self, at: At) -> TextRange {
        self.row_range(at.stage, at.step)
    }

    /// The instruction in a row of a stage.
    pub(crate) fn row_range(&self, stage: StageId, row: usize) -> TextRange {
        let stage = self.view.graph.stages.get(stage.0);
        let row = stage.and_then(|stage| stage.steps.get(row));
        row.map_or(TextRange::default(), |step| step.range)
    }

    /// The line in which a place begins.
    pub(crate) fn line(&self, range: TextRange) -> u32 {
        self.work.lines.line(range.start)
    }

    /// A stage by its name, or by its number.
    pub(crate) fn stage(&self, name: &str) -> Result<&'a Stage, Verdict> {
        let stages = &self.view.graph.stages;
        let named = stages.iter().rev().find(|stage| stage.name.as_deref() == Some(name));
        let numbered = || stages.get(name.parse::<usize>().ok()?);
        named.or_else(numbered).ok_or_else(|| {
            let names: Vec<&str> = stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
            let known = match names.split_last() {
                None => "no stage has a name".to_owned(),
                Some((only, [])) => format!("the only name is {only}"),
                Some((last, rest)) => format!("the names are {} and {last}", rest.join(", ")),
            };
            let verdict = Verdict::unmet(format!("There is no stage {name}; {known}"));
            match stages.last() {
                Some(last) => verdict.at(self.first_line(last)),
                None => verdict,
            }
        })
    }
}
