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

    /// Whether there are exceptions (`!`).
    pub fn has_exceptions(&self) -> bool {
        self.rules.iter().any(|rule| rule.is_exception)
    }

    /// What becomes of a path, which is relative to the root of the context.
    pub fn decide(&self, path: &str) -> Decision {
        let path = relative(path);
        let mut decided = Decision::default();
        let mut above = vec![false; self.rules.len()];
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for path in ends.filter_map(|end| path.get(..end)).filter(|path| !path.is_empty()) {
            decided = Decision::default();
            for (rule, above) in self.rules.iter().zip(&mut above) {
                // BuildKit does not look whether a line is about a path where that would change nothing, and what is
                // below the path does not learn of it either.
                let is_about = *above || rule.is_exception == decided.ignored && rule.pattern.matches(path);
                *above = is_about;
                if is_about {
                    decided.ignored = !rule.is_exception;
                    decided.by = Some((rule.line, String::new()));
                }
            }
        }
        if let Some((line, text)) = &mut decided.by {
            let at = self.rules.partition_point(|rule| rule.line < *line);
            *text = self.rules.get(at).map_or(String::new(), |rule| rule.text.clone());
        }
        decided
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
        let clean = join_path(&[clean.trim()]);
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
