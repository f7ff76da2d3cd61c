//! `stagelight multi-stage` from outside.

use crate::{Folder, stderr, stdout};

#[test]
fn two_dockerfiles_and_a_script_become_one_dockerfile() {
    let folder = Folder::new("multi-stage");
    folder
        .file("Dockerfile.build", "FROM rust:1.80\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n")
        .file("Dockerfile", "FROM debian:12-slim\nCOPY tool /usr/bin/\nCMD [\"tool\"]\n")
        .file("build.sh", "docker build -t b -f Dockerfile.build .\ndocker create --name c b\ndocker cp c:/src/target/release/tool .\nrm notes\n");
    let output = folder.multi_stage(&["Dockerfile.build", "Dockerfile", "build.sh"]);
    assert_eq!(output.status.code(), Some(0));
    let expected = "\
FROM rust:1.80 AS builder
WORKDIR /src
COPY . .
RUN cargo build --release

FROM debian:12-slim
COPY --from=builder /src/target/release/tool /usr/bin/
CMD [\"tool\"]
";
    assert_eq!(stdout(&output), expected);
    let told = stderr(&output);
    assert!(told.contains("gone    2  docker create --name c b\n"), "{told}");
}

#[test]
fn what_stands_in_the_way_is_an_exit_code() {
    let folder = Folder::new("multi-stage-error");
    folder.file("a", "FROM alpine\n").file("b", "FROM alpine\n").file("s", "echo\n");
    let output = folder.multi_stage(&["a", "b", "s"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("docker cp"), "{}", stderr(&output));
    let output = folder.multi_stage(&["a", "b", "none"]);
    assert_eq!(output.status.code(), Some(2));
}
