//! Builds on a real engine, held against what the trait promises.
//!
//! Runs where `STAGELIGHT_DOCKER` names the program of an engine that is there for this alone, as `cargo xtask engine`
//! arranges; else each test says that it does not.

mod alone;
mod attacks;
mod builds;
mod cancels;
#[path = "../tls/certificates.rs"]
mod certificates;
mod foretold;
mod harness;
mod legacy;
mod recordings;
mod sealed;
mod stages;

use std::sync::OnceLock;
use std::sync::{Mutex, MutexGuard};

use harness::Harness;

/// One engine for all, and one build at a time: times are measured.
fn engine() -> Option<MutexGuard<'static, Harness>> {
    static ENGINE: OnceLock<Option<Mutex<Harness>>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        let harness = Harness::of_environment();
        if harness.is_none() {
            println!("No engine builds anything: cargo xtask engine does that.");
        }
        harness.map(Mutex::new)
    });
    // A test that failed has broken nothing of the engine.
    engine.as_ref().map(|engine| engine.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}
