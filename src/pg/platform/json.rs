//! Documents: what PostgreSQL takes for jsonb, Rust may not be able to hold.

use std::ffi::CStr;

use pgrx::{direct_function_call, pg_sys};
use serde_json::Value;

/// A jsonb as a value; an error says what of it can't be held: numbers beyond double precision, more than 127 levels.
///
/// # Safety
/// `datum` must be of type jsonb.
pub unsafe fn read(datum: pg_sys::Datum) -> Result<Value, String> {
    // SAFETY: as promised; jsonb_out gives a NUL-terminated string in PostgreSQL's memory.
    unsafe {
        let text = direct_function_call::<&CStr>(pg_sys::jsonb_out, &[Some(datum)]).unwrap_or_default();
        let value = serde_json::from_slice(text.to_bytes()).map_err(|error| {
            // The place is one in PostgreSQL's spelling of it, which nobody sees.
            let error = error.to_string();
            error.split(" at line ").next().unwrap_or(&error).to_owned()
        });
        pg_sys::pfree(text.as_ptr().cast_mut().cast());
        value
    }
}
