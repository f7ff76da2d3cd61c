//! Measures of pictures: what overlaps, what crosses, and how far cards move while someone types.
//!
//! `cargo xtask layout` prints them. They are taken from the scene alone, as an eye would take them: curves are
//! followed in short straight pieces, and lines of one origin run together, so they cannot cross.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use dockerfile::draw::{Direction, Line, Point, Rect, Scene, scene};
use dockerfile::stages::{self, BuildOptions, Node, StageGraph, StageId};
use dockerfile::syntax::{self, InstructionKind};

/// Edits of one line, as people make them; the first two change no row of any card.
pub(crate) const EDITS: [&str; 4] = ["a blank line", "an argument", "a RUN", "a COPY --from"];
/// Pieces that a curve is followed in.
const PIECES: i32 = 12;
/// In how many stages of a file each edit is made.
const EDITED_STAGES: usize = 4;
/// A line may touch the outline of a box.
const TOUCH: i32 = 2;

pub(crate) fn graph(text: &str) -> StageGraph {
    stages::resolve(&syntax::parse(text), &BuildOptions::default())
}

/// What was found in a number of pictures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measure {
    pub(crate) n_files: usize,
    pub(crate) n_lines: usize,
    /// Pairs of boxes that share area.
    pub(crate) overlaps: usize,
    /// Lines that run through a box.
    pub(crate) through: usize,
    pub(crate) crossings: usize,
    /// The file with most crossings.
    pub(crate) worst: (usize, String),
    /// Files that give another picture the second time.
    pub(crate) unsteady: usize,
    /// For each of [`EDITS`]: how far cards moved, in pixels, summed over cards, and how many cards there were.
    pub(crate) movement: [(f64, usize); EDITS.len()],
    /// Sum of the pictures' areas, in millions of square pixels, and of how high they are for their width.
    pub(crate) area: f64,
    pub(crate) tall: f64,
}

/// Measures every file that has more than one stage.
pub(crate) fn measure(files: &[(String, String)]) -> Measure {
    let mut acc = Measure::default();
    for (name, text) in files {
        let graph = graph(text);
        if graph.stages.len() > 1 {
            acc.add(name, text, &graph);
        }
    }
    acc
}

impl Measure {
    fn add(&mut self, name: &str, text: &str, graph: &StageGraph) {
        let picture = scene(graph, Direction::Across);
        self.n_files += 1;
        self.n_lines += picture.lines.len();
        self.overlaps += overlaps(&picture);
        self.through += lines_through_boxes(&picture, graph);
        let crossings = crossings(&picture, graph);
        self.crossings += crossings;
        if crossings > self.worst.0 {
            self.worst = (crossings, name.to_owned());
        }
        self.area += f64::from(picture.width) * f64::from(picture.height) / 1e6;
        self.tall += f64::from(picture.height) / f64::from(picture.width);
        let again = scene(&self::graph(text), Direction::Across);
        self.unsteady += usize::from(again != picture || scene(graph, Direction::Across) != picture);
        for (kind, sum) in self.movement.iter_mut().enumerate() {
            for edited in edits(text, graph, kind) {
                let after = scene(&self::graph(&edited), Direction::Across);
                if after.cards.len() == picture.cards.len() {
                    sum.0 += movement(&picture, &after);
                    sum.1 += picture.cards.len();
                }
            }
        }
    }

    /// How far a card moves in the mean after an edit.
    pub(crate) fn mean_movement(&self, edit: usize) -> f64 {
        let (sum, n_cards) = self.movement[edit];
        sum / n_cards.max(1) as f64
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_files = self.n_files.max(1) as f64;
        writeln!(f, "  files            {}, lines {}", self.n_files, self.n_lines)?;
        writeln!(
            f,
            "  overlaps         {}, lines through boxes {}, unsteady {}",
            self.overlaps, self.through, self.unsteady
        )?;
        let (most, file) = &self.worst;
        writeln!(
            f,
            "  crossings        {}, {:.2} a file, at most {most} ({file})",
            self.crossings,
            self.crossings as f64 / n_files
        )?;
        for (idx, edit) in EDITS.iter().enumerate() {
            writeln!(f, "  moved by         {:6.2} px a card, by {edit}", self.mean_movement(idx))?;
        }
        writeln!(
            f,
            "  size             {:.2} million px², {:.2} times as high as wide",
            self.area / n_files,
            self.tall / n_files
        )
    }
}

fn frames(scene: &Scene) -> Vec<Rect> {
    let cards = scene.cards.iter().map(|card| card.frame);
    cards.chain(scene.sources.iter().map(|source| source.frame)).collect()
}

pub(crate) fn overlaps(scene: &Scene) -> usize {
    let mut frames = frames(scene);
    frames.sort_by_key(|frame| frame.x);
    let mut n_overlaps = 0;
    for (idx, frame) in frames.iter().enumerate() {
        let near = frames[idx + 1..].iter().take_while(|other| other.x < frame.right());
        n_overlaps += near.filter(|other| frame.overlaps(**other)).count();
    }
    n_overlaps
}

/// A line as straight pieces.
fn pieces(line: &Line) -> Vec<(f64, f64)> {
    let at = |point: Point| (f64::from(point.x), f64::from(point.y));
    let mut way = vec![at(line.points[0])];
    for curve in line.points.windows(4).step_by(3) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|idx| at(curve[idx]));
        way.extend((1..=PIECES).map(|piece| {
            let t = f64::from(piece) / f64::from(PIECES);
            let s = 1.0 - t;
            let mix = |a: f64, b: f64, c: f64, d: f64| {
                s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
            };
            (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
        }));
    }
    way
}

/// How many lines run through a card or a source. What BuildKit refuses may.
pub(crate) fn lines_through_boxes(scene: &Scene, graph: &StageGraph) -> usize {
    let frames = frames(scene);
    let is_inside = |(x, y): (f64, f64)| {
        let touch = f64::from(TOUCH);
        frames.iter().any(|frame| {
            (f64::from(frame.x) + touch..f64::from(frame.right()) - touch).contains(&x)
                && (f64::from(frame.y) + touch..f64::from(frame.bottom()) - touch).contains(&y)
        })
    };
    // Between two points of a piece, a line is looked at every few pixels.
    let runs_through = |line: &Line| {
        pieces(line).windows(2).any(|ends| {
            let (a, b) = (ends[0], ends[1]);
            let n_steps = ((b.0 - a.0).abs().max((b.1 - a.1).abs()) / 8.0).ceil().max(1.0) as u32;
            (0..=n_steps).any(|step| {
                let t = f64::from(step) / f64::from(n_steps);
                is_inside((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)))
            })
        })
    };
    scene.lines.iter().filter(|line| !graph.edges[line.edge].broken && runs_through(line)).count()
}

/// Places where lines of different origin cross; lines of one origin that cross another together count once.
pub(crate) fn crossings(scene: &Scene, graph: &StageGraph) -> usize {
    let origin = |line: &Line| {
        let edge = &graph.edges[line.edge];
        let own = scene.sources.iter().any(|it| it.user.is_some() && Node::Source(it.source) == edge.from);
        (edge.from, own.then_some(edge.to))
    };
    type Origin = (Node, Option<StageId>);
    // Pieces by origin, each once, however many lines share it.
    let mut seen: BTreeMap<Origin, BTreeSet<[i64; 4]>> = BTreeMap::new();
    for line in &scene.lines {
        let whole = |value: f64| (value * 16.0).round() as i64;
        let way = pieces(line);
        let set = seen.entry(origin(line)).or_default();
        for ends in way.windows(2) {
            let piece = [ends[0].0, ends[0].1, ends[1].0, ends[1].1].map(whole);
            set.insert(piece);
        }
    }
    let mut all: Vec<(usize, [i64; 4])> = Vec::new();
    for (idx, set) in seen.values().enumerate() {
        all.extend(set.iter().map(|&piece| (idx, piece)));
    }
    all.sort_by_key(|(_, piece)| piece[0].min(piece[2]));
    let mut places: BTreeSet<(usize, usize, i64, i64)> = BTreeSet::new();
    for (idx, &(one, a)) in all.iter().enumerate() {
        let right = a[0].max(a[2]);
        for &(other, b) in all[idx + 1..].iter().take_while(|(_, b)| b[0].min(b[2]) <= right) {
            if one != other && cross(a, b) {
                // Nearly the same place is the same crossing, seen by lines that have just parted.
                let place = ((a[0] + a[2] + b[0] + b[2]) / 4 / 320, (a[1] + a[3] + b[1] + b[3]) / 4 / 320);
                places.insert((one.min(other), one.max(other), place.0, place.1));
            }
        }
    }
    places.len()
}

/// Whether two pieces cross properly.
fn cross(a: [i64; 4], b: [i64; 4]) -> bool {
    let side =
        |p: [i64; 4], x: i64, y: i64| ((p[2] - p[0]) * (y - p[1]) - (p[3] - p[1]) * (x - p[0])).signum();
    side(a, b[0], b[1]) * side(a, b[2], b[3]) < 0 && side(b, a[0], a[1]) * side(b, a[2], a[3]) < 0
}

fn movement(before: &Scene, after: &Scene) -> f64 {
    let way = |(a, b): (&Rect, &Rect)| f64::from(a.x - b.x).hypot(f64::from(a.y - b.y));
    let [before, after] =
        [before, after].map(|scene| scene.cards.iter().map(|card| card.frame).collect::<Vec<_>>());
    before.iter().zip(&after).map(way).sum()
}

/// The text with one edit of a kind, in each of a few stages.
pub(crate) fn edits(text: &str, graph: &StageGraph, kind: usize) -> Vec<String> {
    let n_stages = graph.stages.len();
    let step = n_stages.div_ceil(EDITED_STAGES);
    let with = |at: usize, new: &str| format!("{}{new}{}", &text[..at], &text[at..]);
    (0..n_stages)
        .step_by(step)
        .filter_map(|idx| {
            let stage = &graph.stages[idx];
            let end = stage.steps[0].range.end;
            match kind {
                0 => Some(with(end, "\n")),
                1 => {
                    let is_plain = |step: &&stages::Step| {
                        step.kind == InstructionKind::Run && !step.broken && !step.summary.contains("<<")
                    };
                    stage.steps.iter().find(is_plain).map(|step| with(step.range.end, "x"))
                }
                2 => Some(with(end, "\nRUN make")),
                _ if idx == 0 => Some(with(end, "\nCOPY --from=alpine /a /b")),
                _ => Some(with(end, &format!("\nCOPY --from={} /a /b", (idx * 7 + 3) % idx))),
            }
        })
        .collect()
}

/// Two hundred Dockerfiles made from seeds, of two to forty stages.
pub(crate) fn made_up_files() -> Vec<(String, String)> {
    (1..=200).map(|seed| (format!("seed {seed}"), made_up(seed, 2 + (seed as usize * 7) % 39))).collect()
}

/// A Dockerfile made from a seed: stages that take from earlier stages, images and the context.
pub(crate) fn made_up(seed: u64, n_stages: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut text = String::new();
    for stage in 0..n_stages {
        let base =
            if stage > 0 && next(2) == 0 { format!("s{}", next(stage)) } else { format!("image{}", next(4)) };
        text += &format!("FROM {base} AS s{stage}\n");
        for _ in 0..next(5) {
            text += &match next(5) {
                0 => "COPY . .\n".to_owned(),
                1 if stage > 0 => format!("COPY --from=s{} /a /b\n", next(stage)),
                2 if stage > 0 => format!("RUN --mount=from=s{},target=/x make\n", next(stage)),
                3 => format!("COPY --from=image{} /a /b\n", next(4)),
                _ => {
                    "RUN make a rather long command line that does not fit into a row of a card\n".to_owned()
                }
            };
        }
    }
    text
}

/// What was reached, as bounds: crossings, and the mean movement of a card in pixels for each of [`EDITS`].
/// They may only fall. Movement by a new reference is larger, since that changes the structure.
const BOUNDS: [(&str, usize, [f64; EDITS.len()]); 5] = [
    ("shop-platform", 19, [0.0, 0.0, 0.46, 10.62]),
    ("image-service", 4, [0.0, 0.0, 0.0, 123.47]),
    ("cpp-diamond", 2, [0.0, 0.0, 2.67, 47.21]),
    ("made up", 14_157, [0.0, 0.0, 3.78, 207.94]),
    ("corpus", 651, [0.0, 0.0, 1.67, 54.27]),
];
/// A file with paths of Dockerfiles, one a line; `cargo xtask layout` sets it.
const CORPUS: &str = "STAGELIGHT_LAYOUT_FILES";

#[test]
fn pictures_stay_as_good_as_they_are() {
    let mut worse = Vec::new();
    for (name, crossings, movement) in BOUNDS {
        let files = match name {
            "made up" => made_up_files(),
            "corpus" => match std::env::var(CORPUS) {
                Ok(list) => corpus(&list),
                Err(_) => {
                    println!("corpus: not measured, since {CORPUS} is not set");
                    continue;
                }
            },
            example => {
                let path = format!("{}/examples/{example}.dockerfile", env!("CARGO_MANIFEST_DIR"));
                vec![(example.to_owned(), std::fs::read_to_string(path).expect("examples are there"))]
            }
        };
        let measure = measure(&files);
        println!("{name}\n{measure}");
        let mut hold = |what: &str, now: f64, bound: f64| {
            if now > bound + 0.005 {
                worse.push(format!("{name}: {what} is {now:.2}, more than {bound:.2}"));
            }
        };
        hold("the number of overlaps", measure.overlaps as f64, 0.0);
        hold("the number of lines through boxes", measure.through as f64, 0.0);
        hold("the number of unsteady pictures", measure.unsteady as f64, 0.0);
        hold("the number of crossings", measure.crossings as f64, crossings as f64);
        for (idx, edit) in EDITS.iter().enumerate() {
            hold(&format!("movement by {edit}"), measure.mean_movement(idx), movement[idx]);
        }
    }
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

fn corpus(list: &str) -> Vec<(String, String)> {
    let list = std::fs::read_to_string(list).expect("the list of the corpus is there");
    // Files that are not UTF-8 are no text for an editor.
    let read = |path: &str| Some((path.to_owned(), std::fs::read_to_string(path).ok()?));
    list.lines().filter_map(read).collect()
}
