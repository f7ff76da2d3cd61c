//! A Dockerfile and a build context in; out comes what is sent, who takes what, and what fails.
//!
//! To add a case, put a file into `test_data/context`; its README.md says how it is written.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use dockerfile::context::{
    BuildContext, ContextFile, Outcome, Selection, TEMPLATES, Transfer, ignore_names, transfer,
};
use dockerfile::queries::{self, Context, Target};
use dockerfile::stages::{self, BuildOptions, Effect, Source, SourceId, StageGraph};
use dockerfile::syntax;
use expect_test::expect_file;

#[test]
fn a_build_gets_what_it_asks_for() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/context");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    paths.sort();
    assert!(paths.len() >= 20, "there are only {} cases", paths.len());
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
    Some(body.find("== ").map_or(body, |end| &body[..end]))
}

fn told(case: &str) -> String {
    let text = section(case, "Dockerfile").expect("there is a Dockerfile");
    let contexts = section(case, "contexts").unwrap_or_default().lines();
    let options = BuildOptions {
        contexts: contexts.map(|name| (name.to_owned(), format!("./{name}"))).collect(),
        ..BuildOptions::default()
    };
    let graph = stages::resolve(&syntax::parse(text), &options);
    let target = section(case, "target").map(str::trim_end);
    let cut = queries::cut(&graph, &Target::from_name(target)).unwrap();
    let file = |line: &str| match line.split_once(' ') {
        Some((size, path)) if size.bytes().all(|it| it.is_ascii_digit()) => {
            ContextFile { path: path.to_owned(), size: size.parse().ok() }
        }
        _ => ContextFile::from(line),
    };
    let context = BuildContext {
        ignore: section(case, ".dockerignore").map(str::to_owned),
        files: section(case, "files").map(|files| files.lines().filter(|it| *it != "…").map(file).collect()),
        is_partial: section(case, "files").is_some_and(|files| files.lines().any(|it| it == "…")),
    };
    let mut out = String::new();
    for (at, source) in graph.sources.iter().enumerate() {
        let name = match source {
            Source::Context => "context",
            Source::NamedContext { name, .. } => name,
            _ => continue,
        };
        let transfer = transfer(&graph, &cut, SourceId(at), &context);
        dump(&mut out, name, &graph, &context, &transfer);
    }
    out
}

fn dump(out: &mut String, name: &str, graph: &StageGraph, context: &BuildContext, transfer: &Transfer) {
    let asked = match &transfer.asked {
        None => "nothing".to_owned(),
        Some(Context::Everything) => "everything".to_owned(),
        Some(Context::Paths(paths)) => paths.join(", "),
    };
    writeln!(out, "of {name} is asked: {asked}").unwrap();
    if let Some((line, why)) = &transfer.refusal {
        writeln!(out, "refused: line {line}: {why}").unwrap();
    }
    for (at, (file, fate)) in context.files.iter().flatten().zip(&transfer.fates).enumerate() {
        let word = match (fate.ignored, fate.sent, fate.taken) {
            (true, _, _) => "left out",
            (false, false, _) => "not asked for",
            (false, true, false) => "sent for nothing",
            (false, true, true) => "taken",
        };
        let by = transfer.decision(at).map_or(String::new(), |(line, text)| format!(" ({line}: {text})"));
        writeln!(out, "  {}: {word}{by}", file.path).unwrap();
    }
    for taken in &transfer.takers {
        let stage = &graph.stages[taken.taker.at.stage.0];
        for (selection, source) in taken.taker.selections.iter().zip(&taken.sources) {
            let (line, kind) = (taken.taker.lines.first, stage.steps[taken.taker.at.step].kind.keyword());
            write!(out, "  line {line}, {kind} {}: ", selection.source).unwrap();
            match &source.outcome {
                Outcome::Takes => {
                    let unknown = match source.n_unknown {
                        0 => String::new(),
                        n_unknown => format!(", {n_unknown} of unknown size"),
                    };
                    writeln!(out, "{} files, {} bytes{unknown}", source.n_files, source.bytes).unwrap();
                }
                Outcome::Nothing => writeln!(out, "nothing fits").unwrap(),
                Outcome::Fails { message, path, ignored } => {
                    let by =
                        ignored.as_ref().map_or(String::new(), |(line, text)| format!(" ({line}: {text})"));
                    writeln!(out, "fails for '{path}'{by}: {message}").unwrap();
                }
            }
        }
    }
}

#[test]
fn the_ignore_file_beside_the_dockerfile_comes_first() {
    assert_eq!(
        ignore_names("docker/app.Dockerfile"),
        ["docker/app.Dockerfile.dockerignore", ".dockerignore"]
    );
}

#[test]
fn templates_are_contexts_that_can_be_read() {
    for template in TEMPLATES {
        let context = template.context();
        let files = context.files.unwrap();
        assert!(files.len() > 10, "{}", template.id);
        for file in &files {
            assert!(file.size.is_some(), "{} of {}", file.path, template.id);
            assert_eq!(file.path.trim_start_matches('/').trim_end(), file.path);
        }
        let ignore = dockerfile::ignore::Ignore::parse(&context.ignore.unwrap());
        assert_eq!(ignore.errors, [], "{}", template.id);
        let n_ignored = files.iter().filter(|file| ignore.decide(&file.path).ignored).count();
        assert!(n_ignored > 1 && n_ignored < files.len(), "{}", template.id);
    }
}

/// Each row: an instruction, paths that it takes, and paths that it does not.
#[track_caller]
fn check_takes(rows: &[(&str, &[&str], &[&str])]) {
    for (line, taken, left) in rows {
        let text = format!("FROM scratch\n{line}\n");
        let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
        assert_eq!((graph.errors.len(), graph.stage_errors.len()), (0, 0), "{line}");
        let selections = graph.stages[0].commands.iter().flat_map(|command| match &command.effect {
            Effect::Copy(copied) => Selection::of_copy(copied),
            Effect::Run(ran) => ran.mounts.iter().filter_map(Selection::of_mount).collect(),
            _ => Vec::new(),
        });
        let selections: Vec<Selection> = selections.collect();
        let takes = |path: &str| selections.iter().any(|it| it.takes(path));
        for path in *taken {
            assert!(takes(path), "{line} takes {path}");
        }
        for path in *left {
            assert!(!takes(path), "{line} does not take {path}");
        }
    }
}

#[test]
fn sources_are_paths_from_the_root_of_the_context() {
    check_takes(&[
        ("COPY . /", &["a", "a/b", ".git/config"], &[]),
        ("COPY / /", &["a"], &[]),
        ("COPY ../.. /", &["a"], &[]),
        ("COPY a /", &["a", "a/b", "a/b/c"], &["ab", "b/a", "A"]),
        ("COPY ./a/ /", &["a", "a/b"], &["b"]),
        ("COPY /a/../b /", &["b/c"], &["a"]),
        ("COPY a b/c /", &["a", "b/c", "b/c/d"], &["b", "b/d"]),
        ("COPY [\"a b\", \"/\"]", &["a b"], &["a"]),
        ("ADD a https://example.org/b /", &["a"], &["b"]),
        ("ADD a.tar.gz /", &["a.tar.gz"], &["a"]),
        ("COPY <<x /a\nx\n", &[], &["x", "a"]),
    ]);
}

#[test]
fn a_wildcard_stops_at_a_slash() {
    check_takes(&[
        ("COPY *.go /", &["a.go", ".go", "a.go/b", "a.go/b/c.md"], &["b/a.go", "a.god"]),
        ("COPY * /", &["a", "a/b", ".a"], &[]),
        ("COPY */a /", &["b/a", "b/a/c"], &["a", "b", "b/c/a"]),
        ("COPY **/a /", &["b/a"], &["a", "b/c/a"]),
        ("COPY a? /", &["ab", "aé", "ab/c"], &["a", "abc"]),
        ("COPY a/*/c*e /", &["a/b/ce", "a/b/cde/f"], &["a/b/cdef", "a/ce", "a/b/c/e"]),
        ("COPY a[b-d]e[^f] /", &["abex", "adex"], &["aeex", "abef"]),
        ("COPY arr[[]0].txt /", &["arr[0].txt"], &["arr0.txt"]),
        ("COPY a*b*c /", &["abc", "abbcc"], &["ab", "abcd"]),
        ("COPY x*y[ /", &[], &["xy[", "xy"]),
    ]);
}

#[test]
fn exclude_leaves_out_what_is_below_the_source() {
    check_takes(&[
        ("COPY --exclude=*.md . /", &["a", "b/a.md"], &["a.md", "a.md/b"]),
        ("COPY --exclude=**/*.md . /", &["a"], &["a.md", "b/a.md"]),
        ("COPY --exclude=*.md a /", &["a", "a/b", "a/b/c.md"], &["a/c.md", "b.md"]),
        ("COPY --exclude=a a /", &["a", "a/b"], &["a/a"]),
        ("COPY --exclude=*.md *.md /", &["a.md"], &["a.md/b.md"]),
        ("COPY --exclude=a --exclude=b . /", &["c"], &["a", "b/c"]),
        ("COPY --exclude=* --exclude=!a . /", &["a", "a/b"], &["b"]),
        ("COPY --exclude=/a . /", &["a"], &[]),
        ("COPY --exclude=#a . /", &["a"], &["#a"]),
    ]);
}

#[test]
fn parents_makes_a_pattern_of_the_source() {
    check_takes(&[
        ("COPY --parents a/b /", &["a/b", "a/b/c"], &["a/c", "a"]),
        ("COPY --parents **/*.toml /", &["a.toml", "b/c/a.toml"], &["a"]),
        ("COPY --parents a/./b/* /", &["a/b/c", "a/b/c/d"], &["b/c", "a/c"]),
        ("COPY --parents ./a/./b /", &["a/b"], &["b"]),
        ("COPY --parents */./x /", &["a/x", "b/x/y"], &["x", "a/b/x"]),
        ("COPY --parents --exclude=**/b ** /", &["a"], &["b", "a/b"]),
        ("COPY --parents --exclude=b a/./* /", &["a/c"], &["a/b"]),
        ("COPY --parents . /", &[], &["a", "a/b"]),
    ]);
}

#[test]
fn mounts_know_no_wildcards() {
    check_takes(&[
        ("RUN --mount=target=/x ls", &["a", "a/b"], &[]),
        ("RUN --mount=source=a,target=/x ls", &["a", "a/b"], &["b"]),
        ("RUN --mount=source=a*,target=/x ls", &["a*"], &["ab"]),
        ("RUN --mount=type=tmpfs,target=/x ls", &[], &["a"]),
        ("RUN --mount=type=secret,id=a ls", &[], &["a"]),
    ]);
}

#[test]
fn many_files_take_no_long_time() {
    let text = format!("FROM scratch\n{}", "COPY src/ *.rs . /\n".repeat(20));
    let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    let source = graph.sources.iter().position(|it| *it == Source::Context).map(SourceId).unwrap();
    let took = |n_files: usize| {
        let files = (0..n_files).map(|at| ContextFile::from(format!("src/{}/{}/{at}.rs", at % 50, at % 7)));
        let ignore = "target\n**/*.md\n!src/**/keep.md\n".repeat(5);
        let context = BuildContext { ignore: Some(ignore), files: Some(files.collect()), is_partial: false };
        let start = std::time::Instant::now();
        let transfer = transfer(&graph, &cut, source, &context);
        assert!(transfer.fates.iter().all(|fate| fate.taken));
        start.elapsed().as_secs_f64()
    };
    took(500);
    let (few, many) = (took(2_000), took(16_000));
    assert!(many < few * 8.0 * 3.0, "8 times the files take {} times as long", many / few);
}
