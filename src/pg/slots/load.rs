//! Loads the rows that a question needs: a few set-based reads, then the core's values. Decides nothing.

pub mod hours;
pub mod limits;
pub mod moving;
pub mod resources;
pub mod rows;
pub mod sessions;
pub mod sites;
pub mod stock;
pub mod types;

use moving::Booked;
pub use rows::overbooking_rules;
pub use types::appointment_type;
use types::type_on_the_move;

use chrono::NaiveDate;
use pg_clinic_core::booking::change::NewParts;
use pg_clinic_core::booking::clinic::{AppointmentType, Clinic, Moving, Room};
use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::booking::slots::{self, ToLoad};
use pg_clinic_core::ids::SiteId;
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::interval::{Instant, Minutes};

use crate::pg::platform::clinic::{Opened, check_instant, check_period, open};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::platform::structure::{self, Need};

/// A question's subject: which rows to load.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The clinic; `None` = the current one.
    pub clinic: Option<i64>,
    /// The type to be booked.
    pub appointment_type: TypeKey,
    /// A length other than the type's.
    pub duration: Option<Minutes>,
    /// With whom.
    pub providers: Providers,
    /// Where.
    pub rooms: Rooms,
    /// Only in rooms of this site.
    pub site: Option<i64>,
    /// Whose bookings are the patient's own.
    pub patient: Option<String>,
    /// Holds that expired by then block nothing.
    pub now: Instant,
    /// A booking that doesn't stand in its own way.
    pub except_booking: Option<i64>,
    /// Which rows are seen.
    pub access: Access,
}

impl Wanted {
    /// Whether several providers or rooms may be in question.
    fn may_be_several(&self) -> bool {
        let is_one = |ids: Option<&[i64]>| ids.is_some_and(|ids| ids.len() == 1);
        !(is_one(self.providers.ids.as_deref()) && is_one(self.rooms.ids()))
    }
}

/// Which providers are asked for: those that meet all.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    /// Only these.
    pub ids: Option<Vec<i64>>,
    /// Only those of this specialty, without regard to case.
    pub specialty: Option<String>,
    /// Only those with all of these attributes.
    pub attributes: Option<Vec<String>>,
}

impl Providers {
    /// One provider.
    #[must_use]
    pub fn one(id: i64) -> Self {
        Self { ids: Some(vec![id]), ..Self::default() }
    }
}

/// Which rooms are asked for.
#[derive(Clone, Debug)]
pub enum Rooms {
    /// Any, or none where the type needs none.
    Any,
    /// Only these.
    Only(Vec<i64>),
    /// None.
    Nowhere,
}

impl Rooms {
    /// Only the ones named; any where none is.
    #[must_use]
    pub fn named(ids: impl Into<Option<Vec<i64>>>) -> Self {
        ids.into().map_or(Self::Any, Self::Only)
    }

    /// The one of a place.
    #[must_use]
    pub fn of_place(room: Option<i64>) -> Self {
        room.map_or(Self::Nowhere, |id| Self::Only(vec![id]))
    }

    /// The ones named.
    #[must_use]
    pub fn ids(&self) -> Option<&[i64]> {
        match self {
            Self::Only(ids) => Some(ids),
            Self::Any | Self::Nowhere => None,
        }
    }

    /// Whether there is a choice of them.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }
}

/// A snapshot of one clinic.
pub struct Loaded {
    /// The clinic's id.
    pub clinic_id: i64,
    /// The snapshot that the core judges.
    pub clinic: Clinic,
}

/// Refuses dates to find slots on that are reversed, too far apart or too far away.
pub fn check_dates(from: NaiveDate, to: NaiveDate) -> Result<()> {
    check_period(from, to, "Ask for a shorter range, or use next_available().")
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
    match wanted.except_booking {
        Some(booking) => snapshot_for_move(spi, opened, wanted, booking, from, to, at),
        None => {
            let key = &wanted.appointment_type;
            let usual = appointment_type(spi, opened.clinic, key, wanted.access)?;
            let appointment_type = match wanted.duration {
                Some(duration) => usual.lasting(duration),
                None => usual,
            };
            snapshot_for(spi, opened, wanted, &[appointment_type], None, (from, to), at)
        }
    }
}

/// The same for a booking that is to go somewhere else: it takes its patient and its length along.
fn snapshot_for_move(
    spi: &Spi,
    opened: &Opened,
    wanted: &Wanted,
    booking: i64,
    from: NaiveDate,
    to: NaiveDate,
    at: Option<Instant>,
) -> Result<Loaded> {
    let booked = Booked::read(spi, opened.clinic, booking, wanted.access)?;
    booked.require_movable(NewParts::ROOM, wanted.now)?;
    if wanted.providers.ids.as_ref().is_some_and(|ids| !ids.contains(&booked.provider)) {
        booked.require_movable(NewParts::PROVIDER, wanted.now)?;
    }
    if at.is_some_and(|at| at != booked.during.start) {
        booked.require_movable(NewParts::TIME, wanted.now)?;
    }
    if wanted.patient.is_some() && wanted.patient != booked.patient {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("patient_id isn't that of booking {booking}"),
        )
        .hint("Leave patient_id out: it is the booking's."));
    }
    if wanted.duration.is_some_and(|duration| duration != booked.during.whole_minutes()) {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("duration_minutes isn't that of booking {booking}"),
        )
        .hint("Leave duration_minutes out: it is the booking's."));
    }
    let wanted = Wanted { patient: booked.patient.clone(), ..wanted.clone() };
    snapshot_of_booked(spi, opened, &wanted, &booked, from, to, at)
}

/// The same for a booking that is known already, and whatever its status.
pub fn snapshot_of_booked(
    spi: &Spi,
    opened: &Opened,
    wanted: &Wanted,
    booked: &Booked,
    from: NaiveDate,
    to: NaiveDate,
    at: Option<Instant>,
) -> Result<Loaded> {
    let key = &wanted.appointment_type;
    let appointment_type = type_on_the_move(spi, opened.clinic, key, booked, wanted.access)?;
    let wanted = Wanted { except_booking: Some(booked.id), ..wanted.clone() };
    let moving = Some(booked.moving(wanted.now));
    snapshot_for(spi, opened, &wanted, &[appointment_type], moving, (from, to), at)
}

/// The same for a type that is known already: the first. The others may be judged on the same snapshot.
pub fn snapshot_for(
    spi: &Spi,
    opened: &Opened,
    wanted: &Wanted,
    types: &[AppointmentType],
    moving: Option<Moving>,
    (from, to): (NaiveDate, NaiveDate),
    at: Option<Instant>,
) -> Result<Loaded> {
    let reach = |date: NaiveDate| {
        Instant(i64::from(date_to_pg_days(date)) * pg_clinic_core::time::interval::MICROS_PER_DAY)
    };
    let [appointment_type, ..] = types else {
        return Err(ClinicError::new(SqlState::Internal, "a snapshot needs an appointment type"));
    };
    // What is found can be booked, by nobody else meanwhile.
    structure::require("bookings", Need::Find)?;
    // One place is judged; of several the best is chosen.
    let scoring_profiles = match at.is_none() || wanted.may_be_several() {
        true => rows::scoring_profiles(spi, opened.clinic, wanted.access)?,
        false => Vec::new(),
    };
    let (from, to) = slots::weighed_dates(&scoring_profiles, from, to);
    let settings = opened.settings(reach(from).min(wanted.now), reach(to).max(wanted.now))?;
    let dates = hours::Dates { from, to };
    let providers = resources::providers(spi, opened.clinic, &wanted.providers, wanted.access, dates)?;
    if let Some(site) = wanted.site {
        sites::require(spi, opened.clinic, site, wanted.access)?;
    }
    let rooms = match wanted.rooms {
        Rooms::Nowhere => vec![Room::nowhere()],
        // A visit that needs no room is at no site.
        Rooms::Any if appointment_type.needs.is_none() && wanted.site.is_none() => vec![Room::nowhere()],
        Rooms::Any if appointment_type.needs.is_none() => Vec::new(),
        Rooms::Any | Rooms::Only(_) => {
            let mut rooms = resources::rooms(spi, opened.clinic, wanted.rooms.ids(), wanted.access)?;
            rooms.retain(|room| wanted.site.is_none_or(|site| room.site == Some(SiteId(site))));
            hours::of_rooms(spi, opened.clinic, wanted.access, &mut rooms)?;
            rooms
        }
    };
    let other_needs = match rooms.len() {
        0 | 1 => Vec::new(),
        _ => types::other_needs(spi, opened.clinic, appointment_type.id, wanted.access)?,
    };
    let mut clinic = Clinic {
        settings,
        appointment_type: appointment_type.clone(),
        providers,
        rooms,
        sites: sites::ways(spi, opened.clinic, wanted.access)?,
        other_needs,
        reserved: hours::reserved(spi, opened.clinic, wanted.access, wanted.providers.ids.as_deref(), dates)?,
        time_off: Vec::new(),
        occupied: Vec::new(),
        sessions: Vec::new(),
        elsewhere: Vec::new(),
        resources: Vec::new(),
        assistance: Vec::new(),
        overbooking_rules: overbooking_rules(spi, opened.clinic, wanted.access)?,
        limits: limits::limits(spi, opened.clinic, wanted.access)?,
        limit_use: Vec::new(),
        last_seen: rows::last_seen(spi, opened.clinic, wanted, &scoring_profiles)?,
        scoring_profiles,
        moving,
    };
    let reach = reach_of(&clinic, types, from, to, at);
    clinic.time_off = rows::time_off(spi, opened.clinic, wanted.access, reach.lo, reach.hi)?;
    let only = match (&clinic.providers[..], &clinic.rooms[..]) {
        ([provider], [room]) => Some((provider.id, room.id)),
        _ => None,
    };
    clinic.occupied = rows::occupied(spi, opened.clinic, wanted, &reach, only)?;
    clinic.sessions = sessions::begun(spi, opened.clinic, wanted, &reach)?;
    clinic.elsewhere = rows::elsewhere(spi, &clinic.providers, wanted, &reach)?;
    clinic.resources = stock::units(spi, opened.clinic, wanted, types, &reach)?;
    if !clinic.limits.is_empty() {
        limits::load_use(spi, &mut clinic, opened.clinic, wanted, (from, to))?;
    }
    let skills = types.iter().flat_map(|row| row.required_skills.clone()).collect();
    clinic.assistance = rows::assistance(spi, opened.clinic, wanted, skills, &reach)?;
    Ok(Loaded { clinic_id: opened.clinic, clinic })
}

/// Which bookings and time off a question needs.
fn reach_of(
    clinic: &Clinic,
    types: &[AppointmentType],
    from: NaiveDate,
    to: NaiveDate,
    at: Option<Instant>,
) -> ToLoad {
    let pauses = clinic.longest_pauses(types);
    let duration = clinic.longest_duration();
    let dates = ToLoad::of_dates(&clinic.settings, &clinic.providers, duration, pauses, from, to);
    // Where a booking on the move is, it can stay with its provider, be it outside of the hours of now.
    let is_asked = |start: &Instant| (from..=to).contains(&clinic.settings.zone.local_date(*start));
    let own = clinic.moving.map(|moving| moving.during.start).filter(is_asked);
    // The length of a booking on the move may be longer than its type's.
    let around = |start| ToLoad::of_start(&clinic.settings, MAX_DURATION, pauses, start);
    at.into_iter().chain(own).map(around).fold(dates, ToLoad::hull)
}

/// Opens SPI and the clinic, for a search up to the last date on which one of the types can be booked.
pub fn open_to_horizon(wanted: &Wanted, types: &[TypeKey]) -> Result<(Opened, NaiveDate)> {
    spi::connect(|spi| {
        let opened = open(spi, wanted.clinic, wanted.access)?;
        let mut horizon = opened.today(wanted.now)?;
        for key in types {
            horizon = horizon.max(types::horizon(spi, &opened, key, wanted.now, wanted.access)?);
        }
        Ok((opened, horizon))
    })
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
