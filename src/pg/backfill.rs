//! Who takes a freed place.

pub mod answer;
pub mod api;
pub mod candidates;
pub mod load;
mod triggers;
pub mod writes;
