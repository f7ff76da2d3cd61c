//! The module that reads Compose and Bake files: another WASM, loaded when it is first needed.

use protocol::builds::BuildFile;

use super::modules::ask;
use crate::beside::Beside;

/// The name of its files.
const MODULE: &str = "stagelight-compose";

/// Reads a file.
///
/// # Errors
/// A sentence, if the module cannot be loaded, or fails.
pub(crate) async fn read(beside: &Beside) -> Result<BuildFile, String> {
    let language = beside.language.map_or("", |language| language.id());
    let variables = serde_json::to_string(&beside.variables).unwrap_or_default();
    let json = ask(MODULE, "read", [&beside.text, language, &variables]).await;
    json.and_then(|json| serde_json::from_str(&json).ok()).ok_or_else(|| {
        "The part that reads such files could not be loaded. Look at the connection, and change the file to try again."
            .to_owned()
    })
}
