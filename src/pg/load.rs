//! Loads what a question needs: a few set-based reads, then the core's values. Decides nothing.

pub mod day;
mod resources;
pub mod roster;
pub mod roster_board;
pub mod rounds;
pub mod rounds_reports;
mod rows;
pub mod rules;
pub mod shifts;
pub mod timetable;

pub use rows::overbooking_rules;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{AppointmentType, Clinic, ClinicSettings, SlotAlignment};
use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::booking::slots::{ToLoad, ZONE_MARGIN_DAYS};
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId, RoomId};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, Minutes, TIME};
use pgrx::pg_sys;

use super::error::{ClinicError, Result, SqlState};
use super::guc;
use super::spi::{self, Access, Param, Spi, param, statements};
use super::zone;

/// Most days one question may span: it bounds rows read and slots made.
pub const MAX_DAYS: i64 = 366;
/// Questions outside these years are refused: it bounds what a time zone is asked for.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

statements! {
    /// The clinics there are: two are enough to know that the choice isn't clear.
    CLINIC_IDS() = "select id from clinic.clinics order by id limit 2";
    /// One clinic's settings.
    CLINIC(INT8OID) =
        "select time_zone, slot_step_minutes, slot_alignment, minimum_notice_minutes, booking_horizon_days,
           backfill_same_type_only, backfill_notice_minutes
         from clinic.clinics where id = $1";
    /// An appointment type by id or by name.
    APPOINTMENT_TYPE(INT8OID, INT8OID, TEXTOID) =
        "select id, name, duration_minutes, required_room_type, required_equipment, enabled, requires_skill
         from clinic.appointment_types where clinic_id = $1 and (id = $2 or name = $3)";
}

/// How the client names an appointment type.
#[derive(Clone, Debug)]
pub enum TypeKey {
    /// By `appointment_types.name`.
    Name(String),
    /// By `appointment_types.id`.
    Id(i64),
}

impl TypeKey {
    /// Arguments for `id = … or name = …`.
    #[must_use]
    pub fn params(&self) -> (Param, Param) {
        match self {
            Self::Id(id) => (param(*id), None),
            Self::Name(name) => (None, param(name.as_str())),
        }
    }
}

/// What to load.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The clinic; `None` = the current one.
    pub clinic: Option<i64>,
    /// What is to be booked.
    pub appointment_type: TypeKey,
    /// Only this provider.
    pub provider: Option<i64>,
    /// Only this room.
    pub room: Option<i64>,
    /// Whose bookings are the patient's own.
    pub patient: Option<String>,
    /// Holds that expired by then block nothing.
    pub now: Instant,
    /// A booking that doesn't stand in its own way.
    pub except_booking: Option<i64>,
    /// Which rows are seen.
    pub access: Access,
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
    /// Whether candidates for a freed place must want the same appointment type.
    pub backfill_same_type_only: bool,
    /// How long ahead a freed place is offered at the latest.
    pub backfill_notice: Minutes,
}

/// A snapshot with the names that go with it.
pub struct Loaded {
    /// The clinic's id.
    pub clinic_id: i64,
    /// What the core judges.
    pub clinic: Clinic,
    /// Names of `clinic.providers`, in their order.
    pub provider_names: Vec<String>,
    /// Names of `clinic.rooms`, in their order.
    pub room_names: Vec<String>,
}

impl Loaded {
    /// The name of one of the providers.
    #[must_use]
    pub fn provider_name(&self, id: ProviderId) -> Option<&str> {
        let index = self.clinic.providers.iter().position(|provider| provider.id == id)?;
        self.provider_names.get(index).map(String::as_str)
    }

    /// The name of one of the rooms.
    #[must_use]
    pub fn room_name(&self, id: RoomId) -> Option<&str> {
        let index = self.clinic.rooms.iter().position(|room| room.id == id)?;
        self.room_names.get(index).map(String::as_str)
    }
}

/// Fails clearly where init_clinic() hasn't been called yet.
pub fn require_schema() -> Result<()> {
    // SAFETY: a catalogue look-up by NUL-terminated name; true = no error where it is missing.
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
    if let Some(id) = named {
        return Ok(id);
    }
    if let Some(id) = guc::clinic_id()? {
        return Ok(id);
    }
    match spi.query(&CLINIC_IDS, access, &[], |row| row.get::<i64>(0))?[..] {
        [only] => Ok(only),
        [] => Err(ClinicError::new(SqlState::NotFound, "there is no clinic yet")
            .hint("Add one: select init_clinic('Downtown Clinic', 'Europe/Berlin')")),
        _ => Err(ClinicError::new(SqlState::InvalidArgument, "there are several clinics and none is chosen")
            .hint("Pass clinic_id => …, or set pg_clinic.clinic_id. select id, name from clinic.clinics lists them.")),
    }
}

/// Reads the settings of the clinic meant.
pub fn open(spi: &Spi, named: Option<i64>, access: Access) -> Result<Opened> {
    require_schema()?;
    let clinic = clinic_id(spi, named, access)?;
    spi.first(&CLINIC, access, &[param(clinic)], |row| {
        Ok(Opened {
            clinic,
            time_zone: row.get(0)?,
            slot_step: Minutes(row.get(1)?),
            slot_alignment: match row.get::<&str>(2)? {
                "gap" => SlotAlignment::Gap,
                _ => SlotAlignment::Window,
            },
            minimum_notice: Minutes(row.get(3)?),
            booking_horizon_days: row.get(4)?,
            backfill_same_type_only: row.get(5)?,
            backfill_notice: Minutes(row.get(6)?),
        })
    })?
    .ok_or_else(|| {
        ClinicError::new(SqlState::NotFound, format!("clinic {clinic} does not exist"))
            .hint("select id, name from clinic.clinics lists those there are.")
    })
}

impl Opened {
    /// The settings as the core wants them, the zone exact from `from` to `until` with some days to spare.
    pub fn settings(&self, from: Instant, until: Instant) -> Result<ClinicSettings> {
        const MARGIN: Minutes = Minutes(ZONE_MARGIN_DAYS as i32 * 24 * 60);
        Ok(ClinicSettings {
            zone: zone::load(&self.time_zone, from - MARGIN, until + MARGIN)?,
            slot_step: self.slot_step,
            slot_alignment: self.slot_alignment,
            minimum_notice: self.minimum_notice,
            booking_horizon_days: self.booking_horizon_days,
        })
    }

    /// The clinic's date at `now`.
    pub fn today(&self, now: Instant) -> Result<NaiveDate> {
        check_instant(now, "now")?;
        Ok(zone::load(&self.time_zone, now, now)?.local_date(now))
    }

    /// The last date that can be booked.
    pub fn horizon(&self, now: Instant) -> Result<NaiveDate> {
        Ok(add_days(self.today(now)?, i64::from(self.booking_horizon_days)))
    }
}

/// Refuses instants so far away that time zones say nothing about them.
pub fn check_instant(instant: Instant, name: &str) -> Result<()> {
    if TIME.contains(&instant) {
        return Ok(());
    }
    Err(out_of_years(name))
}

/// Refuses dates to find slots on that are reversed, too far apart or too far away.
pub fn check_dates(from: NaiveDate, to: NaiveDate) -> Result<()> {
    check_period(from, to, "Ask for a shorter range, or use next_available().")
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

/// Reads the appointment type; a disabled one is refused.
pub fn appointment_type(spi: &Spi, clinic: i64, key: &TypeKey, access: Access) -> Result<AppointmentType> {
    let (id, name) = key.params();
    let found = spi.first(&APPOINTMENT_TYPE, access, &[param(clinic), id, name], |row| {
        let appointment_type = AppointmentType {
            id: AppointmentTypeId(row.get(0)?),
            duration: Minutes(row.get(2)?),
            required_room_type: row.opt(3)?,
            required_equipment: row.get(4)?,
            requires_skill: row.opt(6)?,
        };
        Ok((appointment_type, row.get::<String>(1)?, row.get::<bool>(5)?))
    })?;
    match found {
        Some((appointment_type, _, true)) => Ok(appointment_type),
        Some((_, name, false)) => {
            Err(ClinicError::new(SqlState::WrongState, format!("appointment type \"{name}\" is disabled"))
                .hint("Enable it in clinic.appointment_types, or ask for another type."))
        }
        None => {
            let what = match key {
                TypeKey::Id(id) => id.to_string(),
                TypeKey::Name(name) => format!("\"{name}\""),
            };
            Err(ClinicError::new(SqlState::NotFound, format!("appointment type {what} does not exist"))
                .detail(format!("Clinic {clinic} has no such row in clinic.appointment_types."))
                .hint("select id, name from clinic.appointment_types lists those there are."))
        }
    }
}

/// Loads the snapshot for a question about the dates `from` to `to`, and about the start `at` if there is one (which
/// may be outside any opening).
pub fn snapshot(
    spi: &Spi,
    opened: &Opened,
    wanted: &Wanted,
    from: NaiveDate,
    to: NaiveDate,
    at: Option<Instant>,
) -> Result<Loaded> {
    check_dates(from, to)?;
    check_instant(wanted.now, "now")?;
    let appointment_type = appointment_type(spi, opened.clinic, &wanted.appointment_type, wanted.access)?;
    snapshot_for(spi, opened, wanted, &[appointment_type], from, to, at)
}

/// The same for a type that is known already: the first. The others may be judged on the same snapshot.
pub fn snapshot_for(
    spi: &Spi,
    opened: &Opened,
    wanted: &Wanted,
    types: &[AppointmentType],
    from: NaiveDate,
    to: NaiveDate,
    at: Option<Instant>,
) -> Result<Loaded> {
    let reach = |date: NaiveDate| {
        Instant(i64::from(date_to_pg_days(date)) * pg_clinic_core::time::interval::MICROS_PER_DAY)
    };
    let [appointment_type, ..] = types else {
        return Err(ClinicError::new(
            SqlState::Internal,
            "a snapshot was asked for without an appointment type",
        ));
    };
    let settings = opened.settings(reach(from).min(wanted.now), reach(to).max(wanted.now))?;
    let dates = resources::Dates { from, to };
    let providers = resources::providers(spi, opened.clinic, wanted.provider, wanted.access, dates)?;
    let rooms = resources::rooms(spi, opened.clinic, wanted.room, wanted.access)?;
    let mut clinic = Clinic {
        settings,
        appointment_type: appointment_type.clone(),
        providers: providers.values,
        rooms: rooms.values,
        time_off: Vec::new(),
        occupied: Vec::new(),
        assistance: Vec::new(),
        overbooking_rules: overbooking_rules(spi, opened.clinic, wanted.access)?,
        scoring_profiles: rows::scoring_profiles(spi, opened.clinic, wanted.access)?,
    };
    let reach = reach_of(&clinic, from, to, at);
    clinic.time_off = rows::time_off(spi, opened.clinic, wanted.access, reach.lo, reach.hi)?;
    clinic.occupied = rows::occupied(spi, opened.clinic, wanted, &reach)?;
    let skills: Vec<_> = types.iter().filter_map(|row| row.requires_skill.clone()).collect();
    clinic.assistance = rows::assistance(spi, opened.clinic, wanted, skills, &reach)?;
    Ok(Loaded { clinic_id: opened.clinic, clinic, provider_names: providers.names, room_names: rooms.names })
}

/// Which bookings and time off a question needs.
fn reach_of(clinic: &Clinic, from: NaiveDate, to: NaiveDate, at: Option<Instant>) -> ToLoad {
    let buffers = clinic.providers.iter().map(|provider| provider.buffer);
    let turnovers = clinic.rooms.iter().map(|room| room.turnover);
    let pause = buffers.chain(turnovers).max().unwrap_or(Minutes(0));
    let duration = clinic.appointment_type.duration;
    let dates = ToLoad::of_dates(&clinic.settings, &clinic.providers, duration, pause, from, to);
    match at {
        // The length of a booking on the move may be longer than its type's.
        Some(at) => dates.hull(ToLoad::of_start(&clinic.settings, MAX_DURATION, pause, at)),
        None => dates,
    }
}

/// Opens SPI, the clinic and its snapshot in one go.
pub fn question(
    wanted: &Wanted,
    at: Option<Instant>,
    dates: impl FnOnce(&Opened) -> Result<(NaiveDate, NaiveDate)>,
) -> Result<(Loaded, NaiveDate, NaiveDate)> {
    spi::connect(|spi| {
        let opened = open(spi, wanted.clinic, wanted.access)?;
        let (from, to) = dates(&opened)?;
        Ok((snapshot(spi, &opened, wanted, from, to, at)?, from, to))
    })
}
