-- Rounds. Plans propose; promote_plan() writes the record. All act with the caller's rights.

create function plan_rounds(
    on_date date default null, parent_plan_id bigint default null, without bigint[] default null,
    clinic_id bigint default null)
  returns table (
    plan_id bigint, status text, visits bigint, assigned bigint, exceptions bigint, smoothed bigint,
    solve_ms double precision, message text)
  language c volatile parallel unsafe cost 1000000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_plan_rounds';
comment on function plan_rounds(date, bigint, bigint[], bigint) is
  'Plans which field worker visits which client on a date (by default today), by fixed steps: locks, area by area, help from neighbours, smoothing. Adds the visits that are due to clinic.visits and keeps the plan with its trace; what has no place goes to clinic.exceptions. Locks of parent_plan_id are copied and kept to. What if: without these people.';

create function replan_rounds(
    on_date date default null, from_time timestamptz default now(), without bigint[] default null,
    clinic_id bigint default null)
  returns table (
    plan_id bigint, visit_id bigint, client_id bigint, client_name text, reason text, from_staff_id bigint,
    from_starts_at timestamptz, to_staff_id bigint, to_starts_at timestamptz, was_locked boolean, message text)
  language c volatile parallel unsafe cost 1000000 rows 10
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_replan_rounds';
comment on function replan_rounds(date, timestamptz, bigint[], bigint) is
  'Plans the rest of a day anew, from from_time on: somebody is ill (without), a walk-in came (clinic.client_events). What is done, under way or locked stays; of the rest all that can. Visits noted in clinic.visits take the time that they took; one that its worker should have begun, having noted others, is planned anew. The first row tells the new plan, the others what moved and why: worker_away, no_longer_fits, locked (to somebody else, or another time), not_begun, new, no_longer_due. promote_plan() makes it the record.';

create function explain_visit(plan_id bigint, client_id bigint, clinic_id bigint default null) returns text
  language c stable parallel safe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_explain_visit';
comment on function explain_visit(bigint, bigint, bigint) is
  'Why this worker? The stored trace of a client''s visit in words: who was considered, why each was passed over, what smoothing did.';

create function resolve_exception(
    exception_id bigint, resolution text, staff_id bigint default null, starts_at timestamptz default null,
    to_date date default null, reason text default null, clinic_id bigint default null)
  returns table (exception_id bigint, visit_id bigint, resolution text, assignment_id bigint, message text)
  language c volatile parallel unsafe cost 1000 rows 1
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_resolve_exception';
comment on function resolve_exception(bigint, text, bigint, timestamptz, date, text, bigint) is
  'Closes an exception in the caller''s name. reassigned: staff_id goes, at starts_at; written into the record. rescheduled: the client is visited on to_date, by a client event of kind walk_in. cancelled: no visit.';
