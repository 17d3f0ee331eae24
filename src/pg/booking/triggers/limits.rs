//! Keeps bookings within the limits of clinic.booking_limits, whoever writes them. After the row is written, so that an INSERT
//! that turns out to do nothing leaves nothing behind; and after all days are locked.

use chrono::NaiveDate;
use pg_clinic_core::booking::limits::{BookingLimit, Counted, LimitPer, Most};
use pg_clinic_core::booking::reason::Code;

use crate::pg::platform::error::{ClinicError, Result};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};
use crate::pg::slots::load::limits::{Counting, limits};

statements! {
    /// Waits until nobody else adds to the count.
    QUEUE(INT8OID, INT8OID, TEXTOID, DATEOID, INT8OID) =
        "insert into clinic.booking_limit_use as u (clinic_id, limit_id, subject, starts_on, used, capacity)
         values ($1, $2, $3, $4, 0, $5)
         on conflict (clinic_id, limit_id, subject, starts_on) do update set capacity = u.capacity";
    /// Writes the count and how far it may go. The CHECK compares them.
    WRITE(INT8OID, INT8OID, TEXTOID, DATEOID, INT8OID, INT8OID) =
        "update clinic.booking_limit_use set used = $5, capacity = $6
         where clinic_id = $1 and limit_id = $2 and subject = $3 and starts_on is not distinct from $4";
}

/// A version of a booking, and what limits see of it.
pub(super) struct Change<'a> {
    pub clinic: i64,
    pub before: Option<Counted<'a>>,
    pub after: Counted<'a>,
    pub is_overridden: bool,
}

/// Refuses a change that makes a count grow beyond its limit.
pub(super) fn keep(spi: &Spi, change: &Change<'_>) -> Result<()> {
    let Change { clinic, before, after, .. } = change;
    if !after.occupies {
        return Ok(());
    }
    let limits = limits(spi, *clinic, Access::Latest)?;
    // By id: who takes several takes them in the same order.
    limits
        .iter()
        .filter(|limit| limit.grows(before.as_ref(), after))
        .try_for_each(|limit| add(spi, change, limit))
}

fn add(spi: &Spi, change: &Change<'_>, limit: &BookingLimit) -> Result<()> {
    let Change { clinic, after, is_overridden, .. } = change;
    let dates = limit.period.dates(after.local_date);
    let bucket = || {
        let subject = match limit.per {
            LimitPer::Provider => after.provider.to_string(),
            LimitPer::Patient => after.patient.unwrap_or_default().to_owned(),
            LimitPer::Clinic => String::new(),
        };
        [param(*clinic), param(limit.id.0), param(subject), dates.and_then(|(first, _)| date_param(first))]
    };
    let queue: Vec<_> = bucket().into_iter().chain([param(limit.limit())]).collect();
    spi.run(&QUEUE, &queue)?;
    let counting = Counting {
        clinic: *clinic,
        provider: (limit.per == LimitPer::Provider).then_some(after.provider.0),
        patient: after.patient,
        dates,
        now: session::now(),
        except_booking: None,
        access: Access::Latest,
    };
    let rows = counting.read(spi, limit)?;
    let used: i64 = rows
        .iter()
        .map(|row| match limit.most {
            Most::Bookings(_) => row.bookings,
            Most::Minutes(_) => row.minutes,
        })
        .sum();
    if used > limit.limit() && !is_overridden {
        return Err(reached(limit, after, used, dates));
    }
    let write: Vec<_> = bucket().into_iter().chain([param(used), param(used.max(limit.limit()))]).collect();
    spi.run(&WRITE, &write)
}

/// The error for a limit that leaves no room, as the CHECK would refuse it, but in words.
fn reached(
    limit: &BookingLimit,
    booking: &Counted<'_>,
    used: i64,
    dates: Option<(NaiveDate, NaiveDate)>,
) -> ClinicError {
    let who = match limit.per {
        LimitPer::Provider => format!("provider {}", booking.provider),
        LimitPer::Patient => "the patient".to_owned(),
        LimitPer::Clinic => "the clinic".to_owned(),
    };
    let unit = match limit.most {
        Most::Bookings(_) => "bookings",
        Most::Minutes(_) => "minutes",
    };
    let when = match dates {
        Some((first, last)) if first == last => format!("on {first}"),
        Some((first, last)) => format!("from {first} to {last}"),
        None => "that aren't over".to_owned(),
    };
    let code = Code::LimitReached;
    let message = format!("the slot can't be booked: {}", code.describe());
    ClinicError::refused(&code.constraint(), "booking_limit_use", message)
        .detail(format!(
            "{code}: {who} would have {used} {unit} {when}, and booking limit {} allows {}.",
            limit.id,
            limit.limit()
        ))
        .hint("find_slots() gives places that are free. With an override_reason it can be booked beyond the limit.")
}
