//! join_waitlist, leave_waitlist.

use pg_clinic_core::booking::backfill::earlier::{NotMovable, ToMove};
use pg_clinic_core::booking::backfill::offer::WaitlistStatus;
use pg_clinic_core::booking::clinic::AppointmentType;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::AppointmentTypeId;
use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, null_argument, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, Integer, Required, SparseIntegerArray, Text, Time, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::platform::{clinic, session};
use crate::pg::slots::load;

sql_functions! {
    pg_clinic_join_waitlist, pg_finfo_pg_clinic_join_waitlist => join_waitlist;
    pg_clinic_leave_waitlist, pg_finfo_pg_clinic_leave_waitlist => leave_waitlist;
}

signatures! {
    /// Arguments of `join_waitlist`.
    JoinWaitlist = join_waitlist(
        appointment_type: Text = null, patient_name: Text = null, from_date: Date = null, to_date: Date = null,
        patient_id: Text = null, contact: Text = null, provider_id: Bigint = null,
        weekdays: SparseIntegerArray = null, earliest_time: Time = null, latest_time: Time = null,
        priority: Integer = 0, booking_id: Bigint = null, clinic_id: Bigint = null,
        appointment_type_id: Bigint = null, request_id: Text = null,
    ) -> Bigint;
    /// Arguments of `leave_waitlist`.
    LeaveWaitlist = leave_waitlist(waitlist_id: Required<Bigint>, clinic_id: Bigint = null) -> Boolean;
}

/// A wish as the arguments say it.
macro_rules! wish {
    () => {
        "$1::bigint, $2::bigint, coalesce($3, b.patient_name), coalesce($4, b.patient_id), coalesce($5, b.contact), $6::bigint,
         coalesce($7, $13), coalesce($8, b.local_date, $14), $9::integer[], $10::time, $11::time, $12::bigint"
    };
}

/// Whose booking is to be moved, if any.
macro_rules! wisher {
    () => {
        "(select) as one left join clinic.bookings b on b.clinic_id = $1 and b.id = $12"
    };
}

statements! {
    /// The new entry. What isn't said of the patient is taken from the booking that is to be moved; so is the last date.
    JOIN(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, INT8OID, DATEOID, DATEOID, INT4ARRAYOID, TIMEOID, TIMEOID,
         INT8OID, DATEOID, DATEOID, INT4OID, TEXTOID) = concat!(
        "insert into clinic.waitlist (clinic_id, appointment_type_id, patient_name, patient_id, contact, provider_id,
           from_date, to_date, weekdays, earliest_time, latest_time, booking_id, priority, request_id)
         select ", wish!(), ", $15, $16 from ", wisher!(), " returning id"
    );
    /// The same wish of the same patient, which is open.
    SAME_WISH(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, INT8OID, DATEOID, DATEOID, INT4ARRAYOID, TIMEOID, TIMEOID,
              INT8OID, DATEOID, DATEOID) = concat!(
        "select w.id from (select ", wish!(), " from ", wisher!(), ") as new (clinic_id, appointment_type_id, patient_name,
           patient_id, contact, provider_id, from_date, to_date, weekdays, earliest_time, latest_time, booking_id)
         join clinic.waitlist w on w.clinic_id = new.clinic_id and w.appointment_type_id = new.appointment_type_id
           and w.status = 'waiting' and w.booking_id is not distinct from new.booking_id
           and (w.patient_id = new.patient_id or w.patient_id is null and new.patient_id is null
             and w.patient_name = new.patient_name and w.contact = new.contact)
           and (w.provider_id, w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time)
             is not distinct from
             (new.provider_id, new.from_date, new.to_date, new.weekdays, new.earliest_time, new.latest_time)
         order by w.id limit 1"
    );
    /// Who asks again with a higher priority gets it.
    RAISE(INT8OID, INT8OID, INT4OID) =
        "update clinic.waitlist set priority = $3 where clinic_id = $1 and id = $2 and priority < $3";
    /// The request that asked for an open wish again: it is the entry's, too, so that a retry finds it.
    ADOPT(INT8OID, INT8OID, TEXTOID) =
        "update clinic.waitlist set request_id = $3 where clinic_id = $1 and id = $2 and request_id is null";
    /// The entry that a request made, and whether it was the same.
    SAME_REQUEST(INT8OID, TEXTOID, INT8OID, TEXTOID, TEXTOID, INT8OID) =
        "select id, appointment_type_id = $3 and ($4 is null or patient_name = $4) and ($5 is null or patient_id = $5)
           and booking_id is not distinct from $6 as is_same
         from clinic.waitlist where clinic_id = $1 and request_id = $2";
    /// The booking that is to be moved.
    TO_MOVE(INT8OID, INT8OID) =
        "select status, hold_expires_at, appointment_type_id, patient_id, patient_name is not null as has_name
         from clinic.bookings where clinic_id = $1 and id = $2";
    /// Off the list.
    LEAVE(INT8OID, INT8OID) =
        "update clinic.waitlist set status = 'left' where clinic_id = $1 and id = $2 and status = 'waiting' returning id";
    /// The status of an entry.
    ENTRY(INT8OID, INT8OID) = "select status from clinic.waitlist where clinic_id = $1 and id = $2";
}

row! {
    struct MadeRow {
        id: i64,
        is_same: bool,
    }
}

row! {
    struct ToMoveRow {
        status: Status as "clinic.bookings",
        hold_expires_at: Option<Instant>,
        appointment_type_id: i64,
        patient_id: Option<String>,
        has_name: bool,
    }
}

fn join_waitlist(args: &Args) -> Result<pg_sys::Datum> {
    let given = JoinWaitlist::read(args)?;
    let key = TypeKey::read(given.appointment_type.clone(), given.appointment_type_id)?;
    if given.booking_id.is_none() && given.patient_name.is_none() {
        return Err(null_argument("patient_name"));
    }
    access::require(c"waitlist", Privilege::Insert)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, given.clinic_id, Access::Latest)?;
        // A booking of a disabled type can still be moved.
        let appointment_type = match given.booking_id {
            Some(_) => load::types::any_type(spi, opened.clinic, &key, Access::Latest)?,
            None => load::appointment_type(spi, opened.clinic, &key, Access::Latest)?,
        };
        let now = session::now();
        if let Some(booking) = given.booking_id {
            require_movable(spi, opened.clinic, booking, &appointment_type, &given, now)?;
        }
        let text = |text: &Option<String>| text.as_deref().and_then(param);
        // Of two who join at the same moment the second finds the entry of the first.
        let who = (&given.patient_id, &given.patient_name, &given.contact, given.booking_id);
        session::queue_for_request(opened.clinic, &format!("join_waitlist {who:?}"));
        if let Some(request_id) = &given.request_id {
            session::queue_for_request(opened.clinic, request_id);
            let same = [text(&given.patient_name), text(&given.patient_id), given.booking_id.and_then(param)];
            let request = [param(opened.clinic), param(request_id.as_str()), param(appointment_type.id.0)];
            match spi.row(&SAME_REQUEST, Access::Latest, &[&request[..], &same[..]].concat())? {
                Some(MadeRow { id, is_same: true }) => return Ok(pg_sys::Datum::from(id)),
                Some(MadeRow { id, .. }) => return Err(used_otherwise(id)),
                None => (),
            }
        }
        let wish = [
            param(opened.clinic),
            param(appointment_type.id.0),
            text(&given.patient_name),
            text(&given.patient_id),
            text(&given.contact),
            given.provider_id.and_then(param),
            given.from_date.and_then(date_param),
            given.to_date.and_then(date_param),
            given.weekdays.clone().and_then(param),
            Value::<Time>::from(given.earliest_time).datum(),
            Value::<Time>::from(given.latest_time).datum(),
            given.booking_id.and_then(param),
            date_param(opened.today(now)?),
            date_param(load::types::horizon(
                spi,
                &opened,
                &TypeKey::Id(appointment_type.id.0),
                now,
                Access::Latest,
            )?),
        ];
        let priority = given.priority.unwrap_or(0);
        let same: Option<i64> = spi.value(&SAME_WISH, Access::Latest, &wish)?;
        let id = match same {
            Some(id) => {
                spi.run(&RAISE, &[param(opened.clinic), param(id), param(priority)])?;
                if let Some(request_id) = &given.request_id {
                    spi.run(&ADOPT, &[param(opened.clinic), param(id), param(request_id.as_str())])?;
                }
                id
            }
            None => {
                let more = [param(priority), text(&given.request_id)];
                let id: Option<i64> = spi.value(&JOIN, Access::Latest, &[&wish[..], &more[..]].concat())?;
                id.unwrap_or_default()
            }
        };
        Ok(pg_sys::Datum::from(id))
    })
}

/// The error for a request_id that stands for another wish.
fn used_otherwise(entry: i64) -> ClinicError {
    ClinicError::new(SqlState::Duplicate, "the request_id was used for another request")
        .detail(format!("Waitlist entry {entry} was made by it, with other arguments."))
        .hint("A request_id stands for one request: send the same arguments again, or a new request_id.")
        .constraint("waitlist_request", "waitlist")
}

/// Refuses a booking that can't be moved to an earlier time, or not for that entry.
fn require_movable(
    spi: &Spi,
    clinic: i64,
    booking: i64,
    wanted: &AppointmentType,
    given: &JoinWaitlist,
    now: Instant,
) -> Result<()> {
    let row: Option<ToMoveRow> = spi.row(&TO_MOVE, Access::Latest, &[param(clinic), param(booking)])?;
    let row = row.ok_or_else(|| unknown("booking", "bookings", clinic, booking))?;
    let to_move = ToMove {
        status: row.status,
        hold_expires_at: row.hold_expires_at,
        appointment_type: AppointmentTypeId(row.appointment_type_id),
        patient: row.patient_id,
    };
    let refused = |state, why: &str| ClinicError::new(state, format!("booking {booking} {why}"));
    to_move.require(wanted.id, given.patient_id.as_deref(), now).map_err(|error| match error {
        NotMovable::Over => refused(SqlState::WrongState, "can't be moved any more")
            .hint("Only bookings that are booked or held can."),
        NotMovable::OtherType => refused(SqlState::InvalidArgument, "is of another appointment type")
            .detail(format!("It is of type {}, the entry of type {}.", to_move.appointment_type, wanted.id)),
        NotMovable::OtherPatient => refused(SqlState::InvalidArgument, "is another patient's")
            .hint("Leave patient_id out: it is taken from the booking."),
    })?;
    if row.has_name || given.patient_name.is_some() { Ok(()) } else { Err(null_argument("patient_name")) }
}

fn unknown(what: &str, table: &str, clinic: i64, id: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} {id} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
}

fn leave_waitlist(args: &Args) -> Result<pg_sys::Datum> {
    let LeaveWaitlist { waitlist_id, clinic_id } = LeaveWaitlist::read(args)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let key = [param(opened.clinic), param(waitlist_id)];
        let has_left = !spi.execute(&LEAVE, Access::Latest, &key, 0)?.is_empty();
        if !has_left {
            // Neither an unknown entry nor an unknown status has left the list.
            let status = spi.first(&ENTRY, Access::Latest, &key, |row| {
                row.word::<WaitlistStatus>(0, "clinic.waitlist")
            })?;
            status.ok_or_else(|| unknown("waitlist entry", "waitlist", opened.clinic, waitlist_id))?;
        }
        Ok(pg_sys::Datum::from(has_left))
    })
}
