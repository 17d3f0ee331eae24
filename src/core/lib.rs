//! pg_clinic's thinking. Values in, values out: nothing here may name PostgreSQL, read a clock, draw a random
//! number or do I/O, so that every decision can be tested in milliseconds without a server.
//!
//! The way through: [`booking::clinic::Clinic`] is a snapshot of the rows that matter, [`time`] turns wall-clock windows
//! into instants, [`booking::slots`] judges places against the snapshot, [`booking::score`] ranks what is left. One
//! judgment ([`booking::slots::Judge`]) serves finding, booking and explaining.
#![forbid(unsafe_code)]

pub mod booking;
pub mod by_name;
pub mod draw;
pub mod fingerprint;
pub mod help;
pub mod ids;
pub mod locks;
pub mod milp;
pub mod plans;
pub mod reports;
pub mod roster;
pub mod rounds;
pub mod rules;
pub mod runs;
pub mod shipped;
pub mod statement;
pub mod text;
pub mod time;
pub mod word;
