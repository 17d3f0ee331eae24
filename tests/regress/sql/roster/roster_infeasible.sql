-- Where no roster obeys all hard rules, the plan says why and stays as a row.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.staff (name, skills) values ('Ana', '{surgery}'), ('Ben', '{}'), ('Cleo', '{surgery}');
insert into clinic.shift_kinds (name) values ('day');
insert into clinic.shifts (shift_kind, provider_id, during, required_skills) values
  ('day', 1, '[2026-04-13 08:00,2026-04-13 12:00)', '{surgery}'),
  ('day', 1, '[2026-04-13 13:00,2026-04-13 17:00)', '{}');
savepoint ready;

-- The only two who can are away, or locked to another shift at the time.
insert into clinic.shifts (shift_kind, during) values ('day', '[2026-04-13 09:00,2026-04-13 11:00)');
insert into clinic.time_off (staff_id, during, reason) values (1, '[2026-04-13,2026-04-15)', 'leave');
select draft_plan('2026-04-13');
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 3, 3);
select status, objective, bound, gap, shifts, assigned, message from solve_plan(1);
select status, jsonb_pretty(conflict) from clinic.plans where id = 1;
select count(*) from clinic.plan_assignments;
-- It can be asked about, but not promoted or compared.
select staff_name, is_assigned, is_allowed, cost_change, sentences from explain_assignment(1, 1);
call test.refused('select * from promote_plan(1, ''x'')');
call test.refused('select * from compare_plans(1, 1)');
-- One of the suggested fixes, and it works.
delete from clinic.time_off;
select status, assigned, message from solve_plan(1);
select conflict from clinic.plans where id = 1;
rollback to ready;

-- Locks that contradict each other.
select draft_plan('2026-04-13') as plan \gset
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 1, 1), (:plan, 'forbid', 1, 1);
select status, message from solve_plan(:plan);
delete from clinic.locks;
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 1, 1), (:plan, 'assign', 3, 1);
select status, message from solve_plan(:plan);
-- A person locked twice at the same time.
insert into clinic.shifts (shift_kind, during) values ('day', '[2026-04-13 09:00,2026-04-13 11:00)') returning id as other \gset
delete from clinic.locks;
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 1, 1), (:plan, 'assign', 1, :other);
select status, message from solve_plan(:plan);
-- A lock on somebody on leave, or disabled.
delete from clinic.locks;
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 2, 2);
insert into clinic.time_off (staff_id, during, reason) values (2, '[2026-04-13,2026-04-14)', 'leave');
select status, message from solve_plan(:plan);
delete from clinic.time_off;
update clinic.staff set enabled = false where id = 2;
select status, message from solve_plan(:plan);
-- The same lock twice is no contradiction.
update clinic.staff set enabled = true;
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 2, 2);
select status, assigned from solve_plan(:plan);
rollback to ready;

-- Rules that contradict each other, and approvals that let one go.
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('min_shifts', 'plan', 'hard', 2), ('max_shifts', 'plan', 'hard', 1);
select status, message from solve_roster('2026-04-13');
delete from clinic.rules;
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'plan', 'hard', 0);
select status, message from solve_roster('2026-04-13');
select count(approve_violation('max_shifts', 1, id, null, 'both shifts', period => 'plan')) as approved from clinic.shifts;
select status, objective, assigned from solve_roster('2026-04-13');
rollback to ready;
-- More people a day than there are: soft cover wouldn't help. With fewer it would, by too many people.
insert into clinic.rules (rule_kind, mode, limit_value) values ('min_staff_per_day', 'hard', 4);
select status, message from solve_roster('2026-04-13');
delete from clinic.shifts where id = 1;
update clinic.rules set limit_value = 2;
select status, message from solve_roster('2026-04-13');
insert into clinic.rules (rule_kind, mode, weight) values ('cover', 'soft', 10);
select status, objective, assigned from solve_roster('2026-04-13');
-- Two contradictions that no one change fixes.
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('min_shifts', 'plan', 'hard', 2), ('max_shifts', 'plan', 'hard', 1);
update clinic.rules set limit_value = 9 where rule_kind = 'min_staff_per_day';
select status, message from solve_roster('2026-04-13');
rollback to ready;
-- Nobody at all.
delete from clinic.staff;
select status, message from solve_roster('2026-04-13');
rollback;
