//! Conditions for making a plan of rounds the record.

use std::collections::{BTreeMap, BTreeSet};

use pg_clinic_core::fingerprint::Comparison;
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;

fn held(visit: i64, worker: i64, from: i32, to: i32) -> Held {
    Held { visit: VisitId(visit), worker: StaffId(worker), during: span(from, to) }
}

fn open(client: i64) -> VisitNotes {
    VisitNotes { client: ClientId(client), outcome: None, started: None, ended: None }
}

struct Rows {
    day: Day,
    notes: VisitRecord,
    planned: Vec<Held>,
    locked: Vec<VisitId>,
    record: Vec<Held>,
    given: BTreeSet<VisitId>,
}

impl Rows {
    /// Two workers with a capacity of one hour; visits 1 to 3 of half an hour, planned back to back.
    fn new() -> Self {
        let visits: Vec<_> = (1..=3).map(|id| visit(id, 1, 30)).collect();
        Self {
            notes: VisitRecord((1..=3).map(|id| (VisitId(id), open(id))).collect()),
            day: day(vec![area(1)], vec![worker(1, 1, 60), worker(2, 1, 60)], visits),
            planned: vec![held(1, 1, 0, 30), held(2, 1, 30, 60), held(3, 2, 0, 30)],
            locked: vec![],
            record: vec![],
            given: BTreeSet::new(),
        }
    }

    fn look<T>(&self, look: impl FnOnce(&Promotion<'_>) -> T) -> T {
        let Self { day, notes, planned, locked, record, given } = self;
        look(&Promotion { day, notes, planned, locked, record, given })
    }

    fn flaws(&self) -> Vec<String> {
        let names = BTreeMap::from([(StaffId(1), "Ana".to_owned())]);
        let zone = Zone::fixed(0).named("Etc/UTC");
        self.look(|promotion| promotion.flaws(&zone, &WorkerNames(&names)))
    }
}

#[test]
fn a_plan_is_current_as_long_as_its_visits_are() {
    let mut rows = Rows::new();
    let then = fingerprint(&rows.day);
    let compared = |rows: &Rows| rows.look(|promotion| promotion.comparison(Some(&then)));
    assert_eq!(compared(&rows), Comparison::Same);
    assert_eq!(rows.look(|promotion| promotion.comparison(None)), Comparison::OtherVersion);
    // Workers may change: the rules see to that.
    rows.day.workers[0].skills.push("x_ray".to_owned());
    assert_eq!(compared(&rows), Comparison::Same);
    rows.day.visits[0].windows = vec![span(0, 100)];
    assert_eq!(compared(&rows), Comparison::Changed);
}

#[test]
fn a_begun_visit_is_the_records() {
    let mut rows = Rows::new();
    rows.notes.0.insert(VisitId(2), VisitNotes { started: Some(at(5)), ..open(2) });
    let cancelled = VisitNotes { outcome: Some(VisitOutcome::Cancelled), ..open(3) };
    rows.notes.0.insert(VisitId(3), cancelled);
    assert_eq!(rows.look(|promotion| promotion.open_visits()), [VisitId(1), VisitId(3)]);
}

#[test]
fn flaws_are_those_of_open_visits_that_no_lock_fixed() {
    let mut rows = Rows::new();
    assert_eq!(rows.flaws(), Vec::<String>::new());
    rows.day.workers[0].on_duty = vec![span(40, 360)];
    let flaw = |client: i64, time: &str| {
        format!(
            "client {client}, Ana (worker 1) at 2000-01-01 {time} Etc/UTC: not within an access window and the worker's duty"
        )
    };
    assert_eq!(rows.flaws(), [flaw(1, "06:00"), flaw(2, "06:30")]);
    rows.locked = vec![VisitId(1)];
    assert_eq!(rows.flaws(), [flaw(2, "06:30")]);
    rows.notes.0.insert(VisitId(2), VisitNotes { started: Some(at(30)), ..open(2) });
    assert_eq!(rows.flaws(), Vec::<String>::new());
}

#[test]
fn a_begun_visit_of_the_record_takes_the_time_it_took() {
    let mut rows = Rows::new();
    // Ana is still with client 2 when the plan has her at client 1.
    let ended = VisitNotes { started: Some(at(-20)), ended: Some(at(10)), ..open(2) };
    rows.notes.0.insert(VisitId(2), ended);
    rows.record = vec![held(2, 1, 30, 60)];
    assert_eq!(
        rows.flaws(),
        [
            "client 1, Ana (worker 1) at 2000-01-01 06:00 Etc/UTC: another visit, or the travel to or from it, overlaps"
        ]
    );
}

#[test]
fn a_visit_given_by_a_person_is_not_taken_away_in_silence() {
    let mut rows = Rows::new();
    rows.record = vec![held(3, 1, 120, 150)];
    rows.given = [VisitId(3)].into();
    assert_eq!(
        rows.flaws(),
        ["visit 3 was given to Ana (worker 1) at 2000-01-01 08:00 Etc/UTC by resolve_exception()"]
    );
    rows.locked = vec![VisitId(3)];
    assert_eq!(rows.flaws(), Vec::<String>::new());
    // The same worker at another time is no other decision.
    rows.locked.clear();
    rows.record = vec![held(3, 2, 120, 150)];
    assert_eq!(rows.flaws(), Vec::<String>::new());
}
