//! The outbox: written by triggers, consumed by the app.

mod api;
pub mod outbox;
