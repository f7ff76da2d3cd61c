//! Fields whose text belongs to the state: what is typed goes there, and comes back later.

use std::collections::VecDeque;

use yew::prelude::*;

use crate::browser::events;

/// Keeps the text of the field called `id` as it is `written` in the state, and gives what is typed to `change`.
///
/// The panel may be behind the keyboard: what comes back of what was typed is known, and takes no letters away.
#[hook]
pub(crate) fn use_field(
    id: impl Into<AttrValue>,
    written: impl Into<AttrValue>,
    change: impl Fn(String) + 'static,
) -> impl Fn(InputEvent) + 'static {
    let typed = use_mut_ref(VecDeque::<String>::new);
    let fill = typed.clone();
    use_effect_with((id.into(), written.into()), move |(id, written)| {
        let mut typed = fill.borrow_mut();
        match typed.iter().position(|it| *it == **written) {
            Some(at) => drop(typed.drain(..=at)),
            None => {
                typed.clear();
                events::set_text(id, written);
            }
        }
    });
    move |event: InputEvent| {
        let text = events::text(&event);
        typed.borrow_mut().push_back(text.clone());
        change(text);
    }
}

#[derive(Properties, PartialEq)]
pub(crate) struct FieldProps {
    pub(crate) id: AttrValue,
    /// What is written in it.
    pub(crate) value: AttrValue,
    pub(crate) placeholder: AttrValue,
    pub(crate) change: Callback<String>,
}

/// A field of one line.
#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    let FieldProps { id, value, placeholder, change } = props;
    let change = change.clone();
    let oninput = use_field(id.clone(), value.clone(), move |text| change.emit(text));
    html! { <input id={id.clone()} class="control" spellcheck="false" autocomplete="off" placeholder={placeholder.clone()} {oninput} /> }
}
