//! Properties of every picture: nothing overlaps, lines start and end where they should, and the same text
//! gives the same picture.

use dockerfile::draw::{Direction, Rect, Scene, scene};
use dockerfile::stages::{self, BuildOptions, Node, StageGraph};
use dockerfile::syntax;

fn graph(text: &str) -> StageGraph {
    stages::resolve(&syntax::parse(text), &BuildOptions::default())
}

/// A Dockerfile made from a seed: stages that take from earlier stages, images and the context.
fn made_up(seed: u64, n_stages: usize) -> String {
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

fn frames(scene: &Scene) -> Vec<Rect> {
    let cards = scene.cards.iter().map(|card| card.frame);
    cards.chain(scene.sources.iter().map(|source| source.frame)).collect()
}

fn check(text: &str, direction: Direction) {
    let graph = graph(text);
    let scene = scene(&graph, direction);
    let frames = frames(&scene);
    for (idx, frame) in frames.iter().enumerate() {
        assert!(frame.x >= 0 && frame.y >= 0, "{frame:?} lies outside\n{text}");
        assert!(
            frame.right() <= scene.width && frame.bottom() <= scene.height,
            "{frame:?} lies outside\n{text}"
        );
        for other in &frames[idx + 1..] {
            assert!(!frame.overlaps(*other), "{frame:?} and {other:?} overlap ({direction:?})\n{text}");
        }
    }
    assert_eq!(scene.lines.len(), graph.edges.len());
    for line in &scene.lines {
        let edge = &graph.edges[line.edge];
        let user = &scene.cards[edge.to.0];
        let end = line.points.last().expect("a line has an end");
        assert_eq!(end.x, user.frame.x, "a line ends at the left side of the card that refers\n{text}");
        if let Some(row) = user.rows.get(edge.step) {
            assert_eq!(end.y, row.middle, "a line ends at the row that refers\n{text}");
        }
        let from = match edge.from {
            Node::Stage(stage) => scene.cards[stage.0].frame,
            Node::Source(source) => scene.sources[source.0].frame,
        };
        let start = line.points[0];
        assert!(
            start.x == from.right() || start.x == from.x,
            "a line starts at a side of what it takes from\n{text}"
        );
        assert!((from.y..=from.bottom()).contains(&start.y));
        if direction == Direction::Across && !edge.broken {
            assert!(start.x < end.x, "a reference that works points from left to right\n{text}");
        }
    }
}

#[test]
fn nothing_overlaps_and_lines_meet_their_rows() {
    for seed in 1..=60 {
        for n_stages in [1, 2, 3, 5, 8, 13, 30] {
            let text = made_up(seed, n_stages);
            check(&text, Direction::Across);
            check(&text, Direction::Down);
        }
    }
}

#[test]
fn lines_do_not_run_through_cards() {
    for seed in 1..=40 {
        let text = made_up(seed, 12);
        let graph = graph(&text);
        let scene = scene(&graph, Direction::Across);
        for line in &scene.lines {
            // Level pieces are where a line passes a column; they must pass beside its cards.
            for piece in line.points.windows(4).step_by(3).filter(|piece| piece[0] == piece[1]) {
                let card = scene.cards.iter().find(|card| {
                    let frame = card.frame;
                    piece[0].x < frame.right()
                        && frame.x < piece[3].x
                        && (frame.y..=frame.bottom()).contains(&piece[0].y)
                });
                assert!(card.is_none(), "a line runs through {:?}\n{text}", card.map(|card| &card.title));
            }
        }
    }
}

#[test]
fn the_same_text_gives_the_same_picture() {
    for seed in 1..=20 {
        let text = made_up(seed, 15);
        assert_eq!(scene(&graph(&text), Direction::Across), scene(&graph(&text), Direction::Across));
    }
}

#[test]
fn references_that_point_forward_or_at_themselves_are_drawn() {
    for text in [
        "FROM a AS one\nCOPY --from=two /x /y\nFROM b AS two\n",
        "FROM a AS one\nCOPY --from=one /x /y\n",
        "FROM a AS one\nCOPY --from=two /x /y\nFROM one AS two\n",
        "FROM Bad:Image:Name\n",
        "FROM\nFROM scratch\nCOPY\n",
        "RUN nothing\n",
        "",
    ] {
        check(text, Direction::Across);
        check(text, Direction::Down);
    }
}

#[test]
fn very_long_files_show_titles_and_very_long_stages_their_beginning() {
    use dockerfile::draw::Detail;
    let long_stage = format!("FROM a\n{}", "RUN b\n".repeat(500));
    let picture = scene(&graph(&long_stage), Direction::Across);
    assert_eq!(picture.detail, Detail::Rows);
    assert_eq!(picture.cards[0].rows.len() + picture.cards[0].hidden_rows, 501);
    assert!(picture.cards[0].hidden_rows > 0);
    let long_file: String =
        (0..600).map(|stage| format!("FROM a AS s{stage}\n{}", "RUN b\n".repeat(9))).collect();
    let picture = scene(&graph(&long_file), Direction::Across);
    assert_eq!(picture.detail, Detail::Titles);
    assert_eq!(picture.cards.len(), 600);
}

#[test]
fn typing_in_one_stage_leaves_the_others_in_their_columns() {
    let text = made_up(7, 9);
    let before = scene(&graph(&text), Direction::Across);
    let after = scene(&graph(&text.replacen("COPY . .\n", "COPY . .\nENV A=1\n", 1)), Direction::Across);
    let columns = |scene: &Scene| scene.cards.iter().map(|card| card.frame.x).collect::<Vec<_>>();
    assert_eq!(columns(&before), columns(&after));
}
