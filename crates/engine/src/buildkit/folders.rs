//! Where an engine of this machine keeps what builds make, as far as it says so.
//!
//! Docker names its folder. With the newer store of images that is not all: the layers are with containerd, which has a
//! folder of its own if Docker did not start it. BuildKit alone names nothing; its usual folder counts if it listens in
//! the usual place.

use std::path::{Path, PathBuf};

use hyper::Method;
use serde_json::Value;

use super::transport::{Kind, Transport};

const BUILDKIT: (&str, &str) = ("/run/buildkit/buildkitd.sock", "/var/lib/buildkit");
const CONTAINERD: (&str, &str) = ("/run/containerd/containerd.sock", "/var/lib/containerd");

/// The folders that are there; none if the engine is reached over a network.
pub(super) async fn of(transport: &Transport) -> Vec<PathBuf> {
    let Some(socket) = transport.socket() else { return Vec::new() };
    let mut folders = Vec::new();
    match transport.kind {
        Kind::BuildKit if socket == Path::new(BUILDKIT.0) => folders.push(PathBuf::from(BUILDKIT.1)),
        Kind::BuildKit => {}
        Kind::Docker => {
            let info = transport.ask(Method::GET, "/info").await.unwrap_or_default();
            folders.extend(info.get("DockerRootDir").and_then(Value::as_str).map(PathBuf::from));
            let containerd = info.pointer("/Containerd/Address").and_then(Value::as_str);
            if containerd == Some(CONTAINERD.0) {
                folders.push(PathBuf::from(CONTAINERD.1));
            }
        }
    }
    folders.retain(|folder| folder.is_absolute() && folder.is_dir());
    folders
}
