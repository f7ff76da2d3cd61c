//! What a build is given beside the Dockerfile and the target: arguments, platforms, other contexts, the files.

use std::collections::BTreeMap;
use std::rc::Rc;

use dockerfile::context::{self, BuildContext};
use dockerfile::stages::BuildOptions;
use protocol::{Context, ContextFile, Playground};

use crate::analysis::Analysis;

/// What a build is given. The default is a plain `docker build .` on linux/amd64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `--build-arg`, by name.
    pub(crate) args: BTreeMap<String, String>,
    /// `--platform`; `None` for that of the builder.
    pub(crate) platform: Option<String>,
    /// The builder's own platform; `None` for linux/amd64.
    pub(crate) builder: Option<String>,
    /// `--build-context`, by name.
    pub(crate) contexts: BTreeMap<String, String>,
    /// What is in the build context, if somebody has told.
    pub(crate) context: Option<BuildContext>,
}

impl Asked {
    /// What a link asks for.
    pub(crate) fn of(playground: &Playground) -> Asked {
        let Playground { args, platform, builder, contexts, context, .. } = playground.clone();
        let file = |file: ContextFile| context::ContextFile { path: file.path, size: file.size };
        let context = context.map(|Context { ignore, files, partial }| BuildContext {
            ignore,
            files: files.map(|files| files.into_iter().map(file).collect()),
            is_partial: partial,
        });
        Asked { args, platform, builder, contexts, context }
    }

    /// A build that was made before one that is given `now`.
    pub(crate) fn built(built: &protocol::Built, now: &Asked) -> Analysis {
        let protocol::Built { dockerfile, args, platform, builder, contexts } = built.clone();
        let asked = Asked { args, platform, builder, contexts, context: now.context.clone() };
        Analysis::of(dockerfile, Rc::new(asked), None)
    }

    /// What a link says of the build context.
    pub(crate) fn linked_context(&self) -> Option<Context> {
        let BuildContext { ignore, files, is_partial } = self.context.clone()?;
        let file = |file: context::ContextFile| ContextFile { path: file.path, size: file.size };
        let files = files.map(|files| files.into_iter().map(file).collect());
        Some(Context { ignore, files, partial: is_partial })
    }

    /// The options of a build of `target`.
    pub(crate) fn options(&self, target: Option<&str>) -> BuildOptions {
        let plain = BuildOptions::default();
        let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter().collect();
        let build_platform = self.builder.clone().unwrap_or(plain.build_platform);
        BuildOptions {
            build_args: pairs(&self.args),
            target_platform: self.platform.clone().unwrap_or_else(|| build_platform.clone()),
            build_platform,
            target: target.map(str::to_owned),
            contexts: pairs(&self.contexts),
            ..BuildOptions::default()
        }
    }

    /// What differs from a plain build, each in a few words.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.args.iter().map(|(name, value)| format!("{name}={value}")).collect();
        words.extend(self.platform.iter().map(|platform| format!("for {platform}")));
        words.extend(self.builder.iter().map(|platform| format!("on {platform}")));
        words.extend(self.contexts.keys().map(|name| format!("another {name}")));
        words
    }
}
