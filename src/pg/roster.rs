//! The roster: rules, plans, the record.

pub mod api;
pub mod load;
mod triggers;
