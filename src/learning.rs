//! Which lesson is open, where its text is, and where its links lead.
//!
//! Lessons come with the site, or from the folder of a workshop elsewhere. The texts of the latter are by anybody: what
//! is not known for sure to be a link of a harmless kind is no link.

use std::rc::Rc;

use dockerfile::checks::{self, Rule};
use protocol::lessons::Example;
use protocol::{OpenLesson, Playground};

use crate::opening;

/// The folder of the lessons that come with the site, relative to the page.
const OWN: &str = "lessons/";
/// What a file of a lesson ends in.
const ENDING: &str = ".md";
/// The file that lists the lessons of a folder.
pub(crate) const FRONT_PAGE: &str = "README.md";

/// What there is to say of lessons beside the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learning {
    /// Whether they are shown.
    pub(crate) is_open: bool,
    /// What is shown, or was when it was closed.
    pub(crate) place: Place,
    /// Whether the text is an answer to the exercise of the lesson.
    pub(crate) exercise: bool,
    /// Counts how often somebody went to a lesson; the focus goes along.
    pub(crate) visits: usize,
}

impl Learning {
    /// What a link says.
    pub(crate) fn of(open: &OpenLesson) -> Learning {
        let text = |text: &Option<String>| text.as_deref().map(Rc::from);
        let place = Place { workshop: text(&open.workshop), id: text(&open.id) };
        Learning { is_open: true, exercise: open.exercise && place.id.is_some(), place, visits: 0 }
    }

    /// What a link to it holds.
    pub(crate) fn linked(&self) -> Option<OpenLesson> {
        let Place { workshop, id } = &self.place;
        let text = |text: &Option<Rc<str>>| text.as_deref().map(str::to_owned);
        let open = OpenLesson { workshop: text(workshop), id: text(id), exercise: self.exercise };
        self.is_open.then_some(open)
    }
}

/// A lesson, or the list of lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The address of a workshop, as somebody gave it; `None` for the lessons of the site.
    pub(crate) workshop: Option<Rc<str>>,
    /// The name of the lesson's file without its ending; `None` for the list.
    pub(crate) id: Option<Rc<str>>,
}

impl Place {
    /// A lesson of the same folder, or the list.
    pub(crate) fn beside(&self, id: Option<&str>) -> Place {
        Place { workshop: self.workshop.clone(), id: id.map(Rc::from) }
    }

    /// The query of an address that opens it.
    pub(crate) fn query(&self) -> String {
        let parts = [("workshop", &self.workshop), ("lesson", &self.id)];
        let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let parts: Vec<String> = parts.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        // The list of the site's own lessons has no name of its own.
        if parts.is_empty() { "?lesson=".to_owned() } else { format!("?{}", parts.join("&")) }
    }

    /// The address of a file beside the lessons; the error is a sentence.
    pub(crate) fn file(&self, path: &str) -> Result<String, String> {
        let folder = match &self.workshop {
            Some(address) => folder(address)?,
            None => OWN.to_owned(),
        };
        Ok(folder + &path.split('/').map(encoded).collect::<Vec<_>>().join("/"))
    }

    /// Whose server the lessons are on, if it is another one.
    pub(crate) fn host(&self) -> Option<&str> {
        Some(host(self.workshop.as_deref()?))
    }

    /// Where a link of the lesson leads.
    pub(crate) fn follow(&self, target: &str) -> Link {
        if let Some(rule) = target.strip_prefix("rule:") {
            return checks::rule(rule).map_or(Link::None, Link::Rule);
        }
        let lower = target.to_ascii_lowercase();
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return Link::Web(target.to_owned());
        }
        let path = target.split(['#', '?']).next().unwrap_or_default();
        let path = path.strip_prefix("./").unwrap_or(path);
        let own = self.id.as_deref().unwrap_or_default();
        let folder = own.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let is_inside =
            !path.contains([':', '\\']) && path.split('/').all(|it| !matches!(it, "" | "." | ".."));
        match path.strip_suffix(ENDING).filter(|_| is_inside) {
            Some(_) if path == FRONT_PAGE && folder.is_empty() => Link::Lesson(self.beside(None)),
            Some(id) => Link::Lesson(self.beside(Some(&format!("{folder}{id}")))),
            None => Link::None,
        }
    }
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Link {
    /// To another lesson.
    Lesson(Place),
    /// To the page of a rule.
    Rule(&'static Rule),
    /// To another site.
    Web(String),
    /// Nowhere that anybody is sent to.
    None,
}

/// How far somebody is with a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Begun,
    Done,
}

impl Mark {
    pub(crate) const ALL: [Mark; 2] = [Mark::Begun, Mark::Done];

    /// Under which it is kept; never reused.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Mark::Begun => "begun",
            Mark::Done => "done",
        }
    }
}

/// The name of a lesson by its file.
pub(crate) fn id_of(path: &str) -> &str {
    path.strip_suffix(ENDING).unwrap_or(path)
}

/// The file of a lesson by its name.
pub(crate) fn path_of(id: &str) -> String {
    format!("{id}{ENDING}")
}

/// What an example comes to in the playground.
pub(crate) fn playground(example: &Example, lesson: Option<OpenLesson>) -> Playground {
    let Example { dockerfile, target, context, .. } = example.clone();
    Playground { dockerfile, target, context, lesson, ..Playground::default() }
}

/// The host of an address.
pub(crate) fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // What stands in front of a sign like this is a user, however much it looks like a host.
    host.rsplit('@').next().unwrap_or_default()
}

/// The folder that the address of a workshop stands for, with a slash behind it.
fn folder(address: &str) -> Result<String, String> {
    let trimmed = address.trim();
    let file = opening::address(trimmed)?;
    let is_github = matches!(host(trimmed), "github.com" | "www.github.com");
    if matches!(host(trimmed), "gitlab.com" | "gist.github.com") {
        return Err(format!(
            "{} does not let other pages read folders. Put the lessons elsewhere.",
            host(trimmed)
        ));
    }
    // A page that shows a folder there stands for the Dockerfile in it.
    let file = if is_github { file.strip_suffix("Dockerfile").unwrap_or(&file) } else { &file };
    let file = file.split(['?', '#']).next().unwrap_or_default();
    let folder = match file.rsplit_once('/') {
        Some((folder, name)) if name.ends_with(ENDING) => folder,
        _ => file.trim_end_matches('/'),
    };
    Ok(format!("{folder}/"))
}

/// A part of an address in which nothing means anything but itself.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(workshop: Option<&str>, id: Option<&str>) -> Place {
        Place { workshop: workshop.map(Rc::from), id: id.map(Rc::from) }
    }

    #[test]
    fn links_within_a_folder_lead_to_lessons() {
        let here = place(None, Some("03-copy-from"));
        assert_eq!(here.follow("05-targets.md"), Link::Lesson(place(None, Some("05-targets"))));
        assert_eq!(here.follow("./05-targets.md#try"), Link::Lesson(place(None, Some("05-targets"))));
        assert_eq!(here.follow("README.md"), Link::Lesson(place(None, None)));
        let deeper = place(Some("https://a.org/w"), Some("one/first"));
        assert_eq!(deeper.follow("second.md"), Link::Lesson(deeper.beside(Some("one/second"))));
    }

    #[test]
    fn links_elsewhere_are_of_the_web_or_none() {
        let here = place(Some("https://a.org/w"), Some("x"));
        assert_eq!(here.follow("HTTPS://b.org/?x"), Link::Web("HTTPS://b.org/?x".to_owned()));
        assert!(matches!(here.follow("rule:UnnamedStage"), Link::Rule(_)));
        for none in [
            "javascript:alert(1)",
            "JavaScript:alert(1)//.md",
            "java\nscript:x.md",
            "data:text/html,x.md",
            "vbscript:x",
            "//evil.org/x.md",
            "/x.md",
            "\\\\evil.org\\x.md",
            "../x.md",
            "a/../../x.md",
            "x.html",
            "",
            "#top",
            "rule:Nothing",
            " https://b.org",
            "blob:https://b.org/x.md",
            "file:///x.md",
            "mailto:a@b.org",
        ] {
            assert_eq!(here.follow(none), Link::None, "{none:?}");
        }
    }

    #[test]
    fn a_workshop_is_a_folder() {
        let readme = |address: &str| place(Some(address), None).file(FRONT_PAGE);
        for (address, file) in [
            ("https://a.org/w", "https://a.org/w/README.md"),
            ("https://a.org/w/", "https://a.org/w/README.md"),
            ("a.org/w/README.md?x=y", "https://a.org/w/README.md"),
            (
                "https://github.com/o/r/tree/main/lessons",
                "https://raw.githubusercontent.com/o/r/main/lessons/README.md",
            ),
            ("https://github.com/o/r", "https://raw.githubusercontent.com/o/r/HEAD/README.md"),
            (
                "https://github.com/o/r/blob/v1/w/README.md",
                "https://raw.githubusercontent.com/o/r/v1/w/README.md",
            ),
        ] {
            assert_eq!(readme(address), Ok(file.to_owned()), "{address}");
        }
        for wrong in ["", "nothing", "javascript:alert(1)", "file:///etc", "https://gitlab.com/a/b"] {
            assert!(readme(wrong).is_err(), "{wrong}");
        }
        assert_eq!(place(None, None).file("a b?#.md"), Ok("lessons/a%20b%3F%23.md".to_owned()));
    }

    #[test]
    fn an_address_names_the_host_that_is_asked() {
        assert_eq!(host("https://a.org@b.org/x@c"), "b.org");
        assert_eq!(host("https://a.org:8080/"), "a.org:8080");
    }

    #[test]
    fn the_query_of_a_place_is_one_value_each() {
        assert_eq!(place(None, Some("a&b=c")).query(), "?lesson=a%26b%3Dc");
        assert_eq!(place(Some("https://a.org/w"), None).query(), "?workshop=https://a.org/w");
        assert_eq!(place(None, None).query(), "?lesson=");
    }
}
