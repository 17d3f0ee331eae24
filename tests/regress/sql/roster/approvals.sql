-- An approval excuses what was approved, and nothing that comes on top: for the record, and for who solves the rest.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.staff (name) values ('Smith'), ('Jones'), ('Patel');
insert into clinic.rules (rule_kind, shift_kind, period, mode, limit_value) values ('max_shifts', 'night', 'month', 'hard', 4);
insert into clinic.shifts (shift_kind, during) select 'night', tstzrange(d + time '20:00', d + 1 + time '08:00')
  from unnest('{2025-03-03,2025-03-06,2025-03-09,2025-03-12,2025-03-15,2025-03-18,2025-03-20,2025-03-22,2025-03-24,2025-03-26,2025-03-28}'::date[]) d;
insert into clinic.assignments (staff_id, shift_id) select 1, id from clinic.shifts where lower(during) < '2025-03-16';
-- Smith wishes for nights.
insert into clinic.shift_requests (staff_id, on_date, shift_kind, is_wanted) select 1, lower(during)::date, 'night', true from clinic.shifts where lower(during) > '2025-03-16';
create view pg_temp.broken as select amount, shift_id, sentence, approved_by, approval_reason
  from record_violations('2025-03-01', '2025-03-31') where rule_kind = 'max_shifts';
savepoint ready;

-- Four nights a month, and Smith has five: Jane approves the one of the 15th.
select * from pg_temp.broken;
set local pg_clinic.actor = 'Jane';
select approve_violation('max_shifts', 1, null, '2025-03-15', 'emergency coverage', 'night', period => 'month') > 0 as approved;
select staff_id, shift_id, from_date, missing, excess, approved_by, reason from clinic.rule_overrides;
select * from pg_temp.broken;
-- What isn't broken can't be approved, nor can it be twice.
call test.refused($$select approve_violation('max_shifts', 1, null, '2025-03-15', 'again', 'night', period => 'month')$$);
call test.refused($$select approve_violation('max_shifts', 2, null, '2025-03-15', 'nothing', 'night', period => 'month')$$);
call test.refused($$select approve_violation('max_shifts', 1, 5, null, 'nothing', 'night', period => 'month')$$);
-- One night was approved, not the month: Smith gets no other one.
select status, message from solve_roster('2025-03-16', '2025-03-31');
select s.name, count(*) from clinic.plan_assignments p join clinic.staff s on s.id = p.staff_id group by 1 order by 1;
-- A sixth night is unapproved.
insert into clinic.assignments (staff_id, shift_id) values (1, 6);
select * from pg_temp.broken;
-- Of several the last ones are meant, if none is named.
insert into clinic.assignments (staff_id, shift_id) values (1, 7);
select approve_violation('max_shifts', 1, null, '2025-03-01', 'the rest', 'night', period => 'month') > 0 as approved;
select amount, shift_id, approval_reason from pg_temp.broken;
-- An approval goes with its assignment, be it deleted, given away or replaced by a plan.
delete from clinic.assignments where shift_id = 7;
update clinic.assignments set staff_id = 2 where shift_id = 6;
select shift_id, reason from clinic.rule_overrides;
insert into clinic.assignments (staff_id, shift_id) values (1, 6), (1, 7);
select amount, shift_id, approval_reason from pg_temp.broken;
-- In advance, somebody on a shift.
select approve_violation('max_shifts', 1, 8, null, 'Jones is away', 'night', period => 'month') > 0 as approved;
insert into clinic.assignments (staff_id, shift_id) values (1, 8);
select amount, shift_id, approval_reason from pg_temp.broken;
rollback to ready;

-- Minutes, minimums and people are approved by the amount, runs by their dates.
update clinic.rules set rule_kind = 'max_minutes', limit_value = 48 * 60;
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('min_shifts', 'month', 'hard', 7);
insert into clinic.rules (rule_kind, mode, limit_value) values ('max_consecutive_days_off', 'hard', 2);
select approve_violation(rule_kind, staff_id, shift_id, from_date, 'as it is', shift_kind, next_shift_kind, period, to_date) > 0 as approved
from record_violations('2025-03-01', '2025-03-31')
where staff_id = 1 and rule_kind in ('max_minutes', 'min_shifts') or rule_kind = 'cover' and shift_id = 11
  or staff_id = 1 and rule_kind = 'max_consecutive_days_off' and from_date = '2025-03-16';
select rule_kind, staff_id, shift_id, from_date, to_date, missing, excess from clinic.rule_overrides order by rule_kind;
select rule_kind, amount, sentence from record_violations('2025-03-01', '2025-03-31') where override_id is not null;
insert into clinic.assignments (staff_id, shift_id) values (1, 10);
select rule_kind, amount, sentence from record_violations('2025-03-01', '2025-03-31') where staff_id = 1 and rule_kind in ('max_minutes', 'min_shifts');
rollback to ready;

-- An approval that names nothing, or more than its rule excuses, is no approval.
call test.violates($$insert into clinic.rule_overrides (rule_kind, shift_kind, period, staff_id, from_date, to_date, mode, approved_by, reason)
  values ('max_shifts', 'night', 'month', 1, '2025-03-01', '2025-03-31', 'waived', 'M', 'r')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, period, staff_id, from_date, to_date, mode, approved_by, reason)
  values ('min_shifts', 'month', 1, '2025-03-01', '2025-03-31', 'waived', 'M', 'r')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, shift_id, missing, excess, mode, approved_by, reason)
  values ('cover', 1, 1, 1, 'waived', 'M', 'r')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, shift_id, missing, mode, approved_by, reason)
  values ('cover', 1, 0, 'waived', 'M', 'r')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, shift_id, missing, mode, approved_by, reason)
  values ('cover', 1, 1, 'hard', 'M', 'r')$$);
call test.refused($$select approve_violation('max_shifts', 1, null, '2025-03-15', 'x', 'night', period => 'month', to_date => '2025-03-01')$$);
rollback;
-- A plan that breaks a hard rule becomes the record once each violation is approved by its key.
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.shifts (during) select tstzrange(d + time '08:00', d + time '12:00') from generate_series(timestamp '2027-05-03', '2027-05-07', '1 day') d;
select status from solve_roster('2027-05-03');
select * from plan_violations(1);
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 1);
select key, staff_id, amount, sentence from plan_violations(1);
call test.refused($$select * from promote_plan(1, 'go')$$);
call test.refused($$select * from promote_plan(1, 'go', array['max_shifts, week, staff 1, 2027-05-03 to 2027-05-09: 1'])$$);
call test.refused($$select * from promote_plan(1, 'go', array['max_shifts'] || array(select key from plan_violations(1)))$$);
-- What has grown since, or is new, isn't approved by the key of before.
select array_agg(key) as keys from plan_violations(1) \gset
delete from clinic.plan_assignments where plan_id = 1 and shift_id = 1;
insert into clinic.plan_assignments (plan_id, staff_id, shift_id) select 1, 3 - staff_id, 1 from clinic.plan_assignments where shift_id = 2;
select key from plan_violations(1);
savepoint keys;
set local pg_clinic.actor = 'Jane';
select message from promote_plan(1, 'a short week', array(select key from plan_violations(1)));
select staff_id, count(*), min(approved_by), min(reason) from clinic.rule_overrides group by 1 order by 1;
select staff_id, amount, sentence, approved_by from record_violations('2027-05-03') where is_hard;
rollback to keys;
-- Who may not approve can't promote it.
create role sched_only;
select grant_clinic_access('sched_only', 'scheduler');
set local role sched_only;
call test.refused($$select * from promote_plan(1, 'go', array(select key from plan_violations(1)))$$);
reset role;
rollback;
-- What the plan's own override allowed is approved in the record, by whoever approved it for the plan.
begin;
call test.clinic();
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.staff (name) values ('Smith');
insert into clinic.rules (rule_kind, shift_kind, period, mode, limit_value) values ('max_shifts', 'night', 'month', 'hard', 4);
insert into clinic.shifts (shift_kind, during) select 'night', tstzrange(d + time '20:00', d + 1 + time '08:00') from (select date '2025-07-01' + 3 * n as d from generate_series(0, 4) n) x;
select draft_plan('2025-07-01', '2025-07-31');
insert into clinic.rule_overrides (rule_kind, shift_kind, period, plan_id, mode, limit_value, approved_by, reason)
  values ('max_shifts', 'night', 'month', 1, 'hard', 5, 'Jane', 'short month');
select status, assigned from solve_plan(1);
create role sched_only;
select grant_clinic_access('sched_only', 'scheduler');
set local role sched_only;
select message from promote_plan(1, 'agreed');
reset role;
select rule_kind, is_hard, amount, shift_id, approved_by, approval_reason from record_violations('2025-07-01', '2025-07-31') where is_hard;
rollback;
-- A factor can be tried like a weight.
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana');
insert into clinic.shifts (provider_id, during) values (1, tstzrange('2027-05-03 08:00', '2027-05-03 12:00'));
insert into clinic.preferences (staff_id, provider_id, stated_by) values (1, 1, 'provider');
select percent, objective from (values (100), (200), (300)) v (percent), solve_roster('2027-05-03', weights => jsonb_build_object('provider_factor', percent));
rollback;
-- A setting that can have no effect is refused, with what would.
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana');
insert into clinic.shifts (during) select tstzrange(d + time '08:00', d + time '12:00') from generate_series(timestamp '2027-05-03', '2027-05-07', '1 day') d;
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 5);
insert into clinic.rule_overrides (rule_kind, period, from_date, to_date, mode, limit_value, approved_by, reason)
  values ('max_shifts', 'week', '2027-05-05', '2027-05-06', 'hard', 2, 'Jane', 'a course');
call test.refused($$select * from solve_roster('2027-05-03')$$);
update clinic.rule_overrides set from_date = '2027-05-03';
insert into clinic.rules (rule_kind, mode, weight) values ('cover', 'soft', 10);
select status, assigned from solve_roster('2027-05-03');
rollback;
