//! What a judge sorts before it judges: the providers and rooms of a snapshot, each with all that bounds it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::booking::clinic::{
    Assistance, Clinic, Occupied, Provider, Resource, ResourceNeed, Room, TimeOffScope,
};
use crate::booking::hours::{bounds, dates_around, open_on};
use crate::booking::overbooking;
use crate::booking::place::Pauses;
use crate::booking::reason::Code;
use crate::booking::reserved::ReservedWindow;
use crate::booking::slots::diary::Diary;
use crate::booking::slots::grid::Grid;
use crate::booking::slots::index::{Cover, SpanIndex};
use crate::booking::terms::Terms;
use crate::ids::{BookingId, ProviderId, ReservedWindowId, SiteId, StaffId, TimeOffId};
use crate::time::calendar::add_days;
use crate::time::interval::{Instant, Minutes, Span, union};
use crate::time::zone::Zone;

/// The units of a kind of resource.
pub(super) struct Stock {
    /// How many the type needs.
    needed: usize,
    /// Where each is, and when it is taken.
    units: Vec<(Option<SiteId>, SpanIndex<()>)>,
}

impl Stock {
    pub fn new(clinic: &Clinic, need: &ResourceNeed) -> Self {
        let units = clinic.resources.iter().filter(|unit| unit.kind == need.kind);
        let taken = |unit: &Resource| {
            (unit.site, SpanIndex::new(unit.taken.iter().map(|(span, _)| (*span, ())).collect()))
        };
        Self { needed: usize::try_from(need.quantity).unwrap_or(0), units: units.map(taken).collect() }
    }

    /// Whether any is at a site.
    pub fn is_at_sites(&self) -> bool {
        self.units.iter().any(|(site, _)| site.is_some())
    }

    /// Whether enough of them are free at a site, each for all of a time.
    pub fn suffices(&self, slot: Span, at: Option<SiteId>) -> bool {
        let there = self.units.iter().filter(|(site, _)| site.is_none() || *site == at);
        let free = there.filter(|(_, taken)| taken.overlapping(slot).next().is_none());
        free.take(self.needed).count() == self.needed
    }
}

/// A provider's bookings at sites, between which the ways take time.
pub(super) struct Stops {
    by_start: Vec<Stop>,
    by_end: Vec<Stop>,
    at: SpanIndex<usize>,
}

/// A booking at a site.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub id: BookingId,
    pub site: SiteId,
    pub during: Span,
}

impl Stops {
    fn new(clinic: &Clinic, provider: ProviderId) -> Option<Self> {
        if clinic.sites.travel.is_empty() {
            return None;
        }
        let stop = |booking: &Occupied| {
            let site = *clinic.sites.of_rooms.get(&booking.room?)?;
            Some(Stop { id: booking.id, site, during: booking.during })
        };
        let of_provider = clinic.occupied.iter().filter(|booking| booking.provider == provider);
        let mut by_start: Vec<Stop> = of_provider.filter_map(stop).collect();
        by_start.sort_by_key(|stop| stop.during.start);
        let mut by_end = by_start.clone();
        by_end.sort_by_key(|stop| stop.during.end);
        let at = by_start.iter().enumerate().map(|(nth, stop)| (stop.during, nth)).collect();
        Some(Self { by_start, by_end, at: SpanIndex::new(at) })
    }

    /// The bookings next to a slot: those that ended last before it, those that begin first after it, and those that are then.
    pub fn beside(&self, slot: Span) -> impl Iterator<Item = Stop> {
        let ended = &self.by_end[..self.by_end.partition_point(|stop| stop.during.end <= slot.start)];
        let last = ended.last().map(|stop| stop.during.end);
        let before = ended.iter().rev().take_while(move |stop| Some(stop.during.end) == last);
        let later = &self.by_start[self.by_start.partition_point(|stop| stop.during.start < slot.end)..];
        let first = later.first().map(|stop| stop.during.start);
        let after = later.iter().take_while(move |stop| Some(stop.during.start) == first);
        let then = self.at.overlapping(slot).map(|nth| &self.by_start[nth]);
        before.chain(then).chain(after).copied()
    }
}

/// The times that the clock leaves to be booked with a provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bookable {
    /// A slot starts then or later.
    pub(crate) from: Instant,
    /// A slot's date is this or earlier.
    pub(crate) last_date: NaiveDate,
}

impl Bookable {
    pub(crate) fn new(zone: &Zone, terms: &Terms, now: Instant) -> Self {
        Self {
            from: now + terms.minimum_notice,
            last_date: add_days(zone.local_date(now), terms.booking_horizon_days.into()),
        }
    }
}

/// A provider over the dates of a question.
pub(super) struct ProviderIndex {
    /// Codes against the provider at any time.
    pub flaws: Vec<Code>,
    pub terms: Terms,
    /// The pauses of a new booking.
    pub pauses: Pauses,
    pub bookable: Bookable,
    pub grid: Grid,
    pub diary: Diary,
    /// When the provider is busy as another one of the same person; `None` = never.
    pub elsewhere: Option<SpanIndex<()>>,
    pub time_off: SpanIndex<TimeOffId>,
    /// What is kept for other types.
    pub reserved: SpanIndex<ReservedWindowId>,
    pub max_overbook: i32,
    /// When an assistant is there; `None` where the appointment type needs none.
    pub assisted: Option<Cover>,
    /// The opening time in each room; empty where no window names a room or a site.
    pub in_rooms: Vec<Vec<Span>>,
    /// The bookings at sites; none where no way takes time.
    pub stops: Option<Stops>,
}

/// A room over the dates of a question.
pub(super) struct RoomIndex {
    /// Codes against the room at any time.
    pub flaws: Vec<Code>,
    pub busy: SpanIndex<BookingId>,
    pub time_off: SpanIndex<TimeOffId>,
    /// When it is open; `None` = always.
    pub hours: Option<Vec<Span>>,
}

impl ProviderIndex {
    /// Of the clinic's provider with that index.
    pub fn new(
        clinic: &Clinic,
        provider: usize,
        diary: Diary,
        clinic_time_off: &SpanIndex<TimeOffId>,
        now: Instant,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Self {
        let (settings, row) = (&clinic.settings, &clinic.providers[provider]);
        let time_off = time_off_of(clinic, TimeOffScope::Provider(row.id));
        let terms = clinic.terms(provider);
        // After a booking a gap is free as soon as an appointment with its preparation is.
        let booked = || Pauses { before: Minutes(0), after: terms.provider.before };
        let taken = || {
            let busy = diary.busy.spans().map(|span| booked().around(span));
            busy.chain(time_off.spans()).chain(clinic_time_off.spans()).collect()
        };
        let grid = Grid::new(settings, row, clinic.appointment_type.id, terms.slot_step, (from, to), taken);
        Self {
            flaws: flaws_of_provider(clinic, row),
            bookable: Bookable::new(&settings.zone, &terms, now),
            terms,
            pauses: clinic.pauses(provider),
            grid,
            diary,
            elsewhere: elsewhere(clinic, row.id),
            time_off,
            reserved: reserved_from(clinic, row.id, now, from, to),
            max_overbook: overbooking_limit(clinic, provider),
            assisted: assisted(clinic, row.id),
            in_rooms: openings_in_rooms(clinic, row, from, to),
            stops: Stops::new(clinic, row.id),
        }
    }
}

fn elsewhere(clinic: &Clinic, provider: ProviderId) -> Option<SpanIndex<()>> {
    if clinic.elsewhere.is_empty() {
        return None;
    }
    let own = clinic.elsewhere.iter().filter(|(of, _)| *of == provider);
    Some(SpanIndex::new(own.map(|(_, span)| (*span, ())).collect()))
}

impl RoomIndex {
    /// Of a room with its bookings.
    pub fn new(
        clinic: &Clinic,
        room: &Room,
        busy: SpanIndex<BookingId>,
        (from, to): (NaiveDate, NaiveDate),
    ) -> Self {
        Self {
            flaws: flaws_of_room(clinic, room),
            busy,
            time_off: room.id.map(|id| time_off_of(clinic, TimeOffScope::Room(id))).unwrap_or_default(),
            hours: bounds(&clinic.settings.zone, &room.hours, from, to),
        }
    }
}

/// Most overbooked bookings a provider may have on a day.
#[must_use]
pub(crate) fn overbooking_limit(clinic: &Clinic, provider: usize) -> i32 {
    overbooking::limit(&clinic.overbooking_rules, clinic.providers[provider].id, clinic.appointment_type.id)
}

/// Codes against a provider, whatever the time.
fn flaws_of_provider(clinic: &Clinic, provider: &Provider) -> Vec<Code> {
    let all = [
        (provider.enabled, Code::ProviderDisabled),
        (clinic.appointment_type.is_done_by(provider.id), Code::WrongProvider),
    ];
    all.into_iter().filter(|(is_fine, _)| !is_fine).map(|(_, code)| code).collect()
}

/// Codes against a room, whatever the time.
fn flaws_of_room(clinic: &Clinic, room: &Room) -> Vec<Code> {
    let needs = clinic.appointment_type.needs.as_ref();
    let all = [
        (room.enabled, Code::RoomDisabled),
        (needs.is_none_or(|needs| needs.suits_type(room)), Code::WrongRoomType),
        (needs.is_none_or(|needs| needs.suits_equipment(room)), Code::MissingEquipment),
    ];
    all.into_iter().filter(|(is_fine, _)| !is_fine).map(|(_, code)| code).collect()
}

/// When the provider is open for the type in each room; empty where no window names a room or a site.
fn openings_in_rooms(clinic: &Clinic, provider: &Provider, from: NaiveDate, to: NaiveDate) -> Vec<Vec<Span>> {
    let (zone, of) = (&clinic.settings.zone, clinic.appointment_type.id);
    if !provider.differs_by_room(of) {
        return Vec::new();
    }
    let in_room = |room: &Room| {
        let on = |date| open_on(zone, provider.windows_in(room, of, date), &provider.overrides, date);
        union(dates_around(from, to).flat_map(on).collect())
    };
    clinic.rooms.iter().map(in_room).collect()
}

/// Times at which somebody assists the provider, if the appointment type needs that. One person has all the required skills
/// and is there from beginning to end, over several shifts maybe: nobody leaves while the patient is treated.
fn assisted(clinic: &Clinic, provider: ProviderId) -> Option<Cover> {
    let required = &clinic.appointment_type.required_skills;
    if required.is_empty() {
        return None;
    }
    let can_assist = |row: &&Assistance| {
        row.provider == provider && required.iter().all(|skill| row.skills.contains(skill))
    };
    let mut of_staff: BTreeMap<StaffId, Vec<Span>> = BTreeMap::new();
    for row in clinic.assistance.iter().filter(can_assist) {
        of_staff.entry(row.staff).or_default().push(row.during);
    }
    Some(Cover::new(of_staff.into_values().flat_map(union).collect()))
}

/// What is kept of a provider's time for other types than the clinic's, by windows near the dates.
fn reserved_from(
    clinic: &Clinic,
    provider: ProviderId,
    now: Instant,
    from: NaiveDate,
    to: NaiveDate,
) -> SpanIndex<ReservedWindowId> {
    let (zone, of) = (&clinic.settings.zone, clinic.appointment_type.id);
    let rows = clinic.reserved.iter().filter(|row| row.keeps(provider, of));
    let kept = |row: &ReservedWindow, date| Some((row.kept_on(zone, date, now)?.span, row.id));
    SpanIndex::new(rows.flat_map(|row| dates_around(from, to).filter_map(|date| kept(row, date))).collect())
}

/// Time off of one provider or room, or of the clinic.
pub(super) fn time_off_of(clinic: &Clinic, scope: TimeOffScope) -> SpanIndex<TimeOffId> {
    let rows = clinic.time_off.iter().filter(|row| row.scope == scope);
    SpanIndex::new(rows.map(|row| (row.during, row.id)).collect())
}
