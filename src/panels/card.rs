//! One stage: its title, why it runs or not, and its instructions.

use std::rc::Rc;

use dockerfile::checks::Level;
use dockerfile::draw::{self, Detail, Scene};
use dockerfile::queries::cache::Fate;
use dockerfile::queries::{Light, LightState};
use dockerfile::stages::{StageId, Step};
use progress::fold::RowState;
use protocol::build::StepState;
use yew::prelude::*;

use super::build::steps;
use super::cache;
use super::problems::counted;
use crate::analysis::{Analysis, Same};
use crate::browser::events;
use crate::building::time;
use crate::state::{Action, State, Thing};

#[derive(Properties)]
pub(crate) struct Props {
    pub(crate) analysis: Same<Analysis>,
    pub(crate) scene: Rc<Scene>,
    /// Which of the scene's cards.
    pub(crate) place: usize,
    pub(crate) light: Light,
    pub(crate) lit_rows: Vec<usize>,
    pub(crate) is_lit: bool,
    /// The rows in which something is wrong, in order, and how bad it is.
    pub(crate) found: Vec<(usize, Level)>,
    /// What becomes of the rows after a change, if that is looked at.
    pub(crate) fates: Vec<(usize, Fate)>,
    /// How the rows are in the build that is shown, if one is looked at.
    pub(crate) running: Vec<(usize, RowState)>,
    /// The services and Bake targets that build it.
    pub(crate) builds: Vec<String>,
    /// Whether the Tab key stops here.
    pub(crate) is_stop: bool,
    pub(crate) dispatch: UseReducerDispatcher<State>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Props) -> bool {
        self.place == other.place
            && self.looks_like(other)
            && self.light == other.light
            && self.lit_rows == other.lit_rows
            && self.is_lit == other.is_lit
            && self.found == other.found
            && self.fates == other.fates
            && self.running == other.running
            && self.builds == other.builds
            && self.is_stop == other.is_stop
    }
}

impl Props {
    /// Whether both give the same drawing. A keystroke makes another analysis and another scene, in which most
    /// stages are as they were; telling them apart here is what keeps typing in large files light.
    fn looks_like(&self, other: &Props) -> bool {
        if self.analysis == other.analysis && Rc::ptr_eq(&self.scene, &other.scene) {
            return true;
        }
        let (these, those) = (&self.analysis.graph.stages, &other.analysis.graph.stages);
        let (this_card, that_card) = (&self.scene.cards[self.place], &other.scene.cards[other.place]);
        let (this, that) = (&these[this_card.stage.0], &those[that_card.stage.0]);
        let is_same_step = |(a, b): (&Step, &Step)| {
            (a.lines.first, a.broken, a.executes) == (b.lines.first, b.broken, b.executes)
                && a.keyword == b.keyword
                && a.summary == b.summary
        };
        these.len() == those.len()
            && this.name == that.name
            && stages(&self.scene).eq(stages(&other.scene))
            && this_card == that_card
            && this.steps.len() == that.steps.len()
            && this.steps.iter().zip(&that.steps).all(is_same_step)
    }
}

/// The stages that are drawn.
fn stages(scene: &Scene) -> impl Iterator<Item = StageId> {
    scene.cards.iter().map(|card| card.stage)
}

/// The id of a stage's card in the page.
pub(crate) fn card_id(stage: usize) -> String {
    format!("stage-{stage}")
}

/// The id of a source's box in the page, by its place among them.
pub(crate) fn source_id(place: usize) -> String {
    format!("source-{place}")
}

/// Where a key leads from a thing of the picture: arrows through the sources and then the stages, Home and End to the
/// first and the last stage. Things are counted in that order.
pub(crate) fn neighbour(scene: &Scene, place: usize, key: &str) -> Option<String> {
    let n_sources = scene.sources.len();
    let last = (n_sources + scene.cards.len()).checked_sub(1)?;
    let next = match key {
        "ArrowDown" | "ArrowRight" => (place + 1).min(last),
        "ArrowUp" | "ArrowLeft" => place.saturating_sub(1),
        "Home" => n_sources.min(last),
        "End" => last,
        _ => return None,
    };
    Some(match scene.cards.get(next.wrapping_sub(n_sources)) {
        Some(card) => card_id(card.stage.0),
        None => source_id(next),
    })
}

#[component]
pub(crate) fn CardView(props: &Props) -> Html {
    let Props { analysis, scene, place, light, .. } = props;
    let card = &scene.cards[*place];
    let stage = card.stage;
    let what = &analysis.graph.stages[stage.0];
    let name = what.display_name();
    let class = classes!(
        "card",
        light.state.class(),
        what.name.is_none().then_some("unnamed"),
        // It stands in no line: it was supplied to a piece of a Dockerfile.
        what.steps.first().is_some_and(|step| step.lines.first == 0).then_some("supplied"),
        props.is_lit.then_some("lit")
    );
    let n_steps = what.steps.len();
    let label = format!(
        "Stage {name}, {n_steps} {}. {} {}{}{}{}",
        if n_steps == 1 { "instruction" } else { "instructions" },
        light.state.badge(),
        light.reason,
        found_words(&props.found).map_or(String::new(), |words| format!(" {words}.")),
        fate_words(&props.fates)
            .or_else(|| running_words(&props.running))
            .map_or(String::new(), |words| format!(" {words}.")),
        if props.builds.is_empty() {
            String::new()
        } else {
            format!(" Built by {}.", props.builds.join(", "))
        }
    );
    let choose = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |()| dispatch.dispatch(Action::ChooseStage(stage)))
    };
    let onclick = choose.reform(|_: MouseEvent| ());
    let onkeydown = {
        let (dispatch, scene, place) = (props.dispatch.clone(), scene.clone(), *place);
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" | " " => choose.emit(()),
                "-" | "+" => dispatch.dispatch(Action::Collapse(stage)),
                key => match neighbour(&scene, scene.sources.len() + place, key) {
                    Some(id) => events::focus_drawn(&id),
                    None => return,
                },
            }
            event.prevent_default();
        }
    };
    let collapse = {
        let dispatch = props.dispatch.clone();
        move |event: MouseEvent| {
            // The head behind the sign would make the stage the target.
            event.stop_propagation();
            dispatch.dispatch(Action::Collapse(stage));
        }
    };
    let hover = |thing: Option<Thing>| {
        let dispatch = props.dispatch.clone();
        move |_: MouseEvent| dispatch.dispatch(Action::Hover(thing.clone()))
    };
    let frame = card.frame;
    let (width, height) = (frame.width.to_string(), frame.height.to_string());
    let badge = light.state.badge();
    let badge_width = draw::badge_width(badge);
    let [reason, reason_rest] = card.reason_lines(&light.reason);
    html! {
        <g {class} id={card_id(stage.0)} role="button" tabindex={if props.is_stop { "0" } else { "-1" }}
            data-stage={name.clone()} aria-keyshortcuts="Enter -" aria-pressed={(light.state == LightState::Target).to_string()}
            style={format!("transform:translate({}px,{}px)", frame.x, frame.y)} {onclick} {onkeydown}
            onmouseleave={hover(None)}>
            // The title is what a screen reader says; read out row by row, a card is noise.
            <title>{label}</title>
            <g aria-hidden="true">
            <rect class="frame" width={width.clone()} height={height.clone()} rx="12" />
            <rect class="hatch" width={width.clone()} height={height.clone()} rx="12" />
            <path class="beam" d={card.beam()} />
            <g onmouseenter={hover(Some(Thing::Stage(stage)))}>
                <rect class="row-back" width={width.clone()} height={draw::HEAD_HEIGHT.to_string()} rx="12" />
                <text class="title" x="16" y="29">{&card.title}</text>
                if !badge.is_empty() {
                    <rect class="badge-frame" x={(frame.width - 14 - badge_width).to_string()} y="14"
                        width={badge_width.to_string()} height="21" rx="10.5" />
                    <text class="badge" x={(frame.width - 14 - badge_width / 2).to_string()} y="28.5"
                        text-anchor="middle">{badge}</text>
                }
                <text class="reason" x="16" y="50">{reason}</text>
                <text class="reason" x="16" y="66">{reason_rest}</text>
                if scene.detail == Detail::Rows {
                    <g class="fold" onclick={collapse} transform={format!("translate({} 60)", frame.width - 24)}>
                        <title>{if card.collapsed { "Show the instructions" } else { "Show the title alone" }}</title>
                        <rect x="-10" y="-12" width="26" height="24" />
                        <path d={if card.collapsed { "M-3 -3l5 5l5 -5" } else { "M-3 2l5 -5l5 5" }} />
                    </g>
                }
            </g>
            if let Some(words) = found_words(&props.found) {
                { found_badge(&words, worst(&props.found), frame.width) }
            }
            if !props.builds.is_empty() {
                { builds_mark(&props.builds, frame.width, frame.height) }
            }
            { for card.rows.iter().map(|row| {
                let level = props.found.iter().find(|(step, _)| *step == row.step).map(|(_, level)| *level);
                let fate = props.fates.iter().find(|(step, _)| *step == row.step).map(|(_, fate)| *fate);
                let running = props.running.iter().find(|(step, _)| *step == row.step).map(|(_, state)| *state);
                let step = &what.steps[row.step];
                let y = row.middle - frame.y;
                let class = classes!(
                    "row",
                    step.is_setting().then_some("settings"),
                    step.broken.then_some("broken"),
                    (step.lines.first == 0).then_some("supplied"),
                    props.lit_rows.contains(&row.step).then_some("lit"),
                    fate.map(cache::class),
                    running.map(|row| steps::class(row.state)),
                );
                let thing = Thing::Step(stage, row.step);
                let onclick = {
                    let (dispatch, thing) = (props.dispatch.clone(), thing.clone());
                    move |event: MouseEvent| {
                        // The card behind the row would make its stage the target.
                        event.stop_propagation();
                        dispatch.dispatch(Action::Select(thing.clone()));
                    }
                };
                html! {
                    <g {class} onmouseenter={hover(Some(thing))} {onclick}>
                        <title>
                            {format!("line {}: {} {}", step.lines.first, step.keyword, step.summary)}
                            if let Some(fate) = fate { {format!("\n{}", cache::word(fate))} }
                            if let Some(row) = running { {format!("\n{}", running_word(row))} }
                        </title>
                        <rect class="row-back" x="2" y={(y - 12).to_string()} width={(frame.width - 4).to_string()} height="24" rx="5" />
                        <text x="16" y={(y + 4).to_string()}>
                            <tspan class="keyword">{&row.keyword}</tspan>{" "}{&row.text}
                        </text>
                        if let Some(sign) = fate.and_then(fate_sign) {
                            <path class="fate" transform={format!("translate(8 {y})")} d={sign} />
                        }
                        if let Some(row) = running { { running_mark(row, frame.width, y) } }
                        if let Some(level) = level.filter(|_| running.is_none()) {
                            <g class={classes!("found", level.word())}>{ sign(Some(level), frame.width - 13, y) }</g>
                        }
                    </g>
                }
            }) }
            if card.hidden_rows > 0 {
                <text class="more" x="16" y={(frame.height - 18).to_string()}>
                    {format!("and {} more instructions", card.hidden_rows)}
                </text>
            }
            </g>
        </g>
    }
}

/// How bad the worst is.
fn worst(found: &[(usize, Level)]) -> Option<Level> {
    found.iter().map(|(_, level)| *level).min()
}

/// How many rows have errors and warnings, in words.
fn found_words(found: &[(usize, Level)]) -> Option<String> {
    let count = |level: Level| found.iter().filter(|(_, it)| *it == level).count();
    let parts = [(count(Level::Error), "error"), (count(Level::Warning), "warning")];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, noun)| counted(n, noun)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The badge on the upper edge of a card, at its right end: at the left, on a phone, a box may stand close above.
fn found_badge(words: &str, level: Option<Level>, card_width: i32) -> Html {
    let width = 32 + 7 * words.chars().count() as i32;
    html! {
        <g class={classes!("found", level.map(Level::word))} transform={format!("translate({} 3)", card_width - 14 - width)}>
            <title>{words}</title>
            <rect x="0" y="-10" width={width.to_string()} height="20" rx="10" />
            { sign(level, 12, 0) }
            <text x="21" y="4">{words}</text>
        </g>
    }
}

/// The mark on the lower edge of a card: who builds it, with the sign of a crate.
fn builds_mark(builds: &[String], card_width: i32, card_height: i32) -> Html {
    let room = (card_width - 64) / 7;
    let shown = mark_words(builds, room as usize);
    let width = 34 + 13 * shown.chars().count() as i32 / 2;
    html! {
        <g class="builds-mark" transform={format!("translate(14 {card_height})")}>
            <title>{format!("Built by {}", builds.join(", "))}</title>
            <rect x="0" y="-10" width={width.to_string()} height="20" rx="10" />
            <path class="sign" d="M12 -5l5 2.5v5l-5 2.5l-5 -2.5v-5zM7 -2.5l5 2.5l5 -2.5M12 0v5" />
            <text x="22" y="4">{shown}</text>
        </g>
    }
}

/// As many names as have room, and how many more there are.
fn mark_words(builds: &[String], room: usize) -> String {
    let len = |text: &str| text.chars().count();
    let mut shown = String::new();
    for (at, name) in builds.iter().enumerate() {
        let n_left = builds.len() - at - 1;
        let behind = if n_left == 0 { 0 } else { 4 };
        let between = if shown.is_empty() { "" } else { ", " };
        if len(&shown) + len(between) + len(name) + behind <= room {
            shown.push_str(between);
            shown.push_str(name);
        } else if shown.is_empty() {
            shown = name.chars().take(room.saturating_sub(behind + 1)).collect();
            shown.push('…');
        } else {
            return format!("{shown} +{}", n_left + 1);
        }
    }
    shown
}

/// A sign for a level: another shape for each.
fn sign(level: Option<Level>, x: i32, y: i32) -> Html {
    let path = match level {
        Some(Level::Error) => format!("M{} {y}l5 -5l5 5l-5 5z", x - 5),
        _ => format!("M{x} {}l5 9h-10z", y - 5),
    };
    html! { <path class="sign" d={path} /> }
}

/// How a row is in a build, in words.
fn running_word(row: RowState) -> String {
    match row.duration(0).filter(|_| row.ended.is_some()) {
        Some(took) => format!("{} in {}", steps::word(row.state), time(took)),
        None => steps::word(row.state).to_owned(),
    }
}

/// How many rows of a build are in which state, in words.
fn running_words(rows: &[(usize, RowState)]) -> Option<String> {
    let states = [
        StepState::Failed,
        StepState::Cancelled,
        StepState::Running,
        StepState::Done,
        StepState::Cached,
        StepState::Waiting,
    ];
    let count = |state: StepState| rows.iter().filter(|(_, row)| row.state == state).count();
    let parts = states.map(|state| (count(state), steps::word(state)));
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    (!parts.is_empty()).then(|| format!("In the build: {}", parts.join(", ")))
}

/// The sign of a row in a build, another shape for each state, and the time that it took.
fn running_mark(row: RowState, card_width: i32, y: i32) -> Html {
    let took = row.duration(0).filter(|_| row.ended.is_some() && row.state != StepState::Cached).map(time);
    let sign = match row.state {
        StepState::Waiting => "M-4 0h1M-.5 0h1M3 0h1",
        StepState::Running => "M-3 -4.5l7 4.5l-7 4.5z",
        StepState::Cached => "M-4 -2h8M-4 2h8",
        StepState::Done => "M-4 0l3 3.5l5.5 -7",
        StepState::Failed => "M-3.5 -3.5l7 7M3.5 -3.5l-7 7",
        StepState::Cancelled => "M-3.5 -3.5h7v7h-7z",
    };
    let right = card_width - 15;
    let width = took.as_ref().map_or(0, |took| 7 * took.chars().count() as i32 + 6);
    html! {
        <g class="run-mark" transform={format!("translate({right} {y})")}>
            <rect x={(-width - 12).to_string()} y="-10" width={(width + 22).to_string()} height="20" rx="10" />
            if let Some(took) = took { <text x="-11" y="4" text-anchor="end">{took}</text> }
            <path class="sign" d={sign} />
        </g>
    }
}

/// How many steps run again, in words.
fn fate_words(fates: &[(usize, Fate)]) -> Option<String> {
    let n = fates.iter().filter(|(_, fate)| *fate == Fate::Runs).count();
    (!fates.is_empty()).then(|| match n {
        0 => "No step runs again".to_owned(),
        1 => "1 step runs again".to_owned(),
        n => format!("{n} steps run again"),
    })
}

/// A sign for what becomes of a row, some 8 pixels wide and high: another shape for each.
fn fate_sign(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Runs | Fate::Relinked => Some("M3 -3a4 4 0 1 0 1.2 3M3.4 -5.4v2.8h-2.8"),
        Fate::Cached | Fate::Merged => Some("M-3.5 .5l2.5 2.5l4.5 -6"),
        Fate::SameContent => Some("M-3.5 -2h7M-3.5 2h7"),
        Fate::NotNeeded | Fate::Settings => None,
    }
}

#[cfg(test)]
mod tests {
    use super::mark_words;

    #[test]
    fn a_mark_has_as_many_names_as_have_room() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(mark_words(&names("web"), 20), "web");
        assert_eq!(mark_words(&names("web worker"), 20), "web, worker");
        assert_eq!(mark_words(&names("web worker scheduler cron"), 20), "web, worker +2");
        assert_eq!(mark_words(&names("a-very-long-name-of-a-service"), 20), "a-very-long-name-of…");
        assert_eq!(mark_words(&names("a-very-long-name-of-a-service worker"), 20), "a-very-long-nam… +1");
    }
}
