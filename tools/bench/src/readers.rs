//! The readers that take part: the core's own, and those of other crates.

use std::hint::black_box;
use std::str::FromStr;

use dockerfile::checks::{self, Scope, check};
use dockerfile::draw::{Direction, scene};
use dockerfile::queries::Plan;
use dockerfile::queries::cache::{Build, Changes, FileChange, Outputs, What, what_if};
use dockerfile::queries::cut::{Target, cut};
use dockerfile::stages::{BuildOptions, resolve};
use dockerfile::syntax::{highlight, parse};

/// Something that reads a Dockerfile.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) is_own: bool,
    /// Reads a text and drops the result; says whether the text is fine.
    pub(crate) read: fn(&str) -> bool,
}

pub(crate) const PARSE: Reader = Reader { name: "our parse", is_own: true, read: own_parse };
pub(crate) const ANALYSIS: Reader = Reader { name: "our whole analysis", is_own: true, read: own_analysis };

/// What the editor asks for at each key: reading, and the colours of the text.
pub(crate) const COLOURS: Reader = Reader { name: "parse and colours", is_own: true, read: own_colours };
/// Reading and drawing.
pub(crate) const DRAWING: Reader = Reader { name: "analysis and drawing", is_own: true, read: own_drawing };

/// Reading, resolving and BuildKit's checks.
pub(crate) const CHECKS: Reader = Reader { name: "analysis and checks", is_own: true, read: own_checks };

/// Reading, resolving, and all rules for the default target: what `stagelight check` does with a text.
pub(crate) const FINDINGS: Reader =
    Reader { name: "our parse to findings", is_own: true, read: own_findings };

/// Reading, the plan of the build, and what runs again once a file of the context has changed.
pub(crate) const WHAT_IF: Reader = Reader { name: "our parse to what if", is_own: true, read: own_what_if };

/// Our parse comes first among our own.
pub(crate) const READERS: &[Reader] = &[
    PARSE,
    ANALYSIS,
    CHECKS,
    FINDINGS,
    WHAT_IF,
    Reader { name: "parse-dockerfile", is_own: false, read: |text| parse_dockerfile::parse(text).is_ok() },
    Reader {
        name: "dockerfile-parser-rs",
        is_own: false,
        read: |text| dockerfile_parser_rs::Dockerfile::from_str(text).is_ok(),
    },
];

fn own_checks(text: &str) -> bool {
    let parse = parse(text);
    let options = BuildOptions::default();
    let graph = resolve(&parse, &options);
    check(&parse, &graph, &options, Scope::AllStages).findings.is_empty()
}

fn own_findings(text: &str) -> bool {
    let parse = parse(text);
    let options = BuildOptions::default();
    let graph = resolve(&parse, &options);
    let cut = cut(&graph, &Target::Default);
    let file = checks::File::new(text, &parse, &graph, &options, cut.as_ref().ok());
    checks::find(&file).findings.is_empty()
}

fn own_what_if(text: &str) -> bool {
    let parse = parse(text);
    let graph = resolve(&parse, &BuildOptions::default());
    let Ok(cut) = cut(&graph, &Target::Default) else { return false };
    let plan = Plan::of(text, &parse, &graph);
    let build = Build { plan: &plan, cut: &cut, ignore: None };
    let file = FileChange { context: None, path: "main.go".to_owned(), what: What::Content };
    let changes = Changes { files: vec![file], ..Changes::default() };
    what_if(build, build, &changes, Outputs::Changed).cost == 0
}

fn own_parse(text: &str) -> bool {
    parse(text).errors.is_empty()
}

/// All that is known of a file before anybody asks a special question: what a build of the default target does.
fn own_analysis(text: &str) -> bool {
    let parse = parse(text);
    let graph = resolve(&parse, &BuildOptions::default());
    let cut = black_box(cut(&graph, &Target::Default));
    parse.errors.is_empty() && cut.is_ok()
}

fn own_colours(text: &str) -> bool {
    let parse = parse(text);
    black_box(highlight::tokens(text, &parse));
    parse.errors.is_empty()
}

fn own_drawing(text: &str) -> bool {
    let parse = parse(text);
    let graph = resolve(&parse, &BuildOptions::default());
    black_box(scene(&graph, Direction::Across));
    parse.errors.is_empty()
}
