//! RUN: its mounts, and what is wrong with it.
//!
//! Follows `dispatchRun` and `dispatchRunMounts`. Surprising: a bind mount without `from` shows the build
//! context; a cache without `from` starts from a stage called scratch, if there is one; and any mount without
//! `from` makes BuildKit prepare such a stage.

use super::copy::without_tabs;
use super::{FORWARD_HELP, Flow, Here, Walk, rooted, settings};
use crate::stages::bases::error;
use crate::stages::mount::{self, Mount, MountType};
use crate::stages::references::{Reference, Referent, mounts};
use crate::stages::{CommandLine, EdgeKind, Effect, Inline, Ran, StageError, When, go};
use crate::syntax::{self, SyntaxError};
use crate::text::TextRange;

impl Walk<'_, '_> {
    pub(super) fn run(&mut self, here: &Here<'_, '_>, references: &[Reference]) -> Effect {
        let mut parsed: Vec<Option<Mount>> = Vec::new();
        let mut failure = None;
        for (flag, value) in mounts(here.instruction) {
            let mut expand = |word: &str| {
                let expansion = self.environments.expand(here.scope, word, self.escape)?;
                self.note_unknown(here, &expansion);
                Ok(expansion.text.into_owned())
            };
            match mount::parse(value, &mut expand) {
                Ok(mount) => parsed.push(Some(mount)),
                Err(message) => {
                    parsed.push(None);
                    failure.get_or_insert((flag.range, message));
                }
            }
        }
        let failed = failure.is_some();
        if let Some((range, message)) = failure {
            self.fail_with(here, range, message.message, None, message.suggestion);
        }
        for ((mount, reference), (flag, _)) in parsed.iter().zip(references).zip(mounts(here.instruction)) {
            if let Some(mount) = mount.as_ref().filter(|_| !failed) {
                self.check_mount(here, mount, reference, flag.range);
            }
            self.mount_edges(here, mount.as_ref(), reference, flag.range);
        }
        self.check_run(here);
        self.ran(here, parsed.into_iter().flatten().collect())
    }

    fn ran(&self, here: &Here<'_, '_>, mut mounts: Vec<Mount>) -> Effect {
        for mount in mounts.iter_mut().filter(|it| it.kind == MountType::Cache && it.id.is_empty()) {
            mount.id = go::clean_path(&mount.target);
        }
        let instruction = here.instruction;
        let stage = &self.stages[here.stage.0];
        let mut ran = Ran {
            mounts,
            line: CommandLine::default(),
            script: None,
            workdir: stage.workdir.as_ref().unwrap_or(&self.root).clone(),
            user: stage.user.as_ref().unwrap_or(&self.nobody).clone(),
        };
        if instruction.json {
            ran.line = self.command_line(here);
            return Effect::Run(ran);
        }
        let line = settings::joined(&instruction.args);
        let line = match instruction.heredocs.split_first() {
            None => line,
            // A heredoc alone is the script itself.
            Some((first, _)) if syntax::heredoc_name(&line).is_some() => {
                let body = match first.chomp {
                    true => without_tabs(first.content),
                    false => first.content.to_owned(),
                };
                if body.starts_with("#!") && !self.is_windows(here) {
                    let name = first.name.to_string();
                    let path = go::join_path(&["/dev/pipes/", &name]);
                    ran.script = Some(Inline { name, data: body });
                    path
                } else {
                    body
                }
            }
            Some(_) => {
                let bodies = instruction.heredocs.iter();
                bodies.fold(line, |acc, it| format!("{acc}\n{}{}", it.content, it.name))
            }
        };
        ran.line = self.with_shell(here, line);
        Effect::Run(ran)
    }

    /// What BuildKit objects to in a mount that is well written.
    fn check_mount(&mut self, here: &Here<'_, '_>, mount: &Mount, reference: &Reference, range: TextRange) {
        let from = if is_cache_from_scratch(mount, reference) { "scratch" } else { &mount.from };
        if self.is_forward(here, reference) && !from.is_empty() {
            let message = format!(
                "cannot mount from stage {} to {}, stage needs to be defined before current command",
                go::quote(from),
                go::quote(&mount.target)
            );
            return self.fail(here, range, message, Some(FORWARD_HELP));
        }
        let fault = match mount.kind {
            MountType::Secret => None,
            MountType::Ssh => (!mount.source.is_empty()).then_some(("ssh does not support source", None)),
            MountType::Bind | MountType::Cache | MountType::Tmpfs => {
                let workdir = self.stages[here.stage.0].workdir.as_deref().unwrap_or("/");
                let is_root = match mount.target.strip_prefix('/') {
                    Some(rest) => rest.is_empty(),
                    None => go::join_path(&["/", workdir, &mount.target]) == "/",
                };
                let help = "A mount needs a target= that is not the root of the file system";
                is_root.then_some(("invalid mount target \"/\"", Some(help)))
            }
        };
        if let Some((message, help)) = fault {
            self.fail(here, range, message.to_owned(), help);
        }
    }

    fn mount_edges(
        &mut self,
        here: &Here<'_, '_>,
        mount: Option<&Mount>,
        reference: &Reference,
        range: TextRange,
    ) {
        let has_from = !reference.text.is_empty();
        let paths: Vec<String> = mount.iter().map(|mount| rooted(&mount.source)).collect();
        // A mount that cannot be read still needs what it names.
        let carries = match mount.map_or(MountType::Bind, |mount| mount.kind) {
            MountType::Bind => has_from,
            MountType::Cache => true,
            MountType::Tmpfs | MountType::Secret | MountType::Ssh => false,
        };
        if has_from || matches!(reference.referent, Referent::Stage(_)) {
            let is_used = has_from || mount.is_some_and(|mount| is_cache_from_scratch(mount, reference));
            let broken = is_used && self.is_forward(here, reference) || self.is_refused(here, reference);
            let origin = reference.referent.clone().into();
            let flow = Flow { origin, kind: EdgeKind::Mount, range, broken, carries, paths: paths.clone() };
            self.edge(here, flow);
        }
        match mount.filter(|_| !has_from).map(|mount| mount.kind) {
            Some(MountType::Bind) => self.note_context(here, EdgeKind::Mount, range, paths),
            // Nothing is mounted from the context, but BuildKit asks for it.
            Some(MountType::Tmpfs) => self.stages[here.stage.0].context_paths.extend(paths),
            Some(MountType::Cache | MountType::Secret | MountType::Ssh) | None => {}
        }
    }

    /// What BuildKit objects to in the rest of a RUN.
    fn check_run(&mut self, here: &Here<'_, '_>) {
        let instruction = here.instruction;
        if let Some(flag) = instruction.flags.iter().find(|flag| flag.name.text == "device") {
            let message = "device feature is only supported in Dockerfile frontend 1.14.0-labs or later";
            let help = "Devices need a syntax directive that names a labs release of the frontend";
            self.fail(here, flag.range, message.to_owned(), Some(help));
        }
        if instruction.json && instruction.args.is_empty() && !instruction.broken {
            let message = "failed to marshal LLB definition: arguments are required".to_owned();
            let help = Some("RUN [] has nothing to run".to_owned());
            let error = error(here.from.unwrap_or(instruction), instruction.range, message, help);
            let error = SyntaxError { lines: Vec::new(), ..error };
            self.errors.push(StageError { stage: here.stage, when: When::End, error });
        }
    }
}

/// Whether it is a cache without `from`, which BuildKit takes as `from=scratch`.
fn is_cache_from_scratch(mount: &Mount, reference: &Reference) -> bool {
    mount.kind == MountType::Cache && reference.text.is_empty()
}
