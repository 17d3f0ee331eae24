//! A place is booked: behind other writers of the day, judged on the newest rows, inserted.

use chrono::NaiveDate;
use pg_clinic_core::booking::place::{Pauses, days_between};
use pg_clinic_core::booking::reason::{BookingKind, Refusal};
use pg_clinic_core::booking::slots;
use pg_clinic_core::ids::BookingId;
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::zone::Zone;

use super::refusal;
use crate::pg::booking::judged::Judged;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Param, Spi, instant_param, param, statements};
use crate::pg::platform::unused::is_unused_index;
use crate::pg::slots::load::sites::longest_way;
use crate::pg::slots::load::types::{find_type, longest, longest_before};
use crate::pg::slots::load::{self, Loaded, Wanted};

statements! {
    /// The booking of a request, and whether the request was the same. The booking as it was made is compared, not as it is
    /// now.
    SAME_REQUEST(INT8OID, TEXTOID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID,
                 BOOLOID, INT4OID) =
        "select b.id,
           ($3 is null or (request->>'appointment_type_id')::bigint = $3)
           and ($4 is null or (request->>'provider_id')::bigint = $4)
           and ($5 is null or (request->>'room_id')::bigint = $5)
           and lower((request->>'during')::tstzrange) = $6
           and ($12 is null or upper((request->>'during')::tstzrange) = $6 + make_interval(mins => $12))
           and request->>'patient_name' is not distinct from $7 and request->>'patient_id' is not distinct from $8
           and request->>'contact' is not distinct from $9 and (request->>'is_overbooked')::boolean = $10
           and (request->>'hold_expires_at' is not null) = $11 as is_same
         from clinic.bookings b
         left join lateral (
           select after from clinic.booking_history
           where clinic_id = b.clinic_id and booking_id = b.id and operation = 'insert'
           order by version desc limit 1) h on true,
         lateral (select coalesce(h.after, to_jsonb(b))) as first (request)
         where b.clinic_id = $1 and b.request_id = $2";
    /// How many minutes any of the providers and rooms stays busy after a booking, at most; NULL = of all there are.
    PAUSE(INT8OID, INT8ARRAYOID, INT8ARRAYOID) =
        "select greatest(
           (select max(buffer_minutes) from clinic.providers where clinic_id = $1 and ($2 is null or id = any ($2))),
           (select max(turnover_minutes) from clinic.rooms where clinic_id = $1 and ($3 is null or id = any ($3))), 0)";
    /// The people that some providers are.
    PEOPLE(INT8OID, INT8ARRAYOID) =
        "select person_id from clinic.providers
         where clinic_id = $1 and ($2 is null or id = any ($2)) and person_id is not null";
    /// The new row. The trigger fills in the rest.
    INSERT(INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID, BOOLOID,
           TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID, INT8OID) =
        "insert into clinic.bookings (clinic_id, request_id, patient_id, patient_name, contact, provider_id,
           room_id, appointment_type_id, during, status, is_overbooked, hold_expires_at, override_reason, series_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $14), $10, $11, $12, $13, $15) returning id";
}

row! {
    /// The booking that a request made.
    struct MadeRow {
        id: i64,
        is_same: bool,
    }
}

/// A request for a place: of one provider in one room, or of the best of several.
pub struct Request {
    pub wanted: Wanted,
    pub start: Instant,
    pub patient_name: Option<String>,
    pub contact: Option<String>,
    pub request_id: Option<String>,
    pub kind: BookingKind,
    pub override_reason: Option<String>,
    pub hold_expires_at: Option<Instant>,
    /// The series it belongs to.
    pub series: Option<i64>,
}

impl Request {
    /// Books, or fails with every reason. Gives the booking's id.
    pub fn book(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        self.book_in_series(spi, opened, &[])
    }

    /// The same for an appointment of a series whose earlier ones are these bookings.
    pub fn book_in_series(&self, spi: &Spi, opened: &Opened, earlier: &[BookingId]) -> Result<i64> {
        let loaded = load_place(spi, opened, &self.wanted, self.start)?;
        let (at, must_override) = match self.is_choice() {
            true => self.choose(&loaded)?,
            false => (At { provider: 0, room: 0 }, self.judge(&loaded, earlier)?),
        };
        let row = self.row(&loaded, at, must_override);
        let judged = Judged {
            clinic: loaded.clinic_id,
            provider: loaded.clinic.providers[at.provider].id.0,
            room: loaded.clinic.rooms[at.room].id.map(|id| id.0),
            appointment_type: loaded.clinic.appointment_type.id.0,
            start: self.start,
            is_overbooked: self.kind == BookingKind::Overbooked,
        };
        judged.write(|| spi.value(&INSERT, Access::Latest, &row))?.ok_or_else(vanished)
    }

    /// Whether the provider or the room is left to us.
    fn is_choice(&self) -> bool {
        self.wanted.providers.ids.is_none() || self.wanted.rooms.is_any()
    }

    /// Whether the one place takes the override; an error where it can't be had.
    fn judge(&self, loaded: &Loaded, earlier: &[BookingId]) -> Result<bool> {
        let refusals = slots::refusals(&loaded.clinic, 0, 0, self.start, self.kind, self.wanted.now);
        refuse_or_override(
            loaded,
            &self.wanted,
            self.start,
            self.kind,
            &refusals,
            &self.override_reason,
            earlier,
        )
    }

    /// The best place, and whether it takes the override; an error where there is none.
    fn choose(&self, loaded: &Loaded) -> Result<(At, bool)> {
        let best = |is_overridden| {
            slots::best(&loaded.clinic, self.start, self.kind, is_overridden, self.wanted.now)
                .map(|slot| (At { provider: slot.provider, room: slot.room }, is_overridden))
        };
        best(false)
            .or_else(|| self.override_reason.as_ref().and_then(|_| best(true)))
            .ok_or_else(|| refusal::of_choice(loaded, &self.wanted, self.start, self.kind))
    }

    /// Waits until it is this transaction's turn to write to the local date of the start; of a choice, to every date that
    /// it may touch: what is chosen stays free. The trigger queues for later dates, if the booking touches any: that is
    /// the order everybody has.
    pub fn queue(&self, spi: &Spi, opened: &Opened) -> Result<()> {
        if !self.is_choice() {
            let providers = self.wanted.providers.ids.as_deref();
            let appointment_type = &self.wanted.appointment_type;
            return queue(spi, opened, self.start, self.wanted.duration, appointment_type, providers);
        }
        let pauses = longest_pauses(
            spi,
            opened.clinic,
            self.wanted.providers.ids.as_deref(),
            self.wanted.rooms.ids(),
        )?;
        let longest = longest(spi, opened.clinic, &self.wanted.appointment_type)?;
        let duration = self.wanted.duration.unwrap_or(longest.duration);
        queue_for(opened, [self.start], duration, pauses.max(longest.pauses))?;
        queue_for_people(spi, opened.clinic, self.wanted.providers.ids.as_deref())
    }

    /// The booking that the same request made before.
    pub fn booked_before(&self, spi: &Spi, clinic: i64) -> Result<Option<i64>> {
        let Some(request_id) = &self.request_id else { return Ok(None) };
        // A name that no type has any more, as it was renamed, says nothing: ids are compared.
        let appointment_type = match &self.wanted.appointment_type {
            TypeKey::Id(id) => Some(*id),
            key => find_type(spi, clinic, key, Access::Latest)?.map(|found| found.id),
        };
        let params = [
            param(clinic),
            param(request_id.as_str()),
            appointment_type.and_then(param),
            only(self.wanted.providers.ids.as_deref()).and_then(param),
            only(self.wanted.rooms.ids()).and_then(param),
            instant_param(self.start),
            self.patient_name.as_deref().and_then(param),
            self.wanted.patient.as_deref().and_then(param),
            self.contact.as_deref().and_then(param),
            param(self.kind == BookingKind::Overbooked),
            param(self.hold_expires_at.is_some()),
            self.wanted.duration.and_then(|duration| param(duration.0)),
        ];
        match spi.row(&SAME_REQUEST, Access::Latest, &params)? {
            Some(MadeRow { id, is_same: true }) => Ok(Some(id)),
            Some(MadeRow { id, .. }) => {
                Err(used_otherwise(format!("Booking {id} was made by it, with other arguments.")))
            }
            None => Ok(None),
        }
    }

    fn row(&self, loaded: &Loaded, at: At, must_override: bool) -> [Param; 15] {
        let status = if self.hold_expires_at.is_some() { "pending" } else { "booked" };
        [
            param(loaded.clinic_id),
            self.request_id.as_deref().and_then(param),
            self.wanted.patient.as_deref().and_then(param),
            self.patient_name.as_deref().and_then(param),
            self.contact.as_deref().and_then(param),
            param(loaded.clinic.providers[at.provider].id.0),
            loaded.clinic.rooms[at.room].id.and_then(|id| param(id.0)),
            param(loaded.clinic.appointment_type.id.0),
            instant_param(self.start),
            param(status),
            param(self.kind == BookingKind::Overbooked),
            self.hold_expires_at.and_then(instant_param),
            self.override_reason.as_deref().filter(|_| must_override).and_then(param),
            self.wanted.duration.and_then(|duration| instant_param(self.start + duration)),
            self.series.and_then(param),
        ]
    }
}

/// A provider and a room by their indexes in the snapshot.
#[derive(Clone, Copy)]
struct At {
    provider: usize,
    room: usize,
}

/// The one id of a list; `None` where it is left to us.
fn only(ids: Option<&[i64]>) -> Option<i64> {
    match ids {
        Some([id]) => Some(*id),
        _ => None,
    }
}

/// The error for a request_id that stands for another request.
pub fn used_otherwise(detail: String) -> ClinicError {
    ClinicError::new(SqlState::Duplicate, "the request_id was used for another request")
        .detail(detail)
        .hint("A request_id stands for one request: send the same arguments again, or a new request_id.")
        .constraint("bookings_request", "bookings")
}

/// Waits until it is this transaction's turn to write to the local dates that an appointment of a type (`of`) with one of some
/// providers touches up to its `start`. The trigger queues for later dates, if the booking touches any: that is the order
/// everybody has. Where ways between sites take time, the dates that these reach are touched, too, and all are queued for here;
/// so they are where people have to be waited for, which comes last.
pub fn queue(
    spi: &Spi,
    opened: &Opened,
    start: Instant,
    duration: Option<Minutes>,
    of: &TypeKey,
    providers: Option<&[i64]>,
) -> Result<()> {
    if longest_way(spi, opened.clinic)? > Minutes(0) || !is_unused_index("providers", "providers_person_idx")?
    {
        let longest = longest(spi, opened.clinic, of)?;
        let pauses = longest_pauses(spi, opened.clinic, None, None)?;
        let duration = duration.unwrap_or(longest.duration);
        queue_for(opened, [start], duration, pauses.max(longest.pauses))?;
        return queue_for_people(spi, opened.clinic, providers);
    }
    let before = longest_before(spi, opened.clinic, of)?;
    session::keep_time_zone(opened.clinic);
    let zone: Zone = opened.settings(start, start)?.zone;
    let days = days_between(&zone, start - before, start + Minutes(1));
    let date = zone.local_date(start);
    session::queue_for_days(&Days::of(opened.clinic, days.into_iter().filter(|day| *day <= date)));
    Ok(())
}

/// Waits for the turn on all local dates that bookings of some length from some starts touch, ascending.
pub fn queue_for(
    opened: &Opened,
    starts: impl IntoIterator<Item = Instant> + Clone,
    duration: Minutes,
    pauses: Pauses,
) -> Result<()> {
    session::keep_time_zone(opened.clinic);
    let ends = (starts.clone().into_iter().min(), starts.clone().into_iter().max());
    let (Some(first), Some(last)) = ends else { return Ok(()) };
    let zone = opened.settings(first, last)?.zone;
    let busy = |start| pauses.around(Span { start, end: start + Minutes(duration.0.max(1)) });
    let days = |start: Instant| days_between(&zone, busy(start).start, busy(start).end);
    session::queue_for_days(&Days::of(opened.clinic, starts.into_iter().flat_map(days)));
    Ok(())
}

/// Waits for others who book the people that some providers are (`None` = all of the clinic), in one order. To be called
/// once all days are queued for.
pub fn queue_for_people(spi: &Spi, clinic: i64, providers: Option<&[i64]>) -> Result<()> {
    if is_unused_index("providers", "providers_person_idx")? {
        return Ok(());
    }
    let params = [param(clinic), providers.map(<[i64]>::to_vec).and_then(param)];
    let people: Vec<String> = spi.values(&PEOPLE, Access::Latest, &params)?;
    session::queue_for_people(people.iter().map(String::as_str));
    Ok(())
}

/// How long any of some providers and rooms stays busy after a booking, whatever its type, at most, or is on the way to
/// another site before or after it; `None` = of all there are.
pub fn longest_pauses(
    spi: &Spi,
    clinic: i64,
    providers: Option<&[i64]>,
    rooms: Option<&[i64]>,
) -> Result<Pauses> {
    let ids = |ids: Option<&[i64]>| ids.map(<[i64]>::to_vec).and_then(param);
    let params = [param(clinic), ids(providers), ids(rooms)];
    let pause: Option<i32> = spi.value(&PAUSE, Access::Latest, &params)?;
    let way = longest_way(spi, clinic)?;
    Ok(Pauses { before: way, after: way }.and_after(Minutes(pause.unwrap_or_default())))
}

/// Loads the one provider and room around a start.
pub fn load_place(spi: &Spi, opened: &Opened, wanted: &Wanted, start: Instant) -> Result<Loaded> {
    let date: NaiveDate = opened.today(start)?;
    load::snapshot(spi, opened, wanted, date, date, Some(start))
}

/// Whether the override is needed; an error where it doesn't help. `earlier` are the bookings of the same series.
pub fn refuse_or_override(
    loaded: &Loaded,
    wanted: &Wanted,
    start: Instant,
    kind: BookingKind,
    refusals: &[Refusal],
    override_reason: &Option<String>,
    earlier: &[BookingId],
) -> Result<bool> {
    let is_overridable =
        override_reason.is_some() && refusals.iter().all(|refusal| refusal.code.can_be_overridden());
    match refusals {
        [] => Ok(false),
        _ if is_overridable => Ok(true),
        _ => Err(refusal::error(loaded, wanted, start, kind, refusals, earlier)),
    }
}

/// A row that another trigger or row security took away.
pub fn vanished() -> ClinicError {
    ClinicError::new(SqlState::WrongState, "the booking was not stored")
        .detail("A trigger or a row security policy on clinic.bookings suppressed the row.")
}
