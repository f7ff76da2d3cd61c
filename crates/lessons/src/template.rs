//! What a new lesson begins with: a whole one that passes, to be written over.

/// A lesson to begin with.
pub fn template(title: &str) -> String {
    TEMPLATE.replacen("TITLE", title, 1)
}

const TEMPLATE: &str = include_str!("template.md");
