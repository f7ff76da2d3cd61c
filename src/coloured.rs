//! A Dockerfile to be read, in the colours of the editor.

use dockerfile::syntax;
use dockerfile::syntax::highlight;
use yew::prelude::*;

/// The text, with a class for each token that has a colour.
pub(crate) fn coloured(text: &str) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    let mut end = 0;
    let between = |from: usize, to: usize| text.get(from..to).map(|it| html! { {it} });
    for token in highlight::tokens(text, &syntax::parse(text)) {
        let colour = token.kind.colour();
        if colour.is_empty() {
            continue;
        }
        parts.extend(between(end, token.range.start));
        let class = format!("tok-{colour}");
        parts.push(html! { <span {class}>{token.range.of(text)}</span> });
        end = token.range.end;
    }
    parts.extend(between(end, text.len()));
    parts.into_iter().collect()
}
