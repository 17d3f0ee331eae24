//! Opening time that brought nothing: minute by minute.

use pg_clinic_core::reports::capacity::{Capacity, Kept, Unkept, capacity};
use pg_clinic_core::time::interval::{Instant, Span, union};
use proptest::collection::vec;
use proptest::prelude::*;

const MINUTE: i64 = 60_000_000;

fn span(start: i64, minutes: i64) -> Span {
    Span { start: Instant(start * MINUTE), end: Instant((start + minutes) * MINUTE) }
}

fn unkept() -> impl Strategy<Value = Vec<Unkept>> {
    let one = (-1500_i64..1500, 1_i64..1441, proptest::option::of(0_i64..50_000));
    let one = one.prop_map(|(start, minutes, cents)| Unkept { during: span(start, minutes), cents });
    vec(one, 0..8).prop_map(|mut bookings| {
        bookings.sort_by_key(|booking| booking.during.start);
        bookings
    })
}

/// The booking that a minute is lost to: the first of them.
fn of_minute(bookings: &[Unkept], minute: i64) -> Option<&Unkept> {
    bookings.iter().find(|booking| booking.during.contains_instant(Instant(minute * MINUTE)))
}

fn cents_of(booking: &Unkept) -> f64 {
    booking.cents.unwrap_or(0) as f64 / (booking.during.micros() / MINUTE) as f64
}

proptest! {
    #[test]
    fn every_minute_counts_once(
        used in vec((-1500_i64..1500, 1_i64..300), 0..8),
        no_shows in unkept(),
        cancelled in unkept(),
        open in (-200_i64..200, 1_i64..1000),
    ) {
        let kept = Kept {
            used: union(used.iter().map(|(start, minutes)| span(*start, *minutes)).collect()),
            no_shows,
            cancelled,
        };
        let mut expected = Capacity::default();
        let mut gap = 0;
        for minute in open.0..open.0 + open.1 {
            expected.open += MINUTE;
            if kept.used.iter().any(|used| used.contains_instant(Instant(minute * MINUTE))) {
                expected.used += MINUTE;
            } else if let Some(missed) = of_minute(&kept.no_shows, minute) {
                expected.no_show += MINUTE;
                expected.no_show_cents += cents_of(missed);
            } else if let Some(cancelled) = of_minute(&kept.cancelled, minute) {
                expected.unfilled += MINUTE;
                expected.unfilled_cents += cents_of(cancelled);
            } else {
                gap += MINUTE;
            }
        }
        let found = capacity(span(open.0, open.1), &kept);
        let micros = |capacity: &Capacity| [capacity.open, capacity.used, capacity.no_show, capacity.unfilled];
        prop_assert_eq!(micros(&found), micros(&expected));
        prop_assert_eq!(found.gap(), gap);
        prop_assert_eq!(found.lost(), gap + expected.no_show + expected.unfilled);
        prop_assert!((found.no_show_cents - expected.no_show_cents).abs() < 1e-6);
        prop_assert!((found.unfilled_cents - expected.unfilled_cents).abs() < 1e-6);
    }
}
