//! Pictures: what they say, and that they stay legible and well-formed.

mod day;
mod roster;
mod rounds;
