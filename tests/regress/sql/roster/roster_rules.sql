-- The catalog of rules, what clinic.rules and clinic.rule_overrides may set, and which setting holds.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

select rule_kind, unit, modes, columns, built_in_mode as mode, built_in_weight as weight, built_in_limit as limit from rule_kinds();
select count(*), bool_and(meaning ~ '\.$') as in_sentences from rule_kinds();

insert into clinic.shift_kinds (name) values ('day'), ('night');
insert into clinic.staff (name) values ('Ana'), ('Bea');
insert into clinic.staff_groups (name, priority) values ('Nurses', 1), ('Juniors', 2);
insert into clinic.staff_group_members (group_id, staff_id) values (1, 1), (2, 1), (1, 2);
insert into clinic.shifts (shift_kind, during) values ('night', '[2026-04-13 20:00, 2026-04-14 06:00)');
insert into clinic.plans (kind, from_date, to_date) values ('roster', '2026-04-13', '2026-04-19');

-- Every kind that can be set can be set in every mode it lists, and in no other; so says one catalog.
create function pg_temp.set_rule(kind text, mode text, columns text[]) returns text language plpgsql as $$
declare
  violated text;
begin
  insert into clinic.rules (rule_kind, mode, shift_kind, next_shift_kind, period, weight, limit_value) values (kind, mode,
    case when 'shift_kind!' = any (columns) then 'night' end, case when 'next_shift_kind!' = any (columns) then 'day' end,
    case when 'period!' = any (columns) then 'week' end, 7, case when 'limit_value!' = any (columns) then 5 end);
  raise sqlstate 'P9999';
exception
  when sqlstate 'P9999' then return 'ok';
  when others then get stacked diagnostics violated = constraint_name; return violated;
end $$;
select mode, mode = any (modes) as is_listed, pg_temp.set_rule(rule_kind, mode, columns), count(*)
from rule_kinds(), unnest('{hard,soft,off,waived,maybe}'::text[]) mode where rule_kind <> 'lock' group by 1, 2, 3 order by 1, 2, 3;
select pg_temp.set_rule('lock', 'hard', '{}'), pg_temp.set_rule('happiness', 'hard', '{}');
-- What a kind needs must be there, what it doesn't read mustn't.
call test.violates($$insert into clinic.rules (rule_kind, mode, weight, shift_kind) values ('shift_request', 'soft', 1, 'night')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, shift_kind) values ('forbidden_succession', 'hard', 'night')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, next_shift_kind) values ('forbidden_succession', 'hard', 'day')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, next_shift_kind) values ('cover', 'hard', 'day')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, shift_kind) values ('cover', 'hard', 'call')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value) values ('max_shifts', 'hard', 5)$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 5, 'decade')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value, period) values ('min_rest', 'hard', 660, 'week')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode) values ('min_rest', 'hard')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value) values ('min_rest', 'hard', -1)$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value) values ('no_overlap', 'hard', 1)$$);
call test.violates($$insert into clinic.rules (rule_kind, mode) values ('preferred', 'soft')$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, weight) values ('preferred', 'soft', -50)$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, weight) values ('preferred', 'soft', 1000001)$$);
call test.violates($$insert into clinic.rules (rule_kind, mode, weight, over_weight) values ('shift_request', 'soft', 1, 1)$$);
alter table clinic.rules alter column id restart;
insert into clinic.rules (rule_kind, mode) values ('no_overlap', 'off'), ('min_rest', 'off');
insert into clinic.rules (rule_kind, mode, limit_value) values ('provider_factor', 'soft', 300);
insert into clinic.rules (rule_kind, mode, weight, over_weight) values ('cover', 'soft', 100, 1);
-- One setting a kind; another shift kind or period is another rule.
insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 5, 'week');
insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 20, 'month');
insert into clinic.rules (rule_kind, mode, limit_value, period, shift_kind) values ('max_shifts', 'hard', 4, 'month', 'night');
call test.violates($$insert into clinic.rules (rule_kind, mode, limit_value, period) values ('max_shifts', 'hard', 6, 'week')$$);

-- Overrides: who, when and why, and at least one scope.
create procedure pg_temp.override(columns text, vals text) language plpgsql as $$
begin
  execute format('insert into clinic.rule_overrides (rule_kind, mode, period, limit_value, approved_by, reason, %s)
    values (''max_shifts'', ''hard'', ''week'', %s)', columns, vals);
end $$;
call pg_temp.override('group_id', $$4, 'chief', 'nurses', 1$$);
call pg_temp.override('group_id', $$3, 'chief', 'juniors', 2$$);
call pg_temp.override('plan_id', $$6, 'chief', 'a hard week', 1$$);
call pg_temp.override('from_date, to_date', $$7, 'chief', 'flu', '2026-04-13', '2026-04-19'$$);
call pg_temp.override('staff_id', $$2, 'chief', 'expects a child', 1$$);
call pg_temp.override('staff_id, from_date, to_date', $$1, 'chief', 'exam', 1, '2026-04-13', '2026-04-13'$$);
call test.violates($$call pg_temp.override('created_at', '5, ''chief'', ''?'', now()')$$);
call test.violates($$call pg_temp.override('staff_id', '5, ''chief'', '' '', 2')$$);
call test.violates($$call pg_temp.override('staff_id', '5, '''', ''why'', 2')$$);
call test.violates($$call pg_temp.override('from_date', '5, ''chief'', ''why'', ''2026-04-13''')$$);
call test.violates($$call pg_temp.override('from_date, to_date', '5, ''chief'', ''why'', ''2026-04-13'', ''2026-04-12''')$$);
call test.violates($$call pg_temp.override('from_date, to_date', '5, ''chief'', ''why'', ''2026-04-13'', ''infinity''')$$);
-- Two settings of equal scope can't both apply: of dates, two that share one.
call test.violates($$call pg_temp.override('staff_id', '5, ''chief'', ''why'', 1')$$);
call test.violates($$call pg_temp.override('group_id', '5, ''chief'', ''why'', 1')$$);
call test.violates($$call pg_temp.override('from_date, to_date', '5, ''chief'', ''why'', ''2026-04-19'', ''2026-04-20''')$$);
call pg_temp.override('from_date, to_date', $$8, 'chief', 'flu again', '2026-04-20', '2026-04-20'$$);
call pg_temp.override('staff_id, plan_id', $$9, 'chief', 'why', 1, 1$$);
delete from clinic.rule_overrides where limit_value = 9;
-- An approval names what it excuses, and sets nothing. Any number can stand beside each other.
insert into clinic.rule_overrides (rule_kind, period, mode, staff_id, shift_id, approved_by, reason)
  select 'max_shifts', 'week', 'waived', 1, 1, 'chief', reason from unnest('{storm,again}'::text[]) reason;
insert into clinic.rule_overrides (rule_kind, mode, shift_id, missing, approved_by, reason) values ('cover', 'waived', 1, 1, 'chief', 'nobody there');
call test.violates($$insert into clinic.rule_overrides (rule_kind, period, mode, staff_id, approved_by, reason) values ('max_shifts', 'week', 'waived', 1, 'chief', 'always')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, mode, group_id, from_date, to_date, approved_by, reason) values ('time_off', 'waived', 1, '2026-04-13', '2026-04-13', 'chief', 'all')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, period, mode, limit_value, from_date, to_date, approved_by, reason) values ('max_shifts', 'week', 'waived', 6, '2026-04-13', '2026-04-13', 'chief', 'all')$$);
call test.violates($$insert into clinic.rule_overrides (rule_kind, mode, shift_id, approved_by, reason) values ('preferred', 'waived', 1, 'chief', 'no')$$);

update clinic.rule_overrides set id = 7 where reason = 'flu again';
update clinic.rule_overrides set id = 8 where reason = 'storm';
update clinic.rule_overrides set id = 9 where reason = 'again';
update clinic.rule_overrides set id = 10 where mode = 'waived' and rule_kind = 'cover';
-- The most specific wins, whole: person + dates, person, dates, plan, the group with the higher priority, the other, clinic.
create function pg_temp.why(staff_id bigint, on_date date, plan_id bigint default null, shift_id bigint default null)
returns table (rule_kind text, shift_kind text, period text, wins boolean, scope text, source text, mode text, weight bigint, "limit" bigint, approved_by text, reason text)
language sql as $$
  select rule_kind, shift_kind, period, wins, scope, source, mode, weight, limit_value, approved_by, reason
  from effective_rules(staff_id, on_date, plan_id, shift_id)
$$;
select * from pg_temp.why(1, '2026-04-13', 1) where rule_kind = 'max_shifts';
-- Another date, without the plan; another person; nobody in particular.
select wins, scope, source, "limit" from pg_temp.why(1, '2026-05-01') where rule_kind = 'max_shifts' and period = 'week';
select wins, scope, source, "limit" from pg_temp.why(2, '2026-05-01') where rule_kind = 'max_shifts' and period = 'week';
select wins, scope, source, "limit" from pg_temp.why(null, '2026-04-20') where rule_kind = 'max_shifts' and period = 'week';
-- Built-in settings that nobody has replaced, and some that are replaced.
select * from pg_temp.why(1, '2026-05-01') where rule_kind in ('shift_request', 'no_overlap', 'cover', 'provider_factor') order by rule_kind, wins desc;
-- Of a shift, on its date, an approval decides.
select * from pg_temp.why(null, null, null, 1) where rule_kind = 'cover';
select wins, scope, source, "limit" from pg_temp.why(1, null, null, 1) where rule_kind = 'max_shifts' and period = 'week';
-- One row of each rule wins.
select count(*), count(distinct (rule_kind, shift_kind, next_shift_kind, period)) from effective_rules(1, '2026-04-13', 1) where wins;
-- What isn't there.
call test.refused('select * from effective_rules(9, date $$2026-04-13$$)');
call test.refused('select * from effective_rules(1, date $$2026-04-13$$, 9)');
call test.refused('select * from effective_rules(1, date $$2026-04-13$$, null, 9)');
call test.refused('select * from effective_rules(1, date $$infinity$$)');
call test.refused('select * from effective_rules(1, clinic_id => 9)');
rollback;
