//! Making and opening up schema clinic.

mod api;
pub mod rule_lists;
mod triggers;
