-- Periods that people mean, windows that roll, and the record before a plan.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.shift_kinds (name) values ('work'), ('day'), ('night');
savepoint ready;

-- 80 hours a week averaged over four weeks. One resident, twelve weeks: 60 hours, and 90 in weeks 5 to 8.
insert into clinic.staff (name) values ('Resident');
insert into clinic.shifts (shift_kind, during)
  select 'work', tstzrange(d + time '06:00', d + time '06:00' + case when (d - date '2025-03-03') / 7 between 4 and 7 then interval '18 hours' else interval '12 hours' end)
  from (select date '2025-03-03' + n as d from generate_series(0, 83) n) x where extract(isodow from d) <= 5;
insert into clinic.assignments (staff_id, shift_id) select 1, id from clinic.shifts;
insert into clinic.rules (rule_kind, rolling_days, mode, limit_value) values ('max_minutes', 28, 'hard', 4 * 80 * 60);
create view pg_temp.found as select w.name, v.period, v.from_date, v.to_date, v.amount, v.sentence
  from (values (1, 'weeks 1 to 4', date '2025-03-03', date '2025-03-30'), (2, 'weeks 5 to 8', '2025-03-31', '2025-04-27'),
    (3, 'week 8', '2025-04-21', '2025-04-27'), (4, 'weeks 11 and 12', '2025-05-12', '2025-05-25'), (5, 'all twelve', '2025-03-03', '2025-05-25')) w (n, name, first, last),
  record_violations(first, last) v where v.is_hard order by n;
select name, period, from_date, to_date, amount from pg_temp.found;
select sentence from pg_temp.found where name = 'all twelve';
-- What was approved of that window excuses those that overlap it, for they are broken by the same work.
select approve_violation('max_minutes', 1, null, '2025-03-31', 'an outbreak', period => '28 days', to_date => '2025-04-27') > 0 as approved;
select name, amount, sentence from pg_temp.found;
-- One day in seven free, averaged over four weeks.
delete from clinic.rules;
insert into clinic.rules (rule_kind, rolling_days, mode, limit_value) values ('max_days', 28, 'hard', 19);
select name, from_date, to_date, amount from pg_temp.found;
rollback to ready;

-- At most two weekends a month: a roster of four weeks, and week by week, when what was worked before counts.
insert into clinic.staff (id, name) select n, 'P' || n from generate_series(1, 4) n;
insert into clinic.shifts (shift_kind, during, staff_needed) select 'day', tstzrange(d + time '08:00', d + time '16:00'), 2
  from (select date '2025-03-03' + n as d from generate_series(0, 27) n) x where extract(isodow from d) >= 6;
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_weekends', 'month', 'hard', 2);
insert into clinic.shift_requests (staff_id, on_date, is_wanted, weight)
  select p, d, true, 200 from generate_series(1, 2) p, (select date '2025-03-03' + n as d from generate_series(0, 27) n) x where extract(isodow from d) >= 6;
select status from solve_roster('2025-03-03', '2025-03-30');
select staff_id, count(distinct date_trunc('week', lower(s.during))) as weekends from clinic.plan_assignments a join clinic.shifts s on s.id = a.shift_id group by 1 order by 1;
do $$ declare p record; begin for w in 0..3 loop select * into p from solve_roster(date '2025-03-03' + 7 * w); perform promote_plan(p.plan_id, 'w'); end loop; end $$;
select staff_id, count(distinct date_trunc('week', lower(s.during))) as weekends from clinic.assignments a join clinic.shifts s on s.id = a.shift_id group by 1 order by 1;
select count(*) from record_violations('2025-03-03', '2025-03-30') where rule_kind = 'max_weekends';
-- Friday nights count where Friday is of the weekend.
delete from clinic.assignments;
insert into clinic.shifts (shift_kind, during) select 'night', tstzrange(d + time '20:00', d + 1 + time '08:00') from unnest('{2025-03-07,2025-03-14,2025-03-21,2025-03-28}'::date[]) d;
insert into clinic.assignments (staff_id, shift_id) select 1, id from clinic.shifts where shift_kind = 'night';
select count(*) from record_violations('2025-03-03', '2025-03-30') where rule_kind = 'max_weekends';
update clinic.clinics set weekend_days = '{5,6,7}';
select sentence from record_violations('2025-03-03', '2025-03-30') where rule_kind = 'max_weekends';
-- And weeks where they start.
delete from clinic.rules;
insert into clinic.rules (rule_kind, period, mode, limit_value)
  select 'max_shifts', period, 'hard', 0 from unnest('{week,two_weeks,four_weeks,month,quarter,year,plan}'::text[]) period;
select period, from_date, to_date, sentence from record_violations('2025-03-05', '2025-03-07') where rule_kind = 'max_shifts' order by to_date - from_date;
update clinic.clinics set week_starts_on = 7;
select period, from_date, to_date from record_violations('2025-03-05', '2025-03-07') where rule_kind = 'max_shifts' and period like '%week%' order by to_date - from_date;
rollback to ready;

-- Days in a row over the border of plans: as long as the rule asks, not a week. Ann worked eleven days up to Sunday.
insert into clinic.staff (id, name) values (1, 'Ann'), (2, 'Bob');
insert into clinic.shifts (during) select tstzrange(d + time '08:00', d + time '16:00') from (select date '2025-03-20' + n as d from generate_series(0, 17) n) x;
insert into clinic.assignments (staff_id, shift_id) select 1, id from clinic.shifts where lower(during) < '2025-03-31';
insert into clinic.rules (rule_kind, mode, limit_value) values ('max_consecutive_days', 'hard', 12);
insert into clinic.shift_requests (staff_id, on_date, is_wanted) select 2, date '2025-03-31' + n, false from generate_series(0, 6) n;
insert into clinic.shift_requests (staff_id, on_date, is_wanted, weight) select 1, date '2025-03-31' + n, true, 100 from generate_series(0, 6) n;
select status from solve_roster('2025-03-31', weights => '{"load_balance": 0}');
select s.name, array_agg(lower(h.during)::date order by h.during) from clinic.plan_assignments a join clinic.staff s on s.id = a.staff_id join clinic.shifts h on h.id = a.shift_id group by 1 order by 1;
rollback to ready;

call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value) values ('max_weekends', 'hard', 1)$$);
call test.violates($$insert into clinic.rules (rule_kind, period, rolling_days, mode, limit_value) values ('max_shifts', 'week', 7, 'hard', 1)$$);
call test.violates($$insert into clinic.rules (rule_kind, rolling_days, mode, limit_value) values ('max_shifts', 1, 'hard', 1)$$);
call test.violates($$insert into clinic.rules (rule_kind, rolling_days, mode, limit_value) values ('max_shifts', 367, 'hard', 1)$$);
call test.violates($$insert into clinic.rules (rule_kind, rolling_days, mode) values ('no_overlap', 7, 'hard')$$);
call test.violates($$update clinic.clinics set week_starts_on = 0$$);
call test.violates($$update clinic.clinics set weekend_days = '{1,2,3,4,5,6,7}'$$);
call test.violates($$update clinic.clinics set weekend_days = '{8}'$$);
call test.violates($$update clinic.clinics set weekend_days = '{6,null}'$$);
-- Windows longer than the record: before it began nothing was worked.
insert into clinic.staff (id, name) values (1, 'Ann');
insert into clinic.shifts (during) select tstzrange(d + time '08:00', d + time '16:00') from (select date '2025-03-20' + n as d from generate_series(0, 6) n) x;
insert into clinic.rules (rule_kind, rolling_days, mode, limit_value) values ('max_days', 366, 'hard', 7), ('min_shifts', 366, 'hard', 300);
select status, assigned from solve_roster('2025-03-20');
rollback;
