//! What is told of builds.

use protocol::build::{End, InputFile, Lines, Mapped, Place, StepState, Stream, What};

use crate::engine;
use crate::harness::{IMAGE, ONBUILD, file, order};

fn at(stage: usize, line: u32) -> Vec<Place> {
    vec![Place { stage, line }]
}

#[test]
fn a_build_is_told_from_its_start_to_its_end() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!(
        "FROM {IMAGE} AS make\nRUN echo same\nRUN echo out; echo err >&2; echo ü > /u\n\nFROM {IMAGE}\nRUN echo same\n\
         WORKDIR /w\nCOPY --from=make /u .\n"
    ));
    order.request.no_cache = true;
    let built = engine.order(&order);
    assert_eq!(built.outcome.end, End::Succeeded);
    let What::Started { engine: name } = &built.events[0].what else { panic!("it starts") };
    assert_eq!(name.kind, "docker");
    let step = built.step("RUN echo out; echo err >&2; echo ü > /u");
    assert_eq!((step.state, step.mapped, step.places), (StepState::Done, Mapped::ByName, at(0, 3)));
    let same = built.step("RUN echo same");
    assert_eq!(same.places, [at(0, 2), at(1, 6)].concat());
    assert!(built.step("COPY --from=make /u .").inputs.len() >= 2);
    let base = built.steps().into_iter().find(|step| step.name.contains("] FROM ")).expect("a base");
    assert_eq!(base.places, [at(0, 1), at(1, 5)].concat());
    assert!(built.steps().iter().all(|step| step.mapped != Mapped::Unknown), "{:#?}", built.steps());
    for (stream, text) in [(Stream::Out, "out\n"), (Stream::Err, "err\n")] {
        let is_it = |what: &What| matches!(what, What::Log { step: id, stream: s, text: t } if *id == step.id && *s == stream && t == text);
        assert!(built.events.iter().any(|event| is_it(&event.what)), "{text}");
    }
    // Each step is numbered behind those it needs.
    assert!(built.steps().iter().all(|step| step.inputs.iter().all(|input| *input < step.id)));
}

#[test]
fn a_step_that_fails_says_where_and_how() {
    let Some(engine) = engine() else { return };
    let built = engine.build(&format!(
        "FROM {IMAGE}\nRUN echo one && \\\n    sh -c 'echo oops >&2; exit 37'\nRUN echo two\n"
    ));
    let failure = built.outcome.failure.clone().expect("a reason");
    assert_eq!((failure.code.as_str(), failure.exit_code), ("exit-code", Some(37)));
    assert_eq!(failure.lines, Some(Lines { first: 2, last: 3 }));
    let failed =
        built.steps().into_iter().find(|step| step.state == StepState::Failed).expect("a failed step");
    assert_eq!((Some(failed.id), failed.places), (failure.step, at(0, 2)));
    assert_eq!(built.step("RUN echo two").state, StepState::Waiting);
    assert!(built.log().contains("oops\n"));
    // Nothing of the engine's own source.
    assert!(!built.text().contains(".go") && !built.text().contains("github.com"), "{}", built.text());
}

#[test]
fn what_runs_beside_a_failing_step_is_cancelled() {
    let Some(engine) = engine() else { return };
    let built = engine.build(&format!(
        "FROM {IMAGE} AS slow\nRUN echo slow; sleep 30\nFROM {IMAGE} AS quick\nRUN sleep 1; exit 3\nFROM {IMAGE}\nCOPY \
         --from=slow /bin/sh /a\nCOPY --from=quick /bin/sh /b\n"
    ));
    let failure = built.outcome.failure.clone().expect("a reason");
    assert_eq!((failure.code.as_str(), failure.exit_code), ("exit-code", Some(3)));
    assert_eq!(failure.lines, Some(Lines { first: 4, last: 4 }));
    assert_eq!(built.step("RUN echo slow; sleep 30").state, StepState::Cancelled);
    assert_eq!(built.step("RUN sleep 1; exit 3").state, StepState::Failed);
    assert!(built.events.last().is_some_and(|event| event.at < 15_000));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let Some(engine) = engine() else { return };
    if engine.is_before(23, "files that are missing") {
        return;
    }
    let built = engine.build(&format!("FROM {IMAGE}\nRUN true\nCOPY nope.txt /x\n"));
    let failure = built.outcome.failure.expect("a reason");
    assert_eq!((failure.code.as_str(), failure.lines), ("not-found", Some(Lines { first: 3, last: 3 })));
    assert!(failure.message.contains(r#""/nope.txt": not found"#), "{}", failure.message);
    assert!(!failure.message.contains(" of ref "), "{}", failure.message);
}

#[test]
fn what_cannot_be_read_says_its_line() {
    let Some(engine) = engine() else { return };
    let built = engine.build(&format!("FROM {IMAGE}\nRUN true\n\nFOO bar\n"));
    let failure = built.outcome.failure.expect("a reason");
    assert_eq!((failure.code.as_str(), failure.lines), ("parse", Some(Lines { first: 4, last: 4 })));
    assert!(failure.message.contains("line 4: unknown instruction: FOO"), "{}", failure.message);
    let built = engine.build(&format!("FROM {IMAGE} AS a\nFROM {IMAGE}\nCOPY --from=b /x /y\n"));
    assert_eq!(built.outcome.end, End::Failed);
}

#[test]
fn a_target_that_is_not_there_is_a_failure() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!("FROM {IMAGE} AS a\n"));
    order.request.target = Some("b".to_owned());
    assert_eq!(engine.order(&order).outcome.failure.expect("a reason").code, "target");
}

#[test]
fn files_come_as_they_are() {
    let Some(engine) = engine() else { return };
    let names = ["a b", "-x", "ü/é", "it's", "$HOME", "a\"b", "*", "a\nb", "deep/er/and/deeper"];
    let mut order = order(&format!(
        "FROM {IMAGE}\nCOPY . /c\nRUN cd /c && find . -type f && cat ./*.txt && test -x run && ./run && test ! -x a.txt && \
         test -d empty && wc -c bytes\n"
    ));
    order.request.files = names.iter().map(|name| file(name, name)).collect();
    order.request.files.push(file("a.txt", "what is in a\n"));
    order.request.files.push(file("left/out", ""));
    order.request.files.push(file("empty/", ""));
    order.request.files.push(file(".dockerignore", "left\n# a comment\n"));
    order.request.files.push(InputFile { executable: true, ..file("run", "#!/bin/sh\necho it runs\n") });
    let bytes =
        InputFile { path: "bytes".to_owned(), base64: Some("AP+A/gA=".to_owned()), ..InputFile::default() };
    order.request.files.push(bytes);
    let built = engine.order(&order);
    assert_eq!(built.outcome.end, End::Succeeded, "{:?} {}", built.outcome, built.log());
    let log = built.log();
    for name in names.iter().chain(&["Dockerfile", ".dockerignore"]) {
        assert!(log.contains(&format!("./{name}\n")), "{name} in {log}");
    }
    assert!(log.contains("what is in a\n") && log.contains("it runs\n") && log.contains("5 bytes"), "{log}");
    assert!(!log.contains("left"), "{log}");
}

#[test]
fn what_is_given_arrives() {
    let Some(engine) = engine() else { return };
    if engine.is_before(23, "named contexts") {
        return;
    }
    let mut order = order(&format!(
        "ARG BASE={IMAGE}\nFROM $BASE AS one\nARG WHO=nobody\nRUN echo I am $WHO\nFROM one AS two\nRUN echo two\nFROM other\nRUN \
         echo named\n"
    ));
    order.request.args.insert("WHO".to_owned(), "a \"quoted\" $one".to_owned());
    order.request.contexts.insert("other".to_owned(), format!("docker-image://{IMAGE}"));
    let built = engine.order(&order);
    assert!(built.log().is_empty() || built.log().contains("named\n"));
    assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
    order.request.target = Some("one".to_owned());
    order.request.no_cache = true;
    let built = engine.order(&order);
    assert!(built.log().contains("I am a \"quoted\" $one\n"), "{}", built.log());
    assert!(!built.steps().iter().any(|step| step.name.contains("RUN echo two")), "two is not needed");
}

#[test]
fn what_was_built_is_cached_and_can_be_built_again() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!("FROM {IMAGE}\nRUN echo cached or not\n"));
    engine.order(&order);
    let second = engine.order(&order);
    assert_eq!(second.step("RUN echo cached or not").state, StepState::Cached);
    order.request.no_cache = true;
    let third = engine.order(&order);
    assert_eq!(third.step("RUN echo cached or not").state, StepState::Done);
    assert!(third.log().contains("cached or not\n"));
}

#[test]
fn a_stage_without_a_name_can_be_built() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!(
        "FROM {IMAGE}\nRUN echo the first\nFROM {IMAGE}\nRUN echo the second\nFROM scratch\n"
    ));
    order.request.target = Some("stage-1".to_owned());
    order.request.no_cache = true;
    let built = engine.order(&order);
    assert_eq!(built.outcome.end, End::Succeeded);
    assert_eq!(built.log(), "the second\n");
    let step = built.step("RUN echo the second");
    assert_eq!((step.name.as_str(), step.places), ("[stage-1 2/2] RUN echo the second", at(1, 4)));
}

#[test]
fn triggers_of_the_base_image_are_of_the_from() {
    let Some(engine) = engine() else { return };
    if engine.is_before(28, "triggers, which it does not count") {
        return;
    }
    let built = engine.build(&format!("FROM {ONBUILD} AS on\nRUN echo own\nRUN echo $PATH\n"));
    for step in built.steps().into_iter().filter(|step| step.name.contains("echo")) {
        let expected = match &step.name {
            name if name.ends_with("echo own") => at(0, 2),
            name if name.contains("/bin") || name.contains("$PATH") => at(0, 3),
            _ => at(0, 1),
        };
        assert_eq!((step.places, step.mapped), (expected, Mapped::ByName), "{}", step.name);
    }
}

#[test]
fn checks_of_the_engine_are_told_once() {
    let Some(engine) = engine() else { return };
    if engine.is_before(27, "its checks") {
        return;
    }
    let built = engine.build(&format!("FROM {IMAGE}\nENV a b\nRUN true\n"));
    let warnings: Vec<_> = built
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Warning { rule, lines, .. } => Some((rule.clone(), *lines)),
            _ => None,
        })
        .collect();
    assert_eq!(warnings, [(Some("LegacyKeyValueFormat".to_owned()), Some(Lines { first: 2, last: 2 }))]);
}

#[test]
fn what_steps_print_comes_whole_and_not_too_often() {
    let Some(engine) = engine() else { return };
    let odd = r"\033]8;;javascript:alert(1)\007click\033]8;;\007 <img src=x onerror=alert(1)> \033[2J\033[31mred\rover";
    let built = engine.build(&format!(
        "FROM {IMAGE}\nRUN printf '{odd}\\n'\nRUN i=0; while test $i -lt 300; do echo line $i; sleep 0.005; i=$((i+1)); done\n"
    ));
    let log = built.log();
    assert!(
        log.contains("\u{1b}]8;;javascript:alert(1)\u{7}click") && log.contains("\u{1b}[31mred\rover"),
        "{log:?}"
    );
    assert!((0..300).all(|i| log.contains(&format!("line {i}\n"))));
    let step = built.step("i=$((i+1)); done");
    let n_pieces = built
        .events
        .iter()
        .filter(|it| matches!(&it.what, What::Log { step: id, .. } if *id == step.id))
        .count();
    let seconds = (step.ended.expect("an end") - step.started.expect("a start")) as f64 / 1000.0;
    assert!(n_pieces as f64 <= 20.0 * seconds + 2.0, "{n_pieces} pieces in {seconds} s");
}

#[test]
fn there_is_a_limit_to_what_a_step_prints() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!("FROM {IMAGE}\nRUN yes | head -n 200000\n"));
    order.rules.log_bytes = 10_000;
    order.request.no_cache = true;
    let built = engine.order(&order);
    assert_eq!(built.outcome.end, End::Succeeded);
    assert_eq!(built.log().len(), 10_000);
    let clipped = built.events.iter().rev().find_map(|event| match event.what {
        What::Clipped { bytes, .. } => Some(bytes),
        _ => None,
    });
    // The engine has a limit of its own.
    assert!(clipped.is_some_and(|bytes| bytes > 50_000), "{clipped:?}");
}
