//! The clinic that a call is about: which one, its settings, and the dates that a question may have.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{ClinicSettings, SlotAlignment};
use pg_clinic_core::booking::slots::ZONE_MARGIN_DAYS;
use pg_clinic_core::time::interval::{Instant, Minutes, TIME};
use pgrx::pg_sys;

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::{PartOfDay, row};
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::{guc, zone};

/// Most days one question may span: it bounds rows read and slots made.
pub const MAX_DAYS: i64 = 366;
/// Questions outside these years are refused: it bounds the rules read from a time zone.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// A query for clinics with the columns of [`Opened`].
macro_rules! clinics_query {
    ($which:literal) => {
        concat!(
            "select id, time_zone, slot_step_minutes, slot_alignment, minimum_notice_minutes, booking_horizon_days,
               overbooked_last, backfill_same_type_only, backfill_notice_minutes
             from clinic.clinics ",
            $which
        )
    };
}

statements! {
    /// The clinics there are: two are enough to know that the choice isn't clear.
    CLINIC_IDS() = "select id from clinic.clinics order by id limit 2";
    /// Whether a clinic is there.
    CLINIC_ID(INT8OID) = "select id from clinic.clinics where id = $1";
    /// One clinic's settings.
    CLINIC(INT8OID) = clinics_query!("where id = $1");
    /// The settings of the first clinics: of the only one in one statement.
    CLINICS() = clinics_query!("order by id limit 2");
    /// The clinic's name.
    CLINIC_NAME(INT8OID) = "select name from clinic.clinics where id = $1";
}

row! {
    struct ClinicRow {
        id: i64,
        time_zone: String,
        slot_step_minutes: PartOfDay,
        slot_alignment: SlotAlignment as "clinic.clinics",
        minimum_notice_minutes: i32,
        booking_horizon_days: i32,
        overbooked_last: bool,
        backfill_same_type_only: bool,
        backfill_notice_minutes: i32,
    }
}

/// A clinic whose settings are known, before its rows are read.
pub struct Opened {
    /// Its id.
    pub clinic: i64,
    time_zone: String,
    slot_step: Minutes,
    slot_alignment: SlotAlignment,
    minimum_notice: Minutes,
    booking_horizon_days: i32,
    overbooked_last: bool,
    /// Whether candidates for a freed place must want the same appointment type.
    pub backfill_same_type_only: bool,
    /// How long ahead a freed place is offered at the latest.
    pub backfill_notice: Minutes,
}

/// Fails clearly where init_clinic() hasn't been called yet.
pub fn require_schema() -> Result<()> {
    // SAFETY: a catalog look-up by NUL-terminated name; true = no error where it is missing.
    let schema = unsafe { pg_sys::get_namespace_oid(c"clinic".as_ptr(), true) };
    if schema == pg_sys::InvalidOid {
        return Err(ClinicError::new(SqlState::SetUp, "schema clinic is not set up in this database").hint(
            "Make the tables and a first clinic: select init_clinic('Downtown Clinic', 'Europe/Berlin')",
        ));
    }
    Ok(())
}

/// The clinic meant: as named, else as set, else the only one.
pub fn clinic_id(spi: &Spi, named: Option<i64>, access: Access) -> Result<i64> {
    match chosen(named)? {
        Some(id) => Ok(id),
        None => only(spi.values(&CLINIC_IDS, access, &[])?),
    }
}

/// The clinic meant, which is there. For what must be possible whatever became of its settings.
pub fn existing(spi: &Spi, named: Option<i64>, access: Access) -> Result<i64> {
    require_schema()?;
    match chosen(named)? {
        Some(id) => spi.value(&CLINIC_ID, access, &[param(id)])?.ok_or_else(|| unknown(id)),
        None => only(spi.values(&CLINIC_IDS, access, &[])?),
    }
}

fn unknown(clinic: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("clinic {clinic} does not exist"))
        .hint("select id, name from clinic.clinics lists those there are.")
}

/// The clinic named, else the one that is set.
fn chosen(named: Option<i64>) -> Result<Option<i64>> {
    match named {
        Some(id) => Ok(Some(id)),
        None => guc::clinic_id(),
    }
}

/// The only one of the clinics there are.
fn only<T>(mut clinics: Vec<T>) -> Result<T> {
    match (clinics.pop(), clinics.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(ClinicError::new(SqlState::NotFound, "there is no clinic yet")
            .hint("Add one: select init_clinic('Downtown Clinic', 'Europe/Berlin')")),
        _ => Err(ClinicError::new(SqlState::InvalidArgument, "there are several clinics and none is chosen")
            .hint("Pass clinic_id => …, or set pg_clinic.clinic_id. select id, name from clinic.clinics lists them.")),
    }
}

/// Reads the settings of the clinic meant.
pub fn open(spi: &Spi, named: Option<i64>, access: Access) -> Result<Opened> {
    require_schema()?;
    let row: ClinicRow = match chosen(named)? {
        Some(id) => spi.row(&CLINIC, access, &[param(id)])?.ok_or_else(|| unknown(id))?,
        None => only(spi.rows(&CLINICS, access, &[])?)?,
    };
    Ok(Opened {
        clinic: row.id,
        time_zone: row.time_zone,
        slot_step: row.slot_step_minutes.0,
        slot_alignment: row.slot_alignment,
        minimum_notice: Minutes(row.minimum_notice_minutes),
        booking_horizon_days: row.booking_horizon_days,
        overbooked_last: row.overbooked_last,
        backfill_same_type_only: row.backfill_same_type_only,
        backfill_notice: Minutes(row.backfill_notice_minutes),
    })
}

impl Opened {
    /// The settings as the core wants them, the zone exact from `from` to `until` with some days to spare.
    pub fn settings(&self, from: Instant, until: Instant) -> Result<ClinicSettings> {
        const MARGIN: Minutes = Minutes(ZONE_MARGIN_DAYS as i32 * 24 * 60);
        Ok(ClinicSettings {
            zone: zone::of_clinic(&self.time_zone, from - MARGIN, until + MARGIN)?,
            slot_step: self.slot_step,
            slot_alignment: self.slot_alignment,
            minimum_notice: self.minimum_notice,
            least_notice: Minutes(0),
            booking_horizon_days: self.booking_horizon_days,
            overbooked_last: self.overbooked_last,
        })
    }

    /// The clinic's date at `now`.
    pub fn today(&self, now: Instant) -> Result<NaiveDate> {
        check_instant(now, "now")?;
        Ok(zone::of_clinic(&self.time_zone, now, now)?.local_date(now))
    }

    /// How many days after today can be booked, unless a type says otherwise.
    #[must_use]
    pub fn booking_horizon_days(&self) -> i32 {
        self.booking_horizon_days
    }
}

/// Refuses instants so far away that time zones say nothing about them.
pub fn check_instant(instant: Instant, name: &str) -> Result<()> {
    if TIME.contains(&instant) {
        return Ok(());
    }
    Err(out_of_years(name))
}

/// Refuses dates that are reversed, too far apart or too far away. The hint is for the second.
pub fn check_period(from: NaiveDate, to: NaiveDate, too_long_hint: &str) -> Result<()> {
    use chrono::Datelike;
    if to < from {
        return Err(ClinicError::new(SqlState::InvalidArgument, "to_date must not be before from_date")
            .detail(format!("from_date is {from}, to_date is {to}.")));
    }
    if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) {
        return Err(out_of_years("the date"));
    }
    let days = (to - from).num_days() + 1;
    if days > MAX_DAYS {
        return Err(ClinicError::new(
            SqlState::LimitExceeded,
            format!("at most {MAX_DAYS} days can be searched at once"),
        )
        .detail(format!("{from} to {to} are {days} days."))
        .hint(too_long_hint));
    }
    Ok(())
}

/// The error for a date or instant too far away.
#[must_use]
pub fn out_of_years(name: &str) -> ClinicError {
    ClinicError::new(
        SqlState::InvalidArgument,
        format!("{name} must be between the years {} and {}", YEARS.start(), YEARS.end()),
    )
}

/// The clinic's name.
pub fn clinic_name(spi: &Spi, clinic: i64) -> Result<String> {
    let name: Option<String> = spi.value(&CLINIC_NAME, Access::Snapshot, &[param(clinic)])?;
    Ok(name.unwrap_or_default())
}
