//! Which engine builds, by the settings: the only place that knows that there are several.

use std::path::Path;
use std::sync::Arc;

use engine::Engine;
use engine::buildkit::BuildKit;
use engine::replay::{self, Pace, Replay};

use crate::settings::{EngineChoice, Settings};

const DOCKER: &str = "unix:///var/run/docker.sock";
const BUILDKIT: &str = "unix:///run/buildkit/buildkitd.sock";

/// The engine, if there is to be one.
///
/// # Errors
/// When it is asked for and cannot be.
pub(crate) fn choose(settings: &Settings) -> Result<Option<Arc<dyn Engine>>, String> {
    let given = settings.engine_address.clone();
    let docker =
        || given.clone().or_else(|| std::env::var("DOCKER_HOST").ok()).unwrap_or_else(|| DOCKER.to_owned());
    Ok(Some(match settings.engine {
        EngineChoice::None => return Ok(None),
        EngineChoice::Auto => {
            let address = docker();
            let is_there = address.strip_prefix("unix://").is_none_or(|path| Path::new(path).exists());
            if !is_there {
                return Ok(None);
            }
            Arc::new(BuildKit::docker(&address).map_err(|it| it.message)?)
        }
        EngineChoice::Docker => Arc::new(BuildKit::docker(&docker()).map_err(|it| it.message)?),
        EngineChoice::Buildkit => {
            let address = given.unwrap_or_else(|| BUILDKIT.to_owned());
            Arc::new(BuildKit::alone(&address).map_err(|it| it.message)?)
        }
        EngineChoice::Replay => Arc::new(recordings(settings.recordings.as_deref())?),
    }))
}

/// Each `NAME.ndjson` of a folder is played for the text of `NAME.Dockerfile` beside it; the first also for any other.
fn recordings(folder: Option<&Path>) -> Result<Replay, String> {
    let folder = folder.ok_or("The engine `replay` needs recordings: give their folder with --recordings")?;
    let said = |error: &dyn std::fmt::Display| {
        format!("The recordings in {} cannot be read: {error}", folder.display())
    };
    let entries = std::fs::read_dir(folder).map_err(|error| said(&error))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "ndjson"));
    files.sort();
    let mut player = None;
    for file in &files {
        let text = std::fs::read_to_string(file).map_err(|error| said(&error))?;
        let events = replay::read(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let replay = player.take().unwrap_or_else(|| Replay::new(Pace::Recorded, events.clone()));
        player = Some(match std::fs::read_to_string(file.with_extension("Dockerfile")) {
            Ok(dockerfile) => replay.with(dockerfile, events),
            Err(_) => replay,
        });
    }
    player.ok_or_else(|| {
        format!("There are no recordings in {}: they are the files that end in .ndjson", folder.display())
    })
}
