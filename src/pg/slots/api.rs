//! The functions that find slots.

pub(in crate::pg) mod find;
pub(in crate::pg) mod series;
pub(in crate::pg) mod settings;
