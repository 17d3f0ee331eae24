//! Making schema clinic and granting access to it: init_clinic, current_clinic, grant_clinic_access; and, in files of their
//! own, check_clinic and upgrade_clinic.

pub mod check;
pub mod upgrade;

use pg_clinic_core::time::interval::Instant;
use pg_clinic_core::words;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Bigint, Regrole, Required, Text, Void, signatures};
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::{clinic, session, zone};
use crate::pg::setup::scripts;

sql_functions! {
    pg_clinic_init_clinic, pg_finfo_pg_clinic_init_clinic => init_clinic;
    pg_clinic_current_clinic, pg_finfo_pg_clinic_current_clinic => current_clinic;
    pg_clinic_grant_clinic_access, pg_finfo_pg_clinic_grant_clinic_access => grant_clinic_access;
}

words! {
    /// `grant_clinic_access.level`. Each level includes those before it.
    enum Level {
        /// Finds slots, reads no patient's name.
        Finder = "finder",
        /// Reads everything.
        Reader = "reader",
        /// Books.
        Scheduler = "scheduler",
        /// Changes the set-up.
        Admin = "admin",
    }
}

impl Level {
    /// The grants that it adds to the level before.
    const fn grants(self) -> &'static str {
        match self {
            Self::Finder => include_str!("../../../sql/grants/finder.sql"),
            Self::Reader => include_str!("../../../sql/grants/reader.sql"),
            Self::Scheduler => include_str!("../../../sql/grants/scheduler.sql"),
            Self::Admin => include_str!("../../../sql/grants/admin.sql"),
        }
    }
}

signatures! {
    /// Arguments of `init_clinic`.
    InitClinic = init_clinic(name: Required<Text>, time_zone: Required<Text>) -> Bigint;
    /// Arguments of `current_clinic`.
    CurrentClinic = current_clinic() -> Bigint;
    /// Arguments of `grant_clinic_access`.
    GrantClinicAccess = grant_clinic_access(role: Required<Regrole>, level: Required<Text>) -> Void;
}

statements! {
    /// Adds a clinic, with a kind of shift to begin with.
    ADD_CLINIC(TEXTOID, TEXTOID) =
        "with clinic as (insert into clinic.clinics (name, time_zone) values ($1, $2) returning id),
           kind as (insert into clinic.shift_kinds (clinic_id, name) select id, 'session' from clinic)
         select id from clinic";
    /// Whether the current user may grant what schema clinic has.
    CAN_GRANT() = "select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'clinic'";
    /// A role as an identifier, and whether it can call the extension's functions.
    ROLE(OIDOID) =
        "select quote_ident(r.rolname) as role, has_schema_privilege(r.oid, e.extnamespace, 'usage') as can_use
         from pg_roles r, pg_extension e where r.oid = $1 and e.extname = 'pg_clinic'";
}

row! {
    struct RoleRow {
        role: String,
        can_use: bool,
    }
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

/// Grants a role everything up to a level.
fn grant_clinic_access(args: &Args) -> Result<pg_sys::Datum> {
    let GrantClinicAccess { role: oid, level } = GrantClinicAccess::read(args)?;
    clinic::require_schema()?;
    let Some(level) = Level::parse(&level) else {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("\"{level}\" is no level of access"),
        )
        .hint("Levels are finder, reader, scheduler and admin; each includes those before it."));
    };
    spi::connect(|spi| {
        if spi.value(&CAN_GRANT, Access::Latest, &[])? != Some(true) {
            return Err(ClinicError::new(
                SqlState::NotAllowed,
                "permission denied to grant access to schema clinic",
            )
            .hint("Its owner or a superuser can."));
        }
        let schema = scripts::extension_schema(spi, Access::Latest)?;
        let RoleRow { role, can_use } = spi.row(&ROLE, Access::Latest, &[param(oid)])?.ok_or_else(|| {
            ClinicError::new(
                SqlState::UndefinedRole,
                format!("role with OID {} does not exist", oid.to_u32()),
            )
        })?;
        if !can_use {
            spi.script(&format!("grant usage on schema {schema} to {role}"))?;
        }
        for included in Level::ALL.into_iter().filter(|included| *included <= level) {
            spi.script(&included.grants().replace("@role@", &role))?;
        }
        Ok(pg_sys::Datum::null())
    })
}
