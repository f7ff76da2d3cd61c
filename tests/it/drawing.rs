//! Properties of every picture: nothing overlaps, lines start and end where they should, and the same text
//! gives the same picture.

use std::collections::BTreeSet;

use dockerfile::draw::{Direction, Rect, Scene, SceneOptions, Shape, Sources, scene};
use dockerfile::stages::{Node, Source, SourceId, StageGraph, StageId};

use crate::layout::{EDITS, edits, graph, lines_through_boxes, made_up};

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
fn lines_do_not_run_through_boxes() {
    for seed in 1..=60 {
        let text = made_up(seed, 2 + seed as usize % 15);
        let graph = graph(&text);
        let some = SceneOptions { direction: Direction::Across, ..some_options(seed, &graph) };
        for options in [SceneOptions::default(), some] {
            let n_lines = lines_through_boxes(&scene(&graph, &options), &graph);
            assert_eq!(n_lines, 0, "lines run through boxes ({options:?})\n{text}");
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
fn typing_moves_nothing_but_what_is_below() {
    for seed in 1..=60 {
        let text = made_up(seed, 2 + seed as usize % 20);
        let graph = graph(&text);
        let before = scene(&graph, Direction::Across);
        for (kind, name) in EDITS.iter().enumerate().take(3) {
            for edited in edits(&text, &graph, kind) {
                let after = scene(&self::graph(&edited), Direction::Across);
                for (before, after) in before.cards.iter().zip(&after.cards) {
                    let (x, y) = (after.frame.x - before.frame.x, after.frame.y - before.frame.y);
                    let limit = if *name == "a RUN" { 24 } else { 0 };
                    assert!(x == 0 && y.abs() <= limit, "{name} moved a card by {x} and {y}\n{edited}");
                }
            }
        }
    }
}

#[test]
fn a_row_more_leaves_what_stands_above_and_beside() {
    let text = "FROM a AS one\nRUN x\nFROM a AS two\nRUN y\nFROM a AS three\nFROM one\nCOPY --from=two / /\n";
    let tops = |text: &str| -> Vec<i32> {
        scene(&graph(text), Direction::Across).cards.iter().map(|card| card.frame.y).collect()
    };
    let before = tops(text);
    let after = tops(&text.replace("RUN y\n", "RUN y\nRUN z\n"));
    assert_eq!(after, [before[0], before[1], before[2] + 24, before[3]]);
}

#[test]
fn typing_the_name_of_an_image_moves_no_card() {
    let frames = |image: &str| -> Vec<Rect> {
        let text = format!("FROM {image} AS one\nFROM one\nCOPY --from=b / /\n");
        scene(&graph(&text), Direction::Across).cards.iter().map(|card| card.frame).collect()
    };
    for image in ["al", "alp", "alpine", "alpine:3", "alpine:3.22"] {
        assert_eq!(frames(image), frames("a"), "{image}");
    }
}

#[test]
fn titles_that_differ_at_the_end_look_different() {
    let titles: Vec<String> = ["build_cpython3_13", "build_cpython3_14", "build_cpython3_14t", "build"]
        .map(|name| scene(&graph(&format!("FROM a AS {name}\n")), Direction::Across).cards[0].title.clone())
        .into();
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), 4, "{titles:?}");
    assert!(titles[0].contains('…') && titles[0].ends_with("13"), "{titles:?}");
    assert_eq!(titles[3], "build");
}

#[test]
fn many_stages_beside_each_other_fill_several_columns() {
    let mut text = "FROM a AS base\nRUN x\n".to_owned();
    let mut last = "FROM base\n".to_owned();
    for idx in 0..18 {
        text += &format!("FROM base AS part{idx}\nRUN make\nRUN make install\nRUN strip\n");
        last += &format!("COPY --from=part{idx} / /\n");
    }
    let picture = scene(&graph(&(text + &last)), Direction::Across);
    assert!(picture.width > picture.height, "{} by {}", picture.width, picture.height);
    let columns: BTreeSet<i32> = picture.cards.iter().map(|card| card.frame.x).collect();
    assert_eq!(columns.len(), 5);
}

#[test]
fn the_box_of_a_single_use_stands_close_to_its_user() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop-platform.dockerfile"));
    let graph = graph(&text.unwrap());
    let picture = scene(&graph, &SceneOptions { sources: Sources::PerUse, ..SceneOptions::default() });
    for source in &picture.sources {
        let user = picture.card(source.user.unwrap()).unwrap().frame;
        let far = (user.y - source.frame.bottom()).max(source.frame.y - user.bottom());
        assert!(far < 100, "'{}' is {far} away from its user", source.label);
    }
}
