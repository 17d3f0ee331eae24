//! Making and opening up schema clinic.

pub mod api;
pub mod rule_lists;
mod triggers;
