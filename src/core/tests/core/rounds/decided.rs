//! Decisions of people that plans keep to: locks, visits given to somebody, visits that have begun.

use std::collections::{BTreeMap, BTreeSet};

use pg_clinic_core::ids::*;
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;
use crate::zones::date;

/// Workers 1 and 2, and three visits of an hour, which a plan gives to 1, 2 and 1.
fn rounds_day() -> Day {
    day(
        vec![area(1)],
        vec![worker(1, 1, 360), worker(2, 1, 360)],
        (1..=3).map(|id| visit(id, 1, 60)).collect(),
    )
}

fn lock(id: i64, action: LockAction) -> RoundsLock {
    RoundsLock { id, action, worker: None, visit: None, start: None }
}

fn assign(id: i64, placement: Placement) -> RoundsLock {
    let Placement { visit, worker, start } = placement;
    RoundsLock {
        worker: Some(worker),
        visit: Some(visit),
        start: Some(start),
        ..lock(id, LockAction::Assign)
    }
}

fn open(client: i64) -> VisitNotes {
    VisitNotes { client: ClientId(client), outcome: None, started: None, ended: None }
}

fn begun(client: i64, minute: i32) -> VisitNotes {
    VisitNotes { started: Some(at(minute)), ..open(client) }
}

fn record(rows: &[(i64, VisitNotes)]) -> VisitRecord {
    VisitRecord(rows.iter().map(|(id, notes)| (VisitId(*id), *notes)).collect())
}

/// Facts of a day, which a test changes.
#[derive(Default)]
struct Facts {
    locks: Vec<RoundsLock>,
    record: Vec<Placement>,
    visits: BTreeSet<VisitId>,
    notes: VisitRecord,
    without: Vec<StaffId>,
}

impl Facts {
    fn look<T>(&self, look: impl FnOnce(&Decided<'_>) -> T) -> T {
        let zone = Zone::fixed(0);
        look(&Decided {
            zone: &zone,
            date: date(2000, 1, 1),
            locks: &self.locks,
            record: &self.record,
            visits: &self.visits,
            notes: &self.notes,
            without: &self.without,
        })
    }

    fn planned(&self, parent: Option<&[Placement]>) -> RoundsPlan {
        self.look(|decided| plan_day(&mut rounds_day(), decided, parent, &mut || ()))
    }
}

#[test]
fn assign_goes_before_keep_and_both_before_forbid() {
    let plain = Facts::default().planned(None);
    assert_eq!(placed(&plain), [(1, 1, 0), (2, 2, 0), (3, 1, 60)]);
    let parent = [placement(1, 1, 120), placement(2, 1, 180)];
    let keep = RoundsLock { worker: Some(StaffId(1)), ..lock(1, LockAction::Keep) };
    let forbid = RoundsLock { worker: Some(StaffId(1)), ..lock(2, LockAction::Forbid) };
    let facts = |locks| Facts { locks, ..Facts::default() };
    let all = facts(vec![keep, forbid, assign(3, placement(2, 2, 300))]).planned(Some(&parent));
    assert_eq!(placed(&all), [(1, 1, 120), (2, 2, 300), (3, 2, 0)]);
    // A lock of keep without a parent plan holds on to the record.
    let recorded = Facts { record: vec![placement(3, 2, 200)], ..facts(vec![lock(1, LockAction::Keep)]) };
    assert_eq!(placed(&recorded.planned(None))[2], (3, 2, 200));
    // Places of another date bind nothing.
    let elsewhere = facts(vec![assign(1, placement(1, 2, 24 * 60)), lock(2, LockAction::Keep)]);
    assert_eq!(placed(&elsewhere.planned(Some(&[placement(2, 1, 24 * 60)]))), placed(&plain));
}

#[test]
fn a_given_visit_stays_unless_a_lock_or_an_absence_says_otherwise() {
    let given = Facts {
        record: vec![placement(1, 2, 240), placement(2, 1, 240)],
        visits: [VisitId(1)].into(),
        ..Facts::default()
    };
    assert_eq!(placed(&given.planned(None))[0], (1, 2, 240));
    let locked = Facts { locks: vec![assign(1, placement(1, 1, 30))], ..given };
    assert_eq!(placed(&locked.planned(None))[0], (1, 1, 30));
    let away = Facts { locks: vec![], without: vec![StaffId(2)], ..locked };
    assert_ne!(placed(&away.planned(None))[0], (1, 2, 240));
}

#[test]
fn a_begun_visit_stays_where_the_record_has_it_and_takes_the_time_it_took() {
    let mut facts = Facts {
        record: vec![placement(1, 2, 0)],
        notes: record(&[(1, VisitNotes { ended: Some(at(100)), ..begun(1, 10) }), (2, open(2))]),
        locks: vec![assign(1, placement(1, 1, 30))],
        ..Facts::default()
    };
    let planned = facts.planned(None);
    assert_eq!(placed(&planned)[0], (1, 2, 10));
    assert_eq!(planned.assignments[0].during, span(10, 100));
    // Nobody has it in the record: it isn't planned.
    facts.record.clear();
    assert_eq!(placed(&facts.planned(None)).iter().map(|row| row.0).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn locks_that_assign_in_vain_are_reported_by_name() {
    let locks = vec![
        assign(7, placement(9, 1, 0)),
        assign(8, placement(1, 2, 30)),
        lock(9, LockAction::Keep),
        RoundsLock { worker: Some(StaffId(1)), ..lock(10, LockAction::Forbid) },
    ];
    let planned = Facts { locks: locks.clone(), ..Facts::default() }.planned(None);
    let names = BTreeMap::from([(StaffId(1), "Ana".to_owned())]);
    let idle = idle_locks(&locks, &planned, &WorkerNames(&names));
    assert_eq!(
        idle,
        [
            "lock 7 has no effect: visit 9 isn't due, is done or has another lock, starts_at is on another date, or Ana \
          (worker 1) is left out or no field worker"
        ]
    );
}

#[test]
fn a_replan_moves_a_visit_only_where_a_lock_does() {
    let facts = Facts {
        record: vec![placement(1, 1, 0), placement(2, 2, 0), placement(3, 1, 200)],
        visits: [VisitId(3)].into(),
        locks: vec![assign(1, placement(2, 1, 100))],
        notes: record(&[(1, open(1)), (2, open(2)), (3, open(3))]),
        ..Facts::default()
    };
    let again = facts.look(|decided| replan_day(&mut rounds_day(), decided, at(-10), &mut || ()));
    assert_eq!(placed(&again.plan), [(1, 1, 0), (2, 1, 100), (3, 1, 200)]);
    let moved: Vec<_> = again.moved.iter().map(|row| (row.visit.0, row.reason)).collect();
    assert_eq!(moved, [(2, MoveReason::Locked)]);
    assert_eq!(again.plan.trace[2].decision, Decision::Locked(placement(3, 1, 200)));
    // A forbidden worker keeps nothing but what is decided.
    let forbid = RoundsLock { worker: Some(StaffId(1)), ..lock(1, LockAction::Forbid) };
    let facts = Facts { locks: vec![forbid], ..facts };
    let again = facts.look(|decided| replan_day(&mut rounds_day(), decided, at(-10), &mut || ()));
    assert_eq!(placed(&again.plan), [(1, 2, 60), (2, 2, 0), (3, 1, 200)]);
}

#[test]
fn a_visit_has_begun_once_somebody_has_come_in_vain_too() {
    let with = |outcome| VisitNotes { outcome: Some(outcome), ..open(1) };
    assert!(!open(1).is_begun() && begun(1, 0).is_begun());
    let began: Vec<_> = VisitOutcome::ALL.into_iter().filter(|outcome| with(*outcome).is_begun()).collect();
    use VisitOutcome::*;
    assert_eq!(began, [Done, PartlyDone, NotHome, Refused]);
    assert_eq!(open(1).progress(), None);
    assert_eq!(begun(1, 0).progress().as_deref(), Some("is under way"));
    assert_eq!(with(NotHome).progress().as_deref(), Some("has the outcome not_home"));
}

#[test]
fn due_visits_without_an_outcome_are_planned_and_begun_ones_where_wanted() {
    use VisitKind::*;
    let list = DueList {
        due: [(1, Redo), (2, Scheduled), (3, WalkIn)]
            .map(|(client, kind)| Due { client: ClientId(client), kind })
            .to_vec(),
        skipped: vec![],
    };
    let done = VisitNotes { outcome: Some(VisitOutcome::Done), ..begun(2, 0) };
    let cancelled = VisitNotes { outcome: Some(VisitOutcome::Cancelled), ..open(3) };
    let notes = record(&[(11, open(1)), (12, done), (13, cancelled), (14, open(4)), (15, begun(5, 0))]);
    let ids = |with_begun| -> Vec<_> {
        notes.wanted(&list, with_begun).into_iter().map(|(id, _, kind)| (id.0, kind)).collect()
    };
    assert_eq!(ids(false), [(11, Redo)]);
    assert_eq!(ids(true), [(11, Redo), (12, Scheduled), (15, Scheduled)]);
}

#[test]
fn worked_times_count_where_the_calendar_knows_them() {
    let mut rounds_day = rounds_day();
    let far = pg_clinic_core::time::interval::Instant(i64::MAX - 1);
    let notes = record(&[
        (1, begun(1, 5)),
        (2, VisitNotes { started: Some(far), ..open(2) }),
        (3, VisitNotes { ended: Some(at(95)), ..begun(3, 40) }),
    ]);
    let mut existing = [placement(1, 1, 0), placement(2, 2, 0), placement(3, 1, 60)];
    notes.take_worked_times(&mut rounds_day, &mut existing, Some(at(100)));
    assert_eq!(existing, [placement(1, 1, 5), placement(2, 2, 0), placement(3, 1, 40)]);
    // Worker 1 came to the next client after 35 minutes.
    let lengths: Vec<_> = rounds_day.visits.iter().map(|visit| visit.duration).collect();
    assert_eq!(lengths, [Minutes(35), Minutes(60), Minutes(55)]);
}

#[test]
fn duty_is_availability_without_time_off() {
    let day = Some(span(-360, 1080));
    assert_eq!(on_duty(day, None, &[]), [span(-360, 1080)]);
    assert_eq!(
        on_duty(day, Some(&[span(-600, 60)]), &[span(-400, 0), span(30, 40)]),
        [span(0, 30), span(40, 60)]
    );
    assert_eq!(on_duty(day, Some(&[]), &[]), []);
    assert_eq!(on_duty(None, None, &[]), []);
}
