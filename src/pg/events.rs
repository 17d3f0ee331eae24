//! The outbox: written by triggers, consumed by the app.

pub mod api;
pub mod outbox;
mod subscriptions;
