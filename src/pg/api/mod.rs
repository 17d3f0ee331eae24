//! The SQL functions, one thin file a family. Their DDL is in sql/members.

mod backfill;
mod bookings;
mod day;
mod events;
mod jobs;
mod offers;
mod openings;
mod recommend;
mod refusal;
mod reports;
mod requests;
mod series;
mod set_up;
mod slots;
mod waitlist;
