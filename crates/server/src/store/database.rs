//! The two databases, how they are opened, and whose they are.
//!
//! Queries are written once, with `$1` for a place, which both understand; [`each`] makes them for both. What is
//! different is how a column of bytes is called, so each has migrations of its own. A lock says that a server has a
//! database: on a file beside that of SQLite, and within PostgreSQL, where it belongs to a connection of its own and is
//! gone when that is.

use std::fs::{File, TryLockError};
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, SqlStr};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

use super::Result;
use crate::ids;

/// So long it is waited for one that is just being given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// So often the connection with the lock is looked after.
const LOOK: Duration = Duration::from_secs(2);
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 8;

type Migrations = [(i64, &'static str, &'static str)];

const OF_SQLITE: &Migrations = &[(1, "builds", include_str!("../../migrations/sqlite/0001_builds.sql"))];
const OF_POSTGRES: &Migrations = &[(1, "builds", include_str!("../../migrations/postgres/0001_builds.sql"))];

/// The connections to one of the two.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Does the same with the connections, whichever they are.
macro_rules! each {
    ($pool:expr, $name:ident => $work:expr) => {
        match $pool {
            Pool::Sqlite($name) => $work,
            Pool::Postgres($name) => $work,
        }
    };
}
pub(super) use each;

/// A database that this server has for itself.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) pool: Pool,
    lock: Arc<Lock>,
}

#[derive(Debug)]
enum Lock {
    /// Gone when the file is closed.
    File(#[expect(dead_code, reason = "it is held")] File),
    Connection {
        options: Box<PgConnectOptions>,
        connection: Mutex<Option<PgConnection>>,
    },
}

/// Why there is no lock.
enum Unlocked {
    Taken,
    Because(sqlx::Error),
}

impl Database {
    pub(super) async fn open(folder: &Path) -> Result<Database> {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("The folder {} cannot be made: {error}", folder.display()))?;
        let lock = lock_folder(folder).await?;
        let file = folder.join("stagelight.sqlite");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await;
        let pool =
            pool.map_err(|error| format!("The database {} cannot be opened: {error}", file.display()))?;
        migrator(OF_SQLITE).run(&pool).await.map_err(|error| {
            format!("The database {} cannot be brought up to date: {error}", file.display())
        })?;
        Ok(Database { pool: Pool::Sqlite(pool), lock: Arc::new(Lock::File(lock)) })
    }

    pub(super) async fn connect(address: &str) -> Result<Database> {
        let options = PgConnectOptions::from_str(address)
            .map_err(|error| format!("The address of the database cannot be read: {error}"))?
            .application_name("stagelight");
        let name = name(&options);
        if !is_near(&options) && !is_sealed(&options) {
            warn!(
                database = name,
                "whoever is between here and the database can read along: say sslmode=verify-full in its address"
            );
        }
        let mut connection = locked(&options, PATIENCE).await.map_err(|why| match why {
            Unlocked::Taken => taken(&name),
            Unlocked::Because(error) => format!("The database {name} cannot be opened: {error}"),
        })?;
        migrator(OF_POSTGRES)
            .run(&mut connection)
            .await
            .map_err(|error| format!("The database {name} cannot be brought up to date: {error}"))?;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_lazy_with(options.clone());
        let lock = Lock::Connection { options: Box::new(options), connection: Mutex::new(Some(connection)) };
        Ok(Database { pool: Pool::Postgres(pool), lock: Arc::new(lock) })
    }

    /// Waits until another server has it. Where the connection with the lock breaks, the lock is taken again; in
    /// between another one may have taken it.
    pub(super) async fn lost(&self) -> String {
        let Lock::Connection { options, connection } = &*self.lock else {
            return std::future::pending().await;
        };
        loop {
            sleep(LOOK).await;
            let mut held = connection.lock().await;
            if let Some(connection) = &mut *held
                && let Ok(Ok(())) = timeout(PATIENCE, connection.ping()).await
            {
                continue;
            }
            *held = None;
            match timeout(PATIENCE, locked(options, Duration::ZERO)).await {
                Ok(Ok(connection)) => *held = Some(connection),
                Ok(Err(Unlocked::Taken)) => return taken(&name(options)),
                Ok(Err(Unlocked::Because(error))) => warn!(%error, "the database cannot be reached"),
                Err(_) => warn!("the database does not answer"),
            }
        }
    }

    pub(super) async fn close(&self) {
        each!(&self.pool, pool => pool.close().await);
        if let Lock::Connection { connection, .. } = &*self.lock
            && let Some(connection) = connection.lock().await.take()
        {
            connection.close().await.ok();
        }
    }
}

fn migrator(migrations: &Migrations) -> Migrator {
    let migrations = migrations.iter().map(|&(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// Also on a file system without locks the server starts, and says what nobody guards then.
async fn lock_folder(folder: &Path) -> Result<File> {
    let place = folder.join("lock");
    let said = |error: &dyn std::fmt::Display| format!("{} cannot be written: {error}", place.display());
    let file = File::options().create(true).append(true).open(&place).map_err(|error| said(&error))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => {
                warn!(%error, "nobody guards that no other server uses {}", folder.display());
                return Ok(file);
            }
            Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(100)).await;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "Another server keeps its builds in {}: end it, or give this one another folder with --data-dir",
                    folder.display()
                ));
            }
        }
    }
}

/// A connection with the lock of the schema that it writes into.
async fn locked(
    options: &PgConnectOptions,
    patience: Duration,
) -> std::result::Result<PgConnection, Unlocked> {
    let because = Unlocked::Because;
    let mut connection = PgConnection::connect_with(options).await.map_err(because)?;
    // A server whose machine is gone does not say so; the database asks after half a minute.
    let alive = "SELECT set_config('tcp_keepalives_idle', '15', false), \
                 set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)";
    sqlx::query(alive).execute(&mut connection).await.map_err(because)?;
    let schema: (Option<String>,) =
        sqlx::query_as("SELECT current_schema()::text").fetch_one(&mut connection).await.map_err(because)?;
    let digest = ids::hash(&format!("stagelight {}", schema.0.unwrap_or_default()));
    let key = digest.iter().take(8).fold(0, |key: i64, byte| key << 8 | i64::from(*byte));
    let start = Instant::now();
    loop {
        let (is_ours,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock($1)")
            .bind(key)
            .fetch_one(&mut connection)
            .await
            .map_err(because)?;
        if is_ours {
            return Ok(connection);
        }
        if start.elapsed() >= patience {
            return Err(Unlocked::Taken);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn taken(name: &str) -> String {
    format!(
        "Another server keeps its builds in the database {name}, and one server owns a database: end it, or give this \
         one another with --database"
    )
}

/// How it is told to people: without the password.
fn name(options: &PgConnectOptions) -> String {
    let place = options.get_socket().map_or(options.get_host().into(), |socket| socket.to_string_lossy());
    format!("{} at {place}", options.get_database().unwrap_or_else(|| options.get_username()))
}

fn is_near(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let is_loopback = || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    options.get_socket().is_some() || host.starts_with('/') || host == "localhost" || is_loopback()
}

fn is_sealed(options: &PgConnectOptions) -> bool {
    matches!(options.get_ssl_mode(), PgSslMode::VerifyCa | PgSslMode::VerifyFull)
}
