//! `stagelight serve`: the arguments as settings, and logs; all else is in `crates/server`.

use std::process::ExitCode;

use server::settings::{LogFormat, LogLevel, PREFIX, Settings, Table, Value, value};
use tracing_subscriber::filter::LevelFilter;

use crate::args::Serve;

/// Serves until the process is told to end.
pub(crate) fn run(args: &Serve) -> Result<ExitCode, String> {
    let settings = settings(args)?;
    log(&settings);
    server::start(settings)?;
    Ok(ExitCode::SUCCESS)
}

fn settings(args: &Serve) -> Result<Settings, String> {
    // The name of the file is no setting of the file.
    let config = format!("{PREFIX}CONFIG");
    let file = args.config.clone().or_else(|| std::env::var_os(&config).map(Into::into));
    // A variable whose text is no Unicode cannot be one of ours.
    let variables = std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
    Settings::read(file.as_deref(), variables.filter(|(name, _)| *name != config), options(args)?)
}

fn options(args: &Serve) -> Result<Table, String> {
    let mut options = Table::new();
    for pair in &args.set {
        let Some((key, text)) = pair.split_once('=') else {
            return Err(format!("'{pair}' is no setting: write --set KEY=VALUE, e.g. --set seconds=60"));
        };
        options.insert(key.trim().to_owned(), value(text.trim()));
    }
    let path = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
    let texts = [
        ("listen", args.listen.clone()),
        ("data-dir", args.data_dir.as_ref().map(path)),
        ("database", args.database.clone()),
        ("site", args.site.as_ref().map(path)),
        ("engine", args.engine.map(|it| it.name().to_owned())),
        ("engine-address", args.engine_address.clone()),
        ("engine-certs", args.engine_certs.as_ref().map(path)),
        ("engine-ca", args.engine_ca.as_ref().map(path)),
        ("engine-cert", args.engine_cert.as_ref().map(path)),
        ("engine-key", args.engine_key.as_ref().map(path)),
        ("engine-server-name", args.engine_server_name.clone()),
        ("recordings", args.recordings.as_ref().map(path)),
        ("token", args.token.clone()),
    ];
    options.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Value::String(text?)))));
    let flags = [
        ("public", args.public),
        ("no-token", args.no_token),
        ("network", args.network),
        ("downloads", args.downloads),
        ("self-test", args.self_test),
    ];
    options.extend(
        flags
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(key, _)| (key.to_owned(), Value::Boolean(true))),
    );
    let lists = [("hosts", &args.host), ("allow-origin", &args.allow_origin), ("images", &args.image)];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        options.insert(key.to_owned(), Value::Array(list.iter().cloned().map(Value::String).collect()));
    }
    Ok(options)
}

/// Logs go to standard error, so that what is for people stays by itself.
fn log(settings: &Settings) {
    let level = match settings.log {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let subscriber =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    match settings.log_format {
        LogFormat::Text => subscriber.with_ansi(false).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
}
