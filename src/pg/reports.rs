//! Reports: queries and pictures.

pub mod api;
pub mod load;
