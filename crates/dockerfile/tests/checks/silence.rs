//! What silences our rules, and the comments that are offered for it.

use dockerfile::checks::{self, File};
use dockerfile::edit;
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;

/// The names of what is found, the number of what is silenced, and for the first finding of `rule` the text that comes
/// of each way to silence it.
fn check(text: &str, rule: &str) -> (Vec<&'static str>, usize, Vec<String>) {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::Default).ok();
    let file = File::new(text, &parse, &graph, &options, cut.as_ref());
    let found = checks::find(&file);
    let finding = found.findings.iter().find(|finding| finding.rule.name == rule);
    let ways = finding.map_or(Vec::new(), |finding| checks::ways_to_silence(&file, finding));
    let ways = ways.into_iter().map(|fix| edit::apply(text, &fix.edits).unwrap()).collect();
    (found.findings.iter().map(|finding| finding.rule.name).collect(), found.n_silenced, ways)
}

fn is_found(text: &str, rule: &str) -> bool {
    check(text, rule).0.contains(&rule)
}

const REFERS: &str = "COPY --from=0 /a /a\n";

#[test]
fn comments_silence_our_rules() {
    let with = |above: &str| format!("FROM a AS b\nFROM scratch\n{above}{REFERS}");
    assert!(is_found(&with(""), "NumericReference"));
    for above in [
        "# check=skip=NumericReference\n",
        "# check=skip=StageNameCasing,NumericReference // because\n",
        "# check=skip=all\n",
        "# stagelight skip=NumericReference\n",
        "# stagelight skip=UnnamedStage, NumericReference // because\n",
        "# stagelight skip=all\n",
    ] {
        assert!(!is_found(&with(above), "NumericReference"), "{above}");
        assert!(check(&with(above), "").1 > 0, "{above}");
    }
    for above in
        ["# stagelight skip=UnnamedStage\n", "# stagelight skip-file=NumericReference\n", "# skip=all\n"]
    {
        assert!(is_found(&with(above), "NumericReference"), "{above}");
    }
}

#[test]
fn the_top_of_the_file_silences_everywhere() {
    let with = |above: &str| format!("{above}FROM a AS b\nFROM scratch\n{REFERS}");
    for above in [
        "# check=skip=NumericReference\n",
        "# check=skip=all\n",
        "# a comment\n\n# stagelight skip-file=NumericReference\n",
    ] {
        assert!(!is_found(&with(above), "NumericReference"), "{above}");
    }
}

#[test]
fn comments_of_hadolint_silence_what_corresponds() {
    let with = |above: &str| format!("FROM a\n{above}MAINTAINER b\n");
    assert!(is_found(&with(""), "MaintainerDeprecated"));
    assert!(!is_found(&with("# hadolint ignore=DL3006,DL4000\n"), "MaintainerDeprecated"));
    assert!(is_found(&with("# hadolint ignore=DL3006\n"), "MaintainerDeprecated"));
    let text = format!("# hadolint global ignore=DL4000\n{}", with(""));
    assert!(!is_found(&text, "MaintainerDeprecated"));
}

#[test]
fn what_is_offered_silences() {
    for text in [
        format!("FROM a AS b\nFROM scratch\n{REFERS}"),
        format!("FROM a AS b\r\nFROM scratch\r\n{REFERS}"),
        format!("FROM a AS b\nFROM scratch\n  {REFERS}"),
        format!("# syntax=docker/dockerfile:1\n\nFROM a AS b\nFROM scratch\n{REFERS}"),
        format!(
            "# syntax=docker/dockerfile:1\n# check=skip=UnnamedStage;error=true\nFROM a AS b\nFROM c\n{REFERS}"
        ),
        format!(
            "# check=error=true\nFROM a AS b\nFROM scratch\n# check=skip=UndefinedVar // because\n{REFERS}"
        ),
    ] {
        let (found, _, ways) = check(&text, "NumericReference");
        assert!(found.contains(&"NumericReference"));
        assert_eq!(ways.len(), 2, "{text}");
        for way in ways {
            assert!(!is_found(&way, "NumericReference"), "{way}");
            assert!(syntax::parse(&way).errors.is_empty(), "{way}");
            assert_eq!(way.contains('\r'), text.contains('\r'));
        }
    }
    let (_, _, ways) = check("FROM a\nRUN b\nFROM c\n", "UnnamedStage");
    assert_eq!(
        ways,
        ["# check=skip=UnnamedStage\nFROM a\nRUN b\nFROM c\n"],
        "at the top it would be a directive"
    );
}
