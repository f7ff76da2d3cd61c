//! A Compose or Bake file beside the Dockerfile, and what is known of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use builds::{Held, HeldBuild, Order};
use protocol::builds::{BuildFile, Language, Place};
use protocol::{Pasted, Playground};

use crate::asked::Asked;
use crate::state::Lens;

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// What is in it; nothing if there is none.
    pub(crate) text: String,
    /// Its language, if somebody has said.
    pub(crate) language: Option<Language>,
    /// Which of its Dockerfiles the text is, if somebody has said.
    pub(crate) dockerfile: Option<String>,
    /// What variables of the environment are.
    pub(crate) variables: BTreeMap<String, String>,
}

/// What was read in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Reading {
    /// There is no file, or it is being read for the first time.
    #[default]
    Nothing,
    /// It was read; or the one before was, while this one is being read.
    Done(Rc<BuildFile>),
    /// It could not be read at all, with a sentence.
    Failed(Rc<str>),
}

/// The names of the builds of a stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Marks {
    /// The name of the stage.
    pub(crate) stage: String,
    pub(crate) builds: Vec<String>,
}

impl Beside {
    /// The file in a link.
    pub(crate) fn of(playground: &Playground) -> Beside {
        let Pasted { text, language, dockerfile, variables } = playground.builds.clone().unwrap_or_default();
        Beside { text, language: language.as_deref().and_then(Language::of_id), dockerfile, variables }
    }

    /// What a link says of it.
    pub(crate) fn linked(&self) -> Option<Pasted> {
        let Beside { text, language, dockerfile, variables } = self.clone();
        let language = language.map(|language| language.id().to_owned());
        Some(Pasted { text, language, dockerfile, variables }).filter(|pasted| !pasted.text.is_empty())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl Reading {
    pub(crate) fn file(&self) -> Option<&Rc<BuildFile>> {
        match self {
            Reading::Done(file) => Some(file),
            Reading::Nothing | Reading::Failed(_) => None,
        }
    }
}

/// The builds of each stage, by the stage's place in the file.
pub(crate) fn marks(names: impl Iterator<Item = String>, held: &Held, file: &BuildFile) -> Vec<Marks> {
    let mut marks: Vec<Marks> = names.map(|stage| Marks { stage, builds: Vec::new() }).collect();
    for build in &held.builds {
        let stage = build.stage.and_then(|stage| marks.get_mut(stage.0));
        if let (Some(stage), Some(build)) = (stage, file.builds.get(build.place)) {
            stage.builds.push(build.name.clone());
        }
    }
    marks
}

/// A text with another word at a place, where `from` stands there, in quotes or not.
pub(crate) fn with_word(text: &str, at: Place, from: &str, to: &str) -> Option<String> {
    let line = text.split_inclusive('\n').take(at.line.checked_sub(1)? as usize).map(str::len).sum::<usize>();
    let column = text.get(line..)?.char_indices().nth(at.column.checked_sub(1)? as usize)?.0;
    let quote = usize::from(text[line + column..].starts_with(['"', '\'']));
    let start = line + column + quote;
    let end = start + text.get(start..)?.strip_prefix(from).map(|_| from.len())?;
    Some(format!("{}{to}{}", &text[..start], &text[end..]))
}

/// What the build is given that a build of the file is; the build context stays as it is.
pub(crate) fn asked(order: &Order, now: &Asked) -> Asked {
    Asked {
        args: order.args.iter().cloned().collect(),
        platform: order.platforms.first().cloned(),
        builder: now.builder.clone(),
        contexts: order.contexts.iter().cloned().collect(),
        context: now.context.clone(),
        texts: now.texts.clone(),
    }
}

/// Whether a build is what is asked for.
pub(crate) fn is_asked(build: &HeldBuild, lens: &Lens, now: &Asked) -> bool {
    !build.order.is_target_unknown && lens.target == build.order.target && asked(&build.order, now) == *now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_where_it_stands() {
        let at = |line, column| Place { line, column };
        let text = "a:\n  é: {target: \"tset\"}\n";
        assert_eq!(
            with_word(text, at(2, 15), "tset", "test").as_deref(),
            Some("a:\n  é: {target: \"test\"}\n")
        );
        assert_eq!(with_word("b: x", at(1, 4), "x", "final").as_deref(), Some("b: final"));
        for (at, from) in [(at(2, 15), "other"), (at(2, 99), "tset"), (at(9, 1), "tset"), (at(0, 0), "a")] {
            assert_eq!(with_word(text, at, from, "test"), None);
        }
    }
}
