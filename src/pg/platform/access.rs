//! What a caller may do, asked at a function's door: before it waits for a lock, and before it acts as the tables' owner.
//!
//! Levels are granted as PostgreSQL's own privileges (sql/grants), so these are what is asked.

use std::cell::Cell;
use std::ffi::{CStr, CString};

use pg_clinic_core::shipped::{self, Kind};
use pgrx::pg_sys;

use super::clinic::require_schema;
use super::error::{ClinicError, Result, SqlState};
use super::session::ActingAsOwner;
use super::spi;

/// A privilege on a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privilege {
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

impl Privilege {
    const fn mode(self) -> pg_sys::AclMode {
        (match self {
            Self::Select => pg_sys::ACL_SELECT,
            Self::Insert => pg_sys::ACL_INSERT,
            Self::Update => pg_sys::ACL_UPDATE,
            Self::Delete => pg_sys::ACL_DELETE,
        }) as pg_sys::AclMode
    }
}

/// A table in schema clinic, `None` where it is missing: what reads it will say so.
fn table(name: &CStr) -> Option<pg_sys::Oid> {
    // SAFETY: catalog look-ups by NUL-terminated names; true = no error where the schema is missing.
    let table = unsafe {
        pg_sys::get_relname_relid(name.as_ptr(), pg_sys::get_namespace_oid(c"clinic".as_ptr(), true))
    };
    (table != pg_sys::InvalidOid).then_some(table)
}

/// Whether the current user has a privilege on a whole table.
fn has(table: pg_sys::Oid, privilege: Privilege) -> bool {
    // SAFETY: the table was just found.
    unsafe {
        pg_sys::pg_class_aclcheck(table, pg_sys::GetUserId(), privilege.mode())
            == pg_sys::AclResult::ACLCHECK_OK
    }
}

/// Whether the current user has a privilege on a table or some column of it.
fn has_somewhere(table: pg_sys::Oid, privilege: Privilege) -> bool {
    // SAFETY: the table was just found.
    has(table, privilege)
        || unsafe {
            pg_sys::pg_attribute_aclcheck_all(
                table,
                pg_sys::GetUserId(),
                privilege.mode(),
                pg_sys::AclMaskHow::ACLMASK_ANY,
            ) == pg_sys::AclResult::ACLCHECK_OK
        }
}

/// Refuses who may not write a table in schema clinic, as the write would. Without it somebody could wait for a lock, or hold
/// it, without the right to what it is for.
pub fn require(name: &CStr, privilege: Privilege) -> Result<()> {
    require_schema()?;
    match table(name) {
        Some(table) if !has_somewhere(table, privilege) => Err(ClinicError::new(
            SqlState::NotAllowed,
            format!("permission denied for table {}", name.to_string_lossy()),
        )),
        _ => Ok(()),
    }
}

/// Lets a job act as the owner of a table, where the caller may write it himself: triggers that somebody put on the tables
/// never get the rights of a superuser who happens to run it. Nor do deferred ones, which would run when the transaction ends: from
/// now on none is deferred in it.
pub fn job_on(name: &CStr, privilege: Privilege) -> Result<Option<ActingAsOwner>> {
    require(name, privilege)?;
    spi::connect(|spi| spi.script("set constraints all immediate"))?;
    acting_as_owner_of(name)
}

/// Acts as the owner of a table in schema clinic, `None` where it is missing.
pub fn acting_as_owner_of(name: &CStr) -> Result<Option<ActingAsOwner>> {
    table(name).map(as_owner).transpose()
}

/// Lets somebody find places, or ask for opening times, who may not read bookings: the question is answered as the tables' owner. `None` where the
/// caller reads for himself, or may not at all, which is then said.
///
/// Who may read clinic.access_levels has a level, whichever: the privilege goes with the role when it is renamed, dropped or
/// restored.
pub fn finder(patient: Option<&str>, booking: Option<i64>) -> Result<Option<ActingAsOwner>> {
    require_schema()?;
    let (Some(bookings), Some(levels)) = (table(c"bookings"), table(c"access_levels")) else {
        return Ok(None);
    };
    if has(bookings, Privilege::Select) || !has(levels, Privilege::Select) {
        return Ok(None);
    }
    if booking.is_some() {
        return Err(ClinicError::new(SqlState::NotAllowed, "permission denied to ask about a booking")
            .detail("The answer would tell where the booking is, and what it takes.")
            .hint("Leave booking_id out. It needs the level reader or a higher one: select grant_clinic_access(…)"));
    }
    if patient.is_some() {
        return Err(ClinicError::new(SqlState::NotAllowed, "permission denied to ask about a patient")
            .detail("The answer would tell whether the patient has a booking.")
            .hint("Leave patient_id out. It needs the level reader or a higher one: select grant_clinic_access(…)"));
    }
    as_owner(bookings).map(Some)
}

/// Acts as the owner of a table in schema clinic.
fn as_owner(table: pg_sys::Oid) -> Result<ActingAsOwner> {
    let owner = owner_of(table);
    // SAFETY: always callable.
    if unsafe { pg_sys::superuser_arg(owner) } {
        refuse_strangers(owner)?;
    }
    Ok(ActingAsOwner::role(owner))
}

/// The owner of a table, or of what is in its place.
fn owner_of(table: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: the table was just found; it is open while its owner is looked at.
    unsafe {
        let relation = pg_sys::relation_open(table, pg_sys::AccessShareLock as pg_sys::LOCKMODE);
        let owner = (*(*relation).rd_rel).relowner;
        pg_sys::relation_close(relation, pg_sys::AccessShareLock as pg_sys::LOCKMODE);
        owner
    }
}

thread_local! {
    /// How often relations have changed, as far as this backend has heard.
    static CHANGES: Cell<u64> = const { Cell::new(0) };
    /// The superuser who owned all tables, and after which change.
    static ONLY_OWNER: Cell<Option<(pg_sys::Oid, u64)>> = const { Cell::new(None) };
    /// Whether changes are heard of.
    static IS_LISTENING: Cell<bool> = const { Cell::new(false) };
}

/// Some relation has changed, maybe its owner.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn note_change(_argument: pg_sys::Datum, _relation: pg_sys::Oid) {
    CHANGES.set(CHANGES.get().wrapping_add(1));
}

/// Refuses to act as a superuser where somebody else owns a table: what he puts in its place would run with those rights.
/// Looked at again only once a relation has changed.
fn refuse_strangers(owner: pg_sys::Oid) -> Result<()> {
    if !IS_LISTENING.replace(true) {
        // SAFETY: once a backend; the callback stays as long as the library, which is never unloaded.
        unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(note_change), pg_sys::Datum::null()) };
    }
    let seen = Some((owner, CHANGES.get()));
    if ONLY_OWNER.get() == seen {
        return Ok(());
    }
    let is_strange = |name: &&str| {
        let found = CString::new(*name).ok().and_then(|name| table(&name));
        found.is_some_and(|table| owner_of(table) != owner)
    };
    let tables = shipped::things().iter().filter(|thing| thing.kind == Kind::Table).map(|table| table.object);
    let Some(name) = tables.into_iter().find(is_strange) else {
        ONLY_OWNER.set(seen);
        return Ok(());
    };
    let message = format!("clinic.{name} belongs to another role than clinic.bookings");
    Err(ClinicError::new(SqlState::SetUp, message)
        .detail("The function would act as the owner of clinic.bookings, who is a superuser.")
        .hint("Give all tables in schema clinic one owner, no superuser if you can."))
}
