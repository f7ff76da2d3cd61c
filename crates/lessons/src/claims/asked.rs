//! What a build is given: arguments, secrets, caches, and the files of its context.

use dockerfile::ignore::Ignore;
use dockerfile::queries::{self, Outline};

use super::Slot;
use crate::work::{Asked, Verdict};

fn outline(asked: &Asked<'_>) -> Outline {
    queries::outline(&asked.work.parse, &asked.view.graph, asked.cut)
}

/// `A, B and C`, or that there is none.
fn known(what: &str, names: Vec<&str>) -> String {
    match names.split_last() {
        None => format!("The target knows no {what}"),
        Some((only, [])) => format!("The only {what} is {only}"),
        Some((last, rest)) => format!("The {what}s are {} and {last}", rest.join(", ")),
    }
}

pub(super) fn accepts_arg(asked: &Asked<'_>) -> Verdict {
    let name = asked.goal.value(Slot::Name);
    let outline = outline(asked);
    match outline.args.iter().find(|arg| arg.name == name) {
        Some(arg) => at_line(asked, Verdict::met(format!("Line {} declares it", arg.line)), arg.line),
        None => {
            let names = outline.args.iter().map(|arg| arg.name.as_str()).collect();
            Verdict::unmet(known("build argument", names)).at(asked.target_range())
        }
    }
}

pub(super) fn arg_is(asked: &Asked<'_>) -> Verdict {
    let (name, wanted) = (asked.goal.value(Slot::Name), asked.goal.value(Slot::Value));
    let outline = outline(asked);
    match outline.args.iter().find(|arg| arg.name == name) {
        Some(arg) if arg.value.is_empty() => at_line(asked, Verdict::unmet("It has no value"), arg.line),
        Some(arg) => {
            at_line(asked, Verdict::of(arg.value == wanted, format!("It is '{}'", arg.value)), arg.line)
        }
        None => {
            let names = outline.args.iter().map(|arg| arg.name.as_str()).collect();
            Verdict::unmet(known("build argument", names)).at(asked.target_range())
        }
    }
}

pub(super) fn secret(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Secret);
    let wanted = wanted.strip_prefix("id=").unwrap_or(wanted);
    let outline = outline(asked);
    match outline.secrets.iter().find(|it| it.id == wanted) {
        Some(secret) => at_line(asked, Verdict::met(format!("Line {} mounts it", secret.line)), secret.line),
        None => {
            let ids = outline.secrets.iter().map(|it| it.id.as_str()).collect();
            Verdict::unmet(known("secret", ids)).at(asked.target_range())
        }
    }
}

pub(super) fn cache(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Path);
    let outline = outline(asked);
    let found = outline.caches.iter().find(|it| it.target.trim_end_matches('/') == wanted);
    match found {
        Some(cache) => at_line(asked, Verdict::met(format!("Line {} mounts it", cache.line)), cache.line),
        None => {
            let targets = outline.caches.iter().map(|it| it.target.as_str()).collect();
            Verdict::unmet(known("cache", targets)).at(asked.target_range())
        }
    }
}

fn at_line(asked: &Asked<'_>, verdict: Verdict, line: u32) -> Verdict {
    match asked.work.lines.line_range(line) {
        Some(range) => verdict.at(range),
        None => verdict,
    }
}

const NOT_LISTED: &str = "The files of the build context are not known";

pub(super) fn takes(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::File);
    let Some(files) = asked.work.context.and_then(|context| context.files.as_ref()) else {
        return Verdict::unknown(NOT_LISTED);
    };
    let Some(file) = files.iter().position(|file| file.path == wanted) else {
        return Verdict::unmet(format!("There is no {wanted} in the build context"));
    };
    let Some(transfer) = asked.view.transfer(asked.work) else {
        return Verdict::unmet("The target takes nothing from the build context").at(asked.target_range());
    };
    let fate = transfer.fates.get(file).copied().unwrap_or_default();
    match (fate.ignored, fate.taken) {
        (true, _) => Verdict::unmet(decided(asked, wanted)),
        (false, true) => {
            let taker = transfer
                .takers
                .iter()
                .find(|taken| taken.taker.selections.iter().any(|selection| selection.takes(wanted)));
            match taker {
                Some(taken) => {
                    let verdict = Verdict::met(format!("Line {} takes it", taken.taker.lines.first));
                    verdict.at(taken.taker.range)
                }
                None => Verdict::met("An instruction takes it"),
            }
        }
        (false, false) => Verdict::unmet("No COPY, ADD or mount takes it").at(asked.target_range()),
    }
}

pub(super) fn does_not_get(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::File);
    let Some(files) = asked.work.context.and_then(|context| context.files.as_ref()) else {
        return Verdict::unknown(NOT_LISTED);
    };
    let Some(file) = files.iter().position(|file| file.path == wanted) else {
        return Verdict::unmet(format!("There is no {wanted} in the build context"));
    };
    let fate = asked.view.transfer(asked.work).and_then(|it| it.fates.get(file).copied()).unwrap_or_default();
    match (fate.ignored, fate.sent) {
        (true, _) => Verdict::met(decided(asked, wanted)),
        (false, false) => Verdict::met("Nothing asks for it"),
        (false, true) => {
            let why = "It goes to the builder: an instruction asks for it, and nothing leaves it out";
            let takers = asked.view.transfer(asked.work).map(|it| &it.takers[..]).unwrap_or_default();
            let taker = takers
                .iter()
                .find(|taken| taken.taker.selections.iter().any(|selection| selection.takes(wanted)));
            match taker {
                Some(taken) => Verdict::unmet(why).at(taken.taker.range),
                None => Verdict::unmet(why),
            }
        }
    }
}

pub(super) fn ignored(asked: &Asked<'_>) -> Verdict {
    let text = asked.work.context.and_then(|context| context.ignore.as_deref());
    let Some(text) = text else { return Verdict::unmet("There is no .dockerignore") };
    let ignore = Ignore::parse(text);
    if let Some((line, message)) = ignore.errors.first() {
        return Verdict::unmet(format!("Line {line} of .dockerignore cannot be read: {message}"));
    }
    let wanted = asked.goal.value(Slot::File);
    Verdict::of(ignore.decide(wanted).ignored, decided(asked, wanted))
}

/// Which line of `.dockerignore` decides about a file.
fn decided(asked: &Asked<'_>, path: &str) -> String {
    let text = asked.work.context.and_then(|context| context.ignore.as_deref()).unwrap_or_default();
    let decision = Ignore::parse(text).decide(path);
    match (decision.by, decision.ignored) {
        (Some((line, pattern)), true) => format!("Line {line} of .dockerignore leaves it out ({pattern})"),
        (Some((line, pattern)), false) => format!("Line {line} of .dockerignore brings it back ({pattern})"),
        (None, _) => "No line of .dockerignore is about it".to_owned(),
    }
}
