//! Offers follow the place: whoever takes it withdraws the open offers that no longer fit, in the same transaction.

use std::cell::Cell;

use pgrx::pg_sys;

use crate::pg::platform::attempt::attempt;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::{session, structure};

/// Open offers `o` that booking `$2` is in the way of, but for `$3`.
macro_rules! due {
    ($columns:literal) => {
        concat!(
            "select ", $columns, "
             from clinic.bookings b
             join clinic.offers o on o.clinic_id = b.clinic_id and o.status = 'offered'
               and o.slot_start < greatest(upper(b.provider_busy), upper(b.room_busy))
               and o.slot_start > lower(b.during) - interval '49 hours'
             join clinic.freed_places f on f.clinic_id = o.clinic_id and f.id = o.freed_place_id
             left join clinic.providers p on p.clinic_id = f.clinic_id and p.id = f.provider_id
             left join clinic.rooms r on r.clinic_id = f.clinic_id and r.id = f.room_id
             where b.clinic_id = $1 and b.id = $2 and o.id is distinct from $3 and o.hold_booking_id is distinct from b.id
               and case when o.source = 'earlier_time' and o.former_booking_id = b.id then lower(b.during) <= o.slot_start
                 else f.provider_id = b.provider_id and (b.is_overbooked or not f.is_overbooked)
                   and tstzrange(o.slot_start, o.slot_end + make_interval(mins => coalesce(p.buffer_minutes, 0))) && b.provider_busy
                   or f.room_id = b.room_id
                   and tstzrange(o.slot_start, o.slot_end + make_interval(mins => coalesce(r.turnover_minutes, 0))) && b.room_busy end"
        )
    };
}

statements! {
    /// Withdraws them. One that somebody is at work on is left alone: whoever has the lock of the day waits for no row; only the
    /// job that closes late offers has one without it.
    FILLED(INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID) = concat!(
        "with due as materialized (", due!("o.id, case when f.booking_id = b.id then 'called_on' else 'filled' end as reason"),
        " order by o.id for no key update of o skip locked)
         update clinic.offers o set status = 'withdrawn', withdrawn_reason = due.reason, answered_at = $4
         from due where o.clinic_id = $1 and o.id = due.id"
    );
    /// Their ids.
    DUE(INT8OID, INT8OID, INT8OID) = concat!(due!("o.id"), " order by o.id");
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

/// A booking has taken a place. Must never refuse that: what fails is a WARNING. But a transaction with one snapshot that
/// can't see an offer it is in the way of has to be tried again.
pub fn filled(spi: &Spi, clinic: i64, booking: i64) -> Result<()> {
    if !any_open(clinic) {
        return Ok(());
    }
    let params =
        [param(clinic), param(booking), ACCEPTING.get().and_then(param), instant_param(session::now())];
    if session::has_one_snapshot() {
        let due = || spi.values::<i64>(&DUE, Access::Snapshot, &params[..3]);
        let is_current = || Ok(session::with_latest_snapshot(due)? == session::with_own_snapshot(due)?);
        if let Ok(false) = attempt(is_current)? {
            return Err(ClinicError::new(
                SqlState::Serialization,
                "could not serialize access: offers of the place have changed since the transaction began",
            )
            .hint("Try the transaction again."));
        }
    }
    if let Err(error) = attempt(|| spi.run(&FILLED, &params))? {
        error.warn(&format!("offers of the place of booking {booking} stay open"))?;
    }
    Ok(())
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
