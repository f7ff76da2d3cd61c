//! Build checks: the pages of the rules, and what several rules have to do with each other.
//!
//! A page holds Dockerfiles with lines of carets below what is found. `UPDATE_EXPECT=1 cargo test` writes these anew.

mod hadolint;
mod mending;
mod pages;
mod practice;
mod rules;
mod silence;
