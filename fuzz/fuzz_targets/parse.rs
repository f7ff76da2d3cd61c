//! Any bytes as a Dockerfile: `cargo fuzz run parse fuzz/corpus/parse fuzz/seeds`.
#![no_main]

#[expect(dead_code, reason = "the other target uses the rest")]
#[path = "../../crates/dockerfile/tests/invariants/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::parse(&dockerfile::text::decode(bytes).0));
