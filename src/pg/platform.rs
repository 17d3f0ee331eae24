//! What every feature stands on: statements, arguments, errors, the session, settings, and the clinic that a call is about.

pub mod access;
pub mod args;
pub mod attribution;
pub mod caught;
pub mod clinic;
pub mod error;
pub mod guc;
pub mod history;
pub mod jobs;
pub mod log;
pub mod requests;
pub mod rows;
pub mod session;
pub mod signatures;
pub mod spi;
pub mod sql_types;
pub mod trigger;
pub mod values;
pub mod zone;
