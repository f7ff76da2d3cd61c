//! Every example in the menu is what it says: it is read, resolved and drawn as it should be.

use std::path::Path;

use dockerfile::context::{Outcome, TEMPLATES, Template, transfer};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions, Source, SourceId};
use dockerfile::syntax;
use expect_test::expect;

use super::facts;

fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut examples: Vec<(String, String)> = folder
        .read_dir()
        .expect("the folder of examples")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("an example is text"))
        })
        .collect();
    examples.sort();
    examples
}

#[test]
fn examples_are_what_they_should_be() {
    let mut acc = String::new();
    for (name, text) in examples() {
        acc += &format!("== {name}, {} lines\n{}", text.lines().count(), facts(&text));
    }
    expect![[r#"
        == builder-pattern-build, 8 lines
        + stage-0 base:image(golang:1.7.3) copy:context
        == builder-pattern-run, 5 lines
        + stage-0 base:image(alpine) copy:context
        == comments-behind-instructions, 11 lines
        1: FROM requires either one or three arguments
        + builder base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:builder
        == copy-from-image, 2 lines
        + stage-0 base:image(alpine) copy:image(nginx)
        == cpp-diamond, 13 lines
        + builder base:image(alpine)
        - build1 base:builder copy:context
        + build2 base:builder copy:context
        == first-look, 23 lines
        + base base:image(golang:1.24-alpine) copy:context
        - test base:base copy:context
        + build base:base copy:context
        + final base:scratch copy:image(alpine:3.22) copy:build
        == go-api, 46 lines
        + builder base:image(golang:1.23-alpine) copy:context copy:context
        + stage-1 base:image(alpine) copy:builder copy:builder copy:builder
        == go-named-skeleton, 6 lines
        + builder base:image(golang:1.23)
        + stage-1 base:image(alpine) copy:builder
        == go-single-stage, 6 lines
        + stage-0 base:image(golang:1.23) copy:context
        == go-two-stages, 14 lines
        + builder base:image(golang:1.23) copy:context copy:context
        + stage-1 base:image(alpine) copy:builder
        == href-counter, 17 lines
        + stage-0 base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:stage-0
        == href-counter-by-number, 11 lines
        + stage-0 base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:stage-0
        == href-counter-named, 12 lines
        + builder base:image(golang:1.7.3) copy:context
        + stage-1 base:image(alpine) copy:builder
        == image-service, 115 lines
        + base-tools base:image(alpine:3.22)
        + vips-source base:base-tools
        + vips base:vips-source
        - vips-check base:vips
        + rust-base base:image(rust:1.89-alpine3.22) copy:vips
        + planner base:rust-base copy:context
        + dependencies base:rust-base copy:planner copy:planner
        - test base:dependencies copy:context
        - bench base:dependencies copy:context mount:vips-source
        + build base:dependencies copy:context
        + runtime base:image(alpine:3.22) copy:vips
        - debug base:runtime copy:build
        + release base:runtime copy:build
        == minimal-bases, 4 lines
        2: FROM requires either one or three arguments
        3: FROM requires either one or three arguments
        4: FROM requires either one or three arguments
        - stage-0 base:scratch
        - stage-1 base:image(alpine)
        + stage-2 base:image(distroless/static)
        == node-dev-prod, 10 lines
        + dev base:image(node:16-bullseye) copy:context
        + prod base:image(node:16.13.0-alpine3.13) copy:dev
        == node-three-stages, 19 lines
        + deps base:image(node:18) copy:context
        + builder base:image(node:18) copy:deps copy:context
        + stage-2 base:image(node:18-alpine) copy:builder copy:builder
        == rails-base-dev, 14 lines
        + base base:image(ruby:3.0.3)
        + dev base:base copy:context
        == shop-platform, 129 lines
        + web-deps base:image(node:22-bookworm-slim) copy:context
        - web-test base:web-deps copy:context
        + web-build base:web-deps copy:context
        + go-deps base:image(golang:1.24-bookworm) copy:context
        - api-test base:go-deps copy:context
        + api-build base:go-deps copy:context copy:web-build
        - py-base base:image(python:3.13-slim-bookworm)
        - py-build base:py-base copy:context
        - worker-test base:py-build copy:context copy:context
        - ci base:image(busybox:1.37) copy:web-test copy:api-test copy:worker-test
        - dev base:go-deps copy:web-deps copy:image(node:22-bookworm-slim)
        - worker base:py-base copy:py-build copy:context
        + api base:image(alpine:3.22) copy:api-build copy:context
    "#]]
    .assert_eq(&acc);
}

#[test]
fn every_example_file_is_in_the_menu() {
    let menu = include_str!("../../src/examples.rs");
    for (name, _) in examples() {
        assert!(
            menu.contains(&format!("\"{name}\"")),
            "examples/{name}.dockerfile has no row in src/examples.rs"
        );
    }
}

#[test]
fn for_each_example_a_template_has_the_files() {
    for (name, text) in examples() {
        let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
        let Some(source) = graph.sources.iter().position(|source| *source == Source::Context) else {
            continue;
        };
        let fits = |template: &Template| {
            let context = template.context();
            graph.stages.iter().all(|stage| {
                // One of the mistakes to learn from has no target at all.
                let target = Target::from_name(Some(&stage.id.0.to_string()));
                let Ok(cut) = queries::cut(&graph, &target) else { return true };
                let transfer = transfer(&graph, &cut, SourceId(source), &context);
                let mut sources = transfer.takers.iter().flat_map(|taken| &taken.sources);
                sources.all(|source| matches!(source.outcome, Outcome::Takes))
            })
        };
        assert!(TEMPLATES.iter().any(fits), "{name}");
    }
}
