//! The configuration of the image that a stage makes.
//!
//! What the file does not set comes from the base image; where nobody has told what that says, the type says so.

use super::state::{Placed, Setting, State, Variable, end_state};
use crate::stages::{Health, StageGraph, StageId};

/// The configuration of an image, as far as Dockerfiles set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Environment, in order.
    pub env: Setting<Vec<(String, String)>>,
    /// Default command.
    pub cmd: Setting<Option<Vec<String>>>,
    /// Program.
    pub entrypoint: Setting<Option<Vec<String>>>,
    /// Working directory; empty if none is set.
    pub workdir: Setting<String>,
    /// User; empty if none is set.
    pub user: Setting<String>,
    /// Labels, sorted by name.
    pub labels: Setting<Vec<(String, String)>>,
    /// Stop signal; empty if none is set.
    pub stopsignal: Setting<String>,
    /// Shell; empty if none is set.
    pub shell: Setting<Vec<String>>,
    /// Ports such as `80/tcp`, sorted.
    pub ports: Setting<Vec<String>>,
    /// Volumes, sorted.
    pub volumes: Setting<Vec<String>>,
    /// Health check.
    pub healthcheck: Setting<Option<Health>>,
    /// Triggers for what is built on the image; those of its own base are used up.
    pub onbuild: Vec<String>,
}

/// The image that a stage makes; `None` if there is no such stage. It is BuildKit's only if a cut for the stage has no
/// errors.
pub fn image(graph: &StageGraph, stage: StageId) -> Option<Image> {
    let state = end_state(graph, stage)?;
    let mut labels = pairs(&state.labels);
    labels.sort();
    Some(Image {
        env: list(&state, pairs(&state.env)),
        labels: list(&state, labels),
        ports: list(&state, sorted(&state.ports)),
        volumes: list(&state, sorted(&state.volumes)),
        onbuild: state.onbuild.into_iter().map(|placed| placed.value).collect(),
        cmd: state.cmd.value,
        entrypoint: state.entrypoint.value,
        workdir: state.workdir.value,
        user: state.user.value,
        stopsignal: state.stopsignal.value,
        shell: state.shell.value,
        healthcheck: state.healthcheck.value,
    })
}

fn list<T>(state: &State, entries: Vec<T>) -> Setting<Vec<T>> {
    match (state.base_unknown, entries.is_empty()) {
        (false, _) => Setting::Known(entries),
        (true, true) => Setting::FromBase,
        (true, false) => Setting::OnBase(entries),
    }
}

fn pairs(variables: &[Variable]) -> Vec<(String, String)> {
    let pair = |it: &Variable| (it.name.clone(), it.value.clone().unwrap_or_default());
    variables.iter().map(pair).collect()
}

fn sorted(list: &[Placed<String>]) -> Vec<String> {
    let mut values: Vec<String> = list.iter().map(|placed| placed.value.clone()).collect();
    values.sort();
    values
}
