-- Wrong arguments of rounds, and days with nothing in them.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- No area, no worker, no client: a plan of nothing.
select status, visits, assigned, exceptions, smoothed, message from plan_rounds('2026-04-13');
call test.refused('select * from plan_rounds(''infinity'')');
call test.refused('select * from plan_rounds(''0001-01-01'')');
call test.refused('select * from plan_rounds(''2026-04-13'', parent_plan_id => 99)');
call test.refused('select * from plan_rounds(''2026-04-14'', parent_plan_id => 1)');
call test.refused('select * from plan_rounds(''2026-04-13'', without_staff_ids => ''{77}'')');
call test.refused('select * from replan_rounds(''2026-04-13'', ''2026-04-13 09:00'')');
call test.refused('select * from replan_rounds(''2026-04-13'', ''2026-04-14 09:00'')');
call test.refused('select * from replan_rounds(''2026-04-13'', ''infinity'')');
call test.refused('select explain_visit(null, 1)');
call test.refused('select explain_visit(1, null)');
call test.refused('select explain_visit(99, 1)');
-- One kind of plan isn't the other.
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-13', '2026-04-13');
select max(id) as roster from clinic.plans \gset
call test.refused(format('select explain_visit(%s, 1)', :roster));
call test.refused(format('select * from plan_rounds(''2026-04-13'', parent_plan_id => %s)', :roster));
call test.refused('select * from solve_plan(1)');
call test.refused('select * from solve_roster(''2026-04-13'', parent_plan_id => 1)');
call test.refused('select * from explain_assignment(1, 1)');
-- A plan of rounds with nothing in it can be promoted.
select inserted, deleted, kept from promote_plan(1, 'a day off');
-- Rows that can't be.
insert into clinic.areas (name) values ('north');
insert into clinic.clients (name, area_id) values ('A', 1);
insert into clinic.visits (client_id, on_date) values (1, '2026-04-13');
insert into clinic.staff (name, home_area_id) values ('Ana', 1);
call test.violates('insert into clinic.assignments (staff_id) values (1)');
call test.violates('insert into clinic.assignments (staff_id, visit_id) values (1, 1)');
call test.violates('insert into clinic.assignments (staff_id, visit_id, during) values (1, 1, ''empty'')');
call test.violates('insert into clinic.assignments (staff_id, visit_id, during) values (1, 1, ''[2026-04-13 09:00,)'')');
call test.violates('insert into clinic.assignments (staff_id, visit_id, during) values (1, 1, ''[2026-04-13 09:00,infinity)'')');
call test.violates(format('insert into clinic.plan_assignments (plan_id, staff_id, visit_id, during) values (%s, 1, 1, ''[2026-04-13 09:00,2026-04-13 10:00)'')', :roster));
call test.violates('insert into clinic.locks (plan_id, action, staff_id, visit_id) values (1, ''assign'', 1, 1)');
call test.violates('insert into clinic.locks (plan_id, action, staff_id, visit_id) values (1, ''forbid'', 1, 1)');
call test.violates('insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at) values (1, ''assign'', 1, 1, ''infinity'')');
call test.violates('insert into clinic.visits (client_id, on_date) values (1, ''2026-04-13'')');
call test.violates('insert into clinic.visits (client_id, on_date, outcome) values (1, ''2026-04-14'', ''done'')');
call test.violates('insert into clinic.visits (client_id, on_date, started_at, ended_at) values (1, ''2026-04-14'', ''2026-04-14 10:00'', ''2026-04-14 09:00'')');
call test.violates('insert into clinic.clients (name, visit_minutes) values (''B'', 0)');
call test.violates('insert into clinic.clients (name, starts_on) values (''B'', ''2026-04-01'')');
call test.violates('insert into clinic.clients (name, starts_on, renews_on, visit_days) values (''B'', ''2026-04-01'', ''2026-05-01'', ''{8}'')');
call test.violates('insert into clinic.clients (name, access_approved_by) values (''B'', ''Sue'')');
call test.violates('insert into clinic.client_events (client_id, on_date, kind) values (1, ''2026-04-13'', ''holiday'')');
call test.violates('insert into clinic.client_events (client_id, on_date, kind, made_at) values (1, ''2026-04-13'', ''skip'', ''infinity'')');
call test.violates('insert into clinic.area_neighbors (area_id, neighbor_id) values (1, 1)');
call test.violates('insert into clinic.areas (name, travel_minutes) values (''x'', -1)');
call test.violates('update clinic.staff set capacity_minutes = -1');
insert into clinic.client_events (client_id, on_date, kind) values (1, '2026-04-13', 'walk_in');
call test.refused('select * from compare_plans(1, 4)');
-- A search_path of somebody else's tables changes nothing.
create schema hostile;
create table hostile.clients (id bigint);
create function hostile.unnest(bigint[]) returns setof bigint language sql as 'select 666';
set search_path to hostile, public, pg_catalog;
select visits from plan_rounds('2026-04-13');
rollback;
