//! From the stage graph to a picture: boxes, rows and lines with coordinates, and nothing that depends on a target.
//!
//! A [`Scene`] is geometry only. Which stage is lit, hovered or chosen is added by whoever prints it, so that
//! choosing another target moves nothing. Units are CSS pixels at zoom 1, all coordinates whole numbers, and
//! the same graph always gives the same scene.

mod across;
mod down;
mod measure;
mod order;
mod place;

use crate::stages::{Edge, Node, Source, SourceId, Stage, StageGraph, StageId};

/// A picture of the whole graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Width of the whole picture, margins included.
    pub width: i32,
    /// Height of the whole picture, margins included.
    pub height: i32,
    /// One card a stage, in file order.
    pub cards: Vec<Card>,
    /// One box a source, in the order of [`StageGraph::sources`].
    pub sources: Vec<SourceBox>,
    /// One line an edge, in the order of [`StageGraph::edges`].
    pub lines: Vec<Line>,
    /// Whether the cards show their instructions; large graphs show titles only.
    pub detail: Detail,
}

/// A stage: a title, a place for the reason why it runs or not, and a row for each instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The stage.
    pub stage: StageId,
    /// Outline of the card.
    pub frame: Rect,
    /// Title, shortened to the card's width.
    pub title: String,
    /// The rows that are shown; the first is the FROM.
    pub rows: Vec<Row>,
    /// How many instructions are left out because the stage is very long.
    pub hidden_rows: usize,
}

/// One instruction in a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into the stage's steps.
    pub step: usize,
    /// Vertical middle of the row.
    pub middle: i32,
    /// The keyword in upper case.
    pub keyword: String,
    /// The rest, shortened to the card's width.
    pub text: String,
}

/// An image, the build context or another source from outside the file.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceBox {
    /// The source.
    pub source: SourceId,
    /// Outline of the box.
    pub frame: Rect,
    /// What it is: `image`, `context`, …
    pub kind: &'static str,
    /// Its name, shortened to the width.
    pub label: String,
}

/// The way an edge takes: from `points[0]` through cubic curves of three points each.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Index into [`StageGraph::edges`].
    pub edge: usize,
    /// Start, then control, control, end of each curve.
    pub points: Vec<Point>,
}

/// A place in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Left side.
    pub x: i32,
    /// Top side.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Rect {
    /// The right side.
    pub fn right(self) -> i32 {
        self.x + self.width
    }

    /// The bottom side.
    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// Whether the two share any area.
    pub fn overlaps(self, other: Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// Which way the picture runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Columns from left to right, for wide windows.
    #[default]
    Across,
    /// One column in file order with the edges in a gutter beside it, for phones.
    Down,
}

/// How much of a stage is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Every instruction (of very long stages, the first ones).
    #[default]
    Rows,
    /// Titles and reasons only.
    Titles,
}

/// Above this many rows in a picture, cards show titles only: a browser cannot draw more with ease.
const MAX_ROWS: usize = 2_000;
/// Above this many instructions in a stage, the rest is counted, not drawn.
const MAX_ROWS_IN_CARD: usize = 120;

pub(crate) const MARGIN: i32 = 18;
/// Wide pictures have several columns, a phone has one.
const CARD_WIDTH_ACROSS: i32 = 268;
const CARD_WIDTH_DOWN: i32 = 322;
pub(crate) const ROW_HEIGHT: i32 = 24;
/// Title and two lines for the reason.
pub(crate) const HEAD_HEIGHT: i32 = 80;
pub(crate) const FOOT_HEIGHT: i32 = 10;
pub(crate) const SOURCE_HEIGHT: i32 = 46;
/// Space inside a card left and right of its text.
const PADDING: i32 = 16;

/// Draws the graph.
pub fn scene(graph: &StageGraph, direction: Direction) -> Scene {
    let n_rows: usize = graph.stages.iter().map(|stage| stage.steps.len().min(MAX_ROWS_IN_CARD)).sum();
    let detail = if n_rows > MAX_ROWS { Detail::Titles } else { Detail::Rows };
    let width = match direction {
        Direction::Across => CARD_WIDTH_ACROSS,
        Direction::Down => CARD_WIDTH_DOWN,
    };
    let mut scene = Scene {
        cards: graph.stages.iter().map(|stage| card(stage, detail, width)).collect(),
        sources: graph
            .sources
            .iter()
            .enumerate()
            .map(|(idx, source)| source_box(SourceId(idx), source))
            .collect(),
        detail,
        ..Scene::default()
    };
    match direction {
        Direction::Across => across::arrange(&mut scene, graph),
        Direction::Down => down::arrange(&mut scene, graph),
    }
    scene
}

/// A card at the origin; `arrange` moves it to its place.
fn card(stage: &Stage, detail: Detail, width: i32) -> Card {
    let n_shown = match detail {
        Detail::Rows => stage.steps.len().min(MAX_ROWS_IN_CARD),
        Detail::Titles => 0,
    };
    let rows: Vec<Row> = stage.steps[..n_shown]
        .iter()
        .enumerate()
        .map(|(idx, step)| Row {
            step: idx,
            middle: HEAD_HEIGHT + ROW_HEIGHT * idx as i32 + ROW_HEIGHT / 2,
            text: measure::code(
                &row_text(&step.summary),
                width - 2 * PADDING,
                step.keyword.chars().count() + 1,
            ),
            keyword: step.keyword.to_string(),
        })
        .collect();
    let hidden_rows = match detail {
        Detail::Rows => stage.steps.len() - n_shown,
        Detail::Titles => 0,
    };
    let n_lines = n_shown as i32 + i32::from(hidden_rows > 0);
    let height = HEAD_HEIGHT + n_lines * ROW_HEIGHT + if n_shown > 0 { FOOT_HEIGHT } else { 0 };
    Card {
        stage: stage.id,
        frame: Rect { x: 0, y: 0, width, height },
        title: measure::title(&stage.display_name(), width - 2 * PADDING - 92),
        rows,
        hidden_rows,
    }
}

/// The text of a row: of flags, only `--from` keeps its value; a card has little room, and the command behind
/// a row of mounts says more than they do.
fn row_text(summary: &str) -> String {
    let mut text = String::new();
    let mut rest = summary;
    let mut last_name = "";
    while rest.starts_with("--") {
        let end = rest.find(' ').unwrap_or(rest.len());
        let flag = &rest[..end];
        let name = flag.split_once('=').map_or(flag, |(name, _)| name);
        if name == "--from" || name != last_name {
            text.push_str(if name == "--from" { flag } else { name });
            text.push(' ');
        }
        last_name = name;
        rest = rest[end..].trim_start();
    }
    text + rest
}

fn source_box(source: SourceId, what: &Source) -> SourceBox {
    let (kind, name) = match what {
        Source::Image { familiar, .. } => ("image", familiar.as_str()),
        Source::Scratch => ("empty base", "scratch"),
        Source::Context => ("build context", "your files"),
        Source::Remote(url) => ("remote", url.as_str()),
        Source::Invalid(text) => ("not an image", if text.is_empty() { "(nothing)" } else { text }),
    };
    let (label, width) = measure::label(name, 128, 232);
    SourceBox { source, frame: Rect { x: 0, y: 0, width, height: SOURCE_HEIGHT }, kind, label }
}

impl Card {
    /// A sentence as the two lines that the card has for the reason why its stage runs or not.
    pub fn reason_lines(&self, sentence: &str) -> [String; 2] {
        measure::two_lines(sentence, self.frame.width - 2 * PADDING)
    }

    fn move_to(&mut self, x: i32, y: i32) {
        let dy = y - self.frame.y;
        self.frame.x = x;
        self.frame.y = y;
        for row in &mut self.rows {
            row.middle += dy;
        }
    }

    /// Height at which an edge to `step` arrives, from the card's top.
    fn arrival(&self, step: usize) -> i32 {
        match self.rows.get(step) {
            Some(row) => row.middle - self.frame.y,
            None if self.rows.is_empty() => 26,
            None => self.frame.height - FOOT_HEIGHT - ROW_HEIGHT / 2,
        }
    }

    /// Height at which edges leave, from the card's top: a stage is used as its last instruction leaves it.
    fn departure(&self) -> i32 {
        self.arrival(self.rows.len().saturating_sub(1))
    }
}

/// Edges that point from an earlier stage (or a source) to a later one order the picture; the others are
/// errors in the file and are drawn against the grain.
fn points_forward(edge: &Edge) -> bool {
    match edge.from {
        Node::Stage(from) => from < edge.to,
        Node::Source(_) => true,
    }
}

#[cfg(test)]
mod tests;
