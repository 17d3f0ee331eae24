//! What schema clinic and the extension consist of here and now, to be compared with [`pg_clinic_core::shipped`].

use std::ffi::CStr;

use pg_clinic_core::shipped::Kind;
use pgrx::pg_sys;

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// The things there are; see the file.
    CATALOG(TEXTOID) = include_str!("../../../sql/shipped/catalog.sql");
}

row! {
    /// A thing that there is.
    pub struct Found {
        /// What it is.
        kind: Kind as "the catalog",
        /// Its table and name, as `bookings.bookings_provider`.
        object: String,
        /// As PostgreSQL writes it back.
        definition: String,
        /// Why it doesn't do its work; none where it does.
        state: Option<String>,
    }
}

/// The settings that PostgreSQL writes definitions by.
const PINNED: [(&CStr, &CStr); 5] = [
    (c"search_path", c"pg_catalog, pg_temp"),
    (c"TimeZone", c"UTC"),
    (c"DateStyle", c"ISO"),
    (c"IntervalStyle", c"postgres"),
    (c"quote_all_identifiers", c"off"),
];

/// Reads a table's things, or those of all tables and views and the functions.
pub fn found(spi: &Spi, access: Access, table: Option<&str>) -> Result<Vec<Found>> {
    pinned(|| spi.rows(&CATALOG, access, &[param(table)]))
}

/// Runs `body`, which reads definitions, under the settings that they are shipped by.
pub fn pinned<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: as PostgreSQL does for the SET clauses of a function. An error ends the (sub)transaction, which takes the
    // settings back itself.
    let level = unsafe { pg_sys::NewGUCNestLevel() };
    for (name, value) in PINNED {
        // SAFETY: NUL-terminated strings; each setting may be set by anybody, also in a parallel worker for a while.
        unsafe {
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                pg_sys::GucContext::PGC_USERSET,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
        }
    }
    let result = body();
    // SAFETY: the level was opened above.
    unsafe { pg_sys::AtEOXact_GUC(true, level) };
    result
}
