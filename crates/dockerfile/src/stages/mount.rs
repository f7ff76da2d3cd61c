//! `RUN --mount`: the comma-separated fields of one mount.
//!
//! Follows `instructions/commands_runmount.go`. Surprising: BuildKit reads the value twice. The first time,
//! for every RUN of the file, it sees `from` alone and as written; the second time, only in stages that are
//! built, values are expanded and everything else is checked, in the order in which it is written.

use super::go;
use crate::suggest;
use crate::syntax::Word;
use crate::syntax::mounts::{self, CsvError, MountField};
use crate::text::TextRange;

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
    let fields = fields(value).unwrap_or_default();
    let from = fields.into_iter().rfind(|it| it.value.is_some() && it.key.text.eq_ignore_ascii_case("from"));
    from.and_then(|field| field.value).map(|value| value.text.into_owned()).unwrap_or_default()
}

/// Reads a mount; `expand` expands one value.
///
/// # Errors
/// The first thing BuildKit objects to.
pub fn parse(
    value: &str,
    expand: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Result<Mount, MountError> {
    let fields = fields(value).map_err(|error| format!("failed to parse csv mounts: {}", error.message))?;
    let mut mount = Mount::default();
    let mut read_only = None;
    for field in &fields {
        let key = go::to_lower(&field.key.text);
        let for_type = |kind: MountType| format!("unexpected key '{key}' for mount type '{}'", kind.name());
        let Some(written) = &field.value else {
            match &*key {
                "readonly" | "ro" => read_only = Some(true),
                "readwrite" | "rw" => read_only = Some(false),
                "required" if matches!(mount.kind, MountType::Secret | MountType::Ssh) => {
                    mount.required = true
                }
                "required" => return Err(for_type(mount.kind).into()),
                _ => return Err(format!("invalid field '{}' must be a key=value pair", field.text()).into()),
            }
            continue;
        };
        let value = expand(&written.text)?;
        let invalid = || MountError::from(format!("invalid value for {key}: {value}"));
        match &*key {
            "type" => {
                let name = go::to_lower(&value);
                let known = MountType::ALL.iter().find(|(known, _)| *known == name);
                mount.kind = known.map(|&(_, kind)| kind).ok_or_else(|| MountError {
                    message: format!("unsupported mount type {}", go::quote(&value)),
                    suggestion: suggest::nearest_of_map(&value, mounts::TYPES.iter().copied()),
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
                let name = go::to_lower(&value);
                if !["shared", "private", "locked"].contains(&&*name) {
                    return Err(MountError {
                        message: format!("unsupported sharing value {}", go::quote(&value)),
                        suggestion: suggest::nearest_of_map(
                            &value,
                            ["locked", "private", "shared"].into_iter(),
                        ),
                    });
                }
                mount.sharing = name.into_owned();
            }
            "mode" | "uid" | "gid" => {
                let radix = if key == "mode" { 8 } else { 10 };
                let number = u32::from_str_radix(&value, radix).ok().filter(|_| !value.starts_with('+'));
                if number.is_none() {
                    return Err(format!("invalid value {value} for {key}").into());
                }
                match &*key {
                    "mode" => mount.mode = number,
                    "uid" => mount.uid = number,
                    _ => mount.gid = number,
                }
            }
            "env" => mount.env = Some(value),
            _ => {
                return Err(MountError {
                    message: format!("unexpected key '{key}' in '{}'", field.text()),
                    suggestion: suggest::nearest_of_map(&key, mounts::key_names()),
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

/// The bytes that `docker/go-units` (`RAMInBytes`) reads: a number as Go reads one, a blank if you like, and a unit.
fn size(text: &str) -> Option<i64> {
    let last = text.rfind(|it: char| it.is_ascii_digit() || matches!(it, '.' | ' '))?;
    let (number, unit) = text.split_at(last + 1);
    let number: f64 = without_underscores(number.strip_suffix(' ').unwrap_or(number))?.parse().ok()?;
    if !number.is_finite() || number < 0.0 || unit.len() > 3 {
        return None;
    }
    let unit = go::to_lower(unit);
    let power = match unit.as_bytes() {
        [] | b"b" => 0,
        [prefix] | [prefix, b'b'] | [prefix, b'i', b'b'] => {
            b"kmgtp".iter().position(|unit| unit == prefix)? as i32 + 1
        }
        _ => return None,
    };
    Some((number * 1024f64.powi(power)) as i64)
}

/// A number without the underscores that Go allows between digits.
fn without_underscores(number: &str) -> Option<String> {
    let is_digit = |part: Option<u8>| part.is_some_and(|it| it.is_ascii_digit());
    let parts: Vec<&str> = number.split('_').collect();
    let are_between = parts
        .windows(2)
        .all(|pair| is_digit(pair[0].bytes().next_back()) && is_digit(pair[1].bytes().next()));
    are_between.then(|| parts.concat())
}

/// The fields of a value that stands by itself.
fn fields(value: &str) -> Result<Vec<MountField<'_>>, CsvError> {
    mounts::split(&Word { text: value.into(), range: TextRange::new(0, value.len()) }, value)
}
