//! A Compose or Bake file and a Dockerfile in; out comes which build makes which stage, and what does not fit.
//!
//! To add a case, put a file into `test_data`; its README.md says how it is written.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use builds::{Held, hold, stage_row};
use compose::Variables;
use dockerfile::stages::{self, BuildOptions, StageGraph};
use dockerfile::syntax;
use expect_test::expect_file;
use protocol::builds::{Build, BuildFile, Language, Level, Origin, Pair, Place, Value};

#[test]
fn builds_are_held_against_the_dockerfile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    paths.sort();
    assert!(paths.len() >= 50, "there are only {} cases", paths.len());
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let given = text.split("== result\n").next().unwrap();
        expect_file![&path].assert_eq(&format!("{given}== result\n{}", told(given)));
    }
}

/// A section of a case; `None` if it has none of that name.
fn section<'t>(case: &'t str, name: &str) -> Option<&'t str> {
    let start = case.find(&format!("== {name}\n"))?;
    let body = &case[start + name.len() + 4..];
    Some(body.find("\n== ").map_or(body, |end| &body[..=end]))
}

fn told(case: &str) -> String {
    let languages =
        [("compose", Language::Compose), ("bake", Language::BakeHcl), ("bake json", Language::BakeJson)];
    let found = languages.into_iter().find_map(|(name, language)| Some((section(case, name)?, language)));
    let (text, language) = found.expect("there is a file");
    assert_eq!(compose::language(None, text), language, "the language of {text}");
    let given = section(case, "environment").unwrap_or_default().lines();
    let given: Variables = given
        .filter_map(|line| line.split_once('='))
        .map(|(name, it)| (name.to_owned(), it.to_owned()))
        .collect();
    let dockerfile = section(case, "Dockerfile").unwrap_or("FROM scratch\n");
    dump(text, language, &given, dockerfile, section(case, "is").map(str::trim_end))
}

fn dump(text: &str, language: Language, given: &Variables, dockerfile: &str, is: Option<&str>) -> String {
    let file = compose::read(text, language, given);
    let parse = syntax::parse(dockerfile);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let held = hold(&file, &parse, is);
    let mut out = String::new();
    write_held(&mut out, &file, &held, &graph).unwrap();
    out
}

fn write_held(out: &mut String, file: &BuildFile, held: &Held, graph: &StageGraph) -> std::fmt::Result {
    let name = |stage| stage_row(graph, stage).name;
    for row in &held.builds {
        let build = &file.builds[row.place];
        let stage = row.stage.map_or("?".to_owned(), name);
        let needs: Vec<String> = row.needs.iter().map(|&it| name(it)).collect();
        writeln!(out, "{} {} -> {stage}, needs {}", build.name, at(build.at), listed(&needs))?;
        write_build(out, build)?;
    }
    for build in file.builds.iter().filter(|build| !matches!(build.dockerfile, Origin::File(_))) {
        writeln!(out, "{} is {:?}", build.name, build.dockerfile)?;
    }
    for other in &held.others {
        writeln!(out, "other: {} {} {}", other.name, at(other.at), other.why)?;
    }
    for group in &file.groups {
        writeln!(out, "group {}: {}", group.name, listed(&group.targets))?;
    }
    for variable in &file.variables {
        writeln!(
            out,
            "variable {} {} = {}",
            variable.name,
            at(variable.at),
            variable.default.as_deref().unwrap_or("?")
        )?;
    }
    if !held.not_built.is_empty() {
        let names: Vec<String> = held.not_built.iter().map(|&it| name(it)).collect();
        writeln!(out, "not built: {}", listed(&names))?;
    }
    for problem in &held.problems {
        let level = match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
        };
        writeln!(out, "{level} {}: {}", at(problem.at), problem.message)?;
        if let Some(help) = &problem.help {
            writeln!(out, "  {help}")?;
        }
    }
    Ok(())
}

fn write_build(out: &mut String, build: &Build) -> std::fmt::Result {
    let value = |value: &Value| {
        let unless = if value.unless.is_empty() {
            String::new()
        } else {
            format!(", unless {}", listed(&value.unless))
        };
        format!("{} {}{unless}", value.words().replace('\n', "⏎"), at(value.at))
    };
    let pair = |it: &Pair| format!("{}={}", it.name, value(&it.value));
    let rows = [
        ("target", build.target.iter().map(value).collect::<Vec<_>>()),
        ("arg", build.args.iter().map(pair).collect()),
        ("context", build.contexts.iter().map(pair).collect()),
        ("platform", build.platforms.iter().map(value).collect()),
        ("tag", build.tags.iter().map(value).collect()),
        ("profile", build.profiles.clone()),
        ("sets", build.settings.clone()),
        ("partial", build.partial.iter().cloned().collect()),
    ];
    for (what, values) in rows {
        for value in values {
            writeln!(out, "  {what} {value}")?;
        }
    }
    Ok(())
}

fn at(place: Place) -> String {
    format!("{}:{}", place.line, place.column)
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// What was read of a text, in reasonable time. Native tests are not optimised, and machines differ.
fn soon(text: &str, language: Language) -> BuildFile {
    let started = Instant::now();
    let file = compose::read(text, language, &Variables::new());
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
    file
}

fn first_error(file: &BuildFile) -> &str {
    let error = file.problems.iter().find(|problem| problem.level == Level::Error);
    error.map_or("", |error| error.message.as_str())
}

#[test]
fn aliases_within_aliases_have_an_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
    }
    text.push_str("services: {a: {build: .}}\n");
    let file = soon(&text, Language::Compose);
    assert!(first_error(&file).contains("aliases counted as often as they stand"), "{file:?}");
    let mut text = "x0: &x0 {a: b}\n".to_owned();
    for level in 1..2000 {
        writeln!(text, "x{level}: &x{level}\n  <<: *x{}\n  k{level}: v", level - 1).unwrap();
    }
    let file = soon(&text, Language::Compose);
    assert!(first_error(&file).contains("aliases counted"), "{file:?}");
}

#[test]
fn large_texts_have_an_end() {
    let services: String =
        (0..20_000).map(|it| format!("  s{it}:\n    build: {{context: ., target: t{it}}}\n")).collect();
    let file = soon(&format!("services:\n{services}"), Language::Compose);
    assert!(file.builds.len() == 20_000 || first_error(&file).contains("more than"), "{}", file.builds.len());
    let targets: String =
        (0..10_000).map(|it| format!("target \"t{it}\" {{ target = \"t{it}\" }}\n")).collect();
    assert_eq!(soon(&targets, Language::BakeHcl).builds.len(), 10_000);
    let targets: Vec<String> =
        (0..10_000).map(|it| format!("\"t{it}\": {{\"target\": \"é{it}\"}}")).collect();
    let file = soon(&format!("{{\"target\": {{{}}}}}", targets.join(",")), Language::BakeJson);
    assert_eq!(file.builds.len(), 10_000);
    assert_eq!(file.builds[9999].at.line, 1);
    let file = soon(&"x".repeat(2 << 20), Language::Compose);
    assert_eq!(first_error(&file), "The file has more than 1024 kB");
}

#[test]
fn deep_texts_have_an_end() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
        assert!(!first_error(&soon(&text, Language::Compose)).is_empty());
    }
    let deep = "(".repeat(100_000);
    assert!(!first_error(&soon(&format!("a = {deep}"), Language::BakeHcl)).is_empty());
    assert!(!first_error(&soon(&format!("{{\"a\": {}", "[".repeat(100_000)), Language::BakeJson)).is_empty());
}

#[test]
fn values_that_double_have_an_end() {
    let mut text = "variable \"v0\" { default = \"0123456789\" }\n".to_owned();
    for level in 1..60 {
        let before = level - 1;
        writeln!(text, "variable \"v{level}\" {{ default = \"${{v{before}}}${{v{before}}}\" }}").unwrap();
        writeln!(text, "variable \"l{level}\" {{ default = [l{before}, l{before}] }}").unwrap();
    }
    text.push_str("variable \"l0\" { default = [\"a\"] }\n");
    text.push_str("function \"f\" {\n  params = [n]\n  result = f(f(n))\n}\n");
    text.push_str("target \"a\" {\n  target = v59\n  args = { L = l59, F = f(1) }\n}\n");
    let file = soon(&text, Language::BakeHcl);
    let target = file.builds[0].target.as_ref().unwrap();
    assert!(target.text.is_none() && target.words().contains("too large"), "{target:?}");
    assert!(file.builds[0].args.iter().all(|arg| arg.value.text.is_none()));
}

#[test]
fn every_beginning_of_every_case_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data");
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&path).unwrap();
        let names = ["compose", "bake", "bake json"];
        let Some(file) = names.into_iter().find_map(|name| section(&text, name)) else { continue };
        let ends = file.char_indices().map(|(at, _)| at).filter(|at| at % 3 == 0);
        for end in ends {
            for language in [Language::Compose, Language::BakeHcl, Language::BakeJson] {
                dump(&file[..end], language, &Variables::new(), "FROM a AS b\n", None);
            }
        }
    }
}
