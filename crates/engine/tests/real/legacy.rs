//! Docker's builder before BuildKit: what it runs, and that it is told as it is.

use std::time::{Duration, Instant};

use engine::{Engine, Order, Stop};
use progress::fold::Progress;
use progress::verdict::{Cache, Subject, Verdict, compare};
use protocol::build::{End, StepState, What};

use crate::engine;
use crate::harness::{Built, IMAGE, build, file, order};

fn legacy(dockerfile: &str) -> Order {
    let mut order = order(dockerfile);
    order.request.legacy = true;
    order.request.files =
        vec![file("given/it.txt", "given\n"), file(".dockerignore", "secret\n"), file("secret", "")];
    order
}

/// The lines of the instructions and how they are in the end.
fn lines(built: &Built) -> Vec<(u32, StepState)> {
    built.steps().iter().flat_map(|step| step.places.iter().map(|place| (place.line, step.state))).collect()
}

/// How many instructions came out otherwise than it is foretold of this builder.
fn differences(order: &Order, built: &Built) -> usize {
    let options = progress::options(&order.request, "linux/amd64");
    let subject = Subject {
        dockerfile: &order.request.dockerfile,
        target: order.request.target.as_deref(),
        options: &options,
        context: None,
        legacy: order.request.legacy,
    };
    let compared = compare(subject, &Progress::of(&built.events), Cache::Unknown, None);
    assert_eq!(compared.refused, None);
    compared.steps.iter().filter(|step| step.verdict == Verdict::Differs).count()
}

#[test]
fn a_stage_that_nothing_needs_runs() {
    let Some(engine) = engine() else { return };
    let dockerfile = format!(
        "ARG WHAT=hello\nFROM {IMAGE} AS build\nARG WHAT\nENV x=1\nRUN echo $WHAT > /hello\n\nFROM {IMAGE} AS unused\nCOPY . /all\nRUN \
         ls /all && date +%N\n\nFROM scratch\nCOPY --from=build /hello /hello\nCMD [\"/hello\"]\n\nFROM {IMAGE} AS below\nRUN \
         false\n"
    );
    let mut order = legacy(&dockerfile);
    order.request.no_cache = true;
    // A stage without a name is no target there, so that it is the last of a file.
    order
        .request
        .dockerfile
        .truncate(dockerfile.find("\nFROM example.org/stagelight/base AS below").expect("it is there"));
    let built = engine.order(&order);
    assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
    let done = |lines: &[u32]| lines.iter().map(|line| (*line, StepState::Done)).collect::<Vec<_>>();
    assert_eq!(lines(&built), done(&[2, 3, 4, 5, 7, 8, 9, 11, 12, 13]));
    assert!(built.log().contains("given") && !built.log().contains("secret"), "{}", built.log());
    assert!(!built.log().contains("--->") && !built.log().contains("Step "), "{}", built.log());
    assert_eq!(differences(&order, &built), 0);
    let size = built.events.iter().find_map(|event| match &event.what {
        What::Size(size) => Some(size.clone()),
        _ => None,
    });
    let size = size.map(|size| (size.stage, size.bytes));
    // A file of six bytes takes a block, and its folder another one where the disk has blocks for folders.
    assert!(matches!(size, Some((2, Some(4096 | 8192)))), "{size:?}");
    // BuildKit leaves it out.
    order.request.legacy = false;
    let other = engine.order(&order);
    assert!(lines(&other).iter().all(|(line, _)| ![7, 8, 9].contains(line)), "{:?}", lines(&other));
    assert_eq!(differences(&order, &other), 0);
    // And once more from its cache.
    order.request.legacy = true;
    order.request.no_cache = false;
    let again = engine.order(&order);
    let cached: Vec<u32> = lines(&again)
        .into_iter()
        .filter(|(_, state)| *state == StepState::Cached)
        .map(|(line, _)| line)
        .collect();
    assert_eq!(cached, [3, 4, 5, 8, 9, 12, 13]);
    assert_eq!(differences(&order, &again), 0);
    println!(
        "The legacy builder: {} instructions run, BuildKit: {}",
        lines(&built).len(),
        lines(&other).len()
    );
    // Where it is told where to stop, it does not come to what stands below.
    let mut order = legacy(&dockerfile);
    order.request.target = Some("unused".to_owned());
    let built = engine.order(&order);
    assert_eq!(lines(&built).into_iter().map(|(line, _)| line).collect::<Vec<_>>(), [2, 3, 4, 5, 7, 8, 9]);
    assert_eq!(differences(&order, &built), 0);
}

#[test]
fn its_failures_are_told_with_their_lines() {
    let Some(engine) = engine() else { return };
    let check = |text: &str, code: &str, line: u32, exit: Option<i32>| {
        let built = engine.order(&legacy(text));
        let failure = built.outcome.failure.expect("a reason");
        let lines = failure.lines.map(|lines| lines.first);
        assert_eq!(
            (failure.code.as_str(), lines, failure.exit_code),
            (code, Some(line), exit),
            "{}",
            failure.message
        );
        println!("{code}: {}", failure.message);
    };
    check(&format!("FROM {IMAGE}\nRUN true\nRUN exit 37\nRUN true\n"), "exit-code", 3, Some(37));
    check(&format!("FROM {IMAGE}\nCOPY nope /x\n"), "not-found", 2, None);
    check(&format!("FROM {IMAGE}\nRUN --mount=type=cache,target=/c true\n"), "unable", 2, None);
    check(&format!("FROM {IMAGE}\nFOO\n"), "parse", 2, None);
}

#[test]
fn what_is_printed_changes_nothing_about_it() {
    let Some(engine) = engine() else { return };
    let fakes = "echo ' ---> Using cache'; echo 'Step 9/9 : RUN x'; echo 'Removing intermediate container abcdefabcdefa'";
    let mut order = legacy(&format!(
        "FROM {IMAGE}\nRUN {fakes}\nRUN nc -w 2 127.0.0.1 1 </dev/null || ls /sys/class/net\n"
    ));
    order.request.no_cache = true;
    let built = engine.order(&order);
    assert_eq!(lines(&built), [(1, StepState::Done), (2, StepState::Done), (3, StepState::Done)]);
    for said in ["Using cache", "Step 9/9", "Removing intermediate"] {
        assert!(built.log().contains(said), "{}", built.log());
    }
    assert!(!built.log().contains("eth0"), "there is no network: {}", built.log());
    order.request.dockerfile = format!("FROM {IMAGE}\nRUN yes | head -c 300000\n");
    order.rules.log_bytes = 1000;
    let built = engine.order(&order);
    assert!(built.log().len() <= 1000);
    assert!(
        built.events.iter().any(|event| matches!(event.what, What::Clipped { bytes, .. } if bytes > 200_000))
    );
}

#[test]
fn it_can_be_stopped() {
    let Some(engine) = engine() else { return };
    let mut order = legacy(&format!("FROM {IMAGE}\nRUN echo begun; sleep 1000\n"));
    order.request.no_cache = true;
    let stop = Stop::new();
    let started = Instant::now();
    let built = engine.runtime.block_on(async {
        let later = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            stop.cancel();
        };
        tokio::join!(build(&engine.engine as &dyn Engine, &order, &stop), later).0
    });
    built.check();
    assert_eq!(built.outcome.end, End::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(lines(&built), [(1, StepState::Done), (2, StepState::Cancelled)]);
}
