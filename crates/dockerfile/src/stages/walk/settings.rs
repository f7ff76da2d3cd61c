//! Instructions that change the image's configuration, and what of it later instructions see.
//!
//! Surprising: BuildKit sorts the words of EXPOSE before it looks at them; and an ARG that finds no value
//! leaves a variable of the environment as it was.

use std::borrow::Cow;
use std::rc::Rc;

use super::{Here, Walk, Walked};
use crate::stages::bases::SUBSTITUTION_HELP;
use crate::stages::{CommandLine, Effect, Health, expand, go, values};
use crate::syntax::{Instruction, Word, parse_duration};
use crate::text::TextRange;

impl Walk<'_, '_> {
    pub(super) fn arg(&mut self, here: &Here<'_, '_>) -> Effect {
        let mut args = Vec::with_capacity(here.instruction.args.len());
        for word in &here.instruction.args {
            match self.environments.declare(here.scope, &word.text, self.globals, self.escape) {
                Ok((arg, expansion)) => {
                    self.note_unknown(here, &expansion);
                    args.push(arg);
                }
                Err(message) => {
                    self.fail(here, word.range, message, Some(SUBSTITUTION_HELP));
                    break;
                }
            }
        }
        Effect::Arg(args)
    }

    /// The pairs of an ENV or LABEL, up to the first that cannot be expanded.
    pub(super) fn pairs(&mut self, here: &Here<'_, '_>) -> Vec<(Rc<str>, Rc<str>)> {
        let mut pairs = Vec::with_capacity(here.instruction.args.len() / 3);
        for triple in here.instruction.args.chunks(3) {
            let [key, value, ..] = triple else { break };
            let (Some(key), Some(value)) = (self.expand(here, key), self.expand(here, value)) else { break };
            pairs.push((key.into(), value.into()));
        }
        pairs
    }

    /// Expands each argument and then judges each.
    pub(super) fn check_each(
        &mut self,
        here: &Here<'_, '_>,
        fault: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        let mut values = Vec::with_capacity(here.instruction.args.len());
        for word in &here.instruction.args {
            let Some(value) = self.expand(here, word) else { return values };
            values.push(value.into_owned());
        }
        let words = here.instruction.args.iter().zip(&values);
        if let Some((range, message)) =
            words.map(|it| (it.0.range, it.1)).find_map(|(range, value)| Some((range, fault(value)?)))
        {
            self.fail(here, range, message, None);
        }
        values
    }

    pub(super) fn expose(&mut self, here: &Here<'_, '_>) -> Effect {
        let mut words = Vec::new();
        let mut args: Vec<&Word<'_>> = here.instruction.args.iter().collect();
        args.sort_by(|a, b| a.text.cmp(&b.text));
        for word in args {
            let environments = &self.environments;
            let lookup = |name: &str| environments.get(here.scope, name);
            match expand::expand_to_words(&word.text, self.escape, &lookup) {
                Ok((found, expansion)) => {
                    self.note_unknown(here, &expansion);
                    words.extend(found);
                }
                Err(message) => {
                    self.fail(here, word.range, message, Some(SUBSTITUTION_HELP));
                    return Effect::Nothing;
                }
            }
        }
        let range = here.instruction.args.iter().map(|word| word.range).reduce(TextRange::cover);
        if let (Some(range), Some(message)) = (range, values::expose(&words)) {
            self.fail(here, range, message, None);
            return Effect::Nothing;
        }
        Effect::Expose(words)
    }

    pub(super) fn workdir(&mut self, here: &Here<'_, '_>) -> Effect {
        let Some(word) = here.instruction.args.first() else { return Effect::Nothing };
        let Some(value) = self.expand(here, word) else { return Effect::Nothing };
        if let Some(fault) = self.drive_fault(here, &value) {
            let message = format!("normalizing workdir: normalizing working directory: {fault}");
            self.fail(here, word.range, message, None);
            return Effect::Nothing;
        }
        // BuildKit cleans a relative directory, and takes an absolute one as it is.
        let is_kept = value.starts_with('/') && !self.is_windows(here);
        let path = if is_kept { value.to_string() } else { self.absolute(here, &value) };
        let makes = (path != "/").then(|| go::clean_path(&path));
        self.stages[here.stage.0].workdir = Some(path.as_str().into());
        Effect::Workdir { value: value.into_owned(), path, makes }
    }

    /// The path seen from the working directory, cleaned.
    pub(super) fn absolute(&self, here: &Here<'_, '_>, path: &str) -> String {
        let path = self.slashed(here, path);
        let current = self.stages[here.stage.0].workdir.as_deref().unwrap_or("/");
        if path.starts_with('/') { go::clean_path(&path) } else { go::join_path(&[current, &path]) }
    }

    /// On Windows a path with slashes and without `C:`.
    pub(super) fn slashed<'t>(&self, here: &Here<'_, '_>, path: &'t str) -> Cow<'t, str> {
        if !self.is_windows(here) {
            return path.into();
        }
        windows_path(path).into()
    }

    /// What BuildKit objects to in a path on Windows (`CheckSystemDriveAndRemoveDriveLetter`).
    pub(super) fn drive_fault(&self, here: &Here<'_, '_>, path: &str) -> Option<String> {
        if !self.is_windows(here) {
            return None;
        }
        let path = path.replace('\\', "/");
        let fault = match path.split_once(':') {
            Some((_, "")) if path.len() == 2 => format!("No relative path specified in {}", go::quote(&path)),
            _ if path.starts_with("//") => "UNC paths are not supported".to_owned(),
            Some((drive, _)) if !drive.eq_ignore_ascii_case("c") => {
                "The specified path is not on the system drive (C:)".to_owned()
            }
            Some(_) | None => return None,
        };
        Some(format!("removing drive letter: {fault}"))
    }

    pub(super) fn is_windows(&self, here: &Here<'_, '_>) -> bool {
        self.bases.stages[here.stage.0].effective_platform.os == "windows"
    }

    /// What CMD or ENTRYPOINT say.
    pub(super) fn command_line(&self, here: &Here<'_, '_>) -> CommandLine {
        match here.instruction.json {
            true => CommandLine { arguments: owned_texts(here.instruction), shell_unknown: false },
            false => self.with_shell(here, joined(&here.instruction.args)),
        }
    }

    /// The shell with a command line for it.
    pub(super) fn with_shell(&self, here: &Here<'_, '_>, line: String) -> CommandLine {
        let Walked { shell, shell_unknown, .. } = &self.stages[here.stage.0];
        let default: &[&str] = if self.is_windows(here) { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
        let mut arguments = Vec::with_capacity(shell.len().max(default.len()) + 1);
        match shell.is_empty() {
            true => arguments.extend(default.iter().map(|&it| Cow::Borrowed(it))),
            false => arguments.extend(shell.iter().map(|it| Cow::Owned(it.clone()))),
        }
        arguments.push(line.into());
        CommandLine { arguments, shell_unknown: *shell_unknown }
    }
}

/// The arguments on one line.
pub(super) fn joined(args: &[Word<'_>]) -> String {
    match args {
        [only] => only.text.to_string(),
        args => args.iter().map(|word| word.text.as_ref()).collect::<Vec<_>>().join(" "),
    }
}

/// The working directory that a base image gives. BuildKit runs it as a WORKDIR of a stage whose directory it is
/// already, so that a relative one counts twice.
pub(crate) fn image_directory(workdir: &str, is_windows: bool) -> String {
    let path = if is_windows { windows_path(workdir) } else { workdir.to_owned() };
    match path.as_str() {
        "" => String::new(),
        absolute if absolute.starts_with('/') && is_windows => go::clean_path(absolute),
        absolute if absolute.starts_with('/') => absolute.to_owned(),
        relative => go::join_path(&["/", relative, relative]),
    }
}

/// A path of Windows with slashes and without `C:`.
fn windows_path(path: &str) -> String {
    let path = path.replace('\\', "/");
    match path.as_bytes() {
        [b'c' | b'C', b':', ..] => path[2..].to_owned(),
        _ => path,
    }
}

/// The arguments of the exec form.
fn owned_texts(instruction: &Instruction<'_>) -> Vec<Cow<'static, str>> {
    instruction.args.iter().map(|word| word.text.to_string().into()).collect()
}

/// The arguments as BuildKit's parser splits them.
pub(super) fn texts(instruction: &Instruction<'_>) -> Vec<String> {
    instruction.args.iter().map(|word| word.text.to_string()).collect()
}

/// The values of a HEALTHCHECK that is in order.
pub(super) fn health(instruction: &Instruction<'_>) -> Health {
    let args = texts(instruction);
    let Some((kind, command)) = args.split_first() else { return Health::default() };
    if kind.eq_ignore_ascii_case("NONE") {
        return Health { test: vec!["NONE".to_owned()], ..Health::default() };
    }
    let mut test = vec![if instruction.json { "CMD" } else { "CMD-SHELL" }.to_owned()];
    match instruction.json {
        true => test.extend_from_slice(command),
        false => test.push(command.join(" ")),
    }
    let value = |name| instruction.flag(name).map(|word| word.text.as_ref()).unwrap_or_default();
    let time = |name| parse_duration(value(name)).unwrap_or_default();
    Health {
        test,
        interval: time("interval"),
        timeout: time("timeout"),
        start_period: time("start-period"),
        start_interval: time("start-interval"),
        retries: value("retries").parse().unwrap_or_default(),
    }
}
