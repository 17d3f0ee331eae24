//! Rows that the fill trigger reads once its own row is known: the settings that apply to the place, expired holds in the
//! way. Runs behind the day lock, so what it reads can't change under it.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::OverbookingRule;
use pg_clinic_core::booking::overbooking;
use pg_clinic_core::booking::place::{Pauses, days_between};
use pg_clinic_core::booking::reason::Code;
use pg_clinic_core::booking::slots::ZONE_MARGIN_DAYS;
use pg_clinic_core::booking::terms::OwnPauses;
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pg_clinic_core::time::interval::{Instant, Minutes, Span, TIME};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::{PartOfDay, row};
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::platform::{session, zone};
use crate::pg::slots::load::rows::OverbookingRuleRow;
use crate::pg::slots::load::types::own_pauses;

statements! {
    /// The settings that a booking's derived columns depend on; NULL where the row meant isn't there.
    SETTINGS(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select c.time_zone, c.enforce_rules, p.person_id, p.buffer_minutes, p.max_daily_appointments, r.turnover_minutes,
           t.duration_minutes, t.before_minutes, t.after_minutes, t.room_before_minutes, t.room_after_minutes,
           t.needs_room, least(t.capacity, r.capacity) as capacity
         from clinic.clinics c
         left join clinic.providers p on p.clinic_id = c.id and p.id = $2
         left join clinic.rooms r on r.clinic_id = c.id and r.id = $3
         left join clinic.appointment_types t on t.clinic_id = c.id and t.id = $4
         where c.id = $1";
    /// What is said of a provider's way with a type.
    PROVIDER_TYPE(INT8OID, INT8OID, INT8OID) =
        "select duration_minutes, before_minutes, after_minutes, room_before_minutes, room_after_minutes from clinic.provider_types
         where clinic_id = $1 and provider_id = $2 and appointment_type_id = $3";
    /// The clinic's zone alone.
    TIME_ZONE(INT8OID) = "select time_zone from clinic.clinics where id = $1";
    /// Overbooking rules that could hold for a provider and type.
    OVERBOOKING_RULES(INT8OID, INT8OID, INT8OID) =
        "select provider_id, appointment_type_id, max_overbook from clinic.overbooking_rules
         where clinic_id = $1 and enabled
           and (provider_id is null or provider_id = $2) and (appointment_type_id is null or appointment_type_id = $3)";
    /// Expired holds whose time a new row takes, or ($12) whose seat. One that somebody is changing just now is left
    /// alone: waiting for its row lock while holding the day lock could deadlock. One of the same request is left to
    /// bookings_request: INSERT … ON CONFLICT may be about to update it.
    EXPIRED_HOLDS(INT8OID, TIMESTAMPTZOID, INT8OID, INT8OID, INT8OID, TEXTOID, DATEOID,
                  TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID,
                  TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id from clinic.bookings
         where clinic_id = $1 and status = 'pending' and hold_expires_at <= $2 and id <> $3
           and (request_id is null or request_id is distinct from $13)
           and (provider_id = $4 and ($12 and local_date = $7 or provider_busy && tstzrange($14, $10))
             or room_id = $5 and room_busy && tstzrange($15, $11)
             or patient_id = $6 and during && tstzrange($8, $9))
         for update skip locked";
    /// The provider's person, if it is known.
    PERSON(INT8OID, INT8OID) =
        "select person_id from clinic.providers where clinic_id = $1 and id = $2 and person_id is not null";
    /// Expired holds of a person as another provider, whose time a new row takes; as above.
    EXPIRED_ELSEWHERE(TEXTOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select clinic_id, id from clinic.bookings
         where person_id = $1 and provider_id <> $2 and status = 'pending' and hold_expires_at <= $3
           and provider_busy && tstzrange($4, $5)
         for update skip locked";
    /// Gives an expired hold's time back.
    EXPIRE_HOLD(INT8OID, INT8OID) =
        "update clinic.bookings set status = 'cancelled', cancellation_reason = 'hold expired'
         where clinic_id = $1 and id = $2";
}

row! {
    struct SettingsRow {
        time_zone: String,
        enforce_rules: bool,
        person_id: Option<String>,
        buffer_minutes: Option<i32>,
        max_daily_appointments: Option<i32>,
        turnover_minutes: Option<i32>,
        duration_minutes: Option<PartOfDay>,
        before_minutes: Option<i32>,
        after_minutes: Option<i32>,
        room_before_minutes: Option<i32>,
        room_after_minutes: Option<i32>,
        needs_room: Option<bool>,
        capacity: Option<i32>,
    }
}

row! {
    /// What a provider does otherwise than the type says.
    struct ProviderTypeRow {
        duration_minutes: Option<PartOfDay>,
        before_minutes: Option<i32>,
        after_minutes: Option<i32>,
        room_before_minutes: Option<i32>,
        room_after_minutes: Option<i32>,
    }
}

row! {
    struct HoldRow {
        clinic_id: i64,
        id: i64,
    }
}

/// Cancels holds that are locked and have expired.
pub fn expire(spi: &Spi, clinic: i64, holds: &[i64]) -> Result<()> {
    let _attribution = Attribution::of(Cause::HoldExpiry);
    for hold in holds {
        session::check_for_cancel();
        spi.run(&EXPIRE_HOLD, &[param(clinic), param(*hold)])?;
    }
    Ok(())
}

/// Who, where and what of a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub clinic: i64,
    pub booking: i64,
    pub provider: i64,
    /// `None` = in no room.
    pub room: Option<i64>,
    pub appointment_type: i64,
    pub patient: Option<String>,
    pub request: Option<String>,
    pub is_overbooked: bool,
    /// The row has an override_reason.
    pub is_overridden: bool,
}

/// The settings that apply to a place.
pub struct Settings {
    time_zone: String,
    /// Whether rules hold for whoever writes.
    pub enforces_rules: bool,
    /// The provider's person, who may be another provider, too.
    pub person: Option<String>,
    /// What type and provider say of the time beside an appointment.
    own: OwnPauses,
    pub buffer: Minutes,
    pub daily_cap: i32,
    pub turnover: Minutes,
    /// Whether the type needs a room.
    pub needs_room: bool,
    /// How many patients at once: of type and room the lower one.
    pub capacity: i32,
    pub duration: Minutes,
}

impl Place {
    /// Reads the settings. A provider, room, type or clinic that isn't there is reported as PostgreSQL reports the foreign
    /// key that the row would violate.
    pub fn settings(&self, spi: &Spi) -> Result<Settings> {
        let missing_of_clinic = |constraint, table, column: &str, id: i64| {
            missing(constraint, table, format!("({column}, clinic_id)=({id}, {})", self.clinic))
        };
        let params = [
            param(self.clinic),
            param(self.provider),
            self.room.and_then(param),
            param(self.appointment_type),
        ];
        let row: Option<SettingsRow> = spi.row(&SETTINGS, Access::Latest, &params)?;
        let row = row.ok_or_else(|| self.missing_clinic())?;
        let (Some(buffer), Some(daily_cap)) = (row.buffer_minutes, row.max_daily_appointments) else {
            let (constraint, column) = ("bookings_provider_fkey", "provider_id");
            return Err(missing_of_clinic(constraint, "providers", column, self.provider));
        };
        let turnover = match (self.room, row.turnover_minutes) {
            (None, _) => 0,
            (Some(_), Some(turnover)) => turnover,
            (Some(room), None) => {
                return Err(missing_of_clinic("bookings_room_fkey", "rooms", "room_id", room));
            }
        };
        let duration = row.duration_minutes.ok_or_else(|| {
            let (constraint, column) = ("bookings_type_fkey", "appointment_type_id");
            missing_of_clinic(constraint, "appointment_types", column, self.appointment_type)
        })?;
        let params = [param(self.clinic), param(self.provider), param(self.appointment_type)];
        let own: Vec<ProviderTypeRow> =
            spi.rows_of("provider_types", &PROVIDER_TYPE, Access::Latest, &params)?;
        let duration = own.first().and_then(|own| own.duration_minutes).unwrap_or(duration);
        let of_type = own_pauses(
            row.before_minutes,
            row.after_minutes,
            row.room_before_minutes,
            row.room_after_minutes,
        );
        let of_both = own.first().map_or_else(OwnPauses::default, |own| {
            own_pauses(own.before_minutes, own.after_minutes, own.room_before_minutes, own.room_after_minutes)
        });
        Ok(Settings {
            time_zone: row.time_zone,
            enforces_rules: row.enforce_rules,
            person: row.person_id,
            own: of_both.or(of_type),
            buffer: Minutes(buffer),
            daily_cap,
            turnover: Minutes(turnover),
            needs_room: row.needs_room.unwrap_or(true),
            capacity: row.capacity.unwrap_or(1),
            duration: duration.0,
        })
    }

    /// The clinic's zone, exact around some starts. For a booking that stays where it is: whatever has become of providers,
    /// rooms and types, it can be cancelled.
    pub fn zone(&self, spi: &Spi, starts: impl IntoIterator<Item = Instant> + Clone) -> Result<Zone> {
        let zone: Option<String> = spi.value(&TIME_ZONE, Access::Latest, &[param(self.clinic)])?;
        zone_around(&zone.ok_or_else(|| self.missing_clinic())?, starts)
    }

    fn missing_clinic(&self) -> ClinicError {
        missing("bookings_clinic_fkey", "clinics", format!("(clinic_id)=({})", self.clinic))
    }

    /// Cancels expired holds whose time the row takes; with `for_seat` also those whose seat it may need.
    pub fn expire_holds(&self, spi: &Spi, times: &Times, for_seat: bool) -> Result<()> {
        let params = [
            param(self.clinic),
            instant_param(session::now()),
            param(self.booking),
            param(self.provider),
            self.room.and_then(param),
            self.patient.clone().and_then(param),
            date_param(times.date),
            instant_param(times.during.start),
            instant_param(times.during.end),
            instant_param(times.provider_busy.end),
            instant_param(times.room_busy.end),
            param(for_seat),
            self.request.clone().and_then(param),
            instant_param(times.provider_busy.start),
            instant_param(times.room_busy.start),
        ];
        let expired: Vec<i64> = spi.values(&EXPIRED_HOLDS, Access::Latest, &params)?;
        expire(spi, self.clinic, &expired)
    }

    /// The provider's person as of now, also in a transaction with one snapshot: whom other transactions keep from being
    /// booked twice.
    pub fn person(&self, spi: &Spi) -> Result<Option<String>> {
        let read = |access| spi.value(&PERSON, access, &[param(self.clinic), param(self.provider)]);
        match session::has_one_snapshot() {
            true => session::with_latest_snapshot(|| read(Access::Snapshot)),
            false => read(Access::Latest),
        }
    }

    /// Waits for others who book the person, and cancels expired holds of theirs that are in the way.
    pub fn queue_for_person(&self, spi: &Spi, person: &str, busy: Span) -> Result<()> {
        session::queue_for_people([person]);
        let params = [
            param(person),
            param(self.provider),
            instant_param(session::now()),
            instant_param(busy.start),
            instant_param(busy.end),
        ];
        let expired: Vec<HoldRow> = spi.rows(&EXPIRED_ELSEWHERE, Access::Latest, &params)?;
        expired.iter().try_for_each(|hold| expire(spi, hold.clinic_id, &[hold.id]))
    }

    /// The overbooking limit that holds for the place.
    pub fn overbook_limit(&self, spi: &Spi) -> Result<i32> {
        let params = [param(self.clinic), param(self.provider), param(self.appointment_type)];
        let rules: Vec<OverbookingRuleRow> =
            spi.rows_of("overbooking_rules", &OVERBOOKING_RULES, Access::Latest, &params)?;
        let rules: Vec<_> = rules.into_iter().map(OverbookingRule::from).collect();
        Ok(overbooking::limit(&rules, ProviderId(self.provider), AppointmentTypeId(self.appointment_type)))
    }
}

impl Settings {
    /// What the provider's type says of the time beside an appointment, without the buffer.
    #[must_use]
    pub fn of_provider(&self) -> Pauses {
        self.own.of_provider()
    }

    /// The same of the room, without the turnover.
    #[must_use]
    pub fn of_room(&self) -> Pauses {
        self.own.of_room()
    }

    /// When a booking in a room, or in none, keeps others away, with the pauses of now.
    pub fn times(&self, zone: &Zone, during: Span, room: Option<i64>) -> Times {
        Times {
            date: zone.local_date(during.start),
            during,
            provider_busy: self.of_provider().and_after(self.buffer).around(during),
            room_busy: match room {
                Some(_) => self.of_room().and_after(self.turnover).around(during),
                None => during,
            },
        }
    }

    /// The clinic's zone, exact around some bookings' starts.
    pub fn zone(&self, starts: impl IntoIterator<Item = Instant> + Clone) -> Result<Zone> {
        zone_around(&self.time_zone, starts)
    }
}

fn zone_around(time_zone: &str, starts: impl IntoIterator<Item = Instant> + Clone) -> Result<Zone> {
    const MARGIN: Minutes = Minutes(ZONE_MARGIN_DAYS as i32 * 24 * 60);
    let first = starts.clone().into_iter().min().unwrap_or(TIME.start);
    let last = starts.into_iter().max().unwrap_or(first);
    zone::of_clinic(time_zone, first - MARGIN, last + MARGIN)
}

/// The error for a booking in no room of a type that needs one.
pub fn without_room(appointment_type: i64) -> ClinicError {
    let message = format!("appointment type {appointment_type} needs a room");
    ClinicError::refused(&Code::NoRoom.constraint(), "bookings", message)
        .detail("room_id is null.")
        .hint("Name a room. Types whose needs_room is false are without.")
}

/// The error for a row that isn't there, as its foreign key reports it.
fn missing(constraint: &str, table: &str, key: String) -> ClinicError {
    let message =
        format!("insert or update on table \"bookings\" violates foreign key constraint \"{constraint}\"");
    ClinicError::new(SqlState::MissingKey, message)
        .detail(format!("Key {key} is not present in table \"{table}\"."))
        .constraint(constraint, "bookings")
}

/// When a booking takes place and when it keeps others away.
pub struct Times {
    pub date: NaiveDate,
    pub during: Span,
    pub provider_busy: Span,
    /// The appointment itself where it has no room.
    pub room_busy: Span,
}

impl Times {
    /// The local dates that it touches.
    pub fn days(&self, zone: &Zone) -> Vec<NaiveDate> {
        let (one, other) = (self.provider_busy, self.room_busy);
        days_between(zone, one.start.min(other.start), one.end.max(other.end))
    }
}
