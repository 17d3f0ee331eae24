//! Finding: walks the grid date by date and start by start, calls the judge, scores what is left. It decides nothing
//! about a place itself.

use std::cmp::Reverse;
use std::ops::ControlFlow::{self, Break, Continue};

use chrono::NaiveDate;

use super::judge::Bookable;
use super::ranking::{Found, Ranking};
use super::rooms::RoomSet;
use super::{Judge, LimitExceeded, MAX_DAYS, Moment, Question, Sink, Slot, Ticker};
use crate::booking::clinic::{Clinic, Weights};
use crate::booking::reason::{BookingKind, CodeSet, Refusal};
use crate::booking::score::{self, Components, PreferredTime, Score};
use crate::time::calendar::{add_days, count_days};
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
    let ranking = Ranking::new(question.order, clinic.appointment_type.duration, question.max_results);
    if days == 0 {
        return Ok(ranking.finish());
    }
    if days > MAX_DAYS {
        return Err(LimitExceeded { what: "dates", limit: MAX_DAYS });
    }
    let mut search = Search::new(clinic, question, (from, to), ranking, checkpoint);
    for day in 0..days as i64 {
        let date = add_days(from, day);
        if search.ranking.is_settled_before(clinic.settings.zone.day_start(date)) {
            break;
        }
        for kinds in Kinds::asked(clinic, question) {
            search.day(date, kinds)?;
        }
    }
    Ok(search.ranking.finish())
}

/// The dates of the question, without those that are surely too soon or beyond the horizon.
fn bookable_dates(clinic: &Clinic, question: &Question) -> (NaiveDate, NaiveDate) {
    let bookable = Bookable::new(&clinic.settings, question.now);
    let earliest = clinic.settings.zone.local_date(bookable.from);
    // One day of slack: a fold at midnight takes the date back.
    let (first, last) = (question.from.max(add_days(earliest, -1)), question.to.min(bookable.last_date));
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

    /// What a booking on the move would be.
    const fn of_move(self) -> BookingKind {
        BookingKind::of(!self.normal)
    }
}

struct Search<'a> {
    clinic: &'a Clinic,
    question: &'a Question,
    judge: Judge<'a>,
    /// Normalized, per provider.
    weights: Vec<Weights>,
    ranking: Ranking,
    ticker: Ticker<'a>,
}

/// A start as all providers find it, worked out once.
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
    /// The rooms the provider uses that day.
    used_rooms: &'d RoomSet,
    uses_any_room: bool,
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
            weights: clinic.providers.iter().map(|provider| weights_for(provider.id)).collect(),
            ranking,
            ticker: Ticker::new(checkpoint),
        }
    }

    fn day(&mut self, date: NaiveDate, kinds: Kinds) -> Result<(), LimitExceeded> {
        let providers = 0..self.clinic.providers.len();
        let grids: Vec<_> = providers.map(|provider| self.judge.starts_on(provider, date)).collect();
        let mut starts = grids.concat();
        starts.sort_unstable();
        starts.dedup();
        let outlooks: Vec<_> = starts.into_iter().filter_map(|start| self.outlook(start, kinds)).collect();
        for (provider, grid) in grids.iter().enumerate() {
            self.provider_day(provider, date, grid, &outlooks)?;
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
        let mut used_rooms = RoomSet::new(self.clinic.rooms.len());
        let bookings = self.judge.day(provider, date).bookings;
        bookings.iter().filter_map(|booking| booking.room).for_each(|room| used_rooms.insert(room));
        let uses_any_room = !bookings.is_empty();
        let mut ahead = grid.iter().peekable();
        for outlook in outlooks {
            let start = outlook.moment.slot.start;
            while ahead.next_if(|next| **next < start).is_some() {}
            if ahead.next_if_eq(&&start).is_none() {
                continue;
            }
            self.ticker.tick();
            if let Some((kind, compactness)) = self.appraise(provider, outlook) {
                let used_rooms = &used_rooms;
                self.offer(&Offer { outlook, provider, kind, compactness, used_rooms, uses_any_room })?;
            }
        }
        Ok(())
    }

    /// The part of the judgment that all providers share at `start`; `None` if nobody can have it.
    fn outlook(&mut self, start: Instant, kinds: Kinds) -> Option<Outlook> {
        let moment = self.judge.moment(start, kinds.of_move());
        let mut verdict = Verdict::new(kinds);
        if self.judge.judge_moment(&moment, &mut verdict).is_break() {
            return None;
        }
        let mut free_rooms = RoomSet::new(self.clinic.rooms.len());
        for room in 0..self.clinic.rooms.len() {
            self.ticker.tick();
            if self.judge.judge_room(room, &moment, &mut Verdict::new(kinds)).is_continue() {
                free_rooms.insert(room);
            }
        }
        let preferred =
            PreferredTime { from: self.question.preferred_from, until: self.question.preferred_until };
        let preference = score::preference(preferred, self.clinic.settings.zone.wall_time(start));
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
        let buffer = self.clinic.providers[provider].buffer;
        let neighbors = bookings.iter().map(|booking| booking.neighbor);
        Some((verdict.kind()?, score::compactness(outlook.moment.slot, buffer, neighbors)))
    }

    /// Whether a booking on the move may be of the kind that is looked for just now.
    fn may_be_asked(&self, provider: usize, outlook: &Outlook) -> bool {
        let Some(moving) = self.clinic.moving else { return true };
        let start = outlook.moment.slot.start;
        let kind = self.judge.kind_of_move(provider, start, moving.is_overbooked);
        self.judge.may_go_to(provider, start)
            && kind.is_none_or(|kind| kind == outlook.verdict.kinds.of_move())
    }

    fn offer(&mut self, offer: &Offer<'_>) -> Result<(), LimitExceeded> {
        let start = offer.outlook.moment.slot.start;
        let is_present = |room: &usize| self.judge.is_present_place(offer.provider, *room, start);
        let present = self.clinic.moving.and_then(|_| offer.outlook.free_rooms.iter().find(is_present));
        let without_present = present.map(|room| offer.outlook.free_rooms.without(room));
        let free = without_present.as_ref().unwrap_or(&offer.outlook.free_rooms);
        if self.question.all_rooms {
            return free.iter().try_for_each(|room| self.ranking.push(&self.slot(offer, room)));
        }
        // Rooms differ only in whether the provider uses them already, so the best is the first of either sort.
        let best_of_each = [free.first_in(offer.used_rooms), free.first_outside(offer.used_rooms)];
        let slots = best_of_each.into_iter().flatten().map(|room| self.slot(offer, room));
        match slots.min_by_key(|slot| (Reverse(slot.quality), slot.room)) {
            Some(best) => self.ranking.push(&best),
            None => Ok(()),
        }
    }

    fn slot(&self, offer: &Offer<'_>, room: usize) -> Slot {
        let Offer { outlook, provider, kind, .. } = *offer;
        let is_overbooked = kind == BookingKind::Overbooked;
        let components = Components {
            preference: outlook.preference,
            compactness: offer.compactness,
            room: score::room(offer.used_rooms.contains(room), offer.uses_any_room),
            overbooking: score::overbooking(is_overbooked),
        };
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
        }
    }
}

/// Hears only enough to know whether a place can be had, and as what.
#[derive(Clone, Copy)]
struct Verdict {
    codes: CodeSet,
    kinds: Kinds,
}

impl Verdict {
    fn new(kinds: Kinds) -> Self {
        Self { codes: CodeSet::EMPTY, kinds }
    }

    fn kind(self) -> Option<BookingKind> {
        if self.kinds.normal && !self.codes.refuses(BookingKind::Normal) {
            Some(BookingKind::Normal)
        } else if self.kinds.overbooked && !self.codes.refuses(BookingKind::Overbooked) {
            Some(BookingKind::Overbooked)
        } else {
            None
        }
    }
}

impl Sink for Verdict {
    fn refuse(&mut self, refusal: Refusal) -> ControlFlow<()> {
        self.codes.insert(refusal.code);
        if self.kind().is_some() { Continue(()) } else { Break(()) }
    }
}
