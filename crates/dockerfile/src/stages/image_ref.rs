//! Image references: `name[:tag][@digest]`, and the full form BuildKit gives them.
//!
//! Follows `distribution/reference` (`ParseNormalizedNamed`, `TagNameOnly`, `FamiliarString`). Surprising:
//! the part before the first `/` is a registry only if it has a dot, a colon or an upper-case letter, or is
//! `localhost`; and a tag is kept beside a digest.

/// The domain that reference normalisation adds to a name without one, as in `alpine` →
/// [`DEFAULT_DOMAIN`]`/library/alpine:latest`. It is part of the reference grammar that BuildKit uses; nothing
/// is ever fetched from it here.
pub const DEFAULT_DOMAIN: &str = "docker.io";

/// The older spelling of [`DEFAULT_DOMAIN`], which normalisation replaces.
const LEGACY_SUBDOMAIN: &str = "index.";

/// Where names without a namespace live under [`DEFAULT_DOMAIN`].
const OFFICIAL: &str = "library/";

/// The longest path of a repository, in bytes.
const MAX_PATH: usize = 255;

/// A valid image reference, normalised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageRef {
    /// The registry, e.g. `example.com:5000`; empty for the rare name that is valid only without one.
    pub domain: String,
    /// The repository, e.g. `library/alpine`.
    pub path: String,
    /// The tag, if given.
    pub tag: Option<String>,
    /// The digest, e.g. `sha256:…`, if given.
    pub digest: Option<String>,
}

/// The same, as parts of a text.
#[derive(Clone, Copy)]
struct Parts<'t> {
    domain: &'t str,
    path: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl ImageRef {
    /// The reference BuildKit works with: registry and path, and the tag `latest` if there is neither tag nor
    /// digest.
    pub fn normalized(&self) -> String {
        self.parts().normalized()
    }

    /// The short form, as it would be written: default registry and `library/` left out, tag and digest kept.
    pub fn familiar(&self) -> String {
        self.parts().familiar().written()
    }

    /// The shortest form that means the same: as [`ImageRef::familiar`], and a plain `:latest` left out.
    pub fn short(&self) -> String {
        self.parts().short()
    }

    fn parts(&self) -> Parts<'_> {
        let Self { domain, path, tag, digest } = self;
        Parts { domain, path, tag: tag.as_deref(), digest: digest.as_deref() }
    }
}

impl Parts<'_> {
    fn normalized(self) -> String {
        let is_bare = self.tag.is_none() && self.digest.is_none();
        Parts { tag: if is_bare { Some("latest") } else { self.tag }, ..self }.written()
    }

    fn familiar(self) -> Self {
        if self.domain != DEFAULT_DOMAIN {
            return self;
        }
        let path = self.path.strip_prefix(OFFICIAL).filter(|rest| !rest.contains('/'));
        Parts { domain: "", path: path.unwrap_or(self.path), ..self }
    }

    fn short(self) -> String {
        let tag = self.tag.filter(|&tag| tag != "latest" || self.digest.is_some());
        Parts { tag, ..self.familiar() }.written()
    }

    fn written(self) -> String {
        let separated = [(':', self.tag), ('@', self.digest)];
        let len = separated.iter().map(|(_, part)| part.map_or(0, |part| part.len() + 1));
        let mut out = String::with_capacity(self.domain.len() + 1 + self.path.len() + len.sum::<usize>());
        if !self.domain.is_empty() {
            out.push_str(self.domain);
            out.push('/');
        }
        out.push_str(self.path);
        for (separator, part) in separated {
            if let Some(part) = part {
                out.push(separator);
                out.push_str(part);
            }
        }
        out
    }
}

/// Reads and normalises a reference.
///
/// # Errors
/// The message of `distribution/reference`, e.g. `invalid reference format`.
pub fn parse(text: &str) -> Result<ImageRef, String> {
    read(text, |Parts { domain, path, tag, digest }| ImageRef {
        domain: domain.to_owned(),
        path: path.to_owned(),
        tag: tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
    })
}

/// What [`ImageRef::normalized`] and [`ImageRef::short`] make of a reference.
///
/// # Errors
/// As for [`parse`].
pub fn forms(text: &str) -> Result<(String, String), String> {
    read(text, |parts| (parts.normalized(), parts.short()))
}

fn read<T>(text: &str, make: impl FnOnce(Parts<'_>) -> T) -> Result<T, String> {
    if text.len() == 64 && text.bytes().all(|it| matches!(it, b'a'..=b'f' | b'0'..=b'9')) {
        return Err(format!("invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"));
    }
    let (domain, namespace, rest) = split_domain(text);
    let full = [domain, "/", namespace, rest].concat();
    let remainder = &full[domain.len() + 1..];
    let remote = remainder.split_once(':').map_or(remainder, |(remote, _)| remote);
    if !is_lower(remote) {
        return Err(format!("invalid reference format: repository name ({remote}) must be lowercase"));
    }
    let Some(found) = split_reference(&full) else {
        return Err(if split_reference(&full.to_lowercase()).is_some() {
            "repository name must be lowercase".to_owned()
        } else {
            "invalid reference format".to_owned()
        });
    };
    if found.path.len() > MAX_PATH {
        return Err(format!("repository name must not be more than {MAX_PATH} characters"));
    }
    if let Some(digest) = found.digest {
        check_digest(digest)?;
    }
    Ok(make(found))
}

/// Splits into registry, the namespace that is left out, and the rest.
fn split_domain(text: &str) -> (&str, &str, &str) {
    let (domain, rest) = match text.split_once('/') {
        None => (DEFAULT_DOMAIN, text),
        Some((first, rest)) if first.strip_prefix(LEGACY_SUBDOMAIN) == Some(DEFAULT_DOMAIN) => {
            (DEFAULT_DOMAIN, rest)
        }
        Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => (first, rest),
        Some((first, rest)) if !is_lower(first) => (first, rest),
        Some(_) => (DEFAULT_DOMAIN, text),
    };
    let is_official = domain == DEFAULT_DOMAIN && !rest.contains('/');
    (domain, if is_official { OFFICIAL } else { "" }, rest)
}

/// Whether the text is its own lower case.
fn is_lower(text: &str) -> bool {
    match text.is_ascii() {
        true => !text.bytes().any(|it| it.is_ascii_uppercase()),
        false => text.to_lowercase() == text,
    }
}

/// The grammar of `distribution/reference`: `[domain/]path[:tag][@digest]`.
fn split_reference(full: &str) -> Option<Parts<'_>> {
    let (name, digest) = match full.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (full, None),
    };
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[last..].find(':') {
        Some(at) => (&name[..last + at], Some(&name[last + at + 1..])),
        None => (name, None),
    };
    let (domain, path) = match name.split_once('/') {
        Some((domain, path)) if is_domain(domain) && is_path(path) => (domain, path),
        Some(_) | None if is_path(name) => ("", name),
        Some(_) | None => return None,
    };
    let is_valid = tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
    is_valid.then_some(Parts { domain, path, tag, digest })
}

/// A host name, an IPv4 address or an IPv6 address in brackets, with an optional port.
fn is_domain(text: &str) -> bool {
    let (host, port) = match (text.starts_with('['), text.find(']')) {
        (true, Some(end)) => {
            (&text[..=end], text[end + 1..].strip_prefix(':').or((end + 1 < text.len()).then_some("")))
        }
        (true, None) => return false,
        (false, _) => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let host_is_valid = match host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(address) => {
            !address.is_empty() && address.bytes().all(|it| it == b':' || it.is_ascii_hexdigit())
        }
        None => host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|it| it == b'-' || it.is_ascii_alphanumeric())
        }),
    };
    host_is_valid && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit()))
}

fn is_path(text: &str) -> bool {
    text.split('/').all(is_path_component)
}

/// Lower-case letters and digits, separated by one `.`, one or two `_`, or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let is_atom = |it: &u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_atom)
        && bytes.last().is_some_and(is_atom)
        && bytes.split(is_atom).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|&it| it == b'-')
        })
}

fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.' | b'-'))
}

/// `algorithm:hex`, where the algorithm is made of words that start with a letter.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    hex.len() >= 32
        && hex.bytes().all(|it| it.is_ascii_hexdigit())
        && algorithm.split(['-', '_', '+', '.']).all(|word| {
            word.starts_with(|it: char| it.is_ascii_alphabetic())
                && word.bytes().all(|it| it.is_ascii_alphanumeric())
        })
}

/// What `opencontainers/go-digest` asks of a digest.
///
/// # Errors
/// Its message.
pub fn check_digest(digest: &str) -> Result<(), String> {
    const INVALID: &str = "invalid checksum digest format";
    let Some((algorithm, encoded)) =
        digest.split_once(':').filter(|(algorithm, rest)| !algorithm.is_empty() && !rest.is_empty())
    else {
        return Err(INVALID.to_owned());
    };
    let len = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        other => {
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
            };
            let known_form = other.split(['.', '+', '_', '-']).all(is_word)
                && encoded.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'=' | b'_' | b'-'));
            return Err(if known_form { "unsupported digest algorithm" } else { INVALID }.to_owned());
        }
    };
    if encoded.len() != len {
        return Err("invalid checksum digest length".to_owned());
    }
    if encoded.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(())
    } else {
        Err(INVALID.to_owned())
    }
}
