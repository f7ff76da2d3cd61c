//! Everything that the core says about one text and one way to build it.

use dockerfile::checks::{self, Checked, Scope};
use dockerfile::queries::{self, Cut, Target, TargetError};
use dockerfile::stages::{self, BuildOptions, StageGraph};
use dockerfile::syntax::{self, Parse, Phase, SyntaxError};
use dockerfile::text::LineIndex;

/// What the core says.
pub(crate) struct Analysis<'t> {
    pub(crate) text: &'t str,
    pub(crate) lines: LineIndex,
    /// The places of bytes that are not UTF-8.
    pub(crate) invalid: Vec<usize>,
    /// What was asked for.
    pub(crate) options: &'t BuildOptions,
    pub(crate) parse: Parse<'t>,
    pub(crate) graph: StageGraph,
    /// What the target asked for does.
    pub(crate) cut: Result<Cut, TargetError>,
    /// Everything that is wrong for this target, in BuildKit's order: it stops at the first.
    pub(crate) errors: Vec<SyntaxError>,
}

impl<'t> Analysis<'t> {
    /// Reads `text` and asks for the target of `options`. `invalid` are the places of bytes that are not UTF-8.
    pub(crate) fn of(text: &'t str, invalid: Vec<usize>, options: &'t BuildOptions) -> Analysis<'t> {
        let parse = syntax::parse(text);
        let graph = stages::resolve(&parse, options);
        let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref()));
        let errors = queries::errors(&parse, &graph, options, cut.as_ref(), &invalid);
        Analysis { text, lines: LineIndex::new(text), invalid, options, parse, graph, cut, errors }
    }

    /// The error that BuildKit stops at.
    pub(crate) fn first_error(&self) -> Option<&SyntaxError> {
        self.errors.first()
    }

    /// The errors that only other targets run into, each with a sentence that says which.
    pub(crate) fn errors_elsewhere(&self) -> impl Iterator<Item = (&SyntaxError, String)> {
        let is_known = |error: &SyntaxError| {
            self.errors.iter().any(|it| it.range == error.range && it.message == error.message)
        };
        let elsewhere = self.graph.stage_errors.iter().filter(move |it| !is_known(&it.error));
        elsewhere.map(|it| {
            let stage = self.graph.stages[it.stage.0].display_name();
            (&it.error, format!("only targets that need {stage} run into this"))
        })
    }

    /// What `docker build --check` finds: in all stages, unless a target is asked for.
    pub(crate) fn checked(&self) -> Checked {
        let has_target = self.options.target.as_deref().is_some_and(|target| !target.is_empty());
        let scope = if has_target { Scope::Target(self.cut.as_ref()) } else { Scope::AllStages };
        checks::check(&self.parse, &self.graph, self.options, scope)
    }

    /// What a build of the target finds.
    pub(crate) fn checked_by_build(&self) -> Checked {
        checks::check(&self.parse, &self.graph, self.options, Scope::Target(self.cut.as_ref()))
    }

    /// Whether the whole file can be parsed; else BuildKit has no instructions.
    pub(crate) fn is_parsed(&self) -> bool {
        !self.parse.errors.iter().any(|error| error.phase == Phase::Parse)
    }

    /// Whether every instruction and every global ARG is accepted; else BuildKit has no stages.
    pub(crate) fn has_stages(&self) -> bool {
        !self.parse.errors.iter().any(|error| error.phase != Phase::Options)
            && !self.graph.stages.is_empty()
            && !self.graph.errors.iter().any(|error| !error.lines.is_empty() && self.is_in_preamble(error))
    }

    /// Whether there are targets to speak of, even if none of them can be built.
    pub(crate) fn has_targets(&self) -> bool {
        !self.parse.errors.iter().any(|error| error.phase != Phase::Options) && !self.graph.stages.is_empty()
    }

    /// Whether BuildKit takes in every stage, so that each instruction comes to something.
    pub(crate) fn is_expanded(&self) -> bool {
        self.parse.errors.is_empty() && self.graph.converts()
    }

    fn is_in_preamble(&self, error: &SyntaxError) -> bool {
        self.graph.preamble.iter().any(|step| step.range.contains_range(error.range))
    }
}
