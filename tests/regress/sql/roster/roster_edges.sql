-- What looks harmless and would be silently ignored, or silently break: refused or told.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.staff (name) values ('Ana'), ('Ben');
insert into clinic.staff_groups (name, priority) values ('Nurses', 1);
insert into clinic.shift_kinds (name) values ('day');
insert into clinic.shifts (shift_kind, during)
  select 'day', tstzrange(day + time '08:00', day + time '12:00') from generate_series(timestamp '2026-04-13', '2026-04-22', '1 day') day;

-- Scopes: each kind knows where it is looked up, and an override elsewhere would hold nowhere.
select scopes, string_agg(rule_kind, ' ' order by rule_kind) as kinds from rule_kinds() group by 1 order by 1;
create function pg_temp.overridden(rule_kind text, scope text, val text) returns boolean language plpgsql as $$
begin
  execute format('insert into clinic.rule_overrides (rule_kind, mode, approved_by, reason, %1$s) values (%2$L, ''off'', ''x'', ''y'', %3$s)',
    case scope when 'from_date' then 'from_date, to_date' else scope end
      || case when (select 'shift_kind!' = any (columns) from rule_kinds() k where k.rule_kind = overridden.rule_kind) then ', shift_kind, next_shift_kind' else '' end
      || case when (select 'period!' = any (columns) from rule_kinds() k where k.rule_kind = overridden.rule_kind) then ', period' else '' end,
    rule_kind, val
      || case when (select 'shift_kind!' = any (columns) from rule_kinds() k where k.rule_kind = overridden.rule_kind) then ', ''day'', ''day''' else '' end
      || case when (select 'period!' = any (columns) from rule_kinds() k where k.rule_kind = overridden.rule_kind) then ', ''week''' else '' end);
  raise sqlstate 'P9999';
exception
  when sqlstate 'P9999' then return true;
  when check_violation then return false;
end $$;
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-15', '2026-04-22');
select rule_kind, column1 as scope, column1 = any (scopes) as is_listed
from rule_kinds(), (values ('group_id', '1'), ('plan_id', '1'), ('from_date', '''2026-04-13'', ''2026-04-13'''), ('staff_id', '1'), ('shift_id', '1')) v
where rule_kind <> 'lock' and pg_temp.overridden(rule_kind, column1, column2) <> (column1 = any (scopes));
call test.violates($$insert into clinic.rule_overrides (rule_kind, mode, staff_id, approved_by, reason) values ('cover', 'off', 1, 'x', 'y')$$);
-- A rule over a week takes what holds on the week's first date within the plan.
insert into clinic.rule_overrides (rule_kind, mode, period, limit_value, from_date, to_date, approved_by, reason) values
  ('max_shifts', 'hard', 'week', 1, '2026-04-15', '2026-04-16', 'x', 'from a Wednesday'),
  ('max_shifts', 'hard', 'week', 2, '2026-04-20', '2026-04-20', 'x', 'a Monday');
select day::date, plan, (select limit_value from effective_rules(1, day::date, plan) where rule_kind = 'max_shifts' and period = 'week')
from (values (date '2026-04-13', null::bigint), ('2026-04-15', null), ('2026-04-18', 1), ('2026-04-22', null), ('2026-04-22', 1)) v (day, plan);
delete from clinic.rule_overrides;

-- Locks that can bind nothing.
select draft_plan('2026-04-13', '2026-04-14') as plan \gset
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'forbid', 1, 9);
call test.refused(format('select * from solve_plan(%s)', :plan));
update clinic.locks set shift_id = 1, from_date = '2026-04-14';
call test.refused(format('select * from solve_plan(%s)', :plan));
update clinic.locks set shift_id = null, from_date = '2026-04-15';
call test.refused(format('select * from solve_plan(%s)', :plan));
-- One that reaches beyond the dates is fine, and only what is about its dates goes on to another plan.
update clinic.locks set from_date = '2026-04-14', to_date = '2026-04-20';
select status from solve_plan(:plan);
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'assign', 1, 1);
select draft_plan('2026-04-14', '2026-04-15', parent_plan_id => :plan) as child \gset
select action, shift_id, from_date, to_date from clinic.locks where plan_id = :child;

-- Weights are whole numbers, however they are written.
select draft_plan('2026-04-13', weights => '{"load_balance": 5.0, "shift_request": 2e1}') as weighed \gset
select options -> 'weights' as weights from clinic.plans where id = :weighed;

-- Of a plan without a roster, who could have a shift.
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (:plan, 'forbid', 1, 1), (:plan, 'forbid', 2, 1);
select status, message from solve_plan(:plan);
select staff_name, is_assigned, is_allowed, sentences from explain_assignment(:plan, 1);
-- Without the lock of several shifts too.
delete from clinic.locks;
insert into clinic.locks (plan_id, action, staff_id, to_date) values (:plan, 'forbid', 1, '2026-04-13'), (:plan, 'forbid', 2, '2026-04-13');
select status, message from solve_plan(:plan);
delete from clinic.locks;
-- Everything is kept as the record has it, but for one shift.
insert into clinic.assignments (staff_id, shift_id) values (1, 1), (2, 2);
insert into clinic.locks (plan_id, action, staff_id, shift_id, to_date) values (:plan, 'keep', null, null, '2026-04-30'), (:plan, 'assign', 2, 1, null);
select status, message from solve_plan(:plan);
delete from clinic.locks;
delete from clinic.assignments;

-- A plan that was edited by hand, or whose rules came to be broken.
select status from solve_plan(:plan);
savepoint solved;
delete from clinic.plan_assignments where plan_id = :plan and shift_id = 1;
call test.refused(format('select * from promote_plan(%s, ''x'')', :plan));
select inserted, message from promote_plan(:plan, 'x', array(select key from plan_violations(:plan)));
rollback to solved;
update clinic.plan_assignments set staff_id = (select min(staff_id) from clinic.plan_assignments) where plan_id = :plan;
select inserted, message from promote_plan(:plan, 'x');
rollback to solved;
insert into clinic.time_off (staff_id, during) select id, '[2026-04-13,2026-04-14)' from clinic.staff;
call test.refused(format('select * from promote_plan(%s, ''x'')', :plan));
rollback to solved;
select inserted, message from promote_plan(:plan, 'x');
-- Promoted it stays, and the record's history with it.
call test.refused(format('delete from clinic.plans where id = %s', :plan));
call test.refused(format('update clinic.plans set promoted_at = null, promoted_by = null, promotion_reason = null where id = %s', :plan));
call test.refused(format('update clinic.plans set promotion_reason = ''z'' where id = %s', :plan));
update clinic.plans set message = 'noted' where id = :plan;
select count(*), array_agg(distinct origin = 'plan ' || :plan) as from_plan from clinic.assignment_history where reason = 'x';
-- A plan that the record names isn't deleted either, promoted or not.
select plan_id as other from solve_roster('2026-04-15', '2026-04-16') \gset
insert into clinic.assignments (staff_id, shift_id, plan_id) values (1, 3, :other);
call test.violates(format('delete from clinic.plans where id = %s', :other));

-- Approvals say what is missing, or what they can't be about.
call test.refused($$select approve_violation('max_shifts', 1, null, '2026-04-13', 'x')$$);
call test.refused($$select approve_violation('max_shifts', 1, null, '2026-04-13', 'x', period => 'decade')$$);
call test.refused($$select approve_violation('max_shifts', 1, 1, null, 'x', period => 'week')$$);
call test.refused($$select approve_violation('forbidden_succession', 1, null, '2026-04-13', 'x', shift_kind => 'day')$$);
call test.refused($$select approve_violation('preferred', 1, 1, null, 'x')$$);
call test.refused($$select approve_violation('cover', 1, 1, null, 'x')$$);
call test.refused($$select approve_violation('time_off', 9, 1, null, 'x')$$);
call test.refused($$select approve_violation('cover', null, 1, null, 'x', shift_kind => 'night')$$);
-- The week is told from its first day, also where the dates asked for begin later.
insert into clinic.rules (rule_kind, mode, period, limit_value) values ('max_shifts', 'hard', 'week', 0);
delete from clinic.assignments where shift_id <> 3;
select from_date, to_date, sentence, approved_by is not null as is_approved from record_violations('2026-04-15', '2026-04-16') where rule_kind = 'max_shifts';
select approve_violation(rule_kind, staff_id, shift_id, from_date, 'once', shift_kind, next_shift_kind, period) is not null as approved
from record_violations('2026-04-15', '2026-04-16') where rule_kind = 'max_shifts';
select from_date, approved_by is not null as is_approved from record_violations('2026-04-15', '2026-04-16') where rule_kind = 'max_shifts';

-- A name that would turn the line around.
update clinic.staff set name = U&'A\202Ena\2066' where id = 1;
select bool_or(line ~ U&'[\202E\2066]') as raw, bool_or(line ~ 'A na') as there, roster_board_svg(from_date => date '2026-04-15', to_date => date '2026-04-16') ~ U&'[\202E\2066]' as raw_in_svg
from roster_board(from_date => date '2026-04-15', to_date => date '2026-04-16') line;
rollback;
