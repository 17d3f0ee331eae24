//! What the whole-system tests share: where the server is, a database of one's own, a small clinic in it, what the
//! server refused, and chance that can be repeated.
//!
//! A test of this crate needs a running PostgreSQL with pg_clinic installed, which
//! `make test-system` provides and describes in the environment. Without it the
//! tests fail: a test that silently didn't run is worse than none. What a machine may lack (pg_cron) a test asks for,
//! and says [`skip!`] with the reason.
#![forbid(unsafe_code)]

mod busy;
mod chance;
mod crowd;
mod fixture;
mod instance;
mod promises;
mod refusal;
mod server;

pub use busy::{calls_of_all_functions, make_busy_clinic};
pub use chance::Chance;
pub use crowd::Crowd;
pub use fixture::Fixture;
pub use instance::Instance;
pub use promises::{CROWDED, PROMISES, broken_promises};
pub use refusal::{Attempt, Refusal};
pub use server::{Database, Role, Server};

/// What a test returns: any error fails it.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// `objsubid` in pg_locks of a lock of a clinic's local day; its `objid` is the date, its `classid` the clinic.
pub const DAY_LOCK: i16 = 0x434c;

/// Fails the test with a message, from where a `Result` is expected.
#[macro_export]
macro_rules! fail {
    ($($message:tt)+) => {
        return Err(format!($($message)+).into())
    };
}

/// Ends the test because something it needs isn't on this machine. The test harness, which has no word for it, counts the
/// test as passed; `scripts/run-tests.sh` reads the line and counts it as skipped.
#[macro_export]
macro_rules! skip {
    ($($reason:tt)+) => {{
        let test = std::thread::current();
        // Not eprintln!, which is shown of tests that fail only.
        use std::io::Write;
        writeln!(
            std::io::stderr(),
            "\nskipped: {}::{}: {}",
            module_path!(),
            test.name().unwrap_or("?"),
            format_args!($($reason)+)
        )?;
        return Ok(());
    }};
}

/// Fails the test with a message unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            $crate::fail!($($message)+)
        }
    };
}
