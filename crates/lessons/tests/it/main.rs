//! Lessons from outside: text in, what is said of it out.

mod course;
mod goals;
mod guide;
mod hostile;
mod page;
mod reading;
