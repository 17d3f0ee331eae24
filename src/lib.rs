//! pg_clinic: a clinic's appointments, backfill, roster and rounds, answered in SQL inside PostgreSQL.

use pgrx::{extension_sql_file, pg_guard};

pub mod pg;

/// What Rust takes of a backend's memory is counted with what the solver takes.
#[global_allocator]
static ALLOCATOR: pg_clinic_memory::Counting = pg_clinic_memory::Counting;

// Both by value: pgrx 0.18's shorthand `version` writes the version into the name. The value is a constant, so its panic
// could only stop the compiler.
::pgrx::pg_module_magic!(
    name = c"pg_clinic",
    version = {
        match ::core::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version has no NUL"),
        }
    }
);

extension_sql_file!("../sql/functions/setup.sql", bootstrap);
extension_sql_file!("../sql/functions/slots.sql", requires = ["setup"]);
extension_sql_file!("../sql/functions/booking.sql", requires = ["slots"]);
extension_sql_file!("../sql/functions/together.sql", requires = ["booking"]);
extension_sql_file!("../sql/functions/triggers.sql", requires = ["together"]);
extension_sql_file!("../sql/functions/backfill.sql", requires = ["triggers"]);
extension_sql_file!("../sql/functions/events.sql", requires = ["backfill"]);
extension_sql_file!("../sql/functions/jobs.sql", requires = ["events"]);
extension_sql_file!("../sql/functions/reports.sql", requires = ["jobs"]);
extension_sql_file!("../sql/functions/roster.sql", requires = ["reports"]);
extension_sql_file!("../sql/functions/rounds.sql", requires = ["roster"]);

/// Called by PostgreSQL when it loads the library.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    pg::platform::guc::register();
    pg::platform::log::register();
    pg::platform::structure::register();
    pg::platform::memory::prepare();
}

/// Required by `cargo pgrx test` at the crate's root.
#[cfg(test)]
pub mod pg_test {
    /// Called once before the tests' server starts.
    pub fn setup(_options: Vec<&str>) {}

    /// Settings of the tests' server.
    #[must_use]
    pub fn postgresql_conf_options() -> Vec<&'static str> {
        vec![]
    }
}
