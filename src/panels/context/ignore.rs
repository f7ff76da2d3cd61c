//! `.dockerignore`: its text, and what each of its lines does to the files.

use std::collections::HashMap;

use dockerfile::ignore::advice;
use yew::prelude::*;

use super::{Parts, change};
use crate::panels::field::use_field;

/// The id of the place where it is written.
pub(super) const AREA: &str = "dockerignore";

#[component]
pub(super) fn Ignore(props: &Parts) -> Html {
    let Parts { state, transfer } = props;
    let context = state.drawn.asked.context.as_ref();
    let text = context.and_then(|context| context.ignore.clone());
    // How many files each line leaves out, and keeps.
    let mut counts: HashMap<u32, (usize, bool)> = HashMap::new();
    for (at, fate) in transfer.fates.iter().enumerate() {
        if let Some((line, _)) = transfer.decision(at) {
            let (n_files, _) = counts.entry(line).or_insert((0, fate.ignored));
            *n_files += 1;
        }
    }
    let written = text.clone().unwrap_or_default();
    let n_lines = written.split('\n').count().max(4);
    let mark = |line: u32| {
        let is_bad = transfer.errors().iter().any(|(bad, _)| *bad == line);
        match (is_bad, counts.get(&line)) {
            (true, _) => html! { <span class="bad">{format!("{line} ✕")}</span> },
            (false, Some((n_files, true))) => html! { <span>{format!("{line} −{n_files}")}</span> },
            (false, Some((n_files, false))) => {
                html! { <span class="kept">{format!("{line} +{n_files}")}</span> }
            }
            (false, None) => html! { <span>{line}</span> },
        }
    };
    let oninput = use_field(AREA, written.clone(), {
        let state = state.clone();
        move |text| change(&state, |context| context.ignore = Some(text).filter(|text| !text.is_empty()))
    });
    let starter = {
        let state = state.clone();
        move |_| {
            let text = state.drawn.starter_ignore(state.target_cut());
            change(&state, |context| context.ignore = Some(text));
        }
    };
    html! {
        <>
            <h2 id="ignore-title">
                {".dockerignore"}
                if text.is_none() {
                    <span class="note">{"there is none"}</span>
                    <button class="control small" id="ignore-starter" onclick={starter}>{"Begin one"}</button>
                }
            </h2>
            <div class="ignore-editor">
                <div class="gutter" aria-hidden="true">{ for (1..=n_lines as u32).map(mark) }</div>
                <textarea id={AREA} aria-labelledby="ignore-title" aria-describedby="ignore-note" rows={n_lines.to_string()}
                    spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off"
                    placeholder={"node_modules\n**/*.log\n!keep.log"} {oninput} />
            </div>
            // One child, however many there are: Yew would make the place to write in anew.
            <div>{ for transfer.errors().iter().map(|(line, why)| html! {
                <p class="refusal">{format!("Line {line}: {why}. {}.", advice(&written, *line))}</p>
            }) }</div>
            <p class="hint" id="ignore-note">
                {"−3: the line leaves out three files; +3: it keeps them. The last line that is about a path decides."}
                {" A "}<code>{"Dockerfile.dockerignore"}</code>{" beside the Dockerfile would be read instead."}
            </p>
        </>
    }
}
