//! A command as package managers and compilers take it: a program, a verb, and what stands behind.

use super::runs::name;
use crate::queries::ledger::ShellCommand;

/// A command that was taken apart.
pub(super) struct Invocation<'c> {
    /// The program without its directory; `pip` also where Python runs it as a module.
    pub(super) program: &'c str,
    /// All that stands behind it.
    pub(super) words: Vec<&'c str>,
    /// The first word behind it that is no option, mostly what to do; empty if there is none.
    pub(super) verb: &'c str,
}

impl<'c> Invocation<'c> {
    /// Takes a command apart; `None` if it has no words.
    pub(super) fn of(command: &'c ShellCommand) -> Option<Invocation<'c>> {
        let (program, rest) = command.words.split_first()?;
        let mut program = name(program);
        let mut words: Vec<&str> = rest.iter().map(String::as_str).collect();
        if program.starts_with("python") && words.starts_with(&["-m", "pip"]) {
            program = "pip";
            words.drain(..2);
        }
        let verb = words.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
        Some(Invocation { program, words, verb })
    }

    /// Whether one of these is among its words.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.words.iter().any(|word| names.contains(word))
    }

    /// The words behind the verb that are no options.
    pub(super) fn operands(&self) -> impl Iterator<Item = &'c str> {
        self.words.iter().copied().filter(|word| !word.starts_with('-')).skip(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&str], expected: (&str, &str, &[&str])) {
        let words = words.iter().map(|it| (*it).to_owned()).collect();
        let command = ShellCommand { words, cwd: String::new(), deeds: Vec::new() };
        let it = Invocation::of(&command).unwrap();
        assert_eq!((it.program, it.verb, &it.operands().collect::<Vec<_>>()[..]), expected);
    }

    #[test]
    fn a_command_has_a_program_a_verb_and_operands() {
        check(
            &["/usr/bin/apt-get", "-y", "install", "a", "--no-cache", "b"],
            ("apt-get", "install", &["a", "b"]),
        );
        check(&["python3", "-m", "pip", "install", "-r", "a"], ("pip", "install", &["a"]));
        check(&["python3", "-m", "venv", "a"], ("python3", "venv", &["a"]));
        check(&["yarn", "--frozen-lockfile"], ("yarn", "", &[]));
    }
}
