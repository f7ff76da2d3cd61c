//! Small things of Go's standard library that decide what BuildKit accepts and says.
//!
//! Go maps letters one by one (`ß` stays `ß` in upper case), quotes strings in its own way and reads
//! durations and booleans by its own rules; messages show all of that.

mod letters;

use std::borrow::Cow;
use std::fmt::Write;

pub(crate) use letters::{is_digit, is_letter};

/// `strings.ToLower`.
pub(crate) fn to_lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let has_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if has_upper { text.to_ascii_lowercase().into() } else { text.into() };
    }
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// `strings.ToUpper`.
pub(crate) fn to_upper(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let has_lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
        return if has_lower { text.to_ascii_uppercase().into() } else { text.into() };
    }
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                (_, _) => c,
            }
        })
        .collect()
}

/// `strconv.Quote`.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            '\0'..='\u{7f}' => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            _ if is_print(c) => out.push(c),
            '\u{80}'..='\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            '\u{10000}'.. => {
                let _ = write!(out, "\\U{:08x}", c as u32);
            }
        }
    }
    out.push('"');
    out
}

/// `unicode.IsPrint` for characters outside ASCII, asked of the standard library's own tables: it escapes
/// what is not printable, and combining marks only at the start of a string.
fn is_print(c: char) -> bool {
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().count() == 2
}

/// `strconv.ParseBool`.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseInt(text, 10, 32)`; the error is Go's, which looks no further than the digit that is too much.
pub(super) fn parse_int32(text: &str) -> Result<i32, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let fail = |why: &str| Err(format!("strconv.ParseInt: parsing {}: {why}", quote(text)));
    let mut value = 0i64;
    for byte in digits.bytes() {
        if !byte.is_ascii_digit() {
            return fail("invalid syntax");
        }
        value = value * 10 + i64::from(byte - b'0');
        if value > i64::from(u32::MAX) {
            return fail("value out of range");
        }
    }
    if digits.is_empty() {
        return fail("invalid syntax");
    }
    let value = if text.starts_with('-') { -value } else { value };
    i32::try_from(value).or_else(|_| fail("value out of range"))
}

/// `time.ParseDuration`, in nanoseconds; the error is Go's.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote_duration(text));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    if unsigned == "0" {
        return Ok(0);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    const MAX: u64 = 1 << 63;
    let mut rest = unsigned;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let value = whole
            .bytes()
            .try_fold(0u64, |acc, digit| {
                if acc > MAX / 10 {
                    return None;
                }
                Some(acc * 10 + u64::from(digit - b'0')).filter(|&acc| acc <= MAX)
            })
            .ok_or_else(invalid)?;
        let unit_len = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        if unit_len == 0 {
            return Err(format!("time: missing unit in duration {}", quote_duration(text)));
        }
        let (unit_name, after) = after.split_at(unit_len);
        let unit: u64 = match unit_name {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => {
                let (unit, all) = (quote_duration(unit_name), quote_duration(text));
                return Err(format!("time: unknown unit {unit} in duration {all}"));
            }
        };
        if value > MAX / unit {
            return Err(invalid());
        }
        let (numerator, scale) = leading_fraction(fraction);
        let part = value * unit + (numerator as f64 * (unit as f64 / scale)) as u64;
        total = total.checked_add(part).filter(|&total| part <= MAX && total <= MAX).ok_or_else(invalid)?;
        rest = after;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// The digits behind the point as a number and what it is to be divided by; digits that overflow are dropped.
fn leading_fraction(digits: &str) -> (u64, f64) {
    let (mut numerator, mut scale) = (0u64, 1.0);
    for digit in digits.bytes() {
        if numerator > (i64::MAX as u64) / 10 {
            break;
        }
        let next = numerator * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        numerator = next;
        scale *= 10.0;
    }
    (numerator, scale)
}

/// The quoting of package `time`: bytes that are not printable ASCII as `\x…`.
fn quote_duration(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(byte as char);
            }
            b' '..=0x7f => out.push(byte as char),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let cases = [
            ("0", Ok(0)),
            ("5s", Ok(5_000_000_000)),
            ("1h2m3.5s", Ok(3_723_500_000_000)),
            (".5ms", Ok(500_000)),
            ("-1.s", Ok(-1_000_000_000)),
            ("+1us", Ok(1_000)),
            ("", Err("time: invalid duration \"\"")),
            ("5", Err("time: missing unit in duration \"5\"")),
            ("5x", Err("time: unknown unit \"x\" in duration \"5x\"")),
            (".s", Err("time: invalid duration \".s\"")),
            ("1 s", Err("time: unknown unit \" s\" in duration \"1 s\"")),
            ("é", Err("time: invalid duration \"\\xc3\\xa9\"")),
            ("9223372036s", Ok(9_223_372_036_000_000_000)),
            ("9223372037s", Err("time: invalid duration \"9223372037s\"")),
            ("99999999999999999999s", Err("time: invalid duration \"99999999999999999999s\"")),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text), expected.map_err(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn strings_are_quoted_as_go_quotes_them() {
        assert_eq!(
            quote("a\"b\\\t\u{b}\u{1}é\u{a0}\u{301}\u{1f600}"),
            r#""a\"b\\\t\v\x01é\u00a0"#.to_owned() + "\u{301}😀\""
        );
        assert_eq!(to_upper("straße"), "STRAßE");
        assert_eq!(to_lower("WOR\u{212a}DİR"), "workdir");
    }

    #[test]
    fn integers_are_read_as_go_reads_them() {
        assert_eq!(parse_int32("+3"), Ok(3));
        assert_eq!(parse_int32("1_0"), Err("strconv.ParseInt: parsing \"1_0\": invalid syntax".to_owned()));
        assert_eq!(
            parse_int32("2147483648"),
            Err("strconv.ParseInt: parsing \"2147483648\": value out of range".to_owned())
        );
    }
}
