//! What was worked on before, kept in this browser: one draft for each time that the page was opened, and what
//! somebody gave a name.
//!
//! Each has a key of its own, so tabs never write over each other.

use std::cell::RefCell;

use gloo::storage::{LocalStorage, SessionStorage, Storage};
use gloo::utils::window;
use protocol::link::{self, LinkError};
use protocol::{Kept, Playground};
use web_sys::js_sys::{Date, Math};

const DRAFT: &str = "stagelight.draft.";
const SAVED: &str = "stagelight.saved.";
const HANDED_OVER: &str = "stagelight.handed-over";

/// Older drafts than so many go.
const MAX_DRAFTS: usize = 30;

thread_local! {
    static OWN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Under which it is kept.
    pub(crate) key: String,
    /// What is kept.
    pub(crate) kept: Kept,
    /// Whether it is the draft of this page itself.
    pub(crate) is_own: bool,
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    Date::now() as u64
}

/// The keys of all that the browser keeps of this site.
pub(super) fn keys() -> Vec<String> {
    let storage = LocalStorage::raw();
    let n_keys = storage.length().unwrap_or(0);
    (0..n_keys).filter_map(|at| storage.key(at).ok().flatten()).collect()
}

/// All that is kept, the newest first.
pub(crate) fn all() -> Vec<Entry> {
    let ours = keys().into_iter().filter(|key| key.starts_with(DRAFT) || key.starts_with(SAVED));
    let own = own_key();
    let read = |key: String| Some(Entry { kept: LocalStorage::get(&key).ok()?, is_own: key == own, key });
    let mut all: Vec<Entry> = ours.filter_map(read).collect();
    all.sort_by_key(|it| std::cmp::Reverse(it.kept.time));
    all
}

/// Keeps the draft of this page. Drafts that say the same go, and so do the oldest.
pub(crate) fn keep_draft(fragment: String) {
    let own = Kept { time: now(), name: None, fragment };
    let drafts = all().into_iter().filter(|it| it.kept.name.is_none() && !it.is_own);
    let (same, others): (Vec<_>, Vec<_>) = drafts.partition(|it| it.kept.fragment == own.fragment);
    for old in same.iter().chain(others.iter().skip(MAX_DRAFTS - 1)) {
        LocalStorage::delete(&old.key);
    }
    // A full or forbidden storage takes nothing away from what is on the page.
    let _ = LocalStorage::set(own_key(), &own);
}

/// Keeps the draft of this page as it is, before another text takes its place: what comes then is another draft.
pub(crate) fn set_aside(fragment: String) {
    keep_draft(fragment);
    OWN.with_borrow_mut(|key| *key = None);
}

/// Keeps something under a name. Returns whether the browser did.
pub(crate) fn save(name: String, fragment: String) -> bool {
    let saved = Kept { time: now(), name: Some(name), fragment };
    LocalStorage::set(format!("{SAVED}{}", unique()), &saved).is_ok()
}

/// Keeps what the page shows for the page that comes in its place in this tab, be it too long for the address or not.
pub(crate) fn hand_over(fragment: &str) {
    let _ = SessionStorage::set(HANDED_OVER, fragment);
}

/// What the page before this one has handed over, once.
pub(crate) fn handed_over() -> Option<Result<Playground, LinkError>> {
    let fragment: String = SessionStorage::get(HANDED_OVER).ok()?;
    SessionStorage::delete(HANDED_OVER);
    link::decode(&fragment)
}

/// Lets one go.
pub(crate) fn delete(key: &str) {
    LocalStorage::delete(key);
}

/// The key of this page's draft. Another page in the same tab has another one.
fn own_key() -> String {
    OWN.with_borrow_mut(|key| key.get_or_insert_with(|| format!("{DRAFT}{}", unique())).clone())
}

/// What no other tab makes.
fn unique() -> String {
    let since_start = window().performance().map_or(0.0, |it| it.now());
    format!("{:x}-{:x}-{:x}", now(), since_start.to_bits() >> 16, (Math::random() * 4e9) as u64)
}
