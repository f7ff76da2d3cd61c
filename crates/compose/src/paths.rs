//! Where the Dockerfile of a build is: its path within its context.

use protocol::builds::{Origin, Value};

/// The Dockerfile called `dockerfile` in `context`.
pub(crate) fn origin(context: &Value, dockerfile: Option<&Value>) -> Origin {
    let unknown = |what: &str, value: &Value| Origin::Unknown(format!("{what} is {}", value.words()));
    let Some(folder) = context.text.as_deref() else { return unknown("its context", context) };
    let name = match dockerfile {
        Some(value) => match value.text.as_deref() {
            Some(name) => name,
            None => return unknown("its Dockerfile", value),
        },
        None => "Dockerfile",
    };
    let name = if name.is_empty() { "Dockerfile" } else { name };
    if let Some(name) = name.strip_prefix("cwd://") {
        return Origin::File(clean(name));
    }
    if is_absolute(name) {
        return Origin::File(clean(name));
    }
    let folder = folder.strip_prefix("cwd://").unwrap_or(folder);
    if is_remote(folder) {
        return Origin::Remote(folder.to_owned());
    }
    Origin::File(clean(&format!("{folder}/{name}")))
}

/// Whether a context is fetched from elsewhere.
pub(crate) fn is_remote(context: &str) -> bool {
    context.contains("://")
        || context.starts_with("git@")
        || context.starts_with("github.com/")
        || context.starts_with("service:")
        || context.starts_with("target:")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.starts_with('~')
}

/// The shortest way to write a path, as far as its text tells.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|it| *it != "..") => drop(parts.pop()),
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    let joined = parts.join("/");
    if root.is_empty() && joined.is_empty() { ".".to_owned() } else { format!("{root}{joined}") }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn paths_are_written_in_one_way() {
        let rows = [
            ("./Dockerfile", "Dockerfile"),
            ("./api/../Dockerfile", "Dockerfile"),
            ("../Dockerfile", "../Dockerfile"),
            ("../../a/../b", "../../b"),
            ("/a//b/../../..", "/"),
            (".", "."),
        ];
        for (path, short) in rows {
            assert_eq!(clean(path), short);
        }
    }
}
