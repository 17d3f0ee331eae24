//! Who takes a freed place.

pub mod answer;
mod api;
pub mod load;
mod triggers;
pub mod writes;
