-- Who promoted a plan, and what it was, is no scheduler's to write: only a solver and promote_plan() write it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shifts (during) select tstzrange(day, day + interval '4 hours')
  from generate_series(timestamptz '2029-01-01 08:00', '2029-01-03 08:00', interval '1 day') as day;
-- One place of the last stays open, at a cost.
insert into clinic.rules (rule_kind, mode, weight) values ('cover', 'soft', 10);
update clinic.shifts set staff_needed = 3 where id = 3;
create role test_scheduler;
select grant_clinic_access('test_scheduler', 'scheduler');
grant usage on schema test to test_scheduler;
set local role test_scheduler;
select status, objective from solve_roster('2029-01-01', '2029-01-03');

-- A plan is solved and promoted by functions alone.
call test.refused($$update clinic.plans set promoted_by = 'Maria', promoted_at = now(), promotion_reason = 'agreed' where id = 1$$);
call test.refused($$update clinic.plans set status = 'FEASIBLE' where id = 1$$);
call test.refused($$update clinic.plans set objective = -1000 where id = 1$$);
call test.refused($$update clinic.plans set input_fingerprint = 'x' where id = 1$$);
call test.refused($$update clinic.plans set created_by = 'Maria' where id = 1$$);
call test.refused($$insert into clinic.plans (kind, from_date, to_date, status) values ('roster', '2029-01-01', '2029-01-03', 'OPTIMAL')$$);
call test.refused($$insert into clinic.plans (kind, from_date, to_date, promoted_by, promoted_at, promotion_reason)
  values ('roster', '2029-01-01', '2029-01-03', 'Maria', now(), 'agreed')$$);
call test.refused($$insert into clinic.plans (kind, from_date, to_date, input_fingerprint)
  select kind, from_date, to_date, input_fingerprint from clinic.plans$$);
call test.refused($$update clinic.plan_scores set cost = 0$$);
call test.refused($$insert into clinic.plan_scores (plan_id, rule_kind, instances, cost) values (1, 'shift_request', 1, -1000)$$);
-- What people may do with one that isn't promoted: edit it, lock it, note something, ask for something else, delete it.
update clinic.plan_assignments set staff_id = 3 - staff_id, is_locked = not is_locked where plan_id = 1 and shift_id = 1;
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 2, 2);
update clinic.plans set message = 'noted', options = '{}', to_date = '2029-01-03' where id = 1;
select status from solve_plan(1);
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2029-01-01', '2029-01-03') returning id as draft \gset
select status from solve_plan(:draft);
delete from clinic.plans where id = :draft;
select (select count(*) from clinic.plan_assignments) as assignments, (select count(*) from clinic.plan_scores where plan_id <> 1) as scores;

-- Promoted it stays as it is, with all that belongs to it.
select inserted, message from promote_plan(1, 'agreed');
select promoted_by = session_user as by_me, promotion_reason from clinic.plans where id = 1;
call test.refused($$update clinic.plans set created_by = 'Maria' where id = 1$$);
call test.refused($$update clinic.plans set options = '{"without": [1]}' where id = 1$$);
call test.refused($$update clinic.plan_assignments set staff_id = 3 - staff_id where shift_id = 1$$);
call test.refused($$delete from clinic.plan_assignments where shift_id = 1$$);
call test.refused($$insert into clinic.plan_assignments (plan_id, staff_id, shift_id) select 1, 3 - staff_id, 1 from clinic.plan_assignments where shift_id = 1$$);
call test.refused($$delete from clinic.plan_scores$$);
-- Nor does an assignment move into it from another.
select plan_id as other from solve_roster('2029-01-01', '2029-01-03', parent_plan_id => 1) \gset
call test.refused(format('update clinic.plan_assignments set plan_id = 1, staff_id = 3 - staff_id where plan_id = %s', :other));
-- A lock on it is for the plans that come from it.
insert into clinic.locks (plan_id, action) values (1, 'keep');
select draft_plan('2029-01-01', '2029-01-03', parent_plan_id => 1) as child \gset
select action, count(*) from clinic.locks where plan_id = :child group by 1 order by 1;
reset role;
rollback;
