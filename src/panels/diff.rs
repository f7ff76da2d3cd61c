//! Two texts, line by line.

use similar::algorithms::{Capture, Replace, myers};
use similar::{ChangeTag, DiffOp, group_diff_ops};
use yew::prelude::*;

/// Lines around a change that are shown.
const CONTEXT: usize = 2;

/// What has become of the lines of a text; `label` says what it shows.
pub(crate) fn diff(before: &str, after: &str, label: &'static str) -> Html {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut lines: Vec<Html> = Vec::new();
    for (nth, group) in group_diff_ops(ops(&before, &after), CONTEXT).iter().enumerate() {
        if nth > 0 {
            lines.push(html! { <span class="gap">{"⋯\n"}</span> });
        }
        for change in group.iter().flat_map(|op| op.iter_changes(&before[..], &after[..])) {
            let (class, sign) = match change.tag() {
                ChangeTag::Equal => ("same", " "),
                ChangeTag::Delete => ("old", "-"),
                ChangeTag::Insert => ("new", "+"),
            };
            let number = change.new_index().or(change.old_index()).map_or(0, |index| index + 1);
            let line = change.value();
            lines.push(html! { <span {class}><span class="number">{number}</span>{format!("{sign} {line}\n")}</span> });
        }
    }
    html! { <pre class="diff" tabindex="0" aria-label={label}>{ for lines }</pre> }
}

/// The library's short way would bring all its algorithms into the page, a tenth of its code.
fn ops(before: &[&str], after: &[&str]) -> Vec<DiffOp> {
    let mut ops = Replace::new(Capture::new());
    let Ok(()) = myers::diff(&mut ops, before, 0..before.len(), after, 0..after.len());
    ops.into_inner().into_ops()
}
