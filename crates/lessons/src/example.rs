//! A Dockerfile in a lesson, with what lies beside it.

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::text::TextRange;

/// Files that are listed for one example.
const MAX_FILES: usize = 1000;
/// What a file counts whose size is not told.
const USUAL_SIZE: u64 = 1000;

/// A Dockerfile, its target, and what lies beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The target that is asked for, if it is not the last stage.
    pub target: Option<String>,
    /// Whether BuildKit is meant to refuse it.
    pub fails: bool,
    /// `.dockerignore` and the files of the build context, as far as the lesson tells.
    pub context: Option<BuildContext>,
    /// Where the Dockerfile stands in the lesson.
    pub range: TextRange,
    /// Whether it stands there letter by letter, so that places can be told.
    pub is_verbatim: bool,
}

impl Example {
    /// The place in the lesson of a place in the Dockerfile.
    pub fn place(&self, range: TextRange) -> TextRange {
        match self.is_verbatim && range.end <= self.range.len() {
            true => TextRange::new(self.range.start + range.start, self.range.start + range.end),
            false => self.range,
        }
    }
}

/// Files of a context from a listing: a path in each line, with a size behind it if that matters: `app.log (20 MB)`.
///
/// # Errors
/// The number of the line that is no path, from 0, and why.
pub(crate) fn listing(text: &str) -> Result<Vec<ContextFile>, (usize, &'static str)> {
    let mut files = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if files.len() == MAX_FILES {
            return Err((at, "there are too many files"));
        }
        let sized = line.strip_suffix(')').and_then(|it| it.rsplit_once(" ("));
        let (path, bytes) = match sized.and_then(|(path, text)| Some((path.trim(), size(text)?))) {
            Some((path, bytes)) => (path, bytes),
            None => (line, USUAL_SIZE),
        };
        let is_clean = path.trim_end_matches('/').split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !is_clean {
            return Err((at, "it is no path within the build context, such as 'src/main.go'"));
        }
        let size = (!path.ends_with('/')).then_some(bytes);
        files.push(ContextFile { path: path.to_owned(), size });
    }
    Ok(files)
}

/// A number of bytes such as `20 MB`.
pub(crate) fn size(text: &str) -> Option<u64> {
    let at = text.find(|it: char| !it.is_ascii_digit() && it != '.')?;
    let number: f64 = text[..at].parse().ok()?;
    let unit = match &*text[at..].trim().to_ascii_lowercase() {
        "b" | "byte" | "bytes" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        _ => return None,
    };
    Some((number * unit) as u64)
}
