//! Explaining: every reason why a place isn't offered, as rows in a total order. All reasons come from the judge that
//! finds slots too; only the reason for a whole day without any offer is put together here.

mod day;
mod sentence;

use chrono::NaiveDate;

use day::ProviderTime;
pub use sentence::Sentences;

use crate::booking::clinic::Clinic;
use crate::booking::reason::{Blocker, BookingKind, Code, CodeSet, Refusal};
use crate::booking::slots::{Judge, LimitExceeded, MAX_DAYS, Moment, Ticker, needs_overbooking};
use crate::runs::{Runs, Sorted};
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::Instant;

/// Most rows of an explanation: 150 MB.
pub const MAX_EXPLANATIONS: usize = 2_000_000;

/// One reason. The order of the fields is the order of the rows: a day's own reason comes before its starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explanation {
    /// Index into [`Clinic::providers`].
    pub provider: usize,
    /// The clinic's date.
    pub date: NaiveDate,
    /// The start in question; `None` = the whole day.
    pub start: Option<Instant>,
    /// Index into [`Clinic::rooms`]; `None` = the whole day.
    pub room: Option<usize>,
    /// Why.
    pub code: Code,
    /// Because of which row, if it is one.
    pub blocker: Option<Blocker>,
}

/// The dates or the start to explain.
#[derive(Clone, Copy, Debug)]
pub struct WhyNot {
    /// First date, the clinic's. Of no meaning with `at`.
    pub from: NaiveDate,
    /// Last date, included.
    pub to: NaiveDate,
    /// Only this start, on the grid or not.
    pub at: Option<Instant>,
    /// Why it isn't offered as this kind; `None` = why not at all.
    pub kind: Option<BookingKind>,
    /// The clock.
    pub now: Instant,
}

/// Every reason why places aren't offered, for every provider, room and start of the grid; a place that is offered
/// has no row. A provider's day without any offer has one more row, with neither start nor room, that sums it up.
/// With `at` only that instant, without such a row. Calls `checkpoint` every few thousand steps; it may unwind.
///
/// # Errors
/// [`LimitExceeded`] over more than [`MAX_DAYS`] dates or [`MAX_EXPLANATIONS`] rows.
pub fn explain(
    clinic: &Clinic,
    why_not: &WhyNot,
    checkpoint: &mut dyn FnMut(),
) -> Result<Sorted<Explanation>, LimitExceeded> {
    let date_at = why_not.at.map(|at| clinic.settings.zone.local_date(at));
    let (from, to) = date_at.map_or((why_not.from, why_not.to), |date| (date, date));
    let days = count_days(from, to);
    if days > MAX_DAYS {
        return Err(LimitExceeded { what: "dates", limit: MAX_DAYS });
    }
    let judge = &Judge::new(clinic, why_not.now, from, to);
    let ticker = Ticker::new(checkpoint);
    let mut explainer = Explainer { clinic, judge, kind: why_not.kind, rows: Runs::default(), ticker };
    for provider in 0..clinic.providers.len() {
        if let Some(at) = why_not.at {
            explainer.start(provider, at)?;
            continue;
        }
        let time = ProviderTime::new(clinic, judge, provider, why_not.kind);
        for day in 0..days as i64 {
            explainer.day(&time, add_days(from, day))?;
        }
    }
    Ok(explainer.rows.sorted())
}

/// Leaves out which bookings are in the way, and how many: for somebody who may not read them.
pub fn hide_bookings(explanations: impl Iterator<Item = Explanation>) -> impl Iterator<Item = Explanation> {
    let hidden = explanations.map(|row| Explanation {
        blocker: row.blocker.filter(|blocker| !matches!(blocker, Blocker::Booking(_))),
        ..row
    });
    // Bookings come first among the blockers of a place, so the order stays, and equal rows are beside each other.
    let mut last = None;
    hidden.filter(move |row| last.replace(*row) != Some(*row))
}

struct Explainer<'a> {
    clinic: &'a Clinic,
    judge: &'a Judge<'a>,
    kind: Option<BookingKind>,
    rows: Runs<Explanation>,
    ticker: Ticker<'a>,
}

/// The judgment of a provider's start.
struct StartSummary {
    /// Whether some room can have it.
    is_offered: bool,
    /// Why the provider can't have it, whatever the room; empty if it can.
    codes: CodeSet,
}

impl Explainer<'_> {
    fn day(&mut self, time: &ProviderTime<'_>, date: NaiveDate) -> Result<(), LimitExceeded> {
        self.ticker.tick();
        let provider = time.provider();
        let mut starts = self.judge.starts_on(provider, date);
        starts.retain(|start| self.judge.may_go_to(provider, *start));
        let summaries =
            starts.into_iter().map(|start| self.start(provider, start)).collect::<Result<Vec<_>, _>>()?;
        // Who is in the house isn't to be anywhere else that day.
        if summaries.iter().any(|summary| summary.is_offered) || !self.judge.may_go_elsewhere() {
            return Ok(());
        }
        let codes: Vec<_> = summaries.iter().map(|summary| summary.codes).collect();
        let code = time.day_reason(date, &codes);
        self.push(Explanation { provider, date, start: None, room: None, code, blocker: None })
    }

    /// Adds the rows of one start, for every room.
    fn start(&mut self, provider: usize, start: Instant) -> Result<StartSummary, LimitExceeded> {
        let kind = self.kind_at(provider, start);
        let moment = self.judge.moment(provider, start, kind.unwrap_or(BookingKind::Normal));
        let in_common = self.in_common(provider, &moment);
        let mut is_offered = false;
        for room in 0..self.clinic.rooms.len() {
            self.ticker.tick();
            let mut refusals = in_common.clone();
            // A Vec never breaks off.
            let _ = self.judge.judge_room(room, &moment, &mut refusals);
            let _ = self.judge.judge_both(provider, room, &moment, &mut refusals);
            let matching = matching(kind, refusals);
            is_offered |= matching.is_empty() && !self.judge.is_present_place(provider, room, start);
            self.push_all(provider, room, &moment, matching)?;
        }
        let codes = matching(kind, in_common).iter().map(|refusal| refusal.code).collect();
        Ok(StartSummary { is_offered, codes })
    }

    /// What is against the provider at a moment, whatever the room.
    fn in_common(&self, provider: usize, moment: &Moment) -> Vec<Refusal> {
        let mut in_common = Vec::new();
        // A Vec never breaks off.
        let _ = self.judge.judge_moment(moment, &mut in_common);
        let _ = self.judge.judge_provider(provider, moment, &mut in_common);
        let _ = self.judge.judge_grid(provider, moment, &mut in_common);
        in_common
    }

    /// The kind that is asked about; a booking on the move is asked about as what it would be there.
    fn kind_at(&self, provider: usize, start: Instant) -> Option<BookingKind> {
        let moving = self.clinic.moving.filter(|_| self.kind.is_none());
        let Some(moving) = moving else { return self.kind };
        let kind = self
            .judge
            .kind_of_move(provider, start, moving.is_overbooked)
            .unwrap_or_else(|| BookingKind::of(needs_overbooking(self.judge, provider, start)));
        Some(kind)
    }

    fn push_all(
        &mut self,
        provider: usize,
        room: usize,
        moment: &Moment,
        refusals: Vec<Refusal>,
    ) -> Result<(), LimitExceeded> {
        let (date, start) = (moment.date, Some(moment.slot.start));
        refusals.into_iter().try_for_each(|Refusal { code, blocker }| {
            self.push(Explanation { provider, date, start, room: Some(room), code, blocker })
        })
    }

    fn push(&mut self, row: Explanation) -> Result<(), LimitExceeded> {
        if self.rows.len() >= MAX_EXPLANATIONS {
            return Err(LimitExceeded { what: "explanations", limit: MAX_EXPLANATIONS });
        }
        self.rows.push(row);
        Ok(())
    }
}

/// Which of all refusals explain that a place isn't offered as `kind`: none if it is offered.
fn matching(kind: Option<BookingKind>, mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    let codes: CodeSet = refusals.iter().map(|refusal| refusal.code).collect();
    let can_be_booked = |kind| !codes.refuses(kind);
    let keeps = |code: Code| match kind {
        Some(kind) => code.refuses(kind),
        None if can_be_booked(BookingKind::Normal) || can_be_booked(BookingKind::Overbooked) => false,
        // A free provider can't be overbooked: then the overbooking limits aren't what is in the way.
        None => {
            code.refuses(BookingKind::Normal)
                || (!codes.contains(Code::ProviderFree) && code.refuses(BookingKind::Overbooked))
        }
    };
    refusals.retain(|refusal| keeps(refusal.code) || refusal.code == Code::OffGrid);
    refusals
}
