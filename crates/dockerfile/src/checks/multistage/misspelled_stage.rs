//! `--from=bulider`: a word that names no stage, and hardly an image, but is very near the name of a stage.
//!
//! BuildKit takes whatever is no stage for an image, so the build fails at the registry, which knows nothing of stages.

use super::outside::Outside;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};

pub(super) static RULE: Rule = Rule {
    name: "MisspelledStage",
    description: "A word that is almost the name of a stage means an image",
    level: Level::Warning,
    page: include_str!("misspelled_stage.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if file.graph.stages.len() < 2 {
        return;
    }
    for outside in Outside::all(file) {
        let Some(name) = outside.misspelt(file) else { continue };
        let message = format!("No stage is called '{}', so it means an image of that name", outside.word);
        let finding = acc.add(&RULE, (outside.edge.to, outside.edge.step), outside.range, message);
        finding.suggest(name).help(format!("Refer to '{name}', or write the image with its tag"));
        let stage = file.graph.stages.iter().rfind(|stage| stage.name.as_deref() == Some(name));
        finding.labels.extend(
            stage
                .and_then(|it| it.name_range)
                .map(|range| crate::checks::Label { range, text: "this may be meant".to_owned() }),
        );
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(name) = &finding.suggestion else { return Vec::new() };
    let word = finding.range.of(file.text);
    let because = format!("It is a guess: there may be an image called {word}.");
    vec![Fix::asking(format!("Refer to '{name}'"), because, vec![TextEdit::replace(finding.range, name)])]
}
