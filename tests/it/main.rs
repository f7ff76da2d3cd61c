//! Tests of the whole, from outside: text in, facts out.

mod drawing;
mod examples;
mod exports;
mod layout;
mod seeds;

use dockerfile::stages::{self, BuildOptions, StageGraph};
use dockerfile::{queries, syntax};

/// Everything that matters about a Dockerfile, in a few readable lines: errors as `line: message`, then each
/// stage with `+` if a build of the default target needs it, then its edges.
fn facts(text: &str) -> String {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let cut = queries::cut(&graph, &queries::Target::Default);
    let mut acc = String::new();
    let from_cut = cut.iter().flat_map(|cut| &cut.errors);
    for error in parse.errors.iter().chain(&graph.errors).chain(from_cut) {
        let line = error.line().map_or("-".to_owned(), |line| line.to_string());
        let row = format!("{line}: {}\n", error.message);
        if !acc.contains(&row) {
            acc += &row;
        }
    }
    for stage in &graph.stages {
        let sign = match &cut {
            Ok(cut) if cut.needs(stage.id) => '+',
            Ok(_) => '-',
            Err(_) => '?',
        };
        acc += &format!("{sign} {}", stage.display_name());
        for edge in graph.edges.iter().filter(|edge| edge.to == stage.id) {
            acc += &format!(" {:?}:{}", edge.kind, node(&graph, edge.from)).to_lowercase();
        }
        acc.push('\n');
    }
    acc
}

fn node(graph: &StageGraph, node: stages::Node) -> String {
    match node {
        stages::Node::Stage(stage) => graph.stages[stage.0].display_name(),
        stages::Node::Source(source) => match &graph.sources[source.0] {
            stages::Source::Image { familiar, .. } => format!("image({familiar})"),
            stages::Source::Scratch => "scratch".to_owned(),
            stages::Source::Context => "context".to_owned(),
            stages::Source::NamedContext { name, .. } => format!("named({name})"),
            stages::Source::Remote(url) => format!("remote({url})"),
            stages::Source::Invalid(text) => format!("invalid({text})"),
        },
    }
}
