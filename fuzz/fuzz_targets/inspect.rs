//! Any bytes as a Dockerfile and any build of it: `cargo fuzz run inspect fuzz/corpus/inspect fuzz/seeds`.
//!
//! The last eight bytes choose the build, so that a Dockerfile is a seed as it is.
#![no_main]

#[expect(dead_code, reason = "the other target uses the rest")]
#[path = "../../crates/dockerfile/tests/invariants/checks.rs"]
mod checks;
#[expect(dead_code, reason = "libFuzzer makes the texts here")]
#[path = "../../crates/dockerfile/tests/invariants/mutate.rs"]
mod mutate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (text, choice) = bytes.split_last_chunk::<8>().unwrap_or((bytes, &[1; 8]));
    let options = mutate::options(&mut mutate::Random(u64::from_le_bytes(*choice) | 1));
    checks::inspect(&dockerfile::text::decode(text).0, &options);
});
