//! Pieces of a lesson as elements: texts, live Dockerfiles, links.

use protocol::OpenLesson;
use protocol::lessons::{Example, Part};
use protocol::link;
use yew::prelude::*;

use super::View;
use crate::browser::history;
use crate::coloured::coloured;
use crate::examples;
use crate::learning::{self, Link, Place};
use crate::markdown;
use crate::state::{Action, Check, Notice, Pane, Snapshot};

/// Some pieces.
pub(super) fn parts(view: &View, parts: &[Part]) -> Html {
    let part = |part: &Part| match part {
        Part::Text(markdown) => text(view, markdown),
        Part::Example(it) => example(view, it, "Try it", false),
    };
    parts.iter().map(part).collect()
}

/// A text in Markdown.
pub(super) fn text(view: &View, markdown: &str) -> Html {
    markdown::lesson(markdown, &|target, inner| link_to(view, target, inner))
}

/// A sentence with values in backticks.
pub(super) fn sentence(text: &str) -> Html {
    let part = |(at, part): (usize, &str)| match at % 2 {
        0 => html! { {part} },
        _ => html! { <code>{part}</code> },
    };
    text.split('`').enumerate().map(part).collect()
}

/// A Dockerfile, with what lies beside it, and a button that puts it into the editor.
pub(super) fn example(view: &View, example: &Example, title: &'static str, exercise: bool) -> Html {
    let onclick = {
        let (view, example) = (view.clone(), example.clone());
        move |_: MouseEvent| put(&view, &example, exercise)
    };
    html! {
        <div class="code">
            { beside(example) }
            <p class="file-name">
                {"Dockerfile"}
                if let Some(target) = &example.target { {", target "}<code>{target}</code> }
                if example.fails { <span class="tag">{"fails, on purpose"}</span> }
            </p>
            <pre tabindex="0">{ coloured(&example.dockerfile) }</pre>
            <button class="link" {onclick}>{title}</button>
        </div>
    }
}

/// What lies beside a Dockerfile.
fn beside(example: &Example) -> Html {
    let Some(context) = &example.context else { return Html::default() };
    let files = context.files.as_ref().map(|files| {
        let line = |file: &protocol::ContextFile| match file.size {
            // Sizes are told where the author has told them.
            Some(size) if size != 1000 => format!("{} ({})\n", file.path, bytes(size)),
            _ => format!("{}\n", file.path),
        };
        files.iter().map(line).collect::<String>()
    });
    html! {
        <>
            if let Some(ignore) = &context.ignore {
                <p class="file-name">{".dockerignore"}</p>
                <pre tabindex="0" class="beside">{ignore}</pre>
            }
            if let Some(files) = files {
                <p class="file-name">{"Files of the build context"}</p>
                <pre tabindex="0" class="beside">{files}</pre>
            }
        </>
    }
}

fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} kB", size / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", size / 1_000_000),
        _ => format!("{} GB", size / 1_000_000_000),
    }
}

/// Puts a Dockerfile into the editor. What was there can be had back: by undoing, and as a draft.
pub(super) fn put(view: &View, example: &Example, exercise: bool) {
    let View { state, place, put, .. } = view;
    let before = &state.analysis.text;
    let is_known =
        examples::is_one(before) || put.borrow().as_ref() == Some(before) || *before == example.dockerfile;
    let is_kept = !is_known && !before.trim().is_empty();
    if is_kept {
        history::set_aside(link::encode(&state.playground()));
    }
    *put.borrow_mut() = Some(example.dockerfile.clone());
    let text = |text: &Option<std::rc::Rc<str>>| text.as_deref().map(str::to_owned);
    let lesson = OpenLesson { workshop: text(&place.workshop), id: text(&place.id), exercise };
    state.dispatch(Action::Open(Box::new(learning::playground(example, Some(lesson)))));
    state.dispatch(Action::Show(Pane::Text));
    if is_kept {
        let text =
            "What was in the editor is kept among your drafts, and undoing brings it back too.".to_owned();
        state.dispatch(Action::Tell(Notice { text, is_error: false }));
    }
}

/// A link to a lesson.
pub(super) fn to_lesson(state: &Snapshot, place: &Place, inner: Html) -> Html {
    let onclick = {
        let (dispatch, place) = (state.dispatcher(), place.clone());
        move |event: MouseEvent| {
            // With these keys the browser opens it elsewhere.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                dispatch.dispatch(Action::Learn(place.clone()));
            }
        }
    };
    html! { <a href={place.query()} {onclick}>{inner}</a> }
}

/// What stands for a link of a lesson.
fn link_to(view: &View, target: &str, inner: Html) -> Html {
    match view.place.follow(target) {
        Link::Lesson(place) => to_lesson(&view.state, &place, inner),
        Link::Rule(rule) => {
            let dispatch = view.state.dispatcher();
            let onclick = move |_: MouseEvent| dispatch.dispatch(Action::Check(Check::Rule(rule)));
            html! { <button class="link" {onclick}>{inner}</button> }
        }
        Link::Web(href) => {
            let host = learning::host(&href).to_owned();
            html! {
                <a class="foreign" {href} target="_blank" rel="noopener noreferrer">
                    {inner}<span class="host">{format!(" ({host}, in a new tab)")}</span>
                </a>
            }
        }
        // What leads nowhere is read like the rest.
        Link::None => inner,
    }
}
