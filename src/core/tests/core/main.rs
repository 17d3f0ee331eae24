//! The core's tests, one binary: literal cases by module, and properties against a naive oracle that shares nothing
//! with the code but the types of the snapshot.

mod booking;
mod clinics;
mod draw;
mod locks;
mod reports;
mod roster;
mod rounds;
mod rules;
mod time;
mod zones;

use proptest::test_runner::Config;

/// So many cases by default, within a suite of seconds; the variable `PROPTEST_CASES` asks for more.
fn cases(default: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config { cases: asked.unwrap_or(default), failure_persistence: None, ..Config::default() }
}
