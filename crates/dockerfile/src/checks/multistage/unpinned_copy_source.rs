//! `COPY --from=nginx`: files of whatever the image's `latest` is on the day.

use std::collections::HashSet;

use super::outside::Outside;
use crate::checks::{File, Findings, Level, Rule};
use crate::queries;
use crate::stages::{EdgeKind, Node, Source, image_ref, to_lower};

pub(super) static RULE: Rule = Rule {
    name: "UnpinnedCopySource",
    description: "Files come from an image without a version",
    level: Level::Info,
    page: include_str!("unpinned_copy_source.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let mut told: HashSet<Node> = HashSet::new();
    for outside in Outside::all(file).filter(|it| it.edge.kind != EdgeKind::Base) {
        let edge = outside.edge;
        let is_needed = file.cut.is_some_and(|cut| cut.needs(edge.to));
        if !is_needed || !matches!(outside.source, Source::Image { .. }) {
            continue;
        }
        let Ok(image) = image_ref::parse(outside.word) else { continue };
        let is_open = image.digest.is_none() && image.tag.as_deref().is_none_or(|tag| tag == "latest");
        // Of a word that is no image anybody knows another rule speaks.
        let is_image = !outside.is_bare() || queries::is_known_image(&to_lower(outside.word));
        if !is_open || !is_image || !told.insert(edge.from) {
            continue;
        }
        let message = match image.tag {
            None => format!("Image {} has no tag, so each build may copy from another version", outside.word),
            Some(_) => format!("Image {} is another one after each release", outside.word),
        };
        acc.add(&RULE, (edge.to, edge.step), outside.range, message)
            .help("Write the version that is known to work as its tag, or a digest");
    }
}
