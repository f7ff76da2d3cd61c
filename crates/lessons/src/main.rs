//! The same as a WASM module for the application, which loads it when the first lesson is opened: texts in, JSON out.
//!
//! Natively it does nothing; `stagelight lessons` uses the library.

/// What the application calls.
#[cfg(target_arch = "wasm32")]
#[expect(unreachable_pub, reason = "what is exported to JavaScript has to be public")]
mod boundary {
    use lessons::page;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Reads a front page. Comes back as JSON of [`protocol::lessons::Workshop`].
    #[wasm_bindgen]
    pub fn workshop(text: &str) -> String {
        serde_json::to_string(&page::workshop(text)).unwrap_or_default()
    }

    /// Reads a lesson. Comes back as JSON of [`protocol::lessons::Lesson`].
    #[wasm_bindgen]
    pub fn lesson(text: &str) -> String {
        serde_json::to_string(&page::lesson(text)).unwrap_or_default()
    }

    /// Holds JSON of a [`protocol::lessons::Work`] against the goals of a lesson. Comes back as JSON of a list of
    /// [`protocol::lessons::Verdict`].
    #[wasm_bindgen]
    pub fn judge(lesson: &str, work: &str) -> String {
        let work = serde_json::from_str(work).unwrap_or_default();
        serde_json::to_string(&page::verdicts(lesson, &work)).unwrap_or_default()
    }
}

fn main() {}
