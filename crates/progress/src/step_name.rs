//! The names that BuildKit gives to its vertices, taken apart: `[linux/amd64 builder  2/12] RUN make`.
//!
//! Surprising: the number in front of the slash is aligned to the right, the platform is there only if there are
//! several, and the stage is missing where the file has a single one.

/// The name of a step of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepName<'n> {
    /// The stage as it is shown; `None` in a file with a single one.
    pub(crate) stage: Option<&'n str>,
    /// Its number, from 1.
    pub(crate) at: usize,
    /// Of how many.
    pub(crate) total: usize,
    /// The instruction after expansion.
    pub(crate) text: &'n str,
}

impl<'n> StepName<'n> {
    /// Takes a name apart; `None` if it is not of that form.
    pub(crate) fn parse(name: &'n str) -> Option<StepName<'n>> {
        let (prefix, text) = name.strip_prefix('[')?.split_once("] ")?;
        let mut words = prefix.split_ascii_whitespace().rev();
        let (at, total) = words.next()?.split_once('/')?;
        // A stage's name has no slash, a platform has.
        let stage = words.next().filter(|word| !word.contains('/'));
        Some(StepName { stage, at: at.parse().ok()?, total: total.parse().ok()?, text })
    }

    /// The keyword of the instruction, and whether a trigger of the base brought it.
    pub(crate) fn keyword(&self) -> (&'n str, bool) {
        let (text, is_trigger) = match self.text.strip_prefix("ONBUILD ") {
            Some(text) => (text, true),
            None => (self.text, false),
        };
        // The second half of `--link` is shown by itself.
        let text = text.strip_prefix("LINK ").unwrap_or(text);
        (text.split([' ', '\t']).next().unwrap_or_default(), is_trigger)
    }
}

/// Whether a vertex is something that the engine does for itself.
pub(crate) fn is_internal(name: &str) -> bool {
    const BEGINNINGS: [&str; 13] = [
        "[internal]",
        "[auth]",
        "[context ",
        "exporting ",
        "resolve image config for ",
        "importing cache manifest ",
        "preparing build cache ",
        "preparing layers ",
        "sending tarball",
        "docker-image://",
        "copy /context ",
        "loading layer ",
        "naming to ",
    ];
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// A name in the form in which engines agree: without the platform and the alignment, an image with its tag, and
/// without its digest if it has a tag.
pub(crate) fn plain(name: &str) -> String {
    let mut name = match StepName::parse(name) {
        Some(StepName { stage: Some(stage), at, total, text }) => format!("[{stage} {at}/{total}] {text}"),
        Some(StepName { stage: None, at, total, text }) => format!("[{at}/{total}] {text}"),
        None => name.to_owned(),
    };
    let text = name.rsplit_once("] ").map_or(name.as_str(), |(_, text)| text);
    let Some(image) = text.strip_prefix("FROM ").filter(|image| !image.contains(' ')) else { return name };
    let (image, digest) =
        image.split_once('@').map_or((image, None), |(image, digest)| (image, Some(digest)));
    let has_tag = image.rsplit('/').next().is_some_and(|last| last.contains(':'));
    match digest {
        Some(digest) if has_tag => name.truncate(name.len() - digest.len() - 1),
        None if !has_tag => name.push_str(":latest"),
        Some(_) | None => {}
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, stage: Option<&str>, at: usize, total: usize, text: &str) {
        assert_eq!(StepName::parse(name), Some(StepName { stage, at, total, text }));
    }

    #[test]
    fn names_are_taken_apart() {
        check("[builder  2/12] RUN make", Some("builder"), 2, 12, "RUN make");
        check("[2/3] RUN make", None, 2, 3, "RUN make");
        check("[linux/amd64 stage-1 1/2] FROM a", Some("stage-1"), 1, 2, "FROM a");
        check("[linux/arm64->amd64 10/12] COPY a] b", None, 10, 12, "COPY a] b");
        assert_eq!(StepName::parse("[internal] load .dockerignore"), None);
        assert_eq!(StepName::parse("[context a/b] load .dockerignore"), None);
        assert_eq!(StepName::parse("exporting to image"), None);
    }

    #[test]
    fn names_are_made_plain() {
        assert_eq!(plain("[linux/amd64 a 1/2] FROM b:1@sha256:00"), "[a 1/2] FROM b:1");
        assert_eq!(plain("[a 1/2] FROM b@sha256:00"), "[a 1/2] FROM b@sha256:00");
        assert_eq!(plain("[a 1/2] FROM host:80/b"), "[a 1/2] FROM host:80/b:latest");
        assert_eq!(plain("[linux/amd64  2/12] RUN a"), "[2/12] RUN a");
        assert_eq!(plain("[2/3] RUN [ a/b ] && c"), "[2/3] RUN [ a/b ] && c");
    }
}
