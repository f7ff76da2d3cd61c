//! Pieces of Dockerfiles, as documentation shows them: instructions without a FROM.
//!
//! BuildKit refuses them, and so do we. To draw one all the same, what is missing is supplied in front of it: a stage
//! for its instructions, and a stage for each name that it copies from. Nothing of the text moves.

use std::borrow::Cow;

use super::mount;
use crate::syntax::{Instruction, InstructionKind, Parse, parse};
use crate::text::{LineSpan, TextRange};

/// What the supplied stages start from; no image is called so.
pub const BASE: &str = "image-not-shown";
/// The stage that the piece is taken to be part of.
pub const STAGE: &str = "fragment";

/// So many stages may be supplied for a number.
const MAX_NUMBER: usize = 9;

/// What was supplied to a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// How many stages: those that the piece copies from, and the last, which is the piece's own.
    pub n_stages: usize,
    /// The names of the former.
    pub names: Vec<String>,
}

/// Supplies what a piece lacks; `is_image` tells names that are images for sure. Does nothing, and gives `None`, if the
/// text has a FROM, or no instruction that needs one.
pub fn supply(parse: &mut Parse<'_>, is_image: impl Fn(&str) -> bool) -> Option<Supplied> {
    let needs_stage =
        |it: &Instruction<'_>| !matches!(it.kind, InstructionKind::Arg | InstructionKind::Unknown);
    let has_from = parse.instructions.iter().any(|it| it.kind == InstructionKind::From);
    if has_from || !parse.instructions.iter().any(needs_stage) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut n_numbered = 0;
    for name in parse.instructions.iter().flat_map(references) {
        if let Ok(number) = name.parse::<usize>() {
            n_numbered = n_numbered.max(if number < MAX_NUMBER { number + 1 } else { 0 });
        } else if is_name(&name) && !is_image(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    while names.len() < n_numbered {
        names.push(format!("{STAGE}-{}", names.len()));
    }
    mend(parse);
    let stages = names.iter().map(String::as_str).chain([STAGE]).map(from);
    let stages: Vec<Instruction<'_>> = stages.collect();
    let n_stages = stages.len();
    parse.instructions.splice(0..0, stages);
    Some(Supplied { n_stages, names })
}

/// With a stage around it, nothing is wrong with the instruction that was refused for want of one.
fn mend(parse: &mut Parse<'_>) {
    let Parse { instructions, errors, .. } = parse;
    let Some(refused) = errors.iter().find(|error| error.is_no_stage()) else { return };
    let Some(instruction) = instructions.iter_mut().find(|it| it.keyword.range == refused.range) else {
        return;
    };
    let range = instruction.range;
    instruction.broken = errors.iter().any(|error| !error.is_no_stage() && range.contains_range(error.range));
}

/// The stages and images that an instruction refers to.
fn references(instruction: &Instruction<'_>) -> Vec<String> {
    let of_flag = |name: &str, value: &str| match name {
        "from" => Some(value.to_owned()),
        "mount" => Some(mount::written_from(value)),
        _ => None,
    };
    let flags = instruction.flags.iter();
    let named = flags.filter_map(|flag| of_flag(&flag.name.text, &flag.value.as_ref()?.text));
    named.map(|name| name.to_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// Whether a word can be the name of a stage: an image of another kind has a tag, a path or a digest.
fn is_name(word: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    word.starts_with(|it: char| it.is_ascii_lowercase()) && word.bytes().all(is_inner) && word != "scratch"
}

/// A FROM that stands nowhere: before the first byte, in line 0.
fn from<'a>(name: &str) -> Instruction<'a> {
    // The words are the text's own; only their places are not.
    let mut instruction = parse("FROM image-not-shown AS fragment\n").instructions.remove(0);
    let nowhere = TextRange::empty(0);
    instruction.range = nowhere;
    instruction.lines = LineSpan { first: 0, last: 0 };
    instruction.keyword.range = nowhere;
    for word in instruction.args.iter_mut() {
        word.range = nowhere;
    }
    if let Some(word) = instruction.args.last_mut() {
        word.text = Cow::Owned(name.to_owned());
    }
    instruction
}
