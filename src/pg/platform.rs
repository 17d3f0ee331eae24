//! What every feature stands on: statements, arguments, errors, the session, settings, and the clinic that a call is about.

pub mod access;
mod altered;
pub mod args;
pub mod attempt;
pub mod attribution;
mod caught;
pub mod clinic;
pub mod definition;
pub mod door;
pub mod error;
pub mod guc;
pub mod history;
#[cfg(debug_assertions)]
mod injected;
pub mod jobs;
mod json;
pub mod log;
pub mod memory;
mod origin;
mod policies;
pub mod requests;
pub mod rows;
pub mod session;
pub mod shipped;
pub mod signatures;
pub mod spi;
pub mod sql_types;
pub mod structure;
pub mod trigger;
pub mod unused;
pub mod values;
pub mod zone;
