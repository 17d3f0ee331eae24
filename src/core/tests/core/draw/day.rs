//! The pictures of a day: what they say, and that they stay legible and well-formed whatever the names.

use pg_clinic_core::booking::clinic::{Clinic, TimeOff, TimeOffScope};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::draw::day::{Board, Card, ProviderDay, draw_svg, draw_text};
use pg_clinic_core::ids::*;
use pg_clinic_core::reports::day_sheet::{Appointment, Kind, provider_days};
use pg_clinic_core::reports::openings::Dates;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::clinics::small_clinic;
use crate::zones::{date, utc};

fn card(id: i64, start: &str, minutes: i32, status: Status) -> Card {
    let during = Span { start: utc(start), end: utc(start) + Minutes(minutes) };
    let appointment = Appointment {
        id: BookingId(id),
        provider: ProviderId(3),
        room: Some(RoomId(1)),
        during,
        provider_busy: Span { end: during.end + Minutes(10), ..during },
        room_busy: during,
        is_overbooked: false,
        status,
        is_hold: false,
    };
    Card {
        appointment,
        patient: Some(format!("Patient {id}")),
        appointment_type: "Checkup".to_owned(),
        room: Some("Room 1".to_owned()),
    }
}

fn with_board<T>(
    clinic: &Clinic,
    name: &str,
    cards: Vec<Card>,
    now: Instant,
    see: impl FnOnce(&Board<'_>) -> T,
) -> T {
    let on = date(2026, 4, 13);
    let zone = &clinic.settings.zone;
    let dates = Dates { zone, from: on, to: on, today: on };
    let appointments: Vec<_> = cards.iter().map(|card| card.appointment).collect();
    let day = provider_days(&dates, &clinic.providers[0], &clinic.time_off, &appointments).remove(0);
    let providers = vec![ProviderDay { name, day }];
    let reasons = vec![(TimeOffId(1), "Training & <tea>".to_owned())];
    see(&Board { clinic: "Clinic", zone, date: on, now, providers, cards, reasons })
}

fn strip(cards: Vec<Card>, clinic: &Clinic) -> String {
    let lines = with_board(clinic, "Adler", cards, Instant(0), draw_text);
    lines[3].trim_start_matches("Adler").trim().to_owned()
}

#[test]
fn a_character_tells_what_is_there() {
    let mut clinic = small_clinic();
    assert_eq!(strip(vec![], &clinic), "|....................................|  3:00");
    let half_past_nine = card(1, "2026-04-13 09:30", 30, Status::Booked);
    assert_eq!(strip(vec![half_past_nine.clone()], &clinic), "|......B=====--......................|  2:20");
    // Who didn't come keeps the place on the sheet, without the buffer.
    let absent = card(1, "2026-04-13 09:30", 30, Status::NoShow);
    assert_eq!(strip(vec![absent], &clinic), "|......N=====........................|  2:30");
    clinic.time_off.push(TimeOff {
        id: TimeOffId(1),
        scope: TimeOffScope::Clinic,
        during: Span { start: utc("2026-04-13 11:00"), end: utc("2026-04-14 11:00") },
    });
    let second = card(2, "2026-04-13 11:30", 10, Status::Arrived);
    assert_eq!(strip(vec![half_past_nine, second], &clinic), "|......B=====--..........//////A=////|  1:20");
}

#[test]
fn overbooked_bookings_have_a_line_of_their_own() {
    let clinic = small_clinic();
    let mut beside = card(2, "2026-04-13 09:45", 15, Status::Booked);
    beside.appointment.is_overbooked = true;
    let cards = vec![card(1, "2026-04-13 09:30", 30, Status::CheckedIn), beside];
    let lines = with_board(&clinic, "Adler", cards, utc("2026-04-13 09:31"), draw_text);
    assert_eq!(lines[2], "             09          10          11             free");
    assert_eq!(lines[3], "   now 09:31       v");
    assert_eq!(lines[4], "Adler       |......C=====--......................|  2:20");
    assert_eq!(lines[5], "  overbooked|         B==                        |");
}

#[test]
fn a_day_without_anything_says_so() {
    let mut clinic = small_clinic();
    clinic.providers[0].availability.clear();
    let text = with_board(&clinic, "Adler", vec![], Instant(0), draw_text);
    assert_eq!(text, ["Clinic, Monday 13 April 2026", "Nobody is open, and nothing is booked."]);
    assert!(with_board(&clinic, "Adler", vec![], Instant(0), draw_svg).contains("Nobody is open"));
}

#[test]
fn what_is_in_the_night_belongs_to_the_day_before() {
    let mut clinic = small_clinic();
    for window in &mut clinic.providers[0].availability {
        window.weekly.start = crate::zones::wall("22:00");
        window.weekly.end = crate::zones::wall("02:00");
    }
    let zone = Zone::fixed(0);
    let booking = card(1, "2026-04-14 01:00", 30, Status::Booked).appointment;
    let kinds = |on| {
        let dates = Dates { zone: &zone, from: on, to: on, today: on };
        let day = provider_days(&dates, &clinic.providers[0], &[], &[booking]).remove(0);
        day.rows.iter().map(|row| row.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(date(2026, 4, 13)), [Kind::Gap, Kind::Booking(BookingId(1)), Kind::Gap]);
    assert_eq!(kinds(date(2026, 4, 14)), [Kind::Gap]);
}

/// Names that people have, or type.
pub fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z' .-]{1,60}",
        any::<String>(),
        select(vec![
            "<script>&\"'",
            "李小龙 very long name indeed",
            "Zoë\u{301}\n\t\u{1}",
            "",
            "👩‍⚕️👩‍⚕️👩‍⚕️👩‍⚕️👩‍⚕️👩‍⚕️"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_card() -> impl Strategy<Value = Card> {
    let times = (0_i64..1440, 1_i32..240, 0_i32..60);
    (times, select(Status::ALL.to_vec()), any::<[bool; 2]>(), name(), name(), name()).prop_map(
        |((start, minutes, pause), status, [is_overbooked, is_hold], patient, appointment_type, room)| {
            let start = Instant(utc("2026-04-13 00:00").0 + start * 60_000_000);
            let during = Span { start, end: start + Minutes(minutes) };
            let provider_busy = Span { end: during.end + Minutes(pause), ..during };
            let appointment = Appointment {
                id: BookingId(0),
                provider: ProviderId(3),
                room: Some(RoomId(1)),
                during,
                provider_busy,
                room_busy: during,
                is_overbooked,
                status,
                is_hold,
            };
            Card { appointment, patient: (!is_hold).then_some(patient), appointment_type, room: Some(room) }
        },
    )
}

fn cards() -> impl Strategy<Value = Vec<Card>> {
    vec(any_card(), 0..20).prop_map(|mut cards| {
        for (id, card) in (1..).zip(&mut cards) {
            card.appointment.id = BookingId(id);
        }
        cards
    })
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn text_stays_within_its_columns(cards in cards(), name in name()) {
        let clinic = small_clinic();
        let lines = with_board(&clinic, &name, cards, utc("2026-04-13 10:00"), draw_text);
        for line in &lines {
            prop_assert!(!line.contains('\n'));
            // Wide characters take two columns, so there may be fewer.
            prop_assert!(line.chars().filter(|c| c.is_ascii()).count() <= 78, "{line}");
        }
    }

    #[test]
    fn svg_is_well_formed(cards in cards(), name in name()) {
        let clinic = small_clinic();
        let svg = with_board(&clinic, &name, cards, utc("2026-04-13 10:00"), draw_svg);
        prop_assert_eq!(open_elements(&svg), Ok(Vec::new()), "{}", svg);
        prop_assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
    }
}

/// Reads XML as far as we write it: elements, attributes in single quotes, text. The elements left open at its end.
pub fn open_elements(xml: &str) -> Result<Vec<&str>, String> {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        if text.split('&').skip(1).any(|entity| !entity.contains(';')) || text.contains('>') {
            return Err(format!("text {text}"));
        }
        let end = rest[start..].find('>').ok_or("no end")? + start;
        let tag = &rest[start + 1..end];
        if tag.contains('<') || tag.matches('\'').count() % 2 == 1 {
            return Err(format!("tag {tag}"));
        }
        let name = tag.trim_end_matches('/').split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(closed) if open.pop() == Some(closed) => {}
            Some(closed) => return Err(format!("closes {closed}")),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
        rest = &rest[end + 1..];
    }
    if rest.trim().is_empty() { Ok(open) } else { Err(rest.to_owned()) }
}
