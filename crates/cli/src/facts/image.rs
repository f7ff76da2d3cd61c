//! The configuration of the final image. What only its base image could tell is left out.

use dockerfile::queries::{self, Setting};
use dockerfile::stages::{Health, StageGraph, StageId};
use protocol::facts::{Healthcheck, Image};

/// The image that a stage makes.
pub(super) fn image(graph: &StageGraph, stage: StageId) -> Option<Image> {
    let image = queries::image(graph, stage)?;
    let env = known(image.env).unwrap_or_default();
    let labels = known(image.labels).unwrap_or_default();
    Some(Image {
        env: env.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
        cmd: known(image.cmd).flatten(),
        entrypoint: known(image.entrypoint).flatten(),
        workdir: known(image.workdir).unwrap_or_default(),
        user: known(image.user).unwrap_or_default(),
        labels: Some(labels.into_iter().collect())
            .filter(|labels: &protocol::facts::Labels| !labels.is_empty()),
        stopsignal: known(image.stopsignal).unwrap_or_default(),
        shell: known(image.shell).filter(|shell| !shell.is_empty()),
        ports: known(image.ports).unwrap_or_default(),
        volumes: known(image.volumes).unwrap_or_default(),
        healthcheck: known(image.healthcheck).flatten().map(health),
        onbuild: Some(image.onbuild).filter(|triggers| !triggers.is_empty()),
    })
}

fn health(health: Health) -> Healthcheck {
    Healthcheck {
        test: health.test,
        interval: health.interval,
        timeout: health.timeout,
        start_period: health.start_period,
        start_interval: health.start_interval,
        retries: health.retries.into(),
    }
}

/// What is known of a setting. Facts assume what base images say, so this is nearly always everything.
fn known<T>(setting: Setting<T>) -> Option<T> {
    match setting {
        Setting::Known(value) | Setting::OnBase(value) => Some(value),
        Setting::FromBase => None,
    }
}
