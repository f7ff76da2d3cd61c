//! The variables that a shell script uses, and whether it sets them itself.
//!
//! Only what is plain is told: in doubt a script sets a variable, and does not use it.

/// A variable that a script puts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use<'s> {
    /// Its name.
    pub(super) name: &'s str,
    /// Where the `$` stands.
    pub(super) at: usize,
}

/// The variables that a script puts in by `$NAME` or `${NAME}`, each as often as it is there. What has a default
/// (`${NAME:-x}`) is meant to be unset at times, and does not count; nor does what stands in single quotes.
pub(super) fn uses(script: &str) -> Vec<Use<'_>> {
    let bytes = script.as_bytes();
    let mut uses = Vec::new();
    let (mut at, mut is_double) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => is_double = !is_double,
            b'\'' if !is_double => at += script[at + 1..].find('\'').map_or(script.len() - at, |len| len + 1),
            b'#' if !is_double && (at == 0 || bytes[at - 1].is_ascii_whitespace()) => {
                at += script[at..].find('\n').unwrap_or(script.len() - at);
            }
            b'$' => {
                let rest = &script[at + 1..];
                let (rest, is_braced) = rest.strip_prefix('{').map_or((rest, false), |rest| (rest, true));
                let len =
                    rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '_').unwrap_or(rest.len());
                let (name, behind) = rest.split_at(len);
                let has_default =
                    is_braced && behind.trim_start_matches(':').starts_with(['-', '=', '+', '?']);
                if !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && !has_default {
                    uses.push(Use { name, at });
                }
                at += usize::from(is_braced) + len;
            }
            _ => {}
        }
        at += 1;
    }
    uses
}

/// Whether a script may set a variable: it assigns it, reads it, or runs another script in its place.
pub(super) fn may_set(script: &str, name: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '$' || char == '{';
    let is_set = script.match_indices(name).any(|(at, _)| {
        let (before, behind) = (&script[..at], &script[at + name.len()..]);
        let is_word = !before.ends_with(is_part)
            && !behind.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_');
        let line = before.rsplit(['\n', ';', '&', '|']).next().unwrap_or_default();
        let is_named = line.split_whitespace().any(|word| {
            matches!(
                word,
                "for" | "read" | "mapfile" | "readarray" | "getopts" | "local" | "declare" | "export"
            )
        });
        is_word && (behind.starts_with('=') || behind.starts_with("+=") || is_named)
    });
    is_set || runs_another(script)
}

/// Whether a script runs another in its place, which may set anything.
fn runs_another(script: &str) -> bool {
    script.split(['\n', ';', '&', '|', '(', '{', '"', '\'', '`']).any(|command| {
        let mut words = command
            .split_whitespace()
            .skip_while(|word| matches!(*word, "then" | "do" | "else" | "if" | "!"));
        matches!(words.next(), Some("." | "source" | "eval"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[&str]) {
        let names: Vec<&str> = uses(script).into_iter().map(|it| it.name).collect();
        assert_eq!(names, expected, "{script}");
    }

    #[test]
    fn variables_are_found_where_the_shell_puts_them_in() {
        check("a $B \"${C}d $E\" ${F%x} $G$H", &["B", "C", "E", "F", "G", "H"]);
        check("a '$B' \"it's $C\" \\$D # $E\n$F", &["C", "F"]);
        check("${A:-b} ${C-d} ${E:+f} ${G:=h} ${I:?j} $1 $$ $? ${#K} $", &[]);
        check("a '$B", &[]);
        check("é$É $Bé", &["B"]);
    }

    #[test]
    fn a_script_sets_what_it_assigns() {
        assert!(may_set("A=1 b", "A") && may_set("export A", "A") && may_set("read -r A", "A"));
        assert!(may_set("for A in b; do c; done", "A") && may_set(". /etc/os-release && b $A", "A"));
        assert!(!may_set("echo $A", "A") && !may_set("AB=1; c", "A") && !may_set("b --A", "A"));
        assert!(!may_set("cd . && source-map $A", "A"));
    }
}
