//! Arguments that several functions share.

use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::time::calendar::Weekdays;
use pg_clinic_core::time::interval::{Instant, Minutes};

use crate::pg::platform::args::null_argument;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::{clinic, session};

/// How the client names an appointment type.
#[derive(Clone, Debug)]
pub enum TypeKey {
    /// By `appointment_types.name`.
    Name(String),
    /// By `appointment_types.id`.
    Id(i64),
    /// The type of a booking, by its id.
    OfBooking(i64),
}

impl TypeKey {
    /// The type that the arguments `appointment_type` and `appointment_type_id` mean: exactly one of them must be given.
    pub fn read(appointment_type: Option<String>, appointment_type_id: Option<i64>) -> Result<Self> {
        match (appointment_type, appointment_type_id) {
            (Some(name), None) => Ok(Self::Name(name)),
            (None, Some(id)) => Ok(Self::Id(id)),
            (None, None) => {
                Err(null_argument("appointment_type").hint("Pass a name, or appointment_type_id."))
            }
            (Some(_), Some(_)) => Err(ClinicError::new(
                SqlState::InvalidArgument,
                "appointment_type and appointment_type_id can't be given together",
            )
            .hint("Leave one of them out.")),
        }
    }

    /// The same where the type may be left out for the booking `booking_id`, which is to be moved.
    pub fn read_for(
        booking_id: Option<i64>,
        appointment_type: Option<String>,
        appointment_type_id: Option<i64>,
    ) -> Result<Self> {
        match (booking_id, &appointment_type, appointment_type_id) {
            (Some(booking), None, None) => Ok(Self::OfBooking(booking)),
            _ => Self::read(appointment_type, appointment_type_id),
        }
    }
}

/// The moment that counts as now: the argument `now`, else the clock.
pub fn moment(given: Option<Instant>) -> Result<Instant> {
    let now = given.unwrap_or_else(session::now);
    clinic::check_instant(now, "now")?;
    Ok(now)
}

/// An argument that says how many rows at most; less than 1 is refused.
pub fn at_most(count: Option<i32>, name: &str) -> Result<Option<usize>> {
    let Some(count) = count else { return Ok(None) };
    usize::try_from(count).ok().filter(|count| *count > 0).map(Some).ok_or_else(|| {
        ClinicError::new(SqlState::InvalidArgument, format!("{name} must be at least 1"))
            .detail(format!("It is {count}."))
            .hint("Leave it out, or pass null, for the default.")
    })
}

/// The ids that an argument for one and an argument for several mean; `None` = all there are.
pub fn ids(one: Option<i64>, name: &str, several: Option<Vec<i64>>, list: &str) -> Result<Option<Vec<i64>>> {
    match (one, several) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(Some(vec![id])),
        (None, Some(mut ids)) => {
            not_empty(&ids, list)?;
            ids.sort_unstable();
            ids.dedup();
            Ok(Some(ids))
        }
        (Some(_), Some(_)) => Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("{name} and {list} can't be given together"),
        )
        .hint("Leave one of them out.")),
    }
}

/// Refuses a list without an element: it would let nothing through, which nobody asks for.
fn not_empty<T>(list: &[T], name: &str) -> Result<()> {
    if !list.is_empty() {
        return Ok(());
    }
    Err(ClinicError::new(SqlState::InvalidArgument, format!("{name} must not be empty"))
        .hint("Leave it out, or pass null, for all."))
}

/// The argument `required_attributes`; an empty list is refused.
pub fn required(attributes: Option<Vec<String>>) -> Result<Option<Vec<String>>> {
    if let Some(attributes) = &attributes {
        not_empty(attributes, "required_attributes")?;
    }
    Ok(attributes)
}

/// The argument `weekdays`: ISO weekdays; `None` where it isn't given.
pub fn weekdays(numbers: Option<Vec<i32>>) -> Result<Option<Weekdays>> {
    let Some(numbers) = numbers else { return Ok(None) };
    not_empty(&numbers, "weekdays")?;
    match numbers.iter().find(|number| !(1..=7).contains(*number)) {
        None => Ok(Some(Weekdays::of(numbers.into_iter().map(|number| number as u32)))),
        Some(other) => Err(ClinicError::new(SqlState::InvalidArgument, "weekdays must be between 1 and 7")
            .detail(format!("One of them is {other}."))
            .hint("1 is Monday, 7 is Sunday.")),
    }
}

/// The argument `duration_minutes`: a length other than the type's.
pub fn duration(minutes: Option<i32>) -> Result<Option<Minutes>> {
    let Some(minutes) = minutes else { return Ok(None) };
    if (1..=MAX_DURATION.0).contains(&minutes) {
        return Ok(Some(Minutes(minutes)));
    }
    Err(ClinicError::new(
        SqlState::InvalidArgument,
        format!("duration_minutes must be between 1 and {}", MAX_DURATION.0),
    )
    .detail(format!("It is {minutes}."))
    .hint("Leave it out, or pass null, for the appointment type's length."))
}
