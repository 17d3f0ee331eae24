//! What the whole-system tests share: where the server is, a database of one's own, a small clinic in it, what the
//! server refused, and chance that can be repeated.
//!
//! A test of this crate needs a running PostgreSQL with pg_clinic installed, which
//! `make test-system` provides and describes in the environment. Without it the
//! tests fail: a test that silently didn't run is worse than none.
#![forbid(unsafe_code)]

mod chance;
mod crowd;
mod fixture;
mod instance;
mod refusal;
mod server;

pub use chance::Chance;
pub use crowd::Crowd;
pub use fixture::Fixture;
pub use instance::Instance;
pub use refusal::{Attempt, Refusal};
pub use server::{Database, Role, Server};

/// What a test returns: any error fails it.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Fails the test with a message, from where a `Result` is expected.
#[macro_export]
macro_rules! fail {
    ($($message:tt)+) => {
        return Err(format!($($message)+).into())
    };
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
