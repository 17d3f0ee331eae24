//! pg_clinic: a clinic's appointments, backfill, roster and rounds, answered in SQL inside PostgreSQL.

use pgrx::{extension_sql_file, pg_guard};

pub mod pg;

// Both by value: pgrx 0.18's shorthand `version` writes the version into the name.
::pgrx::pg_module_magic!(name = c"pg_clinic", version = {
    match ::core::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no NUL"),
    }
});

extension_sql_file!("../sql/members/10_types.sql", bootstrap);
extension_sql_file!("../sql/members/20_set_up.sql", requires = ["10_types"]);
extension_sql_file!("../sql/members/30_slots.sql", requires = ["20_set_up"]);
extension_sql_file!("../sql/members/40_bookings.sql", requires = ["30_slots"]);
extension_sql_file!("../sql/members/50_triggers.sql", requires = ["40_bookings"]);
extension_sql_file!("../sql/members/60_backfill.sql", requires = ["50_triggers"]);
extension_sql_file!("../sql/members/70_events.sql", requires = ["50_triggers"]);
extension_sql_file!("../sql/members/75_jobs.sql", requires = ["70_events"]);
extension_sql_file!("../sql/members/80_analysis.sql", requires = ["50_triggers"]);
extension_sql_file!("../sql/members/83_staff.sql", requires = ["50_triggers"]);
extension_sql_file!("../sql/members/85_roster.sql", requires = ["50_triggers"]);
extension_sql_file!("../sql/members/87_roster_board.sql", requires = ["20_set_up"]);
extension_sql_file!("../sql/members/88_rounds.sql", requires = ["20_set_up"]);
extension_sql_file!("../sql/members/89_rounds_reports.sql", requires = ["20_set_up"]);

/// Called by PostgreSQL when it loads the library.
#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    pg::guc::register();
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
