//! The text of an instruction as BuildKit shows it while it builds.
//!
//! Follows `processCmdEnv` and `uppercaseCmd` of `dockerfile2llb`. Surprising: variables are put in just to be
//! shown, also those of a shell's own making; quotes and unset variables stay in RUN and go elsewhere; escapes go
//! everywhere; and text that cannot be read like this is shown as it is written.

use std::fmt;

use crate::stages::expand::{self, Lookup};
use crate::stages::to_upper;
use crate::syntax::{self, Instruction, InstructionKind};

/// The text, on one line. `code` is the instruction as it is written; the values of `secrets` are not shown.
pub(super) fn text<'l>(
    instruction: &Instruction<'_>,
    code: &str,
    escape: char,
    secrets: &[&str],
    lookup: &'l Lookup<'l>,
) -> String {
    let mut code = code.to_owned();
    let is_run = instruction.kind == InstructionKind::Run;
    if let (true, Some(body)) = (is_run, script(instruction)) {
        code = format!("{code} ({})", first_line(body));
    }
    let expansion = if is_run {
        let masked = |name: &str| if secrets.contains(&name) { Some("****") } else { lookup(name) };
        expand::expand_shown(&code, escape, &masked).map(|it| it.text)
    } else {
        expand::expand(&code, escape, lookup).map(|it| it.text)
    };
    with_upper_keyword(expansion.as_deref().unwrap_or(&code))
}

/// The body of a heredoc that is all there is to run.
fn script<'i>(instruction: &'i Instruction<'_>) -> Option<&'i str> {
    let [argument] = &instruction.args[..] else { return None };
    syntax::heredoc_name(&argument.text).filter(|_| !instruction.json)?;
    instruction.heredocs.first().map(|heredoc| heredoc.content)
}

/// The first line of a heredoc, with dots if it has more.
fn first_line(body: &str) -> String {
    let mut lines = body.trim().split('\n');
    let first = lines.next().unwrap_or_default().trim_end_matches('\r').to_owned();
    if lines.next().is_some() { first + "..." } else { first }
}

/// BuildKit takes all up to the first blank for the keyword, also where a tab stands before that.
fn with_upper_keyword(text: &str) -> String {
    match text.split_once(' ') {
        Some((keyword, rest)) => format!("{} {rest}", to_upper(keyword)),
        None => to_upper(text).into_owned(),
    }
}

/// The flags that make an operation another one. Mounts and references are left out: those are inputs.
#[derive(Default)]
pub(super) struct Flags {
    text: String,
    /// Those that say how files are copied: without what is about a download or a repository.
    of_files: String,
    /// Whether files are linked in, not copied in.
    pub(super) is_link: bool,
}

impl Flags {
    pub(super) fn of<'l>(instruction: &Instruction<'_>, escape: char, lookup: &'l Lookup<'l>) -> Flags {
        let mut flags = Flags::default();
        let mut has_mode = false;
        for flag in &instruction.flags {
            let value = flag.value.as_ref().map(|value| value.text.as_ref());
            let name = flag.name.text.as_ref();
            let value = match (name, value) {
                ("from" | "mount", _) | (_, Some("")) => continue,
                ("network", Some("default")) | ("security", Some("sandbox")) => continue,
                ("link", _) => {
                    flags.is_link = value.is_none_or(|it| it.eq_ignore_ascii_case("true"));
                    continue;
                }
                ("chown" | "chmod" | "checksum", Some(value)) => {
                    let value = expand::expand(value, escape, lookup)
                        .map_or_else(|_| value.to_owned(), |it| it.text.into_owned());
                    has_mode |= name == "chmod";
                    // A mode is a number, however it is written.
                    let mode = u32::from_str_radix(&value, 8).ok().filter(|_| name == "chmod");
                    mode.map_or(value, |mode| format!("{mode:o}"))
                }
                (_, Some(value)) if value.eq_ignore_ascii_case("false") => continue,
                (_, value) => value.unwrap_or("true").to_owned(),
            };
            let text = format!("--{name}={value:?} ");
            flags.text.push_str(&text);
            if !matches!(name, "checksum" | "keep-git-dir") {
                flags.of_files.push_str(&text);
            }
        }
        flags.is_link &= !has_mode;
        flags
    }

    /// The flags that say how files are copied.
    pub(super) fn of_files(&self) -> &str {
        &self.of_files
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
