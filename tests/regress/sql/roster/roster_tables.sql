-- The tables of the roster: what their constraints refuse, and what goes with what.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.staff (name, skills) values ('Ana', '{surgery}'), ('Bea', '{}');
insert into clinic.staff_groups (name, priority) values ('Nurses', 1), ('Juniors', 2);
insert into clinic.staff_group_members (group_id, staff_id) values (1, 1), (2, 1);
insert into clinic.shift_kinds (name) values ('night');
insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00');
insert into clinic.shifts (provider_id, during, required_skills) values (1, '[2026-04-13 08:00, 2026-04-13 12:00)', '{surgery}');
insert into clinic.shifts (shift_kind, during, staff_needed) values ('night', '[2026-04-13 20:00, 2026-04-14 06:00)', 2);

-- People.
call test.violates($$insert into clinic.staff (name) values (' ')$$);
call test.violates($$insert into clinic.staff (name, skills) values ('X', '{a,null}')$$);
call test.violates($$insert into clinic.staff (name, contract_percent) values ('X', 0)$$);
call test.violates($$insert into clinic.staff (name, contract_percent) values ('X', 201)$$);
call test.violates($$insert into clinic.staff_groups (name, priority) values ('Seniors', 2)$$);
call test.violates($$insert into clinic.staff_groups (name, priority) values ('Nurses', 3)$$);
call test.violates($$insert into clinic.staff_group_members (group_id, staff_id) values (1, 1)$$);
call test.violates($$insert into clinic.staff_group_members (group_id, staff_id) values (1, 9)$$);
call test.violates($$insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (1, 8, '08:00', '12:00')$$);
call test.violates($$insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time) values (1, 1, '24:00', '12:00')$$);
call test.violates($$insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time, valid_from, valid_until) values (1, 1, '08:00', '12:00', '2026-04-14', '2026-04-13')$$);

-- Templates and shifts.
call test.violates($$insert into clinic.shift_kinds (name) values ('')$$);
call test.violates($$insert into clinic.shift_kinds (name) values ('session')$$);
call test.violates($$insert into clinic.shift_templates (shift_kind, day_of_week, start_time, end_time) values ('call', 1, '08:00', '12:00')$$);
call test.violates($$insert into clinic.shift_templates (day_of_week, start_time, end_time) values (0, '08:00', '12:00')$$);
call test.violates($$insert into clinic.shift_templates (day_of_week, start_time, end_time, staff_needed) values (1, '08:00', '12:00', -1)$$);
call test.violates($$insert into clinic.shifts (shift_kind, during) values ('call', '[2026-04-13 08:00, 2026-04-13 12:00)')$$);
call test.violates($$insert into clinic.shifts (provider_id, during) values (9, '[2026-04-13 08:00, 2026-04-13 12:00)')$$);
call test.violates($$insert into clinic.shifts (during) values ('empty')$$);
call test.violates($$insert into clinic.shifts (during) values ('[2026-04-13 08:00,)')$$);
call test.violates($$insert into clinic.shifts (during) values ('[2026-04-13 08:00, infinity)')$$);
call test.violates($$insert into clinic.shifts (during) values ('[2026-04-13 08:00, 2026-04-13 12:00]')$$);
call test.violates($$insert into clinic.shifts (during) values ('[2026-04-13 08:00, 2026-04-15 08:01)')$$);
call test.violates($$insert into clinic.shifts (during) values ('[1800-04-13 08:00, 1800-04-13 12:00)')$$);
call test.violates($$insert into clinic.shifts (during, staff_needed) values ('[2026-04-13 08:00, 2026-04-13 12:00)', 1001)$$);
call test.violates($$insert into clinic.shifts (during, template_id) values ('[2026-04-13 08:00, 2026-04-13 12:00)', 1)$$);

-- Preferences and shift requests.
insert into clinic.preferences (staff_id, provider_id) values (1, 1);
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength) values (1, 1, 'provider', false, 'mild');
insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (1, '2026-04-13', false);
insert into clinic.shift_requests (staff_id, on_date, shift_kind, is_wanted, weight) values (1, '2026-04-13', 'night', true, 5);
call test.violates($$insert into clinic.preferences (staff_id, provider_id, is_preferred) values (1, 1, false)$$);
call test.violates($$insert into clinic.preferences (staff_id, provider_id, stated_by) values (2, 1, 'patient')$$);
call test.violates($$insert into clinic.preferences (staff_id, provider_id, strength) values (2, 1, 'weak')$$);
call test.violates($$insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (1, '2026-04-13', true)$$);
call test.violates($$insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (2, 'infinity', true)$$);
call test.violates($$insert into clinic.shift_requests (staff_id, on_date, shift_kind, is_wanted) values (2, '2026-04-13', 'call', true)$$);
call test.violates($$insert into clinic.shift_requests (staff_id, on_date, is_wanted, weight) values (2, '2026-04-13', true, -1)$$);

-- Plans and locks. No hand writes what was found for a plan; without the triggers that say so there are constraints.
alter table clinic.plans disable trigger keep_new_plan;
alter table clinic.plans disable trigger keep_answer;
insert into clinic.plans (kind, from_date, to_date, status) values ('roster', '2026-04-13', '2026-04-19', 'OPTIMAL');
insert into clinic.plan_assignments (plan_id, staff_id, shift_id) values (1, 1, 1);
select created_by = session_user as by_session_user from clinic.plans;
call test.violates($$insert into clinic.plans (kind, from_date, to_date) values ('menu', '2026-04-13', '2026-04-19')$$);
call test.violates($$insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-13', '2026-04-12')$$);
call test.violates($$insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-13', 'infinity')$$);
call test.violates($$insert into clinic.plans (kind, from_date, to_date, status) values ('roster', '2026-04-13', '2026-04-19', 'optimal')$$);
call test.violates($$insert into clinic.plans (kind, from_date, to_date, parent_plan_id) values ('roster', '2026-04-13', '2026-04-19', 9)$$);
-- Promoted is who, when and why; and only what is a roster.
call test.violates($$update clinic.plans set promotion_reason = 'x'$$);
call test.violates($$update clinic.plans set status = 'INFEASIBLE', promoted_by = 'x', promoted_at = now(), promotion_reason = 'y'$$);
call test.violates($$insert into clinic.plan_assignments (plan_id, staff_id, shift_id) values (1, 1, 1)$$);
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (1, 'assign', 1, 1);
insert into clinic.locks (plan_id, action, to_date) values (1, 'keep', '2026-04-15');
call test.violates($$insert into clinic.locks (plan_id, action) values (1, 'hold')$$);
call test.violates($$insert into clinic.locks (plan_id, action, staff_id) values (1, 'assign', 1)$$);
call test.violates($$insert into clinic.locks (plan_id, action) values (1, 'forbid')$$);
call test.violates($$insert into clinic.locks (plan_id, action, from_date, to_date) values (1, 'keep', '2026-04-15', '2026-04-14')$$);

-- The record takes what happened: one person twice at a time, too many, without the skill. But nobody twice in one shift.
insert into clinic.shifts (id, during) values (3, '[2026-04-13 09:00, 2026-04-13 10:00)');
insert into clinic.assignments (staff_id, shift_id) values (2, 1), (2, 3), (1, 1);
call test.violates($$insert into clinic.assignments (staff_id, shift_id) values (2, 1)$$);
call test.violates($$insert into clinic.assignments (staff_id, shift_id) values (9, 1)$$);
call test.violates($$insert into clinic.assignments (staff_id, shift_id) values (1, 9)$$);
-- Two people of one shift change rows in one statement: only the end of it counts.
update clinic.assignments set staff_id = 3 - staff_id where shift_id = 1;
select staff_id, shift_id from clinic.assignments order by shift_id, staff_id;

-- What is worked can't be deleted, nor who worked it.
call test.violates('delete from clinic.shifts where id = 1');
call test.violates('delete from clinic.staff where id = 1');
call test.violates('delete from clinic.providers');
call test.violates($$delete from clinic.shift_kinds where name = 'night'$$);
-- A kind can be renamed, everywhere.
insert into clinic.rules (rule_kind, shift_kind, period, mode, limit_value) values ('max_shifts', 'night', 'month', 'hard', 4);
update clinic.shift_kinds set name = 'night call' where name = 'night';
select (select shift_kind from clinic.shifts where id = 2), (select shift_kind from clinic.shift_requests where id = 2), (select shift_kind from clinic.rules);
-- A plan goes with its rows; the record and its children stay.
update clinic.assignments set plan_id = 1 where shift_id = 1;
insert into clinic.plans (kind, from_date, to_date, parent_plan_id) values ('roster', '2026-04-13', '2026-04-19', 1);
call test.violates('delete from clinic.plans where id = 1');
update clinic.assignments set plan_id = null;
delete from clinic.plans where id = 1;
select (select count(*) from clinic.plan_assignments) as plan_assignments, (select count(*) from clinic.locks) as locks,
  (select count(*) from clinic.assignments) as assignments, (select count(plan_id) from clinic.assignments) as from_plan,
  (select count(parent_plan_id) from clinic.plans) as with_parent;
-- A template goes; its shifts stay.
alter table clinic.shifts alter column id restart with 4;
select generate_shifts('2026-04-20');
delete from clinic.shift_templates;
select id, shift_kind, template_id, template_date from clinic.shifts order by id;

-- A new clinic has a kind of shift, and can be deleted as long as it is empty.
select init_clinic('Second', 'UTC') as second \gset
select name from clinic.shift_kinds where clinic_id = :second;
delete from clinic.clinics where name = 'Second';
select count(*) from clinic.shift_kinds where clinic_id <> 1;
rollback;
