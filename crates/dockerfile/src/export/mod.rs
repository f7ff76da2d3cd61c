//! The stages of a file in forms for other programs: pictures, graphs, text.
//!
//! Each form is a file here and a row in [`FORMATS`]. All of them are functions of the same [`Subject`], so that the
//! command line and the page write the same bytes. Nothing here asks the platform to print a fraction.

mod dot;
mod mermaid;
mod report;
pub mod style;
mod svg;
mod text;
mod widths;
mod words;

pub use style::Theme;
pub use svg::svg;

use crate::checks::File;
use crate::draw::Scene;
use crate::queries::Lights;

/// What is exported.
pub struct Subject<'a, 'f> {
    /// What the file is called, for a heading.
    pub name: &'a str,
    /// The file, and the target.
    pub file: &'a File<'f>,
    /// What becomes of each stage.
    pub lights: &'a Lights,
    /// What is drawn.
    pub scene: &'a Scene,
    /// Whether it is drawn light or dark.
    pub theme: Theme,
}

/// A form that stages can be written in.
pub struct Format {
    /// What it is called on the command line and in links; never reused.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What the names of such files end in, without the dot.
    pub extension: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Writes it.
    pub write: fn(&Subject<'_, '_>) -> String,
}

/// All forms that are text.
pub const FORMATS: [Format; 5] = [
    Format {
        id: "svg",
        title: "SVG picture",
        extension: "svg",
        media_type: "image/svg+xml",
        write: |it| svg(it.file.graph, it.scene, it.lights, it.theme),
    },
    Format {
        id: "mermaid",
        title: "Mermaid",
        extension: "mmd",
        media_type: "text/vnd.mermaid",
        write: |it| mermaid::mermaid(it.file.graph, it.lights),
    },
    Format {
        id: "dot",
        title: "Graphviz DOT",
        extension: "dot",
        media_type: "text/vnd.graphviz",
        write: |it| dot::dot(it.file.graph, it.lights),
    },
    Format {
        id: "text",
        title: "Text",
        extension: "txt",
        media_type: "text/plain",
        write: |it| text::text(it.file.graph, it.lights),
    },
    Format {
        id: "markdown",
        title: "Markdown report",
        extension: "md",
        media_type: "text/markdown",
        write: report::report,
    },
];

/// The form of an id.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}
