//! Slots: found, and explained.

mod api;
pub mod load;
