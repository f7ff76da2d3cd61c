//! What a source of ADD or COPY is: a local path, a URL or a git repository.
//!
//! Follows `frontend/dockerfile/dfgitutil`, `util/gitutil` and `util/sshutil`. Surprising: an `http(s)://`
//! address is a repository only if its path ends in `.git`, whereas `git@host:path`, `git://` and `ssh://`
//! always are; and `github.com/a/b` without a scheme is an ordinary path.

use super::go;

/// What a source is, judged by its text after expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceForm {
    /// A path, in the build context or in another stage.
    Local,
    /// Something to download.
    Http,
    /// A git repository.
    Git(GitRef),
    /// A git repository with parameters that BuildKit refuses; the message.
    BadGit(String),
}

/// A git repository, and what of it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitRef {
    /// The address without `?…` and `#…`.
    pub remote: String,
    /// Branch, tag or commit, or empty.
    pub reference: String,
    /// Whether that is a commit which is given as a checksum alone.
    pub is_checksum: bool,
    /// Directory within the repository, or empty.
    pub subdir: String,
}

impl GitRef {
    /// What BuildKit calls it: the same for all ways to get there, `git://HOST/PATH#REF:DIRECTORY`.
    pub fn identifier(&self) -> String {
        let (host, path) = match self.remote.split_once("://") {
            Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
            None => self.remote.split_once(':').unwrap_or((&self.remote, "")),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let mut identifier = format!("git://{host}{}", go::join_path(&["/", path]));
        let reference = if self.is_checksum { "" } else { &self.reference };
        if !reference.is_empty() || !self.subdir.is_empty() {
            identifier = identifier + "#" + reference;
        }
        if !self.subdir.is_empty() {
            identifier = identifier + ":" + &self.subdir;
        }
        identifier
    }
}

/// Judges a source.
pub fn source_form(text: &str) -> SourceForm {
    // All others have a scheme, or a host and a path.
    if !text.contains(':') && !text.starts_with("github.com/") {
        return SourceForm::Local;
    }
    match parse(text) {
        Ok((git, false)) => SourceForm::Git(git),
        Err(GitError::Refused(message)) => SourceForm::BadGit(message),
        Ok((_, true)) | Err(GitError::NotGit(_)) => {
            if text.starts_with("http://") || text.starts_with("https://") {
                SourceForm::Http
            } else {
                SourceForm::Local
            }
        }
    }
}

/// Why a text is no git reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// It is something else; the reason in BuildKit's words.
    NotGit(String),
    /// It is one, but not a valid one.
    Refused(String),
}

/// Reads a git reference (`ParseGitRef`). The flag says whether it looks just like a local path.
///
/// # Errors
/// Says why it is none.
pub fn parse(text: &str) -> Result<(GitRef, bool), GitError> {
    const INVALID: &str = "invalid argument";
    let not_git = |message: &str| Err(GitError::NotGit(message.to_owned()));
    if text.starts_with("./") || text.starts_with("../") {
        return not_git(INVALID);
    }
    let scheme = text
        .split_once("://")
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.is_empty() && scheme.bytes().all(|it| it.is_ascii_alphanumeric()));
    let local_like = scheme.is_none() && text.starts_with("github.com/");
    let address = match scheme {
        Some(scheme) => {
            let scheme = scheme.to_ascii_lowercase();
            if !matches!(scheme.as_str(), "http" | "https" | "ssh" | "git") {
                return not_git(&format!("{scheme}: invalid protocol"));
            }
            let address = split_address(text);
            if !is_valid_url(&address) {
                return not_git("invalid URL");
            }
            if scheme.starts_with("http") && !path_of(address.base).ends_with(".git") {
                return not_git(INVALID);
            }
            address
        }
        None if local_like => split_address(text),
        None => match scp_address(text) {
            Some(address) => address,
            None => return not_git("unknown protocol"),
        },
    };
    let (reference, subdir) = address.fragment.split_once(':').unwrap_or((address.fragment, ""));
    let mut git = GitRef {
        remote: address.base.to_owned(),
        reference: percent_decoded(reference),
        subdir: percent_decoded(subdir),
        is_checksum: false,
    };
    read_query(&mut git, address.query).map_err(GitError::Refused)?;
    Ok((git, local_like))
}

/// The parts of an address.
struct Address<'a> {
    base: &'a str,
    query: &'a str,
    fragment: &'a str,
}

fn split_address(text: &str) -> Address<'_> {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
    Address { base, query, fragment }
}

/// `user@host:path`, as in `util/sshutil`.
fn scp_address(text: &str) -> Option<Address<'_>> {
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let is_user = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    let is_host = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'.';
    let is_valid = !user.is_empty()
        && user.bytes().all(is_user)
        && !host.is_empty()
        && host.bytes().all(is_host)
        && !path.contains('\n');
    is_valid.then(|| split_address(text))
}

/// The path of `scheme://authority/path`.
fn path_of(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// Whether Go's `url.Parse` takes an address that has a scheme.
pub(super) fn is_url(text: &str) -> bool {
    is_valid_url(&split_address(text))
}

/// The checks of Go's `url.Parse` that a hand-written address can fail.
fn is_valid_url(address: &Address<'_>) -> bool {
    let rest = address.base.split_once("://").map_or(address.base, |(_, rest)| rest);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host_is_valid = match host.strip_prefix('[') {
        Some(_) => host.rfind(']').is_some_and(|end| is_port(&host[end + 1..])),
        None => host.rfind(':').is_none_or(|at| is_port(&host[at..])),
    };
    let is_control = |it: u8| it < b' ' || it == 0x7f;
    host_is_valid
        && !host.bytes().any(|it| b" <>\"\\^`{|}".contains(&it))
        && !address.base.bytes().chain(address.query.bytes()).any(is_control)
        && escapes_are_valid(path)
        && escapes_are_valid(address.fragment)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|it| it.is_ascii_digit()))
}

fn escapes_are_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .filter(|&at| bytes[at] == b'%')
        .all(|at| bytes.get(at + 1..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)))
}

pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let value = tail.get(..2).and_then(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
        match (first, value) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            (first, _) => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes in `?ref=…&subdir=…` and the other parameters.
fn read_query(git: &mut GitRef, query: &str) -> Result<(), String> {
    let (mut tag, mut branch, mut checksum) = (String::new(), String::new(), String::new());
    let mut seen: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) =
            (percent_decoded(&key.replace('+', " ")), percent_decoded(&value.replace('+', " ")));
        if seen.contains(&key) {
            return Err(format!("query {} has multiple values", go::quote(&key)));
        }
        seen.push(key.clone());
        let is_switch = matches!(key.as_str(), "submodules" | "keep-git-dir");
        if value.is_empty() && !is_switch {
            return Err(format!("query {} has no value", go::quote(&key)));
        }
        match key.as_str() {
            "ref" => set_once(&mut git.reference, value, "ref")?,
            "subdir" => set_once(&mut git.subdir, value, "subdir")?,
            "tag" => tag = value,
            "branch" => branch = value,
            "checksum" | "commit" => checksum = value,
            "submodules" | "keep-git-dir" => {
                let known =
                    ["", "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
                if !known.contains(&value.as_str()) {
                    return Err(format!("invalid {key} value: {}", go::quote(&value)));
                }
            }
            _ => return Err(format!("unexpected query {}", go::quote(&key))),
        }
    }
    if !tag.is_empty() && !branch.is_empty() {
        return Err("branch conflicts with tag".to_owned());
    }
    for (name, prefix) in [(tag, "refs/tags/"), (branch, "refs/heads/")] {
        if !name.is_empty() {
            let full = if name.starts_with(prefix) { name } else { format!("{prefix}{name}") };
            set_once(&mut git.reference, full, "ref")?;
        }
    }
    if git.reference.is_empty() {
        git.is_checksum = !checksum.is_empty();
        git.reference = checksum;
    }
    Ok(())
}

fn set_once(place: &mut String, value: String, name: &str) -> Result<(), String> {
    if !place.is_empty() && *place != value {
        return Err(format!("{name} conflicts: {} vs {}", go::quote(place), go::quote(&value)));
    }
    *place = value;
    Ok(())
}
