//! What a build must not do, tried: to reach what only the builder reaches, to steer the engine, to read what others
//! have left.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::build::End;

use crate::engine;
use crate::harness::{IMAGE, order};

/// Something on this machine's own address that counts who comes.
struct Canary {
    port: u16,
    visits: Arc<AtomicUsize>,
}

impl Canary {
    fn new() -> Canary {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let visits = Arc::new(AtomicUsize::new(0));
        let counter = visits.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Canary { port, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

#[test]
fn nothing_of_the_builder_is_reached() {
    let Some(engine) = engine() else { return };
    if engine.is_before(23, "what it may fetch") {
        return;
    }
    let canary = Canary::new();
    assert_eq!(canary.visits(), 0);
    let host = format!("127.0.0.1:{}", canary.port);
    let dockerfiles = [
        format!("FROM {IMAGE}\nADD http://{host}/x /x\n"),
        format!("FROM {IMAGE}\nADD https://{host}/x /x\n"),
        format!("FROM {IMAGE}\nADD http://{host}/x.git#main /x\n"),
        format!("FROM {IMAGE}\nADD git://{host}/x /x\n"),
        format!("FROM {IMAGE}\nADD git@{host}:x/y.git /x\n"),
        format!("FROM {IMAGE}\nADD --checksum=sha256:{} http://{host}/x /x\n", "0".repeat(64)),
        format!("FROM {host}/x/y:1\n"),
        format!("FROM {IMAGE}\nCOPY --from={host}/x/y:1 /x /x\n"),
        format!("FROM {IMAGE}\nRUN --mount=from={host}/x/y:1,target=/x true\n"),
        format!("ARG X={host}/x/y:1\nFROM $X\n"),
        format!("# syntax={host}/x/y:1\nFROM {IMAGE}\n"),
        format!("#syntax={host}/x/y:1\nFROM {IMAGE}\n"),
        format!("//syntax={host}/x/y:1\nFROM {IMAGE}\n"),
        format!("{{\"syntax\": \"{host}/x/y:1\"}}\nFROM {IMAGE}\n"),
        format!("FROM {IMAGE} AS a\nONBUILD ADD http://{host}/x /x\nFROM a\n"),
    ];
    for dockerfile in &dockerfiles {
        let built = engine.build(dockerfile);
        assert_eq!(built.outcome.end, End::Failed, "{dockerfile}");
        let failure = built.outcome.failure.clone().expect("a reason");
        assert!(["denied", "parse", "failed"].contains(&failure.code.as_str()), "{dockerfile}: {failure:?}");
        assert_eq!(canary.visits(), 0, "{dockerfile}");
        println!(
            "{:<10} {:<60} {}",
            failure.code,
            dockerfile.lines().find(|line| line.contains(&host)).unwrap_or_default(),
            failure.message
        );
    }
    let steering = [
        ("BUILDKIT_SYNTAX", format!("{host}/x/y:1")),
        ("BUILDKIT_CACHE_MOUNT_NS", "other".to_owned()),
        ("BUILDKIT_SANDBOX_HOSTNAME", "x".to_owned()),
    ];
    for (name, value) in steering {
        let mut order = order(&format!("FROM {IMAGE}\nRUN true\n"));
        order.request.args.insert(name.to_owned(), value);
        let failure = engine.order(&order).outcome.failure.expect("a reason");
        assert_eq!(failure.code, "denied", "{name}");
    }
    for context in [
        format!("http://{host}/x.tar"),
        format!("https://{host}/x.git"),
        "oci-layout://x".to_owned(),
        "local:x".to_owned(),
    ] {
        let mut order = order(&format!("FROM {IMAGE}\nRUN true\n"));
        order.request.contexts.insert(IMAGE.to_owned(), context);
        let failure = engine.order(&order).outcome.failure.expect("a reason");
        assert_eq!(failure.code, "denied");
    }
    let mut order = order(&format!("FROM {IMAGE}\nCOPY --from=x /x /x\n"));
    order.request.contexts.insert("x".to_owned(), format!("docker-image://{host}/x/y:1"));
    assert_eq!(engine.order(&order).outcome.end, End::Failed);
    // Where any image may be used, downloads are denied all the same.
    let mut order = order_of_any(&format!("FROM {IMAGE}\nADD http://{host}/x /x\n"));
    assert_eq!(engine.order(&order).outcome.failure.expect("a reason").code, "denied");
    assert_eq!(canary.visits(), 0);
    // The canary sings: what is allowed comes.
    order.rules.downloads = true;
    engine.order(&order);
    assert!(canary.visits() > 0, "the canary counts nothing");
    println!("{} ways to the builder's own address, 0 contacts", dockerfiles.len() + 9);
}

fn order_of_any(dockerfile: &str) -> engine::Order {
    let mut order = order(dockerfile);
    order.rules.images = None;
    order
}

#[test]
fn run_has_no_network() {
    let Some(engine) = engine() else { return };
    let canary = Canary::new();
    let port = canary.port;
    let built = engine.build(&format!(
        "FROM {IMAGE}\nRUN wget -T 2 -O /x http://127.0.0.1:{port}/ || echo no way; nc -w 2 127.0.0.1 {port} </dev/null || echo no \
         way; ls /sys/class/net 2>/dev/null || true\n"
    ));
    assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
    assert_eq!(built.log().matches("no way").count(), 2, "{}", built.log());
    // A Dockerfile cannot have it otherwise.
    for flag in ["--network=host", "--network=default", "--security=insecure"] {
        let built = engine.build(&format!("FROM {IMAGE}\nRUN {flag} nc -w 2 127.0.0.1 {port} </dev/null\n"));
        assert_eq!(built.outcome.end, End::Failed, "{flag}");
    }
    assert_eq!(canary.visits(), 0);
}

#[test]
fn cache_mounts_are_of_their_owner() {
    let Some(engine) = engine() else { return };
    let build = |namespace: &str, command: &str| {
        let mut order =
            order(&format!("FROM {IMAGE}\nRUN --mount=type=cache,id=shared,target=/c {command}\n"));
        order.rules.cache_namespace = namespace.to_owned();
        let built = engine.order(&order);
        assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
        built.log()
    };
    build("one", "echo secret of one > /c/secret");
    assert!(!build("two", "cat /c/secret 2>&1 || true").contains("secret of one"));
    assert!(!build("", "cat /c/secret 2>&1 || true").contains("secret of one"));
    assert!(build("one", "cat /c/secret").contains("secret of one"));
    // An id cannot name another one's namespace.
    let mut order = order(&format!(
        "FROM {IMAGE}\nRUN --mount=type=cache,id=one/shared,target=/a --mount=type=cache,id=../one/shared,target=/b cat /a/secret \
         /b/secret || true\n"
    ));
    order.rules.cache_namespace = "two".to_owned();
    assert!(!engine.order(&order).log().contains("secret of one"));
}

#[test]
fn nothing_is_asked_of_this_side() {
    let Some(engine) = engine() else { return };
    for mount in ["type=secret,id=x,required=true", "type=ssh,required=true"] {
        let built = engine.build(&format!("FROM {IMAGE}\nRUN --mount={mount} true\n"));
        assert_eq!(built.outcome.end, End::Failed, "{mount}");
    }
}
