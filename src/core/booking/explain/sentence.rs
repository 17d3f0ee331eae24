//! Reasons in words: ids and the clinic's wall-clock time, never anything about a patient.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Explanation;
use crate::booking::clinic::{AppointmentType, Clinic, Occupied, Room, TimeOff, TimeOffScope};
use crate::booking::reason::{Blocker, Code, Refusal};
use crate::booking::slots::{Bookable, overbooking_limit};
use crate::ids::{BookingId, TimeOffId};
use crate::time::interval::{Instant, TIME};

/// Puts reasons about one clinic into words.
pub struct Sentences<'a> {
    clinic: &'a Clinic,
    bookable: Bookable,
    bookings: HashMap<BookingId, &'a Occupied>,
    time_off: HashMap<TimeOffId, &'a TimeOff>,
}

/// The place a sentence is about.
#[derive(Clone, Copy)]
struct Place {
    provider: usize,
    room: usize,
    start: Instant,
    date: NaiveDate,
}

impl<'a> Sentences<'a> {
    /// About `clinic`, at `now`.
    #[must_use]
    pub fn new(clinic: &'a Clinic, now: Instant) -> Self {
        Self {
            clinic,
            bookable: Bookable::new(&clinic.settings, now),
            bookings: clinic.occupied.iter().map(|booking| (booking.id, booking)).collect(),
            time_off: clinic.time_off.iter().map(|row| (row.id, row)).collect(),
        }
    }

    /// A row of an explanation.
    #[must_use]
    pub fn explanation(&self, row: &Explanation) -> String {
        match (row.room, row.start) {
            (Some(room), Some(start)) => {
                self.refusal(row.provider, room, start, Refusal { code: row.code, blocker: row.blocker })
            }
            _ => self.whole_day(row.provider, row.date, row.code),
        }
    }

    /// A reason against booking `provider` and `room` (indexes into the clinic's) at `start`.
    #[must_use]
    pub fn refusal(&self, provider: usize, room: usize, start: Instant, refusal: Refusal) -> String {
        let date = self.clinic.settings.zone.local_date(start);
        let place = Place { provider, room, start, date };
        let told = match refusal.blocker {
            Some(Blocker::Booking(id)) => {
                self.bookings.get(&id).map(|booking| self.by_booking(place, refusal.code, booking))
            }
            Some(Blocker::TimeOff(id)) => self.time_off.get(&id).map(|row| self.by_time_off(place, row)),
            None => None,
        };
        told.unwrap_or_else(|| self.by_rule(place, refusal.code))
    }

    fn by_booking(&self, place: Place, code: Code, booking: &Occupied) -> String {
        let clock = |instant| self.clock(place.date, instant);
        let (id, from, to) = (booking.id, clock(booking.during.start), clock(booking.during.end));
        let provider = self.clinic.providers[place.provider].id;
        match code {
            Code::PatientBusy => format!("the patient has booking {id} from {from} to {to}"),
            Code::RoomBusy => {
                let room = self.clinic.rooms[place.room].id;
                let until = clock(booking.room_busy_until);
                format!("room {room} has booking {id} from {from} to {to} and is taken until {until}")
            }
            _ => {
                let kind = if code == Code::OverbookOverlap { "overbooked booking" } else { "booking" };
                let until = clock(booking.provider_busy_until);
                format!("provider {provider} has {kind} {id} from {from} to {to} and is busy until {until}")
            }
        }
    }

    fn by_time_off(&self, place: Place, row: &TimeOff) -> String {
        let who = match row.scope {
            TimeOffScope::Provider(id) => format!("provider {id} is off"),
            TimeOffScope::Room(id) => format!("room {id} is out of use"),
            TimeOffScope::Clinic => "the clinic is closed".to_owned(),
        };
        let clock = |instant| self.clock(place.date, instant);
        let when = match (row.during.start > TIME.start, row.during.end < TIME.end) {
            (true, true) => format!("from {} to {}", clock(row.during.start), clock(row.during.end)),
            (true, false) => format!("from {} on", clock(row.during.start)),
            (false, true) => format!("until {}", clock(row.during.end)),
            (false, false) => "always".to_owned(),
        };
        format!("{who} {when} (time off {})", row.id)
    }

    fn by_rule(&self, place: Place, code: Code) -> String {
        let Place { provider, room, start, date } = place;
        let (provider_row, room) = (&self.clinic.providers[provider], &self.clinic.rooms[room]);
        let (provider_id, kind, settings) =
            (provider_row.id, &self.clinic.appointment_type, &self.clinic.settings);
        let time = self.clock(date, start);
        match code {
            Code::ProviderDisabled => format!("provider {provider_id} is disabled"),
            Code::RoomDisabled => format!("room {} is disabled", room.id),
            Code::WrongRoomType => wrong_room_type(room, kind),
            Code::MissingEquipment => missing_equipment(room, kind),
            Code::Closed => {
                let end = self.clock(date, start + kind.duration);
                format!("provider {provider_id} isn't open all the time from {time} to {end} on {date}")
            }
            Code::NoAssistant => {
                let (end, skill) = (self.clock(date, start + kind.duration), kind.requires_skill.as_deref());
                let skill = skill.unwrap_or_default();
                format!(
                    "nobody with skill \"{skill}\" is rostered with provider {provider_id} all the time from {time} to {end} on {date}"
                )
            }
            Code::DailyCap => {
                let cap = provider_row.max_daily_appointments;
                format!("provider {provider_id} has reached the daily cap of {cap} on {date}")
            }
            Code::OverbookCap => match overbooking_limit(self.clinic, provider) {
                limit @ 1.. => {
                    format!("provider {provider_id} has reached the overbooking limit of {limit} on {date}")
                }
                _ => format!(
                    "overbooking isn't allowed for provider {provider_id} and appointment type {}",
                    kind.id
                ),
            },
            Code::ProviderFree => {
                format!("provider {provider_id} is free at {time} on {date}: there is nothing to overbook")
            }
            Code::TooSoon => {
                let first = self.clock(date, self.bookable.from);
                format!("{time} on {date} is too soon: it can be booked from {first} on")
            }
            Code::BeyondHorizon => {
                format!("{date} is beyond the booking horizon: the last date is {}", self.bookable.last_date)
            }
            Code::OffGrid => {
                let step = settings.slot_step.0;
                format!("{time} on {date} isn't on provider {provider_id}'s grid of {step} minutes")
            }
            _ => format!("provider {provider_id} at {time} on {date}: {}", code.describe()),
        }
    }

    fn whole_day(&self, provider: usize, date: NaiveDate, code: Code) -> String {
        let row = &self.clinic.providers[provider];
        let (id, duration, buffer) = (row.id, self.clinic.appointment_type.duration.0, row.buffer.0);
        match code {
            Code::Closed => format!("provider {id} isn't open on {date}"),
            Code::TimeOff => format!("all of provider {id}'s opening time on {date} is time off"),
            Code::NoRoom => {
                format!("provider {id} has free starts on {date}, but no room is free and fit for them")
            }
            Code::Full => format!("provider {id} is full on {date}"),
            Code::GapTooShort => format!(
                "provider {id} has free time on {date}, but no gap for {duration} minutes and a buffer of {buffer}"
            ),
            Code::OffGrid => format!("provider {id}'s opening time on {date} has no start of the grid"),
            _ => format!("provider {id} on {date}: {}", code.describe()),
        }
    }

    /// The clinic's time of day at `instant`, with its date where that isn't `date`.
    fn clock(&self, date: NaiveDate, instant: Instant) -> String {
        let zone = &self.clinic.settings.zone;
        let (day, time) = (zone.local_date(instant), zone.wall_time(instant));
        if day == date { time.to_string() } else { format!("{day} {time}") }
    }
}

fn wrong_room_type(room: &Room, kind: &AppointmentType) -> String {
    let required = kind.required_room_type.as_deref().unwrap_or("any");
    let (id, kind_id, room_type) = (room.id, kind.id, &room.room_type);
    format!("room {id} is of type \"{room_type}\", appointment type {kind_id} needs \"{required}\"")
}

fn missing_equipment(room: &Room, kind: &AppointmentType) -> String {
    let missing = kind.required_equipment.iter().filter(|required| !room.equipment.contains(required));
    let missing: Vec<_> = missing.map(String::as_str).collect();
    format!("room {} lacks {}", room.id, missing.join(", "))
}
