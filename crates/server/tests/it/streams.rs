//! Watching: taken up where it was left, by many, from another place, without a loss.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use protocol::build::{Event, What};
use server::listen;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket};

use crate::server::{Server, events, start, start_with};

#[tokio::test]
async fn a_stream_is_taken_up_at_any_event() {
    let server = start().await;
    let accepted = server.build("log a; step; log b; step; log c").await;
    let path = format!("/api/v1/builds/{}/events", accepted.id);
    let all = server.events(&accepted.id).await;
    for after in 0..=all.len() {
        let by_header = server.ask("GET", &path, &[&format!("last-event-id: {after}")], "").await;
        let by_query = server.get(&format!("{path}?after={after}")).await;
        assert_eq!(events(by_header.text()), all[after..]);
        assert_eq!(by_query.text(), by_header.text());
        assert!(by_query.text().starts_with("retry: 2000\n\n"));
        assert!(!by_query.text().contains("event: reset"));
    }
    // The browser's own header is the newer one.
    let both = server.ask("GET", &format!("{path}?after=1"), &["last-event-id: 3"], "").await;
    assert_eq!(events(both.text()), all[3..]);
    let lines = server.get(&format!("/api/v1/builds/{}/events.ndjson", accepted.id)).await;
    let read: Vec<Event> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, all);
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
}

#[tokio::test]
async fn who_saw_more_than_there_is_begins_again() {
    let server = start().await;
    let accepted = server.build("log a").await;
    let all = server.events(&accepted.id).await;
    let path = format!("/api/v1/builds/{}/events", accepted.id);
    let answer = server.ask("GET", &path, &["last-event-id: 9999"], "").await;
    assert!(
        answer.text().starts_with("retry: 2000\n\nevent: reset\ndata: {}\n\nid: 1\n"),
        "{}",
        answer.text()
    );
    assert_eq!(events(answer.text()), all);
    // What is no number is nothing seen.
    let answer = server.ask("GET", &path, &["last-event-id: x"], "").await;
    assert_eq!(events(answer.text()), all);
}

#[tokio::test]
async fn a_stream_is_not_stored_on_its_way() {
    let server = start().await;
    let accepted = server.build("log a").await;
    let answer = server.get(&format!("/api/v1/builds/{}/events", accepted.id)).await;
    let headers = ["content-type", "cache-control", "x-accel-buffering"].map(|it| answer.header(it));
    assert_eq!(headers, ["text/event-stream", "no-store", "no"]);
}

#[tokio::test]
async fn an_address_has_so_many_streams() {
    let server = start_with(|settings| settings.streams_per_client = 1, |_| {}).await;
    let accepted = server.build("gate").await;
    let path = format!("/api/v1/builds/{}/events", accepted.id);
    let first = tokio::spawn({
        let router = server.router.clone();
        let asked = axum::http::Request::get(&path)
            .header("host", "localhost")
            .body(axum::body::Body::empty())
            .unwrap();
        async move {
            let response = tower::ServiceExt::oneshot(router, asked).await.unwrap();
            http_body_util::BodyExt::collect(response.into_body()).await.unwrap()
        }
    });
    crate::server::eventually(async || {
        server.get("/metrics").await.text().contains("stagelight_streams 1\n")
    })
    .await;
    assert_eq!(server.get(&path).await.shown(), "429 too-many-streams");
    server.engine.gate.add_permits(1);
    first.await.unwrap();
    assert_eq!(server.get(&path).await.status, 200);
}

/// Serves on a port of its own.
async fn listen(server: &Server) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let end = server.end.clone();
    tokio::spawn(listen::serve(listener, server.router.clone(), async move { end.cancelled().await }));
    address
}

/// Watches by a socket, cut off after `cut` events and taken up again, to the end.
fn watch(address: std::net::SocketAddr, id: &str, cut: usize) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    loop {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let after = seen.last().map_or(0, |event| event.seq);
        write!(
            stream,
            "GET /api/v1/builds/{id}/events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: {after}\r\n\r\n"
        )
        .unwrap();
        let mut n = 0;
        for line in BufReader::new(stream).lines() {
            let line = line.unwrap();
            if let Some(json) = line.strip_prefix("data: ") {
                let event: Event = serde_json::from_str(json).unwrap();
                let is_end = matches!(event.what, What::Finished(_));
                seen.push(event);
                n += 1;
                if is_end {
                    return seen;
                }
                if n == cut {
                    break;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_watch_and_are_cut_off_and_all_see_everything_once() {
    let server = start().await;
    let address = listen(&server).await;
    let accepted = server.build("gate; many 300; sleep 20; many 300; log end").await;
    let watchers: Vec<_> = (0..20)
        .map(|n| {
            let id = accepted.id.clone();
            std::thread::spawn(move || watch(address, &id, 7 + n * 13))
        })
        .collect();
    server.engine.gate.add_permits(1);
    let all = tokio::task::spawn_blocking(move || {
        watchers.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
    });
    let all = all.await.unwrap();
    let truth = server.events(&accepted.id).await;
    assert!(truth.len() > 600);
    for seen in all {
        assert!(seen == truth, "a watcher saw something else");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_gives_the_seat_back() {
    let server = start_with(|settings| settings.streams_per_client = 2, |_| {}).await;
    // Little room on both sides, so that what is not read soon waits.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(16).unwrap();
    let address = listener.local_addr().unwrap();
    let (router, patience) = (server.router.clone(), Duration::from_millis(500));
    tokio::spawn(listen::serve_patiently(listener, router, std::future::pending(), patience));
    let accepted = server.build("many 3000; gate; log end").await;
    let streams = async |n: usize| {
        let expected = format!("stagelight_streams {n}\n");
        crate::server::eventually(async || server.get("/metrics").await.text().contains(&expected)).await;
    };
    // Who reads stays, however little happens.
    let id = accepted.id.clone();
    let reader = tokio::task::spawn_blocking(move || watch(address, &id, usize::MAX));
    streams(1).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut idle = socket.connect(address).await.unwrap();
    let ask = format!("GET /api/v1/builds/{}/events HTTP/1.1\r\nhost: localhost\r\n\r\n", accepted.id);
    idle.write_all(ask.as_bytes()).await.unwrap();
    streams(2).await;
    streams(1).await;
    tokio::time::sleep(2 * patience).await;
    streams(1).await;
    server.engine.gate.add_permits(1);
    let seen = reader.await.unwrap();
    assert!(seen.len() > 3000, "{}", seen.len());
    streams(0).await;
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_says_what_becomes_of_its_builds() {
    let server = start().await;
    let address = listen(&server).await;
    let accepted = server.build("log a; hang").await;
    let id = accepted.id.clone();
    let watcher = tokio::task::spawn_blocking(move || watch(address, &id, usize::MAX));
    server.until(&accepted.id, "running").await;
    let builds = Arc::clone(&server.builds);
    builds.end().await;
    server.end.cancel();
    let seen = watcher.await.unwrap();
    let Some(What::Finished(outcome)) = seen.last().map(|it| &it.what) else { panic!("no end") };
    assert_eq!(outcome.end, protocol::build::End::Interrupted);
    assert_eq!(server.submit(&crate::server::request("log late")).await.shown(), "503 ending");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_too_much_does_not_disturb() {
    let server = start().await;
    let address = listen(&server).await;
    let idle: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    let answer = tokio::task::spawn_blocking(move || {
        let mut long = TcpStream::connect(address).unwrap();
        let headers = "x-a: b\r\n".repeat(100);
        write!(long, "GET / HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").unwrap();
        let mut line = String::new();
        BufReader::new(long).read_line(&mut line).unwrap();
        line
    });
    assert!(answer.await.unwrap().contains("431"));
    assert_eq!(server.get("/api/health").await.status, 200);
    drop(idle);
}
