//! A Dockerfile to be read, in the colours of the editor.

use dockerfile::syntax;
use dockerfile::syntax::highlight::{self, TokenKind};
use yew::prelude::*;

/// The text, with a class for each token that has a colour.
pub(crate) fn coloured(text: &str) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    let mut end = 0;
    let between = |from: usize, to: usize| text.get(from..to).map(|it| html! { {it} });
    for token in highlight::tokens(text, &syntax::parse(text)) {
        let Some(class) = class(token.kind) else { continue };
        parts.extend(between(end, token.range.start));
        parts.push(html! { <span {class}>{token.range.of(text)}</span> });
        end = token.range.end;
    }
    parts.extend(between(end, text.len()));
    parts.into_iter().collect()
}

/// The class of a token in the style sheet.
fn class(kind: TokenKind) -> Option<&'static str> {
    Some(match kind {
        TokenKind::Whitespace | TokenKind::Text | TokenKind::FlagValue => return None,
        TokenKind::Keyword => "tok-keyword",
        TokenKind::Directive => "tok-directive",
        TokenKind::Comment => "tok-comment",
        TokenKind::FlagName => "tok-flag",
        TokenKind::String | TokenKind::Number => "tok-string",
        TokenKind::Variable => "tok-variable",
        TokenKind::Operator | TokenKind::Punctuation | TokenKind::Continuation => "tok-punctuation",
        TokenKind::HeredocMarker | TokenKind::HeredocBody => "tok-heredoc",
        TokenKind::StageName => "tok-stage",
        TokenKind::ImageName => "tok-image",
        TokenKind::Error => "tok-error",
    })
}
