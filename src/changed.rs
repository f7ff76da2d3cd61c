//! What has changed since the build that is in the cache: the question that the panel of the cache asks.

use std::collections::BTreeSet;

use dockerfile::context::BuildContext;
use dockerfile::ignore::Ignore;
use dockerfile::queries::cache::{Changes, FileChange, Files, MovedImage, Outputs, What};

/// The ignore file in the build context.
const IGNORE_FILE: &str = ".dockerignore";

/// What is not as it was, beside the text and what the build is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// What has changed.
    pub(crate) changes: Changes,
    /// What RUN steps write that run again.
    pub(crate) outputs: Outputs,
    /// The target that was built, by its name; `None` for the one that is asked for now.
    pub(crate) built_target: Option<String>,
    /// Whether the Dockerfile lies elsewhere than in the build context. There it is a file that `COPY . .` takes.
    pub(crate) dockerfile_outside: bool,
}

/// The name of the Dockerfile in the build context, as `docker build` expects it.
pub(crate) const DOCKERFILE: &str = "Dockerfile";

/// All that can happen to a file, with its id in links and its words.
pub(crate) const WHATS: [(What, &str, &str); 5] = [
    (What::Content, "content", "changed"),
    (What::Added, "added", "is new"),
    (What::Removed, "removed", "is gone"),
    (What::Mode, "mode", "has another mode"),
    (What::Touched, "touched", "has another time only"),
];

/// What can happen to a file, by its id.
pub(crate) fn what_of_id(id: &str) -> Option<What> {
    WHATS.into_iter().find(|(_, it, _)| *it == id).map(|(what, ..)| what)
}

/// What happened to a file, in words that follow its name.
pub(crate) fn words_of(what: What) -> &'static str {
    WHATS.into_iter().find(|(it, ..)| *it == what).map_or("", |(.., words)| words)
}

impl Changed {
    /// Whether nothing is different outside of the file.
    pub(crate) fn is_nothing(&self) -> bool {
        self.changes == Changes::default() && self.built_target.is_none()
    }

    /// What a link asks for. What it says of a file that nobody knows today is left out.
    pub(crate) fn of(changes: &protocol::Changes) -> Changed {
        let file = |file: &protocol::FileChange| {
            let what = what_of_id(&file.what)?;
            Some(FileChange { context: file.context.clone(), path: file.path.clone(), what })
        };
        let image = |reference: &String| moved(reference.clone());
        Changed {
            changes: Changes {
                files: changes.files.iter().filter_map(file).collect(),
                images: changes.images.iter().map(image).collect(),
                remotes: changes.remotes.clone(),
            },
            outputs: if changes.same_outputs { Outputs::Same } else { Outputs::Changed },
            built_target: changes.built_target.clone(),
            dockerfile_outside: changes.dockerfile_outside,
        }
    }

    /// What a link says of it.
    pub(crate) fn linked(&self) -> protocol::Changes {
        let file = |FileChange { context, path, what }: &FileChange| {
            let id = WHATS.into_iter().find(|(it, ..)| it == what).map_or("", |(_, id, _)| id);
            protocol::FileChange { context: context.clone(), path: path.clone(), what: id.to_owned() }
        };
        protocol::Changes {
            files: self.changes.files.iter().map(file).collect(),
            images: self.changes.images.iter().map(|image| image.reference.clone()).collect(),
            remotes: self.changes.remotes.clone(),
            same_outputs: self.outputs == Outputs::Same,
            built_target: self.built_target.clone(),
            dockerfile_outside: self.dockerfile_outside,
            built: None,
        }
    }

    /// The same with `changes` too; a file and an image can change in one way only.
    pub(crate) fn with(&self, changes: &Changes) -> Changed {
        let mut all = self.without(changes);
        all.changes.files.extend(changes.files.iter().cloned());
        all.changes.images.extend(changes.images.iter().cloned());
        all.changes.remotes.extend(changes.remotes.iter().cloned());
        all
    }

    /// The same where nothing has happened to what `changes` names.
    pub(crate) fn without(&self, changes: &Changes) -> Changed {
        let mut left = self.clone();
        let Changes { files, images, remotes } = &mut left.changes;
        files.retain(|file| {
            !changes.files.iter().any(|it| (&it.context, &it.path) == (&file.context, &file.path))
        });
        images.retain(|image| !changes.images.iter().any(|it| it.reference == image.reference));
        remotes.retain(|remote| !changes.remotes.contains(remote));
        left
    }

    /// Whether all of `changes` has happened.
    pub(crate) fn has(&self, changes: &Changes) -> bool {
        let Changes { files, images, remotes } = &self.changes;
        changes.files.iter().all(|it| files.contains(it))
            && changes.images.iter().all(|it| images.contains(it))
            && changes.remotes.iter().all(|it| remotes.contains(it))
    }
}

/// A file of the build context to which something has happened.
pub(crate) fn file(path: String, what: What) -> Changes {
    Changes { files: vec![FileChange { context: None, path, what }], ..Changes::default() }
}

/// What is different between the context of one build and that of the next, as far as names tell.
pub(crate) fn of_contexts(before: Option<&BuildContext>, after: Option<&BuildContext>) -> Changes {
    let (Some(before), Some(after)) = (before, after) else { return Changes::default() };
    let mut found: Vec<(String, What)> = Vec::new();
    if before.ignore != after.ignore {
        let what = match (&before.ignore, &after.ignore) {
            (None, _) => What::Added,
            (_, None) => What::Removed,
            (Some(_), Some(_)) => What::Content,
        };
        found.push((IGNORE_FILE.to_owned(), what));
    }
    let names = |context: &BuildContext| -> Option<BTreeSet<String>> {
        let paths = context.files.as_ref()?.iter().map(|file| file.path.clone());
        Some(paths.filter(|path| path != IGNORE_FILE).collect())
    };
    // Where nobody has told the files, none has come or gone.
    if let (Some(old), Some(new)) = (names(before), names(after)) {
        found.extend(new.difference(&old).map(|path| (path.clone(), What::Added)));
        found.extend(old.difference(&new).map(|path| (path.clone(), What::Removed)));
        if before.ignore != after.ignore {
            // Left out by one of the two, a file comes or goes though nothing has happened to it.
            let read = |context: &BuildContext| Ignore::parse(context.ignore.as_deref().unwrap_or_default());
            let (was, is) = (read(before), read(after));
            let both = old.intersection(&new);
            let moved = both.filter(|path| was.decide(path).ignored != is.decide(path).ignored);
            found.extend(moved.map(|path| (path.clone(), What::Touched)));
        }
    }
    let file = |(path, what)| FileChange { context: None, path, what };
    Changes { files: found.into_iter().map(file).collect(), ..Changes::default() }
}

/// A reference that stands for another image; nobody knows what is different in it.
pub(crate) fn moved(reference: String) -> MovedImage {
    MovedImage { reference, files: Files::Unknown }
}
