//! A server whose engine has no room left.

use std::sync::Arc;

use protocol::build::{End, Health};
use server::disk::Disk;
use server::watch;

use crate::server::{Folder, eventually, start};

#[tokio::test]
async fn without_room_builds_are_stopped_and_nothing_begins() {
    let server = start().await;
    let running = server.build("log begun; hang").await;
    server.until(&running.id, "running").await;
    let folder = Folder::new();
    // More than any disk has.
    let disk = Disk::new(vec![folder.0.clone()], Some(u64::MAX)).unwrap();
    let watching = tokio::spawn(watch::watch(Arc::clone(&server.builds), disk));
    let outcome = server.outcome(&running.id).await;
    let failure = outcome.failure.unwrap();
    assert_eq!((outcome.end, failure.code.as_str()), (End::Failed, "disk-full"));
    assert!(failure.message.contains("disk") && failure.help.is_some());
    let waiting = server.build("log later").await;
    eventually(async || server.get("/metrics").await.text().contains("stagelight_engine_disk_short 1\n"))
        .await;
    let health: Health = server.get("/api/health").await.json();
    assert!(health.disk.is_some_and(|disk| disk.short && disk.free < disk.reserve), "{:?}", health.disk);
    assert_eq!(server.record(&waiting.id).await.status, "queued");
    // Looking into a stage may build it again.
    let answer = server.get(&format!("/api/v1/builds/{}/stages/0/files", running.id)).await;
    assert_eq!(answer.shown(), "503 disk-full");
    assert_eq!(server.engine.begun(), 1);
    watching.abort();
}
