//! Types in sequence: what was asked, and the best chain of their places.

use pg_clinic_core::booking::series::{Chain, Gap, MAX_COUNT, NoPlace, Sequence};

use super::search::{Found, Search};
use super::{FindSeries, SeriesPlace, bounded, together};
use crate::pg::platform::args::null_argument;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::Rows;

/// Most days from one appointment to the next.
const MAX_GAP: i64 = 366;

/// Types in sequence, as the arguments say.
pub(super) struct Asked {
    /// The types, in order.
    pub types: Vec<TypeKey>,
    /// The days between them.
    pub gaps: Vec<Gap>,
}

/// The types in sequence that the call asks for; `None` where it asks for one type.
pub(super) fn of(query: &FindSeries) -> Result<Option<Asked>> {
    let Some(types) = &query.appointment_types else {
        let alone = [("min_days", query.min_days.is_some()), ("max_days", query.max_days.is_some())];
        return match alone.iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => Err(null_argument("appointment_types")
                .detail(format!("{name} is about appointments of several types."))),
            None => Ok(None),
        };
    };
    let others = [
        ("appointment_type", query.appointment_type.is_some()),
        ("appointment_type_id", query.appointment_type_id.is_some()),
        ("booking_id", query.booking_id.is_some()),
        ("duration_minutes", query.duration_minutes.is_some()),
        ("every_weeks", query.every_weeks.is_some()),
        ("every_months", query.every_months.is_some()),
        ("weekday", query.weekday.is_some()),
        ("weekdays", query.weekdays.is_some()),
        ("weeks_of_month", query.weeks_of_month.is_some()),
        ("due_dates", query.due_dates.is_some()),
        ("flexible_days", query.flexible_days.is_some()),
        ("max_left_out", query.max_left_out.is_some_and(|most| most != 0)),
    ];
    if let Some((other, _)) = others.iter().find(|(_, is_given)| *is_given) {
        return Err(together("appointment_types", other));
    }
    if !(2..=MAX_COUNT).contains(&types.len()) {
        let message = format!("appointment_types must have between 2 and {MAX_COUNT} elements");
        return Err(ClinicError::new(SqlState::InvalidArgument, message)
            .detail(format!("It has {}.", types.len()))
            .hint("For several appointments of one type pass appointment_type and count."));
    }
    if query.count.is_some_and(|count| usize::try_from(count) != Ok(types.len())) {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "count must be the number of appointment_types",
        )
        .hint("Leave count out."));
    }
    let least = query.min_days.as_ref().ok_or_else(|| null_argument("min_days"))?;
    let most = query.max_days.as_ref().unwrap_or(least);
    for (name, days) in [("min_days", least), ("max_days", most)] {
        if days.len() + 1 != types.len() {
            let message = format!("{name} must have an element for each of appointment_types but the first");
            return Err(ClinicError::new(SqlState::InvalidArgument, message).detail(format!(
                "It has {}, appointment_types has {}.",
                days.len(),
                types.len()
            )));
        }
    }
    let gaps = least.iter().zip(most).map(|(least, most)| {
        let least = bounded(*least, "each of min_days", 1, MAX_GAP)?;
        Ok(Gap { least, most: bounded(*most, "each of max_days", least, MAX_GAP)? })
    });
    let types = types.iter().cloned().map(TypeKey::Name).collect();
    Ok(Some(Asked { types, gaps: gaps.collect::<Result<_>>()? }))
}

/// Answers the best chain of the first week that has one; `searches` are those of the types.
pub(super) fn push_best(
    sequence: &Sequence,
    mut searches: Vec<Search<'_>>,
    max_alternatives: usize,
    rows: &mut Rows<SeriesPlace>,
) -> Result<()> {
    let mut farthest: Option<NoPlace> = None;
    for mut chain in sequence.stages() {
        check_for_cancel();
        if let Err(no_place) = search(&mut chain, &mut searches)? {
            farthest = farthest.filter(|farthest| farthest.nth >= no_place.nth).or(Some(no_place));
            continue;
        }
        let places: Vec<_> = searches.iter().map(|search| &search.places).collect();
        let Some(series) = chain.choose(&places, max_alternatives, &mut check_for_cancel) else { continue };
        let appointments = (1_i32..).zip(series.appointments.iter().zip(&searches));
        for (nth, (appointment, search)) in appointments {
            search.push(rows, nth, appointment, series.provider)?;
        }
        return Ok(());
    }
    searches.iter().try_for_each(|search| search.require_known(sequence.until))?;
    let nth = farthest.map_or(0, |farthest| farthest.nth);
    match nth.checked_sub(1).map(|before| sequence.gaps[before]) {
        None => pgrx::notice!("no series: appointment 1 has no place"),
        Some(Gap { least, most }) => {
            let days = if least == most { least.to_string() } else { format!("{least} to {most}") };
            pgrx::notice!("no series: appointment {} has no place {days} days after the one before", nth + 1);
        }
    }
    Ok(())
}

/// Looks for places for each appointment in turn, as long as there are some.
fn search(chain: &mut Chain<'_>, searches: &mut [Search<'_>]) -> Result<Found<()>> {
    for search in searches {
        if let Some((first, last)) = chain.next_dates() {
            search.forget_before(first);
            search.find(first, last)?;
        }
        if let Err(no_place) = chain.add(&search.places) {
            return Ok(Err(no_place));
        }
    }
    Ok(Ok(()))
}
