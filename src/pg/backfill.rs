//! Candidates for a freed place, offers and the waitlist.

pub mod api;
pub mod candidates;
pub mod load;
mod triggers;
pub mod writes;
