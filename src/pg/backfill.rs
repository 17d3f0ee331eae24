//! Candidates for a freed place, offers and the waitlist.

pub mod api;
pub mod candidates;
pub mod follow;
pub mod freed;
pub mod load;
pub mod place;
pub mod stored;
mod triggers;
pub mod writes;
