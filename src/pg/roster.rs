//! The roster: rules, plans, the record.

mod api;
pub mod load;
mod triggers;
