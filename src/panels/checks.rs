//! What is wrong or could be better: everything at once, one problem with the ways to mend it, or the page of a rule.

use dockerfile::checks::{self, Level, Origin, Rule};
use dockerfile::edit::{self, Fix, Safety};
use protocol::Playground;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::Props;
use super::diff::diff;
use super::problems::{counted, row};
use crate::analysis::Problem;
use crate::browser::clipboard;
use crate::markdown;
use crate::state::{Action, Check, Notice, Snapshot};

/// Longer lists help nobody.
const MAX_SHOWN: usize = 200;

#[component]
pub(crate) fn Checks(props: &Props) -> Html {
    let state = &props.state;
    match &state.check {
        Check::All => html! { <All state={state.clone()} /> },
        Check::Rule(rule) => html! { <>{ back(state) }{ page(state, rule) }</> },
        Check::Problem(..) => match state.problem() {
            Some(problem) => one(state, problem),
            None => html! {
                <>
                    { back(state) }
                    <p class="message" role="status">{"This is not found any more."}</p>
                </>
            },
        },
    }
}

/// Back to everything.
fn back(state: &Snapshot) -> Html {
    let dispatch = state.dispatcher();
    let onclick = move |_| dispatch.dispatch(Action::Check(Check::All));
    html! { <p class="back"><button class="link" {onclick}>{"← All checks"}</button></p> }
}

#[component]
fn All(props: &Props) -> Html {
    let state = &props.state;
    let group = |title: &str, level: Level| {
        let numbered = state.problems.iter().enumerate();
        let found: Vec<_> = numbered.filter(|(_, problem)| problem.kind.level() == level).collect();
        if found.is_empty() {
            return Html::default();
        }
        let rest = found.len().saturating_sub(MAX_SHOWN);
        html! {
            <section>
                <h2>{format!("{title} ({})", found.len())}</h2>
                <ol class="found">
                    { for found.iter().take(MAX_SHOWN).map(|(place, it)| row(state, *place, it, state.dispatcher())) }
                </ol>
                if rest > 0 { <p class="more">{format!("and {rest} more")}</p> }
            </section>
        }
    };
    html! {
        <div class="checks">
            if state.problems.is_empty() {
                <p class="lead">
                    {format!("Nothing found. {} rules were asked, for the target that is chosen.", checks::rules().count())}
                </p>
            }
            { all_safe(state) }
            { group("Errors", Level::Error) }
            { group("Warnings", Level::Warning) }
            { group("Good to know", Level::Info) }
            <details class="rules">
                <summary>{format!("All {} rules", checks::rules().count())}</summary>
                { rules(state, "Of our own", Origin::Stagelight) }
                { rules(state, &format!("BuildKit's build checks, as of {}", checks::buildkit::VERSION), Origin::BuildKit) }
            </details>
        </div>
    }
}

/// Mends all that can be mended without changing what is built.
fn all_safe(state: &Snapshot) -> Html {
    let Some((n, edit)) = state.analysis.fix_all(state.lens.target.as_deref()) else {
        return Html::default();
    };
    let fix = Fix::safe(format!("Mend {} safely", counted(n, "finding")), vec![edit]);
    folded(state, &fix)
}

/// A change, with what it does behind a fold.
pub(crate) fn folded(state: &Snapshot, fix: &Fix) -> Html {
    html! {
        <section class="fix">
            { fix_head(state, fix, false) }
            <details><summary>{"What it changes"}</summary>{ changed_lines(&state.analysis.text, &fix.edits) }</details>
        </section>
    }
}

/// The rules of an origin, each leading to its page.
fn rules(state: &Snapshot, title: &str, origin: Origin) -> Html {
    let item = |rule: &'static Rule| {
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Check(Check::Rule(rule)));
        html! {
            <li>
                <button class="link" {onclick}>{rule.name}</button>
                <span class="level">{rule.level.word()}</span>
                <span class="todo">{rule.description}</span>
            </li>
        }
    };
    html! {
        <>
            <h3>{title}</h3>
            <ul class="rule-list">{ for checks::rules().filter(|rule| rule.origin == origin).map(item) }</ul>
        </>
    }
}

/// One problem.
fn one(state: &Snapshot, problem: &Problem) -> Html {
    let go = |offset: usize, words: String| {
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::GoTo(offset));
        html! { <button class="link" {onclick}>{words}</button> }
    };
    let level = problem.kind.level();
    let labels = problem.finding.as_ref().map_or(&[][..], |finding| &finding.labels);
    let answers = state.analysis.answers(state.target_cut(), problem);
    html! {
        <div class="checks one" data-rule={problem.rule().map_or("", |rule| rule.name)}>
            { back(state) }
            <h2 class={classes!("what", level.word())}>
                <span class="level">{level.word()}</span>{&problem.message}
            </h2>
            if let Some(help) = &problem.help { <p class="lead">{help}</p> }
            <p class="places">
                { go(problem.range.start, format!("Line {}, column {}", problem.at.line, problem.at.column)) }
                { for labels.iter().map(|label| {
                    let at = state.analysis.line_col(label.range.start);
                    html! { <>{" · "}{ go(label.range.start, format!("Line {}: {}", at.line, label.text)) }</> }
                }) }
            </p>
            { for answers.fixes.iter().enumerate().map(|(nth, fix)| fix_view(state, fix, nth == 0)) }
            if let Some(text) = answers.starter { { starter(state, text) } }
            { silence(state, answers.silence) }
            if let Some(rule) = problem.rule() { { page(state, rule) } }
        </div>
    }
}

/// A way to mend it, with what it changes.
fn fix_view(state: &Snapshot, fix: &Fix, is_first: bool) -> Html {
    html! {
        <section class="fix">
            { fix_head(state, fix, is_first) }
            { changed_lines(&state.analysis.text, &fix.edits) }
        </section>
    }
}

/// The button of a change, and why one may want to think about it.
fn fix_head(state: &Snapshot, fix: &Fix, is_first: bool) -> Html {
    let onclick = {
        let (dispatch, of, edits) = (state.dispatcher(), state.analysis.clone(), fix.edits.clone());
        move |_| dispatch.dispatch(Action::Apply(of.clone(), edits.clone()))
    };
    let because = match &fix.safety {
        Safety::Safe => "What is built stays the same".to_owned(),
        Safety::Asks(because) => because.trim_end_matches('.').to_owned(),
    };
    html! {
        <div class="fix-head">
            <button class={classes!("control", is_first.then_some("primary"))} {onclick}>{&fix.title}</button>
            <span class="todo">{because}{"."}</span>
        </div>
    }
}

/// What edits change, line by line.
fn changed_lines(text: &str, edits: &[edit::TextEdit]) -> Html {
    edit::apply(text, edits).map_or_else(Html::default, |after| diff(text, &after, "What it changes"))
}

/// A `.dockerignore` to begin with, to be copied: it is another file than the one that is edited.
fn starter(state: &Snapshot, text: String) -> Html {
    let onclick = {
        let (state, text) = (state.clone(), text.clone());
        move |_| {
            let (state, text) = (state.clone(), text.clone());
            spawn_local(async move {
                let (text, is_error) = match clipboard::copy(text).await {
                    true => ("Copied. Save it as .dockerignore at the root of the build context.", false),
                    false => ("The browser did not allow to copy; select the text and copy it.", true),
                };
                state.dispatch(Action::Tell(Notice { text: text.to_owned(), is_error }));
            });
        }
    };
    html! {
        <section class="fix">
            <div class="fix-head">
                <button class="control primary" {onclick}>{"Copy a .dockerignore to begin with"}</button>
                <span class="todo">{"It leaves out what builds rarely need, and nothing that a COPY names."}</span>
            </div>
            <pre class="diff plain" tabindex="0">{text}</pre>
        </section>
    }
}

/// How to silence a rule, here and in the whole file.
fn silence(state: &Snapshot, ways: Vec<Fix>) -> Html {
    let button = |title: &str, edits: Vec<edit::TextEdit>| {
        let (dispatch, of) = (state.dispatcher(), state.analysis.clone());
        let onclick = move |_| dispatch.dispatch(Action::Apply(of.clone(), edits.clone()));
        html! { <button class="control" {onclick}>{title}</button> }
    };
    if ways.is_empty() {
        return Html::default();
    }
    html! {
        <p class="silence">
            <span class="todo">{"Is it meant? "}</span>
            { for ways.into_iter().map(|fix| button(&fix.title, fix.edits)) }
        </p>
    }
}

/// The page of a rule.
fn page(state: &Snapshot, rule: &'static Rule) -> Html {
    let dispatch = state.dispatcher();
    let open = Callback::from(move |dockerfile: String| {
        let panel = Some("checks".to_owned());
        let playground = Playground { dockerfile, panel, ..Playground::default() };
        dispatch.dispatch(Action::Open(Box::new(playground)));
    });
    let whose = match rule.origin {
        Origin::BuildKit => format!("A build check of BuildKit, as of {}", checks::buildkit::VERSION),
        Origin::Stagelight => "A rule of Stagelight; BuildKit does not know it".to_owned(),
    };
    let needs = rule.needs.map(|needs| format!(" It takes {needs} to check it."));
    html! {
        <article class="rule-page">
            { markdown::page(rule.page, &open) }
            <p class="todo">{whose}{"."}{needs}</p>
        </article>
    }
}
