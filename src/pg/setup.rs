//! Making schema clinic, and granting access to it.

pub mod access;
pub mod api;
mod author;
pub mod rule_lists;
mod triggers;
mod word_lists;
