//! The typed level of an instruction (BuildKit's `instructions/parse.go` and the files beside it).
//!
//! The order of the checks is BuildKit's, for it names only the first. Each check that fails ends those of
//! its instruction, except that every bad flag is reported.

mod run;

use super::instructions::{ALL, ArgCount, FlagRow, FlagValue};
use super::words::NO_COMMENT_HERE;
use super::{Flag, Instruction, InstructionKind, Parse, Phase, SyntaxError, Word, go, heredoc};
use crate::suggest;
use crate::text::TextRange;

/// What BuildKit says of an instruction before the first FROM.
pub(super) const NO_STAGE: &str = "no build stage in current context";

/// Checks one instruction.
pub(super) fn instruction(instruction: &mut Instruction<'_>, text: &str, errors: &mut Vec<SyntaxError>) {
    let n_before = errors.len();
    let mut check = Check { instruction, text, errors };
    check.all();
    if errors.len() > n_before {
        instruction.broken = true;
    }
}

/// Checks what only shows in the file as a whole: every instruction but ARG needs a FROM before it.
pub(super) fn stages(parse: &mut Parse<'_>) {
    let is_stage = |instruction: &Instruction<'_>| instruction.kind == InstructionKind::From;
    let n_before = parse.instructions.iter().position(is_stage).unwrap_or(parse.instructions.len());
    let has_stage = n_before < parse.instructions.len();
    let outside = parse.instructions[..n_before].iter_mut().find(|it| it.kind != InstructionKind::Arg);
    // An unknown instruction may well be a FROM with a slip in it.
    let outside = outside.filter(|it| it.kind != InstructionKind::Unknown);
    if let Some(instruction) = outside {
        let error = SyntaxError {
            phase: Phase::Instructions,
            message: NO_STAGE.to_owned(),
            suggestion: None,
            help: Some(
                "Only ARG may stand before the first FROM; start the stage with a FROM line".to_owned(),
            ),
            range: instruction.keyword.range,
            lines: vec![instruction.lines],
        };
        instruction.broken = true;
        // Behind the errors of the instruction itself, before those of the next.
        let end = instruction.range.end;
        let at = parse.errors.partition_point(|error| error.range.start <= end);
        parse.errors.insert(at, error);
    } else if !has_stage && !parse.instructions.is_empty() && parse.errors.is_empty() {
        parse.errors.push(SyntaxError {
            phase: Phase::Instructions,
            message: "dockerfile contains no stages to build".to_owned(),
            suggestion: None,
            help: Some("Add a FROM line: it starts a stage".to_owned()),
            range: parse.instructions[0].keyword.range,
            lines: Vec::new(),
        });
    }
}

/// An instruction, and the list its errors go to.
struct Check<'c, 'a> {
    instruction: &'c Instruction<'a>,
    text: &'c str,
    errors: &'c mut Vec<SyntaxError>,
}

impl Check<'_, '_> {
    fn all(&mut self) {
        let row = self.instruction.kind.row();
        if row.counts_first && !self.count(row.count) {
            return;
        }
        if row.checks_flags && !self.instruction.flags.is_empty() && !self.flags() {
            return;
        }
        if !row.counts_first && !self.count(row.count) {
            return;
        }
        self.rest();
    }

    fn error(&mut self, range: TextRange, message: impl Into<String>, help: Option<&str>) {
        self.suggest(range, message, None, help);
    }

    fn suggest(
        &mut self,
        range: TextRange,
        message: impl Into<String>,
        suggestion: Option<String>,
        help: Option<&str>,
    ) {
        self.errors.push(SyntaxError {
            phase: Phase::Instructions,
            message: message.into(),
            suggestion,
            help: help.map(str::to_owned),
            range,
            lines: vec![self.instruction.lines],
        });
    }

    /// Whether the number of arguments is right.
    #[inline]
    fn count(&mut self, count: ArgCount) -> bool {
        let instruction = self.instruction;
        // An ONBUILD has its trigger as an argument.
        let n_args = instruction.args.len() + usize::from(instruction.onbuild.is_some());
        match count {
            ArgCount::Any => true,
            ArgCount::ExactlyOne => n_args == 1 || self.wrong_count("exactly one argument"),
            ArgCount::AtLeastOne => n_args > 0 || self.wrong_count("at least one argument"),
            ArgCount::SourceAndDestination => n_args >= 2 || self.no_destination(),
            ArgCount::BaseAndName => self.base_and_name(),
        }
    }

    fn wrong_count(&mut self, asked: &str) -> bool {
        let instruction = self.instruction;
        let message = format!("{} requires {asked}", instruction.kind.keyword());
        self.error(instruction.keyword.range, message, None);
        false
    }

    fn no_destination(&mut self) -> bool {
        let instruction = self.instruction;
        let message = format!(
            "{} requires at least two arguments, but only one was provided. \
             Destination could not be determined",
            instruction.kind.keyword()
        );
        let range = instruction.args.first().map_or(instruction.keyword.range, |arg| arg.range);
        self.error(range, message, Some("Name a source and, as the last word, where it goes"));
        false
    }

    fn base_and_name(&mut self) -> bool {
        let args = &self.instruction.args;
        if let [_, as_word, name] = &args[..]
            && is_as(&as_word.text)
        {
            if is_stage_name(&name.text) || !name.text.is_ascii() && is_stage_name(&go::to_lower(&name.text))
            {
                return true;
            }
            let shown = go::quote(&name.text);
            let message = format!(
                "invalid name for build stage: {shown}, name can't start with a number or contain symbols"
            );
            let help = "A stage name starts with a letter; letters, digits, - _ and . may follow";
            self.error(name.range, message, Some(help));
            return false;
        }
        if args.len() == 1 {
            return true;
        }
        let message = "FROM requires either one or three arguments";
        let comment = args.iter().skip(1).find(|arg| arg.text.starts_with('#'));
        let last = args.last().map_or(self.instruction.keyword.range, |arg| arg.range);
        match (comment, args.get(1)) {
            (Some(comment), _) => self.error(comment.range.cover(last), message, Some(NO_COMMENT_HERE)),
            (None, None) => {
                self.error(last, message, Some("Name the base image: FROM image, or FROM scratch"))
            }
            (None, Some(second)) => {
                let help = "Write FROM image, or FROM image AS name";
                self.error(second.range.cover(last), message, Some(help));
            }
        }
        false
    }

    /// Whether all flags are known and well-formed (`BFlags.Parse`).
    fn flags(&mut self) -> bool {
        let instruction = self.instruction;
        let row = instruction.kind.row();
        let is_none = |word: &Word<'_>| go::to_upper(&word.text) == "NONE";
        if instruction.kind == InstructionKind::Healthcheck && instruction.args.first().is_some_and(is_none) {
            return true;
        }
        let n_before = self.errors.len();
        // A bit for each flag of the row.
        let mut seen = 0u32;
        for flag in &instruction.flags {
            match row.flags.iter().position(|row| row.name == flag.name.text) {
                Some(idx) => {
                    self.flag(flag, &row.flags[idx], seen & 1 << idx == 0);
                    seen |= 1 << idx;
                }
                None => self.unknown_flag(flag),
            }
        }
        self.errors.len() == n_before
    }

    fn flag(&mut self, flag: &Flag<'_>, row: &FlagRow, first: bool) {
        let name = row.name;
        if !first && row.value != FlagValue::List {
            let message = format!("duplicate flag specified: --{name}");
            return self.error(flag.range, message, Some("Keep one of them"));
        }
        match (row.value, &flag.value) {
            (FlagValue::Bool, Some(value)) => {
                if value.text.is_empty() {
                    let help = format!("Write --{name} or --{name}=true or --{name}=false");
                    self.error(flag.range, format!("missing a value on flag: --{name}"), Some(&help));
                } else if !matches!(&go::to_lower(&value.text)[..], "true" | "false") {
                    let message = format!("expecting boolean value for flag --{name}, not: {}", value.text);
                    self.error(value.range, message, Some("Only true and false are allowed"));
                }
            }
            (FlagValue::Text | FlagValue::List | FlagValue::OneOf(_), None) => {
                let help = format!("Join the value to the flag with an equals sign: --{name}=…");
                self.error(flag.range, format!("missing a value on flag: --{name}"), Some(&help));
            }
            (FlagValue::Bool, None) | (FlagValue::Text | FlagValue::List | FlagValue::OneOf(_), Some(_)) => {}
        }
    }

    fn unknown_flag(&mut self, flag: &Flag<'_>) {
        let kind = self.instruction.kind;
        let name = &flag.name.text;
        let suggestion = suggest::nearest_of_map(name, kind.row().flags.iter().map(|flag| flag.name));
        let known: Vec<_> = kind.row().flags.iter().map(|flag| format!("--{}", flag.name)).collect();
        let help = if known.is_empty() {
            format!("{} takes no flags", kind.keyword())
        } else {
            format!("{} takes {}", kind.keyword(), known.join(" "))
        };
        let range = TextRange::new(flag.range.start, flag.name.range.end);
        self.suggest(range, format!("unknown flag: --{name}"), suggestion, Some(&help));
    }

    /// What is left to check when flags and number of arguments are right.
    fn rest(&mut self) {
        match self.instruction.kind {
            InstructionKind::Add | InstructionKind::Copy => self.destination(),
            InstructionKind::Arg => self.argument_names(),
            InstructionKind::Env | InstructionKind::Label => self.keys(),
            InstructionKind::Healthcheck => self.healthcheck(),
            InstructionKind::Onbuild => self.trigger(),
            InstructionKind::Run => self.run(),
            InstructionKind::Shell => self.shell(),
            InstructionKind::Unknown => self.unknown(),
            InstructionKind::Volume => self.volumes(),
            InstructionKind::Cmd
            | InstructionKind::Entrypoint
            | InstructionKind::Expose
            | InstructionKind::From
            | InstructionKind::Maintainer
            | InstructionKind::Stopsignal
            | InstructionKind::User
            | InstructionKind::Workdir => {}
        }
    }

    fn unknown(&mut self) {
        let keyword = &self.instruction.keyword;
        let suggestion = suggest::ignoring_case(&keyword.text, ALL.iter().map(|row| row.keyword));
        let help = suggestion.is_none().then_some(
            "A line starts with an instruction such as RUN or COPY; \
             to go on with the line above, end that line with the escape character",
        );
        self.suggest(keyword.range, format!("unknown instruction: {}", keyword.text), suggestion, help);
    }

    fn destination(&mut self) {
        let Some(destination) = self.instruction.args.last() else { return };
        if heredoc::is_marker(&destination.text) {
            let name = self.instruction.kind.keyword();
            let message = format!("{name} cannot accept a heredoc as a destination");
            self.error(
                destination.range,
                message,
                Some("Put the destination behind the heredoc: <<EOF /path"),
            );
        }
    }

    fn argument_names(&mut self) {
        let blank = self.instruction.args.iter().find(|arg| arg.text.starts_with('='));
        if let Some(arg) = blank {
            self.error(
                arg.range,
                "ARG names can not be blank",
                Some("Put a name in front of the equals sign"),
            );
        }
    }

    fn keys(&mut self) {
        let pairs = self.instruction.args.chunks(3);
        if let Some([key, value, ..]) = pairs.into_iter().find(|pair| pair[0].text.is_empty()) {
            let message = format!("{} names can not be blank", self.instruction.kind.keyword());
            let range = key.range.cover(value.range);
            self.error(range, message, Some("Put a name in front of the equals sign"));
        }
    }

    fn volumes(&mut self) {
        if let Some(volume) = self.instruction.args.iter().find(|volume| volume.text.trim().is_empty()) {
            self.error(volume.range, "VOLUME specified can not be an empty string", None);
        }
    }

    fn shell(&mut self) {
        let Some(first) = self.instruction.args.first().filter(|_| !self.instruction.json) else { return };
        let help = r#"Write a JSON array with double quotes: SHELL ["/bin/bash", "-c"]"#;
        self.error(first.range, "SHELL requires the arguments to be in JSON form", Some(help));
    }

    fn trigger(&mut self) {
        let Some(trigger) = &self.instruction.onbuild else { return };
        let name = go::to_upper(trigger.keyword.text.trim());
        match &name[..] {
            "ONBUILD" => {
                let message = "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed";
                self.error(trigger.keyword.range, message, Some("Write ONBUILD once"));
            }
            "FROM" | "MAINTAINER" => {
                let message = format!("{name} isn't allowed as an ONBUILD trigger");
                self.error(trigger.keyword.range, message, None);
            }
            _ => {}
        }
    }

    fn healthcheck(&mut self) {
        let [kind, command @ ..] = &self.instruction.args[..] else { return };
        let name = go::to_upper(&kind.text);
        match &name[..] {
            "NONE" => {
                if let [first, .., last] | [first @ last] = command {
                    let range = first.range.cover(last.range);
                    self.error(range, "HEALTHCHECK NONE takes no arguments", None);
                }
                return;
            }
            "CMD" if command.is_empty() => {
                let message = "Missing command after HEALTHCHECK CMD";
                return self.error(kind.range, message, Some("Put the command to run behind CMD"));
            }
            "CMD" => {}
            _ => {
                let message = format!("Unknown type {} in HEALTHCHECK (try CMD)", go::quote(&name));
                return self.error(kind.range, message, Some("Write HEALTHCHECK CMD and the command to run"));
            }
        }
        for name in ["interval", "timeout", "start-period", "start-interval"] {
            let Some(value) = self.instruction.flag(name).filter(|value| !value.text.is_empty()) else {
                continue;
            };
            let message = match go::parse_duration(&value.text) {
                Ok(nanoseconds) if nanoseconds == 0 || nanoseconds >= 1_000_000 => continue,
                Ok(_) => format!("Interval \"{name}\" cannot be less than 1ms"),
                Err(why) => why,
            };
            return self.error(value.range, message, Some("Write a number and a unit, like 30s or 1m30s"));
        }
        if let Some(value) = self.instruction.flag("retries").filter(|value| !value.text.is_empty()) {
            let message = match go::parse_int32(&value.text) {
                Ok(retries) if retries < 0 => format!("--retries cannot be negative ({retries})"),
                Ok(_) => return,
                Err(why) => why,
            };
            self.error(value.range, message, Some("Write a whole number"));
        }
    }
}

/// `strings.EqualFold(word, "as")`: the long s folds too.
pub(crate) fn is_as(word: &str) -> bool {
    let mut chars = word.chars();
    matches!((chars.next(), chars.next(), chars.next()), (Some('a' | 'A'), Some('s' | 'S' | '\u{17f}'), None))
}

/// `^[a-z][a-z0-9-_.]*$`, in any case.
fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
