//! The values of RUN's flags (BuildKit's `instructions/commands_run*.go`, in the order of their file names).

use super::Check;
use crate::suggest;
use crate::syntax::instructions::{NETWORKS, SECURITY_MODES};
use crate::syntax::{Word, go, mounts};

impl Check<'_, '_> {
    /// Checks the values of RUN's flags.
    pub(super) fn run(&mut self) {
        let instruction = self.instruction;
        if instruction.flags.is_empty() {
            return;
        }
        let values = |name| {
            let named = instruction.flags.iter().filter(move |flag| flag.name.text == name);
            named.filter_map(|flag| flag.value.as_ref())
        };
        let n_before = self.errors.len();
        for device in values("device") {
            self.device(device);
        }
        for mount in values("mount") {
            self.mount(mount);
        }
        if self.errors.len() > n_before {
            return;
        }
        if let Some(value) = instruction.flag("network").filter(|it| !NETWORKS.contains(&&it.text[..])) {
            let message = format!("invalid network mode {}", go::quote(&value.text));
            return self.error(value.range, message, Some("The network can be default, none or host"));
        }
        if let Some(value) = instruction.flag("security").filter(|it| !SECURITY_MODES.contains(&&it.text[..]))
        {
            let message = format!("security {} is not valid", go::quote(&value.text));
            self.error(value.range, message, Some("The security mode can be sandbox or insecure"));
        }
    }

    /// `ParseDevice` of `instructions/commands_rundevice.go`.
    fn device(&mut self, value: &Word<'_>) {
        let fields = match mounts::split(value, self.text) {
            Ok(fields) => fields,
            Err(error) => {
                return self.error(
                    error.range,
                    format!("failed to parse csv devices: {}", error.message),
                    None,
                );
            }
        };
        let mut name = String::new();
        for field in fields {
            let key = go::to_lower(&field.key.text);
            match (&key[..], &field.value) {
                ("required", None) => {}
                ("required", Some(value)) => {
                    if go::parse_bool(&value.text).is_none() {
                        let message = format!("invalid value for {key}: {}", value.text);
                        return self.error(value.range, message, Some("Write true or false"));
                    }
                }
                ("name", Some(value)) => {
                    if !name.is_empty() {
                        let message = format!("device name already set to {name}");
                        return self.error(field.range, message, None);
                    }
                    name = value.text.to_string();
                }
                (_, _) if name.is_empty() => name = field.text(),
                (_, None) => {
                    let message = format!("invalid field '{}' must be a key=value pair", field.text());
                    return self.error(field.range, message, None);
                }
                (_, Some(_)) => {
                    let suggestion = suggest::nearest_of_map(&key, ["name", "required"].into_iter());
                    let message = format!("unexpected key '{key}' in '{}'", field.text());
                    return self.suggest(field.key.range, message, suggestion, None);
                }
            }
        }
    }

    /// The part of `parseMount` (`instructions/commands_runmount.go`) that comes before variables are known.
    fn mount(&mut self, value: &Word<'_>) {
        // Only a quote makes CSV wrong, and only a dollar a source.
        if !value.text.is_empty()
            && !value.text.bytes().any(|byte| matches!(byte, b'"' | b'$' | b'\r' | b'\n'))
        {
            return;
        }
        let fields = match mounts::split(value, self.text) {
            Ok(fields) => fields,
            Err(error) => {
                return self.error(
                    error.range,
                    format!("failed to parse csv mounts: {}", error.message),
                    None,
                );
            }
        };
        for field in fields {
            let Some(from) = field.value.filter(|_| go::to_lower(&field.key.text) == "from") else {
                continue;
            };
            if from.text.find('$').is_some_and(|at| at + 1 != from.text.len()) {
                let message = "'from' doesn't support variable expansion, define alias stage instead";
                let help =
                    "Add a stage, FROM image AS name with the variable in it, and mount from that name";
                return self.error(from.range, message, Some(help));
            }
        }
    }
}
