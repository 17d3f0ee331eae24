//! Who can be booked in a freed place, and when: against the naive oracle, start by start.

use chrono::{Days, NaiveDate};
use pg_clinic_core::booking::backfill::vacancy::{Applicant, Vacancy};
use pg_clinic_core::booking::backfill::{Acceptable, Source};
use pg_clinic_core::booking::clinic::{Clinic, Moving, Occupied, Room};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots::refusals_of_move;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE, Minutes, Span};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::booking::oracle::Oracle;
use crate::clinics::{Case, case};

/// A clinic of one provider and one room, with a place near its dates.
#[derive(Clone, Debug)]
struct Freed {
    case: Case,
    place: Span,
    kind: BookingKind,
    acceptable: Acceptable,
}

fn freed() -> impl Strategy<Value = Freed> {
    let time = || {
        option::of(0..=24i64)
            .prop_map(|hour| hour.and_then(|hour| WallTime::new(hour * 60 * MICROS_PER_MINUTE)))
    };
    let wish = (0..3u64, 0..3u64, vec(1..=7u8, 0..2), time(), time());
    (case(), 5..240i64, any::<bool>(), any::<bool>(), wish).prop_map(
        |(mut case, minutes, is_overbooked, is_whole, (first, days, weekdays, earliest, latest))| {
            case.clinic.providers.truncate(1);
            case.clinic.rooms.truncate(1);
            if case.clinic.appointment_type.needs.is_none() {
                // It would leave the place's room free.
                case.clinic.rooms = vec![Room::nowhere()];
            }
            case.clinic.occupied.iter_mut().for_each(|booking| booking.is_same_patient = false);
            let start = Instant(case.at.0 - case.at.0.rem_euclid(MICROS_PER_MINUTE) + i64::from(!is_whole));
            let place = Span { start, end: Instant(start.0 + minutes * MICROS_PER_MINUTE) };
            let types = [case.clinic.appointment_type.clone()];
            (case.question.from, case.question.to) =
                Vacancy::dates(&case.clinic.settings.zone, case.clinic.providers[0].id, place, &types);
            let from = case.question.from - Days::new(1) + Days::new(first);
            let acceptable = Acceptable { from, to: from + Days::new(days), weekdays, earliest, latest };
            Freed { case, place, kind: BookingKind::of(is_overbooked), acceptable }
        },
    )
}

impl Freed {
    fn vacancy(&self) -> Option<Vacancy> {
        let clinic = self.case.clinic.clone();
        let types = vec![clinic.appointment_type.clone()];
        Vacancy::open(clinic, self.kind, self.place, self.case.question.now, types)
    }

    fn applicant(&self, moves: Option<Moving>) -> Applicant {
        Applicant {
            source: if moves.is_some() { Source::EarlierTime } else { Source::Waitlist },
            id: 1,
            priority: 0,
            since: Instant(0),
            acceptable: self.acceptable.clone(),
            appointment_type: self.case.clinic.appointment_type.id,
            moves,
        }
    }

    /// The first of the starts from which an appointment so long takes some of the place: the nearest date, then within the
    /// place from its start on, then before it, backward.
    fn first(&self, duration: Minutes, can: impl Fn(Instant) -> bool) -> Option<(Instant, i64)> {
        let Self { case, place, acceptable, .. } = self;
        let own = Some(place.start).filter(|start| start.0 % MICROS_PER_MINUTE == 0);
        let zone = &case.clinic.settings.zone;
        let mut starts: Vec<(i64, bool, i64, Instant)> = Vec::new();
        for start in Oracle::new(case).starts(0).into_iter().chain(own) {
            let slot = Span { start, end: start + duration };
            let date: NaiveDate = zone.local_date(start);
            let distance = acceptable.distance_days(date, zone.wall_time(start));
            if let Some(distance) = distance.filter(|_| slot.overlaps(*place) && can(start)) {
                let is_before = start < place.start;
                starts.push((distance, is_before, (start.0 - place.start.0).abs(), start));
            }
        }
        starts.sort_unstable();
        starts.first().map(|(distance, _, _, start)| (*start, *distance))
    }

    /// The same clinic with the patient's bookings.
    fn of_patient(&self, own: &[Occupied]) -> Clinic {
        let mut clinic = self.case.clinic.clone();
        clinic
            .occupied
            .iter_mut()
            .for_each(|booking| booking.is_same_patient = own.iter().any(|own| own.id == booking.id));
        clinic
    }
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn a_new_booking_is_placed_where_the_oracle_allows_it_first(freed in freed(), own in vec(any::<bool>(), 0..24)) {
        let occupied = freed.case.clinic.occupied.iter();
        let own: Vec<_> = occupied.zip(own).filter(|(_, is_own)| *is_own).map(|(booking, _)| *booking).collect();
        let case = Case { clinic: freed.of_patient(&own), ..freed.case.clone() };
        let oracle = Oracle::new(&case);
        let can = |start| {
            oracle.refusals(0, 0, start, BookingKind::Normal).is_empty()
                || freed.kind == BookingKind::Overbooked && oracle.refusals(0, 0, start, BookingKind::Overbooked).is_empty()
        };
        let duration = case.clinic.duration_with(0);
        let expected = freed.first(duration, can);
        let placed = freed.vacancy().and_then(|mut vacancy| {
            let claim = vacancy.claim(freed.applicant(None))?;
            // At best it is as near as it is in truth.
            let (slot, distance) = vacancy.placed(&claim, &own)?;
            assert!(claim.candidate.distance_days <= distance);
            assert_eq!(slot.end, slot.start + duration);
            assert!(vacancy.reach().contains(slot));
            Some((slot.start, distance))
        });
        prop_assert_eq!(placed, expected);
    }

    #[test]
    fn a_booking_goes_where_it_could_be_rescheduled_to(freed in freed(), nth in 0..24usize) {
        let occupied = &freed.case.clinic.occupied;
        prop_assume!(!occupied.is_empty());
        let booking = occupied[nth % occupied.len()];
        let moving = Moving {
            id: booking.id,
            status: Status::Booked,
            provider: booking.provider,
            room: booking.room,
            appointment_type: freed.case.clinic.appointment_type.id,
            during: booking.during,
            provider_busy: booking.provider_busy,
            room_busy: booking.room_busy,
            local_date: booking.local_date,
            is_overbooked: booking.is_overbooked,
            occupies: true,
            has_new_patient: false,
            has_new_length: false,
        };
        let mut clinic = freed.case.clinic.clone();
        clinic.occupied.retain(|other| other.id != booking.id);
        clinic.moving = Some(moving);
        clinic.appointment_type = clinic.appointment_type.lasting(booking.during.whole_minutes());
        let may_overbook = freed.kind == BookingKind::Overbooked;
        let can = |start: Instant| {
            let (_, refusals) = refusals_of_move(&clinic, 0, 0, start, may_overbook, freed.case.question.now);
            start < booking.during.start && refusals.is_empty()
        };
        let expected = freed.first(clinic.appointment_type.duration, can);
        let placed = freed.vacancy().and_then(|mut vacancy| {
            let claim = vacancy.claim(freed.applicant(Some(moving)))?;
            let (slot, distance) = vacancy.placed(&claim, &[booking])?;
            assert_eq!(slot.micros(), booking.during.micros());
            Some((slot.start, distance))
        });
        prop_assert_eq!(placed, expected);
    }
}
