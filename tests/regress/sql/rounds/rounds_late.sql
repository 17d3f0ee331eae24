-- A morning on which everybody is late: within the tolerance nothing moves, beyond it visits are pushed, and nobody changes hands.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.areas (name, travel_minutes) values ('a', 2);
insert into clinic.staff (name, home_area_id, capacity_minutes) values ('A', 1, 400), ('B', 1, 400);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) select id, 1, '06:00', '12:00' from clinic.staff;
insert into clinic.clients (name, area_id, visit_minutes, usual_order, tier, starts_on, renews_on)
  select 'c' || n, 1, 10, n, case n when 37 then 5 else 1 end, '2026-04-01', '2026-05-01' from generate_series(1, 40) n;
select message from plan_rounds('2026-04-13');
select message from promote_plan(1, 'x');
-- Each coming and leaving is noted to the minute.
create procedure pg_temp.late(minutes integer) language sql as $$
  update clinic.visits v set started_at = null, ended_at = null, outcome = null;
  update clinic.visits v set started_at = lower(during) + minutes * interval '1 min',
    ended_at = case when upper(during) + minutes * interval '1 min' <= '2026-04-13 07:05' then upper(during) + minutes * interval '1 min' end,
    outcome = case when upper(during) + minutes * interval '1 min' <= '2026-04-13 07:05' then 'done' end
  from clinic.assignments a where a.visit_id = v.id and lower(during) + minutes * interval '1 min' <= '2026-04-13 07:05'
$$;
create procedure pg_temp.replan(minutes integer, without bigint[] default null) language plpgsql as $$
declare row record;
begin
  call pg_temp.late(minutes);
  for row in select * from replan_rounds('2026-04-13', '2026-04-13 07:05', without) where message is not null loop
    raise notice '% min late: % (% % % %)', minutes, row.message, row.moved_visits, row.moved_minutes, row.changed_workers, row.fewest_changed_workers;
  end loop;
end $$;
call pg_temp.replan(0);
call pg_temp.replan(1);
call pg_temp.replan(3);
call pg_temp.replan(5);
call pg_temp.replan(10);
call pg_temp.replan(12);
savepoint late;
update clinic.areas set tolerance_minutes = 0;
call pg_temp.replan(1);
rollback to late;
-- Somebody is ill besides: only her visits change hands.
call pg_temp.replan(5, '{2}');
-- The day gets too short: the least important gives way.
update clinic.staff_availability set end_time = '10:00';
call pg_temp.late(12);
select client_name, code, new_staff_id from replan_rounds('2026-04-13', '2026-04-13 07:05')
where visit_id is not null and code <> 'pushed' order by old_starts_at, client_name;
-- A plan in which visits are late within the tolerance obeys the rules.
call pg_temp.late(5);
select count(*) from rounds_violations('2026-04-13');
call test.violates('update clinic.areas set tolerance_minutes = 241');
call test.violates('update clinic.areas set tolerance_minutes = -1');
rollback;
