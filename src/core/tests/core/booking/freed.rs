//! Freed time against counting minute by minute, and the cause of each kind of change.

use pg_clinic_core::booking::backfill::freed::{Change, FreedCause, Kept, Version, freed, net};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, Span};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cases;

/// The day has so many minutes.
const MINUTES: i64 = 24;

fn span() -> impl Strategy<Value = Span> {
    (0..MINUTES - 1, 1..8i64).prop_map(|(start, length)| Span {
        start: Instant(start),
        end: Instant((start + length).min(MINUTES)),
    })
}

/// Few clinics and providers, so that bookings meet.
fn version() -> impl Strategy<Value = Version> {
    let hold = option::weighted(0.3, 0..MINUTES);
    let session = option::weighted(0.3, 1..3i64);
    (1..3i64, 1..3i64, 1..3i64, (any::<bool>(), session), span(), select(&Status::ALL[..]), hold).prop_map(
        |(clinic, provider, room, (is_overbooked, session), during, status, hold)| Version {
            clinic,
            booking: 0,
            provider,
            room: Some(room),
            appointment_type: 1,
            session: session.filter(|_| status.occupies()),
            is_overbooked,
            during,
            status,
            hold_expires_at: hold.map(Instant).filter(|_| status == Status::Pending),
        },
    )
}

/// Most stay in their clinic and many at their time.
fn change() -> impl Strategy<Value = Change> {
    (version(), option::weighted(0.8, version()), any::<bool>(), 0..8u8).prop_map(
        |(before, after, stays, kept)| {
            let after = after.map(|after| Version {
                clinic: before.clinic,
                provider: if kept & 1 == 0 { before.provider } else { after.provider },
                during: if stays { before.during } else { after.during },
                status: if kept & 2 == 0 { before.status } else { after.status },
                is_overbooked: if kept & 4 == 0 { before.is_overbooked } else { after.is_overbooked },
                ..after
            });
            // Who takes no time is in no session.
            let after = after
                .map(|after| Version { session: after.session.filter(|_| after.status.occupies()), ..after });
            Change { before, after }
        },
    )
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(change(), 0..6).prop_map(|mut changes| {
        for (id, change) in changes.iter_mut().enumerate() {
            change.before.booking = id as i64;
        }
        changes
    })
}

fn kept() -> impl Strategy<Value = Kept> {
    (option::weighted(0.3, 1..3i64), any::<bool>(), span())
        .prop_map(|(session, is_overbooked, during)| Kept { session, is_overbooked, during })
}

fn is_in(span: Span, minute: i64) -> bool {
    span.start.0 <= minute && minute < span.end.0
}

/// Whether the booking's minute is free after the changes, beside other bookings of its provider.
fn naive(changes: &[Change], nth: usize, kept: &[Kept], now: i64, minute: i64) -> bool {
    let Change { before, after: own } = changes[nth];
    if !before.status.occupies() || !is_in(before.during, minute) || minute < now {
        return false;
    }
    if let Some(session) = before.session {
        let is_in = |version: Option<Version>| {
            version.is_some_and(|version| version.clinic == before.clinic && version.session == Some(session))
        };
        let come = changes.iter().filter(|change| is_in(change.after) && !is_in(Some(change.before))).count();
        let gone =
            changes[..nth].iter().filter(|change| is_in(Some(change.before)) && !is_in(change.after)).count();
        if !is_in(own) && gone < come {
            return false;
        }
    }
    let of_changes = changes.iter().filter_map(|change| change.after).any(|after| {
        let is_own = own == Some(after);
        let is_with_it = before.session.is_some() && after.session == before.session;
        after.status.occupies()
            && (after.clinic, after.provider) == (before.clinic, before.provider)
            && is_in(after.during, minute)
            && (is_own || !is_with_it && (after.is_overbooked || !before.is_overbooked))
    });
    let of_others = kept.iter().any(|kept| {
        is_in(kept.during, minute)
            && (kept.is_overbooked || !before.is_overbooked)
            && (kept.session.is_none() || kept.session != before.session)
    });
    !of_changes && !of_others
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_is_freed_is_what_counting_minutes_gives(
        changes in changes(),
        kept in vec(kept(), 0..3),
        now in 0..MINUTES,
        is_accepting in any::<bool>(),
    ) {
        let found: Vec<_> =
            freed(&changes, is_accepting, Instant(now)).into_iter().flat_map(|place| place.beside(&kept)).collect();
        for nth in 0..changes.len() {
            let of_booking: Vec<_> = found.iter().filter(|place| place.before.booking == nth as i64).collect();
            for minute in 0..MINUTES {
                let times = of_booking.iter().filter(|place| is_in(place.during, minute)).count();
                prop_assert_eq!(times == 1, naive(&changes, nth, &kept, now, minute), "booking {} minute {}", nth, minute);
                prop_assert!(times <= 1, "booking {} minute {} twice", nth, minute);
            }
        }
    }

    #[test]
    fn what_stays_frees_nothing(change in change(), room in 1..9i64, now in 0..MINUTES) {
        let after = Version { room: Some(room), appointment_type: 9, ..change.before };
        let change = Change { before: change.before, after: Some(after) };
        prop_assert_eq!(freed(&[change], false, Instant(now)), []);
    }
}

/// A booking of provider 1 from minute 10 to 20.
fn booked() -> Version {
    Version {
        clinic: 1,
        booking: 7,
        provider: 1,
        room: Some(1),
        appointment_type: 1,
        session: None,
        is_overbooked: false,
        during: Span { start: Instant(10), end: Instant(20) },
        status: Status::Booked,
        hold_expires_at: None,
    }
}

/// What becomes free at minute 0, as (cause, start, end).
fn told(before: Version, after: Option<Version>, is_accepting: bool) -> Vec<(FreedCause, i64, i64)> {
    let places = freed(&[Change { before, after }], is_accepting, Instant(0));
    places.iter().map(|place| (place.cause, place.during.start.0, place.during.end.0)).collect()
}

#[test]
fn each_way_of_giving_time_up_has_its_cause() {
    let status = |status| Some(Version { status, ..booked() });
    let at =
        |start, end| Some(Version { during: Span { start: Instant(start), end: Instant(end) }, ..booked() });
    let whole = |cause| vec![(cause, 10, 20)];
    assert_eq!(told(booked(), status(Status::Cancelled), false), whole(FreedCause::Cancelled));
    assert_eq!(told(booked(), status(Status::NoShow), false), whole(FreedCause::NoShow));
    assert_eq!(told(booked(), status(Status::EnteredInError), false), whole(FreedCause::EnteredInError));
    assert_eq!(told(booked(), status(Status::Proposed), false), whole(FreedCause::Released));
    assert_eq!(told(booked(), status(Status::Waitlist), false), whole(FreedCause::Released));
    assert_eq!(told(booked(), None, false), whole(FreedCause::Deleted));
    assert_eq!(told(booked(), at(40, 50), false), whole(FreedCause::Moved));
    assert_eq!(told(booked(), at(0, 10), true), whole(FreedCause::EarlierTime));
    assert_eq!(told(booked(), Some(Version { provider: 2, ..booked() }), false), whole(FreedCause::Moved));
    assert_eq!(told(booked(), at(15, 25), false), [(FreedCause::Moved, 10, 15)]);
    assert_eq!(told(booked(), at(10, 15), false), [(FreedCause::Shortened, 15, 20)]);
    assert_eq!(
        told(booked(), at(12, 14), false),
        [(FreedCause::Shortened, 10, 12), (FreedCause::Shortened, 14, 20)]
    );
    assert_eq!(told(booked(), status(Status::Arrived), false), []);
}

#[test]
fn a_hold_that_ran_out_lapses() {
    let hold =
        |expiry| Version { status: Status::Pending, hold_expires_at: Some(Instant(expiry)), ..booked() };
    let lapse = |expiry, status| {
        let before = hold(expiry);
        Change { before, after: Some(Version { status, ..before }) }.is_lapse(Instant(5))
    };
    assert!(lapse(5, Status::Cancelled));
    assert!(!lapse(6, Status::Cancelled));
    assert!(!lapse(5, Status::Booked));
    assert!(!Change { before: hold(5), after: None }.is_lapse(Instant(5)));
    assert_eq!(
        told(hold(0), Some(Version { status: Status::Cancelled, ..hold(0) }), false),
        [(FreedCause::HoldExpired, 10, 20)]
    );
}

#[test]
fn changes_one_after_the_other_count_as_one() {
    let at = |start, status| Version {
        during: Span { start: Instant(start), end: Instant(start + 10) },
        status,
        ..booked()
    };
    let [first, parked, last] = [at(10, Status::Booked), at(10, Status::Proposed), at(12, Status::Booked)];
    let other = Version { booking: 8, ..at(40, Status::Booked) };
    let steps = vec![
        Change { before: first, after: Some(parked) },
        Change { before: other, after: Some(at(20, Status::Booked)) },
        Change { before: parked, after: Some(last) },
        Change { before: at(20, Status::Booked), after: None },
    ];
    // The last step is of booking 7, too, as it stands: it is deleted in the end.
    let whole = net(steps.clone());
    assert_eq!(
        whole,
        [
            Change { before: first, after: None },
            Change { before: other, after: Some(at(20, Status::Booked)) }
        ]
    );
    assert_eq!(net(steps[..3].to_vec())[0], Change { before: first, after: Some(last) });
    assert!(whole[0].ends() && !whole[1].ends());
}
