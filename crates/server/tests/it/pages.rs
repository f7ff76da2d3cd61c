//! The site, the links into it, and what the server says of itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use expect_test::expect;
use protocol::Playground;
use protocol::build::{Fragment, Health, Link};
use sha2::{Digest, Sha256};

use crate::server::{Folder, start, start_with};

#[tokio::test]
async fn the_site_comes_with_a_policy_that_knows_its_scripts() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("index.html"), "<script type=\"module\">1</script>").unwrap();
    std::fs::write(folder.0.join("app-0123456789abcdef_bg.wasm"), "x".repeat(10_000)).unwrap();
    let site = folder.0.clone();
    let server = start_with(move |settings| settings.site = Some(site), |_| {}).await;
    let page = server.get("/").await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-cache"));
    let policy = page.header("content-security-policy");
    let digest = "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='";
    assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' {digest};")), "{policy}");
    assert!(!policy.contains("script-src 'self' 'unsafe"), "{policy}");
    let tag = page.header("etag").to_owned();
    let again = server.ask("GET", "/", &[&format!("if-none-match: {tag}")], "").await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let wasm = server.ask("GET", "/app-0123456789abcdef_bg.wasm", &["accept-encoding: gzip, br"], "").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    assert_eq!(wasm.header("content-encoding"), "gzip");
    assert!(wasm.header("cache-control").contains("immutable") && wasm.body.len() < 1000);
    assert_eq!(server.get("/app-0123456789abcdef_bg.wasm").await.body.len(), 10_000);
    assert_eq!(server.get("/../Cargo.toml").await.status, 404);
    assert_eq!(server.get("/%2e%2e/stagelight.sqlite").await.status, 404);
}

#[tokio::test]
async fn the_page_knows_its_server_and_the_worker_keeps_that_page() {
    let folder = Folder::new();
    let page = "<meta name=\"stagelight-server\" content=\"\" /><p>ö</p>";
    let digest = |page: &[u8]| format!("sha256-{}", STANDARD.encode(Sha256::digest(page)));
    let worker =
        format!("self.site = {{ version: \"abc\", files: {{\"\":\"{}\"}} }};", digest(page.as_bytes()));
    std::fs::write(folder.0.join("index.html"), page).unwrap();
    std::fs::write(folder.0.join("service-worker.js"), worker).unwrap();
    let site = folder.0.clone();
    let server = start_with(move |settings| settings.site = Some(site), |_| {}).await;
    let page = server.get("/").await.text().to_owned();
    assert_eq!(page, "<meta name=\"stagelight-server\" content=\"./\" /><p>ö</p>");
    let expected = format!(
        "self.site = {{ version: \"served-abc\", files: {{\"\":\"{}\"}} }};",
        digest(page.as_bytes())
    );
    assert_eq!(server.get("/service-worker.js").await.text(), expected);
}

#[tokio::test]
async fn without_a_site_a_page_says_how_to_get_it() {
    let server = start().await;
    assert!(server.get("/").await.text().contains("cargo xtask dist"));
}

#[tokio::test]
async fn a_fragment_has_one_short_link() {
    let server = start().await;
    let playground = |text: &str| Playground { dockerfile: text.to_owned(), ..Playground::default() };
    let fragment = protocol::link::encode(&playground("FROM scratch\n"));
    let post = async |fragment: &str| {
        let body = serde_json::to_string(&Fragment { fragment: fragment.to_owned() }).unwrap();
        server.post("/api/v1/links", &[], &body).await
    };
    let made = post(&fragment).await;
    assert_eq!(made.status, 201);
    let link: Link = made.json();
    assert_eq!(post(&format!("#{fragment}")).await.json::<Link>(), link);
    let other = protocol::link::encode(&playground("FROM alpine\n"));
    assert_ne!(post(&other).await.json::<Link>(), link);
    let read: Fragment = server.get(&format!("/api/v1/links/{}", link.id)).await.json();
    assert_eq!(read.fragment, fragment);
    let opened = server.get(&format!("/s/{}", link.id)).await;
    assert_eq!((opened.status.as_u16(), opened.header("location")), (307, format!("/#{fragment}").as_str()));
    for odd in ["", "x", "#", "1.%0d%0aSet-Cookie", "javascript:alert(1)", "1.AAAA"] {
        assert_eq!(post(odd).await.shown(), "400 fragment", "{odd}");
    }
    for unknown in ["/s/abcdefghijkmn", "/s/..", "/s/%0d%0a", "/api/v1/links/abcdefghijkmn"] {
        assert_eq!(server.get(unknown).await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn a_link_to_a_build_leads_into_the_site() {
    let server = start().await;
    let answer = server.get("/b/abcdefghijkm2345").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (307, "/?build=abcdefghijkm2345"));
    assert_eq!(server.get("/b/a%22b").await.status, 404);
    assert_eq!(server.engine.begun(), 0);
}

#[tokio::test]
async fn the_server_says_how_it_is() {
    let server = start_with(|settings| settings.images = Some(vec!["alpine".to_owned()]), |_| {}).await;
    let health: Health = server.get("/api/health").await.json();
    assert_eq!(health.engine.unwrap().kind, "scripted");
    assert!(health.abilities.files && !health.public && !health.limits.network);
    assert_eq!(health.images, Some(vec!["alpine".to_owned()]));
    assert_eq!(server.get("/api/ready").await.status, 204);
    let accepted = server.build("log x").await;
    server.outcome(&accepted.id).await;
    crate::server::eventually(async || {
        let metrics = server.get("/metrics").await;
        metrics.text().contains("stagelight_builds_total{end=\"succeeded\"} 1\n")
            && metrics.text().contains("stagelight_build_seconds_count 1\n")
    })
    .await;
    let metrics = server.get("/metrics").await;
    for line in metrics.text().lines() {
        let is_sample = line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(line.starts_with('#') || is_sample, "{line}");
    }
}

#[tokio::test]
async fn the_description_is_of_what_is_there() {
    let server = start().await;
    let description = server.get("/api/openapi.json").await;
    let json: serde_json::Value = description.json();
    let mut listed = Vec::new();
    for (path, methods) in json["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(operation["responses"].as_object().is_some_and(|it| !it.is_empty()), "{method} {path}");
            listed.push(format!("{} {path}", method.to_uppercase()));
            // Every address is there: what it answers is its own.
            let asked = path.replace("{id}", "abcdefghijkm").replace("{stage}", "0");
            let answer =
                server.ask(&method.to_uppercase(), &asked, &["content-type: application/json"], "{}").await;
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(!answer.text().contains("There is nothing at this address"), "{method} {path}");
            let status = answer.status.as_u16().to_string();
            let known = operation["responses"].get(&status).is_some();
            assert!(known || ["401", "405"].contains(&status.as_str()), "{method} {path} answers {status}");
        }
    }
    listed.sort();
    expect![[r#"
        DELETE /api/v1/builds/{id}
        GET /api/health
        GET /api/openapi.json
        GET /api/ready
        GET /api/v1/builds/{id}
        GET /api/v1/builds/{id}/events
        GET /api/v1/builds/{id}/events.ndjson
        GET /api/v1/builds/{id}/log.txt
        GET /api/v1/builds/{id}/stages/{stage}/archive
        GET /api/v1/builds/{id}/stages/{stage}/files
        GET /api/v1/links/{id}
        GET /metrics
        POST /api/v1/builds
        POST /api/v1/builds/{id}/cancel
        POST /api/v1/links"#]]
    .assert_eq(&listed.join("\n"));
    // Every form that is referred to is described.
    let text = description.text();
    let schemas = json["components"]["schemas"].as_object().unwrap();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    for name in ["Request", "Record", "Accepted", "Problem", "Refusal", "FileList", "Health"] {
        assert!(schemas.contains_key(name), "{name}");
    }
}
