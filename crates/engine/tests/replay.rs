//! Recordings are played as they were, and stop when they are told to.

use std::time::{Duration, Instant};

use engine::replay::{Pace, Replay, read};
use engine::{Engine, Order, Stop, channel};
use protocol::build::{End, Event, Outcome, Request, StepState, What};

const RECORDING: &str = r#"{"seq":1,"at":0,"event":"queued","position":2}
{"seq":2,"at":5000,"event":"started","engine":{"kind":"docker","version":"28.5.2"}}
{"seq":3,"at":5001,"event":"step","id":0,"name":"[1/2] FROM a","mapped":"by-name","state":"cached","started":5001,"ended":5001}
{"seq":4,"at":5010,"event":"step","id":1,"name":"[2/2] RUN b","mapped":"by-name","state":"running","started":5010}
{"seq":5,"at":5040,"event":"log","step":1,"stream":"out","text":"c\n"}
{"seq":6,"at":5200,"event":"step","id":1,"name":"[2/2] RUN b","mapped":"by-name","state":"done","started":5010,"ended":5200}
{"seq":7,"at":5210,"event":"finished","end":"succeeded"}
"#;

async fn play(replay: &Replay, stop: Stop, first: u64) -> (Vec<Event>, Outcome, Duration) {
    let start = Instant::now();
    let (sink, mut events) = channel(1, start, first);
    let order = Order {
        request: Request { dockerfile: "FROM x".to_owned(), ..Request::default() },
        ..Order::default()
    };
    let listen = async {
        let mut all = Vec::new();
        while let Some(event) = events.recv().await {
            all.push(event);
        }
        all
    };
    let (outcome, all) = tokio::join!(replay.build(&order, sink, &stop), listen);
    (all, outcome, start.elapsed())
}

fn recorded() -> Vec<Event> {
    read(RECORDING).expect("a recording")
}

/// The same, so many times slower.
fn slower(times: u64) -> Vec<Event> {
    let mut events = recorded();
    events.iter_mut().for_each(|event| event.at *= times);
    events
}

#[tokio::test]
async fn a_recording_takes_its_time() {
    let (events, outcome, took) = play(&Replay::new(Pace::Recorded, recorded()), Stop::new(), 1).await;
    assert_eq!(outcome.end, End::Succeeded);
    assert!(took >= Duration::from_millis(205), "{took:?}");
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let What::Step(step) = &events[4].what else { panic!("a step") };
    assert!(step.ended.expect("an end") - step.started.expect("a start") == 190);
    assert!(step.ended.is_some_and(|ended| ended <= events[4].at && ended < 5000));
    let What::Started { engine } = &events[0].what else { panic!("it starts") };
    assert_eq!((engine.kind.as_str(), engine.version.as_str()), ("replay", "28.5.2"));
}

#[tokio::test]
async fn a_recording_is_played_at_once_and_numbered_on() {
    let (events, outcome, took) = play(&Replay::new(Pace::AtOnce, slower(100)), Stop::new(), 7).await;
    assert_eq!(outcome.end, End::Succeeded);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [7, 8, 9, 10, 11, 12]);
    assert!(events.is_sorted_by_key(|event| event.at));
}

#[tokio::test]
async fn a_recording_can_be_stopped() {
    let stop = Stop::new();
    let replay = Replay::new(Pace::Recorded, slower(10));
    let start = Instant::now();
    let (sink, mut events) = channel(4, start, 1);
    let order = Order::default();
    let listen = async {
        let mut all = Vec::new();
        while let Some(event) = events.recv().await {
            if matches!(event.what, What::Log { .. }) {
                stop.cancel();
            }
            all.push(event);
        }
        all
    };
    let (outcome, events) = tokio::join!(replay.build(&order, sink, &stop), listen);
    assert_eq!(outcome.end, End::Cancelled);
    assert!(start.elapsed() < Duration::from_millis(1900));
    let [.., step, finished] = &events[..] else { panic!("an end") };
    assert!(matches!(&step.what, What::Step(step) if step.id == 1 && step.state == StepState::Cancelled));
    assert_eq!(finished.what, What::Finished(outcome));
}

#[tokio::test]
async fn a_recording_without_an_end_is_interrupted() {
    let mut cut = recorded();
    cut.pop();
    let (events, outcome, _) = play(&Replay::new(Pace::AtOnce, cut), Stop::new(), 1).await;
    assert_eq!(outcome.end, End::Interrupted);
    assert!(matches!(events.last().map(|event| &event.what), Some(What::Finished(_))));
}

#[tokio::test]
async fn each_dockerfile_may_have_its_own() {
    let other = vec![Event {
        seq: 1,
        at: 0,
        what: What::Finished(Outcome { end: End::TimedOut, ..Outcome::default() }),
    }];
    let replay = Replay::new(Pace::AtOnce, recorded()).with("FROM x", other);
    let (events, outcome, _) = play(&replay, Stop::new(), 1).await;
    assert_eq!((events.len(), outcome.end), (1, End::TimedOut));
}

#[test]
fn what_is_no_recording_is_told_by_its_line() {
    let told = read("\n{}\n").expect_err("no event");
    assert!(told.starts_with("Line 2 is no event of a build: "), "{told}");
}
