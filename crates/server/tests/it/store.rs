//! What is kept, in whichever database: SQLite, or PostgreSQL where `STAGELIGHT_POSTGRES` is the address of one.

use std::time::Duration;

use protocol::build::{End, Outcome, Request};
use server::ids;
use server::store::Store;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::timeout;

use crate::server::{Folder, store};

#[tokio::test]
async fn a_build_is_kept_piece_by_piece_and_then_as_a_whole() {
    let folder = Folder::new();
    let store = store(&folder.0).await.unwrap();
    assert!(store.is_ready().await);
    assert_eq!(store.record("none").await.unwrap(), None);
    let request = Request { dockerfile: "FROM scratch\n# \0 é 🐳\n".to_owned(), ..Request::default() };
    store.add("b", 7, &request, &ids::hash("token")).await.unwrap();
    store.add("a", 7, &Request::default(), &ids::hash("other")).await.unwrap();
    store.add("c", 6, &Request::default(), &ids::hash("other")).await.unwrap();
    assert!(store.add("b", 8, &request, &ids::hash("token")).await.is_err());
    let record = store.record("b").await.unwrap().unwrap();
    assert_eq!((record.status.as_str(), record.created, record.last), ("queued", 7, 0));
    assert_eq!((record.request, record.outcome), (request, None));
    assert_eq!(store.unfinished().await.unwrap(), ["c", "a", "b"]);

    store.append("b", 1, 2, b"{1}\n{2}\n").await.unwrap();
    store.append("b", 3, 11, b"{3}\n").await.unwrap();
    store.append("b", 12, 12, b"{12}\n").await.unwrap();
    assert_eq!(store.lines("b").await.unwrap(), "{1}\n{2}\n{3}\n{12}\n");
    let record = store.record("b").await.unwrap().unwrap();
    assert_eq!((record.status.as_str(), record.last), ("running", 12));
    // A piece of nothing, and one that is there already, leave nothing behind.
    assert!(store.append("none", 1, 1, b"{}\n").await.is_err());
    assert!(store.append("b", 12, 99, b"{}\n").await.is_err());
    assert_eq!(store.record("b").await.unwrap().unwrap().last, 12);

    let outcome = Outcome { end: End::Succeeded, ..Outcome::default() };
    store.finish("b", &outcome, b"{1}\n{13}\n", 13, Some(100)).await.unwrap();
    let record = store.record("b").await.unwrap().unwrap();
    assert_eq!(
        (record.status.as_str(), record.last, record.outcome),
        ("finished", 13, Some(outcome.clone()))
    );
    assert_eq!(store.lines("b").await.unwrap(), "{1}\n{13}\n");
    assert_eq!(store.unfinished().await.unwrap(), ["c", "a"]);
    // What was deleted while it ran does not come back.
    store.finish("none", &outcome, b"{1}\n", 1, None).await.unwrap();
    assert_eq!(store.lines("none").await.unwrap(), "");
    store.close().await;
}

#[tokio::test]
async fn builds_go_for_their_owner_and_when_they_are_past_their_time() {
    let folder = Folder::new();
    let store = store(&folder.0).await.unwrap();
    let outcome = Outcome::default();
    for (id, expires) in [("a", Some(100)), ("b", Some(101)), ("c", None)] {
        store.add(id, 1, &Request::default(), &ids::hash(id)).await.unwrap();
        store.finish(id, &outcome, b"{}\n", 1, expires).await.unwrap();
    }
    store.add("d", 1, &Request::default(), &ids::hash("d")).await.unwrap();
    assert!(store.is_owner("a", "a").await.unwrap());
    assert!(!store.is_owner("a", "b").await.unwrap());
    assert!(!store.is_owner("none", "a").await.unwrap());
    assert_eq!(store.expire(99).await.unwrap(), 0);
    assert_eq!(store.expire(100).await.unwrap(), 1);
    assert_eq!((store.record("a").await.unwrap(), store.lines("a").await.unwrap().as_str()), (None, ""));
    store.delete("b").await.unwrap();
    store.delete("b").await.unwrap();
    assert_eq!(store.lines("b").await.unwrap(), "");
    assert_eq!(store.expire(u64::MAX >> 1).await.unwrap(), 0);
    assert!(store.record("c").await.unwrap().is_some());
    assert!(store.record("d").await.unwrap().is_some());
}

#[tokio::test]
async fn the_same_has_the_same_short_link() {
    let folder = Folder::new();
    let store = store(&folder.0).await.unwrap();
    let (one, other) = tokio::join!(store.link("1.abc", 1), store.link("1.abc", 2));
    assert_eq!(one, other);
    let other = store.link("1.abd", 1).await.unwrap();
    assert_ne!(one.as_deref(), Ok(other.as_str()));
    assert_eq!(store.fragment(&other).await.unwrap().as_deref(), Some("1.abd"));
    assert_eq!(store.fragment("none").await.unwrap(), None);
}

#[tokio::test]
async fn many_write_at_the_same_time() {
    let folder = Folder::new();
    let store = store(&folder.0).await.unwrap();
    let writers: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let id = format!("build{n}");
                store.add(&id, n, &Request::default(), &ids::hash(&id)).await.unwrap();
                for seq in 1..=10 {
                    store.append(&id, seq, seq, format!("{{{seq}}}\n").as_bytes()).await.unwrap();
                }
                assert_eq!(store.lines(&id).await.unwrap().lines().count(), 10);
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.unfinished().await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_database_has_one_server() {
    let folder = Folder::new();
    let first = store(&folder.0).await.unwrap();
    first.add("a", 1, &Request::default(), &[]).await.unwrap();
    let why = store(&folder.0).await.expect_err("it is taken");
    assert!(why.contains("Another server keeps its builds in"), "{why}");
    assert!(!why.contains('@'), "{why}");
    // One that has ended lets go, and what it kept is there.
    first.close().await;
    drop(first);
    let second = store(&folder.0).await.unwrap();
    assert_eq!(second.unfinished().await.unwrap(), ["a"]);
}

/// A PostgreSQL database with nothing in it, and a connection beside its servers.
async fn database() -> Option<(PgConnection, String)> {
    let Ok(address) = std::env::var("STAGELIGHT_POSTGRES") else {
        println!(
            "PostgreSQL is skipped, because STAGELIGHT_POSTGRES names none: cargo xtask store does that."
        );
        return None;
    };
    let (place, _) = address.rsplit_once('/').unwrap();
    let name = format!("stagelight_{}", ids::build_id().unwrap());
    let mut beside = PgConnection::connect(&address).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut beside).await.unwrap();
    Some((beside, format!("{place}/{name}")))
}

/// Cuts all connections to a database, as its restart does.
async fn cut(beside: &mut PgConnection, address: &str) {
    let (_, name) = address.rsplit_once('/').unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    assert!(sqlx::query(cut).bind(name).execute(beside).await.unwrap().rows_affected() > 0);
}

#[tokio::test]
async fn a_server_whose_connections_are_cut_keeps_its_database() {
    let Some((mut beside, address)) = database().await else { return };
    let store = Store::connect(&address).await.unwrap();
    store.add("a", 1, &Request::default(), &[]).await.unwrap();
    cut(&mut beside, &address).await;
    assert!(timeout(Duration::from_secs(4), store.lost()).await.is_err(), "nobody else has it");
    assert_eq!(store.unfinished().await.unwrap(), ["a"]);
    let why = Store::connect(&address).await.expect_err("it is taken again");
    assert!(why.contains("Another server"), "{why}");
}

#[tokio::test]
async fn a_server_whose_database_has_gone_to_another_hears_of_it() {
    let Some((mut beside, address)) = database().await else { return };
    let store = Store::connect(&address).await.unwrap();
    cut(&mut beside, &address).await;
    let other = Store::connect(&address).await.unwrap();
    let why = timeout(Duration::from_secs(10), store.lost()).await.unwrap();
    assert!(why.contains("Another server keeps its builds in the database stagelight_"), "{why}");
    assert!(other.is_ready().await);
}

#[tokio::test]
async fn what_is_wrong_with_a_database_is_one_sentence() {
    let connect = async |address: &str| Store::connect(address).await.expect_err(address);
    let why = connect("postgres://me:secret@127.0.0.1:1/builds").await;
    assert!(why.starts_with("The database builds at 127.0.0.1 cannot be opened: "), "{why}");
    assert!(!why.contains("secret"), "{why}");
    let why = connect("postgres://me:secret@127.0.0.1/builds?sslmode=perhaps").await;
    assert!(why.starts_with("The address of the database cannot be read: "), "{why}");
    assert!(!why.contains("secret"), "{why}");
    let Some((_beside, address)) = database().await else { return };
    let why = connect(&format!("{address}?sslmode=require")).await;
    assert!(why.contains("cannot be opened: ") && why.to_lowercase().contains("tls"), "{why}");
    // A migration of a newer server.
    Store::connect(&address).await.unwrap().close().await;
    let mut connection = PgConnection::connect(&address).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations VALUES (999, 'newer', now(), true, '', 0)";
    sqlx::raw_sql(newer).execute(&mut connection).await.unwrap();
    let why = connect(&address).await;
    assert!(why.contains("cannot be brought up to date: "), "{why}");
}
