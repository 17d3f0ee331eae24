//! Bookings: [`clinic::Clinic`] is a snapshot of the rows that matter, [`slots`] judges places against it, [`score`]
//! ranks what is left.

pub mod absence;
pub mod backfill;
pub mod candidate;
pub mod change;
pub mod clinic;
pub mod effective;
pub mod event;
pub mod explain;
pub mod hours;
pub mod limits;
pub mod lookup;
pub mod overbooking;
pub mod place;
pub mod reason;
pub mod reserved;
pub mod score;
pub mod seats;
pub mod series;
pub mod sites;
pub mod slots;
pub mod status;
pub mod terms;
pub mod together;
