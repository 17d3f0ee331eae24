//! The functions that report.

mod day;
mod openings;
mod recommend;
mod reports;
mod rounds;
