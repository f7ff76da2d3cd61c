//! `stagelight serve`: puts everything together, and takes it apart again when it ends.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use protocol::build::Canary;
use tokio::net::TcpListener;
use tokio::signal;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::builds::Builds;
use crate::disk::Disk;
use crate::settings::Settings;
use crate::site::Site;
use crate::store::Store;
use crate::{engines, http, ids, listen, self_test, watch};

/// The engine is asked so often how it is.
const PROBE: Duration = Duration::from_secs(30);
/// So long it may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);
/// Old builds are looked for so often.
const EXPIRE: Duration = Duration::from_secs(3600);

/// Serves until the process is told to end.
///
/// # Errors
/// A sentence on why it cannot.
pub fn start(settings: Settings) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("The server cannot start: {error}"))?;
    let served = runtime.block_on(serve(settings));
    runtime.shutdown_timeout(Duration::from_secs(2));
    served
}

async fn serve(mut settings: Settings) -> Result<(), String> {
    let site = Site::new(settings.site.clone())?;
    let engines::Choice { engine, notice } = engines::choose(&settings)?;
    if settings.public && engine.is_some() && settings.token.is_none() && !settings.no_token {
        settings.token = Some(ids::token()?);
    }
    let disk = match &engine {
        Some(engine) => disk(engine.as_ref(), &settings).await?,
        None => None,
    };
    let canaries = match &engine {
        Some(engine) if settings.public || settings.self_test => {
            let data = settings.data_dir().ok();
            let data = data.as_deref().and_then(|it| it.ancestors().find(|it| it.exists()));
            let image = &settings.canary_image;
            let canaries = self_test::run(engine.as_ref(), image, disk.as_ref(), data).await;
            admit(settings.public, &canaries)?;
            canaries
        }
        _ => Vec::new(),
    };
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        format!(
            "The server cannot listen on {}: {error}; choose another place with --listen",
            settings.listen
        )
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    settings.listen = address;
    let store = match &settings.database {
        Some(address) => Store::connect(address).await?,
        None => Store::open(&settings.data_dir()?).await?,
    };
    let builds = Builds::new(engine, None, store, settings.building(), canaries);
    let n = builds.recover().await?;
    if n > 0 {
        info!(n, "builds of the server before were interrupted");
    }
    builds.probe().await;
    builds.expire().await;
    greet(&settings, &site, &builds, notice);

    let end = CancellationToken::new();
    let work = tokio::spawn(look_after(Arc::clone(&builds)));
    let watching = disk.map(|disk| tokio::spawn(watch::watch(Arc::clone(&builds), disk)));
    let router = http::router(Arc::clone(&builds), site, settings, end.clone());
    let mut ended = Ok(());
    let ending = async {
        tokio::select! {
            () = told_to_end() => {}
            why = builds.store().lost() => ended = Err(why),
        }
        info!("ends");
        builds.end().await;
        end.cancel();
    };
    listen::serve(listener, router, ending).await;
    work.abort();
    if let Some(watching) = watching {
        watching.abort();
        watching.await.ok();
    }
    builds.store().close().await;
    ended
}

/// The disk that the engine fills, as it is set or as the engine says.
async fn disk(engine: &dyn Engine, settings: &Settings) -> Result<Option<Disk>, String> {
    if settings.disk_reserve == Some(0) {
        return Ok(None);
    }
    if !settings.engine_disk.is_empty() {
        return Disk::new(settings.engine_disk.clone(), settings.disk_reserve).map(Some);
    }
    let folders =
        timeout(PATIENCE, engine.probe()).await.ok().and_then(Result::ok).unwrap_or_default().folders;
    Ok(Disk::new(folders, settings.disk_reserve).ok())
}

/// Public means strangers: every wall that is needed has to have held.
fn admit(public: bool, canaries: &[Canary]) -> Result<(), String> {
    let fallen: Vec<&Canary> = canaries.iter().filter(|it| it.required && !it.passed).collect();
    for canary in canaries {
        info!(name = canary.name, passed = canary.passed, detail = canary.detail, "self-test");
    }
    if fallen.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = fallen.iter().map(|it| format!("  {}: {}", it.name, it.detail)).collect();
    if public {
        return Err(format!(
            "This engine is not for the public. What did not hold:\n{}\ndocs/server.md says how to set up one that is",
            list.join("\n")
        ));
    }
    warn!("not for the public:\n{}", list.join("\n"));
    Ok(())
}

fn greet(settings: &Settings, site: &Site, builds: &Builds, notice: Option<String>) {
    let health = builds.health();
    let engine = match (&health.engine, &health.trouble) {
        (Some(engine), _) => format!("{} {} builds", engine.kind, engine.version),
        (None, Some(trouble)) => format!("nothing builds: {trouble}"),
        (None, None) => "nothing builds".to_owned(),
    };
    let mut words = vec![format!("Stagelight is at http://{} until Ctrl+C; {engine}.", settings.listen)];
    words.extend(health.engine.and_then(|it| it.notice).map(|notice| format!("{notice}.")));
    if let Some(notice) = notice {
        warn!(notice);
        words.push(format!("Warning: {notice}."));
    }
    if let Some(token) = &settings.token {
        words.push(format!("Who is to build opens http://{}/enter?token={token}", settings.listen));
    }
    if !site.is_there() {
        let missing = "There is no site in this program: build it with `cargo xtask dist` and give it with --site dist.";
        words.push(missing.to_owned());
    }
    // Whether anybody reads it is not for the server to care.
    writeln!(io::stdout(), "{}", words.join("\n")).ok();
    info!(listen = %settings.listen, public = settings.public, engine, "serves");
}

async fn look_after(builds: Arc<Builds>) {
    let (mut probe, mut expire) = (interval(PROBE), interval(EXPIRE));
    probe.reset();
    expire.reset();
    loop {
        tokio::select! {
            _ = probe.tick() => builds.probe().await,
            _ = expire.tick() => builds.expire().await,
        }
    }
}

/// Waits for Ctrl+C, or for SIGTERM where there is such a thing.
async fn told_to_end() {
    let interrupt = async { drop(signal::ctrl_c().await) };
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
