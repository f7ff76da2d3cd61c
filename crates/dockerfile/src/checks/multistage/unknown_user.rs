//! `USER name` where no `/etc/passwd` says which number that is.

use super::no_shell::may_be_system;
use super::systems::base;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::stages::{Copied, Effect, Source};

pub(super) static RULE: Rule = Rule {
    name: "UnknownUser",
    description: "A user by name needs an /etc/passwd that has it",
    level: Level::Warning,
    page: include_str!("unknown_user.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(target) = file.target() else { return };
    let Some(source) = base(file.graph, target.id) else { return };
    let is_distroless =
        matches!(source, Source::Image { familiar, .. } if familiar.starts_with("gcr.io/distroless/"));
    let is_certain = *source == Source::Scratch;
    if !is_certain && !is_distroless {
        return;
    }
    let known: &[&str] = if is_certain { &[] } else { &["root", "nobody", "nonroot"] };
    let shipped = file.shipped();
    let effects =
        || shipped.iter().flat_map(|stage| file.effects(stage).map(|(step, it)| ((stage.id, step), it)));
    let brings = effects().any(|(_, effect)| {
        matches!(effect, Effect::Run(_)) || matches!(effect, Effect::Copy(copied) if may_bring_users(copied))
    });
    let users = effects().filter_map(|(row, effect)| {
        let Effect::User(user) = effect else { return None };
        Some((row, user.as_str()))
    });
    let Some((row, user)) = users.last().filter(|_| !brings) else { return };
    let is_number = |it: &str| it.bytes().all(|digit| digit.is_ascii_digit());
    let (name, group) = user.split_once(':').unwrap_or((user, ""));
    let Some(unknown) = [name, group].into_iter().find(|it| !is_number(it) && !known.contains(it)) else {
        return;
    };
    if user.contains('$') {
        return;
    }
    let range = file
        .instruction(row.0, row.1)
        .and_then(|it| it.args.first())
        .map_or(file.find(row.0, row.1, user), |it| it.range);
    let message = match is_certain {
        true => format!("Nothing in the image says who '{unknown}' is: the container does not start"),
        false => format!("The base image likely does not know '{unknown}': the container does not start"),
    };
    acc.add(&RULE, row, range, message).help("Give the number, or copy an /etc/passwd that has the name");
}

fn may_bring_users(copied: &Copied) -> bool {
    copied.files.iter().any(|file| {
        let to = file.destination.trim_end_matches('/');
        to == "/etc"
            || to.contains("passwd")
            || to.is_empty() && (may_be_system(&file.source) || file.source.contains("etc"))
    })
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let user = finding.range.of(file.text);
    let number = |name: &str| {
        match name {
            "root" => "0",
            "nobody" => "65534",
            "nonroot" => "65532",
            name if name.bytes().all(|digit| digit.is_ascii_digit()) => return name.to_owned(),
            _ => "10001",
        }
        .to_owned()
    };
    let text = match user.split_once(':') {
        Some((name, group)) => format!("{}:{}", number(name), number(group)),
        None => number(user),
    };
    let because = "Nobody knows which number was meant";
    vec![Fix::asking(
        format!("Give the number {text}"),
        because,
        vec![TextEdit::replace(finding.range, text)],
    )]
}
