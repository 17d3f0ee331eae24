//! book_series: books several slots as book_slot does, all or none.

use std::collections::BTreeSet;

use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::Kind;
use pg_clinic_core::booking::series::MAX_COUNT;
use pg_clinic_core::time::interval::{Instant, Minutes};
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use crate::pg::booking::writes::place::{Request, used_otherwise};
use crate::pg::booking::writes::row::push_booking;
use crate::pg::platform::args::{Args, null_argument};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{ReadType, TypeKey};
use crate::pg::platform::session::{self, check_for_cancel};
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::slots::load::Wanted;

statements! {
    /// How many minutes from its start a booking keeps others away, at most: with any of the providers and rooms.
    REACH(INT8OID, INT8OID, TEXTOID, INT8ARRAYOID, INT8ARRAYOID) =
        "select coalesce((select duration_minutes from clinic.appointment_types
                          where clinic_id = $1 and (id = $2 or name = $3)), 0)
           + greatest((select max(buffer_minutes) from clinic.providers where clinic_id = $1 and id = any ($4)),
                      (select max(turnover_minutes) from clinic.rooms where clinic_id = $1 and id = any ($5)), 0)";
    /// Whether a request made a booking.
    IS_MADE(INT8OID, TEXTOID) =
        "select exists (select from clinic.bookings where clinic_id = $1 and request_id = $2)";
}

/// Books all, or fails with what stands in the way of the first that can't be.
pub(super) fn book_series(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let series = Series::read(args, read_type)?;
    let mut rows = Rows::new(args);
    let _attribution = Attribution::function("book_series", None);
    spi::connect(|spi| {
        let opened = clinic::open(spi, series.clinic, Access::Latest)?;
        series.queue(spi, &opened)?;
        let ids = match series.booked_before(spi, opened.clinic)? {
            Some(ids) => ids,
            None => series.book(spi, &opened)?,
        };
        ids.into_iter().try_for_each(|id| push_booking(spi, opened.clinic, id, &mut rows))
    })?;
    Ok(rows.done())
}

/// What is to be booked, in order of time.
struct Series {
    clinic: Option<i64>,
    appointment_type: TypeKey,
    requests: Vec<Request>,
    request_id: Option<String>,
}

impl Series {
    fn read(args: &Args, read_type: ReadType) -> Result<Self> {
        let providers: Vec<i64> =
            args.list(1, "provider_ids")?.ok_or_else(|| null_argument("provider_ids"))?;
        let rooms: Vec<i64> = args.list(2, "room_ids")?.ok_or_else(|| null_argument("room_ids"))?;
        let starts = starts(args)?;
        if providers.len() != starts.len() || rooms.len() != starts.len() {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                "provider_ids, room_ids and slot_starts must have as many elements",
            )
            .detail(format!(
                "They have {}, {} and {}.",
                providers.len(),
                rooms.len(),
                starts.len()
            )));
        }
        let appointment_type = read_type(args)?;
        let patient_name: String = args.required(4, "patient_name")?;
        let request_id: Option<String> = args.opt(7);
        let request = |(nth, start): (usize, Instant)| Request {
            wanted: Wanted {
                clinic: args.opt(8),
                appointment_type: appointment_type.clone(),
                provider: Some(providers[nth]),
                room: Some(rooms[nth]),
                patient: args.opt(5),
                now: session::now(),
                except_booking: None,
                access: Access::Latest,
            },
            provider: providers[nth],
            room: rooms[nth],
            start,
            patient_name: Some(patient_name.clone()),
            contact: args.opt(6),
            request_id: request_id.as_deref().map(|id| request_of(id, nth)),
            kind: Kind::Normal,
            override_reason: None,
            hold_expires_at: None,
        };
        let requests = starts.into_iter().enumerate().map(request).collect();
        Ok(Self { clinic: args.opt(8), appointment_type, requests, request_id })
    }

    /// Waits for its turn on all days that the series touches, ascending, before anything is written: two series that
    /// meet on several days never wait for each other crosswise.
    fn queue(&self, spi: &Spi, opened: &Opened) -> Result<()> {
        let (type_id, type_name) = self.appointment_type.params();
        let ids = |id: fn(&Request) -> i64| param(self.requests.iter().map(id).collect::<Vec<_>>());
        let params = [
            param(opened.clinic),
            type_id,
            type_name,
            ids(|request| request.provider),
            ids(|request| request.room),
        ];
        let reach = spi.first(&REACH, Access::Latest, &params, |row| row.get::<i32>(0))?.unwrap_or(0);
        let starts = || self.requests.iter().map(|request| request.start);
        if let (Some(first), Some(last)) = (starts().min(), starts().max()) {
            let zone = opened.settings(first, last)?.zone;
            let days: BTreeSet<_> = starts()
                .flat_map(|start| days_between(&zone, start, start + Minutes(reach.max(1))))
                .collect();
            session::queue_for_days(opened.clinic, &days);
        }
        Ok(())
    }

    /// The bookings this request made when it was asked before. Others than all of them are another request's.
    fn booked_before(&self, spi: &Spi, clinic: i64) -> Result<Option<Vec<i64>>> {
        let Some(request_id) = &self.request_id else { return Ok(None) };
        let mut ids = Vec::new();
        for request in &self.requests {
            ids.extend(request.booked_before(spi, clinic)?);
        }
        if ids.is_empty() {
            return Ok(None);
        }
        let params = [param(clinic), param(request_of(request_id, self.requests.len()))];
        let is_longer =
            spi.first(&IS_MADE, Access::Latest, &params, |row| row.get::<bool>(0))?.unwrap_or(false);
        if is_longer || ids.len() < self.requests.len() {
            return Err(used_otherwise("It made a series of another length.".to_owned()));
        }
        Ok(Some(ids))
    }

    fn book(&self, spi: &Spi, opened: &Opened) -> Result<Vec<i64>> {
        let book = |(nth, request): (usize, &Request)| {
            check_for_cancel();
            let booked = request.book(spi, opened);
            booked.map_err(|error| error.of(&format!("appointment {} of the series", nth + 1)))
        };
        self.requests.iter().enumerate().map(book).collect()
    }
}

/// The request_id of a series' booking, counted from 0.
fn request_of(series: &str, nth: usize) -> String {
    format!("{series}/{}", nth + 1)
}

/// The argument `slot_starts`: some, not too many, ascending.
fn starts(args: &Args) -> Result<Vec<Instant>> {
    const NAME: &str = "slot_starts";
    let starts: Vec<TimestampWithTimeZone> = args.list(3, NAME)?.ok_or_else(|| null_argument(NAME))?;
    let starts: Vec<_> = starts.into_iter().map(|start| Instant(start.into_inner())).collect();
    if starts.is_empty() || starts.len() > MAX_COUNT {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("a series has between 1 and {MAX_COUNT} appointments"),
        )
        .detail(format!("slot_starts has {} elements.", starts.len())));
    }
    starts.iter().try_for_each(|start| clinic::check_instant(*start, "each of slot_starts"))?;
    if !starts.is_sorted_by(|one, next| one < next) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "slot_starts must ascend"));
    }
    Ok(starts)
}
