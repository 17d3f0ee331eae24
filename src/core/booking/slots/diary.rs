//! The clinic's bookings, handed out once to whom they concern: provider, day, room and patient. Only sorted and
//! counted here, not judged.

use chrono::NaiveDate;

use super::index::SpanIndex;
use crate::booking::clinic::{Clinic, Occupied, Provider};
use crate::booking::score::Neighbor;
use crate::ids::BookingId;
use crate::time::calendar::{count_days, date_to_pg_days};
use crate::time::interval::Span;

/// Everybody's bookings.
pub(super) struct Diaries {
    /// By the index of the provider.
    pub(super) providers: Vec<Diary>,
    /// By the index of the room: its busy times, turnover included.
    pub(super) rooms: Vec<SpanIndex<BookingId>>,
    /// The patient's appointments.
    pub(super) patient: SpanIndex<BookingId>,
}

/// A provider's bookings.
pub(super) struct Diary {
    /// Busy times, buffer included.
    pub(super) busy: SpanIndex<Taken>,
    days: Days,
}

/// Bookings that take a provider's time.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    pub(super) id: BookingId,
    pub(super) is_overbooked: bool,
}

/// A provider's local date.
#[derive(Clone, Copy, Default)]
pub(super) struct Day<'a> {
    /// By start.
    pub(super) bookings: &'a [DayBooking],
    /// How many of them are normal.
    pub(super) normal: u32,
    /// How many are overbooked.
    pub(super) overbooked: u32,
}

impl Day<'_> {
    /// Whether the provider has as many normal bookings as are allowed on a day.
    pub(super) fn is_capped(&self, provider: &Provider) -> bool {
        i64::from(self.normal) >= i64::from(provider.max_daily_appointments)
    }
}

/// A booking as the rest of its day sees it.
#[derive(Clone, Copy)]
pub(super) struct DayBooking {
    pub(super) neighbor: Neighbor,
    /// Index of its room, if that is among the rooms in question.
    pub(super) room: Option<usize>,
    /// Whether it has a room at all.
    pub(super) has_room: bool,
}

impl Diaries {
    /// The diary of all providers, rooms and the patient; days from `from` to `to`.
    pub(super) fn new(clinic: &Clinic, from: NaiveDate, to: NaiveDate) -> Self {
        let provider_ids: Vec<_> = clinic.providers.iter().map(|provider| provider.id).collect();
        let room_ids: Vec<_> = clinic.rooms.iter().map(|room| room.id).collect();
        let mut of_providers = vec![Vec::new(); provider_ids.len()];
        let mut of_rooms = vec![Vec::new(); room_ids.len()];
        let mut of_patient = Vec::new();
        for booking in &clinic.occupied {
            let room = booking.room.and_then(|room| room_ids.binary_search(&Some(room)).ok());
            if let Some(room) = room {
                of_rooms[room].push((hull(booking.during, booking.room_busy), booking.id));
            }
            if let Ok(provider) = provider_ids.binary_search(&booking.provider) {
                of_providers[provider].push((booking, room));
            }
            if booking.is_same_patient {
                of_patient.push((booking.during, booking.id));
            }
        }
        Self {
            providers: of_providers.into_iter().map(|bookings| Diary::new(bookings, from, to)).collect(),
            rooms: of_rooms.into_iter().map(SpanIndex::new).collect(),
            patient: SpanIndex::new(of_patient),
        }
    }
}

impl Diary {
    /// The diary of bookings and the indexes of their rooms.
    fn new(bookings: Vec<(&Occupied, Option<usize>)>, from: NaiveDate, to: NaiveDate) -> Self {
        let busy = bookings.iter().map(|(booking, _)| {
            let span = hull(booking.during, booking.provider_busy);
            (span, Taken { id: booking.id, is_overbooked: booking.is_overbooked })
        });
        Self { busy: SpanIndex::new(busy.collect()), days: Days::new(bookings, from, to) }
    }

    /// The bookings on `date`; none outside the dates in question.
    pub(super) fn day(&self, date: NaiveDate) -> Day<'_> {
        self.days.day(date).unwrap_or_default()
    }
}

/// Busy time, which is never less than the appointment.
fn hull(during: Span, busy: Span) -> Span {
    Span { start: busy.start.min(during.start), end: busy.end.max(during.end) }
}

/// Bookings by local date.
struct Days {
    /// PostgreSQL's count of the first date.
    first: i64,
    bookings: Vec<DayBooking>,
    counts: Vec<DayCount>,
}

#[derive(Clone, Copy, Default)]
struct DayCount {
    /// How many bookings are on earlier days.
    before: u32,
    normal: u32,
    overbooked: u32,
}

impl Days {
    fn new(mut bookings: Vec<(&Occupied, Option<usize>)>, from: NaiveDate, to: NaiveDate) -> Self {
        let mut days = Self {
            first: date_to_pg_days(from).into(),
            bookings: Vec::with_capacity(bookings.len()),
            counts: vec![DayCount::default(); count_days(from, to)],
        };
        bookings.sort_by_key(|(booking, _)| (booking.local_date, booking.during.start));
        for (booking, room) in bookings {
            let Some(day) = days.index(booking.local_date) else { continue };
            let count = &mut days.counts[day];
            *(if booking.is_overbooked { &mut count.overbooked } else { &mut count.normal }) += 1;
            let neighbor = Neighbor { during: booking.during, busy: booking.provider_busy };
            days.bookings.push(DayBooking { neighbor, room, has_room: booking.room.is_some() });
        }
        let mut before = 0;
        for count in &mut days.counts {
            count.before = before;
            before += count.normal + count.overbooked;
        }
        days
    }

    fn index(&self, date: NaiveDate) -> Option<usize> {
        let index = i64::from(date_to_pg_days(date)) - self.first;
        usize::try_from(index).ok().filter(|index| *index < self.counts.len())
    }

    fn day(&self, date: NaiveDate) -> Option<Day<'_>> {
        let DayCount { before, normal, overbooked } = self.counts[self.index(date)?];
        let (first, end) = (before as usize, (before + normal + overbooked) as usize);
        Some(Day { bookings: &self.bookings[first..end], normal, overbooked })
    }
}
