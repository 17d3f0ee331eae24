//! Slots: found, and explained.

pub mod api;
pub mod load;
mod unmet;
