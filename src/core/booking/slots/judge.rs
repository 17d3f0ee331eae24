//! The one predicate: may this provider be booked in this room at this instant, and if not, why. Finding, booking and
//! explaining all ask here; nobody else may refuse a place.

mod prepared;

use std::collections::BTreeSet;
use std::ops::ControlFlow::{self, Continue};

use chrono::NaiveDate;

use super::diary::{Day, Diaries, Diary};
use super::index::SpanIndex;
use super::{Group, Sink};
use crate::booking::change::{NewParts, Subject, Taken};
use crate::booking::clinic::{Clinic, Moving, Room, Session, TimeOffScope};
use crate::booking::hours::bounds;
use crate::booking::limits::{Counted, Used};
use crate::booking::place::Pauses;
use crate::booking::reason::{Blocker, BookingKind, Code, Refusal};
use crate::ids::{BookingId, ClinicId, ProviderId, ReservedWindowId, RoomId, SiteId, TimeOffId};
use crate::time::interval::{Instant, Span, covers, union};
pub(crate) use prepared::{Bookable, overbooking_limit};
use prepared::{ProviderIndex, RoomIndex, Stock, Stop, time_off_of};

/// Judges places against one snapshot. Built once per question: it sorts what it will search.
pub struct Judge<'a> {
    clinic: &'a Clinic,
    providers: Vec<ProviderIndex>,
    rooms: Vec<RoomIndex>,
    patient: SpanIndex<BookingId>,
    /// When the type can take place; `None` where nothing bounds it.
    type_hours: Option<Vec<Span>>,
    clinic_time_off: SpanIndex<TimeOffId>,
    /// The resources that the type needs; empty where it needs none.
    stocks: Vec<Stock>,
    /// Whether any of their units is at a site: then it depends on the room how many there are.
    are_stocks_at_sites: bool,
    used: Used,
    /// Group visits of the type that have begun to fill.
    sessions: Vec<&'a Session>,
    now: Instant,
}

/// A start, with what every judgment about it needs: worked out once for all rooms, and all providers who are alike.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The appointment.
    pub slot: Span,
    /// The clinic's date at its start.
    pub date: NaiveDate,
    /// The times that can be booked.
    bookable: Bookable,
    /// The room's pauses, without the turnover.
    room: Pauses,
    /// What is new of a booking that goes there, whatever the provider and room.
    new: NewParts,
    /// As what it goes there.
    pub(super) kind: BookingKind,
}

impl<'a> Judge<'a> {
    /// A judge of starts on the dates `from` to `to` (the clinic's, both included). Of other dates it knows neither
    /// all opening time nor how many bookings there are: it must not judge them.
    #[must_use]
    pub fn new(clinic: &'a Clinic, now: Instant, from: NaiveDate, to: NaiveDate) -> Self {
        let settings = &clinic.settings;
        let clinic_time_off = time_off_of(clinic, TimeOffScope::Clinic);
        let diaries = Diaries::new(clinic, from, to);
        let dates = (from, to);
        let provider = |(provider, diary): (usize, Diary)| {
            ProviderIndex::new(clinic, provider, diary, &clinic_time_off, now, dates)
        };
        let room = |(room, busy): (&Room, SpanIndex<BookingId>)| RoomIndex::new(clinic, room, busy, dates);
        let stocks: Vec<_> =
            clinic.appointment_type.resources.iter().map(|need| Stock::new(clinic, need)).collect();
        Self {
            clinic,
            providers: diaries.providers.into_iter().enumerate().map(provider).collect(),
            rooms: clinic.rooms.iter().zip(diaries.rooms).map(room).collect(),
            patient: diaries.patient,
            are_stocks_at_sites: stocks.iter().any(Stock::is_at_sites),
            stocks,
            type_hours: bounds(&settings.zone, &clinic.appointment_type.hours, from, to),
            clinic_time_off,
            sessions: clinic
                .sessions
                .iter()
                .filter(|row| row.appointment_type == clinic.appointment_type.id)
                .collect(),
            used: Used::of(&clinic.limits, &clinic.limit_use),
            now,
        }
    }

    /// Gives `sink` every reason against `provider` and `room` (indexes into the clinic's) at a moment, until it has
    /// enough. Reasons against either kind of booking are given alike; [`Code::refuses`] sorts them.
    pub fn judge(
        &self,
        provider: usize,
        room: usize,
        moment: &Moment,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        self.judge_moment(moment, sink)?;
        self.judge_provider(provider, moment, sink)?;
        self.judge_room(room, moment, sink)?;
        self.judge_both(provider, room, moment, sink)?;
        self.judge_grid(provider, moment, sink)
    }

    /// The part that judgments about `start` with `provider`, and others [`Self::alike`], have in common. `kind` is what a
    /// booking on the move is to be there; a new one is judged as either.
    #[must_use]
    pub fn moment(&self, provider: usize, start: Instant, kind: BookingKind) -> Moment {
        let date = self.clinic.settings.zone.local_date(start);
        let ProviderIndex { terms, bookable, .. } = &self.providers[provider];
        let slot = Span { start, end: start + terms.duration };
        let (bookable, room) = (*bookable, terms.room);
        let mut moment = Moment { slot, date, bookable, room, new: NewParts::ALL, kind };
        if let Some(moving) = &self.clinic.moving {
            moment.new = self.new_parts(moving, &moment, moving.provider, moving.room);
        }
        moment
    }

    /// The providers, those together for whom the same terms hold: they share their moments.
    pub(super) fn alike(&self) -> Vec<Vec<usize>> {
        let mut alike: Vec<Vec<usize>> = Vec::new();
        for (provider, index) in self.providers.iter().enumerate() {
            let is_alike = |group: &&mut Vec<usize>| self.providers[group[0]].terms == index.terms;
            match alike.iter_mut().find(is_alike) {
                Some(group) => group.push(provider),
                None => alike.push(vec![provider]),
            }
        }
        alike
    }

    /// As what the booking on the move would go there; `None` where that depends on whether the provider is free. It stays
    /// what it is while provider and time do, and a normal one becomes none other unasked.
    pub(crate) fn kind_of_move(
        &self,
        provider: usize,
        start: Instant,
        may_overbook: bool,
    ) -> Option<BookingKind> {
        let moving = self.clinic.moving?;
        let own = BookingKind::of(moving.is_overbooked);
        let new =
            self.new_of_provider(self.clinic.providers[provider].id, &self.moment(provider, start, own));
        if !new.any(NewParts::TIME | NewParts::PROVIDER | NewParts::BOOKING) {
            return Some(own);
        }
        (!may_overbook).then_some(BookingKind::Normal)
    }

    /// Whether a booking on the move may have another time or provider at all: the patient isn't in the house.
    pub(crate) fn may_go_elsewhere(&self) -> bool {
        self.clinic.moving.is_none_or(|moving| moving.status.can_change(NewParts::TIME))
    }

    /// Whether the provider's start is one that the booking in question may have, if it is free.
    pub(crate) fn may_go_to(&self, provider: usize, start: Instant) -> bool {
        self.may_go_elsewhere()
            || self.clinic.moving.is_some_and(|moving| {
                start == moving.during.start && self.clinic.providers[provider].id == moving.provider
            })
    }

    /// Whether it is where the booking on the move is.
    pub(crate) fn is_present_place(&self, provider: usize, room: usize, start: Instant) -> bool {
        self.clinic.moving.is_some_and(|moving| {
            moving.occupies
                && start == moving.during.start
                && self.clinic.providers[provider].id == moving.provider
                && self.clinic.rooms[room].id == moving.room
        })
    }

    /// Whether the provider's cap on `date` matters to the booking in question: one on the move has its seat of the day.
    pub(crate) fn asks_for_seat(&self, provider: usize, date: NaiveDate) -> bool {
        self.clinic.moving.is_none_or(|moving| !moving.has_seat(self.clinic.providers[provider].id, date))
    }

    fn provider_busy(&self, provider: usize, moment: &Moment, new: NewParts) -> Span {
        let pauses = self.providers[provider].pauses;
        match &self.clinic.moving {
            Some(moving) => moving.provider_busy(new, moment.slot, pauses),
            None => pauses.around(moment.slot),
        }
    }

    /// The pauses that a normal booking has with a provider on `date`.
    pub(super) fn pauses_on(&self, provider: usize, date: NaiveDate) -> Pauses {
        match &self.clinic.moving {
            Some(_) => self.clinic.pauses_on(provider, date),
            None => self.providers[provider].pauses,
        }
    }

    /// Where the booking on the move starts, if that is with `provider`: it may stay there whatever the hours are now.
    fn own_start(&self, provider: usize) -> Option<Instant> {
        let moving = self.clinic.moving.as_ref()?;
        (self.clinic.providers[provider].id == moving.provider).then_some(moving.during.start)
    }

    fn new_of_provider(&self, provider: ProviderId, moment: &Moment) -> NewParts {
        match &self.clinic.moving {
            Some(moving) => self.new_parts(moving, moment, provider, moving.room),
            None => NewParts::ALL,
        }
    }

    fn new_of_room(&self, room: Option<RoomId>, moment: &Moment) -> NewParts {
        match &self.clinic.moving {
            Some(moving) => self.new_parts(moving, moment, moving.provider, room),
            None => NewParts::ALL,
        }
    }

    /// What of the booking on the move is new at a place.
    // Out of the way of new bookings, whose judging is the hot path.
    #[cold]
    #[inline(never)]
    fn new_parts(
        &self,
        moving: &Moving,
        moment: &Moment,
        provider: ProviderId,
        room: Option<RoomId>,
    ) -> NewParts {
        // The clinic stays; of a new patient it only matters that there is one.
        let before = Taken {
            clinic: ClinicId(0),
            provider: moving.provider,
            room: moving.room,
            appointment_type: moving.appointment_type,
            patient: None,
            during: moving.during,
            is_overbooked: moving.is_overbooked,
            occupies: moving.occupies,
        };
        let after = Taken {
            provider,
            room,
            appointment_type: self.clinic.appointment_type.id,
            during: moving.once_at(moment.slot),
            patient: moving.has_new_patient.then_some("another"),
            is_overbooked: moment.kind == BookingKind::Overbooked,
            occupies: true,
            ..before
        };
        NewParts::between(&before, &after).dated(moving.local_date, moment.date)
    }

    /// The part that depends on neither provider nor room: the clock, the clinic's time off, resources, the patient.
    pub fn judge_moment(&self, moment: &Moment, sink: &mut impl Sink) -> ControlFlow<()> {
        let asks = |code| moment.new.judges(code, Subject::Clinic);
        if asks(Code::TooSoon) && moment.slot.start < moment.bookable.from {
            sink.refuse(Code::TooSoon.into())?;
        }
        if asks(Code::BeyondHorizon) && moment.date > moment.bookable.last_date {
            sink.refuse(Code::BeyondHorizon.into())?;
        }
        if self.type_hours.as_ref().is_some_and(|hours| !covers(hours, moment.slot)) && asks(Code::TypeClosed)
        {
            sink.refuse(Code::TypeClosed.into())?;
        }
        if asks(Code::TimeOff) {
            refuse_time_off(&self.clinic_time_off, moment.slot, sink)?;
        }
        if !self.are_stocks_at_sites && moment.new.derives_resources(false) {
            self.judge_stocks(moment, None, sink)?;
        }
        if asks(Code::PatientBusy) {
            refuse_bookings(self.patient.overlapping(moment.slot), Code::PatientBusy, sink)?;
        }
        Continue(())
    }

    fn judge_stocks(&self, moment: &Moment, site: Option<SiteId>, sink: &mut impl Sink) -> ControlFlow<()> {
        match self.stocks.iter().all(|stock| stock.suffices(moment.slot, site)) {
            true => Continue(()),
            false => sink.refuse(Code::NoResource.into()),
        }
    }

    /// The provider's part: enabled, fit, open, assisted, free, within the caps.
    pub fn judge_provider(&self, provider: usize, moment: &Moment, sink: &mut impl Sink) -> ControlFlow<()> {
        let (row, index) = (&self.clinic.providers[provider], &self.providers[provider]);
        let new = self.new_of_provider(row.id, moment);
        let asks = |code| new.judges(code, Subject::Provider);
        for flaw in index.flaws.iter().filter(|flaw| asks(**flaw)) {
            sink.refuse((*flaw).into())?;
        }
        if asks(Code::Closed) && !covers(index.grid.opening(), moment.slot) {
            sink.refuse(Code::Closed.into())?;
        }
        if asks(Code::TimeOff) {
            refuse_time_off(&index.time_off, moment.slot, sink)?;
            if !moment.new.judges(Code::TimeOff, Subject::Clinic) {
                // A provider who is new there works when the clinic does, which nobody has asked yet.
                refuse_time_off(&self.clinic_time_off, moment.slot, sink)?;
            }
        }
        if !index.reserved.is_empty() && asks(Code::Reserved) {
            refuse_reserved(&index.reserved, moment.slot, sink)?;
        }
        if asks(Code::NoAssistant)
            && index.assisted.as_ref().is_some_and(|assisted| !assisted.covers(moment.slot))
        {
            sink.refuse(Code::NoAssistant.into())?;
        }

        let mut is_free = true;
        if asks(Code::ProviderBusy) {
            for taken in index.diary.busy.overlapping(self.provider_busy(provider, moment, new)) {
                if !self.sessions.is_empty()
                    && self.is_joined(taken.id, moment, |row_of| row_of.provider == row.id)
                {
                    continue;
                }
                is_free = false;
                let blocker = Some(Blocker::Booking(taken.id));
                sink.refuse(Refusal { code: Code::ProviderBusy, blocker })?;
                if taken.is_overbooked {
                    sink.refuse(Refusal { code: Code::OverbookOverlap, blocker })?;
                }
            }
        }
        if let Some(elsewhere) = &index.elsewhere
            && asks(Code::PersonBusy)
            && elsewhere.overlapping(self.provider_busy(provider, moment, new)).next().is_some()
        {
            sink.refuse(Code::PersonBusy.into())?;
        }
        let day = self.day(provider, moment.date);
        if day.is_capped(row) {
            is_free = false;
            if asks(Code::DailyCap) {
                sink.refuse(Code::DailyCap.into())?;
            }
        }
        if asks(Code::OverbookCap) && i64::from(day.overbooked) >= index.max_overbook.into() {
            sink.refuse(Code::OverbookCap.into())?;
        }
        if !self.clinic.limits.is_empty() && asks(Code::LimitReached) {
            self.judge_limits(row.id, moment, sink)?;
        }
        // Whoever is in a group visit needs no overbooking.
        let is_in_group =
            !self.sessions.is_empty() && self.at(moment).any(|session| session.provider == row.id);
        if asks(Code::ProviderFree) && (is_free || is_in_group) {
            sink.refuse(Code::ProviderFree.into())?;
        }
        Continue(())
    }

    /// Refuses for each limit that a booking there would make grow beyond what it allows.
    #[cold]
    #[inline(never)]
    fn judge_limits(&self, provider: ProviderId, moment: &Moment, sink: &mut impl Sink) -> ControlFlow<()> {
        // Limits of patients are there only where the patient is known; whose it is doesn't matter then.
        const PATIENT: &str = "the patient";
        let counted = |provider, appointment_type, patient, local_date, during: Span, occupies| Counted {
            provider,
            appointment_type,
            patient: Some(patient),
            local_date,
            minutes: during.whole_minutes().0.into(),
            occupies,
            is_upcoming: during.end > self.now,
        };
        let before = self.clinic.moving.as_ref().map(|moving| {
            let patient = if moving.has_new_patient { "another" } else { PATIENT };
            let (date, during) = (moving.local_date, moving.during);
            counted(moving.provider, moving.appointment_type, patient, date, during, moving.occupies)
        });
        let of_type = self.clinic.appointment_type.id;
        let after = counted(provider, of_type, PATIENT, moment.date, moment.slot, true);
        let grow = self.clinic.limits.iter().filter(|limit| limit.grows(before.as_ref(), &after));
        for limit in grow.filter(|limit| self.used.is_reached(limit, &after)) {
            let blocker = Some(Blocker::Limit(limit.id));
            sink.refuse(Refusal { code: Code::LimitReached, blocker })?;
        }
        Continue(())
    }

    /// The room's part: enabled, fit, free.
    pub fn judge_room(&self, room: usize, moment: &Moment, sink: &mut impl Sink) -> ControlFlow<()> {
        let (row, index) = (&self.clinic.rooms[room], &self.rooms[room]);
        let new = self.new_of_room(row.id, moment);
        let asks = |code| new.judges(code, Subject::Room);
        for flaw in index.flaws.iter().filter(|flaw| asks(**flaw)) {
            sink.refuse((*flaw).into())?;
        }
        if index.hours.as_ref().is_some_and(|hours| !covers(hours, moment.slot)) && asks(Code::RoomClosed) {
            sink.refuse(Code::RoomClosed.into())?;
        }
        if asks(Code::TimeOff) {
            refuse_time_off(&index.time_off, moment.slot, sink)?;
        }
        if asks(Code::RoomBusy) {
            let pauses = moment.room.and_after(row.turnover);
            let wanted = match &self.clinic.moving {
                Some(moving) => moving.room_busy(new, moment.slot, pauses),
                None => pauses.around(moment.slot),
            };
            let busy = index.busy.overlapping(wanted).filter(|id| {
                self.sessions.is_empty() || !self.is_joined(*id, moment, |session| session.room == row.id)
            });
            refuse_bookings(busy, Code::RoomBusy, sink)?;
        }
        Continue(())
    }

    /// The group visits at the very time.
    fn at(&self, moment: &Moment) -> impl Iterator<Item = &Session> {
        let slot = moment.slot;
        self.sessions.iter().copied().filter(move |session| session.during == slot)
    }

    /// Whether a booking is in a group visit at the very time, one that `is_there`.
    #[cold]
    fn is_joined(&self, booking: BookingId, moment: &Moment, is_there: impl Fn(&Session) -> bool) -> bool {
        self.at(moment).any(|session| is_there(session) && session.members.contains(&booking))
    }

    /// The group visits' part: provider and room are each of one at the very time, if it is the same one, which isn't full.
    /// Who leaves a group visit, but neither its provider nor its time, meets the others there.
    #[cold]
    fn judge_sessions(
        &self,
        provider: usize,
        room: usize,
        moment: &Moment,
        new: NewParts,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        if !new.derives_session() {
            return Continue(());
        }
        let (provider, room) = (self.clinic.providers[provider].id, self.clinic.rooms[room].id);
        for session in self.at(moment) {
            let members = session.members.iter().copied();
            match (session.provider == provider, session.room == room) {
                (true, true) if session.is_full() => sink.refuse(Code::SessionFull.into())?,
                (true, false) => refuse_bookings(members, Code::ProviderBusy, sink)?,
                (false, true) if room.is_some() => refuse_bookings(members, Code::RoomBusy, sink)?,
                _ => (),
            }
        }
        Continue(())
    }

    /// The group visit that a booking there joins or begins, if it is for one.
    #[inline]
    pub(super) fn group(&self, provider: usize, room: usize, moment: &Moment) -> Option<Group> {
        let capacity = self.clinic.capacity_in(room);
        if capacity > 1 || !self.sessions.is_empty() {
            self.group_of(provider, room, moment, capacity)
        } else {
            None
        }
    }

    #[cold]
    fn group_of(&self, provider: usize, room: usize, moment: &Moment, capacity: i32) -> Option<Group> {
        let (provider, room) = (self.clinic.providers[provider].id, self.clinic.rooms[room].id);
        let begun = self.at(moment).find(|session| session.provider == provider && session.room == room);
        match begun {
            Some(session) => Some(Group { places_left: session.places_left(), is_begun: true }),
            None => (capacity > 1).then_some(Group { places_left: capacity, is_begun: false }),
        }
    }

    /// Whether what [`Self::judge_both`] judges can refuse anything.
    pub(super) fn chooses_rooms(&self, provider: usize) -> bool {
        let index = &self.providers[provider];
        !index.in_rooms.is_empty()
            || index.stops.is_some()
            || self.are_stocks_at_sites
            || !self.sessions.is_empty()
    }

    /// The part that depends on provider and room together: whether the provider is open in that room, and gets there. A provider
    /// who isn't open in any has heard of it already.
    pub fn judge_both(
        &self,
        provider: usize,
        room: usize,
        moment: &Moment,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        match self.chooses_rooms(provider) {
            true => self.judge_choice(provider, room, moment, sink),
            false => Continue(()),
        }
    }

    #[cold]
    #[inline(never)]
    fn judge_choice(
        &self,
        provider: usize,
        room: usize,
        moment: &Moment,
        sink: &mut impl Sink,
    ) -> ControlFlow<()> {
        let index = &self.providers[provider];
        let new = match &self.clinic.moving {
            Some(moving) => {
                self.new_parts(moving, moment, self.clinic.providers[provider].id, self.clinic.rooms[room].id)
            }
            None => NewParts::ALL,
        };
        self.judge_sessions(provider, room, moment, new, sink)?;
        if new.judges(Code::ClosedInRoom, Subject::Room)
            && index.in_rooms.get(room).is_some_and(|in_room| !covers(in_room, moment.slot))
            && covers(index.grid.opening(), moment.slot)
        {
            sink.refuse(Code::ClosedInRoom.into())?;
        }
        if self.are_stocks_at_sites && new.derives_resources(true) {
            self.judge_stocks(moment, self.clinic.rooms[room].site, sink)?;
        }
        if let (Some(stops), Some(site)) = (&index.stops, self.clinic.rooms[room].site)
            && new.judges_ways(self.site_of_moving() != Some(site))
        {
            let far = stops.beside(moment.slot).filter(|stop| !self.leaves_time(stop, site, moment.slot));
            for stop in far {
                let blocker = Some(Blocker::Booking(stop.id));
                sink.refuse(Refusal { code: Code::NoTravelTime, blocker })?;
            }
        }
        Continue(())
    }

    /// Where the booking on the move is.
    fn site_of_moving(&self) -> Option<SiteId> {
        self.clinic.sites.of_rooms.get(&self.clinic.moving?.room?).copied()
    }

    /// Whether there is time for the way between a booking and a slot at a site.
    fn leaves_time(&self, stop: &Stop, site: SiteId, slot: Span) -> bool {
        let sites = &self.clinic.sites;
        match stop.during.end <= slot.start {
            true => stop.during.end + sites.way(stop.site, site) <= slot.start,
            // One at the same time leaves none.
            false => slot.end + sites.way(site, stop.site) <= stop.during.start.max(slot.end),
        }
    }

    /// The grid's part: refuses no booking, only an offer. Outside every window there is no grid to be off.
    pub fn judge_grid(&self, provider: usize, moment: &Moment, sink: &mut impl Sink) -> ControlFlow<()> {
        if self.own_start(provider) == Some(moment.slot.start) {
            return Continue(());
        }
        match self.providers[provider].grid.is_on_grid(moment.date, moment.slot.start) {
            Some(false) => sink.refuse(Code::OffGrid.into()),
            Some(true) | None => Continue(()),
        }
    }

    /// The starts of `provider`'s grid on `date`, sorted, free or not; the own one of a booking on the move counts as one.
    #[must_use]
    pub fn starts_on(&self, provider: usize, date: NaiveDate) -> Vec<Instant> {
        let zone = &self.clinic.settings.zone;
        let mut starts = self.providers[provider].grid.starts_on(zone, date);
        let own = self.own_start(provider).filter(|start| zone.local_date(*start) == date);
        if let Some((at, start)) = own.and_then(|start| Some((starts.binary_search(&start).err()?, start))) {
            starts.insert(at, start);
        }
        starts
    }

    /// The provider's opening time, normalized; over more dates than those of the question.
    pub(crate) fn opening(&self, provider: usize) -> &[Span] {
        self.providers[provider].grid.opening()
    }

    /// The time off of the provider and the clinic, normalized.
    pub(crate) fn time_off(&self, provider: usize) -> Vec<Span> {
        union(self.providers[provider].time_off.spans().chain(self.clinic_time_off.spans()).collect())
    }

    /// When the provider has bookings, here and elsewhere, buffers included, normalized.
    pub(crate) fn busy(&self, provider: usize) -> Vec<Span> {
        let index = &self.providers[provider];
        let elsewhere = index.elsewhere.iter().flat_map(SpanIndex::spans);
        union(index.diary.busy.spans().chain(elsewhere).collect())
    }

    /// Whether the provider's normal bookings on `date` have reached the cap.
    pub(crate) fn is_capped(&self, provider: usize, date: NaiveDate) -> bool {
        self.day(provider, date).is_capped(&self.clinic.providers[provider])
    }

    /// The provider's bookings on `date`.
    pub(super) fn day(&self, provider: usize, date: NaiveDate) -> Day<'_> {
        self.providers[provider].diary.day(date)
    }
}

/// Each window once, though it may have started on two dates.
#[cold]
#[inline(never)]
fn refuse_reserved(index: &SpanIndex<ReservedWindowId>, slot: Span, sink: &mut impl Sink) -> ControlFlow<()> {
    let rows: BTreeSet<_> = index.overlapping(slot).collect();
    rows.into_iter().try_for_each(|id| {
        sink.refuse(Refusal { code: Code::Reserved, blocker: Some(Blocker::Reserved(id)) })
    })
}

fn refuse_time_off(index: &SpanIndex<TimeOffId>, slot: Span, sink: &mut impl Sink) -> ControlFlow<()> {
    index
        .overlapping(slot)
        .try_for_each(|id| sink.refuse(Refusal { code: Code::TimeOff, blocker: Some(Blocker::TimeOff(id)) }))
}

fn refuse_bookings(
    mut bookings: impl Iterator<Item = BookingId>,
    code: Code,
    sink: &mut impl Sink,
) -> ControlFlow<()> {
    bookings.try_for_each(|id| sink.refuse(Refusal { code, blocker: Some(Blocker::Booking(id)) }))
}
