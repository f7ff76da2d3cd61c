//! The module that reads lessons: another WASM, loaded when the first lesson is opened.

use protocol::lessons::{Lesson, Verdict, Work, Workshop};
use serde_json::from_str;

use super::modules;

/// The name of its files.
const MODULE: &str = "stagelight-lessons";

/// Reads a front page; the error is a sentence.
pub(crate) async fn workshop(text: &str) -> Result<Workshop, String> {
    let json = ask("workshop", text, "").await?;
    from_str(&json).map_err(|_| FAILED.to_owned())
}

/// Reads a lesson.
pub(crate) async fn lesson(text: &str) -> Result<Lesson, String> {
    let json = ask("lesson", text, "").await?;
    from_str(&json).map_err(|_| FAILED.to_owned())
}

/// Holds what somebody has written against the goals of a lesson.
pub(crate) async fn judge(lesson: &str, work: &Work) -> Result<Vec<Verdict>, String> {
    let work = serde_json::to_string(work).unwrap_or_default();
    let json = ask("judge", lesson, &work).await?;
    from_str(&json).map_err(|_| FAILED.to_owned())
}

const FAILED: &str =
    "The part that reads lessons could not be loaded. Look at the connection, and try again.";

async fn ask(what: &str, text: &str, work: &str) -> Result<String, String> {
    modules::ask(MODULE, what, [text, work, ""]).await.ok_or_else(|| FAILED.to_owned())
}
