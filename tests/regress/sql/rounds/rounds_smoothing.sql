-- Smoothing: it goes on while somebody has too much, and a move costs what the area's weights say.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
create view pg_temp.loads as
  select plan_id, s.name, sum(visit_minutes) as minutes from clinic.plan_assignments a join clinic.visits v on v.id = a.visit_id
  join clinic.clients c on c.id = v.client_id join clinic.staff s on s.id = a.staff_id group by 1, 2;
savepoint empty;
-- Who may take the most gets the most: 330, 180 and 210 minutes before smoothing.
insert into clinic.areas (name, travel_minutes) values ('a', 0);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('R', 1, 400), ('S', 1, 260), ('T', 1, 300);
insert into clinic.clients (name, area_id, visit_minutes, usual_order, starts_on, renews_on) select 'c' || n, 1, 30, n, '2026-04-01', '2026-05-01' from generate_series(1, 24) n;
select smoothed from plan_rounds('2026-04-13');
select name, minutes from pg_temp.loads where plan_id = 1 order by 1;
select explain_visit(1, client_id) from clinic.smoothing_moves join clinic.visits on visits.id = visit_id where number = 2;
update clinic.areas set smoothing_percent = 0;
select smoothed from plan_rounds('2026-04-13');
call test.violates('update clinic.areas set smoothing_percent = -1');
call test.violates('update clinic.areas set smoothing_max_cost = -1');
rollback to empty;
-- Clients who know one worker: those known least go, and none whose move the area finds too dear.
insert into clinic.areas (name, travel_minutes, experience_weight, remaining_capacity_weight) values ('a', 5, 20, 0) returning id as area \gset
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('experienced', :area, 200), ('new', :area, 300);
insert into clinic.clients (name, area_id, visit_minutes, usual_order, starts_on, renews_on)
  select 'c' || n, :area, 10, n, '2026-04-01', '2026-06-01' from generate_series(1, 12) n;
-- The first six were visited nine times, each of the others once less than the one before.
insert into clinic.visits (client_id, on_date, started_at, ended_at, outcome)
  select id, d::date, d + interval '7 hours', d + interval '430 min', 'done'
  from clinic.clients, generate_series(timestamp '2026-04-01', '2026-04-09', '1 day') d where d >= timestamp '2026-04-01' + greatest(usual_order - 6, 0) * interval '1 day';
insert into clinic.assignments (staff_id, visit_id, during)
  select (select id from clinic.staff where name = 'experienced'), id, tstzrange(started_at, ended_at) from clinic.visits;
create view pg_temp.moves as
  select plan_id, number, c.name as client, o.name as before, n.name as after from clinic.smoothing_moves m
  join clinic.visits v on v.id = m.visit_id join clinic.clients c on c.id = v.client_id
  join clinic.staff o on o.id = old_staff_id join clinic.staff n on n.id = new_staff_id;
select plan_id from plan_rounds('2026-04-13') \gset
select client, before, after from pg_temp.moves where plan_id = :plan_id order by number;
-- A visit costs 20 points less for each earlier one, and 30 less if it was the last.
update clinic.areas set smoothing_max_cost = 120;
select plan_id from plan_rounds('2026-04-13') \gset
select client, before, after from pg_temp.moves where plan_id = :plan_id order by number;
rollback;
