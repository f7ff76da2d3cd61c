//! The server from outside: what is asked, what is answered, and what is still so after an accident.

mod access;
mod builds;
mod disk;
mod killed;
mod pages;
mod scripted;
mod server;
mod store;
mod streams;
