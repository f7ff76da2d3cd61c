//! What the commands have in common: the Dockerfiles, and what a build is asked for.

use std::path::PathBuf;

use dockerfile::stages::{self, BaseConfig, BuildOptions, platform};

/// Which Dockerfiles are asked about.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Input {
    /// Dockerfiles; '-' for the standard input
    #[arg(value_name = "FILE", required_unless_present = "files_from")]
    pub(crate) files: Vec<PathBuf>,
    /// Read paths from a file, one a line; '-' for the standard input
    #[arg(long, value_name = "LIST|-")]
    pub(crate) files_from: Option<PathBuf>,
}

/// What a build is asked for.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Build {
    /// The stage to build, by its name; without it the last one
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,
    /// Set a build argument; K alone takes the value from the environment, as Docker does
    #[arg(long = "build-arg", value_name = "K=V", value_parser = build_arg)]
    build_args: Vec<BuildArg>,
    /// The platform to build for
    #[arg(long, value_name = "P", default_value = "linux/amd64", value_parser = platform_name)]
    platform: String,
    /// Use something else for the image or the stage of this name: a directory, docker-image://IMAGE,
    /// oci-layout://PATH, a URL or a git repository
    #[arg(long = "build-context", value_name = "NAME=VALUE", value_parser = build_context)]
    build_contexts: Vec<(String, String)>,
}

/// A build argument; `None` if it was named without a value and the environment has none.
#[derive(Clone, Debug)]
struct BuildArg(Option<(String, String)>);

impl Build {
    /// The same for the core. `other_images` is what images are taken to set; `None` leaves that open.
    pub(crate) fn options(&self, other_images: Option<BaseConfig>) -> BuildOptions {
        BuildOptions {
            build_args: self.build_args.iter().filter_map(|arg| arg.0.clone()).collect(),
            target_platform: self.platform.clone(),
            target: self.target.clone(),
            contexts: self.build_contexts.clone(),
            other_images,
            ..BuildOptions::default()
        }
    }
}

fn build_arg(text: &str) -> Result<BuildArg, String> {
    let arg = match text.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => std::env::var(text).ok().map(|value| (text.to_owned(), value)),
    };
    if text.is_empty() || text.starts_with('=') {
        return Err("it needs a name in front of the '='".to_owned());
    }
    Ok(BuildArg(arg))
}

fn platform_name(text: &str) -> Result<String, String> {
    platform::parse(text).map(|platform| platform.format())
}

fn build_context(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((stages::context_name(name)?, value.to_owned()))
        }
        Some(_) | None => Err("write NAME=VALUE, e.g. alpine=docker-image://alpine:3.22".to_owned()),
    }
}
