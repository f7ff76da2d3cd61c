//! A lesson as it is read: text, live examples, and an exercise.
//!
//! A lesson is plain Markdown; four headings of the second level mean something: Exercise, Goals, Hints and Solution.
//! A Dockerfile is live if it stands in a block of ```` ```dockerfile ```` that is in nothing else. Surprising: a listing
//! of files and a `.dockerignore` are about the next Dockerfile, but in the exercise and in the solution about the one
//! that is there; and a solution without them has those of the exercise. HTML is text.

use std::ops::Range;

use dockerfile::context::BuildContext;
use dockerfile::text::TextRange;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::example::{Example, listing};
use crate::goal::{self, Goal};
use crate::{Problem, goal::Piece};

/// Bytes of a lesson; nobody reads a longer one.
pub(crate) const MAX_LESSON: usize = 200_000;
/// Goals of one exercise.
const MAX_GOALS: usize = 40;
/// Bytes of one Dockerfile in it.
const MAX_DOCKERFILE: usize = 50_000;

/// A lesson.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    /// What it is called.
    pub title: String,
    /// What comes before the exercise.
    pub parts: Vec<Part>,
    /// What is to be done; `None` for a lesson that is only read.
    pub exercise: Option<Exercise>,
    /// What comes behind the exercise under a heading of its own.
    pub after: Vec<Part>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    pub(crate) links: Vec<(TextRange, String)>,
    /// Where the title stands.
    pub(crate) title_range: TextRange,
}

/// A piece of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text in Markdown, from here to there in the lesson.
    Text(TextRange),
    /// A live Dockerfile.
    Example(Example),
}

/// What is to be done.
#[derive(Clone, Debug, Default)]
pub struct Exercise {
    /// What is asked for; the Dockerfile is not among it.
    pub task: Vec<Part>,
    /// What the learner begins with.
    pub start: Example,
    /// What stands above the goals.
    pub about_goals: Vec<Part>,
    /// What the learner's Dockerfile has to come to.
    pub goals: Vec<Goal>,
    /// Help, the least of it first.
    pub hints: Vec<Hint>,
    /// A Dockerfile that meets all goals.
    pub solution: Example,
    /// What is said about it.
    pub about_solution: Vec<Part>,
    /// Where the headings of its four sections stand; empty for one that is not there.
    pub(crate) headings: [TextRange; 4],
    pub(crate) has_start: bool,
    pub(crate) has_solution: bool,
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// It, in Markdown.
    pub text: String,
    /// Where it stands.
    pub range: TextRange,
}

/// What a part of a lesson is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Text,
    Exercise,
    Goals,
    Hints,
    Solution,
    After,
}

impl Section {
    const NAMED: [(&'static str, Section); 4] = [
        ("exercise", Section::Exercise),
        ("goals", Section::Goals),
        ("hints", Section::Hints),
        ("solution", Section::Solution),
    ];

    /// Its place in [`Exercise::headings`].
    fn index(self) -> Option<usize> {
        Section::NAMED.iter().position(|(_, section)| *section == self)
    }
}

impl Lesson {
    /// Reads a lesson.
    pub fn read(text: &str) -> Lesson {
        let mut lesson = Lesson::default();
        if text.len() > MAX_LESSON {
            let message = format!("A lesson has {} kB at most", MAX_LESSON / 1000);
            lesson.problems.push(Problem::new(TextRange::empty(0), message));
            return lesson;
        }
        let mut reader =
            Reader { text, lesson, section: Section::Text, context: None, exercise: Exercise::default() };
        let mut events = Parser::new_ext(text, Options::empty()).into_offset_iter();
        while let Some((event, range)) = events.next() {
            let mut block = vec![(event, range.clone())];
            if let Event::Start(_) = block[0].0 {
                let mut depth = 1;
                while depth > 0 {
                    let Some((event, range)) = events.next() else { break };
                    match event {
                        Event::Start(_) => depth += 1,
                        Event::End(_) => depth -= 1,
                        _ => {}
                    }
                    block.push((event, range));
                }
            }
            reader.block(&block, TextRange::new(range.start, range.end));
        }
        reader.end()
    }
}

struct Reader<'t> {
    text: &'t str,
    lesson: Lesson,
    section: Section,
    /// What was said of the build context and has not been used yet.
    context: Option<BuildContext>,
    exercise: Exercise,
}

type Block<'b, 't> = &'b [(Event<'t>, Range<usize>)];

impl<'t> Reader<'t> {
    fn block(&mut self, block: Block<'_, 't>, range: TextRange) {
        self.links(block);
        match &block[0].0 {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => self.title(block, range),
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                let name = plain(block);
                let name = name.trim().to_lowercase();
                let named = Section::NAMED.iter().find(|(word, _)| *word == name);
                match named {
                    Some((word, section)) => self.begin(*section, word, range),
                    None => {
                        let is_begun = self.exercise.headings.iter().any(|it| !it.is_empty());
                        self.begin_text(if is_begun { Section::After } else { Section::Text });
                        self.put(range);
                    }
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let mut words = info.split_whitespace();
                match words.next() {
                    Some("dockerfile") => self.dockerfile(block, range, words),
                    Some("dockerignore") => {
                        let ignore = content(self.text, block).0;
                        self.context().ignore = Some(ignore);
                    }
                    Some("context") => self.listing(block, range),
                    _ => self.put(range),
                }
            }
            Event::Start(Tag::List(_)) if self.section == Section::Goals => self.goals(block),
            Event::Start(Tag::List(_)) if self.section == Section::Hints => self.hints(block),
            _ => self.put(range),
        }
    }

    fn title(&mut self, block: Block<'_, 't>, range: TextRange) {
        if self.lesson.title_range.is_empty() {
            self.lesson.title = plain(block).trim().to_owned();
            self.lesson.title_range = range;
        } else {
            let problem = Problem::new(range, "A lesson has one title");
            self.lesson.problems.push(problem.help("Begin a heading within it with '##'"));
        }
    }

    fn begin_text(&mut self, section: Section) {
        self.left_over();
        self.section = section;
    }

    fn begin(&mut self, section: Section, word: &str, range: TextRange) {
        self.begin_text(section);
        let Some(heading) = section.index().and_then(|index| self.exercise.headings.get_mut(index)) else {
            return;
        };
        if heading.is_empty() {
            *heading = range;
        } else {
            let message = format!("There is a second section '{word}'");
            self.lesson.problems.push(Problem::new(range, message).help("A lesson has one exercise"));
        }
    }

    /// What was said of a context and belongs to no Dockerfile.
    fn left_over(&mut self) {
        match (self.section, self.context.take()) {
            (Section::Exercise, Some(context)) => self.exercise.start.context = Some(context),
            (Section::Solution, Some(context)) => self.exercise.solution.context = Some(context),
            (_, _) => {}
        }
    }

    fn context(&mut self) -> &mut BuildContext {
        self.context.get_or_insert_default()
    }

    fn listing(&mut self, block: Block<'_, 't>, range: TextRange) {
        let (text, at) = content(self.text, block);
        match listing(&text) {
            Ok(files) => self.context().files = Some(files),
            Err((line, why)) => {
                let place = match at {
                    Some(start) => {
                        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
                        let len = text[before..].lines().next().unwrap_or_default().len();
                        TextRange::new(start + before, start + before + len)
                    }
                    None => range,
                };
                self.lesson.problems.push(Problem::new(place, format!("This cannot be read: {why}")));
            }
        }
    }

    fn dockerfile<'w>(
        &mut self,
        block: Block<'_, 't>,
        range: TextRange,
        words: impl Iterator<Item = &'w str>,
    ) {
        let (dockerfile, start) = content(self.text, block);
        let whole = match start {
            Some(start) => TextRange::new(start, start + dockerfile.len()),
            None => range,
        };
        let mut example =
            Example { dockerfile, range: whole, is_verbatim: start.is_some(), ..Example::default() };
        for word in words {
            match word.strip_prefix("target=") {
                Some(target) => example.target = Some(target.to_owned()),
                None if word == "fails" => example.fails = true,
                // Words that say what the block is for, and that its heading says already.
                None if matches!(word, "start" | "solution") => {}
                None => {
                    let problem =
                        Problem::new(range, format!("What '{word}' says of this block is not known"));
                    let help = "Known are 'target=NAME' and 'fails'";
                    self.lesson.problems.push(problem.help(help));
                }
            }
        }
        if example.dockerfile.len() > MAX_DOCKERFILE {
            let message = format!("A Dockerfile in a lesson has {} kB at most", MAX_DOCKERFILE / 1000);
            self.lesson.problems.push(Problem::new(range, message));
            return;
        }
        let (place, is_there) = match self.section {
            Section::Exercise => (&mut self.exercise.start, &mut self.exercise.has_start),
            Section::Solution => (&mut self.exercise.solution, &mut self.exercise.has_solution),
            Section::Text | Section::Goals | Section::Hints | Section::After => {
                example.context = self.context.take();
                let part = Part::Example(example);
                self.parts().push(part);
                return;
            }
        };
        if std::mem::replace(is_there, true) {
            let problem = Problem::new(range, "There is a second Dockerfile in this section");
            let help = "Begin the block with '```text' if it is only to be read";
            self.lesson.problems.push(problem.help(help));
        } else {
            *place = example;
        }
    }

    fn parts(&mut self) -> &mut Vec<Part> {
        match self.section {
            Section::Text => &mut self.lesson.parts,
            Section::Exercise => &mut self.exercise.task,
            Section::Goals | Section::Hints => &mut self.exercise.about_goals,
            Section::Solution => &mut self.exercise.about_solution,
            Section::After => &mut self.lesson.after,
        }
    }

    /// Takes in text.
    fn put(&mut self, range: TextRange) {
        let text = self.text;
        let parts = self.parts();
        // What follows directly is one piece.
        if let Some(Part::Text(last)) = parts.last_mut()
            && text.get(last.end..range.start).is_some_and(|between| between.trim().is_empty())
        {
            last.end = range.end;
            return;
        }
        parts.push(Part::Text(range));
    }

    fn links(&mut self, block: Block<'_, 't>) {
        for (event, range) in block {
            let range = TextRange::new(range.start, range.end);
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    self.lesson.links.push((range, dest_url.to_string()));
                }
                Event::Start(Tag::Image { .. }) => {
                    let problem = Problem::new(range, "Pictures are not shown in lessons");
                    let help = "The stages of a live Dockerfile are drawn by themselves";
                    self.lesson.problems.push(problem.help(help));
                }
                Event::Html(_) | Event::InlineHtml(_) => {
                    let problem = Problem::new(range, "HTML is shown as the text that it is");
                    self.lesson.problems.push(Problem { is_note: true, ..problem });
                }
                _ => {}
            }
        }
    }

    fn goals(&mut self, block: Block<'_, 't>) {
        for item in items(block) {
            let inner = &item[1..item.len().saturating_sub(1).max(1)];
            let mut pieces = Vec::new();
            for (event, range) in inner {
                let at = range.start;
                match event {
                    Event::Text(text) => pieces.push(Piece { text: text.to_string(), at, is_code: false }),
                    Event::Code(code) => {
                        let quotes = self.text[range.clone()].bytes().take_while(|it| *it == b'`').count();
                        pieces.push(Piece { text: code.to_string(), at: at + quotes, is_code: true });
                    }
                    Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph) => {
                        pieces.push(Piece { text: " ".to_owned(), at, is_code: false });
                    }
                    Event::InlineHtml(text) | Event::Html(text) => {
                        pieces.push(Piece { text: text.to_string(), at, is_code: false });
                    }
                    _ => {}
                }
            }
            let start = inner.first().map_or(item[0].1.start, |it| it.1.start);
            let end = inner.last().map_or(item[0].1.end, |it| it.1.end);
            let range = trimmed(self.text, start, end.max(start));
            if self.exercise.goals.len() == MAX_GOALS {
                let message = format!("An exercise has {MAX_GOALS} goals at most");
                self.lesson.problems.push(Problem::new(range, message));
                return;
            }
            match goal::read(&pieces, range) {
                Ok(goal) => self.exercise.goals.push(goal),
                Err(problem) => self.lesson.problems.push(problem),
            }
        }
    }

    fn hints(&mut self, block: Block<'_, 't>) {
        for item in items(block) {
            let inner = &item[1..item.len().saturating_sub(1).max(1)];
            let start = inner.first().map_or(item[0].1.start, |it| it.1.start);
            let range = trimmed(self.text, start, item[0].1.end.max(start));
            // What is in an item is indented; a hint stands by itself.
            let line = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
            let indent = start - line;
            let mut hint = String::new();
            for (nth, line) in range.of(self.text).split_inclusive('\n').enumerate() {
                let blank = line.len() - line.trim_start_matches(' ').len();
                hint.push_str(if nth == 0 { line } else { &line[blank.min(indent)..] });
            }
            self.exercise.hints.push(Hint { text: hint, range });
        }
    }

    fn end(mut self) -> Lesson {
        self.left_over();
        let mut lesson = self.lesson;
        if lesson.title_range.is_empty() {
            let problem = Problem::new(TextRange::empty(0), "This lesson has no title");
            lesson.problems.push(problem.help("Begin it with a line such as '# Name the stages'"));
        }
        let mut exercise = self.exercise;
        if exercise.headings.iter().all(|it| it.is_empty()) {
            return lesson;
        }
        let start = exercise.start.context.clone();
        match &mut exercise.solution.context {
            Some(own) => {
                let start = start.unwrap_or_default();
                own.ignore = own.ignore.take().or(start.ignore);
                own.files = own.files.take().or(start.files);
            }
            none => *none = start,
        }
        if exercise.solution.target.is_none() {
            exercise.solution.target.clone_from(&exercise.start.target);
        }
        let wanted = [
            (0, "Exercise", exercise.has_start, "a Dockerfile to begin with, in a block of '```dockerfile'"),
            (
                1,
                "Goals",
                !exercise.goals.is_empty(),
                "a list of goals, such as '- the final image has `/app`'",
            ),
            (2, "Hints", !exercise.hints.is_empty(), "a list of hints, the least helpful one first"),
            (3, "Solution", exercise.has_solution, "a Dockerfile that meets the goals"),
        ];
        let first = exercise.headings.iter().copied().filter(|it| !it.is_empty()).min().unwrap_or_default();
        for (index, name, is_there, what) in wanted {
            let heading = exercise.headings[index];
            let has_bad_goals = name == "Goals" && !lesson.problems.is_empty();
            if heading.is_empty() {
                let problem = Problem::new(first, format!("The exercise has no section '## {name}'"));
                lesson.problems.push(problem.help(format!("It holds {what}")));
            } else if !is_there && !has_bad_goals {
                let problem = Problem::new(heading, format!("The section '{name}' is empty"));
                lesson.problems.push(problem.help(format!("It holds {what}")));
            }
        }
        lesson.exercise = Some(exercise);
        lesson
    }
}

/// The items of a list, without those of lists in it.
fn items<'b, 't>(block: Block<'b, 't>) -> Vec<Block<'b, 't>> {
    let mut items = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, (event, _)) in block.iter().enumerate() {
        match event {
            Event::Start(Tag::Item) => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            Event::End(TagEnd::Item) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    items.push(&block[start..=at]);
                }
            }
            _ => {}
        }
    }
    items
}

/// The text of a heading.
fn plain(block: Block<'_, '_>) -> String {
    let texts = block.iter().filter_map(|(event, _)| match event {
        Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => Some(text.as_ref()),
        Event::SoftBreak => Some(" "),
        _ => None,
    });
    texts.collect()
}

/// What is in a block of code, and where it stands if it stands there letter by letter.
fn content(text: &str, block: Block<'_, '_>) -> (String, Option<usize>) {
    let mut content = String::new();
    let mut start = None;
    for (event, range) in block {
        if let Event::Text(part) = event {
            start.get_or_insert(range.start);
            content.push_str(part);
        }
    }
    let start = start.filter(|&at| text.get(at..at + content.len()) == Some(&content));
    (content, start)
}

/// A range without white space around it.
fn trimmed(text: &str, start: usize, end: usize) -> TextRange {
    let inside = &text[start..end];
    let start = start + (inside.len() - inside.trim_start().len()).min(inside.len());
    TextRange::new(start, start.max(end - (inside.len() - inside.trim_end().len())))
}
