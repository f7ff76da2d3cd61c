//! `.dockerignore`: which files of a directory get into the build context, and which line decides that.
//!
//! Follows `ignorefile` and `patternmatcher` of Moby, which BuildKit and its clients read the file with, and the walk of
//! `fsutil` that goes from a directory to what is in it. Surprising: a comment has its `#` in the first column; a later
//! line wins, but `!dir` brings back nothing that another line leaves out below `dir`; `dir/**` leaves the directory
//! itself in; `**/x` looks at the end of a path alone; and any other pattern with a wildcard is a regular expression of
//! Go's, so `^` in it is an anchor and `\d` a digit. Upper and lower case differ.

mod pattern;

use std::borrow::Cow;

use crate::stages::join_path;
use pattern::Pattern;

/// A line of this many bytes or more cannot be read.
const MAX_LINE: usize = 65_536;

/// What stands in a `.dockerignore`.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
    /// What is wrong in it: the line, from 1, and the message. A build fails then; here the line is passed over.
    pub errors: Vec<(u32, String)>,
}

/// What becomes of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is left out of the build context.
    pub ignored: bool,
    /// The line that decides it, from 1, and the pattern as it stands there; `None` if none is about the path.
    pub by: Option<(u32, String)>,
}

/// A line that says something.
#[derive(Clone, Debug)]
struct Rule {
    line: u32,
    /// As written, without blanks around it.
    text: String,
    is_exception: bool,
    pattern: Pattern,
}

/// What to do about a line, from 1, of an ignore file that cannot be read.
pub fn advice(text: &str, line: u32) -> String {
    let at = (line as usize).saturating_sub(1);
    let written = text.split('\n').nth(at).unwrap_or_default().trim();
    if written.len() > 1000 {
        return "Keep lines shorter than 65,536 bytes".to_owned();
    }
    match written.trim_start_matches('!').trim_matches(['/', ' ']) {
        "" => "Write what is not to be left out behind the '!', or take the line out".to_owned(),
        pattern if pattern.ends_with('\\') => {
            format!("'{pattern}' ends in a backslash, which stands before the character it escapes")
        }
        pattern if pattern.contains('[') => {
            format!(
                "'{pattern}' needs a ']' for each '[', and ranges from low to high; '\\[' is the character itself"
            )
        }
        pattern => format!("'{pattern}' has a backslash in front of a letter; take it out"),
    }
}

impl Ignore {
    /// Reads the file. Never fails.
    pub fn parse(text: &str) -> Ignore {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut ignore = Ignore::default();
        for (line, written) in (1..).zip(text.split('\n')) {
            if written.len() >= MAX_LINE {
                ignore.errors.push((line, "bufio.Scanner: token too long".to_owned()));
                break;
            }
            let text = written.trim();
            if written.starts_with('#') || text.is_empty() {
                continue;
            }
            match Rule::read(line, text) {
                Ok(rule) => ignore.rules.extend(rule),
                Err(message) => ignore.errors.push((line, message.to_owned())),
            }
        }
        ignore
    }

    /// Patterns that stand in no file, as `--exclude` and the paths of a COPY are read: nothing is a comment, and a
    /// slash at the start stays. Their lines are their places in the list, from 1.
    pub fn of_patterns<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Ignore {
        let mut ignore = Ignore::default();
        for (line, text) in (1..).zip(patterns) {
            match Rule::new(line, text, text) {
                Ok(rule) => ignore.rules.extend(rule),
                Err(message) => ignore.errors.push((line, message.to_owned())),
            }
        }
        ignore
    }

    /// Whether no line says anything.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether there are exceptions (`!`).
    pub fn has_exceptions(&self) -> bool {
        self.rules.iter().any(|rule| rule.is_exception)
    }

    /// What becomes of a path, which is relative to the root of the context.
    pub fn decide(&self, path: &str) -> Decision {
        let path = relative(path);
        let decided = self.walk().decide(&path);
        let by = decided.by.and_then(|at| self.rule(at)).map(|(line, text)| (line, text.to_owned()));
        Decision { ignored: decided.ignored, by }
    }

    /// Looks at one path after the other; see [`Walk`].
    pub(crate) fn walk(&self) -> Walk<'_> {
        Walk { ignore: self, path: String::new(), above: Vec::new() }
    }

    /// The line of a rule, from 1, and the pattern as it stands there.
    pub(crate) fn rule(&self, at: usize) -> Option<(u32, &str)> {
        self.rules.get(at).map(|rule| (rule.line, rule.text.as_str()))
    }

    /// Whether a path is left out as BuildKit's check of COPY and ADD asks for it, where a line may also be about a
    /// directory above. `path` is clean; one that begins with a slash is left out by few.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        let parent = path.rfind('/').map(|end| if end == 0 { "/" } else { &path[..end] });
        let above = || {
            let parent = parent.into_iter();
            parent.flat_map(|it| it.match_indices('/').map(|(at, _)| &it[..at]).chain([it]))
        };
        let mut is_out = false;
        for rule in self.rules.iter() {
            let is_open = rule.is_exception == is_out;
            if is_open && (rule.pattern.matches(path) || above().any(|it| rule.pattern.matches(it))) {
                is_out = !rule.is_exception;
            }
        }
        is_out
    }

    /// Whether an exception may bring back something below a directory that is left out.
    pub fn may_bring_back(&self, directory: &str) -> bool {
        let directory = relative(directory);
        self.rules.iter().any(|rule| rule.is_exception && rule.pattern.may_match_below(&directory))
    }
}

/// Decides about many paths. What was found for the directories above a path is kept for the next one, so that in a
/// sorted list each directory is looked at once.
pub(crate) struct Walk<'i> {
    ignore: &'i Ignore,
    /// The last path.
    path: String,
    /// For each directory above it, where its name ends, and which rules are about it.
    above: Vec<(usize, Vec<bool>)>,
}

/// What becomes of a path, and the index of the rule that decides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) ignored: bool,
    pub(crate) by: Option<usize>,
}

impl Walk<'_> {
    /// What becomes of a clean path, which is relative to the root.
    pub(crate) fn decide(&mut self, path: &str) -> Decided {
        let n_same = path.bytes().zip(self.path.bytes()).take_while(|(a, b)| a == b).count();
        let is_above = |end: usize| end <= n_same && path.as_bytes().get(end) == Some(&b'/');
        let n_kept = self.above.iter().take_while(|(end, _)| is_above(*end)).count();
        self.above.truncate(n_kept);
        self.path.clear();
        self.path.push_str(path);
        let start = self.above.last().map_or(0, |(end, _)| end + 1);
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at >= start);
        for end in ends.filter(|end| *end > 0) {
            let (_, about) = self.look(path, end);
            self.above.push((end, about));
        }
        if path.is_empty() { Decided::default() } else { self.look(path, path.len()).0 }
    }

    /// The decision about the part of a path before `end`, and which rules are about it.
    fn look(&self, path: &str, end: usize) -> (Decided, Vec<bool>) {
        let path = path.get(..end).unwrap_or(path);
        let above = self.above.last().map(|(_, about)| about);
        let mut decided = Decided::default();
        let mut about = vec![false; self.ignore.rules.len()];
        for (at, (rule, about)) in self.ignore.rules.iter().zip(&mut about).enumerate() {
            let is_above = above.is_some_and(|above| above[at]);
            // BuildKit does not look whether a line is about a path where that would change nothing, and what is
            // below the path does not learn of it either.
            *about = is_above || rule.is_exception == decided.ignored && rule.pattern.matches(path);
            if *about {
                decided = Decided { ignored: !rule.is_exception, by: Some(at) };
            }
        }
        (decided, about)
    }
}

impl Rule {
    /// Reads a line without the blanks around it; `None` if nothing is left of it.
    fn read(line: u32, text: &str) -> Result<Option<Rule>, &'static str> {
        let (is_exception, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, text),
        };
        let clean = join_path(&[rest]);
        let clean = clean.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&clean);
        // It is read twice, so `/!x` is an exception too.
        let clean = if is_exception { format!("!{clean}") } else { clean.to_owned() };
        Rule::new(line, text, &clean)
    }

    /// Reads what stands in a list of patterns; `None` if nothing is left of it.
    fn new(line: u32, text: &str, pattern: &str) -> Result<Option<Rule>, &'static str> {
        let clean = join_path(&[pattern.trim()]);
        let (is_exception, clean) = match clean.strip_prefix('!') {
            Some("") => return Err("illegal exclusion pattern: \"!\""),
            Some(rest) => (true, rest),
            None if clean.is_empty() => return Ok(None),
            None => (false, &*clean),
        };
        let pattern = Pattern::new(clean).ok_or("syntax error in pattern")?;
        Ok(Some(Rule { line, text: text.to_owned(), is_exception, pattern }))
    }
}

/// A path from the root of the context on; empty for the root.
fn relative(path: &str) -> Cow<'_, str> {
    let is_clean = !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    match is_clean {
        true => path.into(),
        false => join_path(&["/", path]).trim_start_matches('/').to_owned().into(),
    }
}
