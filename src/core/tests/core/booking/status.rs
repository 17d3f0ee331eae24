use pg_clinic_core::booking::place::{provider_busy, room_busy};
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
fn busy_time_is_the_appointment_and_the_pause() {
    let start = Instant(0);
    let during = Span { start, end: start + Minutes(30) };
    assert_eq!(provider_busy(during, Minutes(10)), Span { start, end: start + Minutes(40) });
    assert_eq!(room_busy(during, Minutes(0)), during);
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
