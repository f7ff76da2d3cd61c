//! The part of the authors' page that lists what goals can say, made from the table.

use std::fmt::Write;

use crate::claims::KINDS;

/// All kinds of goals, in Markdown.
pub fn guide() -> String {
    let mut out = String::new();
    for kind in KINDS {
        if let Some(heading) = kind.heading {
            write!(out, "### {heading}\n\n").ok();
        }
        for form in kind.forms {
            writeln!(out, "- `{form}`").ok();
        }
        write!(out, "\n  {}\n  For example: {}", kind.about, kind.example()).ok();
        if let Some(unknown) = kind.unknown {
            write!(out, "\n  Unknown: {unknown}").ok();
        }
        out.push_str("\n\n");
    }
    out
}
