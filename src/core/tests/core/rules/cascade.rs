use pg_clinic_core::rules::cascade::{Column, most_specific};

/// Provider, type, value.
type Limit = (Option<i64>, Option<i64>, i32);

fn limit(limits: &[Limit], provider: i64, kind: i64) -> Option<i32> {
    let scope = |limit: &Limit| [Column::of(limit.0, provider), Column::of(limit.1, kind)];
    most_specific(limits, scope).map(|limit| limit.2)
}

const LIMITS: [Limit; 4] = [(None, None, 9), (None, Some(7), 8), (Some(4), None, 2), (Some(4), Some(7), 1)];

#[test]
fn the_more_specific_wins_even_if_smaller_and_later() {
    assert_eq!(limit(&LIMITS, 4, 7), Some(1));
    assert_eq!(limit(&LIMITS, 4, 8), Some(2));
    assert_eq!(limit(&LIMITS, 5, 7), Some(8));
    assert_eq!(limit(&LIMITS, 5, 8), Some(9));
}

#[test]
fn the_order_of_the_settings_does_not_matter() {
    let mut reversed = LIMITS;
    reversed.reverse();
    for (provider, kind) in [(4, 7), (4, 8), (5, 7), (5, 8)] {
        assert_eq!(limit(&LIMITS, provider, kind), limit(&reversed, provider, kind));
    }
}

#[test]
fn nothing_holds_where_nothing_applies() {
    assert_eq!(limit(&[], 4, 7), None);
    assert_eq!(limit(&LIMITS[2..], 5, 7), None);
}

#[test]
fn one_specific_column_beats_all_the_general_ones() {
    // Person, date range, plan, group, clinic.
    let settings =
        [("person", [true, false, false, false, false]), ("all others", [false, true, true, true, true])];
    let column = |filled: bool| if filled { Column::Applies { priority: 0 } } else { Column::Empty };
    assert_eq!(
        most_specific(&settings, |setting| setting.1.map(column)).map(|setting| setting.0),
        Some("person")
    );
}

#[test]
fn of_two_groups_the_higher_priority_wins() {
    let groups = [("nurses", 3), ("night staff", 5), ("juniors", 4)];
    let scope = |group: &(&str, i64)| [Column::Applies { priority: group.1 }];
    assert_eq!(most_specific(&groups, scope).map(|group| group.0), Some("night staff"));
}
