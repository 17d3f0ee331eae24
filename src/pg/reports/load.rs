//! What reports read.

pub mod day;
pub mod rounds;
pub mod timetable;
