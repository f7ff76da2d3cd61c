//! Each page is a test: what stands in its Dockerfiles without the lines of carets is checked, and the carets have to
//! come out again. The block under `## Fix` is what comes of the last example above it once it is mended.
//!
//! A block of `dockerignore` says what is in that file for the next example, one of `context` lists the files of the
//! build context; `dockerfile target=NAME` asks for another target than the last stage.

use std::fmt::Write;
use std::{env, fs, path::PathBuf};

use dockerfile::checks::buildkit::RULES;
use dockerfile::checks::{self, File, Finding, Origin, Rule};
use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::edit::{self, TextEdit};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use dockerfile::text::LineIndex;

#[test]
fn every_page_finds_what_it_shows() {
    let is_update = env::var_os("UPDATE_EXPECT").is_some();
    for rule in checks::rules() {
        let path = path_of(rule);
        let page = fs::read_to_string(&path).unwrap();
        let again = checked(rule, &page);
        if is_update && again != page {
            fs::write(&path, again).unwrap();
        } else {
            assert_eq!(again, page, "{}", path.display());
        }
    }
}

#[test]
fn every_page_is_about_its_rule() {
    for rule in checks::rules() {
        assert!(rule.page.starts_with(&format!("# {}\n\n", rule.name)), "the page of {}", rule.name);
        let shows = rule.page.lines().any(is_of_carets);
        // What is in a registry no page can show.
        let can_show = rule.name != "InvalidBaseImagePlatform";
        assert_eq!(shows, can_show, "the page of {} shows a finding", rule.name);
        let mends = rule.page.contains("\n## Fix\n");
        assert_eq!(mends, rule.has_fixes(), "the page of {} shows what comes of a fix", rule.name);
    }
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let mut names: Vec<&str> = checks::rules().map(|rule| rule.name).collect();
    let n_rules = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n_rules);
    assert_eq!(RULES.len(), 22);
}

/// `JSONArgsRecommended` is in `buildkit/json_args_recommended.md`.
fn path_of(rule: &Rule) -> PathBuf {
    let mut name = String::new();
    let letters: Vec<char> = rule.name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let follows_lower = at > 0 && letters[at - 1].is_lowercase();
        let precedes_lower = at > 0 && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (follows_lower || precedes_lower) {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    let folder = match rule.origin {
        Origin::BuildKit => "buildkit",
        Origin::Stagelight => "multistage",
    };
    let checks = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/checks");
    checks.join(folder).join(name).with_extension("md")
}

fn is_of_carets(line: &str) -> bool {
    line.trim_start().starts_with('^')
}

/// An example: a Dockerfile, its target, and what is beside it.
#[derive(Clone, Default)]
struct Example {
    text: String,
    target: Option<String>,
    context: Option<BuildContext>,
}

/// The page with the carets that come out.
fn checked(rule: &'static Rule, page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.split_inclusive('\n');
    let mut context: Option<BuildContext> = None;
    let mut last = Example::default();
    let mut is_result = false;
    while let Some(line) = lines.next() {
        out.push_str(line);
        is_result = match line.strip_prefix("#") {
            Some(_) => line == "## Fix\n",
            None => is_result,
        };
        let Some(kind) = line.trim_end().strip_prefix("```").filter(|it| !it.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```\n").collect();
        let text: String = block.iter().copied().filter(|line| !is_of_carets(line)).collect();
        let mut words = kind.split(' ');
        match words.next() {
            Some("dockerfile") if is_result => {
                is_result = false;
                out.push_str(&mended(rule, &last));
            }
            Some("dockerfile") => {
                let target = words.next().and_then(|word| word.strip_prefix("target=")).map(str::to_owned);
                last = Example { text, target, context: context.take() };
                out.push_str(&marked(rule, &last));
            }
            Some("dockerignore") => {
                context.get_or_insert_default().ignore = Some(text);
                out.extend(block);
            }
            Some("context") => {
                context.get_or_insert_default().files = Some(text.lines().map(ContextFile::from).collect());
                out.extend(block);
            }
            _ => out.extend(block),
        }
        out.push_str("```\n");
    }
    out
}

/// Hands what a rule finds in an example to `then`, in the order of the text.
fn found<T>(rule: &'static Rule, example: &Example, then: impl FnOnce(&File<'_>, Vec<Finding>) -> T) -> T {
    let text = &example.text;
    let parse = syntax::parse(text);
    let options = BuildOptions { target: example.target.clone(), ..BuildOptions::default() };
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref())).ok();
    let file = File::new(text, &parse, &graph, &options, cut.as_ref()).with_context(example.context.as_ref());
    let mut findings = checks::find(&file).findings;
    findings.sort_by_key(|finding| finding.range);
    if rule.origin == Origin::BuildKit {
        findings.retain(|finding| finding.rule.origin == Origin::BuildKit);
        assert!(findings.iter().all(|it| it.rule == rule), "an example is about its rule alone");
    }
    findings.retain(|finding| finding.rule == rule);
    then(&file, findings)
}

fn marked(rule: &'static Rule, example: &Example) -> String {
    found(rule, example, |file, findings| {
        let text = file.text;
        let index = LineIndex::new(text);
        let mut out = String::new();
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            out.push_str(line);
            for finding in findings.iter().filter(|finding| index.line(finding.range.start) == number) {
                let indent = index.line_col(text, finding.range.start).column as usize - 1;
                let end = finding.range.end.min(index.line_range(number).unwrap().end);
                let n_carets = text[finding.range.start..end].chars().count().max(1);
                let (carets, level) = ("^".repeat(n_carets), finding.rule.level.word());
                writeln!(out, "{:indent$}{carets} {level}: {}", "", finding.full_message()).unwrap();
            }
        }
        out
    })
}

/// What comes of an example once the best fix of each finding is applied, one after the other. None of them may come
/// back, and a safe one may not make anything worse.
fn mended(rule: &'static Rule, example: &Example) -> String {
    let mut example = example.clone();
    for _ in 0..20 {
        let edits: Option<Vec<TextEdit>> = found(rule, &example, |file, findings| {
            findings.iter().find_map(|finding| Some(finding.fixes(file).into_iter().next()?.edits))
        });
        let Some(edits) = edits else { return example.text };
        let text = edit::apply(&example.text, &edits).expect("edits fit the text");
        assert_ne!(text, example.text, "a fix of {} changes something", rule.name);
        example.text = text;
    }
    panic!("the fixes of {} come to no end", rule.name);
}
