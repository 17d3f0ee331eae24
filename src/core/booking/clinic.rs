//! The snapshot: one clinic's rows, as values, that a question needs. The edge loads it; nothing here changes it.

use crate::words;
use chrono::NaiveDate;

use crate::booking::change::NewParts;
use crate::booking::hours::{Holiday, OpeningWindow, open_on};
use crate::booking::limits::{BookingLimit, LimitUse};
use crate::booking::place::{self, Pauses};
use crate::booking::reason::Blocker;
use crate::booking::reserved::ReservedWindow;
use crate::booking::sites::Sites;
use crate::booking::status::Status;
use crate::booking::terms::{OwnTerms, Terms};
use crate::ids::{AppointmentTypeId, BookingId, ProviderId, ResourceId, RoomId, SiteId, StaffId, TimeOffId};
use crate::text::named;
use crate::time::interval::{Instant, Minutes, Span};
use crate::time::windows::WindowOverride;
use crate::time::zone::Zone;

words! {
    /// Where the grid of slot starts begins (`clinics.slot_alignment`).
    pub enum SlotAlignment {
        /// At the opening instant of the (joined) window.
        Window = "window",
        /// Anew at the start of every free gap as well.
        Gap = "gap",
    }
}

/// `clinic.clinics`: the settings of one clinic.
#[derive(Clone, Debug)]
pub struct ClinicSettings {
    /// The clinic's time zone, covering every instant the question can reach.
    pub zone: Zone,
    /// Distance between slot starts.
    pub slot_step: Minutes,
    /// Where the grid begins.
    pub slot_alignment: SlotAlignment,
    /// A slot starts at least this long after now.
    pub minimum_notice: Minutes,
    /// The same, whatever a type says: what is asked for here and now.
    pub least_notice: Minutes,
    /// A slot's date is at most this many days after today.
    pub booking_horizon_days: i32,
    /// Whether overbooked slots come after all others; else their score alone places them.
    pub overbooked_last: bool,
}

/// `clinic.appointment_types`: a kind of appointment.
#[derive(Clone, Debug)]
pub struct AppointmentType {
    /// Its id.
    pub id: AppointmentTypeId,
    /// Its name.
    pub name: String,
    /// A disabled type can't be booked any more; what is booked can move.
    pub enabled: bool,
    /// Length of a slot, unless the provider has another.
    pub duration: Minutes,
    /// How many patients at once; above 1 it is a group visit.
    pub capacity: i32,
    /// What it needs of the room; `None` = it needs no room: by phone or video, or at the patient's home.
    pub needs: Option<RoomNeeds>,
    /// Skills that one assistant rostered with the provider must have, all of them; empty = it needs no assistant.
    pub required_skills: Vec<String>,
    /// What it has of its own instead of the clinic's settings.
    pub own: OwnTerms,
    /// What is said of providers who do it, by provider; empty = every provider does it.
    pub providers: Vec<ProviderType>,
    /// When it can take place; empty = whenever a provider is open.
    pub hours: Vec<OpeningWindow>,
    /// Resources that it holds while it lasts.
    pub resources: Vec<ResourceNeed>,
}

/// `clinic.type_resources`: units of one kind that an appointment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceNeed {
    /// The kind.
    pub kind: String,
    /// How many units of it.
    pub quantity: i32,
}

/// `clinic.resources`: a unit of a kind, one that an appointment may hold.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The unit's id.
    pub id: ResourceId,
    /// Its kind.
    pub kind: String,
    /// Where it is; `None` = it goes anywhere.
    pub site: Option<SiteId>,
    /// When it can't be had, and because of what: a booking that occupies time, or time off of its own.
    pub taken: Vec<(Span, Blocker)>,
}

impl Resource {
    /// Whether it can be had at a site (`None` = at none that is known).
    #[must_use]
    pub fn can_be_at(&self, site: Option<SiteId>) -> bool {
        self.site.is_none() || self.site == site
    }

    /// Whether it can be had for all of a time.
    #[must_use]
    pub fn is_free(&self, during: Span) -> bool {
        !self.taken.iter().any(|(taken, _)| taken.overlaps(during))
    }
}

/// `clinic.provider_types`: what an appointment type is with one provider.
#[derive(Clone, Debug)]
pub struct ProviderType {
    /// The provider.
    pub provider: ProviderId,
    /// Whether the provider does it.
    pub enabled: bool,
    /// How long the provider takes; `None` = as long as the type says.
    pub duration: Option<Minutes>,
    /// What holds with the provider instead of the type's settings.
    pub own: OwnTerms,
}

/// `clinic.providers` with the provider's opening time.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The provider's id.
    pub id: ProviderId,
    /// The provider's name.
    pub name: String,
    /// A disabled provider is never offered.
    pub enabled: bool,
    /// Minutes kept free after each booking.
    pub buffer: Minutes,
    /// Most normal bookings on one local date.
    pub max_daily_appointments: i32,
    /// Weekly availability.
    pub availability: Vec<OpeningWindow>,
    /// Availability overrides; each replaces the windows that start on its date.
    pub overrides: Vec<WindowOverride>,
    /// The holidays of the clinic.
    pub holidays: Vec<Holiday>,
}

/// `clinic.rooms`, or [nowhere](Self::nowhere).
#[derive(Clone, Debug)]
pub struct Room {
    /// The room's id; `None` = no room.
    pub id: Option<RoomId>,
    /// The room's name.
    pub name: String,
    /// A disabled room is never offered.
    pub enabled: bool,
    /// Its type, compared with the appointment type's.
    pub room_type: String,
    /// The equipment it has.
    pub equipment: Vec<String>,
    /// Minutes the room stays empty after each booking.
    pub turnover: Minutes,
    /// How many patients it takes at once; `None` = as many as come.
    pub capacity: Option<i32>,
    /// Where it is; `None` = nobody says.
    pub site: Option<SiteId>,
    /// When it is open; empty = always.
    pub hours: Vec<OpeningWindow>,
}

/// What an appointment type needs of a room.
#[derive(Clone, Debug)]
pub struct RoomNeeds {
    /// Its type; `None` = any.
    pub room_type: Option<String>,
    /// Its equipment, all of it.
    pub equipment: Vec<String>,
}

impl RoomNeeds {
    /// Whether a room is of the type.
    #[must_use]
    pub fn suits_type(&self, room: &Room) -> bool {
        self.room_type.as_ref().is_none_or(|needed| *needed == room.room_type)
    }

    /// Whether a room has the equipment.
    #[must_use]
    pub fn suits_equipment(&self, room: &Room) -> bool {
        self.equipment.iter().all(|needed| room.equipment.contains(needed))
    }
}

impl AppointmentType {
    /// The type in a sentence: `Checkup (appointment type 3)`.
    #[must_use]
    pub fn named(&self) -> String {
        named(&self.name, "appointment type", self.id)
    }

    /// Whether a provider does it: everybody, or once anything is said of a provider, only those of whom it is said.
    #[must_use]
    pub fn is_done_by(&self, provider: ProviderId) -> bool {
        self.providers.is_empty() || self.with(provider).is_some_and(|row| row.enabled)
    }

    /// How long it takes with a provider.
    #[must_use]
    pub fn duration_with(&self, provider: ProviderId) -> Minutes {
        self.with(provider).and_then(|row| row.duration).unwrap_or(self.duration)
    }

    /// What it has of its own with a provider.
    #[must_use]
    pub fn own_with(&self, provider: ProviderId) -> OwnTerms {
        self.with(provider).map_or(self.own, |row| row.own.or(self.own))
    }

    /// How many days after today it can be booked with whoever can be booked longest.
    #[must_use]
    pub fn longest_horizon_days(&self, of_clinic: i32) -> i32 {
        let own = self.providers.iter().filter_map(|row| row.own.booking_horizon_days);
        own.chain([self.own.booking_horizon_days.unwrap_or(of_clinic)]).max().unwrap_or(of_clinic)
    }

    /// The same type, of a length that was asked for or a booking has: whoever does it takes as long.
    #[must_use]
    pub fn lasting(mut self, duration: Minutes) -> Self {
        self.duration = duration;
        self.providers.iter_mut().for_each(|row| row.duration = None);
        self
    }

    /// What is said of a provider who does it.
    #[must_use]
    pub fn with(&self, provider: ProviderId) -> Option<&ProviderType> {
        let index = self.providers.binary_search_by_key(&provider, |row| row.provider).ok()?;
        Some(&self.providers[index])
    }
}

impl Provider {
    /// The windows for a type (`None` = for any) that can open on a date, unless it has overrides.
    pub fn windows(
        &self,
        of: Option<AppointmentTypeId>,
        date: NaiveDate,
    ) -> impl Iterator<Item = &OpeningWindow> {
        let today = self.holidays.iter().filter(|holiday| holiday.falls_on(date)).collect::<Vec<_>>();
        self.availability.iter().filter(move |window| {
            let is_open = today.is_empty()
                || window.open_on_holidays
                || !today.iter().any(|holiday| holiday.is_at(window.site));
            of.is_none_or(|of| window.is_for(of)) && is_open
        })
    }

    /// The same in a room.
    pub(crate) fn windows_in(
        &self,
        room: &Room,
        of: AppointmentTypeId,
        date: NaiveDate,
    ) -> impl Iterator<Item = &OpeningWindow> {
        let is_holiday =
            room.site.is_some() && self.holidays.iter().any(|day| day.falls_on(date) && day.is_at(room.site));
        let (id, site) = (room.id, room.site);
        self.windows(Some(of), date).filter(move |window| {
            // Who is in some room can be called there.
            let is_there = id.is_none()
                || window.room.is_none_or(|only| id == Some(only))
                    && window.site.is_none_or(|only| site == Some(only));
            is_there && (!is_holiday || window.open_on_holidays)
        })
    }

    /// Whether the windows are other ones in one room than in another.
    pub(crate) fn differs_by_room(&self, of: AppointmentTypeId) -> bool {
        let names_place = |window: &OpeningWindow| window.room.is_some() || window.site.is_some();
        self.availability.iter().any(|window| names_place(window) && window.is_for(of))
            || self.holidays.iter().any(|holiday| holiday.site.is_some())
    }

    /// The holiday that closes windows on a date, all or those of a site: overrides stand above it.
    #[must_use]
    pub fn holiday_on(&self, date: NaiveDate, site: Option<SiteId>) -> Option<&Holiday> {
        let holiday = self.holidays.iter().find(|holiday| holiday.falls_on(date) && holiday.is_at(site))?;
        self.overrides.iter().all(|row| row.on_date != date).then_some(holiday)
    }

    /// The provider in a sentence: `Dr. Weber (provider 1)`.
    #[must_use]
    pub fn named(&self) -> String {
        named(&self.name, "provider", self.id)
    }
}

impl Room {
    /// Where visits are that need no room: always open, never busy.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self {
            id: None,
            name: String::new(),
            enabled: true,
            room_type: String::new(),
            equipment: Vec::new(),
            turnover: Minutes(0),
            capacity: None,
            site: None,
            hours: Vec::new(),
        }
    }

    /// The room in a sentence: `Room 1 (room 2)`.
    #[must_use]
    pub fn named(&self) -> String {
        self.id.map_or_else(|| "no room".to_owned(), |id| named(&self.name, "room", id))
    }
}

/// Whose time a time off takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeOffScope {
    /// One provider.
    Provider(ProviderId),
    /// One room.
    Room(RoomId),
    /// The whole clinic.
    Clinic,
}

/// `clinic.time_off`. An open end is an end of [`crate::time::interval::TIME`].
#[derive(Clone, Copy, Debug)]
pub struct TimeOff {
    /// Its id, named in explanations.
    pub id: TimeOffId,
    /// Whose time.
    pub scope: TimeOffScope,
    /// Which time.
    pub during: Span,
}

/// A booking that occupies time (its status does, and it isn't an expired hold).
#[derive(Clone, Copy, Debug)]
pub struct Occupied {
    /// The booking's id.
    pub id: BookingId,
    /// Whom it occupies.
    pub provider: ProviderId,
    /// Where; `None` = in no room.
    pub room: Option<RoomId>,
    /// An overbooked booking may be beside a normal one.
    pub is_overbooked: bool,
    /// Whether it is a booking of the patient who asks.
    pub is_same_patient: bool,
    /// The clinic's date at its start.
    pub local_date: NaiveDate,
    /// The appointment itself.
    pub during: Span,
    /// The provider's busy time: with the pauses that it was given when it was booked.
    pub provider_busy: Span,
    /// The room's busy time, alike; the appointment itself where it has no room.
    pub room_busy: Span,
}

/// `clinic.sessions`: a group visit that somebody is in. Who books its very place joins it.
#[derive(Clone, Debug)]
pub struct Session {
    /// What it is.
    pub appointment_type: AppointmentTypeId,
    /// With whom.
    pub provider: ProviderId,
    /// Where; `None` = in no room.
    pub room: Option<RoomId>,
    /// When.
    pub during: Span,
    /// How many may be in it.
    pub capacity: i32,
    /// The bookings in it that occupy time, but for one on the move.
    pub members: Vec<BookingId>,
}

impl Session {
    /// How many may still come: none, too, where more are in it than it may have by now.
    #[must_use]
    pub fn places_left(&self) -> i32 {
        let members = i32::try_from(self.members.len()).unwrap_or(i32::MAX);
        self.capacity.saturating_sub(members).max(0)
    }

    /// Whether no place is left.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.places_left() == 0
    }
}

/// Staff on record (`clinic.assignments`) who work a shift with a provider.
#[derive(Clone, Debug)]
pub struct Assistance {
    /// With whom.
    pub provider: ProviderId,
    /// Who.
    pub staff: StaffId,
    /// The person's skills.
    pub skills: Vec<String>,
    /// The shift.
    pub during: Span,
}

/// `clinic.overbooking_rules`, enabled ones; `None` = any.
#[derive(Clone, Copy, Debug)]
pub struct OverbookingRule {
    /// For this provider only.
    pub provider: Option<ProviderId>,
    /// For this type only.
    pub appointment_type: Option<AppointmentTypeId>,
    /// Most overbooked bookings of a provider on one local date.
    pub max_overbook: i32,
}

/// `clinic.scoring_profiles`; `None` = any.
#[derive(Clone, Copy, Debug)]
pub struct ScoringProfile {
    /// For this provider only.
    pub provider: Option<ProviderId>,
    /// For this type only.
    pub appointment_type: Option<AppointmentTypeId>,
    /// The weights as written: not negative, not all zero, any sum.
    pub weights: Weights,
}

/// Weights of the components of the quality score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Weight of the patient's preferred time of day.
    pub preference: f64,
    /// Weight of a compact day for the provider.
    pub compactness: f64,
    /// Weight of the provider staying in a room.
    pub room: f64,
    /// Weight of not being overbooked.
    pub overbooking: f64,
    /// Weight of the provider whom the patient saw last.
    pub continuity: f64,
    /// Weight of the provider with the least booked week.
    pub load: f64,
}

/// A booking that is to go to another place. It isn't among the occupied: it doesn't stand in its own way.
#[derive(Clone, Copy, Debug)]
pub struct Moving {
    /// The booking's id.
    pub id: BookingId,
    /// Its status, which says what of it can be another.
    pub status: Status,
    /// Whom it has now.
    pub provider: ProviderId,
    /// Where it is now; `None` = in no room.
    pub room: Option<RoomId>,
    /// What it is for now; that of the clinic's appointment type, unless it is to be another.
    pub appointment_type: AppointmentTypeId,
    /// Its present time. The length stays, unless it has a new one.
    pub during: Span,
    /// When it keeps its provider, with the pauses that it was given.
    pub provider_busy: Span,
    /// When it keeps its room, with the pauses that it was given; the appointment itself where it has no room.
    pub room_busy: Span,
    /// The clinic's date that it was given.
    pub local_date: NaiveDate,
    /// Whether it is beside a normal booking now.
    pub is_overbooked: bool,
    /// Whether it takes time now.
    pub occupies: bool,
    /// Whether it is to be another patient's.
    pub has_new_patient: bool,
    /// Whether it is to be as long as the clinic's appointment type says, whatever it was.
    pub has_new_length: bool,
}

impl Moving {
    /// When it is once it is in `slot`, which has the length of the clinic's appointment type, in whole minutes.
    #[must_use]
    pub fn once_at(&self, slot: Span) -> Span {
        match self.has_new_length {
            true => slot,
            false => Span { start: slot.start, end: Instant(slot.start.0 + self.during.micros()) },
        }
    }

    /// The provider's busy time once it is at `during`; `today` are the pauses of now, for where these count.
    #[must_use]
    pub fn provider_busy(&self, new: NewParts, during: Span, today: Pauses) -> Span {
        match new.derives_buffer() {
            true => today.around(during),
            false => place::as_busy_as_before(during, self.during, self.provider_busy),
        }
    }

    /// The room's busy time once it is at `during`, alike.
    #[must_use]
    pub fn room_busy(&self, new: NewParts, during: Span, today: Pauses) -> Span {
        match new.derives_turnover() {
            true => today.around(during),
            false => place::as_busy_as_before(during, self.during, self.room_busy),
        }
    }

    /// Whether it has one of the provider's seats for normal bookings on `date`.
    #[must_use]
    pub fn has_seat(&self, provider: ProviderId, date: NaiveDate) -> bool {
        self.occupies && !self.is_overbooked && date == self.local_date && provider == self.provider
    }

    /// All the time that it keeps its provider or its room.
    #[must_use]
    pub fn kept(&self) -> Span {
        Span {
            start: self.provider_busy.start.min(self.room_busy.start),
            end: self.provider_busy.end.max(self.room_busy.end),
        }
    }

    /// The longer of the pauses that it was given.
    #[must_use]
    pub fn pauses(&self) -> Pauses {
        Pauses::between(self.during, self.provider_busy).max(Pauses::between(self.during, self.room_busy))
    }
}

/// Everything a question about one appointment type needs, loaded in one go.
///
/// `providers` and `rooms` are sorted by id. `occupied` holds at least every occupying booking of the clinic whose
/// local date is in the dates of the question, or whose provider's or room's busy time reaches into any span a slot of
/// those dates could take (its own buffer and turnover included); sorted by `during.start`, then id.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// The clinic's settings.
    pub settings: ClinicSettings,
    /// The type to be booked.
    pub appointment_type: AppointmentType,
    /// The providers in question.
    pub providers: Vec<Provider>,
    /// The rooms in question.
    pub rooms: Vec<Room>,
    /// The ways between sites.
    pub sites: Sites,
    /// What the other enabled appointment types need of a room, at least of those that don't suit every room. Only the
    /// choice between rooms reads it.
    pub other_needs: Vec<RoomNeeds>,
    /// Windows that are kept for some types.
    pub reserved: Vec<ReservedWindow>,
    /// Time off of any of them or of the clinic.
    pub time_off: Vec<TimeOff>,
    /// Bookings that occupy time.
    pub occupied: Vec<Occupied>,
    /// Group visits that have begun to fill, at least those of the type that can be joined.
    pub sessions: Vec<Session>,
    /// When the providers are busy as other providers of the same person, in any clinic. A booking on the move isn't among
    /// them.
    pub elsewhere: Vec<(ProviderId, Span)>,
    /// Units of the kinds that the type holds, at least. Those of a booking on the move are free of it.
    pub resources: Vec<Resource>,
    /// Staff who work with the providers, at least those who have one of the skills that the appointment type requires.
    pub assistance: Vec<Assistance>,
    /// Enabled overbooking rules.
    pub overbooking_rules: Vec<OverbookingRule>,
    /// Enabled limits of bookings; those of patients only where the patient is known.
    pub limits: Vec<BookingLimit>,
    /// How far these are used, over the whole of each period that a date of the question is in. The booking on the move
    /// isn't counted.
    pub limit_use: Vec<LimitUse>,
    /// Scoring profiles.
    pub scoring_profiles: Vec<ScoringProfile>,
    /// Whom the patient saw last; `None` = nobody yet, or nobody says who asks.
    pub last_seen: Option<ProviderId>,
    /// The booking that a place is looked for, of the type's length here; `None` = a new booking.
    pub moving: Option<Moving>,
}

impl Clinic {
    /// The pauses that a normal booking has with a provider (an index) on `date`: today's, or those that the booking on the
    /// move was given.
    #[must_use]
    pub fn pauses_on(&self, provider: usize, date: NaiveDate) -> Pauses {
        match &self.moving {
            Some(moving) if moving.has_seat(self.providers[provider].id, date) => {
                Pauses::between(moving.during, moving.provider_busy)
            }
            _ => self.pauses(provider),
        }
    }

    /// The pauses that a new booking with a provider (an index) has.
    #[must_use]
    pub fn pauses(&self, provider: usize) -> Pauses {
        self.terms(provider).provider.and_after(self.providers[provider].buffer)
    }

    /// The longest pauses that a booking of these types can have, of its provider or of its room, or on the way to another site.
    #[must_use]
    pub fn longest_pauses(&self, types: &[AppointmentType]) -> Pauses {
        let turnover = self.rooms.iter().map(|room| room.turnover).max().unwrap_or(Minutes(0));
        let of = |appointment_type: &AppointmentType, provider: &Provider| {
            let own = appointment_type.own_with(provider.id).pauses;
            own.of_provider().and_after(provider.buffer).max(own.of_room().and_after(turnover))
        };
        let all = types.iter().flat_map(|row| self.providers.iter().map(move |provider| of(row, provider)));
        let kept = self.moving.map(|moving| moving.pauses());
        let way = self.sites.longest_way();
        all.chain(kept).fold(Pauses { before: way, after: way }, Pauses::max)
    }

    /// Takes bookings out: they are as if they weren't there.
    pub fn take_out(&mut self, is_out: impl Fn(BookingId) -> bool) {
        self.occupied.retain(|booking| !is_out(booking.id));
        self.sessions.iter_mut().for_each(|session| session.members.retain(|id| !is_out(*id)));
        self.sessions.retain(|session| !session.members.is_empty());
        let is_left = |taken: &(Span, Blocker)| !matches!(taken.1, Blocker::Booking(id) if is_out(id));
        self.resources.iter_mut().for_each(|unit| unit.taken.retain(is_left));
    }

    /// The name of a provider of the snapshot.
    #[must_use]
    pub fn provider_name(&self, id: ProviderId) -> Option<&str> {
        self.providers.iter().find(|provider| provider.id == id).map(|provider| provider.name.as_str())
    }

    /// What holds for an appointment with a provider (an index into [`Self::providers`]).
    #[must_use]
    pub fn terms(&self, provider: usize) -> Terms {
        let (settings, provider) = (&self.settings, self.providers[provider].id);
        let own = self.appointment_type.own_with(provider);
        Terms {
            duration: self.appointment_type.duration_with(provider),
            slot_step: own.slot_step.unwrap_or(settings.slot_step),
            minimum_notice: own.minimum_notice.unwrap_or(settings.minimum_notice).max(settings.least_notice),
            booking_horizon_days: own.booking_horizon_days.unwrap_or(settings.booking_horizon_days),
            provider: own.pauses.of_provider(),
            room: own.pauses.of_room(),
        }
    }

    /// How long an appointment takes with whoever takes longest.
    #[must_use]
    pub fn longest_duration(&self) -> Minutes {
        let all = (0..self.providers.len()).map(|provider| self.duration_with(provider));
        all.max().unwrap_or(self.appointment_type.duration)
    }

    /// How long an appointment with a provider (an index into [`Self::providers`]) takes.
    #[must_use]
    pub fn duration_with(&self, provider: usize) -> Minutes {
        self.appointment_type.duration_with(self.providers[provider].id)
    }

    /// How many patients an appointment in a room (an index into [`Self::rooms`]) takes at once.
    #[must_use]
    pub fn capacity_in(&self, room: usize) -> i32 {
        let of_type = self.appointment_type.capacity;
        self.rooms[room].capacity.map_or(of_type, |of_room| of_room.min(of_type))
    }

    /// The name of a room of the snapshot.
    #[must_use]
    pub fn room_name(&self, id: RoomId) -> Option<&str> {
        self.rooms.iter().find(|room| room.id == Some(id)).map(|room| room.name.as_str())
    }
}

/// When `provider` is open for a type (`None` = for any) in the windows that **start** on `date`, joined where they touch or
/// overlap. They may end on the next date. Time off isn't subtracted.
#[must_use]
pub fn opening(
    zone: &Zone,
    provider: &Provider,
    of: Option<AppointmentTypeId>,
    date: NaiveDate,
) -> Vec<Span> {
    open_on(zone, provider.windows(of, date), &provider.overrides, date)
}
