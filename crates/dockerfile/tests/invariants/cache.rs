//! What holds of the cache, whatever is built and whatever changes.

use dockerfile::queries::cache::{
    Build, Changes, Fate, FileChange, Files, Forecast, MovedImage, Outputs, What, day, day_of_a_developer,
    what_if,
};
use dockerfile::queries::plan::{Op, Outside, Plan};
use dockerfile::queries::{Cut, StepKind};

/// Changes one thing after the other and looks at what runs again.
pub(crate) fn check(plan: &Plan<'_>, cut: &Cut) {
    let build = Build { plan, cut, ignore: None };
    let ask = |changes: &Changes, outputs| {
        let forecast = what_if(build, build, changes, outputs);
        fits(build, &forecast);
        forecast
    };
    let mut changes = Changes::default();
    let mut runs = 0;
    let nothing = ask(&changes, Outputs::Changed);
    // A directory in the place of an image goes over anew each time.
    let is_anew = |op: &Op<'_>| matches!(op, Op::Source(Outside::Directory(_)));
    if !plan.vertices.iter().any(|vertex| is_anew(&vertex.op)) {
        assert_eq!(nothing.cost, 0, "something runs again although nothing has changed");
    }
    let file = |path: &str, what| FileChange { context: None, path: path.to_owned(), what };
    for (path, what) in
        [("a", What::Touched), ("main.go", What::Content), ("src/a/b", What::Added), ("x.txt", What::Removed)]
    {
        changes.files.push(file(path, what));
        let all = ask(&changes, Outputs::Changed);
        let least = ask(&changes, Outputs::Same);
        assert!(all.cost >= runs, "a change more makes fewer steps run again");
        assert!(least.cost <= all.cost, "the same output makes more steps run again");
        for (least, all) in least.steps.iter().zip(&all.steps) {
            assert!(least.fate != Fate::Runs || all.fate == Fate::Runs, "{least:?} but {all:?}");
        }
        runs = all.cost;
    }
    for vertex in &plan.vertices {
        if let Op::Source(Outside::Image { reference, .. }) = &vertex.op {
            let reference = reference.clone();
            changes.images.push(MovedImage { reference, files: Files::Unknown });
            break;
        }
    }
    assert!(ask(&changes, Outputs::Changed).cost >= runs, "a change more makes fewer steps run again");
    let edits = day_of_a_developer(build);
    assert_eq!(day(build, &edits, Outputs::Changed).len(), edits.len());
}

fn fits(build: Build<'_>, forecast: &Forecast) {
    let n_rows: usize = build.plan.graph.stages.iter().map(|stage| stage.steps.len()).sum();
    assert_eq!(forecast.steps.len(), n_rows);
    for step in &forecast.steps {
        assert!(!step.sentence.is_empty(), "nothing is said of {:?}", step.place);
        if let Some(cause) = step.cause {
            assert!(forecast.at(cause).is_some(), "the cause {cause:?} is no step");
        }
        assert!(
            step.fate != Fate::Runs || build.cut.needs(step.place.stage),
            "{:?} runs though nobody needs it",
            step.place
        );
    }
    for step in build.plan.steps(build.cut).iter().filter(|step| step.kind == StepKind::Operation) {
        assert!(forecast.vertices[step.vertex].is_some(), "nothing becomes of {}", step.name);
    }
}
