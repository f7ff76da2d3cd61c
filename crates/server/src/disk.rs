//! The disk that an engine fills: how much room there is, and how much there has to be.
//!
//! Nothing bounds what a build writes, and a builder whose disk is full cannot even throw things away, since it has to
//! write down that it did. So there is a reserve, below which builds are stopped (`watch`), and a [`Ballast`]: a file that
//! takes room, and that can be removed when there is no other way.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The reserve, if nobody has said how much: the smaller of so many bytes and a tenth of the disk.
const RESERVE: u64 = 2 << 30;
/// What can be written is at most this, in bytes a second: so long it takes until the reserve is reached.
const SPEED: u64 = 2 << 30;
/// The disk is looked at so often.
const OFTEN: Duration = Duration::from_millis(20);
const SELDOM: Duration = Duration::from_millis(250);
/// The reserve of files that can be made: the smaller of so many and a twentieth of what the disk can hold.
const FILES: u64 = 100_000;
/// The ballast is a fourth of the reserve, and not more than this.
const BALLAST: u64 = 256 << 20;
const BALLAST_NAME: &str = "stagelight-ballast";

/// The disks that an engine fills, by a folder on each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    folders: Vec<PathBuf>,
    /// Bytes; `None` for what is usual.
    reserve: Option<u64>,
}

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that have to be.
    pub reserve: u64,
    /// Bytes of the whole disk.
    pub size: u64,
    /// Whether hardly any file can be made, however small.
    pub is_out_of_files: bool,
}

impl Disk {
    /// Those of some folders.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn new(folders: Vec<PathBuf>, reserve: Option<u64>) -> Result<Disk, String> {
        for folder in &folders {
            look(folder, None).map_err(|error| {
                format!("How much room there is in {} cannot be told: {error}", folder.display())
            })?;
        }
        match folders.is_empty() {
            true => Err("There is no folder to look at".to_owned()),
            false => Ok(Disk { folders, reserve }),
        }
    }

    /// How much room there is on the one that has the least; `None` if that cannot be told at the moment.
    pub fn room(&self) -> Option<Room> {
        let rooms = self.folders.iter().filter_map(|folder| look(folder, self.reserve).ok());
        rooms.min_by_key(|room| (!room.is_out_of_files, room.free.saturating_sub(room.reserve)))
    }

    /// Whether it is the disk of a folder too.
    pub fn is_of(&self, folder: &Path) -> bool {
        self.folders.iter().any(|it| is_same(it, folder))
    }

    /// The folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }
}

impl Room {
    /// Whether there is too little.
    pub fn is_short(&self) -> bool {
        self.free < self.reserve || self.is_out_of_files
    }

    /// Whether there is enough to go on with.
    pub fn is_enough(&self) -> bool {
        self.free >= self.enough() && !self.is_out_of_files
    }

    /// So many free bytes are enough: more than the reserve, so that builds do not stop at once again.
    pub fn enough(&self) -> u64 {
        self.reserve.saturating_add((self.reserve / 2).min(self.size.saturating_sub(self.reserve) / 4))
    }

    /// Whether there will be nothing left in a moment.
    pub fn is_nearly_none(&self) -> bool {
        self.free < self.reserve / 4
    }

    /// For how long nobody has to look: no disk comes to the reserve in that time.
    pub fn pause(&self) -> Duration {
        let left = self.free.saturating_sub(self.reserve);
        Duration::from_millis(left.saturating_mul(1000) / SPEED).clamp(OFTEN, SELDOM)
    }
}

/// Files that only take room, one on each disk.
#[derive(Debug, Default)]
pub(crate) struct Ballast(Vec<PathBuf>);

impl Ballast {
    /// Makes them where there is room and the server may write.
    pub(crate) fn make(&mut self, disk: &Disk) {
        for folder in &disk.folders {
            let path = folder.join(BALLAST_NAME);
            let Ok(room) = look(folder, disk.reserve) else { continue };
            let size = (room.reserve / 4).min(BALLAST);
            if self.0.contains(&path) || room.free < room.enough().saturating_add(size) {
                continue;
            }
            match write(&path, size) {
                Ok(()) => self.0.push(path),
                Err(error) => {
                    std::fs::remove_file(&path).ok();
                    tracing::info!(%error, folder = %folder.display(), "there is no ballast");
                }
            }
        }
    }

    /// Whether there is any.
    pub(crate) fn is_there(&self) -> bool {
        !self.0.is_empty()
    }

    /// Removes them.
    pub(crate) fn drop_all(&mut self) {
        for path in self.0.drain(..) {
            std::fs::remove_file(path).ok();
        }
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.drop_all();
    }
}

/// Fills a file with what no file system makes smaller.
fn write(path: &Path, size: u64) -> io::Result<()> {
    let mut piece = vec![0; 1 << 20];
    getrandom::fill(&mut piece).map_err(io::Error::other)?;
    let mut file = File::create(path)?;
    let mut left = size;
    while left > 0 {
        let n = left.min(piece.len() as u64);
        file.write_all(&piece[..n as usize])?;
        left -= n;
    }
    file.sync_all()
}

#[cfg(unix)]
fn look(folder: &Path, reserve: Option<u64>) -> io::Result<Room> {
    let found = rustix::fs::statvfs(folder)?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    // Some file systems have no end of files, and say 0.
    let files = (found.f_files / 20).min(FILES);
    let size = bytes(found.f_blocks);
    Ok(Room {
        free: bytes(found.f_bavail),
        reserve: reserve.unwrap_or_else(|| RESERVE.min(size / 10)),
        size,
        is_out_of_files: found.f_favail < files,
    })
}

#[cfg(not(unix))]
fn look(_: &Path, _: Option<u64>) -> io::Result<Room> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(unix)]
fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &Path| std::fs::metadata(path).ok().map(|it| it.dev());
    device(one).is_some_and(|it| Some(it) == device(other))
}

#[cfg(not(unix))]
fn is_same(_: &Path, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(free: u64) -> Room {
        Room { free, reserve: 1 << 30, size: 100 << 30, is_out_of_files: false }
    }

    #[test]
    fn it_is_looked_at_the_more_often_the_less_there_is() {
        let pauses =
            [0, 1 << 30, (1 << 30) + (200 << 20), 100 << 30].map(|free| room(free).pause().as_millis());
        assert_eq!(pauses, [20, 20, 97, 250]);
    }

    #[test]
    fn builds_go_on_later_than_they_were_stopped() {
        let gib = 1 << 30;
        assert!(room(gib - 1).is_short() && !room(gib).is_short());
        assert!(!room(gib * 3 / 2 - 1).is_enough() && room(gib * 3 / 2).is_enough());
        let out_of_files = Room { is_out_of_files: true, ..room(gib * 9) };
        assert!(out_of_files.is_short() && !out_of_files.is_enough());
        // On a small disk that is not more than it holds.
        assert_eq!(Room { size: gib * 5 / 4, ..room(gib) }.enough(), gib * 17 / 16);
    }

    #[test]
    #[cfg(unix)]
    fn ballast_takes_room_and_goes_again() {
        let folder = std::env::temp_dir().join(format!("stagelight-ballast-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let disk = Disk::new(vec![folder.clone()], Some(4 << 20)).unwrap();
        assert!(disk.is_of(&folder) && disk.room().unwrap().reserve == 4 << 20);
        let mut ballast = Ballast::default();
        ballast.make(&disk);
        ballast.make(&disk);
        let files: Vec<u64> =
            std::fs::read_dir(&folder).unwrap().map(|it| it.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(files, [1 << 20]);
        drop(ballast);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(Disk::new(vec![folder], None).is_err());
    }
}
