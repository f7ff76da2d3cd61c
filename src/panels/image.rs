//! The image that the target makes: what it is, what it is made of, and roughly how large it will be.
//!
//! Sizes before a build are estimates, and look like it: ranges in round figures, each with what it is made of.

use dockerfile::queries::{
    self, BaseCard, Fact, Finding, Image as Config, Layers, Makes, Runtime, Setting, SizeEstimate, SizePart,
    SizeRange, StageSize,
};
use dockerfile::stages::StageId;
use yew::prelude::*;

use super::Props;
use crate::state::{Action, Snapshot, Thing};

/// All that the panel shows, made once for each target of each text.
#[derive(PartialEq)]
struct Facts {
    config: Config,
    runtime: Runtime,
    layers: Layers,
    size: SizeEstimate,
    card: Option<BaseCard>,
}

#[component]
pub(crate) fn Image(props: &Props) -> Html {
    let state = &props.state;
    let facts = use_memo((state.drawn.clone(), state.shown().clone()), |(drawn, cut)| {
        let cut = cut.as_ref().ok()?;
        let graph = &drawn.graph;
        let layers = queries::layers(graph, cut.target);
        Some(Facts {
            config: queries::image(graph, cut.target)?,
            runtime: queries::runtime(graph, cut.target)?,
            card: layers.base.as_ref().and_then(queries::base_card),
            layers,
            size: queries::size_estimate(graph, cut),
        })
    });
    let Some(facts) = facts.as_ref() else {
        return html! { <p class="hint">{"There is no target, so there is no image."}</p> };
    };
    let name = state.shown_target().map(|target| state.drawn.graph.stages[target.0].display_name());
    html! {
        <div class="image-panel">
            <section aria-labelledby="image-config">
                <h2 id="image-config">{format!("The image of {}", name.unwrap_or_default())}</h2>
                { config(facts) }
            </section>
            <section aria-labelledby="image-size">
                <h2 id="image-size">{"Size, estimated"}</h2>
                { size(state, &facts.size) }
                { base(facts) }
            </section>
            <section aria-labelledby="image-layers">
                <h2 id="image-layers">{layers_title(&facts.layers)}</h2>
                { layers(state, &facts.layers) }
            </section>
        </div>
    }
}

fn config(facts: &Facts) -> Html {
    let Facts { config, runtime, .. } = facts;
    let words =
        |line: &Option<Vec<String>>| line.as_ref().map_or("none".to_owned(), |line| format!("{line:?}"));
    let or_none = |text: &String| if text.is_empty() { "none".to_owned() } else { text.clone() };
    let pairs = |pairs: &Vec<(String, String)>| {
        let lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.join("\n")
    };
    let row = |name: &str, value: Html| html! { <tr><th scope="row">{name}</th><td>{value}</td></tr> };
    let has_lists = |setting: &Setting<Vec<(String, String)>>| matches!(setting, Setting::Known(list) | Setting::OnBase(list) if !list.is_empty());
    let likely = |what: fn(&BaseCard) -> &Vec<&'static str>| {
        let words = facts.card.as_ref().map(what).filter(|words| !words.is_empty());
        words.map(|words| format!("{words:?}"))
    };
    html! {
        <table class="settings">
            <caption class="visually-hidden">{"What the image says of itself"}</caption>
            <tbody>
                { row("ENTRYPOINT", or_likely(&config.entrypoint, words, likely(|card| &card.entrypoint))) }
                { row("CMD", or_likely(&config.cmd, words, likely(|card| &card.cmd))) }
                { row("User", html! {
                    <>
                        {finding(&runtime.user)}
                        if runtime.is_root == Some(true) { <span class="tag warn">{"root"}</span> }
                    </>
                }) }
                { row("Shell", finding(&runtime.shell)) }
                { row("Directory", setting(&config.workdir, |path| if path.is_empty() { "/".to_owned() } else { path.clone() })) }
                { row("Ports", ports(runtime)) }
                if has_lists(&config.env) { { row("ENV", setting(&config.env, pairs)) } }
                if has_lists(&config.labels) { { row("Labels", setting(&config.labels, pairs)) } }
                if let Setting::Known(list) | Setting::OnBase(list) = &config.volumes {
                    if !list.is_empty() { { row("Volumes", html! { <code>{list.join(" ")}</code> }) } }
                }
                if let Setting::Known(Some(health)) = &config.healthcheck {
                    { row("Health check", html! { <code>{health.test.join(" ")}</code> }) }
                }
                if let Setting::Known(signal) = &config.stopsignal {
                    if !signal.is_empty() { { row("Stop signal", html! { <code>{or_none(signal)}</code> }) } }
                }
                if !config.onbuild.is_empty() { { row("ONBUILD", html! { <code>{config.onbuild.join("\n")}</code> }) } }
            </tbody>
        </table>
    }
}

fn setting<T>(setting: &Setting<T>, show: impl Fn(&T) -> String) -> Html {
    match setting {
        Setting::Known(value) => html! { <code>{show(value)}</code> },
        Setting::OnBase(value) => html! {
            <><code>{show(value)}</code><span class="unknown">{" and what the base image says"}</span></>
        },
        Setting::FromBase => html! { <span class="unknown">{"whatever the base image says"}</span> },
    }
}

/// What the base image is commonly known to say, where the file leaves it to that.
fn or_likely<T>(what: &Setting<T>, show: impl Fn(&T) -> String, likely: Option<String>) -> Html {
    match (what, likely) {
        (Setting::FromBase, Some(likely)) => {
            html! { <><code>{likely}</code><span class="tag">{"likely"}</span></> }
        }
        (Setting::Known(_) | Setting::OnBase(_) | Setting::FromBase, _) => setting(what, show),
    }
}

fn finding(finding: &Finding<String>) -> Html {
    let value = match &finding.fact {
        Fact::Is(value) => html! { <code>{value}</code> },
        Fact::Nothing => html! { <b>{"none"}</b> },
        Fact::Unknown => html! { <span class="unknown">{"unknown"}</span> },
    };
    let is_known = !matches!(finding.fact, Fact::Unknown);
    html! {
        <>
            {value}
            if is_known && !finding.certain { <span class="tag">{"likely"}</span> }
            <span class="why">{format!("{}.", finding.why.trim_end_matches('.'))}</span>
        </>
    }
}

fn ports(runtime: &Runtime) -> Html {
    let likely = &runtime.likely_ports;
    html! {
        <>
            if runtime.ports.is_empty() && likely.is_empty() {
                <span class={(!runtime.ports_known).then_some("unknown")}>
                    {if runtime.ports_known { "none" } else { "none in the file" }}
                </span>
            }
            <code>{runtime.ports.join(" ")}</code>
            if !likely.is_empty() {
                {" "}<code>{likely.join(" ")}</code><span class="tag">{"likely"}</span>
            }
        </>
    }
}

fn size(state: &Snapshot, estimate: &SizeEstimate) -> Html {
    let largest = estimate.single_stage.iter().chain([&estimate.image]).map(|it| extent(it.total)).max();
    let scale = |bytes: u64| 100.0 * bytes as f64 / largest.unwrap_or(1).max(1) as f64;
    let bar = |what: &StageSize, label: String, class: &'static str| {
        let (low, high) = (scale(what.total.low), what.total.high.map(scale));
        // What nobody knows fades out instead of ending.
        let open = high.is_none().then_some("open");
        html! {
            <div class={classes!("size-bar", class)}>
                <span class="label">{label}</span>
                <span class="track" aria-hidden="true">
                    <span class="low" style={format!("width:{low:.1}%")} />
                    <span class={classes!("high", open)} style={format!("width:{:.1}%", high.map_or(12.0, |high| high - low))} />
                </span>
                <b>{what.total.to_string()}</b>
            </div>
        }
    };
    let name = |stage: StageId| state.drawn.graph.stages[stage.0].display_name();
    html! {
        <>
            <p class="why plain">{format!("{}.", estimate.sentence.trim_end_matches('.'))}</p>
            { bar(&estimate.image, "this target".to_owned(), "target") }
            if let Some(single) = &estimate.single_stage {
                { bar(single, format!("shipping {}", name(single.stage)), "single") }
            }
            <details class="parts">
                <summary>{"What that is made of"}</summary>
                <table>
                    <caption class="visually-hidden">{"Parts of the estimate"}</caption>
                    <tbody>{ for estimate.image.parts.iter().map(|part| size_part(state, part)) }</tbody>
                </table>
            </details>
        </>
    }
}

/// How far a size reaches on a common scale; an open one a little over what is known.
fn extent(size: SizeRange) -> u64 {
    size.high.unwrap_or(size.low + size.low / 7)
}

fn size_part(state: &Snapshot, part: &SizePart) -> Html {
    html! {
        <tr>
            <td>{line_button(state, part.stage, part.step)}</td>
            <td><code>{&part.label}</code><span class="why">{format!("{}.", part.why.trim_end_matches('.'))}</span></td>
            <td class="figure">{part.size.to_string()}</td>
        </tr>
    }
}

/// The base image, as it is commonly known.
fn base(facts: &Facts) -> Html {
    let Some(card) = &facts.card else {
        return html! { <p class="hint">{"Nothing is commonly known of its base image."}</p> };
    };
    let fact = |fact: Fact<&'static str>| match fact {
        Fact::Is(value) => value,
        Fact::Nothing => "none",
        Fact::Unknown => "unknown",
    };
    let certificates = match card.certificates {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let rows = [
        ("System", fact(card.distribution)),
        ("C library", fact(card.libc)),
        ("Shell", fact(card.shell)),
        ("Packages", fact(card.packages)),
        ("CA certificates", certificates),
    ];
    html! {
        <div class="base-card">
            <h3>{"Base "}<code>{&card.reference}</code></h3>
            <dl>
                { for rows.into_iter().map(|(name, value)| html! { <><dt>{name}</dt><dd>{value}</dd></> }) }
                <dt>{"Size"}</dt>
                <dd>{format!("{}, {} to download", card.unpacked, card.compressed)}</dd>
            </dl>
            <p class="why plain">
                {format!("Commonly known, not looked up: {}. Sizes: {}, {}.", card.reason.trim_end_matches('.'), card.source.text(), card.as_of)}
            </p>
        </div>
    }
}

fn layers_title(layers: &Layers) -> String {
    match layers.count() {
        0 => "No layers of its own".to_owned(),
        1 => "1 layer on its base".to_owned(),
        n => format!("{n} layers on its base"),
    }
}

fn layers(state: &Snapshot, layers: &Layers) -> Html {
    let row = |row: &queries::LayerRow| {
        let what = match row.makes {
            Makes::Layer => "layer",
            Makes::LayerOrEmpty => "layer, or empty",
            Makes::EmptyLayer => "empty layer",
            Makes::Settings => "settings",
            Makes::Nothing => "nothing",
        };
        let class = match row.makes {
            Makes::Layer | Makes::LayerOrEmpty => "is-layer",
            Makes::EmptyLayer | Makes::Settings | Makes::Nothing => "no-layer",
        };
        let step = state.drawn.step(row.stage, row.step)?;
        Some(html! {
            <tr {class} title={row.why.clone()}>
                <td>{line_button(state, row.stage, row.step)}</td>
                <td class="cut"><code>{format!("{} {}", step.keyword, step.summary)}</code></td>
                <td class="figure">{what}</td>
            </tr>
        })
    };
    html! {
        <table class="layers">
            <caption class="visually-hidden">{"What each instruction makes"}</caption>
            <tbody>{ for layers.rows.iter().rev().filter_map(row) }</tbody>
        </table>
    }
}

/// A line's number, to be clicked.
pub(super) fn line_button(state: &Snapshot, stage: StageId, step: usize) -> Html {
    let Some(row) = state.drawn.step(stage, step) else { return html! {} };
    let dispatch = state.dispatcher();
    let onclick = move |_| dispatch.dispatch(Action::Select(Thing::Step(stage, step)));
    let label = format!("Line {}", row.lines.first);
    html! { <button class="origin" {onclick} aria-label={label}>{row.lines.first}</button> }
}
