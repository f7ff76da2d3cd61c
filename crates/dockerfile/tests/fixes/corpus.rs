//! The same on many files that exist: `cargo xtask fixes` says where they are, in `STAGELIGHT_FIXES_FILES`.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::{env, fs};

use dockerfile::checks::Fixed;
use dockerfile::stages::BuildOptions;

use super::mended;

#[test]
fn files_that_exist_are_mended() {
    let Some(list) = env::var_os("STAGELIGHT_FIXES_FILES") else { return };
    let list = fs::read_to_string(list).unwrap();
    let (mut n_files, mut faults) = (0, Vec::new());
    let mut tallies = [Tally::default(), Tally::default()];
    for path in list.lines() {
        let text = dockerfile::text::decode(&fs::read(path).unwrap()).0.into_owned();
        n_files += 1;
        match catch_unwind(|| mended(&text, &BuildOptions::default())) {
            Ok(Ok(fixed)) => {
                tallies.iter_mut().zip(fixed).for_each(|(tally, fixed)| tally.add(&fixed, &text))
            }
            Ok(Err(why)) => faults.push(format!("{path}: {why}")),
            Err(_) => faults.push(format!("{path}: a panic")),
        }
    }
    println!("{n_files} files");
    for (name, tally) in ["Safe fixes", "All fixes"].into_iter().zip(&tallies) {
        println!(
            "{name}: {} applied in {} files",
            tally.by_rule.values().map(|it| it.0).sum::<usize>(),
            tally.n_changed
        );
        for (rule, (applied, left)) in &tally.by_rule {
            println!("  {rule:32} {applied:6} applied {left:6} left");
        }
    }
    let n_faults = faults.len();
    faults.truncate(10);
    faults.iter().for_each(|fault| println!("{fault}\n"));
    assert_eq!(n_faults, 0, "fixes do harm");
}

#[derive(Default)]
struct Tally {
    n_changed: usize,
    /// Fixes applied and findings left.
    by_rule: BTreeMap<&'static str, (usize, usize)>,
}

impl Tally {
    fn add(&mut self, fixed: &Fixed, text: &str) {
        self.n_changed += usize::from(fixed.text != text);
        for applied in &fixed.applied {
            self.by_rule.entry(applied.rule.name).or_default().0 += 1;
        }
        for finding in &fixed.left {
            self.by_rule.entry(finding.rule.name).or_default().1 += 1;
        }
    }
}
