//! The pages of the rules and the texts of lessons, from Markdown to elements.
//!
//! pulldown-cmark reads them; its events become elements of the application, so that an example in a page can have a
//! button, and nothing is ever handed to the browser as HTML. Surprising: lines of carets in a Dockerfile are what is
//! found there, and are shown as such.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use serde_json::Value;
use yew::prelude::*;

/// A page. `open` gets the text of an example that somebody wants to try.
pub(crate) fn page(markdown: &str, open: &Callback<String>) -> Html {
    let mut page = Page { events: Parser::new(markdown), kind: Kind::Rule(open), depth: 0 };
    let parts = page.parts(None);
    html! { <div class="markdown">{parts}</div> }
}

/// A piece of a lesson, which may be by anybody. `link` makes what stands for a link of its target and what is in it.
pub(crate) fn lesson(markdown: &str, link: &dyn Fn(&str, Html) -> Html) -> Html {
    Page { events: Parser::new(markdown), kind: Kind::Lesson(link), depth: 0 }.parts(None)
}

/// A text as a tree for the editor's boxes: a list of elements, each a list of its name and of what is in it, texts as
/// texts.
pub(crate) fn tree(markdown: &str) -> Value {
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    for event in Parser::new(markdown) {
        let leaf = match event {
            Event::Start(tag) => {
                let name = match tag {
                    Tag::Paragraph => "p",
                    Tag::Heading { .. } | Tag::Strong => "strong",
                    Tag::List(Some(_)) => "ol",
                    Tag::List(None) => "ul",
                    Tag::Item => "li",
                    Tag::Emphasis => "em",
                    Tag::CodeBlock(_) => "pre",
                    _ => "span",
                };
                open.push(vec![Value::from(name)]);
                continue;
            }
            Event::End(_) => match open.pop() {
                Some(element) => Value::from(element),
                None => continue,
            },
            Event::Text(text) => Value::from(text.as_ref()),
            Event::Code(code) => Value::from(vec!["code", &code]),
            Event::SoftBreak => Value::from(" "),
            _ => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.push(leaf),
            None => open.push(vec![leaf]),
        }
    }
    open.pop().map_or(Value::Null, Value::from)
}

/// What is nested deeper is text alone; nobody reads it, and elements cost stack.
const MAX_DEPTH: usize = 24;

struct Page<'p> {
    events: Parser<'p>,
    kind: Kind<'p>,
    depth: usize,
}

/// Of what a page is.
#[derive(Clone, Copy)]
enum Kind<'p> {
    /// Of a rule: examples can be opened.
    Rule(&'p Callback<String>),
    /// Of a lesson: HTML is the text that it is, and pictures are their words.
    Lesson(&'p dyn Fn(&str, Html) -> Html),
}

impl Page<'_> {
    /// Everything up to the end of the tag that is open.
    fn parts(&mut self, until: Option<TagEnd>) -> Html {
        let mut parts: Vec<Html> = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(end) if Some(end) == until => break,
                Event::Start(tag) => parts.push(self.element(tag)),
                Event::Text(text) => parts.push(html! { {text.as_ref()} }),
                Event::Code(code) => parts.push(html! { <code>{code.as_ref()}</code> }),
                Event::SoftBreak => parts.push(html! { {" "} }),
                Event::HardBreak => parts.push(html! { <br /> }),
                Event::Rule => parts.push(html! { <hr /> }),
                Event::Html(text) | Event::InlineHtml(text) if matches!(self.kind, Kind::Lesson(_)) => {
                    parts.push(html! { {text.as_ref()} });
                }
                Event::End(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::FootnoteReference(_)
                | Event::TaskListMarker(_) => {}
            }
        }
        parts.into_iter().collect()
    }

    fn element(&mut self, tag: Tag<'_>) -> Html {
        if self.depth == MAX_DEPTH {
            return html! { {self.text()} };
        }
        self.depth += 1;
        let element = self.made(tag);
        self.depth -= 1;
        element
    }

    /// The text of everything up to the end of the tag that is open.
    fn text(&mut self) -> String {
        let (mut text, mut depth) = (String::new(), 1_usize);
        for event in self.events.by_ref() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(part) | Event::Code(part) => text.push_str(&part),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        text
    }

    fn made(&mut self, tag: Tag<'_>) -> Html {
        let end = tag.to_end();
        match tag {
            Tag::CodeBlock(kind) => self.code(&kind),
            Tag::Heading { level, .. } => {
                let parts = self.parts(Some(end));
                // A page stands below a heading of the panel, a piece of a lesson below its title.
                match (level, self.kind) {
                    (HeadingLevel::H1, Kind::Rule(_)) => html! { <h3>{parts}</h3> },
                    (_, Kind::Rule(_)) | (HeadingLevel::H1 | HeadingLevel::H2, _) => {
                        html! { <h4>{parts}</h4> }
                    }
                    (HeadingLevel::H3, _) => html! { <h5>{parts}</h5> },
                    (_, _) => html! { <h6>{parts}</h6> },
                }
            }
            Tag::Link { dest_url, .. } => {
                let parts = self.parts(Some(end));
                if let Kind::Lesson(link) = self.kind {
                    return link(&dest_url, parts);
                }
                let href = dest_url.to_string();
                html! { <a {href} target="_blank" rel="noopener">{parts}</a> }
            }
            Tag::Image { .. } => html! { <em>{self.parts(Some(end))}</em> },
            tag => {
                let parts = self.parts(Some(end));
                match tag {
                    Tag::List(Some(_)) => html! { <ol>{parts}</ol> },
                    Tag::List(None) => html! { <ul>{parts}</ul> },
                    Tag::Item => html! { <li>{parts}</li> },
                    Tag::Emphasis => html! { <em>{parts}</em> },
                    Tag::Strong => html! { <strong>{parts}</strong> },
                    Tag::BlockQuote(_) => html! { <blockquote>{parts}</blockquote> },
                    _ => html! { <p>{parts}</p> },
                }
            }
        }
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Html {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(part) => text.push_str(&part),
                Event::End(TagEnd::CodeBlock) => break,
                _ => {}
            }
        }
        let kind = match kind {
            CodeBlockKind::Fenced(kind) => kind.as_ref(),
            CodeBlockKind::Indented => "",
        };
        let Kind::Rule(open) = self.kind else {
            return html! { <div class="code"><pre tabindex="0">{text}</pre></div> };
        };
        if kind.split(' ').next() != Some("dockerfile") {
            let title = (!kind.is_empty()).then(|| html! { <p class="file-name">{file_name(kind)}</p> });
            return html! { <div class="code">{title}<pre tabindex="0">{text}</pre></div> };
        }
        let plain: String = text.split_inclusive('\n').filter(|line| !is_of_carets(line)).collect();
        let onclick = {
            let open = open.clone();
            move |_| open.emit(plain.clone())
        };
        html! {
            <div class="code">
                <pre tabindex="0">{ for text.split_inclusive('\n').map(line) }</pre>
                <button class="link" {onclick}>{"Open this example"}</button>
            </div>
        }
    }
}

/// What a block that is no Dockerfile shows.
fn file_name(kind: &str) -> &str {
    match kind {
        "dockerignore" => ".dockerignore",
        "context" => "Files in the build context",
        kind => kind,
    }
}

fn is_of_carets(line: &str) -> bool {
    line.trim_start().starts_with('^')
}

fn line(line: &str) -> Html {
    if !is_of_carets(line) {
        return html! { {line} };
    }
    let indent = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(indent);
    let (carets, message) = rest.split_at(rest.find(|it| it != '^').unwrap_or(rest.len()));
    html! { <>{blank}<span class="carets">{carets}</span><span class="finding">{message}</span></> }
}

#[cfg(test)]
mod tests {
    use dockerfile::checks;

    use super::*;

    #[test]
    fn a_tree_holds_texts_alone() {
        let tree = tree("A `b` of\n**c**:\n\n- <i>d</i>\n");
        assert_eq!(
            tree.to_string(),
            r#"[["p","A ",["code","b"]," of"," ",["strong","c"],":"],["ul",["li","d"]]]"#
        );
    }

    #[test]
    fn every_page_is_of_what_is_shown() {
        for rule in checks::rules() {
            for event in Parser::new(rule.page) {
                let is_unknown = matches!(
                    event,
                    Event::Html(_)
                        | Event::InlineHtml(_)
                        | Event::FootnoteReference(_)
                        | Event::TaskListMarker(_)
                ) || matches!(event, Event::Start(Tag::Table(_) | Tag::Image { .. }));
                assert!(!is_unknown, "{}: {event:?} is not shown", rule.name);
            }
        }
    }
}
