//! Reasons in words: names before ids and the clinic's wall-clock time, never anything about a patient.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Explanation;
use crate::booking::clinic::{
    AppointmentType, Clinic, Occupied, Provider, Resource, Room, TimeOff, TimeOffScope,
};
use crate::booking::hours::{Holiday, OpeningWindow, dates_around};
use crate::booking::limits::{BookingLimit, LimitPer, Most};
use crate::booking::place::Pauses;
use crate::booking::reason::{Blocker, Code, Refusal};
use crate::booking::slots::{Bookable, overbooking_limit};
use crate::ids::{BookingId, ReservedWindowId, TimeOffId};
use crate::text::{at, moments, named, span};
use crate::time::interval::{Instant, Span, TIME};
use crate::time::zone::Zone;

/// Puts reasons about one clinic into words.
pub struct Sentences<'a> {
    clinic: &'a Clinic,
    now: Instant,
    bookings: HashMap<BookingId, &'a Occupied>,
    time_off: HashMap<TimeOffId, &'a TimeOff>,
    series: &'a [BookingId],
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
            now,
            bookings: clinic.occupied.iter().map(|booking| (booking.id, booking)).collect(),
            time_off: clinic.time_off.iter().map(|row| (row.id, row)).collect(),
            series: &[],
        }
    }

    /// Within a series whose earlier appointments are these bookings. They have no ids for the reader: they are undone with
    /// the one that is refused.
    #[must_use]
    pub fn in_series(self, series: &'a [BookingId]) -> Self {
        Self { series, ..self }
    }

    /// A booking's name.
    fn booking(&self, id: BookingId, kind: &str) -> String {
        match self.series.iter().position(|booked| *booked == id) {
            Some(nth) => format!("appointment {} of the series", nth + 1),
            None => format!("{kind} {id}"),
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
        let text = match refusal.blocker {
            Some(Blocker::Booking(id)) => {
                self.bookings.get(&id).map(|booking| self.by_booking(place, refusal.code, booking))
            }
            Some(Blocker::Limit(id)) => {
                let limit = self.clinic.limits.iter().find(|limit| limit.id == id);
                limit.map(|limit| self.by_limit(place, limit))
            }
            Some(Blocker::TimeOff(id)) => self.time_off.get(&id).map(|row| self.by_time_off(place, row)),
            Some(Blocker::Reserved(id)) => self.by_reserved(place, id),
            None => None,
        };
        text.unwrap_or_else(|| self.by_rule(place, refusal.code))
    }

    fn by_booking(&self, place: Place, code: Code, booking: &Occupied) -> String {
        let (during, named) = (booking.during, |kind| self.booking(booking.id, kind));
        let taken = |busy: Span, verb: &str| {
            if busy.start < during.start {
                let [start, end, from, until] =
                    moments(self.zone(), [during.start, during.end, busy.start, busy.end]);
                return format!("{start} to {end}, and is {verb} from {from} until {until}");
            }
            let [start, end, until] = moments(self.zone(), [during.start, during.end, busy.end]);
            format!("{start} to {end}, and is {verb} until {until}")
        };
        match code {
            Code::PatientBusy => {
                format!("the patient has {}, {}", named("booking"), span(self.zone(), during))
            }
            Code::NoTravelTime => self.no_travel_time(place, booking),
            Code::RoomBusy => {
                let room = self.clinic.rooms[place.room].named();
                format!("{room} has {}, {}", named("booking"), taken(booking.room_busy, "taken"))
            }
            _ => {
                let provider = self.clinic.providers[place.provider].named();
                let kind = if code == Code::OverbookOverlap { "overbooked booking" } else { "booking" };
                format!("{provider} has {}, {}", named(kind), taken(booking.provider_busy, "busy"))
            }
        }
    }

    /// The way between the place and a booking at another site: whence, whither, and how long it takes.
    fn no_travel_time(&self, place: Place, booking: &Occupied) -> String {
        let (sites, during) = (&self.clinic.sites, booking.during);
        let here = self.clinic.rooms[place.room].site;
        let there = booking.room.and_then(|room| sites.of_rooms.get(&room).copied());
        let provider = self.clinic.providers[place.provider].named();
        let (named, when) = (self.booking(booking.id, "booking"), span(self.zone(), during));
        let Some((here, there)) = here.zip(there) else { return format!("{provider} has {named}, {when}") };
        let is_before = during.end <= place.start;
        let (from, to) = if is_before { (there, here) } else { (here, there) };
        let (minutes, [from, to]) = (sites.way(from, to).0, [from, to].map(|site| sites.named(site)));
        let there = sites.named(there);
        format!("{provider} needs {minutes} minutes from {from} to {to}, and has {named} at {there}, {when}")
    }

    fn by_time_off(&self, place: Place, row: &TimeOff) -> String {
        let who = match row.scope {
            TimeOffScope::Provider(_) => format!("{} is off", self.clinic.providers[place.provider].named()),
            TimeOffScope::Room(_) => format!("{} is out of use", self.clinic.rooms[place.room].named()),
            TimeOffScope::Clinic => "the clinic is closed".to_owned(),
        };
        let (zone, during) = (self.zone(), row.during);
        let when = match (during.start > TIME.start, during.end < TIME.end) {
            (true, true) => format!("from {}", span(zone, during)),
            (true, false) => format!("from {} on", at(zone, during.start)),
            (false, true) => format!("until {}", at(zone, during.end)),
            (false, false) => "always".to_owned(),
        };
        format!("{who} {when} (time off {})", row.id)
    }

    fn by_reserved(&self, place: Place, id: ReservedWindowId) -> Option<String> {
        let row = self.clinic.reserved.iter().find(|row| row.id == id)?;
        let end = place.start + self.clinic.duration_with(place.provider);
        let slot = Span { start: place.start, end };
        let mut kept = dates_around(place.date, place.date)
            .filter_map(|date| row.kept_on(self.zone(), date, self.now))
            .filter(|kept| kept.span.overlaps(slot));
        let kept = kept.next()?;
        let names: Vec<_> = row.types.iter().map(|(id, name)| named(name, "appointment type", *id)).collect();
        let until = kept.until.map_or_else(String::new, |until| format!(" until {}", at(self.zone(), until)));
        let (when, names) = (span(self.zone(), kept.span), names.join(", "));
        let provider = self.clinic.providers[place.provider].named();
        Some(format!("{provider} is kept for {names} {when}{until} (reserved window {id})"))
    }

    fn by_limit(&self, place: Place, limit: &BookingLimit) -> String {
        let who = match limit.per {
            LimitPer::Provider => self.clinic.providers[place.provider].named(),
            LimitPer::Patient => "the patient".to_owned(),
            LimitPer::Clinic => "the clinic".to_owned(),
        };
        let (most, unit) = match limit.most {
            Most::Bookings(1) => (1, "booking"),
            Most::Bookings(most) => (most, "bookings"),
            Most::Minutes(most) if limit.appointment_type.is_some() => (most, "minutes"),
            Most::Minutes(most) => (most, "minutes of bookings"),
        };
        let when = match limit.period.dates(place.date) {
            None => "that aren't over".to_owned(),
            Some((first, last)) if first == last => format!("on {first}"),
            Some((first, last)) => format!("from {first} to {last}"),
        };
        let with = match limit.provider.filter(|_| limit.per != LimitPer::Provider) {
            Some(_) => format!(" with {}", self.clinic.providers[place.provider].named()),
            None => String::new(),
        };
        let of = match limit.appointment_type {
            Some(_) => format!(" of {}", self.clinic.appointment_type.named()),
            None => String::new(),
        };
        format!("{who} can have at most {most} {unit}{of}{with} {when} (booking limit {})", limit.id)
    }

    fn by_rule(&self, place: Place, code: Code) -> String {
        let Place { start, date, .. } = place;
        let (row, room) = (&self.clinic.providers[place.provider], &self.clinic.rooms[place.room]);
        let (provider, kind, zone) = (row.named(), &self.clinic.appointment_type, self.zone());
        let slot = || span(zone, Span { start, end: start + self.clinic.duration_with(place.provider) });
        match code {
            Code::ProviderDisabled => format!("{provider} is disabled"),
            Code::WrongProvider => self.wrong_provider(place.provider),
            Code::RoomDisabled => format!("{} is disabled", room.named()),
            Code::WrongRoomType => wrong_room_type(room, kind),
            Code::MissingEquipment => missing_equipment(room, kind),
            Code::Closed => {
                let holiday = closed_by(row, date);
                format!("{provider} isn't open{} all of {}{holiday}", self.for_whom(place.provider), slot())
            }
            Code::ClosedInRoom => {
                let whom = self.for_whom(place.provider);
                let holiday = named_holiday(row.holiday_on(date, room.site), date);
                format!("{provider} isn't open{whom} in {} all of {}{holiday}", room.named(), slot())
            }
            Code::TypeClosed => format!("{} isn't done all of {}", kind.named(), slot()),
            Code::RoomClosed => format!("{} isn't open all of {}", room.named(), slot()),
            Code::NoAssistant => {
                let skills = skills(&kind.required_skills);
                format!("nobody with {skills} is rostered with {provider} all of {}", slot())
            }
            Code::NoResource => {
                let during = Span { start, end: start + self.clinic.duration_with(place.provider) };
                self.no_resource(room, during)
            }
            Code::SessionFull => {
                format!("all places of {} with {provider} at {} are taken", kind.named(), at(zone, start))
            }
            Code::DailyCap => {
                let cap = row.max_daily_appointments;
                format!("{provider} has reached the daily cap of {cap} on {date}")
            }
            Code::OverbookCap => match overbooking_limit(self.clinic, place.provider) {
                limit @ 1.. => format!("{provider} has reached the overbooking limit of {limit} on {date}"),
                _ => format!("overbooking isn't allowed for {provider} and {}", kind.named()),
            },
            Code::ProviderFree => {
                format!("{provider} is free at {}: there is nothing to overbook", at(zone, start))
            }
            Code::TooSoon => {
                let [start, first] = moments(zone, [start, self.bookable(place.provider).from]);
                format!("{start} is too soon: it can be booked from {first} on")
            }
            Code::BeyondHorizon => {
                let last_date = self.bookable(place.provider).last_date;
                format!("{date} is beyond the booking horizon: the last date is {last_date}")
            }
            Code::OffGrid => {
                let step = self.clinic.terms(place.provider).slot_step.0;
                format!("{} isn't on the grid of {provider}, every {step} minutes", at(zone, start))
            }
            Code::TimeOff
            | Code::Reserved
            | Code::ProviderBusy
            | Code::PersonBusy
            | Code::RoomBusy
            | Code::PatientBusy
            | Code::NoTravelTime
            | Code::OverbookOverlap
            | Code::LimitReached
            | Code::Full
            | Code::NoRoom
            | Code::GapTooShort => format!("{provider} at {}: {}", at(zone, start), code.describe()),
        }
    }

    /// When the clock lets an appointment with a provider be booked.
    fn bookable(&self, provider: usize) -> Bookable {
        Bookable::new(self.zone(), &self.clinic.terms(provider), self.now)
    }

    fn wrong_provider(&self, provider: usize) -> String {
        let provider = self.clinic.providers[provider].named();
        format!("{provider} doesn't do {}", self.clinic.appointment_type.named())
    }

    /// Whom opening time is for, where windows of the provider name a type.
    fn for_whom(&self, provider: usize) -> String {
        let names_types = |window: &OpeningWindow| window.appointment_type.is_some();
        match self.clinic.providers[provider].availability.iter().any(names_types) {
            true => format!(" for {}", self.clinic.appointment_type.named()),
            false => String::new(),
        }
    }

    /// Which resources are short at a time.
    fn no_resource(&self, room: &Room, during: Span) -> String {
        let kind = &self.clinic.appointment_type;
        let short = kind.resources.iter().filter_map(|need| {
            let is_one = |unit: &&Resource| unit.kind == need.kind && unit.can_be_at(room.site);
            let units = || self.clinic.resources.iter().filter(is_one);
            let (all, free) = (units().count(), units().filter(|unit| unit.is_free(during)).count());
            let is_short = i64::try_from(free).is_ok_and(|free| free < need.quantity.into());
            is_short.then(|| format!("{} of \"{}\" ({free} of {all} free)", need.quantity, need.kind))
        });
        let short: Vec<_> = short.collect();
        format!("{} needs {} all of {}", kind.named(), short.join(", "), span(self.zone(), during))
    }

    fn whole_day(&self, index: usize, date: NaiveDate, code: Code) -> String {
        let row = &self.clinic.providers[index];
        let (provider, duration) = (row.named(), self.clinic.duration_with(index).0);
        match code {
            Code::WrongProvider => self.wrong_provider(index),
            Code::Closed => format!("{provider} isn't open on {date}{}", closed_by(row, date)),
            Code::TimeOff => format!("all of the opening time of {provider} on {date} is time off"),
            Code::NoRoom => {
                format!("{provider} has free starts on {date}, but no room is free and fit for them")
            }
            Code::Full => format!("{provider} is full on {date}"),
            Code::GapTooShort => {
                let Pauses { before, after } = self.clinic.pauses_on(index, date);
                let prepared = match before.0 {
                    0 => String::new(),
                    before => format!("{before} minutes before, "),
                };
                format!(
                    "{provider} has free time on {date}, but no gap for {prepared}{duration} minutes and a buffer of {}",
                    after.0
                )
            }
            Code::OffGrid => format!("the opening time of {provider} on {date} has no start of the grid"),
            Code::ProviderDisabled
            | Code::RoomDisabled
            | Code::WrongRoomType
            | Code::MissingEquipment
            | Code::NoAssistant
            | Code::ClosedInRoom
            | Code::TypeClosed
            | Code::RoomClosed
            | Code::Reserved
            | Code::ProviderBusy
            | Code::PersonBusy
            | Code::RoomBusy
            | Code::NoResource
            | Code::SessionFull
            | Code::PatientBusy
            | Code::NoTravelTime
            | Code::DailyCap
            | Code::OverbookCap
            | Code::LimitReached
            | Code::OverbookOverlap
            | Code::ProviderFree
            | Code::TooSoon
            | Code::BeyondHorizon => format!("{provider} on {date}: {}", code.describe()),
        }
    }

    fn zone(&self) -> &Zone {
        &self.clinic.settings.zone
    }
}

/// The holiday that closes a provider's windows of a date, if it is one.
fn closed_by(provider: &Provider, date: NaiveDate) -> String {
    let mut windows = provider.availability.iter();
    named_holiday(windows.find_map(|window| provider.holiday_on(date, window.site)), date)
}

fn named_holiday(holiday: Option<&Holiday>, date: NaiveDate) -> String {
    holiday.map_or_else(String::new, |holiday| format!(": {date} is a holiday ({})", holiday.name))
}

fn wrong_room_type(room: &Room, kind: &AppointmentType) -> String {
    let required = kind.needs.as_ref().and_then(|needs| needs.room_type.as_deref()).unwrap_or("any");
    format!("{} is of type \"{}\", {} needs \"{required}\"", room.named(), room.room_type, kind.named())
}

fn missing_equipment(room: &Room, kind: &AppointmentType) -> String {
    let needed = kind.needs.iter().flat_map(|needs| &needs.equipment);
    let missing = needed.filter(|required| !room.equipment.contains(required));
    let missing: Vec<_> = missing.map(String::as_str).collect();
    format!("{} lacks {}", room.named(), missing.join(", "))
}

/// Required skills in a sentence: `the skill surgery`, `the skills laser, surgery`.
fn skills(skills: &[String]) -> String {
    let noun = if skills.len() == 1 { "skill" } else { "skills" };
    format!("the {noun} {}", skills.join(", "))
}
