//! join_waitlist, leave_waitlist.

use pgrx::pg_sys;

use crate::pg::platform::args::{Args, null_argument, sql_functions};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{ReadType, TypeKey, type_by_id, type_by_name};
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::{clinic, session};
use crate::pg::slots::load;

sql_functions! {
    pg_clinic_join_waitlist_by_name, pg_finfo_pg_clinic_join_waitlist_by_name => join_by_name;
    pg_clinic_join_waitlist_by_id, pg_finfo_pg_clinic_join_waitlist_by_id => join_by_id;
    pg_clinic_leave_waitlist, pg_finfo_pg_clinic_leave_waitlist => leave_waitlist;
}

statements! {
    /// The new entry. What isn't said of the patient is taken from the booking that is to be moved; so is the last date.
    JOIN(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, INT8OID, DATEOID, DATEOID, INT4ARRAYOID, TIMEOID, TIMEOID,
         INT4OID, INT8OID, DATEOID, DATEOID) =
        "insert into clinic.waitlist (clinic_id, appointment_type_id, patient_name, patient_id, contact, provider_id,
           from_date, to_date, weekdays, earliest_time, latest_time, priority, booking_id)
         select $1, $2, coalesce($3, b.patient_name), coalesce($4, b.patient_id), coalesce($5, b.contact), $6,
           coalesce($7, $14), coalesce($8, b.local_date, $15), $9, $10, $11, $12, $13
         from (select) as one left join clinic.bookings b on b.clinic_id = $1 and b.id = $13
         returning id";
    /// The booking that is to be moved.
    TO_MOVE(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "select appointment_type_id, patient_id, patient_name is not null,
           status in ('booked', 'pending') and (hold_expires_at is null or hold_expires_at > $3)
         from clinic.bookings where clinic_id = $1 and id = $2";
    /// Off the list.
    LEAVE(INT8OID, INT8OID) =
        "update clinic.waitlist set status = 'left' where clinic_id = $1 and id = $2 and status = 'waiting' returning id";
    /// Whether it was ever on the list.
    ENTRY(INT8OID, INT8OID) = "select id from clinic.waitlist where clinic_id = $1 and id = $2";
}

fn join_by_name(args: &Args) -> Result<pg_sys::Datum> {
    join_waitlist(args, type_by_name)
}

fn join_by_id(args: &Args) -> Result<pg_sys::Datum> {
    join_waitlist(args, type_by_id)
}

fn join_waitlist(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let key: TypeKey = read_type(args)?;
    let booking: Option<i64> = args.opt(11);
    let (patient_name, patient): (Option<String>, Option<String>) = (args.opt(1), args.opt(4));
    if booking.is_none() && patient_name.is_none() {
        return Err(null_argument("patient_name"));
    }
    // Read for their bounds alone; the statement takes them as they are.
    for (index, name) in [(2, "from_date"), (3, "to_date")] {
        args.date(index, name)?;
    }
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(12), Access::Latest)?;
        let appointment_type = load::appointment_type(spi, opened.clinic, &key, Access::Latest)?;
        let now = session::now();
        if let Some(booking) = booking {
            let key = [param(opened.clinic), param(booking), spi::instant_param(now)];
            let found = spi.first(&TO_MOVE, Access::Latest, &key, |row| {
                Ok(ToMove {
                    appointment_type: row.get(0)?,
                    patient: row.opt(1)?,
                    has_name: row.get(2)?,
                    is_movable: row.get(3)?,
                })
            })?;
            let to_move = found.ok_or_else(|| unknown("booking", "bookings", opened.clinic, booking))?;
            to_move.require(booking, appointment_type.id.0, patient.as_deref())?;
            if !to_move.has_name && patient_name.is_none() {
                return Err(null_argument("patient_name"));
            }
        }
        let params = [
            param(opened.clinic),
            param(appointment_type.id.0),
            patient_name.clone().and_then(param),
            patient.clone().and_then(param),
            args.opt::<String>(5).and_then(param),
            args.opt::<i64>(6).and_then(param),
            args.datum(2),
            args.datum(3),
            args.datum(7),
            args.datum(8),
            args.datum(9),
            param(args.opt::<i32>(10).unwrap_or(0)),
            booking.and_then(param),
            spi::date_param(opened.today(now)?),
            spi::date_param(opened.horizon(now)?),
        ];
        let id = keeping_origin(|| spi.first(&JOIN, Access::Latest, &params, |row| row.get::<i64>(0)))?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// A booking that its patient wants earlier.
struct ToMove {
    appointment_type: i64,
    patient: Option<String>,
    has_name: bool,
    is_movable: bool,
}

impl ToMove {
    fn require(&self, id: i64, appointment_type: i64, patient: Option<&str>) -> Result<()> {
        if !self.is_movable {
            return Err(ClinicError::new(
                SqlState::WrongState,
                format!("booking {id} can't be moved any more"),
            )
            .hint("Only bookings that are booked or held can."));
        }
        if self.appointment_type != appointment_type {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("booking {id} is of another appointment type"),
            )
            .detail(format!(
                "It is of type {}, the entry of type {appointment_type}.",
                self.appointment_type
            )));
        }
        match (self.patient.as_deref(), patient) {
            (Some(its), Some(given)) if its != given => {
                Err(ClinicError::new(SqlState::InvalidArgument, format!("booking {id} is another patient's"))
                    .hint("Leave patient_id out: it is taken from the booking."))
            }
            _ => Ok(()),
        }
    }
}

fn unknown(what: &str, table: &str, clinic: i64, id: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} {id} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
}

fn leave_waitlist(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "waitlist_id")?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(1), Access::Latest)?;
        let key = [param(opened.clinic), param(id)];
        let has_left = !spi.execute(&LEAVE, Access::Latest, &key, 0)?.is_empty();
        if !has_left && spi.execute(&ENTRY, Access::Latest, &key, 0)?.is_empty() {
            return Err(unknown("waitlist entry", "waitlist", opened.clinic, id));
        }
        Ok(pg_sys::Datum::from(has_left))
    })
}
