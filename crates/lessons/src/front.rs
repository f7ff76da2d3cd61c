//! A workshop: a folder of lessons, and the page in front of them.
//!
//! The page is the `README.md` of the folder, which code hosts show by themselves. Its title is that of the workshop, and
//! the lessons are the files that its lists link to, in that order. Other links are just links. Surprising: a folder
//! without that page is a workshop too; its lessons are in the order of their names.

use dockerfile::text::TextRange;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::Problem;
use crate::lesson::MAX_LESSON;

/// Lessons of one workshop.
const MAX_LESSONS: usize = 200;

/// A workshop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workshop {
    /// What it is called.
    pub title: String,
    /// What stands between the title and the next heading or list, in Markdown.
    pub about: String,
    /// Its lessons, in order.
    pub lessons: Vec<Entry>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A lesson of a workshop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the page calls it.
    pub title: String,
    /// Its file, relative to the folder.
    pub path: String,
    /// The heading of the page that it stands under; empty if there is none.
    pub section: String,
    /// Where the link stands.
    pub range: TextRange,
}

impl Workshop {
    /// The file that is the front page.
    pub const FRONT_PAGE: &'static str = "README.md";

    /// Reads a front page.
    pub fn read(text: &str) -> Workshop {
        let mut workshop = Workshop::default();
        if text.len() > MAX_LESSON {
            let message = format!("A front page has {} kB at most", MAX_LESSON / 1000);
            workshop.problems.push(Problem::new(TextRange::empty(0), message));
            return workshop;
        }
        let mut depth = 0_usize;
        let (mut is_title, mut is_section) = (false, false);
        let mut section = String::new();
        // Where what stands below the title begins; taken when it ends.
        let mut about = None;
        let mut open: Option<Entry> = None;
        for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => {
                    is_title = workshop.title.is_empty();
                }
                Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                    workshop.end_about(text, &mut about, range.start);
                    section.clear();
                    is_section = true;
                }
                Event::End(TagEnd::Heading(_)) => {
                    if std::mem::take(&mut is_title) {
                        about = Some(range.end);
                    }
                    is_section = false;
                }
                Event::Start(Tag::List(_)) => {
                    workshop.end_about(text, &mut about, range.start);
                    depth += 1;
                }
                Event::End(TagEnd::List(_)) => depth = depth.saturating_sub(1),
                Event::Start(Tag::Link { dest_url, .. }) if depth > 0 && is_lesson(&dest_url) => {
                    let range = TextRange::new(range.start, range.end);
                    let path = dest_url.trim_start_matches("./").to_owned();
                    open = Some(Entry { title: String::new(), path, section: section.clone(), range });
                }
                Event::End(TagEnd::Link) => {
                    if let Some(entry) = open.take() {
                        workshop.add(entry);
                    }
                }
                Event::Text(text) | Event::Code(text) => {
                    if is_title {
                        workshop.title.push_str(&text);
                    }
                    if is_section {
                        section.push_str(&text);
                    }
                    if let Some(entry) = &mut open {
                        entry.title.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        let start = TextRange::empty(0);
        if workshop.title.is_empty() {
            let problem = Problem::new(start, "This front page has no title");
            workshop.problems.push(problem.help("Begin it with a line such as '# Multi-stage builds'"));
        }
        if workshop.lessons.is_empty() {
            let problem = Problem::new(start, "This front page lists no lessons");
            let help = "Link to them in a list: '1. [The first one](01-first.md)'";
            workshop.problems.push(problem.help(help));
        }
        workshop
    }

    fn end_about(&mut self, text: &str, start: &mut Option<usize>, end: usize) {
        if let Some(about) = start.take().and_then(|start| text.get(start..end)) {
            self.about = about.trim().to_owned();
        }
    }

    fn add(&mut self, entry: Entry) {
        let is_again = self.lessons.iter().any(|it| it.path == entry.path);
        let is_outside = entry.path.starts_with('/') || entry.path.split('/').any(|part| part == "..");
        let message = match (is_again, is_outside, self.lessons.len() == MAX_LESSONS) {
            (true, ..) => format!("'{}' is listed twice", entry.path),
            (_, true, _) => format!("'{}' is outside of the folder of the lessons", entry.path),
            (.., true) => format!("A workshop has {MAX_LESSONS} lessons at most"),
            (false, false, false) => return self.lessons.push(entry),
        };
        self.problems.push(Problem::new(entry.range, message));
    }

    /// A front page with one more lesson, behind the last of them.
    pub fn with(text: &str, title: &str, path: &str) -> String {
        let last = Workshop::read(text).lessons.pop();
        let Some(last) = last else { return format!("{}\n\n1. [{title}]({path})\n", text.trim_end()) };
        let start = text[..last.range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[last.range.end..].find('\n').map_or(text.len(), |at| last.range.end + at);
        let marker = &text[start..last.range.start];
        let number = marker.trim().trim_end_matches(['.', ')']).parse::<u32>();
        let marker = match number {
            Ok(number) => marker.replacen(&number.to_string(), &(number + 1).to_string(), 1),
            Err(_) => marker.to_owned(),
        };
        format!("{}\n{marker}[{title}]({path}){}", &text[..end], &text[end..])
    }
}

/// Whether a link leads to a file beside the page.
fn is_lesson(target: &str) -> bool {
    target.ends_with(".md") && !target.contains(':')
}
