//! The panels below the picture, one at a time, behind tabs.

use dockerfile::queries::{Cut, TargetError};
use yew::prelude::*;

use super::{
    Props, arguments::Arguments, build::Build, builds::Builds, cache::Cache, checks::Checks,
    context::Context, files::Files, image::Image, line::Line, plan::Plan, twin::Twin,
};
use crate::analysis::Same;
use crate::browser::events;
use crate::state::{Action, Panel, Side, Snapshot};

/// How far a key moves the upper edge, in percent.
const KEY_STEP: i32 = 4;

#[component]
pub(crate) fn Drawer(props: &Props) -> Html {
    let state = &props.state;
    html! {
        <section class={classes!("pane", "panel-pane", state.panel.is_none().then_some("closed"))}
            id="pane-panel" aria-label="Details">
            if state.panel.is_some() {
                <Edge state={state.clone()} />
            }
            <div class="panel-head">
                <PanelTabs state={state.clone()} />
                if state.second.is_some() && matches!(state.panel, Some(Panel::Files | Panel::Image | Panel::Plan | Panel::Line)) {
                    <Sides state={state.clone()} />
                }
            </div>
            if let Some(panel) = state.panel {
                <div class="panel" role="tabpanel" id="panel" aria-labelledby={tab_id(panel)} tabindex="0">
                    { match panel {
                        Panel::Files => html! { <Files state={state.clone()} /> },
                        Panel::Image => html! { <Image state={state.clone()} /> },
                        Panel::Checks => html! { <Checks state={state.clone()} /> },
                        Panel::Arguments => html! { <Arguments state={state.clone()} /> },
                        Panel::Context => html! { <Context state={state.clone()} /> },
                        Panel::Builds => html! { <Builds state={state.clone()} /> },
                        Panel::Build => html! { <Build state={state.clone()} /> },
                        Panel::Plan => html! { <Plan state={state.clone()} /> },
                        Panel::Cache => html! { <Cache state={state.clone()} /> },
                        Panel::Line => html! { <Line state={state.clone()} /> },
                        Panel::Twin => html! { <Twin state={state.clone()} /> },
                    } }
                </div>
            }
        </section>
    }
}

fn tab_id(panel: Panel) -> String {
    format!("tab-{}", panel.id())
}

/// One stop of the Tab key; arrow keys go from one tab to the next. The open one closes when it is pressed again.
#[component]
fn PanelTabs(props: &Props) -> Html {
    let state = &props.state;
    let stop = state.panel.unwrap_or(Panel::ALL[0]);
    let tab = |(place, panel): (usize, Panel)| {
        let is_open = state.panel == Some(panel);
        let onclick = {
            let dispatch = state.dispatcher();
            move |_| dispatch.dispatch(Action::ShowPanel(Some(panel).filter(|_| !is_open)))
        };
        let onkeydown = {
            let dispatch = state.dispatcher();
            move |event: KeyboardEvent| {
                let n = Panel::ALL.len();
                let next = match event.key().as_str() {
                    "ArrowRight" => (place + 1) % n,
                    "ArrowLeft" => (place + n - 1) % n,
                    "Home" => 0,
                    "End" => n - 1,
                    _ => return,
                };
                event.prevent_default();
                dispatch.dispatch(Action::ShowPanel(Some(Panel::ALL[next])));
                events::focus(&tab_id(Panel::ALL[next]));
            }
        };
        html! {
            <button role="tab" class="tab" id={tab_id(panel)} {onclick} {onkeydown}
                aria-selected={is_open.to_string()} aria-controls={is_open.then_some("panel")}
                tabindex={if panel == stop { "0" } else { "-1" }}>
                {panel.title()}
            </button>
        }
    };
    html! {
        <div class="panel-tabs" role="tablist" aria-label="Details">
            { for Panel::ALL.into_iter().enumerate().map(tab) }
        </div>
    }
}

/// Of which of two targets the panel speaks.
#[component]
fn Sides(props: &Props) -> Html {
    let state = &props.state;
    let cuts = [(Side::A, "A", Some(&state.cut)), (Side::B, "B", state.second.as_ref())];
    let button = |(side, letter, cut): (Side, &'static str, Option<&Same<Result<Cut, TargetError>>>)| {
        let target = cut.and_then(|cut| Some(Result::as_ref(cut).ok()?.target));
        let stage = target.and_then(|target| state.drawn.graph.stages.get(target.0));
        let name = stage.map_or_else(|| "not found".into(), |stage| stage.display_name());
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Side(side));
        html! {
            <button class="control small" {onclick} aria-pressed={(state.side == side).to_string()}
                title={format!("What is said below is of target {letter}, {name}")}>
                <b>{letter}</b><span class="name">{name.to_string()}</span>
            </button>
        }
    };
    html! {
        <div class="switch sides" role="group" aria-label="Target of the details">{ for cuts.into_iter().map(button) }</div>
    }
}

/// The upper edge, to be dragged, or moved by arrow keys.
#[component]
fn Edge(props: &Props) -> Html {
    let state: &Snapshot = &props.state;
    let height = state.panel_height;
    let set = {
        let dispatch = state.dispatcher();
        move |percent: i32| dispatch.dispatch(Action::PanelHeight(percent))
    };
    let onkeydown = {
        let set = set.clone();
        move |event: KeyboardEvent| {
            let percent = match event.key().as_str() {
                "ArrowUp" => height + KEY_STEP,
                "ArrowDown" => height - KEY_STEP,
                _ => return,
            };
            event.prevent_default();
            set(percent);
        }
    };
    let onpointerdown = |event: PointerEvent| events::capture_pointer(&event);
    let onpointermove = move |event: PointerEvent| {
        if let Some(percent) = events::dragged_height(&event) {
            set(percent);
        }
    };
    html! {
        <div class="edge" role="separator" aria-orientation="horizontal" aria-label="Height of the details" tabindex="0"
            aria-valuenow={height.to_string()} aria-valuemin="12" aria-valuemax="80" {onkeydown} {onpointerdown} {onpointermove} />
    }
}
