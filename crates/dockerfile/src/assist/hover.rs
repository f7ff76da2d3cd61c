//! What stands at a place, in Markdown.

use super::comments::{CommentPart, CommentPlace};
use super::complete::{given_words, shortened};
use super::place::{self, Place, Row, Spot};
use super::stage_names::{self, Meaning};
use super::variables::{self, Given, Scope};
use super::{Document, Hover, images, page};
use crate::checks::{self, Origin};
use crate::queries::{self, Target};
use crate::stages::{EdgeKind, Node, Source, Stage, StageId};
use crate::syntax::{InstructionKind, mounts};
use crate::text::TextRange;

/// So many users of a stage are told.
const MAX_USERS: usize = 4;

/// What stands at `offset`.
pub(super) fn hover(doc: &Document<'_>, offset: usize) -> Option<Hover> {
    let Spot { place, row } = place::read(doc, offset)?;
    let (range, markdown) = match place {
        Place::Keyword { range, kind, .. } => (range, instruction(kind)?),
        Place::FlagName { instruction, range } => {
            let flag = instruction.flags.iter().find(|flag| flag.range.start == range.start)?;
            (range, self::flag(instruction.kind, &flag.name.text)?)
        }
        Place::FlagValue { instruction, flag, range } => (range, self::flag(instruction.kind, flag)?),
        Place::MountKey { range, .. } => (range, key(range.of(doc.text))?),
        Place::MountValue { key, range } => (range, value(&key, range.of(doc.text))?),
        Place::Reference { kind, text, range, .. } => (range, reference(doc, row, kind, &text, range)?),
        Place::As { range, .. } => (range, of_section(InstructionKind::From, "AS", range.of(doc.text))?),
        Place::StageName { range } => (range, stage(doc, row.stage?)?),
        Place::Variable(it) => {
            let kind = doc.parse.instructions.get(row.instruction).map(|it| variables::owner(it).kind)?;
            (it.range, variable(doc, row, row.scope(kind), &it.name, it.range.start, it.by_shell)?)
        }
        Place::Declaration { instruction, name, range } => {
            (range, declaration(doc, row, instruction.kind, &name, range)?)
        }
        Place::Argument { instruction, index: 0, range }
            if instruction.kind == InstructionKind::Healthcheck =>
        {
            let word = range.of(doc.text);
            (range, of_section(instruction.kind, &word.to_ascii_uppercase(), word)?)
        }
        Place::Argument { .. } => return None,
        Place::Comment(it) => (it.range, comment(it)?),
    };
    (!range.is_empty()).then_some(Hover { range, markdown })
}

fn instruction(kind: InstructionKind) -> Option<String> {
    let row = kind.row();
    Some(format!("**{}** · {}\n\n{}", row.keyword, row.summary, page::of_instruction(kind)?))
}

fn flag(kind: InstructionKind, name: &str) -> Option<String> {
    let row = kind.row();
    let (flag, text) = (row.flag(name)?, page::of_flag(row, name)?);
    Some(format!("**{} --{}** · {}\n\n{text}", row.keyword, flag.name, flag.summary))
}

fn key(written: &str) -> Option<String> {
    let row = mounts::key_row(written.trim())?;
    Some(format!("**{}** · {}\n\n{}", row.name, row.summary, page::section(page::MOUNT, row.name)?))
}

fn value(key: &str, value: &str) -> Option<String> {
    let row = mounts::key_row(key)?;
    let heading = format!("{}={}", row.name, value.to_ascii_lowercase());
    match page::section(page::MOUNT, &heading) {
        Some(text) => Some(format!("**{heading}**\n\n{text}")),
        None => self::key(key),
    }
}

fn of_section(kind: InstructionKind, heading: &str, written: &str) -> Option<String> {
    page::section(kind.row().page, heading).map(|text| format!("**{written}**\n\n{text}"))
}

fn reference(doc: &Document<'_>, row: Row, kind: EdgeKind, text: &str, range: TextRange) -> Option<String> {
    match stage_names::meaning(doc, row, kind, text, range)? {
        Meaning::Stage(id) => stage(doc, id),
        Meaning::Source(index) => source(doc.graph().sources.get(index)?),
    }
}

fn stage(doc: &Document<'_>, id: StageId) -> Option<String> {
    let graph = doc.graph();
    let stage = graph.stages.get(id.0)?;
    let (first, last) = (stage.lines.first, stage.lines.last);
    let lines = if first == last { format!("line {first}") } else { format!("lines {first} to {last}") };
    let mut out = format!("**Stage {}** · {lines}\n\n", stage.display_name());
    if let Some(description) = &stage.description {
        out += &format!("{description}\n\n");
    }
    out += &format!("Starts from {}.", stage_names::base_words(graph, stage));
    let edges: Vec<usize> =
        (0..graph.edges.len()).filter(|&edge| graph.edges[edge].from == Node::Stage(id)).collect();
    if !edges.is_empty() {
        out.push('\n');
    }
    for &edge in edges.iter().take(MAX_USERS) {
        out += &format!("\n- {}", queries::edge_sentence(graph, edge));
    }
    if let Some(more) = edges.len().checked_sub(MAX_USERS).filter(|more| *more > 0) {
        out += &format!("\n- and {more} more");
    }
    out += &needed(doc, stage);
    Some(out)
}

/// Whether the default target needs a stage.
fn needed(doc: &Document<'_>, stage: &Stage) -> String {
    let graph = doc.graph();
    match queries::cut(graph, &Target::Default) {
        Ok(cut) if cut.target == stage.id => "\n\nA build without `--target` builds it.".to_owned(),
        Ok(cut) if cut.needs(stage.id) => "\n\nA build without `--target` needs it.".to_owned(),
        Ok(_) => "\n\nA build without `--target` does not need it.".to_owned(),
        Err(_) => String::new(),
    }
}

fn source(source: &Source) -> Option<String> {
    let card = queries::base_card(source);
    let title = match source {
        Source::Image { familiar, .. } => format!("**Image** {familiar}"),
        Source::Scratch => {
            let text = "Nothing at all: no files, no shell, no system.";
            return Some(format!("**scratch**\n\n{text} It is no image, and cannot be pulled."));
        }
        Source::Context | Source::Remote(_) => return None,
        Source::NamedContext { .. } | Source::Invalid(_) => queries::source_words(source),
    };
    Some(match card {
        Some(card) => format!("{title}\n\n{}", images::sentence(&card)),
        None => title,
    })
}

fn variable(
    doc: &Document<'_>,
    row: Row,
    scope: Scope,
    name: &str,
    offset: usize,
    by_shell: bool,
) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let known = variables::in_force(doc, row, scope, offset);
    let mut out = format!("**${name}**");
    match known.into_iter().find(|it| it.name == name) {
        Some(it) => {
            let from = given_words(doc, it.given);
            match &it.value {
                Some(value) => out += &format!(" is {} here · {from}", code(value)),
                None => out += &format!(" is declared and not set · {from}"),
            }
            if it.given == Given::Automatic
                && let Some(text) = page::section(page::ARGUMENTS, name)
            {
                out += &format!("\n\n{text}");
            }
        }
        // It may well be the shell's own.
        None if by_shell && !is_elsewhere(doc, name) => return None,
        None => {
            out += " is not set here";
            out += &unset(doc, row, scope, name);
        }
    }
    Some(out)
}

/// Whether the file gives a variable somewhere, or BuildKit does.
fn is_elsewhere(doc: &Document<'_>, name: &str) -> bool {
    variables::is_automatic(name) || !variables::occurrences(doc, name).declarations.is_empty()
}

/// What there is to say of a variable that is not in force.
fn unset(doc: &Document<'_>, row: Row, scope: Scope, name: &str) -> String {
    let is_global = doc.graph().globals.iter().any(|arg| arg.name == name);
    match scope {
        Scope::Global => {
            ".\n\nFROM lines see the ARGs above the first FROM, and nothing of the stages.".to_owned()
        }
        Scope::Container if is_elsewhere(doc, name) => {
            ".\n\nA container knows what ENV sets. ARGs are gone by then.".to_owned()
        }
        Scope::Stage | Scope::Container if is_global => {
            format!(
                ".\n\nAn ARG above the first FROM reaches FROM lines alone; `ARG {name}` brings it into a stage."
            )
        }
        Scope::Stage | Scope::Container if variables::is_automatic(name) => {
            format!(".\n\nBuildKit sets it, but a stage sees it only behind `ARG {name}`.")
        }
        Scope::Stage | Scope::Container => {
            let image = row.stage.and_then(|stage| variables::base_image(doc, stage));
            match image {
                Some(image) => {
                    format!(" by the file; {} may set it.", queries::source_words(image))
                }
                None => ", so it is empty.".to_owned(),
            }
        }
    }
}

fn declaration(
    doc: &Document<'_>,
    row: Row,
    kind: InstructionKind,
    name: &str,
    range: TextRange,
) -> Option<String> {
    // What holds behind the instruction is what it has come to.
    let after = Row { instruction: row.instruction + 1, step: row.step + 1, ..row };
    let scope = if row.stage.is_some() { Scope::Stage } else { Scope::Global };
    let known = variables::in_force(doc, after, scope, range.end);
    let found = known.into_iter().find(|it| it.name == name);
    let mut out = format!("**{name}**");
    match found.as_ref().and_then(|it| it.value.as_ref()) {
        Some(value) => out += &format!(" is {} from here on", code(value)),
        None => out += " is declared and not set",
    }
    out += match (kind, row.stage) {
        (InstructionKind::Arg, None) => {
            ".\n\nFROM lines see it; a stage does so only behind an `ARG` of its own."
        }
        (InstructionKind::Arg, Some(_)) => {
            ".\n\n`--build-arg` can set it. It lasts until the stage ends, and stages FROM it see it too; the image does not keep it."
        }
        (_, _) => ".\n\nThe image keeps it, and so do stages and images FROM it.",
    };
    if variables::is_automatic(name)
        && let Some(text) = page::section(page::ARGUMENTS, name)
    {
        out += &format!("\n\n{text}");
    }
    Some(out)
}

/// A value as code.
fn code(value: &str) -> String {
    match value {
        "" => "empty".to_owned(),
        value if value.contains('`') => format!("`` {} ``", shortened(value)),
        value => format!("`{}`", shortened(value)),
    }
}

fn comment(comment: CommentPlace<'_>) -> Option<String> {
    match comment.part {
        CommentPart::Name(name) => {
            let name = name.to_ascii_lowercase();
            page::section(page::DIRECTIVES, &name).map(|text| format!("**# {name}=**\n\n{text}"))
        }
        CommentPart::Value(name) => {
            page::section(page::DIRECTIVES, name).map(|text| format!("**# {name}=**\n\n{text}"))
        }
        CommentPart::Option(option) => page::section(page::DIRECTIVES, &format!("check={option}"))
            .map(|text| format!("**{option}**\n\n{text}")),
        CommentPart::Rule { name, .. } => {
            let rule = checks::rule(name)?;
            let of = match rule.origin {
                Origin::BuildKit => "a build check of BuildKit",
                Origin::Stagelight => "a check of Stagelight",
            };
            Some(format!("**{name}** · {of}\n\n{}.", rule.description.trim_end_matches('.')))
        }
    }
}
