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
    /// What is in files of it, by path: what a real build is given.
    pub(crate) texts: BTreeMap<String, String>,
}

impl Asked {
    /// What a link asks for.
    pub(crate) fn of(playground: &Playground) -> Asked {
        let Playground { args, platform, builder, contexts, context, .. } = playground.clone();
        let file = |file: ContextFile| context::ContextFile { path: file.path, size: file.size };
        let listed = || context.iter().flat_map(|context| context.files.iter().flatten());
        let text = |file: &ContextFile| Some((file.path.clone(), file.text.clone()?));
        let texts = listed().filter_map(text).collect();
        let context = context.map(|Context { ignore, files, partial }| BuildContext {
            ignore,
            files: files.map(|files| files.into_iter().map(file).collect()),
            is_partial: partial,
        });
        Asked { args, platform, builder, contexts, context, texts }
    }

    /// A build that was made before one that is given `now`.
    pub(crate) fn built(built: &protocol::Built, now: &Asked) -> Analysis {
        let protocol::Built { dockerfile, args, platform, builder, contexts } = built.clone();
        let asked = Asked { args, platform, builder, contexts, ..now.clone() };
        Analysis::of(dockerfile, Rc::new(asked), None)
    }

    /// What a link says of the build context.
    pub(crate) fn linked_context(&self) -> Option<Context> {
        let BuildContext { ignore, files, is_partial } = self.context.clone()?;
        let text = |path: &str| self.texts.get(path).cloned();
        let file = |file: context::ContextFile| ContextFile {
            text: text(&file.path),
            path: file.path,
            size: file.size,
        };
        let files = files.map(|files| files.into_iter().map(file).collect());
        Some(Context { ignore, files, partial: is_partial })
    }

    /// Lists the files whose texts are known. Where nobody has listed any, there may be more.
    pub(crate) fn list_texts(&mut self) {
        if self.texts.is_empty() && self.context.is_none() {
            return;
        }
        let context = self.context.get_or_insert_default();
        context.is_partial |= context.files.is_none();
        let files = context.files.get_or_insert_default();
        for (path, text) in &self.texts {
            let size = Some(text.len() as u64);
            match files.iter_mut().find(|file| file.path == *path) {
                Some(file) => file.size = size,
                None => files.push(context::ContextFile { path: path.clone(), size }),
            }
        }
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
