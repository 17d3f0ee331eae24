//! Everything that may be done to a clinic, as SQL that chance alone decides: the same chance, the same text, whatever is in
//! the tables. A row is named by its request, or by how many came after it.

use pg_clinic_system_tests::{CROWDED, Chance};

/// Where and when a statement is made.
#[derive(Clone, Copy)]
pub struct Step {
    pub client: usize,
    pub number: usize,
}

/// Something to do.
pub struct Verb {
    /// The function's name, or what the statement is.
    pub name: &'static str,
    /// How often, in comparison.
    pub weight: i64,
    pub sql: fn(&mut Chance, Step) -> String,
}

const fn verb(name: &'static str, weight: i64, sql: fn(&mut Chance, Step) -> String) -> Verb {
    Verb { name, weight, sql }
}

/// One of [`VERBS`], by weight.
pub fn any(chance: &mut Chance) -> &'static Verb {
    let total: i64 = VERBS.iter().map(|verb| verb.weight).sum();
    let mut left = chance.between(1, total);
    VERBS
        .iter()
        .find(|verb| {
            left -= verb.weight;
            left <= 0
        })
        .unwrap_or(&VERBS[0])
}

/// All verbs. A function that writes and isn't here is in [`NOT_HERE`].
pub const VERBS: &[Verb] = &[
    verb("book_slot", 120, |chance, step| {
        let request = chance.percent(70).then(|| request(chance, step));
        told(&format!("book_slot({}{})", place(chance), named("request_id", request)))
    }),
    verb("hold_slot", 50, |chance, step| {
        let request = chance.percent(50).then(|| request(chance, step));
        let ttl = chance.between(1, 3000);
        told(&format!(
            "hold_slot({}{}, ttl => '{ttl} milliseconds')",
            place(chance),
            named("request_id", request)
        ))
    }),
    verb("confirm_hold", 40, |chance, _| {
        let patient = chance.between(1, 12);
        told(&format!("confirm_hold({}, 'Pat', 'p{patient}')", booking(chance)))
    }),
    verb("cancel_booking", 60, |chance, _| told(&format!("cancel_booking({})", booking(chance)))),
    verb("reschedule_booking", 70, |chance, _| {
        let (provider, room, start) = spot(chance);
        told(&format!("reschedule_booking({}, {start}, {provider}, {room})", booking(chance)))
    }),
    verb("shift_bookings", 15, |chance, _| {
        let (provider, _, start) = spot(chance);
        let (hours, minutes) = (chance.between(1, 12), *chance.one_of(&[-1440, -60, -5, 5, 20, 90, 1440]));
        told(&format!(
            "shift_bookings({provider}, {start}, {start} + interval '{hours} hours', '{minutes} minutes')"
        ))
    }),
    verb("cancel_series", 10, |chance, _| {
        told(&format!("cancel_series({}, reason => 'called off')", chance.between(1, 20)))
    }),
    verb("reschedule_series", 15, |chance, _| {
        let (series, hour) = (chance.between(1, 20), chance.between(6, 18));
        let weekday = chance.between(1, 7);
        told(&format!("reschedule_series({series}, '{hour}:00', {weekday})"))
    }),
    verb("reschedule_session", 15, |chance, _| {
        let (provider, room, start) = spot(chance);
        told(&format!("reschedule_session({}, {start}, {provider}, {room})", chance.between(1, 20)))
    }),
    verb("swap_bookings", 25, |chance, _| {
        told(&format!("swap_bookings({}, {})", booking(chance), booking(chance)))
    }),
    verb("reassign_bookings", 15, |chance, _| {
        let (provider, _, start) = spot(chance);
        let hours = chance.between(1, 12);
        told(&format!(
            "reassign_bookings({provider}, {}, tstzrange({start}, {start} + interval '{hours} hours'))",
            chance.between(1, PROVIDERS)
        ))
    }),
    verb("apply_absence", 25, |chance, _| {
        let count = chance.between(1, 4);
        let spots: Vec<_> = (0..count).map(|_| spot(chance)).collect();
        let bookings: Vec<_> = (0..count).map(|_| booking(chance)).collect();
        let list =
            |of: fn(&(i64, i64, String)) -> String| spots.iter().map(of).collect::<Vec<_>>().join(", ");
        let all_or_none = chance.percent(50);
        told(&format!(
            "apply_absence(array[{}]::bigint[], array[{}], array[{}]::bigint[], array[{}]::bigint[], {all_or_none})",
            bookings.join(", "),
            list(|spot| spot.2.clone()),
            list(|spot| spot.0.to_string()),
            list(|spot| spot.1.to_string()),
        ))
    }),
    verb("check_in_booking", 15, |chance, _| told(&format!("check_in_booking({})", booking(chance)))),
    verb("mark_no_show", 10, |chance, _| told(&format!("mark_no_show({})", booking(chance)))),
    verb("reopen_booking", 15, |chance, _| told(&format!("reopen_booking({})", booking(chance)))),
    verb("complete_booking", 10, |chance, _| told(&format!("complete_booking({})", booking(chance)))),
    verb("book_series", 20, |chance, _| {
        let (provider, room, hour) =
            (chance.between(1, PROVIDERS), chance.between(1, ROOMS), chance.between(0, 23));
        let first = chance.between(2, 4);
        let starts: Vec<_> = (0..3).map(|n| format!("test.at({}, '{hour}:15')", first + n)).collect();
        let series = chance.between(1, 20);
        told(&format!(
            "book_series('Visit', '{{{provider},{provider},{provider}}}', '{{{room},{room},{room}}}', array[{}], 'Series',
               request_id => 's{series}')",
            starts.join(", ")
        ))
    }),
    verb("join_waitlist", 30, |chance, _| {
        let wanted = chance.percent(30).then(|| booking(chance));
        let patient = chance.between(1, 12);
        format!(
            "select 'other', join_waitlist('Visit', 'Wait', current_date, current_date + 9, patient_id => 'p{patient}'{})",
            named("booking_id", wanted)
        )
    }),
    verb("leave_waitlist", 5, |chance, _| {
        format!("select 'other', leave_waitlist({})", recent(chance, "clinic.waitlist", 20))
    }),
    verb("offer_backfill", 25, |chance, _| {
        let booking = recent(chance, "clinic.bookings where status = 'cancelled'", 10);
        format!(
            "select 'other', offer_id from offer_backfill({booking}, 3, ttl => '{} seconds')",
            chance.between(1, 20)
        )
    }),
    verb("accept_offer", 30, |chance, _| {
        told(&format!("accept_offer({})", recent(chance, "clinic.offers where status = 'offered'", 5)))
    }),
    verb("decline_offer", 5, |chance, _| {
        format!(
            "select 'other', decline_offer({})",
            recent(chance, "clinic.offers where status = 'offered'", 5)
        )
    }),
    verb("withdraw_offers", 3, |chance, _| {
        let booking = recent(chance, "clinic.bookings where status = 'cancelled'", 10);
        format!("select 'other', withdraw_offers({booking})")
    }),
    verb("expire_offers", 3, |_, _| "select 'other', expire_offers()".to_owned()),
    verb("expire_holds", 3, |_, _| "select 'other', expire_holds()".to_owned()),
    verb("mark_no_shows", 3, |_, _| "select 'other', mark_no_shows()".to_owned()),
    verb("run_due_jobs", 10, |_, _| "select 'other', changed from run_due_jobs()".to_owned()),
    verb("claim_events", 30, |chance, step| {
        // What was claimed must be the first of its booking that isn't done. Not all is acknowledged: that comes again.
        let keep = if chance.percent(80) { "true" } else { "event_id % 3 = 0" };
        format!(
            "with claimed as materialized (select event_id from claim_events('c{0}', 20, '2 seconds'))
             select 'acked', ack_events('c{0}', array(select event_id from claimed where {keep}))",
            step.client
        )
    }),
    verb("ack_events", 2, |chance, _| {
        format!("select 'other', ack_events(null, '{{{}}}')", chance.between(-1, 0))
    }),
    verb("prune_events", 1, |_, _| "select 'other', prune_events('1 day')".to_owned()),
    verb("INSERT", 80, |chance, step| insert(chance, step, "")),
    verb("INSERT … ON CONFLICT", 60, |chance, step| {
        let then = *chance.one_of(&[
            "(clinic_id, request_id) do update set during = excluded.during",
            "(clinic_id, request_id) do update set during = excluded.during, provider_id = excluded.provider_id,
               room_id = excluded.room_id, request_id = excluded.request_id",
            "(clinic_id, request_id) do update set status = excluded.status, hold_expires_at = excluded.hold_expires_at",
            "(clinic_id, request_id) do update set patient_name = 'Ann'",
            "(clinic_id, request_id) do nothing",
            "do nothing",
        ]);
        insert(chance, step, &format!(" on conflict {then}"))
    }),
    verb("MERGE", 15, |chance, _| {
        let (provider, room, start) = spot(chance);
        let request = chance.between(1, REQUESTS);
        format!(
            "merge into clinic.bookings b using (values ('q{request}')) as s (request) on b.clinic_id = 1 and b.request_id = s.request
             when matched and b.status = 'cancelled' then delete
             when matched then update set during = tstzrange({start}, null), provider_id = {provider}
             when not matched then insert (clinic_id, request_id, provider_id, room_id, appointment_type_id, patient_name, during)
               values (1, s.request, {provider}, {room}, 1, 'Merge', tstzrange({start}, null))"
        )
    }),
    verb("UPDATE", 90, |chance, _| update(chance)),
    verb("DELETE", 25, |chance, _| {
        format!("delete from clinic.bookings where id = {} returning {}", booking(chance), columns("gone"))
    }),
    verb("a read", 40, |chance, _| {
        (*chance.one_of(&[
            "select 'other', count(*) from find_slots('Visit', current_date + 2, current_date + 4)",
            "select 'other', count(*) from next_available('Long')",
            "select 'other', count(*) from explain_slots('Visit', current_date + 4)",
            "select 'other', count(*) from day_sheet(current_date + 4)",
            "select 'other', count(*) from day_board(current_date + 5)",
            "select 'other', count(*) from utilization(current_date, current_date + 8)",
            "select 'other', count(*) from cancellations(current_date - 1, current_date + 8)",
            "select 'other', count(*) from find_series('Visit', 3)",
            "select 'other', count(*) from plan_absence(1, during => tstzrange(now(), now() + interval '9 days'), flexible_days => 2)",
            "select 'other', count(*) from plan_absence(room_id => 2, during => tstzrange(now(), now() + interval '9 days'), flexible_days => 2)",
            "select 'other', count(*) from clinic.exception_queue",
            "select 'other', count(*) from clinic.waiting",
        ]))
        .to_owned()
    }),
    verb("generate_shifts", 4, |chance, _| {
        let from = chance.between(0, 5);
        format!("select 'other', generate_shifts(current_date + {from}, current_date + {})", from + 2)
    }),
    verb("draft_plan", 3, |chance, _| {
        format!("select 'other', draft_plan(current_date + {})", chance.between(0, 5))
    }),
    verb("solve_plan", 3, |chance, _| {
        format!(
            "select 'other', plan_id from solve_plan({}, time_limit => '200 milliseconds')",
            recent(chance, "clinic.plans where kind = 'roster'", 5)
        )
    }),
    verb("solve_roster", 3, |chance, _| {
        let from = chance.between(0, 5);
        format!(
            "select 'other', plan_id from solve_roster(current_date + {from}, current_date + {}, time_limit => '200 milliseconds')",
            from + chance.between(0, 2)
        )
    }),
    verb("promote_plan", 8, |chance, _| {
        format!(
            "select 'other', p.inserted from (select {} as plan) i, \
             promote_plan(plan, 'torture', array(select key from plan_violations(plan) where {})) p",
            recent(chance, "clinic.plans", 6),
            chance.percent(50)
        )
    }),
    verb("swap_assignments", 5, |chance, _| {
        let one = recent(chance, "clinic.assignments", 12);
        format!(
            "select 'other', assignment_id from swap_assignments({one}, {})",
            recent(chance, "clinic.assignments", 12)
        )
    }),
    verb("approve_violation", 2, |chance, _| {
        let kind = *chance.one_of(&["cover", "max_shifts", "skill_match", "min_rest"]);
        format!(
            "select 'other', approve_violation('{kind}', {}, {}, current_date + 2, 'torture')",
            chance.between(1, STAFF),
            recent(chance, "clinic.shifts", 5)
        )
    }),
    verb("the record by hand", 15, |chance, _| {
        let (staff, shift) = (chance.between(1, STAFF), recent(chance, "clinic.shifts", 8));
        let assignment = recent(chance, "clinic.assignments", 8);
        match chance.between(1, 3) {
            1 => format!("insert into clinic.assignments (staff_id, shift_id) values ({staff}, {shift})"),
            2 => format!("update clinic.assignments set staff_id = {staff} where id = {assignment}"),
            _ => format!("delete from clinic.assignments where id = {assignment}"),
        }
    }),
    verb("plan_rounds", 4, |chance, _| {
        format!("select 'other', plan_id from plan_rounds(current_date + {})", chance.between(1, 3))
    }),
    verb("replan_rounds", 3, |chance, _| {
        let day = chance.between(1, 3);
        format!("select 'other', plan_id from replan_rounds(current_date + {day}, test.at({day}, '08:00'))")
    }),
    verb("resolve_exception", 3, |chance, _| {
        let exception = recent(chance, "clinic.exceptions", 4);
        format!(
            "select 'other', exception_id from resolve_exception({exception}, 'cancelled', reason => 'torture')"
        )
    }),
    verb("client events", 5, |chance, _| {
        let (client, day) = (chance.between(1, 6), chance.between(1, 3));
        let kind = *chance.one_of(&["skip", "unskip", "redo", "walk_in"]);
        format!(
            "insert into clinic.client_events (client_id, on_date, kind) values ({client}, current_date + {day}, '{kind}')"
        )
    }),
    verb("visits", 3, |chance, _| {
        let visit = recent(chance, "clinic.visits", 6);
        format!("update clinic.visits set started_at = now(), outcome = 'done' where id = {visit}")
    }),
    verb("locks", 3, |chance, _| {
        let plan = recent(chance, "clinic.plans where kind = 'roster' and promoted_at is null", 4);
        let (staff, shift) = (chance.between(1, STAFF), recent(chance, "clinic.shifts", 8));
        format!(
            "insert into clinic.locks (plan_id, action, staff_id, shift_id) values ({plan}, 'assign', {staff}, {shift})"
        )
    }),
    verb("init_clinic", 1, |_, step| {
        format!("select 'other', init_clinic('Clinic {}-{}', 'UTC')", step.client, step.number)
    }),
];

/// Functions that write, and why the run leaves them out.
pub const NOT_HERE: &[(&str, &str)] = &[
    ("upgrade_clinic", "it locks every table; tests/system/tests/dump.rs has it"),
    ("check_clinic", "it reads the catalog"),
    ("grant_clinic_access", "two at once end in PostgreSQL's own \"tuple concurrently updated\""),
    ("revoke_clinic_access", "as grant_clinic_access"),
    ("schedule_jobs", "it needs pg_cron"),
    ("subscribe_events", "the run looks at the queue that all share; tests/system/tests/events.rs has it"),
    ("unschedule_jobs", "it needs pg_cron"),
    ("unsubscribe_events", "as subscribe_events"),
];

const PROVIDERS: i64 = CROWDED.providers as i64;
const ROOMS: i64 = CROWDED.rooms as i64;
const STAFF: i64 = 6;
/// Requests that all clients share.
const REQUESTS: i64 = 60;

/// Provider, room and start.
fn spot(chance: &mut Chance) -> (i64, i64, String) {
    // Half of all near midnight, where two days meet, and a third on two days.
    let hour = if chance.percent(50) { chance.between(0, 23) } else { *chance.one_of(&[22, 23, 0, 1]) };
    let minute = chance.between(0, 11) * 5;
    let day = if chance.percent(66) { chance.between(2, 20) } else { chance.between(4, 5) };
    (chance.between(1, PROVIDERS), chance.between(1, ROOMS), format!("test.at({day}, '{hour}:{minute}')"))
}

/// Arguments of book_slot and hold_slot.
fn place(chance: &mut Chance) -> String {
    let (provider, room, start) = spot(chance);
    let kind = *chance.one_of(&["Visit", "Long"]);
    let (patient, is_overbooked) = (chance.between(1, 12), chance.percent(25));
    format!("'{kind}', {provider}, {room}, {start}, 'Pat', 'p{patient}', is_overbooked => {is_overbooked}")
}

/// A request of this step, or one that others use, too.
fn request(chance: &mut Chance, step: Step) -> String {
    match chance.percent(50) {
        true => format!("'c{}-{}'", step.client, step.number),
        false => format!("'q{}'", chance.between(1, REQUESTS)),
    }
}

fn named(argument: &str, value: Option<String>) -> String {
    value.map(|value| format!(", {argument} => {value}")).unwrap_or_default()
}

/// A booking's id.
fn booking(chance: &mut Chance) -> String {
    match chance.percent(50) {
        true => {
            format!("(select id from clinic.bookings where request_id = 'q{}')", chance.between(1, REQUESTS))
        }
        false => recent(chance, "clinic.bookings", 40),
    }
}

/// The id of one of the newest rows.
fn recent(chance: &mut Chance, rows: &str, of: i64) -> String {
    format!("(select id from {rows} order by id desc offset {} limit 1)", chance.between(0, of - 1))
}

/// What the client is told of a booking by a function.
fn told(call: &str) -> String {
    format!("select 'booking', booking_id, status, provider_id, room_id, slot_start from {call}")
}

/// The same by RETURNING.
fn columns(what: &str) -> String {
    format!("'{what}', id, status, provider_id, room_id, slot_start")
}

fn insert(chance: &mut Chance, step: Step, on_conflict: &str) -> String {
    let (provider, room, start) = spot(chance);
    let (kind, patient) = (chance.between(1, 2), chance.between(1, 12));
    let (status, expiry, start) = match chance.between(1, 10) {
        1 => ("pending", "now() - interval '1 second'", start),
        2 => ("pending", "now() + interval '100 milliseconds'", start),
        3 => ("proposed", "null", start),
        4 => ("cancelled", "null", start),
        // Over, for the job that marks who didn't come.
        5 => ("booked", "null", format!("test.at({}, '05:00')", chance.between(-3, -1))),
        _ => ("booked", "null", start),
    };
    let request = match on_conflict {
        "" if chance.percent(50) => "null".to_owned(),
        _ => request(chance, step),
    };
    let is_overbooked = chance.percent(25);
    format!(
        "insert into clinic.bookings (request_id, provider_id, room_id, appointment_type_id, patient_name, patient_id, during,
           status, hold_expires_at, is_overbooked)
         values ({request}, {provider}, {room}, {kind}, 'Pat', 'p{patient}', tstzrange({start}, null), '{status}', {expiry},
           {is_overbooked}){on_conflict} returning {}",
        columns("booking")
    )
}

fn update(chance: &mut Chance) -> String {
    let (provider, room, start) = spot(chance);
    let kind = chance.between(1, 2);
    let status = *chance.one_of(&[
        "booked",
        "booked",
        "arrived",
        "checked-in",
        "fulfilled",
        "cancelled",
        "noshow",
        "waitlist",
        "entered-in-error",
    ]);
    let set = match chance.between(1, 10) {
        1 => format!("during = tstzrange({start}, null)"),
        2 => format!("during = tstzrange({start}, {start} + interval '3 hours'), provider_id = {provider}"),
        3 => format!("provider_id = {provider}, room_id = {room}"),
        4 => format!("room_id = {room}"),
        5 => format!("patient_id = 'p{}', patient_name = 'Pat'", chance.between(1, 12)),
        6 => format!("appointment_type_id = {kind}"),
        7 => "is_overbooked = not is_overbooked".to_owned(),
        // Nonsense in derived columns has no effect.
        8 => "day_seat = 99, provider_busy = 'empty', local_date = 'infinity'".to_owned(),
        9 => format!("override_reason = 'agreed', during = tstzrange({start}, null)"),
        _ => format!("status = '{status}', hold_expires_at = null"),
    };
    format!(
        "update clinic.bookings set {set} where id = {} returning {}",
        booking(chance),
        columns("booking")
    )
}
