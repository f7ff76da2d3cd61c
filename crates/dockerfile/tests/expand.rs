//! Words, references, platforms and addresses: text in, text out.

use dockerfile::stages::git_ref::{SourceForm, source_form};
use dockerfile::stages::{expand, image_ref, mount, platform};

/// What the words below can see.
fn lookup(name: &str) -> Option<&'static str> {
    let variables = [
        ("DIR", "/srv/app"),
        ("FILE", "app-1.2.tar.gz"),
        ("EMPTY", ""),
        ("LIST", "a b"),
        ("REF", "$DIR"),
        ("LINES", "one\ntwo"),
        ("2", "second"),
        ("größe", "XL"),
    ];
    variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn check(cases: &[(&str, &str)]) {
    for (word, expected) in cases {
        let found = expand::expand(word, '\\', &lookup).map(|it| it.text);
        assert_eq!(found.as_deref().unwrap_or_else(|message| message), *expected, "{word:?}");
    }
}

/// The error for a word is prefixed with the word.
fn check_errors(cases: &[(&str, &str)]) {
    for (word, expected) in cases {
        let message = expand::expand(word, '\\', &lookup).unwrap_err();
        let (_, reason) = message.split_once("\": ").unwrap();
        assert_eq!(reason, *expected, "{word:?}");
    }
}

#[test]
fn variables_are_put_in_once() {
    check(&[
        ("$DIR/bin", "/srv/app/bin"),
        ("${DIR}s", "/srv/apps"),
        ("$DIRS", ""),
        ("$REF", "$DIR"),
        ("a$EMPTY", "a"),
        ("$nothing", ""),
        ("$größe", "XL"),
        ("$2nd", "secondnd"),
    ]);
}

#[test]
fn a_dollar_in_front_of_anything_else_stays() {
    check(&[("$", "$"), ("5$", "5$"), ("$.", "$."), ("$ x", "$ x"), ("$(pwd)", "$(pwd)"), ("$'a'", "$a")]);
}

#[test]
fn special_parameters_are_names_of_one_character() {
    check(&[("$$DIR", "DIR"), ("$?x", "x"), ("$-a", "a"), ("$0", "")]);
}

#[test]
fn quotes_are_removed() {
    check(&[
        ("'$DIR'", "$DIR"),
        ("\"$DIR\"", "/srv/app"),
        ("a'b'\"c\"", "abc"),
        ("''", ""),
        ("\"it's\"", "it's"),
        ("'say \"hi\"'", "say \"hi\""),
        ("\"$LIST\"", "a b"),
    ]);
}

#[test]
fn the_escape_takes_the_meaning_from_the_next_character() {
    check(&[
        (r"\$DIR", "$DIR"),
        (r"a\ b", "a b"),
        (r"\n", "n"),
        (r#"\"a"#, "\"a"),
        (r"\\", r"\"),
        (r"trailing\", "trailing"),
        (r#""\n \$ \" \\""#, r#"\n $ " \"#),
        (r"'\n'", r"\n"),
    ]);
}

#[test]
fn the_escape_can_be_a_backtick() {
    let found = expand::expand(r"C:\a`$DIR$DIR", '`', &lookup).unwrap();
    assert_eq!(found.text, r"C:\a$DIR/srv/app");
}

#[test]
fn a_default_stands_in_for_what_is_unset() {
    check(&[
        ("${NO-def}", "def"),
        ("${EMPTY-def}", ""),
        ("${EMPTY:-def}", "def"),
        ("${DIR:-def}", "/srv/app"),
        ("${NO:-$DIR/x}", "/srv/app/x"),
        ("${NO:-${NO2:-deep}}", "deep"),
        (r"${NO:-a\}b}", "a}b"),
        ("${NO:-'a}b'}", "a}b"),
        ("${NO:-}", ""),
    ]);
}

#[test]
fn an_alternative_stands_in_for_what_is_set() {
    check(&[("${DIR+yes}", "yes"), ("${EMPTY+yes}", "yes"), ("${EMPTY:+yes}", ""), ("${NO+yes}", "")]);
}

#[test]
fn a_demand_fails_where_nothing_is_set() {
    check(&[("${DIR:?}", "/srv/app"), ("${EMPTY?}", "")]);
    check_errors(&[
        ("${NO?}", "NO: is not allowed to be unset"),
        ("${EMPTY:?}", "EMPTY: is not allowed to be empty"),
        ("${NO:?set $DIR first}", "NO: set /srv/app first"),
    ]);
}

#[test]
fn prefixes_and_suffixes_are_cut_off() {
    check(&[
        ("${FILE%.*}", "app-1.2.tar"),
        ("${FILE%%.*}", "app-1"),
        ("${FILE#*-}", "1.2.tar.gz"),
        ("${DIR##*/}", "app"),
        ("${DIR#*/}", "srv/app"),
        ("${FILE%.zip}", "app-1.2.tar.gz"),
        ("${FILE%??}", "app-1.2.tar."),
        (r"${FILE#a\*}", "app-1.2.tar.gz"),
        ("${FILE#[a-z]}", "app-1.2.tar.gz"),
        ("${NO#x}", ""),
    ]);
}

#[test]
fn patterns_do_not_cross_a_line_end() {
    check(&[("${LINES#*t}", "one\ntwo"), ("${LINES##*e}", "\ntwo"), ("${LINES//?/x}", "xxx\nxxx")]);
}

#[test]
fn matches_are_replaced() {
    check(&[
        ("${DIR/\\//_}", "_srv/app"),
        ("${DIR//\\//_}", "_srv_app"),
        ("${FILE/.*/}", "app-1"),
        ("${FILE//./-}", "app-1-2-tar-gz"),
        ("${FILE/x/y}", "app-1.2.tar.gz"),
        ("${LIST// /$EMPTY}", "ab"),
    ]);
}

#[test]
fn a_replacement_of_all_is_a_template() {
    check(&[
        (r"${LIST//a/[\$0]}", r"[\a] b"),
        (r"${LIST//a/\$1x}", r"\ b"),
        (r"${LIST//a/\$\{0\}\$}", r"\$\{0\}\$ b"),
        (r"${LIST/a/\$0}", r"\$0 b"),
    ]);
}

#[test]
fn an_empty_match_is_replaced_everywhere_but_behind_another_match() {
    check(&[("${LIST///-}", "-a- -b-"), ("${LIST//*/-}", "-"), ("${LIST//\\*/-}", "a b")]);
}

#[test]
fn what_is_no_substitution_is_an_error() {
    check_errors(&[
        ("${", "syntax error: missing '}'"),
        ("${}", "syntax error: bad substitution"),
        ("${:x}", "syntax error: bad substitution"),
        ("${{x}}", "syntax error: bad substitution"),
        ("${DIR", "unsupported modifier (\u{fffd}) in substitution"),
        ("${DIR:", "syntax error: missing '}'"),
        ("${DIR-", "syntax error: missing '}'"),
        ("${DIR^}", "unsupported modifier (^) in substitution"),
        ("${DIR:1}", "unsupported modifier (:1) in substitution"),
        ("${DIR:=x}", "unsupported modifier (:=) in substitution"),
        ("${DIR:#x}", "unsupported modifier (:#) in substitution"),
        ("${DIR/x}", "syntax error: missing '/' in ${}"),
        ("${DIR/x/y", "syntax error: missing '}'"),
        (r"${DIR#\a}", r"invalid pattern (\a) in substitution: invalid escape '\a'"),
        ("'a", "unexpected end of statement while looking for matching single-quote"),
        ("\"a", "unexpected end of statement while looking for matching double-quote"),
        ("${NO:-\"a}", "syntax error: missing '}'"),
    ]);
}

#[test]
fn an_error_names_the_word() {
    let message = expand::expand("a\"b\t", '\\', &lookup).unwrap_err();
    assert!(message.starts_with(r#"failed to process "a\"b\t": "#), "{message}");
}

#[test]
fn substitutions_nested_without_end_do_no_harm() {
    let word = "${A-".repeat(100_000);
    assert!(expand::expand(&word, '\\', &lookup).is_err());
}

#[test]
fn patterns_full_of_stars_take_no_time() {
    let word = format!("${{FILE##{}z}}", "*".repeat(5_000));
    assert_eq!(expand::expand(&word, '\\', &lookup).unwrap().text, "");
    let word = format!("${{DIR##{}q}}", "*a".repeat(5_000));
    assert_eq!(expand::expand(&word, '\\', &lookup).unwrap().text, "/srv/app");
}

#[test]
fn used_and_unset_variables_are_reported() {
    let found = expand::expand("$DIR ${NO:-$LIST} '$FILE' ${NO2+$EMPTY}", '\\', &lookup).unwrap();
    assert_eq!(found.used, ["DIR", "EMPTY", "LIST"]);
    assert_eq!(found.unset, ["NO", "NO2"]);
}

#[test]
fn words_are_split_after_expansion_unless_quoted() {
    let words = |word: &str| expand::expand_to_words(word, '\\', &lookup).unwrap().0;
    assert_eq!(words("$LIST c"), ["a", "b", "c"]);
    assert_eq!(words("\"$LIST\" c"), ["a b", "c"]);
    assert_eq!(words(r"a\ b"), ["a b"]);
    assert_eq!(words("$EMPTY"), [""; 0]);
}

#[test]
fn a_word_begun_before_a_modifier_is_lost() {
    let words = |word: &str| expand::expand_to_words(word, '\\', &lookup).unwrap().0;
    assert_eq!(words("80${NO:-81}"), ["81"]);
    assert_eq!(words("80 9${NO:-81}"), ["80", "81"]);
    assert_eq!(words("80$NO"), ["80"]);
}

#[test]
fn heredocs_keep_their_quotes() {
    let found = expand::expand_heredoc("'$DIR' \"x\" \\$DIR \\\\", &lookup).unwrap();
    assert_eq!(found.text, "'/srv/app' \"x\" $DIR \\");
}

#[test]
fn references_are_normalised() {
    // The default domain is in one place only.
    let full = |rest: &str| format!("{}/{rest}", image_ref::DEFAULT_DOMAIN);
    let digest = format!("sha256:{}", "0a".repeat(32));
    let cases = [
        ("alpine".to_owned(), full("library/alpine:latest"), "alpine".to_owned()),
        ("alpine:3".to_owned(), full("library/alpine:3"), "alpine:3".to_owned()),
        ("alpine:latest".to_owned(), full("library/alpine:latest"), "alpine".to_owned()),
        ("some/app".to_owned(), full("some/app:latest"), "some/app".to_owned()),
        (full("alpine"), full("library/alpine:latest"), "alpine".to_owned()),
        (full("library/a/b"), full("library/a/b:latest"), "library/a/b".to_owned()),
        ("0".to_owned(), full("library/0:latest"), "0".to_owned()),
        ("localhost/a".to_owned(), "localhost/a:latest".to_owned(), "localhost/a".to_owned()),
        ("host:5000/a:b".to_owned(), "host:5000/a:b".to_owned(), "host:5000/a:b".to_owned()),
        ("Host/a".to_owned(), "Host/a:latest".to_owned(), "Host/a".to_owned()),
        ("[::1]:5000/a".to_owned(), "[::1]:5000/a:latest".to_owned(), "[::1]:5000/a".to_owned()),
        (format!("a@{digest}"), full(&format!("library/a@{digest}")), format!("a@{digest}")),
        (
            format!("a:latest@{digest}"),
            full(&format!("library/a:latest@{digest}")),
            format!("a:latest@{digest}"),
        ),
    ];
    for (text, normalized, short) in cases {
        let found = image_ref::parse(&text).unwrap();
        assert_eq!((found.normalized(), found.short()), (normalized, short), "{text}");
    }
}

#[test]
fn invalid_references_are_refused_in_known_words() {
    let cases = [
        ("", "invalid reference format"),
        ("a:", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a__b___c", "invalid reference format"),
        ("a//b", "invalid reference format"),
        ("host:x/a", "invalid reference format"),
        ("a@sha256:00", "invalid reference format"),
        ("Alpine", "invalid reference format: repository name (library/Alpine) must be lowercase"),
        ("a/B:c", "invalid reference format: repository name (a/B) must be lowercase"),
    ];
    for (text, message) in cases {
        assert_eq!(image_ref::parse(text).unwrap_err(), message, "{text:?}");
    }
    let hex = "0123456789abcdef".repeat(4);
    let message = format!("invalid repository name ({hex}), cannot specify 64-byte hexadecimal strings");
    assert_eq!(image_ref::parse(&hex).unwrap_err(), message);
    assert_eq!(
        image_ref::parse(&format!("a@md5:{}", "0".repeat(32))).unwrap_err(),
        "unsupported digest algorithm"
    );
    assert_eq!(
        image_ref::parse(&"a".repeat(256)).unwrap_err(),
        "repository name must not be more than 255 characters"
    );
}

#[test]
fn platforms_are_normalised() {
    let cases = [
        ("linux/amd64", "linux/amd64"),
        ("LINUX/X86_64", "linux/amd64"),
        ("windows", "windows/amd64"),
        ("arm64", "linux/arm64"),
        ("linux/aarch64/v8", "linux/arm64/v8"),
        ("linux/arm/7", "linux/arm/v7"),
        ("armel", "linux/arm/v6"),
        ("windows(10.0+f)/amd64", "windows(10.0+f)/amd64"),
        ("plan10/quantum", "plan10/quantum"),
    ];
    for (text, format) in cases {
        assert_eq!(platform::parse(text).unwrap().format(), format, "{text}");
    }
    for text in ["", "linux/", "linux/a/b/c", "z80", "linux/*", "li nux/a", "linux(/a"] {
        assert!(platform::parse(text).is_err(), "{text}");
    }
}

#[test]
fn sources_are_paths_downloads_or_repositories() {
    let form = |text: &str| match source_form(text) {
        SourceForm::Local => "path".to_owned(),
        SourceForm::Http => "download".to_owned(),
        SourceForm::Git(git) => {
            format!("{} {} {}", git.remote, git.reference, git.subdir).trim_end().to_owned()
        }
        SourceForm::BadGit(message) => message,
    };
    let cases = [
        ("src/", "path"),
        ("a.git", "path"),
        ("github.com/user/repo", "path"),
        ("./git@host:x", "path"),
        ("ftp://host/x.git", "path"),
        ("http:/x", "path"),
        ("https://host/file.tar.gz", "download"),
        ("https://host/repo.git/file", "download"),
        ("https://host:port/repo.git", "download"),
        ("https://host/repo.git", "https://host/repo.git"),
        ("http://host/repo.git#v1:sub", "http://host/repo.git v1 sub"),
        ("https://host/repo.git?tag=v1&subdir=d", "https://host/repo.git refs/tags/v1 d"),
        ("https://host/repo.git?branch=b", "https://host/repo.git refs/heads/b"),
        ("https://host/repo.git?commit=abc", "https://host/repo.git abc"),
        ("https://host/repo.git?tag=a&branch=b", "branch conflicts with tag"),
        ("https://host/repo.git?ref=a#b", "ref conflicts: \"b\" vs \"a\""),
        ("https://host/repo.git?x=1", "unexpected query \"x\""),
        ("https://host/repo.git?ref", "query \"ref\" has no value"),
        ("https://host/repo.git?ref=a&ref=a", "query \"ref\" has multiple values"),
        ("git@host:user/repo", "git@host:user/repo"),
        ("git://host/repo#x", "git://host/repo x"),
        ("ssh://git@host/repo", "ssh://git@host/repo"),
    ];
    for (text, expected) in cases {
        assert_eq!(form(text), expected, "{text}");
    }
}

#[test]
fn mounts_are_checked_in_the_order_in_which_they_are_written() {
    let read = |value: &str| {
        let mount = mount::parse(value, &mut |word| Ok(word.to_uppercase().to_lowercase()));
        mount.map(|it| {
            let access = if it.read_only { "ro" } else { "rw" };
            format!("{} {} {}:{} {access}", it.kind.name(), it.from, it.source, it.target)
        })
    };
    let cases = [
        ("target=/x", "bind  :/x ro"),
        ("type=bind,from=a,source=b,target=/x,rw", "bind a b:/x rw"),
        ("TYPE=Cache,dst=/c", "cache  :/c rw"),
        ("type=tmpfs,destination=/t,size=1m", "tmpfs  :/t rw"),
        ("type=secret,id=a,required", "secret  : ro"),
        ("\"target=/a,b\"", "bind  :/a,b ro"),
        ("target=/x,readonly=false", "bind  :/x rw"),
        ("target=/x,target=/y", "bind  :/y ro"),
        ("", "failed to parse csv mounts: EOF"),
        ("type=bin", "unsupported mount type \"bin\""),
        ("x", "invalid field 'x' must be a key=value pair"),
        ("x=y", "unexpected key 'x' in 'x=y'"),
        ("size=1,type=tmpfs", "unexpected key 'size' for mount type 'bind'"),
        ("required", "unexpected key 'required' for mount type 'bind'"),
        ("ro=maybe", "invalid value for ro: maybe"),
        ("type=cache,uid=x", "invalid value x for uid"),
        ("uid=1", "uid not allowed for \"bind\" type mounts"),
        ("sharing=shared", "invalid cache sharing set for bind mount"),
        ("type=cache,sharing=none", "unsupported sharing value \"none\""),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,from=a,id=b", "secret mount should not have a from"),
        ("type=secret,source=a,id=b", "both source and id can't be set"),
    ];
    for (value, expected) in cases {
        let found = read(value).unwrap_or_else(|error| error.message);
        assert_eq!(found, expected, "{value}");
    }
    assert_eq!(
        mount::parse("type=bin", &mut |it| Ok(it.to_owned())).unwrap_err().suggestion.as_deref(),
        Some("bind")
    );
}

#[test]
fn blanks_behind_two_angles_belong_to_the_word() {
    let words = |text: &str| expand::expand_to_words(text, '\\', &|_| None).unwrap().0;
    assert_eq!(words("a<<\t b c"), ["a<<\t b", "c"]);
    assert_eq!(words("a<< "), ["a<< "]);
    assert_eq!(words("a<<\r\nb"), ["a<<\r", "b"]);
    // An escaped angle does not count.
    assert_eq!(words("a\\<< b"), ["a<<", "b"]);
}
