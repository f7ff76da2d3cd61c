//! `docs/hadolint.md` says what the table in the core says.

use std::fs;
use std::path::Path;

use dockerfile::checks::{self, hadolint};

/// The rows of the table: a code, the rules in the column for them, and the remark.
fn rows(page: &str) -> Vec<(&str, Vec<&str>, &str)> {
    let rows = page.lines().filter(|line| line.starts_with("| DL") || line.starts_with("| SC"));
    let row = |line| {
        let cells: Vec<&str> = str::split(line, '|').map(str::trim).collect();
        let [_, code, _, here, remark, _] = cells[..] else { panic!("{line}") };
        (code, here.split('`').skip(1).step_by(2).collect(), remark)
    };
    rows.map(row).collect()
}

#[test]
fn the_page_and_the_table_agree() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hadolint.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = rows(&page);
    assert!(rows.is_sorted_by_key(|row| row.0));
    let with_rules = rows.iter().filter(|row| !row.1.is_empty());
    let told: Vec<(&str, &[&str])> = with_rules.map(|(code, names, _)| (*code, &names[..])).collect();
    assert_eq!(told, hadolint::CORRESPONDING);
    for (code, names, remark) in &rows {
        assert_eq!(hadolint::correspond(code), &names[..]);
        assert!(!names.is_empty() || !remark.is_empty(), "{code} has neither a rule nor a reason");
        for name in names {
            assert!(checks::rule(name).is_some(), "{code}: there is no rule {name}");
        }
    }
    for code in ["DL1001", "DL3000", "DL3067", "DL4006"] {
        assert!(rows.iter().any(|row| row.0 == code), "{code} is missing");
    }
}
