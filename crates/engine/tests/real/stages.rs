//! What stages hold: their files, and how large they are.

use std::collections::BTreeMap;
use std::io::Read;

use engine::{Engine, Order};
use protocol::build::{Failure, Place};
use tokio::sync::mpsc;

use crate::engine;
use crate::harness::{Harness, IMAGE, file, order};

const LARGE: usize = 3 << 20;

fn two_stages() -> Order {
    let mut order = order(&format!(
        "FROM {IMAGE}\nRUN mkdir -p /made/in && echo hello > /made/in/a && ln -s in/a /made/link && chmod 750 /made/in && head -c \
         {LARGE} /dev/zero > /made/large\nFROM scratch AS out\nCOPY --from=0 /made /made\nENV A=b\nCOPY given /given\n"
    ));
    order.request.files = vec![file("given", "given\n")];
    order
}

fn fetch(harness: &Harness, order: &Order, stage: usize, path: &str, limit: u64) -> Result<Vec<u8>, Failure> {
    harness.runtime.block_on(async {
        let (sender, mut receiver) = mpsc::channel(4);
        let take = async {
            let mut all = Vec::new();
            while let Some(piece) = receiver.recv().await {
                all.extend(piece);
            }
            all
        };
        let (done, all) = tokio::join!(harness.engine.archive(order, stage, path, limit, sender), take);
        done.map(|()| all)
    })
}

#[test]
fn the_files_of_stages_are_listed() {
    let Some(engine) = engine() else { return };
    let order = two_stages();
    let list = engine.runtime.block_on(engine.engine.files(&order, 1, 100)).expect("a list");
    let shown: Vec<String> = list
        .entries
        .iter()
        .map(|it| format!("{} {} {:?} {}", it.path, it.kind, it.size, it.mode.clone().unwrap_or_default()))
        .collect();
    assert_eq!(
        shown,
        [
            "/given file Some(6) 0644",
            "/made directory None 0755",
            "/made/in directory None 0750",
            "/made/in/a file Some(6) 0644",
            "/made/large file Some(3145728) 0644",
            "/made/link link None 0777",
        ]
    );
    assert_eq!(list.entries[5].link.as_deref(), Some("in/a"));
    assert!(!list.partial);
    // A stage without a name, and more than is wanted.
    let list = engine.runtime.block_on(engine.engine.files(&order, 0, 10)).expect("a list");
    assert!(list.partial && list.entries.len() == 10);
}

#[test]
fn what_is_in_a_stage_can_be_taken_away() {
    let Some(engine) = engine() else { return };
    let archive = fetch(&engine, &two_stages(), 1, "/made", 10 << 20).expect("an archive");
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for entry in tar::Archive::new(&archive[..]).entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        let mut data = Vec::new();
        entry.read_to_end(&mut data).expect("data");
        if entry.header().entry_type().is_symlink() {
            data = entry.link_name_bytes().expect("a link").into_owned();
        }
        found.insert(entry.path().expect("a path").display().to_string(), data);
    }
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["made/", "made/in/", "made/in/a", "made/large", "made/link"]
    );
    assert_eq!((&found["made/in/a"][..], &found["made/link"][..]), (&b"hello\n"[..], &b"in/a"[..]));
    assert!(found["made/large"].len() == LARGE && found["made/large"].iter().all(|byte| *byte == 0));
    let whole = fetch(&engine, &two_stages(), 1, "/", 10 << 20).expect("an archive");
    let n_entries = tar::Archive::new(&whole[..]).entries().expect("entries").count();
    assert_eq!(n_entries, 6);
    let failure = fetch(&engine, &two_stages(), 1, "/made", 1 << 20).expect_err("too much");
    assert_eq!(failure.code, "too-large");
    let failure = fetch(&engine, &two_stages(), 1, "/nothing", 1 << 20).expect_err("nothing");
    assert_eq!(failure.code, "not-found", "{failure:?}");
}

#[test]
fn stages_are_measured() {
    let Some(engine) = engine() else { return };
    let sizes = engine.runtime.block_on(engine.engine.sizes(&two_stages(), &[0, 1])).expect("sizes");
    let [first, last] = &sizes[..] else { panic!("two sizes") };
    let places: Vec<_> = last.layers.iter().map(|layer| layer.place).collect();
    assert_eq!(places, [Some(Place { stage: 1, line: 4 }), Some(Place { stage: 1, line: 6 })], "{last:#?}");
    // Directories count as the engine's disk has them.
    let large = LARGE as u64;
    assert!((large..large + 100_000).contains(&last.layers[0].bytes), "{last:#?}");
    assert_eq!(last.bytes, Some(last.layers.iter().map(|layer| layer.bytes).sum()));
    // The large file is one character over and over, which is nothing to download.
    let downloads = [first.download, last.download];
    if engine.major >= 28 {
        assert!(
            downloads[0] > downloads[1] && downloads[1].is_some_and(|bytes| (500..50_000).contains(&bytes)),
            "{downloads:?}"
        );
    }
    println!("Unpacked {:?} and {:?}, to download {downloads:?}", first.bytes, last.bytes);
    assert!(
        first.bytes > last.bytes && first.layers.first().is_some_and(|layer| layer.place.is_none()),
        "{first:#?}"
    );
}

#[test]
fn a_look_at_a_stage_builds_nothing_anew() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!("FROM {IMAGE}\nRUN cat /proc/uptime | tee /t\nFROM scratch AS empty\n"));
    order.request.no_cache = true;
    order.request.target = Some("stage-0".to_owned());
    let built = engine.order(&order).log();
    let archive = fetch(&engine, &order, 0, "/t", 1 << 20).expect("an archive");
    assert!(String::from_utf8_lossy(&archive).contains(&built) && !built.is_empty(), "{built}");
    let list = engine.runtime.block_on(engine.engine.files(&order, 1, 10)).expect("a list");
    assert!(list.entries.is_empty());
}

#[test]
fn a_stage_that_cannot_be_built_has_no_files() {
    let Some(engine) = engine() else { return };
    let order = order(&format!("FROM {IMAGE}\nRUN exit 4\n"));
    let failure = engine.runtime.block_on(engine.engine.files(&order, 0, 10)).expect_err("a failure");
    assert_eq!((failure.code.as_str(), failure.exit_code), ("exit-code", Some(4)), "{failure:?}");
    let failure = engine.runtime.block_on(engine.engine.files(&order, 1, 10)).expect_err("a failure");
    assert_eq!(failure.code, "target");
}
