//! Lessons as the page of the application gets them: without places, as types that can be serialized.

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::text::LineIndex;
use protocol::lessons as shown;
use protocol::{Context, ContextFile as ShownFile};

use crate::{Example, Exercise, Lesson, Outcome, Part, Problem, Verdict, Workshop, judge};

/// Of what cannot be read, no more than this is told.
const MAX_PROBLEMS: usize = 20;

/// What a front page lists.
pub fn workshop(text: &str) -> shown::Workshop {
    let Workshop { title, about, lessons, problems } = Workshop::read(text);
    let lessons = lessons.into_iter();
    let lessons = lessons.map(|it| shown::Entry { title: it.title, path: it.path, section: it.section });
    shown::Workshop { title, about, lessons: lessons.collect(), problems: sentences(&problems) }
}

/// A lesson, in pieces.
pub fn lesson(text: &str) -> shown::Lesson {
    let Lesson { title, parts: before, exercise, after, problems, .. } = Lesson::read(text);
    shown::Lesson {
        title,
        parts: parts(text, &before),
        exercise: exercise.map(|it| self::exercise(text, it)),
        after: parts(text, &after),
        problems: sentences(&problems),
    }
}

/// How the goals of a lesson stand, in their order. They are asked for the target of its exercise.
pub fn verdicts(lesson: &str, work: &shown::Work) -> Vec<shown::Verdict> {
    let Some(exercise) = Lesson::read(lesson).exercise else { return Vec::new() };
    let context = work.context.clone().map(context);
    let target = exercise.start.target.as_deref();
    let verdicts = judge(&exercise.goals, &work.dockerfile, target, context.as_ref());
    let lines = LineIndex::new(&work.dockerfile);
    verdicts.into_iter().map(|it| verdict(it, &lines)).collect()
}

fn verdict(verdict: Verdict, lines: &LineIndex) -> shown::Verdict {
    let outcome = match verdict.outcome {
        Outcome::Met => shown::Outcome::Met,
        Outcome::Unmet => shown::Outcome::Unmet,
        Outcome::Unknown => shown::Outcome::Unknown,
    };
    let place = verdict.range.map(|range| range.start);
    let place = place.map(|offset| shown::Place { offset, line: lines.line(offset) });
    shown::Verdict { outcome, why: verdict.why, place }
}

fn exercise(text: &str, exercise: Exercise) -> shown::Exercise {
    shown::Exercise {
        task: parts(text, &exercise.task),
        about_goals: parts(text, &exercise.about_goals),
        about_solution: parts(text, &exercise.about_solution),
        goals: exercise.goals.into_iter().map(|goal| goal.text).collect(),
        hints: exercise.hints.into_iter().map(|hint| hint.text).collect(),
        start: example(exercise.start),
        solution: example(exercise.solution),
    }
}

fn parts(text: &str, parts: &[Part]) -> Vec<shown::Part> {
    let part = |part: &Part| match part {
        Part::Text(range) => shown::Part::Text(range.of(text).to_owned()),
        Part::Example(it) => shown::Part::Example(example(it.clone())),
    };
    parts.iter().map(part).collect()
}

fn example(example: Example) -> shown::Example {
    let Example { dockerfile, target, fails, context, .. } = example;
    let file = |file: ContextFile| ShownFile { path: file.path, size: file.size, text: None };
    let context = context.map(|BuildContext { ignore, files, is_partial }| Context {
        ignore,
        files: files.map(|files| files.into_iter().map(file).collect()),
        partial: is_partial,
    });
    shown::Example { dockerfile, target, fails, context }
}

fn context(context: Context) -> BuildContext {
    let file = |file: ShownFile| ContextFile { path: file.path, size: file.size };
    let files = context.files.map(|files| files.into_iter().map(file).collect());
    BuildContext { ignore: context.ignore, files, is_partial: context.partial }
}

fn sentences(problems: &[Problem]) -> Vec<String> {
    let wrong = problems.iter().filter(|problem| !problem.is_note).take(MAX_PROBLEMS);
    wrong.map(|problem| problem.message.clone()).collect()
}
