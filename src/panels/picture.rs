//! The stage graph as a drawing, with the target's light on it.

use std::collections::BTreeSet;
use std::rc::Rc;

use dockerfile::draw::{
    self, Detail, Direction, Line, LineKind, Scene, SceneOptions, Shape, SourceBox, Sources,
};
use dockerfile::export::{self, Format, Theme};
use dockerfile::queries::{edge_sentence, source_words};
use dockerfile::stages::{Edge, Node, Source, SourceId, StageId};
use yew::prelude::*;

use super::Props;
use super::card::{CardView, card_id, neighbour, source_id};
use super::command::CommandBar;
use super::legend::Legend;
use super::lens::LensView;
use crate::browser::events;
use crate::browser::pan::Pan;
use crate::browser::size::SizeWatch;
use crate::state::{Action, Snapshot, State, Thing, Zoom};

#[component]
pub(crate) fn Picture(props: &Props) -> Html {
    let state = &props.state;
    let place = use_node_ref();
    {
        let (place, dispatch) = (place.clone(), state.dispatcher());
        use_effect_with((), move |()| {
            let watch = SizeWatch::new(&place, move |width, height| {
                dispatch.dispatch(Action::Resize(width, height));
            });
            move || drop(watch)
        });
    }
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            let pan = Pan::new(&place);
            move || drop(pan)
        });
    }
    {
        // A target out of sight is no help; but a phone starts at the top of the file.
        let is_meant = state.lens.target.is_some() || !state.is_narrow();
        let target = state.lights.target.map(|target| target.0).filter(|_| is_meant);
        use_effect_with((state.opened, target, state.view.0 > 0), move |&(_, target, _)| {
            if let Some(target) = target {
                events::reveal(&card_id(target));
            }
        });
    }
    let options = options(state, if state.is_narrow() { Direction::Down } else { Direction::Across });
    let scene =
        use_memo((state.drawn.clone(), options), |(drawn, options)| draw::scene(&drawn.graph, options));
    let scale = scale(state, &scene);
    let kinds = draw::line_kinds(&state.drawn.graph);
    let onmouseleave = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Hover(None))
    };
    let view = classes!("view", state.is_stale().then_some("stale"));
    html! {
        <section class="pane picture-pane" id="pane-stages" aria-label="Stages">
            <LensView state={state.clone()} percent={(scale * 100.0).round() as i32} />
            if scene.detail == Detail::Titles {
                <p class="message" role="status" id="titles-only">
                    {"A very large file: the stages are shown without their instructions."}
                </p>
            }
            <div class={view} ref={place} id="view" {onmouseleave}>
                if scene.cards.is_empty() {
                    <Empty state={state.clone()} />
                } else {
                    <Drawing state={state.clone()} {scene} {scale} />
                }
            </div>
            <div class="picture-foot">
                if !kinds.is_empty() {
                    <Legend {kinds} />
                }
                <CommandBar state={state.clone()} />
            </div>
        </section>
    }
}

/// What of the graph is drawn, and how.
fn options(state: &State, direction: Direction) -> SceneOptions {
    SceneOptions {
        direction,
        collapsed: state.sight.collapsed.clone(),
        sources: if state.sight.per_use { Sources::PerUse } else { Sources::Merged },
        focus: state.isolated(),
    }
}

/// The picture as a file of its own, as wide windows show it; the command line writes the same bytes.
pub(crate) fn exported(state: &State, theme: Theme) -> String {
    let graph = &state.drawn.graph;
    let scene = draw::scene(graph, options(state, Direction::Across));
    export::svg(graph, &scene, &state.lights, theme)
}

/// The same in any form.
pub(crate) fn exported_as(state: &State, format: &Format) -> String {
    let scene = draw::scene(&state.drawn.graph, options(state, Direction::Across));
    state.drawn.written(format, state.target_cut(), &state.lights, &scene)
}

/// How large to draw. Text below 70 % cannot be read; then the picture scrolls.
fn scale(state: &State, scene: &Scene) -> f64 {
    let (width, height) = (f64::from(state.view.0), f64::from(state.view.1));
    if width == 0.0 || scene.width == 0 {
        return 1.0;
    }
    let across = width / f64::from(scene.width);
    match state.zoom {
        Zoom::Auto => across.clamp(0.7, 1.0),
        Zoom::Whole => across.min(height / f64::from(scene.height)).clamp(0.02, 1.0),
        Zoom::Percent(percent) => f64::from(percent) / 100.0,
    }
}

#[component]
fn Empty(props: &Props) -> Html {
    let is_blank = props.state.analysis.text.trim().is_empty();
    html! {
        <div class="empty" id="empty">
            <h3>{ if is_blank { "Nothing to build yet" } else { "No stage yet" } }</h3>
            <p>
                { if is_blank {
                    "Paste a Dockerfile on the left, or pick an example from the menu. The stages appear here as you type; nothing leaves your browser."
                } else {
                    "A stage starts with FROM. Write one, for example FROM alpine AS base, and it appears here."
                } }
            </p>
        </div>
    }
}

#[derive(Properties)]
struct DrawingProps {
    state: Snapshot,
    scene: Rc<Scene>,
    scale: f64,
}

impl PartialEq for DrawingProps {
    fn eq(&self, other: &DrawingProps) -> bool {
        self.state == other.state && Rc::ptr_eq(&self.scene, &other.scene) && self.scale == other.scale
    }
}

#[component]
fn Drawing(props: &DrawingProps) -> Html {
    let DrawingProps { state, scene, scale } = props;
    let graph = &state.drawn.graph;
    let lights = &state.lights;
    let lit = Lit::of(state);
    let mut found = state.found();
    let mut running = state.running();
    // Lit lines last, so that they lie on top; dark ones first.
    let mut lines: Vec<(u8, usize)> = scene
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let is_off = lights.is_dark(graph.edges[line.edge].to);
            (if lit.edges.contains(&line.edge) { 2 } else { u8::from(!is_off) }, place)
        })
        .collect();
    lines.sort_by_key(|&(layer, _)| layer);
    // What BuildKit refuses runs against the grain and lies on top of everything.
    let (broken, lines): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|&(_, place)| graph.edges[scene.lines[place].edge].broken);
    let sentences = use_memo(state.drawn.clone(), |drawn| {
        let n_edges = drawn.graph.edges.len();
        (0..n_edges).map(|edge| AttrValue::from(edge_sentence(&drawn.graph, edge))).collect::<Vec<_>>()
    });
    let line_view = |(layer, place): (u8, usize)| {
        let edge = scene.lines[place].edge;
        let what = &graph.edges[edge];
        html! {
            <LineView key={edge} scene={scene.clone()} {place} class={LineKind::of(graph, what).class()} {layer}
                broken={what.broken} row={(what.to, what.step)} sentence={sentences[edge].clone()}
                dispatch={state.dispatcher()} />
        }
    };
    let size = |pixels: i32| (f64::from(pixels) * scale).round().to_string();
    let class = classes!(
        "drawing",
        (state.hovered.is_some() || matches!(state.selected, Some(Thing::Path(_)))).then_some("focused")
    );
    // One stop of the Tab key for the whole picture: the target. Arrow keys go on from there.
    let stop = lights.target.filter(|target| scene.cards.iter().any(|card| card.stage == *target));
    let stop = stop.or(scene.cards.first().map(|card| card.stage)).map_or(0, |stage| stage.0);
    html! {
        <svg {class} role="group" aria-label="Stages of this Dockerfile"
            width={size(scene.width)} height={size(scene.height)}
            viewBox={format!("0 0 {} {}", scene.width, scene.height)}>
            <Definitions />
            <g class="sources">
                { for (0..scene.sources.len()).map(|place| source_box(state, scene, place, &lit)) }
            </g>
            <g class="lines" aria-hidden="true">
                { for lines.into_iter().map(line_view) }
            </g>
            <g class="cards">
                { for scene.cards.iter().enumerate().map(|(idx, card)| {
                    let stage = card.stage;
                    let light = lights.stage(stage);
                    html! {
                        <CardView key={stage.0} analysis={state.drawn.clone()} scene={scene.clone()} place={idx} {light}
                            found={found.remove(&stage).unwrap_or_default()} fates={state.fates(stage)} running={running.remove(&stage).unwrap_or_default()} builds={state.marks(stage)} lit_rows={lit.rows_of(stage)} is_lit={lit.stages.contains(&stage)}
                            is_stop={stage.0 == stop} dispatch={state.dispatcher()} />
                    }
                }) }
            </g>
            <g class="lines refused" aria-hidden="true">
                { for broken.into_iter().map(line_view) }
            </g>
        </svg>
    }
}

/// Patterns that the style sheet fills with.
#[component]
fn Definitions() -> Html {
    html! {
        <defs>
            <linearGradient id="beam" x1="0" y1="0" x2="0" y2="1">
                <stop offset="0" stop-color="var(--accent-fill)" stop-opacity=".3" />
                <stop offset="1" stop-color="var(--accent-fill)" stop-opacity="0" />
            </linearGradient>
            <pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="2" height="8" fill="var(--card-dark-hatch)" />
            </pattern>
        </defs>
    }
}

fn source_box(state: &Snapshot, scene: &Rc<Scene>, place: usize, lit: &Lit) -> Html {
    let source: &SourceBox = &scene.sources[place];
    let id = source.source;
    let graph = &state.drawn.graph;
    let class = classes!(
        "source",
        state.lights.is_unused(id).then_some("off"),
        lit.sources.contains(&id).then_some("lit"),
        matches!(graph.sources[id.0], Source::Invalid(_)).then_some("broken"),
    );
    let onmouseenter = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Hover(Some(Thing::Source(id))))
    };
    let onmouseleave = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Hover(None))
    };
    let onclick = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Select(Thing::Source(id)))
    };
    let onkeydown = {
        let (dispatch, scene) = (state.dispatcher(), scene.clone());
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "Enter" | " " => dispatch.dispatch(Action::Select(Thing::Source(id))),
                key => match neighbour(&scene, place, key) {
                    Some(id) => events::focus_drawn(&id),
                    None => return,
                },
            }
            event.prevent_default();
        }
    };
    let is_selected = state.selected == Some(Thing::Source(id));
    let frame = source.frame;
    let (width, height) = (frame.width.to_string(), frame.height.to_string());
    html! {
        <g key={place} {class} id={source_id(place)} role="button" tabindex="-1" aria-pressed={is_selected.to_string()}
            {onmouseenter} {onmouseleave} {onclick} {onkeydown}
            style={format!("transform:translate({}px,{}px)", frame.x, frame.y)}>
            <title>{source_words(&graph.sources[id.0])}</title>
            <g aria-hidden="true">
            { match source.shape {
                Shape::Box => html! {
                    <>
                        <rect class="frame" {width} {height} rx="9" />
                        <text class="kind" x="14" y="18">{source.kind}</text>
                        <text class="label" x="14" y="35">{&source.label}</text>
                    </>
                },
                Shape::Ground => html! {
                    <>
                        <rect class="hit" {width} {height} />
                        <text class="kind" x="2" y="12">{&source.label}</text>
                        <path class="frame ground" d={source.ground()} />
                    </>
                },
            } }
            </g>
        </g>
    }
}

#[derive(Properties)]
struct LineProps {
    scene: Rc<Scene>,
    /// Which of the scene's lines.
    place: usize,
    /// The class of its kind in the style sheet.
    class: &'static str,
    /// 0 for a dark one, 2 for a lit one.
    layer: u8,
    broken: bool,
    /// The row that refers.
    row: (StageId, usize),
    /// What it means, in words.
    sentence: AttrValue,
    dispatch: UseReducerDispatcher<State>,
}

impl PartialEq for LineProps {
    /// Whether both give the same line: a keystroke makes another scene, in which most lines are as they were.
    fn eq(&self, other: &LineProps) -> bool {
        (self.class, self.layer, self.broken, self.row) == (other.class, other.layer, other.broken, other.row)
            && self.scene.lines[self.place].edge == other.scene.lines[other.place].edge
            && self.sentence == other.sentence
            && self.scene.lines[self.place].points == other.scene.lines[other.place].points
    }
}

#[component]
fn LineView(props: &LineProps) -> Html {
    let line: &Line = &props.scene.lines[props.place];
    let state = match props.layer {
        0 => Some("off"),
        1 => None,
        _ => Some("lit"),
    };
    let class = |what: &'static str| classes!(what, props.class, state, props.broken.then_some("broken"));
    let (path, arrow) = (line.path(), line.arrow());
    let hover = |thing: Option<Thing>| {
        let dispatch = props.dispatch.clone();
        move |_: MouseEvent| dispatch.dispatch(Action::Hover(thing.clone()))
    };
    let onclick = {
        let (dispatch, (stage, step)) = (props.dispatch.clone(), props.row);
        move |_: MouseEvent| dispatch.dispatch(Action::Select(Thing::Step(stage, step)))
    };
    // On another way it is another element, which comes into sight when the cards have glided to their places.
    html! {
        <g key={path.clone()} class="edge-line" onmouseenter={hover(Some(Thing::Edge(line.edge)))}
            onmouseleave={hover(None)} {onclick}>
            <title>{&props.sentence}</title>
            <path class="reach" d={path.clone()} />
            <path class={class("line")} d={path} />
            <path class={class("arrow")} d={arrow} />
        </g>
    }
}

/// Everything that belongs to what is in the light.
#[derive(Default)]
struct Lit {
    rows: BTreeSet<(StageId, usize)>,
    stages: BTreeSet<StageId>,
    sources: BTreeSet<SourceId>,
    edges: BTreeSet<usize>,
}

/// Whether an edge, by its place among all of them and what it is, belongs to the light.
type EdgeTest<'a> = dyn Fn(usize, &Edge) -> bool + 'a;

impl Lit {
    fn of(state: &State) -> Lit {
        let mut lit = Lit::default();
        let graph = &state.drawn.graph;
        let Some(thing) = state.lit() else { return lit };
        let is_meant: Box<EdgeTest<'_>> = match thing {
            Thing::Edge(place) => Box::new(move |idx, _: &Edge| idx == *place),
            Thing::Step(stage, step) => {
                lit.rows.insert((*stage, *step));
                Box::new(move |_, edge: &Edge| edge.to == *stage && edge.step == *step)
            }
            Thing::Stage(stage) => {
                lit.stages.insert(*stage);
                Box::new(move |_, edge: &Edge| edge.to == *stage || edge.from == Node::Stage(*stage))
            }
            Thing::Source(source) => {
                lit.sources.insert(*source);
                Box::new(move |_, edge: &Edge| edge.from == Node::Source(*source))
            }
            Thing::Path(path) => {
                let Some(way) = state.way_of(path) else { return lit };
                lit.rows.extend(&way.steps);
                Box::new(move |_, edge: &Edge| {
                    way.nodes.contains(&edge.from) && way.steps.contains(&(edge.to, edge.step))
                })
            }
        };
        for (idx, edge) in graph.edges.iter().enumerate().filter(|&(idx, edge)| is_meant(idx, edge)) {
            lit.edges.insert(idx);
            lit.rows.insert((edge.to, edge.step));
            match edge.from {
                Node::Stage(stage) => drop(lit.stages.insert(stage)),
                Node::Source(source) => drop(lit.sources.insert(source)),
            }
        }
        lit
    }

    fn rows_of(&self, stage: StageId) -> Vec<usize> {
        self.rows.range((stage, 0)..=(stage, usize::MAX)).map(|&(_, row)| row).collect()
    }
}
