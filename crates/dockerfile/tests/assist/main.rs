//! Help while somebody writes: a Dockerfile with a cursor in, what can be put there or what stands there out.
//!
//! The cursor is `|`. `UPDATE_EXPECT=1 cargo test` writes the expected outputs anew.

mod completion;
mod everywhere;
mod hovering;
mod places;

use dockerfile::assist::{Completion, Completions};

/// The text without its cursor, and where that was.
fn cursor(text: &str) -> (String, usize) {
    let offset = text.find('|').expect("there is a cursor");
    (text.replacen('|', "", 1), offset)
}

/// The text once an item is chosen.
fn chosen(text: &str, completions: &Completions, item: &Completion) -> String {
    let range = completions.range;
    format!("{}{}{}", &text[..range.start], item.insert, &text[range.end..])
}
