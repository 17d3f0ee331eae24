use chrono::NaiveDate;
use chrono_tz::Tz;
use pg_clinic_core::booking::clinic::*;
use pg_clinic_core::booking::reason::{Blocker, BookingKind, Code, Refusal};
use pg_clinic_core::booking::score::Score;
use pg_clinic_core::booking::slots::{LimitExceeded, MAX_DAYS, Order, Question, Slot, find, refusals};
use pg_clinic_core::ids::*;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::windows::WindowOverride;

use crate::clinics::{booking, question, small_clinic};
use crate::zones::{date, to_utc, utc, wall, zone};

fn monday() -> NaiveDate {
    date(2026, 4, 13)
}

fn at(time: &str) -> Instant {
    utc(&format!("2026-04-13 {time}"))
}

/// A question about Monday, asked at midnight.
fn ask() -> Question {
    question(monday(), monday(), at("00:00"))
}

fn slots(clinic: &Clinic, question: &Question) -> Vec<Slot> {
    find(clinic, question, &mut || ()).expect("few slots").collect()
}

/// Monday's starts, with a star where overbooked.
fn starts(clinic: &Clinic) -> Vec<String> {
    let by_start = Question { order: Order::EarliestFirst, ..ask() };
    let starts = slots(clinic, &by_start).into_iter().map(|slot| {
        let star = if slot.is_overbooked { "*" } else { "" };
        format!("{}{star}", to_utc(slot.start).format("%H:%M"))
    });
    starts.collect()
}

fn codes(refusals: &[Refusal]) -> Vec<&'static str> {
    refusals.iter().map(|refusal| refusal.code.as_str()).collect()
}

#[test]
fn an_empty_day_is_offered_from_opening_to_closing() {
    assert_eq!(starts(&small_clinic()), ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]);
}

#[test]
fn a_buffer_is_kept_before_the_next_booking_but_may_run_past_closing() {
    let mut clinic = small_clinic();
    clinic.providers[0].buffer = Minutes(10);
    clinic.occupied = vec![booking(1, at("10:00"), 30, 10)];
    // 09:30 would need its buffer until 10:10, 10:30 is inside the booking's own.
    assert_eq!(starts(&clinic), ["09:00", "11:00", "11:30"]);
}

#[test]
fn an_assistant_must_be_there_from_beginning_to_end() {
    let mut clinic = small_clinic();
    let works = |staff, skill: &str, from, to| Assistance {
        provider: ProviderId(3),
        staff: StaffId(staff),
        skills: vec![skill.to_owned()],
        during: Span { start: at(from), end: at(to) },
    };
    clinic.assistance = vec![
        works(1, "surgery", "09:00", "09:45"),
        // Two shifts of one person, one after the other; another's begins where hers ends.
        works(2, "surgery", "09:45", "10:45"),
        works(2, "surgery", "10:45", "11:15"),
        works(3, "x-ray", "09:00", "12:00"),
        Assistance { provider: ProviderId(4), ..works(1, "surgery", "09:00", "12:00") },
    ];
    assert_eq!(starts(&clinic).len(), 6, "it needs none");
    clinic.appointment_type.required_skills = vec!["surgery".to_owned()];
    assert_eq!(starts(&clinic), ["09:00", "10:00", "10:30"]);
    let refused = refusals(&clinic, 0, 0, at("09:30"), BookingKind::Normal, at("00:00"));
    assert_eq!(codes(&refused), ["no_assistant"]);
}

/// Two people who have one of the skills each don't make up for one who has both.
#[test]
fn one_assistant_has_all_required_skills() {
    let mut clinic = small_clinic();
    let works = |staff, skills: &[&str], from, to| Assistance {
        provider: ProviderId(3),
        staff: StaffId(staff),
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        during: Span { start: at(from), end: at(to) },
    };
    clinic.assistance = vec![
        works(1, &["surgery"], "09:00", "12:00"),
        works(2, &["x-ray"], "09:00", "12:00"),
        works(3, &["x-ray", "surgery"], "10:00", "11:00"),
    ];
    clinic.appointment_type.required_skills = vec!["surgery".to_owned(), "x-ray".to_owned()];
    assert_eq!(starts(&clinic), ["10:00", "10:30"]);
}

#[test]
fn the_grid_may_restart_at_every_gap() {
    let mut clinic = small_clinic();
    clinic.occupied = vec![booking(1, at("09:10"), 30, 5)];
    assert_eq!(starts(&clinic), ["10:00", "10:30", "11:00", "11:30"]);
    clinic.settings.slot_alignment = SlotAlignment::Gap;
    assert_eq!(starts(&clinic), ["09:45", "10:15", "10:45", "11:15"]);
}

#[test]
fn a_gap_may_begin_as_the_window_opens() {
    let mut clinic = small_clinic();
    clinic.settings.slot_alignment = SlotAlignment::Gap;
    clinic.occupied = vec![booking(1, at("08:30"), 30, 0), booking(2, at("11:30"), 30, 0)];
    assert_eq!(starts(&clinic), ["09:00", "09:30", "10:00", "10:30", "11:00"]);
}

#[test]
fn a_slot_may_run_on_over_a_date_that_never_was() {
    let (from, to) = (date(2011, 12, 29), date(2011, 12, 29));
    let mut clinic = small_clinic();
    clinic.settings.zone = zone(Tz::Pacific__Apia, from, to);
    clinic.appointment_type.duration = Minutes(24 * 60);
    for window in &mut clinic.providers[0].availability {
        (window.weekly.start, window.weekly.end) = (wall("00:00"), wall("24:00"));
    }
    let found = slots(&clinic, &question(from, to, utc("2011-12-20 00:00")));
    assert_eq!(found.iter().map(|slot| slot.start).max(), Some(utc("2011-12-30 09:30")));
    assert_eq!(found.iter().map(|slot| slot.end).max(), Some(utc("2011-12-31 09:30")));
}

#[test]
fn the_tail_of_last_night_counts_for_the_date_asked() {
    let mut clinic = small_clinic();
    let on_date = |day, window| WindowOverride { on_date: date(2026, 4, day), window };
    clinic.providers[0].overrides =
        vec![on_date(12, Some((wall("22:45"), wall("01:00")))), on_date(13, None)];
    assert_eq!(starts(&clinic), ["00:15"]);
}

#[test]
fn a_slot_may_run_on_into_the_next_window() {
    let mut clinic = small_clinic();
    clinic.appointment_type.duration = Minutes(90);
    let on_date = |day, start, end| WindowOverride {
        on_date: date(2026, 4, day),
        window: Some((wall(start), wall(end))),
    };
    clinic.providers[0].overrides = vec![on_date(13, "23:00", "24:00"), on_date(14, "00:00", "01:00")];
    assert_eq!(starts(&clinic), ["23:00", "23:30"]);
}

#[test]
fn the_horizon_counts_local_dates() {
    let mut clinic = small_clinic();
    clinic.settings.booking_horizon_days = 1;
    let week = question(monday(), date(2026, 4, 20), at("23:59"));
    let last = slots(&clinic, &week).into_iter().map(|slot| slot.start).max();
    assert_eq!(last, Some(utc("2026-04-14 11:30")));
}

#[test]
fn the_minimum_notice_may_just_be_kept() {
    let mut clinic = small_clinic();
    clinic.settings.minimum_notice = Minutes(60);
    let question = Question { now: at("09:30"), ..ask() };
    assert_eq!(slots(&clinic, &question).iter().map(|slot| slot.start).min(), Some(at("10:30")));
    let question = Question { now: Instant(at("09:30").0 + 1), ..ask() };
    assert_eq!(slots(&clinic, &question).iter().map(|slot| slot.start).min(), Some(at("11:00")));
}

/// Two rooms; provider 3 in room 2 at 09:00, up to one overbooked booking a day.
fn overbookable() -> Clinic {
    let mut clinic = small_clinic();
    let second = Room { id: Some(RoomId(5)), ..clinic.rooms[0].clone() };
    clinic.rooms.push(second);
    clinic.occupied = vec![booking(1, at("09:00"), 30, 0)];
    clinic.overbooking_rules =
        vec![OverbookingRule { provider: None, appointment_type: None, max_overbook: 1 }];
    clinic
}

#[test]
fn a_busy_provider_is_offered_as_overbooked_in_another_room() {
    let clinic = overbookable();
    let first = &slots(&clinic, &Question { order: Order::EarliestFirst, all_rooms: true, ..ask() })[0];
    assert_eq!(
        (first.start, first.is_overbooked, clinic.rooms[first.room].id),
        (at("09:00"), true, Some(RoomId(5)))
    );
    let scores = [first.room_score, first.overbooking_score(), first.compactness];
    assert_eq!(scores.map(Score::as_f64), [0.3, 0.0, 1.0]);
    let without = Question { include_overbooked: false, ..ask() };
    assert!(slots(&clinic, &without).iter().all(|slot| !slot.is_overbooked));
}

#[test]
fn a_more_specific_rule_may_forbid_overbooking() {
    let mut clinic = overbookable();
    let none = OverbookingRule { provider: Some(ProviderId(3)), appointment_type: None, max_overbook: 0 };
    clinic.overbooking_rules.push(none);
    assert!(slots(&clinic, &ask()).iter().all(|slot| !slot.is_overbooked));
}

#[test]
fn a_capped_day_is_overbooked_at_its_free_times_too() {
    let mut clinic = overbookable();
    clinic.providers[0].max_daily_appointments = 1;
    let expected = ["09:00*", "09:30*", "10:00*", "10:30*", "11:00*", "11:30*"];
    assert_eq!(
        starts(&clinic).into_iter().collect::<std::collections::BTreeSet<_>>(),
        expected.map(String::from).into()
    );
}

#[test]
fn when_the_normal_one_of_a_pair_is_cancelled_the_time_is_full_with_the_other() {
    let mut clinic = overbookable();
    clinic.occupied[0].is_overbooked = true;
    let reported = refusals(&clinic, 0, 1, at("09:00"), BookingKind::Normal, at("00:00"));
    assert_eq!(codes(&reported), ["provider_busy"]);
    let reported = refusals(&clinic, 0, 1, at("09:00"), BookingKind::Overbooked, at("00:00"));
    assert_eq!(codes(&reported), ["overbook_cap", "overbook_overlap"]);
}

#[test]
fn every_reason_and_every_row_in_the_way_is_told() {
    let mut clinic = small_clinic();
    clinic.providers[0].enabled = false;
    clinic.appointment_type.needs.as_mut().expect("it needs a room").room_type = Some("lab".to_owned());
    clinic.time_off = vec![TimeOff {
        id: TimeOffId(8),
        scope: TimeOffScope::Clinic,
        during: Span { start: at("11:00"), end: at("13:00") },
    }];
    clinic.occupied = vec![booking(1, at("11:20"), 30, 0), booking(2, at("11:50"), 30, 0)];
    clinic.occupied[1].is_same_patient = true;
    let reported = refusals(&clinic, 0, 0, at("11:40"), BookingKind::Normal, at("00:00"));
    let by_booking = |code, id| Refusal { code, blocker: Some(Blocker::Booking(BookingId(id))) };
    let expected = [
        Code::ProviderDisabled.into(),
        Code::WrongRoomType.into(),
        Code::Closed.into(),
        Refusal { code: Code::TimeOff, blocker: Some(Blocker::TimeOff(TimeOffId(8))) },
        by_booking(Code::ProviderBusy, 1),
        by_booking(Code::ProviderBusy, 2),
        by_booking(Code::RoomBusy, 1),
        by_booking(Code::RoomBusy, 2),
        by_booking(Code::PatientBusy, 2),
    ];
    assert_eq!(reported, expected);
}

#[test]
fn a_start_off_the_grid_can_be_booked() {
    assert_eq!(refusals(&small_clinic(), 0, 0, at("09:07"), BookingKind::Normal, at("00:00")), []);
}

#[test]
fn the_best_room_is_the_one_in_use_then_the_lowest_id() {
    let mut clinic = small_clinic();
    let add =
        |clinic: &mut Clinic, id| clinic.rooms.push(Room { id: Some(RoomId(id)), ..clinic.rooms[0].clone() });
    add(&mut clinic, 5);
    add(&mut clinic, 6);
    let best = |clinic: &Clinic| {
        let found = slots(clinic, &Question { all_rooms: false, order: Order::EarliestFirst, ..ask() });
        clinic.rooms[found[0].room].id
    };
    assert_eq!(best(&clinic), Some(RoomId(2)));
    clinic.occupied = vec![Occupied { room: Some(RoomId(6)), ..booking(1, at("11:00"), 30, 0) }];
    assert_eq!(best(&clinic), Some(RoomId(6)));
    // Of no weight: then the rooms are equally good.
    let weights = Weights {
        preference: 1.0,
        compactness: 0.0,
        room: 0.0,
        overbooking: 0.0,
        continuity: 0.0,
        load: 0.0,
    };
    clinic.scoring_profiles = vec![ScoringProfile { provider: None, appointment_type: None, weights }];
    assert_eq!(best(&clinic), Some(RoomId(2)));
}

#[test]
fn equal_slots_come_by_start_provider_and_room() {
    let mut clinic = small_clinic();
    let second = Provider { id: ProviderId(4), ..clinic.providers[0].clone() };
    clinic.providers.push(second);
    let second = Room { id: Some(RoomId(5)), ..clinic.rooms[0].clone() };
    clinic.rooms.push(second);
    let order: Vec<_> =
        slots(&clinic, &ask()).iter().map(|slot| (slot.start, slot.provider, slot.room)).collect();
    assert_eq!(order.len(), 24);
    assert!(order.is_sorted());
}

#[test]
fn a_question_over_too_many_dates_is_refused() {
    let mut clinic = small_clinic();
    clinic.settings.booking_horizon_days = i32::MAX;
    let forever = question(monday(), NaiveDate::MAX, at("00:00"));
    let refused = LimitExceeded { what: "dates", limit: MAX_DAYS };
    assert_eq!(find(&clinic, &forever, &mut || ()).err(), Some(refused));
    assert_eq!(refused.to_string(), "more than 3660 dates");
    // The horizon bounds it before that.
    clinic.settings.booking_horizon_days = 2;
    assert_eq!(slots(&clinic, &forever).len(), 18);
}

#[test]
fn dates_in_the_wrong_order_have_no_slots() {
    assert_eq!(slots(&small_clinic(), &question(monday(), date(2026, 4, 12), at("00:00"))), []);
}

#[test]
fn the_checkpoint_is_called_while_a_long_question_runs() {
    let mut calls = 0;
    let year = question(monday(), date(2027, 4, 12), at("00:00"));
    let mut clinic = small_clinic();
    clinic.settings.slot_step = Minutes(5);
    find(&clinic, &year, &mut || calls += 1).expect("few slots");
    assert!(calls >= 3, "{calls}");
}

#[test]
fn settings_that_make_no_sense_end_all_the_same() {
    let mut clinic = small_clinic();
    clinic.settings.slot_step = Minutes(i32::MAX);
    clinic.settings.minimum_notice = Minutes(i32::MIN);
    clinic.settings.booking_horizon_days = i32::MIN;
    assert_eq!(slots(&clinic, &ask()), []);
    assert!(!refusals(&clinic, 0, 0, Instant(i64::MAX), BookingKind::Normal, Instant(i64::MIN)).is_empty());
    assert!(
        !refusals(&clinic, 0, 0, Instant(i64::MIN), BookingKind::Overbooked, Instant(i64::MAX)).is_empty()
    );
}
