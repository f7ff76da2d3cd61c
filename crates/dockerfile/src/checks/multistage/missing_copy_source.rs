//! COPY, ADD or a mount of something that is not in the build context, or that `.dockerignore` leaves out of it. What is
//! in the context has to be known.

use super::context_sources::word_of;
use crate::checks::{File, Findings, Level, Rule};
use crate::context::Outcome;
use crate::suggest;

pub(super) static RULE: Rule = Rule {
    name: "MissingCopySource",
    description: "What is copied is not in the build context, so the build fails",
    level: Level::Error,
    needs: Some("the files of the build context"),
    page: include_str!("missing_copy_source.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(transfer) = file.transfer().filter(|transfer| transfer.refusal.is_none()) else { return };
    for taken in &transfer.takers {
        let taker = &taken.taker;
        for (selection, source) in taker.selections.iter().zip(&taken.sources) {
            let Outcome::Fails { message, path, ignored } = &source.outcome else { continue };
            let range = word_of(file, taker, selection.nth);
            let finding = acc.add(&RULE, (taker.at.stage, taker.at.step), range, message);
            match (ignored, path) {
                (Some((line, pattern)), path) => {
                    finding.help(format!(
                        "Line {line} of .dockerignore, '{pattern}', leaves it out; write '!{path}' below that line"
                    ));
                }
                (None, path) if path.is_empty() => {
                    finding.help("Close each '[' with a ']'; to mean the character itself, write '[[]'");
                }
                (None, path) => {
                    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
                    let wanted = name(path);
                    let files = file.context.and_then(|context| context.files.as_deref()).unwrap_or_default();
                    let files = files.iter().map(|file| file.path.trim_end_matches('/'));
                    // The same name elsewhere is more likely meant than another name at that place.
                    let elsewhere = files.clone().find(|it| it.rsplit('/').next() == Some(&wanted));
                    let similar = elsewhere.map(str::to_owned).or_else(|| suggest::nearest(path, files));
                    match similar {
                        Some(similar) => finding.suggest(similar),
                        None => finding.help(format!("There is no '{path}' in the build context")),
                    };
                }
            }
        }
    }
}
