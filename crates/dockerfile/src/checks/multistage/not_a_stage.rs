//! `--from=tools` where no stage is called so: an image, which is easily overlooked.

use super::outside::Outside;
use crate::checks::{File, Findings, Level, Rule};
use crate::queries;
use crate::stages::{EdgeKind, Source, to_lower};

pub(super) static RULE: Rule = Rule {
    name: "NotAStage",
    description: "A word behind --from that is no stage means an image of a registry",
    level: Level::Info,
    page: include_str!("not_a_stage.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let outside = Outside::all(file).filter(|it| it.edge.kind != EdgeKind::Base && it.is_bare());
    for outside in outside {
        let Source::Image { familiar, .. } = outside.source else { continue };
        if queries::is_known_image(&to_lower(outside.word)) || outside.misspelt(file).is_some() {
            continue;
        }
        let word = outside.word;
        let message = format!("No stage is called '{word}', so files come from image {familiar}:latest");
        let finding = acc.add(&RULE, (outside.edge.to, outside.edge.step), outside.range, message);
        let number = word.strip_prefix("stage-").and_then(|it| it.parse::<usize>().ok());
        let shown = number.and_then(|number| file.graph.stages.get(number)).filter(|it| it.name.is_none());
        match shown {
            _ if word == "context" => finding.help("Leave it out to take files from the build context"),
            Some(stage) => {
                let range = stage.base_range;
                finding.help("BuildKit only shows the stage so; give it a name with AS").label(range, "this stage")
            }
            None => finding.help(format!(
                "Give a stage above that name, write the image with its tag, or build with --build-context {word}=…"
            )),
        };
    }
}
