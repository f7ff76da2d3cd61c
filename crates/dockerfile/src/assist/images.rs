//! Images that many files begin with, and what is known of them in a few words.
//!
//! The list is from memory, like `data/bases.tsv`, which knows each of them. Tags that name a release grow old; those
//! here are for typing, not for advice.

use std::sync::LazyLock;

use crate::queries::{BaseCard, Fact, base_card};
use crate::stages::{Source, image_ref};

/// Repositories, and some of their tags.
const IMAGES: &[(&str, &[&str])] = &[
    ("alpine", &["3.22", "latest"]),
    ("debian", &["bookworm-slim", "trixie-slim", "bookworm", "trixie"]),
    ("ubuntu", &["24.04", "22.04"]),
    ("busybox", &["musl", "latest"]),
    ("node", &["22-alpine", "22-slim", "22", "alpine", "slim"]),
    ("python", &["3.13-slim", "3.13-alpine", "3.13", "slim", "alpine"]),
    ("golang", &["1.24-alpine", "1.24", "alpine"]),
    ("rust", &["1-slim", "1-alpine", "1", "slim", "alpine"]),
    ("ruby", &["3.4-slim", "3.4-alpine", "3.4", "slim", "alpine"]),
    ("php", &["8.4-fpm", "8.4-apache", "8.4-cli", "fpm", "apache"]),
    ("eclipse-temurin", &["21-jre-alpine", "21-jre", "21", "17-jre", "17"]),
    ("maven", &["3-eclipse-temurin-21", "3-eclipse-temurin-17"]),
    ("gradle", &["8-jdk21", "8-jdk17"]),
    ("mcr.microsoft.com/dotnet/sdk", &["9.0", "8.0"]),
    ("mcr.microsoft.com/dotnet/aspnet", &["9.0", "8.0", "8.0-alpine"]),
    ("gcc", &["latest"]),
    ("perl", &["slim"]),
    ("elixir", &["alpine", "slim"]),
    ("haskell", &["slim"]),
    ("swift", &["slim"]),
    ("oven/bun", &["alpine", "slim"]),
    ("denoland/deno", &["alpine", "distroless"]),
    ("nginx", &["alpine", "alpine-slim", "stable-alpine"]),
    ("nginxinc/nginx-unprivileged", &["alpine"]),
    ("httpd", &["alpine"]),
    ("caddy", &["alpine", "builder"]),
    ("redis", &["alpine"]),
    ("postgres", &["alpine"]),
    ("mysql", &[]),
    ("mariadb", &[]),
    ("gcr.io/distroless/static", &["nonroot", "latest"]),
    ("gcr.io/distroless/base", &["nonroot"]),
    ("gcr.io/distroless/cc", &["nonroot"]),
    ("cgr.dev/chainguard/static", &["latest"]),
];

/// An image to begin with.
pub(super) struct KnownImage {
    pub(super) reference: String,
    pub(super) detail: String,
}

/// All of them, repositories with their tags, in the order of the list.
pub(super) static KNOWN: LazyLock<Vec<KnownImage>> = LazyLock::new(|| {
    let references = IMAGES.iter().flat_map(|(repository, tags)| {
        let tagged = tags.iter().map(move |tag| format!("{repository}:{tag}"));
        std::iter::once((*repository).to_owned()).chain(tagged)
    });
    references
        .map(|reference| {
            let detail = card(&reference).map_or_else(String::new, |card| words(&card));
            KnownImage { reference, detail }
        })
        .collect()
});

/// What is known of an image by its reference.
fn card(reference: &str) -> Option<BaseCard> {
    let (reference, familiar) = image_ref::forms(reference).ok()?;
    base_card(&Source::Image { reference, familiar })
}

/// The system and the size in a few words: `Debian 12 (bookworm), about 78 MB`.
pub(super) fn words(card: &BaseCard) -> String {
    let size = card.unpacked;
    match card.distribution {
        Fact::Is(system) => format!("{system}, {size}"),
        Fact::Nothing | Fact::Unknown => size.to_string(),
    }
}

/// What is known of an image, in a sentence or two.
pub(super) fn sentence(card: &BaseCard) -> String {
    let mut parts: Vec<String> = Vec::new();
    match card.distribution {
        Fact::Is(system) => parts.push(system.to_owned()),
        Fact::Nothing => parts.push("no system".to_owned()),
        Fact::Unknown => {}
    }
    parts.extend(card.libc.value().map(str::to_owned));
    match card.shell {
        Fact::Is(shell) => parts.push(format!("shell `{shell}`")),
        Fact::Nothing => parts.push("no shell".to_owned()),
        Fact::Unknown => {}
    }
    match card.packages {
        Fact::Is(tool) => parts.push(format!("packages with `{tool}`")),
        Fact::Nothing => parts.push("no package manager".to_owned()),
        Fact::Unknown => {}
    }
    parts.extend(card.user.value().filter(|user| *user != "root").map(|user| format!("user `{user}`")));
    let size = format!("{} unpacked", card.unpacked);
    parts.push(size);
    format!("{}. From memory, as of {}.", parts.join(", "), card.as_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_every_image_that_is_offered() {
        for image in KNOWN.iter() {
            let card = card(&image.reference);
            assert!(card.is_some_and(|card| card.variant_known), "{} has no card", image.reference);
            assert!(!image.detail.is_empty());
        }
    }
}
