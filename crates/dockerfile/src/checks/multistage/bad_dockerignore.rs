//! A `.dockerignore` that BuildKit cannot read: it refuses every build then.

use crate::checks::{File, Findings, Level, Rule};
use crate::ignore::Ignore;

pub(super) static RULE: Rule = Rule {
    name: "BadDockerignore",
    description: "A line of .dockerignore cannot be read, so no build begins",
    level: Level::Error,
    needs: Some("the .dockerignore beside the Dockerfile"),
    page: include_str!("bad_dockerignore.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(text) = file.context.and_then(|context| context.ignore.as_deref()) else { return };
    let Some(target) = file.target() else { return };
    for (line, why) in &Ignore::parse(text).errors {
        let written = text.split('\n').nth(*line as usize - 1).unwrap_or_default().trim();
        let range = target.base_range;
        let message = format!("Line {line} of .dockerignore cannot be read: {why}");
        acc.add(&RULE, (target.id, 0), range, message).help(help(written));
    }
}

/// What to do about such a line.
fn help(written: &str) -> String {
    if written.len() > 1000 {
        return "Keep lines shorter than 65,536 bytes".to_owned();
    }
    match written.trim_start_matches('!').trim_matches(['/', ' ']) {
        "" => "Write what is not to be left out behind the '!', or take the line out".to_owned(),
        pattern if pattern.ends_with('\\') => {
            format!("'{pattern}' ends in a backslash, which stands before the character it escapes")
        }
        pattern if pattern.contains('[') => {
            format!(
                "'{pattern}' needs a ']' for each '[', and ranges from low to high; '\\[' is the character itself"
            )
        }
        pattern => format!("'{pattern}' has a backslash in front of a letter; take it out"),
    }
}
