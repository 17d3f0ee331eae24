use std::collections::BTreeSet;

use pg_clinic_core::time::interval::{Instant, Minutes, Span, clip, covers, subtract, union};
use proptest::collection::vec;
use proptest::prelude::*;

fn span(start: i64, end: i64) -> Span {
    Span::new(Instant(start), Instant(end)).expect("not empty")
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    vec((0_i64..60, 1_i64..15).prop_map(|(start, length)| span(start, start + length)), 0..8)
}

/// The instants inside, one by one.
fn points(spans: &[Span]) -> BTreeSet<i64> {
    spans.iter().flat_map(|span| span.start.0..span.end.0).collect()
}

fn is_normalized(spans: &[Span]) -> bool {
    spans.windows(2).all(|pair| pair[0].end < pair[1].start)
}

#[test]
fn a_span_is_never_empty() {
    assert_eq!(Span::new(Instant(3), Instant(3)), None);
    assert_eq!(Span::new(Instant(4), Instant(3)), None);
}

#[test]
fn spans_that_touch_do_not_overlap_but_join() {
    assert!(!span(1, 3).overlaps(span(3, 5)));
    assert_eq!(union(vec![span(3, 5), span(1, 3)]), [span(1, 5)]);
}

#[test]
fn minutes_never_overflow_an_instant() {
    assert_eq!(Instant(i64::MAX) + Minutes(1), Instant(i64::MAX));
    assert_eq!(Instant(i64::MIN) - Minutes(1), Instant(i64::MIN));
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn union_is_the_union_of_points(spans in spans()) {
        let joined = union(spans.clone());
        prop_assert!(is_normalized(&joined));
        prop_assert_eq!(points(&joined), points(&spans));
    }

    #[test]
    fn subtract_is_the_difference_of_points(a in spans(), b in spans()) {
        let left = subtract(&union(a.clone()), &union(b.clone()));
        prop_assert!(is_normalized(&left));
        prop_assert_eq!(points(&left), &points(&a) - &points(&b));
    }

    #[test]
    fn clip_is_the_intersection_of_points(a in spans(), start in 0_i64..60, length in 1_i64..30) {
        let frame = span(start, start + length);
        let clipped = clip(&union(a.clone()), frame);
        prop_assert!(is_normalized(&clipped));
        prop_assert_eq!(points(&clipped), &points(&a) & &points(&[frame]));
    }

    #[test]
    fn covers_means_every_point(a in spans(), start in 0_i64..70, length in 1_i64..15) {
        let wanted = span(start, start + length);
        prop_assert_eq!(covers(&union(a.clone()), wanted), points(&[wanted]).is_subset(&points(&a)));
    }
}
