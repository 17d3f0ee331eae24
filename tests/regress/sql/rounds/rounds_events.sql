-- Changes of the schedule: skips, unskips, redo and walk-ins.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name) values ('north');
insert into clinic.staff (name, home_area_id) values ('Ana', 1);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select 1, d, '07:00', '15:00' from generate_series(1, 7) d;
-- By subscription on Mondays and Tuesdays; on request only; not any more; not yet.
insert into clinic.clients (name, area_id, starts_on, renews_on, ends_on, visit_days) values
  ('Weekly', 1, '2026-04-01', '2026-05-01', null, '{1,2}'), ('Daily', 1, '2026-04-01', '2026-05-01', null, '{}'),
  ('Request', 1, null, null, null, '{}'), ('Former', 1, '2026-04-01', '2026-05-01', '2026-04-12', '{}'), ('Future', 1, '2026-04-14', '2026-05-14', null, '{}');
insert into clinic.client_events (client_id, on_date, kind, made_at) values
  (1, '2026-04-13', 'skip', '2026-04-12 23:59'),
  (2, '2026-04-13', 'skip', '2026-04-13 00:00'),
  (3, '2026-04-13', 'walk_in', '2026-04-13 08:00');
select message from plan_rounds('2026-04-13');
select c.name, t.kind, t.decision from clinic.visit_trace t join clinic.visits v on v.id = t.visit_id join clinic.clients c on c.id = v.client_id where plan_id = 1 order by 1;
-- The later of two wins, of two in the same instant the one written later.
insert into clinic.client_events (client_id, on_date, kind, made_at) values (1, '2026-04-13', 'unskip', '2026-04-12 23:59');
select message from plan_rounds('2026-04-13');
insert into clinic.client_events (client_id, on_date, kind, made_at) values (1, '2026-04-13', 'skip', '2026-04-12 12:00');
select message from plan_rounds('2026-04-13');
insert into clinic.client_events (client_id, on_date, kind, made_at) values (1, '2026-04-13', 'skip', '2026-04-12 23:59');
select message from plan_rounds('2026-04-13');
-- A redo counts on its own, on a skipped date too, and comes first.
insert into clinic.client_events (client_id, on_date, kind) values (1, '2026-04-13', 'redo');
select message from plan_rounds('2026-04-13');
select c.name, t.kind, to_char(t.starts_at, 'HH24:MI') as starts from clinic.visit_trace t join clinic.visits v on v.id = t.visit_id join clinic.clients c on c.id = v.client_id
where plan_id = (select max(id) from clinic.plans) order by t.starts_at;
-- A visit that has an outcome isn't planned again. A plan made before the change can't be promoted any more.
update clinic.visits set outcome = 'cancelled' where client_id = 2;
select message from plan_rounds('2026-04-13');
call test.refused('select * from promote_plan(5, ''late'')');
select inserted, deleted, kept from promote_plan(6, 'in time');
-- Days of the week, and dates long past or far ahead.
select d::date, (plan_rounds(d::date)).visits from generate_series(timestamp '2026-04-14', '2026-04-16', '1 day') d;
select visits from plan_rounds('1950-01-02');
-- Continuity: who came last time is preferred where the area says so.
insert into clinic.staff (name, home_area_id) values ('Ben', 1);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select 2, d, '07:00', '15:00' from generate_series(1, 7) d;
update clinic.staff set capacity_minutes = 300 where id = 1;
select plan_id from plan_rounds('2026-04-14') \gset
select visit_id, staff_id from clinic.plan_assignments where plan_id = :plan_id order by 1;
update clinic.areas set continuity_weight = 1000;
select plan_id from plan_rounds('2026-04-14') \gset
select a.visit_id, a.staff_id, considered from clinic.plan_assignments a join clinic.visit_trace t using (plan_id, visit_id)
where plan_id = :plan_id order by 1;
rollback;
