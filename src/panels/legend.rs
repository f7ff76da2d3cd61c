//! What the lines mean.

use dockerfile::stages::EdgeKind;
use yew::prelude::*;

/// A kind of line: its class in the style sheet and what it says.
pub(crate) struct Kind {
    pub(crate) class: &'static str,
    pub(crate) meaning: &'static str,
}

pub(crate) const BASE: Kind = Kind { class: "base", meaning: "FROM: starts from it" };
pub(crate) const COPY: Kind = Kind { class: "copy", meaning: "COPY: takes files" };
pub(crate) const MOUNT: Kind = Kind { class: "mount", meaning: "RUN --mount: sees files" };
pub(crate) const CONTEXT: Kind = Kind { class: "context", meaning: "from your files" };

/// How an edge is drawn.
pub(crate) fn kind_of(kind: EdgeKind, is_from_context: bool) -> &'static Kind {
    match kind {
        _ if is_from_context => &CONTEXT,
        EdgeKind::Base => &BASE,
        EdgeKind::Copy => &COPY,
        EdgeKind::Mount => &MOUNT,
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The classes of the lines that the picture has.
    pub(crate) classes: Vec<&'static str>,
}

/// Explains the lines that are there, and no others.
#[component]
pub(crate) fn Legend(props: &Props) -> Html {
    let kinds = [&BASE, &COPY, &MOUNT, &CONTEXT].into_iter();
    html! {
        <ul class="legend" aria-label="Meaning of the lines">
            { for kinds.filter(|kind| props.classes.contains(&kind.class)).map(|kind| html! {
                <li>
                    <svg width="34" height="10" viewBox="0 0 34 10" aria-hidden="true">
                        <path class={classes!("line", kind.class)} d="M1 5H27" />
                        <path class={classes!("arrow", kind.class)} d="M26 1L33 5L26 9z" />
                    </svg>
                    {kind.meaning}
                </li>
            }) }
        </ul>
    }
}
