//! book_slot and hold_slot: queue behind other writers of the day, judge on the newest rows, insert.

use pg_clinic_core::booking::reason::Kind;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pgrx::pg_sys;

use crate::pg::booking::writes::place::{Request, queue};
use crate::pg::booking::writes::row::push_booking;
use crate::pg::platform::args::{Args, null_argument};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::ReadType;
use crate::pg::platform::session;
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::Wanted;

/// Longest time a place can be held.
const MAX_HOLD_MICROS: i64 = MICROS_PER_DAY;

/// Books.
pub fn book_slot(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let request = Request::read(args, read_type, 10)?;
    if request.patient_name.is_none() {
        return Err(null_argument("patient_name"));
    }
    let _attribution = Attribution::function("book_slot", request.override_reason.clone());
    request.place(args)
}

/// Holds.
pub fn hold_slot(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    const DEFAULT_TTL: i64 = Minutes(5).micros();
    let mut request = Request::read(args, read_type, 11)?;
    let ttl = args.interval_micros(10, "ttl")?.unwrap_or(DEFAULT_TTL);
    if ttl <= 0 || ttl > MAX_HOLD_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "ttl must be more than nothing and at most 24 hours",
        ));
    }
    request.hold_expires_at = Some(Instant(request.wanted.now.0 + ttl));
    let _attribution = Attribution::function("hold_slot", request.override_reason.clone());
    request.place(args)
}

impl Request {
    fn read(args: &Args, read_type: ReadType, clinic_argument: usize) -> Result<Self> {
        let provider: i64 = args.required(1, "provider_id")?;
        let room: i64 = args.required(2, "room_id")?;
        let start = args.instant(3, "slot_start")?.ok_or_else(|| null_argument("slot_start"))?;
        clinic::check_instant(start, "slot_start")?;
        Ok(Self {
            wanted: Wanted {
                clinic: args.opt(clinic_argument),
                appointment_type: read_type(args)?,
                provider: Some(provider),
                room: Some(room),
                patient: args.opt(5),
                now: session::now(),
                except_booking: None,
                access: Access::Latest,
            },
            provider,
            room,
            start,
            patient_name: args.opt(4),
            contact: args.opt(6),
            request_id: args.opt(7),
            kind: if args.opt(8).unwrap_or(false) { Kind::Overbooked } else { Kind::Normal },
            override_reason: override_reason(args, 9)?,
            hold_expires_at: None,
        })
    }

    fn place(&self, args: &Args) -> Result<pg_sys::Datum> {
        let mut rows = Rows::new(args);
        spi::connect(|spi| {
            let opened = clinic::open(spi, self.wanted.clinic, Access::Latest)?;
            queue(&opened, self.start)?;
            let id = match self.booked_before(spi, opened.clinic)? {
                Some(booked) => booked,
                None => self.book(spi, &opened)?,
            };
            push_booking(spi, opened.clinic, id, &mut rows)
        })?;
        Ok(rows.done())
    }
}

/// The argument `override_reason`; an empty one is refused.
pub(super) fn override_reason(args: &Args, index: usize) -> Result<Option<String>> {
    let reason: Option<String> = args.opt(index);
    match reason {
        Some(reason) if reason.trim().is_empty() => {
            Err(ClinicError::new(SqlState::InvalidArgument, "override_reason must say why"))
        }
        reason => Ok(reason),
    }
}
