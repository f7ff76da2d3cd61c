//! Platform specifiers such as `linux/arm64/v8`.
//!
//! Follows `containerd/platforms` (`Parse`, `FormatAll`). Surprising: `linux` or `arm64` alone is enough, the
//! missing half is that of the machine BuildKit runs on, taken as linux/amd64 here; and names are normalised
//! (`x86_64` is `amd64`, `armhf` is `arm`).

use super::go;

/// A platform in normal form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Platform {
    /// Operating system, e.g. `linux`.
    pub os: String,
    /// Version of the operating system, mostly empty.
    pub os_version: String,
    /// Required features of the operating system, mostly none.
    pub os_features: Vec<String>,
    /// Architecture, e.g. `amd64`.
    pub architecture: String,
    /// Variant of the architecture, e.g. `v7`, or empty.
    pub variant: String,
}

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// The expressions that `containerd/platforms` quotes in its messages.
const OS_FORM: &str = r"^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$";
const COMPONENT_FORM: &str = r"^[A-Za-z0-9_.-]+$";

impl Platform {
    /// The specifier, e.g. `linux/arm64/v8` or `windows(10.0.17763)/amd64` (`FormatAll`).
    pub fn format(&self) -> String {
        if self.os.is_empty() {
            return "unknown".to_owned();
        }
        if self.os_version.is_empty() && self.os_features.is_empty() {
            return go::join_path(&[&self.os, &self.architecture, &self.variant]);
        }
        let mut options = encode_option(&self.os_version);
        let mut features = self.os_features.clone();
        features.sort();
        for feature in &features {
            options.push('+');
            options.push_str(&encode_option(feature));
        }
        let os = if options.is_empty() { self.os.clone() } else { format!("{}({options})", self.os) };
        go::join_path(&[&os, &self.architecture, &self.variant])
    }
}

/// Reads a platform specifier.
///
/// # Errors
/// The message of `containerd/platforms`.
pub fn parse(specifier: &str) -> Result<Platform, String> {
    let quoted = || go::quote(specifier);
    if specifier.contains('*') {
        return Err(format!("{}: wildcards not yet supported: invalid argument", quoted()));
    }
    let parts: Vec<&str> = specifier.splitn(4, '/').collect();
    let mut platform = Platform::default();
    for (part_idx, part) in parts.iter().enumerate() {
        if part_idx == 0 {
            let Some((os, version, features)) = split_os(part) else {
                return Err(format!(
                    "{} is an invalid OS component of {}: OSAndVersion specifier component must match {}: \
                     invalid argument",
                    go::quote(part),
                    quoted(),
                    go::quote(OS_FORM)
                ));
            };
            platform.os = normal_os(os);
            platform.os_version = decode_option(version).map_err(|message| {
                format!("{} has an invalid OS version {}: {message}", quoted(), go::quote(version))
            })?;
            for feature in features {
                platform.os_features.push(decode_option(feature).map_err(|message| {
                    format!("{} has an invalid OS feature {}: {message}", quoted(), go::quote(feature))
                })?);
            }
        } else if part.is_empty()
            || !part.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.-".contains(&it))
        {
            return Err(format!(
                "{} is an invalid component of {}: platform specifier component must match {}: \
                 invalid argument",
                go::quote(part),
                quoted(),
                go::quote(COMPONENT_FORM)
            ));
        }
    }
    match *parts.as_slice() {
        [_] if KNOWN_OS.contains(&platform.os.as_str()) => platform.architecture = "amd64".to_owned(),
        [only] => {
            (platform.architecture, platform.variant) = normal_arch(only, "");
            drop_default_arm_variant(&mut platform);
            if !KNOWN_ARCH.contains(&platform.architecture.as_str()) {
                return Err(format!(
                    "{}: unknown operating system or architecture: invalid argument",
                    quoted()
                ));
            }
            platform.os = "linux".to_owned();
        }
        [_, architecture] => {
            (platform.architecture, platform.variant) = normal_arch(architecture, "");
            drop_default_arm_variant(&mut platform);
        }
        [_, architecture, variant] => {
            (platform.architecture, platform.variant) = normal_arch(architecture, variant);
            if platform.architecture == "arm64" && platform.variant.is_empty() {
                platform.variant = "v8".to_owned();
            }
        }
        _ => return Err(format!("{}: cannot parse platform specifier: invalid argument", quoted())),
    }
    Ok(platform)
}

/// Splits `os(version+feature+feature)`.
fn split_os(part: &str) -> Option<(&str, &str, Vec<&str>)> {
    let is_word = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
    let is_option = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.%-".contains(&it));
    let (os, options) = match part.split_once('(') {
        Some((os, options)) => (os, options.strip_suffix(')')?),
        None => (part, ""),
    };
    let mut options = options.split('+');
    let version = options.next().unwrap_or_default();
    let features: Vec<&str> = options.collect();
    let is_valid = !os.is_empty()
        && is_word(os)
        && is_option(version)
        && features.iter().all(|it| !it.is_empty() && is_option(it));
    is_valid.then_some((os, version, features))
}

fn normal_os(os: &str) -> String {
    let os = os.to_ascii_lowercase();
    if os == "macos" { "darwin".to_owned() } else { os }
}

/// Architecture and variant in normal form.
fn normal_arch(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = (architecture.to_ascii_lowercase(), variant.to_ascii_lowercase());
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64" | "amd64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
        ("aarch64" | "arm64", variant) => ("arm64", variant),
        ("armhf", _) => ("arm", "v7"),
        ("armel", _) => ("arm", "v6"),
        ("arm", "" | "7") => ("arm", "v7"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "6") => ("arm", "v6"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (architecture.to_owned(), variant.to_owned())
}

fn drop_default_arm_variant(platform: &mut Platform) {
    if platform.architecture == "arm" && platform.variant == "v7" {
        platform.variant.clear();
    }
}

/// Characters that would end an option are written as `%XX`.
fn encode_option(text: &str) -> String {
    text.replace('%', "%25").replace('+', "%2B").replace('(', "%28").replace(')', "%29").replace('/', "%2F")
}

/// Undoes [`encode_option`], as `url.PathUnescape`.
fn decode_option(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = tail;
            continue;
        }
        let digits = tail.get(..2).filter(|it| it.iter().all(u8::is_ascii_hexdigit));
        let Some(value) = digits.and_then(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok())
        else {
            let shown = String::from_utf8_lossy(&rest[..rest.len().min(3)]).into_owned();
            return Err(format!("invalid URL escape {}", go::quote(&shown)));
        };
        bytes.push(value);
        rest = &tail[2..];
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
