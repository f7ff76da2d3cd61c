//! What holds for every text and every build, whoever made them up.
//!
//! Each check panics where it does not hold. The fuzz targets of `fuzz/` use this file as well.

#[path = "cache.rs"]
mod cache;
#[path = "ledger.rs"]
mod ledger;

use std::collections::BTreeMap;

use dockerfile::assist::Document;
use dockerfile::checks::{self, Checked, File, Scope};
use dockerfile::context::{BuildContext, ContextFile, Fate, transfer};
use dockerfile::draw::{self, Direction};
use dockerfile::edit::{self, Fix};
use dockerfile::export::{FORMATS, Subject, Theme};
use dockerfile::queries::cut::{Cut, Target, cut};
use dockerfile::queries::{
    self, Beginning, Changed, Lights, Plan, Setting, StepKind, layers, runtime, size_estimate, state_at,
};
use dockerfile::refactor;
use dockerfile::stages::{BuildOptions, Node, SourceId, StageGraph, resolve};
use dockerfile::syntax::{self, Instruction, Parse, SyntaxError, highlight, mounts};
use dockerfile::text::{LineIndex, TextRange};

/// Reads the text and checks the instructions, the errors and the tokens.
pub(crate) fn parse(text: &str) {
    let parse = syntax::parse(text);
    places(text, &parse);
    let mut at = 0;
    for token in highlight::tokens(text, &parse) {
        assert_eq!(token.range.start, at, "tokens leave a gap or overlap");
        assert!(!token.range.is_empty(), "a token is empty");
        at = token.range.end;
        let _ = token.range.of(text); // Panics within a character.
    }
    assert_eq!(at, text.len(), "tokens do not reach the end");
}

/// Resolves the text for a build, and cuts it for the target asked for, for the default and for each stage.
pub(crate) fn inspect(text: &str, options: &BuildOptions) {
    let parse = syntax::parse(text);
    let graph = resolve(&parse, options);
    self::graph(text, &parse, &graph);
    assist(text, &parse, &graph, options);
    histories(&graph);
    cuts_here(text, &parse, &graph, options);
    let plan = Plan::of(text, &parse, &graph);
    let asked = Target::from_name(options.target.as_deref());
    let of_asked = cut(&graph, &asked).ok();
    let file = File::new(text, &parse, &graph, options, of_asked.as_ref());
    mends(&file);
    exports(&file);
    let stages = graph.stages.iter().take(8).map(|stage| Target::Stage(stage.id));
    for target in [Target::Default, asked].into_iter().chain(stages) {
        let Ok(cut) = cut(&graph, &target) else { continue };
        assert_eq!(cut.stages.len(), graph.stages.len());
        assert_eq!(cut.sources.len(), graph.sources.len());
        assert!(cut.needs(cut.target), "the target is not needed");
        for (stage, cut) in graph.stages.iter().zip(&cut.stages) {
            assert_eq!(stage.id, cut.stage);
            assert!(cut.needed || !cut.used, "a stage is used but not needed");
            assert!(cut.used || !cut.runs, "a stage runs but is not used");
        }
        errors(text, cut.errors.iter());
        let all = queries::errors(&parse, &graph, options, Ok(&cut), &[]);
        assert_eq!(queries::first_error(&parse, &graph, options, Ok(&cut), &[]).as_ref(), all.first());
        errors(text, all.iter());
        findings(text, &checks::check(&parse, &graph, options, Scope::AllStages));
        let checked = checks::check(&parse, &graph, options, Scope::Target(Ok(&cut)));
        findings(text, &checked);
        if let Some(error) = &checked.error {
            assert_eq!(Some(error), all.first(), "a check and a build stop at different errors");
        }
        queries::outline(&parse, &graph, &cut);
        assert!(queries::image(&graph, cut.target).is_some(), "a stage makes no image");
        let steps = plan.steps(&cut);
        let n_operations = steps.iter().filter(|step| step.kind != StepKind::Source).count();
        assert_eq!(plan.n_operations(cut.target), n_operations, "operations are counted in two ways");
        image(&graph, &cut);
        contexts(&graph, &cut);
        ledger::check(&graph, &cut);
        cache::check(&plan, &cut);
    }
}

/// Writes every form: none has anything that a terminal would obey.
fn exports(file: &File<'_>) {
    let lights = file.cut.map_or_else(Lights::default, |cut| Lights::of(file.graph, cut));
    let scene = draw::scene(file.graph, Direction::Across);
    let subject = Subject { name: "Dockerfile", file, lights: &lights, scene: &scene, theme: Theme::Auto };
    for format in &FORMATS {
        let text = (format.write)(&subject);
        let obeyed = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(obeyed, None, "{} has a control character", format.id);
    }
}

/// Checks what becomes of a context that has some of what the text asks for.
fn contexts(graph: &StageGraph, cut: &Cut) {
    let asked = graph.stages.iter().flat_map(|stage| &stage.context_paths).take(20);
    let names = asked.flat_map(|path| [path.clone(), format!("{path}/a"), path.replace(['*', '?'], "b")]);
    let files = names.map(ContextFile::from).chain([ContextFile { path: "a".to_owned(), size: Some(1) }]);
    let files: Vec<ContextFile> = files.collect();
    let context =
        BuildContext { ignore: Some("*.md\n!b*\n".to_owned()), files: Some(files), is_partial: false };
    for source in (0..graph.sources.len().min(4)).map(SourceId) {
        let transfer = transfer(graph, cut, source, &context);
        assert_eq!(transfer.fates.len(), context.files.iter().flatten().count());
        let is_sane = |fate: &Fate| fate.sent || !fate.taken;
        assert!(transfer.fates.iter().all(is_sane), "what is not there is taken");
        let n_files = transfer.takers.iter().flat_map(|it| &it.sources).map(|it| it.n_files).sum::<usize>();
        assert!(transfer.asked.is_some() || n_files == 0, "files come of a context that is not asked for");
        for taken in &transfer.takers {
            assert_eq!(taken.sources.len(), taken.taker.selections.len());
            assert!(cut.needs(taken.taker.at.stage), "a stage that is not needed takes files");
        }
    }
}

/// Cuts the file at some of its rows: what comes of it can be read as far as the file can, and ends there.
fn cuts_here(text: &str, parse: &Parse<'_>, graph: &StageGraph, options: &BuildOptions) {
    for stage in graph.stages.iter().take(8) {
        for step in [0, stage.steps.len() / 2, stage.steps.len() - 1] {
            let cut =
                queries::cut_here(text, parse, graph, options, stage.id, step).expect("there is such a row");
            if parse.errors.is_empty() {
                let parse = syntax::parse(&cut.dockerfile);
                assert!(parse.errors.is_empty(), "{:?} in {}", parse.errors, cut.dockerfile);
                let graph = resolve(&parse, options);
                assert_eq!(graph.stages.len(), stage.id.0 + 1, "{}", cut.dockerfile);
                assert_eq!(graph.stages[stage.id.0].steps.len(), step + 1, "{}", cut.dockerfile);
            }
        }
    }
}

/// Asks what stands and what could stand at some places of the text, and checks where that is.
fn assist(text: &str, parse: &Parse<'_>, graph: &StageGraph, options: &BuildOptions) {
    let document = Document::of(text, parse, graph, options);
    let whole = TextRange::new(0, text.len());
    for offset in (0..=text.len()).step_by(text.len() / 24 + 1).chain([text.len()]) {
        if let Some(completions) = document.complete(offset) {
            within(text, completions.range, whole);
            assert!(!completions.items.is_empty(), "nothing is offered");
        }
        document.hover(offset).into_iter().for_each(|hover| within(text, hover.range, whole));
        document.definition(offset).into_iter().for_each(|range| within(text, range, whole));
        document.references(offset).into_iter().for_each(|range| within(text, range, whole));
    }
}

/// Checks that what mends findings and errors, and what is offered elsewhere, fits the text.
fn mends(file: &File<'_>) {
    let is_fit = |fix: &Fix| assert!(edit::apply(file.text, &fix.edits).is_some(), "{fix:?} does not fit");
    for finding in checks::find(file).findings.iter().take(30) {
        assert!(file.text.get(finding.range.start..finding.range.end).is_some(), "{finding:?} is nowhere");
        finding.fixes(file).iter().for_each(is_fit);
    }
    let of_stages = file.graph.stage_errors.iter().map(|it| &it.error);
    for error in file.parse.errors.iter().chain(&file.graph.errors).chain(of_stages).take(30) {
        refactor::of_error(file.text, error).iter().for_each(is_fit);
    }
    for stage in file.graph.stages.iter().take(4) {
        let last = stage.steps.last().map_or(stage.range.start, |step| step.range.start);
        for offset in [stage.range.start, stage.base_range.end, last, stage.range.end] {
            refactor::at(file, offset).iter().for_each(is_fit);
        }
    }
    refactor::starter_ignore(file);
}

/// Checks where findings are.
fn findings(text: &str, checked: &Checked) {
    let n_lines = LineIndex::new(text).n_lines();
    for finding in &checked.findings {
        let TextRange { start, end } = finding.range;
        assert!(text.get(start..end).is_some(), "{finding:?} is at no place of the text");
        assert!((1..=n_lines).contains(&finding.lines.first), "{finding:?} is on no line of the text");
        assert!(finding.lines.first <= finding.lines.last && finding.lines.last <= n_lines, "{finding:?}");
    }
    errors(text, checked.error.iter());
}

/// Checks what is told of the final image.
fn image(graph: &StageGraph, cut: &Cut) {
    let sizes = size_estimate(graph, cut);
    for size in [Some(&sizes.image), sizes.single_stage.as_ref()].into_iter().flatten() {
        let total = size.total;
        assert!(total.high.is_none_or(|high| total.low <= high), "a size is the wrong way round");
        assert_eq!(total.high.is_none(), size.open() > 0, "the total is open where no part is");
        for part in &size.parts {
            assert!(part.step < graph.stages[part.stage.0].steps.len(), "a part has a row that is not there");
            assert!(part.size.low <= total.low, "a part is larger than the whole");
        }
    }
    let layers = layers(graph, cut.target);
    assert!(layers.empty() <= layers.count() && layers.count() <= layers.rows.len());
    assert!(runtime(graph, cut.target).is_some(), "there is nothing to say of the target");
}

/// Checks that the changes, put together, are what is in force.
fn histories(graph: &StageGraph) {
    let histories = queries::histories(graph);
    assert_eq!(histories.len(), graph.stages.len());
    // A stage that a named context stands in for has no PATH, but those on it do.
    for stage in graph.stages.iter().take(6).filter(|_| graph.stages.iter().all(|stage| !stage.replaced)) {
        for step in 0..stage.steps.len().min(6) {
            let state = state_at(graph, stage.id, step).expect("the row is there");
            let mut lineage = vec![(stage.id, step)];
            while let Beginning::Stage(base) = histories[lineage[lineage.len() - 1].0.0].start {
                lineage.push((base, usize::MAX));
            }
            let (mut env, mut args) = (BTreeMap::new(), BTreeMap::new());
            let (mut workdir, mut user, mut shell) = (None, None, None);
            for (stage, step) in lineage.into_iter().rev() {
                let history = &histories[stage.0];
                let start = match &history.start {
                    Beginning::Known(settings) => &settings[..],
                    Beginning::Stage(_) | Beginning::Unknown => &[],
                };
                let changes = history.changes.iter().filter(|change| change.step <= step);
                for changed in start.iter().chain(changes.map(|change| &change.changed)) {
                    match changed {
                        Changed::Env { name, value } => drop(env.insert(name, Some(value))),
                        Changed::Arg { name, value } => drop(args.insert(name, value.as_ref())),
                        Changed::Workdir(path) => workdir = Some(path),
                        Changed::User(name) => user = Some(name),
                        Changed::Shell(words) => shell = Some(words),
                    }
                }
            }
            assert!(
                state.env.iter().map(|it| (&it.name, it.value.as_ref())).collect::<BTreeMap<_, _>>() == env
            );
            assert!(
                state.args.iter().map(|it| (&it.name, it.value.as_ref())).collect::<BTreeMap<_, _>>() == args
            );
            match workdir {
                Some(path) => assert_eq!(state.workdir.value, *path),
                None => assert!(state.workdir.origin.is_none()),
            }
            match user {
                Some(user) => assert_eq!(state.user.value, Setting::Known(user.clone())),
                None => assert!(state.user.origin.is_none()),
            }
            match shell {
                Some(shell) => assert_eq!(state.shell.value, Setting::Known(shell.clone())),
                None => assert!(state.shell.origin.is_none()),
            }
        }
    }
}

fn places(text: &str, parse: &Parse<'_>) {
    let whole = TextRange::new(0, text.len());
    let (mut end, mut last_line, mut n_bytes) = (0, 0, 0);
    for it in &parse.instructions {
        assert!(it.range.start >= end, "instructions overlap");
        assert!(it.lines.first > last_line && it.lines.first <= it.lines.last, "lines run backwards");
        assert!(it.lines.last as usize <= n_lines(text), "an instruction has a line that is not there");
        (end, last_line) = (it.range.end, it.lines.last);
        within(text, it.range, whole);
        instruction(text, it);
        n_bytes += size(it);
    }
    // Work shows in what comes out: no text may make much more of itself.
    assert!(n_bytes <= 64 * text.len() + 1024, "{n_bytes} bytes were made from {}", text.len());
    for directive in &parse.directives {
        within(text, directive.value.range, whole);
    }
    let detected = [&parse.detected.syntax, &parse.detected.check, &parse.detected.escape];
    for directive in detected.into_iter().flatten() {
        within(text, directive.full.range, whole);
    }
    errors(text, parse.errors.iter());
    let phases = || parse.errors.iter().map(|error| error.phase);
    assert_eq!(parse.first_error().map(|error| error.phase), phases().min());
}

fn instruction(text: &str, instruction: &Instruction<'_>) {
    let outer = instruction.range;
    within(text, instruction.keyword.range, outer);
    for flag in &instruction.flags {
        within(text, flag.range, outer);
        within(text, flag.name.range, flag.range);
        let Some(value) = &flag.value else { continue };
        within(text, value.range, flag.range);
        for field in mounts::split(value, text).unwrap_or_default() {
            within(text, field.range, value.range);
            within(text, field.key.range, field.range);
            field.value.iter().for_each(|value| within(text, value.range, field.range));
        }
    }
    for arg in &instruction.args {
        within(text, arg.range, outer);
    }
    for heredoc in &instruction.heredocs {
        within(text, heredoc.marker, outer);
        within(text, heredoc.body, outer);
        assert_eq!(heredoc.content, heredoc.body.of(text));
    }
    if let Some(child) = &instruction.onbuild {
        within(text, child.range, outer);
        self::instruction(text, child);
    }
}

fn graph(text: &str, parse: &Parse<'_>, graph: &StageGraph) {
    let whole = TextRange::new(0, text.len());
    for (idx, stage) in graph.stages.iter().enumerate() {
        assert_eq!(stage.id.0, idx, "a stage has the number of another");
        within(text, stage.range, whole);
        within(text, stage.base_range, stage.range);
        stage.name_range.iter().for_each(|&name| within(text, name, stage.range));
        for step in &stage.steps {
            within(text, step.range, stage.range);
            assert!(step.lines.first >= stage.lines.first && step.lines.last <= stage.lines.last);
            assert_eq!(parse.instructions[step.instruction].range, step.range);
        }
    }
    for edge in &graph.edges {
        let stage = &graph.stages[edge.to.0];
        assert!(edge.step < stage.steps.len(), "an edge ends at a row that is not there");
        within(text, edge.range, whole);
        match edge.from {
            Node::Stage(from) => assert!(from.0 < graph.stages.len(), "an edge comes from no stage"),
            Node::Source(from) => assert!(from.0 < graph.sources.len(), "an edge comes from no source"),
        }
    }
    for error in &graph.stage_errors {
        assert!(error.stage.0 < graph.stages.len(), "an error is of no stage");
    }
    errors(text, graph.errors.iter().chain(graph.stage_errors.iter().map(|error| &error.error)));
}

fn errors<'e>(text: &str, errors: impl Iterator<Item = &'e SyntaxError>) {
    for error in errors {
        within(text, error.range, TextRange::new(0, text.len()));
        assert!(!error.message.is_empty(), "an error says nothing");
        // BuildKit reports a bad directive one line too early, so there is a line 0.
        for span in &error.lines {
            assert!(span.first <= span.last && span.last as usize <= n_lines(text), "an error is at no line");
        }
    }
}

fn within(text: &str, range: TextRange, outer: TextRange) {
    assert!(range.start <= range.end, "{range:?} runs backwards");
    assert!(outer.contains_range(range), "{range:?} is not within {outer:?}");
    let _ = range.of(text); // Panics within a character.
}

fn n_lines(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count() + 1
}

/// The bytes of an instruction's words, its triggers' included.
fn size(instruction: &Instruction<'_>) -> usize {
    let args = instruction.args.iter().map(|arg| arg.text.len() + 1);
    let flags = instruction
        .flags
        .iter()
        .map(|flag| flag.name.text.len() + flag.value.as_ref().map_or(0, |value| value.text.len()) + 1);
    args.sum::<usize>() + flags.sum::<usize>() + instruction.onbuild.as_deref().map_or(0, size)
}
