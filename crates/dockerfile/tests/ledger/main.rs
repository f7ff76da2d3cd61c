//! The artifact ledger from outside: Dockerfiles with what must be known of their images.
//!
//! To add a case, put `NAME.dockerfile` into `test_data/ledger` and run the tests with `UPDATE_EXPECT=1`; then read
//! `NAME.txt` as you would read code. A first line `# target: NAME` asks for another target than the default.
//! `NAME.files` beside it, if there is one, lists the files of the build context behind their sizes; `-` for an unknown
//! one.

mod dump;

use std::path::{Path, PathBuf};

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::queries::ledger::Certainty;
use dockerfile::queries::{self, Target};
use dockerfile::stages::{BuildOptions, resolve};
use dockerfile::syntax;
use expect_test::expect_file;

#[test]
fn paths_are_followed_back() {
    let files = files();
    assert!(files.len() >= 60, "there are only {} cases", files.len());
    for (path, text) in files {
        let context = std::fs::read_to_string(path.with_extension("files")).ok().map(|it| context(&it));
        expect_file![path.with_extension("txt")].assert_eq(&told(&text, context.as_ref()));
    }
}

#[test]
fn what_nothing_makes_is_not_sure() {
    let text =
        "FROM scratch AS s\nCOPY <<A /a\nA\nFROM alpine\nCOPY --from=s /a /b /d/\nCOPY --from=s /a /e\n";
    let graph = resolve(&syntax::parse(text), &BuildOptions::default());
    let ledger = queries::ledger(&graph, &queries::cut(&graph, &Target::Default).unwrap());
    let at = |path: &str| {
        let node = ledger.entry_at(path).unwrap().node;
        (ledger.certainty(node), ledger.is_missing(node))
    };
    // The image may have a directory of that name, which would take the file in.
    assert_eq!(at("/e"), (Certainty::Likely, false));
    assert_eq!(at("/d/a"), (Certainty::Certain, false));
    // What it would be nobody knows, so it would be all that is in the directory.
    assert_eq!(at("/d"), (Certainty::Unknown, true));
}

#[test]
fn a_large_context_takes_no_long_time() {
    let files = (0..200_000).map(|nth| format!("1 {}/{}/{nth}.js", nth % 7, nth % 1000));
    let context = context(&files.collect::<Vec<_>>().join("\n"));
    let text = "FROM scratch AS a\nCOPY . /a\nCOPY 1 2 3 /b/\nFROM scratch\nCOPY --from=a /a/1/1/1.js /\nCOPY . /a\n";
    let start = std::time::Instant::now();
    let told = told(text, Some(&context));
    assert!(told.contains("/a tree\n"), "{told}");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

fn context(files: &str) -> BuildContext {
    let file = |line: &str| {
        let (size, path) = line.split_once(' ')?;
        Some(ContextFile { path: path.to_owned(), size: size.parse().ok() })
    };
    let files = files.lines().filter_map(file).collect();
    BuildContext { files: Some(files), ..BuildContext::default() }
}

fn told(text: &str, context: Option<&BuildContext>) -> String {
    let graph = resolve(&syntax::parse(text), &BuildOptions::default());
    let name = text.lines().next().and_then(|line| line.strip_prefix("# target: "));
    let cut = queries::cut(&graph, &Target::from_name(name)).unwrap();
    dump::ledger(&graph, &queries::ledger_with(&graph, &cut, context))
}

fn files() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/ledger");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "dockerfile")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}
