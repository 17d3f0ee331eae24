//! Bookings: made, held, moved, called off, and what is due with time.

pub mod api;
mod judged;
pub mod load;
mod parked;
mod triggers;
pub mod writes;
