//! Making schema clinic, keeping it as shipped, and granting access to it.

pub mod access;
pub mod api;
mod author;
mod held;
mod level;
mod levels;
pub mod rule_lists;
pub mod scripts;
mod strangers;
mod time_off;
mod triggers;
mod word_lists;
