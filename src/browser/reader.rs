//! The module that reads Compose and Bake files: another WASM, loaded when it is first needed.

use protocol::builds::BuildFile;
use wasm_bindgen::prelude::*;

use crate::beside::Beside;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/www/reader.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    /// JSON of what is in a file.
    #[wasm_bindgen(catch, js_name = readBuilds)]
    async fn read_builds(text: &str, language: &str, variables: &str) -> Result<JsValue, JsValue>;
}

/// Reads a file.
///
/// # Errors
/// A sentence, if the module cannot be loaded, or fails.
pub(crate) async fn read(beside: &Beside) -> Result<BuildFile, String> {
    let language = beside.language.map_or("", |language| language.id());
    let variables = serde_json::to_string(&beside.variables).unwrap_or_default();
    let answer = read_builds(&beside.text, language, &variables).await;
    let json = answer.ok().and_then(|answer| answer.as_string());
    json.and_then(|json| serde_json::from_str(&json).ok()).ok_or_else(|| {
        "The part that reads such files could not be loaded. Look at the connection, and change the file to try again."
            .to_owned()
    })
}
