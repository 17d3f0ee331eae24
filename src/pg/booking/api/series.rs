//! book_series: books several slots as book_slot does, all or none.

use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::series::MAX_COUNT;
use pg_clinic_core::ids::BookingId;
use pg_clinic_core::time::interval::{Instant, Minutes};
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use crate::pg::booking::writes::place::{
    Request, longest_pauses, queue_for, queue_for_people, used_otherwise,
};
use crate::pg::booking::writes::row::{SeriesBooking, push_of_series};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, duration};
use crate::pg::platform::session::{self, check_for_cancel};
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Integer, Required, Rows, SparseBigintArray, Text, TextArray, TimestamptzArray,
    signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::slots::load::types;
use crate::pg::slots::load::{Providers, Rooms, Wanted};

sql_functions! {
    pg_clinic_book_series, pg_finfo_pg_clinic_book_series => book_series;
}

signatures! {
    /// Arguments of `book_series`.
    BookSeries = book_series(
        appointment_type: Text = null, provider_ids: Required<BigintArray> = null, room_ids: Required<SparseBigintArray> = null,
        slot_starts: Required<TimestamptzArray> = null, patient_name: Required<Text> = null, patient_id: Text = null,
        contact: Text = null, request_id: Text = null, clinic_id: Bigint = null, appointment_type_id: Bigint = null,
        duration_minutes: Integer = null, appointment_types: TextArray = null,
    ) -> table SeriesBooking;
}

statements! {
    /// A series, before its bookings.
    BEGIN_SERIES(INT8OID) = "insert into clinic.series (clinic_id) values ($1) returning id";
    /// Whether a request made a booking.
    IS_MADE(INT8OID, TEXTOID) =
        "select exists (select from clinic.bookings where clinic_id = $1 and request_id = $2)";
}

/// Books all, or fails with what is against the first that can't be booked.
fn book_series(args: &Args) -> Result<pg_sys::Datum> {
    let mut series = Series::new(BookSeries::read(args)?)?;
    let mut rows = Rows::<SeriesBooking>::new(args);
    let _attribution = Attribution::function("book_series", None);
    access::require(c"bookings", Privilege::Insert)?;
    access::require(c"series", Privilege::Insert)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, series.clinic, Access::Latest)?;
        series.queue(spi, &opened)?;
        let ids = match series.booked_before(spi, opened.clinic)? {
            Some(ids) => ids,
            None => series.book(spi, &opened)?,
        };
        ids.into_iter().try_for_each(|id| push_of_series(spi, opened.clinic, id, &mut rows))
    })?;
    Ok(rows.done())
}

/// The bookings to make, in order of time.
struct Series {
    clinic: Option<i64>,
    /// That of all bookings, or one for each.
    types: Vec<TypeKey>,
    duration: Option<Minutes>,
    providers: Vec<i64>,
    rooms: Vec<Option<i64>>,
    requests: Vec<Request>,
    request_id: Option<String>,
}

impl Series {
    fn new(query: BookSeries) -> Result<Self> {
        let (providers, rooms) = (&query.provider_ids, &query.room_ids);
        let starts = starts(&query.slot_starts)?;
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
        let types = types(&query, starts.len())?;
        let duration = duration(query.duration_minutes)?;
        let request = |(nth, start): (usize, Instant)| Request {
            wanted: Wanted {
                clinic: query.clinic_id,
                appointment_type: types[nth % types.len()].clone(),
                duration,
                providers: Providers::one(providers[nth]),
                rooms: Rooms::of_place(rooms[nth]),
                site: None,
                patient: query.patient_id.clone(),
                now: session::now(),
                except_booking: None,
                access: Access::Latest,
            },
            start,
            patient_name: Some(query.patient_name.clone()),
            contact: query.contact.clone(),
            request_id: query.request_id.as_deref().map(|id| request_of(id, nth)),
            kind: BookingKind::Normal,
            override_reason: None,
            hold_expires_at: None,
            series: None,
        };
        let requests = starts.into_iter().enumerate().map(request).collect();
        Ok(Self {
            clinic: query.clinic_id,
            types,
            duration,
            requests,
            providers: query.provider_ids,
            rooms: query.room_ids,
            request_id: query.request_id,
        })
    }

    /// Waits for its turn on all days that the series touches, ascending, before anything is written: two series that
    /// meet on several days never wait for each other crosswise.
    fn queue(&self, spi: &Spi, opened: &Opened) -> Result<()> {
        if let Some(request_id) = &self.request_id {
            session::queue_for_request(opened.clinic, request_id);
        }
        let rooms: Vec<i64> = self.rooms.iter().copied().flatten().collect();
        let mut pauses = longest_pauses(spi, opened.clinic, Some(&self.providers), Some(&rooms))?;
        let mut longest = self.duration.unwrap_or(Minutes(0));
        for key in &self.types {
            let of_type = types::longest(spi, opened.clinic, key)?;
            pauses = pauses.max(of_type.pauses);
            if self.duration.is_none() {
                longest = longest.max(of_type.duration);
            }
        }
        queue_for(opened, self.requests.iter().map(|request| request.start), longest, pauses)?;
        queue_for_people(spi, opened.clinic, Some(&self.providers))
    }

    /// The bookings that the same request made before. Others than all of them are another request's.
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
        let is_longer: Option<bool> = spi.value(&IS_MADE, Access::Latest, &params)?;
        if is_longer.unwrap_or_default() || ids.len() < self.requests.len() {
            return Err(used_otherwise("It made a series of another length.".to_owned()));
        }
        Ok(Some(ids))
    }

    fn book(&mut self, spi: &Spi, opened: &Opened) -> Result<Vec<i64>> {
        let series: Option<i64> = spi.value(&BEGIN_SERIES, Access::Latest, &[param(opened.clinic)])?;
        self.requests.iter_mut().for_each(|request| request.series = series);
        let mut earlier = Vec::with_capacity(self.requests.len());
        for (nth, request) in self.requests.iter().enumerate() {
            check_for_cancel();
            let booked = request.book_in_series(spi, opened, &earlier);
            let booked =
                booked.map_err(|error| error.of(&format!("appointment {} of the series", nth + 1)))?;
            earlier.push(BookingId(booked));
        }
        Ok(earlier.into_iter().map(|booking| booking.0).collect())
    }
}

/// The type of all bookings, or that of each.
fn types(query: &BookSeries, count: usize) -> Result<Vec<TypeKey>> {
    let Some(types) = &query.appointment_types else {
        return Ok(vec![TypeKey::read(query.appointment_type.clone(), query.appointment_type_id)?]);
    };
    let others = [
        ("appointment_type", query.appointment_type.is_some()),
        ("appointment_type_id", query.appointment_type_id.is_some()),
    ];
    if let Some((other, _)) = others.iter().find(|(_, is_given)| *is_given) {
        let message = format!("appointment_types and {other} can't be given together");
        return Err(ClinicError::new(SqlState::InvalidArgument, message).hint("Leave one of them out."));
    }
    if types.len() != count {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "appointment_types and slot_starts must have as many elements",
        )
        .detail(format!("They have {} and {count}.", types.len())));
    }
    Ok(types.iter().cloned().map(TypeKey::Name).collect())
}

/// The request_id of a series' booking, counted from 0.
fn request_of(series: &str, nth: usize) -> String {
    format!("{series}/{}", nth + 1)
}

/// The argument `slot_starts`: some, not too many, ascending.
fn starts(slot_starts: &[TimestampWithTimeZone]) -> Result<Vec<Instant>> {
    let starts: Vec<_> = slot_starts.iter().map(|start| Instant(i64::from(*start))).collect();
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
