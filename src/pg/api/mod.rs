//! The SQL functions, one thin file a family. Their DDL is in sql/functions.

mod backfill;
mod bookings;
mod day;
pub(super) mod events;
mod jobs;
mod offers;
mod openings;
mod plans;
mod promote;
mod recommend;
mod record;
mod refusal;
mod reports;
mod requests;
mod roster;
mod roster_board;
mod rounds;
mod rounds_board;
mod rounds_reports;
mod rules;
mod series;
mod set_up;
mod shifts;
mod slots;
mod waitlist;
