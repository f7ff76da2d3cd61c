//! `.dockerignore` in, what becomes of paths out. What Moby's own reader answers is in these tables.

use std::fs;
use std::path::Path;

use dockerfile::ignore::Ignore;

/// The blocks of `test_data/ignore`, whose README.md says how they are written.
#[test]
fn every_case_is_decided_as_the_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/ignore");
    let mut n_cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "txt") {
            let text = fs::read_to_string(&path).unwrap();
            n_cases += text.split("\n\n").map(|block| block_holds(&path, block)).sum::<usize>();
        }
    }
    assert!(n_cases >= 150, "there are only {n_cases} cases");
}

/// Checks a block, and counts its paths.
fn block_holds(file: &Path, block: &str) -> usize {
    let lines = || block.lines().filter(|line| !line.starts_with('#'));
    let written: Vec<&str> = lines()
        .filter_map(|line| line.strip_prefix('|'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let ignore = Ignore::parse(&written.join("\n"));
    assert_eq!(ignore.errors, [], "{written:?}");
    let mut n_cases = 0;
    for line in lines().filter(|line| !line.starts_with('|')) {
        let (sign, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{}: {line:?}", file.display()));
        let (path, by) = rest.split_once(" @").map_or((rest, None), |(path, by)| (path, Some(by)));
        let decision = ignore.decide(path);
        assert_eq!(decision.ignored, sign == "-", "{path:?} in {written:?} of {}", file.display());
        if let Some(by) = by {
            let decided = decision.by.map(|(line, _)| line);
            assert_eq!(decided, by.parse().ok(), "the line for {path:?} in {written:?}");
        }
        n_cases += 1;
    }
    n_cases
}

/// Each row: the file, paths that are left out, and paths that are not.
#[track_caller]
fn check(rows: &[(&str, &[&str], &[&str])]) {
    for (text, out, kept) in rows {
        let ignore = Ignore::parse(text);
        assert_eq!(ignore.errors, [], "{text:?}");
        for path in *out {
            assert!(ignore.decide(path).ignored, "{path} is left out by {text:?}");
        }
        for path in *kept {
            assert!(!ignore.decide(path).ignored, "{path} is not left out by {text:?}");
        }
    }
}

#[test]
fn lines_are_cleaned() {
    check(&[
        ("", &[], &["a", "a/b"]),
        ("a", &["a", "a/b", "a/b/c", "./a", "/a", "b/../a"], &["b/a", "A", "ab"]),
        ("/a", &["a"], &["b/a"]),
        ("a/", &["a"], &["b/a"]),
        ("./a//b/../c/", &["a/c"], &["a", "a/b"]),
        ("../a\n/../b", &["b"], &["a"]),
        ("  a\t\r\n\r\nb \r\n", &["a", "b"], &[]),
        ("# a\n #b\na#", &["#b", "a#"], &["a", "b", "# a"]),
        ("\u{feff}a\n\u{feff}b", &["a"], &["b"]),
        ("\u{feff}# a", &[], &["# a", "a"]),
        (".", &[], &["a", "."]),
        ("/", &[], &["a", ""]),
    ]);
}

#[test]
fn wildcards_stay_within_a_name() {
    check(&[
        ("*", &["a", "a/b", ".a"], &["", "."]),
        ("*.a", &["b.a", ".a", "b.a/c"], &["b/c.a", "b.aa"]),
        ("*/a", &["b/a", "b/a/c"], &["a", "b/c/a"]),
        ("a?", &["ab", "aé"], &["a", "a/b", "abc"]),
        ("[a-c]x[!d]", &["bx!", "bxd"], &["dx!", "bxe"]),
        ("[^a]", &["b", "^"], &["a"]),
        ("a.b+c", &["a.b+c"], &["axb+c", "a.bbc"]),
        ("\\*\\!", &["*!"], &["a!"]),
    ]);
}

#[test]
fn two_stars_go_through_directories() {
    check(&[
        ("**", &["a", "a/b"], &[]),
        ("**/a", &["a", "b/a", "b/c/a", "b/a/c"], &["ba", "b/ca"]),
        ("**/*.a", &["b.a", "c/b.a"], &["c/b.aa"]),
        ("a/**", &["a/b", "a/b/c"], &["a", "b/a/b"]),
        ("a/**/b", &["a/b", "a/c/b", "a/c/d/b"], &["a", "ab", "a/cb"]),
        ("**/a/**", &["a/b", "c/a/b"], &["a", "c/a"]),
        ("**a", &["a", "ba", "c/ba"], &["ab"]),
        ("a**", &["a", "ab", "ab/c"], &["ba"]),
    ]);
}

#[test]
fn the_last_line_wins() {
    check(&[
        ("*\n!a", &["b"], &["a", "a/b"]),
        ("!a\n*", &["a", "b"], &[]),
        ("*.md\n!README.md\nREADME.md", &["README.md", "a.md"], &[]),
        ("a\n!a/b", &["a", "a/c"], &["a/b", "a/b/c"]),
        ("*\n!a\na/b", &["a/b", "a/b/c"], &["a", "a/c"]),
        ("**\n!**/*.rs", &["a", "a/b.c"], &["a.rs", "a/b.rs"]),
        ("! a\na", &["a"], &[]),
        ("a\n/!a", &[], &["a"]),
    ]);
}

#[test]
fn an_exception_for_a_directory_brings_back_nothing_that_is_left_out_below_it() {
    check(&[("a/b\n!a", &["a/b", "a/b/c"], &["a", "a/c"]), ("a\na*\n!a", &[], &["a", "a/b"])]);
}

#[test]
fn some_patterns_are_regular_expressions() {
    check(&[
        ("\\d*", &["5", "5a"], &["d", "da"]),
        ("^a*", &["a", "ab"], &["^a"]),
        ("^a", &["^a"], &["a"]),
        ("a^*", &[], &["a^", "a^b"]),
        ("[[:digit:]]", &["5"], &["d", ":]"]),
        ("[\\w+]?", &["a-", "+a"], &["-a"]),
        ("[\\D]", &["a"], &["5"]),
    ]);
}

#[test]
fn the_line_that_decides_is_told() {
    let ignore = Ignore::parse("# all\n*\n\n ! src/ \nsrc/*.md\n");
    let by = |path: &str| ignore.decide(path).by;
    assert_eq!(by("a"), Some((2, "*".to_owned())));
    assert_eq!(by("src"), Some((4, "! src/".to_owned())));
    assert_eq!(by("src/a"), Some((4, "! src/".to_owned())));
    assert_eq!(by("src/a.md"), Some((5, "src/*.md".to_owned())));
    assert_eq!(by("src/a/b.md"), Some((4, "! src/".to_owned())));
    assert_eq!(Ignore::parse("a").decide("b").by, None);
}

#[test]
fn what_a_build_refuses_is_told() {
    let errors = |text: &str| Ignore::parse(text).errors;
    let syntax = "syntax error in pattern";
    for text in ["[", "[a", "[]a]", "[a-]", "\\", "a\\", "[-a]", "[b-a]", "\\y"] {
        assert_eq!(errors(text), [(1, syntax.to_owned())], "{text}");
    }
    let illegal = "illegal exclusion pattern: \"!\"";
    for text in ["a\n!", "a\n! ", "a\n!/", "a\n!/ /"] {
        assert_eq!(errors(text), [(2, illegal.to_owned())], "{text}");
    }
    assert_eq!(errors("[\na").len(), 1);
    assert!(Ignore::parse("[\na").decide("a").ignored);
    assert_eq!(errors(&"a".repeat(70_000)), [(1, "bufio.Scanner: token too long".to_owned())]);
}

#[test]
fn an_exception_below_a_directory_is_seen() {
    let may = |text: &str, path: &str| Ignore::parse(text).may_bring_back(path);
    assert!(may("*\n!a/b", "a"));
    assert!(may("*\n!*/b", "a"));
    assert!(may("*\n!**/b", "a/b/c"));
    assert!(may("*\n!a/**", "a/b/c"));
    assert!(!may("*\n!a/b", "b"));
    assert!(!may("*\n!a/b", "a/b"));
    assert!(!may("*\na/b", "a"));
}

#[test]
fn long_patterns_take_no_long_time() {
    let text = ["*a".repeat(2000), "**/".repeat(20_000), format!("{}b", "a*".repeat(2000))].join("\n");
    let path = "a".repeat(4000);
    assert!(Ignore::parse(&text).decide(&path).ignored);
    assert!(!Ignore::parse(&format!("{}x", "*a".repeat(2000))).decide(&path).ignored);
}
