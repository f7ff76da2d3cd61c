//! The same as a WASM module for the application, which loads it when the first such file is there: texts in, JSON out.
//!
//! Natively it does nothing; `stagelight builds` uses the library.

/// What the application calls.
#[cfg(target_arch = "wasm32")]
mod boundary {
    use protocol::builds::Language;
    use wasm_bindgen::prelude::wasm_bindgen;

    /// Reads a file. `language` is the id of one, or empty to find it out; `variables` is a JSON object of texts. Comes
    /// back as JSON of [`protocol::builds::BuildFile`].
    #[wasm_bindgen]
    #[expect(unreachable_pub, reason = "what is exported to JavaScript has to be public")]
    pub fn read(text: &str, language: &str, variables: &str) -> String {
        let language = Language::of_id(language).unwrap_or_else(|| compose::language(None, text));
        let variables = serde_json::from_str(variables).unwrap_or_default();
        serde_json::to_string(&compose::read(text, language, &variables)).unwrap_or_default()
    }
}

fn main() {}
