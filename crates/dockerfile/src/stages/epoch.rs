//! `SOURCE_DATE_EPOCH`, where a build argument or a global ARG sets it.
//!
//! Follows `resolveSourceDateEpochValue`. Surprising: beside a number it may be `context` or the name of a
//! stage, which then must be FROM scratch and hold nothing but ARG and one remote ADD.

use std::collections::HashMap;

use super::args::{GlobalScope, split_declaration};
use super::bases::{error, stage_name};
use super::git_ref::{self, SourceForm};
use super::{expand, go};
use crate::syntax::{Instruction, InstructionKind, Parse, SyntaxError};

/// What is wrong with the value, if anything is.
pub(crate) fn check(parse: &Parse<'_>, globals: &GlobalScope) -> Option<SyntaxError> {
    let value = globals.source_date_epoch()?;
    if value.parse::<i64>().is_ok() || value == "context" {
        return None;
    }
    let is_source = |instruction: &Instruction<'_>| {
        instruction.kind == InstructionKind::From
            && stage_name(instruction).is_some_and(|(name, _)| name == go::to_lower(value))
    };
    match parse.instructions.iter().position(is_source) {
        Some(index) => {
            let from = &parse.instructions[index];
            let message = check_stage(from, &parse.instructions[index + 1..], globals, parse.escape).err()?;
            Some(error(from, from.range, message, None))
        }
        None => {
            let place = parse.instructions.first()?;
            let message = format!("invalid SOURCE_DATE_EPOCH: {value}");
            let help = "It is a number of seconds since 1970, context, or the name of a stage".to_owned();
            Some(SyntaxError { lines: Vec::new(), ..error(place, place.range, message, Some(help)) })
        }
    }
}

fn check_stage(
    from: &Instruction<'_>,
    rest: &[Instruction<'_>],
    globals: &GlobalScope,
    escape: char,
) -> Result<(), String> {
    const ONE_REMOTE: &str = "SOURCE_DATE_EPOCH stage must contain exactly one remote ADD";
    let mut values: HashMap<String, String> = HashMap::new();
    let expand = |word: &str, values: &HashMap<String, String>| {
        let lookup = |name: &str| match name {
            "SOURCE_DATE_EPOCH" => None,
            name => values.get(name).map(String::as_str).or_else(|| globals.get(name)),
        };
        expand::expand(word, escape, &lookup).map(|expansion| expansion.text.into_owned())
    };
    if let Some(base) = from.args.first()
        && expand(&base.text, &values)? != "scratch"
    {
        return Err("SOURCE_DATE_EPOCH stage must use FROM scratch".to_owned());
    }
    let mut has_source = false;
    for instruction in rest.iter().take_while(|instruction| instruction.kind != InstructionKind::From) {
        match instruction.kind {
            InstructionKind::Arg => {
                for word in &instruction.args {
                    let (name, default) = split_declaration(&word.text);
                    let value = match (globals.build_arg(name), default) {
                        (Some(value), _) => value.to_owned(),
                        (None, Some(default)) => expand(default, &values)?,
                        (None, None) => continue,
                    };
                    values.insert(name.to_owned(), value);
                }
            }
            InstructionKind::Add if has_source => return Err(ONE_REMOTE.to_owned()),
            InstructionKind::Add => {
                let [source, _] = &instruction.args[..] else {
                    return Err(format!("{ONE_REMOTE} source"));
                };
                match git_ref::source_form(&expand(&source.text, &values)?) {
                    SourceForm::Http | SourceForm::Git(_) => has_source = true,
                    SourceForm::BadGit(message) => return Err(message),
                    SourceForm::Local => {
                        return Err(
                            "SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD".to_owned()
                        );
                    }
                }
            }
            InstructionKind::Cmd
            | InstructionKind::Copy
            | InstructionKind::Entrypoint
            | InstructionKind::Env
            | InstructionKind::Expose
            | InstructionKind::From
            | InstructionKind::Healthcheck
            | InstructionKind::Label
            | InstructionKind::Maintainer
            | InstructionKind::Onbuild
            | InstructionKind::Run
            | InstructionKind::Shell
            | InstructionKind::Stopsignal
            | InstructionKind::User
            | InstructionKind::Volume
            | InstructionKind::Workdir
            | InstructionKind::Unknown => {
                let keyword = &instruction.keyword.text;
                return Err(format!(
                    "SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported {keyword} instruction"
                ));
            }
        }
    }
    if has_source { Ok(()) } else { Err(ONE_REMOTE.to_owned()) }
}
