//! The browser of the tests: a Chromium that is there already, or Debian's.

use std::{env, path::PathBuf};

use anyhow::{Result, bail};

use super::{Job, apt};
use crate::process;

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const PLACES: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

pub(super) fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("STAGELIGHT_CHROMIUM").filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(named)).filter(|place| place.is_file());
    }
    let places = PLACES.iter().map(PathBuf::from);
    PROGRAMS
        .iter()
        .find_map(|program| process::find(program))
        .or_else(|| places.into_iter().find(|it| it.is_file()))
}

pub(super) fn missing() -> Result<Option<Job>> {
    if find().is_some() {
        return Ok(None);
    }
    if let Some(named) = env::var_os("STAGELIGHT_CHROMIUM").filter(|value| !value.is_empty()) {
        bail!("STAGELIGHT_CHROMIUM names {}, which is not there", PathBuf::from(named).display());
    }
    if !apt::can_install() {
        bail!(
            "The browser tests need Chromium: install it (on Debian: apt-get install chromium), or name one in \
             STAGELIGHT_CHROMIUM"
        );
    }
    Ok(Some(Job::new(
        "Chromium".to_owned(),
        "the browser of the tests; a Debian package of this system, under a minute",
        |log| apt::install(log, "chromium"),
    )))
}
