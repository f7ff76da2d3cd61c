//! Each page is a test: what stands in its Dockerfiles without the lines of carets is checked, and the carets have to
//! come out again.

use std::fmt::Write;
use std::{env, fs, path::PathBuf};

use dockerfile::checks::{self, Finding, RULES, Rule, Scope};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use dockerfile::text::LineIndex;

const FENCE: &str = "```dockerfile\n";

#[test]
fn every_page_finds_what_it_shows() {
    let is_update = env::var_os("UPDATE_EXPECT").is_some();
    for rule in RULES {
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
    for rule in RULES {
        assert!(rule.page.starts_with(&format!("# {}\n\n", rule.name)), "the page of {}", rule.name);
        let shows = rule.page.lines().any(is_of_carets);
        assert_eq!(shows, rule.needs.is_none(), "the page of {} shows a finding", rule.name);
    }
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 22);
}

/// `JSONArgsRecommended` is in `json_args_recommended.md`.
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
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/checks").join(name).with_extension("md")
}

fn is_of_carets(line: &str) -> bool {
    line.trim_start().starts_with('^')
}

/// The page with the carets that come out.
fn checked(rule: &'static Rule, page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some(at) = rest.find(FENCE) {
        let (before, block) = rest.split_at(at + FENCE.len());
        let (block, behind) = block.split_at(block.find("```\n").expect("a block has an end"));
        let lines = block.split_inclusive('\n').filter(|line| !is_of_carets(line));
        out.push_str(before);
        out.push_str(&marked(rule, &lines.collect::<String>()));
        rest = behind;
    }
    out + rest
}

fn marked(rule: &'static Rule, text: &str) -> String {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let checked = checks::check(&parse, &graph, &options, Scope::AllStages);
    let mut findings: Vec<Finding> = checked.findings.into_iter().filter(|it| !it.hidden).collect();
    findings.sort_by_key(|finding| finding.range);
    let index = LineIndex::new(text);
    let mut out = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        out.push_str(line);
        for finding in findings.iter().filter(|finding| index.line(finding.range.start) == number) {
            assert_eq!(finding.rule, rule, "an example is about its rule alone");
            let indent = index.line_col(text, finding.range.start).column as usize - 1;
            let end = finding.range.end.min(index.line_range(number).unwrap().end);
            let n_carets = text[finding.range.start..end].chars().count().max(1);
            let carets = "^".repeat(n_carets);
            writeln!(out, "{:indent$}{carets} warning: {}", "", finding.full_message()).unwrap();
        }
    }
    out
}
