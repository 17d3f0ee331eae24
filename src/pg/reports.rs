//! Reports: queries and pictures.

pub mod api;
mod groups;
pub mod load;
