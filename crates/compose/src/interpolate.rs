//! Variables in the texts of a Compose file: `$VAR`, `${VAR:-default}` and their like (`template` of compose-go).
//!
//! What the environment has is not known here, except for what somebody has told. A default is what counts as long as
//! nothing is told, and the variable is noted.

use crate::Variables;

/// Defaults may hold variables with defaults; nobody goes deeper.
const MAX_DEPTH: usize = 16;

/// What a text comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interpolated {
    /// The text; `None` if a part of it is not known.
    pub(crate) text: Option<String>,
    /// The first variable that nothing is known of.
    pub(crate) missing: Option<String>,
    /// Variables that have the value of their default.
    pub(crate) defaulted: Vec<String>,
    /// Every variable that is named, with its default if it has one.
    pub(crate) named: Vec<(String, Option<String>)>,
    /// A `${VAR:?message}` of which the variable is not known.
    pub(crate) required: Option<String>,
}

/// Puts variables in.
///
/// # Errors
/// A sentence on what is wrong with the text.
pub(crate) fn interpolate(text: &str, variables: &Variables) -> Result<Interpolated, String> {
    let mut out = Interpolated { text: Some(String::with_capacity(text.len())), ..Interpolated::default() };
    into(text, variables, &mut out, 0)?;
    Ok(out)
}

fn into(text: &str, variables: &Variables, out: &mut Interpolated, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err("Defaults lie too deep within each other".to_owned());
    }
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        push(out, &rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            push(out, "$");
            rest = behind;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let end =
                closing(inner).ok_or_else(|| format!("The brace of '${{{}' is not closed", head(inner)))?;
            braced(&inner[..end], variables, out, depth)?;
            rest = &inner[end + 1..];
        } else {
            let len = name_len(rest);
            if len == 0 {
                return Err(format!("'${}' names no variable; write $$ for a plain $", head(rest)));
            }
            value(&rest[..len], None, variables, out);
            rest = &rest[len..];
        }
    }
    push(out, rest);
    Ok(())
}

/// What stands between braces.
fn braced(inner: &str, variables: &Variables, out: &mut Interpolated, depth: usize) -> Result<(), String> {
    let len = name_len(inner);
    let (name, rest) = inner.split_at(len);
    if name.is_empty() {
        return Err(format!("'${{{}}}' names no variable", head(inner)));
    }
    let (takes_empty, operator) = match rest.strip_prefix(':') {
        Some(operator) => (false, operator),
        None => (true, rest),
    };
    let given = variables.get(name).filter(|given| takes_empty || !given.is_empty());
    let mut operators = operator.chars();
    match operators.next() {
        None if takes_empty => value(name, None, variables, out),
        Some('-') => match given {
            Some(_) => value(name, None, variables, out),
            None => {
                let mut default = Interpolated { text: Some(String::new()), ..Interpolated::default() };
                into(operators.as_str(), variables, &mut default, depth + 1)?;
                out.named.push((name.to_owned(), default.text.clone()));
                out.named.append(&mut default.named);
                // Somebody has said that it is empty; then only the default is left.
                if !variables.contains_key(name) {
                    out.defaulted.push(name.to_owned());
                }
                out.defaulted.append(&mut default.defaulted);
                out.required = out.required.take().or(default.required);
                match default.text {
                    Some(text) => push(out, &text),
                    None => lose(out, default.missing.unwrap_or_default()),
                }
            }
        },
        Some('?') => match given {
            Some(_) => value(name, None, variables, out),
            None => {
                out.named.push((name.to_owned(), None));
                let message = operators.as_str().trim();
                let message = if message.is_empty() { "it has to be set" } else { message };
                out.required = out.required.take().or_else(|| Some(format!("{name}: {message}")));
                lose(out, name.to_owned());
            }
        },
        Some('+') => match (given, variables.contains_key(name)) {
            (Some(_), _) => into(operators.as_str(), variables, out, depth + 1)?,
            (None, true) => out.named.push((name.to_owned(), Some(String::new()))),
            (None, false) => {
                out.named.push((name.to_owned(), None));
                lose(out, name.to_owned());
            }
        },
        Some(_) | None => {
            return Err(format!(
                "'${{{}}}' has no form that Compose knows, such as ${{{name}:-default}}",
                head(inner)
            ));
        }
    }
    Ok(())
}

/// Puts in a variable as it is.
fn value(name: &str, default: Option<&str>, variables: &Variables, out: &mut Interpolated) {
    out.named.push((name.to_owned(), default.map(str::to_owned)));
    match variables.get(name) {
        Some(given) => push(out, given),
        None => lose(out, name.to_owned()),
    }
}

fn push(out: &mut Interpolated, text: &str) {
    if let Some(all) = &mut out.text {
        all.push_str(text);
    }
}

fn lose(out: &mut Interpolated, name: String) {
    out.text = None;
    out.missing.get_or_insert(name);
}

/// Where the brace closes that was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn name_len(text: &str) -> usize {
    let starts = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    let len = text.bytes().take_while(|it| it.is_ascii_alphanumeric() || *it == b'_').count();
    if starts { len } else { 0 }
}

/// The beginning of a text, to be shown.
fn head(text: &str) -> String {
    let head: String = text.chars().take(20).collect();
    head.split('\n').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, or what is missing behind a question mark, or the error behind an exclamation mark.
    fn check(text: &str, expected: &str) {
        let variables =
            [("SET", "s"), ("EMPTY", "")].map(|(name, it)| (name.to_owned(), it.to_owned())).into();
        let told = match interpolate(text, &variables) {
            Ok(Interpolated { text: Some(text), .. }) => text,
            Ok(it) => format!("?{}", it.missing.unwrap_or_default()),
            Err(why) => format!("!{why}"),
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn variables_are_put_in() {
        let rows = [
            ("a$$b", "a$b"),
            ("$SET-x", "s-x"),
            ("${SET}x", "sx"),
            ("$NONE", "?NONE"),
            ("${NONE:-d}", "d"),
            ("${NONE-d}", "d"),
            ("${EMPTY:-d}", "d"),
            ("${EMPTY-d}", ""),
            ("${NONE:-}", ""),
            ("${NONE:-${ALSO:-deep}}", "deep"),
            ("${NONE:-${ALSO}}", "?ALSO"),
            ("${SET:-${ALSO}}", "s"),
            ("${NONE:?needed}", "?NONE"),
            ("${SET:?needed}", "s"),
            ("${SET:+alt}", "alt"),
            ("${EMPTY:+alt}", ""),
            ("${EMPTY+alt}", "alt"),
            ("${NONE:+alt}", "?NONE"),
            ("$1", "!'$1' names no variable; write $$ for a plain $"),
            ("${A", "!The brace of '${A' is not closed"),
            ("${A%b}", "!'${A%b}' has no form that Compose knows, such as ${A:-default}"),
            ("${}", "!'${}' names no variable"),
        ];
        for (text, expected) in rows {
            check(text, expected);
        }
    }

    #[test]
    fn deep_defaults_have_an_end() {
        let text = format!("{}x{}", "${A:-".repeat(50_000), "}".repeat(50_000));
        assert!(interpolate(&text, &Variables::new()).is_err());
    }
}
