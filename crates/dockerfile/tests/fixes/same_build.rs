//! Whether two texts build the same, up to the names of stages: what runs, what comes of it, and what can be given to
//! the build.

use std::fmt::Write;

use dockerfile::queries::{self, Plan, Target};
use dockerfile::stages::{self, BuildOptions, StageId};
use dockerfile::syntax;

/// Says of each stage what a build of it does.
pub(crate) fn facts(text: &str, options: &BuildOptions) -> Vec<String> {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, options);
    let plan = Plan::of(text, &parse, &graph);
    let n_stages = graph.stages.len();
    let mut facts = vec![format!("{n_stages} stages, {} sources", graph.sources.len())];
    for stage in graph.stages.iter().take(40) {
        let mut out = String::new();
        let Ok(cut) = queries::cut(&graph, &Target::Stage(stage.id)) else { continue };
        writeln!(out, "converts: {}", cut.converts).unwrap();
        for stage in &cut.stages {
            writeln!(out, "{} {} {}", stage.needed, stage.used, stage.runs).unwrap();
        }
        for (source, used) in graph.sources.iter().zip(&cut.sources) {
            writeln!(out, "{source:?} {used:?}").unwrap();
        }
        writeln!(out, "{:?}", cut.context).unwrap();
        writeln!(out, "{:?}", queries::image(&graph, stage.id)).unwrap();
        for step in plan.steps(&cut) {
            writeln!(out, "{:?} {}", step.kind, without_names(&step.name)).unwrap();
        }
        let outline = queries::outline(&parse, &graph, &cut);
        for arg in &outline.args {
            writeln!(out, "ARG {}={} {}", arg.name, arg.value, arg.description).unwrap();
        }
        for secret in outline.secrets.iter().chain(&outline.ssh) {
            writeln!(out, "secret {} {}", secret.id, secret.required).unwrap();
        }
        for cache in &outline.caches {
            writeln!(out, "cache {} {} {}", cache.id, cache.target, cache.sharing).unwrap();
        }
        facts.push(out);
    }
    facts
}

/// Says where two builds are not the same, stage by stage; `number` is the number in the second of a stage of the
/// first.
pub(crate) fn difference(before: &[String], after: &[String]) -> Option<String> {
    if before.len() != after.len() {
        return Some(format!("{} and {}", before[0], after[0]));
    }
    let mut pairs = before.iter().zip(after).enumerate();
    pairs.find(|(_, (before, after))| before != after).map(|(number, (before, after))| {
        let mut lines = before.lines().zip(after.lines());
        let differs = lines.find(|(before, after)| before != after);
        let (before, after) = differs.unwrap_or(("more or fewer lines", ""));
        format!("in stage {:?}:\n  {before}\n  {after}", StageId(number.wrapping_sub(1)))
    })
}

/// A step without the names of stages: `[build 1/2] COPY --from=base` is `[1/2] COPY`.
fn without_names(step: &str) -> String {
    let step = match step.strip_prefix('[').and_then(|step| step.split_once(']')) {
        Some((place, rest)) => {
            let place = place.rsplit_once(|it: char| it.is_whitespace()).map_or(place, |(_, place)| place);
            format!("[{place}]{rest}")
        }
        None => step.to_owned(),
    };
    let mut out = String::new();
    let mut rest = &*step;
    while let Some(at) = rest.find("from=") {
        let (before, behind) = rest.split_at(at + "from=".len());
        out.push_str(before);
        let is_end = |it: char| it.is_whitespace() || matches!(it, ',' | '"' | '\'');
        rest = &behind[behind.find(is_end).unwrap_or(behind.len())..];
    }
    out + rest
}
