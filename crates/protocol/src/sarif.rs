//! SARIF 2.1.0, as far as `stagelight check` has something to say in it.
//!
//! The names are those of the standard, which describes them. Columns count UTF-16 units, as `column_kind` says.

use serde::Serialize;

/// Where the form is described.
pub const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Its version.
pub const VERSION: &str = "2.1.0";

/// A file of results.
#[derive(Clone, Debug, Serialize)]
pub struct Log {
    /// [`SCHEMA`].
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    /// [`VERSION`].
    pub version: &'static str,
    /// One run.
    pub runs: Vec<Run>,
}

/// One run of the program.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The program and its rules.
    pub tool: Tool,
    /// How it ended.
    pub invocations: Vec<Invocation>,
    /// The unit of columns: `utf16CodeUnits`.
    pub column_kind: &'static str,
    /// What it found.
    pub results: Vec<Result>,
}

/// The program.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// Its main part.
    pub driver: Driver,
}

/// The main part of the program.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// What it follows, in a sentence.
    pub full_description: Text,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it says.
    pub short_description: Text,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Help>,
    /// How bad its findings are.
    pub default_configuration: Configuration,
    /// More about it.
    pub properties: RuleProperties,
}

/// More about a rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleProperties {
    /// Whose it is.
    pub tags: Vec<&'static str>,
}

/// A text.
#[derive(Clone, Debug, Serialize)]
pub struct Text {
    /// The text.
    pub text: String,
}

/// A text that is Markdown too.
#[derive(Clone, Debug, Serialize)]
pub struct Help {
    /// For who cannot show Markdown.
    pub text: String,
    /// The same in Markdown.
    pub markdown: String,
}

/// How a rule is set.
#[derive(Clone, Debug, Serialize)]
pub struct Configuration {
    /// `error`, `warning` or `note`.
    pub level: &'static str,
}

/// How the run ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Whether every file could be read.
    pub execution_successful: bool,
    /// What could not be done.
    pub tool_execution_notifications: Vec<Notification>,
}

/// Something that could not be done.
#[derive(Clone, Debug, Serialize)]
pub struct Notification {
    /// `error`.
    pub level: &'static str,
    /// Why.
    pub message: Text,
    /// The file.
    pub locations: Vec<Location>,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Result {
    /// The rule.
    pub rule_id: String,
    /// Its place in [`Driver::rules`].
    pub rule_index: usize,
    /// `error`, `warning` or `note`.
    pub level: &'static str,
    /// What is wrong, and what to do.
    pub message: Text,
    /// Where.
    pub locations: Vec<Location>,
    /// Other places that have to do with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_locations: Vec<Location>,
    /// Ways to mend it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
}

/// A place.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The number of a related place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<usize>,
    /// The place.
    pub physical_location: PhysicalLocation,
    /// What it has to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

/// A place in a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhysicalLocation {
    /// The file.
    pub artifact_location: ArtifactLocation,
    /// Where in it; missing for the file as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactLocation {
    /// Its address, relative to where the program was run.
    pub uri: String,
}

/// A part of a text; lines and columns count from 1, and the end is behind the last character.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// First line.
    pub start_line: u32,
    /// Its first column.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// The column behind the end there.
    pub end_column: u32,
}

/// A way to mend something.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What it does, and why somebody should look at it.
    pub description: Text,
    /// What to put where.
    pub artifact_changes: Vec<ArtifactChange>,
}

/// What changes in a file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactChange {
    /// The file.
    pub artifact_location: ArtifactLocation,
    /// What to put where.
    pub replacements: Vec<Replacement>,
}

/// A piece of text becomes another one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replacement {
    /// What goes; empty for an insertion.
    pub deleted_region: Region,
    /// What comes.
    pub inserted_content: Text,
}
