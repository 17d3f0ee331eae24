//! Rounds: planned, replanned, explained.

pub mod api;
pub mod load;
mod triggers;
