//! What the lines mean.

use dockerfile::draw::LineKind;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The lines that the picture has.
    pub(crate) kinds: Vec<LineKind>,
}

/// Explains the lines that are there, and no others.
#[component]
pub(crate) fn Legend(props: &Props) -> Html {
    html! {
        <ul class="legend" aria-label="Meaning of the lines">
            { for props.kinds.iter().map(|kind| html! {
                <li>
                    <svg width="34" height="10" viewBox="0 0 34 10" aria-hidden="true">
                        <path class={classes!("line", kind.class())} d="M1 5H27" />
                        <path class={classes!("arrow", kind.class())} d="M26 1L33 5L26 9z" />
                    </svg>
                    {kind.meaning()}
                </li>
            }) }
        </ul>
    }
}
