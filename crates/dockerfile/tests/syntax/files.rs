//! Each file of the test data against what is written beside it.

use dockerfile::syntax::{highlight, parse};
use expect_test::expect_file;

use crate::{dump, test_files};

#[test]
fn accepted_files_are_read_as_expected() {
    for (path, text) in test_files("ok") {
        let parse = parse(&text);
        assert!(parse.errors.is_empty(), "{}: {:?}", path.display(), parse.errors);
        expect_file![path.with_extension("txt")].assert_eq(&dump::tree(&text, &parse));
    }
}

#[test]
fn refused_files_are_refused_as_expected() {
    for (path, text) in test_files("err") {
        let parse = parse(&text);
        assert!(!parse.errors.is_empty(), "{} has no error", path.display());
        expect_file![path.with_extension("txt")].assert_eq(&dump::tree(&text, &parse));
    }
}

#[test]
fn files_are_coloured_as_expected() {
    for (path, text) in test_files("highlight") {
        let tokens = highlight::tokens(&text, &parse(&text));
        expect_file![path.with_extension("txt")].assert_eq(&dump::tokens(&text, &tokens));
    }
}
