//! The picture: what it says, and that nothing out of a file becomes markup.

use super::*;
use crate::queries::{Target, cut};
use crate::stages::{self, BuildOptions};
use crate::{draw::Direction, syntax};

fn drawn(text: &str, theme: Theme) -> String {
    let graph = stages::resolve(&syntax::parse(text), &BuildOptions::default());
    let lights = cut(&graph, &Target::Default).map(|cut| Lights::of(&graph, &cut)).unwrap_or_default();
    svg(&graph, &draw::scene(&graph, Direction::Across), &lights, theme)
}

#[test]
fn a_picture_says_what_runs_and_what_does_not() {
    let svg = drawn(
        "FROM golang AS build\nRUN make\nFROM build AS test\nFROM scratch AS app\nCOPY --from=build /a /a\n",
        Theme::Light,
    );
    assert!(
        svg.contains("<title>Stages of a Dockerfile: Target app needs 2 of 3 stages, 1 stays dark.</title>"),
        "{svg}"
    );
    assert!(svg.contains("class=\"card off\""));
    assert!(svg.contains("class=\"card target\""));
    assert!(svg.contains("dark: the target does not need it"));
    assert!(svg.contains(">COPY: takes files<"));
    assert!(!svg.contains(">from your files<"));
}

#[test]
fn no_name_becomes_markup() {
    let svg = drawn(
        "FROM \"</text><script>alert(1)</script>&amp;\u{1}\u{ffff}]]>\" AS a\nRUN </style>\u{0} \u{1b}[31m <image href=x>\n",
        Theme::Auto,
    );
    assert!(!svg.contains("<script") && !svg.contains("<image"));
    assert_eq!(svg.matches("</style>").count(), 1);
    assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!svg.contains('\u{ffff}'));
    assert!(svg.contains('␛'));
}

#[test]
fn a_theme_is_chosen_or_left_to_the_reader() {
    let themed = |theme| drawn("FROM scratch\n", theme);
    assert!(themed(Theme::Auto).contains("@media(prefers-color-scheme:dark)"));
    assert!(!themed(Theme::Light).contains("@media") && themed(Theme::Light).contains("#f6f5f2"));
    assert!(!themed(Theme::Dark).contains("@media") && themed(Theme::Dark).contains("#14121b"));
}

#[test]
fn letters_of_another_font_do_not_stretch_their_neighbours() {
    let cut = |text| runs(text).collect::<Vec<_>>();
    assert_eq!(cut("a 日本\u{301}b"), ["a ", "日本\u{301}", "b"]);
    assert_eq!(cut("make"), ["make"]);
    assert_eq!(cut(""), [""; 0]);
}

#[test]
fn what_is_refused_is_told_in_the_legend() {
    let svg = drawn("FROM scratch\nCOPY --from=later / /\nFROM alpine AS later\n", Theme::Light);
    assert!(svg.contains(">BuildKit refuses it<"));
    assert!(!svg.contains(">COPY: takes files<"));
}
