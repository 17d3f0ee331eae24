//! find_slots, next_available, explain_slots: read the arguments, load, ask the core, hand out rows.

use chrono::NaiveDate;
use pg_clinic_core::booking::explain::{self, Explanation, Sentences, WhyNot};
use pg_clinic_core::booking::reason::{Blocker, Kind};
use pg_clinic_core::booking::slots::{self, LimitExceeded, Order, Question, Slot};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{ReadType, max_results, now, type_by_id, type_by_name};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{self, Loaded, Wanted};

sql_functions! {
    pg_clinic_find_slots_by_name, pg_finfo_pg_clinic_find_slots_by_name => find_slots_by_name;
    pg_clinic_find_slots_by_id, pg_finfo_pg_clinic_find_slots_by_id => find_slots_by_id;
    pg_clinic_next_available_by_name, pg_finfo_pg_clinic_next_available_by_name => next_available_by_name;
    pg_clinic_next_available_by_id, pg_finfo_pg_clinic_next_available_by_id => next_available_by_id;
    pg_clinic_explain_slots_by_name, pg_finfo_pg_clinic_explain_slots_by_name => explain_slots_by_name;
    pg_clinic_explain_slots_by_id, pg_finfo_pg_clinic_explain_slots_by_id => explain_slots_by_id;
}

fn find_slots_by_name(args: &Args) -> Result<pg_sys::Datum> {
    find_slots(args, type_by_name)
}

fn find_slots_by_id(args: &Args) -> Result<pg_sys::Datum> {
    find_slots(args, type_by_id)
}

fn next_available_by_name(args: &Args) -> Result<pg_sys::Datum> {
    next_available(args, type_by_name)
}

fn next_available_by_id(args: &Args) -> Result<pg_sys::Datum> {
    next_available(args, type_by_id)
}

fn explain_slots_by_name(args: &Args) -> Result<pg_sys::Datum> {
    explain_slots(args, type_by_name)
}

fn explain_slots_by_id(args: &Args) -> Result<pg_sys::Datum> {
    explain_slots(args, type_by_id)
}

fn find_slots(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let wanted = Wanted {
        clinic: args.opt(12),
        appointment_type: read_type(args)?,
        provider: args.opt(3),
        room: args.opt(4),
        patient: args.opt(10),
        now: now(args, 11)?,
        except_booking: None,
        access: Access::Snapshot,
    };
    let (from_date, to_date) = (args.date(1, "from_date")?, args.date(2, "to_date")?);
    let max_results = max_results(args, 7)?;
    let (loaded, from, to) = load::question(&wanted, None, |opened| {
        let from = from_date.map_or_else(|| opened.today(wanted.now), Ok)?;
        Ok((from, to_date.unwrap_or(from)))
    })?;
    let question = Question {
        from,
        to,
        now: wanted.now,
        preferred_from: args.wall_time(5),
        preferred_until: args.wall_time(6),
        include_overbooked: args.opt(9).unwrap_or(true),
        all_rooms: args.opt(8).unwrap_or(false),
        max_results,
        order: Order::BestFirst,
    };
    let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
    let mut rows = SlotRows::new(args);
    rows.push_all(&loaded, &found);
    Ok(rows.set.done())
}

/// Days of the first stretch that next_available() searches; each further one is twice as long.
const FIRST_STRETCH_DAYS: i64 = 7;
/// Longest stretch searched at once.
const LONGEST_STRETCH_DAYS: i64 = 112;
/// Slots that next_available() gives when not told how many.
const DEFAULT_NEXT: usize = 5;

/// Searches forward in stretches, so that the common case (soon) reads little.
fn next_available(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let wanted = Wanted {
        clinic: args.opt(10),
        appointment_type: read_type(args)?,
        provider: args.opt(2),
        room: args.opt(3),
        patient: args.opt(8),
        now: now(args, 9)?,
        except_booking: None,
        access: Access::Snapshot,
    };
    let from_date = args.date(1, "from_date")?;
    let mut missing = max_results(args, 6)?.unwrap_or(DEFAULT_NEXT);
    let opened = spi::connect(|spi| clinic::open(spi, wanted.clinic, wanted.access))?;
    let today = opened.today(wanted.now)?;
    let horizon = opened.horizon(wanted.now)?;
    let mut from = from_date.map_or(today, |date| date.max(today));
    let mut rows = SlotRows::new(args);
    let mut stretch = FIRST_STRETCH_DAYS;
    // Bounded by the horizon, which a constraint bounds to ten years.
    while missing > 0 && from <= horizon {
        let to = add_days(from, stretch - 1).min(horizon);
        let loaded = spi::connect(|spi| load::snapshot(spi, &opened, &wanted, from, to, None))?;
        let question = Question {
            from,
            to,
            now: wanted.now,
            preferred_from: args.wall_time(4),
            preferred_until: args.wall_time(5),
            include_overbooked: args.opt(7).unwrap_or(true),
            all_rooms: false,
            max_results: Some(missing),
            order: Order::EarliestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        rows.push_all(&loaded, &found);
        missing -= found.len();
        from = add_days(to, 1);
        stretch = (stretch * 2).min(LONGEST_STRETCH_DAYS);
    }
    if rows.is_unasked() {
        // Nothing was searched (beyond the horizon): unknown types, providers and rooms are still told.
        spi::connect(|spi| load::snapshot(spi, &opened, &wanted, today, today, None))?;
    }
    Ok(rows.set.done())
}

/// Rows handed out between two looks for a cancel.
const ROWS_BETWEEN_CHECKS: usize = 4096;

/// The answer of find_slots and next_available.
struct SlotRows {
    set: ResultSet,
    is_unasked: bool,
}

impl SlotRows {
    fn new(args: &Args) -> Self {
        Self { set: ResultSet::new(args), is_unasked: true }
    }

    fn is_unasked(&self) -> bool {
        self.is_unasked
    }

    fn push_all(&mut self, loaded: &Loaded, found: &[Slot]) {
        self.is_unasked = false;
        let providers = texts(&loaded.provider_names);
        let rooms = texts(&loaded.room_names);
        for (index, slot) in found.iter().enumerate() {
            if index % ROWS_BETWEEN_CHECKS == 0 {
                check_for_cancel();
            }
            self.set.push([
                instant(slot.start),
                instant(slot.end),
                loaded.clinic.providers[slot.provider].id.0.into_datum(),
                providers[slot.provider],
                loaded.clinic.rooms[slot.room].id.0.into_datum(),
                rooms[slot.room],
                slot.quality.as_f64().into_datum(),
                slot.is_overbooked.into_datum(),
                slot.preference.into_datum(),
                slot.compactness.into_datum(),
                slot.room_score.into_datum(),
                slot.overbooking.into_datum(),
            ]);
        }
    }
}

/// Text values made once and used in many rows.
fn texts(names: &[String]) -> Vec<Option<pg_sys::Datum>> {
    names.iter().map(|name| text(name)).collect()
}

fn explain_slots(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let wanted = Wanted {
        clinic: args.opt(8),
        appointment_type: read_type(args)?,
        provider: args.opt(2),
        room: args.opt(3),
        patient: args.opt(6),
        now: now(args, 7)?,
        except_booking: None,
        access: Access::Snapshot,
    };
    let at = args.instant(4, "at")?;
    if let Some(at) = at {
        clinic::check_instant(at, "at")?;
    }
    let named_date = args.date(1, "date")?;
    let kind = args.opt::<bool>(5).map(|overbooked| if overbooked { Kind::Overbooked } else { Kind::Normal });
    let (loaded, date, _) = load::question(&wanted, at, |opened| {
        let date = explained_date(named_date, at.map(|at| opened.today(at)).transpose()?, || {
            opened.today(wanted.now)
        })?;
        Ok((date, date))
    })?;
    let why_not = WhyNot { from: date, to: date, at, kind, now: wanted.now };
    let rows = explain::explain(&loaded.clinic, &why_not, &mut check_for_cancel).map_err(too_many)?;
    let sentences = Sentences::new(&loaded.clinic, wanted.now);
    let mut set = ResultSet::new(args);
    let providers = texts(&loaded.provider_names);
    let rooms = texts(&loaded.room_names);
    for row in &rows {
        check_for_cancel();
        set.push(explanation(&loaded, row, &sentences, &providers, &rooms));
    }
    Ok(set.done())
}

/// The date to explain: as named, else the instant's, else today. An instant on another date is refused.
fn explained_date(
    named: Option<NaiveDate>,
    of_instant: Option<NaiveDate>,
    today: impl FnOnce() -> Result<NaiveDate>,
) -> Result<NaiveDate> {
    match (named, of_instant) {
        (Some(named), Some(other)) if named != other => {
            Err(ClinicError::new(SqlState::InvalidArgument, "at must be on the date asked for")
                .detail(format!("The date is {named}, at is on {other} in the clinic's time zone."))
                .hint("Leave the date out: it is taken from at."))
        }
        (Some(date), _) | (None, Some(date)) => Ok(date),
        (None, None) => today(),
    }
}

fn explanation(
    loaded: &Loaded,
    row: &Explanation,
    sentences: &Sentences<'_>,
    providers: &[Option<pg_sys::Datum>],
    rooms: &[Option<pg_sys::Datum>],
) -> [Option<pg_sys::Datum>; 10] {
    let (table, id) = match row.blocker {
        Some(Blocker::Booking(id)) => (text("bookings"), id.0.into_datum()),
        Some(Blocker::TimeOff(id)) => (text("time_off"), id.0.into_datum()),
        None => (None, None),
    };
    [
        Some(pg_sys::Datum::from(date_to_pg_days(row.date))),
        loaded.clinic.providers[row.provider].id.0.into_datum(),
        providers[row.provider],
        row.room.and_then(|room| loaded.clinic.rooms[room].id.0.into_datum()),
        row.room.and_then(|room| rooms[room]),
        row.start.and_then(instant),
        text(row.code.as_str()),
        table,
        id,
        text(&sentences.explanation(row)),
    ]
}

/// The error for a question or answer that is too large.
pub(super) fn too_many(limit: LimitExceeded) -> ClinicError {
    ClinicError::new(SqlState::LimitExceeded, format!("the answer would have {limit}"))
        .hint("Narrow the dates, name a provider or a room, or pass max_results.")
}
