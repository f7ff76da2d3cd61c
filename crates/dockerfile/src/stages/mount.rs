//! `RUN --mount`: the comma-separated fields of one mount.
//!
//! Follows `instructions/commands_runmount.go`. Surprising: BuildKit reads the value twice. The first time,
//! for every RUN of the file, it sees `from` alone and as written; the second time, only in stages that are
//! built, values are expanded and everything else is checked, in the order in which it is written.

use super::{go, suggest};

/// The kinds of mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MountType {
    /// Files of another stage, an image or the build context.
    #[default]
    Bind,
    /// A directory that is kept between builds.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A secret.
    Secret,
    /// A socket of an SSH agent.
    Ssh,
}

impl MountType {
    const ALL: &[(&'static str, MountType)] = &[
        ("bind", MountType::Bind),
        ("cache", MountType::Cache),
        ("secret", MountType::Secret),
        ("ssh", MountType::Ssh),
        ("tmpfs", MountType::Tmpfs),
    ];

    /// The word behind `type=`.
    pub fn name(self) -> &'static str {
        match self {
            MountType::Bind => "bind",
            MountType::Cache => "cache",
            MountType::Tmpfs => "tmpfs",
            MountType::Secret => "secret",
            MountType::Ssh => "ssh",
        }
    }
}

/// A mount after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// What kind it is.
    pub kind: MountType,
    /// `from`, or empty.
    pub from: String,
    /// `source`, or empty.
    pub source: String,
    /// `target`, or empty.
    pub target: String,
    /// `id`, or empty.
    pub id: String,
    /// Whether the command cannot write to it.
    pub read_only: bool,
    /// `required` of a secret or an SSH socket.
    pub required: bool,
    /// Whether a secret becomes an environment variable.
    pub env: Option<String>,
    /// `sharing` of a cache, or empty.
    pub sharing: String,
    /// `size` of a tmpfs in bytes.
    pub size: Option<i64>,
    /// `mode`.
    pub mode: Option<u32>,
    /// `uid`.
    pub uid: Option<u32>,
    /// `gid`.
    pub gid: Option<u32>,
}

/// What is wrong with a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountError {
    /// BuildKit's message.
    pub message: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl From<String> for MountError {
    fn from(message: String) -> MountError {
        MountError { message, suggestion: None }
    }
}

/// The `from` of a mount as BuildKit uses it to find the stage: unexpanded, the last one wins, empty if
/// there is none or the value is no valid list.
pub fn written_from(value: &str) -> String {
    let fields = csv_fields(value).unwrap_or_default();
    let from = fields.iter().rev().find_map(|field| {
        let (key, value) = field.split_once('=')?;
        key.eq_ignore_ascii_case("from").then_some(value)
    });
    from.unwrap_or_default().to_owned()
}

const KEYS: &[&str] = &[
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

/// Reads a mount; `expand` expands one value.
///
/// # Errors
/// The first thing BuildKit objects to.
pub fn parse(
    value: &str,
    expand: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<Mount, MountError> {
    let fields = csv_fields(value).map_err(|message| format!("failed to parse csv mounts: {message}"))?;
    let mut mount = Mount::default();
    let mut read_only = None;
    for field in &fields {
        let (key, written) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value)),
            None => (field.to_lowercase(), None),
        };
        let for_type = |kind: MountType| format!("unexpected key '{key}' for mount type '{}'", kind.name());
        let Some(written) = written else {
            match key.as_str() {
                "readonly" | "ro" => read_only = Some(true),
                "readwrite" | "rw" => read_only = Some(false),
                "required" if matches!(mount.kind, MountType::Secret | MountType::Ssh) => {
                    mount.required = true
                }
                "required" => return Err(for_type(mount.kind).into()),
                _ => return Err(format!("invalid field '{field}' must be a key=value pair").into()),
            }
            continue;
        };
        let value = expand(written)?;
        let invalid = || MountError::from(format!("invalid value for {key}: {value}"));
        match key.as_str() {
            "type" => {
                let name = value.to_lowercase();
                let known = MountType::ALL.iter().find(|(known, _)| *known == name);
                mount.kind = known.map(|&(_, kind)| kind).ok_or_else(|| MountError {
                    message: format!("unsupported mount type {}", go::quote(&value)),
                    suggestion: suggest::nearest(&value, MountType::ALL.iter().map(|(name, _)| *name)),
                })?;
            }
            "from" => mount.from = value,
            "source" | "src" => mount.source = value,
            "target" | "dst" | "destination" => mount.target = value,
            "readonly" | "ro" => read_only = Some(parse_bool(&value).ok_or_else(invalid)?),
            "readwrite" | "rw" => read_only = Some(!parse_bool(&value).ok_or_else(invalid)?),
            "required" => match mount.kind {
                MountType::Secret | MountType::Ssh => {
                    mount.required = parse_bool(&value).ok_or_else(invalid)?
                }
                MountType::Bind | MountType::Cache | MountType::Tmpfs => {
                    return Err(for_type(mount.kind).into());
                }
            },
            "size" => match mount.kind {
                MountType::Tmpfs => mount.size = Some(size(&value).ok_or_else(invalid)?),
                MountType::Bind | MountType::Cache | MountType::Secret | MountType::Ssh => {
                    return Err(for_type(mount.kind).into());
                }
            },
            "id" => mount.id = value,
            "sharing" => {
                let name = value.to_lowercase();
                if !["shared", "private", "locked"].contains(&name.as_str()) {
                    return Err(MountError {
                        message: format!("unsupported sharing value {}", go::quote(&value)),
                        suggestion: suggest::nearest(&value, ["locked", "private", "shared"].into_iter()),
                    });
                }
                mount.sharing = name;
            }
            "mode" | "uid" | "gid" => {
                let radix = if key == "mode" { 8 } else { 10 };
                let number = u32::from_str_radix(&value, radix).ok().filter(|_| !value.starts_with('+'));
                if number.is_none() {
                    return Err(format!("invalid value {value} for {key}").into());
                }
                match key.as_str() {
                    "mode" => mount.mode = number,
                    "uid" => mount.uid = number,
                    _ => mount.gid = number,
                }
            }
            "env" => mount.env = Some(value),
            _ => {
                return Err(MountError {
                    message: format!("unexpected key '{key}' in '{field}'"),
                    suggestion: suggest::nearest(&key, KEYS.iter().copied()),
                });
            }
        }
    }
    check(&mount)?;
    mount.read_only = read_only.unwrap_or(match mount.kind {
        MountType::Cache | MountType::Tmpfs => false,
        MountType::Bind | MountType::Secret | MountType::Ssh => true,
    });
    Ok(mount)
}

/// What must hold between the fields of a mount (`validateMount`).
fn check(mount: &Mount) -> Result<(), String> {
    let kind = mount.kind.name();
    if matches!(mount.kind, MountType::Bind | MountType::Tmpfs) {
        for (number, key) in [(mount.mode, "mode"), (mount.uid, "uid"), (mount.gid, "gid")] {
            if number.is_some() {
                return Err(format!("{key} not allowed for \"{kind}\" type mounts"));
            }
        }
    }
    if mount.kind == MountType::Secret {
        if !mount.from.is_empty() {
            return Err("secret mount should not have a from".to_owned());
        }
        if !mount.sharing.is_empty() {
            return Err("secret mount should not define sharing".to_owned());
        }
        if mount.source.is_empty() && mount.target.is_empty() && mount.id.is_empty() {
            return Err("invalid secret mount. one of source, target required".to_owned());
        }
        if !mount.source.is_empty() && !mount.id.is_empty() {
            return Err("both source and id can't be set".to_owned());
        }
    }
    if !mount.sharing.is_empty() && mount.kind != MountType::Cache {
        return Err(format!("invalid cache sharing set for {kind} mount"));
    }
    Ok(())
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The bytes that `docker/go-units` (`RAMInBytes`) reads: a number, a blank if you like, and a unit.
fn size(text: &str) -> Option<i64> {
    let digits = text.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
    let power = match unit.as_bytes() {
        [] | b"b" => 0,
        [prefix] | [prefix, b'b'] | [prefix, b'i', b'b'] => {
            b"kmgtp".iter().position(|unit| unit == prefix)? as i32 + 1
        }
        _ => return None,
    };
    Some((number.parse::<f64>().ok()? * 1024f64.powi(power)) as i64)
}

/// One record of comma-separated values, as Go's `encoding/csv` reads it.
fn csv_fields(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Err("EOF".to_owned());
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, tail) =
                rest.split_once(',').map_or((rest, None), |(field, tail)| (field, Some(tail)));
            if let Some(at) = field.find('"') {
                let column = text.len() - rest.len() + at + 1;
                return Err(format!("parse error on line 1, column {column}: bare \" in non-quoted-field"));
            }
            fields.push(field.to_owned());
            match tail {
                Some(tail) => rest = tail,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut tail = quoted;
        loop {
            let Some((part, after)) = tail.split_once('"') else {
                let column = text.len() + 1;
                return Err(format!(
                    "parse error on line 1, column {column}: extraneous or missing \" in quoted-field"
                ));
            };
            field.push_str(part);
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    tail = after;
                }
                None => {
                    tail = after;
                    break;
                }
            }
        }
        fields.push(field);
        if tail.is_empty() {
            return Ok(fields);
        }
        let Some(next) = tail.strip_prefix(',') else {
            let column = text.len() - tail.len();
            return Err(format!(
                "parse error on line 1, column {column}: extraneous or missing \" in quoted-field"
            ));
        };
        rest = next;
    }
}
