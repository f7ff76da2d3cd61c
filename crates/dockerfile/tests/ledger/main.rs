//! The artifact ledger from outside: Dockerfiles with what must be known of their images.
//!
//! To add a case, put `NAME.dockerfile` into `test_data/ledger` and run the tests with `UPDATE_EXPECT=1`; then read
//! `NAME.txt` as you would read code. A first line `# target: NAME` asks for another target than the default.

mod dump;

use std::path::{Path, PathBuf};

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
        expect_file![path.with_extension("txt")].assert_eq(&told(&text));
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

fn told(text: &str) -> String {
    let graph = resolve(&syntax::parse(text), &BuildOptions::default());
    let name = text.lines().next().and_then(|line| line.strip_prefix("# target: "));
    let cut = queries::cut(&graph, &Target::from_name(name)).unwrap();
    dump::ledger(&graph, &queries::ledger(&graph, &cut))
}

fn files() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/ledger");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "dockerfile")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}
