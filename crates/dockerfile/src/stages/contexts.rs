//! Named contexts: what `--build-context NAME=VALUE` puts in the place of a stage or an image.
//!
//! Follows `NamedContext` of `dockerui`, and `buildDispatchStates` and `resolveBaseImage` of `dockerfile2llb`.
//! Surprising: a stage that is called like a context gives up its base and all its instructions, yet BuildKit
//! prepares whatever those refer to; earlier stages win over contexts, which only stand in for images; and a stage
//! cannot be replaced if it is called `scratch` or `context`, while an image called `context` can.

use std::collections::HashMap;

use super::git_ref::{self, SourceForm};
use super::image_ref;
use super::platform::{self, Platform};
use super::{BuildOptions, Content, Source};

/// The named contexts of a build, by their names in normal form.
#[derive(Default)]
pub(super) struct NamedContexts {
    values: HashMap<String, String>,
}

/// What a name outside the file stands for.
pub(super) struct Outside {
    pub(super) source: Source,
    pub(super) fault: Option<Fault>,
}

/// Why a name outside the file stands for nothing.
pub(super) enum Fault {
    /// It is no image reference. Every target runs into this.
    NoImage(String),
    /// The value of the named context is of no use. Only targets that need it run into this.
    BadContext(String),
}

/// The name of a context as BuildKit looks for it: an image reference in its shortest form. A platform may stand
/// behind it, as in `alpine::linux/arm64`.
///
/// # Errors
/// BuildKit's message, if the name is no valid image reference.
pub fn context_name(text: &str) -> Result<String, String> {
    let (name, platform) = match text.split_once("::") {
        Some((name, platform)) => (name, Some(platform)),
        None => (text, None),
    };
    let image = image_ref::parse(name).map_err(|why| format!("invalid context name {name}: {why}"))?;
    Ok(match platform {
        Some(platform) => {
            let platform = platform::parse(platform).map_err(|why| format!("{platform}: {why}"))?;
            with_platform(&image.short(), &platform)
        }
        None => image.short(),
    })
}

impl NamedContexts {
    /// The contexts of `options`; the last of two equal names wins. A name that no reference could ever have is
    /// left out.
    pub(super) fn new(options: &BuildOptions) -> NamedContexts {
        let values = options.contexts.iter();
        let values = values.filter_map(|(name, value)| Some((context_name(name).ok()?, value.clone())));
        NamedContexts { values: values.collect() }
    }

    /// What stands in for the stage of that name.
    ///
    /// # Errors
    /// BuildKit's message, if it could not even look for it.
    pub(super) fn stage(&self, name: &str, platform: &Platform) -> Result<Option<Outside>, String> {
        // Without contexts there is nothing to look for, and no reason to ask more of a name.
        if self.values.is_empty() || matches!(name, "scratch" | "context") {
            return Ok(None);
        }
        match image_ref::forms(name) {
            Ok((_, familiar)) => Ok(self.find(&familiar, platform)),
            Err(why) => Err(format!("invalid context name {name}: {why}")),
        }
    }

    /// What a name stands for that no stage has.
    pub(super) fn image(&self, name: &str, platform: &Platform) -> Outside {
        if name == "scratch" {
            return Outside { source: Source::Scratch, fault: None };
        }
        match image_ref::forms(name) {
            Ok((reference, familiar)) => self
                .find(&familiar, platform)
                .unwrap_or(Outside { source: Source::Image { reference, familiar }, fault: None }),
            Err(why) => Outside {
                source: Source::Invalid(name.to_owned()),
                fault: Some(Fault::NoImage(format!(
                    "failed to parse stage name {}: {why}",
                    super::go::quote(name)
                ))),
            },
        }
    }

    /// The context for an image reference in its shortest form.
    fn find(&self, name: &str, platform: &Platform) -> Option<Outside> {
        if self.values.is_empty() {
            return None;
        }
        let (name, value) = self
            .values
            .get_key_value(&with_platform(name, platform))
            .or_else(|| self.values.get_key_value(name))?;
        Some(match content(name, value) {
            Ok(content) => {
                let (name, value) = (name.clone(), value.clone());
                Outside { source: Source::NamedContext { name, value, content }, fault: None }
            }
            Err(message) => {
                Outside { source: Source::Invalid(value.clone()), fault: Some(Fault::BadContext(message)) }
            }
        })
    }
}

fn with_platform(name: &str, platform: &Platform) -> String {
    format!("{name}::{}", platform.format())
}

/// What the value of a context means: what Docker hands over as it is, and what it makes a directory of.
fn content(name: &str, value: &str) -> Result<Content, String> {
    if let Some(reference) = value.strip_prefix("docker-image://") {
        if reference == "scratch" {
            return Ok(Content::Empty);
        }
        let image = image_ref::parse(reference)?;
        return Ok(Content::Image { reference: image.normalized(), familiar: image.short() });
    }
    if value.starts_with("oci-layout://") {
        return Ok(Content::Layout);
    }
    let scheme = value.split_once(':').map(|(scheme, _)| scheme);
    let unsupported = || match scheme {
        Some(scheme) => format!("unsupported context source {scheme} for {name}"),
        None => format!("invalid context specifier {value} for {name}"),
    };
    match git_ref::source_form(value) {
        SourceForm::Git(_) => match scheme {
            Some(scheme) if scheme.starts_with("git@") => Ok(Content::Git),
            Some("git" | "http" | "https") => Ok(Content::Git),
            Some(_) | None => Err(unsupported()),
        },
        SourceForm::BadGit(message) => Err(message),
        SourceForm::Http => Ok(Content::Url),
        // Docker takes these for repositories and targets; BuildKit then knows nothing of either.
        SourceForm::Local if value.starts_with("target:") || git_ref::parse(value).is_ok() => {
            Err(unsupported())
        }
        SourceForm::Local => Ok(Content::Directory),
    }
}
