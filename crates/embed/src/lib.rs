//! What a Dockerfile shows that is embedded in another page: its text in coloured pieces, its stages as a picture, what
//! is dark for a target and why, and what BuildKit refuses.
//!
//! No rules, no ledger, no editor: who reads a page of documentation should not have to load them.

use dockerfile::draw::{self, Direction, SceneOptions};
use dockerfile::export::{self, Theme};
use dockerfile::queries::{self, Lights, Target, Targetable};
use dockerfile::stages::{self, BuildOptions, Stage};
use dockerfile::syntax::highlight;
use dockerfile::syntax::{self, Parse, SyntaxError};
use dockerfile::text::LineIndex;

/// All of it, for one text and one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The text in pieces; put together, they are the text.
    pub pieces: Vec<Piece>,
    /// The stages, in the order of the cards in the picture.
    pub stages: Vec<StageLook>,
    /// The picture; empty if there is no stage, or no such target.
    pub svg: String,
    /// What is wrong, in BuildKit's order.
    pub problems: Vec<Problem>,
}

/// How the picture is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whether the stages stand below each other.
    pub is_narrow: bool,
    /// Whether only the heads of the stages are drawn; their lines stand beside the picture.
    pub is_compact: bool,
    /// Light or dark.
    pub theme: Theme,
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The class of its colour; empty for plain text.
    pub class: &'static str,
    /// The text.
    pub text: String,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageLook {
    /// What it is called.
    pub name: String,
    /// What `--target` takes for it, empty for the default; `None` if it cannot be asked for.
    pub target: Option<String>,
    /// Its lines, from 1, both ends included.
    pub lines: (u32, u32),
    /// Whether it does not run for the target.
    pub is_dark: bool,
    /// Why, in a sentence.
    pub reason: String,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// The column, counted in characters from 1.
    pub column: u32,
    /// BuildKit's message.
    pub message: String,
}

impl Look {
    /// Looks at a text. `target` is the name of a stage, empty for the default; a stage that is not there is told among
    /// the problems, and the default is shown.
    pub fn at(text: &str, target: &str, view: View) -> Look {
        let parse = syntax::parse(text);
        let options = |target: Option<String>| BuildOptions { target, ..BuildOptions::default() };
        let asked = (!target.is_empty()).then(|| target.to_owned());
        let graph = stages::resolve(&parse, &options(asked.clone()));
        let cut = queries::cut(&graph, &asked.clone().map_or(Target::Default, Target::Name));
        let lines = LineIndex::new(text);
        let problem = |error: &SyntaxError| {
            let at = lines.line_col(text, error.range.start);
            Problem { line: at.line, column: at.column, message: error.message.clone() }
        };
        let errors = queries::errors(&parse, &graph, &options(asked), cut.as_ref(), &[]);
        let mut look = Look {
            pieces: pieces(text, &parse),
            problems: errors.iter().map(problem).collect(),
            ..Look::default()
        };
        if let Ok(cut) = cut.or_else(|_| queries::cut(&graph, &Target::Default)) {
            let lights = Lights::of(&graph, &cut);
            let direction = if view.is_narrow { Direction::Down } else { Direction::Across };
            let collapsed = graph.stages.iter().map(|stage| stage.id).filter(|_| view.is_compact).collect();
            let scene = draw::scene(&graph, SceneOptions { collapsed, ..SceneOptions::from(direction) });
            look.svg = export::svg(&graph, &scene, &lights, view.theme);
            let targetable = Targetable::all(&graph);
            let stages = scene
                .cards
                .iter()
                .map(|card| card.stage.0)
                .filter_map(|at| Some((graph.stages.get(at)?, targetable.get(at)?)));
            look.stages = stages.map(|(stage, how)| StageLook::of(stage, how, &lights)).collect();
        }
        look
    }
}

impl StageLook {
    fn of(stage: &Stage, how: &Targetable, lights: &Lights) -> StageLook {
        StageLook {
            name: stage.display_name(),
            target: match how {
                Targetable::ByName(name) => Some(name.clone()),
                Targetable::DefaultOnly => Some(String::new()),
                Targetable::No { .. } => None,
            },
            lines: (stage.lines.first, stage.lines.last),
            is_dark: lights.is_dark(stage.id),
            reason: lights.stage(stage.id).reason,
        }
    }
}

/// The text with its colours; neighbours of one colour are one piece.
fn pieces(text: &str, parse: &Parse<'_>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for token in highlight::tokens(text, parse) {
        let (class, text) = (token.kind.colour(), token.range.of(text));
        match pieces.last_mut().filter(|last| last.class == class) {
            Some(last) => last.text.push_str(text),
            None => pieces.push(Piece { class, text: text.to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "FROM alpine AS base\nFROM base AS test\nRUN x\nFROM base\nCOPY --from=0 /a /\n";

    fn look(text: &str, target: &str) -> Look {
        Look::at(text, target, View::default())
    }

    fn stages(look: &Look) -> Vec<String> {
        let state = |stage: &StageLook| if stage.is_dark { "dark" } else { "on" };
        look.stages
            .iter()
            .map(|stage| format!("{} {} {:?}", stage.name, state(stage), stage.target))
            .collect()
    }

    #[test]
    fn the_pieces_are_the_text() {
        for text in [TEXT, "", "no dockerfile\r\n", "RUN <<A\né\nA\n\\\n"] {
            let look = look(text, "");
            assert_eq!(look.pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        }
        let pieces = look("FROM alpine # x\n", "").pieces;
        assert_eq!((pieces[0].class, pieces[0].text.as_str()), ("keyword", "FROM"));
    }

    #[test]
    fn a_target_makes_stages_dark() {
        assert_eq!(
            stages(&look(TEXT, "")),
            ["base on Some(\"base\")", "test dark Some(\"test\")", "stage-2 on Some(\"\")"]
        );
        let of_test = look(TEXT, "test");
        assert_eq!(of_test.stages.iter().map(|it| it.is_dark).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(of_test.stages[1].lines, (2, 3));
        assert!(of_test.svg.contains("<svg ") && of_test.svg != look(TEXT, "").svg);
    }

    #[test]
    fn what_is_wrong_is_told_and_something_is_shown() {
        let look = look(TEXT, "tst");
        assert_eq!(look.problems.len(), 1);
        assert!(look.problems[0].message.contains("tst"), "{:?}", look.problems);
        assert!(look.svg.contains("<svg "));
        let refused = Look::at("FROM a\nCOPPY x\n", "", View::default()).problems;
        assert_eq!((refused[0].line, refused[0].column), (2, 1));
    }

    #[test]
    fn a_compact_picture_is_lower_and_has_the_same_stages() {
        let height = |look: &Look| -> u32 {
            let (_, rest) = look.svg.split_once(" height=\"").expect("a picture has a height");
            rest[..rest.find('"').unwrap_or(0)].parse().expect("it is a number")
        };
        for is_narrow in [false, true] {
            let view = View { is_narrow, ..View::default() };
            let whole = Look::at(TEXT, "", view);
            let compact = Look::at(TEXT, "", View { is_compact: true, ..view });
            assert!(height(&compact) < height(&whole), "{} < {}", height(&compact), height(&whole));
            assert_eq!(compact.stages, whole.stages);
        }
    }
}
