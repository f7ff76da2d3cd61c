//! What BuildKit's reader makes of a Dockerfile, in its own words: which lines each operation is of.
//!
//! Asked since BuildKit 0.26. Surprising: an operation has a list of places, one for each instruction that came to it,
//! and each place has a range for each of its lines.

use std::collections::HashMap;

use protocol::build::Lines;
use serde_json::Value;

/// The lines of each operation, by its digest.
pub(super) fn lines(json: &[u8]) -> HashMap<String, Vec<Lines>> {
    let value: Value = serde_json::from_slice(json).unwrap_or_default();
    let operations = value.pointer("/source/locations").and_then(Value::as_object);
    let operations = operations.into_iter().flatten().map(|(digest, operation)| {
        let places = operation.get("locations").and_then(Value::as_array).into_iter().flatten();
        (digest.clone(), places.filter_map(place).collect::<Vec<Lines>>())
    });
    operations.filter(|(_, places)| !places.is_empty()).collect()
}

fn place(place: &Value) -> Option<Lines> {
    let ranges = place.get("ranges").and_then(Value::as_array).into_iter().flatten();
    let line = |range: &Value, end: &str| {
        range.get(end)?.get("line")?.as_u64().and_then(|it| u32::try_from(it).ok())
    };
    let all = ranges.filter_map(|range| Some((line(range, "start")?, line(range, "end")?)));
    all.map(|(first, last)| Lines { first, last: last.max(first) })
        .reduce(|a, b| Lines { first: a.first.min(b.first), last: a.last.max(b.last) })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use dockerfile::queries::Target;
    use dockerfile::stages::BuildOptions;
    use progress::mapping::Mapping;
    use protocol::build::Mapped;

    use super::*;

    #[test]
    fn each_operation_has_its_places() {
        let json = r#"{ "source": { "locations": {
            "a": { "locations": [
                { "ranges": [{ "start": { "line": 3 }, "end": { "line": 3 } }, { "start": { "line": 4 }, "end": { "line": 4 } }] },
                { "ranges": [{ "start": { "line": 9 }, "end": { "line": 9 } }] } ] },
            "b": {} } } }"#;
        let expected = [("a".to_owned(), vec![Lines { first: 3, last: 4 }, Lines { first: 9, last: 9 }])];
        assert_eq!(lines(json.as_bytes()), expected.into());
        assert_eq!(lines(b"no JSON"), HashMap::new());
    }

    /// What the core foretells is what BuildKit says itself.
    #[test]
    fn names_tell_the_same_as_the_engine() {
        let Some(folder) = std::env::var_os("STAGELIGHT_CAPTURES") else {
            println!("What an engine says itself is not compared: STAGELIGHT_CAPTURES names no folder.");
            return;
        };
        let read = |name: &str| fs::read_to_string(Path::new(&folder).join(name)).expect("a capture");
        let json = read("dup.frontend.convertllb.result.json");
        let value: Value = serde_json::from_str(&json).expect("JSON");
        let mapping = Mapping::new(&read("dup.Dockerfile"), &BuildOptions::default(), &Target::Default);
        let mut n_compared = 0;
        for (digest, lines) in lines(json.as_bytes()) {
            let name = value["metadata"][&digest]["description"]["llb.customname"].as_str().expect("a name");
            let (places, mapped) = mapping.by_lines(name, &lines);
            assert_eq!((&places, mapped), (&mapping.by_name(name).0, Mapped::Exact), "{name}");
            n_compared += 1;
        }
        assert!(n_compared >= 7, "only {n_compared} operations");
    }
}
