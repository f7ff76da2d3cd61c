//! The build context and the Dockerfile as BuildKit's own operations: `mkdir` and `mkfile`.
//!
//! Sent like that, there is no archive to unpack, no link and no device, and nothing is asked back; equal files are
//! equal steps, whoever sends them. Surprising: a context that comes like that is taken as it is, so that what
//! `.dockerignore` leaves out has to be left out here. The Dockerfile is one of the files, as in any folder.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard_buildkit_proto::pb::{
    Definition, FileAction, FileActionMkDir, FileActionMkFile, FileOp, Input, Op, OpMetadata, file_action, op,
};
use dockerfile::context::ignore_names;
use dockerfile::ignore::Ignore;
use prost::Message;
use protocol::build::{Failure, InputFile, Request};
use sha2::{Digest, Sha256};

use crate::failure;

/// The name of the Dockerfile.
pub(super) const DOCKERFILE: &str = "Dockerfile";

/// All files are as old as this, in nanoseconds since 1970: the first day of 2020.
const TIME: i64 = 1_577_836_800_000_000_000;

/// What is at a path of the context.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Directory,
    File { data: Vec<u8>, executable: bool },
}

/// The context of a request, without what its ignore file leaves out.
pub(super) fn context(request: &Request) -> Result<Definition, Failure> {
    Ok(definition(&tree(request)?, "[internal] load build context"))
}

/// The same with the Dockerfile as a tar archive, for whoever takes no operations.
pub(super) fn archive(request: &Request) -> Result<Vec<u8>, Failure> {
    let mut tree = tree(request)?;
    let data = request.dockerfile.as_bytes().to_vec();
    tree.insert(DOCKERFILE.to_owned(), Node::File { data, executable: false });
    let mut archive = tar::Builder::new(Vec::new());
    for (path, node) in &tree {
        let mut header = tar::Header::new_gnu();
        header.set_mtime((TIME / 1_000_000_000) as u64);
        let (kind, mode, data) = match node {
            Node::Directory => (tar::EntryType::Directory, 0o755, &[][..]),
            Node::File { data, executable } => {
                (tar::EntryType::Regular, if *executable { 0o755 } else { 0o644 }, &data[..])
            }
        };
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(data.len() as u64);
        let added = archive.append_data(&mut header, path, data);
        added.map_err(|_| failure("context", format!("'{path}' cannot be sent to the engine")))?;
    }
    archive.into_inner().map_err(|_| failure("context", "The build context cannot be sent to the engine"))
}

/// A Dockerfile by itself.
pub(super) fn dockerfile(text: &str) -> Definition {
    let file = Node::File { data: text.as_bytes().to_vec(), executable: false };
    let tree = BTreeMap::from([(DOCKERFILE.to_owned(), file)]);
    definition(&tree, "[internal] load build definition from Dockerfile")
}

/// What is there, by clean paths; what is above a file comes before it.
fn tree(request: &Request) -> Result<BTreeMap<String, Node>, Failure> {
    let mut tree: BTreeMap<String, Node> = BTreeMap::new();
    for file in &request.files {
        let path = clean(&file.path)?;
        if file.path.ends_with('/') {
            add(&mut tree, path, Node::Directory)?;
            continue;
        }
        let data = data(file)?;
        add(&mut tree, path, Node::File { data, executable: file.executable })?;
    }
    if !tree.contains_key(DOCKERFILE) {
        let data = request.dockerfile.as_bytes().to_vec();
        tree.insert(DOCKERFILE.to_owned(), Node::File { data, executable: false });
    }
    let text = ignore_names(DOCKERFILE).into_iter().find_map(|name| match tree.get(&name) {
        Some(Node::File { data, .. }) => Some(String::from_utf8_lossy(data).into_owned()),
        Some(Node::Directory) | None => None,
    });
    let Some(text) = text else { return Ok(tree) };
    let ignore = Ignore::parse(&text);
    if let Some((line, message)) = ignore.errors.first() {
        return Err(failure("context", format!("The ignore file cannot be read at line {line}: {message}")));
    }
    let mut kept: BTreeMap<String, Node> = BTreeMap::new();
    for (path, node) in tree {
        if !ignore.decide(&path).ignored {
            // A directory that is left out is there all the same if something in it is not.
            for directory in above(&path) {
                kept.entry(directory.to_owned()).or_insert(Node::Directory);
            }
            kept.insert(path, node);
        }
    }
    Ok(kept)
}

fn add(tree: &mut BTreeMap<String, Node>, path: String, node: Node) -> Result<(), Failure> {
    let twice = |path: &str| failure("context", format!("'{path}' is in the build context twice"));
    for directory in above(&path) {
        let known = tree.entry(directory.to_owned()).or_insert(Node::Directory);
        if *known != Node::Directory {
            return Err(twice(directory));
        }
    }
    match (tree.get(&path), &node) {
        (None, _) | (Some(Node::Directory), Node::Directory) => {
            tree.insert(path, node);
            Ok(())
        }
        (Some(_), _) => Err(twice(&path)),
    }
}

/// The directories above a path, the highest one first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// A path without `.` and doubled slashes. One that leads out of the context is refused.
fn clean(path: &str) -> Result<String, Failure> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => return Err(failure("context", format!("'{path}' leads out of the build context"))),
            name if name.contains('\0') => {
                return Err(failure("context", "A name in the build context has a NUL in it"));
            }
            name => names.push(name),
        }
    }
    match names.is_empty() {
        true => Err(failure("context", "A file of the build context has no name")),
        false => Ok(names.join("/")),
    }
}

fn data(file: &InputFile) -> Result<Vec<u8>, Failure> {
    match (&file.text, &file.base64) {
        (Some(text), _) => Ok(text.as_bytes().to_vec()),
        (None, Some(base64)) => STANDARD
            .decode(base64)
            .map_err(|_| failure("context", format!("What is in '{}' is no base64", file.path))),
        (None, None) => Ok(Vec::new()),
    }
}

/// One operation that makes all of it, each action on what the one before has come to.
fn definition(tree: &BTreeMap<String, Node>, name: &str) -> Definition {
    let last = tree.len().saturating_sub(1);
    let mut actions: Vec<FileAction> = tree
        .iter()
        .enumerate()
        .map(|(at, (path, node))| {
            let path = format!("/{path}");
            let action = match node {
                Node::Directory => file_action::Action::Mkdir(FileActionMkDir {
                    path,
                    mode: 0o755,
                    timestamp: TIME,
                    ..FileActionMkDir::default()
                }),
                Node::File { data, executable } => file_action::Action::Mkfile(FileActionMkFile {
                    path,
                    mode: if *executable { 0o755 } else { 0o644 },
                    data: data.clone(),
                    timestamp: TIME,
                    ..FileActionMkFile::default()
                }),
            };
            FileAction {
                // There is no input from elsewhere, so the first one starts from nothing.
                input: at as i64 - 1,
                secondary_input: -1,
                output: if at == last { 0 } else { -1 },
                action: Some(action),
            }
        })
        .collect();
    if actions.is_empty() {
        // An empty context is a directory all the same.
        let root = FileActionMkDir {
            path: "/".to_owned(),
            mode: 0o755,
            make_parents: true,
            timestamp: TIME,
            ..FileActionMkDir::default()
        };
        let action = Some(file_action::Action::Mkdir(root));
        actions.push(FileAction { input: -1, secondary_input: -1, output: 0, action });
    }
    let making = Op { op: Some(op::Op::File(FileOp { actions })), ..Op::default() }.encode_to_vec();
    let digest = digest(&making);
    let end =
        Op { inputs: vec![Input { digest: digest.clone(), index: 0 }], ..Op::default() }.encode_to_vec();
    let description = BTreeMap::from([("llb.customname".to_owned(), name.to_owned())]);
    let metadata = BTreeMap::from([(digest, OpMetadata { description, ..OpMetadata::default() })]);
    Definition { def: vec![making, end], metadata, source: None }
}

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(files: &[(&str, &str)]) -> Request {
        let files = files.iter().map(|(path, text)| InputFile {
            path: (*path).to_owned(),
            text: Some((*text).to_owned()),
            ..InputFile::default()
        });
        Request { dockerfile: "FROM a".to_owned(), files: files.collect(), ..Request::default() }
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], paths: &str) {
        let tree = tree(&request(files)).map(|tree| tree.into_keys().collect::<Vec<_>>().join(" "));
        assert_eq!(tree.unwrap_or_else(|failure| failure.message), paths);
    }

    #[test]
    fn paths_are_made_clean() {
        check(&[("b//c", ""), ("./a", ""), ("/d/", "")], "Dockerfile a b b/c d");
        check(&[("a/../b", "")], "'a/../b' leads out of the build context");
        check(&[("./", "")], "A file of the build context has no name");
        check(&[("a", ""), ("a/b", "")], "'a' is in the build context twice");
        check(&[("a", ""), ("./a", "")], "'a' is in the build context twice");
    }

    #[test]
    fn what_the_ignore_file_names_is_left_out() {
        check(&[(".dockerignore", "a\n"), ("a/b", ""), ("c", "")], ".dockerignore Dockerfile c");
        check(&[(".dockerignore", "a\n!a/b\n"), ("a/b", ""), ("a/c", "")], ".dockerignore Dockerfile a a/b");
        check(&[(".dockerignore", "c\n"), ("Dockerfile.dockerignore", "*"), ("c", "")], "");
        check(
            &[(".dockerignore", "a[\n")],
            "The ignore file cannot be read at line 1: syntax error in pattern",
        );
    }

    #[test]
    fn equal_files_are_equal_steps() {
        let one = context(&request(&[("a", "1"), ("b/c", "2")])).expect("a context");
        let other = context(&request(&[("b/./c", "2"), ("a", "1")])).expect("a context");
        assert_eq!(one, other);
        assert_ne!(one, context(&request(&[("a", "1"), ("b/c", "3")])).expect("a context"));
    }
}
