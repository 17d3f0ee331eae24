-- A day under way: the notes of visits count, and a plan that the day has overtaken isn't promoted in silence.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes) values ('north', 5);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('Ana', 1, 300), ('Ben', 1, 300);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select s, 1, '07:00', '12:00' from generate_series(1, 2) s;
insert into clinic.clients (name, area_id, visit_minutes, usual_order, starts_on, renews_on)
  select 'c' || i, 1, 30, i, '2026-04-01', '2026-05-01' from generate_series(1, 6) i;
insert into clinic.clients (name, area_id, visit_minutes) select 'on request ' || i, 1, 30 from generate_series(7, 9) i;
create view pg_temp.record as
  select v.client_id, a.staff_id, lower(a.during)::time as at from clinic.assignments a join clinic.visits v on v.id = a.visit_id order by 2, 3;
create procedure pg_temp.walk_in(client bigint) language sql as
  $$insert into clinic.client_events (client_id, on_date, kind) values (client, '2026-04-13', 'walk_in')$$;
select message from plan_rounds('2026-04-13');
select message from promote_plan(1, 'start');
select * from pg_temp.record;

-- Ana came late to client 3 and is still there, Ben's first visit took two hours: a walk-in waits for both.
update clinic.visits set started_at = '2026-04-13 08:30' where client_id = 3;
update clinic.visits set started_at = '2026-04-13 07:00', ended_at = '2026-04-13 09:00', outcome = 'done' where client_id = 2;
update clinic.visits set started_at = '2026-04-13 07:00', ended_at = '2026-04-13 07:25', outcome = 'done' where client_id = 1;
call pg_temp.walk_in(7);
select plan_id, client_name, code, new_staff_id, new_starts_at::time, message from replan_rounds('2026-04-13', '2026-04-13 08:40');
select v.client_id, a.staff_id, a.during from clinic.plan_assignments a join clinic.visits v on v.id = a.visit_id
where a.plan_id = 2 and v.client_id in (1, 2, 3, 7) order by staff_id, during;
-- Somebody begins a visit before it is promoted.
update clinic.visits set started_at = '2026-04-13 08:42' where client_id = 4;
select message from promote_plan(2, 'a walk-in');
select count(*) from rounds_violations('2026-04-13');

-- Called off: its place is another's, and the record has it no more.
update clinic.visits set outcome = 'cancelled' where client_id = 6;
call pg_temp.walk_in(8);
select plan_id, client_name, code, new_staff_id, new_starts_at::time, message from replan_rounds('2026-04-13', '2026-04-13 08:45');
select inserted, deleted from promote_plan(3, 'client 6 called');
select count(*) from pg_temp.record where client_id = 6;
select code, message from replan_rounds('2026-04-13', '2026-04-13 08:45');

-- A lock in the plan in force moves a visit; nobody else moves.
select max(id) as promoted from clinic.plans where promoted_at is not null \gset
insert into clinic.locks (plan_id, action, staff_id, visit_id, starts_at)
  select :promoted, 'assign', 1, id, '2026-04-13 11:20' from clinic.visits where client_id = 5;
select client_name, code, old_starts_at::time, new_starts_at::time, was_locked from replan_rounds('2026-04-13', '2026-04-13 08:45') where visit_id is not null;
delete from clinic.locks;
-- A forbidden worker gets nothing.
insert into clinic.plans (kind, from_date, to_date) values ('rounds', '2026-04-20', '2026-04-20') returning id as draft \gset
insert into clinic.locks (plan_id, action, staff_id) values (:draft, 'forbid', 1);
select plan_id, assigned from plan_rounds('2026-04-20', parent_plan_id => :draft) \gset
select :assigned as assigned, array_agg(distinct staff_id) as by from clinic.plan_assignments where plan_id = :plan_id;

-- Overtaken by a new client, by an unskip, by somebody who left, by a decision.
select plan_id from plan_rounds('2026-04-27') \gset
savepoint fresh;
insert into clinic.clients (name, area_id, visit_minutes, starts_on, renews_on) values ('new', 1, 30, '2026-04-20', '2026-05-20');
call test.refused(format('select promote_plan(%s, ''x'')', :plan_id));
rollback to fresh;
insert into clinic.client_events (client_id, on_date, kind, made_at) values (9, '2026-04-27', 'walk_in', '2026-04-26');
call test.refused(format('select promote_plan(%s, ''x'')', :plan_id));
rollback to fresh;
update clinic.staff set enabled = false where id = 1;
call test.refused(format('select promote_plan(%s, ''x'')', :plan_id));
rollback to fresh;
insert into clinic.clients (name, area_id, visit_minutes, required_skills, starts_on, renews_on) values ('difficult', 1, 30, '{x_ray}', '2026-04-20', '2026-05-20') returning id as difficult \gset
select plan_id from plan_rounds('2026-04-27') \gset first_
select promote_plan(:first_plan_id, 'x');
select plan_id from plan_rounds('2026-04-27') \gset stale_
select exception_id as id from clinic.exception_queue where client_id = :difficult and on_date = '2026-04-27' \gset
update clinic.staff set enabled = false where id = 2;
call test.refused(format('select resolve_exception(%s, ''reassigned'', 2, ''2026-04-27 11:00'')', :id));
select message from resolve_exception(:id, 'reassigned', 1, '2026-04-27 11:00');
update clinic.staff set enabled = true where id = 2;
call test.refused(format('select promote_plan(%s, ''x'')', :stale_plan_id));
select deleted, message from promote_plan(:stale_plan_id, 'x', array(select key from plan_violations(:stale_plan_id)));
-- A resolution stays as it was written.
call test.refused(format('update clinic.exceptions set resolved_by = ''somebody else'' where id = %s', :id));

-- Nothing is left to resolve where the visit was made; a visit can't be put off to a day on which it was made.
insert into clinic.visits (client_id, on_date, started_at, outcome) values (:difficult, '2030-05-06', '2030-05-06 08:00', 'done');
select plan_id from plan_rounds('2026-05-11') \gset
select id from clinic.exceptions where plan_id = :plan_id and client_id = :difficult \gset
call test.refused(format('select resolve_exception(%s, ''rescheduled'', new_date => ''2030-05-06'')', :id));
update clinic.visits set outcome = 'not_home' where client_id = :difficult and on_date = '2026-05-11';
select count(*) from clinic.exception_queue where exception_id = :id;
call test.refused(format('select resolve_exception(%s, ''cancelled'')', :id));
-- A redo of what was done already: a client is visited once a day.
insert into clinic.client_events (client_id, on_date, kind, made_at) values (1, '2026-04-13', 'redo', '2026-04-13 08:43');
select message from replan_rounds('2026-04-13', '2026-04-13 08:44') where message is not null;
-- A plan of rounds is of one day.
call test.violates($$update clinic.plans set to_date = '2026-04-21' where kind = 'rounds' and from_date = '2026-04-20'$$);
call test.refused(format('select promote_plan(%s, ''x'')', :draft));
-- A worker who notes only arrivals isn't at every client until now: the rest stays where it is. Slips of the pen do no harm.
select plan_id from plan_rounds('2026-04-20') \gset
select promote_plan(:plan_id, 'x');
update clinic.visits v set started_at = lower(a.during) from clinic.assignments a
where a.visit_id = v.id and v.on_date = '2026-04-20' and lower(a.during)::time < '08:00';
update clinic.staff set capacity_minutes = 95 where home_area_id is not null;
select client_name, code from replan_rounds('2026-04-20', '2026-04-20 08:00') where visit_id is not null;
update clinic.visits set started_at = '294000-01-01' where on_date = '2026-04-20' and client_id = 1;
update clinic.visits set ended_at = '290000-01-01' where on_date = '2026-04-20' and client_id = 2;
select count(*) > 0 as answers from replan_rounds('2026-04-20', '2026-04-20 08:00');
rollback;
