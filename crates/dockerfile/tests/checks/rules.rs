//! What silences a rule, which stages are looked at, and where a check ends: a Dockerfile in, a line for each finding
//! out.

use std::fmt::Write;

use dockerfile::checks::{self, File, Scope};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use expect_test::{Expect, expect};

/// Checks all stages.
fn check(dockerfile: &str, expect: Expect) {
    check_with(dockerfile, &BuildOptions::default(), expect);
}

/// Checks the stages of the target of `options`, or all if there is none.
fn check_with(dockerfile: &str, options: &BuildOptions, expect: Expect) {
    let parse = syntax::parse(dockerfile);
    let graph = stages::resolve(&parse, options);
    let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref()));
    let scope = match options.target {
        Some(_) => Scope::Target(cut.as_ref()),
        None => Scope::AllStages,
    };
    let checked = checks::check(&parse, &graph, options, scope);
    let mut out = String::new();
    for finding in &checked.findings {
        let name = finding.rule.name;
        let hidden = if finding.hidden { " (hidden)" } else { "" };
        let stage = finding.stage.map_or("-".to_owned(), |stage| stage.0.to_string());
        let lines = finding.lines;
        let shown = finding.range.of(dockerfile);
        writeln!(out, "{}-{} [{stage}] {name}{hidden} {shown:?}", lines.first, lines.last).unwrap();
    }
    if let Some(error) = checked.error {
        writeln!(out, "error: {}", error.full_message()).unwrap();
    }
    expect.assert_eq(&out);
}

#[test]
fn the_directive_skips_rules_everywhere() {
    check(
        "# check=skip=MaintainerDeprecated,JSONArgsRecommended\nFROM a as b\nMAINTAINER c\nCMD d\n",
        expect![[r#"
            2-2 [0] FromAsCasing "as"
        "#]],
    );
    check("# check=skip=all\nFROM a as B\n", expect![]);
}

#[test]
fn a_comment_skips_rules_of_the_instruction_below() {
    check(
        "FROM a\n# check=skip=JSONArgsRecommended // a shell is wanted\nCMD b\nENTRYPOINT c\n",
        expect![[r#"
        4-4 [0] JSONArgsRecommended "c"
    "#]],
    );
    check("FROM a\n# check=skip=all\n# why\nCMD b\n", expect![]);
    // Only the first such comment counts.
    check(
        "FROM a\n# check=skip=StageNameCasing\n# check=skip=JSONArgsRecommended\nCMD b\n",
        expect![[r#"
        4-4 [0] JSONArgsRecommended "b"
    "#]],
    );
    // One that cannot be read says nothing.
    check(
        "FROM a\n# check=nonsense\nCMD b\n",
        expect![[r#"
        3-3 [0] JSONArgsRecommended "b"
    "#]],
    );
}

#[test]
fn some_rules_listen_to_the_directive_alone() {
    check(
        "FROM a AS b\n# check=skip=all\nFROM c AS b\n",
        expect![[r#"
        3-3 [1] InvalidDefinitionDescription (hidden) "FROM"
        3-3 [1] DuplicateStageName "b"
    "#]],
    );
    check("# check=skip=DuplicateStageName\nFROM a AS b\nFROM c AS b\n", expect![]);
}

#[test]
fn what_is_experimental_is_hidden_until_it_is_asked_for() {
    check(
        "# about nothing\nFROM a AS b\n",
        expect![[r#"
        2-2 [0] InvalidDefinitionDescription (hidden) "FROM"
    "#]],
    );
    check(
        "# check=experimental=all\n# about nothing\nFROM a AS b\n",
        expect![[r#"
        3-3 [0] InvalidDefinitionDescription "FROM"
    "#]],
    );
    check(
        "FROM a\n# about nothing\n# check=experimental=InvalidDefinitionDescription\nARG b\n",
        expect![[r#"
        4-4 [0] InvalidDefinitionDescription "ARG"
    "#]],
    );
}

#[test]
fn a_target_leaves_out_what_it_does_not_need() {
    let text = "FROM a AS Base\nENV KEY=a\nFROM b AS other\nENV KEY=b\nFROM base\nCMD c\n";
    check(
        text,
        expect![[r#"
        1-1 [0] StageNameCasing "Base"
        2-2 [0] SecretsUsedInArgOrEnv "KEY"
        4-4 [1] SecretsUsedInArgOrEnv "KEY"
        6-6 [2] JSONArgsRecommended "c"
    "#]],
    );
    let target = |name: &str| BuildOptions { target: Some(name.to_owned()), ..BuildOptions::default() };
    check_with(
        text,
        &target("base"),
        expect![[r#"
        1-1 [0] StageNameCasing "Base"
        2-2 [0] SecretsUsedInArgOrEnv "KEY"
    "#]],
    );
    check_with(
        text,
        &target("missing"),
        expect![[r#"
        1-1 [0] StageNameCasing "Base"
        error: target stage "missing" could not be found
    "#]],
    );
}

#[test]
fn an_error_hides_what_stands_behind_it() {
    check(
        "FROM a AS B\nRUN b\\\n\n  c\nCMD [1]\n",
        expect![[r#"
        error: when using JSON array syntax, arrays must be comprised of strings only
    "#]],
    );
    check(
        "FROM a AS B\nRUN b\\\n\n  c\nUSER\n",
        expect![[r#"
        1-1 [0] StageNameCasing "B"
        4-4 [0] NoEmptyContinuation ""
        error: dockerfile parse error on line 5: USER requires exactly one argument
    "#]],
    );
    check(
        "FROM a AS B\nFROM c AS 1D\nFROM e AS F\n",
        expect![[r#"
        1-1 [0] StageNameCasing "B"
        2-2 [1] StageNameCasing "1D"
        error: dockerfile parse error on line 2: invalid name for build stage: "1D", name can't start with a number or contain symbols
    "#]],
    );
    check(
        "FROM a as b\nENV $c=$d e=${f!g} h=$i\nCMD j\n",
        expect![[r#"
        1-1 [0] FromAsCasing "as"
        2-2 [0] UndefinedVar "$c"
        2-2 [0] UndefinedVar "$d"
        error: failed to process "${f!g}": unsupported modifier (!) in substitution
    "#]],
    );
    check(
        "ARG a=${b?c}\nFROM $d\nCMD e\n",
        expect![[r#"
        error: failed to process "${b?c}": b: c
    "#]],
    );
    check(
        "FROM $a\nFROM $b\n",
        expect![[r#"
        1-1 [0] InvalidDefaultArgInFrom "$a"
        1-1 [0] UndefinedArgInFrom "$a"
        2-2 [1] InvalidDefaultArgInFrom "$b"
        error: base name ($a) should not be blank
    "#]],
    );
    check(
        "FROM a\nEXPOSE 1:2 3:b 4:5\n",
        expect![[r#"
        2-2 [0] ExposeInvalidFormat "1:2"
        2-2 [0] ExposeInvalidFormat "3:b"
        error: invalid containerPort: b
    "#]],
    );
}

#[test]
fn triggers_are_looked_at_where_the_last_stage_needs_them() {
    check(
        "FROM a AS b\nONBUILD CMD $c\nONBUILD ENV d=$e\nFROM b AS f\nFROM b\n",
        expect![[r#"
        5-5 [2] JSONArgsRecommended "b"
        5-5 [2] UndefinedVar "b"
    "#]],
    );
}

#[test]
fn variables_come_along_with_the_stage() {
    check(
        "FROM a AS b\nARG c\nENV d=e\nFROM b\nUSER $c$d$f\nFROM a\nUSER $c$d$PATH\n",
        expect![[r#"
        5-5 [1] UndefinedVar "$f"
        7-7 [2] UndefinedVar "$c"
        7-7 [2] UndefinedVar "$d"
    "#]],
    );
    let options = BuildOptions { build_args: vec![("c".into(), "d".into())], ..BuildOptions::default() };
    check_with(
        "FROM a\nARG b=$e c=$e\nUSER $b$c\n",
        &options,
        expect![[r#"
        2-2 [0] UndefinedVar "$e"
    "#]],
    );
}

#[test]
fn findings_can_be_an_error() {
    check(
        "# check=error=true\nFROM a as b\ncmd c\n",
        expect![[r#"
        2-2 [0] FromAsCasing "as"
        3-3 [0] ConsistentInstructionCasing "cmd"
        3-3 [0] JSONArgsRecommended "c"
        error: lint violation found for rules: ConsistentInstructionCasing, FromAsCasing, JSONArgsRecommended
    "#]],
    );
    check(
        "# check=error=true\nFROM a AS b\n# about nothing\nARG c\n",
        expect![[r#"
        4-4 [0] InvalidDefinitionDescription (hidden) "ARG"
    "#]],
    );
}

#[test]
fn an_error_for_findings_comes_before_what_is_wrong_in_the_end() {
    let told = |dockerfile: &str| {
        let parse = syntax::parse(dockerfile);
        let options = BuildOptions::default();
        let graph = stages::resolve(&parse, &options);
        let cut = queries::cut(&graph, &Target::Default);
        let errors = queries::errors(&parse, &graph, &options, cut.as_ref(), &[]);
        errors.iter().map(|error| error.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        told("# check=error=true\nFROM a as b\nRUN []\n"),
        [
            "lint violation found for rules: FromAsCasing",
            "failed to marshal LLB definition: arguments are required"
        ]
    );
    assert_eq!(
        told("# check=error=true\nFROM a as b\nUSER ${c?d}\n"),
        ["failed to process \"${c?d}\": c: d"]
    );
    assert_eq!(told("FROM a as b\n"), [""; 0]);
}

#[test]
fn a_variable_is_shown_where_it_stands() {
    check(
        r#"FROM a
ENV B=\$C$C D=$EF$E G=${H:-$I} J='$K'$K L="x $M"
USER $N\
$O
COPY <<P --chown=$Q $R /
$S${T}
P
RUN --mount=type=bind,target=/m$U v
WORKDIR "$ä"
"#,
        expect![[r#"
            2-2 [0] UndefinedVar "$C"
            2-2 [0] UndefinedVar "$EF"
            2-2 [0] UndefinedVar "$E"
            2-2 [0] UndefinedVar "${H"
            2-2 [0] UndefinedVar "$I"
            2-2 [0] UndefinedVar "$K"
            2-2 [0] UndefinedVar "$M"
            3-4 [0] UndefinedVar "$N\\\n$O"
            3-4 [0] UndefinedVar "$N\\\n$O"
            5-7 [0] UndefinedVar "$Q"
            5-7 [0] UndefinedVar "$R"
            5-7 [0] UndefinedVar "$S"
            5-7 [0] UndefinedVar "${T}"
            8-8 [0] UndefinedVar "$U"
            9-9 [0] WorkdirRelativePath "\"$ä\""
            9-9 [0] UndefinedVar "$ä"
        "#]],
    );
}

#[test]
fn a_stage_that_a_named_context_stands_in_for_is_checked_with_all_stages_alone() {
    let text = "FROM a AS b\nCMD c\nFROM b\nCMD d\n";
    let contexts = vec![("b".to_owned(), ".".to_owned())];
    check_with(
        text,
        &BuildOptions { contexts: contexts.clone(), ..BuildOptions::default() },
        expect![[r#"
        2-2 [0] JSONArgsRecommended "c"
        4-4 [1] JSONArgsRecommended "d"
    "#]],
    );
    // An empty target is the last stage.
    let target = Some(String::new());
    check_with(
        text,
        &BuildOptions { contexts, target, ..BuildOptions::default() },
        expect![[r#"
        4-4 [1] JSONArgsRecommended "d"
    "#]],
    );
}

#[test]
fn what_an_unknown_base_image_may_set_is_in_doubt() {
    let text = "FROM scratch AS a\nENV X=$Y\nFROM golang AS b\nENV X=$GOPATH\nFROM b\nUSER $USER\nCMD c\n";
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let checked = checks::check(&parse, &graph, &options, Scope::AllStages);
    let doubts: Vec<_> = checked.findings.iter().map(|it| (it.lines.first, it.doubt(&graph))).collect();
    let golang = Some("Likely; image golang may set it, which is not in the file.".to_owned());
    assert_eq!(doubts, [(2, None), (4, golang.clone()), (6, golang), (7, None)]);
}

#[test]
fn stages_that_need_each_other_are_not_to_be_moved() {
    let help = |text: &str| {
        let parse = syntax::parse(text);
        let options = BuildOptions { target: Some("a".to_owned()), ..BuildOptions::default() };
        let graph = stages::resolve(&parse, &options);
        let cut = queries::cut(&graph, &Target::from_name(Some("a"))).unwrap();
        let file = File::new(text, &parse, &graph, &options, Some(&cut));
        let findings = checks::find(&file).findings;
        let finding = findings.into_iter().find(|it| it.rule.name == "ForwardReference").unwrap();
        (finding.help.clone().unwrap(), finding.fixes(&file).len())
    };
    assert_eq!(
        help("FROM x AS a\nCOPY --from=b / /\nFROM y AS b\n"),
        ("Stages are built from top to bottom: move 'b' above 'a'".to_owned(), 1)
    );
    let (words, n_fixes) = help("FROM x AS a\nCOPY --from=b / /\nFROM a AS b\n");
    assert!(words.starts_with("'b' needs 'a' as well") && n_fixes == 0, "{words}");
}
