//! The notes that the project was created from: every snippet with FROM, COPY or RUN is handled as BuildKit does.

use std::path::Path;

use expect_test::expect;

use super::facts;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seeds");

/// Fenced snippets that hold FROM, COPY or RUN at the start of a line, named by note and first line.
fn snippets() -> Option<Vec<(String, String)>> {
    let mut files: Vec<_> =
        Path::new(SEEDS).read_dir().ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut acc = Vec::new();
    for file in files {
        let note: String = file.file_name()?.to_str()?.chars().take(3).collect();
        let text = String::from_utf8_lossy(&std::fs::read(&file).ok()?).into_owned();
        let mut snippet: Option<(usize, String)> = None;
        for (idx, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                match snippet.take() {
                    None => snippet = Some((idx + 2, String::new())),
                    Some((first, body)) => {
                        let is_meant =
                            |line: &str| ["FROM ", "COPY ", "RUN "].iter().any(|word| line.starts_with(word));
                        if body.lines().any(|line| is_meant(line.trim_start())) {
                            acc.push((format!("{note}:{first}"), body));
                        }
                    }
                }
            } else if let Some((_, body)) = &mut snippet {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    Some(acc)
}

#[test]
fn every_snippet_is_read_as_buildkit_reads_it() {
    let Some(snippets) = snippets() else {
        println!("skipped: the notes are not beside this checkout");
        return;
    };
    let mut acc = String::new();
    for (name, body) in &snippets {
        acc += &format!("== {name}\n{}", facts(body));
    }
    acc += &format!("{} snippets\n", snippets.len());
    expect![[r#"
        == 000:16
        + stage-0 base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:stage-0
        == 000:40
        1: FROM requires either one or three arguments
        + builder base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:builder
        == 000:72
        1: no build stage in current context
        == 002:14
        + dev base:image(node:16-bullseye) copy:context
        + prod base:image(node:16.13.0-alpine3.13) copy:dev
        == 002:40
        + base base:image(ruby:3.0.3)
        + dev base:base copy:context
        == 002:63
        1: no build stage in current context
        == 003:16
        + stage-0 base:image(golang:1.7.3) copy:context
        == 003:31
        + stage-0 base:image(alpine) copy:context
        == 003:71
        + stage-0 base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:stage-0
        == 003:107
        + builder base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:builder
        == 003:140
        1: no build stage in current context
        == 003:148
        + builder base:image(alpine)
        - build1 base:builder copy:context
        + build2 base:builder copy:context
        == 004:66
        + stage-0 base:image(golang:1.23) copy:context
        == 004:76
        + builder base:image(golang:1.23) copy:context copy:context
        + stage-1 base:image(alpine) copy:builder
        == 004:96
        + builder base:image(golang:1.23)
        + stage-1 base:image(alpine) copy:builder
        == 004:106
        + deps base:image(node:18) copy:context
        + builder base:image(node:18) copy:deps copy:context
        + stage-2 base:image(node:18-alpine) copy:builder copy:builder
        == 004:129
        + stage-0 base:image(alpine) copy:image(nginx)
        == 004:146
        + builder base:image(golang:1.23-alpine) copy:context copy:context
        + stage-1 base:image(alpine) copy:builder copy:builder copy:builder
        == 004:204
        1: no build stage in current context
        == 004:209
        1: no build stage in current context
        == 004:214
        1: no build stage in current context
        == 004:233
        2: no build stage in current context
        == 004:242
        2: FROM requires either one or three arguments
        3: FROM requires either one or three arguments
        4: FROM requires either one or three arguments
        - stage-0 base:scratch
        - stage-1 base:image(alpine)
        + stage-2 base:image(distroless/static)
        == 004:250
        2: no build stage in current context
        == 004:260
        1: no build stage in current context
        25 snippets
    "#]]
    .assert_eq(&acc);
}
