use pg_clinic_core::booking::place::{Pauses, as_busy_as_before, retyped};
use pg_clinic_core::booking::seats::seat;
use pg_clinic_core::booking::status::{Action, Status};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn every_status_has_a_code_of_its_own() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(status));
    }
    assert_eq!(Status::parse("checked_in"), None);
    assert_eq!(Status::parse(""), None);
}

#[test]
fn these_statuses_occupy() {
    let occupying: Vec<_> =
        Status::ALL.into_iter().filter(|status| status.occupies()).map(Status::as_str).collect();
    assert_eq!(occupying, ["pending", "booked", "arrived", "checked-in", "fulfilled"]);
}

#[test]
fn actions_change_these_statuses() {
    let from = |action: Action| -> Vec<_> {
        Status::ALL
            .into_iter()
            .filter(|status| action.applied_to(*status).is_some())
            .map(Status::as_str)
            .collect()
    };
    assert_eq!(from(Action::CheckIn), ["booked", "arrived", "checked-in", "noshow"]);
    assert_eq!(from(Action::Complete), ["booked", "arrived", "checked-in", "fulfilled"]);
    let cancellable =
        ["proposed", "pending", "booked", "arrived", "checked-in", "cancelled", "noshow", "waitlist"];
    assert_eq!(from(Action::Cancel), cancellable);
    assert_eq!(from(Action::Miss), ["booked", "noshow"]);
    assert_eq!(from(Action::Reopen), ["booked", "cancelled", "noshow"]);
}

#[test]
fn doing_it_again_changes_nothing() {
    for action in [Action::CheckIn, Action::Complete, Action::Cancel, Action::Miss, Action::Reopen] {
        for after in Status::ALL.into_iter().filter_map(|status| action.applied_to(status)) {
            assert_eq!(action.applied_to(after), Some(after));
        }
    }
}

#[test]
fn busy_time_is_the_appointment_and_the_pauses() {
    let at = |minutes: i32| Instant(0) + Minutes(minutes);
    let during = Span { start: at(0), end: at(30) };
    let busy = pauses(5, 10).around(during);
    assert_eq!(busy, Span { start: at(-5), end: at(40) });
    assert_eq!(pauses(0, 0).around(during), during);
    assert_eq!(Pauses::between(during, busy), pauses(5, 10));
    let later = Span { start: at(60), end: at(120) };
    assert_eq!(as_busy_as_before(later, during, busy), Span { start: at(55), end: at(130) });
}

#[test]
fn another_type_has_its_own_pauses_and_keeps_the_buffer() {
    let (none, clean) = (pauses(0, 0), pauses(10, 20));
    // Given, the old type, the new type, today's buffer.
    for (given, old, new, buffer, expected) in [
        (pauses(0, 5), none, none, 99, pauses(0, 5)),
        (pauses(0, 5), none, clean, 99, clean),
        (pauses(0, 30), none, clean, 5, pauses(10, 30)),
        (clean, clean, none, 5, pauses(0, 5)),
        (clean, clean, none, 99, pauses(0, 20)),
        (pauses(10, 30), clean, none, 5, pauses(0, 30)),
    ] {
        assert_eq!(retyped(given, old, new, Minutes(buffer)), expected, "{given:?} {old:?} {new:?} {buffer}");
    }
}

fn pauses(before: i32, after: i32) -> Pauses {
    Pauses { before: Minutes(before), after: Minutes(after) }
}

#[test]
fn the_lowest_free_seat_is_taken() {
    assert_eq!(seat(&[], 20), 1);
    assert_eq!(seat(&[2, 1, 4], 20), 3);
    assert_eq!(seat(&[5, 7], 3), 1);
}

#[test]
fn a_full_day_gives_a_seat_that_the_check_refuses() {
    assert_eq!(seat(&[], 0), 1);
    assert_eq!(seat(&[1, 2], 2), 3);
    // The cap was lowered from 5 to 2 and seat 1 was cancelled.
    assert_eq!(seat(&[2, 3, 4], 2), 5);
    assert_eq!(seat(&[7, 9], 2), 3);
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_seat_is_free_and_within_the_cap_only_if_there_is_room(mut taken in vec(1..30_i32, 0..20), capacity in 0..25_i32) {
        taken.sort_unstable();
        taken.dedup();
        let seat = seat(&taken, capacity);
        prop_assert!(seat >= 1);
        prop_assert!(!taken.contains(&seat));
        prop_assert_eq!(seat <= capacity, taken.len() < capacity as usize);
    }
}
