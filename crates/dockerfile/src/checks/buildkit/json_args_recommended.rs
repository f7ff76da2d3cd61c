//! CMD or ENTRYPOINT in shell form, where no SHELL says that a shell is wanted: signals then reach the shell, not the
//! program. A SHELL of a stage that it is FROM counts, and so does one of the base image.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::{in_case_of, insert_above, is_verbatim};
use crate::stages::platform::Platform;
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    page: include_str!("json_args_recommended.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, range: TextRange, has_shell: bool, acc: &mut Linter) {
    if !instruction.json && !has_shell {
        let name = &instruction.keyword.text;
        let message = format!(
            "JSON arguments recommended for {name} to prevent unintended behavior related to OS signals"
        );
        acc.add(&RULE, range, message);
    }
}

/// The array, where the shell would do nothing but split the words; else a SHELL that says that one is wanted.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let Some((stage, _)) = file.row_at(finding.range.start) else { return Vec::new() };
    let is_command = matches!(instruction.kind, InstructionKind::Cmd | InstructionKind::Entrypoint);
    let [command] = &instruction.args[..] else { return Vec::new() };
    if !is_command || is_windows(&stage.effective_platform) {
        return Vec::new();
    }
    if let Some(words) = plain_words(&command.text).filter(|_| is_verbatim(command)) {
        let because = match instruction.kind {
            InstructionKind::Entrypoint => "Signals reach the program then, and so do the words of CMD",
            _ => "The program runs without a shell then, which changes who gets the signals",
        };
        let edit = TextEdit::replace(command.range, json(&words));
        return vec![Fix::asking("Write it as an array", because, vec![edit])];
    }
    let keyword = in_case_of(&instruction.keyword.text, "SHELL");
    let line = format!("{keyword} [\"/bin/sh\", \"-c\"]");
    let edit = insert_above(file.text, file.parse, instruction, &line);
    let because =
        "The image says then which shell it uses; where the base image says so already, that is lost";
    vec![Fix::asking("Say above that a shell is wanted", because, vec![edit])]
}

fn is_windows(platform: &Platform) -> bool {
    platform.os == "windows"
}

/// What a shell does by itself, so that there is no such program, or it would do something else.
const OF_THE_SHELL: &[&str] = &[
    "!", ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "eval", "exit", "export",
    "fg", "for", "if", "jobs", "local", "read", "return", "set", "shift", "source", "times", "trap", "type",
    "ulimit", "umask", "unset", "until", "wait", "while", "{", "}",
];

/// The words of a command line, if splitting them is all there is to do. A leading `exec` is no word.
fn plain_words(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => {
                let quoted = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        end if end == char => break,
                        '$' | '`' | '\\' if char == '"' => return None,
                        inner => quoted.push(inner),
                    }
                }
            }
            '~' | '#' if word.is_none() => return None,
            '=' if words.is_empty() => return None,
            '$' | '`' | '\\' | '|' | '&' | ';' | '<' | '>' | '(' | ')' | '{' | '}' | '*' | '?' | '['
            | ']' => return None,
            char if char.is_control() => return None,
            char => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    if words.first().is_some_and(|first| first == "exec") {
        words.remove(0);
        words.first().filter(|first| !first.starts_with('-'))?;
    }
    let first = words.first()?;
    (!OF_THE_SHELL.contains(&first.as_str())).then_some(words)
}

/// A JSON array. There are no control characters in it.
fn json(words: &[String]) -> String {
    let quoted = |word: &String| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
    format!("[{}]", words.iter().map(quoted).collect::<Vec<_>>().join(", "))
}
