//! pg_clinic's thinking. Values in, values out: nothing here may name PostgreSQL, read a clock, draw a random
//! number or do I/O, so that every decision can be tested in milliseconds without a server.
//!
//! The way through: [`clinic::Clinic`] is a snapshot of the rows that matter, [`calendar`] turns wall-clock windows
//! into instants, [`slots`] judges places against the snapshot, [`score`] ranks what is left. One judgement
//! ([`slots::Judge`]) serves finding, booking and explaining.
#![forbid(unsafe_code)]

pub mod backfill;
pub mod board;
pub mod booking;
pub mod calendar;
pub mod cascade;
pub mod clinic;
pub mod day_sheet;
pub mod event;
pub mod explain;
mod fingerprint;
pub mod ids;
pub mod interval;
pub mod milp;
pub mod openings;
pub mod overbooking;
pub mod reason;
pub mod roster;
pub mod rounds;
pub mod score;
pub mod series;
pub mod slots;
pub mod utilisation;
