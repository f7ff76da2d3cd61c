//! Which engine builds, by the settings: the only place that knows that there are several.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::Engine;
use engine::buildkit::{BuildKit, Certificates};
use engine::replay::{self, Pace, Replay};
use protocol::build::Failure;

use crate::settings::{EngineChoice, Settings};

const DOCKER: &str = "unix:///var/run/docker.sock";
const BUILDKIT: &str = "unix:///run/buildkit/buildkitd.sock";

/// What builds.
#[derive(Default)]
pub(crate) struct Choice {
    /// The engine, if there is to be one.
    pub(crate) engine: Option<Arc<dyn Engine>>,
    /// What who runs the server should know of the way there.
    pub(crate) notice: Option<String>,
}

/// Chooses by the settings.
///
/// # Errors
/// When an engine is asked for and cannot be.
pub(crate) fn choose(settings: &Settings) -> Result<Choice, String> {
    let given = settings.engine_address.clone();
    let is_given = given.is_some();
    let docker =
        || given.clone().or_else(|| std::env::var("DOCKER_HOST").ok()).unwrap_or_else(|| DOCKER.to_owned());
    match settings.engine {
        EngineChoice::None => Ok(Choice::default()),
        EngineChoice::Auto => {
            let address = docker();
            match address.strip_prefix("unix://").is_none_or(|path| Path::new(path).exists()) {
                true => reach(settings, &address, is_given, BuildKit::docker),
                false => Ok(Choice::default()),
            }
        }
        EngineChoice::Docker => reach(settings, &docker(), is_given, BuildKit::docker),
        EngineChoice::Buildkit => {
            let address = given.clone().unwrap_or_else(|| BUILDKIT.to_owned());
            reach(settings, &address, true, BuildKit::alone)
        }
        EngineChoice::Replay => {
            let engine: Arc<dyn Engine> = Arc::new(recordings(settings.recordings.as_deref())?);
            Ok(Choice { engine: Some(engine), notice: None })
        }
    }
}

/// The engine at an address: over TLS, where there are certificates.
fn reach(
    settings: &Settings,
    address: &str,
    is_given: bool,
    make: fn(&str) -> Result<BuildKit, Failure>,
) -> Result<Choice, String> {
    let said = |failure: Failure| match failure.help {
        Some(help) => format!("{}. {help}", failure.message),
        None => failure.message,
    };
    let engine = make(address).map_err(said)?;
    let certificates = certificates(settings).or_else(|| of_docker(address, is_given));
    if let Some(certificates) = certificates {
        let engine: Arc<dyn Engine> = Arc::new(engine.with_certificates(certificates).map_err(said)?);
        return Ok(Choice { engine: Some(engine), notice: None });
    }
    let notice = is_open(address).then(|| {
        format!(
            "The engine at {address} is asked without TLS: whoever is in between reads and changes builds, and whoever \
             reaches it is as good as root there. Give it certificates, and this server engine-ca, engine-cert and engine-key"
        )
    });
    match notice {
        Some(notice) if settings.public => Err(format!("{notice}. The public is not let in without them")),
        notice => {
            let engine: Arc<dyn Engine> = Arc::new(engine);
            Ok(Choice { engine: Some(engine), notice })
        }
    }
}

/// The certificates of the settings: those of the folder, and what is named beside it.
fn certificates(settings: &Settings) -> Option<Certificates> {
    let folder = settings.engine_certs.as_deref().map(Certificates::of_folder);
    let own = settings.engine_cert.clone().zip(settings.engine_key.clone());
    let ca = settings.engine_ca.clone().or_else(|| folder.as_ref().map(|it| it.ca.clone()))?;
    Some(Certificates {
        ca,
        own: own.or_else(|| folder.and_then(|it| it.own)),
        server_name: settings.engine_server_name.clone(),
    })
}

/// Those that Docker's own client would take, for the engine that it would ask.
fn of_docker(address: &str, is_given: bool) -> Option<Certificates> {
    let of = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    if is_given || !address.starts_with("tcp://") {
        return None;
    }
    of("DOCKER_TLS_VERIFY")?;
    let folder = of("DOCKER_CERT_PATH").or_else(|| of("HOME").map(|home| home.join(".docker")))?;
    Some(Certificates::of_folder(&folder))
}

/// Whether others can be on the way to an address.
fn is_open(address: &str) -> bool {
    let Some(place) = address.strip_prefix("tcp://") else { return false };
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host != "localhost" && !host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn choose_by(settings: &str) -> Result<Choice, String> {
        choose(&Settings::read(None, [], settings.parse().unwrap())?)
    }

    #[test]
    fn an_engine_elsewhere_without_tls_is_told_and_not_for_the_public() {
        for address in ["tcp://127.0.0.1:1234", "tcp://[::1]:1234", "tcp://localhost:1", "unix:///run/x"] {
            let settings = format!("engine = \"buildkit\"\nengine-address = \"{address}\"\npublic = true\n");
            assert!(choose_by(&settings).unwrap().notice.is_none(), "{address}");
        }
        for address in ["tcp://10.0.0.7:1234", "tcp://builder:1234", "tcp://127.0.0.1.example:1"] {
            let settings = format!("engine = \"buildkit\"\nengine-address = \"{address}\"\n");
            let notice = choose_by(&settings).unwrap().notice.unwrap();
            assert!(notice.contains("without TLS"), "{notice}");
            let why = choose_by(&format!("{settings}public = true\n")).err().unwrap();
            assert!(why.contains("without TLS") && why.contains("engine-ca"), "{why}");
        }
    }

    #[test]
    fn certificates_are_whole() {
        let address = "engine = \"buildkit\"\nengine-address = \"tcp://builder:1\"\n";
        let why = |settings: &str| choose_by(&format!("{address}{settings}")).err().unwrap();
        assert!(why("engine-ca = \"a\"\nengine-cert = \"b\"\n").contains("belong together"));
        assert!(why("engine-cert = \"b\"\nengine-key = \"c\"\n").contains("engine-ca"));
        assert!(why("engine-certs = \"/nowhere\"\n").contains("/nowhere/ca.pem cannot be read"));
        let settings = Settings::read(
            None,
            [],
            "engine-certs = \"/certs\"\nengine-ca = \"/other\"\nengine-server-name = \"x\"\n"
                .parse()
                .unwrap(),
        );
        let found = certificates(&settings.unwrap()).unwrap();
        assert_eq!((found.ca, found.own, found.server_name), ("/other".into(), None, Some("x".to_owned())));
    }
}
