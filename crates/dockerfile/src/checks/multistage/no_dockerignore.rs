//! `COPY . .` takes the whole build context, with what nobody wants in an image. Where the files of the context are
//! known, `UnwantedInContext` says which.

use super::context_sources::ContextSource;
use crate::checks::{File, Findings, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "NoDockerignore",
    description: "The whole build context is copied, and nothing is known to keep the unwanted out",
    level: Level::Info,
    page: include_str!("no_dockerignore.md"),
    find: Some(find),
    ..Rule::OURS
};

/// What lies in many contexts, and a word in the Dockerfile that makes it likely.
const USUAL: &[(&str, &str)] = &[(".git", ""), (".env", ""), ("node_modules", "npm"), (".venv", "pip")];

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if file.context.is_some_and(|context| context.files.is_some()) {
        return;
    }
    let whole = ContextSource::whole(file).filter(|source| source.excludes.is_empty());
    let Some(source) = whole else { return };
    let usual = USUAL.iter().filter(|(_, word)| file.text.contains(word)).map(|(name, _)| *name);
    let mut names: Vec<&str> = usual.collect();
    let message = match (file.context, file.ignore()) {
        (Some(_), Some(ignore)) => {
            names.retain(|name| !ignore.decide(name).ignored);
            if names.is_empty() {
                return;
            }
            format!("Likely takes {} along, which .dockerignore does not leave out", listed(&names))
        }
        (Some(context), None) if context.ignore.is_some() => return,
        (Some(_), None) => {
            format!("Takes everything along, likely {} too: there is no .dockerignore", listed(&names))
        }
        (None, _) => format!("Likely takes {} along, unless a .dockerignore leaves them out", listed(&names)),
    };
    let lines = names.join("', '");
    acc.add(&RULE, source.at, source.range, message).help(format!(
        "Put a .dockerignore beside the Dockerfile, with the lines '{lines}', or copy only what is needed"
    ));
}

/// Names in a sentence.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}
