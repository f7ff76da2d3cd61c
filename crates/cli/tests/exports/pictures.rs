//! Pictures are the same each time, well-formed, and no text in them leaves its box, whatever the font.

use dockerfile::checks::File;
use dockerfile::draw::{self, Direction};
use dockerfile::export::{self, FORMATS, Subject, Theme};
use dockerfile::queries::{self, Lights, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use roxmltree::{Document, Node};

use super::samples;

const THEMES: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

/// All forms of one text, made from the text anew.
fn exports(text: &str, direction: Direction, theme: Theme) -> Vec<String> {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::Default).ok();
    let lights = cut.as_ref().map_or_else(Lights::default, |cut| Lights::of(&graph, cut));
    let file = File::new(text, &parse, &graph, &options, cut.as_ref());
    let scene = draw::scene(&graph, direction);
    let subject = Subject { name: "Dockerfile", file: &file, lights: &lights, scene: &scene, theme };
    FORMATS.iter().map(|format| (format.write)(&subject)).collect()
}

#[test]
fn every_form_is_the_same_each_time_and_pictures_are_well_formed() {
    let mut bytes = Vec::new();
    for (at, sample) in samples().iter().enumerate() {
        let theme = THEMES[at % 3];
        for direction in [Direction::Across, Direction::Down] {
            let made = exports(&sample.text, direction, theme);
            for _ in 0..2 {
                assert!(exports(&sample.text, direction, theme) == made, "{} differs", sample.name);
            }
            for (format, text) in FORMATS.iter().zip(&made) {
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{}: {}", sample.name, format.id);
            }
            let svg =
                export::format("svg").and_then(|svg| FORMATS.iter().position(|it| it.id == svg.id)).unwrap();
            check(&sample.name, &made[svg]);
            bytes.push(made[svg].len());
        }
    }
    bytes.sort_unstable();
    println!(
        "{} pictures are well-formed and the same three times; the median has {} bytes, the largest {}",
        bytes.len(),
        bytes[bytes.len() / 2],
        bytes[bytes.len() - 1]
    );
}

/// A picture is XML that holds nothing active, and its texts stay where they belong.
fn check(name: &str, svg: &str) {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{name}: {error}"));
    let root = document.root_element();
    let known = [
        "svg",
        "title",
        "desc",
        "style",
        "defs",
        "linearGradient",
        "stop",
        "pattern",
        "rect",
        "g",
        "path",
        "text",
    ];
    for element in document.descendants().filter(Node::is_element) {
        assert!(known.contains(&element.tag_name().name()), "{name}: {}", element.tag_name().name());
        let foreign =
            element.attributes().find(|it| it.name().starts_with("on") || it.name().contains("href"));
        assert!(foreign.is_none(), "{name}: {foreign:?}");
    }
    let number =
        |element: Node<'_, '_>, name: &str| -> f64 { element.attribute(name).unwrap().parse().unwrap() };
    let width = number(root, "width");
    for text in document.descendants().filter(|it| it.has_tag_name(("http://www.w3.org/2000/svg", "text"))) {
        let length = number(text, "textLength");
        let class = text.attribute("class").unwrap_or_default();
        let left = if class == "badge" { number(text, "x") - length / 2.0 } else { number(text, "x") };
        let frame = text.ancestors().find_map(|it| {
            let is_box = it
                .attribute("class")
                .is_some_and(|class| class.starts_with("card") || class.starts_with("source"));
            let frame = it.children().find(|it| it.has_tag_name(("http://www.w3.org/2000/svg", "rect")));
            frame.filter(|_| is_box).map(|frame| number(frame, "width"))
        });
        let room = frame.unwrap_or(width);
        let content = text.text().unwrap_or_default();
        assert!(
            left >= 0.0 && left + length <= room,
            "{name}: {content:?} from {left} by {length} leaves {room}"
        );
        assert!(length > 0.0 && !content.is_empty(), "{name}: an empty text");
    }
}

#[test]
fn a_title_stays_clear_of_the_badge() {
    let name = "W".repeat(60);
    let svg =
        &exports(&format!("FROM scratch AS {name}\nFROM scratch\n"), Direction::Across, Theme::Light)[0];
    let document = Document::parse(svg).unwrap();
    let number = |class: &str, attribute: &str| -> f64 {
        let found = document.descendants().find(|it| it.attribute("class") == Some(class)).unwrap();
        found.attribute(attribute).unwrap().parse().unwrap()
    };
    assert!(number("title", "x") + number("title", "textLength") <= number("badge-frame", "x"));
}
