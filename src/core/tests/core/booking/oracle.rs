//! The naive oracle: a table of every minute near the dates with its local time by chrono-tz, and plain loops over
//! it. Slow, and as close to the words of the design as code can be. Everything in a case lies on whole minutes.

mod hours;
mod quality;
mod why_not;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use pg_clinic_core::booking::clinic::*;
use pg_clinic_core::booking::limits::{BookingLimit, LimitPer, LimitPeriod, Most};
use pg_clinic_core::booking::reason::{Blocker, BookingKind, Code, Refusal};
use pg_clinic_core::booking::slots::Order;
use pg_clinic_core::booking::terms::{OwnPauses, OwnTerms};
use pg_clinic_core::ids::{ProviderId, SiteId};
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

use crate::clinics::Case;
use crate::zones::{from_utc, to_local};

const MINUTE: i64 = 60_000_000;

/// Minutes since 2000-01-01 00:00 UTC.
type Minute = i64;

pub struct Oracle<'a> {
    case: &'a Case,
    clinic: &'a Clinic,
    /// Windows that start on these dates matter.
    dates: std::ops::RangeInclusive<NaiveDate>,
    /// Every minute from a few days before the dates to a few days after, with its local time.
    table: Vec<(Minute, NaiveDateTime)>,
    providers: Vec<ProviderTime>,
    /// The minutes at which the type can take place, if not always, and those at which each room is open.
    of_type: Option<HashSet<Minute>>,
    of_rooms: Vec<Option<HashSet<Minute>>>,
    /// The minutes that each reserved window still keeps.
    reserved: Vec<HashSet<Minute>>,
    /// A booking on the move whose provider and room keep the pauses that it was given.
    kept: Option<Moving>,
    /// How much of a week is booked, of a provider from a Monday on, where that was asked before.
    booked_percents: RefCell<HashMap<(usize, NaiveDate), i64>>,
}

struct ProviderTime {
    /// The minutes at which the provider is open.
    open: HashSet<Minute>,
    /// The minutes at which the provider is open in each room.
    in_rooms: Vec<HashSet<Minute>>,
    /// The starts of the grid.
    grid: BTreeSet<Minute>,
    /// The minutes that are time off of the provider or the clinic.
    off: HashSet<Minute>,
    /// The minutes at which the provider has a booking or a buffer.
    busy: HashSet<Minute>,
}

/// A slot as the oracle has it: all in whole numbers, scores in ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub start: Instant,
    pub end: Instant,
    pub provider: usize,
    pub room: usize,
    pub is_overbooked: bool,
    pub quality: i64,
    pub components: [i64; 6],
    /// Places left of a group visit, and whether somebody is in it.
    pub places: Option<(i64, bool)>,
}

impl Expected {
    fn is_begun(&self) -> bool {
        self.places.is_some_and(|(_, is_begun)| is_begun)
    }
}

impl<'a> Oracle<'a> {
    pub fn new(case: &'a Case) -> Self {
        Self::of(case, None)
    }

    /// One who knows of the pauses that a booking on the move was given.
    pub fn keeping(case: &'a Case, moving: Moving) -> Self {
        Self::of(case, Some(moving))
    }

    fn of(case: &'a Case, kept: Option<Moving>) -> Self {
        let date_at = to_local(case.tz, case.at).date();
        let dates =
            case.question.from.min(date_at) - Days::new(2)..=case.question.to.max(date_at) + Days::new(2);
        // Whole weeks, where these are looked at.
        let weighs = case.clinic.scoring_profiles.iter().any(|profile| profile.weights.load > 0.0);
        let more = Days::new(if weighs { 7 } else { 0 });
        let dates = *dates.start() - more..=*dates.end() + more;
        let midnight = |date: NaiveDate| minute(from_utc(date.and_time(NaiveTime::MIN)));
        let (first, last) = (midnight(*dates.start() - Days::new(1)), midnight(*dates.end() + Days::new(3)));
        let table = (first..last).map(|at| (at, to_local(case.tz, instant(at)))).collect();
        let mut oracle = Self {
            case,
            clinic: &case.clinic,
            dates,
            table,
            providers: Vec::new(),
            of_type: None,
            of_rooms: Vec::new(),
            reserved: Vec::new(),
            kept,
            booked_percents: RefCell::default(),
        };
        oracle.reserved = case.clinic.reserved.iter().map(|row| oracle.still_kept(row)).collect();
        oracle.of_type = oracle.bounds(&case.clinic.appointment_type.hours);
        oracle.of_rooms = case.clinic.rooms.iter().map(|room| oracle.bounds(&room.hours)).collect();
        let all = 0..case.clinic.providers.len();
        oracle.providers = all.map(|provider| oracle.time_of(provider)).collect();
        oracle
    }

    // --- opening time and grid

    fn time_of(&self, index: usize) -> ProviderTime {
        let provider = &self.clinic.providers[index];
        let step = self.own(index, |own| own.slot_step).unwrap_or(self.clinic.settings.slot_step);
        let elsewhere = self.clinic.elsewhere.iter().filter(|(of, _)| *of == provider.id);
        let elsewhere = elsewhere.flat_map(|(_, busy)| minutes(*busy));
        let busy: HashSet<_> = self.bookings_of(provider).flat_map(busy_minutes).chain(elsewhere).collect();
        let off = self.clinic.time_off.iter().filter(|off| {
            off.scope == TimeOffScope::Clinic || off.scope == TimeOffScope::Provider(provider.id)
        });
        let off: HashSet<_> = off.flat_map(|off| minutes(off.during)).collect();
        // After a booking a gap begins once the next appointment is prepared.
        let before = i64::from(self.own(index, |own| own.pauses.before).map_or(0, |before| before.0));
        let taken: HashSet<_> = self
            .bookings_of(provider)
            .flat_map(|booking| busy_minutes(booking).start..busy_minutes(booking).end + before)
            .collect();
        let is_free = |at: Minute| !taken.contains(&at) && !off.contains(&at);
        let (mut open, mut grid) = (HashSet::new(), BTreeSet::new());
        let mut in_rooms = vec![HashSet::new(); self.clinic.rooms.len()];
        for date in self.dates.start().iter_days().take_while(|date| self.dates.contains(date)) {
            let of_date = self.opening(provider, date, None);
            for (in_room, room) in in_rooms.iter_mut().zip(&self.clinic.rooms) {
                in_room.extend(self.opening(provider, date, Some(room).filter(|room| room.id.is_some())));
            }
            let mut anchor = None;
            for &at in &of_date {
                let opens = !of_date.contains(&(at - 1));
                let restarts = self.clinic.settings.slot_alignment == SlotAlignment::Gap
                    && is_free(at)
                    && !is_free(at - 1);
                if opens || restarts {
                    anchor = Some(at);
                }
                if (at - anchor.unwrap()) % i64::from(step.0) == 0 {
                    grid.insert(at);
                }
            }
            open.extend(of_date);
        }
        ProviderTime { open, in_rooms, grid, off, busy }
    }

    fn bookings_of(&self, provider: &Provider) -> impl Iterator<Item = &'a Occupied> + use<'a> {
        let id = provider.id;
        self.clinic.occupied.iter().filter(move |booking| booking.provider == id)
    }

    /// The starts of the provider's grid on the dates asked for.
    pub fn starts(&self, provider: usize) -> Vec<Instant> {
        self.grid_minutes(provider, |date| self.case.question.from <= date && date <= self.case.question.to)
    }

    /// How many starts there are, over all providers.
    pub fn starts_of_all(&self) -> usize {
        (0..self.clinic.providers.len()).map(|provider| self.starts(provider).len()).sum()
    }

    fn grid_minutes(&self, provider: usize, wanted: impl Fn(NaiveDate) -> bool) -> Vec<Instant> {
        let grid = self.providers[provider].grid.iter().map(|at| instant(*at));
        grid.filter(|start| wanted(self.date(*start))).collect()
    }

    fn date(&self, at: Instant) -> NaiveDate {
        to_local(self.case.tz, at).date()
    }

    // --- one place

    /// Every reason against a place, for either kind, sorted.
    pub fn reasons(&self, provider: usize, room: usize, start: Instant) -> Vec<Refusal> {
        let mut reasons = self.reasons_of_room(provider, room, start);
        reasons.extend(self.reasons_of_provider(provider, start));
        reasons.sort();
        reasons
    }

    pub fn refusals(&self, provider: usize, room: usize, start: Instant, kind: BookingKind) -> Vec<Refusal> {
        let mut reasons = self.reasons(provider, room, start);
        reasons.retain(|reason| refuses(reason.code, kind));
        reasons
    }

    fn reasons_of_provider(&self, index: usize, start: Instant) -> Vec<Refusal> {
        let clinic = self.clinic;
        let provider = &clinic.providers[index];
        let slot = self.slot_minutes(index, start);
        let with_pauses = self.provider_minutes(index, start);
        let date = self.date(start);
        let mut reasons = Vec::new();
        let mut say = |code, blocker| reasons.push(Refusal { code, blocker });

        if !provider.enabled {
            say(Code::ProviderDisabled, None);
        }
        let listed = &clinic.appointment_type.providers;
        if !listed.is_empty() && !listed.iter().any(|row| row.provider == provider.id && row.enabled) {
            say(Code::WrongProvider, None);
        }
        if !slot.clone().all(|at| self.providers[index].open.contains(&at)) {
            say(Code::Closed, None);
        }
        if self.of_type.as_ref().is_some_and(|hours| !slot.clone().all(|at| hours.contains(&at))) {
            say(Code::TypeClosed, None);
        }
        for id in self.reserved(provider, &slot) {
            say(Code::Reserved, Some(Blocker::Reserved(id)));
        }
        for off in &clinic.time_off {
            let matters =
                off.scope == TimeOffScope::Clinic || off.scope == TimeOffScope::Provider(provider.id);
            if matters && shares_a_minute(&slot, &minutes(off.during)) {
                say(Code::TimeOff, Some(Blocker::TimeOff(off.id)));
            }
        }
        let required = &clinic.appointment_type.required_skills;
        if !required.is_empty() {
            let lacks = |row: &Assistance| required.iter().any(|skill| !row.skills.contains(skill));
            let fit: Vec<_> =
                clinic.assistance.iter().filter(|row| row.provider == provider.id && !lacks(row)).collect();
            let is_there =
                |staff, at| fit.iter().any(|row| row.staff == staff && minutes(row.during).contains(&at));
            if !fit.iter().any(|row| slot.clone().all(|at| is_there(row.staff, at))) {
                say(Code::NoAssistant, None);
            }
        }
        let (mut is_busy, mut normal, mut overbooked) = (false, 0, 0);
        let groups: Vec<_> = self.groups(&slot).filter(|group| group.provider == provider.id).collect();
        for booking in self.bookings_of(provider) {
            let blocker = Some(Blocker::Booking(booking.id));
            let is_joined = groups.iter().any(|group| group.members.contains(&booking.id));
            if !is_joined && shares_a_minute(&with_pauses, &busy_minutes(booking)) {
                is_busy = true;
                say(Code::ProviderBusy, blocker);
                if booking.is_overbooked {
                    say(Code::OverbookOverlap, blocker);
                }
            }
            if booking.local_date == date {
                *(if booking.is_overbooked { &mut overbooked } else { &mut normal }) += 1;
            }
        }
        let is_elsewhere = |(of, busy): &(ProviderId, Span)| {
            *of == provider.id && shares_a_minute(&with_pauses, &minutes(*busy))
        };
        if clinic.elsewhere.iter().any(is_elsewhere) {
            say(Code::PersonBusy, None);
        }
        if !self.has_units_at_sites() && self.lacks_units(&slot, None) {
            say(Code::NoResource, None);
        }
        for booking in clinic.occupied.iter().filter(|booking| booking.is_same_patient) {
            if shares_a_minute(&slot, &minutes(booking.during)) {
                say(Code::PatientBusy, Some(Blocker::Booking(booking.id)));
            }
        }
        let is_capped = normal >= provider.max_daily_appointments;
        if is_capped {
            say(Code::DailyCap, None);
        }
        if overbooked >= self.overbooking_limit(provider) {
            say(Code::OverbookCap, None);
        }
        for limit in &clinic.limits {
            if self.is_beyond(limit, provider, &slot, date) {
                say(Code::LimitReached, Some(Blocker::Limit(limit.id)));
            }
        }
        if !is_busy && !is_capped || !groups.is_empty() {
            say(Code::ProviderFree, None);
        }
        let now = self.case.question.now;
        let notice = self.own(index, |own| own.minimum_notice).unwrap_or(clinic.settings.minimum_notice);
        if start < now + notice || start < now + clinic.settings.least_notice {
            say(Code::TooSoon, None);
        }
        let horizon =
            self.own(index, |own| own.booking_horizon_days).unwrap_or(clinic.settings.booking_horizon_days);
        if date > self.date(now) + Days::new(horizon.unsigned_abs().into()) {
            say(Code::BeyondHorizon, None);
        }
        reasons
    }

    /// Whether a unit that the type can hold is at a site, so that rooms differ in it.
    pub fn has_units_at_sites(&self) -> bool {
        let needs = &self.clinic.appointment_type.resources;
        let mut units = self.clinic.resources.iter();
        units.any(|unit| unit.site.is_some() && needs.iter().any(|need| need.kind == unit.kind))
    }

    /// Whether too few units of some kind are free at a site.
    fn lacks_units(&self, slot: &Range<Minute>, site: Option<SiteId>) -> bool {
        for need in &self.clinic.appointment_type.resources {
            let mut free = 0;
            for unit in self.clinic.resources.iter().filter(|unit| unit.kind == need.kind) {
                let is_there = unit.site.is_none() || unit.site == site;
                if is_there && !unit.taken.iter().any(|(taken, _)| shares_a_minute(slot, &minutes(*taken))) {
                    free += 1;
                }
            }
            if free < need.quantity {
                return true;
            }
        }
        false
    }

    fn reasons_of_room(&self, provider: usize, index: usize, start: Instant) -> Vec<Refusal> {
        let clinic = self.clinic;
        let room = &clinic.rooms[index];
        let slot = self.slot_minutes(provider, start);
        let with_pauses = self.room_minutes(provider, index, start);
        let mut reasons = Vec::new();
        let mut say = |code, blocker| reasons.push(Refusal { code, blocker });

        if self.has_units_at_sites() && self.lacks_units(&slot, room.site) {
            say(Code::NoResource, None);
        }
        if !room.enabled {
            say(Code::RoomDisabled, None);
        }
        if let Some(needs) = &clinic.appointment_type.needs {
            if needs.room_type.as_ref().is_some_and(|required| *required != room.room_type) {
                say(Code::WrongRoomType, None);
            }
            if needs.equipment.iter().any(|required| !room.equipment.contains(required)) {
                say(Code::MissingEquipment, None);
            }
        }
        if self.of_rooms[index].as_ref().is_some_and(|hours| !slot.clone().all(|at| hours.contains(&at))) {
            say(Code::RoomClosed, None);
        }
        let time = &self.providers[provider];
        if slot.clone().all(|at| time.open.contains(&at))
            && !slot.clone().all(|at| time.in_rooms[index].contains(&at))
        {
            say(Code::ClosedInRoom, None);
        }
        for booking in self.too_far(provider, room, &slot) {
            say(Code::NoTravelTime, Some(Blocker::Booking(booking.id)));
        }
        for off in
            clinic.time_off.iter().filter(|off| room.id.is_some_and(|id| off.scope == TimeOffScope::Room(id)))
        {
            if shares_a_minute(&slot, &minutes(off.during)) {
                say(Code::TimeOff, Some(Blocker::TimeOff(off.id)));
            }
        }
        for booking in clinic.occupied.iter().filter(|booking| room.id.is_some() && booking.room == room.id) {
            let is_of = |group: &Session| group.room == room.id && group.members.contains(&booking.id);
            if shares_a_minute(&with_pauses, &minutes(booking.room_busy)) && !self.groups(&slot).any(is_of) {
                say(Code::RoomBusy, Some(Blocker::Booking(booking.id)));
            }
        }
        let provider = clinic.providers[provider].id;
        for group in self.groups(&slot) {
            let is_here = room.id.is_some() && group.room == room.id;
            for member in &group.members {
                if group.provider == provider && group.room != room.id {
                    say(Code::ProviderBusy, Some(Blocker::Booking(*member)));
                }
                if group.provider != provider && is_here {
                    say(Code::RoomBusy, Some(Blocker::Booking(*member)));
                }
            }
            if group.provider == provider
                && group.room == room.id
                && group.members.len() >= group.capacity as usize
            {
                say(Code::SessionFull, None);
            }
        }
        reasons
    }

    /// Group visits of the type that are at the very time.
    fn groups(&self, slot: &Range<Minute>) -> impl Iterator<Item = &'a Session> + use<'a> {
        let (slot, kind) = (slot.clone(), self.clinic.appointment_type.id);
        let groups = self.clinic.sessions.iter();
        groups.filter(move |group| group.appointment_type == kind && minutes(group.during) == slot)
    }

    /// The neighbors of a slot that the provider can't reach, or come from, in time: minute by minute away from it, the first
    /// bookings at a site that one meets, and those beside it.
    fn too_far(&self, provider: usize, room: &Room, slot: &Range<Minute>) -> Vec<&'a Occupied> {
        let sites = &self.clinic.sites;
        let Some(here) = room.site else { return Vec::new() };
        let way = |from, to| match (sites.travel.get(&(from, to)), sites.travel.get(&(to, from))) {
            _ if from == to => 0,
            (Some(minutes), _) | (None, Some(minutes)) => i64::from(minutes.0),
            (None, None) => 0,
        };
        let mut stops = Vec::new();
        for booking in self.bookings_of(&self.clinic.providers[provider]) {
            if let Some(site) = booking.room.and_then(|room| sites.of_rooms.get(&room)) {
                stops.push((booking, *site, minutes(booking.during)));
            }
        }
        let mut far = Vec::new();
        for (booking, site, during) in &stops {
            let is_neighbor = if during.end <= slot.start {
                !stops.iter().any(|other| during.end < other.2.end && other.2.end <= slot.start)
            } else if slot.end <= during.start {
                !stops.iter().any(|other| slot.end <= other.2.start && other.2.start < during.start)
            } else {
                true
            };
            let is_far = if during.end <= slot.start {
                slot.start - during.end < way(*site, here)
            } else if slot.end <= during.start {
                during.start - slot.end < way(here, *site)
            } else {
                way(here, *site) > 0
            };
            if is_neighbor && is_far {
                far.push(*booking);
            }
        }
        far
    }

    /// A setting of the type with a provider: what is said of both, else of the type.
    fn own<T>(&self, provider: usize, setting: impl Fn(&OwnTerms) -> Option<T>) -> Option<T> {
        let id = self.clinic.providers[provider].id;
        let of_both = self.clinic.appointment_type.providers.iter().find(|row| row.provider == id);
        match of_both.and_then(|row| setting(&row.own)) {
            None => setting(&self.clinic.appointment_type.own),
            some => some,
        }
    }

    /// The minutes of the provider that an appointment takes.
    fn provider_minutes(&self, index: usize, start: Instant) -> Range<Minute> {
        let (slot, provider) = (self.slot_minutes(index, start), &self.clinic.providers[index]);
        if let Some(moving) = self.kept.filter(|moving| moving.provider == provider.id) {
            return beside(slot, moving.during, moving.provider_busy);
        }
        let before = self.own(index, |own| own.pauses.before).map_or(0, |before| before.0);
        let after = self.own(index, |own| own.pauses.after).map_or(0, |after| after.0);
        slot.start - i64::from(before)..slot.end + i64::from(after.max(provider.buffer.0))
    }

    /// The minutes of the room that an appointment takes.
    fn room_minutes(&self, provider: usize, index: usize, start: Instant) -> Range<Minute> {
        let (slot, room) = (self.slot_minutes(provider, start), &self.clinic.rooms[index]);
        if let Some(moving) = self.kept.filter(|moving| moving.room == room.id) {
            return beside(slot, moving.during, moving.room_busy);
        }
        let own = |of_room: fn(&OwnPauses) -> Option<Minutes>,
                   of_provider: fn(&OwnPauses) -> Option<Minutes>| {
            let said = self.own(provider, |own| of_room(&own.pauses));
            said.or_else(|| self.own(provider, |own| of_provider(&own.pauses))).map_or(0, |minutes| minutes.0)
        };
        let before = own(|own| own.room_before, |own| own.before);
        let after = own(|own| own.room_after, |own| own.after).max(room.turnover.0);
        slot.start - i64::from(before)..slot.end + i64::from(after)
    }

    /// The minutes of an appointment with a provider.
    fn slot_minutes(&self, provider: usize, start: Instant) -> Range<Minute> {
        let (mut length, id) = (self.clinic.appointment_type.duration, self.clinic.providers[provider].id);
        for row in &self.clinic.appointment_type.providers {
            if let (true, Some(own)) = (row.provider == id, row.duration) {
                length = own;
            }
        }
        minute(start)..minute(start) + i64::from(length.0)
    }

    /// Whether one more booking is too much for a limit: day by day, whoever's they are.
    fn is_beyond(
        &self,
        limit: &BookingLimit,
        provider: &Provider,
        slot: &Range<Minute>,
        date: NaiveDate,
    ) -> bool {
        let is_other = |wanted: Option<i64>, found: i64| wanted.is_some() && wanted != Some(found);
        let is_over = instant(slot.end) <= self.case.question.now;
        if is_other(limit.provider.map(|id| id.0), provider.id.0)
            || is_other(limit.appointment_type.map(|id| id.0), self.clinic.appointment_type.id.0)
            || limit.period == LimitPeriod::Upcoming && is_over
        {
            return false;
        }
        let (mut bookings, mut minutes) = (1, slot.end - slot.start);
        for row in self
            .clinic
            .limit_use
            .iter()
            .filter(|row| row.limit == limit.id && is_one_period(limit, row.local_date, date))
        {
            if limit.per != LimitPer::Provider || row.provider == provider.id {
                bookings += row.bookings;
                minutes += row.minutes;
            }
        }
        match limit.most {
            Most::Bookings(most) => bookings > most,
            Most::Minutes(most) => minutes > most,
        }
    }

    /// Whether a booking on the move is counted with those where it goes already.
    pub fn stays_in(&self, limit: &BookingLimit, moving: &Moving, to: ProviderId, start: Instant) -> bool {
        let was_counted = limit.provider.is_none_or(|provider| provider == moving.provider)
            && (limit.period != LimitPeriod::Upcoming || moving.during.end > self.case.question.now);
        let is_same_provider = limit.per != LimitPer::Provider || moving.provider == to;
        was_counted && is_same_provider && is_one_period(limit, moving.local_date, self.date(start))
    }

    fn overbooking_limit(&self, provider: &Provider) -> i32 {
        let kind = self.clinic.appointment_type.id;
        let wanted =
            [(Some(provider.id), Some(kind)), (Some(provider.id), None), (None, Some(kind)), (None, None)];
        for (of_provider, of_kind) in wanted {
            for rule in &self.clinic.overbooking_rules {
                if rule.provider == of_provider && rule.appointment_type == of_kind {
                    return rule.max_overbook;
                }
            }
        }
        0
    }

    // --- all slots

    /// Everything that `find` should return, `max_results` left aside.
    pub fn slots(&self) -> Vec<Expected> {
        let question = &self.case.question;
        let mut slots = Vec::new();
        for provider in 0..self.clinic.providers.len() {
            for start in self.starts(provider).into_iter().filter(|start| self.is_acceptable(*start)) {
                let mut of_start = self.slots_at(provider, start);
                of_start.sort_by_key(|slot: &Expected| (-slot.quality, self.preference_of_room(slot.room)));
                if !question.all_rooms {
                    of_start.truncate(1);
                }
                slots.extend(of_start);
            }
        }
        slots.sort_by_key(|slot| match question.order {
            Order::BestFirst => (
                self.comes_last(slot),
                2 * -slot.quality - i64::from(slot.is_begun()),
                slot.start.0,
                slot.provider,
                self.preference_of_room(slot.room),
            ),
            Order::EarliestFirst => (
                false,
                slot.start.0,
                i64::from(self.comes_last(slot)) * 100_000 - 2 * slot.quality - i64::from(slot.is_begun()),
                slot.provider,
                self.preference_of_room(slot.room),
            ),
        });
        slots
    }

    /// The best place at a start, as the words of `book_slot` have it: provider, room and quality.
    pub fn best(
        &self,
        start: Instant,
        kind: BookingKind,
        is_overridden: bool,
    ) -> Option<(usize, usize, i64)> {
        let mut places = Vec::new();
        for provider in 0..self.clinic.providers.len() {
            for room in 0..self.clinic.rooms.len() {
                let reasons = self.refusals(provider, room, start, kind);
                let collides = |reason: &Refusal| {
                    matches!(
                        reason.code,
                        Code::ProviderBusy
                            | Code::PersonBusy
                            | Code::RoomBusy
                            | Code::NoResource
                            | Code::SessionFull
                            | Code::PatientBusy
                            | Code::OverbookOverlap
                            | Code::ProviderFree
                    )
                };
                if reasons.is_empty() || is_overridden && !reasons.iter().any(collides) {
                    let slot = self.slot(provider, room, start, kind == BookingKind::Overbooked);
                    let badness = (-slot.quality, !slot.is_begun());
                    places.push((badness, provider, self.preference_of_room(room), room));
                }
            }
        }
        places.into_iter().min().map(|(badness, provider, _, room)| (provider, room, -badness.0))
    }

    /// Whether the question's limits on days and times let a start through.
    fn is_acceptable(&self, start: Instant) -> bool {
        let question = &self.case.question;
        let local = to_local(self.case.tz, start);
        let minute_of_day = i64::from(local.num_seconds_from_midnight()) / 60;
        let edge = |time: Option<WallTime>, missing: i64| time.map_or(missing, |time| time.micros() / MINUTE);
        let (from, until) = (edge(question.acceptable.from, 0), edge(question.acceptable.until, 24 * 60));
        let minutes: Vec<i64> = if from <= until {
            (from..=until).collect()
        } else {
            (0..=until).chain(from..=24 * 60).collect()
        };
        let is_on_day =
            self.case.weekdays.is_empty() || self.case.weekdays.contains(&local.format("%u").to_string());
        is_on_day && minutes.contains(&minute_of_day)
    }

    fn comes_last(&self, slot: &Expected) -> bool {
        slot.is_overbooked && self.clinic.settings.overbooked_last
    }

    /// Smaller is chosen first: for how many other types the room would do, then its id.
    fn preference_of_room(&self, index: usize) -> usize {
        let room = &self.clinic.rooms[index];
        let mut others = 0;
        for needs in &self.clinic.other_needs {
            let is_of_type = needs.room_type.as_deref().unwrap_or(&room.room_type) == room.room_type;
            if is_of_type && !needs.equipment.iter().any(|needed| !room.equipment.contains(needed)) {
                others += 1;
            }
        }
        others * 1_000 + index
    }

    fn slots_at(&self, provider: usize, start: Instant) -> Vec<Expected> {
        let of_provider = self.reasons_of_provider(provider, start);
        let mut slots = Vec::new();
        for room in 0..self.clinic.rooms.len() {
            let of_room = self.reasons_of_room(provider, room, start);
            let is_refused =
                |kind| of_provider.iter().chain(&of_room).any(|reason| refuses(reason.code, kind));
            if !is_refused(BookingKind::Normal) {
                slots.push(self.slot(provider, room, start, false));
            } else if self.case.question.include_overbooked && !is_refused(BookingKind::Overbooked) {
                slots.push(self.slot(provider, room, start, true));
            }
        }
        slots
    }
}

/// Whether two dates are in one period of a limit, as calendars print it.
fn is_one_period(limit: &BookingLimit, one: NaiveDate, other: NaiveDate) -> bool {
    let format = match limit.period {
        LimitPeriod::Day => "%F",
        LimitPeriod::Week => "%G-%V",
        LimitPeriod::Month => "%Y-%m",
        LimitPeriod::Upcoming => "",
    };
    one.format(format).to_string() == other.format(format).to_string()
}

fn refuses(code: Code, kind: BookingKind) -> bool {
    match code {
        Code::ProviderBusy | Code::SessionFull | Code::DailyCap => kind == BookingKind::Normal,
        Code::OverbookCap | Code::OverbookOverlap | Code::ProviderFree => kind == BookingKind::Overbooked,
        Code::OffGrid => false,
        _ => true,
    }
}

/// Minute by minute.
fn shares_a_minute(wanted: &Range<Minute>, taken: &Range<Minute>) -> bool {
    wanted.clone().any(|at| taken.contains(&at))
}

fn minutes(span: Span) -> Range<Minute> {
    minute(span.start)..minute(span.end)
}

fn busy_minutes(booking: &Occupied) -> Range<Minute> {
    minutes(booking.provider_busy)
}

/// What a booking takes at another time, if it took so much beside its own.
fn beside(slot: Range<Minute>, was: Span, busy: Span) -> Range<Minute> {
    let (was, busy) = (minutes(was), minutes(busy));
    slot.start - (was.start - busy.start)..slot.end + (busy.end - was.end)
}

fn minute(at: Instant) -> Minute {
    assert_eq!(at.0 % MINUTE, 0, "the oracle only knows whole minutes");
    at.0 / MINUTE
}

fn instant(at: Minute) -> Instant {
    Instant(at * MINUTE)
}
