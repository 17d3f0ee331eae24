//! The one reason for a provider's day without any offer.

use chrono::NaiveDate;

use crate::booking::clinic::Clinic;
use crate::booking::place::provider_busy;
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
            if !free.iter().any(|gap| self.takes_slot(gap.start)) {
                return Code::GapTooShort;
            }
        }
        // Without any start: the opening is so short that the grid misses it.
        most_common(starts).unwrap_or(Code::OffGrid)
    }

    /// Whether an appointment at the beginning of a gap fits, where it has the most space. It may run on past
    /// midnight, and its buffer past closing.
    fn takes_slot(&self, gap_start: Instant) -> bool {
        let moment = self.judge.moment(self.provider, gap_start, BookingKind::Normal);
        let buffer = self.clinic.buffer(&self.clinic.providers[self.provider], moment.date);
        covers(&self.at_work, moment.slot) && clip(&self.busy, provider_busy(moment.slot, buffer)).is_empty()
    }
}

/// The code against the most starts, the first in order of several.
fn most_common(starts: &[CodeSet]) -> Option<Code> {
    let count = |code: Code| starts.iter().filter(|codes| codes.contains(code)).count();
    let counted = Code::ALL.into_iter().map(|code| (count(code), code)).filter(|(count, _)| *count > 0);
    counted.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, code)| code)
}
