//! find_slots, next_available, explain_slots: read the arguments, load, call the core, return rows.

use chrono::NaiveDate;
use pg_clinic_core::booking::explain::{self, Explanation, Sentences, WhyNot};
use pg_clinic_core::booking::reason::{Blocker, BookingKind};
use pg_clinic_core::booking::slots::{self, Found, LimitExceeded, Order, Question};
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays, add_days};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, at_most, duration, ids, moment, required, weekdays};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Boolean, Date, DoublePrecision, Integer, IntegerArray, Rows, Text, TextArray, Time,
    Timestamptz, Value, result_row, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::{access, clinic};
use crate::pg::slots::load::{self, Loaded, Providers, Rooms, Wanted};
use crate::pg::slots::unmet::Unmet;

sql_functions! {
    pg_clinic_find_slots, pg_finfo_pg_clinic_find_slots => find_slots;
    pg_clinic_next_available, pg_finfo_pg_clinic_next_available => next_available;
    pg_clinic_explain_slots, pg_finfo_pg_clinic_explain_slots => explain_slots;
}

signatures! {
    /// Arguments of `find_slots`.
    FindSlots = find_slots(
        appointment_type: Text = null, from_date: Date = null, to_date: Date = null, provider_id: Bigint = null,
        room_id: Bigint = null, preferred_from: Time = null, preferred_until: Time = null, max_results: Integer = null,
        all_rooms: Boolean = false, include_overbooked: Boolean = true, patient_id: Text = null, now: Timestamptz = now,
        clinic_id: Bigint = null, appointment_type_id: Bigint = null, provider_ids: BigintArray = null, room_ids: BigintArray = null,
        weekdays: IntegerArray = null, earliest_time: Time = null, latest_time: Time = null, specialty: Text = null,
        duration_minutes: Integer = null, booking_id: Bigint = null, required_attributes: TextArray = null,
        site_id: Bigint = null,
    ) -> table FoundSlot;
    /// Arguments of `next_available`.
    NextAvailable = next_available(
        appointment_type: Text = null, from_date: Date = null, provider_id: Bigint = null, room_id: Bigint = null,
        preferred_from: Time = null, preferred_until: Time = null, max_results: Integer = 5,
        include_overbooked: Boolean = true, patient_id: Text = null, now: Timestamptz = now, clinic_id: Bigint = null,
        appointment_type_id: Bigint = null, provider_ids: BigintArray = null, room_ids: BigintArray = null,
        weekdays: IntegerArray = null, earliest_time: Time = null, latest_time: Time = null, specialty: Text = null,
        duration_minutes: Integer = null, booking_id: Bigint = null, required_attributes: TextArray = null,
        site_id: Bigint = null,
    ) -> table FoundSlot;
    /// Arguments of `explain_slots`.
    ExplainSlots = explain_slots(
        appointment_type: Text = null, on_date: Date = null, provider_id: Bigint = null, room_id: Bigint = null,
        slot_start: Timestamptz = null, is_overbooked: Boolean = null, patient_id: Text = null, now: Timestamptz = now,
        clinic_id: Bigint = null, appointment_type_id: Bigint = null, duration_minutes: Integer = null, booking_id: Bigint = null,
        site_id: Bigint = null,
    ) -> table ExplainedSlot {
        local_date: Date, local_time: Time, provider_id: Bigint, provider_name: Text, room_id: Bigint, room_name: Text,
        slot_start: Timestamptz, code: Text, blocking_table: Text, blocking_id: Bigint, sentence: Text,
    };
}

result_row!(FoundSlot {
    slot_start: Timestamptz,
    slot_end: Timestamptz,
    local_date: Date,
    local_time: Time,
    provider_id: Bigint,
    provider_name: Text,
    room_id: Bigint,
    room_name: Text,
    quality_score: DoublePrecision,
    is_overbooked: Boolean,
    preference_score: DoublePrecision,
    compactness_score: DoublePrecision,
    room_score: DoublePrecision,
    overbooking_score: DoublePrecision,
    continuity_score: DoublePrecision,
    load_score: DoublePrecision,
    places_left: Integer,
});

fn find_slots(args: &Args) -> Result<pg_sys::Datum> {
    let query = FindSlots::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read_for(
            query.booking_id,
            query.appointment_type,
            query.appointment_type_id,
        )?,
        duration: duration(query.duration_minutes)?,
        providers: Providers {
            ids: ids(query.provider_id, "provider_id", query.provider_ids, "provider_ids")?,
            specialty: query.specialty,
            attributes: required(query.required_attributes)?,
        },
        rooms: Rooms::named(ids(query.room_id, "room_id", query.room_ids, "room_ids")?),
        site: query.site_id,
        patient: query.patient_id,
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let max_results = at_most(query.max_results, "max_results")?;
    let weekdays = weekdays(query.weekdays)?.unwrap_or(Weekdays::ALL);
    let _owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let (loaded, from, to) = load::question(&wanted, None, |opened| {
        let from = query.from_date.map_or_else(|| opened.today(wanted.now), Ok)?;
        Ok((from, query.to_date.unwrap_or(from)))
    })?;
    let question = Question {
        from,
        to,
        now: wanted.now,
        preferred: TimesOfDay { from: query.preferred_from, until: query.preferred_until },
        acceptable: TimesOfDay { from: query.earliest_time, until: query.latest_time },
        weekdays,
        include_overbooked: query.include_overbooked.unwrap_or(true),
        all_rooms: query.all_rooms.unwrap_or(false),
        max_results,
        order: Order::BestFirst,
    };
    let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
    if found.len() == 0 {
        Unmet {
            clinic: loaded.clinic_id,
            appointment_type: loaded.clinic.appointment_type.id,
            from,
            to,
            wanted: &wanted,
            weekdays,
            acceptable: question.acceptable,
        }
        .note()?;
    }
    let mut rows = Rows::new(args);
    push_all(&mut rows, &loaded, found);
    Ok(rows.done())
}

/// Days of the first stretch that next_available() searches; each further one is twice as long.
const FIRST_STRETCH_DAYS: i64 = 7;
/// Longest stretch searched at once.
const LONGEST_STRETCH_DAYS: i64 = 112;
/// Slots that next_available() gives unless the caller says how many.
const DEFAULT_NEXT: usize = 5;
/// The booking horizon is never longer: clinics_booking_horizon and its like.
const MAX_HORIZON_DAYS: i64 = 3660;

/// Searches forward in stretches, so that the common case (soon) reads little.
fn next_available(args: &Args) -> Result<pg_sys::Datum> {
    let query = NextAvailable::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read_for(
            query.booking_id,
            query.appointment_type,
            query.appointment_type_id,
        )?,
        duration: duration(query.duration_minutes)?,
        providers: Providers {
            ids: ids(query.provider_id, "provider_id", query.provider_ids, "provider_ids")?,
            specialty: query.specialty,
            attributes: required(query.required_attributes)?,
        },
        rooms: Rooms::named(ids(query.room_id, "room_id", query.room_ids, "room_ids")?),
        site: query.site_id,
        patient: query.patient_id,
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let mut missing = at_most(query.max_results, "max_results")?.unwrap_or(DEFAULT_NEXT);
    let weekdays = weekdays(query.weekdays)?.unwrap_or(Weekdays::ALL);
    let _owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let opened = spi::connect(|spi| clinic::open(spi, wanted.clinic, wanted.access))?;
    let today = opened.today(wanted.now)?;
    let mut from = query.from_date.map_or(today, |date| date.max(today));
    // A type may have a horizon of its own, but none so far: there nothing is searched, and today's is read so that unknown
    // types, providers and rooms are reported nevertheless.
    let is_in_reach = from <= add_days(today, MAX_HORIZON_DAYS);
    let mut stretch = FIRST_STRETCH_DAYS;
    let load = |from, to| spi::connect(|spi| load::snapshot(spi, &opened, &wanted, from, to, None));
    let mut loaded = match is_in_reach {
        true => load(from, add_days(from, stretch - 1))?,
        false => load(today, today)?,
    };
    let usual = loaded.clinic.settings.booking_horizon_days;
    let horizon = add_days(today, loaded.clinic.appointment_type.longest_horizon_days(usual).into());
    let mut rows = Rows::new(args);
    let (first, mut is_met) = (from, false);
    // Bounded by the horizon, which a constraint bounds to ten years.
    while missing > 0 && from <= horizon {
        let to = add_days(from, stretch - 1).min(horizon);
        if from > first {
            loaded = load(from, to)?;
        }
        let question = Question {
            from,
            to,
            now: wanted.now,
            preferred: TimesOfDay { from: query.preferred_from, until: query.preferred_until },
            acceptable: TimesOfDay { from: query.earliest_time, until: query.latest_time },
            weekdays,
            include_overbooked: query.include_overbooked.unwrap_or(true),
            all_rooms: false,
            max_results: Some(missing),
            order: Order::EarliestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        is_met |= found.len() > 0;
        if !is_met && to == horizon {
            Unmet {
                clinic: loaded.clinic_id,
                appointment_type: loaded.clinic.appointment_type.id,
                from: first,
                to,
                wanted: &wanted,
                weekdays,
                acceptable: question.acceptable,
            }
            .note()?;
        }
        missing -= found.len();
        push_all(&mut rows, &loaded, found);
        from = add_days(to, 1);
        stretch = (stretch * 2).min(LONGEST_STRETCH_DAYS);
    }
    Ok(rows.done())
}

/// Rows handed out between two looks for a cancel.
const ROWS_BETWEEN_CHECKS: usize = 4096;

/// Adds slots to an answer.
fn push_all(rows: &mut Rows<FoundSlot>, loaded: &Loaded, found: Found) {
    let names = Names::new(loaded);
    let zone = &loaded.clinic.settings.zone;
    for (index, slot) in found.enumerate() {
        if index % ROWS_BETWEEN_CHECKS == 0 {
            check_for_cancel();
        }
        let (local_date, local_time) = zone.pg_local(slot.start);
        rows.push(FoundSlot {
            slot_start: slot.start.into(),
            slot_end: slot.end.into(),
            local_date: Value::of_pg_days(local_date),
            local_time: local_time.into(),
            provider_id: loaded.clinic.providers[slot.provider].id.0.into(),
            provider_name: names.providers[slot.provider],
            room_id: loaded.clinic.rooms[slot.room].id.map(|id| id.0).into(),
            room_name: names.rooms[slot.room],
            quality_score: slot.quality.as_f64().into(),
            is_overbooked: slot.is_overbooked.into(),
            preference_score: slot.preference.as_f64().into(),
            compactness_score: slot.compactness.as_f64().into(),
            room_score: slot.room_score.as_f64().into(),
            overbooking_score: slot.overbooking_score().as_f64().into(),
            continuity_score: slot.continuity.as_f64().into(),
            load_score: slot.load.as_f64().into(),
            places_left: slot.group.map(|group| group.places_left).into(),
        });
    }
}

/// Names of providers and rooms, made once and used in many rows.
struct Names {
    providers: Vec<Value<Text>>,
    rooms: Vec<Value<Text>>,
}

impl Names {
    fn new(loaded: &Loaded) -> Self {
        let clinic = &loaded.clinic;
        Self {
            providers: clinic.providers.iter().map(|provider| Value::from(&provider.name)).collect(),
            rooms: clinic
                .rooms
                .iter()
                .map(|room| room.id.map_or(Value::NULL, |_| Value::from(&room.name)))
                .collect(),
        }
    }
}

fn explain_slots(args: &Args) -> Result<pg_sys::Datum> {
    let query = ExplainSlots::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read_for(
            query.booking_id,
            query.appointment_type,
            query.appointment_type_id,
        )?,
        duration: duration(query.duration_minutes)?,
        providers: Providers { ids: query.provider_id.map(|id| vec![id]), ..Providers::default() },
        rooms: Rooms::named(query.room_id.map(|id| vec![id])),
        site: query.site_id,
        patient: query.patient_id,
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let at = query.slot_start;
    if let Some(at) = at {
        clinic::check_instant(at, "slot_start")?;
    }
    let kind = query.is_overbooked.map(BookingKind::of);
    let owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let (loaded, date, _) = load::question(&wanted, at, |opened| {
        let date = explained_date(query.on_date, at.map(|at| opened.today(at)).transpose()?, || {
            opened.today(wanted.now)
        })?;
        Ok((date, date))
    })?;
    let why_not = WhyNot { from: date, to: date, at, kind, now: wanted.now };
    let explanations = explain::explain(&loaded.clinic, &why_not, &mut check_for_cancel).map_err(too_many)?;
    let explanations: Box<dyn Iterator<Item = Explanation>> = match owner {
        Some(_) => Box::new(explain::hide_bookings(explanations)),
        None => Box::new(explanations),
    };
    let sentences = Sentences::new(&loaded.clinic, wanted.now);
    let mut rows = Rows::new(args);
    let names = Names::new(&loaded);
    for row in explanations {
        check_for_cancel();
        rows.push(explained(&loaded, &row, &sentences, &names));
    }
    Ok(rows.done())
}

/// The date to explain: as named, else the instant's, else today. An instant on another date is refused.
fn explained_date(
    named: Option<NaiveDate>,
    of_instant: Option<NaiveDate>,
    today: impl FnOnce() -> Result<NaiveDate>,
) -> Result<NaiveDate> {
    match (named, of_instant) {
        (Some(named), Some(other)) if named != other => {
            Err(ClinicError::new(SqlState::InvalidArgument, "slot_start must be on on_date")
                .detail(format!("on_date is {named}, slot_start is on {other} in the clinic's time zone."))
                .hint("Leave on_date out: it is taken from slot_start."))
        }
        (Some(date), _) | (None, Some(date)) => Ok(date),
        (None, None) => today(),
    }
}

fn explained(loaded: &Loaded, row: &Explanation, sentences: &Sentences<'_>, names: &Names) -> ExplainedSlot {
    let (table, id) = match row.blocker {
        Some(Blocker::Booking(id)) => (Some("bookings"), Some(id.0)),
        Some(Blocker::TimeOff(id)) => (Some("time_off"), Some(id.0)),
        Some(Blocker::Reserved(id)) => (Some("reserved_windows"), Some(id.0)),
        Some(Blocker::Limit(id)) => (Some("booking_limits"), Some(id.0)),
        None => (None, None),
    };
    let zone = &loaded.clinic.settings.zone;
    ExplainedSlot {
        local_date: row.date.into(),
        local_time: row.start.map(|start| zone.wall_time(start)).into(),
        provider_id: loaded.clinic.providers[row.provider].id.0.into(),
        provider_name: names.providers[row.provider],
        room_id: row.room.and_then(|room| loaded.clinic.rooms[room].id).map(|id| id.0).into(),
        room_name: row.room.map_or(Value::NULL, |room| names.rooms[room]),
        slot_start: row.start.into(),
        code: row.code.as_str().into(),
        blocking_table: table.into(),
        blocking_id: id.into(),
        sentence: sentences.explanation(row).into(),
    }
}

/// The error for a question or answer that is too large.
pub(super) fn too_many(limit: LimitExceeded) -> ClinicError {
    ClinicError::new(SqlState::LimitExceeded, format!("the answer would have {limit}"))
        .hint("Narrow the dates, name a provider or a room, or pass max_results.")
}
