//! Two Dockerfiles and a script become one Dockerfile.

use std::fmt::Write;

use dockerfile::queries::{self, Target};
use dockerfile::refactor::{BuilderPattern, multi_stage};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use expect_test::{Expect, expect};

fn check(build: &str, ship: &str, script: &str, expect: Expect) {
    let told = match multi_stage(BuilderPattern { build, ship, script }) {
        Ok(made) => {
            let mut told = made.text;
            for note in made.notes {
                writeln!(told, "note: {note}").unwrap();
            }
            for line in made.script {
                let sign = if line.vanishes { "-" } else { "!" };
                writeln!(told, "{sign} {} {}: {}.", line.line, line.text, line.why).unwrap();
            }
            told
        }
        Err(error) => format!("error: {error}\n"),
    };
    expect.assert_eq(&told);
}

const BUILD: &str = "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o server .\n";
const SHIP: &str = "FROM alpine:3.20\nWORKDIR /srv\nCOPY server .\nCMD [\"./server\"]\n";
const SCRIPT: &str = "#!/bin/sh\nset -e\necho building\ndocker build --build-arg http_proxy=$http_proxy \\\n  \
                      -t shop:build . -f Dockerfile.build\ndocker container create --name extract shop:build\n\
                      docker container cp extract:/src/server ./server\ndocker container rm -f extract\n\
                      docker build --no-cache -t shop:latest .\nrm ./server\n";

#[test]
fn the_plain_pattern() {
    check(
        BUILD,
        SHIP,
        SCRIPT,
        expect![[r#"
            FROM golang:1.22 AS builder
            WORKDIR /src
            COPY . .
            RUN go build -o server .

            FROM alpine:3.20
            WORKDIR /srv
            COPY --from=builder /src/server .
            CMD ["./server"]
            note: Give the one build the arguments that the script gives: http_proxy.
            - 1 #!/bin/sh: A comment of the script.
            - 2 set -e: Of no use without the rest of the script.
            - 3 echo building: docker build tells its steps itself.
            - 4 docker build --build-arg http_proxy=$http_proxy -t shop:build . -f Dockerfile.build: BuildKit builds stage builder by itself, because COPY --from=builder needs it.
            - 6 docker container create --name extract shop:build: No container 'extract' is needed to get at the files of an image.
            - 7 docker container cp extract:/src/server ./server: COPY --from=builder takes /src/server; ./server is never on the disk.
            - 8 docker container rm -f extract: There is no container left over to remove.
            ! 9 docker build --no-cache -t shop:latest .: This is the one build that is left, 'docker build .'; --no-cache was there since the cache could not see the file from outside change.
            - 10 rm ./server: server was never on the disk.
        "#]],
    );
}

#[test]
fn the_file_comes_where_it_came_before() {
    let made = multi_stage(BuilderPattern { build: BUILD, ship: SHIP, script: SCRIPT }).unwrap();
    let parse = syntax::parse(&made.text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let cut = queries::cut(&graph, &Target::from_name(None)).unwrap();
    assert!(cut.errors.is_empty());
    let ledger = queries::ledger(&graph, &cut);
    let entry = ledger.entry_at("/srv/server").unwrap();
    let chain: Vec<&str> =
        ledger.chain(entry.node).into_iter().filter_map(|id| Some(ledger.node(id)?.path.as_str())).collect();
    assert_eq!(chain[..2], ["/srv/server", "/src/server"]);
}

#[test]
fn another_name_a_directory_and_a_json_form() {
    check(
        "FROM node AS web\nRUN make\n",
        "FROM nginx\nCOPY [\"site\", \"a b\", \"/www/\"]\nCOPY --chown=1:1 page.html conf /etc/x/\nADD tool /bin/tool\n",
        "docker build -t w -f web.Dockerfile .\ndocker create --name c w\ndocker cp c:/out/dist site\n\
         docker cp c:/out/index.html page.html\ndocker cp c:/bin/t tool && docker rm c\n",
        expect![[r#"
            FROM node AS web
            RUN make

            FROM nginx
            COPY ["a b", "/www/"]
            COPY --from=web ["/out/dist", "/www/site"]
            COPY --chown=1:1 conf /etc/x/
            COPY --from=web --chown=1:1 /out/index.html /etc/x/page.html
            COPY --from=web /bin/t /bin/tool
            - 1 docker build -t w -f web.Dockerfile .: BuildKit builds stage web by itself, because COPY --from=web needs it.
            - 2 docker create --name c w: No container 'c' is needed to get at the files of an image.
            - 3 docker cp c:/out/dist site: COPY --from=web takes /out/dist; site is never on the disk.
            - 4 docker cp c:/out/index.html page.html: COPY --from=web takes /out/index.html; page.html is never on the disk.
            - 5 docker cp c:/bin/t tool && docker rm c: COPY --from=web takes /bin/t; tool is never on the disk. There is no container left over to remove.
        "#]],
    );
}

#[test]
fn a_directory_that_the_file_lay_in() {
    check(
        BUILD,
        "FROM alpine\nCOPY . /srv\nCOPY out /opt/\nCOPY other /x\n",
        "docker build -t b -f Dockerfile.build .\ndocker run --name c b true\ndocker cp c:/src/server out/\n",
        expect![[r#"
            FROM golang:1.22 AS builder
            WORKDIR /src
            COPY . .
            RUN go build -o server .

            FROM alpine
            COPY . /srv
            COPY --from=builder /src/server /srv/out/server
            COPY out /opt/
            COPY --from=builder /src/server /opt/server
            COPY other /x
            - 1 docker build -t b -f Dockerfile.build .: BuildKit builds stage builder by itself, because COPY --from=builder needs it.
            - 2 docker run --name c b true: No container 'c' is needed to get at the files of an image.
            - 3 docker cp c:/src/server out/: COPY --from=builder takes /src/server; out/ is never on the disk.
        "#]],
    );
}

#[test]
fn stages_on_both_sides() {
    check(
        "# syntax=docker/dockerfile:1\nARG GO=1.22\nFROM alpine AS tools\nFROM golang:$GO\nRUN make /app\n",
        "# syntax=docker/dockerfile:1.4\n# check=skip=all\nARG GO=1.22\nARG BASE=alpine\nFROM busybox\nRUN touch /x\n\
         FROM $BASE\nCOPY --from=0 /x /x\nCOPY app /app\n",
        "docker build -t b -f x ./go\ndocker create --name c b\ndocker cp c:/app app\ndocker build .\ncurl -f localhost\n",
        expect![[r#"
            # check=skip=all
            # syntax=docker/dockerfile:1
            ARG GO=1.22
            ARG BASE=alpine
            FROM alpine AS tools
            FROM golang:$GO AS builder
            RUN make /app

            FROM busybox
            RUN touch /x
            FROM $BASE
            COPY --from=2 /x /x
            COPY --from=builder /app /app
            note: Both Dockerfiles have a directive 'syntax'; that of the first is kept, 'docker/dockerfile:1'.
            note: The builds have different contexts (./go, .), and one build has one. The paths of COPY are left as they are.
            - 1 docker build -t b -f x ./go: BuildKit builds stage builder by itself, because COPY --from=builder needs it.
            - 2 docker create --name c b: No container 'c' is needed to get at the files of an image.
            - 3 docker cp c:/app app: COPY --from=builder takes /app; app is never on the disk.
            ! 4 docker build .: This is the one build that is left, 'docker build .'.
            ! 5 curl -f localhost: 'curl -f localhost' is no part of the pattern: keep it, if it is still needed.
        "#]],
    );
}

#[test]
fn what_stands_in_the_way_is_said() {
    check(
        BUILD,
        SHIP,
        "docker build .\n",
        expect![[r#"
        error: The script takes nothing out of a container: it has no 'docker cp CONTAINER:PATH FILE'.
    "#]],
    );
    check(
        "FROM alpine AS a\nCOPPY x y\n",
        SHIP,
        SCRIPT,
        expect![[r#"
        error: The Dockerfile that builds, line 2: unknown instruction: COPPY.
    "#]],
    );
    check(
        BUILD,
        "",
        SCRIPT,
        expect![[r#"
        error: The Dockerfile that ships, line 1: the Dockerfile cannot be empty.
    "#]],
    );
    check(
        "FROM alpine AS a\n",
        "FROM alpine AS a\n",
        SCRIPT,
        expect![[r#"
        error: Both Dockerfiles have a stage 'a'. Rename it in one of them first.
    "#]],
    );
    check(
        BUILD,
        "FROM alpine\nADD x.tar.gz /\n",
        "docker cp c:/x.tar.gz .\n",
        expect![[r#"
        error: Line 2 unpacks x.tar.gz, which ADD cannot take from a stage. Unpack it with a RUN of the first Dockerfile.
    "#]],
    );
    check(
        "ARG A=1\nFROM alpine\n",
        "ARG A=2\nFROM alpine\n",
        SCRIPT,
        expect![[r#"
        error: Both Dockerfiles declare ARG A above their first FROM, with another default. Rename one.
    "#]],
    );
    check(
        BUILD,
        "# escape=`\nFROM alpine\n",
        SCRIPT,
        expect![[r#"
        error: The Dockerfiles have different escape directives, and one file has one.
    "#]],
    );
}

#[test]
fn a_file_that_nobody_takes_is_told() {
    check(
        BUILD,
        "FROM alpine\n",
        "docker cp c:/src/server .\n",
        expect![[r#"
        FROM golang:1.22 AS builder
        WORKDIR /src
        COPY . .
        RUN go build -o server .

        FROM alpine
        note: Line 1 of the script takes /src/server out, but no COPY takes server: it is not in the image.
        - 1 docker cp c:/src/server .: COPY --from=builder takes /src/server; . is never on the disk.
    "#]],
    );
}
