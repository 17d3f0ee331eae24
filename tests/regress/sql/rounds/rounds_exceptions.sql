-- The queue of visits without a place, and their resolutions.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes, takes_help) values ('north', 5, false), ('south', 10, true), ('desert', 10, true), ('hill', 0, true);
update clinic.areas set is_walkable = false where name = 'hill';
insert into clinic.area_neighbors (area_id, neighbor_id) values (1, 2);
insert into clinic.staff (name, home_area_id, capacity_minutes, skills, is_walk_only) values
  ('Ana', 1, 60, '{}', false), ('Cem', 2, 300, '{}', false), ('Walker', 4, 300, '{}', true), ('Zero', 4, 0, '{}', false);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select s, 1, '07:00', '13:00' from generate_series(1, 4) s;
insert into clinic.clients (name, area_id, visit_minutes, required_skills, needs_access_approval, starts_on, renews_on) values
  ('Fits', 1, 40, '{}', false, '2026-04-01', '2026-05-01'), ('Too much', 1, 30, '{}', false, '2026-04-01', '2026-05-01'),
  ('Skill', 2, 30, '{x_ray}', false, '2026-04-01', '2026-05-01'), ('Nowhere', null, 30, '{}', false, '2026-04-01', '2026-05-01'),
  ('Locked door', 2, 30, '{}', true, '2026-04-01', '2026-05-01'), ('Short window', 2, 45, '{}', false, '2026-04-01', '2026-05-01'),
  ('No worker', 3, 30, '{}', false, '2026-04-01', '2026-05-01'), ('Hill', 4, 30, '{}', false, '2026-04-01', '2026-05-01'), ('Walk-in', 1, 30, '{}', false, null, null);
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time) values (6, 1, '09:00', '09:30');
insert into clinic.client_events (client_id, on_date, kind) values (9, '2026-04-13', 'walk_in');
select visits, assigned, exceptions, message from plan_rounds('2026-04-13');
select exception_id, name, kind, context ->> 'cause' as cause, context -> 'eligible_busy_staff_ids' as eligible, context -> 'nearby' as nearby
from clinic.exception_queue q join (select id as client_id, name from clinic.clients) c using (client_id) order by q.detected_at, q.exception_id;
select context ->> 'sentence' as sentence from clinic.exception_queue order by exception_id;
-- A second plan: the queue has each visit once, with the time of its first detection.
select detected_at as first from clinic.exceptions limit 1 \gset
select exceptions from plan_rounds('2026-04-13');
select count(*), count(distinct visit_id), min(plan_id), bool_and(detected_at = :'first') from clinic.exception_queue;

-- Resolved, each with its own resolution, in the name of the person who did it.
select promote_plan(2, 'start');
set pg_clinic.actor to 'Supervisor Sue';
select exception_id as id from clinic.exception_queue where client_id = 2 \gset
select * from resolve_exception(:id, 'reassigned', staff_id => 2, starts_at => '2026-04-13 10:00', reason => 'Cem helps out');
select exception_id as id from clinic.exception_queue where client_id = 3 \gset
select * from resolve_exception(:id, 'rescheduled', new_date => '2026-04-20', reason => 'the nurse is back then');
select exception_id as id from clinic.exception_queue where client_id = 4 \gset
select * from resolve_exception(:id, 'cancelled');
select client_id, plan_id, resolution, resolved_by, reason, assignment_id from clinic.exceptions where resolution is not null order by id;
select client_id from clinic.exception_queue order by 1;
select a.id, a.visit_id, a.staff_id, a.during, h.actor, h.reason, h.origin from clinic.assignments a join clinic.assignment_history h on h.assignment_id = a.id where plan_id is null;
select client_id, outcome from clinic.visits where outcome is not null order by 1;
select client_id, on_date, kind, made_by, reason from clinic.client_events where on_date = '2026-04-20';
-- Sue's decision stays when the day is planned anew, though it is more than the day's capacity or skill allow.
update clinic.staff set capacity_minutes = 10 where id = 2;
select visit_id, code, old_staff_id, new_staff_id, message from replan_rounds('2026-04-13', '2026-04-13 07:30');
select kind, decision, staff_id from clinic.visit_trace t join clinic.visits v on v.id = t.visit_id where plan_id = 3 and client_id = 2;
-- From scratch too; but not where the plan does without Cem.
select plan_id from plan_rounds('2026-04-13') \gset
select kind, decision, staff_id from clinic.visit_trace t join clinic.visits v on v.id = t.visit_id where plan_id = :plan_id and client_id = 2;
select plan_id from plan_rounds('2026-04-13', without_staff_ids => '{2}') \gset
select kind, decision, staff_id from clinic.visit_trace t join clinic.visits v on v.id = t.visit_id where plan_id = :plan_id and client_id = 2;

-- Refused, and nothing changed.
select exception_id as id from clinic.exception_queue where client_id = 7 \gset
call test.refused(format('select * from resolve_exception(%s, %L)', :id, 'ignored'));
call test.refused(format('select * from resolve_exception(%s, %L)', :id, 'reassigned'));
call test.refused(format('select * from resolve_exception(%s, %L, staff_id => 2)', :id, 'reassigned'));
call test.refused(format('select * from resolve_exception(%s, %L, staff_id => 99, starts_at => %L)', :id, 'reassigned', '2026-04-13 10:00'));
call test.refused(format('select * from resolve_exception(%s, %L, staff_id => 2, starts_at => %L)', :id, 'reassigned', '2026-04-14 10:00'));
call test.refused(format('select * from resolve_exception(%s, %L, staff_id => 2, starts_at => %L)', :id, 'reassigned', 'infinity'));
call test.refused(format('select * from resolve_exception(%s, %L)', :id, 'rescheduled'));
call test.refused(format('select * from resolve_exception(%s, %L, new_date => %L)', :id, 'rescheduled', '2026-04-13'));
call test.refused(format('select * from resolve_exception(%s, %L, new_date => %L)', :id, 'cancelled', '2026-04-20'));
call test.refused(format('select * from resolve_exception(%s, %L, staff_id => 2, new_date => %L)', :id, 'rescheduled', '2026-04-20'));
call test.refused(format('select * from resolve_exception(%s, %L, reason => %L)', :id, 'cancelled', ' '));
call test.refused('select * from resolve_exception(99, ''cancelled'')');
call test.refused('select * from resolve_exception(null, ''cancelled'')');
select id from clinic.exceptions where client_id = 2 order by id limit 1 \gset
call test.refused(format('select * from resolve_exception(%s, %L)', :id, 'cancelled'));
rollback;
