//! A freed place, and which candidates can really be booked there: judged by the judge of slots, each among the bookings
//! as they would be then. A candidate needn't begin where the place does, nor end there: the whole free stretch around it
//! counts, as long as the appointment takes some of the place.

use chrono::NaiveDate;

use super::{Acceptable, Candidate, Source};
use crate::booking::clinic::{AppointmentType, Clinic, Moving, Occupied, Room};
use crate::booking::place::MAX_DURATION;
use crate::booking::reason::{BookingKind, Code, Refusal};
use crate::booking::slots::{Judge, refusals_of, refusals_of_move_by};
use crate::ids::{AppointmentTypeId, ProviderId, RoomId};
use crate::time::calendar::{WallTime, add_days};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Minutes, Span};
use crate::time::zone::Zone;

/// A candidate with what it takes to be booked.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its place among the candidates, at the distance that it has at best.
    pub candidate: Candidate,
    /// The appointment type to book.
    pub appointment_type: AppointmentTypeId,
    /// The booking to move; `None` = a new booking.
    pub moves: Option<Moving>,
    acceptable: Acceptable,
}

/// A row that may be a claim: a waitlist entry, or a cancelled booking.
#[derive(Clone, Debug)]
pub struct Applicant {
    /// Why the patient may be a candidate.
    pub source: Source,
    /// The row's id.
    pub id: i64,
    /// The waitlist entry's; 0 for others.
    pub priority: i32,
    /// Since when the patient waits.
    pub since: Instant,
    /// The dates and times that are acceptable.
    pub acceptable: Acceptable,
    /// The appointment type wanted.
    pub appointment_type: AppointmentTypeId,
    /// The booking to move; `None` = a new booking.
    pub moves: Option<Moving>,
}

/// A start with its local date and time.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: Instant,
    date: NaiveDate,
    time: WallTime,
}

/// What can be had in the place for a type.
#[derive(Debug)]
struct OfType {
    appointment_type: AppointmentType,
    /// Starts that are free as it is.
    free: Vec<Start>,
}

/// The place, with all that is needed to judge who can be booked there.
#[derive(Debug)]
pub struct Vacancy {
    clinic: Clinic,
    /// The place's room.
    room: Room,
    /// Types that somebody might be booked for there, if a booking were moved away.
    types: Vec<OfType>,
    kind: BookingKind,
    place: Span,
    now: Instant,
    /// The dates on which an appointment may start that takes some of the place.
    dates: (NaiveDate, NaiveDate),
    /// The starts of the provider's grid on these dates, and the place's own.
    grid: Vec<Start>,
}

impl Vacancy {
    /// The dates to load the clinic for: those on which an appointment of a type with a provider may start that takes some of
    /// the place.
    #[must_use]
    pub fn dates(
        zone: &Zone,
        provider: ProviderId,
        place: Span,
        types: &[AppointmentType],
    ) -> (NaiveDate, NaiveDate) {
        let longest =
            types.iter().map(|row| row.duration_with(provider)).max().unwrap_or(Minutes(0)).min(MAX_DURATION);
        let (one, other) =
            (zone.local_date(place.start - longest), zone.local_date(Instant(place.end.0 - 1)));
        // In a fold at midnight the clock goes back to the date before.
        (one.min(other), one.max(other))
    }

    /// A place of that kind. The clinic's only provider and room ([nowhere](Room::nowhere) for none) are the place's; it is loaded for [`Self::dates`]. `None`
    /// where no type fits: then nobody can take it, whoever it is.
    #[must_use]
    pub fn open(
        clinic: Clinic,
        kind: BookingKind,
        place: Span,
        now: Instant,
        types: Vec<AppointmentType>,
    ) -> Option<Self> {
        let dates = Self::dates(&clinic.settings.zone, clinic.providers[0].id, place, &types);
        let room = clinic.rooms[0].clone();
        let mut vacancy = Self { clinic, room, types: Vec::new(), kind, place, now, dates, grid: Vec::new() };
        vacancy.grid = vacancy.starts_around();
        let has_room = vacancy.room.id.is_some();
        for appointment_type in types.into_iter().filter(|row| row.needs.is_none() || has_room) {
            vacancy.ask_for(appointment_type.clone());
            let judge = vacancy.judge();
            let mut free = vacancy.starts(vacancy.clinic.duration_with(0));
            // A disabled type stops new bookings, not moves.
            free.retain(|start| appointment_type.enabled && vacancy.refusals(&judge, *start).is_empty());
            drop(judge);
            if !free.is_empty() || vacancy.may_fit_a_move() {
                vacancy.types.push(OfType { appointment_type, free });
            }
        }
        Some(vacancy).filter(|vacancy| !vacancy.types.is_empty())
    }

    /// From now on judges appointments of a type. One that needs no room takes none, be the place in one or not.
    fn ask_for(&mut self, appointment_type: AppointmentType) {
        self.clinic.rooms[0] = match appointment_type.needs {
            Some(_) => self.room.clone(),
            None => Room::nowhere(),
        };
        self.clinic.appointment_type = appointment_type;
    }

    /// Whether a booking of the clinic's type may be moved there. It keeps its own length, which may be another than the
    /// type's by now: what refuses the shortest appointment refuses each.
    fn may_fit_a_move(&mut self) -> bool {
        self.ask_for(self.clinic.appointment_type.clone().lasting(Minutes(1)));
        let judge = self.judge();
        let mut refusals = self.grid.iter().map(|start| self.refusals(&judge, *start));
        refusals.any(|refusals| refusals.iter().all(|refusal| may_fall(refusal.code)))
    }

    /// The clinic's first and last date on which somebody could start.
    #[must_use]
    pub fn first_and_last_date(&self) -> (NaiveDate, NaiveDate) {
        let dates = || self.grid.iter().map(|start| start.date);
        (dates().min().unwrap_or(self.dates.0), dates().max().unwrap_or(self.dates.1))
    }

    /// The earliest start there is.
    #[must_use]
    pub fn first_start(&self) -> Instant {
        self.grid.iter().map(|start| start.at).min().unwrap_or(self.place.start)
    }

    /// The time that an appointment may take which takes some of the place: nobody lasts longer than 24 hours.
    #[must_use]
    pub fn reach(&self) -> Span {
        Span { start: self.first_start().min(self.place.start), end: self.place.end + MAX_DURATION }
    }

    /// Types that a booking moved there may have.
    pub fn types(&self) -> impl Iterator<Item = AppointmentTypeId> {
        self.types.iter().map(|of_type| of_type.appointment_type.id)
    }

    /// Types that a new booking may have.
    pub fn free_types(&self) -> impl Iterator<Item = AppointmentTypeId> {
        let with_start = self.types.iter().filter(|of_type| !of_type.free.is_empty());
        with_start.map(|of_type| of_type.appointment_type.id)
    }

    /// Where in the place an appointment of a type would be: in its room, or nowhere.
    #[must_use]
    pub fn room_for(&self, appointment_type: AppointmentTypeId) -> Option<RoomId> {
        let needs_room = |of_type: &OfType| of_type.appointment_type.needs.is_some();
        self.room.id.filter(|_| self.of_type(appointment_type).is_some_and(needs_room))
    }

    /// The claim of an applicant; `None` where no start is acceptable.
    #[must_use]
    pub fn claim(&self, applicant: Applicant) -> Option<Claim> {
        let Applicant { source, id, priority, since, acceptable, appointment_type, moves } = applicant;
        let of_type = self.of_type(appointment_type)?;
        let distance = |start: &Start| acceptable.distance_days(start.date, start.time);
        let distance_days = match moves {
            None => of_type.free.iter().filter_map(distance).min(),
            Some(moved) => self.starts(moved.during.whole_minutes()).iter().filter_map(distance).min(),
        }?;
        let candidate = Candidate { source, id, distance_days, priority, waiting_since: since };
        Some(Claim { candidate, appointment_type, moves, acceptable })
    }

    /// When the claim's appointment would be, and its distance from the acceptable dates; `None` where it can't be. `own` are
    /// the patient's bookings at that time. Of several starts the nearest date counts, then the place's own time, then what
    /// comes before it.
    #[must_use]
    pub fn placed(&mut self, claim: &Claim, own: &[Occupied]) -> Option<(Span, i64)> {
        let of_type = self.of_type(claim.appointment_type)?;
        let appointment_type = of_type.appointment_type.clone();
        let usual = appointment_type.duration_with(self.clinic.providers[0].id);
        let duration = claim.moves.map_or(usual, |moved| moved.during.whole_minutes());
        let micros = claim.moves.map_or(duration.micros(), |moved| moved.during.micros());
        let slot = |start: Start| Span { start: start.at, end: Instant(start.at.0 + micros) };
        let moved = claim.moves.map(|moved| moved.id);
        if own.is_empty() && moved.is_none() {
            let (start, distance) = in_order(&of_type.free, claim).into_iter().next()?;
            return Some((slot(start), distance));
        }
        self.ask_for(appointment_type.lasting(duration));
        self.clinic.moving = claim.moves;
        let all = (self.clinic.occupied.clone(), self.clinic.resources.clone(), self.clinic.sessions.clone());
        let is_own = |booking: &Occupied| own.iter().any(|own| own.id == booking.id);
        self.clinic.occupied.retain(|booking| !is_own(booking));
        self.clinic.occupied.extend(own.iter().map(|booking| Occupied { is_same_patient: true, ..*booking }));
        self.clinic.take_out(|booking| Some(booking) == moved);
        self.clinic.occupied.sort_unstable_by_key(|booking| (booking.during.start, booking.id));
        let judge = self.judge();
        let starts = in_order(&self.starts(duration), claim);
        let found = starts.into_iter().find(|(start, _)| self.refusals(&judge, *start).is_empty());
        drop(judge);
        (self.clinic.occupied, self.clinic.resources, self.clinic.sessions) = all;
        self.clinic.moving = None;
        found.map(|(start, distance)| (slot(start), distance))
    }

    /// The place's own start, and those of the grid from which an appointment of any length may reach it.
    fn starts_around(&self) -> Vec<Start> {
        let zone = &self.clinic.settings.zone;
        let judge = self.judge();
        let days = (self.dates.1 - self.dates.0).num_days();
        let on_grid = (0..=days).flat_map(|day| judge.starts_on(0, add_days(self.dates.0, day)));
        // What is left of a place that is under way begins just now, at no time to write down.
        let own = Some(self.place.start).filter(|start| start.0 % MICROS_PER_MINUTE == 0);
        let mut starts: Vec<_> = on_grid.filter(|start| *start < self.place.end).chain(own).collect();
        starts
            .sort_unstable_by_key(|start| (*start < self.place.start, start.0.abs_diff(self.place.start.0)));
        starts.dedup();
        starts
            .into_iter()
            .map(|at| Start { at, date: zone.local_date(at), time: zone.wall_time(at) })
            .collect()
    }

    /// Starts of appointments of some length that take some of the place: those within it first, then those before it, the
    /// nearest first.
    fn starts(&self, duration: Minutes) -> Vec<Start> {
        self.grid.iter().filter(|start| start.at + duration > self.place.start).copied().collect()
    }

    fn judge(&self) -> Judge<'_> {
        Judge::new(&self.clinic, self.now, self.dates.0, self.dates.1)
    }

    /// Why nobody can start there: for the type, among the bookings and with the booking on the move that are set just now. A
    /// place that was overbooked may be a normal one by now.
    fn refusals(&self, judge: &Judge<'_>, start: Start) -> Vec<Refusal> {
        let may_overbook = self.kind == BookingKind::Overbooked;
        if self.clinic.moving.is_some() {
            return refusals_of_move_by(judge, 0, 0, start.at, may_overbook).1;
        }
        let normal = refusals_of(judge, 0, 0, start.at, BookingKind::Normal);
        match may_overbook && !normal.is_empty() {
            true => refusals_of(judge, 0, 0, start.at, BookingKind::Overbooked),
            false => normal,
        }
    }

    fn of_type(&self, id: AppointmentTypeId) -> Option<&OfType> {
        self.types.iter().find(|of_type| of_type.appointment_type.id == id)
    }
}

/// The starts that are acceptable to a claim, the nearest date first, with their distance. A booking that is moved goes to
/// an earlier time.
fn in_order(starts: &[Start], claim: &Claim) -> Vec<(Start, i64)> {
    let is_earlier = |start: &&Start| claim.moves.is_none_or(|moved| start.at < moved.during.start);
    let with_distance =
        |start: &Start| Some((*start, claim.acceptable.distance_days(start.date, start.time)?));
    let mut starts: Vec<_> = starts.iter().filter(is_earlier).filter_map(with_distance).collect();
    starts.sort_by_key(|(_, distance)| *distance);
    starts
}

/// Whether a refusal of a new booking may fall for one that moves: it isn't in its own way, and of what stays nothing is
/// judged anew.
fn may_fall(code: Code) -> bool {
    matches!(
        code,
        Code::ProviderDisabled
            | Code::WrongProvider
            | Code::RoomDisabled
            | Code::WrongRoomType
            | Code::MissingEquipment
            | Code::ProviderBusy
            | Code::RoomBusy
            | Code::NoResource
            | Code::DailyCap
            | Code::OverbookCap
            | Code::LimitReached
            | Code::OverbookOverlap
            | Code::ProviderFree
    )
}
