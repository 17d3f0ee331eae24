//! The functions about rounds.

mod board;
mod exceptions;
mod plan;
