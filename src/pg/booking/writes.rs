//! Writing bookings, for every feature that does: each checks first, to give a clear answer, and then writes a plain
//! row.

pub mod change;
pub mod enforced;
pub mod place;
mod refusal;
pub mod row;
pub mod together;
