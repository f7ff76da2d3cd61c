//! Properties of every picture: nothing overlaps, lines start and end where they should, and the same text
//! gives the same picture.

use std::collections::BTreeSet;

use dockerfile::draw::{Direction, Rect, Scene, SceneOptions, Shape, Sources, scene};
use dockerfile::stages::{self, BuildOptions, Node, Source, SourceId, StageGraph, StageId};
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
    check_scene(text, &SceneOptions { direction, ..SceneOptions::default() });
}

fn check_scene(text: &str, options: &SceneOptions) {
    let graph = graph(text);
    let scene = scene(&graph, options);
    let frames = frames(&scene);
    for (idx, frame) in frames.iter().enumerate() {
        assert!(frame.x >= 0 && frame.y >= 0, "{frame:?} lies outside\n{text}");
        assert!(
            frame.right() <= scene.width && frame.bottom() <= scene.height,
            "{frame:?} lies outside\n{text}"
        );
        for other in &frames[idx + 1..] {
            assert!(!frame.overlaps(*other), "{frame:?} and {other:?} overlap ({options:?})\n{text}");
        }
    }
    let is_drawn = |node: Node| options.focus.as_ref().is_none_or(|focus| focus.contains(&node));
    let drawn: Vec<usize> = (0..graph.edges.len())
        .filter(|&edge| is_drawn(graph.edges[edge].from) && is_drawn(Node::Stage(graph.edges[edge].to)))
        .collect();
    assert_eq!(scene.lines.iter().map(|line| line.edge).collect::<Vec<_>>(), drawn);
    let stages: Vec<StageId> = scene.cards.iter().map(|card| card.stage).collect();
    let expected: Vec<StageId> =
        graph.stages.iter().map(|stage| stage.id).filter(|&stage| is_drawn(Node::Stage(stage))).collect();
    assert_eq!(stages, expected);
    for line in &scene.lines {
        let edge = &graph.edges[line.edge];
        let user = scene.card(edge.to).expect("a line ends at a card");
        let end = line.points.last().expect("a line has an end");
        assert_eq!(end.x, user.frame.x, "a line ends at the left side of the card that refers\n{text}");
        if let Some(row) = user.rows.get(edge.step) {
            assert_eq!(end.y, row.middle, "a line ends at the row that refers\n{text}");
        } else {
            assert!((user.frame.y..user.frame.bottom()).contains(&end.y));
        }
        let from = match edge.from {
            Node::Stage(stage) => scene.card(stage).expect("a line starts at a card").frame,
            Node::Source(source) => {
                let user = (options.sources == Sources::PerUse).then_some(edge.to);
                let found = scene.sources.iter().find(|it| (it.source, it.user) == (source, user));
                found.expect("a line starts at a box").frame
            }
        };
        let start = line.points[0];
        assert!(
            start.x == from.right() || start.x == from.x,
            "a line starts at a side of what it takes from\n{text}"
        );
        assert!((from.y..=from.bottom()).contains(&start.y));
        if options.direction == Direction::Across && !edge.broken {
            assert!(start.x < end.x, "a reference that works points from left to right\n{text}");
        }
    }
}

/// Options of every kind, chosen by a seed.
fn some_options(seed: u64, graph: &StageGraph) -> SceneOptions {
    let is_chosen = |idx: usize, of: u64| (idx as u64 * 7 + seed).is_multiple_of(of);
    let stages = (0..graph.stages.len()).map(StageId);
    let nodes = stages
        .clone()
        .map(Node::Stage)
        .chain((0..graph.sources.len()).map(|idx| Node::Source(SourceId(idx))));
    SceneOptions {
        direction: if seed.is_multiple_of(2) { Direction::Across } else { Direction::Down },
        collapsed: stages.filter(|stage| is_chosen(stage.0, 3)).collect(),
        sources: if seed.is_multiple_of(3) { Sources::Merged } else { Sources::PerUse },
        focus: (seed % 5 > 1).then(|| {
            nodes.enumerate().filter(|&(idx, _)| !is_chosen(idx, seed % 5)).map(|(_, node)| node).collect()
        }),
    }
}

#[test]
fn parts_of_the_graph_are_drawn_as_well_as_the_whole() {
    for seed in 1..=60 {
        for n_stages in [1, 4, 9, 20] {
            let text = made_up(seed, n_stages);
            check_scene(&text, &some_options(seed, &graph(&text)));
        }
    }
    for focus in [BTreeSet::new(), BTreeSet::from([Node::Source(SourceId(0)), Node::Source(SourceId(1))])] {
        for direction in [Direction::Across, Direction::Down] {
            let focus = Some(focus.clone());
            check_scene(&made_up(3, 5), &SceneOptions { focus, direction, ..SceneOptions::default() });
        }
    }
}

#[test]
fn a_collapsed_stage_is_its_head_and_lines_arrive_there() {
    let text = "FROM a AS one\nRUN x\nFROM b AS two\nRUN y\nRUN z\nCOPY --from=one / /\n";
    let graph = graph(text);
    let collapsed = BTreeSet::from([StageId(1)]);
    let picture = scene(&graph, &SceneOptions { collapsed, ..SceneOptions::default() });
    let [one, two] = &picture.cards[..] else { panic!("two stages") };
    assert_eq!((one.collapsed, one.rows.len()), (false, 2));
    assert_eq!((two.collapsed, two.rows.len(), two.hidden_rows), (true, 0, 0));
    assert!(two.frame.height < one.frame.height);
    for line in picture.lines.iter().filter(|line| graph.edges[line.edge].to == StageId(1)) {
        let end = line.points.last().unwrap();
        assert!((two.frame.y..two.frame.bottom()).contains(&end.y));
    }
}

#[test]
fn each_use_of_a_source_can_have_a_box_of_its_own() {
    let text =
        "FROM a AS one\nCOPY --from=a / /\nCOPY . .\nFROM a AS two\nFROM scratch\nCOPY . .\nFROM scratch\n";
    let graph = graph(text);
    let picture = scene(&graph, &SceneOptions { sources: Sources::PerUse, ..SceneOptions::default() });
    let boxes: Vec<(&str, usize, Shape)> = picture
        .sources
        .iter()
        .map(|source| (&*source.label, source.user.expect("each has a user").0, source.shape))
        .collect();
    let expected = [
        ("a", 0, Shape::Box),
        ("your files", 0, Shape::Box),
        ("a", 1, Shape::Box),
        ("scratch", 2, Shape::Ground),
        ("your files", 2, Shape::Box),
        ("scratch", 3, Shape::Ground),
    ];
    assert_eq!(boxes, expected);
    let merged = scene(&graph, Direction::Across);
    assert!(merged.sources.iter().all(|source| source.user.is_none() && source.shape == Shape::Box));
    assert_eq!(merged.sources.len(), 3);
}

#[test]
fn a_focus_leaves_everything_else_out() {
    let text = "FROM a AS one\nFROM b AS two\nFROM one AS three\nCOPY --from=two / /\nFROM c AS four\n";
    let graph = graph(text);
    let image = |name: &str| {
        let is_it = |source: &Source| matches!(source, Source::Image { familiar, .. } if familiar == name);
        Node::Source(SourceId(graph.sources.iter().position(is_it).unwrap()))
    };
    let focus = Some(BTreeSet::from([Node::Stage(StageId(0)), Node::Stage(StageId(2)), image("a")]));
    let picture = scene(&graph, &SceneOptions { focus, ..SceneOptions::default() });
    assert_eq!(picture.cards.iter().map(|card| &*card.title).collect::<Vec<_>>(), ["one", "three"]);
    assert_eq!(picture.sources.iter().map(|source| &*source.label).collect::<Vec<_>>(), ["a"]);
    assert_eq!(picture.lines.len(), 2);
    assert!(picture.card(StageId(1)).is_none());
    let whole = scene(&graph, Direction::Across);
    assert!(picture.height < whole.height, "what is left moves together");
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
