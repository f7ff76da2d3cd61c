//! A `.dockerignore` that BuildKit cannot read: it refuses every build then.

use crate::checks::{File, Findings, Level, Rule};
use crate::ignore::{self, Ignore};

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
        let range = target.base_range;
        let message = format!("Line {line} of .dockerignore cannot be read: {why}");
        acc.add(&RULE, (target.id, 0), range, message).help(ignore::advice(text, *line));
    }
}
