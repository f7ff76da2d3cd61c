//! A build's life: asked for, refused, shared, waiting, running, stopped, over, forgotten.

use std::time::Duration;

use protocol::build::{Accepted, End, FileList, Health, InputFile, Problem, Request, What};
use server::settings::EngineChoice;

use crate::server::{bearer, eventually, request, start, start_with};

fn shown(events: &[protocol::build::Event]) -> Vec<String> {
    let show = |what: &What| match what {
        What::Queued { position } => format!("queued {position}"),
        What::Started { engine } => format!("started {}", engine.kind),
        What::Step(step) => format!("step {} {:?}", step.id, step.state),
        What::Log { step, text, .. } => format!("log {step} {}", text.trim()),
        What::Size(size) => format!("size {}", size.bytes.unwrap()),
        What::Clipped { .. } => "clipped".to_owned(),
        What::Finished(outcome) => format!("finished {:?}", outcome.end),
        What::Progress { .. } | What::Warning { .. } => "other".to_owned(),
    };
    events.iter().map(|event| show(&event.what)).collect()
}

#[tokio::test]
async fn a_build_is_told_from_its_beginning_to_its_end() {
    let server = start().await;
    let accepted = server.build("log hello; step; log bye").await;
    assert!(accepted.token.is_some() && !accepted.shared);
    let events = server.events(&accepted.id).await;
    let expected = [
        "queued 0",
        "started scripted",
        "step 0 Running",
        "log 0 hello",
        "step 0 Done",
        "step 1 Running",
        "log 1 bye",
        "step 1 Done",
        "size 42",
        "finished Succeeded",
    ];
    assert_eq!(shown(&events), expected);
    assert!(events.is_sorted_by_key(|event| event.at));
    let record = server.record(&accepted.id).await;
    assert_eq!((record.status.as_str(), record.last), ("finished", events.len() as u64));
    assert_eq!(record.outcome.unwrap().end, End::Succeeded);
    assert_eq!(record.request, request("log hello; step; log bye"));
    let text = server.get(&format!("/api/v1/builds/{}/log.txt", accepted.id)).await;
    assert_eq!(text.text(), "#0 step 0\nhello\nDONE\n#1 step 1\nbye\nDONE\n\nsucceeded\n");
}

#[tokio::test]
async fn a_step_that_fails_is_the_end() {
    let server = start().await;
    let accepted = server.build("log no; fail 3").await;
    let outcome = server.outcome(&accepted.id).await;
    assert_eq!((outcome.end, outcome.failure.unwrap().exit_code), (End::Failed, Some(3)));
}

#[tokio::test]
async fn addresses_are_fetched_where_the_server_says_so() {
    let text = |script: &str| format!("FROM scratch\nADD https://example.com/a /\n#- {script}\n");
    let closed = start().await;
    let asked = Request { dockerfile: text("log a"), ..Request::default() };
    assert_eq!(closed.submit(&asked).await.shown(), "422 refused");
    assert!(!closed.get("/api/health").await.json::<Health>().downloads);

    let open = start_with(|settings| settings.downloads = true, |_| {}).await;
    assert!(open.get("/api/health").await.json::<Health>().downloads);
    let accepted: Accepted = open.submit(&asked).await.json();
    assert_eq!(open.outcome(&accepted.id).await.end, End::Succeeded);
    assert!(open.engine.rules.lock().unwrap().downloads);
}

#[tokio::test]
async fn what_may_not_be_built_is_refused_with_reasons() {
    let server = start_with(|settings| settings.images = Some(vec!["alpine:3.22".to_owned()]), |_| {}).await;
    let cases = [
        ("FROM busybox", "image", Some(1)),
        ("FROM alpine:3.22\nRUN --network=host id", "network-host", Some(2)),
        ("FROM alpine:3.22\nRUN --security=insecure id", "insecure", Some(2)),
        ("FROM alpine:3.22\nRUN --mount=type=ssh id", "ssh-mount", Some(2)),
        ("FROM alpine:3.22\nRUN --mount=type=secret,id=a id", "secret-mount", Some(2)),
        ("FROM scratch\nADD http://127.0.0.1/a /", "remote-source", Some(2)),
        ("# syntax=example.com/evil\nFROM scratch", "frontend", Some(1)),
    ];
    for (dockerfile, code, line) in cases {
        let answer =
            server.submit(&Request { dockerfile: dockerfile.to_owned(), ..Request::default() }).await;
        assert_eq!(answer.shown(), "422 refused", "{dockerfile}");
        let problem: Problem = answer.json();
        assert_eq!(
            (problem.refusals[0].code.as_str(), problem.refusals[0].line),
            (code, line),
            "{dockerfile}"
        );
    }
    let mut build = request("log x");
    build.args.insert("BUILDKIT_SYNTAX".to_owned(), "x".to_owned());
    build.contexts.insert("a".to_owned(), "https://example.com/x.git".to_owned());
    build.files.push(InputFile {
        path: "../x".to_owned(),
        text: Some(String::new()),
        ..InputFile::default()
    });
    let problem: Problem = server.submit(&build).await.json();
    let codes: Vec<_> = problem.refusals.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["path", "reserved-argument", "named-context"]);
    assert_eq!(server.engine.begun(), 0);
    let metrics = server.get("/metrics").await;
    assert!(metrics.text().contains("stagelight_refusals_total{code=\"ssh-mount\"} 1"), "{}", metrics.text());
}

#[tokio::test]
async fn without_an_engine_nothing_is_built() {
    let server = start_with(|settings| settings.engine = EngineChoice::None, |_| {}).await;
    assert_eq!(server.submit(&request("log x")).await.shown(), "503 no-engine");
}

#[tokio::test]
async fn equal_requests_share_a_build_while_it_runs() {
    let server = start().await;
    let requests =
        (0..50).map(|idx| Request { playground: Some(idx.to_string()), ..request("gate; log one") });
    let requests: Vec<Request> = requests.collect();
    let asked = requests.iter().map(|it| server.submit(it));
    let accepted: Vec<Accepted> =
        futures_util::future::join_all(asked).await.iter().map(|it| it.json()).collect();
    assert_eq!(accepted.iter().filter(|it| !it.shared).count(), 1);
    assert!(accepted.iter().all(|it| it.id == accepted[0].id && it.token.is_some()));
    server.engine.gate.add_permits(1);
    assert_eq!(server.outcome(&accepted[0].id).await.end, End::Succeeded);
    assert_eq!(server.engine.begun(), 1);
    // Over is over: who asks now gets a new one.
    server.engine.gate.add_permits(1);
    let again = server.build("gate; log one").await;
    assert!(!again.shared && again.id != accepted[0].id);
}

#[tokio::test]
async fn a_build_that_is_over_can_be_shared_for_a_while() {
    let server = start_with(|settings| settings.share_minutes = 5, |_| {}).await;
    let first = server.build("log one").await;
    server.outcome(&first.id).await;
    let second = server.build("log one").await;
    assert_eq!((second.id.as_str(), second.shared, second.token), (first.id.as_str(), true, None));
    let fresh = server.submit(&Request { no_cache: true, ..request("log one") }).await.json::<Accepted>();
    assert!(!fresh.shared);
    let other = server.build("log two").await;
    assert!(!other.shared);
    // What was stopped is nobody's answer.
    let stopped = server.build("hang").await;
    server.cancel(&stopped).await;
    server.outcome(&stopped.id).await;
    assert!(!server.build("hang").await.shared);
}

#[tokio::test]
async fn asking_twice_by_one_key_is_asking_once() {
    let server = start().await;
    let ask = async |key: &str, script: &str| {
        let body = serde_json::to_string(&request(script)).unwrap();
        server.post("/api/v1/builds", &[&format!("idempotency-key: {key}")], &body).await
    };
    let first: Accepted = ask("a", "log one").await.json();
    server.outcome(&first.id).await;
    let again: Accepted = ask("a", "log one").await.json();
    assert_eq!(again, first);
    assert_eq!(ask("a", "log two").await.shown(), "422 idempotency");
    assert_ne!(ask("b", "log one").await.json::<Accepted>().id, first.id);
    assert_eq!(ask(&"x".repeat(201), "log one").await.shown(), "400 idempotency");
}

#[tokio::test]
async fn clients_take_turns_and_see_where_they_stand() {
    let server = start_with(|settings| settings.builds = 1, |_| {}).await;
    let mut ids = Vec::new();
    for (client, name) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")] {
        ids.push(server.build_as(client, &format!("gate; log {name}")).await.id);
    }
    let health: Health = server.get("/api/health").await.json();
    assert_eq!((health.running, health.queued), (1, 4));
    server.engine.gate.add_permits(5);
    for id in &ids {
        server.outcome(id).await;
    }
    let order = server.engine.order.lock().unwrap().join(" ");
    assert_eq!(order.replace("# gate; log ", ""), "a1 b1 c1 a2 a3");
    let told = shown(&server.events(&ids[2]).await);
    let positions: Vec<&str> = told.iter().filter_map(|it| it.strip_prefix("queued ")).collect();
    assert_eq!(positions, ["1", "2", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn the_queue_has_an_end() {
    let queue = |settings: &mut server::settings::Settings| {
        (settings.builds, settings.queue, settings.queue_per_client) = (1, 3, 2);
    };
    let server = start_with(queue, |_| {}).await;
    let ask = async |client: &str, n: usize| {
        let answer = server.builds.submit(client, request(&format!("hang; log {n}")), None).await;
        answer.map_or_else(|problem| format!("{} {}", problem.status, problem.title), |_| "taken".to_owned())
    };
    let answers = [ask("a", 1).await, ask("a", 2).await, ask("a", 3).await, ask("a", 4).await];
    assert_eq!(answers, ["taken", "taken", "taken", "429 Too many of your builds wait already"]);
    assert_eq!([ask("b", 5).await, ask("b", 6).await], ["taken", "429 Too many builds wait already"]);
    server.builds.end().await;
}

#[tokio::test]
async fn a_build_is_stopped_by_who_asked_for_it() {
    let server = start().await;
    let accepted = server.build("log begun; hang").await;
    eventually(async || server.record(&accepted.id).await.last == 4).await;
    let path = format!("/api/v1/builds/{}/cancel", accepted.id);
    assert_eq!(server.post(&path, &[], "").await.shown(), "401 token");
    assert_eq!(server.post(&path, &["authorization: Bearer other"], "").await.shown(), "403 not-yours");
    assert_eq!(server.cancel(&accepted).await.shown(), "202");
    let events = server.events(&accepted.id).await;
    assert_eq!(shown(&events)[events.len() - 2..], ["step 0 Cancelled", "finished Cancelled"]);
    assert!(shown(&events).contains(&"log 0 begun".to_owned()));
    let other = Accepted { id: "abcdefghijkm".to_owned(), ..accepted };
    assert_eq!(server.cancel(&other).await.shown(), "404 not-found");
}

#[tokio::test]
async fn what_waits_is_stopped_at_once() {
    let server = start_with(|settings| settings.builds = 1, |_| {}).await;
    let first = server.build("hang").await;
    let second = server.build("log never").await;
    assert_eq!(server.cancel(&second).await.shown(), "202");
    assert_eq!(shown(&server.events(&second.id).await), ["queued 0", "finished Cancelled"]);
    assert_eq!(server.record(&first.id).await.status, "running");
    server.cancel(&first).await;
    server.outcome(&first.id).await;
    assert_eq!(server.engine.begun(), 1);
}

#[tokio::test]
async fn a_shared_build_goes_on_until_nobody_wants_it() {
    let server = start().await;
    let first = server.build("hang").await;
    let second = server.build("hang").await;
    assert_eq!(server.cancel(&first).await.shown(), "409 shared");
    assert_eq!(server.cancel(&first).await.shown(), "403 not-yours");
    assert_eq!(server.cancel(&second).await.shown(), "202");
    assert_eq!(server.outcome(&first.id).await.end, End::Cancelled);
}

#[tokio::test]
async fn its_owner_can_have_it_forgotten() {
    let server = start().await;
    let owner = server.build("log mine; gate").await;
    let guest = server.build("log mine; gate").await;
    server.engine.gate.add_permits(1);
    server.outcome(&owner.id).await;
    let path = format!("/api/v1/builds/{}", owner.id);
    assert_eq!(server.ask("DELETE", &path, &[], "").await.shown(), "401 token");
    assert_eq!(server.ask("DELETE", &path, &[&bearer(&guest)], "").await.shown(), "403 not-yours");
    assert_eq!(server.ask("DELETE", &path, &[&bearer(&owner)], "").await.shown(), "204");
    for path in ["", "/events", "/events.ndjson", "/log.txt", "/stages/0/files"] {
        let answer = server.get(&format!("/api/v1/builds/{}{path}", owner.id)).await;
        assert_eq!(answer.shown(), "404 not-found", "{path}");
    }
}

#[tokio::test]
async fn what_runs_can_be_forgotten_too() {
    let server = start().await;
    let owner = server.build("hang").await;
    server.until(&owner.id, "running").await;
    let path = format!("/api/v1/builds/{}", owner.id);
    assert_eq!(server.ask("DELETE", &path, &[&bearer(&owner)], "").await.shown(), "204");
    eventually(async || server.builds.health().running == 0).await;
    assert_eq!(server.get(&path).await.shown(), "404 not-found");
}

#[tokio::test]
async fn a_build_has_its_time() {
    let server = start_with(|settings| settings.seconds = 1, |_| {}).await;
    let outcome = server.outcome(&server.build("hang").await.id).await;
    assert_eq!(outcome.end, End::TimedOut);
    assert_eq!(outcome.failure.unwrap().message, "The build took more than 1 seconds");
}

#[tokio::test]
async fn a_build_may_not_be_silent() {
    let server = start_with(|settings| settings.idle_seconds = 1, |_| {}).await;
    let talks = "sleep 600; log a; sleep 600; log b; sleep 600; log c; hang";
    let accepted = server.build(talks).await;
    let outcome = server.outcome(&accepted.id).await;
    assert_eq!(outcome.end, End::TimedOut);
    assert!(outcome.failure.unwrap().message.contains("silent"));
    assert!(shown(&server.events(&accepted.id).await).contains(&"log 0 c".to_owned()));
}

#[tokio::test]
async fn an_engine_that_does_not_stop_is_left_alone() {
    let grace = |building: &mut server::settings::Building| building.grace = Duration::from_millis(100);
    let server = start_with(|settings| settings.builds = 1, grace).await;
    let accepted = server.build("stubborn").await;
    server.until(&accepted.id, "running").await;
    server.cancel(&accepted).await;
    assert_eq!(server.outcome(&accepted.id).await.end, End::Cancelled);
    let next = server.build("log next").await;
    assert_eq!(server.outcome(&next.id).await.end, End::Succeeded);
}

#[tokio::test]
async fn an_engine_with_an_accident_takes_nothing_with_it() {
    let server = start_with(|settings| settings.builds = 1, |_| {}).await;
    let accepted = server.build("log a; panic").await;
    let events = server.events(&accepted.id).await;
    let told = shown(&events);
    assert_eq!(told[told.len() - 2..], ["step 0 Cancelled", "finished Interrupted"]);
    let next = server.build("log next").await;
    assert_eq!(server.outcome(&next.id).await.end, End::Succeeded);
}

#[tokio::test]
async fn output_has_an_end_but_a_failure_is_explained() {
    let server = start_with(|settings| settings.log_bytes = 100_000, |_| {}).await;
    let accepted = server.build("flood 5000000; log the reason; fail 1").await;
    let events = server.events(&accepted.id).await;
    let told: usize =
        events.iter().map(|it| if let What::Log { text, .. } = &it.what { text.len() } else { 0 }).sum();
    assert!((100_000..120_000).contains(&told), "{told}");
    let is_clipped = |what: &What| matches!(what, What::Clipped { bytes, .. } if *bytes > 4_000_000);
    assert!(events.iter().any(|event| is_clipped(&event.what)));
    let at = shown(&events).iter().position(|it| it.starts_with("step 0 Failed")).unwrap();
    assert!(matches!(&events[at - 1].what, What::Log { text, .. } if text.ends_with("the reason\n")));
}

#[tokio::test]
async fn hostile_output_stays_text() {
    let server = start().await;
    let payload = "\u{1b}]8;;javascript:alert(1)\u{7}click\u{1b}]8;;\u{7} <img src=x onerror=alert(1)> \u{1b}[2J\u{1b}[31mred\rover </script>\u{2028}data: x\u{0}";
    let accepted = server.build(&format!("log {payload}")).await;
    let events = server.events(&accepted.id).await;
    assert!(
        events.iter().any(|it| matches!(&it.what, What::Log { text, .. } if *text == format!("{payload}\n")))
    );
    for path in ["events.ndjson", "log.txt"] {
        let answer = server.get(&format!("/api/v1/builds/{}/{path}", accepted.id)).await;
        assert!(!answer.header("content-type").contains("html"));
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn the_files_of_a_stage_are_listed_once_and_handed_out() {
    let server = start().await;
    let running = server.build("gate").await;
    let path = |id: &str, rest: &str| format!("/api/v1/builds/{id}/stages/{rest}");
    assert_eq!(server.get(&path(&running.id, "0/files")).await.shown(), "409 running");
    server.engine.gate.add_permits(1);
    server.outcome(&running.id).await;
    for _ in 0..2 {
        let list: FileList = server.get(&path(&running.id, "0/files")).await.json();
        assert_eq!(list.entries[0].path, "/<b>");
    }
    assert_eq!(server.engine.looked.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(server.get(&path(&running.id, "1/files")).await.shown(), "404 not-found");
    let tar = server.get(&path(&running.id, "0/archive?path=/etc/motd")).await;
    assert_eq!((tar.text(), tar.header("content-type")), ("tar /etc/motd", "application/x-tar"));
    assert_eq!(server.get(&path(&running.id, "0/archive?path=/none")).await.shown(), "404 not-found");
    assert_eq!(server.get(&path(&running.id, "0/archive?path=/../x")).await.shown(), "400 path");
}

#[tokio::test]
async fn builds_have_their_days() {
    let server = start_with(|settings| settings.days = 1, |_| {}).await;
    let accepted = server.build("log old").await;
    server.outcome(&accepted.id).await;
    eventually(async || {
        server.builds.store().record(&accepted.id).await.unwrap().unwrap().status == "finished"
    })
    .await;
    let store = server.builds.store();
    assert_eq!(store.expire(server::builds::now()).await, Ok(0));
    assert_eq!(store.expire(server::builds::now() + 86_401).await, Ok(1));
    assert_eq!(store.record(&accepted.id).await, Ok(None));
}

#[tokio::test]
async fn many_builds_are_read_back_from_the_store() {
    let server = start().await;
    let mut ids = Vec::new();
    for n in 0..20 {
        let accepted = server.build(&format!("log {n}")).await;
        server.outcome(&accepted.id).await;
        ids.push(accepted.id);
    }
    for (n, id) in ids.iter().enumerate() {
        let told = shown(&server.events(id).await);
        assert!(told.contains(&format!("log 0 {n}")), "{told:?}");
    }
}
