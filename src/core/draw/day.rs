//! The day as a picture, one provider beside the other: as text for a terminal, as SVG for a browser. Draws the
//! values it is given; decides nothing about them.

mod lanes;
mod svg;
pub(super) mod text;

use chrono::NaiveDate;

pub use svg::draw as draw_svg;
pub use text::draw as draw_text;

use crate::booking::status::Status;
use crate::ids::{BookingId, TimeOffId};
use crate::reports::day_sheet::{Appointment, Day, Kind, frame};
use crate::time::interval::{Instant, Span};
use crate::time::zone::Zone;

/// The contents of a picture.
#[derive(Clone, Debug)]
pub struct Board<'a> {
    /// The clinic's name.
    pub clinic: &'a str,
    /// The clinic's time zone.
    pub zone: &'a Zone,
    /// The date.
    pub date: NaiveDate,
    /// The clock, marked where it is within the picture.
    pub now: Instant,
    /// Providers, in the order they are shown.
    pub providers: Vec<ProviderDay<'a>>,
    /// The bookings of all rows, by id.
    pub cards: Vec<Card>,
    /// Reasons of time off, by id.
    pub reasons: Vec<(TimeOffId, String)>,
}

/// A provider and the day.
#[derive(Clone, Debug)]
pub struct ProviderDay<'a> {
    /// The provider's name.
    pub name: &'a str,
    /// The sheet of the day.
    pub day: Day,
}

/// A booking with what people call it.
#[derive(Clone, Debug)]
pub struct Card {
    /// The booking.
    pub appointment: Appointment,
    /// The patient's name; a hold may be without.
    pub patient: Option<String>,
    /// The appointment type's name.
    pub appointment_type: String,
    /// The room's name; `None` = in no room.
    pub room: Option<String>,
}

/// The states of a booking that pictures distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Booked,
    Arrived,
    CheckedIn,
    Fulfilled,
    Hold,
    Pending,
    NoShow,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Booked,
        Self::Arrived,
        Self::CheckedIn,
        Self::Fulfilled,
        Self::Hold,
        Self::Pending,
        Self::NoShow,
    ];

    const fn of(booking: &Appointment) -> Self {
        match booking.status {
            Status::Pending if booking.is_hold => Self::Hold,
            Status::Pending | Status::Proposed | Status::Waitlist => Self::Pending,
            Status::Booked => Self::Booked,
            Status::Arrived => Self::Arrived,
            Status::CheckedIn => Self::CheckedIn,
            Status::Fulfilled => Self::Fulfilled,
            // Pictures are given no cancelled bookings.
            Status::NoShow | Status::Cancelled | Status::EnteredInError => Self::NoShow,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Booked => 'B',
            Self::Arrived => 'A',
            Self::CheckedIn => 'C',
            Self::Fulfilled => 'F',
            Self::Hold => 'H',
            Self::Pending => 'P',
            Self::NoShow => 'N',
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::CheckedIn => "checked in",
            Self::Fulfilled => "fulfilled",
            Self::Hold => "hold",
            Self::Pending => "pending",
            Self::NoShow => "no-show",
        }
    }
}

impl Board<'_> {
    fn card(&self, id: BookingId) -> Option<&Card> {
        let index = self.cards.binary_search_by_key(&id, |card| card.appointment.id).ok()?;
        Some(&self.cards[index])
    }

    fn reason(&self, id: TimeOffId) -> Option<&str> {
        let index = self.reasons.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.reasons[index].1)
    }

    fn frame(&self) -> Option<Span> {
        frame(self.zone, self.providers.iter().map(|provider| &provider.day))
    }

    fn title(&self) -> String {
        format!("{}, {}", self.clinic, self.date.format("%A %-d %B %Y"))
    }

    /// Those with a day to show.
    fn shown(&self) -> impl Iterator<Item = &ProviderDay<'_>> {
        self.providers.iter().filter(|provider| !provider.day.is_closed())
    }

    /// "Closed: Baer, Curie", if anyone is.
    fn closed(&self) -> Option<String> {
        let closed = self.providers.iter().filter(|provider| provider.day.is_closed());
        let names: Vec<_> = closed.map(|provider| provider.name).collect();
        (!names.is_empty()).then(|| format!("Closed: {}", names.join(", ")))
    }

    /// The cards of a provider's day, by start.
    fn cards_of<'a>(&'a self, day: &'a Day) -> impl Iterator<Item = &'a Card> {
        day.rows.iter().filter_map(|row| match row.kind {
            Kind::Booking(id) => self.card(id),
            Kind::TimeOff(_) | Kind::Gap => None,
        })
    }
}
