//! Bookings: made, held, moved, called off, and what is due with time.

mod api;
pub mod load;
mod triggers;
pub mod writes;
