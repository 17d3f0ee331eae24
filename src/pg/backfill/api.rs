//! The functions about candidates, offers and the waitlist.

mod find;
mod offers;
mod waitlist;
