//! Series: appointments of one type in a rhythm. Chooses among places that were found; it judges none itself.
//!
//! All or nothing: a series has a place near each of its due dates, those left aside that may be left out, or isn't one. The
//! best leaves out the fewest dates, then has the fewest appointments with another provider than the series', then the fewest days off the due dates, then the fewest different times of
//! day, then the highest quality.

mod change;
mod pattern;
mod places;
mod sequence;
mod times;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use change::{ends_with_series, is_to_come, moved_start};
pub use pattern::{
    DueDates, MAX_COUNT, MAX_EVERY_MONTHS, MAX_EVERY_WEEKS, MAX_FLEXIBLE_DAYS, Pattern, Rhythm,
};
pub use places::{Chosen, MAX_PLACES, Place, Places};
pub use sequence::{Chain, Gap, Sequence};
use times::{Options, Worth};

use crate::ids::ProviderId;
use crate::time::calendar::WallTime;

const _: () = assert!(MAX_COUNT <= 64, "an appointment is a bit");

/// A series that can be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The provider of as many appointments as can be.
    pub provider: ProviderId,
    /// The appointments, in order.
    pub appointments: Vec<Appointment>,
    /// The due dates that were left out.
    pub left_out: Vec<NaiveDate>,
}

/// An appointment of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// When it is due.
    pub due: NaiveDate,
    /// The place chosen, then the alternatives, best first: of each provider and date one.
    pub choices: Vec<Chosen>,
}

/// Why there is no series: an appointment without a place near its due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace {
    /// Which, counted from 0.
    pub nth: usize,
    /// When it would be due.
    pub due: NaiveDate,
}

/// The possible series of a stage, as far as they have places.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    pattern: &'a Pattern,
    possible: Vec<Course>,
}

/// The due dates of a possible series.
#[derive(Clone, Debug)]
struct Course {
    due: DueDates,
    /// Those left out for want of a place.
    left_out: Vec<NaiveDate>,
}

impl<'a> Stage<'a> {
    /// Of the series that are due then.
    #[must_use]
    pub fn new(pattern: &'a Pattern, possible: Vec<DueDates>) -> Self {
        let course = |due| Course { due, left_out: Vec::new() };
        Self { pattern, possible: possible.into_iter().map(course).collect() }
    }

    /// The dates on which appointment `nth` (from 0) can be.
    #[must_use]
    pub fn dates(&self, nth: usize) -> Option<(NaiveDate, NaiveDate)> {
        let windows = self.possible.iter().filter_map(|course| self.pattern.window(&course.due, nth));
        windows.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Drops the series in which appointment `nth` has no place, once the places on its [`dates`](Self::dates) are known. One
    /// that may leave out the due date goes on with the next in its stead. Whether the places of all were known: if not, ask
    /// for its dates again.
    ///
    /// # Errors
    /// [`NoPlace`] where none is left.
    pub fn keep_possible(&mut self, nth: usize, places: &Places) -> Result<bool, NoPlace> {
        let first = self.possible.first().and_then(|course| course.due.get(nth)).copied();
        let due = first.unwrap_or(self.pattern.from);
        let pattern = self.pattern;
        let mut are_known = true;
        self.possible.retain_mut(|course| {
            let has_place =
                |due| pattern.window(due, nth).is_some_and(|dates| places.within(dates).next().is_some());
            if course.is_over(pattern, nth) || has_place(&course.due) {
                return true;
            }
            if course.left_out.len() >= pattern.max_left_out || nth >= course.due.len() {
                return false;
            }
            course.left_out.push(course.due.remove(nth));
            are_known = false;
            // What has no date left is too late to be booked.
            nth < course.due.len() || course.is_over(pattern, nth)
        });
        if self.possible.is_empty() { Err(NoPlace { nth, due }) } else { Ok(are_known) }
    }

    /// The best series, with at most `max_alternatives` places beside each chosen one; every appointment has a place in
    /// each that is possible. `None` where none is. Calls `checkpoint` for each series that is looked at.
    #[must_use]
    pub fn choose(
        &self,
        places: &Places,
        max_alternatives: usize,
        checkpoint: &mut dyn FnMut(),
    ) -> Option<Series> {
        let mut rivals: Vec<((usize, u32, i64), &Course, ProviderId)> = Vec::new();
        let courses: Vec<_> = self.possible.iter().map(|course| course.of(self.pattern.count)).collect();
        for course in &courses {
            checkpoint();
            for (provider, (others, days)) in costs(self.pattern, &course.due, places) {
                let cost = (course.left_out.len(), others, days);
                let least = rivals.first().map_or(cost, |rival| rival.0);
                if cost < least {
                    rivals.clear();
                }
                if cost <= least {
                    rivals.push((cost, course, provider));
                }
            }
        }
        let mut best: Option<(Worth, Vec<WallTime>, &Course, ProviderId)> = None;
        for (_, course, provider) in rivals {
            checkpoint();
            let options = Options::new(options(self.pattern, &course.due, provider, places));
            let most = best.as_ref().map_or(usize::MAX, |best| best.0.0);
            let Some((worth, times)) = options.best(most) else { continue };
            if best.as_ref().is_none_or(|best| worth < best.0) {
                best = Some((worth, times, course, provider));
            }
        }
        let (_, times, Course { due, left_out }, provider) = best?;
        let look = Look { pattern: self.pattern, due, provider, times, places };
        let appointments = (0..due.len()).map(|nth| look.appointment(nth, max_alternatives)).collect();
        Some(Series { provider, appointments, left_out: left_out.clone() })
    }
}

impl Course {
    /// Whether the series ends before appointment `nth`: dates of a list were left out, and no more are there. A list of
    /// nothing but those is no series.
    fn is_over(&self, pattern: &Pattern, nth: usize) -> bool {
        let is_list = matches!(pattern.rhythm, Rhythm::Dates(_));
        is_list && !self.due.is_empty() && nth >= self.due.len() && !self.left_out.is_empty()
    }

    /// The first so many appointments.
    fn of(&self, count: usize) -> Self {
        let mut course = self.clone();
        course.due.truncate(count);
        course
    }
}

/// The cost of a series or of a date in one, the gravest part first: appointments with another provider, and days off the
/// due dates.
type Cost = (u32, i64);

/// The cost of the series with each provider.
fn costs(pattern: &Pattern, due: &DueDates, places: &Places) -> Vec<(ProviderId, Cost)> {
    let mut appointments = Vec::with_capacity(due.len());
    for nth in 0..due.len() {
        let mut own: BTreeMap<ProviderId, i64> = BTreeMap::new();
        for (date, provider, _) in near(pattern, due, nth, places) {
            let off = days_off(date, due[nth]);
            own.entry(provider).and_modify(|least| *least = off.min(*least)).or_insert(off);
        }
        let least = own.values().min().copied().unwrap_or_default();
        appointments.push((own, least));
    }
    let providers: BTreeSet<_> = appointments.iter().flat_map(|(own, _)| own.keys().copied()).collect();
    let total = |provider| {
        appointments.iter().fold((0, 0), |(others, days), (own, least)| match own.get(&provider) {
            Some(off) => (others, days + off),
            // With another provider than the series'.
            None => (others + 1, days + least),
        })
    };
    providers.into_iter().map(|provider| (provider, total(provider))).collect()
}

/// The times of day of the least cost that each appointment could have.
fn options(
    pattern: &Pattern,
    due: &DueDates,
    provider: ProviderId,
    places: &Places,
) -> Vec<BTreeMap<WallTime, u64>> {
    let of = |nth: usize| {
        let cost = |date, of| (u32::from(of != provider), days_off(date, due[nth]));
        let dates = || near(pattern, due, nth, places);
        let least = dates().map(|(date, of, _)| cost(date, of)).min();
        let mut times: BTreeMap<WallTime, u64> = BTreeMap::new();
        for place in dates().filter(|(date, of, _)| Some(cost(*date, *of)) == least).flat_map(|(_, _, of)| of)
        {
            let quality = u64::from(place.quality.ten_thousandths());
            times.entry(place.time).and_modify(|best| *best = quality.max(*best)).or_insert(quality);
        }
        times
    };
    (0..due.len()).map(of).collect()
}

/// The places from which an appointment can be chosen.
fn near<'a>(
    pattern: &Pattern,
    due: &DueDates,
    nth: usize,
    places: &'a Places,
) -> impl Iterator<Item = (NaiveDate, ProviderId, &'a [Place])> + use<'a> {
    pattern.window(due, nth).into_iter().flat_map(|dates| places.within(dates))
}

fn days_off(date: NaiveDate, due: NaiveDate) -> i64 {
    (date - due).num_days().abs()
}

/// A series whose provider, due dates and times of day are decided.
struct Look<'a> {
    pattern: &'a Pattern,
    due: &'a DueDates,
    provider: ProviderId,
    times: Vec<WallTime>,
    places: &'a Places,
}

impl Look<'_> {
    fn appointment(&self, nth: usize, max_alternatives: usize) -> Appointment {
        let due = self.due[nth];
        let rank = |choice: &Chosen| {
            (
                choice.provider != self.provider,
                days_off(choice.date, due),
                !self.times.contains(&choice.place.time),
                Reverse(choice.place.quality),
                choice.place.start,
                choice.provider,
            )
        };
        let days = near(self.pattern, self.due, nth, self.places);
        let mut choices: Vec<Chosen> = days
            .filter_map(|(date, provider, places)| {
                let of_day = places.iter().map(|place| Chosen { date, provider, place: *place });
                of_day.min_by_key(rank)
            })
            .collect();
        choices.sort_unstable_by_key(rank);
        choices.truncate(max_alternatives.saturating_add(1));
        Appointment { due, choices }
    }
}
