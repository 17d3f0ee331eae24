//! Candidates for a freed place, offers and the waitlist.

pub mod api;
pub mod candidates;
pub mod follow;
pub mod load;
pub mod place;
mod triggers;
pub mod writes;
