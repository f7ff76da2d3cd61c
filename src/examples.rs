//! The examples: one file each in `examples/`, one row each here.

use protocol::Playground;

/// A Dockerfile to start from.
pub(crate) struct Example {
    /// Identifies it in the menu; never reused.
    pub(crate) id: &'static str,
    /// Where it stands in the menu.
    pub(crate) group: Group,
    /// What the menu says.
    pub(crate) title: &'static str,
    /// The text.
    pub(crate) text: &'static str,
}

impl Example {
    /// The playground that it opens.
    pub(crate) fn open(&self) -> Playground {
        Playground { dockerfile: self.text.to_owned(), ..Playground::default() }
    }
}

/// Headings of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Start,
    Patterns,
    RealWorld,
    Mistakes,
}

impl Group {
    /// All headings in their order.
    pub(crate) const ALL: [Group; 4] = [Group::Start, Group::Patterns, Group::RealWorld, Group::Mistakes];

    /// The heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Group::Start => "Start here",
            Group::Patterns => "Patterns",
            Group::RealWorld => "Real world",
            Group::Mistakes => "Mistakes to learn from",
        }
    }
}

macro_rules! example {
    ($group:ident, $id:literal, $title:literal) => {
        Example {
            id: $id,
            group: Group::$group,
            title: $title,
            text: include_str!(concat!("../examples/", $id, ".dockerfile")),
        }
    };
}

/// All examples, in the order of the menu.
pub(crate) const ALL: &[Example] = &[
    example!(Start, "first-look", "Go service with a test stage"),
    example!(Start, "go-single-stage", "Go, single stage"),
    example!(Start, "go-two-stages", "Go, build stage and runtime stage"),
    example!(Start, "go-named-skeleton", "Smallest named stage"),
    example!(Patterns, "href-counter", "href-counter, copied by number"),
    example!(Patterns, "href-counter-named", "href-counter, copied by name"),
    example!(Patterns, "href-counter-by-number", "href-counter, the classic text"),
    example!(Patterns, "node-dev-prod", "Node: dev and prod"),
    example!(Patterns, "node-three-stages", "Node: deps, builder, runtime"),
    example!(Patterns, "rails-base-dev", "Rails: a stage as base of another"),
    example!(Patterns, "cpp-diamond", "C++: two builds from one builder"),
    example!(Patterns, "copy-from-image", "Copy from an external image"),
    example!(Patterns, "builder-pattern-build", "Builder pattern: Dockerfile.build"),
    example!(Patterns, "builder-pattern-run", "Builder pattern: Dockerfile"),
    example!(RealWorld, "go-api", "Go API with migrations"),
    example!(RealWorld, "shop-platform", "Shop: storefront, API and worker"),
    example!(RealWorld, "image-service", "Thumbnails: Rust on libvips"),
    example!(Mistakes, "comments-behind-instructions", "Comments behind instructions"),
    example!(Mistakes, "minimal-bases", "Three FROM lines with comments"),
];

/// What the page opens with.
pub(crate) fn first() -> Playground {
    ALL[0].open()
}

/// The example called `id`.
pub(crate) fn find(id: &str) -> Option<&'static Example> {
    ALL.iter().find(|example| example.id == id)
}

/// Whether a text is somebody's own: neither nothing nor that of an example.
pub(crate) fn is_own(text: &str) -> bool {
    !text.trim().is_empty() && !is_one(text)
}

/// Whether a text is that of an example, as it is.
pub(crate) fn is_one(text: &str) -> bool {
    ALL.iter().any(|example| example.text == text)
}
