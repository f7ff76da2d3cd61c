//! A build that is over, moment by moment: a slider over its events, and a button that plays them in their time.

use yew::prelude::*;

use crate::browser::{Timeout, events};
use crate::building::{Happening, time};
use crate::panels::Props;
use crate::state::Action;

/// How often the picture moves, in milliseconds.
const TICK: u32 = 100;
/// Longer builds are played faster, so that they take no longer than this, in milliseconds.
const LONGEST: u64 = 30_000;

#[component]
pub(super) fn Replay(props: &Props) -> Html {
    let state = &props.state;
    let plays = use_state(|| false);
    let run = state.building.run.as_ref().filter(|run| !run.is_going_on());
    let n = run.map_or(0, |run| run.n_events());
    let at = run.map_or(0, |run| run.looked_at.unwrap_or(n));
    {
        let (state, plays) = (state.clone(), plays.clone());
        use_effect_with((*plays, at, n), move |&(is_playing, at, n)| {
            let timeout = (is_playing && n > 0).then(|| {
                Timeout::new(TICK, move || {
                    let Some(run) = &state.building.run else { return };
                    let speed = (run.length() / LONGEST).max(1);
                    let until = run.progress.at + u64::from(TICK) * speed;
                    // Where nothing happens for long, the next event comes at once.
                    let next = run.n_until(until).max(at + 1);
                    state.dispatch(Action::Build(Happening::LookAt((next < n).then_some(next))));
                    if next >= n {
                        plays.set(false);
                    }
                })
            });
            move || drop(timeout)
        });
    }
    let Some(run) = run.filter(|_| n > 1) else { return Html::default() };
    let oninput = {
        let (dispatch, plays) = (state.dispatcher(), plays.clone());
        move |event: InputEvent| {
            plays.set(false);
            let to = events::text(&event).parse().unwrap_or(n);
            dispatch.dispatch(Action::Build(Happening::LookAt((to < n).then_some(to))));
        }
    };
    let play = {
        let (dispatch, plays) = (state.dispatcher(), plays.clone());
        move |_| {
            if !*plays && at >= n {
                dispatch.dispatch(Action::Build(Happening::LookAt(Some(1))));
            }
            plays.set(!*plays);
        }
    };
    html! {
        <div class="replay" role="group" aria-label="The build, moment by moment">
            <button class="control small" onclick={play}>{ if *plays { "Pause" } else { "Play it again" } }</button>
            <input type="range" min="1" max={n.to_string()} value={at.to_string()} {oninput} aria-label="Event"
                aria-valuetext={format!("{}, event {at} of {n}", time(run.progress.at))} />
            <span class="note">{time(run.progress.at)}</span>
        </div>
    }
}
