//! Prints what the core reads in Dockerfiles, one line of JSON a file, to compare it with BuildKit's answers.
//!
//! ```text
//! cargo run --release -p dockerfile --example facts -- FILE …     (or a list of files on standard input)
//! cargo run --release -p dockerfile --example facts -- --time FILE …
//! ```
//!
//! A file's name without its extension is its key (`sha256`). With `--time` each file is parsed again and
//! again, and only the speed is printed. Without dependencies there is no serializer: the writer is below.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Instant;

use dockerfile::syntax::{self, Flag, Instruction, Parse, Phase};
use dockerfile::text;

fn main() -> io::Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let time = args.first().is_some_and(|arg| arg == "--time");
    args.drain(..usize::from(time));
    let files = if args.is_empty() { io::stdin().lock().lines().collect::<Result<_, _>>()? } else { args };
    if time {
        return measure(&files);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in files {
        let bytes = std::fs::read(&file)?;
        let (text, _) = text::decode(&bytes);
        let key = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy();
        let mut json = Json::default();
        facts(&mut json, &key, bytes.len(), &syntax::parse(&text));
        writeln!(out, "{}", json.0)?;
    }
    Ok(())
}

fn measure(files: &[String]) -> io::Result<()> {
    let texts: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let texts: Vec<_> = texts.iter().map(|bytes| text::decode(bytes).0).collect();
    let n_bytes: usize = texts.iter().map(|text| text.len()).sum();
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        let start = Instant::now();
        let n_instructions: usize = texts.iter().map(|text| syntax::parse(text).instructions.len()).sum();
        best = best.min(start.elapsed().as_secs_f64());
        std::hint::black_box(n_instructions);
    }
    println!(
        "{} files, {n_bytes} bytes: {:.2} µs a file, {:.0} MB/s",
        texts.len(),
        best * 1e6 / texts.len() as f64,
        n_bytes as f64 / best / 1e6
    );
    Ok(())
}

fn facts(json: &mut Json, key: &str, n_bytes: usize, parse: &Parse<'_>) {
    let error = parse.first_error();
    let phase = error.map(|error| error.phase);
    json.object(|json| {
        json.key("id").string(key);
        json.key("sha256").string(key);
        json.key("bytes").number(n_bytes as u64);
        // A file without an error here can still fail later, so success is not claimed.
        if let Some(error) = error {
            json.key("ok").bool(false);
            let stage = match error.phase {
                Phase::Options | Phase::Parse => "parse",
                Phase::Instructions => "instructions",
                Phase::Convert => "llb",
            };
            json.key("stage_of_failure").string(stage);
            let prefix = match error.line {
                Some(line) if error.phase == Phase::Instructions && error.is_prefixed() => {
                    format!("dockerfile parse error on line {line}: ")
                }
                Some(_) | None => String::new(),
            };
            json.key("error").string(&(prefix + &error.message));
            json.key("error_line").optional(error.line, |json, line| json.number(u64::from(line)));
            json.key("error_suggest").optional(error.suggestion.as_deref(), Json::string);
        }
        let parsed = !parse.errors.iter().any(|error| error.phase == Phase::Parse);
        json.key("directives").object(|json| directives(json, parse, parsed));
        json.key("instructions").optional(parsed.then_some(&parse.instructions), |json, instructions| {
            json.array(instructions, |json, instruction| {
                json.object(|json| self::instruction(json, instruction, true))
            });
        });
        json.key("phase").optional(phase, |json, phase| json.string(&format!("{phase:?}")));
    });
}

fn directives(json: &mut Json, parse: &Parse<'_>, parsed: bool) {
    let detected = &parse.detected;
    json.key("check").optional(detected.check.as_ref(), |json, check| {
        json.object(|json| {
            json.key("full").string(&check.full.text);
            json.key("line").number(u64::from(check.line));
            json.key("value").string(&check.value);
        });
    });
    json.key("escape").optional(parsed.then_some(parse.escape), |json, escape| {
        json.string(escape.encode_utf8(&mut [0; 4]))
    });
    json.key("escape_directive").optional(detected.escape.as_ref(), |json, escape| {
        json.object(|json| {
            json.key("line").number(u64::from(escape.line));
            json.key("value").string(&escape.value);
        });
    });
    json.key("syntax").optional(detected.syntax.as_ref(), |json, syntax| {
        json.object(|json| {
            json.key("cmdline").string(&syntax.full.text);
            json.key("line").number(u64::from(syntax.line));
            json.key("ref").string(&syntax.value);
        });
    });
}

fn instruction(json: &mut Json, instruction: &Instruction<'_>, top: bool) {
    json.key("cmd").string(&instruction.keyword.text);
    json.key("flags").array(&instruction.flags, |json, flag| json.string(&flag_text(flag)));
    json.key("args").array(&instruction.args, |json, arg| json.string(&arg.text));
    json.key("json").bool(instruction.json);
    if top {
        json.key("line").number(u64::from(instruction.lines.first));
        json.key("end_line").number(u64::from(instruction.lines.last));
        json.key("heredocs").array(&instruction.heredocs, |json, heredoc| {
            json.object(|json| {
                json.key("name").string(&heredoc.name);
                json.key("content").string(heredoc.content);
                json.key("expand").bool(heredoc.expand);
                json.key("chomp").bool(heredoc.chomp);
                json.key("fd").number(heredoc.fd);
            });
        });
        json.key("comments").array(&instruction.comments, |json, comment| json.string(comment));
    }
    if let Some(child) = &instruction.onbuild {
        json.key("onbuild_child").object(|json| self::instruction(json, child, false));
    }
}

fn flag_text(flag: &Flag<'_>) -> String {
    match &flag.value {
        Some(value) => format!("--{}={}", flag.name.text, value.text),
        None => format!("--{}", flag.name.text),
    }
}

/// Writes JSON; a comma is put in front of whatever follows something.
#[derive(Default)]
struct Json(String);

impl Json {
    fn separate(&mut self) {
        if !matches!(self.0.bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    fn key(&mut self, key: &str) -> &mut Json {
        self.string(key);
        self.0.push(':');
        self
    }

    fn object(&mut self, fill: impl FnOnce(&mut Json)) {
        self.separate();
        self.0.push('{');
        fill(self);
        self.0.push('}');
    }

    fn array<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Json, &T)) {
        self.separate();
        self.0.push('[');
        for item in items {
            each(self, item);
        }
        self.0.push(']');
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Json, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.literal("null"),
        }
    }

    fn bool(&mut self, value: bool) {
        self.literal(if value { "true" } else { "false" });
    }

    fn number(&mut self, value: u64) {
        self.literal(&value.to_string());
    }

    fn literal(&mut self, literal: &str) {
        self.separate();
        self.0.push_str(literal);
    }

    fn string(&mut self, text: &str) {
        self.separate();
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\0'..='\u{1f}' => self.0.push_str(&format!("\\u{:04x}", c as u32)),
                _ => self.0.push(c),
            }
        }
        self.0.push('"');
    }
}
