-- Shifts from weekly templates, and the rules that hold for them.

create function generate_shifts(from_date date, to_date date default null, clinic_id bigint default null) returns bigint
  language c volatile parallel unsafe cost 10000
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_generate_shifts';
comment on function generate_shifts(date, date, bigint) is
$$Makes the shifts of clinic.shift_templates on the clinic's dates from_date to to_date (default from_date), and returns how many. Example: select generate_shifts(date '2026-04-13', date '2026-04-19')
What is there already is neither made twice nor changed, so it can be called again; a shift deleted by hand comes back. No shift is made of a disabled provider, where the clinic or the provider has time off all the time, or where the clocks skip it. Wall-clock times: a night over a change of the clocks is an hour shorter or longer.$$;

create function rule_kinds()
  returns table (
    kind text, unit text, modes text[], columns text[], built_in_mode text, built_in_weight bigint,
    built_in_limit bigint, scopes text[], meaning text)
  language c immutable parallel safe cost 100 rows 30
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_rule_kinds';
comment on function rule_kinds() is
$$The kinds of rules that clinic.rules and clinic.rule_overrides can set. Example: select kind, modes, meaning from rule_kinds()
unit: what limit_value counts. modes: which may be set. columns: which of shift_kind, next_shift_kind, period and limit_value are read; those with ! must be given (limit_value unless the mode is off). built_in_…: what holds where no rule says otherwise. scopes: which columns of clinic.rule_overrides may narrow it; a rule over several days (a period, a run) takes the setting that holds on its first date within the plan, so dates that begin later don't touch it. lock can't be set: it stands for clinic.locks.$$;

create function effective_rules(
    staff_id bigint default null, on_date date default null, plan_id bigint default null, shift_id bigint default null,
    clinic_id bigint default null)
  returns table (
    kind text, shift_kind text, next_shift_kind text, period text, wins boolean, level text, source text, mode text,
    weight bigint, over_weight bigint, limit_value bigint, approved_by text, reason text)
  language c stable parallel safe cost 10000 rows 50
  set search_path = pg_catalog, pg_temp
  as 'MODULE_PATHNAME', 'pg_clinic_effective_rules';
comment on function effective_rules(bigint, date, bigint, bigint, bigint) is
$$Which setting of each rule holds (wins) for a person, date (default the shift's, else today), plan and shift, and those it beats, the next specific first. Example: select kind, mode, limit_value, level from effective_rules(7, date '2026-04-13') where wins
The most specific wins, whole: built-in < clinic < group < plan < dates < person < shift; level says how specific a setting is, source which row it is. What is left out matches only settings that leave it open too. A row with mode waived approves a departure here: where it wins, the rule below it may be broken, which record_violations() lists as approved. Weights are those in force: a plan's what-if weights for that plan. Of cover a shift has one rule; without shift_id the rules of each kind of shift are listed.$$;
