//! Slots: which places exist, how good they are, and why the others don't. [`Judge`] is the one predicate; [`find()`]
//! calls it for every start of the grid, [`refusals`] for one. Nothing here may decide the same thing a second time.

mod diary;
mod find;
mod grid;
mod index;
mod judge;
mod load;
mod ranking;
mod rooms;
mod workload;

use std::fmt;
use std::ops::ControlFlow;

use chrono::NaiveDate;

pub use find::{best, find};
pub(crate) use judge::{Bookable, overbooking_limit};
pub use judge::{Judge, Moment};
pub use load::{ToLoad, ZONE_MARGIN_DAYS};
pub use ranking::Found;
pub use workload::weighed_dates;

use crate::booking::clinic::Clinic;
pub use crate::booking::reason::{Blocker, BookingKind, Refusal};
use crate::booking::score::{self, Score};
use crate::time::calendar::{TimesOfDay, Weekdays};
use crate::time::interval::Instant;

/// Most slots a question without `max_results` may have: 120 MB.
pub const MAX_SLOTS: usize = 5_000_000;

/// Most dates one question may reach over: ten years.
pub const MAX_DAYS: usize = 3_660;

/// A question for slots. The providers, rooms and the appointment type are in the [`Clinic`] itself.
#[derive(Clone, Debug)]
pub struct Question {
    /// First date, the clinic's.
    pub from: NaiveDate,
    /// Last date, included.
    pub to: NaiveDate,
    /// The clock.
    pub now: Instant,
    /// The times of day that the patient would rather have: a wish.
    pub preferred: TimesOfDay,
    /// Slots start at these times of day: a limit.
    pub acceptable: TimesOfDay,
    /// Slots are on these weekdays.
    pub weekdays: Weekdays,
    /// Whether overbooked slots are wanted as well.
    pub include_overbooked: bool,
    /// Every room of a provider and start; else only the best.
    pub all_rooms: bool,
    /// How many, the first ones of the order; `None` = all.
    pub max_results: Option<usize>,
    /// In which order.
    pub order: Order,
}

/// The order of slots. Among equals a group visit that has begun comes first. Both are total: provider id and room decide last; of rooms the one that fewer other types need,
/// then the lower id. Where the clinic wants overbooked slots last, they come after all others of the best ones, and after
/// the others of the same start of the earliest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Quality descending, then start.
    BestFirst,
    /// Start, then quality descending.
    EarliestFirst,
}

/// A place that can be booked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Start of the appointment.
    pub start: Instant,
    /// Its end.
    pub end: Instant,
    /// Index into [`Clinic::providers`].
    pub provider: usize,
    /// Index into [`Clinic::rooms`].
    pub room: usize,
    /// Whether it is to be booked beside or beyond the normal ones.
    pub is_overbooked: bool,
    /// The quality score.
    pub quality: Score,
    /// How well it meets the preferred time.
    pub preference: Score,
    /// How little idle time it leaves the provider.
    pub compactness: Score,
    /// Whether the provider stays in a room.
    pub room_score: Score,
    /// Whether it is with whom the patient saw last.
    pub continuity: Score,
    /// How little of the provider's week is booked.
    pub load: Score,
    /// Where it is one of a group visit's places.
    pub group: Option<Group>,
}

/// A group visit as who asks for a place in it finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many may still come.
    pub places_left: i32,
    /// Whether somebody is in it.
    pub is_begun: bool,
}

impl Slot {
    /// 1 normal, 0 overbooked.
    #[must_use]
    pub fn overbooking_score(&self) -> Score {
        Score::new(score::overbooking(self.is_overbooked))
    }
}

/// A question or its answer is larger than the core is willing to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitExceeded {
    /// The things there are too many of, in plural.
    pub what: &'static str,
    /// How many there may be.
    pub limit: usize,
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} {}", self.limit, self.what)
    }
}

impl std::error::Error for LimitExceeded {}

/// Receives refusals while a place is judged. It may stop the judgment when it has enough of them.
pub trait Sink {
    /// Hears of one refusal. [`ControlFlow::Break`] ends the judgment.
    fn refuse(&mut self, refusal: Refusal) -> ControlFlow<()>;
}

/// Hears of everything.
impl Sink for Vec<Refusal> {
    fn refuse(&mut self, refusal: Refusal) -> ControlFlow<()> {
        self.push(refusal);
        ControlFlow::Continue(())
    }
}

/// Why `provider` and `room` (indexes into the clinic's) can't be booked at `start` as `kind`; empty if they can.
/// Every reason, sorted. A start off the grid is none: it only is never offered.
#[must_use]
pub fn refusals(
    clinic: &Clinic,
    provider: usize,
    room: usize,
    start: Instant,
    kind: BookingKind,
    now: Instant,
) -> Vec<Refusal> {
    let date = clinic.settings.zone.local_date(start);
    refusals_of(&Judge::new(clinic, now, date, date), provider, room, start, kind)
}

pub(crate) fn refusals_of(
    judge: &Judge<'_>,
    provider: usize,
    room: usize,
    start: Instant,
    kind: BookingKind,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    // A Vec never breaks off.
    let _ = judge.judge(provider, room, &judge.moment(provider, start, kind), &mut refusals);
    refusals.retain(|refusal| refusal.code.refuses(kind));
    refusals.sort_unstable();
    refusals
}

/// As which kind the clinic's booking on the move would go to `provider` and `room` at `start`, and why it can't; no reason
/// if it can. It stays what it is while provider and time do. Elsewhere it is a normal one where the provider is free, and an
/// overbooked one where that is needed and it may be.
#[must_use]
pub fn refusals_of_move(
    clinic: &Clinic,
    provider: usize,
    room: usize,
    start: Instant,
    may_overbook: bool,
    now: Instant,
) -> (BookingKind, Vec<Refusal>) {
    let date = clinic.settings.zone.local_date(start);
    refusals_of_move_by(&Judge::new(clinic, now, date, date), provider, room, start, may_overbook)
}

/// The same by a judge of several starts.
pub(crate) fn refusals_of_move_by(
    judge: &Judge<'_>,
    provider: usize,
    room: usize,
    start: Instant,
    may_overbook: bool,
) -> (BookingKind, Vec<Refusal>) {
    let refusals = |kind| refusals_of(judge, provider, room, start, kind);
    if let Some(kind) = judge.kind_of_move(provider, start, may_overbook) {
        return (kind, refusals(kind));
    }
    let kind = BookingKind::of(needs_overbooking(judge, provider, start));
    (kind, refusals(kind))
}

/// Whether a booking on the move can't be a normal one there as the provider isn't free, whatever the room. Asked of it as a
/// normal one, which may have another buffer.
pub(crate) fn needs_overbooking(judge: &Judge<'_>, provider: usize, start: Instant) -> bool {
    let moment = judge.moment(provider, start, BookingKind::Normal);
    judge.judge_provider(provider, &moment, &mut UntilBusy).is_break()
}

/// Hears only whether the provider isn't free.
struct UntilBusy;

impl Sink for UntilBusy {
    fn refuse(&mut self, refusal: Refusal) -> ControlFlow<()> {
        match refusal.code.asks_for_overbooking() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Calls the edge's checkpoint every few thousand steps, so that a query cancel is answered soon.
pub(crate) struct Ticker<'a> {
    steps_left: u32,
    checkpoint: &'a mut dyn FnMut(),
}

impl<'a> Ticker<'a> {
    const STEPS: u32 = 4_096;

    pub(crate) fn new(checkpoint: &'a mut dyn FnMut()) -> Self {
        Self { steps_left: Self::STEPS, checkpoint }
    }

    pub(crate) fn tick(&mut self) {
        self.steps_left -= 1;
        if self.steps_left == 0 {
            self.steps_left = Self::STEPS;
            (self.checkpoint)();
        }
    }
}
