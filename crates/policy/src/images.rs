//! Which images a list allows.
//!
//! A row is a repository with or without a tag: `golang` is every tag of it, `golang:1.23` that one alone. A `*` stands
//! for any characters. Surprising: with a digest, a tag says nothing of what is fetched, so a row with a tag does not
//! allow a reference with a digest.

use dockerfile::stages::image_ref::{self, ImageRef};

/// Whether a list allows a normalised reference; no list allows all of them.
pub fn allows(list: Option<&[String]>, reference: &str) -> bool {
    let Some(list) = list else { return true };
    let Ok(image) = image_ref::parse(reference) else { return false };
    list.iter().any(|row| row_allows(row.trim(), &image))
}

fn row_allows(row: &str, image: &ImageRef) -> bool {
    if let Some((repository, digest)) = row.split_once('@') {
        return image.digest.as_deref() == Some(digest) && is_repository(without_tag(repository).0, image);
    }
    let (repository, tag) = without_tag(row);
    let is_tag = match tag {
        None => true,
        Some(tag) => image.digest.is_none() && matches(tag, image.tag.as_deref().unwrap_or("latest")),
    };
    is_tag && is_repository(repository, image)
}

/// The colon of a port is in front of a slash.
fn without_tag(row: &str) -> (&str, Option<&str>) {
    match row.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (row, None),
    }
}

/// A row is written as people do, in the short form, or with everything.
fn is_repository(pattern: &str, image: &ImageRef) -> bool {
    let bare = ImageRef { tag: None, digest: None, ..image.clone() };
    matches(pattern, &bare.familiar()) || matches(pattern, &format!("{}/{}", image.domain, image.path))
}

/// `*` is any characters. In time proportional to pattern times text at worst.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}
