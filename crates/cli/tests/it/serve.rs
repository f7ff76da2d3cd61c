//! `stagelight serve` from outside: what it says, what it answers, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::{Folder, command, stderr};

/// A server that ends with the test.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Folder, args: &[&str]) -> Server {
        let fixed = ["--listen", "127.0.0.1:0", "--data-dir", "data", "--set", "log=error"];
        let mut command = command(&folder.0, "serve", &[&fixed, args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|it| it.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Server { child, address }
    }

    /// The answer with its headers, to the end of the connection.
    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let n = body.len();
        write!(stream, "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n").unwrap();
        write!(stream, "content-type: application/json\r\ncontent-length: {n}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end, and waits.
    fn end(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn without_an_engine_it_is_the_site() {
    let folder = Folder::new("serve-site");
    fs::create_dir_all(folder.0.join("site")).unwrap();
    folder.file("site/index.html", "<head></head><p>the site");
    let server = Server::start(&folder, &["--engine", "none", "--site", "site"]);
    assert!(server.ask("GET /", "").ends_with("<p>the site"));
    let health = server.ask("GET /api/health", "");
    assert!(health.contains("200 OK") && !health.contains("\"engine\""), "{health}");
    let refused = server.ask("POST /api/v1/builds", "{\"dockerfile\":\"FROM scratch\"}");
    assert!(refused.contains("503") && refused.contains("no-engine"), "{refused}");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn recordings_are_played_watched_and_kept() {
    let folder = Folder::new("serve-replay");
    fs::create_dir_all(folder.0.join("recordings")).unwrap();
    let recording = [
        r#"{"seq":1,"at":0,"event":"started","engine":{"kind":"docker","version":"28.5.2"}}"#,
        r#"{"seq":2,"at":1,"event":"step","id":0,"name":"[1/1] RUN a","mapped":"by-name","state":"running","started":1}"#,
        r#"{"seq":3,"at":2,"event":"log","step":0,"stream":"out","text":"hello\n"}"#,
        r#"{"seq":4,"at":3,"event":"step","id":0,"name":"[1/1] RUN a","mapped":"by-name","state":"done","started":1,"ended":3}"#,
        r#"{"seq":5,"at":4,"event":"finished","end":"succeeded"}"#,
    ];
    folder.file("recordings/a.ndjson", recording.join("\n"));
    let args = ["--engine", "replay", "--recordings", "recordings"];
    let server = Server::start(&folder, &args);
    let accepted = server.ask("POST /api/v1/builds", "{\"dockerfile\":\"FROM scratch\\nCOPY a /\"}");
    assert!(accepted.contains("201 Created"), "{accepted}");
    let id = accepted.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let events = server.ask(&format!("GET /api/v1/builds/{id}/events"), "");
    for part in [
        "id: 1\n",
        "\"event\":\"queued\"",
        "\"kind\":\"replay\"",
        "hello",
        "\"event\":\"finished\",\"end\":\"succeeded\"",
    ] {
        assert!(events.contains(part), "{part} in {events}");
    }
    assert_eq!(server.end(), Some(0));
    // Kept for the next server.
    let server = Server::start(&folder, &args);
    let log = server.ask(&format!("GET /api/v1/builds/{id}/log.txt"), "");
    assert!(log.ends_with("#0 [1/1] RUN a\nhello\nDONE\n\nsucceeded\n"), "{log}");
}

#[test]
fn what_cannot_be_is_one_sentence() {
    let folder = Folder::new("serve-wrong");
    folder.file("bad.toml", "bulids = 3\n").file("empty.ndjson", "");
    let cases: &[(&[&str], &str)] = &[
        (&["--listen", "0.0.0.0:8080"], "can be reached from other machines"),
        (&["--listen", "here"], "invalid socket address"),
        (&["--config", "none.toml"], "none.toml cannot be read"),
        (&["--config", "bad.toml"], "bad.toml: unknown field `bulids`"),
        (&["--set", "builds"], "write --set KEY=VALUE"),
        (&["--set", "builds=many"], "invalid type"),
        (&["--site", "nowhere"], "There is no site in nowhere"),
        (&["--engine", "replay"], "needs recordings"),
        (&["--engine", "replay", "--recordings", "nowhere"], "cannot be read"),
        (&["--engine", "docker", "--engine-address", "ftp://x"], "is no address of an engine"),
        (&["--token", "a"], "too short"),
        (&["--database", "mysql://me@127.0.0.1/x"], "write postgres://user:password@host/name"),
        (&["--database", "postgres://me@127.0.0.1:1/x"], "The database x at 127.0.0.1 cannot be opened"),
        // What is not fit for strangers is not offered to them: recordings have no walls.
        (&["--public", "--engine", "replay", "--recordings", "."], "This engine is not for the public"),
    ];
    for (args, expected) in cases {
        let args = [&["--data-dir", "data"], *args].concat();
        let output = command(&folder.0, "serve", &args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = stderr(&output);
        assert!(said.contains(expected), "{args:?}: {said}");
    }
}
