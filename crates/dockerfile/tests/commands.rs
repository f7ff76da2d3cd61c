//! What instructions come to, the final image and the outline: Dockerfile in, a line for each in BuildKit's terms
//! out.

use std::fmt::Write;

use dockerfile::queries::{self, Plan, Setting, StepKind, Target};
use dockerfile::stages::{self, BaseConfig, BuildOptions, Effect};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn check(text: &str, expect: Expect) {
    check_with(text, &BuildOptions::default(), expect);
}

fn check_with(text: &str, options: &BuildOptions, expect: Expect) {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, options);
    let mut out = String::new();
    for stage in &graph.stages {
        writeln!(out, "{}", stage.display_name()).unwrap();
        for command in &stage.commands {
            let line = stage.steps[command.step].lines.first;
            let mark = if command.trigger.is_some() { " trigger" } else { "" };
            write!(out, "  {line}{mark} {}", described(&command.effect)).unwrap();
            match command.unknown.is_empty() {
                true => out.push('\n'),
                false => writeln!(out, " (unless the image sets {})", command.unknown.join(" ")).unwrap(),
            }
        }
    }
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    let image = queries::image(&graph, cut.target).unwrap();
    writeln!(out, "env {}", setting(&image.env)).unwrap();
    writeln!(out, "workdir {} user {}", setting(&image.workdir), setting(&image.user)).unwrap();
    writeln!(out, "entrypoint {} cmd {}", setting(&image.entrypoint), setting(&image.cmd)).unwrap();
    writeln!(out, "ports {} volumes {}", setting(&image.ports), setting(&image.volumes)).unwrap();
    if image.healthcheck != Setting::Known(None) && image.healthcheck != Setting::FromBase {
        writeln!(out, "health {}", setting(&image.healthcheck)).unwrap();
    }
    for arg in queries::outline(&parse, &graph, &cut).args {
        writeln!(out, "arg {}={} line {} {}", arg.name, arg.value, arg.line, arg.description).unwrap();
    }
    cut.errors.iter().for_each(|error| writeln!(out, "error: {}", error.message).unwrap());
    expect.assert_eq(&out);
}

fn setting<T: std::fmt::Debug>(setting: &Setting<T>) -> String {
    match setting {
        Setting::Known(value) => format!("{value:?}"),
        Setting::FromBase => "of the base".to_owned(),
        Setting::OnBase(value) => format!("base + {value:?}"),
    }
}

fn described(effect: &Effect) -> String {
    match effect {
        Effect::Copy(copied) => {
            let files = copied.files.iter().map(|it| format!("{} -> {}", it.source, it.destination));
            let contents = copied.contents.iter().map(|it| format!("{}: {:?}", it.name, it.data));
            format!("copy {}", files.chain(contents).collect::<Vec<_>>().join(", "))
        }
        Effect::Run(ran) => {
            let mounts = ran.mounts.iter().map(|it| format!("{} {} {:?}", it.kind.name(), it.id, it.size));
            let script = ran.script.iter().map(|it| format!("script {:?}", it.data));
            let more = mounts.chain(script).collect::<Vec<_>>().join(", ");
            format!("run {:?} in {} {more}", ran.line.arguments, ran.workdir)
        }
        effect => format!("{effect:?}"),
    }
}

#[test]
fn later_lines_see_what_earlier_ones_set() {
    check(
        "FROM scratch AS base\nENV A=1 B=$A\nARG C=${A}2\nWORKDIR /w\nFROM base\nENV B=$A$C\nWORKDIR $B\nUSER u$A\n",
        expect![[r#"
            base
              2 Env([("A", "1"), ("B", "")])
              3 Arg([ArgValue { name: "C", value: Some("12"), is_global: false }])
              4 Workdir { value: "/w", path: "/w", makes: Some("/w") }
            stage-1
              6 Env([("B", "112")])
              7 Workdir { value: "112", path: "/w/112", makes: Some("/w/112") }
              8 User("u1")
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("A", "1"), ("B", "112")]
            workdir "/w/112" user "u1"
            entrypoint None cmd None
            ports [] volumes []
            arg C=12 line 3 
        "#]],
    );
}

#[test]
fn a_copy_goes_where_the_directory_is() {
    check(
        "FROM scratch\nWORKDIR /w/x\nCOPY a b/ .\nCOPY a ..\nCOPY a sub/\nCOPY a /abs/\nADD http://h/p/f.txt?x=1 .\nADD http://h/ /d\nADD https://h/r.git /r\nCOPY --parents a/./b/c d e/\n",
        expect![[r#"
            stage-0
              2 Workdir { value: "/w/x", path: "/w/x", makes: Some("/w/x") }
              3 copy /a -> /w/x/, /b -> /w/x/
              4 copy /a -> /w
              5 copy /a -> /w/x/sub/
              6 copy /a -> /abs/
              7 copy /f.txt -> /w/x/
              8 copy /__unnamed__ -> /d
              9 copy / -> /r
              10 copy /a -> /w/x/e/, / -> /w/x/e/
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
            workdir "/w/x" user ""
            entrypoint None cmd None
            ports [] volumes []
        "#]],
    );
}

#[test]
fn heredocs_become_files() {
    check(
        "FROM scratch\nENV V=1\nCOPY <<A <<-'B' x /d/\n$V \"q\"\nA\n\t$V\n\tB\nCOPY <<E <<E /e/\n1\nE\n2\nE\nCOPY [\"<<J\", \"/j\"]\n",
        expect![[r#"
            stage-0
              2 Env([("V", "1")])
              3 copy /x -> /d/, /A -> /d/, /B -> /d/, A: "1 \"q\"\n", B: "$V\n"
              8 copy /E -> /e/, /E -> /e/, E: "2\n", E: "2\n"
              13 copy /J -> /j, J: ""
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("V", "1")]
            workdir "/" user ""
            entrypoint None cmd None
            ports [] volumes []
        "#]],
    );
}

#[test]
fn shells_stand_before_command_lines() {
    check(
        "FROM scratch\nRUN a  b\nRUN [\"a\"]\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a\nRUN <<E\nx\nE\nRUN <<E\n#!/bin/sh\nx\nE\nRUN cat <<E > f\nx\nE\nCMD a\nENTRYPOINT []\n",
        expect![[r##"
            stage-0
              2 run ["/bin/sh", "-c", "a  b"] in / 
              3 run ["a"] in / 
              4 Shell(["/bin/bash", "-c"])
              5 run ["/bin/bash", "-c", "a"] in / 
              6 run ["/bin/bash", "-c", "x\n"] in / 
              9 run ["/bin/bash", "-c", "/dev/pipes/E"] in / script "#!/bin/sh\nx\n"
              13 run ["/bin/bash", "-c", "cat <<E > f\nx\nE"] in / 
              16 Cmd(CommandLine { arguments: ["/bin/bash", "-c", "a"], shell_unknown: false })
              17 Entrypoint(None)
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
            workdir "/" user ""
            entrypoint None cmd Some(["/bin/bash", "-c", "a"])
            ports [] volumes []
        "##]],
    );
}

#[test]
fn an_entrypoint_takes_an_inherited_command_away() {
    check(
        "FROM scratch AS a\nCMD [\"x\"]\nFROM a AS b\nENTRYPOINT [\"y\"]\nFROM a\nCMD [\"z\"]\nENTRYPOINT [\"y\"]\n",
        expect![[r#"
            a
              2 Cmd(CommandLine { arguments: ["x"], shell_unknown: false })
            b
              4 Entrypoint(Some(CommandLine { arguments: ["y"], shell_unknown: false }))
            stage-2
              6 Cmd(CommandLine { arguments: ["z"], shell_unknown: false })
              7 Entrypoint(Some(CommandLine { arguments: ["y"], shell_unknown: false }))
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
            workdir "/" user ""
            entrypoint Some(["y"]) cmd Some(["z"])
            ports [] volumes []
        "#]],
    );
}

#[test]
fn what_a_base_image_decides_is_said() {
    check(
        "FROM alpine\nENV P=$PATH:/x Q=$HOME\nWORKDIR a\nWORKDIR b\nCMD x\nEXPOSE 80-81/UDP 53:53\nVOLUME /v /u\n",
        expect![[r#"
            stage-0
              2 Env([("P", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x"), ("Q", "")]) (unless the image sets HOME PATH)
              3 Workdir { value: "a", path: "/a", makes: Some("/a") }
              4 Workdir { value: "b", path: "/a/b", makes: Some("/a/b") }
              5 Cmd(CommandLine { arguments: ["/bin/sh", "-c", "x"], shell_unknown: true })
              6 Expose(["53:53", "80-81/UDP"])
              7 Volume(["/v", "/u"])
            env base + [("P", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x"), ("Q", "")]
            workdir base + "a/b" user of the base
            entrypoint of the base cmd base + Some(["/bin/sh", "-c", "x"])
            ports base + ["53/tcp", "80/udp", "81/udp"] volumes base + ["/u", "/v"]
        "#]],
    );
}

#[test]
fn a_known_base_image_is_built_on() {
    let config = BaseConfig {
        env: vec![("HOME".to_owned(), "/root".to_owned())],
        workdir: "/srv".to_owned(),
        onbuild: vec!["RUN first".to_owned()],
        ..BaseConfig::default()
    };
    let options = BuildOptions { other_images: Some(config), ..BuildOptions::default() };
    check_with(
        "FROM alpine\nENV P=$HOME\nWORKDIR a\nRUN x\n",
        &options,
        expect![[r#"
        stage-0
          1 trigger run ["/bin/sh", "-c", "first"] in /srv 
          2 Env([("P", "/root")])
          3 Workdir { value: "a", path: "/srv/a", makes: Some("/srv/a") }
          4 run ["/bin/sh", "-c", "x"] in /srv/a 
        env [("HOME", "/root"), ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("P", "/root")]
        workdir "/srv/a" user ""
        entrypoint None cmd None
        ports [] volumes []
    "#]],
    );
}

#[test]
fn triggers_run_first_and_once() {
    check(
        "FROM scratch AS a\nONBUILD ENV A=1\nONBUILD COPY <<E /$A\nx\nE\nFROM a AS b\nENV B=$A\nFROM b\nENV C=$A\n",
        expect![[r#"
            a
              2 Onbuild("ENV A=1")
              3 Onbuild("COPY <<E /$A\nx\nE")
            b
              6 trigger Env([("A", "1")])
              6 trigger copy /E -> /1, E: "x\n"
              7 Env([("B", "1")])
            stage-2
              9 Env([("C", "1")])
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("A", "1"), ("B", "1"), ("C", "1")]
            workdir "/" user ""
            entrypoint None cmd None
            ports [] volumes []
        "#]],
    );
}

#[test]
fn mounts_are_expanded() {
    check(
        "FROM scratch\nARG T=cache\nWORKDIR /w\nRUN --mount=type=$T,target=c --mount=type=tmpfs,target=/t,size=1g x\n",
        expect![[r#"
            stage-0
              2 Arg([ArgValue { name: "T", value: Some("cache"), is_global: false }])
              3 Workdir { value: "/w", path: "/w", makes: Some("/w") }
              4 run ["/bin/sh", "-c", "x"] in /w cache c None, tmpfs  Some(1073741824)
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
            workdir "/w" user ""
            entrypoint None cmd None
            ports [] volumes []
            arg T=cache line 2 
        "#]],
    );
}

#[test]
fn health_checks_have_times() {
    check(
        "FROM scratch\nHEALTHCHECK --interval=1m30s --retries=2 CMD a  b\nFROM scratch\nHEALTHCHECK NONE\nFROM scratch\nHEALTHCHECK CMD [\"a\"]\n",
        expect![[r#"
            stage-0
              2 Healthcheck(Health { test: ["CMD-SHELL", "a  b"], interval: 90000000000, timeout: 0, start_period: 0, start_interval: 0, retries: 2 })
            stage-1
              4 Healthcheck(Health { test: ["NONE"], interval: 0, timeout: 0, start_period: 0, start_interval: 0, retries: 0 })
            stage-2
              6 Healthcheck(Health { test: ["CMD", "a"], interval: 0, timeout: 0, start_period: 0, start_interval: 0, retries: 0 })
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
            workdir "/" user ""
            entrypoint None cmd None
            ports [] volumes []
            health Some(Health { test: ["CMD", "a"], interval: 0, timeout: 0, start_period: 0, start_interval: 0, retries: 0 })
        "#]],
    );
}

#[test]
fn directories_keep_what_is_written() {
    check(
        "FROM scratch\nWORKDIR /a/./b/\nRUN x\nWORKDIR c/\nRUN x\nWORKDIR /\n",
        expect![[r#"
        stage-0
          2 Workdir { value: "/a/./b/", path: "/a/./b/", makes: Some("/a/b") }
          3 run ["/bin/sh", "-c", "x"] in /a/./b/ 
          4 Workdir { value: "c/", path: "/a/b/c", makes: Some("/a/b/c") }
          5 run ["/bin/sh", "-c", "x"] in /a/b/c 
          6 Workdir { value: "/", path: "/", makes: None }
        env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")]
        workdir "/" user ""
        entrypoint None cmd None
        ports [] volumes []
    "#]],
    );
}

#[test]
fn arguments_of_the_file_are_asked_for() {
    check(
        "ARG A=1\n# B what it is\nARG B=$A\nFROM scratch\nARG B\nARG NONE\nARG TARGETARCH\nARG TARGETOS=x\nENV V=$B$NONE$TARGETARCH$TARGETOS\n",
        expect![[r#"
            stage-0
              5 Arg([ArgValue { name: "B", value: Some("1"), is_global: true }])
              6 Arg([ArgValue { name: "NONE", value: None, is_global: false }])
              7 Arg([ArgValue { name: "TARGETARCH", value: Some("amd64"), is_global: true }])
              8 Arg([ArgValue { name: "TARGETOS", value: Some("x"), is_global: false }])
              9 Env([("V", "1amd64x")])
            env [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("V", "1amd64x")]
            workdir "/" user ""
            entrypoint None cmd None
            ports [] volumes []
            arg A=1 line 1 
            arg B=1 line 3 what it is
            arg NONE= line 6 
            arg TARGETOS=x line 8 
        "#]],
    );
}

fn check_steps(text: &str, target: Target, expect: Expect) {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let cut = queries::cut(&graph, &target).unwrap();
    let steps = queries::steps(text, &parse, &graph, &cut);
    let shown: String = steps.iter().map(|step| format!("{} {:?}\n", step.name, step.lines)).collect();
    expect.assert_eq(&shown);
    let n_operations = steps.iter().filter(|step| step.kind != StepKind::Source).count();
    assert_eq!(Plan::of(text, &parse, &graph).n_operations(cut.target), n_operations);
}

#[test]
fn steps_are_numbered_within_their_stage() {
    check_steps(
        "FROM alpine AS a\nRUN x\nFROM alpine\nRUN x\nWORKDIR /\nCOPY --link f /\nCOPY --from=a g /\n",
        Target::Default,
        expect![[r#"
            [a 1/2] FROM docker.io/library/alpine:latest [1, 3]
            [a 2/2] RUN x [2, 4]
            [internal] load build context []
            [stage-1 3/5] COPY --link f / [6]
            [stage-1 3/5] LINK COPY --link f / [6]
            [stage-1 4/5] COPY --from=a g / [7]
        "#]],
    );
    let many = format!("FROM scratch\n{}", "RUN x\n".repeat(10));
    check_steps(
        &many,
        Target::Default,
        expect![[r#"
        [ 1/10] RUN x [2]
        [ 2/10] RUN x [3]
        [ 3/10] RUN x [4]
        [ 4/10] RUN x [5]
        [ 5/10] RUN x [6]
        [ 6/10] RUN x [7]
        [ 7/10] RUN x [8]
        [ 8/10] RUN x [9]
        [ 9/10] RUN x [10]
        [10/10] RUN x [11]
    "#]],
    );
}

#[test]
fn names_of_steps_show_values() {
    check_steps(
        r#"FROM alpine
ARG A=1
ENV B="x y" S=plain
RUN echo $A '$A' "$B" \"$NONE\" ${NONE:-d} ${B%y} && \
    # a comment
    find . -exec ls {} \;
RUN --mount=type=secret,id=s,env=S use $S
copy --chown=$A ["$B", "'q'/"]
WORKDIR $B/$NONE
RUN ["a", "$A"]
run	tabbed word
RUN echo 'unbalanced $A
"#,
        Target::Default,
        expect![[r#"
            [stage-0 1/8] FROM docker.io/library/alpine:latest [1]
            [stage-0 2/8] RUN echo 1 '$A' "x y" "$NONE" ${NONE:-d} x  &&     find . -exec ls {} ; [4]
            [stage-0 3/8] RUN --mount=type=secret,id=s,env=S use **** [7]
            [internal] load build context []
            [stage-0 4/8] COPY --chown=1 [x y, 'q'/] [8]
            [stage-0 5/8] WORKDIR x y/ [9]
            [stage-0 6/8] RUN ["a", "1"] [10]
            [stage-0 7/8] RUN	TABBED word [11]
            [stage-0 8/8] RUN echo 'unbalanced $A [12]
        "#]],
    );
}

#[test]
fn names_of_steps_show_the_first_line_of_a_script() {
    check_steps(
        "FROM alpine\nRUN <<EOF\n\n  one $PATH\n  two\nEOF\nRUN <<E\none\nE\nRUN cat <<E\none\nE\nRUN <<E\n#!/bin/x\nE\nCOPY <<E /e\none\nE\n",
        Target::Default,
        expect![[r#"
            [1/6] FROM docker.io/library/alpine:latest [1]
            [2/6] RUN <<EOF (one /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin...) [2]
            [3/6] RUN <<E (one) [7]
            [4/6] RUN cat <<E [10]
            [internal] preparing inline document []
            [5/6] RUN <<E (#!/bin/x) [13]
            [internal] preparing inline document []
            [6/6] COPY <<E /e [16]
        "#]],
    );
}

#[test]
fn a_stage_that_only_a_trigger_needs_is_counted_anew() {
    check_steps(
        "FROM alpine AS far\nRUN far\nFROM alpine AS near\nRUN near\nONBUILD COPY --from=far / /\nFROM scratch AS base\nONBUILD COPY --from=near / /\nONBUILD RUN $x\nFROM base AS mid\nCOPY --from=near / /n\nFROM near AS end\nCOPY --from=mid / /m\n",
        Target::Default,
        expect![[r#"
            [far 2/2] FROM docker.io/library/alpine:latest [1, 3]
            [near 2/2] RUN near [4]
            [far 3/2] RUN far [2]
            [end 1/2] ONBUILD COPY --from=far / / [11]
            [mid 1/3] ONBUILD COPY --from=near / / [9]
            [mid 2/3] ONBUILD RUN $x [9]
            [mid 3/3] COPY --from=near / /n [10]
            [end 2/2] COPY --from=mid / /m [12]
        "#]],
    );
}

#[test]
fn steps_are_one_only_if_they_do_the_same() {
    check_steps(
        "FROM alpine AS a\nUSER u\nWORKDIR /w\nCOPY --chown=u x /\nRUN --network=default r\nFROM alpine AS b\nWORKDIR /w\nUSER u\nENV A=1\nFROM alpine AS c\nUSER u\nWORKDIR /w\nCOPY --chown=u x /\nRUN r\nFROM scratch\nCOPY --from=a / /a\nCOPY --from=b / /b\nCOPY --from=c / /c\n",
        Target::Default,
        expect![[r#"
            [c 1/4] FROM docker.io/library/alpine:latest [1, 6, 10]
            [c 2/4] WORKDIR /w [3, 12]
            [internal] load build context []
            [c 3/4] COPY --chown=u x / [4, 13]
            [c 4/4] RUN r [5, 14]
            [stage-3 1/3] COPY --from=a / /a [16]
            [b 2/2] WORKDIR /w [7]
            [stage-3 2/3] COPY --from=b / /b [17]
            [stage-3 3/3] COPY --from=c / /c [18]
        "#]],
    );
    check_steps(
        "FROM alpine AS a\nARG U=1\nCOPY --chown=$U x /\nFROM alpine AS b\nARG U=2\nCOPY --chown=$U x /\nADD x /\nFROM scratch\nCOPY --from=a / /a\nCOPY --from=b / /b\n",
        Target::Default,
        expect![[r#"
            [b 1/3] FROM docker.io/library/alpine:latest [1, 4]
            [internal] load build context []
            [a 2/2] COPY --chown=1 x / [3]
            [stage-2 1/2] COPY --from=a / /a [9]
            [b 2/3] COPY --chown=2 x / [6]
            [b 3/3] ADD x / [7]
            [stage-2 2/2] COPY --from=b / /b [10]
        "#]],
    );
    // Variables are in the order in which they were last set.
    check_steps(
        "FROM alpine AS a\nENV A=1 B=2\nRUN r\nFROM alpine AS b\nENV B=2 A=1\nRUN r\nFROM scratch\nCOPY --from=a / /a\nCOPY --from=b / /b\n",
        Target::Default,
        expect![[r#"
            [b 1/2] FROM docker.io/library/alpine:latest [1, 4]
            [a 2/2] RUN r [3]
            [stage-2 1/2] COPY --from=a / /a [8]
            [b 2/2] RUN r [6]
            [stage-2 2/2] COPY --from=b / /b [9]
        "#]],
    );
}

#[test]
fn a_build_shows_preparations_first() {
    let parse = syntax::parse("FROM alpine AS a\nFROM busybox AS b\nFROM scratch\nCOPY --from=b / /\n");
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let cut = queries::cut(&graph, &Target::Default).unwrap();
    expect![[r#"
        [
            "[internal] load build definition from Dockerfile",
            "[internal] load metadata for docker.io/library/busybox:latest",
            "[internal] load .dockerignore",
        ]
    "#]]
    .assert_debug_eq(&queries::preparations(&graph, &cut, "Dockerfile"));
}
