//! Fixes: whatever mends a finding fits the text, takes the finding away, and, where it says that it is safe, leaves
//! the build as it is. Held on all Dockerfiles of the project, on what becomes of them when somebody types at random,
//! and, by `cargo xtask fixes`, on a corpus.

#[allow(dead_code, reason = "it is shared")]
#[path = "../build/case.rs"]
mod case;
mod corpus;
#[allow(dead_code, reason = "it is shared")]
#[path = "../invariants/mutate.rs"]
mod mutate;
mod same_build;

use std::collections::BTreeMap;
use std::path::Path;

use dockerfile::checks::{self, File, Fixed, Origin};
use dockerfile::edit::{self, Fix};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;

/// So many findings of a text are mended one by one.
const MAX_FINDINGS: usize = 40;
const ROUNDS: usize = 1_500;

#[test]
fn each_fix_keeps_what_it_says() {
    for (text, options) in files() {
        each_fix(&text, &options);
    }
}

#[test]
fn all_fixes_together_come_to_an_end() {
    for (text, options) in files() {
        all_fixes(&text, &options);
    }
}

#[test]
fn changed_files_are_mended() {
    let files: Vec<String> = files().into_iter().map(|(text, _)| text).collect();
    let mut random = mutate::Random(0x51a9_e11a_77e5_0d0b);
    let more = std::env::var("FUZZ_ROUNDS").ok().and_then(|it| it.parse().ok());
    for _ in 0..more.unwrap_or(ROUNDS) {
        let text = mutate::text(&files, &mut random);
        let options = mutate::options(&mut random);
        each_fix(&text, &options);
        all_fixes(&text, &options);
    }
}

/// What is wrong with a text.
#[derive(Debug, PartialEq)]
pub(crate) struct Faults {
    errors: [usize; 4],
    by_rule: BTreeMap<&'static str, usize>,
}

impl Faults {
    /// What there is more of than before.
    fn more_than(&self, before: &Faults) -> Option<String> {
        if let Some(at) = (0..self.errors.len()).find(|&at| self.errors[at] > before.errors[at]) {
            return Some(format!("errors {:?}, there were {:?} (at {at})", self.errors, before.errors));
        }
        let old = |rule: &str| before.by_rule.get(rule).copied().unwrap_or(0);
        let more = self.by_rule.iter().find(|(rule, n)| **n > old(rule));
        more.map(|(rule, n)| format!("{n} of {rule}, there were {}", old(rule)))
    }
}

/// Counts what BuildKit objects to.
pub(crate) fn faults(text: &str, options: &BuildOptions) -> Faults {
    read(text, options, |file| {
        let errors = [
            file.parse.errors.len(),
            file.graph.errors.len(),
            file.graph.stage_errors.len(),
            usize::from(file.cut.is_none()),
        ];
        let checked = checks::check(file.parse, file.graph, options, checks::Scope::AllStages);
        let mut by_rule = BTreeMap::new();
        for finding in checked.findings.iter().filter(|it| !it.hidden) {
            *by_rule.entry(finding.rule.name).or_default() += 1;
        }
        Faults { errors, by_rule }
    })
}

fn read<T>(text: &str, options: &BuildOptions, then: impl FnOnce(&File<'_>) -> T) -> T {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, options);
    let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref())).ok();
    then(&File::new(text, &parse, &graph, options, cut.as_ref()))
}

/// How often each thing is found, by its rule.
fn counts(text: &str, options: &BuildOptions) -> BTreeMap<&'static str, usize> {
    read(text, options, |file| {
        let mut counts = BTreeMap::new();
        for finding in checks::find(file).findings {
            *counts.entry(finding.rule.name).or_default() += 1;
        }
        counts
    })
}

/// Applies each fix of each finding by itself.
fn each_fix(text: &str, options: &BuildOptions) {
    let fixes: Vec<(&str, Fix)> = read(text, options, |file| {
        let findings = checks::find(file).findings;
        let fixes = findings.iter().take(MAX_FINDINGS).map(|it| (it.rule.name, it.fixes(file)));
        fixes.flat_map(|(name, fixes)| fixes.into_iter().map(move |fix| (name, fix))).collect()
    });
    if fixes.is_empty() {
        return;
    }
    let (before, counted, same) =
        (faults(text, options), counts(text, options), same_build::facts(text, options));
    for (rule, fix) in fixes {
        let what = || format!("{rule}: {fix:?} of {options:?}\n{text}");
        let Some(mended) = edit::apply(text, &fix.edits) else { panic!("the edits do not fit: {}", what()) };
        assert_ne!(mended, text, "nothing changes: {}", what());
        assert!(fix.is_safe() || !mended.is_empty());
        if !fix.is_safe() {
            continue;
        }
        let now = counts(&mended, options).get(rule).copied().unwrap_or(0);
        assert!(now < counted[rule], "it is still found: {}\nbecomes\n{mended}", what());
        if let Some(more) = faults(&mended, options).more_than(&before) {
            panic!("{more}: {}\nbecomes\n{mended}", what());
        }
        if let Some(difference) = same_build::difference(&same, &same_build::facts(&mended, options)) {
            panic!("{difference}: {}\nbecomes\n{mended}", what());
        }
    }
}

/// Applies all fixes, the safe ones and then the others too.
fn all_fixes(text: &str, options: &BuildOptions) {
    if let Err(why) = mended(text, options) {
        panic!("{why} with {options:?}:\n{text}");
    }
}

/// What all fixes come to, by rule, safe ones and others.
pub(crate) fn mended(text: &str, options: &BuildOptions) -> Result<[Fixed; 2], String> {
    let fix = |text: &str, with_asking| checks::fix_all(text, options, None, |it| !it.hidden, with_asking);
    let before = faults(text, options);
    let safe = fix(text, false);
    if let Some(more) = faults(&safe.text, options).more_than(&before) {
        return Err(format!("safe fixes make {more}:\n{}", safe.text));
    }
    if safe.text != text {
        let (was, is) = (same_build::facts(text, options), same_build::facts(&safe.text, options));
        if let Some(difference) = same_build::difference(&was, &is) {
            return Err(format!("safe fixes change the build, {difference}:\n{}", safe.text));
        }
    }
    let asking = fix(text, true);
    let errors = |text: &str| Faults { by_rule: BTreeMap::new(), ..faults(text, options) };
    if let Some(more) = errors(&asking.text).more_than(&before) {
        return Err(format!("fixes make {more}:\n{}", asking.text));
    }
    for (once, with_asking) in [(&safe, false), (&asking, true)] {
        let twice = fix(&once.text, with_asking);
        if twice.text != once.text {
            return Err(format!(
                "a second run does {:?}:\n{}becomes\n{}",
                twice.applied, once.text, twice.text
            ));
        }
    }
    Ok([safe, asking])
}

/// The Dockerfiles of the project: examples, test data, seeds, and what stands on the pages of the rules.
fn files() -> Vec<(String, BuildOptions)> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["test_data", "../../examples", "../../fuzz/seeds"] {
        collect(&project.join(folder), &mut files);
    }
    for rule in checks::rules().filter(|it| matches!(it.origin, Origin::BuildKit | Origin::Stagelight)) {
        let blocks = rule.page.split("```dockerfile").skip(1).filter_map(|rest| {
            let (kind, rest) = rest.split_once('\n')?;
            Some((kind.trim().strip_prefix("target=").map(str::to_owned), rest.split("```").next()?))
        });
        for (target, block) in blocks {
            let lines = block.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('^'));
            files.push((lines.collect(), BuildOptions { target, ..BuildOptions::default() }));
        }
    }
    assert!(files.len() > 700, "only {} files are found", files.len());
    files
}

fn collect(folder: &Path, acc: &mut Vec<(String, BuildOptions)>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, acc);
            continue;
        }
        let text = dockerfile::text::decode(&std::fs::read(&path).unwrap()).0.into_owned();
        match path.extension().and_then(|it| it.to_str()) {
            Some("dockerfile") => acc.push((text, BuildOptions::default())),
            Some("txt") if path.components().any(|it| it.as_os_str() == "build") => {
                let case = case::Case::read(&text).unwrap();
                acc.push((case.dockerfile, case.options));
            }
            _ => {}
        }
    }
}
