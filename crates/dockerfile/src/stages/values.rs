//! Values that BuildKit checks once they are expanded: ports, signals, permissions.
//!
//! Follows `convert_expose.go`, `moby/sys/signal` and the parser of modes that `COPY --chmod` uses. Each
//! function gives BuildKit's message, or nothing if the value is fine. Surprising: a port may come with an
//! address and a port of the host, which mean nothing; and a signal may be any number but 0.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::go;

/// What is wrong with the words of an EXPOSE.
pub(crate) fn expose(words: &[String]) -> Option<String> {
    words.iter().find_map(|word| port(word))
}

/// The ports that valid words of an EXPOSE stand for, as `80/tcp`, sorted, each once; up to 65,536 a word and
/// protocol (`nat.ParsePortSpecs`).
pub fn ports(words: &[String]) -> Vec<String> {
    let mut ports = BTreeSet::new();
    for word in words {
        let container = word.rsplit(':').next().unwrap_or_default();
        let (range, proto) = container.split_once('/').unwrap_or((container, ""));
        let proto = if proto.is_empty() { "tcp".into() } else { go::to_lower(proto) };
        if let Some((start, end)) = port_range(range) {
            ports.extend((start..=end).map(|port| format!("{port}/{proto}")));
        }
    }
    ports.into_iter().collect()
}

/// `[ip:][host:]container[/proto]`
fn port(word: &str) -> Option<String> {
    let mut parts = word.rsplitn(3, ':');
    let (container, host, ip) = (parts.next()?, parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let (container, proto) = container.split_once('/').unwrap_or((container, ""));
    let quoted = go::quote(word);
    if container.is_empty() {
        return Some(format!("invalid port: {quoted}: no port specified"));
    }
    if !["", "tcp", "udp", "sctp"].contains(&&*go::to_lower(proto)) {
        return Some(format!("invalid port: {quoted}: invalid proto: {proto}"));
    }
    let bare = match bracketed(ip) {
        Ok(bare) => bare,
        Err(why) => return Some(format!("invalid IP address {ip}: address {ip}:: {why}")),
    };
    if !bare.is_empty() && bare.parse::<IpAddr>().is_err() {
        return Some(format!("invalid IP address: {bare}"));
    }
    let Some((start, end)) = port_range(container) else {
        return Some(format!("invalid containerPort: {container}"));
    };
    if host.is_empty() {
        return None;
    }
    let Some((host_start, host_end)) = port_range(host) else {
        return Some(format!("invalid hostPort: {host}"));
    };
    // A range of host ports may serve a single container port.
    (end - start != host_end - host_start && end != start)
        .then(|| format!("invalid ranges specified for container and host Ports: {container} and {host}"))
}

/// An address without its brackets (`net.SplitHostPort`); the error says what is wrong with them.
fn bracketed(ip: &str) -> Result<&str, &'static str> {
    let Some(rest) = ip.strip_prefix('[') else { return Ok(ip) };
    let Some((inner, behind)) = rest.split_once(']') else { return Err("missing ']' in address") };
    match behind {
        "" if inner.contains('[') => Err("unexpected '[' in address"),
        "" => Ok(inner),
        behind if behind.starts_with(':') => Err("too many colons in address"),
        _ => Err("missing port in address"),
    }
}

/// `start` or `start-end`.
fn port_range(text: &str) -> Option<(u16, u16)> {
    // Go reads a signed number, so that a plus sign may stand in front, and `-0` cannot: it begins a range.
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    let (start, end): (u16, u16) = (start.parse().ok()?, end.parse().ok()?);
    (start <= end).then_some((start, end))
}

/// The signals, without `SIG`.
pub(crate) const SIGNALS: &[&str] = &[
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
];

/// What is wrong with a STOPSIGNAL.
pub(super) fn signal(text: &str) -> Option<String> {
    let is_valid = match text.parse::<i64>() {
        Ok(number) => number != 0,
        Err(_) => {
            let upper = go::to_upper(text);
            let name = upper.strip_prefix("SIG").unwrap_or(&upper);
            let offset = |prefix: &str, last: u8| {
                let digits = name.strip_prefix(prefix)?;
                let is_plain = !digits.starts_with(['0', '+']);
                digits.parse().ok().filter(|number: &u8| is_plain && (1..=last).contains(number))
            };
            SIGNALS.contains(&name) || offset("RTMIN+", 15).is_some() || offset("RTMAX-", 14).is_some()
        }
    };
    (!is_valid).then(|| format!("invalid signal: {text}"))
}

/// What is wrong with a `--chmod`.
pub(super) fn chmod(text: &str) -> Option<String> {
    let digits_only = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let octal = if digits_only { u32::from_str_radix(text, 8).ok() } else { None };
    match octal {
        Some(0..=0o7777) => None,
        None if !text.starts_with(|it: char| it.is_ascii_digit()) => {
            (!is_symbolic_mode(text)).then(|| "invalid syntax".to_owned())
        }
        Some(_) | None => Some(format!(
            "invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777"
        )),
    }
}

/// `u+rwx,go=u-w` and the like.
fn is_symbolic_mode(text: &str) -> bool {
    text.split(',').all(|clause| {
        let clause = clause.trim_start_matches(['a', 'u', 'g', 'o']);
        clause.starts_with(['+', '-', '=']) && clause.bytes().all(|it| b"+-=rwxXstugo".contains(&it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(judge: fn(&str) -> Option<String>, cases: &[(&str, Option<&str>)]) {
        for (text, fault) in cases {
            assert_eq!(judge(text).as_deref(), *fault, "{text:?}");
        }
    }

    #[test]
    fn ports_have_an_optional_address_and_protocol() {
        check(
            port,
            &[
                ("80", None),
                ("80/UDP", None),
                ("80/", None),
                ("8000-8010", None),
                ("127.0.0.1:8080:80", None),
                ("[::1]:8080:80", None),
                ("8000-8010:80", None),
                (":80", None),
                ("65536", Some("invalid containerPort: 65536")),
                ("+80", None),
                ("[::1:80:80", Some("invalid IP address [::1: address [::1:: missing ']' in address")),
                ("90-80", Some("invalid containerPort: 90-80")),
                ("1-2-3", Some("invalid containerPort: 1-2-3")),
                ("80/tpc", Some("invalid port: \"80/tpc\": invalid proto: tpc")),
                ("/udp", Some("invalid port: \"/udp\": no port specified")),
                ("x:80", Some("invalid hostPort: x")),
                ("1.2.3:80:80", Some("invalid IP address: 1.2.3")),
                ("1-3:80-81", Some("invalid ranges specified for container and host Ports: 80-81 and 1-3")),
            ],
        );
    }

    #[test]
    fn signals_are_numbers_or_names() {
        let bad = |text| Some(text);
        check(
            signal,
            &[
                ("9", None),
                ("-1", None),
                ("SIGTERM", None),
                ("sigrtmin+3", None),
                ("RTMAX-14", None),
                ("0", bad("invalid signal: 0")),
                ("SIG", bad("invalid signal: SIG")),
                ("RTMIN+16", bad("invalid signal: RTMIN+16")),
                ("STOP ", bad("invalid signal: STOP ")),
            ],
        );
    }

    #[test]
    fn permissions_are_octal_or_symbolic() {
        let octal = |text: &str| {
            format!("invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")
        };
        check(
            chmod,
            &[
                ("755", None),
                ("07777", None),
                ("u+x,go-w", None),
                ("=rX", None),
                ("a+rw-x", None),
                ("10000", Some(&octal("10000"))),
                ("8", Some(&octal("8"))),
                ("7a", Some(&octal("7a"))),
                ("u", Some("invalid syntax")),
                ("x", Some("invalid syntax")),
                ("u+x,", Some("invalid syntax")),
            ],
        );
    }
}
