//! The functions that find slots.

mod find;
mod series;
