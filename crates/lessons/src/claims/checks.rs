//! Whether BuildKit takes the file, and what the rules find in it.

use dockerfile::checks::{Finding, Level};

use super::Slot;
use crate::work::{Asked, Verdict};

/// Asked only of what can be built.
pub(super) fn accepts(_: &Asked<'_>) -> Verdict {
    Verdict::met("Nothing stands in the way of a build")
}

pub(super) fn no_finding_of(asked: &Asked<'_>) -> Verdict {
    let rule = asked.goal.value(Slot::Rule);
    none(asked, format!("{rule} finds nothing"), |finding| finding.rule.name == rule)
}

pub(super) fn no_findings(asked: &Asked<'_>) -> Verdict {
    none(asked, "Nothing is found".to_owned(), |_| true)
}

pub(super) fn no_warnings(asked: &Asked<'_>) -> Verdict {
    none(asked, "There is no error and no warning".to_owned(), |finding| finding.rule.level <= Level::Warning)
}

fn none(asked: &Asked<'_>, met: String, is_meant: impl Fn(&Finding) -> bool) -> Verdict {
    let mut found = asked.view.findings(asked.work).iter().filter(|it| is_meant(it));
    let Some(first) = found.next() else { return Verdict::met(met) };
    let more = match found.count() {
        0 => String::new(),
        1 => ", and there is one more".to_owned(),
        n => format!(", and there are {n} more"),
    };
    Verdict::unmet(format!("{}: {}{more}", first.rule.name, first.full_message())).at(first.range)
}
