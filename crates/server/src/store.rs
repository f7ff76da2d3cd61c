//! What is kept: builds with their events, who may delete them, and short links. SQLite.
//!
//! Events are written while a build runs, a few times a second, so that a server that is killed can tell nearly all of
//! what happened. They are compressed; a request is too.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use protocol::build::{Outcome, Record, Request, VERSION};
use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::ids;

/// Nothing that we have written is larger.
const MAX_UNPACKED: u64 = 64 << 20;
/// The letters of a short link: 65 bits. More of them if two contents should have the same.
const LINK_LETTERS: usize = 13;

const MIGRATIONS: &[(i64, &str, &str)] = &[(1, "builds", include_str!("../migrations/0001_builds.sql"))];

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

/// A build's created, status, request, outcome and last.
type Row = (i64, String, Vec<u8>, Option<String>, i64);

/// What goes wrong with it: one sentence.
pub type Result<T> = std::result::Result<T, String>;

impl Store {
    /// Opens the database in a folder, or makes it.
    ///
    /// # Errors
    /// When the folder cannot be written, or the database is of a newer server.
    pub async fn open(folder: &Path) -> Result<Store> {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("The folder {} cannot be made: {error}", folder.display()))?;
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
        let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
        });
        Migrator::with_migrations(migrations.collect()).run(&pool).await.map_err(|error| {
            format!("The database {} cannot be brought up to date: {error}", file.display())
        })?;
        Ok(Store { pool })
    }

    /// Keeps a new build.
    ///
    /// # Errors
    /// When the database cannot be written; so for all that follow.
    pub async fn add(&self, id: &str, created: u64, request: &Request, owner: &[u8]) -> Result<()> {
        let request = pack(&serde_json::to_vec(request).map_err(said)?)?;
        sqlx::query("INSERT INTO builds (id, created, status, request, owner) VALUES (?, ?, 'queued', ?, ?)")
            .bind(id)
            .bind(created as i64)
            .bind(request)
            .bind(owner)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(said)
    }

    /// Adds events, one JSON object a line: those from `first` to `last`.
    pub async fn append(&self, id: &str, first: u64, last: u64, lines: &[u8]) -> Result<()> {
        let body = pack(lines)?;
        let mut transaction = self.pool.begin().await.map_err(said)?;
        sqlx::query("INSERT INTO pieces (build, first, body) VALUES (?, ?, ?)")
            .bind(id)
            .bind(first as i64)
            .bind(body)
            .execute(&mut *transaction)
            .await
            .map_err(said)?;
        sqlx::query("UPDATE builds SET last = ?, status = CASE status WHEN 'queued' THEN 'running' ELSE status END WHERE id = ?")
            .bind(last as i64)
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(said)?;
        transaction.commit().await.map_err(said)
    }

    /// Says how a build ended, and puts its pieces into one.
    pub async fn finish(
        &self,
        id: &str,
        outcome: &Outcome,
        lines: &[u8],
        last: u64,
        expires: Option<u64>,
    ) -> Result<()> {
        let outcome = serde_json::to_string(outcome).map_err(said)?;
        let body = pack(lines)?;
        let mut transaction = self.pool.begin().await.map_err(said)?;
        let updated = sqlx::query(
            "UPDATE builds SET status = 'finished', outcome = ?, last = ?, expires = ? WHERE id = ?",
        )
        .bind(outcome)
        .bind(last as i64)
        .bind(expires.map(|it| it as i64))
        .bind(id)
        .execute(&mut *transaction)
        .await
        .map_err(said)?;
        if updated.rows_affected() == 0 {
            // It was deleted while it ran.
            return Ok(());
        }
        sqlx::query("DELETE FROM pieces WHERE build = ?")
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(said)?;
        sqlx::query("INSERT INTO pieces (build, first, body) VALUES (?, 1, ?)")
            .bind(id)
            .bind(body)
            .execute(&mut *transaction)
            .await
            .map_err(said)?;
        transaction.commit().await.map_err(said)
    }

    /// A build; `None` if there is none.
    pub async fn record(&self, id: &str) -> Result<Option<Record>> {
        let row: Option<Row> =
            sqlx::query_as("SELECT created, status, request, outcome, last FROM builds WHERE id = ?")
                .bind(id)
                .fetch_optional(&self.pool)
                .await
                .map_err(said)?;
        let Some((created, status, request, outcome, last)) = row else { return Ok(None) };
        Ok(Some(Record {
            version: VERSION,
            id: id.to_owned(),
            created: created.unsigned_abs(),
            request: serde_json::from_slice(&unpack(&request)?).map_err(said)?,
            status,
            outcome: outcome.map(|it| serde_json::from_str(&it)).transpose().map_err(said)?,
            last: last.unsigned_abs(),
        }))
    }

    /// Its events, one JSON object a line.
    pub async fn lines(&self, id: &str) -> Result<String> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT body FROM pieces WHERE build = ? ORDER BY first")
            .bind(id)
            .fetch_all(&self.pool)
            .await
            .map_err(said)?;
        let mut lines = Vec::new();
        for (body,) in rows {
            lines.extend(unpack(&body)?);
        }
        String::from_utf8(lines).map_err(said)
    }

    /// The builds that were not over when the server ended.
    pub async fn unfinished(&self) -> Result<Vec<String>> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT id FROM builds WHERE status <> 'finished' ORDER BY created, id")
                .fetch_all(&self.pool)
                .await
                .map_err(said)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Whether a token is that of a build's owner.
    pub async fn is_owner(&self, id: &str, token: &str) -> Result<bool> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM builds WHERE id = ? AND owner = ?")
            .bind(id)
            .bind(ids::hash(token))
            .fetch_optional(&self.pool)
            .await
            .map_err(said)?;
        Ok(row.is_some())
    }

    /// Forgets a build.
    pub async fn delete(&self, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM builds WHERE id = ?")
            .bind(id)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(said)
    }

    /// Forgets what is past its time; how many builds that were.
    pub async fn expire(&self, now: u64) -> Result<u64> {
        sqlx::query("DELETE FROM builds WHERE status = 'finished' AND expires <= ?")
            .bind(now as i64)
            .execute(&self.pool)
            .await
            .map(|it| it.rows_affected())
            .map_err(said)
    }

    /// The short link of a fragment: the same for the same.
    pub async fn link(&self, fragment: &str, now: u64) -> Result<String> {
        for n in LINK_LETTERS..=51 {
            let id = ids::of_content(fragment, n);
            sqlx::query(
                "INSERT INTO links (id, fragment, created) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
            )
            .bind(&id)
            .bind(fragment)
            .bind(now as i64)
            .execute(&self.pool)
            .await
            .map_err(said)?;
            if self.fragment(&id).await?.as_deref() == Some(fragment) {
                return Ok(id);
            }
        }
        Err("There is no short link left for this".to_owned())
    }

    /// What a short link stands for.
    pub async fn fragment(&self, id: &str) -> Result<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT fragment FROM links WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(said)?;
        Ok(row.map(|(fragment,)| fragment))
    }

    /// Whether it answers.
    pub async fn is_ready(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Writes everything and closes.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(said)
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    ZlibDecoder::new(bytes).take(MAX_UNPACKED).read_to_end(&mut out).map_err(said)?;
    Ok(out)
}

fn said(error: impl std::fmt::Display) -> String {
    format!("The database does not do what it should: {error}")
}
