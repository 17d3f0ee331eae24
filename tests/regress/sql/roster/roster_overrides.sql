-- One rule of cover for each shift, approvals, and what effective_rules() says of both.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.shift_kinds (name) values ('day'), ('night');
insert into clinic.shifts (shift_kind, during) select 'day', tstzrange(d + '08:00', d + '12:00')
  from generate_series(timestamp '2026-04-13', '2026-04-15', '1 day') d;
savepoint ready;

-- Nobody is there. A rule for one shift beats the clinic's for its kind of shift.
insert into clinic.rules (rule_kind, shift_kind, mode, weight) values ('cover', 'day', 'soft', 10);
insert into clinic.rule_overrides (rule_kind, shift_id, mode, approved_by, reason) values ('cover', 1, 'hard', 'M', 'must be staffed');
select status, message from solve_roster('2026-04-13');
select shift_kind, wins, scope, mode, weight from effective_rules(shift_id => 1) where rule_kind = 'cover';
select shift_kind, wins, scope, mode, weight from effective_rules(on_date => '2026-04-13') where rule_kind = 'cover';
update clinic.rules set mode = 'hard', weight = null;
update clinic.rule_overrides set mode = 'soft', weight = 7;
select status, objective, message from solve_roster('2026-04-13', '2026-04-13');
select status, message from solve_roster('2026-04-13', '2026-04-14');
-- So does one for a plan, and of two of the plan the one for the kind.
select draft_plan('2026-04-13', '2026-04-15') as plan \gset
insert into clinic.rule_overrides (rule_kind, plan_id, mode, weight, approved_by, reason) values ('cover', :plan, 'soft', 3, 'M', 'what if');
select status, objective from solve_plan(:plan);
insert into clinic.rule_overrides (rule_kind, plan_id, shift_kind, mode, weight, approved_by, reason)
  values ('cover', :plan, 'day', 'soft', 4, 'M', 'what if'), ('cover', :plan, 'night', 'hard', null, 'M', 'what if');
select status, objective from solve_plan(:plan);

-- An approval of an open shift needs no kind, whether the rule has one or not.
select shift_kind, shift_id, is_hard, sentence from record_violations('2026-04-13') where rule_kind = 'cover' order by shift_id;
select approve_violation('cover', null, 2, null, 'ok') > 0 as approved, approve_violation('cover', null, 3, null, 'ok', 'day') > 0 as approved;
select shift_id, is_hard, sentence, approval_reason from record_violations('2026-04-13') where rule_kind = 'cover' order by shift_id;
select status, objective from solve_roster('2026-04-13');
select shift_kind, wins, scope, mode from effective_rules(shift_id => 2) where rule_kind = 'cover';
rollback to ready;

-- What is broken by approval is as hard as its rule.
insert into clinic.staff (name) values ('Ana');
update clinic.shifts set required_skills = '{surgery}' where id = 1;
insert into clinic.assignments (staff_id, shift_id) values (1, 1);
select approve_violation('skill_match', 1, 1, null, 'ok') > 0 as approved;
select is_hard, cost, sentence from record_violations('2026-04-13', '2026-04-13') where rule_kind = 'skill_match';
insert into clinic.rules (rule_kind, mode, weight) values ('skill_match', 'soft', 30);
select is_hard, cost from record_violations('2026-04-13', '2026-04-13') where rule_kind = 'skill_match';

-- The weights in force for a plan are its own.
insert into clinic.rule_overrides (rule_kind, staff_id, mode, weight, approved_by, reason) values ('load_balance', 1, 'soft', 1000, 'M', 'fair');
select draft_plan('2026-04-13', weights => '{"load_balance": 0}') as plan \gset
select plan, wins, scope, mode, weight
from (values (null::bigint), (:plan)) v (plan), effective_rules(1, '2026-04-13', plan) where rule_kind = 'load_balance';
-- That a kind is off by itself is listed only where no rule of the kind holds.
insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 4);
insert into clinic.rules (rule_kind, shift_kind, next_shift_kind, mode) values ('forbidden_succession', 'night', 'day', 'hard');
select rule_kind, shift_kind, next_shift_kind, period, wins, scope, mode from effective_rules(1, '2026-04-13')
where rule_kind in ('max_shifts', 'forbidden_succession', 'min_rest');
rollback;
