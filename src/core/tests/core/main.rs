//! The core's tests, one binary: literal cases by module, and properties against a naive oracle that shares nothing
//! with the code but the types of the snapshot.

mod backfill;
mod board;
mod booking;
mod calendar;
mod cascade;
mod clinics;
mod event;
mod explain;
mod interval;
mod loading;
mod openings;
mod oracle;
mod properties;
mod reason;
mod recommend;
mod roster;
mod roster_board;
mod rounds;
mod score;
mod series;
mod slots;
mod standings;
mod templates;
mod zones;

use proptest::test_runner::Config;

/// So many cases by default, within a suite of seconds; the variable `PROPTEST_CASES` asks for more.
fn cases(default: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(default), failure_persistence: None, ..Config::default() }
}
