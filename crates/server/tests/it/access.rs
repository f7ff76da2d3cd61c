//! Who may ask, and what is said to whom.

use protocol::build::Accepted;
use server::settings::Settings;

use crate::server::{Server, request, start, start_with};

const BODY: &str = r#"{"dockerfile":"FROM scratch\n#- log x\n"}"#;

async fn post(server: &Server, headers: &[&str]) -> String {
    server.ask("POST", "/api/v1/builds", headers, BODY).await.shown()
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_not_answered() {
    let server = start().await;
    let cases = [
        ("127.0.0.1:8080", "200"),
        ("127.0.0.1", "200"),
        ("localhost:8080", "200"),
        ("LocalHost:1", "200"),
        ("[::1]:8080", "200"),
        ("evil.example", "421 host"),
        ("127.0.0.1.evil.example", "421 host"),
        ("localhost.evil.example:8080", "421 host"),
        ("evil.example:8080", "421 host"),
        ("192.168.0.1", "421 host"),
        ("", "421 host"),
    ];
    for (host, expected) in cases {
        for path in ["/api/health", "/"] {
            let answer = server.ask("GET", path, &[&format!("host: {host}")], "").await;
            assert_eq!(answer.shown(), expected, "{host} {path}");
        }
    }
    let twice = server.ask("GET", "/api/health", &["host: localhost", "host: evil.example"], "").await;
    assert_eq!(twice.shown(), "400 host");
}

#[tokio::test]
async fn names_can_be_added() {
    let set = |settings: &mut Settings| settings.hosts = vec!["play.example.com".to_owned()];
    let server = start_with(set, |_| {}).await;
    for (host, expected) in
        [("play.example.com", "200"), ("PLAY.example.com:443", "200"), ("example.com", "421 host")]
    {
        let answer = server.ask("GET", "/api/health", &[&format!("host: {host}")], "").await;
        assert_eq!(answer.shown(), expected, "{host}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing_and_read_nothing() {
    let server = start().await;
    let json = "content-type: application/json";
    let cases: &[(&[&str], &str)] = &[
        (&[json], "201"),
        (&[json, "origin: http://127.0.0.1:8080"], "201"),
        (&[json, "origin: http://127.0.0.1:8081"], "403 origin"),
        (&[json, "origin: http://evil.example"], "403 origin"),
        (&[json, "origin: http://127.0.0.1:8080.evil.example"], "403 origin"),
        (&[json, "origin: null"], "403 origin"),
        (&[json, "sec-fetch-site: cross-site"], "403 origin"),
        (&[json, "sec-fetch-site: same-origin"], "201"),
        // What a form can send.
        (&["content-type: text/plain"], "415 content-type"),
        (&["content-type: application/x-www-form-urlencoded"], "415 content-type"),
        (&["content-type: multipart/form-data; boundary=x"], "415 content-type"),
        (&[], "415 content-type"),
        (&["content-type: application/json; charset=utf-8"], "201"),
    ];
    for (headers, expected) in cases {
        assert_eq!(post(&server, headers).await, *expected, "{headers:?}");
    }
    let accepted = server.build("log x").await;
    for path in ["events", "events.ndjson", "log.txt"] {
        let path = format!("/api/v1/builds/{}/{path}", accepted.id);
        for header in
            ["origin: http://evil.example", "sec-fetch-site: cross-site", "sec-fetch-site: same-site"]
        {
            assert_eq!(
                server.ask("GET", &path, &[header], "").await.shown(),
                "403 origin",
                "{path} {header}"
            );
        }
    }
    for (method, path) in [("DELETE", "/api/v1/builds/abcdefghijkm"), ("POST", "/api/v1/links")] {
        let answer = server.ask(method, path, &[json, "origin: http://evil.example"], "{}").await;
        assert_eq!(answer.shown(), "403 origin");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    // A link from elsewhere opens the site all the same.
    assert_eq!(server.ask("GET", "/", &["sec-fetch-site: cross-site"], "").await.status, 200);
}

#[tokio::test]
async fn other_sites_can_be_allowed() {
    let set = |settings: &mut Settings| settings.allow_origin = vec!["https://docs.example.com".to_owned()];
    let server = start_with(set, |_| {}).await;
    let json = "content-type: application/json";
    let docs = "origin: https://docs.example.com";
    let answer =
        server.ask("POST", "/api/v1/builds", &[json, docs, "sec-fetch-site: cross-site"], BODY).await;
    assert_eq!(
        (answer.shown().as_str(), answer.header("access-control-allow-origin")),
        ("201", "https://docs.example.com")
    );
    let preflight = ["access-control-request-method: POST", "access-control-request-headers: content-type"];
    let answer = server.ask("OPTIONS", "/api/v1/builds", &[&[docs][..], &preflight].concat(), "").await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("access-control-allow-headers").contains("content-type"));
    let answer = server
        .ask("OPTIONS", "/api/v1/builds", &[&["origin: https://evil.example"][..], &preflight].concat(), "")
        .await;
    assert_eq!(answer.shown(), "403 origin");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn what_cannot_be_read_is_said() {
    let server = start().await;
    let ask = async |body: &str| server.post("/api/v1/builds", &[], body).await;
    assert_eq!(ask("").await.shown(), "400 unreadable");
    assert_eq!(ask("{").await.shown(), "400 unreadable");
    assert_eq!(ask(r#"{"dockerfile":"FROM scratch","privileged":true}"#).await.shown(), "400 unreadable");
    assert!(ask(r#"{"dockerfile":1}"#).await.text().contains("expected a string"));
    let large = format!(r#"{{"dockerfile":"{}"}}"#, "x".repeat(2 << 20));
    assert_eq!(ask(&large).await.shown(), "413 too-large");
    let long = format!(r#"{{"dockerfile":"{}"}}"#, "x".repeat(200 << 10));
    assert_eq!(ask(&long).await.shown(), "422 refused");
    let odd = [
        "/api/v1/builds/../../x",
        "/api/v1/builds/%00",
        "/api/v1/builds/A",
        "/api/nothing",
        "/api/v1/links/x",
    ];
    for path in odd {
        assert_eq!(server.get(path).await.shown(), "404 not-found", "{path}");
    }
    assert_eq!(server.ask("PUT", "/x", &[], "").await.shown(), "405 method");
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let server = start().await;
    for path in
        ["/", "/api/health", "/api/nothing", "/metrics", "/nothing", "/api/openapi.json", "/b/abcdefghijkm"]
    {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn a_token_keeps_strangers_from_building() {
    let server = start_with(|settings| settings.token = Some("open-sesame".to_owned()), |_| {}).await;
    let json = "content-type: application/json";
    assert_eq!(post(&server, &[json]).await, "401 token");
    assert_eq!(post(&server, &[json, "x-stagelight-token: other"]).await, "401 token");
    assert_eq!(post(&server, &[json, "x-stagelight-token: open-sesame"]).await, "201");
    assert_eq!(server.post("/api/v1/links", &[], r#"{"fragment":"x"}"#).await.shown(), "401 token");
    assert_eq!(server.get("/enter?token=other").await.shown(), "401 token");
    let entered = server.get("/enter?token=open-sesame").await;
    assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/"));
    let cookie = entered.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = format!("cookie: a=b; {}", cookie.split(';').next().unwrap());
    assert_eq!(post(&server, &[json, &cookie]).await, "201");
    // Whoever has a link to a build may look at it.
    let answer = server.post("/api/v1/builds", &["x-stagelight-token: open-sesame"], BODY).await;
    let accepted: Accepted = answer.json();
    assert_eq!(server.get(&format!("/api/v1/builds/{}", accepted.id)).await.status, 200);
}

#[tokio::test]
async fn an_address_may_not_ask_all_the_time() {
    let set = |settings: &mut Settings| {
        (settings.builds_per_minute, settings.links_per_minute, settings.streams_per_minute) = (3, 2, 4);
        settings.trust_proxy = vec!["127.0.0.1".parse().unwrap()];
    };
    let server = start_with(set, |_| {}).await;
    let body = |n: usize| serde_json::to_string(&request(&format!("log {n}"))).unwrap();
    let mut id = String::new();
    for n in 0..3 {
        let answer = server.post("/api/v1/builds", &[], &body(n)).await;
        id = answer.json::<Accepted>().id;
    }
    let refused = server.post("/api/v1/builds", &[], &body(4)).await;
    assert_eq!((refused.shown().as_str(), refused.header("retry-after")), ("429 too-often", "30"));
    // Another address behind the proxy has a count of its own, and cannot make itself a third.
    let other = "x-forwarded-for: 203.0.113.9";
    assert_eq!(server.post("/api/v1/builds", &[other], &body(5)).await.status, 201);
    let feigned = "x-forwarded-for: 198.51.100.7, 203.0.113.9";
    for n in 6..8 {
        assert_eq!(server.post("/api/v1/builds", &[feigned], &body(n)).await.status, 201);
    }
    assert_eq!(server.post("/api/v1/builds", &[feigned], &body(9)).await.shown(), "429 too-often");
    // Streams and links are counted by themselves.
    for _ in 0..4 {
        assert_eq!(server.get(&format!("/api/v1/builds/{id}/events")).await.status, 200);
    }
    assert_eq!(server.get(&format!("/api/v1/builds/{id}/events")).await.shown(), "429 too-often");
}

#[tokio::test]
async fn who_is_not_believed_has_one_count_whatever_they_say() {
    let server = start_with(|settings| settings.builds_per_minute = 1, |_| {}).await;
    let json = "content-type: application/json";
    assert_eq!(post(&server, &[json, "x-forwarded-for: 203.0.113.1"]).await, "201");
    assert_eq!(post(&server, &[json, "x-forwarded-for: 203.0.113.2"]).await, "429 too-often");
}
