//! Rounds: planned, replanned, explained.

mod api;
pub mod load;
mod triggers;
