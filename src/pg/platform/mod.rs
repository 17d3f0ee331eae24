//! What every feature stands on: statements, rows, arguments, errors, attribution.
pub mod rows;
pub mod signatures;
pub use super::{args, error, session, spi};
