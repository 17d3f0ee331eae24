//! Making schema clinic: init_clinic, current_clinic; and, in files of their own, check_clinic, upgrade_clinic and clinic_help.

pub mod check;
pub mod help;
pub mod upgrade;

use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::Result;
use crate::pg::platform::signatures::{Bigint, Required, Text, signatures};
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::{clinic, session, zone};
use crate::pg::setup::scripts;

sql_functions! {
    pg_clinic_init_clinic, pg_finfo_pg_clinic_init_clinic => init_clinic;
    pg_clinic_current_clinic, pg_finfo_pg_clinic_current_clinic => current_clinic;
}

signatures! {
    /// Arguments of `init_clinic`.
    InitClinic = init_clinic(name: Required<Text>, time_zone: Required<Text>) -> Bigint;
    /// Arguments of `current_clinic`.
    CurrentClinic = current_clinic() -> Bigint;
}

statements! {
    /// Adds a clinic, with a kind of shift to begin with.
    ADD_CLINIC(TEXTOID, TEXTOID) =
        "with clinic as (insert into clinic.clinics (name, time_zone) values ($1, $2) returning id),
           kind as (insert into clinic.shift_kinds (clinic_id, name) select id, 'session' from clinic)
         select id from clinic";
}

/// Adds a clinic, after making the tables if they aren't there.
fn init_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let InitClinic { name, time_zone } = InitClinic::read(args)?;
    zone::load(&time_zone, Instant(0), Instant(0))?;
    spi::connect(|spi| {
        session::queue_for_set_up();
        match scripts::version(spi)? {
            None => scripts::make(spi)?,
            Some(version) => scripts::require_version(version)?,
        }
        let params = [param(name), param(time_zone)];
        let id: Option<i64> = spi.value(&ADD_CLINIC, Access::Latest, &params)?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// The clinic meant when none is named.
fn current_clinic(args: &Args) -> Result<pg_sys::Datum> {
    CurrentClinic::read(args)?;
    clinic::require_schema()?;
    spi::connect(|spi| clinic::clinic_id(spi, None, Access::Snapshot)).map(pg_sys::Datum::from)
}
