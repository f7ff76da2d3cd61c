//! Says that there is a newer version of the site, which comes when somebody asks for it.

use protocol::link;
use yew::prelude::*;

use super::Props;
use crate::browser::{history, location, offline};
use crate::examples;
use crate::state::Action;

#[component]
pub(crate) fn Newer(props: &Props) -> Html {
    let state = &props.state;
    {
        let dispatch = state.dispatcher();
        use_effect_with((), move |()| offline::keep(move || dispatch.dispatch(Action::Outdated(true))));
    }
    if !state.is_outdated {
        return Html::default();
    }
    let reload = {
        let state = state.clone();
        move |_| {
            let playground = state.playground();
            let fragment = link::encode(&playground);
            history::hand_over(&fragment);
            if examples::is_own(&state.analysis.text) {
                location::write(&playground);
                history::keep_draft(fragment);
            }
            offline::reload();
        }
    };
    let dispatch = state.dispatcher();
    let later = move |_| dispatch.dispatch(Action::Outdated(false));
    html! {
        <p class="message note" role="status" id="newer">
            <span>{"There is a newer version of Stagelight. What you see stays as it is when it is loaded."}</span>
            <button id="newer-reload" onclick={reload}>{"Reload"}</button>
            <button onclick={later}>{"Later"}</button>
        </p>
    }
}
