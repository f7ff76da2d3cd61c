//! What is kept: builds with their events, who may delete them, and short links.
//!
//! SQLite in a folder, or PostgreSQL by its address: the same queries for both ([`database`]). Events are written while a
//! build runs, a few times a second, so that a server that is killed can tell nearly all of what happened. They are
//! compressed; a request is too. Surprising: one server at a time owns a database, since a build's events are with the
//! server that runs it, and what another one left unfinished is over.

mod database;

use std::io::{Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use protocol::build::{Outcome, Record, Request, VERSION};

use crate::ids;
use database::{Database, Pool, each};

/// Nothing that we have written is larger.
const MAX_UNPACKED: u64 = 64 << 20;
/// The letters of a short link: 65 bits. More of them if two contents should have the same.
const LINK_LETTERS: usize = 13;

const ADD_PIECE: &str = "INSERT INTO pieces (build, first, body) VALUES ($1, $2, $3)";

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// A build's created, status, request, outcome and last.
type Row = (i64, String, Vec<u8>, Option<String>, i64);

/// What goes wrong with it: one sentence.
pub type Result<T> = std::result::Result<T, String>;

impl Store {
    /// Opens the SQLite database in a folder, or makes it.
    ///
    /// # Errors
    /// When the folder cannot be written, another server has it, or the database is of a newer server.
    pub async fn open(folder: &Path) -> Result<Store> {
        Database::open(folder).await.map(|database| Store { database })
    }

    /// Opens a PostgreSQL database by its address: `postgres://user:password@host/name`.
    ///
    /// # Errors
    /// When it cannot be reached, another server has it, or it is of a newer server.
    pub async fn connect(address: &str) -> Result<Store> {
        Database::connect(address).await.map(|database| Store { database })
    }

    /// Waits until another server has the database, which ends this one: the reason.
    pub async fn lost(&self) -> String {
        self.database.lost().await
    }

    /// Keeps a new build.
    ///
    /// # Errors
    /// When the database cannot be written; so for all that follow.
    pub async fn add(&self, id: &str, created: u64, request: &Request, owner: &[u8]) -> Result<()> {
        const ADD: &str =
            "INSERT INTO builds (id, created, status, request, owner) VALUES ($1, $2, 'queued', $3, $4)";
        let request = pack(&serde_json::to_vec(request).map_err(said)?)?;
        each!(self.pool(), pool => {
            let add = sqlx::query(ADD).bind(id).bind(created as i64).bind(request).bind(owner);
            add.execute(pool).await.map(drop).map_err(said)
        })
    }

    /// Adds events, one JSON object a line: those from `first` to `last`.
    pub async fn append(&self, id: &str, first: u64, last: u64, lines: &[u8]) -> Result<()> {
        const ADVANCE: &str = "UPDATE builds SET last = $1, status = CASE status WHEN 'queued' THEN 'running' ELSE status END \
             WHERE id = $2";
        let body = pack(lines)?;
        each!(self.pool(), pool => {
            let mut transaction = pool.begin().await.map_err(said)?;
            let add = sqlx::query(ADD_PIECE).bind(id).bind(first as i64).bind(body);
            add.execute(&mut *transaction).await.map_err(said)?;
            let advance = sqlx::query(ADVANCE).bind(last as i64).bind(id);
            advance.execute(&mut *transaction).await.map_err(said)?;
            transaction.commit().await.map_err(said)
        })
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
        const FINISH: &str =
            "UPDATE builds SET status = 'finished', outcome = $1, last = $2, expires = $3 WHERE id = $4";
        let outcome = serde_json::to_string(outcome).map_err(said)?;
        let body = pack(lines)?;
        let expires = expires.map(|it| it as i64);
        each!(self.pool(), pool => {
            let mut transaction = pool.begin().await.map_err(said)?;
            let finish = sqlx::query(FINISH).bind(outcome).bind(last as i64).bind(expires).bind(id);
            if finish.execute(&mut *transaction).await.map_err(said)?.rows_affected() == 0 {
                // It was deleted while it ran.
                return Ok(());
            }
            let remove = sqlx::query("DELETE FROM pieces WHERE build = $1").bind(id);
            remove.execute(&mut *transaction).await.map_err(said)?;
            let add = sqlx::query(ADD_PIECE).bind(id).bind(1_i64).bind(body);
            add.execute(&mut *transaction).await.map_err(said)?;
            transaction.commit().await.map_err(said)
        })
    }

    /// A build; `None` if there is none.
    pub async fn record(&self, id: &str) -> Result<Option<Record>> {
        const RECORD: &str = "SELECT created, status, request, outcome, last FROM builds WHERE id = $1";
        let row: Option<Row> = each!(self.pool(), pool => {
            sqlx::query_as(RECORD).bind(id).fetch_optional(pool).await.map_err(said)?
        });
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
        const PIECES: &str = "SELECT body FROM pieces WHERE build = $1 ORDER BY first";
        let rows: Vec<(Vec<u8>,)> = each!(self.pool(), pool => {
            sqlx::query_as(PIECES).bind(id).fetch_all(pool).await.map_err(said)?
        });
        let mut lines = Vec::new();
        for (body,) in rows {
            lines.extend(unpack(&body)?);
        }
        String::from_utf8(lines).map_err(said)
    }

    /// The builds that were not over when the server ended.
    pub async fn unfinished(&self) -> Result<Vec<String>> {
        const UNFINISHED: &str = "SELECT id FROM builds WHERE status <> 'finished' ORDER BY created, id";
        let rows: Vec<(String,)> =
            each!(self.pool(), pool => sqlx::query_as(UNFINISHED).fetch_all(pool).await.map_err(said)?);
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Whether a token is that of a build's owner.
    pub async fn is_owner(&self, id: &str, token: &str) -> Result<bool> {
        const OWNED: &str = "SELECT created FROM builds WHERE id = $1 AND owner = $2";
        let row: Option<(i64,)> = each!(self.pool(), pool => {
            sqlx::query_as(OWNED).bind(id).bind(ids::hash(token)).fetch_optional(pool).await.map_err(said)?
        });
        Ok(row.is_some())
    }

    /// Forgets a build.
    pub async fn delete(&self, id: &str) -> Result<()> {
        each!(self.pool(), pool => {
            let delete = sqlx::query("DELETE FROM builds WHERE id = $1").bind(id);
            delete.execute(pool).await.map(drop).map_err(said)
        })
    }

    /// Forgets what is past its time; how many builds that were.
    pub async fn expire(&self, now: u64) -> Result<u64> {
        const EXPIRE: &str = "DELETE FROM builds WHERE status = 'finished' AND expires <= $1";
        each!(self.pool(), pool => {
            let expire = sqlx::query(EXPIRE).bind(now as i64).execute(pool).await;
            expire.map(|it| it.rows_affected()).map_err(said)
        })
    }

    /// The short link of a fragment: the same for the same.
    pub async fn link(&self, fragment: &str, now: u64) -> Result<String> {
        const LINK: &str =
            "INSERT INTO links (id, fragment, created) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
        for n in LINK_LETTERS..=51 {
            let id = ids::of_content(fragment, n);
            each!(self.pool(), pool => {
                let link = sqlx::query(LINK).bind(&id).bind(fragment).bind(now as i64);
                link.execute(pool).await.map_err(said)?;
            });
            if self.fragment(&id).await?.as_deref() == Some(fragment) {
                return Ok(id);
            }
        }
        Err("There is no short link left for this".to_owned())
    }

    /// What a short link stands for.
    pub async fn fragment(&self, id: &str) -> Result<Option<String>> {
        const FRAGMENT: &str = "SELECT fragment FROM links WHERE id = $1";
        let row: Option<(String,)> = each!(self.pool(), pool => {
            sqlx::query_as(FRAGMENT).bind(id).fetch_optional(pool).await.map_err(said)?
        });
        Ok(row.map(|(fragment,)| fragment))
    }

    /// Whether it answers.
    pub async fn is_ready(&self) -> bool {
        each!(self.pool(), pool => sqlx::query("SELECT 1").execute(pool).await.is_ok())
    }

    /// Writes everything and closes.
    pub async fn close(&self) {
        self.database.close().await;
    }

    fn pool(&self) -> &Pool {
        &self.database.pool
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
