//! The functions about candidates, offers and the waitlist.

pub(in crate::pg) mod accept;
pub(in crate::pg) mod find;
pub(in crate::pg) mod offers;
pub(in crate::pg) mod waitlist;
