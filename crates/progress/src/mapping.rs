//! Which instructions of the Dockerfile a step of the engine stands for.
//!
//! An engine that knows says which lines its steps are of. Of another one there is only the name, `[stage k/n] TEXT`.
//! The core names the steps of a build exactly as BuildKit does, so what it foretells is looked for first: that also
//! tells of equal steps, which BuildKit makes one and calls by the last. Only what the core cannot foretell, because it
//! does not know the base image, is found by stage and number. Surprising: the triggers of an unknown base shift the
//! numbers, and newer engines count them behind the slash, older ones do not; so a text that is not the instruction's
//! own stays with its stage. Nothing is guessed.

use std::collections::HashMap;

use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions, Source, StageGraph};
use dockerfile::syntax::{self, InstructionKind, Parse};
use dockerfile::text::LineSpan;
use protocol::build::{Lines, Mapped, Place};

use crate::step_name::{StepName, is_internal, plain};

/// What is known of a Dockerfile to tell its steps. Made once for a build.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The steps that are foretold, by their plain names.
    foretold: HashMap<String, Vec<Place>>,
    /// In file order.
    stages: Vec<MappedStage>,
    /// The stages of each shown name.
    by_name: HashMap<String, Vec<usize>>,
    /// Every instruction of a stage, in file order.
    instructions: Vec<(LineSpan, Place)>,
    /// A name that the text got for the sake of the build, and the one it stands for.
    alias: Option<(String, String)>,
}

#[derive(Clone, Debug, Default)]
struct MappedStage {
    /// Whether its FROM has a number.
    has_base: bool,
    /// What it counts, in order, without the FROM.
    rows: Vec<Row>,
    /// How many numbers there are without triggers that are not known.
    total: usize,
    /// Its FROM, and those that are one with it.
    from: Vec<Place>,
}

#[derive(Clone, Debug)]
struct Row {
    line: u32,
    keyword: String,
    /// Its text in the engine's words; `None` if that depends on the base image, or is not known.
    text: Option<String>,
    /// The instructions that are one with it.
    places: Vec<Place>,
}

impl Mapping {
    /// Reads a Dockerfile for a build of a target.
    pub fn new(text: &str, options: &BuildOptions, target: &Target) -> Mapping {
        let parse = syntax::parse(text);
        let graph = stages::resolve(&parse, options);
        let mut mapping = Mapping::default();
        for stage in &graph.stages {
            for step in &stage.steps {
                let place = Place { stage: stage.id.0, line: step.lines.first };
                mapping.instructions.push((step.lines, place));
            }
            mapping.by_name.entry(stage.display_name()).or_default().push(stage.id.0);
            mapping.stages.push(counted(text, &parse, &graph, stage));
        }
        if let Ok(cut) = queries::cut(&graph, target) {
            for step in queries::steps(text, &parse, &graph, &cut) {
                let places: Vec<Place> =
                    step.lines.iter().filter_map(|&line| mapping.place_of(line)).collect();
                mapping.foretell(&step.name, &places);
            }
        }
        mapping
    }

    /// Says that a stage is called `shown` only for the sake of the build; people know it as `known`.
    pub fn with_alias(mut self, shown: &str, known: &str) -> Mapping {
        self.alias = Some((shown.to_owned(), known.to_owned()));
        self
    }

    /// The instructions that a step of this name is of, and how that is known.
    pub fn by_name(&self, name: &str) -> (Vec<Place>, Mapped) {
        let key = plain(name);
        match self.foretold.get(&key) {
            Some(places) if !places.is_empty() => return (places.clone(), Mapped::ByName),
            Some(_) => return (Vec::new(), Mapped::Internal),
            None if is_internal(name) => return (Vec::new(), Mapped::Internal),
            None => {}
        }
        match StepName::parse(&key) {
            Some(step) => self.by_number(&step),
            None => (Vec::new(), Mapped::Unknown),
        }
    }

    /// The same for a step of which the engine says the lines.
    pub fn by_lines(&self, name: &str, lines: &[Lines]) -> (Vec<Place>, Mapped) {
        if is_internal(name) {
            return (Vec::new(), Mapped::Internal);
        }
        let mut places: Vec<Place> = lines.iter().filter_map(|lines| self.place_of(lines.first)).collect();
        places.sort_unstable();
        places.dedup();
        match places.is_empty() {
            true => self.by_name(name),
            false => (places, Mapped::Exact),
        }
    }

    /// A step's name as people know it.
    pub fn shown(&self, name: &str) -> String {
        if let (Some((shown, known)), Some(step)) = (&self.alias, StepName::parse(name))
            && step.stage == Some(shown)
        {
            return name.replacen(&format!("{shown} "), &format!("{known} "), 1);
        }
        name.to_owned()
    }

    /// The instruction that has a line.
    pub fn place_of(&self, line: u32) -> Option<Place> {
        let behind = self.instructions.partition_point(|(lines, _)| lines.first <= line);
        let (lines, place) = self.instructions.get(behind.checked_sub(1)?)?;
        lines.contains(line).then_some(*place)
    }

    /// All lines of an instruction.
    pub fn lines_of(&self, place: Place) -> Option<Lines> {
        let at = self.instructions.binary_search_by_key(&place.line, |(lines, _)| lines.first).ok()?;
        let (lines, _) = self.instructions.get(at)?;
        Some(Lines { first: lines.first, last: lines.last })
    }

    fn foretell(&mut self, name: &str, places: &[Place]) {
        let key = plain(name);
        let known = self.foretold.entry(key.clone()).or_default();
        known.extend_from_slice(places);
        known.sort_unstable();
        known.dedup();
        let Some(step) = StepName::parse(&key) else { return };
        let (keyword, _) = step.keyword();
        for place in places {
            let Some(stage) = self.stages.get_mut(place.stage) else { continue };
            if keyword == "FROM" {
                stage.from = places.to_vec();
            } else if let Ok(at) = stage.rows.binary_search_by_key(&place.line, |row| row.line) {
                let row = &mut stage.rows[at];
                row.places = places.to_vec();
                // Equal steps have equal texts.
                row.text = row.text.take().and_then(|_| text_from(step.text, keyword)).map(str::to_owned);
            }
        }
    }

    fn by_number(&self, step: &StepName<'_>) -> (Vec<Place>, Mapped) {
        let candidates: Vec<usize> = match step.stage {
            Some(name) => self.by_name.get(name).cloned().unwrap_or_default(),
            None if self.stages.len() == 1 => vec![0],
            None => Vec::new(),
        };
        let found: Vec<(usize, Option<Vec<Place>>)> =
            candidates.iter().map(|&stage| (stage, self.stages[stage].find(step, stage))).collect();
        let mut certain = found.iter().filter_map(|(_, places)| places.as_ref());
        if let (Some(places), None) = (certain.next(), certain.next()) {
            return (places.clone(), Mapped::ByName);
        }
        match candidates[..] {
            [stage] => (vec![Place { stage, line: 0 }], Mapped::StageOnly),
            _ => (Vec::new(), Mapped::Unknown),
        }
    }
}

impl MappedStage {
    /// The instructions of a step that the core did not foretell; `None` if that is not certain.
    fn find(&self, step: &StepName<'_>, stage: usize) -> Option<Vec<Place>> {
        let (keyword, is_trigger) = step.keyword();
        if keyword == "FROM" && !is_trigger {
            return self.has_base.then(|| self.from.clone());
        }
        // What the base image brings along is of the FROM, as in the core.
        let from = || self.from.iter().copied().filter(|place| place.stage == stage).collect();
        if is_trigger {
            return Some(from());
        }
        let first = usize::from(self.has_base);
        // Newer engines count the triggers of the base; what is in front of the stage's own steps is one of them.
        let n_triggers = step.total.checked_sub(self.total)?;
        if n_triggers > 0 && step.at > first && step.at <= first + n_triggers {
            return Some(from());
        }
        let text = text_from(step.text, keyword);
        let row = self.rows.get(step.at.checked_sub(first + n_triggers + 1)?);
        let is_it =
            |row: &&Row| row.keyword == keyword && (row.text.is_none() || row.text.as_deref() == text);
        if let Some(row) = row.filter(is_it) {
            return Some(row.places.clone());
        }
        // Older engines do not count them; a text of which there is one alone is that of the instruction all the same.
        let mut equal = self.rows.iter().filter(|row| row.text.is_some() && row.text.as_deref() == text);
        match (equal.next(), equal.next()) {
            (Some(row), None) => Some(row.places.clone()),
            _ => None,
        }
    }
}

/// What of a stage has numbers.
fn counted(text: &str, parse: &Parse<'_>, graph: &StageGraph, stage: &stages::Stage) -> MappedStage {
    use InstructionKind::{Add, Copy, Run, Workdir};
    let has_base = matches!(graph.base_source(stage.id), Some(Source::Image { .. }));
    // A named context is counted as well, although its step has no number.
    let is_counted = has_base || matches!(graph.base_source(stage.id), Some(Source::NamedContext { .. }));
    let steps = stage.steps.iter().skip(1).filter(|step| matches!(step.kind, Add | Copy | Run | Workdir));
    let rows: Vec<Row> = steps
        .map(|step| {
            let line = step.lines.first;
            let code = parse.instructions.get(step.instruction).map(|it| it.code(text, parse.escape));
            // What the base image sets may stand for a variable.
            let known = code.filter(|code| !code.contains('$')).map(|code| code.into_owned());
            let keyword = step.keyword.to_string();
            let known =
                known.and_then(|code| code.get(keyword.len()..).map(|rest| format!("{keyword}{rest}")));
            let places = vec![Place { stage: stage.id.0, line }];
            Row { line, keyword, text: known, places }
        })
        .collect();
    let from = stage.steps.first().map(|step| Place { stage: stage.id.0, line: step.lines.first });
    let total = usize::from(is_counted) + rows.len() + stage.triggers.len();
    MappedStage { has_base, rows, total, from: from.into_iter().collect() }
}

/// The text from its keyword on.
fn text_from<'t>(text: &'t str, keyword: &str) -> Option<&'t str> {
    text.find(keyword).and_then(|at| text.get(at..))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "FROM example.org/a AS one\nRUN same\nRUN echo $X\nRUN alone\n\nFROM example.org/a\nRUN same\nWORKDIR /w\nCOPY . .\nCOPY \
                        --from=one /x /y\n";

    /// `places` are `stage:line`, in order.
    #[track_caller]
    fn check(text: &str, name: &str, mapped: Mapped, places: &str) {
        let mapping = Mapping::new(text, &BuildOptions::default(), &Target::Default);
        let (found, how) = mapping.by_name(name);
        let found: Vec<String> =
            found.iter().map(|place| format!("{}:{}", place.stage, place.line)).collect();
        assert_eq!((found.join(" ").as_str(), how), (places, mapped), "{name}");
    }

    #[test]
    fn what_is_foretold_is_found_with_what_is_one_with_it() {
        check(FILE, "[stage-1 2/5] RUN same", Mapped::ByName, "0:2 1:7");
        check(FILE, "[stage-1 1/5] FROM example.org/a", Mapped::ByName, "0:1 1:6");
        check(
            FILE,
            "[linux/amd64 stage-1 1/5] FROM example.org/a:latest@sha256:00",
            Mapped::ByName,
            "0:1 1:6",
        );
        check(FILE, "[stage-1 3/5] WORKDIR /w", Mapped::ByName, "1:8");
        check("FROM a\nRUN b", "[2/2] RUN b", Mapped::ByName, "0:2");
    }

    #[test]
    fn what_depends_on_the_base_image_is_found_by_its_number() {
        check(FILE, "[one 3/4] RUN echo of the image", Mapped::ByName, "0:3");
        check(FILE, "[one 4/4] RUN something else", Mapped::StageOnly, "0:0");
        check("FROM a\nRUN b $C", "[2/2] RUN b d", Mapped::ByName, "0:2");
    }

    #[test]
    fn triggers_of_the_base_image_shift_the_numbers() {
        // Newer engines count them.
        check(FILE, "[one 2/6] ONBUILD RUN x", Mapped::ByName, "0:1");
        check(FILE, "[one 3/6] RUN x", Mapped::ByName, "0:1");
        check(FILE, "[one 4/6] RUN same", Mapped::ByName, "0:2 1:7");
        check(FILE, "[one 5/6] RUN echo 1", Mapped::ByName, "0:3");
        // Older ones do not.
        check(FILE, "[one 2/4] RUN x", Mapped::StageOnly, "0:0");
        check(FILE, "[one 5/4] RUN alone", Mapped::ByName, "0:4");
    }

    #[test]
    fn what_the_engine_does_for_itself_is_of_no_instruction() {
        check(FILE, "[internal] load build definition from Dockerfile", Mapped::Internal, "");
        check(FILE, "[internal] load build context", Mapped::Internal, "");
        check(FILE, "[auth] a:pull token for registry-1", Mapped::Internal, "");
        check(FILE, "exporting to image", Mapped::Internal, "");
        check(FILE, "something of which nobody has heard", Mapped::Unknown, "");
        check(FILE, "[nowhere 2/3] RUN same", Mapped::Unknown, "");
    }

    #[test]
    fn lines_of_the_engine_come_first() {
        let mapping = Mapping::new(FILE, &BuildOptions::default(), &Target::Default);
        let lines = [Lines { first: 7, last: 7 }, Lines { first: 2, last: 2 }];
        let (places, mapped) = mapping.by_lines("[one 9/9] RUN same", &lines);
        assert_eq!(places, [Place { stage: 0, line: 2 }, Place { stage: 1, line: 7 }]);
        assert_eq!(mapped, Mapped::Exact);
        assert_eq!(mapping.by_lines("[nowhere 1/1] RUN", &[]), (Vec::new(), Mapped::Unknown));
    }

    #[test]
    fn a_name_for_the_sake_of_the_build_is_not_shown() {
        let mapping = Mapping::new(
            "FROM a AS x\nRUN b\nFROM c",
            &BuildOptions::default(),
            &Target::from_name(Some("x")),
        );
        let mapping = mapping.with_alias("x", "stage-0");
        assert_eq!(mapping.shown("[x 2/2] RUN x b"), "[stage-0 2/2] RUN x b");
        assert_eq!(mapping.shown("[stage-1 1/1] FROM c"), "[stage-1 1/1] FROM c");
    }
}
