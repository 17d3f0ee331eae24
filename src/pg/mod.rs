//! Everything that touches PostgreSQL, by feature. In each `api` reads arguments and writes rows, `load` reads rows,
//! `triggers` are what tables call. Calls go down: api → load → core; nobody borrows from a sibling's api.

mod backfill;
mod booking;
mod events;
pub mod platform;
mod reports;
mod roster;
mod rounds;
mod setup;
mod slots;

#[cfg(any(test, feature = "pg_test"))]
mod tests;
