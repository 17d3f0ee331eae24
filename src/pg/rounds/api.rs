//! The functions about rounds.

pub(in crate::pg) mod board;
pub(in crate::pg) mod exceptions;
pub(in crate::pg) mod plan;
