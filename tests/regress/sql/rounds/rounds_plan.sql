-- A day of home visits: planned, explained, promoted, planned anew when somebody falls ill.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes) values ('north', 5), ('south', 10);
insert into clinic.area_neighbors (area_id, neighbor_id, travel_minutes) values (1, 2, 20);
insert into clinic.staff (name, home_area_id, capacity_minutes, skills) values
  ('Ana', 1, 240, '{wound_care}'), ('Ben', 1, 240, '{}'), ('Cem', 2, 300, '{}'), ('Dora', null, 300, '{wound_care}');
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select s, 1, '07:00', '13:00' from generate_series(1, 3) s;
insert into clinic.clients (name, area_id, visit_minutes, required_skills, usual_order, starts_on, renews_on) values
  ('Client A', 1, 60, '{wound_care}', 2, '2026-04-01', '2026-05-01'), ('Client B', 1, 30, '{}', 1, '2026-04-01', '2026-05-01'),
  ('Client C', 1, 30, '{}', 3, '2026-04-01', '2026-05-01'), ('Client D', 2, 45, '{}', 1, '2026-04-01', '2026-05-01'),
  ('Client E', 2, 30, '{}', null, null, null), ('Client F', 2, 30, '{}', null, '2026-04-01', '2026-05-01');
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time) values (3, 1, '09:00', '10:00'), (6, 2, '09:00', '10:00');

select plan_id, status, visits, assigned, exceptions, smoothed, message from plan_rounds('2026-04-13');
create view pg_temp.rounds as
  select a.plan_id, s.name, c.name as client, to_char(lower(a.during), 'HH24:MI') || '-' || to_char(upper(a.during), 'HH24:MI') as during, a.travel_minutes, a.is_locked
  from clinic.plan_assignments a join clinic.visits v on v.id = a.visit_id join clinic.clients c on c.id = v.client_id join clinic.staff s on s.id = a.staff_id
  order by a.plan_id, s.id, lower(a.during);
select name, client, during, travel_minutes from pg_temp.rounds;
select kind, client_id, context ->> 'sentence' as sentence from clinic.exception_queue;
select client_id, explain_visit(1, client_id) from generate_series(1, 4) client_id;
select visit_id, kind, decision, staff_id, to_char(starts_at, 'HH24:MI') as starts, considered from clinic.visit_trace order by 1;
call test.refused('select explain_visit(1, 5)');
-- The same day gives the same rounds.
select plan_id as again from plan_rounds('2026-04-13') \gset
select count(*) from (
  select visit_id, staff_id, during from clinic.plan_assignments where plan_id = 1
  except select visit_id, staff_id, during from clinic.plan_assignments where plan_id = :again) differing;
select count(distinct input_fingerprint) from clinic.plans;

-- A person's decisions hold: Client B at 11:00 by Ana, and Ben's visits as they were.
insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at) values (1, 'assign', 1, 2, '2026-04-13 11:00'), (1, 'assign', 4, 1, '2026-04-13 11:00');
insert into clinic.locks (plan_id, action, staff_id) values (1, 'keep', 2);
select plan_id, message from plan_rounds('2026-04-13', parent_plan_id => 1);
select name, client, during, is_locked from pg_temp.rounds where plan_id = 3;
call test.refused($$insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at) values (1, 'assign', 2, 2, '2026-04-13 11:00')$$);
-- What if Ana were away?
select plan_id, message from plan_rounds('2026-04-13', without_staff_ids => '{1}');
select explain_visit(4, 1);

select aspect, visit_id, old_starts_at, new_starts_at, old_staff_name, new_staff_name from compare_plans(1, 3);
select count(*) from compare_plans(1, :again);

-- The record.
select inserted, deleted, kept, message from promote_plan(3, 'a good day');
select id, visit_id, staff_id, during, plan_id from clinic.assignments order by id;
select assignment_id, version, reason, origin, operation from clinic.assignment_history order by id;
call test.refused('select * from promote_plan(3, ''again'')');

-- At half past nine Ben falls ill, and Client E walks in. Client A's visit is done.
update clinic.visits set started_at = '2026-04-13 08:00', ended_at = '2026-04-13 09:00', outcome = 'done', evidence_url = 'https://example.org/1' where client_id = 1;
insert into clinic.client_events (client_id, on_date, kind, made_at, made_by) values (5, '2026-04-13', 'walk_in', '2026-04-13 09:20', 'front desk');
select * from replan_rounds('2026-04-13', '2026-04-13 09:30', '{2}');
select name, client, during, is_locked from pg_temp.rounds where plan_id = 5;
select inserted, deleted, kept, message from promote_plan(5, 'Ben is ill');
select a.visit_id, a.staff_id, a.during, a.plan_id from clinic.assignments a order by a.visit_id;
-- Nothing has changed since: nothing moves.
select plan_id, message from replan_rounds('2026-04-13', '2026-04-13 09:30', '{2}');
-- Two workers swap visits, each keeping the visit's time.
select * from swap_assignments(2, 4, 'closer to home');
select id, visit_id, staff_id, during from clinic.assignments where id in (2, 4) order by id;
-- Visits don't trouble the roster's rules.
select * from record_violations('2026-04-13');
-- A lock can't hold somebody whom the plan does without.
select message from plan_rounds('2026-04-13', parent_plan_id => 1, without_staff_ids => '{1}');
rollback;
