//! A day of a developer: what is edited, and what that costs.

use dockerfile::checks::{self, File};
use dockerfile::edit;
use dockerfile::queries::cache::{Build, Outputs, day, day_of_a_developer};
use dockerfile::queries::{Plan, Target, cut};
use dockerfile::stages::{BuildOptions, resolve};
use dockerfile::syntax;

/// What is done, how often, and what it costs each time.
fn check(text: &str, expected: &[(&str, usize, usize)]) {
    let parse = syntax::parse(text);
    let graph = resolve(&parse, &BuildOptions::default());
    let cut = cut(&graph, &Target::Default).expect("there is a target");
    let plan = Plan::of(text, &parse, &graph);
    let build = Build { plan: &plan, cut: &cut, ignore: None };
    let edits = day_of_a_developer(build);
    let costs = day(build, &edits, Outputs::Changed);
    let told: Vec<(&str, usize, usize)> =
        edits.iter().zip(costs).map(|(edit, cost)| (edit.title.as_str(), edit.times, cost)).collect();
    assert_eq!(told, expected);
}

/// The text with the first fix of a rule.
fn fixed(text: &str, rule: &str) -> String {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = resolve(&parse, &options);
    let cut = cut(&graph, &Target::Default).expect("there is a target");
    let file = File::new(text, &parse, &graph, &options, Some(&cut));
    let finding =
        checks::find(&file).findings.into_iter().find(|it| it.rule.name == rule).expect("it is found");
    let fix = finding.fixes(&file).into_iter().next().expect("it can be mended");
    edit::apply(text, &fix.edits).expect("the fix fits")
}

#[test]
fn to_install_before_the_sources_come_costs_less_in_a_day() {
    let text = "\
FROM node:24 AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build
FROM nginx:alpine
COPY --from=build /app/dist /usr/share/nginx/html
";
    check(
        text,
        &[
            ("Edit src/index.js", 8, 4),
            ("Add a dependency to package.json", 1, 4),
            ("Get newer base images", 1, 5),
        ],
    );
    check(
        &fixed(text, "SourceBeforeDependencies"),
        &[
            ("Edit src/index.js", 8, 3),
            ("Add a dependency to package.json", 1, 5),
            ("Get newer base images", 1, 6),
        ],
    );
}

#[test]
fn what_the_target_does_not_take_is_not_edited() {
    check("FROM alpine\nRUN echo a\n", &[("Get a newer base image", 1, 1)]);
    check("FROM scratch\nCOPY a.txt /\n", &[("Edit a.txt", 8, 1)]);
    check("FROM scratch\n", &[]);
}
