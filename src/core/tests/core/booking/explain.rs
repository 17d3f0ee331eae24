use pg_clinic_core::booking::clinic::*;
use pg_clinic_core::booking::explain::{Sentences, WhyNot, explain};
use pg_clinic_core::booking::reason::{Blocker, BookingKind, Code, Refusal};
use pg_clinic_core::booking::slots::{LimitExceeded, MAX_DAYS};
use pg_clinic_core::ids::*;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

use crate::clinics::{booking, small_clinic};
use crate::zones::{date, utc};

fn at(time: &str) -> Instant {
    utc(&format!("2026-04-13 {time}"))
}

fn span(start: &str, end: &str) -> Span {
    Span { start: at(start), end: at(end) }
}

/// Monday's sentences, asked at midnight.
fn sentences(clinic: &Clinic, only: Option<&str>, kind: Option<BookingKind>) -> Vec<String> {
    let monday = date(2026, 4, 13);
    let now = at("00:00");
    let why_not = WhyNot { from: monday, to: monday, at: only.map(at), kind, now };
    let rows = explain(clinic, &why_not, &mut || ()).expect("few rows");
    let sentences = Sentences::new(clinic, now);
    rows.map(|row| format!("{}: {}", row.code, sentences.explanation(&row))).collect()
}

/// The one reason for Monday as a whole; "" if something is offered.
fn day_reason(clinic: &Clinic) -> String {
    let monday = date(2026, 4, 13);
    let why_not = WhyNot { from: monday, to: monday, at: None, kind: None, now: at("00:00") };
    let rows = explain(clinic, &why_not, &mut || ()).expect("few rows");
    let days: Vec<_> = rows.filter(|row| row.start.is_none()).map(|row| row.code.to_string()).collect();
    days.join(", ")
}

fn time_off(scope: TimeOffScope, during: Span) -> TimeOff {
    TimeOff { id: TimeOffId(8), scope, during }
}

#[test]
fn what_is_offered_is_not_explained() {
    assert_eq!(sentences(&small_clinic(), None, None), [""; 0]);
    assert_eq!(sentences(&small_clinic(), Some("09:30"), Some(BookingKind::Normal)), [""; 0]);
}

#[test]
fn an_appointment_of_the_same_series_is_named_by_its_number() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![Occupied { room: Some(RoomId(9)), ..booking(812, at("09:00"), 30, 10) }];
    let refusal = Refusal { code: Code::ProviderBusy, blocker: Some(Blocker::Booking(BookingId(812))) };
    let series = [BookingId(811), BookingId(812)];
    let sentence =
        Sentences::new(&clinic, at("00:00")).in_series(&series).refusal(0, 0, at("09:30"), refusal);
    let expected = "Ada (provider 3) has appointment 2 of the series, 2026-04-13 09:00 to 09:30, and is busy until 09:40 UTC";
    assert_eq!(sentence, expected);
    assert!(refusal.may_be_due_to(&series));
    assert!(!refusal.may_be_due_to(&series[..1]));
    assert!(Refusal::from(Code::DailyCap).may_be_due_to(&series));
    assert!(!Refusal::from(Code::DailyCap).may_be_due_to(&[]));
    assert!(!Refusal::from(Code::Closed).may_be_due_to(&series));
}

#[test]
fn a_booking_in_the_way_is_named_with_its_times() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![Occupied { room: Some(RoomId(9)), ..booking(812, at("09:00"), 30, 10) }];
    let expected = [
        "provider_busy: Ada (provider 3) has booking 812, 2026-04-13 09:00 to 09:30, and is busy until 09:40 UTC",
        "overbook_cap: overbooking isn't allowed for Ada (provider 3) and Checkup (appointment type 7)",
    ];
    assert_eq!(sentences(&clinic, Some("09:30"), None), expected);
    assert_eq!(sentences(&clinic, Some("09:30"), Some(BookingKind::Normal)), expected[..1]);
    assert_eq!(sentences(&clinic, Some("09:30"), Some(BookingKind::Overbooked)), expected[1..]);
}

#[test]
fn every_sort_of_reason_has_its_sentence() {
    let mut clinic = small_clinic();
    clinic.settings.minimum_notice = Minutes(36 * 60);
    clinic.settings.booking_horizon_days = -1;
    clinic.appointment_type.needs = Some(RoomNeeds {
        room_type: Some("lab".to_owned()),
        equipment: vec!["ecg".to_owned(), "laser".to_owned()],
    });
    clinic.providers[0].enabled = false;
    clinic.providers[0].max_daily_appointments = 0;
    clinic.overbooking_rules =
        vec![OverbookingRule { provider: None, appointment_type: None, max_overbook: 1 }];
    clinic.rooms[0].enabled = false;
    clinic.time_off = vec![
        time_off(TimeOffScope::Provider(ProviderId(3)), span("11:00", "13:00")),
        TimeOff { id: TimeOffId(9), ..time_off(TimeOffScope::Room(RoomId(2)), span("11:00", "23:00")) },
        TimeOff {
            id: TimeOffId(10),
            ..time_off(TimeOffScope::Clinic, Span { end: utc("2026-04-14 08:00"), start: at("00:00") })
        },
    ];
    clinic.occupied = vec![Occupied {
        is_overbooked: true,
        is_same_patient: true,
        room_busy: Span { start: at("11:30"), end: at("12:30") },
        ..booking(1, at("11:30"), 45, 10)
    }];
    let need = |kind: &str, quantity| ResourceNeed { kind: kind.to_owned(), quantity };
    clinic.appointment_type.resources = vec![need("cart", 2), need("laser", 1), need("scope", 1)];
    let unit =
        |id, kind: &str, taken| Resource { id: ResourceId(id), kind: kind.to_owned(), site: None, taken };
    let off = vec![(span("11:00", "13:00"), Blocker::TimeOff(TimeOffId(11)))];
    clinic.resources = vec![unit(1, "cart", Vec::new()), unit(2, "cart", off), unit(3, "scope", Vec::new())];
    let expected = [
        "provider_disabled: Ada (provider 3) is disabled",
        "room_disabled: Exam 2 (room 2) is disabled",
        "wrong_room_type: Exam 2 (room 2) is of type \"exam\", Checkup (appointment type 7) needs \"lab\"",
        "missing_equipment: Exam 2 (room 2) lacks ecg, laser",
        "closed: Ada (provider 3) isn't open all of 2026-04-13 11:40 to 12:10 UTC",
        "time_off: Ada (provider 3) is off from 2026-04-13 11:00 to 13:00 UTC (time off 8)",
        "time_off: Exam 2 (room 2) is out of use from 2026-04-13 11:00 to 23:00 UTC (time off 9)",
        "time_off: the clinic is closed from 2026-04-13 00:00 to 2026-04-14 08:00 UTC (time off 10)",
        "provider_busy: Ada (provider 3) has booking 1, 2026-04-13 11:30 to 12:15, and is busy until 12:25 UTC",
        "room_busy: Exam 2 (room 2) has booking 1, 2026-04-13 11:30 to 12:15, and is taken until 12:30 UTC",
        "no_resource: Checkup (appointment type 7) needs 2 of \"cart\" (1 of 2 free), 1 of \"laser\" (0 of 0 free) all of 2026-04-13 11:40 to 12:10 UTC",
        "patient_busy: the patient has booking 1, 2026-04-13 11:30 to 12:15 UTC",
        "daily_cap: Ada (provider 3) has reached the daily cap of 0 on 2026-04-13",
        "overbook_cap: Ada (provider 3) has reached the overbooking limit of 1 on 2026-04-13",
        "overbook_overlap: Ada (provider 3) has overbooked booking 1, 2026-04-13 11:30 to 12:15, and is busy until 12:25 UTC",
        "too_soon: 2026-04-13 11:40 is too soon: it can be booked from 2026-04-14 12:00 UTC on",
        "beyond_horizon: 2026-04-13 is beyond the booking horizon: the last date is 2026-04-12",
        "off_grid: 2026-04-13 11:40 UTC isn't on the grid of Ada (provider 3), every 30 minutes",
    ];
    assert_eq!(sentences(&clinic, Some("11:40"), None), expected);
}

#[test]
fn a_free_provider_cannot_be_overbooked() {
    let expected = [
        "overbook_cap: overbooking isn't allowed for Ada (provider 3) and Checkup (appointment type 7)",
        "provider_free: Ada (provider 3) is free at 2026-04-13 09:30 UTC: there is nothing to overbook",
    ];
    assert_eq!(sentences(&small_clinic(), Some("09:30"), Some(BookingKind::Overbooked)), expected);
}

#[test]
fn where_the_provider_is_free_overbooking_is_not_what_is_missing() {
    let mut clinic = small_clinic();
    clinic.rooms[0].enabled = false;
    assert_eq!(sentences(&clinic, Some("09:30"), None), ["room_disabled: Exam 2 (room 2) is disabled"]);
}

#[test]
fn off_the_grid_is_the_only_reason_where_it_is() {
    let expected = ["off_grid: 2026-04-13 09:07 UTC isn't on the grid of Ada (provider 3), every 30 minutes"];
    assert_eq!(sentences(&small_clinic(), Some("09:07"), None), expected);
    assert_eq!(sentences(&small_clinic(), Some("09:07"), Some(BookingKind::Normal)), expected);
    // Outside the opening there is no grid.
    let expected = ["closed: Ada (provider 3) isn't open all of 2026-04-13 20:07 to 20:37 UTC"];
    assert_eq!(sentences(&small_clinic(), Some("20:07"), None), expected);
}

#[test]
fn a_start_too_near_to_closing_is_closed() {
    let mut clinic = small_clinic();
    clinic.appointment_type.duration = Minutes(60);
    let expected = ["closed: Ada (provider 3) isn't open all of 2026-04-13 11:30 to 12:30 UTC"];
    assert_eq!(sentences(&clinic, None, None), expected);
}

#[test]
fn a_day_without_opening_is_closed() {
    let mut clinic = small_clinic();
    clinic.providers[0].availability.clear();
    assert_eq!(sentences(&clinic, None, None), ["closed: Ada (provider 3) isn't open on 2026-04-13"]);
}

#[test]
fn a_day_can_be_all_time_off() {
    let mut clinic = small_clinic();
    clinic.time_off = vec![
        time_off(TimeOffScope::Provider(ProviderId(3)), span("09:00", "10:00")),
        time_off(TimeOffScope::Clinic, span("10:00", "12:00")),
    ];
    assert_eq!(day_reason(&clinic), "time_off");
    assert_eq!(
        sentences(&clinic, None, None)[0],
        "time_off: all of the opening time of Ada (provider 3) on 2026-04-13 is time off"
    );
    clinic.time_off[1].scope = TimeOffScope::Room(RoomId(2));
    assert_eq!(day_reason(&clinic), "no_room");
}

#[test]
fn a_day_can_lack_a_room() {
    let mut clinic = small_clinic();
    clinic.rooms.clear();
    let expected =
        ["no_room: Ada (provider 3) has free starts on 2026-04-13, but no room is free and fit for them"];
    assert_eq!(sentences(&clinic, None, None), expected);
}

#[test]
fn a_day_can_be_full() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![booking(1, at("09:00"), 180, 0)];
    assert_eq!(day_reason(&clinic), "full");
    clinic.occupied = vec![booking(1, at("20:00"), 30, 0)];
    assert_eq!(day_reason(&clinic), "");
    clinic.providers[0].max_daily_appointments = 1;
    assert_eq!(day_reason(&clinic), "full");
    assert_eq!(sentences(&clinic, None, None)[0], "full: Ada (provider 3) is full on 2026-04-13");
}

#[test]
fn gaps_can_be_too_short_for_the_appointment_and_its_buffer() {
    let mut clinic = small_clinic();
    clinic.providers[0].buffer = Minutes(10);
    clinic.occupied = vec![booking(1, at("09:35"), 125, 0)];
    assert_eq!(day_reason(&clinic), "gap_too_short");
    let expected = "gap_too_short: Ada (provider 3) has free time on 2026-04-13, but no gap for 30 minutes and a buffer of 10";
    assert_eq!(sentences(&clinic, None, None)[0], expected);
    // Five minutes more, and 09:00 has its buffer too.
    clinic.occupied = vec![booking(1, at("09:40"), 120, 0)];
    assert_eq!(day_reason(&clinic), "");
}

#[test]
fn time_off_can_leave_only_short_gaps_as_well() {
    let mut clinic = small_clinic();
    clinic.time_off = vec![time_off(TimeOffScope::Clinic, span("09:20", "11:40"))];
    assert_eq!(day_reason(&clinic), "gap_too_short");
    clinic.time_off = vec![time_off(TimeOffScope::Clinic, span("09:20", "11:30"))];
    assert_eq!(day_reason(&clinic), "");
}

#[test]
fn a_gap_that_the_grid_misses_is_not_too_short() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![booking(1, at("09:00"), 5, 0), booking(2, at("09:50"), 130, 0)];
    assert_eq!(day_reason(&clinic), "provider_busy");
    clinic.settings.slot_alignment = SlotAlignment::Gap;
    assert_eq!(day_reason(&clinic), "");
}

#[test]
fn else_the_commonest_reason_sums_up_the_day() {
    let mut clinic = small_clinic();
    clinic.settings.minimum_notice = Minutes(12 * 60);
    assert_eq!(day_reason(&clinic), "too_soon");
    clinic.settings.minimum_notice = Minutes(0);
    clinic.settings.booking_horizon_days = -1;
    assert_eq!(day_reason(&clinic), "beyond_horizon");
    clinic.settings.booking_horizon_days = 365;
    clinic.providers[0].enabled = false;
    assert_eq!(day_reason(&clinic), "provider_disabled");
    let expected = "provider_disabled: Ada (provider 3) on 2026-04-13: the provider is disabled";
    assert_eq!(sentences(&clinic, None, None)[0], expected);
}

#[test]
fn a_full_day_has_no_summary_where_overbooked_places_are_left() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![Occupied { room: Some(RoomId(9)), ..booking(1, at("09:00"), 180, 0) }];
    clinic.overbooking_rules =
        vec![OverbookingRule { provider: None, appointment_type: None, max_overbook: 1 }];
    assert_eq!(sentences(&clinic, None, None), [""; 0]);
    let as_normal = sentences(&clinic, None, Some(BookingKind::Normal));
    assert_eq!(as_normal[0], "full: Ada (provider 3) is full on 2026-04-13");
    assert_eq!(as_normal.len(), 1 + 6);
}

#[test]
fn too_many_dates_are_refused() {
    let why_not =
        WhyNot { from: date(2026, 1, 1), to: date(2040, 1, 1), at: None, kind: None, now: at("00:00") };
    let refused = explain(&small_clinic(), &why_not, &mut || ());
    assert_eq!(refused.err(), Some(LimitExceeded { what: "dates", limit: MAX_DAYS }));
}
