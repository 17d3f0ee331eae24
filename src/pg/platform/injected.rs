//! What tests need to let memory run out where they like. They declare the functions themselves; a release has none.

use pg_clinic_memory::{MEMORY, injected};
use pgrx::{IntoDatum, pg_sys};

use super::args::{Args, sql_functions};
use super::error::Result;

sql_functions! {
    pg_clinic_fail_allocation, pg_finfo_pg_clinic_fail_allocation => fail_allocation;
    pg_clinic_memory_used, pg_finfo_pg_clinic_memory_used => memory_used;
}

/// `fail_allocation(number bigint, by_system boolean) returns bigint`: lets the allocation with this number from now on
/// fail, and returns how many were left of the number before.
fn fail_allocation(args: &Args) -> Result<pg_sys::Datum> {
    let number = args.opt::<i64>(0).and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let left = injected::fail(number, args.opt(1).unwrap_or_default());
    Ok((left as i64).into_datum().unwrap_or(pg_sys::Datum::null()))
}

/// `memory_used() returns bigint`: the bytes that count against the budget.
fn memory_used(_args: &Args) -> Result<pg_sys::Datum> {
    Ok((MEMORY.used() as i64).into_datum().unwrap_or(pg_sys::Datum::null()))
}
