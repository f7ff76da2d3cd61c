//! The image runs as root. What a base image says of that is commonly known for some, and silence for the others.

use crate::checks::{File, Findings, Level, Rule};
use crate::queries::Fact;
use crate::stages::{Effect, Source, Stage, StageId, Start};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "RunsAsRoot",
    description: "The image runs as root",
    level: Level::Info,
    page: include_str!("runs_as_root.md"),
    find: Some(find),
    ..Rule::OURS
};

const HELP: &str = "Name a user without rights at the end of the stage, by its number: USER 65532";

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(target) = file.target() else { return };
    let shipped = file.shipped();
    if !runs(shipped) {
        return;
    }
    let (at, range, message) = match last_user(shipped) {
        Some((_, _, user)) if !is_root(user) => return,
        Some((id, step, _)) => {
            let instruction = file.instruction(id, step);
            let words = instruction.and_then(|it| it.args.first()).map(|word| word.range);
            let range = words.unwrap_or(target.base_range);
            ((id, step), range, "The image runs as root, as this line says".to_owned())
        }
        None => {
            let Some(message) = of_base(file, shipped) else { return };
            ((target.id, 0), target.base_range, message)
        }
    };
    let other = other_user(file, shipped);
    let finding = acc.add(&RULE, at, range, message).help(HELP);
    if let Some(range) = other {
        finding.label(range, "this USER is that of another stage, and is left behind there");
    }
}

/// The last USER, with its place; an unknown one where the base image may set a variable that it takes.
fn last_user<'s>(shipped: &[&'s Stage]) -> Option<(StageId, usize, &'s str)> {
    shipped.iter().rev().find_map(|stage| {
        stage.commands.iter().rev().find_map(|command| {
            let Effect::User(user) = &command.effect else { return None };
            let user = if command.unknown.is_empty() { user.as_str() } else { "?" };
            Some((stage.id, command.step, user))
        })
    })
}

/// Whether the file says what the image runs. One without that is for others to build on, or holds files alone.
fn runs(shipped: &[&Stage]) -> bool {
    let is_program = |effect: &Effect| matches!(effect, Effect::Cmd(_) | Effect::Entrypoint(Some(_)));
    shipped.iter().flat_map(|stage| &stage.commands).any(|command| is_program(&command.effect))
}

/// What follows from the base, where the file names no user.
fn of_base(file: &File<'_>, shipped: &[&Stage]) -> Option<String> {
    let bottom = shipped.first()?;
    match &bottom.start {
        Start::Empty => Some("The image runs as root, since nothing names a user".to_owned()),
        Start::Image(config) => {
            is_root(&config.user).then(|| "The image runs as root, as its base does".to_owned())
        }
        Start::UnknownImage => {
            let source = file.graph.base_source(bottom.id)?;
            let Source::Image { .. } = source else { return None };
            let card = file.card(bottom.id)?;
            let Fact::Is("root") = card.user else { return None };
            // Slim variants of other images name a user more often than not.
            let is_slim = ["distroless", "chiseled", "nonroot", "rootless", "unprivileged"];
            let tag = card.reference.rsplit_once(':').map_or("", |(_, tag)| tag);
            if is_slim.iter().any(|word| tag.contains(word)) {
                return None;
            }
            Some(format!("The image likely runs as root, as '{}' does and no USER changes", card.reference))
        }
        Start::Stage(_) => None,
    }
}

/// A user that another stage of the build names.
fn other_user(file: &File<'_>, shipped: &[&Stage]) -> Option<TextRange> {
    let others = file.needed().filter(|stage| shipped.iter().all(|it| it.id != stage.id));
    others.into_iter().find_map(|stage| {
        let is_other = |effect: &Effect| matches!(effect, Effect::User(user) if !is_root(user));
        let users = file.effects(stage).filter(|(_, effect)| is_other(effect));
        let (step, _) = users.last()?;
        Some(file.instruction(stage.id, step)?.range)
    })
}

/// Whether a user is root, whatever the group.
fn is_root(user: &str) -> bool {
    let name = user.split_once(':').map_or(user, |(name, _)| name);
    matches!(name, "root" | "") || name.bytes().all(|digit| digit == b'0')
}
