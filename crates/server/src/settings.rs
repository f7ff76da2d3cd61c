//! What can be set: by options, by the environment, by a file, in this order.
//!
//! All three say the same things by the same names: `data-dir` is `--data-dir`, `STAGELIGHT_SERVE_DATA_DIR` and
//! `data-dir = "…"`. docs/server.md is for those who run a server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::build::Limits;
use serde::Deserialize;
pub use toml::{Table, Value};

/// How the names of variables begin.
pub const PREFIX: &str = "STAGELIGHT_SERVE_";

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where builds and links are kept; `None` for the usual place of the user.
    pub data_dir: Option<PathBuf>,
    /// The address of a PostgreSQL database that keeps them; `None` for SQLite in the folder.
    pub database: Option<String>,
    /// A folder with the site, in place of the one that is embedded.
    pub site: Option<PathBuf>,
    /// What builds.
    pub engine: EngineChoice,
    /// Where the engine listens: `unix://…`, or `tcp://…` for BuildKit; `None` for the usual place.
    pub engine_address: Option<String>,
    /// A folder with `ca.pem`, `cert.pem` and `key.pem` for an engine behind TLS, as Docker has them.
    pub engine_certs: Option<PathBuf>,
    /// The certificates of those who may have signed the engine's, in place of the one in that folder.
    pub engine_ca: Option<PathBuf>,
    /// The certificate that is shown to the engine.
    pub engine_cert: Option<PathBuf>,
    /// Its key.
    pub engine_key: Option<PathBuf>,
    /// The name in the engine's certificate, if it is not that of its address.
    pub engine_server_name: Option<String>,
    /// A folder with recordings, for the engine that replays them.
    pub recordings: Option<PathBuf>,
    /// Folders on the disks that the engine fills; found by itself where it is empty and the engine says so.
    pub engine_disk: Vec<PathBuf>,
    /// Bytes that stay free there; `None` for what is usual, 0 to look away.
    pub disk_reserve: Option<u64>,
    /// Bytes of memory that each step may take, where the engine can bound that; 0 is no limit. So for the next.
    pub step_memory: u64,
    /// Processors.
    pub step_cpus: Processors,
    /// Whether strangers may build.
    pub public: bool,
    /// What people have to show before they build.
    pub token: Option<String>,
    /// Whether anyone may build in public without a token.
    pub no_token: bool,
    /// Names by which the server may be asked, beside those of the place where it listens.
    pub hosts: Vec<String>,
    /// Other sites that may use it, as in `https://docs.example.com`.
    pub allow_origin: Vec<String>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trust_proxy: Vec<IpAddr>,
    /// Images that builds may start from; any, if it is missing.
    pub images: Option<Vec<String>>,
    /// Whether RUN may use the network.
    pub network: bool,
    /// Whether the engine may fetch what ADD names by an address.
    pub downloads: bool,
    /// Seconds that a build may take.
    pub seconds: u64,
    /// Seconds that it may be silent.
    pub idle_seconds: u64,
    /// Bytes of output that are kept of it.
    pub log_bytes: u64,
    /// Days that it is kept; 0 for ever.
    pub days: u64,
    /// How many builds run at the same time.
    pub builds: usize,
    /// How many of one client.
    pub builds_per_client: usize,
    /// How many wait.
    pub queue: usize,
    /// How many of one client.
    pub queue_per_client: usize,
    /// For how many minutes a build that is over is shown to who asks for the same; only a running one, if it is 0.
    pub share_minutes: u64,
    /// Builds that an address may ask for in a minute; 0 is no limit. So for the others.
    pub builds_per_minute: u32,
    /// Short links.
    pub links_per_minute: u32,
    /// Streams of events that it may open.
    pub streams_per_minute: u32,
    /// Streams that it may have open.
    pub streams_per_client: usize,
    /// Whether builds that try what they must not are made at the start; in public they are.
    pub self_test: bool,
    /// The image that they are built from.
    pub canary_image: String,
    /// How much is logged.
    pub log: LogLevel,
    /// How.
    pub log_format: LogFormat,
}

/// What builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// A Docker Engine if there is one, else nothing.
    #[default]
    Auto,
    /// A Docker Engine.
    Docker,
    /// BuildKit.
    Buildkit,
    /// Recordings.
    Replay,
    /// Nothing.
    None,
}

/// A number of processors, in hundredths: 1.5 is one and a half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Processors(pub u32);

impl TryFrom<f64> for Processors {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Processors, &'static str> {
        match (0.0..=10_000.0).contains(&number) {
            true => Ok(Processors((number * 100.0).round() as u32)),
            false => Err("a number of processors is 0 for any, or as in 1.5"),
        }
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What fails.
    Error,
    /// And what is odd.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// What matters to builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// What each may use.
    pub limits: Limits,
    /// [`Settings::images`].
    pub images: Option<Vec<String>>,
    /// [`Settings::downloads`].
    pub downloads: bool,
    /// [`Settings::public`].
    pub public: bool,
    /// [`Settings::builds`].
    pub at_once: usize,
    /// [`Settings::builds_per_client`].
    pub at_once_per_client: usize,
    /// [`Settings::queue`].
    pub queue: usize,
    /// [`Settings::queue_per_client`].
    pub queue_per_client: usize,
    /// [`Settings::share_minutes`].
    pub share_minutes: u64,
    /// [`Settings::step_memory`].
    pub step_memory: u64,
    /// [`Settings::step_cpus`], in hundredths.
    pub step_processors: u32,
    /// How long an engine may take to stop before it is left alone.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        let limits = policy::limits();
        Settings {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            data_dir: None,
            database: None,
            site: None,
            engine: EngineChoice::default(),
            engine_address: None,
            engine_certs: None,
            engine_ca: None,
            engine_cert: None,
            engine_key: None,
            engine_server_name: None,
            recordings: None,
            engine_disk: Vec::new(),
            disk_reserve: None,
            step_memory: 0,
            step_cpus: Processors::default(),
            public: false,
            token: None,
            no_token: false,
            hosts: Vec::new(),
            allow_origin: Vec::new(),
            trust_proxy: Vec::new(),
            images: None,
            network: limits.network,
            downloads: false,
            seconds: limits.seconds,
            idle_seconds: limits.idle_seconds,
            log_bytes: limits.log_bytes,
            days: limits.days,
            builds: 2,
            builds_per_client: 2,
            queue: 200,
            queue_per_client: 20,
            share_minutes: 0,
            builds_per_minute: 60,
            links_per_minute: 60,
            streams_per_minute: 600,
            streams_per_client: 500,
            self_test: false,
            canary_image: "busybox".to_owned(),
            log: LogLevel::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Settings {
    /// Puts together what was set. `variables` are those of the environment, `options` those of the command.
    ///
    /// # Errors
    /// A sentence on what cannot be understood, and where.
    pub fn read(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        options: Table,
    ) -> Result<Settings, String> {
        let mut table = match file {
            None => Table::new(),
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| format!("The settings in {} cannot be read: {error}", file.display()))?;
                let table = text.parse::<Table>().map_err(|error| format!("{}: {error}", file.display()))?;
                check(&table).map_err(|error| format!("{}: {error}", file.display()))?;
                table
            }
        };
        for (name, text) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            let key = key.to_ascii_lowercase().replace('_', "-");
            let value = value(&text);
            check(&Table::from_iter([(key.clone(), value.clone())]))
                .map_err(|error| format!("{name}: {error}"))?;
            table.insert(key, value);
        }
        table.extend(options);
        let settings = check(&table)?;
        settings.hold()?;
        Ok(settings)
    }

    /// What matters to builds.
    pub fn building(&self) -> Building {
        Building {
            limits: Limits {
                seconds: self.seconds,
                idle_seconds: self.idle_seconds,
                log_bytes: self.log_bytes,
                days: self.days,
                network: self.network,
                ..policy::limits()
            },
            images: self.images.clone(),
            downloads: self.downloads,
            public: self.public,
            at_once: self.builds,
            at_once_per_client: self.builds_per_client,
            queue: self.queue,
            queue_per_client: self.queue_per_client,
            share_minutes: self.share_minutes,
            step_memory: self.step_memory,
            step_processors: self.step_cpus.0,
            grace: Duration::from_secs(10),
        }
    }

    /// Where builds and links are kept.
    ///
    /// # Errors
    /// When nobody has said so and there is no usual place.
    pub fn data_dir(&self) -> Result<PathBuf, String> {
        if let Some(folder) = &self.data_dir {
            return Ok(folder.clone());
        }
        let of = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let data = of("XDG_DATA_HOME").or_else(|| of("HOME").map(|home| home.join(".local/share")));
        data.map(|it| it.join("stagelight"))
            .ok_or_else(|| "There is no folder for builds and links: give one with --data-dir".to_owned())
    }

    /// What must hold between the settings.
    fn hold(&self) -> Result<(), String> {
        if !self.public
            && !self.listen.ip().is_loopback()
            && self.token.is_none()
            && self.engine != EngineChoice::None
        {
            return Err(format!(
                "{} can be reached from other machines, and whoever reaches it could build there: listen on 127.0.0.1, \
                 give a --token, choose --engine none, or say --public",
                self.listen
            ));
        }
        if self.token.as_ref().is_some_and(|token| token.len() < 8) {
            return Err("The token is too short: take at least 8 characters that nobody guesses".to_owned());
        }
        if self.downloads && self.public {
            return Err("With downloads a build fetches from any address that the engine reaches, also within its own network; \
                 that is not for the public: leave out downloads or public"
                .to_owned());
        }
        if self.engine_cert.is_some() != self.engine_key.is_some() {
            return Err("The certificate that is shown to the engine and its key belong together: give both engine-cert and \
                 engine-key"
                .to_owned());
        }
        let is_sealed = self.engine_certs.is_some() || self.engine_ca.is_some();
        if !is_sealed && (self.engine_cert.is_some() || self.engine_server_name.is_some()) {
            return Err("Whose certificate the engine has to show is not said: give the one of its authority as engine-ca, or a \
                 folder as engine-certs"
                .to_owned());
        }
        if self.no_token && self.token.is_some() {
            return Err("There are both a token and no-token: leave one out".to_owned());
        }
        let is_postgres = |it: &String| it.starts_with("postgres://") || it.starts_with("postgresql://");
        if self.database.as_ref().is_some_and(|database| !is_postgres(database)) {
            return Err("The address of the database is none: write postgres://user:password@host/name, or leave it out for \
                 SQLite in the data folder"
                .to_owned());
        }
        for origin in &self.allow_origin {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains(['/', '*', ' ', ';', ','])) {
                return Err(format!("'{origin}' is no origin: write it as in https://docs.example.com"));
            }
        }
        Ok(())
    }
}

fn check(table: &Table) -> Result<Settings, String> {
    Settings::deserialize(table.clone()).map_err(|error| error.message().to_owned())
}

/// A number, a truth or a list as in the file; else a text.
pub fn value(text: &str) -> Value {
    let value = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    match value {
        Some(value @ (Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Array(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn options_win_over_variables_and_those_over_the_file() {
        let file = std::env::temp_dir().join(format!("stagelight-settings-{}.toml", std::process::id()));
        std::fs::write(&file, "builds = 3\nqueue = 4\nimages = [\"alpine\"]\nengine = \"none\"\n").unwrap();
        let variables = variables(&[
            ("STAGELIGHT_SERVE_QUEUE", "5"),
            ("STAGELIGHT_SERVE_DAYS", "1"),
            ("STAGELIGHT_SERVE_HOSTS", "[\"play.example.com\"]"),
            ("STAGELIGHT_ENGINE", "stable"),
        ]);
        let options = "days = 2".parse().unwrap();
        let settings = Settings::read(Some(&file), variables, options).unwrap();
        std::fs::remove_file(&file).ok();
        assert_eq!((settings.builds, settings.queue, settings.days), (3, 5, 2));
        assert_eq!(settings.images, Some(vec!["alpine".to_owned()]));
        assert_eq!(settings.hosts, ["play.example.com"]);
        assert_eq!(settings.engine, EngineChoice::None);
        assert!(settings.listen.ip().is_loopback());
    }

    #[test]
    fn steps_have_bounds_and_disks_a_reserve() {
        let pairs = [
            ("STAGELIGHT_SERVE_STEP_CPUS", "1.5"),
            ("STAGELIGHT_SERVE_STEP_MEMORY", "536870912"),
            ("STAGELIGHT_SERVE_ENGINE_DISK", "[\"/srv/engine\"]"),
            ("STAGELIGHT_SERVE_DISK_RESERVE", "0"),
        ];
        let settings = Settings::read(None, variables(&pairs), "step-cpus = 2".parse().unwrap()).unwrap();
        assert_eq!((settings.step_memory, settings.step_cpus), (512 << 20, Processors(200)));
        assert_eq!((settings.engine_disk, settings.disk_reserve), (vec!["/srv/engine".into()], Some(0)));
        let settings = Settings::read(None, variables(&pairs), Table::new()).unwrap();
        assert_eq!(settings.building().step_processors, 150);
        let error = Settings::read(None, variables(&[("STAGELIGHT_SERVE_STEP_CPUS", "-1")]), Table::new());
        assert!(error.unwrap_err().contains("as in 1.5"));
    }

    #[test]
    fn mistakes_say_where() {
        let read = |pairs: &[(&str, &str)]| Settings::read(None, variables(pairs), Table::new()).unwrap_err();
        let error = read(&[("STAGELIGHT_SERVE_BULIDS", "1")]);
        assert!(error.starts_with("STAGELIGHT_SERVE_BULIDS: ") && error.contains("unknown field"), "{error}");
        let error = read(&[("STAGELIGHT_SERVE_BUILDS", "many")]);
        assert!(error.starts_with("STAGELIGHT_SERVE_BUILDS: "), "{error}");
        let error = read(&[("STAGELIGHT_SERVE_LISTEN", "0.0.0.0:80")]);
        assert!(error.contains("can be reached from other machines"), "{error}");
        let error = read(&[("STAGELIGHT_SERVE_TOKEN", "short")]);
        assert!(error.contains("too short"), "{error}");
        let error = read(&[("STAGELIGHT_SERVE_DOWNLOADS", "true"), ("STAGELIGHT_SERVE_PUBLIC", "true")]);
        assert!(error.contains("not for the public"), "{error}");
        let error = read(&[("STAGELIGHT_SERVE_DATABASE", "mysql://x")]);
        assert!(error.contains("write postgres://"), "{error}");
        for origin in ["*", "docs.example.com", "https://", "https://a.example/x"] {
            let error = read(&[("STAGELIGHT_SERVE_ALLOW_ORIGIN", &format!("[\"{origin}\"]"))]);
            assert!(error.contains("is no origin"), "{error}");
        }
    }

    #[test]
    fn without_an_engine_it_may_be_for_all() {
        let pairs = [("STAGELIGHT_SERVE_LISTEN", "0.0.0.0:80"), ("STAGELIGHT_SERVE_ENGINE", "none")];
        assert!(Settings::read(None, variables(&pairs), Table::new()).is_ok());
    }
}
