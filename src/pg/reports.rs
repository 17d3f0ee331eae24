//! Reports: queries and pictures.

mod api;
pub mod load;
