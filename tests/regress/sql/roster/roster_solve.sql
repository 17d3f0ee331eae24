-- From an empty roster to a record: solve, explain, compare, promote, judge, approve, swap; and the history of it all.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
-- Progress is told by NOTICE, with times: here it would only differ from run to run.
set client_min_messages to warning;
begin;
call test.clinic();
set local pg_clinic.actor = 'Mia';

insert into clinic.providers (name) values ('Beck');
insert into clinic.staff (name, skills) values ('Ana', '{surgery}'), ('Ben', '{}'), ('Cleo', '{surgery}');
insert into clinic.shift_kinds (name) values ('day');
-- Monday and Tuesday, mornings and afternoons, with both providers: 8 shifts. Beck needs surgery on Tuesday.
insert into clinic.shifts (shift_kind, provider_id, during, required_skills)
  select 'day', p.id, tstzrange(d + t, d + t + interval '4 hours'),
    case when p.id = 2 and d = timestamp '2026-04-14' then '{surgery}'::text[] else '{}' end
  from generate_series(timestamp '2026-04-13', timestamp '2026-04-14', '1 day') d,
    unnest('{08:00,13:00}'::interval[]) t, clinic.providers p
  order by d, t, p.id;
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength) values
  (1, 1, 'provider', true, 'strong'), (2, 2, 'staff', true, 'mild'), (3, 1, 'staff', false, 'strong');
insert into clinic.shift_requests (staff_id, on_date, is_wanted) values (2, '2026-04-13', false);
select id, during, provider_id, required_skills from clinic.shifts order by id;

-- The plan is proven best, and changes nothing but itself.
select plan_id, status, objective, bound, gap, solve_ms > 0 as took_time, shifts, assigned, message
from solve_roster('2026-04-13', '2026-04-14');
select kind, from_date, to_date, status, objective, options, conflict, parent_plan_id, created_by, promoted_by,
  input_fingerprint ~ '^v1:[0-9a-f]{16}\.[0-9a-f]{16}$' as has_fingerprint
from clinic.plans;
select shift_id, staff_id, is_locked from clinic.plan_assignments order by shift_id;
select rule_kind, shift_kind, instances, cost from clinic.plan_scores order by rule_kind;
select sum(cost) = (select objective from clinic.plans) as adds_up from clinic.plan_scores;
select count(*) from clinic.assignments;

-- The same input gives the same roster; solving in place, too.
select plan_id, status, objective from solve_roster('2026-04-13', '2026-04-14');
select count(distinct input_fingerprint) as fingerprints from clinic.plans;
select * from compare_plans(1, 2);
select plan_id, status, objective from solve_plan(2);
select * from compare_plans(1, 2);

-- Why this person?
select staff_id, staff_name, is_assigned, is_allowed, cost_change, cost_by_rule from explain_assignment(1, 6);
select staff_id, unnest(sentences) as reason from explain_assignment(1, 6);

-- What if Ana were away, balance counted more, or Ben must take the first shift?
select plan_id, status, objective, assigned from solve_roster('2026-04-13', '2026-04-14', parent_plan_id => 1, without_staff_ids => '{1}');
select options, parent_plan_id from clinic.plans where id = 3;
select aspect, shift_id, old_starts_at, old_staff_name, new_staff_name, rule_kind, old_cost, new_cost, cost_change from compare_plans(1, 3);
select plan_id, status, objective from solve_roster('2026-04-13', '2026-04-14', weights => '{"load_balance": 200}');
select options from clinic.plans where id = 4;
select draft_plan('2026-04-13', '2026-04-14', parent_plan_id => 1);
insert into clinic.locks (plan_id, action, staff_id, shift_id) values (5, 'assign', 2, 1), (5, 'forbid', 3, null);
insert into clinic.locks (plan_id, action, to_date) values (5, 'keep', '2026-04-12');
select status, options from clinic.plans where id = 5;
select plan_id, status, objective from solve_plan(5);
select shift_id, staff_id, is_locked from clinic.plan_assignments where plan_id = 5 order by shift_id;
-- Locks go on to a plan made from it, and what is before a date stays.
select plan_id, status, objective from solve_roster('2026-04-13', '2026-04-14', parent_plan_id => 5, keep_before => '2026-04-14');
select action, staff_id, shift_id, from_date, to_date, created_by from clinic.locks where plan_id = 6 order by id;
select shift_id, is_locked from clinic.plan_assignments where plan_id = 6 order by shift_id;

-- Promotion makes it the record. Half of it is there already.
insert into clinic.assignments (staff_id, shift_id) select staff_id, shift_id from clinic.plan_assignments where plan_id = 1 and shift_id <= 2;
insert into clinic.assignments (staff_id, shift_id) select id, 3 from clinic.staff;
select * from promote_plan(1, 'week 16');
select status, promoted_by, promotion_reason, promoted_at = now() as is_now from clinic.plans where id = 1;
select shift_id, staff_id, plan_id from clinic.assignments order by shift_id;
select plan_id, inserted, deleted, kept, message from promote_plan(3, 'Ana is ill');
select plan_id, inserted, deleted, kept, message from promote_plan(6, 'Ana is back');

-- The record may break rules: they are listed, with who approved it.
select * from record_violations('2026-04-13', '2026-04-14') limit 0;
select rule_kind, is_hard, staff_id, shift_id, from_date, to_date, amount, cost, sentence from record_violations('2026-04-13', '2026-04-14');
update clinic.assignments set staff_id = 2 where shift_id = 6;
insert into clinic.assignments (staff_id, shift_id) values (3, 5);
delete from clinic.assignments where shift_id = 3;
select rule_kind, is_hard, staff_id, shift_id, amount, cost, sentence, override_id, approved_by from record_violations('2026-04-13', '2026-04-14') where is_hard;
select approve_violation(rule_kind, staff_id, shift_id, from_date, 'nobody else was there', shift_kind, next_shift_kind, period)
from record_violations('2026-04-13', '2026-04-14') where rule_kind = 'skill_match';
select approve_violation('cover', null, 3, null, 'Adler went home');
select rule_kind, is_hard, staff_id, shift_id, cost, override_id, approved_by, approval_reason from record_violations('2026-04-13', '2026-04-14') where override_id is not null;
select rule_kind, staff_id, shift_id, from_date, to_date, mode, approved_by, reason from clinic.rule_overrides;

-- A swap, and what the history says of two rows.
select * from swap_assignments((select id from clinic.assignments where shift_id = 1), (select id from clinic.assignments where shift_id = 8), 'a favor');
select shift_id, staff_id, plan_id from clinic.assignments where shift_id in (1, 8) order by shift_id;
select (coalesce(after, before) ->> 'shift_id')::bigint as shift, version, operation, before ->> 'staff_id' as was, after ->> 'staff_id' as is, actor, reason, origin
from clinic.assignment_history
where coalesce(after, before) ->> 'shift_id' in ('1', '6', '8')
order by origin = 'swap', case origin when 'swap' then 0 else id end, shift;

-- Balance of what was preferred looks back: the week after knows who got it.
insert into clinic.shifts (shift_kind, provider_id, during)
  select shift_kind, provider_id, tstzrange(lower(during) + interval '2 days', upper(during) + interval '2 days') from clinic.shifts order by id;
select status, assigned from solve_roster('2026-04-15', '2026-04-16');
-- By default a week.
select plan_id, shifts, assigned from solve_roster('2026-04-13');
rollback;
