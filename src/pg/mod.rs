//! Everything that touches PostgreSQL. Calls go one way: api → load → core → api.

pub mod api;
pub mod args;
pub mod backfill;
pub mod caught;
pub mod error;
pub mod events;
pub mod guc;
pub mod load;
pub mod platform;
pub mod rule_lists;
pub mod session;
pub mod spi;
pub mod trigger;
pub mod zone;

#[cfg(any(test, feature = "pg_test"))]
mod tests;
