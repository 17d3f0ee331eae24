//! The one reason for a provider's day without any offer.

use chrono::NaiveDate;

use crate::booking::clinic::Clinic;
use crate::booking::reason::{BookingKind, Code, CodeSet};
use crate::booking::slots::Judge;
use crate::time::interval::{Instant, Span, clip, covers, subtract};
use crate::time::zone::Zone;

/// A provider's time over all the dates in question, worked out once.
pub(super) struct ProviderTime<'a> {
    zone: &'a Zone,
    clinic: &'a Clinic,
    judge: &'a Judge<'a>,
    provider: usize,
    kind: Option<BookingKind>,
    opening: &'a [Span],
    /// Opening without time off.
    at_work: Vec<Span>,
    busy: Vec<Span>,
    /// At work and not busy.
    free: Vec<Span>,
}

impl<'a> ProviderTime<'a> {
    /// The day of `provider`, to say why it offers nothing of `kind` (`None` = of either).
    pub(super) fn new(
        clinic: &'a Clinic,
        judge: &'a Judge<'a>,
        provider: usize,
        kind: Option<BookingKind>,
    ) -> Self {
        let opening = judge.opening(provider);
        let at_work = subtract(opening, &judge.time_off(provider));
        let busy = judge.busy(provider);
        let free = subtract(&at_work, &busy);
        Self { clinic, zone: &clinic.settings.zone, judge, provider, kind, opening, at_work, busy, free }
    }

    pub(super) fn provider(&self) -> usize {
        self.provider
    }

    /// Why there is nothing on `date`. `starts` holds, for each start of the grid, the codes against it whatever the
    /// room. The first that is true of: wrong provider, closed, time off, no room, full, gap too short; else the code of
    /// the most starts.
    pub(super) fn day_reason(&self, date: NaiveDate, starts: &[CodeSet]) -> Code {
        let on_day = |spans| self.zone.day(date).map_or_else(Vec::new, |day| clip(spans, day));
        if starts.iter().any(|codes| codes.contains(Code::WrongProvider)) {
            return Code::WrongProvider;
        }
        if on_day(self.opening).is_empty() {
            return Code::Closed;
        }
        if on_day(&self.at_work).is_empty() {
            return Code::TimeOff;
        }
        if starts.contains(&CodeSet::EMPTY) {
            return Code::NoRoom;
        }
        // A full day is no hindrance to overbooking, it is what overbooking is for.
        if self.kind != Some(BookingKind::Overbooked) {
            let free = on_day(&self.free);
            let is_capped =
                self.judge.asks_for_seat(self.provider, date) && self.judge.is_capped(self.provider, date);
            if free.is_empty() || is_capped {
                return Code::Full;
            }
            if !self.first_starts(date, &free).any(|start| self.takes_slot(start)) {
                return Code::GapTooShort;
            }
        }
        // Without any start: the opening is so short that the grid misses it.
        most_common(starts).unwrap_or(Code::OffGrid)
    }

    /// Where an appointment would begin in each gap of the day: where it has the most space. After a booking that is once it
    /// is prepared.
    fn first_starts<'b>(&'b self, date: NaiveDate, free: &'b [Span]) -> impl Iterator<Item = Instant> + 'b {
        let before = self.clinic.pauses_on(self.provider, date).before;
        let prepared = self.busy.iter().map(move |busy| busy.end + before);
        let on_day = move |start: &Instant| before.0 > 0 && self.zone.local_date(*start) == date;
        free.iter().map(|gap| gap.start).chain(prepared.filter(on_day))
    }

    /// Whether an appointment fits there. It may run on past midnight, and its pauses out of the opening time.
    fn takes_slot(&self, start: Instant) -> bool {
        let moment = self.judge.moment(self.provider, start, BookingKind::Normal);
        let busy = self.clinic.pauses_on(self.provider, moment.date).around(moment.slot);
        covers(&self.at_work, moment.slot) && clip(&self.busy, busy).is_empty()
    }
}

/// The code against the most starts, the first in order of several.
fn most_common(starts: &[CodeSet]) -> Option<Code> {
    let count = |code: Code| starts.iter().filter(|codes| codes.contains(code)).count();
    let counted = Code::ALL.into_iter().map(|code| (count(code), code)).filter(|(count, _)| *count > 0);
    counted.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, code)| code)
}
