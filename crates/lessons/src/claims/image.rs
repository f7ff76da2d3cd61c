//! The image of the target: what it lies on, whom it runs as, what it starts, and how large it is.

use dockerfile::queries::{self, Fact, Image, Setting};
use dockerfile::stages::image_ref;
use dockerfile::stages::{Source, Stage};
use dockerfile::text::TextRange;

use super::{Slot, stages};
use crate::example;
use crate::work::{Asked, Verdict};

pub(super) fn built_on(asked: &Asked<'_>) -> Verdict {
    base(asked, asked.target())
}

/// Whether a stage lies on the image that the goal names.
pub(super) fn base(asked: &Asked<'_>, stage: &Stage) -> Verdict {
    let wanted = asked.goal.value(Slot::Image);
    let bottom = stages::lineage(asked, stage).last().unwrap_or(stage);
    let Some(source) = stages::base_source(asked, stage.id) else {
        return Verdict::unmet("What it is built on is not known").at(bottom.base_range);
    };
    let why = format!("It is built on {}", queries::source_words(source));
    let is_scratch = *source == Source::Scratch && wanted.eq_ignore_ascii_case("scratch");
    Verdict::of(is_scratch || is_of(source, wanted), why).at(bottom.base_range)
}

/// Whether a source is an image of a name, which may come without its tag.
pub(super) fn is_of(source: &Source, wanted: &str) -> bool {
    let Some(Ok(image)) = source.image().map(image_ref::parse) else { return false };
    let Ok(wanted) = image_ref::parse(wanted) else { return false };
    let is_same = image.domain == wanted.domain && image.path == wanted.path;
    is_same
        && wanted.tag.as_ref().is_none_or(|tag| image.tag.as_ref() == Some(tag))
        && wanted.digest.as_ref().is_none_or(|digest| image.digest.as_ref() == Some(digest))
}

pub(super) fn user(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::User);
    let graph = &asked.view.graph;
    let Some(runtime) = queries::runtime(graph, asked.target().id) else {
        return Verdict::unknown("There is no image");
    };
    let Fact::Is(user) = &runtime.user.fact else { return Verdict::unknown(runtime.user.why.clone()) };
    let name = user.split(':').next().unwrap_or(user);
    let is_root = runtime.is_root == Some(true);
    let is_it = match wanted {
        "root" | "0" => is_root,
        wanted => user == wanted || name == wanted,
    };
    let place = state(asked).and_then(|state| state.user.origin);
    let shown = if user.is_empty() { "root" } else { user };
    let verdict = Verdict::of(is_it, format!("It is {shown}: {}", lower(&runtime.user.why)));
    verdict.at(place.map_or(asked.target_range(), |it| asked.row_range(it.stage, it.step)))
}

fn state(asked: &Asked<'_>) -> Option<queries::State> {
    queries::end_state(&asked.view.graph, asked.target().id)
}

/// A sentence as the part of another; a keyword in capitals stays.
pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        (_, _) => text.to_owned(),
    }
}

pub(super) fn shell(asked: &Asked<'_>) -> Verdict {
    let Some(runtime) = queries::runtime(&asked.view.graph, asked.target().id) else {
        return Verdict::unknown("There is no image");
    };
    let why = runtime.shell.why;
    match runtime.shell.fact {
        Fact::Is(path) => Verdict::met(format!("It has {path}: {}", lower(&why))),
        Fact::Nothing => Verdict::unmet(why),
        Fact::Unknown => Verdict::unknown(why),
    }
    .at(asked.target_range())
}

fn image(asked: &Asked<'_>) -> Option<Image> {
    queries::image(&asked.view.graph, asked.target().id)
}

pub(super) fn cmd(asked: &Asked<'_>) -> Verdict {
    let setting = image(asked).map(|image| image.cmd);
    let place = state(asked).and_then(|state| state.cmd.origin);
    line(asked, setting, place.map(|it| asked.row_range(it.stage, it.step)), "CMD")
}

pub(super) fn entrypoint(asked: &Asked<'_>) -> Verdict {
    let setting = image(asked).map(|image| image.entrypoint);
    let place = state(asked).and_then(|state| state.entrypoint.origin);
    line(asked, setting, place.map(|it| asked.row_range(it.stage, it.step)), "ENTRYPOINT")
}

/// Holds a command line against the one of the goal.
fn line(
    asked: &Asked<'_>,
    setting: Option<Setting<Option<Vec<String>>>>,
    place: Option<TextRange>,
    keyword: &str,
) -> Verdict {
    let wanted = asked.goal.value(Slot::Command);
    let place = place.unwrap_or(asked.target_range());
    let arguments = match setting {
        Some(Setting::Known(Some(arguments)) | Setting::OnBase(Some(arguments))) => arguments,
        Some(Setting::FromBase) => {
            return Verdict::unknown(format!("There is no {keyword}, so the base image has the say"))
                .at(place);
        }
        Some(Setting::Known(None) | Setting::OnBase(None)) | None => {
            return Verdict::unmet(format!("There is no {keyword}")).at(place);
        }
    };
    let shown = json(&arguments);
    let is_shell = matches!(&arguments[..], [shell, option, _] if shell.ends_with("/sh") && option == "-c");
    let is_it = match wanted.starts_with('[') {
        true => parts(&shown) == parts(wanted),
        false => is_shell && arguments[2] == wanted,
    };
    Verdict::of(is_it, format!("It is {shown}")).at(place)
}

fn json(arguments: &[String]) -> String {
    let quoted: Vec<String> = arguments.iter().map(|it| format!("{it:?}")).collect();
    format!("[{}]", quoted.join(", "))
}

/// A list without the blanks that mean nothing.
fn parts(list: &str) -> String {
    let mut is_inside = false;
    let mut last = ' ';
    let kept = list.chars().filter(|&c| {
        if c == '"' && last != '\\' {
            is_inside = !is_inside;
        }
        last = c;
        is_inside || !c.is_whitespace()
    });
    kept.collect()
}

pub(super) fn workdir(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Path);
    let place = state(asked).and_then(|state| state.workdir.origin);
    let place = place.map_or(asked.target_range(), |it| asked.row_range(it.stage, it.step));
    match image(asked).map(|image| image.workdir) {
        Some(Setting::Known(path)) => {
            let path = if path.is_empty() { "/" } else { &path };
            Verdict::of(path == wanted, format!("It is {path}")).at(place)
        }
        Some(Setting::OnBase(path)) => {
            let why = format!("It is {path} below the directory of the base image, which is not known");
            Verdict::unknown(why).at(place)
        }
        Some(Setting::FromBase) | None => {
            Verdict::unknown("There is no WORKDIR, so the base image has the say").at(place)
        }
    }
}

pub(super) fn port(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Port).to_ascii_lowercase();
    let wanted = if wanted.contains('/') { wanted } else { format!("{wanted}/tcp") };
    let Some(runtime) = queries::runtime(&asked.view.graph, asked.target().id) else {
        return Verdict::unknown("There is no image");
    };
    let place = state(asked)
        .and_then(|state| state.ports.into_iter().find(|port| port.value == wanted)?.origin)
        .map_or(asked.target_range(), |it| asked.row_range(it.stage, it.step));
    if runtime.ports.contains(&wanted) {
        return Verdict::met(format!("Line {} exposes it", asked.line(place))).at(place);
    }
    let named = match &runtime.ports[..] {
        [] => "No EXPOSE names a port".to_owned(),
        ports => format!("EXPOSE names {}", ports.join(", ")),
    };
    match runtime.likely_ports.iter().any(|port| *port == wanted) {
        true => Verdict::met("The base image likely exposes it").at(place),
        false if runtime.ports_known || knows_ports(asked) => Verdict::unmet(named).at(place),
        false => Verdict::unknown(format!("{named}, and what the base image exposes is not known")).at(place),
    }
}

/// Whether the ports of the base image are commonly known.
fn knows_ports(asked: &Asked<'_>) -> bool {
    stages::base_source(asked, asked.target().id).and_then(queries::base_card).is_some()
}

/// A variable of the image: its value and its place.
fn variable(asked: &Asked<'_>) -> Option<(String, TextRange)> {
    let name = asked.goal.value(Slot::Name);
    let variable = state(asked)?.env.into_iter().find(|it| it.name == name)?;
    let place = variable.origin.map_or(asked.target_range(), |it| asked.row_range(it.stage, it.step));
    Some((variable.value.unwrap_or_default(), place))
}

pub(super) fn has_env(asked: &Asked<'_>) -> Verdict {
    match variable(asked) {
        Some((value, place)) => Verdict::met(format!("It is '{value}'")).at(place),
        None => no_env(asked),
    }
}

pub(super) fn env(asked: &Asked<'_>) -> Verdict {
    match variable(asked) {
        Some((value, place)) => {
            Verdict::of(value == asked.goal.value(Slot::Value), format!("It is '{value}'")).at(place)
        }
        None => no_env(asked),
    }
}

/// Nothing in the file sets the variable.
fn no_env(asked: &Asked<'_>) -> Verdict {
    let name = asked.goal.value(Slot::Name);
    let is_known = state(asked).is_some_and(|state| !state.base_unknown);
    let verdict = match is_known {
        true => Verdict::unmet(format!("No ENV of what ships sets {name}")),
        false => Verdict::unknown(format!("No ENV of what ships sets {name}; the base image may")),
    };
    verdict.at(asked.target_range())
}

pub(super) fn has_no_env(asked: &Asked<'_>) -> Verdict {
    match variable(asked) {
        Some((value, place)) => {
            Verdict::unmet(format!("Line {} sets it to '{value}'", asked.line(place))).at(place)
        }
        None => Verdict::met("No ENV of what ships sets it"),
    }
}

pub(super) fn health(asked: &Asked<'_>) -> Verdict {
    let place = state(asked).and_then(|state| state.healthcheck.origin);
    let place = place.map_or(asked.target_range(), |it| asked.row_range(it.stage, it.step));
    match image(asked).map(|image| image.healthcheck) {
        Some(Setting::Known(Some(health)) | Setting::OnBase(Some(health))) => {
            let is_off = health.test.first().is_some_and(|first| first == "NONE");
            let line = asked.line(place);
            Verdict::of(
                !is_off,
                format!("Line {line} {}", if is_off { "switches it off" } else { "gives it one" }),
            )
        }
        Some(Setting::Known(None) | Setting::OnBase(None)) => Verdict::unmet("There is no HEALTHCHECK"),
        Some(Setting::FromBase) | None => {
            Verdict::unknown("There is no HEALTHCHECK; the base image may have one")
        }
    }
    .at(place)
}

pub(super) fn installs(asked: &Asked<'_>) -> Verdict {
    let name = asked.goal.value(Slot::Package);
    let ledger = asked.view.ledger(asked.work);
    let found = ledger.packages.iter().find(|it| it.name == name && it.removed_by.is_none());
    match found {
        Some(package) => {
            let place = asked.range(package.at);
            let line = asked.line(place);
            Verdict::met(format!("Line {line} installs it ({} {name})", package.manager)).at(place)
        }
        None => Verdict::unmet(format!("No RUN of what ships installs {name}")).at(asked.target_range()),
    }
}

pub(super) fn size(asked: &Asked<'_>) -> Verdict {
    let wanted = example::size(asked.goal.value(Slot::Size)).unwrap_or_default();
    let estimate = queries::size_estimate(&asked.view.graph, asked.cut);
    let total = estimate.image.total;
    let verdict = match total.high {
        Some(high) if high <= wanted => Verdict::met(format!("It likely takes {total}")),
        _ if total.low > wanted => Verdict::unmet(format!("It likely takes {total}")),
        Some(_) => Verdict::unknown(format!("It likely takes {total}, which may be more or less")),
        None => {
            let open = estimate.image.parts.iter().find(|part| part.is_open());
            let verdict = Verdict::unknown(match open {
                Some(part) if total.low == 0 => format!("Nothing is known of it: {}", lower(&part.why)),
                Some(part) => format!("It takes {total}, as far as that is known: {}", lower(&part.why)),
                None => format!("It takes {total}, as far as that is known"),
            });
            return match open {
                Some(part) => verdict.at(asked.row_range(part.stage, part.step)),
                None => verdict,
            };
        }
    };
    verdict.at(asked.target_range())
}
