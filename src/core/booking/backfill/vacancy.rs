//! A freed place, and which candidates can really be booked there: judged by the judge of slots, each among the bookings
//! as they would be then.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Acceptable, Candidate, Source};
use crate::booking::clinic::{AppointmentType, Clinic};
use crate::booking::reason::{BookingKind, Code, Refusal};
use crate::booking::slots;
use crate::ids::{AppointmentTypeId, BookingId};
use crate::time::calendar::WallTime;
use crate::time::interval::{Instant, Minutes, Span};

/// The booking that accepting moves.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// The booking.
    pub booking: BookingId,
    /// Its present time.
    pub during: Span,
}

/// A candidate with what it takes to be booked.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its place among the candidates.
    pub candidate: Candidate,
    /// The appointment type to book.
    pub appointment_type: AppointmentTypeId,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The booking to move; `None` = a new booking.
    pub moves: Option<Moved>,
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
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The booking to move; `None` = a new booking.
    pub moves: Option<Moved>,
}

/// The place, with all that is needed to judge who can be booked there.
#[derive(Debug)]
pub struct Vacancy {
    clinic: Clinic,
    /// Types that somebody might be booked for there.
    types: Vec<AppointmentType>,
    /// Those of them that the place is free for as it is. For the others a booking would have to be moved away.
    free: Vec<AppointmentTypeId>,
    kind: BookingKind,
    start: Instant,
    now: Instant,
    date: NaiveDate,
    time: WallTime,
    /// The patients of the bookings at that time.
    patients: HashMap<BookingId, String>,
}

impl Vacancy {
    /// The place of a booking of `kind` that starts at `start`. The clinic's only provider and room are the place's.
    /// `None` where no type fits: then nobody can take it, whoever it is.
    #[must_use]
    pub fn open(
        clinic: Clinic,
        kind: BookingKind,
        start: Instant,
        now: Instant,
        types: Vec<AppointmentType>,
    ) -> Option<Self> {
        let (date, time) = (clinic.settings.zone.local_date(start), clinic.settings.zone.wall_time(start));
        let (free, patients) = (Vec::new(), HashMap::new());
        let mut vacancy = Self { clinic, types: Vec::new(), free, kind, start, now, date, time, patients };
        for appointment_type in types {
            vacancy.clinic.appointment_type = appointment_type.clone();
            let refusals = vacancy.refusals();
            if refusals.is_empty() {
                vacancy.free.push(appointment_type.id);
            }
            if refusals.iter().all(|refusal| is_up_to_bookings(refusal.code)) {
                vacancy.types.push(appointment_type);
            }
        }
        Some(vacancy).filter(|vacancy| !vacancy.types.is_empty())
    }

    /// The clinic's date of the place.
    #[must_use]
    pub fn date(&self) -> NaiveDate {
        self.date
    }

    /// Types that a booking moved there may have.
    pub fn types(&self) -> impl Iterator<Item = AppointmentTypeId> {
        self.types.iter().map(|appointment_type| appointment_type.id)
    }

    /// Types that a new booking may have.
    #[must_use]
    pub fn free_types(&self) -> &[AppointmentTypeId] {
        &self.free
    }

    /// The claim of an applicant; `None` where the place isn't acceptable.
    #[must_use]
    pub fn claim(&self, applicant: Applicant) -> Option<Claim> {
        let distance_days = applicant.acceptable.distance_days(self.date, self.time)?;
        let Applicant { source, id, priority, since, appointment_type, patient, moves, .. } = applicant;
        let candidate = Candidate { source, id, distance_days, priority, waiting_since: since };
        Some(Claim { candidate, appointment_type, patient, moves })
    }

    /// States whose bookings there are while any of the candidates would be there.
    pub fn set_patients(&mut self, patients: HashMap<BookingId, String>) {
        self.patients = patients;
    }

    /// The time of the claim's booking. A booking that is moved keeps its length.
    #[must_use]
    pub fn slot(&self, claim: &Claim) -> Span {
        let duration = self.type_of(claim).map_or(Minutes(0), |appointment_type| appointment_type.duration);
        let micros = claim.moves.map_or(duration.micros(), |moved| moved.during.micros());
        Span { start: self.start, end: Instant(self.start.0 + micros) }
    }

    /// Whether the claim's patient could be booked there now.
    #[must_use]
    pub fn can_take(&mut self, claim: &Claim) -> bool {
        let Some(mut appointment_type) = self.type_of(claim).cloned() else { return false };
        let duration = claim.moves.map_or(appointment_type.duration, |moved| moved.during.whole_minutes());
        let clinic = &mut self.clinic;
        let moved = claim.moves.map(|moved| moved.booking);
        let is_patients = |booking: BookingId| {
            claim.patient.is_some() && self.patients.get(&booking) == claim.patient.as_ref()
        };
        let is_near = self.patients.keys().any(|booking| is_patients(*booking))
            || (moved.is_some() && clinic.occupied.iter().any(|booking| Some(booking.id) == moved));
        if !is_near && duration == appointment_type.duration {
            return self.free.contains(&appointment_type.id);
        }
        appointment_type.duration = duration;
        clinic.appointment_type = appointment_type;
        let all = clinic.occupied.clone();
        clinic.occupied.retain(|booking| Some(booking.id) != moved);
        for booking in &mut clinic.occupied {
            booking.is_same_patient = is_patients(booking.id);
        }
        let can = self.refusals().is_empty();
        self.clinic.occupied = all;
        can
    }

    /// Why the place can't be booked for the type, by the patient and among the bookings that are set just now. A place
    /// that was overbooked may be a normal one by now.
    fn refusals(&self) -> Vec<Refusal> {
        let refusals = |kind| slots::refusals(&self.clinic, 0, 0, self.start, kind, self.now);
        let normal = refusals(BookingKind::Normal);
        match self.kind {
            BookingKind::Overbooked if !normal.is_empty() => refusals(BookingKind::Overbooked),
            _ => normal,
        }
    }

    fn type_of(&self, claim: &Claim) -> Option<&AppointmentType> {
        self.types.iter().find(|appointment_type| appointment_type.id == claim.appointment_type)
    }
}

/// Whether moving some booking away could end a refusal.
fn is_up_to_bookings(code: Code) -> bool {
    matches!(
        code,
        Code::ProviderBusy
            | Code::RoomBusy
            | Code::DailyCap
            | Code::OverbookCap
            | Code::OverbookOverlap
            | Code::ProviderFree
    )
}
