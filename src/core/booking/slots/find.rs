//! Finding: walks the grid date by date and start by start, calls the judge, scores what is left. It decides nothing
//! about a place itself.

use std::cmp::Reverse;
use std::ops::ControlFlow::{self, Break, Continue};

use chrono::NaiveDate;

use super::judge::Bookable;
use super::ranking::{Found, Ranking};
use super::rooms::RoomSet;
use super::workload::Workloads;
use super::{Judge, LimitExceeded, MAX_DAYS, Moment, Order, Question, Sink, Slot, Ticker, needs_overbooking};
use crate::booking::clinic::{Clinic, Room, Weights};
use crate::booking::reason::{BookingKind, Refusal};
use crate::booking::score::{self, Components, Score};
use crate::time::calendar::{TimesOfDay, Weekdays, add_days, count_days};
use crate::time::interval::Instant;

/// The slots that answer `question`, in its order. Calls `checkpoint` every few thousand steps; it may unwind.
///
/// # Errors
/// [`LimitExceeded`] if the question reaches over more than [`MAX_DAYS`] bookable dates or has more than
/// [`MAX_SLOTS`](super::MAX_SLOTS) answers.
pub fn find(
    clinic: &Clinic,
    question: &Question,
    checkpoint: &mut dyn FnMut(),
) -> Result<Found, LimitExceeded> {
    let (from, to) = bookable_dates(clinic, question);
    let days = count_days(from, to);
    let ranking = Ranking::new(clinic, question.order, question.max_results);
    if days == 0 {
        return Ok(ranking.finish());
    }
    if days > MAX_DAYS {
        return Err(LimitExceeded { what: "dates", limit: MAX_DAYS });
    }
    let mut search = Search::new(clinic, question, (from, to), ranking, checkpoint);
    let alike = search.judge.alike();
    for date in (0..days as i64).map(|day| add_days(from, day)) {
        if !question.weekdays.contains(date) {
            continue;
        }
        if search.ranking.is_settled_before(clinic.settings.zone.day_start(date)) {
            break;
        }
        for kinds in Kinds::asked(clinic, question) {
            alike.iter().try_for_each(|providers| search.day(date, providers, kinds))?;
        }
    }
    Ok(search.ranking.finish())
}

/// The best place at `start` that can be booked as `kind`: of all providers and rooms of the clinic, whether on their grids
/// or not. With `is_overridden`, rules that an override lifts are as if they weren't there.
#[must_use]
pub fn best(
    clinic: &Clinic,
    start: Instant,
    kind: BookingKind,
    is_overridden: bool,
    now: Instant,
) -> Option<Slot> {
    let date = clinic.settings.zone.local_date(start);
    let question = Question {
        from: date,
        to: date,
        now,
        preferred: TimesOfDay::default(),
        acceptable: TimesOfDay::default(),
        weekdays: Weekdays::ALL,
        include_overbooked: true,
        all_rooms: false,
        max_results: Some(1),
        order: Order::BestFirst,
    };
    let ranking = Ranking::new(clinic, question.order, question.max_results);
    let mut no_checkpoint = || ();
    let mut search = Search::new(clinic, &question, (date, date), ranking, &mut no_checkpoint);
    search.is_overridden = is_overridden;
    for providers in search.judge.alike() {
        let Some(outlook) = search.outlook(providers[0], start, Kinds::only(kind)) else { continue };
        for provider in providers {
            // One slot a provider is far from the limit.
            search.provider_start(provider, &outlook).ok()?;
        }
    }
    search.ranking.finish().next()
}

/// The dates of the question, without those that are surely too soon or beyond the horizon.
fn bookable_dates(clinic: &Clinic, question: &Question) -> (NaiveDate, NaiveDate) {
    let zone = &clinic.settings.zone;
    let of_providers = (0..clinic.providers.len())
        .map(|provider| Bookable::new(zone, &clinic.terms(provider), question.now))
        .reduce(|one, other| Bookable {
            from: one.from.min(other.from),
            last_date: one.last_date.max(other.last_date),
        });
    let Some(bookable) = of_providers else { return (question.from, add_days(question.from, -1)) };
    // One day of slack: a fold at midnight takes the date back.
    let earliest = add_days(zone.local_date(bookable.from), -1);
    let (first, last) = (question.from.max(earliest), question.to.min(bookable.last_date));
    // Where a booking is, it can change rooms and providers, whatever the clock says.
    match clinic.moving.map(|moving| moving.local_date) {
        Some(date) if question.from <= date && date <= question.to => (first.min(date), last.max(date)),
        _ => (first, last),
    }
}

/// As what places are looked for at a time.
#[derive(Clone, Copy, Debug)]
struct Kinds {
    normal: bool,
    overbooked: bool,
}

impl Kinds {
    /// One after the other where what is judged depends on it: a booking on the move that becomes a normal one is judged
    /// anew.
    fn asked(clinic: &Clinic, question: &Question) -> impl Iterator<Item = Self> {
        let overbooked = question.include_overbooked;
        let (first, second) = match clinic.moving {
            None => (Self { normal: true, overbooked }, None),
            Some(moving) => (
                Self { normal: true, overbooked: false },
                (moving.is_overbooked && overbooked).then_some(Self { normal: false, overbooked: true }),
            ),
        };
        [Some(first), second].into_iter().flatten()
    }

    /// One of them.
    const fn only(kind: BookingKind) -> Self {
        let normal = matches!(kind, BookingKind::Normal);
        Self { normal, overbooked: !normal }
    }

    /// What a booking on the move would be.
    const fn of_move(self) -> BookingKind {
        BookingKind::of(!self.normal)
    }
}

struct Search<'a> {
    clinic: &'a Clinic,
    question: &'a Question,
    judge: Judge<'a>,
    /// Whether rules that an override lifts are as if they weren't there.
    is_overridden: bool,
    /// Normalized, per provider.
    weights: Vec<Weights>,
    workloads: Workloads,
    ranking: Ranking,
    ticker: Ticker<'a>,
}

/// A start as all providers who are alike find it, worked out once.
struct Outlook {
    moment: Moment,
    verdict: Verdict,
    preference: f64,
    free_rooms: RoomSet,
}

/// A provider's start that some room can have.
struct Offer<'d> {
    outlook: &'d Outlook,
    provider: usize,
    kind: BookingKind,
    compactness: f64,
    used: &'d UsedRooms,
}

/// The rooms that a provider uses on a date.
struct UsedRooms {
    rooms: RoomSet,
    /// Whether any room, be it among those in question or not.
    uses_any: bool,
}

impl<'a> Search<'a> {
    fn new(
        clinic: &'a Clinic,
        question: &'a Question,
        (from, to): (NaiveDate, NaiveDate),
        ranking: Ranking,
        checkpoint: &'a mut dyn FnMut(),
    ) -> Self {
        let weights_for =
            |provider| score::weights_for(&clinic.scoring_profiles, provider, clinic.appointment_type.id);
        Self {
            clinic,
            question,
            judge: Judge::new(clinic, question.now, from, to),
            is_overridden: false,
            weights: clinic.providers.iter().map(|provider| weights_for(provider.id)).collect(),
            workloads: Workloads::of(clinic),
            ranking,
            ticker: Ticker::new(checkpoint),
        }
    }

    /// Looks at a date of providers who are alike.
    fn day(&mut self, date: NaiveDate, providers: &[usize], kinds: Kinds) -> Result<(), LimitExceeded> {
        let grids: Vec<_> = providers.iter().map(|provider| self.judge.starts_on(*provider, date)).collect();
        let mut starts = grids.concat();
        starts.sort_unstable();
        starts.dedup();
        let one = providers[0];
        let outlooks: Vec<_> =
            starts.into_iter().filter_map(|start| self.outlook(one, start, kinds)).collect();
        for (provider, grid) in providers.iter().zip(&grids) {
            self.provider_day(*provider, date, grid, &outlooks)?;
        }
        Ok(())
    }

    /// Offers `provider` at every start of its `grid` that has an outlook. Both are sorted.
    fn provider_day(
        &mut self,
        provider: usize,
        date: NaiveDate,
        grid: &[Instant],
        outlooks: &[Outlook],
    ) -> Result<(), LimitExceeded> {
        self.ticker.tick();
        let used = self.used_rooms(provider, date);
        let mut ahead = grid.iter().peekable();
        for outlook in outlooks {
            let start = outlook.moment.slot.start;
            while ahead.next_if(|next| **next < start).is_some() {}
            if ahead.next_if_eq(&&start).is_none() {
                continue;
            }
            self.ticker.tick();
            self.provider_start_in(provider, outlook, &used)?;
        }
        Ok(())
    }

    /// Offers `provider` at one start, whatever its grid.
    fn provider_start(&mut self, provider: usize, outlook: &Outlook) -> Result<(), LimitExceeded> {
        let used = self.used_rooms(provider, outlook.moment.date);
        self.provider_start_in(provider, outlook, &used)
    }

    fn provider_start_in(
        &mut self,
        provider: usize,
        outlook: &Outlook,
        used: &UsedRooms,
    ) -> Result<(), LimitExceeded> {
        match self.appraise(provider, outlook) {
            Some((kind, compactness)) => self.offer(&Offer { outlook, provider, kind, compactness, used }),
            None => Ok(()),
        }
    }

    fn used_rooms(&self, provider: usize, date: NaiveDate) -> UsedRooms {
        let mut rooms = RoomSet::new(self.ranking.rooms().len());
        let bookings = self.judge.day(provider, date).bookings;
        let used = bookings.iter().filter_map(|booking| booking.room);
        used.for_each(|room| rooms.insert(self.ranking.rooms().rank(room)));
        if let [Room { id: None, .. }] = self.clinic.rooms[..] {
            // Nobody goes anywhere for it.
            rooms.insert(0);
        }
        UsedRooms { rooms, uses_any: bookings.iter().any(|booking| booking.has_room) }
    }

    /// The part of the judgment that `provider` shares at `start` with all who are alike; `None` if nobody of them can have it.
    fn outlook(&mut self, provider: usize, start: Instant, kinds: Kinds) -> Option<Outlook> {
        let time = self.clinic.settings.zone.wall_time(start);
        if !self.question.acceptable.contains(time) {
            return None;
        }
        let moment = self.judge.moment(provider, start, kinds.of_move());
        self.workloads.prepare(self.clinic, moment.date);
        let wanted = Verdict { kinds, is_overridden: self.is_overridden };
        let mut verdict = wanted;
        if self.judge.judge_moment(&moment, &mut verdict).is_break() {
            return None;
        }
        let rooms = self.ranking.rooms();
        let mut free_rooms = RoomSet::new(rooms.len());
        for room in 0..rooms.len() {
            self.ticker.tick();
            let mut of_room = wanted;
            if self.judge.judge_room(room, &moment, &mut of_room).is_continue() {
                free_rooms.insert(rooms.rank(room));
            }
        }
        let preference = score::preference(self.question.preferred, time);
        (!free_rooms.is_empty()).then_some(Outlook { moment, verdict, preference, free_rooms })
    }

    /// As what `provider` can be booked there, and how compact that leaves the day.
    fn appraise(&self, provider: usize, outlook: &Outlook) -> Option<(BookingKind, f64)> {
        let mut verdict = outlook.verdict;
        if !self.may_be_asked(provider, outlook) {
            return None;
        }
        if self.judge.judge_provider(provider, &outlook.moment, &mut verdict).is_break() {
            return None;
        }
        let bookings = self.judge.day(provider, outlook.moment.date).bookings;
        let pauses = self.judge.pauses_on(provider, outlook.moment.date);
        let neighbors = bookings.iter().map(|booking| booking.neighbor);
        Some((verdict.kind()?, score::compactness(outlook.moment.slot, pauses, neighbors)))
    }

    /// Whether a booking on the move may be of the kind that is looked for just now.
    fn may_be_asked(&self, provider: usize, outlook: &Outlook) -> bool {
        let Some(moving) = self.clinic.moving else { return true };
        let start = outlook.moment.slot.start;
        let kind = self.judge.kind_of_move(provider, start, moving.is_overbooked);
        let is_of_kind = match (kind, outlook.moment.kind) {
            (Some(kind), asked) => kind == asked,
            (None, BookingKind::Normal) => true,
            (None, BookingKind::Overbooked) => needs_overbooking(&self.judge, provider, start),
        };
        is_of_kind && self.judge.may_go_to(provider, start)
    }

    fn offer(&mut self, offer: &Offer<'_>) -> Result<(), LimitExceeded> {
        let start = offer.outlook.moment.slot.start;
        let rooms = self.ranking.rooms();
        let is_present = |rank: &usize| self.judge.is_present_place(offer.provider, rooms.room(*rank), start);
        let present = self.clinic.moving.and_then(|_| offer.outlook.free_rooms.iter().find(is_present));
        let without_present = present.map(|room| offer.outlook.free_rooms.without(room));
        let free = without_present.as_ref().unwrap_or(&offer.outlook.free_rooms);
        let chosen = self.judge.chooses_rooms(offer.provider).then(|| self.open_rooms(offer, free));
        let free = chosen.as_ref().unwrap_or(free);
        if self.question.all_rooms {
            return free.iter().try_for_each(|rank| self.ranking.push(&self.slot(offer, rank)));
        }
        // Rooms differ only in whether the provider uses them already, so the best is the first of either sort.
        let used = &offer.used.rooms;
        match (free.first_in(used), free.first_outside(used)) {
            (Some(one), Some(other)) => {
                let slots = [self.slot(offer, one), self.slot(offer, other)];
                let is_one = (Reverse(slots[0].quality), one) < (Reverse(slots[1].quality), other);
                self.ranking.push(&slots[usize::from(!is_one)])
            }
            (Some(only), None) | (None, Some(only)) => self.ranking.push(&self.slot(offer, only)),
            (None, None) => Ok(()),
        }
    }

    /// The rooms of some in which the provider is open.
    #[cold]
    fn open_rooms(&self, offer: &Offer<'_>, rooms: &RoomSet) -> RoomSet {
        let order = self.ranking.rooms();
        let wanted = Verdict { kinds: Kinds::only(offer.kind), is_overridden: self.is_overridden };
        let mut open = RoomSet::new(order.len());
        for rank in rooms.iter() {
            let (room, moment, mut verdict) = (order.room(rank), &offer.outlook.moment, wanted);
            if self.judge.judge_both(offer.provider, room, moment, &mut verdict).is_continue() {
                open.insert(rank);
            }
        }
        open
    }

    fn slot(&self, offer: &Offer<'_>, room_rank: usize) -> Slot {
        let Offer { outlook, provider, kind, .. } = *offer;
        let is_overbooked = kind == BookingKind::Overbooked;
        let components = Components {
            preference: outlook.preference,
            compactness: offer.compactness,
            room: score::room(offer.used.rooms.contains(room_rank), offer.used.uses_any),
            overbooking: score::overbooking(is_overbooked),
            continuity: score::continuity(self.clinic.last_seen, self.clinic.providers[provider].id),
            load: self.workloads.score(provider, outlook.moment.date),
        };
        let room = self.ranking.rooms().room(room_rank);
        Slot {
            start: outlook.moment.slot.start,
            end: outlook.moment.slot.end,
            provider,
            room,
            is_overbooked,
            quality: self.weights[provider].quality(&components),
            preference: Score::new(components.preference),
            compactness: Score::new(components.compactness),
            room_score: Score::new(components.room),
            continuity: Score::new(components.continuity),
            load: Score::new(components.load),
            group: if is_overbooked { None } else { self.judge.group(provider, room, &outlook.moment) },
        }
    }
}

/// Hears only enough to know whether a place can be had, and as what: which of the kinds asked for is still possible.
#[derive(Clone, Copy)]
struct Verdict {
    kinds: Kinds,
    is_overridden: bool,
}

impl Verdict {
    const fn kind(self) -> Option<BookingKind> {
        match self.kinds {
            Kinds { normal: true, .. } => Some(BookingKind::Normal),
            Kinds { overbooked: true, .. } => Some(BookingKind::Overbooked),
            Kinds { .. } => None,
        }
    }
}

impl Sink for Verdict {
    // Called with constants, of which the compiler leaves a store of a byte or two.
    #[inline]
    fn refuse(&mut self, refusal: Refusal) -> ControlFlow<()> {
        if !(self.is_overridden && refusal.code.can_be_overridden()) {
            self.kinds.normal &= !refusal.code.refuses(BookingKind::Normal);
            self.kinds.overbooked &= !refusal.code.refuses(BookingKind::Overbooked);
        }
        if self.kinds.normal || self.kinds.overbooked { Continue(()) } else { Break(()) }
    }
}
