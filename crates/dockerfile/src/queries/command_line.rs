//! The command that builds what one sees, for each of the tools that read Dockerfiles.

use super::cut::{Cut, Targetable};
use crate::stages::BuildOptions;

/// A program that builds Dockerfiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builder {
    /// Docker with BuildKit, the default since version 23.
    Docker,
    /// Docker's plugin, which always uses BuildKit.
    Buildx,
    /// Podman, which builds by Buildah's library.
    Podman,
    /// Buildah.
    Buildah,
    /// Docker's builder before BuildKit.
    Legacy,
}

impl Builder {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Builder; 5] =
        [Builder::Docker, Builder::Buildx, Builder::Podman, Builder::Buildah, Builder::Legacy];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Builder::Docker => "docker",
            Builder::Buildx => "docker buildx",
            Builder::Podman => "podman",
            Builder::Buildah => "buildah",
            Builder::Legacy => "docker, legacy builder",
        }
    }

    pub(super) fn program(self) -> &'static str {
        match self {
            Builder::Docker => "docker build",
            Builder::Buildx => "docker buildx build",
            Builder::Podman => "podman build",
            Builder::Buildah => "buildah build",
            Builder::Legacy => "DOCKER_BUILDKIT=0 docker build",
        }
    }
}

/// The command that builds the target of `cut` from the files of the current folder, given `options` beside the
/// target; `None` if no command can ask for that stage. The legacy builder knows no named contexts.
pub fn command_line(cut: &Cut, is_default: bool, builder: Builder, options: &BuildOptions) -> Option<String> {
    let mut words = vec![builder.program().to_owned()];
    match &cut.targetable {
        _ if is_default => {}
        Targetable::ByName(name) => words.push(format!("--target {}", shell_word(name))),
        Targetable::DefaultOnly => {}
        Targetable::No { .. } => return None,
    }
    words.extend(given(options, builder));
    words.push(".".to_owned());
    Some(words.join(" "))
}

/// The words that give a build `options`, the target left out.
pub(super) fn given(options: &BuildOptions, builder: Builder) -> Vec<String> {
    let mut words = Vec::new();
    if options.target_platform != options.build_platform {
        words.push(format!("--platform {}", shell_word(&options.target_platform)));
    }
    let pairs = |flag: &'static str, pairs: &[(String, String)]| -> Vec<String> {
        let word = |(name, value): &(String, String)| shell_word(&format!("{name}={value}"));
        pairs.iter().map(|pair| format!("{flag} {}", word(pair))).collect()
    };
    words.extend(pairs("--build-arg", &options.build_args));
    if builder != Builder::Legacy {
        words.extend(pairs("--build-context", &options.contexts));
    }
    words
}

/// A word as a POSIX shell takes it for itself.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=@%+,".contains(it);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}
