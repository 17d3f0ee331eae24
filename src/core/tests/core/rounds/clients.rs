//! Clients visited on a date, and renewals of subscriptions.

use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::{Minutes, Span};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::zones::{date, utc, wall};

/// Visited on weekdays 1 to 5 in April 2026, paid until the 30th.
fn client(id: i64) -> Client {
    Client {
        id: ClientId(id),
        area: Some(AreaId(1)),
        skills: vec!["wound_care".to_owned()],
        tier: 2,
        visit: Minutes(25),
        access_windows: vec![],
        access: Access::Open,
        usual_order: None,
        subscription: Some(Subscription {
            starts_on: date(2026, 4, 1),
            renews_on: date(2026, 5, 1),
            ends_on: None,
            weekdays: vec![1, 2, 3, 4, 5],
        }),
    }
}

fn event(id: i64, day: u32, kind: ClientEventKind, made_at: &str) -> ClientEvent {
    ClientEvent {
        id: ClientEventId(id),
        client: ClientId(1),
        on_date: date(2026, 4, 1) + chrono::Days::new(u64::from(day) - 1),
        kind,
        made_at: utc(made_at),
    }
}

/// Why client 1 is visited on Monday 13 April, in a zone two hours ahead of UTC.
fn visited(events: &[ClientEvent]) -> Option<VisitKind> {
    let list = due(&Zone::fixed(7200), date(2026, 4, 13), &[client(1)], events);
    list.due.first().map(|due| due.kind)
}

#[test]
fn the_latest_skip_or_unskip_made_before_the_date_began_wins() {
    use ClientEventKind::{Skip, Unskip};
    assert_eq!(visited(&[]), Some(VisitKind::Scheduled));
    assert_eq!(visited(&[event(1, 13, Skip, "2026-04-12 21:59")]), None);
    // The date begins at 22:00 UTC: too late.
    assert_eq!(visited(&[event(1, 13, Skip, "2026-04-12 22:00")]), Some(VisitKind::Scheduled));
    assert_eq!(visited(&[event(1, 14, Skip, "2026-04-12 10:00")]), Some(VisitKind::Scheduled));
    let (early, late) = ("2026-04-10 10:00", "2026-04-11 10:00");
    assert_eq!(visited(&[event(2, 13, Skip, early), event(1, 13, Unskip, late)]), Some(VisitKind::Scheduled));
    assert_eq!(visited(&[event(1, 13, Skip, late), event(2, 13, Unskip, early)]), None);
    // At one instant the higher id is the later one, in whatever order they come.
    assert_eq!(visited(&[event(2, 13, Skip, early), event(1, 13, Unskip, early)]), None);
    assert_eq!(
        visited(&[event(1, 13, Skip, early), event(2, 13, Unskip, early)]),
        Some(VisitKind::Scheduled)
    );
}

#[test]
fn redo_and_walk_in_count_on_their_own() {
    use ClientEventKind::{Redo, Skip, WalkIn};
    let skip = event(1, 13, Skip, "2026-04-10 10:00");
    assert_eq!(visited(&[skip, event(2, 13, Redo, "2026-04-13 08:00")]), Some(VisitKind::Redo));
    assert_eq!(visited(&[skip, event(2, 13, WalkIn, "2026-04-13 08:00")]), Some(VisitKind::WalkIn));
    assert_eq!(visited(&[event(2, 13, WalkIn, "2026-04-13 08:00")]), Some(VisitKind::Scheduled));
    let list = due(&Zone::fixed(0), date(2026, 4, 13), &[client(1)], &[skip]);
    assert_eq!(list.skipped, [ClientId(1)]);
    // On a Sunday nothing is due, so nothing is skipped.
    let list =
        due(&Zone::fixed(0), date(2026, 4, 12), &[client(1)], &[event(1, 12, Skip, "2026-04-10 10:00")]);
    assert_eq!(list, DueList::default());
    let unsubscribed = Client { subscription: None, ..client(1) };
    let list =
        due(&Zone::fixed(0), date(2026, 4, 13), &[unsubscribed], &[event(1, 13, Redo, "2026-04-10 10:00")]);
    assert_eq!(list.due, [Due { client: ClientId(1), kind: VisitKind::Redo }]);
}

#[test]
fn every_skipped_visit_moves_the_renewal_by_a_day() {
    use ClientEventKind::{Redo, Skip};
    let renews = |events: &[ClientEvent]| {
        let renewal = renewal(&Zone::fixed(0), client(1).subscription.as_ref().unwrap(), events);
        (renewal.renews_on, renewal.skipped_dates.len())
    };
    let made = "2026-03-20 10:00";
    assert_eq!(renews(&[]), (date(2026, 5, 1), 0));
    assert_eq!(renews(&[event(1, 13, Skip, made), event(2, 14, Skip, made)]), (date(2026, 5, 3), 2));
    // A Sunday and a date after the period move nothing; a redo doesn't bring the day back.
    assert_eq!(renews(&[event(1, 12, Skip, made), event(2, 31, Skip, made)]), (date(2026, 5, 1), 0));
    assert_eq!(renews(&[event(1, 13, Skip, made), event(2, 13, Redo, made)]), (date(2026, 5, 2), 1));
    // 1 May, a Friday, belongs to the period once it was moved by a skip.
    assert_eq!(renews(&[event(1, 31, Skip, made), event(2, 13, Skip, made)]), (date(2026, 5, 3), 2));
}

#[test]
fn a_visit_takes_over_what_the_client_needs() {
    let windows = vec![WeeklyWindow {
        day_of_week: 1,
        start: wall("07:00"),
        end: wall("09:00"),
        valid_from: None,
        valid_until: None,
    }];
    let last = LastVisit { worker: StaffId(3), start: utc("2026-04-10 08:20") };
    let of = |client: &Client, day| {
        let (id, on) = (VisitId(5), date(2026, 4, day));
        client.visit_on(&Zone::fixed(0), on, id, VisitKind::Redo, Some(last), vec![])
    };
    let visit = of(&Client { access_windows: windows, usual_order: Some(4), ..client(1) }, 13);
    assert_eq!(visit.windows, [Span { start: utc("2026-04-13 07:00"), end: utc("2026-04-13 09:00") }]);
    assert_eq!((visit.duration, visit.usual_order, visit.last_worker), (Minutes(25), 4, Some(StaffId(3))));
    assert_eq!(visit.usual_start, Some(utc("2026-04-13 08:20")));
    let any_time = of(&client(1), 14);
    assert_eq!(any_time.windows, [ANY_TIME]);
    assert_eq!((any_time.usual_order, any_time.skills, any_time.tier), (i32::MAX, client(1).skills, 2));
}

#[test]
fn a_request_made_once_the_visit_has_begun_is_too_late() {
    let events = [
        event(1, 13, ClientEventKind::Redo, "2026-04-13 07:00"),
        event(2, 13, ClientEventKind::Redo, "2026-04-13 09:00"),
        event(3, 13, ClientEventKind::WalkIn, "2026-04-13 09:00"),
        event(4, 13, ClientEventKind::Skip, "2026-04-13 09:00"),
    ];
    let begun = |at| [(ClientId(1), utc(at))].into();
    assert_eq!(requested_too_late(&events, &begun("2026-04-13 08:00")), 2);
    assert_eq!(requested_too_late(&events, &Default::default()), 0);
}

#[test]
fn a_visit_takes_the_time_that_it_took() {
    let at = |clock: &str| utc(&format!("2026-04-13 {clock}"));
    let started = Noted { started: at("07:10"), ended: None, next: None, is_over: false };
    let minutes = |noted: Noted, now: Option<&str>| worked_minutes(&noted, Minutes(30), now.map(at)).0;
    let ended = |clock| Noted { ended: Some(at(clock)), ..started };
    assert_eq!(minutes(ended("08:40"), Some("09:00")), 90);
    assert_eq!(minutes(ended("07:10"), None), 1);
    assert_eq!(minutes(started, None), 30);
    assert_eq!(minutes(started, Some("07:20")), 30);
    assert_eq!(minutes(started, Some("07:55")), 45);
    // A worker who notes only arrivals isn't still there.
    assert_eq!(minutes(Noted { next: Some(at("07:35")), ..started }, Some("11:00")), 25);
    assert_eq!(minutes(Noted { next: Some(at("08:35")), ..started }, Some("11:00")), 30);
    assert_eq!(minutes(Noted { is_over: true, ..started }, Some("11:00")), 30);
    // Slips of the pen.
    assert_eq!(minutes(Noted { ended: Some(utc("2062-04-13 07:40")), ..started }, None), 24 * 60);
    let far = Noted { started: pg_clinic_core::time::interval::Instant(i64::MAX), ..started };
    assert_eq!(minutes(far, Some("11:00")), 1);
}

proptest! {
    #![proptest_config(crate::cases(128))]

    /// Day by day, as one would with a calendar on the wall.
    #[test]
    fn renewal_is_what_a_calendar_says(events in vec((1..9_i64, 1..45_u32, select(ClientEventKind::ALL.to_vec()), 1..50_u64), 0..30)) {
        let made = |days| utc("2026-03-15 12:00") + Minutes(days as i32 * 1440);
        let events: Vec<_> = events.into_iter().zip(1..)
            .map(|((_, day, kind, days), id)| ClientEvent { made_at: made(days), ..event(id, day, kind, "2026-03-20 10:00") })
            .collect();
        let client = client(1);
        let subscription = client.subscription.as_ref().expect("a subscription");
        let mut renews_on = subscription.renews_on;
        for on in subscription.starts_on.iter_days().take(120) {
            let list = due(&Zone::fixed(0), on, std::slice::from_ref(&client), &events);
            if on < renews_on && !list.skipped.is_empty() {
                renews_on = renews_on.succ_opt().expect("a date");
            }
        }
        prop_assert_eq!(renewal(&Zone::fixed(0), subscription, &events).renews_on, renews_on);
    }
}
