//! Two texts, line by line.

use similar::{ChangeTag, TextDiff};
use yew::prelude::*;

/// Lines around a change that are shown.
const CONTEXT: usize = 2;

/// What has become of the lines of a text; `label` says what it shows.
pub(crate) fn diff(before: &str, after: &str, label: &'static str) -> Html {
    let diff = TextDiff::from_lines(before, after);
    let mut lines: Vec<Html> = Vec::new();
    for (nth, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if nth > 0 {
            lines.push(html! { <span class="gap">{"⋯\n"}</span> });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (class, sign) = match change.tag() {
                ChangeTag::Equal => ("same", " "),
                ChangeTag::Delete => ("old", "-"),
                ChangeTag::Insert => ("new", "+"),
            };
            let number = change.new_index().or(change.old_index()).map_or(0, |index| index + 1);
            let line = change.value().trim_end_matches(['\n', '\r']);
            lines.push(html! { <span {class}><span class="number">{number}</span>{format!("{sign} {line}\n")}</span> });
        }
    }
    html! { <pre class="diff" tabindex="0" aria-label={label}>{ for lines }</pre> }
}
