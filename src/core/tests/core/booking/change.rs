//! What of a booking is new, and what that brings: against the table as the specification has it, and on random clinics
//! against the oracle that knows no moves.

use std::collections::BTreeSet;

use pg_clinic_core::booking::change::{NewParts, Subject, Taken};
use pg_clinic_core::booking::clinic::{Clinic, Moving, TimeOffScope};
use pg_clinic_core::booking::explain::{WhyNot, explain};
use pg_clinic_core::booking::limits::BookingLimit;
use pg_clinic_core::booking::reason::{Blocker, BookingKind, Code, Refusal};
use pg_clinic_core::booking::slots::{Question, find, refusals_of_move};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, ClinicId, ProviderId, RoomId};
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::booking::oracle::Oracle;
use crate::clinics::{Case, booking, case, small_clinic};
use crate::zones::{date, to_local, utc};

/// What changed, what is judged then, and what is derived. "the clinic's" and the like tell three times off apart.
const TABLE: [(&str, &str, &str); 6] = [
    (
        "room",
        "session_full wrong_room_type missing_equipment room_disabled closed_in_room room_closed room's_time_off room_busy no_travel_time",
        "turnover",
    ),
    (
        "type",
        "session_full type_closed reserved no_resource wrong_provider wrong_room_type missing_equipment no_assistant limit_reached",
        "",
    ),
    (
        "provider",
        "session_full closed reserved closed_in_room no_travel_time provider_disabled wrong_provider provider's_time_off clinic's_time_off no_assistant provider_busy person_busy overbook_overlap \
         provider_free daily_cap overbook_cap limit_reached",
        "buffer seat",
    ),
    (
        "time",
        "session_full closed reserved closed_in_room no_travel_time type_closed no_resource room_closed provider's_time_off clinic's_time_off room's_time_off no_assistant provider_busy person_busy overbook_overlap \
         provider_free room_busy patient_busy too_soon beyond_horizon",
        "",
    ),
    ("patient", "patient_busy limit_reached", ""),
    // Disabled stops moves to it only, and new bookings.
    (
        "day, or kind",
        "session_full closed reserved closed_in_room no_travel_time type_closed no_resource room_closed provider's_time_off clinic's_time_off room's_time_off no_assistant provider_busy person_busy overbook_overlap \
         provider_free room_busy patient_busy too_soon beyond_horizon wrong_provider wrong_room_type \
         missing_equipment daily_cap overbook_cap limit_reached",
        "buffer turnover seat",
    ),
];

/// A booking's version, with the date of its start.
type Version<'a> = (Taken<'a>, i64);

fn rows(before: &Version<'_>, after: &Version<'_>) -> Vec<&'static str> {
    let ((was, old_day), (is, day)) = (before, after);
    let has_new_day = was.during != is.during && old_day != day;
    let rows = [
        (was.room != is.room, "room"),
        (was.appointment_type != is.appointment_type, "type"),
        (was.provider != is.provider, "provider"),
        (was.during != is.during, "time"),
        (was.patient != is.patient, "patient"),
        (has_new_day || was.is_overbooked != is.is_overbooked, "day, or kind"),
        (was.clinic != is.clinic || !was.occupies && is.occupies, "again"),
    ];
    rows.into_iter().filter(|(is_new, _)| *is_new).map(|(_, row)| row).collect()
}

/// Whether one of the rows has a word in its list of rules (or of derived values).
fn brings(rows: &[&str], word: &str, is_rule: bool) -> bool {
    rows.iter().any(|row| {
        // The time was granted already.
        *row == "again" && !["too_soon", "beyond_horizon"].contains(&word)
            || TABLE.iter().any(|(name, rules, derived)| {
                name == row && (if is_rule { rules } else { derived }).split(' ').any(|listed| listed == word)
            })
    })
}

fn word(code: Code, of: Subject) -> String {
    match (code, of) {
        (Code::TimeOff, Subject::Clinic) => "clinic's_time_off".to_owned(),
        (Code::TimeOff, Subject::Provider) => "provider's_time_off".to_owned(),
        (Code::TimeOff, Subject::Room) => "room's_time_off".to_owned(),
        _ => code.to_string(),
    }
}

fn subject(code: Code) -> Subject {
    match code {
        Code::TooSoon | Code::BeyondHorizon | Code::PatientBusy | Code::TypeClosed | Code::NoResource => {
            Subject::Clinic
        }
        Code::ClosedInRoom | Code::NoTravelTime | Code::RoomClosed => Subject::Room,
        Code::RoomDisabled | Code::WrongRoomType | Code::MissingEquipment | Code::RoomBusy => Subject::Room,
        _ => Subject::Provider,
    }
}

/// Every code that can be against a place, with whose rule it is.
fn rules() -> Vec<(Code, Subject)> {
    let of_offers = [Code::OffGrid, Code::Full, Code::NoRoom, Code::GapTooShort];
    let codes = Code::ALL.into_iter().filter(|code| !of_offers.contains(code) && *code != Code::TimeOff);
    let time_off = [Subject::Clinic, Subject::Provider, Subject::Room].map(|of| (Code::TimeOff, of));
    codes.map(|code| (code, subject(code))).chain(time_off).collect()
}

fn version() -> impl Strategy<Value = Version<'static>> {
    let ids = (1_i64..=2, 0_i64..=2, 1_i64..=2, proptest::bool::weighted(0.1));
    let patient = proptest::sample::select(vec![None, Some("p1"), Some("p2")]);
    let rest = (patient, 0_i64..=3, any::<bool>(), proptest::bool::weighted(0.8));
    (ids, rest).prop_map(
        |((provider, room, kind, is_elsewhere), (patient, start, is_overbooked, occupies))| {
            let during = Span { start: Instant(start * 12), end: Instant(start * 12 + 6) };
            let taken = Taken {
                clinic: ClinicId(is_elsewhere.into()),
                provider: ProviderId(provider),
                room: Some(RoomId(room)).filter(|_| room > 0),
                appointment_type: AppointmentTypeId(kind),
                patient,
                during,
                is_overbooked,
                occupies,
            };
            // Two starts a day.
            (taken, start / 2)
        },
    )
}

fn new_parts(before: &Version<'_>, after: &Version<'_>) -> NewParts {
    let on = |day: i64| date(2026, 4, 13) + chrono::Days::new(day.unsigned_abs());
    NewParts::between(&before.0, &after.0).dated(on(before.1), on(after.1))
}

proptest! {
    #![proptest_config(crate::cases(2_000))]

    #[test]
    fn what_is_new_brings_what_the_table_says(before in version(), after in version()) {
        let (new, rows) = (new_parts(&before, &after), rows(&before, &after));
        for (code, of) in rules() {
            prop_assert_eq!(new.judges(code, of), brings(&rows, &word(code, of), true), "{} {:?}", code, rows);
        }
        let derives = [new.derives_buffer(), new.derives_turnover(), new.derives_seat()];
        let expected = ["buffer", "turnover", "seat"].map(|value| brings(&rows, value, false));
        prop_assert_eq!(derives, expected, "{:?}", rows);
        prop_assert_eq!(new.is_none(), rows.is_empty());
    }

    #[test]
    fn who_is_in_the_house_changes_rooms_only(before in version(), after in version()) {
        let rows = rows(&before, &after);
        let new = new_parts(&before, &after);
        for status in Status::ALL {
            let can = match status.as_str() {
                "booked" | "pending" | "noshow" => true,
                "arrived" | "checked-in" => rows.is_empty() || rows == ["room"],
                _ => false,
            };
            prop_assert_eq!(status.can_change(new), can, "{} {:?}", status, rows);
        }
    }
}

/// A case of which one booking is on the move, of a date that is asked for if there is one; `None` where there is none.
pub fn on_the_move(case: &Case, which: &Index) -> Option<Case> {
    let mut case = case.clone();
    let dates = case.question.from..=case.question.to;
    let is_near = |index: &usize| dates.contains(&case.clinic.occupied[*index].local_date);
    let all: Vec<_> = (0..case.clinic.occupied.len()).collect();
    let near: Vec<_> = all.iter().copied().filter(is_near).collect();
    let among = if near.is_empty() { all } else { near };
    if among.is_empty() {
        return None;
    }
    let booking = case.clinic.occupied[*which.get(&among)];
    case.clinic.take_out(|id| id == booking.id);
    case.clinic.appointment_type.duration = booking.during.whole_minutes();
    // It takes its length along.
    case.clinic.appointment_type.providers.iter_mut().for_each(|row| row.duration = None);
    case.clinic.moving = Some(Moving {
        id: booking.id,
        status: Status::Booked,
        provider: booking.provider,
        room: booking.room,
        appointment_type: case.clinic.appointment_type.id,
        during: booking.during,
        provider_busy: booking.provider_busy,
        room_busy: booking.room_busy,
        local_date: booking.local_date,
        is_overbooked: booking.is_overbooked,
        occupies: true,
        has_new_patient: false,
        has_new_length: false,
    });
    Some(case)
}

/// Where the booking could go: each provider and room at its own start, and at others.
fn places(case: &Case, moving: &Moving, oracle: &Oracle<'_>) -> Vec<(usize, usize, Instant)> {
    let mut places = Vec::new();
    for provider in 0..case.clinic.providers.len() {
        let starts = oracle.starts(provider).into_iter().step_by(9);
        let beside = [moving.during.start, moving.during.start + Minutes(15)];
        // The oracle knows no other dates.
        let beside = beside
            .into_iter()
            .filter(|_| case.question.from <= moving.local_date && moving.local_date <= case.question.to);
        for start in starts.chain([case.at]).chain(beside) {
            places.extend((0..case.clinic.rooms.len()).map(|room| (provider, room, start)));
        }
    }
    places
}

/// What the oracle says against a new booking there, without what isn't judged of a move. On its day a booking keeps its own
/// pauses, of which the second oracle knows.
fn expected(
    case: &Case,
    (oracle, kept): (&Oracle<'_>, &Oracle<'_>),
    moving: &Moving,
    (provider, room, start): (usize, usize, Instant),
    kind: BookingKind,
) -> Vec<Refusal> {
    let clinic = &case.clinic;
    let version = |provider, room, start: Instant, is_overbooked| {
        let taken = Taken {
            clinic: ClinicId(1),
            provider,
            room,
            appointment_type: AppointmentTypeId(1),
            patient: None,
            during: Span { start, end: start + moving.during.whole_minutes() },
            is_overbooked,
            occupies: true,
        };
        let day = to_local(case.tz, start).date().signed_duration_since(date(2000, 1, 1)).num_days();
        (taken, day)
    };
    let before = version(moving.provider, moving.room, moving.during.start, moving.is_overbooked);
    let (to_provider, to_room) = (clinic.providers[provider].id, clinic.rooms[room].id);
    let after = version(to_provider, to_room, start, kind == BookingKind::Overbooked);
    let rows = rows(&before, &after);
    let stays_in = |limit: &BookingLimit| oracle.stays_in(limit, moving, to_provider, start);
    let is_in_group = |id| {
        let mut groups =
            clinic.sessions.iter().filter(|row| row.appointment_type.0 == 1 && row.during == after.0.during);
        groups.any(|group| group.members.contains(&id))
    };
    let site = |room| clinic.sites.of_rooms.get(&room);
    let stays_at_site = rows == ["room"] && moving.room.and_then(site) == to_room.and_then(site);
    let is_judged = |refusal: &Refusal| {
        // Another room may be where other units are.
        if refusal.code == Code::NoResource && oracle.has_units_at_sites() && rows.contains(&"room") {
            return true;
        }
        // Nobody goes anywhere for another room of the same site.
        if refusal.code == Code::NoTravelTime && stays_at_site {
            return false;
        }
        let of = match refusal.blocker {
            Some(Blocker::TimeOff(id)) => {
                let row = clinic.time_off.iter().find(|row| row.id == id).expect("the row is there");
                match row.scope {
                    TimeOffScope::Clinic => Subject::Clinic,
                    TimeOffScope::Provider(_) => Subject::Provider,
                    TimeOffScope::Room(_) => Subject::Room,
                }
            }
            // It doesn't make a count grow that it is in.
            Some(Blocker::Limit(id)) if clinic.limits.iter().any(|row| row.id == id && stays_in(row)) => {
                return false;
            }
            // Who leaves a group visit, but neither its provider nor its time, meets the others there.
            Some(Blocker::Booking(id)) if refusal.code != Code::PatientBusy && is_in_group(id) => {
                return brings(&rows, "session_full", true);
            }
            _ => subject(refusal.code),
        };
        brings(&rows, &word(refusal.code, of), true)
    };
    let oracle = if rows.contains(&"day, or kind") { oracle } else { kept };
    let mut refusals = oracle.refusals(provider, room, start, kind);
    refusals.retain(is_judged);
    refusals
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn a_move_is_refused_for_what_is_new(case in case(), which in any::<Index>(), may_overbook in any::<bool>()) {
        let Some(case) = on_the_move(&case, &which) else { return Ok(()) };
        let moving = case.clinic.moving.expect("it is on the move");
        let (oracle, kept) = (Oracle::new(&case), Oracle::keeping(&case, moving));
        for place in places(&case, &moving, &oracle) {
            let (provider, room, start) = place;
            let stays = start == moving.during.start && case.clinic.providers[provider].id == moving.provider;
            let as_kind = |kind| (kind, expected(&case, (&oracle, &kept), &moving, place, kind));
            let normal = as_kind(BookingKind::Normal);
            let is_taken = normal.1.iter().any(|row| ["provider_busy", "daily_cap"].contains(&row.code.as_str()));
            let expected = match moving.is_overbooked {
                is_overbooked if stays => as_kind(BookingKind::of(is_overbooked)),
                _ if may_overbook && is_taken => as_kind(BookingKind::Overbooked),
                _ => normal,
            };
            let said = refusals_of_move(&case.clinic, provider, room, start, may_overbook, case.question.now);
            prop_assert_eq!(said, expected, "at {:?} of {:?}", place, moving);
        }
    }

    /// Whatever has become of the settings: of what stays nothing is judged.
    #[test]
    fn what_stays_is_never_judged(case in case(), other in case(), which in any::<Index>(), is_overbooked in any::<bool>()) {
        let (mut case, mut other) = (case, other);
        for clinic in [&mut case.clinic, &mut other.clinic] {
            // What names a room or a site is said of that, too, and so is the way there.
            let windows = clinic.providers.iter_mut().flat_map(|row| &mut row.availability);
            windows.for_each(|window| (window.room, window.site) = (None, None));
            clinic.sites.travel.clear();
            clinic.providers.iter_mut().flat_map(|row| &mut row.holidays).for_each(|row| row.site = None);
            clinic.resources.iter_mut().for_each(|unit| unit.site = None);
        }
        let Some(mut case) = on_the_move(&case, &which) else { return Ok(()) };
        let moving = case.clinic.moving.as_mut().expect("it is on the move");
        // Both of them are there.
        (moving.provider, moving.room, moving.is_overbooked) =
            (ProviderId(1), case.clinic.rooms[0].id, is_overbooked);
        let start = moving.during.start;
        let said = |clinic: &Clinic, provider, room| {
            refusals_of_move(clinic, provider, room, start, is_overbooked, case.question.now)
        };
        let mut of_clinic = case.clinic.clone();
        of_clinic.settings.minimum_notice = other.clinic.settings.minimum_notice;
        of_clinic.settings.booking_horizon_days = other.clinic.settings.booking_horizon_days;
        // To another room: neither clock, nor the clinic's, nor the provider's settings.
        let mut changed = of_clinic.clone();
        let rows = changed.providers.iter_mut().zip(other.clinic.providers.iter().cycle());
        rows.for_each(|(row, other)| *row = pg_clinic_core::booking::clinic::Provider { id: row.id, ..other.clone() });
        changed.overbooking_rules.clone_from(&other.clinic.overbooking_rules);
        changed.time_off.retain(|row| matches!(row.scope, TimeOffScope::Room(_)));
        for room in 0..case.clinic.rooms.len() {
            prop_assert_eq!(said(&case.clinic, 0, room), said(&changed, 0, room), "to room {}", room);
        }
        // To another provider, as the kind it is: neither clock nor the room's settings.
        let mut changed = of_clinic;
        // Nothing is said of no room.
        let rooms = changed.rooms.iter_mut().filter(|room| room.id.is_some());
        let rows = rooms.zip(other.clinic.rooms.iter().cycle());
        rows.for_each(|(row, other)| *row = pg_clinic_core::booking::clinic::Room { id: row.id, ..other.clone() });
        changed.time_off.retain(|row| !matches!(row.scope, TimeOffScope::Room(_)));
        for provider in 0..case.clinic.providers.len() {
            if !is_overbooked {
                prop_assert_eq!(said(&case.clinic, provider, 0), said(&changed, provider, 0), "to provider {}", provider);
            }
        }
        prop_assert_eq!(said(&case.clinic, 0, 0).1, vec![], "where it is");
    }
}

proptest! {
    #![proptest_config(crate::cases(96))]

    /// Both ways: what is found can be moved to, and what can be moved to is found, or explained why not.
    #[test]
    fn finding_for_a_move_is_moving(case in case(), which in any::<Index>(), is_here in proptest::bool::weighted(0.2)) {
        let Some(mut case) = on_the_move(&case, &which) else { return Ok(()) };
        if is_here {
            case.clinic.moving.as_mut().expect("it is on the move").status = Status::CheckedIn;
        }
        let moving = case.clinic.moving.expect("it is on the move");
        let question = Question {
            all_rooms: true,
            include_overbooked: true,
            max_results: None,
            acceptable: TimesOfDay::default(),
            weekdays: Weekdays::ALL,
            ..case.question.clone()
        };
        let slots: Vec<_> = find(&case.clinic, &question, &mut || ()).expect("few slots").collect();
        let mut found: Vec<_> =
            slots.iter().map(|slot| (slot.provider, slot.room, slot.start, slot.is_overbooked)).collect();
        found.sort_unstable();
        let why_not = WhyNot { from: question.from, to: question.to, at: None, kind: None, now: question.now };
        let rows: Vec<_> = explain(&case.clinic, &why_not, &mut || ()).expect("few rows").collect();
        let oracle = Oracle::new(&case);
        let mut expected = Vec::new();
        for provider in 0..case.clinic.providers.len() {
            // Its own start counts as one of the grid, whatever the hours are now.
            let is_own = case.clinic.providers[provider].id == moving.provider
                && (question.from..=question.to).contains(&to_local(case.tz, moving.during.start).date());
            let starts: BTreeSet<_> =
                oracle.starts(provider).into_iter().chain(is_own.then_some(moving.during.start)).collect();
            for start in starts {
                let stays = start == moving.during.start && case.clinic.providers[provider].id == moving.provider;
                for room in (0..case.clinic.rooms.len()).filter(|_| stays || !is_here) {
                    let (kind, refusals) = refusals_of_move(
                        &case.clinic, provider, room, start, moving.is_overbooked, question.now,
                    );
                    let is_present = stays && case.clinic.rooms[room].id == moving.room;
                    if refusals.is_empty() && !is_present {
                        expected.push((provider, room, start, kind == BookingKind::Overbooked));
                    }
                    let explained: Vec<_> = rows
                        .iter()
                        .filter(|row| (row.provider, row.start, row.room) == (provider, Some(start), Some(room)))
                        .map(|row| Refusal { code: row.code, blocker: row.blocker })
                        .collect();
                    prop_assert_eq!(explained, refusals);
                }
            }
        }
        expected.sort_unstable();
        prop_assert_eq!(&found, &expected, "{:?}", moving);
        // Without other rooms: the same providers and starts.
        let question = Question { all_rooms: false, ..question };
        let best: BTreeSet<_> = find(&case.clinic, &question, &mut || ())
            .expect("few slots")
            .map(|slot| (slot.provider, slot.start, slot.is_overbooked))
            .collect();
        let all: BTreeSet<_> = expected.into_iter().map(|(provider, _, start, kind)| (provider, start, kind)).collect();
        prop_assert_eq!(best, all);
    }
}

/// A provider who was disabled after booking keeps the patient, and may be left.
#[test]
fn disabled_stops_moves_to_it_not_away_nor_beside_it() {
    let mut clinic = small_clinic();
    let second = pg_clinic_core::booking::clinic::Room { id: Some(RoomId(5)), ..clinic.rooms[0].clone() };
    clinic.rooms.push(second);
    let start = utc("2026-04-13 09:00");
    let there = booking(1, start, 30, 0);
    clinic.moving = Some(Moving {
        id: there.id,
        status: Status::Booked,
        provider: there.provider,
        room: there.room,
        appointment_type: clinic.appointment_type.id,
        during: there.during,
        provider_busy: there.provider_busy,
        room_busy: there.room_busy,
        local_date: there.local_date,
        is_overbooked: false,
        occupies: true,
        has_new_patient: false,
        has_new_length: false,
    });
    clinic.providers[0].enabled = false;
    clinic.rooms[1].enabled = false;
    let now = utc("2026-04-13 00:00");
    let codes = |clinic: &Clinic, room, start| -> Vec<_> {
        let (_, refusals) = refusals_of_move(clinic, 0, room, start, false, now);
        refusals.into_iter().map(|refusal| refusal.code.as_str()).collect()
    };
    assert_eq!(codes(&clinic, 1, start), ["room_disabled"]);
    assert_eq!(codes(&clinic, 0, start + Minutes(60)), [""; 0]);
    assert_eq!(codes(&clinic, 0, start + Minutes(24 * 60)), [""; 0]);
    // A no-show that is called on again is booked anew.
    clinic.moving.as_mut().expect("it is on the move").occupies = false;
    assert_eq!(codes(&clinic, 0, start), ["provider_disabled"]);
}
