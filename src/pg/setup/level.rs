//! The levels of access, by name.

use pg_clinic_core::words;

words! {
    /// `grant_clinic_access.level`. Each level includes those before it.
    pub enum Level {
        /// Finds slots, reads no booking.
        Finder = "finder",
        /// Reads everything.
        Reader = "reader",
        /// Books.
        Scheduler = "scheduler",
        /// Changes the set-up.
        Admin = "admin",
    }
}
