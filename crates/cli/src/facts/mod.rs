//! From the core's types to facts, which are the form that leaves the program.

mod image;
mod outline;
mod stages;
mod state;
mod targets;
mod values;

use dockerfile::checks;
use dockerfile::syntax::{self, Flag, InstructionKind, Phase, SyntaxError};
use protocol::facts::{
    CheckDirective, Directives, Error, EscapeDirective, Facts, Finding, Heredoc, Instruction, Place, Problem,
    SyntaxDirective, VERSION,
};

use crate::analysis::Analysis;
use crate::files::File;

/// The row of a file that cannot be read.
pub(crate) fn unreadable(id: String, sentence: String) -> Facts {
    Facts {
        version: VERSION,
        id,
        error: Some(sentence.clone()),
        unreadable: Some(sentence),
        ..Facts::default()
    }
}

/// Everything that is known of a file.
/// `state_line` is a line at which one wants to know what is in force.
pub(crate) fn facts(id: String, file: &File, analysis: &Analysis<'_>, state_line: Option<u32>) -> Facts {
    let error = analysis.first_error();
    let checked = analysis.checked();
    let targets = analysis.has_targets().then(|| targets::targets(analysis));
    Facts {
        version: VERSION,
        id,
        sha256: Some(file.sha256()),
        bytes: Some(file.bytes.len()),
        unreadable: None,
        ok: Some(error.is_none()),
        error: error.map(SyntaxError::full_message),
        error_line: error.and_then(SyntaxError::line),
        error_lines: error.and_then(error_lines),
        error_suggest: error.and_then(|error| error.suggestion.clone()),
        stage_of_failure: error.map(|error| stage_of_failure(error).to_owned()),
        problems: analysis.errors.iter().map(|error| problem(analysis, error)).collect(),
        lint: Some(checked.findings.iter().map(|it| finding(analysis, it)).collect()),
        lint_error: checked.error.as_ref().map(target_error),
        invalid_utf8: analysis.invalid.first().map(|&at| {
            let at = analysis.lines.line_col(analysis.text, at);
            Place { line: at.line, column: at.column }
        }),
        directives: Some(directives(analysis)),
        instructions: analysis
            .is_parsed()
            .then(|| analysis.parse.instructions.iter().map(|it| instruction(it, true)).collect()),
        stages: analysis.has_stages().then(|| stages::stages(analysis, targets.as_ref())),
        expanded_ok: analysis.has_stages().then(|| analysis.is_expanded()),
        state_at: state_line
            .filter(|_| analysis.has_stages())
            .and_then(|line| state::state_at(&analysis.graph, line)),
        targets,
        outline: analysis.has_targets().then(|| outline::outline(analysis)),
    }
}

fn stage_of_failure(error: &SyntaxError) -> &'static str {
    match error.phase {
        Phase::Options | Phase::Parse => "parse",
        Phase::Instructions => "instructions",
        Phase::Convert => "llb",
    }
}

/// The ranges of lines that BuildKit names with an error.
fn error_lines(error: &SyntaxError) -> Option<Vec<[u32; 2]>> {
    let lines: Vec<_> = error.lines.iter().map(|span| [span.first, span.last]).collect();
    Some(lines).filter(|lines| !lines.is_empty())
}

/// Why BuildKit refuses a target.
fn target_error(error: &SyntaxError) -> Error {
    Error {
        line: error.line(),
        lines: error_lines(error),
        message: error.full_message(),
        suggest: error.suggestion.clone(),
    }
}

fn problem(analysis: &Analysis<'_>, error: &SyntaxError) -> Problem {
    let start = analysis.lines.line_col(analysis.text, error.range.start);
    let end = analysis.lines.line_col(analysis.text, error.range.end);
    Problem {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        message: error.message.clone(),
        help: error.help.clone(),
        suggestion: error.suggestion.clone(),
    }
}

fn finding(analysis: &Analysis<'_>, finding: &checks::Finding) -> Finding {
    let place = |offset: usize| {
        let at = analysis.lines.line_col(analysis.text, offset);
        Place { line: at.line, column: at.column }
    };
    Finding {
        rule: finding.rule.name.to_owned(),
        line: finding.lines.first,
        end_line: finding.lines.last,
        start: place(finding.range.start),
        end: place(finding.range.end),
        message: finding.message.clone(),
        suggest: finding.suggestion.clone(),
        experimental: finding.rule.experimental,
        hidden: finding.hidden,
    }
}

fn directives(analysis: &Analysis<'_>) -> Directives {
    let detected = &analysis.parse.detected;
    Directives {
        syntax: detected.syntax.as_ref().map(|it| SyntaxDirective {
            reference: it.value.to_string(),
            cmdline: it.full.text.to_string(),
            line: it.line,
        }),
        check: detected.check.as_ref().map(|it| CheckDirective {
            value: it.value.to_string(),
            full: it.full.text.to_string(),
            line: it.line,
        }),
        escape: analysis.is_parsed().then_some(analysis.parse.escape),
        escape_directive: detected
            .escape
            .as_ref()
            .map(|it| EscapeDirective { value: it.value.to_string(), line: it.line }),
    }
}

fn instruction(instruction: &syntax::Instruction<'_>, top: bool) -> Instruction {
    let has_comments = top && matches!(instruction.kind, InstructionKind::From | InstructionKind::Arg);
    Instruction {
        cmd: instruction.keyword.text.to_string(),
        line: top.then_some(instruction.lines.first),
        end_line: top.then_some(instruction.lines.last),
        flags: instruction.flags.iter().map(flag).collect(),
        args: instruction.args.iter().map(|arg| arg.text.to_string()).collect(),
        json: instruction.json,
        onbuild_child: instruction.onbuild.as_ref().map(|child| Box::new(self::instruction(child, false))),
        heredocs: if top { instruction.heredocs.iter().map(heredoc).collect() } else { Vec::new() },
        comments: if has_comments {
            instruction.comments.iter().map(|comment| (*comment).to_owned()).collect()
        } else {
            Vec::new()
        },
    }
}

fn flag(flag: &Flag<'_>) -> String {
    match &flag.value {
        Some(value) => format!("--{}={}", flag.name.text, value.text),
        None => format!("--{}", flag.name.text),
    }
}

fn heredoc(heredoc: &syntax::Heredoc<'_>) -> Heredoc {
    Heredoc {
        name: heredoc.name.to_string(),
        content: heredoc.content.to_owned(),
        expand: heredoc.expand,
        chomp: heredoc.chomp,
        fd: heredoc.fd,
    }
}
