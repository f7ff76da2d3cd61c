//! `CMD ['a', 'b']`: an array that is not JSON, so that a shell gets it, or its words one by one.
//!
//! Surprising: that is no error. `[` is a program, so `RUN [ -f a ]` and the like are left alone. All stages are looked
//! at, also those that the target does not need: what is read wrongly is wrong for whoever builds it.

use super::reread;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "NearJson",
    description: "An array that is not JSON is not the exec form",
    level: Level::Warning,
    page: include_str!("near_json.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for stage in &file.graph.stages {
        for (at, step) in stage.steps.iter().enumerate() {
            let Some(instruction) = file.parse.instructions.get(step.instruction) else { continue };
            let Some(array) = array(file, instruction) else { continue };
            let message = format!("No JSON, because of {}: {}", array.fault, array.becomes);
            acc.add(&RULE, (stage.id, at), array.range, message)
                .help("Put double quotes around each element and commas between them");
        }
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, step)) = finding.stage.zip(finding.step) else { return Vec::new() };
    let Some(instruction) = file.instruction(stage, step) else { return Vec::new() };
    let Some(array) = array(file, instruction) else { return Vec::new() };
    let json = format!("[{}]", array.elements.join(", "));
    let edits = vec![TextEdit::replace(array.range, json)];
    if !reread::becomes_json(file, instruction, &edits) || !reread::breaks_nothing(file, instruction, &edits)
    {
        return Vec::new();
    }
    let because = "The program is then run without a shell, and nothing puts variables in";
    vec![Fix::asking("Write it as JSON", because, edits)]
}

/// Which argument of an instruction may be an array, and what BuildKit makes of one that is not JSON.
fn place_of_array(kind: InstructionKind) -> Option<(usize, &'static str)> {
    const RUN: &str = "a shell runs the whole line as it stands";
    match kind {
        InstructionKind::Cmd | InstructionKind::Entrypoint | InstructionKind::Run => Some((0, RUN)),
        InstructionKind::Healthcheck => Some((1, RUN)),
        InstructionKind::Shell => Some((0, "BuildKit refuses the file")),
        InstructionKind::Add | InstructionKind::Copy | InstructionKind::Volume => {
            Some((0, "brackets and commas are part of the paths"))
        }
        InstructionKind::Arg
        | InstructionKind::Env
        | InstructionKind::Expose
        | InstructionKind::From
        | InstructionKind::Label
        | InstructionKind::Maintainer
        | InstructionKind::Onbuild
        | InstructionKind::Stopsignal
        | InstructionKind::User
        | InstructionKind::Workdir
        | InstructionKind::Unknown => None,
    }
}

/// An array as somebody meant it.
struct Array {
    /// Where it stands.
    range: TextRange,
    /// Its elements as JSON.
    elements: Vec<String>,
    /// Why it is none.
    fault: &'static str,
    /// What BuildKit makes of it.
    becomes: &'static str,
}

/// The array that stands in an instruction.
fn array(file: &File<'_>, instruction: &Instruction<'_>) -> Option<Array> {
    let inner = instruction.onbuild.as_deref().unwrap_or(instruction);
    if inner.json || !inner.heredocs.is_empty() {
        return None;
    }
    let (nth, becomes) = place_of_array(inner.kind)?;
    let first = inner.args.get(nth)?;
    if !first.text.starts_with('[') {
        return None;
    }
    let range = TextRange::new(first.range.start, instruction.range.end);
    let text = range.of(file.text);
    // What is on several lines is left alone: there may be comments between them.
    if text.contains('\n') {
        return None;
    }
    read(text.trim_end(), Array { range, elements: Vec::new(), fault: "", becomes })
}

/// Reads what is nearly an array of strings into `array`.
fn read(text: &str, mut array: Array) -> Option<Array> {
    let mut rest = text.strip_prefix('[')?.trim_start();
    let mut has_comma = true;
    loop {
        if let Some(behind) = rest.strip_prefix(']') {
            if has_comma && !array.elements.is_empty() {
                array.fault("the comma at its end");
            }
            return Some(array).filter(|it| behind.is_empty() && !it.fault.is_empty() && it.is_list());
        }
        if rest.is_empty() {
            array.fault("the missing bracket at its end");
            return Some(array).filter(|it| it.is_list());
        }
        if !has_comma {
            array.fault("a missing comma");
        }
        let first = rest.chars().next()?;
        let closes = match first {
            '"' | '\'' => Some([first, first]),
            '“' | '”' | '„' => Some(['”', '“']),
            '‘' | '’' | '‚' => Some(['’', '‘']),
            _ => None,
        };
        let element;
        (element, rest) = match closes {
            Some(closes) => {
                let inner = &rest[first.len_utf8()..];
                let end = end_of_string(inner, closes)?;
                let close = inner[end..].chars().next()?;
                match first {
                    '"' => {}
                    '\'' => array.fault("single quotes"),
                    _ => array.fault("curly quotes"),
                }
                (&inner[..end], &inner[end + close.len_utf8()..])
            }
            None => {
                let end = rest.find([',', ']', '"', '\'']).unwrap_or(rest.len());
                let word = rest[..end].trim_end();
                // A test of the shell, or something else that is no list of words.
                let is_test = word.starts_with('-') && (array.elements.is_empty() || !has_comma);
                if word.is_empty() || word.contains([' ', '\t', '[', '$', '=', '!']) || is_test {
                    return None;
                }
                array.fault("words without quotes");
                (word, &rest[end..])
            }
        };
        array.push(element);
        rest = rest.trim_start();
        has_comma = rest.starts_with(',');
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

/// Where the quote stands that ends a string.
fn end_of_string(text: &str, closes: [char; 2]) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if closes.contains(&c) => return Some(at),
            _ => {}
        }
    }
    None
}

impl Array {
    /// Keeps the first fault.
    fn fault(&mut self, fault: &'static str) {
        if self.fault.is_empty() {
            self.fault = fault;
        }
    }

    /// Takes in an element as it stands between its quotes.
    fn push(&mut self, element: &str) {
        let mut json = String::from('"');
        let mut letters = element.chars().peekable();
        while let Some(c) = letters.next() {
            match c {
                '\\' => match letters.peek() {
                    Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                        json.push(c);
                        json.extend(letters.next());
                    }
                    Some('\'') => {}
                    Some(_) | None => {
                        self.fault("a backslash that escapes nothing");
                        json.push_str("\\\\");
                    }
                },
                '"' => json.push_str("\\\""),
                c => json.push(c),
            }
        }
        json.push('"');
        self.elements.push(json);
    }

    /// Whether it is more than one word in brackets, which a pattern of the shell may be.
    fn is_list(&self) -> bool {
        self.elements.len() > 1 || self.fault != "words without quotes"
    }
}
