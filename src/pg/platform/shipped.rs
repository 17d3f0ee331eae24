//! What schema clinic and the extension consist of here and now, to be compared with [`pg_clinic_core::shipped`].

use std::ffi::CStr;

use pg_clinic_core::shipped::{Found, Kind, Problem};
use pgrx::pg_sys;

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// The things there are; see the file.
    CATALOG(TEXTOID) = include_str!("../../../sql/shipped/catalog.sql");
}

row! {
    struct FoundRow {
        kind: Kind as "the catalog",
        object: String,
        definition: String,
        state: Option<Problem> as "the catalog",
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

/// Reads a table's things, or those of all tables and views and the functions. To be called [`pinned`].
pub fn found(spi: &Spi, access: Access, table: Option<&str>) -> Result<Vec<Found>> {
    let rows: Vec<FoundRow> = spi.rows(&CATALOG, access, &[param(table)])?;
    let found = |FoundRow { kind, object, definition, state }| Found { kind, object, definition, state };
    Ok(rows.into_iter().map(found).collect())
}

/// Runs `body` with the settings that the definitions of [`pg_clinic_core::shipped`] are written by.
pub fn pinned<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: as PostgreSQL does for the SET clauses of a function. An error ends the (sub)transaction, which takes the
    // settings back itself.
    let level = unsafe { pg_sys::NewGUCNestLevel() };
    for (name, value) in PINNED {
        // SAFETY: NUL-terminated strings; anybody may set these, for a while also in a parallel worker.
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
