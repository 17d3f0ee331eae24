-- Rounds. Plans propose; promote_plan() writes the record. All act with the caller's rights.

create function plan_rounds(
    on_date date default null, parent_plan_id bigint default null, without_staff_ids bigint[] default null,
    clinic_id bigint default null)
  returns table (
    plan_id bigint, status text, visits bigint, assigned bigint, exceptions bigint, smoothed bigint,
    solve_ms double precision, message text)
  language c volatile parallel unsafe cost 1000000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_plan_rounds';
comment on function plan_rounds(date, bigint, bigint[], bigint) is
  'Plans which field worker visits which client on a date (by default today), by fixed steps: locks, area by area, help from neighbors, smoothing. Adds the visits that are due to clinic.visits and keeps the plan with its trace; a visit without a place goes to clinic.exceptions. Locks of parent_plan_id are copied and hold. What if: without_staff_ids are away.';

create function replan_rounds(
    on_date date default null, from_time timestamptz default now(), without_staff_ids bigint[] default null,
    clinic_id bigint default null)
  returns table (
    plan_id bigint, visit_id bigint, client_id bigint, client_name text, code text, old_staff_id bigint,
    old_starts_at timestamptz, new_staff_id bigint, new_starts_at timestamptz, was_locked boolean, moved_visits bigint,
    moved_minutes bigint, changed_workers bigint, fewest_changed_workers bigint, message text)
  language c volatile parallel unsafe cost 1000000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_replan_rounds';
comment on function replan_rounds(date, timestamptz, bigint[], bigint) is
  'Plans the rest of a day anew, from from_time on: somebody is ill (without_staff_ids), a walk-in came (clinic.client_events). A visit that is done, under way or locked stays; every other one keeps its worker and its place in the order. A delay pushes: what comes later begins later, as far as windows, duty and capacity let it; within clinic.areas.tolerance_minutes nothing moves. What breaks goes to others, the highest tier number first. Visits noted in clinic.visits take the time that they took; one that its worker should have begun, having noted others, begins from_time or later. The first row has the new plan, and in moved_visits, moved_minutes and changed_workers how much moves; fewest_changed_workers is the number of visits that must change hands at least in any plan that places these visits. The others have a moved visit each, with a code that says why: worker_away, no_longer_fits, pushed, locked (to somebody else, or another time), not_begun, new, no_longer_due. promote_plan() makes it the record.';

create function explain_visit(plan_id bigint, client_id bigint, clinic_id bigint default null) returns text
  language c stable parallel safe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_explain_visit';
comment on function explain_visit(bigint, bigint, bigint) is
  'Why this worker? The stored trace of a client''s visit in words: which workers were considered, why each was passed over, how smoothing moved it.';

create function resolve_exception(
    exception_id bigint, resolution text, staff_id bigint default null, starts_at timestamptz default null,
    new_date date default null, reason text default null, clinic_id bigint default null)
  returns table (exception_id bigint, visit_id bigint, resolution text, assignment_id bigint, message text)
  language c volatile parallel unsafe cost 1000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_resolve_exception';
comment on function resolve_exception(bigint, text, bigint, timestamptz, date, text, bigint) is
  'Closes an exception in the caller''s name. reassigned: staff_id goes, at starts_at; written into the record. rescheduled: the client is visited on new_date, by a client event of kind walk_in. cancelled: no visit.';

-- Rounds to look at: a plan as text and as picture, changes from day to day, renewals of subscriptions.

create function rounds_board(plan_id bigint, staff_id bigint default null, clinic_id bigint default null)
  returns table (rounds_board text)
  language c stable parallel safe cost 100000 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rounds_board';
comment on function rounds_board(bigint, bigint, bigint) is
$$A plan of rounds as text for psql, at most 78 columns wide: a line a worker, a column some minutes; or the list of visits of one worker. Example: select rounds_board(3); select rounds_board(3, staff_id => 7)
Below the lines: the meaning of the letters, workers who aren't on duty, the number of visits without a place. Workers, areas and clients are shown as they are now, visits as they were planned.$$;

create function rounds_board_svg(plan_id bigint, staff_id bigint default null, clinic_id bigint default null)
  returns text
  language c stable parallel safe cost 100000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rounds_board_svg';
comment on function rounds_board_svg(bigint, bigint, bigint) is
$$A plan of rounds as an SVG picture, a column a worker, a card a visit; or one worker's day. Example, in a shell: psql -AtX -c "select rounds_board_svg(3)" -o rounds.svg
Needs no script and no other file; names are escaped.$$;

create function rounds_violations(from_date date, to_date date default null, clinic_id bigint default null)
  returns table (
    on_date date, assignment_id bigint, visit_id bigint, client_id bigint, client_name text, staff_id bigint,
    starts_at timestamptz, rule_kind text, sentence text)
  language c stable parallel safe cost 100000 rows 20
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rounds_violations';
comment on function rounds_violations(date, date, bigint) is
$$Rules that the record's visits from from_date to to_date (default: that day alone) break by the rows of now, by date, worker and start. Example: select * from rounds_violations(date '2026-04-13')
rule_kind: the first that holds of access_not_approved, not_on_duty, missing_skill, not_walkable, window_unmatched and not_free (another visit, or the travel to or from it, overlaps by more than clinic.areas.tolerance_minutes); of the last visit of somebody who has more than the day's capacity, capacity_exceeded besides. Judged by the same code that plans rounds. clinic.assignment_history has who put the visit there, and why. Left out are visits cancelled or rescheduled, and, of dates that are over, staff who are no field workers any more; for shifts ask record_violations().$$;

create function rounds_churn(from_date date, to_date date, clinic_id bigint default null)
  returns table (
    on_date date, source text, previous_date date, previous_source text, same_worker bigint, other_worker bigint,
    percent_other_worker bigint, added bigint, dropped bigint, moved_minutes bigint)
  language c stable parallel safe cost 100000 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rounds_churn';
comment on function rounds_churn(date, date, bigint) is
$$How much rounds change from one date to the next: a row for each date after from_date, up to to_date, compared with the last one before it, from from_date on, with known visits. Example: select * from rounds_churn(date '2026-04-13', date '2026-04-17')
source, previous_source: where the visits of the date and of previous_date come from: the record where it has any of the date, else the newest plan of rounds (plan 3), else null. Where one of them is null there is nothing to compare, and the counts are null. Visits cancelled or rescheduled in the record don't count. same_worker, other_worker: clients visited on both dates. added, dropped: clients visited on one of them. moved_minutes: by how much, on average, the visits of those on both dates start earlier or later in the day, in wall-clock time as planned.$$;

create function client_renewals(clinic_id bigint default null)
  returns table (client_id bigint, moved_renews_on date, skipped_dates date[])
  language c stable parallel safe cost 100000 rows 500
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_client_renewals';
comment on function client_renewals(bigint) is
$$When each subscription renews. Example: select * from client_renewals() where moved_renews_on <= date '2026-05-01'; clinic.client_status has it beside the client.
moved_renews_on: clinic.clients.renews_on, a day later for each skipped date.
skipped_dates: the dates of the period on which a visit was due and, by the latest skip or unskip made before the date began, left out; those included that the period gained by being moved. A redo or walk-in on such a date changes nothing.$$;
