//! The name of an ARG or ENV sounds like a secret: whoever has the image, or its history, can read it. ARGs above the
//! first FROM are not looked at.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::Fix;
use crate::refactor;
use crate::stages::quote;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "SecretsUsedInArgOrEnv",
    description: "Sensitive data should not be used in the ARG or ENV commands",
    page: include_str!("secrets_used_in_arg_or_env.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// Words between underscores that make a name sound like a secret.
const SECRET: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

/// Words that make it sound like something else all the same.
const NO_SECRET: &[&str] = &["public", "file", "version"];

/// `keyword` is ARG or ENV.
pub(super) fn check(keyword: &str, name: &str, range: TextRange, acc: &mut Linter) {
    if sounds_secret(name) {
        let name = quote(name);
        let message = format!("Do not use ARG or ENV instructions for sensitive data ({keyword} {name})");
        acc.add(&RULE, range, message);
    }
}

/// Whether the name of a variable sounds like a secret.
pub(in crate::checks) fn sounds_secret(name: &str) -> bool {
    let has = |words: &[&str]| name.split('_').any(|part| words.iter().any(|word| folds_to(part, word)));
    has(SECRET) && !has(NO_SECRET)
}

/// Whether Go's regular expressions take `part` for `word` where case does not matter: the long s and the Kelvin sign
/// fold too.
fn folds_to(part: &str, word: &str) -> bool {
    let fold = |char: char| match char {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        char => char.to_ascii_lowercase(),
    };
    part.chars().map(fold).eq(word.chars())
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, step)) = file.row_at(finding.range.start).filter(|(_, step)| *step > 0) else {
        return Vec::new();
    };
    refactor::mount_secret(file, (stage.id, step), finding.range.of(file.text)).into_iter().collect()
}
