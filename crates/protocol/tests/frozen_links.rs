//! Every link that was ever frozen opens to what it did, for ever. See test_data/links/README.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use protocol::link;
use serde_json::Value;

/// A type beside those of links.
const KEPT_IN_THE_BROWSER: &str = "Kept ";

/// Name, link and what it has to open to.
fn frozen() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/links");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "link") {
            let text = fs::read_to_string(&path).unwrap();
            let (link, expected) = text.split_once('\n').unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, link.to_owned(), serde_json::from_str(expected).unwrap()));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn every_frozen_link_opens_to_what_it_did() {
    let frozen = frozen();
    assert!(frozen.len() >= 20, "links have been taken away");
    for (name, link, expected) in frozen {
        let opened = link::decode(&link).unwrap().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(serde_json::to_value(&opened).unwrap(), expected, "{name}");
        assert_eq!(link::decode(&link::encode(&opened)), Some(Ok(opened)), "{name}");
    }
}

#[test]
fn some_frozen_link_has_every_field() {
    let mut there = BTreeSet::new();
    frozen().iter().for_each(|(_, _, value)| keys(value, "", &mut there));
    let source = include_str!("../src/lib.rs");
    let structs = source.split("pub struct ").skip(1).filter(|it| !it.starts_with(KEPT_IN_THE_BROWSER));
    let lines = structs.flat_map(|it| it.split("\n}").next().unwrap_or_default().lines());
    let fields = lines.filter_map(|line| line.strip_prefix("    pub ")?.split_once(':')).map(|it| it.0);
    let missing: Vec<&str> =
        fields.filter(|field| !there.iter().any(|key| key.rsplit('.').next() == Some(field))).collect();
    assert!(missing.is_empty(), "no frozen link has {missing:?}");
    for selected in ["line", "stage", "source", "path"] {
        assert!(there.contains(&format!(".selected.{selected}")), "no frozen link selects a {selected}");
    }
}

fn keys(value: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = format!("{prefix}.{key}");
                keys(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, prefix, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
