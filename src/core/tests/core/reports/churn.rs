//! How much changed from one date to the next.

use pg_clinic_core::ids::{ClientId, PlanId, StaffId};
use pg_clinic_core::reports::churn::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use crate::zones::{date, utc, zone};

fn visit(client: i64, worker: i64, start: &str) -> ClientVisit {
    ClientVisit { client: ClientId(client), worker: StaffId(worker), start: utc(start) }
}

fn recorded(visits: Vec<ClientVisit>) -> DayVisits {
    DayVisits { source: Some(Source::Record), visits }
}

#[test]
fn the_record_counts_before_any_plan() {
    let plan = Some(PlanId(3));
    assert_eq!(Source::of(true, plan), Some(Source::Record));
    assert_eq!(Source::of(true, None), Some(Source::Record));
    assert_eq!(Source::of(false, plan), Some(Source::Plan(PlanId(3))));
    assert_eq!(Source::of(false, None), None);
    assert_eq!(
        (Source::Record.to_string(), Source::Plan(PlanId(3)).to_string()),
        ("record".to_owned(), "plan 3".to_owned())
    );
}

#[test]
fn of_a_date_that_nothing_is_known_of_nothing_is_said() {
    let zone = Zone::fixed(0);
    let known = recorded(vec![visit(1, 1, "2026-04-13 08:00")]);
    assert_eq!(day_churn(&zone, &known, &DayVisits::default()), None);
    assert_eq!(day_churn(&zone, &DayVisits::default(), &known), None);
    // A date on which nobody is visited is known: everybody is dropped, and nobody is left to take a mean of.
    let churn = day_churn(&zone, &known, &recorded(vec![])).expect("both are known");
    assert_eq!(
        (&churn.dropped[..], churn.percent(), churn.moved_minutes()),
        (&[ClientId(1)][..], None, None)
    );
}

#[test]
fn times_are_compared_by_the_clock_on_the_wall() {
    let berlin = zone(chrono_tz::Europe::Berlin, date(2026, 3, 28), date(2026, 3, 29));
    // The clocks went forward on 29 March: 08:00 by the wall is 07:00 UTC, then 06:00.
    let before = recorded(vec![
        visit(1, 1, "2026-03-28 07:00"),
        visit(2, 1, "2026-03-28 08:00"),
        visit(3, 2, "2026-03-28 22:50"),
        visit(4, 2, "2026-03-28 10:00"),
        visit(4, 3, "2026-03-28 09:00"),
    ]);
    let after = recorded(vec![
        visit(4, 2, "2026-03-29 08:00"),
        visit(3, 2, "2026-03-29 22:10"),
        visit(2, 3, "2026-03-29 06:35"),
        visit(1, 1, "2026-03-29 06:00"),
    ]);
    let churn = day_churn(&berlin, &before, &after).expect("both are known");
    let changes: Vec<_> =
        churn.changes.iter().map(|row| (row.client.0, row.new_worker.0, row.later.0)).collect();
    // Client 3 from ten to midnight to ten past it; client 4 by the first of two visits.
    assert_eq!(changes, [(2, 3, -25), (3, 2, 20), (4, 2, 0)]);
    assert_eq!((churn.same_worker, churn.other_worker, churn.percent()), (2, 2, Some(50)));
    // 45 minutes of four clients.
    assert_eq!(churn.moved_minutes(), Some(11));
    let back = day_churn(&berlin, &after, &before).expect("both are known");
    assert_eq!(back.changes[1].later, Minutes(-20));
}
