//! What a build does, as text for people.
//!
//! A stage is a line with what it starts from and what becomes of it; its instructions are indented, with their line
//! in the file and what they come to. Errors that stop the build stand alone.

use std::fmt::Write;
use std::rc::Rc;

use dockerfile::queries::{self, Context, Cut, Setting, SourceUse, Target};
use dockerfile::stages::image_ref::DEFAULT_DOMAIN;
use dockerfile::stages::mount::Mount;
use dockerfile::stages::{
    self, Command, CommandLine, EdgeKind, Effect, Health, Node, Source, Stage, StageGraph, ports,
};
use dockerfile::syntax::{self, Parse, Phase, SyntaxError};

use crate::case::Case;

macro_rules! line {
    ($out:expr, $($arg:tt)*) => { writeln!($out, $($arg)*).unwrap() };
}

pub(crate) fn build(case: &Case) -> String {
    // Nobody has to read the registry that is meant where none is written.
    described(case).replace(DEFAULT_DOMAIN, "@")
}

fn described(case: &Case) -> String {
    let mut out = String::new();
    let parse = syntax::parse(&case.dockerfile);
    if let Some(error) = parse.first_error() {
        stopped(&mut out, error);
        return out;
    }
    let graph = stages::resolve(&parse, &case.options);
    let cut = match queries::cut(&graph, &Target::from_name(case.options.target.as_deref())) {
        Ok(cut) => cut,
        Err(error) => {
            let suggestion = error.suggestion.map(|it| format!(" (did you mean {it}?)"));
            line!(out, "stopped, no line: {}{}", error.message, suggestion.unwrap_or_default());
            return out;
        }
    };
    if let Some(error) = cut.errors.first() {
        stopped(&mut out, error);
        return out;
    }
    for stage in &graph.stages {
        self::stage(&mut out, &graph, &cut, stage);
    }
    sources(&mut out, &graph, &cut);
    for what in &case.shown {
        match what.as_str() {
            "image" => image(&mut out, &graph, &cut),
            "outline" => outline(&mut out, &parse, &graph, &cut),
            "steps" => {
                for step in queries::steps(&case.dockerfile, &parse, &graph, &cut) {
                    line!(out, "step {} {:?}", step.name, step.lines);
                }
            }
            what => panic!("there is no {what:?} to show"),
        }
    }
    out
}

fn stopped(out: &mut String, error: &SyntaxError) {
    let line = error.line().map_or("no line".to_owned(), |line| format!("line {line}"));
    let prefix = if error.is_prefixed() { "dockerfile parse error: " } else { "" };
    let phase = match error.phase {
        Phase::Options => "options, ",
        Phase::Parse => "parsing, ",
        Phase::Instructions | Phase::Convert => "",
    };
    let suggestion = error.suggestion.as_ref().map(|it| format!(" (did you mean {it}?)")).unwrap_or_default();
    line!(out, "stopped, {phase}{line}: {prefix}{}{suggestion}", error.message);
}

fn stage(out: &mut String, graph: &StageGraph, cut: &Cut, stage: &Stage) {
    let edges = || graph.edges.iter().filter(|edge| edge.to == stage.id);
    let base = edges().find(|edge| edge.kind == EdgeKind::Base).map(|edge| node(graph, edge.from));
    let platform = stage.effective_platform.format();
    let platform = if platform == "linux/amd64" { String::new() } else { format!(" for {platform}") };
    line!(out, "{} <- {}{platform}", stage.display_name(), base.unwrap_or_else(|| "nothing".to_owned()));
    if graph.stages.len() > 1 {
        line!(out, "  {}", cut.stages[stage.id.0].sentence);
    }
    for command in &stage.commands {
        let row = &stage.steps[command.step];
        let trigger = command.trigger.map(|at| &stage.triggers[at]);
        let keyword = match trigger {
            Some(trigger) => format!("ONBUILD {}", trigger.kind.keyword()),
            None => row.keyword.to_string(),
        };
        let done = effect(command);
        let space = if done.is_empty() { "" } else { " " };
        line!(out, "  {} {keyword}{space}{done}", row.lines.first);
        if let Effect::Run(ran) = &command.effect {
            ran.mounts.iter().for_each(|mount| line!(out, "    mount {}", self::mount(mount)));
            if let Some(script) = &ran.script {
                line!(out, "    script {} {:?}", script.name, script.data);
            }
        }
        if let Effect::Copy(copied) = &command.effect {
            for inline in &copied.contents {
                line!(out, "    content {} {:?}", inline.name, inline.data);
            }
        }
        if !command.unknown.is_empty() {
            line!(out, "    only the base image could have set {}", command.unknown.join(" "));
        }
    }
    for edge in edges().filter(|edge| edge.kind != EdgeKind::Base) {
        let verb = if edge.kind == EdgeKind::Mount { "mounts" } else { "copies" };
        let unused = if edge.carries { "" } else { " (prepared, not used)" };
        let line = stage.steps[edge.step].lines.first;
        line!(out, "  {line} {verb} {} {}{unused}", node(graph, edge.from), edge.paths.join(" "));
    }
}

fn node(graph: &StageGraph, node: Node) -> String {
    match node {
        Node::Stage(id) => format!("stage {}", graph.stages[id.0].display_name()),
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { reference, .. } => format!("image {reference}"),
            Source::Scratch => "scratch".to_owned(),
            Source::Context => "context".to_owned(),
            Source::Remote(address) => format!("remote {address}"),
            Source::Invalid(text) => format!("invalid {text:?}"),
            Source::NamedContext { name, value, .. } => format!("context {name}={value}"),
        },
    }
}

fn effect(command: &Command) -> String {
    let pairs = |pairs: &[(Rc<str>, Rc<str>)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value:?}")).collect::<Vec<_>>().join(" ")
    };
    match &command.effect {
        Effect::Copy(copied) => {
            let files: Vec<_> =
                copied.files.iter().map(|file| format!("{} -> {}", file.source, file.destination)).collect();
            files.join(", ")
        }
        Effect::Run(ran) => {
            let user = if ran.user.is_empty() { String::new() } else { format!(" as {}", ran.user) };
            format!("{} in {}{user}", command_line(&ran.line), ran.workdir)
        }
        Effect::Env(values) | Effect::Label(values) => pairs(values),
        Effect::Arg(args) => {
            let args = args.iter().map(|arg| {
                let global = if arg.is_global { " (global)" } else { "" };
                let value = arg.value.as_ref().map_or(" unset".to_owned(), |value| format!("={value:?}"));
                format!("{}{value}{global}", arg.name)
            });
            args.collect::<Vec<_>>().join(", ")
        }
        Effect::Workdir { path, makes, .. } => {
            format!("{path}{}", if makes.is_none() { ", which is there" } else { "" })
        }
        Effect::User(text) | Effect::Stopsignal(text) | Effect::Onbuild(text) | Effect::Maintainer(text) => {
            format!("{text:?}")
        }
        Effect::Volume(volumes) => format!("{volumes:?}"),
        Effect::Expose(words) => ports(words).join(" "),
        Effect::Shell(words) => format!("{words:?}"),
        Effect::Cmd(line) => command_line(line),
        Effect::Entrypoint(line) => line.as_ref().map_or("none".to_owned(), command_line),
        Effect::Healthcheck(health) => self::health(health),
        Effect::Nothing => String::new(),
    }
}

fn command_line(line: &CommandLine) -> String {
    let unknown = if line.shell_unknown { " (unless the base image has a shell)" } else { "" };
    format!("{:?}{unknown}", line.arguments)
}

fn health(health: &Health) -> String {
    let mut out = format!("{:?}", health.test);
    let times = [
        ("interval", health.interval),
        ("timeout", health.timeout),
        ("start-period", health.start_period),
        ("start-interval", health.start_interval),
        ("retries", i64::from(health.retries)),
    ];
    for (name, value) in times.into_iter().filter(|(_, value)| *value != 0) {
        write!(out, " {name}={value}").unwrap();
    }
    out
}

fn mount(mount: &Mount) -> String {
    let mut out = mount.kind.name().to_owned();
    let texts = [
        ("from", &mount.from),
        ("source", &mount.source),
        ("target", &mount.target),
        ("id", &mount.id),
        ("sharing", &mount.sharing),
    ];
    for (key, value) in texts.into_iter().filter(|(_, value)| !value.is_empty()) {
        write!(out, " {key}={value}").unwrap();
    }
    if let Some(name) = &mount.env {
        write!(out, " env={name}").unwrap();
    }
    if let Some(size) = mount.size {
        write!(out, " size={size}").unwrap();
    }
    if let Some(mode) = mount.mode {
        write!(out, " mode={mode:o}").unwrap();
    }
    for (key, id) in [("uid", mount.uid), ("gid", mount.gid)] {
        if let Some(id) = id {
            write!(out, " {key}={id}").unwrap();
        }
    }
    for (mark, is_set) in [(" read-only", mount.read_only), (" required", mount.required)] {
        out.push_str(if is_set { mark } else { "" });
    }
    out
}

fn sources(out: &mut String, graph: &StageGraph, cut: &Cut) {
    for (source, usage) in graph.sources.iter().zip(&cut.sources) {
        if let (Source::Image { reference, .. }, SourceUse::LookedUp) = (source, usage) {
            line!(out, "image {reference} is looked up, not used");
        }
    }
    match &cut.context {
        None => {}
        Some(Context::Everything) => line!(out, "context: everything"),
        Some(Context::Paths(paths)) => line!(out, "context: {}", paths.join(" ")),
    }
}

fn image(out: &mut String, graph: &StageGraph, cut: &Cut) {
    fn value<T>(out: &mut String, name: &str, setting: &Setting<T>, empty: &T)
    where
        T: std::fmt::Debug + PartialEq,
    {
        match setting {
            Setting::Known(value) if value == empty => {}
            Setting::Known(value) => line!(out, "image {name} {value:?}"),
            Setting::FromBase => line!(out, "image {name} as the base image has it"),
            Setting::OnBase(value) => line!(out, "image {name} {value:?} on what the base image has"),
        }
    }
    let image = queries::image(graph, cut.target).unwrap();
    value(out, "env", &image.env, &Vec::new());
    value(out, "cmd", &image.cmd, &None);
    value(out, "entrypoint", &image.entrypoint, &None);
    value(out, "workdir", &image.workdir, &String::new());
    value(out, "user", &image.user, &String::new());
    value(out, "labels", &image.labels, &Vec::new());
    value(out, "stopsignal", &image.stopsignal, &String::new());
    value(out, "shell", &image.shell, &Vec::new());
    value(out, "ports", &image.ports, &Vec::new());
    value(out, "volumes", &image.volumes, &Vec::new());
    if let Setting::Known(Some(health)) = &image.healthcheck {
        line!(out, "image healthcheck {}", self::health(health));
    }
    image.onbuild.iter().for_each(|text| line!(out, "image onbuild {text:?}"));
}

fn outline(out: &mut String, parse: &Parse<'_>, graph: &StageGraph, cut: &Cut) {
    let outline = queries::outline(parse, graph, cut);
    for arg in &outline.args {
        line!(out, "outline arg {}={:?} line {} {:?}", arg.name, arg.value, arg.line, arg.description);
    }
    for (kind, list) in [("secret", &outline.secrets), ("ssh", &outline.ssh)] {
        for secret in list {
            let required = if secret.required { ", required" } else { "" };
            line!(out, "outline {kind} {} line {}{required}", secret.id, secret.line);
        }
    }
    for cache in &outline.caches {
        line!(out, "outline cache {} at {} {}", cache.id, cache.target, cache.sharing);
    }
    for row in queries::targets(parse, graph) {
        let name = row.name.as_deref().unwrap_or("no name");
        let default = if row.is_default { ", default" } else { "" };
        let description = row.description.map(|it| format!(" {it:?}")).unwrap_or_default();
        line!(out, "outline target {name} on {} line {}{description}{default}", row.base, row.line);
    }
}
