//! The arguments of `serve`.

use std::path::PathBuf;

use clap::ValueEnum;

pub(crate) const HELP: &str = "\
Every setting can be given in three ways: as an option, as a variable and in a file, in this order. `data-dir` is
--data-dir, STAGELIGHT_SERVE_DATA_DIR, and data-dir = \"…\" in the file of --config. docs/server.md lists them, and says
what is safe for whom.

Without an engine this is the site alone, with short links.

Examples:
  stagelight serve
  stagelight serve --engine none --listen 127.0.0.1:3000
  stagelight serve --image golang --image 'debian:*' --set seconds=120
  stagelight serve --config /etc/stagelight.toml
  stagelight serve --public --engine buildkit --engine-address unix:///run/builder/buildkitd.sock --host play.example.com";

#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen; by default 127.0.0.1:8080, for this machine alone
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
    /// Where builds and links are kept
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A PostgreSQL database that keeps them, as postgres://user@host/name; by default SQLite in that folder
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) database: Option<String>,
    /// What builds; by default a Docker Engine if there is one
    #[arg(long, value_enum)]
    pub(crate) engine: Option<Engine>,
    /// Where the engine listens, as unix:///path or tcp://host:port
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) engine_address: Option<String>,
    /// A folder with ca.pem, cert.pem and key.pem for an engine at tcp://, as Docker has them
    #[arg(long, value_name = "DIR")]
    pub(crate) engine_certs: Option<PathBuf>,
    /// The certificate of who signed the engine's
    #[arg(long, value_name = "FILE")]
    pub(crate) engine_ca: Option<PathBuf>,
    /// The certificate that is shown to the engine
    #[arg(long, value_name = "FILE")]
    pub(crate) engine_cert: Option<PathBuf>,
    /// Its key
    #[arg(long, value_name = "FILE")]
    pub(crate) engine_key: Option<PathBuf>,
    /// The name in the engine's certificate, if it is not that of its address
    #[arg(long, value_name = "NAME")]
    pub(crate) engine_server_name: Option<String>,
    /// A folder with recordings, for the engine that replays them
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,
    /// A folder with the built site, in place of what is in the program
    #[arg(long, value_name = "DIR")]
    pub(crate) site: Option<PathBuf>,
    /// An image that builds may start from, as in golang, alpine:3.22 or example.com/team/*; any, if there is none
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: Vec<String>,
    /// Let RUN use the network
    #[arg(long)]
    pub(crate) network: bool,
    /// Let the engine fetch what ADD names by an address; not for the public
    #[arg(long)]
    pub(crate) downloads: bool,
    /// Let strangers build: the engine has to pass its test first
    #[arg(long)]
    pub(crate) public: bool,
    /// Make the builds of that test in any case, and say what came of them
    #[arg(long)]
    pub(crate) self_test: bool,
    /// What people have to show before they build; in public one is made up if none is given
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Let anyone build in public, without a token
    #[arg(long, conflicts_with = "token")]
    pub(crate) no_token: bool,
    /// A name by which the server may be asked, beside those of where it listens
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Another site whose pages may use the API and show this one in frames, as in https://docs.example.com
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Vec<String>,
    /// A file of settings
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Any other setting
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// A Docker Engine if there is one, else nothing
    Auto,
    /// A Docker Engine
    Docker,
    /// BuildKit by itself
    Buildkit,
    /// Recordings of builds
    Replay,
    /// Nothing: the site alone
    None,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Auto => "auto",
            Engine::Docker => "docker",
            Engine::Buildkit => "buildkit",
            Engine::Replay => "replay",
            Engine::None => "none",
        }
    }
}
