//! What runs again after a change.
//!
//! Both cases are asked for: that what runs again writes something else, and that it writes the same. Where they differ,
//! nobody can tell, unless the goal says which is meant. Surprising: an instruction is found by how it reads, since its line
//! moves while somebody works on the file; flags that were added to it do not matter.

use dockerfile::ignore::Ignore;
use dockerfile::queries::Plan;
use dockerfile::queries::cache::{
    Build, Changes, Fate, FileChange, Forecast, Outputs, StepForecast, What, what_if,
};
use dockerfile::queries::plan::Place;
use dockerfile::stages::{Stage, Step};

use super::Slot;
use super::image::lower;
use crate::work::{Asked, Outcome, Verdict};

pub(super) fn leaves(asked: &Asked<'_>) -> Verdict {
    told(asked, |asked, place| {
        let changed = fate(asked, place, Outputs::Changed)?;
        let same = fate(asked, place, Outputs::Same)?;
        Ok(either(changed, same))
    })
}

pub(super) fn runs(asked: &Asked<'_>) -> Verdict {
    told(asked, |asked, place| {
        let changed = fate(asked, place, Outputs::Changed)?;
        let same = fate(asked, place, Outputs::Same)?;
        Ok(either(changed, same).not())
    })
}

pub(super) fn leaves_if_same(asked: &Asked<'_>) -> Verdict {
    told(asked, |asked, place| fate(asked, place, Outputs::Same))
}

/// What is true of both cases.
fn either(changed: Verdict, same: Verdict) -> Verdict {
    match changed.outcome == same.outcome {
        true => changed,
        false => {
            let why = format!("It depends on what is written: {}", lower(&changed.why));
            Verdict { outcome: Outcome::Unknown, why, range: changed.range }
        }
    }
}

type Told = Result<Verdict, Verdict>;

/// Asks of every instruction that is meant; the first that is not as it should be is told.
fn told(asked: &Asked<'_>, judge: impl Fn(&Asked<'_>, Place) -> Told) -> Verdict {
    let places = places(asked);
    let wanted = asked.goal.value(Slot::Step);
    let needed: Vec<Place> = places.iter().copied().filter(|place| asked.cut.needs(place.stage)).collect();
    let Some(first) = places.first().copied() else {
        return Verdict::unmet(match asked.goal.has(Slot::Line) {
            true => format!("There is no instruction in line {}", asked.goal.value(Slot::Line)),
            false => format!("No instruction reads '{wanted}'"),
        });
    };
    let mut last = None;
    for place in if needed.is_empty() { vec![first] } else { needed } {
        match judge(asked, place) {
            Ok(verdict) if verdict.outcome == Outcome::Met => last = Some(verdict),
            Ok(verdict) | Err(verdict) => return verdict,
        }
    }
    last.unwrap_or_else(|| Verdict::unmet(format!("No instruction reads '{wanted}'")))
}

/// The instructions that a goal means.
fn places(asked: &Asked<'_>) -> Vec<Place> {
    let wanted: Vec<&str> = asked.goal.value(Slot::Step).split_whitespace().collect();
    let line: Option<u32> = asked.goal.value(Slot::Line).parse().ok();
    let is_it = |step: &Step| match line {
        Some(line) => step.lines.contains(line),
        None => reads(step.range.of(asked.work.text), &wanted),
    };
    let stages = asked.view.graph.stages.iter();
    let rows = |stage: &Stage| {
        let steps = stage.steps.iter().enumerate().filter(|(_, step)| is_it(step));
        steps.map(|(row, _)| Place { stage: stage.id, row }).collect::<Vec<_>>()
    };
    stages.flat_map(rows).collect()
}

/// Whether an instruction reads like the words: the keyword, and further on the rest of them in one piece.
fn reads(text: &str, wanted: &[&str]) -> bool {
    let mut words = text.split_whitespace().filter(|word| *word != "\\");
    let (Some(keyword), Some((first, rest))) = (words.next(), wanted.split_first()) else { return false };
    let words: Vec<&str> = words.collect();
    keyword.eq_ignore_ascii_case(first) && (rest.is_empty() || words.windows(rest.len()).any(|it| it == rest))
}

/// Met if an instruction stays cached.
fn fate(asked: &Asked<'_>, place: Place, outputs: Outputs) -> Told {
    let forecast = forecast(asked, outputs)?;
    let range = asked.row_range(place.stage, place.row);
    let of = |step: &StepForecast| match step.fate {
        Fate::Cached | Fate::SameContent | Fate::Relinked => Some(true),
        Fate::Runs => Some(false),
        Fate::NotNeeded | Fate::Settings | Fate::Merged => None,
    };
    let Some(step) = forecast.at(place) else { return Err(Verdict::unmet("There is no such instruction")) };
    // What is one with another step shares its fate.
    let decisive = match (step.fate, step.cause.and_then(|cause| forecast.at(cause))) {
        (Fate::Merged, Some(cause)) => cause,
        (_, _) => step,
    };
    let line = asked.line(range);
    let why = format!("Line {line}: {}", lower(step.sentence.trim_end_matches('.')));
    match of(decisive) {
        Some(is_cached) => Ok(Verdict::of(is_cached, why).at(range)),
        None => Err(Verdict::unmet(why).at(range)),
    }
}

fn forecast(asked: &Asked<'_>, outputs: Outputs) -> Result<Forecast, Verdict> {
    let (work, view) = (asked.work, asked.view);
    let ignore = work.context.and_then(|context| context.ignore.as_deref()).map(Ignore::parse);
    let before = Plan::of(work.text, &work.parse, &view.graph);
    let mut changes = Changes::default();
    if asked.goal.has(Slot::File) {
        let path = asked.goal.value(Slot::File).to_owned();
        let files = work.context.and_then(|context| context.files.as_ref());
        if files.is_some_and(|files| files.iter().all(|file| file.path != path)) {
            return Err(Verdict::unmet(format!("There is no {path} in the build context")));
        }
        changes.files.push(FileChange { context: None, path, what: What::Content });
        let build = Build { plan: &before, cut: asked.cut, ignore: ignore.as_ref() };
        return Ok(what_if(build, build, &changes, outputs));
    }
    let name = asked.goal.value(Slot::Name);
    let mut options = view.options.clone();
    let value = match options.build_args.iter().rfind(|(it, _)| it == name) {
        Some((_, value)) => format!("{value}-changed"),
        None => "changed".to_owned(),
    };
    options.build_args.push((name.to_owned(), value));
    let changed = work.view(options);
    let (Ok(cut), None) = (&changed.cut, changed.failure(work)) else {
        return Err(Verdict::unknown(format!("With another value of {name} the build fails")));
    };
    let after = Plan::of(work.text, &work.parse, &changed.graph);
    let build = |plan, cut| Build { plan, cut, ignore: ignore.as_ref() };
    Ok(what_if(build(&before, asked.cut), build(&after, cut), &changes, outputs))
}

pub(super) fn nothing(asked: &Asked<'_>) -> Verdict {
    cost(asked, 0)
}

pub(super) fn at_most(asked: &Asked<'_>) -> Verdict {
    cost(asked, asked.goal.number())
}

fn cost(asked: &Asked<'_>, most: usize) -> Verdict {
    let forecast = match forecast(asked, Outputs::Changed) {
        Ok(forecast) => forecast,
        Err(verdict) => return verdict,
    };
    let first = forecast.steps.iter().find(|step| step.fate == Fate::Runs);
    let why = match (forecast.cost, first) {
        (0, _) | (_, None) => "Everything stays cached".to_owned(),
        (1, Some(step)) => format!("1 step runs again, in line {}", step.line),
        (n, Some(step)) => format!("{n} steps run again, from line {} on", step.line),
    };
    let verdict = Verdict::of(forecast.cost <= most, why);
    match first {
        Some(step) => verdict.at(asked.row_range(step.place.stage, step.place.row)),
        None => verdict,
    }
}
