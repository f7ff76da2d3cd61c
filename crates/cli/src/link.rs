//! `stagelight share` and `stagelight open`: files into a link, and out of it again.
//!
//! A link holds text. A file with bytes that are no UTF-8 would come out of it changed, so it gets none.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use dockerfile::queries::{self, Builder, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;
use protocol::link::{COMFORTABLE, LONGEST, LinkError};
use protocol::{Context, ContextFile, Playground, file, link};

use crate::args::{Open, Share};
use crate::folder::Folder;
use crate::text::{clean, count};
use crate::{end, files};

/// Names the address of the playground, where `--base` does not.
const BASE_VARIABLE: &str = "STAGELIGHT_BASE";
/// Files that the page takes in, too; of more it is known that there are more.
const MAX_FILES: usize = 5_000;
/// Names that are told before the rest is counted.
const MAX_NAMES: usize = 10;

/// Writes a link, and what is in it.
///
/// # Errors
/// A sentence that says why there is none.
pub(crate) fn share(args: &Share) -> Result<ExitCode, String> {
    let base = if args.output.is_some() { String::new() } else { base(args)? };
    let Given { dockerfile, ignore } = given(&args.files)?;
    let options = args.build.options(None);
    let context = context(args, dockerfile, ignore)?;
    let playground = Playground {
        dockerfile: text_of(dockerfile)?,
        target: options.target.clone(),
        args: options.build_args.iter().cloned().collect(),
        platform: Some(options.target_platform.clone())
            .filter(|platform| *platform != BuildOptions::default().target_platform),
        contexts: options.contexts.iter().cloned().collect(),
        context,
        ..Playground::default()
    };
    let mut told = notes(&playground, &crate::text::name(&dockerfile.display().to_string()));
    if let Some(path) = &args.output {
        fs::write(path, playground.to_file()).map_err(|error| cannot_write(path, &error))?;
        let _ = writeln!(told, "\nwrote {}, which the page opens", path.display());
    } else {
        let link = format!("{base}#{}", link::encode(&playground));
        let length = link.len();
        if length > LONGEST {
            return Err(format!(
                "The link would have {length} characters, which too many programs cut off. Share fewer files, or write \
                 a file that the page opens: -o {}",
                with_ending("example")
            ));
        }
        let _ = writeln!(told, "{length} characters");
        if length > COMFORTABLE {
            let _ = writeln!(
                told,
                "Some programs cut links off that have more than {COMFORTABLE} characters; try it where you send it."
            );
        }
        let _ = writeln!(told, "\n{link}");
    }
    end(io::stdout().lock().write_all(told.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// The address of the playground, without a fragment.
fn base(args: &Share) -> Result<String, String> {
    let base = args.base.clone().or_else(|| std::env::var(BASE_VARIABLE).ok()).unwrap_or_default();
    if base.is_empty() {
        return Err(format!(
            "Where is the playground? Give its address by --base https://…, or in the variable {BASE_VARIABLE}"
        ));
    }
    let is_address = ["https://", "http://", "file://"].iter().any(|scheme| base.starts_with(scheme));
    if !is_address || base.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "'{}' is no address of a page: it begins with https:// or http://",
            clean(&base)
        ));
    }
    Ok(base.split('#').next().unwrap_or_default().to_owned())
}

/// The files by what they are.
struct Given<'a> {
    dockerfile: &'a Path,
    ignore: Option<&'a Path>,
}

fn given(paths: &[PathBuf]) -> Result<Given<'_>, String> {
    let is_ignore = |path: &&Path| {
        path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(".dockerignore"))
    };
    let (ignores, dockerfiles): (Vec<&Path>, Vec<&Path>) =
        paths.iter().map(PathBuf::as_path).partition(is_ignore);
    match (dockerfiles.as_slice(), ignores.as_slice()) {
        ([dockerfile], []) => Ok(Given { dockerfile, ignore: None }),
        ([dockerfile], [ignore]) => Ok(Given { dockerfile, ignore: Some(ignore) }),
        ([], _) => Err("Which Dockerfile? Only ignore files are named".to_owned()),
        ([_], _) => Err("A link holds one .dockerignore; name one alone".to_owned()),
        (several, _) => {
            let names: Vec<String> = several.iter().map(|path| clean(&path.display().to_string())).collect();
            Err(format!("A link holds one Dockerfile, and these are {}: {}", names.len(), names.join(", ")))
        }
    }
}

/// What is told of the build context: the ignore file that was named, or what is in the folder.
fn context(args: &Share, dockerfile: &Path, ignore: Option<&Path>) -> Result<Option<Context>, String> {
    let mut context = Context::default();
    if let Some(folder) = &args.context {
        let mut listed = Folder::read(folder)?;
        if let Some(doubt) = listed.doubt.take() {
            return Err(doubt);
        }
        let found = listed.context(dockerfile)?;
        let files = found.files.as_deref().unwrap_or_default();
        let named = files.iter().take(MAX_FILES);
        context.files = Some(
            named.map(|file| ContextFile { path: file.path.clone(), size: file.size, text: None }).collect(),
        );
        context.partial = files.len() > MAX_FILES;
        context.ignore = found.ignore.clone();
        // The folder is read as BuildKit reads it, which takes any bytes.
        if context.ignore.as_ref().is_some_and(|text| text.contains('\u{fffd}')) && ignore.is_none() {
            return Err("The ignore file has bytes that are no UTF-8, and a link holds text alone".to_owned());
        }
    }
    if let Some(ignore) = ignore {
        context.ignore = Some(text_of(ignore)?);
    }
    Ok((args.context.is_some() || ignore.is_some()).then_some(context))
}

/// What is in a file, if it is text.
fn text_of(path: &Path) -> Result<String, String> {
    let bytes = files::read(path)?.bytes;
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        format!(
            "{} has bytes that are no UTF-8, the first in line {line}. A link holds text alone, so they would come out \
             of it changed",
            crate::text::name(&path.display().to_string())
        )
    })
}

/// The name of a file of the page.
fn with_ending(name: &str) -> String {
    format!("{name}.{}", file::EXTENSION)
}

/// What is shared, in a few lines.
fn notes(playground: &Playground, name: &str) -> String {
    let mut out = format!("{name}, {}\n", count(playground.dockerfile.lines().count(), "line"));
    let mut said = |what: &str| {
        let _ = writeln!(out, "{}", clean(what));
    };
    if let Some(target) = &playground.target {
        said(&format!("target {target}"));
    }
    if let Some(platform) = &playground.platform {
        said(&format!("platform {platform}"));
    }
    if !playground.args.is_empty() {
        let names: Vec<&str> = playground.args.keys().map(String::as_str).collect();
        said(&format!("build arguments with their values, for whoever has the link: {}", names.join(", ")));
    }
    if !playground.contexts.is_empty() {
        let pairs: Vec<String> =
            playground.contexts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        said(&format!("named contexts {}", pairs.join(", ")));
    }
    if let Some(context) = &playground.context {
        if context.ignore.is_some() {
            said(".dockerignore");
        }
        if let Some(files) = &context.files {
            let first = if context.partial { "the first " } else { "" };
            said(&format!(
                "names and sizes of {first}{}, without what is in them",
                count(files.len(), "file")
            ));
        }
    }
    out
}

/// Writes the files of a link.
///
/// # Errors
/// A sentence, and nothing is written.
pub(crate) fn open(args: &Open) -> Result<ExitCode, String> {
    let playground = match args.link.as_str() {
        "-" => of_link(&String::from_utf8_lossy(&files::read(Path::new("-"))?.bytes))?,
        path if !path.contains('#') && path.ends_with(&with_ending("")) => {
            let text = String::from_utf8_lossy(&files::read(Path::new(path))?.bytes).into_owned();
            Playground::of_file(&text)?
        }
        link => of_link(link)?,
    };
    let ignore = playground.context.as_ref().and_then(|context| context.ignore.as_ref());
    let mut wanted = vec![(args.output.join("Dockerfile"), &playground.dockerfile)];
    wanted.extend(ignore.map(|ignore| (args.output.join(".dockerignore"), ignore)));
    for (path, text) in texts(&playground) {
        let path = args.output.join(path_within(path)?);
        if !wanted.iter().any(|(known, _)| *known == path) {
            wanted.push((path, text));
        }
    }
    write(&args.output, &wanted, args.force)?;
    end(io::stdout().lock().write_all(told(&playground, &wanted).as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// The files of the build context of which the link holds what is in them.
fn texts(playground: &Playground) -> impl Iterator<Item = (&str, &String)> {
    let files = playground.context.iter().flat_map(|context| context.files.iter().flatten());
    files.filter_map(|file| Some((file.path.as_str(), file.text.as_ref()?)))
}

/// A path below the folder that is written to: a link may come from anybody.
fn path_within(path: &str) -> Result<&Path, String> {
    let path = Path::new(path);
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_)));
    let is_file = path.file_name().is_some();
    (is_within && is_file).then_some(path).ok_or_else(|| {
        format!("The link wants to write '{}', which is not below the folder", clean(&path.to_string_lossy()))
    })
}

/// What a link holds.
fn of_link(text: &str) -> Result<Playground, String> {
    let text = text.trim();
    let fragment = text.split_once('#').map_or(text, |(_, fragment)| fragment);
    match link::decode(fragment) {
        Some(Ok(playground)) => Ok(playground),
        Some(Err(LinkError::UnknownFormat(tag))) => Err(format!(
            "This link has the format '{}', which this version of Stagelight does not know. Take a newer one, or ask \
             for the link again",
            clean(&tag)
        )),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("This link holds nothing: there is no text behind its '#'".to_owned()),
    }
}

/// Writes all files or none, and never through a link that somebody has put in their place.
fn write(folder: &Path, files: &[(PathBuf, &String)], force: bool) -> Result<(), String> {
    let there = files.iter().find(|(path, _)| fs::symlink_metadata(path).is_ok());
    if let (Some((path, _)), false) = (there, force) {
        return Err(format!("{} is there already; --force overwrites it", path.display()));
    }
    fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    for (path, content) in files {
        make_parents(folder, path)?;
        if fs::symlink_metadata(path).is_ok() {
            fs::remove_file(path).map_err(|error| cannot_write(path, &error))?;
        }
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        file.and_then(|mut file| file.write_all(content.as_bytes()))
            .map_err(|error| cannot_write(path, &error))?;
    }
    Ok(())
}

/// Makes the folders that a file is in, below the one that is written to; none of them may be a link to elsewhere.
fn make_parents(folder: &Path, path: &Path) -> Result<(), String> {
    let Some(below) = path.parent().and_then(|parent| parent.strip_prefix(folder).ok()) else {
        return Ok(());
    };
    let mut at = folder.to_owned();
    for part in below.components() {
        at.push(part);
        if fs::symlink_metadata(&at).is_ok_and(|it| it.is_symlink()) {
            return Err(format!("{} is a link to elsewhere, so nothing is written there", at.display()));
        }
        if !at.is_dir() {
            fs::create_dir(&at).map_err(|error| cannot_write(&at, &error))?;
        }
    }
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("Cannot write {}: {}", path.display(), files::reason(error))
}

/// What was written, what the link does not hold, and how to build what it shows.
fn told(playground: &Playground, written: &[(PathBuf, &String)]) -> String {
    let mut out = String::new();
    for (path, content) in written {
        let _ = writeln!(out, "wrote {}, {}", path.display(), count(content.lines().count(), "line"));
    }
    let listed = playground.context.iter().flat_map(|context| context.files.iter().flatten());
    let files: Vec<&ContextFile> = listed.filter(|file| file.text.is_none()).collect();
    if playground.context.as_ref().is_some_and(|context| context.files.is_some()) && !files.is_empty() {
        let _ =
            writeln!(out, "not in the link: what is in {} of the build context", count(files.len(), "file"));
        for file in files.iter().take(MAX_NAMES) {
            let _ = writeln!(out, "  {}", clean(&file.path));
        }
        if files.len() > MAX_NAMES {
            let _ = writeln!(out, "  and {} more", files.len() - MAX_NAMES);
        }
    }
    if let Some(command) = command(playground) {
        let _ = writeln!(out, "to build it: {}", clean(&command));
    }
    out
}

/// The command that builds what the link shows.
fn command(playground: &Playground) -> Option<String> {
    let options = BuildOptions {
        build_args: playground.args.clone().into_iter().collect(),
        target_platform: playground.platform.clone().unwrap_or(BuildOptions::default().target_platform),
        target: playground.target.clone(),
        contexts: playground.contexts.clone().into_iter().collect(),
        ..BuildOptions::default()
    };
    let graph = stages::resolve(&syntax::parse(&playground.dockerfile), &options);
    let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref())).ok()?;
    queries::command_line(&cut, options.target.is_none(), Builder::Docker, &options)
}
