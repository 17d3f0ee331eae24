//! Resolving exceptions: arguments and conditions.

use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;
use crate::zones::date;

fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> (RefusalClass, String) {
    let refusal = result.expect_err("a refusal");
    (refusal.class, refusal.message)
}

const REASSIGNED: ResolutionArguments<'static> = ResolutionArguments {
    resolution: "reassigned",
    worker: Some(StaffId(2)),
    start: Some(SUNRISE),
    new_date: None,
    reason: None,
};

#[test]
fn each_resolution_has_its_own_arguments() {
    use RefusalClass::{Argument, Missing};
    let worker = StaffId(2);
    assert_eq!(REASSIGNED.read(), Ok(Resolve::Reassign { worker, start: SUNRISE }));
    let of = |resolution| ResolutionArguments { resolution, ..ResolutionArguments::default() };
    assert_eq!(of("cancelled").read(), Ok(Resolve::Cancel));
    let new_date = date(2000, 1, 2);
    let rescheduled = ResolutionArguments { new_date: Some(new_date), ..of("rescheduled") };
    assert_eq!(rescheduled.read(), Ok(Resolve::Reschedule { new_date }));

    assert_eq!(refused(of("ignored").read()), (Argument, "\"ignored\" is no resolution".to_owned()));
    for (arguments, missing) in [
        (of("reassigned"), "staff_id"),
        (ResolutionArguments { worker: Some(worker), ..of("reassigned") }, "starts_at"),
        (of("rescheduled"), "new_date"),
    ] {
        assert_eq!(refused(arguments.read()), (Missing, format!("{missing} must not be null")));
    }
    for (arguments, unread) in [
        (ResolutionArguments { resolution: "rescheduled", ..REASSIGNED }, "rescheduled takes no staff_id"),
        (
            ResolutionArguments { resolution: "cancelled", worker: None, ..REASSIGNED },
            "cancelled takes no starts_at",
        ),
        (ResolutionArguments { new_date: Some(new_date), ..REASSIGNED }, "reassigned takes no new_date"),
    ] {
        assert_eq!(refused(arguments.read()), (Argument, format!("resolution {unread}")));
    }
    let blank = ResolutionArguments { reason: Some(" "), ..of("cancelled") };
    assert_eq!(refused(blank.read()), (Argument, "reason must not be empty".to_owned()));
}

fn exception() -> ExceptionState {
    ExceptionState {
        id: 7,
        visit: VisitId(3),
        client: ClientId(5),
        on_date: date(2000, 1, 1),
        length: Minutes(30),
        resolved: None,
        notes: VisitNotes { client: ClientId(5), outcome: None, started: None, ended: None },
        assigned: None,
    }
}

#[test]
fn an_exception_is_resolved_once_and_only_while_nothing_has_happened() {
    use RefusalClass::State;
    assert_eq!(exception().check(), Ok(()));
    let resolved =
        ExceptionState { resolved: Some((Resolution::Cancelled, "Sue".to_owned())), ..exception() };
    assert_eq!(refused(resolved.check()), (State, "exception 7 is cancelled already".to_owned()));
    let mut begun = exception();
    begun.notes.started = Some(SUNRISE);
    assert_eq!(refused(begun.check()), (State, "visit 3 is under way already".to_owned()));
    begun.notes.outcome = Some(VisitOutcome::Done);
    assert_eq!(refused(begun.check()), (State, "visit 3 has the outcome done already".to_owned()));
    let assigned = ExceptionState { assigned: Some("Ben (worker 2)".to_owned()), ..exception() };
    assert_eq!(refused(assigned.check()), (State, "visit 3 is in the record already".to_owned()));
    assert_eq!(assigned.check().expect_err("a refusal").detail.as_deref(), Some("Ben (worker 2) has it."));
}

#[test]
fn a_reassigned_visit_stays_on_its_date() {
    let zone = Zone::fixed(0);
    assert_eq!(exception().reassigned_to(&zone, at(0)), Ok(span(0, 30)));
    for minute in [-361, 1080] {
        let refusal = refused(exception().reassigned_to(&zone, at(minute)));
        assert_eq!(refusal, (RefusalClass::Argument, "starts_at is on another date".to_owned()));
    }
    let ben = Substitute { id: StaffId(2), name: "Ben".to_owned(), enabled: true };
    assert_eq!(ben.check(), Ok(()));
    let gone = Substitute { enabled: false, ..ben };
    assert_eq!(refused(gone.check()), (RefusalClass::State, "Ben (worker 2) is disabled".to_owned()));
}

#[test]
fn a_visit_moves_to_another_date_to_come_without_one_of_its_own() {
    use RefusalClass::{Argument, State};
    let today = date(2000, 1, 1);
    let moved = |new_date, today, other| exception().check_new_date(new_date, today, other);
    assert_eq!(moved(date(2000, 1, 2), today, None), Ok(()));
    // An exception of a date that is over may move to any date after it.
    assert_eq!(moved(date(2000, 1, 2), date(2000, 2, 1), None), Ok(()));
    assert_eq!(moved(date(1999, 12, 31), date(1999, 12, 31), None), Ok(()));
    assert_eq!(refused(moved(today, today, None)), (Argument, "new_date is the visit's own date".to_owned()));
    assert_eq!(refused(moved(date(1999, 12, 31), today, None)), (Argument, "new_date is over".to_owned()));
    let open = exception().notes;
    assert_eq!(moved(date(2000, 1, 2), today, Some(&open)), Ok(()));
    let done = VisitNotes { outcome: Some(VisitOutcome::Done), ..open };
    assert_eq!(
        refused(moved(date(2000, 1, 2), today, Some(&done))),
        (State, "client 5's visit of 2000-01-02 has the outcome done already".to_owned())
    );
}

#[test]
fn the_result_is_said_in_a_sentence() {
    let zone = Zone::fixed(0).named("Etc/UTC");
    let ben = Substitute { id: StaffId(2), name: "Ben".to_owned(), enabled: true };
    let result = |resolve, is_planned| exception().result(&resolve, &zone, Some(&ben), is_planned);
    assert_eq!(
        result(Resolve::Reassign { worker: ben.id, start: SUNRISE }, false),
        "Ben (worker 2) visits client 5 at 2000-01-01 06:00 Etc/UTC"
    );
    let new_date = date(2000, 1, 2);
    assert_eq!(
        result(Resolve::Reschedule { new_date }, true),
        "client 5 is visited on 2000-01-02 instead of 2000-01-01, once replan_rounds('2000-01-02') has planned it"
    );
    assert_eq!(result(Resolve::Cancel, false), "client 5 isn't visited on 2000-01-01");
}
