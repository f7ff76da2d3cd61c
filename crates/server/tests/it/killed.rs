//! A server that is killed in the middle of builds, and the one after it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use protocol::build::{End, Event, What};

use crate::server::{Folder, start_in};

const FOLDER: &str = "STAGELIGHT_TEST_KILLED_FOLDER";
const NAME: &str = "killed::what_a_killed_server_left_is_told_by_the_next";

/// In a process of its own: begins builds, says which, and waits to be killed.
async fn be_killed(folder: &Path) {
    let server = start_in(folder, |settings| settings.builds = 1, |_| {}).await;
    let over = server.build("log over").await;
    server.outcome(&over.id).await;
    let running = server.build("log seen; step; log kept; hang").await;
    let waiting = server.build("log never").await;
    crate::server::eventually(async || {
        let store = server.builds.store();
        let over = store.record(&over.id).await.unwrap().unwrap();
        let running = store.record(&running.id).await.unwrap().unwrap();
        over.status == "finished" && running.last >= 7
    })
    .await;
    println!("\nbuilds {} {} {}", over.id, running.id, waiting.id);
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn what_a_killed_server_left_is_told_by_the_next() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return be_killed(Path::new(&folder)).await;
    }
    let folder = Folder::new();
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program)
        .args(["--exact", NAME, "--nocapture"])
        .env(FOLDER, &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.into_iter().find(|line| line.starts_with("builds ")).unwrap_or_default();
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    let ids: Vec<&str> = line.split(' ').skip(1).collect();
    let [over, running, waiting] = ids[..] else { panic!("the server said {line:?}") };

    let server = start_in(&folder.0, |_| {}, |_| {}).await;
    assert_eq!(server.outcome(over).await.end, End::Succeeded);
    let events = server.events(running).await;
    let logs: Vec<&str> = events
        .iter()
        .filter_map(
            |Event { what, .. }| if let What::Log { text, .. } = what { Some(text.trim()) } else { None },
        )
        .collect();
    assert_eq!(logs, ["seen", "kept"]);
    let [.., step, end] = &events[..] else { panic!("{events:?}") };
    assert!(matches!(&step.what, What::Step(step) if format!("{:?}", step.state) == "Cancelled"), "{step:?}");
    let What::Finished(outcome) = &end.what else { panic!("{end:?}") };
    assert_eq!(outcome.end, End::Interrupted);
    assert_eq!(server.record(running).await.status, "finished");
    assert_eq!(server.outcome(waiting).await.end, End::Interrupted);
    // It goes on as if nothing had been.
    let next = server.build("log next").await;
    assert_eq!(server.outcome(&next.id).await.end, End::Succeeded);
}
