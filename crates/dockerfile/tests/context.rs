//! A Dockerfile and paths in, what its COPY and ADD lines take out.

use dockerfile::context::Selection;
use dockerfile::stages::{self, BuildOptions, Effect};
use dockerfile::syntax;

/// Each row: an instruction, paths that it takes, and paths that it does not.
#[track_caller]
fn check_takes(rows: &[(&str, &[&str], &[&str])]) {
    for (line, taken, left) in rows {
        let text = format!("FROM scratch\n{line}\n");
        let graph = stages::resolve(&syntax::parse(&text), &BuildOptions::default());
        assert_eq!((graph.errors.len(), graph.stage_errors.len()), (0, 0), "{line}");
        let selections = graph.stages[0].commands.iter().flat_map(|command| match &command.effect {
            Effect::Copy(copied) => Selection::of_copy(copied),
            Effect::Run(ran) => ran.mounts.iter().filter_map(Selection::of_mount).collect(),
            _ => Vec::new(),
        });
        let selections: Vec<Selection> = selections.collect();
        let takes = |path: &str| selections.iter().any(|it| it.takes(path));
        for path in *taken {
            assert!(takes(path), "{line} takes {path}");
        }
        for path in *left {
            assert!(!takes(path), "{line} does not take {path}");
        }
    }
}

#[test]
fn sources_are_paths_from_the_root_of_the_context() {
    check_takes(&[
        ("COPY . /", &["a", "a/b", ".git/config"], &[]),
        ("COPY / /", &["a"], &[]),
        ("COPY ../.. /", &["a"], &[]),
        ("COPY a /", &["a", "a/b", "a/b/c"], &["ab", "b/a", "A"]),
        ("COPY ./a/ /", &["a", "a/b"], &["b"]),
        ("COPY /a/../b /", &["b/c"], &["a"]),
        ("COPY a b/c /", &["a", "b/c", "b/c/d"], &["b", "b/d"]),
        ("COPY [\"a b\", \"/\"]", &["a b"], &["a"]),
        ("ADD a https://example.org/b /", &["a"], &["b"]),
        ("ADD a.tar.gz /", &["a.tar.gz"], &["a"]),
        ("COPY <<x /a\nx\n", &[], &["x", "a"]),
    ]);
}

#[test]
fn a_wildcard_stops_at_a_slash() {
    check_takes(&[
        ("COPY *.go /", &["a.go", ".go", "a.go/b", "a.go/b/c.md"], &["b/a.go", "a.god"]),
        ("COPY * /", &["a", "a/b", ".a"], &[]),
        ("COPY */a /", &["b/a", "b/a/c"], &["a", "b", "b/c/a"]),
        ("COPY **/a /", &["b/a"], &["a", "b/c/a"]),
        ("COPY a? /", &["ab", "aé", "ab/c"], &["a", "abc"]),
        ("COPY a/*/c*e /", &["a/b/ce", "a/b/cde/f"], &["a/b/cdef", "a/ce", "a/b/c/e"]),
        ("COPY a[b-d]e[^f] /", &["abex", "adex"], &["aeex", "abef"]),
        ("COPY arr[[]0].txt /", &["arr[0].txt"], &["arr0.txt"]),
        ("COPY a*b*c /", &["abc", "abbcc"], &["ab", "abcd"]),
        ("COPY x*y[ /", &[], &["xy[", "xy"]),
    ]);
}

#[test]
fn exclude_leaves_out_what_is_below_the_source() {
    check_takes(&[
        ("COPY --exclude=*.md . /", &["a", "b/a.md"], &["a.md", "a.md/b"]),
        ("COPY --exclude=**/*.md . /", &["a"], &["a.md", "b/a.md"]),
        ("COPY --exclude=*.md a /", &["a", "a/b", "a/b/c.md"], &["a/c.md", "b.md"]),
        ("COPY --exclude=a a /", &["a", "a/b"], &["a/a"]),
        ("COPY --exclude=*.md *.md /", &["a.md"], &["a.md/b.md"]),
        ("COPY --exclude=a --exclude=b . /", &["c"], &["a", "b/c"]),
        ("COPY --exclude=* --exclude=!a . /", &["a", "a/b"], &["b"]),
        ("COPY --exclude=/a . /", &["a"], &[]),
        ("COPY --exclude=#a . /", &["a"], &["#a"]),
    ]);
}

#[test]
fn parents_makes_a_pattern_of_the_source() {
    check_takes(&[
        ("COPY --parents a/b /", &["a/b", "a/b/c"], &["a/c", "a"]),
        ("COPY --parents **/*.toml /", &["a.toml", "b/c/a.toml"], &["a"]),
        ("COPY --parents a/./b/* /", &["a/b/c", "a/b/c/d"], &["b/c", "a/c"]),
        ("COPY --parents ./a/./b /", &["a/b"], &["b"]),
        ("COPY --parents */./x /", &["a/x", "b/x/y"], &["x", "a/b/x"]),
        ("COPY --parents --exclude=**/b ** /", &["a"], &["b", "a/b"]),
        ("COPY --parents --exclude=b a/./* /", &["a/c"], &["a/b"]),
        ("COPY --parents . /", &[], &["a", "a/b"]),
    ]);
}

#[test]
fn mounts_know_no_wildcards() {
    check_takes(&[
        ("RUN --mount=target=/x ls", &["a", "a/b"], &[]),
        ("RUN --mount=source=a,target=/x ls", &["a", "a/b"], &["b"]),
        ("RUN --mount=source=a*,target=/x ls", &["a*"], &["ab"]),
        ("RUN --mount=type=tmpfs,target=/x ls", &[], &["a"]),
        ("RUN --mount=type=secret,id=a ls", &[], &["a"]),
    ]);
}
