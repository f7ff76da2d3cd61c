//! What names tell: whether something is likely a file or a directory, an archive, or a place that images have.

use super::Shape;
use super::paths;

/// What a path of a source most likely is, judged by its name alone.
pub(super) fn shape(path: &str) -> Shape {
    let name = paths::name(path);
    if paths::is_pattern(name) {
        return Shape::Pattern;
    }
    if matches!(name, "" | "." | "..") || path.ends_with('/') || contains(DIRECTORIES, name) {
        return Shape::Tree;
    }
    let is_program = contains("|bin|sbin|release|debug|", paths::name(paths::parent(path)));
    if contains(FILES, name) || name.starts_with(".env") || is_program {
        return Shape::File;
    }
    match name.rsplit_once('.') {
        Some(("", hidden)) if hidden.ends_with("rc") || hidden.ends_with("ignore") => Shape::File,
        Some(("", _)) | None => Shape::Either,
        Some((_, "d")) => Shape::Tree,
        Some(_) if name.contains(".so.") => Shape::File,
        Some((_, extension)) if is_extension(extension) => Shape::File,
        Some(_) => Shape::Either,
    }
}

fn is_extension(text: &str) -> bool {
    text.len() <= 10
        && text.bytes().any(|it| it.is_ascii_alphabetic())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// Whether ADD takes it for an archive, judged by its name.
pub(super) fn is_archive(path: &str) -> bool {
    const ENDS: &[&str] =
        &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"];
    let name = paths::name(path).to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether every usual image has this directory.
pub(super) fn is_usual_directory(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    contains(
        "|/bin|/boot|/dev|/etc|/etc/ssl|/etc/ssl/certs|/home|/lib|/media|/mnt|/opt|/proc|/root|/run|/sbin|/srv|/sys|/tmp|/usr\
         |/usr/bin|/usr/lib|/usr/local|/usr/local/bin|/usr/local/lib|/usr/local/sbin|/usr/sbin|/usr/share|/usr/src\
         |/usr/local/share|/var|/var/cache|/var/lib|/var/log|/var/run|/var/tmp|/etc/profile.d|",
        path,
    )
}

/// Whether images usually have this path, whatever else is in them.
pub(super) fn is_usual(path: &str) -> bool {
    contains("|/|/etc/passwd|/etc/group|/etc/nsswitch.conf|/etc/hosts|", path) || is_usual_directory(path)
}

/// Whether images usually have such paths, as far as no package brings them.
pub(super) fn is_usual_without_packages(path: &str) -> bool {
    const ABOVE: &[&str] = &[
        "/bin",
        "/lib",
        "/lib64",
        "/sbin",
        "/usr/bin",
        "/usr/lib",
        "/usr/sbin",
        "/etc/ssl",
        "/usr/share/zoneinfo",
    ];
    ABOVE.iter().any(|above| is_in(above, path))
}

/// Whether packages are installed to such places.
pub(super) fn is_system(path: &str) -> bool {
    const ABOVE: &[&str] = &["/usr", "/etc", "/lib", "/lib64", "/bin", "/sbin", "/var", "/opt"];
    ABOVE.iter().any(|above| is_in(above, path))
}

/// Whether a path is at or below another; neither is a pattern.
pub(super) fn is_in(above: &str, path: &str) -> bool {
    path.strip_prefix(above.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a word is in a list with a bar around each.
pub(super) fn contains(list: &str, word: &str) -> bool {
    let Some(&first) = word.as_bytes().first() else { return false };
    // What begins like the word, behind a bar; few words do.
    let mut starts = list.as_bytes().windows(2).enumerate().filter(|(_, it)| **it == [b'|', first]);
    starts.any(|(at, _)| list[at + 1..].strip_prefix(word).is_some_and(|rest| rest.starts_with('|')))
        && !word.contains('|')
}

const DIRECTORIES: &str = "|src|lib|dist|build|public|static|assets|docs|test|tests|cmd|pkg|internal|vendor|scripts|templates|migrations|node_modules\
    |target|out|include|etc|conf.d|resources|views|components|packages|apps|.git|.github|.mvn|.yarn|.next|.output|.venv|venv|gradle|prisma|certs|";
const FILES: &str = "|Dockerfile|Makefile|LICENSE|README|Gemfile|Rakefile|Procfile|gradlew|mvnw|Pipfile|Jenkinsfile|Justfile|Vagrantfile\
    |VERSION|artisan|manage.py|WORKSPACE|BUILD|configure|";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_files_from_directories() {
        for (path, expected) in [
            ("/go.mod", Shape::File),
            ("/.npmrc", Shape::File),
            ("/src", Shape::Tree),
            ("/", Shape::Tree),
            ("/conf.d", Shape::Tree),
            ("/app", Shape::Either),
            ("/v1.2", Shape::Either),
            ("/.config", Shape::Either),
            ("/package*.json", Shape::Pattern),
            ("/Makefile", Shape::File),
            ("/usr/bin/app", Shape::File),
            ("/usr/bin", Shape::Either),
        ] {
            assert_eq!(shape(path), expected, "{path}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        assert!(contains("|a|bc|", "bc"));
        assert!(!contains("|a|bc|", "b"));
        assert!(!contains("|abc|c|", "ab"));
        assert!(contains("|xbc|bc|", "bc"));
        assert!(!contains("|a|", ""));
        assert!(!contains("|a|b|", "a|b") && !contains("|a|b|", "|") && !contains("|é|", "e"));
        assert!(contains("|a|é|", "é"));
    }
}
