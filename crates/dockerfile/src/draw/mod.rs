//! From the stage graph to a picture: boxes, rows and lines with coordinates, and nothing that depends on a target.
//!
//! A [`Scene`] is geometry only. Which stage is lit, hovered or chosen is added by whoever prints it, so that
//! choosing another target moves nothing. Units are CSS pixels at zoom 1, all coordinates whole numbers, and
//! the same graph always gives the same scene.

mod across;
mod columns;
mod down;
mod lanes;
mod line_kind;
pub(crate) mod measure;
mod order;
mod pen;
mod place;

pub use line_kind::{LineKind, line_kinds};
pub use pen::badge_width;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::stages::{Content, Edge, Node, Source, SourceId, Stage, StageGraph, StageId};

/// What to draw of a graph, and how. `Default` is the whole graph with every instruction, from left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SceneOptions {
    /// Which way the picture runs.
    pub direction: Direction,
    /// Stages of which the head alone is shown; lines arrive there.
    pub collapsed: BTreeSet<StageId>,
    /// How often a source is drawn.
    pub sources: Sources,
    /// What to draw, as if there were nothing else; `None` for everything. Lines are drawn where both ends are.
    pub focus: Option<BTreeSet<Node>>,
}

impl From<Direction> for SceneOptions {
    /// Everything, in that direction.
    fn from(direction: Direction) -> SceneOptions {
        SceneOptions { direction, ..SceneOptions::default() }
    }
}

impl From<&SceneOptions> for SceneOptions {
    fn from(options: &SceneOptions) -> SceneOptions {
        options.clone()
    }
}

/// How often a source is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// Once, with a line to each use.
    #[default]
    Merged,
    /// Once for each stage that uses it, beside that stage; `scratch` as a small [`Shape::Ground`].
    PerUse,
}

/// A picture of the graph, or of the part of it that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Width of the whole picture, margins included.
    pub width: i32,
    /// Height of the whole picture, margins included.
    pub height: i32,
    /// One card for each stage that is drawn, in file order; without a focus, those are all.
    pub cards: Vec<Card>,
    /// Boxes of the sources: one for each that is drawn, in the order of [`StageGraph::sources`], or one for
    /// each use, in file order.
    pub sources: Vec<SourceBox>,
    /// One line for each edge between what is drawn, in the order of [`StageGraph::edges`].
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
    /// Whether the head alone is shown, since that was asked for or the picture is very large.
    pub collapsed: bool,
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
    /// The stage for which this box stands alone, with [`Sources::PerUse`].
    pub user: Option<StageId>,
    /// What to draw.
    pub shape: Shape,
    /// Outline of the box.
    pub frame: Rect,
    /// What it is: `image`, `context`, …
    pub kind: &'static str,
    /// Its name, shortened to the width.
    pub label: String,
}

/// How a source looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// A box with what it is and its name.
    #[default]
    Box,
    /// The sign for nothing below, with the name alone.
    Ground,
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
/// Height of a card's title and of the two lines for the reason.
pub const HEAD_HEIGHT: i32 = 80;
pub(crate) const FOOT_HEIGHT: i32 = 10;
pub(crate) const SOURCE_HEIGHT: i32 = 46;
const MIN_SOURCE_WIDTH: i32 = 128;
const MAX_SOURCE_WIDTH: i32 = 232;
const GROUND_WIDTH: i32 = 64;
const GROUND_HEIGHT: i32 = 30;
/// Space inside a card left and right of its text.
pub(crate) const PADDING: i32 = 16;

/// Draws the graph: all of it in a direction, or what the options say.
pub fn scene(graph: &StageGraph, options: impl Into<SceneOptions>) -> Scene {
    draw(graph, &options.into())
}

fn draw(graph: &StageGraph, options: &SceneOptions) -> Scene {
    let is_drawn = |node: Node| options.focus.as_ref().is_none_or(|focus| focus.contains(&node));
    let stages = || graph.stages.iter().filter(|stage| is_drawn(Node::Stage(stage.id)));
    let n_rows: usize = stages()
        .filter(|stage| !options.collapsed.contains(&stage.id))
        .map(|stage| stage.steps.len().min(MAX_ROWS_IN_CARD))
        .sum();
    let detail = if n_rows > MAX_ROWS { Detail::Titles } else { Detail::Rows };
    let width = match options.direction {
        Direction::Across => CARD_WIDTH_ACROSS,
        Direction::Down => CARD_WIDTH_DOWN,
    };
    let cards = stages()
        .map(|stage| card(stage, detail == Detail::Titles || options.collapsed.contains(&stage.id), width))
        .collect();
    let mut scene =
        Scene { cards, sources: source_boxes(graph, options, is_drawn), detail, ..Scene::default() };
    let links = links(&scene, graph);
    match options.direction {
        Direction::Across => across::arrange(&mut scene, &links),
        Direction::Down => down::arrange(&mut scene, &links),
    }
    scene
}

/// The boxes of the sources, at the origin.
fn source_boxes(
    graph: &StageGraph,
    options: &SceneOptions,
    is_drawn: impl Fn(Node) -> bool,
) -> Vec<SourceBox> {
    match options.sources {
        Sources::Merged => (0..graph.sources.len())
            .map(SourceId)
            .filter(|&source| is_drawn(Node::Source(source)))
            .map(|source| source_box(source, &graph.sources[source.0], None))
            .collect(),
        Sources::PerUse => {
            let mut seen = BTreeSet::new();
            graph
                .edges
                .iter()
                .filter(|edge| is_drawn(edge.from) && is_drawn(Node::Stage(edge.to)))
                .filter_map(|edge| match edge.from {
                    Node::Source(source) if seen.insert((source, edge.to)) => {
                        Some(source_box(source, &graph.sources[source.0], Some(edge.to)))
                    }
                    _ => None,
                })
                .collect()
        }
    }
}

/// An edge between two things that are drawn. Things are numbered: cards first, then the boxes of the sources.
struct Link {
    /// Index into [`StageGraph::edges`].
    edge: usize,
    /// The thing it comes from.
    from: usize,
    /// The card that refers.
    to: usize,
    /// The row that refers.
    step: usize,
    /// Whether it comes from an earlier stage or a source. Such edges order the picture; the others are errors
    /// in the file and are drawn against the grain.
    forward: bool,
}

fn links(scene: &Scene, graph: &StageGraph) -> Vec<Link> {
    let mut cards = vec![None; graph.stages.len()];
    for (idx, card) in scene.cards.iter().enumerate() {
        cards[card.stage.0] = Some(idx);
    }
    let boxes: BTreeMap<(SourceId, Option<StageId>), usize> = scene
        .sources
        .iter()
        .enumerate()
        .map(|(idx, source)| ((source.source, source.user), scene.cards.len() + idx))
        .collect();
    let link = |(idx, edge): (usize, &Edge)| {
        let from = match edge.from {
            Node::Stage(stage) => cards[stage.0],
            Node::Source(source) => {
                boxes.get(&(source, Some(edge.to))).or_else(|| boxes.get(&(source, None))).copied()
            }
        };
        let forward = match edge.from {
            Node::Stage(from) => from < edge.to,
            Node::Source(_) => true,
        };
        Some(Link { edge: idx, from: from?, to: cards[edge.to.0]?, step: edge.step, forward })
    };
    graph.edges.iter().enumerate().filter_map(link).collect()
}

/// A card at the origin; `arrange` moves it to its place.
fn card(stage: &Stage, collapsed: bool, width: i32) -> Card {
    let n_shown = if collapsed { 0 } else { stage.steps.len().min(MAX_ROWS_IN_CARD) };
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
            // What is no keyword may be as long as a line.
            keyword: measure::code(&step.keyword, width - 2 * PADDING, 0),
        })
        .collect();
    let hidden_rows = if collapsed { 0 } else { stage.steps.len() - n_shown };
    let n_lines = n_shown as i32 + i32::from(hidden_rows > 0);
    let height = HEAD_HEIGHT + n_lines * ROW_HEIGHT + if n_shown > 0 { FOOT_HEIGHT } else { 0 };
    Card {
        stage: stage.id,
        frame: Rect { x: 0, y: 0, width, height },
        title: measure::title(&stage.display_name(), width - 2 * PADDING - 92),
        rows,
        hidden_rows,
        collapsed,
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

/// A box at the origin.
fn source_box(source: SourceId, what: &Source, user: Option<StageId>) -> SourceBox {
    let (kind, name) = match what {
        Source::Image { familiar, .. } => ("image", Cow::from(familiar)),
        Source::Scratch => ("empty base", Cow::from("scratch")),
        Source::Context => ("build context", Cow::from("your files")),
        Source::NamedContext { name, content: Content::Image { familiar, .. }, .. } => {
            ("named context", Cow::from(format!("{name} = {familiar}")))
        }
        Source::NamedContext { name, value, .. } => ("named context", Cow::from(format!("{name} = {value}"))),
        Source::Remote(url) => ("remote", Cow::from(url)),
        Source::Invalid(text) if text.is_empty() => ("not an image", Cow::from("(nothing)")),
        Source::Invalid(text) => ("not an image", Cow::from(text)),
    };
    let (label, width) = measure::label(&name, MIN_SOURCE_WIDTH, MAX_SOURCE_WIDTH);
    let (shape, width, height) = match what {
        Source::Scratch if user.is_some() => (Shape::Ground, GROUND_WIDTH, GROUND_HEIGHT),
        _ => (Shape::Box, width, SOURCE_HEIGHT),
    };
    SourceBox { source, user, shape, frame: Rect { x: 0, y: 0, width, height }, kind, label }
}

impl Scene {
    /// The card of a stage, if that is drawn.
    pub fn card(&self, stage: StageId) -> Option<&Card> {
        let idx = self.cards.binary_search_by_key(&stage, |card| card.stage).ok()?;
        Some(&self.cards[idx])
    }

    /// Height at which lines leave a thing, from its top.
    fn departure(&self, thing: usize) -> i32 {
        match self.cards.get(thing) {
            Some(card) => card.departure(),
            None => self.sources[thing - self.cards.len()].frame.height / 2,
        }
    }

    fn frame(&self, thing: usize) -> Rect {
        match self.cards.get(thing) {
            Some(card) => card.frame,
            None => self.sources[thing - self.cards.len()].frame,
        }
    }

    fn frames(&self) -> impl Iterator<Item = Rect> {
        (0..self.cards.len() + self.sources.len()).map(|thing| self.frame(thing))
    }
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
