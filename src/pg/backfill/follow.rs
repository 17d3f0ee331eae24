//! Offers follow what happens: who takes the place, or gets what the patient waits for, withdraws the open offers that no longer
//! fit, in the same transaction. What was held for them is free again.

use std::cell::Cell;

use pgrx::pg_sys;

use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::{session, structure};

/// Whether `o` was made to the patient of `b`.
macro_rules! is_same_patient {
    () => {
        "(o.patient_id = b.patient_id
           or o.patient_id is null and b.patient_id is null and o.contact = b.contact and o.patient_name = b.patient_name)"
    };
}

/// Open offers `o` but `$3` that booking `$2` ends as it is now, and why. `$4` says whether it has taken its place just now, `$5`
/// is now. A hold that was given back reserves nothing any more; its offer stays.
macro_rules! due {
    () => {
        concat!(
            "select due.id, due.reason
             from clinic.bookings b
             join clinic.offers o on o.clinic_id = b.clinic_id and o.status = 'offered' and o.id is distinct from $3
               and (o.hold_booking_id = b.id or o.former_booking_id = b.id or ", is_same_patient!(), "
                 or o.slot_start < greatest(upper(b.provider_busy), upper(b.room_busy)) + interval '24 hours'
                   and o.slot_start > lower(b.during) - interval '97 hours')
             join clinic.freed_places f on f.clinic_id = o.clinic_id and f.id = o.freed_place_id
             left join clinic.waitlist w on w.clinic_id = o.clinic_id and w.id = o.waitlist_id
             left join clinic.bookings c on c.clinic_id = o.clinic_id and c.id = o.former_booking_id
               and o.source = 'own_cancellation'
             left join clinic.providers p on p.clinic_id = f.clinic_id and p.id = f.provider_id
             left join clinic.rooms r on r.clinic_id = f.clinic_id and r.id = f.room_id
             left join clinic.appointment_types t
               on t.clinic_id = o.clinic_id and t.id = coalesce(w.appointment_type_id, c.appointment_type_id)
             left join clinic.provider_types pt
               on pt.clinic_id = t.clinic_id and pt.appointment_type_id = t.id and pt.provider_id = f.provider_id
             cross join lateral (select
               make_interval(mins => coalesce(pt.before_minutes, t.before_minutes, 0)) as before,
               make_interval(mins => greatest(p.buffer_minutes, coalesce(pt.after_minutes, t.after_minutes), 0)) as after,
               make_interval(mins => coalesce(
                 pt.room_before_minutes, t.room_before_minutes, pt.before_minutes, t.before_minutes, 0)) as room_before,
               make_interval(mins => greatest(r.turnover_minutes, coalesce(
                 pt.room_after_minutes, t.room_after_minutes, pt.after_minutes, t.after_minutes), 0)) as room_after) pause
             cross join lateral (select o.id, case
               when o.hold_booking_id = b.id then case
                 when b.status not in (@occupying@) then null
                 when b.status <> 'pending' then 'filled'
                 when (b.provider_id, lower(b.during), upper(b.during)) <> (f.provider_id, o.slot_start, o.slot_end)
                   or b.room_id <> f.room_id then 'by_desk' end
               when o.source = 'earlier_time' and o.former_booking_id = b.id then case
                 when b.status not in (@occupying@) or b.status not in (@movable@) or lower(b.during) <= o.slot_start
                   then 'settled' end
               when b.status not in (@occupying@) then null
               when o.source = 'waitlist' and b.hold_expires_at is null and w.status = 'waiting' and ", is_same_patient!(), "
                 and w.appointment_type_id = b.appointment_type_id and b.local_date between w.from_date and w.to_date
                 and not exists (
                   select from clinic.waiting v where v.clinic_id = w.clinic_id and v.waitlist_id = w.id) then 'settled'
               when c.id = b.id then 'settled'
               when c.appointment_type_id = b.appointment_type_id and ", is_same_patient!(), "
                 and (b.hold_expires_at is null or b.hold_expires_at > $5)
                 and (lower(b.during) > lower(c.during)
                   or (b.created_at, b.id) > (coalesce(c.cancelled_at, c.created_at), c.id)) then 'settled'
               when $4 and (
                 f.provider_id = b.provider_id and (b.is_overbooked or not f.is_overbooked)
                   and tstzrange(o.slot_start - pause.before, o.slot_end + pause.after) && b.provider_busy
                 or f.room_id = b.room_id and t.needs_room
                   and tstzrange(o.slot_start - pause.room_before, o.slot_end + pause.room_after) && b.room_busy)
                 -- Who joins a group visit leaves its other places.
                 and not exists (
                   select from clinic.sessions s where s.clinic_id = b.clinic_id and s.id = b.group_session
                     and s.appointment_type_id = t.id and f.provider_id = s.provider_id
                     and (f.room_id is not distinct from s.room_id or not t.needs_room)
                     and s.during = tstzrange(o.slot_start, o.slot_end)
                     and s.capacity > (
                       select count(*) from clinic.bookings m where m.clinic_id = s.clinic_id and m.session_id = s.id
                         and m.session_id > 0 and m.status in (@occupying@)))
                 then case when f.booking_id = b.id then 'called_on' else 'filled' end
               end as reason) as due
             where b.clinic_id = $1 and b.id = $2 and due.reason is not null"
        )
    };
}

/// Withdraws offers, for their reasons, and gives the holds that kept their places. One that somebody is at work on is left alone:
/// whoever has the lock of the day waits for no row; only the job that closes late offers has one without it.
macro_rules! withdraw {
    ($due:expr, $now:literal) => {
        concat!(
            "with due as materialized (", $due, " order by o.id for no key update of o skip locked),
             closed as (
               update clinic.offers o set status = 'withdrawn', withdrawn_reason = due.reason, answered_at = ", $now, "
               from due where o.clinic_id = $1 and o.id = due.id returning o.hold_booking_id)
             select hold_booking_id from closed where hold_booking_id is not null order by 1"
        )
    };
}

statements! {
    /// Withdraws those that a booking ends.
    WITHDRAW_DUE(INT8OID, INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID) = withdraw!(due!(), "$5");
    /// Their ids.
    DUE(INT8OID, INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID) =
        concat!("select id from (", due!(), ") as due order by id");
    /// Withdraws those of a waitlist entry but `$3`.
    WITHDRAW_OF_WISH(INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID) = withdraw!(
        "select o.id, 'settled' as reason from clinic.offers o
         where o.clinic_id = $1 and o.waitlist_id = $2 and o.status = 'offered' and o.id is distinct from $3",
        "$4"
    );
    /// Holds that reserve nothing any more. Waits for nobody; one that is left ends by itself.
    RELEASE(INT8OID, INT8ARRAYOID) =
        "with due as materialized (
           select id from clinic.bookings where clinic_id = $1 and id = any ($2) and status = 'pending'
           order by id for no key update skip locked)
         update clinic.bookings set status = 'cancelled', cancellation_reason = 'offer ended'
         where clinic_id = $1 and id in (select id from due)";
}

thread_local! {
    /// The offer that is being accepted.
    static ACCEPTING: Cell<Option<i64>> = const { Cell::new(None) };
}

/// States which offer is being accepted for as long as it lives: the booking that it makes doesn't withdraw it.
pub struct Accepting(Option<i64>);

impl Accepting {
    /// The offer is being accepted.
    #[must_use]
    pub fn offer(id: i64) -> Self {
        Self(ACCEPTING.replace(Some(id)))
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        ACCEPTING.set(self.0);
    }
}

/// A booking is another than it was, and has taken a place or has not. Must never refuse that: what fails is a WARNING. But a
/// transaction with one snapshot that can't see an offer that the booking ends has to be tried again.
pub fn changed(spi: &Spi, clinic: i64, booking: i64, takes_place: bool) -> Result<()> {
    if !any_open(clinic) {
        return Ok(());
    }
    let accepting = ACCEPTING.get().and_then(param);
    let params =
        [param(clinic), param(booking), accepting, param(takes_place), instant_param(session::now())];
    if session::has_one_snapshot() {
        let due = || spi.values::<i64>(&DUE, Access::Snapshot, &params);
        let is_current = || Ok(session::with_latest_snapshot(due)? == session::with_own_snapshot(due)?);
        if let Ok(false) = attempt(is_current)? {
            return Err(ClinicError::new(
                SqlState::Serialization,
                "could not serialize access: offers of the place have changed since the transaction began",
            )
            .hint("Try the transaction again."));
        }
    }
    let withdrawn = attempt(|| release(spi, clinic, spi.values(&WITHDRAW_DUE, Access::Latest, &params)?))?;
    if let Err(error) = withdrawn {
        error.warn(&format!("offers that booking {booking} ends stay open"))?;
    }
    Ok(())
}

/// A waitlist entry waits no more: nothing is offered to it any more but what is being accepted.
pub fn settled(spi: &Spi, clinic: i64, waitlist: i64) -> Result<()> {
    let accepting = ACCEPTING.get().and_then(param);
    let params = [param(clinic), param(waitlist), accepting, instant_param(session::now())];
    release(spi, clinic, spi.values(&WITHDRAW_OF_WISH, Access::Latest, &params)?)
}

/// Gives back holds of offers that have ended. Waits for no day: it may come after later ones.
fn release(spi: &Spi, clinic: i64, holds: Vec<i64>) -> Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let _attribution = Attribution::of(Cause::OfferEnd);
    spi.run(&RELEASE, &[param(clinic), param(holds)])
}

/// Whether the clinic has any open offer: a look into an index that every booking can afford.
fn any_open(clinic: i64) -> bool {
    // Without the index the longer query decides.
    let index =
        structure::verdict("offers").ok().flatten().and_then(|verdict| verdict.index("offers_open_idx"));
    let (Some(index), Some(relation)) = (index, structure::relation("offers")) else { return true };
    // SAFETY: opens and closes what is there: the index, which is as shipped, begins with a bigint, the clinic. The snapshot
    // is registered while it is read with. An ERROR in between aborts the transaction, which ends it too.
    unsafe {
        let table = pg_sys::table_open(relation, pg_sys::AccessShareLock as i32);
        let is_own = pg_sys::list_member_oid(pg_sys::RelationGetIndexList(table), index);
        let mut key = pg_sys::ScanKeyData::default();
        pg_sys::ScanKeyInit(
            &mut key,
            pg_sys::AttrNumber::from(1i16),
            pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber,
            pg_sys::RegProcedure::from(pg_sys::F_INT8EQ),
            pg_sys::Datum::from(clinic),
        );
        let is_clinic_first = first_column_is_clinic(table);
        pg_sys::CommandCounterIncrement();
        let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot());
        let any = !is_own || !is_clinic_first || {
            let scan = pg_sys::systable_beginscan(table, index, true, snapshot, 1, &mut key);
            let any = !pg_sys::systable_getnext(scan).is_null();
            pg_sys::systable_endscan(scan);
            any
        };
        pg_sys::UnregisterSnapshot(snapshot);
        pg_sys::table_close(table, pg_sys::AccessShareLock as i32);
        any
    }
}

/// Whether the table's first column is the clinic, by which the index is searched.
///
/// # Safety
/// `table` must be open.
unsafe fn first_column_is_clinic(table: pg_sys::Relation) -> bool {
    // SAFETY: the relation is open; names are NUL-terminated.
    unsafe {
        pgrx::PgTupleDesc::from_pg_unchecked((*table).rd_att).get(0).is_some_and(|column| {
            std::ffi::CStr::from_ptr(column.attname.data.as_ptr()) == c"clinic_id"
                && column.atttypid == pg_sys::INT8OID
        })
    }
}
