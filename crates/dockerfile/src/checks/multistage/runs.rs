//! The RUN lines of stages and the commands in them, one RUN at a time.
//!
//! Most rules want to know of few commands, and most files have none of them. So a rule looks at the plain words first,
//! and only the RUN that has them is read as a shell would.

use std::collections::HashMap;

use super::systems::lineage;
use crate::checks::File;
use crate::queries::ledger::{ShellCommand, commands_of};
use crate::stages::{Effect, Ran, Stage, StageId};

/// A RUN of a stage.
#[derive(Clone, Copy)]
pub(super) struct Run<'f> {
    pub(super) stage: &'f Stage,
    pub(super) step: usize,
    pub(super) ran: &'f Ran,
}

/// Those of a stage, in order.
pub(super) fn runs<'f>(file: &File<'f>, stage: &'f Stage) -> impl Iterator<Item = Run<'f>> + use<'f> {
    file.effects(stage).filter_map(move |(step, effect)| {
        let Effect::Run(ran) = effect else { return None };
        Some(Run { stage, step, ran })
    })
}

impl<'f> Run<'f> {
    /// The row it stands in.
    pub(super) fn row(&self) -> (StageId, usize) {
        (self.stage.id, self.step)
    }

    /// What is run: a script, or the words of the exec form.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'f str> + use<'f> {
        let script = self.ran.script.as_ref().map(|script| script.data.as_str());
        let n_words = if script.is_some() { 0 } else { usize::MAX };
        script.into_iter().chain(self.ran.line.arguments.iter().take(n_words).map(|it| &**it))
    }

    /// Whether one of these stands anywhere in it: a quick look.
    pub(super) fn mentions(&self, parts: &[&str]) -> bool {
        self.texts().any(|text| parts.iter().any(|part| text.contains(part)))
    }

    /// The words between blanks, quotes and operators: a longer look, but none that a shell would take.
    pub(super) fn words(&self) -> impl Iterator<Item = &'f str> + use<'f> {
        let is_between = |byte: &u8| {
            matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'"' | b'\'')
        };
        // Words begin and end at single bytes, so nothing is cut within a character.
        self.texts()
            .flat_map(move |text| text.as_bytes().split(is_between))
            .filter(|word| !word.is_empty())
            .filter_map(|word| std::str::from_utf8(word).ok())
    }

    /// Its commands.
    pub(super) fn commands(&self, file: &File<'_>) -> Vec<ShellCommand> {
        let has_variables = self.mentions(&["$"]);
        let env = if has_variables { variables(file, self.row()) } else { HashMap::new() };
        commands_of(self.ran, env)
    }
}

/// What ENV and ARG have set above a row.
pub(super) fn variables(file: &File<'_>, (stage, step): (StageId, usize)) -> HashMap<String, String> {
    let mut env = HashMap::new();
    for it in lineage(file.graph, stage) {
        let above = it.commands.iter().filter(|command| it.id != stage || command.step < step);
        for command in above.rev() {
            // The nearest one counts.
            for (name, value) in command.effect.variables().rev() {
                if let Some(value) = value {
                    env.entry(name.to_owned()).or_insert_with(|| value.to_owned());
                }
            }
        }
    }
    env
}

/// The last part of a path, by which a program is known.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
