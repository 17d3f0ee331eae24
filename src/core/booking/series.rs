//! Series: appointments of one type in a rhythm. Chooses among places that were found; it judges none itself.
//!
//! All or nothing: a series has a place near each of its due dates, or isn't one. The best has the fewest appointments
//! with another provider than the series', then the fewest days off the due dates, then the fewest different times of
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
    possible: Vec<DueDates>,
}

impl<'a> Stage<'a> {
    /// Of the series that are due then.
    #[must_use]
    pub fn new(pattern: &'a Pattern, possible: Vec<DueDates>) -> Self {
        Self { pattern, possible }
    }

    /// The dates on which appointment `nth` (from 0) can be.
    #[must_use]
    pub fn dates(&self, nth: usize) -> Option<(NaiveDate, NaiveDate)> {
        let windows = self.possible.iter().filter_map(|due| self.pattern.window(due, nth));
        windows.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Leaves out the series in which appointment `nth` has no place, once the places on its [`dates`](Self::dates) are known.
    ///
    /// # Errors
    /// [`NoPlace`] where none is left.
    pub fn keep_possible(&mut self, nth: usize, places: &Places) -> Result<(), NoPlace> {
        let first = self.possible.first().and_then(|due| due.get(nth)).copied();
        let due = first.unwrap_or(self.pattern.from);
        let pattern = self.pattern;
        self.possible.retain(|due| {
            pattern.window(due, nth).is_some_and(|dates| places.within(dates).next().is_some())
        });
        if self.possible.is_empty() { Err(NoPlace { nth, due }) } else { Ok(()) }
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
        let mut rivals: Vec<(Cost, &DueDates, ProviderId)> = Vec::new();
        for due in &self.possible {
            checkpoint();
            for (provider, cost) in costs(self.pattern, due, places) {
                let least = rivals.first().map_or(cost, |rival| rival.0);
                if cost < least {
                    rivals.clear();
                }
                if cost <= least {
                    rivals.push((cost, due, provider));
                }
            }
        }
        let mut best: Option<(Worth, Vec<WallTime>, &DueDates, ProviderId)> = None;
        for (_, due, provider) in rivals {
            checkpoint();
            let options = Options::new(options(self.pattern, due, provider, places));
            let most = best.as_ref().map_or(usize::MAX, |best| best.0.0);
            let Some((worth, times)) = options.best(most) else { continue };
            if best.as_ref().is_none_or(|best| worth < best.0) {
                best = Some((worth, times, due, provider));
            }
        }
        let (_, times, due, provider) = best?;
        let look = Look { pattern: self.pattern, due, provider, times, places };
        let appointment = |nth| look.appointment(nth, max_alternatives);
        Some(Series { provider, appointments: (0..due.len()).map(appointment).collect() })
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
