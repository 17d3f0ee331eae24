//! third_next_available: how long patients wait for an appointment of a type.

use pg_clinic_core::booking::slots::{self, LimitExceeded, Order, Question};
use pg_clinic_core::reports::third_next::ThirdNext;
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays, add_days};
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::pg_sys;

use crate::pg::platform::access;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, moment};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Date, Integer, Rows, Text, Time, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{self, Providers, Rooms, Wanted};

sql_functions! {
    pg_clinic_third_next_available, pg_finfo_pg_clinic_third_next_available => third_next_available;
}

signatures! {
    /// Arguments of `third_next_available`.
    ThirdNextAvailable = third_next_available(
        appointment_type: Text = null, provider_id: Bigint = null, now: Timestamptz = now, clinic_id: Bigint = null,
        appointment_type_id: Bigint = null,
    ) -> table ThirdNextRow {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        slot_start: Timestamptz,
        local_date: Date,
        local_time: Time,
        days_ahead: Integer,
    };
}

/// Days of the first stretch that is searched; each further one is twice as long.
const FIRST_STRETCH_DAYS: i64 = 7;
/// Longest stretch searched at once.
const LONGEST_STRETCH_DAYS: i64 = 112;

fn third_next_available(args: &Args) -> Result<pg_sys::Datum> {
    let query = ThirdNextAvailable::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read(query.appointment_type, query.appointment_type_id)?,
        duration: None,
        providers: query.provider_id.map_or_else(Providers::default, Providers::one),
        rooms: Rooms::Any,
        site: None,
        patient: None,
        now: moment(query.now)?,
        except_booking: None,
        access: Access::Snapshot,
    };
    let _owner = access::finder(None, None)?;
    let (opened, horizon) = load::open_to_horizon(&wanted, std::slice::from_ref(&wanted.appointment_type))?;
    let today = opened.today(wanted.now)?;
    let (mut from, mut stretch) = (today, FIRST_STRETCH_DAYS);
    let mut next: Option<ThirdNext> = None;
    // Bounded by the horizon, which a constraint bounds to ten years.
    let loaded = loop {
        let to = add_days(from, stretch - 1).min(horizon).max(from);
        let loaded = spi::connect(|spi| load::snapshot(spi, &opened, &wanted, from, to, None))?;
        let providers = &loaded.clinic.providers;
        let next = next.get_or_insert_with(|| ThirdNext::new(providers.len()));
        let question = Question {
            from,
            to,
            now: wanted.now,
            preferred: TimesOfDay::default(),
            acceptable: TimesOfDay::default(),
            weekdays: Weekdays::ALL,
            include_overbooked: false,
            all_rooms: false,
            max_results: None,
            order: Order::EarliestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        for slot in found {
            // The next one begins once it is prepared.
            let pauses = loaded.clinic.pauses(slot.provider);
            let end = slot.end + pauses.after + pauses.before;
            next.add(slot.provider, Span { start: slot.start, end });
        }
        from = add_days(to, 1);
        stretch = (stretch * 2).min(LONGEST_STRETCH_DAYS);
        if next.is_settled() || from > horizon {
            break loaded;
        }
    };
    let next = next.unwrap_or_else(|| ThirdNext::new(0));
    let zone = &loaded.clinic.settings.zone;
    let row =
        |grouped_by: &str, grouped_id: Value<Bigint>, grouped_name: Value<Text>, third: Option<Instant>| {
            let local = third.map(|start| (zone.local_date(start), zone.wall_time(start)));
            ThirdNextRow {
                grouped_by: grouped_by.into(),
                grouped_id,
                grouped_name,
                slot_start: third.into(),
                local_date: local.map(|(date, _)| date).into(),
                local_time: local.map(|(_, time)| time).into(),
                days_ahead: local.map(|(date, _)| (date - today).num_days() as i32).into(),
            }
        };
    let mut rows = Rows::new(args);
    rows.push(row("all", Value::NULL, Value::NULL, next.of_all()));
    for (index, provider) in
        loaded.clinic.providers.iter().enumerate().filter(|(_, provider)| provider.enabled)
    {
        rows.push(row("provider", provider.id.0.into(), (&provider.name).into(), next.of(index)));
    }
    Ok(rows.done())
}

fn too_many(limit: LimitExceeded) -> ClinicError {
    ClinicError::new(SqlState::LimitExceeded, format!("the search would have {limit}"))
        .hint("Name a provider, or shorten clinics.booking_horizon_days.")
}
