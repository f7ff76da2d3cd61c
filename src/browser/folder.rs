//! A folder that somebody chooses or drops: the names and sizes of its files, and what stands in its ignore file.
//!
//! Of other files only the Dockerfiles are read. Large folders are cut off, and it is the deep files that go then, since what is installed or
//! built lies deep. Surprising: a browser lists a directory in pieces, until there is an empty one.

use std::collections::VecDeque;

use dockerfile::context::{self, BuildContext, ContextFile};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::js_sys::{Array, Promise, Reflect};
use web_sys::{File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry, HtmlInputElement};
use yew::{DragEvent, Event, TargetCast};

use super::files::text;
use crate::opening::{Folder, is_dockerfile};

/// More files than this are not taken over.
pub(crate) const MAX_FILES: usize = 5000;

/// So many Dockerfiles are read.
const MAX_DOCKERFILES: usize = 40;

/// What is in the folder that was chosen with an `<input>`.
pub(crate) fn chosen(event: &Event, then: impl FnOnce(Folder) + 'static) {
    let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
    let Some(list) = input.files() else { return };
    let mut files: Vec<(String, File)> = Vec::with_capacity(list.length() as usize);
    for file in (0..list.length()).filter_map(|at| list.get(at)) {
        let path = Reflect::get(&file, &JsValue::from_str("webkitRelativePath")).ok();
        let path = path.and_then(|path| path.as_string()).unwrap_or_default();
        // The folder's own name comes first.
        if let Some((_, path)) = path.split_once('/') {
            files.push((path.to_owned(), file));
        }
    }
    // The same folder can be chosen again.
    input.set_value("");
    files.sort_by_cached_key(|(path, _)| path.matches('/').count());
    let is_partial = files.len() > MAX_FILES;
    files.truncate(MAX_FILES);
    spawn_local(async move { then(read(files, is_partial).await) });
}

/// Whether a folder is among what was dropped.
pub(crate) fn is_dropped(event: &DragEvent) -> bool {
    let Some(items) = event.data_transfer().map(|it| it.items()) else { return false };
    let mut items = (0..items.length()).filter_map(|at| items.get(at));
    items.any(|item| item.webkit_get_as_entry().ok().flatten().is_some_and(|entry| entry.is_directory()))
}

/// What is in the folder that was dropped; of several things those that are folders count together.
pub(crate) fn dropped(event: &DragEvent, then: impl FnOnce(Folder) + 'static) {
    let Some(items) = event.data_transfer().map(|it| it.items()) else { return };
    // The list is gone once this returns.
    let items = (0..items.length()).filter_map(|at| items.get(at));
    let entries: Vec<FileSystemEntry> =
        items.filter_map(|item| item.webkit_get_as_entry().ok().flatten()).collect();
    spawn_local(async move {
        let (files, is_partial) = walk(entries).await;
        then(read(files, is_partial).await);
    });
}

/// The files below what was dropped, those nearest the top first.
async fn walk(entries: Vec<FileSystemEntry>) -> (Vec<(String, File)>, bool) {
    let mut files = Vec::new();
    let mut open: VecDeque<(String, FileSystemEntry)> = VecDeque::new();
    let is_one_folder = entries.len() == 1 && entries[0].is_directory();
    open.extend(entries.into_iter().map(|entry| {
        let path = if is_one_folder { String::new() } else { entry.name() };
        (path, entry)
    }));
    while let Some((path, entry)) = open.pop_front() {
        if entry.is_file() {
            if files.len() == MAX_FILES {
                return (files, true);
            }
            files.extend(file(entry.unchecked_into()).await.map(|file| (path, file)));
            continue;
        }
        for entry in list(entry.unchecked_into()).await {
            let name = entry.name();
            open.push_back((if path.is_empty() { name } else { format!("{path}/{name}") }, entry));
        }
    }
    (files, false)
}

/// What is in a directory.
async fn list(directory: FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = directory.create_reader();
    let mut entries = Vec::new();
    loop {
        let piece = Promise::new(&mut |resolve, reject| {
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let piece = JsFuture::from(piece).await.ok().and_then(|piece| piece.dyn_into::<Array>().ok());
        match piece.filter(|piece| piece.length() > 0) {
            Some(piece) => entries.extend(piece.iter().map(JsValue::unchecked_into::<FileSystemEntry>)),
            None => return entries,
        }
    }
}

async fn file(entry: FileSystemFileEntry) -> Option<File> {
    let file = Promise::new(&mut |resolve, reject| entry.file_with_callback_and_callback(&resolve, &reject));
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}

async fn read(files: Vec<(String, File)>, is_partial: bool) -> Folder {
    let mut dockerfiles = Vec::new();
    for (path, file) in files.iter().filter(|(path, _)| is_dockerfile(path)).take(MAX_DOCKERFILES) {
        dockerfiles.push((path.clone(), text(file).await));
    }
    let names = context::ignore_names("Dockerfile");
    let ignore = names.iter().find_map(|name| files.iter().find(|(path, _)| path == name));
    let ignore = ignore.map(|(_, file)| file.text());
    let ignore = match ignore {
        Some(text) => JsFuture::from(text).await.ok().and_then(|text| text.as_string()),
        None => None,
    };
    let files = files.into_iter();
    let files = files.map(|(path, file)| ContextFile { path, size: Some(file.size() as u64) });
    let mut files: Vec<ContextFile> = files.collect();
    files.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    Folder { context: BuildContext { ignore, files: Some(files), is_partial }, dockerfiles }
}
