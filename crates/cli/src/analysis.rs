//! Everything that the core says about one text and one way to build it.

use dockerfile::queries::{self, Cut, Target, TargetError};
use dockerfile::stages::{self, BuildOptions, StageGraph, Step};
use dockerfile::syntax::{self, InstructionKind, Parse, Phase, SyntaxError};
use dockerfile::text::{LineIndex, TextRange};

/// What the core says.
pub(crate) struct Analysis<'t> {
    pub(crate) text: &'t str,
    pub(crate) lines: LineIndex,
    is_utf8: bool,
    /// The build arguments that were given.
    pub(crate) build_args: &'t [(String, String)],
    /// The named contexts that were given.
    pub(crate) contexts: &'t [(String, String)],
    pub(crate) parse: Parse<'t>,
    pub(crate) graph: StageGraph,
    /// What the target asked for does.
    pub(crate) cut: Result<Cut, TargetError>,
    /// Everything that is wrong for this target, in BuildKit's order: it stops at the first.
    pub(crate) errors: Vec<SyntaxError>,
}

impl<'t> Analysis<'t> {
    /// Reads `text` and asks for the target of `options`. `is_utf8` says whether the file was text as a whole.
    pub(crate) fn of(text: &'t str, is_utf8: bool, options: &'t BuildOptions) -> Analysis<'t> {
        let parse = syntax::parse(text);
        let graph = stages::resolve(&parse, options);
        let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref()));
        let mut errors = parse.errors.clone();
        errors.sort_by_key(|error| error.phase);
        match &cut {
            Ok(cut) => errors.extend(cut.errors.iter().cloned()),
            // Without a stage there is no target either, and the parser has said so.
            Err(_) if graph.stages.is_empty() => errors.extend(graph.errors.iter().cloned()),
            Err(error) => {
                let is_before = |it: &SyntaxError| comes_before_target(&graph, it);
                errors.extend(graph.errors.iter().filter(|it| is_before(it)).cloned());
                errors.push(missing_target(error));
                errors.extend(graph.errors.iter().filter(|it| !is_before(it)).cloned());
            }
        }
        let mut analysis = Analysis {
            text,
            lines: LineIndex::new(text),
            is_utf8,
            build_args: &options.build_args,
            contexts: &options.contexts,
            parse,
            graph,
            cut,
            errors,
        };
        if analysis.errors.is_empty()
            && let Ok(cut) = &analysis.cut
        {
            let error = analysis.marshal_error(cut);
            analysis.errors.extend(error);
        }
        analysis
    }

    /// BuildKit: a byte that is not UTF-8 survives in the command of a RUN, and the finished graph cannot be
    /// written down with it. In everything that is expanded it has become U+FFFD by then.
    pub(crate) fn marshal_error(&self, cut: &Cut) -> Option<SyntaxError> {
        if self.is_utf8 {
            return None;
        }
        let is_spoilt = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        let step = self.graph.stages.iter().find_map(|stage| {
            let runs = |(row, step): &(usize, &Step)| {
                let instruction = &self.parse.instructions[step.instruction];
                step.kind == InstructionKind::Run
                    && cut.executes(&self.graph, stage.id, *row)
                    && (instruction.args.iter().any(|arg| is_spoilt(&arg.text))
                        || instruction.heredocs.iter().any(|heredoc| is_spoilt(heredoc.content)))
            };
            stage.steps.iter().enumerate().find(runs).map(|(_, step)| step)
        })?;
        Some(SyntaxError {
            phase: Phase::Convert,
            message: "failed to marshal LLB definition: string field contains invalid UTF-8".to_owned(),
            suggestion: None,
            help: Some("Save the file as UTF-8".to_owned()),
            range: step.range,
            line: None,
        })
    }

    /// The error that BuildKit stops at.
    pub(crate) fn first_error(&self) -> Option<&SyntaxError> {
        self.errors.first()
    }

    /// Whether the whole file can be parsed; else BuildKit has no instructions.
    pub(crate) fn is_parsed(&self) -> bool {
        !self.parse.errors.iter().any(|error| error.phase == Phase::Parse)
    }

    /// Whether every instruction and every global ARG is accepted; else BuildKit has no stages.
    pub(crate) fn has_stages(&self) -> bool {
        !self.parse.errors.iter().any(|error| error.phase != Phase::Options)
            && !self.graph.stages.is_empty()
            && !self.graph.errors.iter().any(|error| error.line.is_some() && self.is_in_preamble(error))
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

/// BuildKit's message with the prefix that it puts in front of some.
pub(crate) fn full_message(error: &SyntaxError) -> String {
    match error.line {
        Some(line) if error.is_prefixed() => {
            format!("dockerfile parse error on line {line}: {}", error.message)
        }
        Some(_) | None => error.message.clone(),
    }
}

/// BuildKit reads global ARGs, bases and platforms, then looks for the target, then at everything else.
fn comes_before_target(graph: &StageGraph, error: &SyntaxError) -> bool {
    let is_in = |range: TextRange| range.contains_range(error.range);
    graph.preamble.iter().any(|step| is_in(step.range))
        || error.message.starts_with("invalid SOURCE_DATE_EPOCH")
        || !error.message.starts_with("failed to parse stage name")
            && graph.stages.iter().any(|stage| stage.steps.first().is_some_and(|from| is_in(from.range)))
}

fn missing_target(error: &TargetError) -> SyntaxError {
    SyntaxError {
        phase: Phase::Convert,
        message: error.message.clone(),
        suggestion: error.suggestion.clone(),
        help: None,
        range: TextRange::empty(0),
        line: None,
    }
}
