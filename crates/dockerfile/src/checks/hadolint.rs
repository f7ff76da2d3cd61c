//! Which of hadolint's rules say what one of BuildKit's or ours says.
//!
//! The page `docs/hadolint.md` tells the same for people, with the rules that deliberately have no counterpart here.

/// hadolint's code, and the names of the rules that say the same.
pub static CORRESPONDING: &[(&str, &[&str])] = &[
    ("DL3000", &["WorkdirRelativePath"]),
    ("DL3002", &["RunsAsRoot"]),
    ("DL3012", &["MultipleInstructionsDisallowed"]),
    ("DL3022", &["NotAStage", "MisspelledStage"]),
    ("DL3023", &["CircularReference"]),
    ("DL3024", &["DuplicateStageName"]),
    ("DL3025", &["JSONArgsRecommended"]),
    ("DL3029", &["FromPlatformFlagConstDisallowed"]),
    ("DL3063", &["ReservedStageName"]),
    ("DL3064", &["SecretsUsedInArgOrEnv"]),
    ("DL3065", &["RedundantTargetPlatform"]),
    ("DL3066", &["UnknownUser"]),
    ("DL3067", &["WholeTreeCopied"]),
    ("DL4000", &["MaintainerDeprecated"]),
    ("DL4003", &["MultipleInstructionsDisallowed"]),
    ("DL4004", &["MultipleInstructionsDisallowed"]),
];

/// The rules that correspond to one of hadolint's; empty if there is none.
pub fn correspond(code: &str) -> &'static [&'static str] {
    CORRESPONDING.iter().find(|(it, _)| *it == code).map_or(&[], |(_, names)| names)
}
