//! Series: appointments of one type, every so many weeks. Chooses among places that were found; it judges none itself.
//!
//! All or nothing: a series has a place near each of its due dates, or isn't one. The best has the fewest appointments
//! with another provider than the series', then the fewest days off the due dates, then the highest quality.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::booking::clinic::Clinic;
use crate::booking::score::Score;
use crate::booking::slots::Slot;
use crate::ids::{ProviderId, RoomId};
use crate::time::calendar::add_days;
use crate::time::interval::Span;

/// Most appointments of a series.
pub const MAX_COUNT: usize = 52;
/// Most weeks from one appointment to the next.
pub const MAX_EVERY_WEEKS: i64 = 52;
/// Most days that an appointment may be off its due date.
pub const MAX_FLEXIBLE_DAYS: i64 = 14;

const DAYS_A_WEEK: i64 = 7;

/// The series to find.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// How many appointments.
    pub count: usize,
    /// Weeks from one due date to the next.
    pub every_weeks: i64,
    /// Nothing before this date.
    pub from: NaiveDate,
    /// ISO weekday of the due dates; `None` = whichever gives the best series.
    pub weekday: Option<u32>,
    /// Days that an appointment may be off its due date, either way.
    pub flexible_days: i64,
}

impl Pattern {
    /// The most `flexible_days` with which two days stay between any two appointments: so none, with what follows it,
    /// reaches into the next, and each can be chosen without regard to the others.
    #[must_use]
    pub const fn max_flexible_days(every_weeks: i64) -> i64 {
        let most = (every_weeks * DAYS_A_WEEK - 3) / 2;
        if most < MAX_FLEXIBLE_DAYS { most } else { MAX_FLEXIBLE_DAYS }
    }

    /// The dates on which the first appointment may be due: of the week from `from` on, those of the weekday.
    fn first_due(&self) -> impl Iterator<Item = NaiveDate> {
        let week = (0..DAYS_A_WEEK).map(|day| add_days(self.from, day));
        let weekday = self.weekday;
        week.filter(move |date| weekday.is_none_or(|weekday| date.weekday().number_from_monday() == weekday))
    }

    /// When appointment `nth` (from 0) is due, if the first is due on `first`.
    fn due(&self, first: NaiveDate, nth: usize) -> NaiveDate {
        add_days(first, nth as i64 * self.every_weeks * DAYS_A_WEEK)
    }

    /// The dates on which appointment `nth` (from 0) can be.
    #[must_use]
    pub fn dates(&self, nth: usize) -> (NaiveDate, NaiveDate) {
        let due = || self.first_due().map(|first| self.due(first, nth));
        let (first, last) = (due().min().unwrap_or(self.from), due().max().unwrap_or(self.from));
        (add_days(first, -self.flexible_days).max(self.from), add_days(last, self.flexible_days))
    }
}

/// The best place of a provider on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The clinic's date.
    pub date: NaiveDate,
    /// With whom.
    pub provider: ProviderId,
    /// Where.
    pub room: RoomId,
    /// When.
    pub slot: Span,
    /// The slot's quality score.
    pub quality: Score,
}

/// The best of the slots, found best first, of each provider and date.
#[must_use]
pub fn best_places(clinic: &Clinic, best_first: impl Iterator<Item = Slot>) -> Vec<Place> {
    let mut seen = BTreeSet::new();
    let places = best_first.map(|slot| Place {
        date: clinic.settings.zone.local_date(slot.start),
        provider: clinic.providers[slot.provider].id,
        room: clinic.rooms[slot.room].id,
        slot: Span { start: slot.start, end: slot.end },
        quality: slot.quality,
    });
    places.filter(|place| seen.insert((place.date, place.provider))).collect()
}

/// A series that can be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The provider of as many appointments as can be.
    pub provider: ProviderId,
    /// The appointments, in order.
    pub appointments: Vec<Appointment>,
}

/// An appointment of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// When it is due.
    pub due: NaiveDate,
    /// The place chosen, then the alternatives, best first.
    pub choices: Vec<Place>,
}

/// Why there is no series: an appointment without a place near its due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace {
    /// Which, counted from 0.
    pub nth: usize,
    /// When it would be due.
    pub due: NaiveDate,
}

/// The best series among the `places` of each appointment, with at most `max_alternatives` places beside each chosen one.
/// Calls `checkpoint` for each possible first date.
///
/// # Errors
/// [`NoPlace`] where there is no series: of the possible ones, the one that gets farthest, and the earliest of those.
pub fn choose(
    pattern: &Pattern,
    places: &[Vec<Place>],
    max_alternatives: usize,
    checkpoint: &mut dyn FnMut(),
) -> Result<Series, NoPlace> {
    let mut best: Option<(Cost, NaiveDate, ProviderId)> = None;
    let mut farthest: Option<NoPlace> = None;
    for first in pattern.first_due() {
        checkpoint();
        match costs(pattern, first, places) {
            Ok(costs) => {
                let candidates = costs.into_iter().map(|(provider, cost)| (cost, first, provider));
                best = best.into_iter().chain(candidates).min();
            }
            Err(no_place) if farthest.is_none_or(|farthest| no_place.nth > farthest.nth) => {
                farthest = Some(no_place);
            }
            Err(_) => (),
        }
    }
    match best {
        Some((_, first, provider)) => {
            let appointment =
                |nth| appointment(pattern, first, provider, nth, &places[nth], max_alternatives);
            Ok(Series { provider, appointments: (0..pattern.count).map(appointment).collect() })
        }
        None => Err(farthest.unwrap_or(NoPlace { nth: 0, due: pattern.from })),
    }
}

/// The cost of a series or of a place in one, the gravest part first: appointments with another provider, days off the
/// due dates, and (less is worse) quality.
type Cost = (u32, i64, Reverse<u32>);

/// The cost of the series with each provider, if the first appointment is due on `first`.
fn costs(
    pattern: &Pattern,
    first: NaiveDate,
    places: &[Vec<Place>],
) -> Result<Vec<(ProviderId, Cost)>, NoPlace> {
    let mut appointments = Vec::with_capacity(pattern.count);
    for (nth, places) in places.iter().enumerate().take(pattern.count) {
        let due = pattern.due(first, nth);
        let mut own: BTreeMap<ProviderId, Cost> = BTreeMap::new();
        for place in near(pattern, due, places) {
            let cost = cost(place, due, place.provider);
            own.entry(place.provider).and_modify(|least| *least = cost.min(*least)).or_insert(cost);
        }
        let any = own.values().min().copied().ok_or(NoPlace { nth, due })?;
        // With another provider than the series'.
        appointments.push((own, (1, any.1, any.2)));
    }
    let providers: BTreeSet<_> = appointments.iter().flat_map(|(own, _)| own.keys().copied()).collect();
    let total = |provider| {
        let each = appointments.iter().map(|(own, other)| *own.get(&provider).unwrap_or(other));
        each.fold((0, 0, Reverse(0)), |sum, cost| {
            (sum.0 + cost.0, sum.1 + cost.1, Reverse(sum.2.0 + cost.2.0))
        })
    };
    Ok(providers.into_iter().map(|provider| (provider, total(provider))).collect())
}

/// The places from which an appointment due on `due` can be chosen.
fn near<'a>(pattern: &Pattern, due: NaiveDate, places: &'a [Place]) -> impl Iterator<Item = &'a Place> {
    let flexible_days = pattern.flexible_days;
    places.iter().filter(move |place| days_off(place, due) <= flexible_days)
}

fn days_off(place: &Place, due: NaiveDate) -> i64 {
    (place.date - due).num_days().abs()
}

fn cost(place: &Place, due: NaiveDate, provider: ProviderId) -> Cost {
    let is_other = u32::from(place.provider != provider);
    (is_other, days_off(place, due), Reverse(place.quality.ten_thousandths().into()))
}

fn appointment(
    pattern: &Pattern,
    first: NaiveDate,
    provider: ProviderId,
    nth: usize,
    places: &[Place],
    max_alternatives: usize,
) -> Appointment {
    let due = pattern.due(first, nth);
    let mut choices: Vec<_> = near(pattern, due, places).copied().collect();
    choices.sort_unstable_by_key(|place| (cost(place, due, provider), place.slot.start, place.provider));
    choices.truncate(max_alternatives.saturating_add(1));
    Appointment { due, choices }
}
