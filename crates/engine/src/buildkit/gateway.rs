//! The files of a stage, read where they are: nothing is exported for it.
//!
//! BuildKit's gateway, made for its readers of Dockerfiles, builds a stage and reads directories and files of it. A
//! build is opened for that which does nothing by itself, and given back at the end.

use std::collections::HashMap;

use bollard_buildkit_proto::fsutil::types::Stat;
use bollard_buildkit_proto::moby::buildkit::v1::SolveRequest;
use bollard_buildkit_proto::moby::buildkit::v1::frontend::{
    self, FileRange, ReadDirRequest, ReadFileRequest, StatFileRequest, result,
};
use protocol::build::{Failure, FileEntry, FileList, Lines};
use tokio::sync::mpsc;
use tonic::Status;

use super::asked::{Asked, FRONTEND};
use super::rpc::Rpc;
use super::{BuildKit, LAST_WORDS, converted, failing, policy, unique};
use crate::{Order, failure};

/// A piece of a file that is read at once.
const PIECE: u64 = 1 << 20;
/// tar's files are filled up to whole blocks.
const BLOCK: usize = 512;

/// Bits of Go's file modes.
const DIRECTORY: u32 = 1 << 31;
const LINK: u32 = 1 << 27;
const SPECIAL: u32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21;
const SET_USER: u32 = 1 << 23;
const SET_GROUP: u32 = 1 << 22;
const STICKY: u32 = 1 << 20;

/// Lists a stage.
pub(super) async fn files(
    engine: &BuildKit,
    order: &Order,
    stage: usize,
    limit: usize,
) -> Result<FileList, Failure> {
    let dockerfile = &order.request.dockerfile;
    with_stage(engine, order, stage, async |tree: Tree| {
        let mut list = FileList { stage, ..FileList::default() };
        let mut open = vec![String::from("/")];
        while let Some(directory) = open.pop() {
            for stat in
                tree.list(&directory).await.map_err(|status| failing::failed(&status, None, dockerfile))?
            {
                if list.entries.len() == limit {
                    list.partial = true;
                    open.clear();
                    break;
                }
                let path = below(&directory, &stat);
                if stat.mode & DIRECTORY != 0 {
                    open.push(path.clone());
                }
                list.entries.push(entry(path, &stat));
            }
        }
        list.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(list)
    })
    .await
}

/// Sends what is at a path as a tar archive.
pub(super) async fn archive(
    engine: &BuildKit,
    order: &Order,
    stage: usize,
    path: &str,
    limit: u64,
    to: mpsc::Sender<Vec<u8>>,
) -> Result<(), Failure> {
    let dockerfile = &order.request.dockerfile;
    let broken = |status: Status| failing::failed(&status, None, dockerfile);
    let path = format!("/{}", path.trim_matches('/'));
    with_stage(engine, order, stage, async |tree: Tree| {
        // What is above the path is not of the archive.
        let prefix = path.rfind('/').map_or("", |at| &path[..at]).len() + 1;
        let root = match path.as_str() {
            "/" => Stat { mode: DIRECTORY | 0o755, ..Stat::default() },
            path => tree.stat(path).await.map_err(broken)?,
        };
        let mut archive = tar::Builder::new(Vec::new());
        let mut n_bytes = 0;
        let mut open = vec![(path.clone(), root)];
        while let Some((path, stat)) = open.pop() {
            let name = path.get(prefix..).unwrap_or_default();
            let is_file = stat.mode & (DIRECTORY | LINK | SPECIAL) == 0;
            let size = if is_file { u64::try_from(stat.size).unwrap_or_default() } else { 0 };
            n_bytes += size + BLOCK as u64;
            if n_bytes > limit {
                return Err(failure("too-large", format!("What is there is larger than {limit} bytes")));
            }
            if !name.is_empty() && stat.mode & SPECIAL == 0 {
                head(&mut archive, name, &stat, size)
                    .map_err(|_| failure("archive", format!("'{path}' has no place in an archive")))?;
                send(&to, std::mem::take(archive.get_mut())).await?;
            }
            if is_file {
                tree.send(&path, size, &to).await.map_err(broken)?;
            }
            if stat.mode & DIRECTORY != 0 {
                let mut entries = tree.list(&path).await.map_err(broken)?;
                entries.sort_by(|a, b| b.path.cmp(&a.path));
                open.extend(entries.into_iter().map(|stat| (below(&path, &stat), stat)));
            }
        }
        archive.finish().map_err(|_| failure("archive", "The archive cannot be ended"))?;
        send(&to, std::mem::take(archive.get_mut())).await
    })
    .await
}

/// Builds a stage, and works on its files.
async fn with_stage<T>(
    engine: &BuildKit,
    order: &Order,
    stage: usize,
    work: impl AsyncFnOnce(Tree) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let dockerfile = &order.request.dockerfile;
    let info = engine.info().await?;
    let asked = Asked::new(order, info, Some(stage))?;
    with_gateway(engine, order, async |gateway| {
        let answer = gateway.solve_within(request(order, asked)).await;
        let answer = answer.map_err(|status| failing::failed(&status, None, dockerfile))?;
        work(Tree { gateway: gateway.clone(), reference: reference_of(&answer) }).await
    })
    .await
}

/// Asks BuildKit's reader which lines each of its operations is of, by their digests.
pub(super) async fn lines(
    engine: &BuildKit,
    order: &Order,
    asked: Asked,
) -> Result<HashMap<String, Vec<Lines>>, Failure> {
    with_gateway(engine, order, async |gateway| {
        let mut request = request(order, asked);
        request.evaluate = false;
        for (key, value) in
            [("requestid", "frontend.convertllb"), ("frontend.caps", "moby.buildkit.frontend.subrequests")]
        {
            request.frontend_opt.insert(key.to_owned(), value.to_owned());
        }
        let answer =
            gateway.solve_within(request).await.map_err(|status| failing::failed(&status, None, ""))?;
        let result = answer.result.unwrap_or_default();
        Ok(result.metadata.get("result.json").map(|json| converted::lines(json)).unwrap_or_default())
    })
    .await
}

fn request(order: &Order, asked: Asked) -> frontend::SolveRequest {
    frontend::SolveRequest {
        frontend: FRONTEND.to_owned(),
        frontend_opt: asked.settings,
        frontend_inputs: asked.inputs,
        allow_result_return: true,
        allow_result_array_ref: true,
        evaluate: true,
        source_policies: vec![policy::policy(&order.rules)],
        ..frontend::SolveRequest::default()
    }
}

/// Opens a build that does nothing by itself, works in it, and gives it back whatever came of that.
async fn with_gateway<T>(
    engine: &BuildKit,
    order: &Order,
    work: impl AsyncFnOnce(&Rpc) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let broken = |status: Status| failing::failed(&status, None, &order.request.dockerfile);
    let reference = unique();
    let rpc = engine.rpc();
    let gateway = rpc.of_build(&reference);
    let open = SolveRequest {
        r#ref: reference.clone(),
        source_policy: Some(policy::policy(&order.rules)),
        ..SolveRequest::default()
    };
    let mut opened = std::pin::pin!(rpc.solve(open));
    let mut inside = std::pin::pin!(async {
        gateway.ping().await.map_err(broken)?;
        let done = work(&gateway).await;
        gateway.give_back().await.ok();
        done
    });
    tokio::select! {
        biased;
        done = &mut inside => {
            tokio::time::timeout(LAST_WORDS, opened).await.ok();
            done
        }
        // That it has been given back may be known here first.
        ended = &mut opened => match ended {
            Ok(_) => tokio::time::timeout(LAST_WORDS, inside)
                .await
                .unwrap_or_else(|_| Err(failure("engine", "The engine gave the build up"))),
            Err(status) => Err(broken(status)),
        },
    }
}

/// The name of what has been built; empty if there is nothing in it.
fn reference_of(answer: &frontend::SolveResponse) -> String {
    match answer.result.as_ref().and_then(|it| it.result.as_ref()) {
        Some(result::Result::RefDeprecated(id)) => id.clone(),
        Some(result::Result::Ref(reference)) => reference.id.clone(),
        Some(result::Result::Refs(map)) => {
            map.refs.values().next().map(|reference| reference.id.clone()).unwrap_or_default()
        }
        Some(result::Result::RefsDeprecated(map)) => map.refs.values().next().cloned().unwrap_or_default(),
        None => answer.r#ref.clone(),
    }
}

/// The files of a stage.
struct Tree {
    gateway: Rpc,
    reference: String,
}

impl Tree {
    async fn list(&self, directory: &str) -> Result<Vec<Stat>, Status> {
        if self.reference.is_empty() {
            return Ok(Vec::new());
        }
        let request = ReadDirRequest {
            r#ref: self.reference.clone(),
            dir_path: directory.to_owned(),
            ..ReadDirRequest::default()
        };
        Ok(self.gateway.read_dir(request).await?.entries)
    }

    async fn stat(&self, path: &str) -> Result<Stat, Status> {
        if self.reference.is_empty() {
            return Err(Status::not_found(format!("{path}: not found")));
        }
        let request = StatFileRequest {
            r#ref: self.reference.clone(),
            path: path.to_owned(),
            ..StatFileRequest::default()
        };
        Ok(self.gateway.stat(request).await?.stat.unwrap_or_default())
    }

    /// Sends a file in pieces, filled up to whole blocks.
    async fn send(&self, path: &str, size: u64, to: &mpsc::Sender<Vec<u8>>) -> Result<(), Status> {
        let mut at = 0;
        while at < size {
            let length = PIECE.min(size - at);
            let request = ReadFileRequest {
                r#ref: self.reference.clone(),
                file_path: path.to_owned(),
                range: Some(FileRange { offset: at as i64, length: length as i64 }),
                ..ReadFileRequest::default()
            };
            let data = self.gateway.read_file(request).await?.data;
            if data.is_empty() || data.len() as u64 > length {
                return Err(Status::data_loss("a file is not as long as it was said to be"));
            }
            at += data.len() as u64;
            to.send(data).await.map_err(|_| Status::cancelled("nobody listens"))?;
        }
        let rest = (size % BLOCK as u64) as usize;
        if rest > 0 {
            to.send(vec![0; BLOCK - rest]).await.map_err(|_| Status::cancelled("nobody listens"))?;
        }
        Ok(())
    }
}

async fn send(to: &mpsc::Sender<Vec<u8>>, bytes: Vec<u8>) -> Result<(), Failure> {
    to.send(bytes).await.map_err(|_| failure("cancelled", "Nobody listens"))
}

fn head(archive: &mut tar::Builder<Vec<u8>>, name: &str, stat: &Stat, size: u64) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(bits(stat.mode));
    header.set_uid(stat.uid.into());
    header.set_gid(stat.gid.into());
    header.set_mtime(u64::try_from(stat.mod_time / 1_000_000_000).unwrap_or_default());
    header.set_size(size);
    if stat.mode & LINK != 0 {
        header.set_entry_type(tar::EntryType::Symlink);
        return archive.append_link(&mut header, name, &stat.linkname);
    }
    let is_directory = stat.mode & DIRECTORY != 0;
    header.set_entry_type(if is_directory { tar::EntryType::Directory } else { tar::EntryType::Regular });
    let name = if is_directory { format!("{name}/") } else { name.to_owned() };
    // What is in it follows by itself.
    archive.append_data(&mut header, name, std::io::empty())
}

/// The path of an entry of a directory. Engines give its name alone, or with what is above it.
fn below(directory: &str, stat: &Stat) -> String {
    let name = stat.path.rsplit('/').next().unwrap_or_default();
    format!("{}/{name}", directory.trim_end_matches('/'))
}

fn entry(path: String, stat: &Stat) -> FileEntry {
    let kind = match stat.mode {
        mode if mode & DIRECTORY != 0 => "directory",
        mode if mode & LINK != 0 => "link",
        mode if mode & SPECIAL != 0 => "other",
        _ => "file",
    };
    FileEntry {
        path,
        kind: kind.to_owned(),
        size: u64::try_from(stat.size).ok().filter(|_| kind == "file"),
        mode: Some(format!("{:04o}", bits(stat.mode))),
        link: Some(stat.linkname.clone()).filter(|_| kind == "link"),
    }
}

/// Permissions as Unix has them.
fn bits(mode: u32) -> u32 {
    let special = [(SET_USER, 0o4000), (SET_GROUP, 0o2000), (STICKY, 0o1000)];
    let special = special.into_iter().filter(|(bit, _)| mode & bit != 0).map(|(_, bits)| bits);
    special.fold(mode & 0o777, |all, bits| all | bits)
}
