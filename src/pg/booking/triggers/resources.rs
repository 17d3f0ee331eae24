//! Gives bookings the units of the resources that their types need, once a statement is done: all its bookings give back
//! what they can't keep before any is given another unit, so that two can change places. Runs behind the day locks that
//! filling in has taken, so nobody else gives out a unit for the same time.

use std::collections::BTreeMap;

use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::reason::Code;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, ClinicId, ProviderId, RoomId};
use pg_clinic_core::time::interval::Span;
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::pg_sys;

use crate::pg::booking::load::expire;
use crate::pg::booking::parked;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Access, Param, Spi, instant_param, param, statements};
use crate::pg::platform::trigger::{Call, Event, Values, columns, misplaced};
use crate::pg::platform::unused::is_unused;
use crate::pg::platform::values::bounds;
use crate::pg::slots::load::stock;

statements! {
    /// What a type needs.
    NEEDS(INT8OID, INT8OID) =
        "select kind, quantity from clinic.type_resources where clinic_id = $1 and appointment_type_id = $2 order by kind";
    /// Takes back what bookings hold.
    TAKE_BACK(INT8OID, INT8ARRAYOID) =
        "delete from clinic.booking_resources where clinic_id = $1 and booking_id = any ($2)
         returning booking_id, resource_id";
    /// Units of a kind that are free all of a time, and not at another site than the room $6; those that go anywhere come last;
    /// before the others those in $5, which the booking had, be they disabled.
    FREE(INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8ARRAYOID, INT8OID) =
        "select r.id from clinic.resources r
         where r.clinic_id = $1 and r.kind = $2 and (r.enabled or r.id = any ($5))
           and (r.site_id is null or r.site_id = (select m.site_id from clinic.rooms m where m.clinic_id = $1 and m.id = $6))
           and not exists (select from clinic.time_off o
             where o.clinic_id = $1 and o.resource_id = r.id and o.during && tstzrange($3, $4))
           and not exists (select from clinic.booking_resources h
             where h.clinic_id = $1 and h.resource_id = r.id and h.busy && tstzrange($3, $4))
         order by r.site_id is null, r.id = any ($5) desc, r.id";
    /// Holds that ran out and hold a unit of a kind at some time. One that somebody is changing just now is left alone.
    EXPIRED_HOLDS(INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select b.id from clinic.bookings b
         where b.clinic_id = $1 and b.status = 'pending' and b.hold_expires_at <= $5 and exists (
           select from clinic.booking_resources h
           join clinic.resources r on r.clinic_id = h.clinic_id and r.id = h.resource_id
           where h.clinic_id = $1 and h.booking_id = b.id and r.kind = $2 and h.busy && tstzrange($3, $4))
         for update of b skip locked";
    /// Gives a booking units.
    GIVE(INT8OID, INT8OID, INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "insert into clinic.booking_resources (clinic_id, booking_id, resource_id, busy)
         select $1, $2, unnest($3), tstzrange($4, $5)";
}

columns! {
    /// Columns that say which units a booking needs, and when.
    struct NeedColumns {
        clinic_id: INT8OID,
        id: INT8OID,
        room_id: INT8OID,
        appointment_type_id: INT8OID,
        during: TSTZRANGEOID,
        status: TEXTOID,
        is_overbooked: BOOLOID,
    }
}

row! {
    struct NeedRow {
        kind: String,
        quantity: i32,
    }
}

row! {
    struct HeldRow {
        booking_id: i64,
        resource_id: i64,
    }
}

/// A booking as one version of its row says.
struct Version {
    booking: i64,
    /// Provider and patient left aside: units are nobody's.
    taken: Taken<'static>,
}

/// What one statement means for units.
#[derive(Default)]
struct Work {
    /// Bookings that give back what they hold, by clinic.
    giving_back: BTreeMap<i64, Vec<i64>>,
    /// Bookings that are given units.
    wanting: Vec<Version>,
}

/// The triggers `assign_resources_by_insert` and `assign_resources_by_change`.
pub(super) fn assign_resources(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::new(args)?.after("bookings", &[Event::Insert, Event::Update])?;
    if call.is_for_row() {
        return Err(misplaced());
    }
    if is_unused("type_resources") && is_unused("booking_resources") {
        return Ok(pg_sys::Datum::null());
    }
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    let work = Work::of(&call)?;
    if work.giving_back.is_empty() && work.wanting.is_empty() {
        return Ok(pg_sys::Datum::null());
    }
    spi::connect(|spi| work.done(spi))?;
    Ok(pg_sys::Datum::null())
}

impl NeedColumns {
    /// A version of a row; `None` where constraints are missing that would have refused it.
    fn version(&self, row: &Values) -> Option<Version> {
        let (start, end) = bounds(&row.get::<Range<TimestampWithTimeZone>>(self.during)?);
        let taken = Taken {
            clinic: ClinicId(row.get(self.clinic_id)?),
            provider: ProviderId(0),
            room: row.get(self.room_id).map(RoomId),
            appointment_type: AppointmentTypeId(row.get(self.appointment_type_id)?),
            patient: None,
            during: Span::new(start?, end?)?,
            is_overbooked: row.get(self.is_overbooked)?,
            occupies: Status::parse(&row.get::<String>(self.status)?)?.occupies(),
        };
        Some(Version { booking: row.get(self.id)?, taken })
    }
}

impl Work {
    fn of(call: &Call<'_>) -> Result<Self> {
        let columns = NeedColumns::find(call)?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        call.each_old(|row| before.push(columns.version(row)));
        call.each_new(|row| after.push(columns.version(row)));
        let before = before.into_iter().chain(std::iter::repeat_with(|| None));
        // Asked at most once, and not where time is given back: that is possible whatever has become of the resources.
        let mut known = None;
        let mut are_at_sites = || match known {
            Some(known) => Ok(known),
            None => spi::connect(stock::are_at_sites).inspect(|are| known = Some(*are)),
        };
        let mut work = Self::default();
        for (before, after) in before.zip(after) {
            let Some(after) = after.filter(|after| !parked::keeps_units(after.booking)) else { continue };
            let new =
                before.as_ref().map_or(NewParts::ALL, |old| NewParts::between(&old.taken, &after.taken));
            let may_differ = after.taken.occupies && new.derives_resources(true);
            let derives = new.derives_resources(false) || (may_differ && are_at_sites()?);
            let held = before.filter(|old| old.taken.occupies && (!after.taken.occupies || derives));
            if let Some(held) = held {
                work.giving_back.entry(held.taken.clinic.0).or_default().push(held.booking);
            }
            if after.taken.occupies && derives {
                work.wanting.push(after);
            }
        }
        work.wanting.sort_by_key(|version| (version.taken.during.start, version.booking));
        Ok(work)
    }

    fn done(self, spi: &Spi) -> Result<()> {
        let mut had: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (clinic, bookings) in self.giving_back {
            let rows: Vec<HeldRow> =
                spi.rows(&TAKE_BACK, Access::Latest, &[param(clinic), param(bookings)])?;
            rows.into_iter().for_each(|row| had.entry(row.booking_id).or_default().push(row.resource_id));
        }
        let mut needs: BTreeMap<(i64, i64), Vec<NeedRow>> = BTreeMap::new();
        for version in self.wanting {
            session::check_for_cancel();
            let of = (version.taken.clinic.0, version.taken.appointment_type.0);
            if let std::collections::btree_map::Entry::Vacant(entry) = needs.entry(of) {
                let params = [param(of.0), param(of.1)];
                entry.insert(spi.rows_of("type_resources", &NEEDS, Access::Latest, &params)?);
            }
            let had = had.remove(&version.booking).unwrap_or_default();
            needs[&of].iter().try_for_each(|need| version.give(spi, need, &had))?;
        }
        Ok(())
    }
}

impl Version {
    /// Gives the booking units of one kind, of those it had as far as it can.
    fn give(&self, spi: &Spi, need: &NeedRow, had: &[i64]) -> Result<()> {
        let quantity = usize::try_from(need.quantity).unwrap_or(0);
        let mut free = self.free(spi, need, had)?;
        if free.len() < quantity {
            let expired = [self.of_kind(need), vec![instant_param(session::now())]].concat();
            let expired: Vec<i64> = spi.values(&EXPIRED_HOLDS, Access::Latest, &expired)?;
            if !expired.is_empty() {
                expire(spi, self.taken.clinic.0, &expired)?;
                free = self.free(spi, need, had)?;
            }
        }
        if free.len() < quantity {
            return Err(self.refused(need, free.len()));
        }
        free.truncate(quantity);
        let Span { start, end } = self.taken.during;
        let (clinic, booking) = (param(self.taken.clinic.0), param(self.booking));
        spi.run(&GIVE, &[clinic, booking, param(free), instant_param(start), instant_param(end)])
    }

    /// The units that can be had. In a transaction with one snapshot, a unit given out behind its back would end in a
    /// violation that a retry can avoid: that is reported as a serialization failure.
    fn free(&self, spi: &Spi, need: &NeedRow, had: &[i64]) -> Result<Vec<i64>> {
        let room = self.taken.room.and_then(|room| param(room.0));
        let params = [self.of_kind(need), vec![param(had.to_vec()), room]].concat();
        let free: Vec<i64> = spi.values(&FREE, Access::Latest, &params)?;
        if session::has_one_snapshot() {
            let latest: Vec<i64> =
                session::with_latest_snapshot(|| spi.values(&FREE, Access::Snapshot, &params))?;
            if latest != free {
                let message = "could not serialize access: units of a resource were given out since the transaction began";
                return Err(
                    ClinicError::new(SqlState::Serialization, message).hint("Try the transaction again.")
                );
            }
        }
        Ok(free)
    }

    fn of_kind(&self, need: &NeedRow) -> Vec<Param> {
        let Span { start, end } = self.taken.during;
        vec![param(self.taken.clinic.0), param(need.kind.as_str()), instant_param(start), instant_param(end)]
    }

    fn refused(&self, need: &NeedRow, free: usize) -> ClinicError {
        let code = Code::NoResource;
        let (kind, quantity, booking) = (self.taken.appointment_type, need.quantity, self.booking);
        let resource = &need.kind;
        ClinicError::new(SqlState::Collision, format!("the slot can't be booked: {}", code.describe()))
            .detail(format!(
                "{code}: booking {booking} of appointment type {kind} needs {quantity} of \"{resource}\", {free} free."
            ))
            .hint("find_slots() gives places that are free.")
            .constraint(&code.constraint(), code.table())
    }
}
