//! What is wrong in a lesson, as far as it can be told before a learner sees it.
//!
//! The start has to miss a goal, or there is nothing to do; the solution has to meet all of them; each live Dockerfile has
//! to be one that BuildKit takes, or refuses where that is what it shows; and links have to lead somewhere.

use dockerfile::checks;
use dockerfile::text::TextRange;

use crate::lesson::{Exercise, Lesson, Part};
use crate::work::{self, Outcome, judge};
use crate::{Example, Goal, Problem, Verdict};

/// Everything that is wrong in a lesson, in the order of its text. `exists` is asked of what links lead to, relative to the
/// folder of the lesson.
pub fn check(lesson: &Lesson, exists: impl Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = lesson.problems.clone();
    let parts = lesson.parts.iter().chain(&lesson.after);
    let parts = parts.chain(lesson.exercise.iter().flat_map(|it| it.about_goals.iter()));
    for part in parts {
        if let Part::Example(example) = part {
            problems.extend(of_example(example, "This Dockerfile"));
        }
    }
    if let Some(exercise) = &lesson.exercise {
        of_exercise(exercise, &mut problems);
    }
    for (range, target) in &lesson.links {
        problems.extend(link(*range, target, &exists));
    }
    problems.sort_by_key(|problem| problem.range);
    problems
}

fn of_example(example: &Example, what: &str) -> Option<Problem> {
    match (work::failure(example), example.fails) {
        (Some((message, range)), false) => {
            let problem = Problem::new(example.place(range), format!("{what} cannot be built: {message}"));
            Some(problem.help("Begin the block with '```dockerfile fails' if that is what it shows"))
        }
        (None, true) => {
            let message = format!("{what} is said to fail, and nothing stands in its way");
            Some(Problem::new(example.range, message))
        }
        (Some(_), true) | (None, false) => None,
    }
}

fn of_exercise(exercise: &Exercise, problems: &mut Vec<Problem>) {
    if !exercise.has_start || !exercise.has_solution || exercise.goals.is_empty() {
        return;
    }
    // A start may well be one that BuildKit refuses.
    if exercise.start.fails {
        problems.extend(of_example(&exercise.start, "The start"));
    }
    let solution = of_example(&exercise.solution, "The solution");
    let is_built = solution.is_none();
    problems.extend(solution);
    let of = |example: &Example| {
        judge(&exercise.goals, &example.dockerfile, example.target.as_deref(), example.context.as_ref())
    };
    if of(&exercise.start).iter().all(|verdict| verdict.outcome == Outcome::Met) {
        let problem =
            Problem::new(exercise.start.range, "The start meets all goals, so there is nothing to do");
        problems.push(problem);
    }
    if is_built {
        for (goal, verdict) in exercise.goals.iter().zip(of(&exercise.solution)) {
            problems.extend(unmet(goal, &verdict, &exercise.solution));
        }
    }
}

/// What is said of a goal that the solution does not meet.
fn unmet(goal: &Goal, verdict: &Verdict, solution: &Example) -> Option<Problem> {
    let message = match verdict.outcome {
        Outcome::Met => return None,
        Outcome::Unmet => "The solution does not meet this goal",
        Outcome::Unknown => "Nobody can tell whether the solution meets this goal",
    };
    let mut problem = Problem::new(goal.range, message).help(verdict.why.clone());
    let place = verdict.range.filter(|range| !range.is_empty());
    problem.labels.extend(place.map(|range| (solution.place(range), "here".to_owned())));
    Some(problem)
}

fn link(range: TextRange, target: &str, exists: impl Fn(&str) -> bool) -> Option<Problem> {
    if let Some(rule) = target.strip_prefix("rule:") {
        let problem = Problem::new(range, format!("There is no rule '{rule}'"));
        return match (checks::rule(rule), checks::similar_rule(rule)) {
            (Some(_), _) => None,
            (None, Some(near)) => Some(problem.help(format!("Did you mean {}?", near.name))),
            (None, None) => Some(problem.help("`stagelight rules` lists them")),
        };
    }
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = |it: &&str| it.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    match scheme.filter(is_scheme).map(str::to_ascii_lowercase).as_deref() {
        Some("http" | "https" | "mailto") => return None,
        Some(scheme) => {
            let problem = Problem::new(range, format!("A link of '{scheme}:' is not followed"));
            return Some(problem.help("Link to another lesson, to 'rule:NAME' or to an address on the web"));
        }
        None => {}
    }
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let is_outside = path.starts_with(['/', '\\']) || path.split('/').any(|part| part == "..");
    if is_outside {
        let problem = Problem::new(range, format!("'{path}' is outside of the folder of the lessons"));
        return Some(problem.help("Link to another lesson, to 'rule:NAME' or to an address on the web"));
    }
    (!path.is_empty() && !exists(path))
        .then(|| Problem::new(range, format!("There is no '{path}' beside this lesson")))
}
