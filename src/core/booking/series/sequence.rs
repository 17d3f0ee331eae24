//! Appointments of several types, each so many days after the one before: dose 1, and dose 2 after 21 to 28 days. When one
//! can be depends on when the one before is, so they are chosen as a chain.
//!
//! The best chain of a stage has the fewest appointments with another provider than the series', then is over soonest,
//! then has the highest quality, then begins soonest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Appointment, Chosen, NoPlace, Place, Places, Series};
use crate::ids::ProviderId;
use crate::time::calendar::add_days;

const DAYS_A_WEEK: i64 = 7;

/// How many days after the one before an appointment is: at least 1, and no more than `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The fewest.
    pub least: i64,
    /// The most.
    pub most: i64,
}

impl Gap {
    fn allows(self, before: NaiveDate, date: NaiveDate) -> bool {
        (self.least..=self.most).contains(&(date - before).num_days())
    }
}

/// The chain to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// One for each appointment but the first.
    pub gaps: Vec<Gap>,
    /// Nothing before this date.
    pub from: NaiveDate,
    /// Nothing after this date can be booked.
    pub until: NaiveDate,
    /// For how many weeks after the first a beginning is looked for; `None` = as long as one can be booked.
    pub search_weeks: Option<i64>,
}

impl Sequence {
    /// The weeks in which the chain may begin, the soonest first. A later one matters where the earlier ones have no chain.
    pub fn stages(&self) -> impl Iterator<Item = Chain<'_>> {
        let week = |nth: i64| add_days(self.from, nth * DAYS_A_WEEK);
        let weeks = (0..).take_while(move |nth| self.search_weeks.is_none_or(|most| *nth <= most));
        let weeks = weeks.map(week).take_while(|first| *first <= self.until);
        weeks.map(|first| Chain {
            sequence: self,
            begins: (first, add_days(first, DAYS_A_WEEK - 1).min(self.until)),
            dates: Vec::new(),
        })
    }
}

/// The chains of a stage, as far as they have places.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    sequence: &'a Sequence,
    begins: (NaiveDate, NaiveDate),
    /// For each appointment looked at, the dates on which it can be.
    dates: Vec<BTreeSet<NaiveDate>>,
}

impl Chain<'_> {
    /// The dates on which the next appointment may be, some in between left aside; `None` where all are too late to be booked.
    #[must_use]
    pub fn next_dates(&self) -> Option<(NaiveDate, NaiveDate)> {
        let Some(before) = self.dates.last() else { return Some(self.begins) };
        let gap = self.sequence.gaps[self.dates.len() - 1];
        let first = add_days(*before.first()?, gap.least);
        let last = add_days(*before.last()?, gap.most).min(self.sequence.until);
        (first <= last).then_some((first, last))
    }

    /// Adds the next appointment, once the places on its [dates](Self::next_dates) are known.
    ///
    /// # Errors
    /// [`NoPlace`] where it has none on a date that the one before leaves it.
    pub fn add(&mut self, places: &Places) -> Result<(), NoPlace> {
        let nth = self.dates.len();
        let is_allowed = |date: &NaiveDate| match nth.checked_sub(1) {
            None => true,
            Some(before) => {
                let gap = self.sequence.gaps[before];
                self.dates[before].iter().any(|earlier| gap.allows(*earlier, *date))
            }
        };
        let within = self.next_dates().into_iter().flat_map(|dates| places.within(dates));
        let dates: BTreeSet<_> = within.map(|(date, ..)| date).filter(is_allowed).collect();
        if dates.is_empty() {
            let first = self.dates.last().and_then(BTreeSet::first);
            let due =
                first.map_or(self.begins.0, |before| add_days(*before, self.sequence.gaps[nth - 1].least));
            return Err(NoPlace { nth, due });
        }
        self.dates.push(dates);
        Ok(())
    }

    /// The best chain, with at most `max_alternatives` places beside each chosen one. `places` are each appointment's. `None`
    /// where an appointment wasn't [added](Self::add). Calls `checkpoint` for each provider that is looked at.
    #[must_use]
    pub fn choose(
        &self,
        places: &[&Places],
        max_alternatives: usize,
        checkpoint: &mut dyn FnMut(),
    ) -> Option<Series> {
        if places.len() != self.sequence.gaps.len() + 1 || self.dates.len() != places.len() {
            return None;
        }
        let days: Vec<Days> =
            self.dates.iter().zip(places).map(|(dates, places)| best_of(dates, places)).collect();
        let providers: BTreeSet<_> =
            days.iter().flat_map(BTreeMap::values).flat_map(|day| day.keys().copied()).collect();
        let mut best: Option<(Cost, ProviderId, Vec<NaiveDate>)> = None;
        for provider in providers {
            checkpoint();
            let found = self.cheapest(&days, provider);
            if let Some((cost, dates)) = found
                && best.as_ref().is_none_or(|best| (&cost, &dates) < (&best.0, &best.2))
            {
                best = Some((cost, provider, dates));
            }
        }
        let (_, provider, chosen) = best?;
        let appointment = |nth| self.appointment(&days[nth], nth, &chosen, provider, max_alternatives);
        let appointments = (0..chosen.len()).map(appointment).collect();
        Some(Series { provider, appointments, left_out: Vec::new() })
    }

    /// The cheapest dates with a provider, from the last appointment to the first; of equals the soonest.
    fn cheapest(&self, days: &[Days], provider: ProviderId) -> Option<(Cost, Vec<NaiveDate>)> {
        let mut later: BTreeMap<NaiveDate, (Cost, Vec<NaiveDate>)> = BTreeMap::new();
        for (nth, dates) in days.iter().enumerate().rev() {
            let earliest = |date: NaiveDate| {
                let Some(gap) = self.sequence.gaps.get(nth) else {
                    return Some((Cost::default(), Vec::new()));
                };
                let range = add_days(date, gap.least)..=add_days(date, gap.most);
                let wait = |next: NaiveDate| (next - date).num_days() - gap.least;
                let rest =
                    later.range(range).map(|(next, (cost, rest))| (cost.plus(0, wait(*next), 0), rest));
                let (cost, rest) = rest.min_by_key(|(cost, _)| *cost)?;
                Some((cost, rest.clone()))
            };
            let mut here = BTreeMap::new();
            for (date, of_day) in dates {
                let Some((cost, mut rest)) = earliest(*date) else { continue };
                let Some((is_other, place)) = place_of(of_day, provider) else { continue };
                let wait = if nth == 0 { (*date - self.begins.0).num_days() } else { 0 };
                rest.push(*date);
                let quality = i64::from(place.quality.ten_thousandths());
                here.insert(*date, (cost.plus(u32::from(is_other), wait, quality), rest));
            }
            later = here;
        }
        // By cost; the map's order makes it the soonest of equals.
        let (cost, mut dates) = later.into_values().min_by_key(|(cost, _)| *cost)?;
        dates.reverse();
        Some((cost, dates))
    }

    fn appointment(
        &self,
        days: &Days,
        nth: usize,
        chosen: &[NaiveDate],
        provider: ProviderId,
        max_alternatives: usize,
    ) -> Appointment {
        let gaps = &self.sequence.gaps;
        let before = nth.checked_sub(1).map(|before| (gaps[before], chosen[before]));
        let after = gaps.get(nth).map(|gap| (*gap, chosen[nth + 1]));
        // The others stay where they are.
        let fits = |date: NaiveDate| {
            before.is_none_or(|(gap, before)| gap.allows(before, date))
                && after.is_none_or(|(gap, after)| gap.allows(date, after))
        };
        let due = before.map_or(chosen[0], |(gap, before)| add_days(before, gap.least));
        let rank = |choice: &Chosen| {
            (
                choice.date != chosen[nth],
                choice.provider != provider,
                choice.date,
                Reverse(choice.place.quality),
                choice.place.start,
                choice.provider,
            )
        };
        let of_date = |(date, of_day): (&NaiveDate, &BTreeMap<ProviderId, Place>)| {
            let date = *date;
            of_day
                .iter()
                .map(move |(of, place)| Chosen { date, provider: *of, place: *place })
                .collect::<Vec<_>>()
        };
        let mut choices: Vec<_> = days.iter().filter(|(date, _)| fits(**date)).flat_map(of_date).collect();
        choices.sort_unstable_by_key(rank);
        choices.truncate(max_alternatives.saturating_add(1));
        Appointment { due, choices }
    }
}

/// The best place of each provider, by date.
type Days = BTreeMap<NaiveDate, BTreeMap<ProviderId, Place>>;

/// What a chain costs, the gravest part first: appointments with another provider, days that it takes longer than it need,
/// and the quality that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost(u32, i64, Reverse<i64>);

impl Cost {
    fn plus(self, others: u32, days: i64, quality: i64) -> Self {
        Self(self.0 + others, self.1 + days, Reverse(self.2.0 + quality))
    }
}

fn best_of(dates: &BTreeSet<NaiveDate>, places: &Places) -> Days {
    let of = |date: &NaiveDate| {
        let of_day = places.within((*date, *date));
        let best = of_day.filter_map(|(_, provider, places)| Some((provider, *best_place(places)?)));
        (*date, best.collect())
    };
    dates.iter().map(of).collect()
}

fn best_place(places: &[Place]) -> Option<&Place> {
    places.iter().min_by_key(|place| (Reverse(place.quality), place.start))
}

/// The provider's place of a day, else the best of another, and whether it is that.
fn place_of(of_day: &BTreeMap<ProviderId, Place>, provider: ProviderId) -> Option<(bool, Place)> {
    match of_day.get(&provider) {
        Some(place) => Some((false, *place)),
        None => {
            let best = of_day.values().min_by_key(|place| (Reverse(place.quality), place.start))?;
            Some((true, *best))
        }
    }
}
