//! Prints what the core finds out about stages and targets, one line of JSON a file, to compare it with
//! BuildKit's answers.
//!
//! ```text
//! cargo run --release -p dockerfile --example graph_facts -- FILE …     (or a list on standard input)
//! cargo run --release -p dockerfile --example graph_facts -- --time FILE …
//! ```
//!
//! A file's name without its extension is its key (`sha256`). With `--time` only the speed is printed.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Instant;

use dockerfile::queries::{self, Context, Cut, Image, Setting, SourceUse, Target, cut};
use dockerfile::stages::mount::{self, Mount};
use dockerfile::stages::{
    self, BaseConfig, BuildOptions, Command, Edge, EdgeKind, Effect, Node, Source, StageGraph, StageId,
};
use dockerfile::syntax::{self, Instruction, InstructionKind, Parse, Phase, SyntaxError, Word};
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
        facts(&mut json, &key, &syntax::parse(&text));
        writeln!(out, "{}", json.0)?;
    }
    Ok(())
}

fn measure(files: &[String]) -> io::Result<()> {
    let texts: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let texts: Vec<_> = texts.iter().map(|bytes| text::decode(bytes).0).collect();
    let parses: Vec<_> = texts.iter().map(|text| syntax::parse(text)).collect();
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..10 {
        let start = Instant::now();
        let graphs: Vec<_> =
            parses.iter().map(|parse| stages::resolve(parse, &BuildOptions::default())).collect();
        best.0 = best.0.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let n_cuts = graphs.iter().filter_map(|graph| cut(graph, &Target::Default).ok()).count();
        best.1 = best.1.min(start.elapsed().as_secs_f64());
        std::hint::black_box(n_cuts);
    }
    let each = |seconds: f64| seconds * 1e6 / texts.len() as f64;
    println!("{} files: resolve {:.2} µs, cut {:.2} µs a file", texts.len(), each(best.0), each(best.1));
    Ok(())
}

fn facts(json: &mut Json, key: &str, parse: &Parse<'_>) {
    let stub = BaseConfig { env: vec![("PATH".to_owned(), PATH.to_owned())], ..BaseConfig::default() };
    let options = BuildOptions { other_images: Some(stub), ..BuildOptions::default() };
    let graph = stages::resolve(parse, &options);
    // The reference gives no stages where a global ARG fails.
    let n_preamble = graph.preamble.len();
    let in_preamble = |error: &SyntaxError| {
        error.line.is_some()
            && parse.instructions[..n_preamble].iter().any(|it| it.range.contains_range(error.range))
    };
    let listed = !parse.errors.iter().any(|error| error.phase != Phase::Options) && !graph.stages.is_empty();
    let accepted = !parse.errors.iter().any(|error| error.phase != Phase::Options)
        && !graph.stages.is_empty()
        && !graph.errors.iter().any(in_preamble);
    let converts = parse.errors.is_empty() && !graph.stages.is_empty();
    json.object(|json| {
        json.key("id").string(key);
        json.key("sha256").string(key);
        if accepted {
            json.key("expanded_ok").bool(parse.errors.is_empty() && graph.converts());
        }
        json.key("stages").optional(accepted.then_some(&graph), |json, graph| {
            json.array(&graph.stages, |json, stage| self::stage(json, parse, graph, stage));
        });
        json.key("outline")
            .optional(listed.then_some(&graph), |json, graph| outline(json, parse, graph, converts));
        json.key("targets").optional(converts.then_some(&graph), |json, graph| {
            json.object(|json| {
                json.key("default");
                target(json, parse, graph, &Target::Default);
                json.key("by_index")
                    .array(&graph.stages, |json, stage| target(json, parse, graph, &Target::Stage(stage.id)));
            });
        });
        if converts && let Ok(cut) = cut(&graph, &Target::Default) {
            json.key("ok").bool(cut.errors.is_empty());
            if let Some(error) = cut.errors.first() {
                json.key("stage_of_failure").string("llb");
                json.key("error").string(&error.message);
                json.key("error_line").line(error);
            }
        }
    });
}

fn stage(json: &mut Json, parse: &Parse<'_>, graph: &StageGraph, stage: &stages::Stage) {
    let edges = |row: usize| {
        let from = graph.edges.partition_point(|edge| (edge.to, edge.step) < (stage.id, row));
        graph.edges[from..].iter().take_while(move |edge| (edge.to, edge.step) == (stage.id, row))
    };
    let base = edges(0).find(|edge| edge.kind == EdgeKind::Base);
    let from = &parse.instructions[stage.steps[0].instruction];
    json.object(|json| {
        json.key("index").number(stage.id.0);
        json.key("name").string(stage.name.as_deref().unwrap_or_default());
        json.key("base_raw").string(&stage.base_text);
        // The reference gives the text as written where it cannot be expanded.
        json.key("base").string(&stage.base_expanded);
        json.key("base_stage").optional(base.and_then(stage_of), |json, id| json.number(id.0));
        json.key("base_image").optional(base.and_then(|edge| image_of(graph, edge)), Json::string);
        json.key("platform_raw").optional(
            from.flag("platform").map(|word| word.text.as_ref()).filter(|text| !text.is_empty()),
            Json::string,
        );
        json.key("platform").optional(stage.platform.as_deref(), Json::string);
        json.key("description").string(stage.description.as_deref().unwrap_or_default());
        json.key("line").number(from.lines.first as usize);
        json.key("end_line").number(from.lines.last as usize);
        let rows: Vec<usize> = (1..stage.steps.len()).collect();
        json.key("commands").array(&rows, |json, &row| {
            let instruction = &parse.instructions[stage.steps[row].instruction];
            let edges: Vec<&Edge> = edges(row).filter(|edge| !edge.trigger).collect();
            let done = stage.commands.iter().find(|it| it.trigger.is_none() && it.step == row);
            command(json, graph, instruction, &edges, done.filter(|_| graph.converts()));
        });
    });
}

fn pairs(json: &mut Json, pairs: &[(String, String)]) {
    json.key("expanded").array(pairs, |json, (key, value)| {
        json.array(&[key, value], |json, text| json.string(text));
    });
}

fn strings(json: &mut Json, key: &str, texts: &[String]) {
    json.key(key).array(texts, |json, text| json.string(text));
}

/// What the instruction comes to.
fn effect(json: &mut Json, effect: &Effect) {
    match effect {
        Effect::Copy(copied) => {
            let inline = copied.contents.iter().map(|it| format!("<<{}", it.name));
            strings(json, "sources", &copied.sources.iter().cloned().chain(inline).collect::<Vec<_>>());
            json.key("dest").string(&copied.destination);
            json.key("contents").array(&copied.contents, |json, inline| {
                json.object(|json| {
                    json.key("path").string(&inline.name);
                    json.key("data").string(&inline.data);
                });
            });
            json.key("file_ops").array(&copied.files, |json, file| {
                json.object(|json| {
                    json.key("src").string(&file.source);
                    json.key("dest").string(&file.destination);
                });
            });
        }
        Effect::Run(ran) => {
            json.key("mounts_expanded").array(&ran.mounts, |json, mount| {
                json.object(|json| {
                    json.key("type").string(mount.kind.name());
                    json.key("target").string(&mount.target);
                    json.key("source").string(&mount.source);
                    json.key("id").string(&mount.id);
                });
            });
            json.key("cwd").string(&ran.workdir);
            json.key("user").string(&ran.user);
            strings(json, "exec_args", &ran.line.arguments);
        }
        Effect::Env(values) | Effect::Label(values) => pairs(json, values),
        Effect::Arg(args) => json.key("expanded").array(args, |json, arg| {
            json.separate();
            json.0.push('[');
            json.string(&arg.name);
            json.optional(arg.value.as_deref(), Json::string);
            json.0.push(']');
        }),
        Effect::Workdir { value, makes, .. } => {
            json.key("expanded").string(value);
            json.key("file_ops").array(makes.as_slice(), |json, path| {
                json.object(|json| json.key("mkdir").string(path));
            });
        }
        Effect::User(value) | Effect::Stopsignal(value) => json.key("expanded").string(value),
        Effect::Volume(values) => strings(json, "expanded", values),
        Effect::Expose(words) => strings(json, "expanded", words),
        Effect::Shell(_)
        | Effect::Cmd(_)
        | Effect::Entrypoint(_)
        | Effect::Healthcheck(_)
        | Effect::Onbuild(_)
        | Effect::Maintainer(_)
        | Effect::Nothing => {}
    }
}

fn command(
    json: &mut Json,
    graph: &StageGraph,
    instruction: &Instruction<'_>,
    edges: &[&Edge],
    done: Option<&Command>,
) {
    json.object(|json| {
        if let Some(done) = done {
            effect(json, &done.effect);
        }
        json.key("kind").string(&instruction.keyword.text.to_lowercase());
        json.key("line").number(instruction.lines.first as usize);
        json.key("end_line").number(instruction.lines.last as usize);
        if matches!(instruction.kind, InstructionKind::Add | InstructionKind::Copy) {
            let from = instruction.flag("from").filter(|word| !word.text.is_empty());
            if let Some(from) = from {
                json.key("from_raw").string(&from.text);
                let edge = edges.iter().find(|edge| edge.range == from.range);
                json.key("from").optional(edge.copied(), |json, edge| reference(json, graph, edge));
                let refused = graph.errors.iter().find(|error| {
                    error.range == from.range && error.line.is_none() && !error.message.contains("circular")
                });
                json.key("source_error").optional(refused.map(|it| it.message.as_str()), Json::string);
            }
            let (dest, sources) =
                instruction.args.split_last().map_or(("", &[][..]), |it| (it.0.text.as_ref(), it.1));
            // Heredocs come last, by name.
            let (inline, plain): (Vec<_>, Vec<_>) =
                sources.iter().partition(|word| stages::is_heredoc_marker(&word.text));
            let inline = inline.iter().map(|word| format!("<<{}", heredoc_name(instruction, word)));
            let sources: Vec<String> = plain.iter().map(|word| word.text.to_string()).chain(inline).collect();
            json.key("sources_raw").array(&sources, |json, source| json.string(source));
            json.key("dest_raw").string(dest);
        } else if instruction.kind == InstructionKind::Run {
            mounts(json, graph, instruction, edges);
        }
    });
}

fn heredoc_name(instruction: &Instruction<'_>, word: &Word<'_>) -> String {
    let heredocs = &instruction.heredocs;
    let heredoc = heredocs.iter().find(|heredoc| heredoc.marker == word.range);
    heredoc.map_or_else(|| word.text.trim_start_matches(['<', '-']).to_owned(), |it| it.name.to_string())
}

fn mounts(json: &mut Json, graph: &StageGraph, instruction: &Instruction<'_>, edges: &[&Edge]) {
    let flags: Vec<_> = instruction
        .flags
        .iter()
        .filter(|flag| flag.name.text == "mount")
        .filter_map(|flag| Some((flag, flag.value.as_ref()?)))
        .collect();
    let parsed: Result<Vec<Mount>, _> =
        flags.iter().map(|(_, value)| mount::parse(&value.text, &mut |word| Ok(word.to_owned()))).collect();
    match parsed {
        Err(error) => json.key("mounts_error").string(&error.message),
        Ok(mounts) => {
            let pairs: Vec<_> = mounts.iter().zip(&flags).collect();
            json.key("mounts").array(&pairs, |json, (mount, (flag, _))| {
                json.object(|json| {
                    json.key("type").string(mount.kind.name());
                    json.key("target").string(&mount.target);
                    json.key("source").string(&mount.source);
                    json.key("id").string(&mount.id);
                    let edge = edges.iter().find(|edge| edge.range == flag.range);
                    let edge = edge.filter(|_| !mount.from.is_empty());
                    json.key("from").optional(edge.copied(), |json, edge| reference(json, graph, edge));
                });
            });
        }
    }
}

fn reference(json: &mut Json, graph: &StageGraph, edge: &Edge) {
    match edge.from {
        Node::Stage(id) => json.object(|json| json.key("stage").number(id.0)),
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { reference, .. } => json.object(|json| json.key("image").string(reference)),
            Source::NamedContext { name, .. } => json.object(|json| json.key("context").string(name)),
            Source::Scratch => json.object(|json| json.key("image").string("scratch")),
            Source::Invalid(_) if edge.broken && has_no_image(graph, edge) => json.literal("null"),
            Source::Invalid(name) => json.object(|json| json.key("image").string(name)),
            Source::Context | Source::Remote(_) => json.literal("null"),
        },
    }
}

/// Whether BuildKit refuses the reference before it takes it for an image.
fn has_no_image(graph: &StageGraph, edge: &Edge) -> bool {
    let is_image = |error: &SyntaxError| error.message.starts_with("failed to parse stage name");
    graph.errors.iter().any(|error| error.range == edge.range && !is_image(error))
}

fn stage_of(edge: &Edge) -> Option<StageId> {
    match edge.from {
        Node::Stage(id) => Some(id),
        Node::Source(_) => None,
    }
}

fn image_of<'g>(graph: &'g StageGraph, edge: &Edge) -> Option<&'g str> {
    match edge.from {
        Node::Stage(_) => None,
        Node::Source(id) => graph.sources[id.0].image(),
    }
}

fn target(json: &mut Json, parse: &Parse<'_>, graph: &StageGraph, target: &Target) {
    let cut = match cut(graph, target) {
        Ok(cut) => cut,
        Err(error) => return json.object(|json| json.key("error").string(&error.message)),
    };
    if let Some(error) = cut.errors.first() {
        return json.object(|json| {
            json.key("error").object(|json| {
                json.key("line").line(error);
                json.key("message").string(&error.message);
            });
        });
    }
    json.object(|json| {
        let needed: Vec<usize> = indexes(&cut, |stage| stage.needed);
        json.key("needed_stages").array(&needed, |json, &id| json.number(id));
        let has_image = |id: usize| {
            graph
                .edges
                .iter()
                .any(|edge| edge.to.0 == id && edge.kind == EdgeKind::Base && image_of(graph, edge).is_some())
        };
        let runs: Vec<usize> = indexes(&cut, |stage| stage.runs || stage.used && has_image(stage.stage.0));
        json.key("llb_stages").array(&runs, |json, &id| json.number(id));
        json.key("executed").array(&executed(graph, &cut), |json, &(stage, line)| {
            json.array(&[stage, line], |json, &number| json.number(number));
        });
        let images = |at_least: SourceUse| {
            let mut images: Vec<&str> = graph
                .sources
                .iter()
                .zip(&cut.sources)
                .filter(|(_, usage)| **usage >= at_least)
                .filter_map(|(source, _)| source.image())
                .collect();
            images.sort_unstable();
            images
        };
        json.key("images").array(&images(SourceUse::Used), |json, image| json.string(image));
        json.key("metadata_images").array(&images(SourceUse::LookedUp), |json, image| json.string(image));
        if *target == Target::Default
            && let Some(found) = queries::image(graph, cut.target)
        {
            let steps = queries::steps(parse, graph, &cut);
            json.key("vertices").array(&steps, |json, step| {
                json.object(|json| {
                    json.key("name").string(&step.name);
                    json.key("lines").array(&step.lines, |json, line| json.number(*line as usize));
                });
            });
            let n_operations = steps.iter().filter(|step| step.kind != queries::StepKind::Source).count();
            json.key("ops").number(n_operations);
            json.key("image");
            image(json, &found);
        }
        json.key("context").object(|json| {
            json.key("needed").bool(cut.context.is_some());
            match &cut.context {
                Some(Context::Paths(paths)) => json.key("paths").array(paths, |json, path| json.string(path)),
                Some(Context::Everything) | None => json.key("paths").literal("null"),
            }
        });
    });
}

fn outline(json: &mut Json, parse: &Parse<'_>, graph: &StageGraph, converts: bool) {
    let cut = cut(graph, &Target::Default).ok().filter(|cut| converts && cut.converts);
    json.object(|json| {
        let outline = cut.map(|cut| queries::outline(parse, graph, &cut)).filter(|it| !it.recurses);
        let Some(outline) = outline else { return json.key("error").bool(true) };
        json.key("args").array(&outline.args, |json, arg| {
            json.object(|json| {
                json.key("name").string(&arg.name);
                json.key("value").string(&arg.value);
                json.key("description").string(&arg.description);
                json.key("line").number(arg.line as usize);
            });
        });
        for (key, list) in [("secrets", &outline.secrets), ("ssh", &outline.ssh)] {
            json.key(key).array(list, |json, secret| {
                json.object(|json| {
                    json.key("name").string(&secret.id);
                    json.key("required").bool(secret.required);
                });
            });
        }
        json.key("cache").array(&outline.caches, |json, cache| {
            json.object(|json| {
                json.key("id").string(&format!("/{}", cache.id));
                json.key("target").string(&cache.target);
                json.key("sharing").string(&cache.sharing);
            });
        });
        json.key("targets").array(&queries::targets(parse, graph), |json, target| {
            json.object(|json| {
                json.key("name").string(target.name.as_deref().unwrap_or_default());
                json.key("description").string(target.description.as_deref().unwrap_or_default());
                json.key("default").bool(target.is_default);
                json.key("base").string(&target.base);
                json.key("platform").string(target.platform.as_deref().unwrap_or_default());
            });
        });
    });
}

/// The final image; nothing of it is unknown where all base images are known.
fn image(json: &mut Json, image: &Image) {
    let texts = |json: &mut Json, key: &str, setting: &Setting<Option<Vec<String>>>| {
        json.key(key).optional(known(setting).and_then(Option::as_ref), |json, texts| {
            json.array(texts, |json, text| json.string(text));
        });
    };
    json.object(|json| {
        let env: Vec<String> =
            known(&image.env).iter().flat_map(|it| it.iter()).map(|(k, v)| format!("{k}={v}")).collect();
        strings(json, "env", &env);
        texts(json, "cmd", &image.cmd);
        texts(json, "entrypoint", &image.entrypoint);
        json.key("workdir").optional(known(&image.workdir).map(String::as_str), Json::string);
        json.key("user").optional(known(&image.user).map(String::as_str), Json::string);
        json.key("labels").optional(known(&image.labels).filter(|it| !it.is_empty()), |json, labels| {
            json.object(|json| labels.iter().for_each(|(name, value)| json.key(name).string(value)));
        });
        json.key("stopsignal").optional(known(&image.stopsignal).map(String::as_str), Json::string);
        json.key("shell").optional(known(&image.shell).filter(|it| !it.is_empty()), |json, texts| {
            json.array(texts, |json, text| json.string(text));
        });
        strings(json, "ports", known(&image.ports).map_or(&[], Vec::as_slice));
        strings(json, "volumes", known(&image.volumes).map_or(&[], Vec::as_slice));
        json.key("healthcheck").optional(
            known(&image.healthcheck).and_then(Option::as_ref),
            |json, health| {
                json.object(|json| {
                    strings(json, "test", &health.test);
                    let times = [
                        ("interval", health.interval),
                        ("timeout", health.timeout),
                        ("start_period", health.start_period),
                        ("start_interval", health.start_interval),
                        ("retries", i64::from(health.retries)),
                    ];
                    times.iter().for_each(|(key, value)| json.key(key).literal(&value.to_string()));
                });
            },
        );
        json.key("onbuild").optional(Some(&image.onbuild).filter(|it| !it.is_empty()), |json, texts| {
            json.array(texts, |json, text| json.string(text));
        });
    });
}

fn known<T>(setting: &Setting<T>) -> Option<&T> {
    match setting {
        Setting::Known(value) => Some(value),
        Setting::FromBase | Setting::OnBase(_) => None,
    }
}

fn indexes(cut: &Cut, keep: impl Fn(&queries::StageCut) -> bool) -> Vec<usize> {
    cut.stages.iter().filter(|stage| keep(stage)).map(|stage| stage.stage.0).collect()
}

fn executed(graph: &StageGraph, cut: &Cut) -> Vec<(usize, usize)> {
    let mut rows = Vec::new();
    for stage in &graph.stages {
        for (row, step) in stage.steps.iter().enumerate() {
            if cut.executes(graph, stage.id, row) {
                rows.push((stage.id.0, step.lines.first as usize));
            }
        }
    }
    rows
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

    fn line(&mut self, error: &SyntaxError) {
        self.optional(error.line, |json, line| json.number(line as usize));
    }

    fn bool(&mut self, value: bool) {
        self.literal(if value { "true" } else { "false" });
    }

    fn number(&mut self, value: usize) {
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

/// The variable that the base images of the reference have.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
