//! plan_absence: a place elsewhere for each booking of somebody who is away, or of a room that can't be used. Finds the places
//! of each as finding for a move does, and lets the core choose among all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use pg_clinic_core::booking::absence::{
    Absence, Affected, Jointly, MAX_AFFECTED, MAX_FLEXIBLE_DAYS, NoPlace, Place, Plan, assign, places,
    places_of_each,
};
use pg_clinic_core::booking::clinic::{Clinic, Moving, TimeOffScope};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::booking::together::moving_statuses;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId};
use pg_clinic_core::milp::SolverError;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;
use pg_clinic_solver::Highs;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::memory;
use crate::pg::platform::requests::{TypeKey, moment};
use crate::pg::platform::rows::row;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, Integer, Required, Rows, Text, Time, Timestamptz, Tstzrange,
    signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::hours::Dates;
use crate::pg::slots::load::moving::Booked;
use crate::pg::slots::load::resources;
use crate::pg::slots::load::rows::{booked_span, room_busy};
use crate::pg::slots::load::{self, Providers, Rooms, Wanted};

sql_functions! {
    pg_clinic_plan_absence, pg_finfo_pg_clinic_plan_absence => plan_absence;
}

signatures! {
    /// Arguments of `plan_absence`.
    PlanAbsence = plan_absence(
        provider_id: Bigint = null, room_id: Bigint = null, during: Required<Tstzrange> = null,
        flexible_days: Integer = 7, now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table PlannedMove {
        booking_id: Bigint, status: Text, patient_id: Text, patient_name: Text, contact: Text,
        appointment_type_id: Bigint, appointment_type: Text, old_slot_start: Timestamptz, old_provider_id: Bigint,
        old_provider_name: Text, old_room_id: Bigint, old_room_name: Text, slot_start: Timestamptz,
        slot_end: Timestamptz, local_date: Date, local_time: Time, provider_id: Bigint, provider_name: Text,
        room_id: Bigint, room_name: Text, is_overbooked: Boolean, quality_score: DoublePrecision, code: Text,
        sentence: Text,
    };
}

/// A query for bookings that take a thing's time, by their start, with names: at most `$6`. A hold that keeps the place for an
/// offer stays.
macro_rules! affected_query {
    ($thing:literal) => {
        concat!(
            "select b.id, b.status::text as status, b.provider_id, b.room_id, b.appointment_type_id,
               lower(b.during) as starts_at, upper(b.during) as ends_at, b.local_date, b.is_overbooked, b.session_id,
               lower(b.provider_busy) as provider_busy_from, upper(b.provider_busy) as provider_busy_until,
               lower(b.room_busy) as room_busy_from, upper(b.room_busy) as room_busy_until,
               b.patient_id::text as patient_id, b.patient_name::text as patient_name, b.contact::text as contact,
               t.name::text as appointment_type, p.name::text as provider_name, r.name::text as room_name
             from clinic.bookings b
             left join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id
             left join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
             left join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
             where b.clinic_id = $1 and ",
            $thing,
            " and b.during && tstzrange($3, $4) and b.status in (@occupying@) and b.status = any ($7)
               and (b.hold_expires_at is null or b.hold_expires_at > $5)
               and not exists (
                 select from clinic.offers o
                 where o.clinic_id = b.clinic_id and o.hold_booking_id = b.id and o.status = 'offered')
             order by lower(b.during), b.id limit $6"
        )
    };
}

statements! {
    /// Bookings of a provider.
    OF_PROVIDER(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTARRAYOID) =
        affected_query!("b.provider_id = $2 and b.provider_busy && tstzrange($3, $4)");
    /// Bookings of a room.
    OF_ROOM(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTARRAYOID) =
        affected_query!("b.room_id = $2 and b.room_busy && tstzrange($3, $4)");
}

row! {
    struct AffectedRow {
        id: i64,
        status: Status as "clinic.bookings",
        provider_id: i64,
        room_id: Option<i64>,
        appointment_type_id: i64,
        starts_at: Instant,
        ends_at: Instant,
        local_date: NaiveDate,
        is_overbooked: bool,
        session_id: i64,
        provider_busy_from: Instant,
        provider_busy_until: Instant,
        room_busy_from: Option<Instant>,
        room_busy_until: Option<Instant>,
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
        appointment_type: Option<String>,
        provider_name: Option<String>,
        room_name: Option<String>,
    }
}

impl AffectedRow {
    /// Whether others share its place: together they go elsewhere, or not at all.
    const fn is_in_group(&self) -> bool {
        self.session_id > 0
    }
}

/// Days from its own date within which a booking is planned, when nobody says.
const DEFAULT_FLEXIBLE_DAYS: i32 = 7;

fn plan_absence(args: &Args) -> Result<pg_sys::Datum> {
    let query = PlanAbsence::read(args)?;
    let absence = Absence { of: absent(query.provider_id, query.room_id)?, during: query.during };
    let flexible_days = flexible_days(query.flexible_days)?;
    let now = moment(query.now)?;
    let (opened, bookings) = spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Snapshot)?;
        require_known(spi, &opened, &absence)?;
        let bookings = touched(spi, &opened, &absence, now)?;
        Ok((opened, bookings))
    })?;
    // Who is in a group visit stays: no plan tears it apart.
    let (in_groups, bookings): (Vec<_>, Vec<_>) = bookings.into_iter().partition(AffectedRow::is_in_group);
    let mut planning =
        Planning { opened: &opened, absence, flexible_days, now, names: Names::default(), is_tied: false };
    let affected = bookings.iter().map(affected).collect::<Result<Vec<_>>>()?;
    let places = planning.places(&bookings, &affected)?;
    let plan = assign(&affected, &places, &mut Highs, &mut |_| {
        check_for_cancel();
        ControlFlow::Continue(())
    });
    check_for_cancel();
    let mut plan = plan.map_err(failure)?;
    if !plan.is_best {
        pgrx::notice!("the plan may not be the best: the search for a better one was ended");
    }
    if planning.is_tied && planning.hold(&bookings, &affected, &places, &mut plan)? {
        pgrx::notice!(
            "the plan may not be the best: a limit, a resource or a way between sites didn't allow all of the best one together"
        );
    }
    let planned = plan.chosen.iter().zip(&places).map(|(chosen, places)| chosen.map(|place| &places[place]));
    let mut answers: Vec<_> = bookings.iter().zip(planned).collect();
    answers.extend(in_groups.iter().map(|booking| (booking, Err(NoPlace::GroupVisit))));
    answers.sort_by_key(|(booking, _)| (booking.starts_at, booking.id));
    let mut rows = Rows::new(args);
    answers.into_iter().try_for_each(|(booking, chosen)| planning.push(&mut rows, booking, chosen))?;
    Ok(rows.done())
}

/// The arguments `provider_id` and `room_id`: one of them.
fn absent(provider: Option<i64>, room: Option<i64>) -> Result<TimeOffScope> {
    match (provider, room) {
        (Some(provider), None) => Ok(TimeOffScope::Provider(ProviderId(provider))),
        (None, Some(room)) => Ok(TimeOffScope::Room(RoomId(room))),
        _ => Err(ClinicError::new(SqlState::InvalidArgument, "either provider_id or room_id must be given")
            .hint("plan_absence(provider_id => 1, during => '[2027-04-12, 2027-04-13)')")),
    }
}

fn flexible_days(days: Option<i32>) -> Result<i64> {
    let days = i64::from(days.unwrap_or(DEFAULT_FLEXIBLE_DAYS));
    if (0..=MAX_FLEXIBLE_DAYS).contains(&days) {
        return Ok(days);
    }
    let message = format!("flexible_days must be between 0 and {MAX_FLEXIBLE_DAYS}");
    Err(ClinicError::new(SqlState::InvalidArgument, message).detail(format!("It is {days}.")))
}

/// Refuses a provider or room that the clinic hasn't.
fn require_known(spi: &Spi, opened: &Opened, absence: &Absence) -> Result<()> {
    let date = opened.today(absence.during.start)?;
    let dates = Dates { from: date, to: date };
    match absence.of {
        TimeOffScope::Provider(id) => {
            resources::providers(spi, opened.clinic, &Providers::one(id.0), Access::Snapshot, dates)
                .map(|_| ())
        }
        TimeOffScope::Room(id) => {
            resources::rooms(spi, opened.clinic, Some(&[id.0]), Access::Snapshot).map(|_| ())
        }
        TimeOffScope::Clinic => Ok(()),
    }
}

/// The bookings that the absence touches, by their start.
fn touched(spi: &Spi, opened: &Opened, absence: &Absence, now: Instant) -> Result<Vec<AffectedRow>> {
    let (statement, id) = match absence.of {
        TimeOffScope::Room(id) => (&OF_ROOM, id.0),
        TimeOffScope::Provider(ProviderId(id)) => (&OF_PROVIDER, id),
        TimeOffScope::Clinic => return Ok(Vec::new()),
    };
    let params = [
        param(opened.clinic),
        param(id),
        instant_param(absence.during.start),
        instant_param(absence.during.end),
        instant_param(now),
        param(MAX_AFFECTED as i64 + 1),
        param(moving_statuses()),
    ];
    let rows: Vec<AffectedRow> = spi.rows(statement, Access::Snapshot, &params)?;
    if rows.len() <= MAX_AFFECTED {
        return Ok(rows);
    }
    Err(ClinicError::new(
        SqlState::LimitExceeded,
        format!("at most {MAX_AFFECTED} bookings can be planned at once"),
    )
    .detail("The absence touches more of them.")
    .hint("Plan a shorter time first."))
}

fn affected(row: &AffectedRow) -> Result<Affected> {
    let during = booked_span(row.id, row.starts_at, row.ends_at)?;
    Ok(Affected {
        moving: Moving {
            id: BookingId(row.id),
            provider: ProviderId(row.provider_id),
            room: row.room_id.map(RoomId),
            appointment_type: AppointmentTypeId(row.appointment_type_id),
            during,
            provider_busy: Span { start: row.provider_busy_from, end: row.provider_busy_until },
            room_busy: room_busy(row.room_busy_from, row.room_busy_until, during),
            local_date: row.local_date,
            is_overbooked: row.is_overbooked,
            occupies: true,
            has_new_patient: false,
            has_new_length: false,
            // Moved together, a patient in the house may go to another provider, too.
            status: Status::Booked,
        },
        patient: row.patient_id.clone(),
        is_here: row.status.came(),
    })
}

fn failure(error: SolverError) -> ClinicError {
    if error == SolverError::OutOfMemory {
        return memory::refused();
    }
    ClinicError::new(SqlState::Internal, error.to_string())
        .hint("This is a bug of pg_clinic: please report it.")
}

/// Names of providers and rooms.
#[derive(Default)]
struct Names {
    providers: Vec<(ProviderId, String)>,
    rooms: BTreeMap<RoomId, String>,
}

struct Planning<'a> {
    opened: &'a Opened,
    absence: Absence,
    flexible_days: i64,
    now: Instant,
    names: Names,
    /// Whether some booking is tied to others by more than time.
    is_tied: bool,
}

impl Planning<'_> {
    /// The places that each booking could have.
    fn places(&mut self, bookings: &[AffectedRow], affected: &[Affected]) -> Result<Vec<Vec<Place>>> {
        let all: BTreeSet<_> = affected.iter().map(|affected| affected.moving.id).collect();
        let max = places_of_each(affected.len());
        let mut found = Vec::with_capacity(affected.len());
        for (row, affected) in bookings.iter().zip(affected) {
            check_for_cancel();
            let clinic = spi::connect(|spi| self.snapshot(spi, row))?;
            if self.names.providers.is_empty() {
                let providers = clinic.providers.iter().map(|provider| (provider.id, provider.name.clone()));
                self.names.providers = providers.collect();
            }
            // A type that needs no room has none of them.
            if self.names.rooms.is_empty() {
                let rooms = clinic.rooms.iter().filter_map(|room| Some((room.id?, room.name.clone())));
                self.names.rooms = rooms.collect();
            }
            self.is_tied |= Jointly::is_tied(&clinic);
            let bounds = (self.now, self.flexible_days, max);
            let of_booking = places(clinic, &self.absence, affected, &all, bounds, &mut check_for_cancel)
                .map_err(|limit| {
                    ClinicError::new(SqlState::LimitExceeded, limit.to_string())
                        .hint("Ask for fewer flexible_days.")
                })?;
            found.push(of_booking);
        }
        Ok(found)
    }

    /// Makes all of a plan possible together.
    fn hold(
        &self,
        bookings: &[AffectedRow],
        affected: &[Affected],
        places: &[Vec<Place>],
        plan: &mut Plan,
    ) -> Result<bool> {
        let types: Vec<_> = bookings.iter().map(|row| AppointmentTypeId(row.appointment_type_id)).collect();
        let absence = &self.absence;
        let jointly = Jointly { absence, affected, types: &types, places, now: self.now };
        let mut load = |at: usize| spi::connect(|spi| self.snapshot(spi, &bookings[at]));
        jointly.hold(&mut plan.chosen, &mut load, &mut check_for_cancel)
    }

    /// The clinic around a booking, without it.
    fn snapshot(&self, spi: &Spi, row: &AffectedRow) -> Result<Clinic> {
        let booked = Booked::read(spi, self.opened.clinic, row.id, Access::Snapshot)?;
        let wanted = Wanted {
            clinic: Some(self.opened.clinic),
            appointment_type: TypeKey::Id(row.appointment_type_id),
            duration: None,
            providers: Providers::default(),
            rooms: Rooms::Any,
            site: None,
            patient: booked.patient.clone(),
            now: self.now,
            except_booking: Some(row.id),
            access: Access::Snapshot,
        };
        let days = self.flexible_days;
        let (from, to) = (add_days(row.local_date, -days), add_days(row.local_date, days));
        let loaded = load::snapshot_of_booked(spi, self.opened, &wanted, &booked, from, to, None)?;
        Ok(loaded.clinic)
    }

    fn push(
        &self,
        rows: &mut Rows<PlannedMove>,
        row: &AffectedRow,
        chosen: std::result::Result<&Place, NoPlace>,
    ) -> Result<()> {
        let place = chosen.ok();
        let zone: Zone = match place {
            Some(place) => self.opened.settings(place.slot.start, place.slot.start)?.zone,
            None => self.opened.settings(row.starts_at, row.starts_at)?.zone,
        };
        let provider =
            |id| self.names.providers.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str());
        let room = place.and_then(|place| place.room);
        let room_name = room.and_then(|id| self.names.rooms.get(&id).map(String::as_str));
        let why = chosen.err();
        let slot: Option<Span> = place.map(|place| place.slot);
        rows.push(PlannedMove {
            booking_id: row.id.into(),
            status: row.status.as_str().into(),
            patient_id: row.patient_id.as_deref().into(),
            patient_name: row.patient_name.as_deref().into(),
            contact: row.contact.as_deref().into(),
            appointment_type_id: row.appointment_type_id.into(),
            appointment_type: row.appointment_type.as_deref().into(),
            old_slot_start: row.starts_at.into(),
            old_provider_id: row.provider_id.into(),
            old_provider_name: row.provider_name.as_deref().into(),
            old_room_id: row.room_id.into(),
            old_room_name: row.room_name.as_deref().into(),
            slot_start: slot.map(|slot| slot.start).into(),
            slot_end: slot.map(|slot| slot.end).into(),
            local_date: place.map(|place| place.date).into(),
            local_time: slot.map(|slot| zone.wall_time(slot.start)).into(),
            provider_id: place.map(|place| place.provider.0).into(),
            provider_name: place.and_then(|place| provider(place.provider)).into(),
            room_id: room.map(|id| id.0).into(),
            room_name: room_name.into(),
            is_overbooked: place.map(|place| place.is_overbooked).into(),
            quality_score: place.map(|place| place.distance.quality().as_f64()).into(),
            code: why.map(|why| why.as_str()).into(),
            sentence: why.map(|why| why.sentence(self.flexible_days, row.status.came())).into(),
        });
        Ok(())
    }
}
