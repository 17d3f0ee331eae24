-- Fairness with a memory: what somebody had too little of before, they get more of now.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
savepoint ready;

-- Seven people, twelve shifts a week: two of them are short each week, and never the same ones.
insert into clinic.staff (id, name) select n, 'E' || n from generate_series(1, 7) n;
insert into clinic.shift_templates (day_of_week, start_time, end_time) select d, t, t + interval '4 hours' from generate_series(1, 6) d, unnest('{08:00,13:00}'::time[]) t;
select generate_shifts('2025-01-06', '2025-03-02') as shifts;
create temp table spread (week int, counts bigint[], status text, objective bigint);
do $$ declare p record; begin
 for w in 0..7 loop
  select * into p from solve_roster(date '2025-01-06' + 7 * w);
  perform promote_plan(p.plan_id, 'week ' || w);
  insert into spread select w + 1, array_agg(n order by id), p.status, p.objective from (select s.id, count(a.id) n from clinic.staff s left join clinic.assignments a on a.staff_id = s.id group by s.id) x;
 end loop; end $$;
select week, counts, (select max(n) - min(n) from unnest(counts) n) as spread, status, objective from spread order by week;
select staff_name, worked, fair_share, abs(debt) < 1 as is_fair from fairness('2025-01-06', '2025-03-02');
-- Without a memory each week is fair by itself alone: who had none before gets no more now. With it, what the cap of two allows.
delete from clinic.assignments where staff_id = 1;
select generate_shifts('2025-03-03', '2025-03-09') as shifts;
update clinic.clinics set fairness_weeks = 0;
select plan_id as plan from solve_roster('2025-03-03') \gset
select count(*) as of_e1 from clinic.plan_assignments where plan_id = :plan and staff_id = 1;
update clinic.clinics set fairness_weeks = 26;
select plan_id as plan from solve_roster('2025-03-03') \gset
select count(*) as of_e1 from clinic.plan_assignments where plan_id = :plan and staff_id = 1;
rollback to ready;

-- Somebody is ill for a week: no share, and no debt. Somebody who works half gets half.
insert into clinic.staff (id, name, contract_percent) values (1, 'Ann', 100), (2, 'Bob', 100), (3, 'Cem', 50);
insert into clinic.shifts (during) select tstzrange(d + time '08:00', d + time '16:00') from (select date '2025-01-06' + n as d from generate_series(0, 69) n) x where extract(isodow from d) <= 5;
insert into clinic.time_off (staff_id, during) values (1, '[2025-01-13 00:00, 2025-01-20 00:00)');
do $$ declare p record; begin for w in 0..9 loop select * into p from solve_roster(date '2025-01-06' + 7 * w); perform promote_plan(p.plan_id, 'w'); end loop; end $$;
select staff_name, contract_percent, worked, fair_share, debt from fairness('2025-01-06', '2025-03-16');
rollback to ready;

-- Who does the one night a week? Everybody in turn, also after a week without a roster.
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.staff (id, name) select n, 'P' || n from generate_series(1, 6) n;
insert into clinic.shifts (shift_kind, during) select 'night', tstzrange(d + time '20:00', d + 1 + time '08:00') from (select date '2025-01-11' + 7 * n as d from generate_series(0, 12) n) x;
insert into clinic.shifts (during, staff_needed) select tstzrange(d + time '08:00', d + time '16:00'), 2 from (select date '2025-01-06' + n as d from generate_series(0, 90) n) x where extract(isodow from d) <= 5;
insert into clinic.rules (rule_kind, shift_kind, mode, weight) values ('load_balance', 'night', 'soft', 20);
do $$ declare p record; begin for w in 0..12 loop
  continue when w = 5;
  select * into p from solve_roster(date '2025-01-06' + 7 * w); perform promote_plan(p.plan_id, 'w');
end loop; end $$;
select array_agg(worked order by staff_id) as nights from fairness('2025-01-06', '2025-04-06', shift_kind => 'night');
select array_agg(worked order by staff_id) as shifts from fairness('2025-01-06', '2025-04-06');
rollback to ready;

-- Everybody likes the same dentist.
insert into clinic.staff (id, name) select n, 'A' || n from generate_series(1, 3) n;
insert into clinic.providers (id, name) values (12, 'Dr. Other');
insert into clinic.preferences (staff_id, provider_id, stated_by) select n, 1, 'staff' from generate_series(1, 3) n;
insert into clinic.shifts (provider_id, during) select p, tstzrange(d + time '08:00', d + time '12:00')
  from (select date '2025-01-06' + n as d from generate_series(0, 55) n) x, unnest('{1,12,12}'::bigint[]) p where extract(isodow from d) = 1 or p = 12 and extract(isodow from d) = 2;
do $$ declare p record; begin for w in 0..7 loop
  continue when w = 1;
  select * into p from solve_roster(date '2025-01-06' + 7 * w); perform promote_plan(p.plan_id, 'w');
end loop; end $$;
select staff_name, worked, fair_share, debt from fairness('2025-01-06', '2025-03-02', 'preference_debt');
-- A year without any record owes nobody anything.
select * from fairness('2026-01-01', '2026-12-31');

call test.refused($$select * from fairness('2025-01-06', rule_kind => 'max_shifts')$$);
call test.refused($$select * from fairness('2025-01-06', rule_kind => 'luck')$$);
call test.refused($$select * from fairness('2025-01-06', rule_kind => 'preference_debt', shift_kind => 'night')$$);
call test.refused($$select * from fairness('2025-01-06', '2025-01-05')$$);
call test.violates($$update clinic.clinics set fairness_weeks = 105$$);
call test.violates($$update clinic.clinics set debt_cap = -1$$);
rollback;
