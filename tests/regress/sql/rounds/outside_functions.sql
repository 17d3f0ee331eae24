-- Decisions outside the functions, in the record, in a plan, or by working, hold.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes, tolerance_minutes) values ('north', 5, 0);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Ana', 1, 100), ('Ben', 1, 100);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select s, 1, '07:00', '12:00' from generate_series(1, 2) s;
insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on)
  select 'c' || i, 1, 40, case when i = 5 then '{x_ray}' else '{}' end::text[], '2026-04-01', '2026-05-01' from generate_series(1, 5) i;
select message from plan_rounds('2026-04-13');
select message from promote_plan(1, 'start');
select v.client_id, a.staff_id, lower(a.during)::time as at from clinic.assignments a join clinic.visits v on v.id = a.visit_id order by 1;

-- Put into the record outside the functions: no exception any more, and no replan takes it out, or moves back what was moved.
select client_id from clinic.exception_queue;
insert into clinic.assignments (staff_id, visit_id, during)
  select 2, id, '[2026-04-13 11:00,2026-04-13 11:40)' from clinic.visits where client_id = 5;
select client_id from clinic.exception_queue;
select id from clinic.exceptions where client_id = 5 \gset
call test.refused(format('select * from resolve_exception(%s, %L)', :id, 'cancelled'));
call test.refused(format('select * from resolve_exception(%s, %L, new_date => %L)', :id, 'rescheduled', '2026-04-20'));
update clinic.assignments set staff_id = 2, during = '[2026-04-13 10:07,2026-04-13 10:47)'
  where visit_id = (select id from clinic.visits where client_id = 1);
select visit_id, code, old_staff_id, old_starts_at::time, new_staff_id, new_starts_at::time, message from replan_rounds('2026-04-13', '2026-04-13 06:00');
select v.client_id, a.staff_id, lower(a.during)::time as at from clinic.plan_assignments a join clinic.visits v on v.id = a.visit_id
where a.plan_id = 2 and v.client_id in (1, 5) order by 1;
-- Decisions of people are judged by the rules that plans obey.
select assignment_id, visit_id, client_name, staff_id, starts_at::time, rule_kind, sentence from rounds_violations('2026-04-13');
select count(*) from rounds_violations('2026-04-14', '2026-04-20');
update clinic.assignments set during = '[2026-04-13 06:50,2026-04-13 07:50)' where visit_id = (select id from clinic.visits where client_id = 2);
select visit_id, rule_kind from rounds_violations('2026-04-01', '2026-04-30');
update clinic.visits set outcome = 'cancelled' where client_id = 5;
select visit_id, rule_kind from rounds_violations('2026-04-01', '2026-04-30');
update clinic.visits set outcome = null where client_id = 5;
update clinic.assignments set during = '[2026-04-13 07:00,2026-04-13 07:40)' where visit_id = (select id from clinic.visits where client_id = 2);
call test.refused($$select * from rounds_violations(null)$$);
call test.refused($$select * from rounds_violations('2026-04-14', '2026-04-13')$$);
call test.refused($$select * from rounds_violations('-infinity', 'infinity')$$);
-- An absent worker loses a visit, decided or not.
select v.client_id, r.code, r.was_locked from replan_rounds('2026-04-13', '2026-04-13 06:00', without_staff_ids => '{2}') r join clinic.visits v on v.id = r.visit_id order by 1;

-- Worked: a plan of the day from scratch doesn't send the same worker elsewhere at that time, nor over the capacity.
update clinic.visits v set started_at = lower(a.during), ended_at = upper(a.during), outcome = 'done'
  from clinic.assignments a where a.visit_id = v.id and v.client_id in (2, 3);
select plan_id, message from plan_rounds('2026-04-13');
select explain_visit(4, 2), explain_visit(4, 1);
select count(*) as overlaps from clinic.plan_assignments a join clinic.plan_assignments b using (plan_id, staff_id) where plan_id = 4 and a.id < b.id and a.during && b.during;
select inserted, deleted, kept from promote_plan(4, 'anew');
select count(*) as overlaps from clinic.assignments a join clinic.assignments b using (staff_id) where a.id < b.id and a.during && b.during;
select v.client_id, a.plan_id from clinic.assignments a join clinic.visits v on v.id = a.visit_id where v.outcome = 'done' order by 1;

-- A plan edited outside the functions says so.
select plan_id, message from plan_rounds('2026-04-20');
update clinic.plan_assignments set staff_id = 2, during = '[2026-04-20 11:00,2026-04-20 11:40)' where plan_id = 5 and visit_id = (select id from clinic.visits where client_id = 1 and on_date = '2026-04-20');
delete from clinic.plan_assignments where plan_id = 5 and visit_id = (select id from clinic.visits where client_id = 2 and on_date = '2026-04-20');
insert into clinic.plan_assignments (plan_id, staff_id, visit_id, during, travel_minutes)
  select 5, 1, id, '[2026-04-20 11:00,2026-04-20 11:40)', 5 from clinic.visits where client_id = 5 and on_date = '2026-04-20';
select explain_visit(5, 1);
select explain_visit(5, 2);
select explain_visit(5, 3);
select explain_visit(5, 5);

-- A lock to a time of another date holds nothing.
insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at)
  select 5, 'assign', 2, id, '2026-04-22 09:00' from clinic.visits where client_id = 5 and on_date = '2026-04-20';
select plan_id, message from plan_rounds('2026-04-20', parent_plan_id => 5);
select count(*) from clinic.plan_assignments where plan_id = 6 and not during <@ '[2026-04-20,2026-04-21)'::tstzrange;

-- A visit isn't put off to a day that is over; where the other day's rounds are promoted already, that is said.
select id from clinic.exceptions where plan_id = 6 \gset
call test.refused(format('select * from resolve_exception(%s, %L, new_date => %L)', :id, 'rescheduled', '2020-01-01'));
select promote_plan((select plan_id from plan_rounds('2026-04-27')), 'next week');
select message from resolve_exception(:id, 'rescheduled', new_date => '2026-04-27');
-- A plan edited outside the functions, or overtaken by the rows, is judged by the rows of now when it is promoted.
select plan_id from plan_rounds('2026-04-20') \gset
update clinic.plan_assignments set during = (select during from clinic.plan_assignments where plan_id = :plan_id order by visit_id limit 1),
  staff_id = (select staff_id from clinic.plan_assignments where plan_id = :plan_id order by visit_id limit 1) where plan_id = :plan_id;
call test.refused(format('select * from promote_plan(%s, ''edited'')', :plan_id));
select message from promote_plan(:plan_id, 'she knows why', array(select key from plan_violations(:plan_id)));
select plan_id from plan_rounds('2026-04-27') \gset
insert into clinic.time_off (staff_id, during) select id, '[2026-04-27,2026-04-28)' from clinic.staff where home_area_id is not null;
call test.refused(format('select * from promote_plan(%s, ''overtaken'')', :plan_id));
rollback;
